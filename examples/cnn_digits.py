"""A convolutional network with batch normalisation.  Run: python examples/cnn_digits.py"""

import chainrule as torch
import chainrule.nn.functional as F
from chainrule import nn
from chainrule.datasets import Digits
from chainrule.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    """Two convolutions, each with a batch norm; then a linear layer decides."""

    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(2 * width)
        self.head = nn.Linear(2 * width * 4 * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)
        x = F.relu(self.norm2(self.conv2(x)))
        return self.head(x.flatten(1))


def main(epochs=4, width=16):
    torch.manual_seed(0)
    digits = Digits()
    images, labels = digits.data.reshape(-1, 1, 8, 8).float() / 16, digits.targets.long()
    order = torch.randperm(len(labels))
    train, test = order[360:], order[:360]

    net = Net(width)
    print(net)
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    batches = DataLoader(TensorDataset(images[train], labels[train]), batch_size=32, shuffle=True)
    for epoch in range(epochs):
        net.train()
        for x, y in batches:
            loss = F.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            right = (net(images[test]).argmax(1) == labels[test]).float().mean().item()
        print(f"epoch {epoch}   last loss {loss.item():.4f}   test accuracy {right:.1%}")
    return right


if __name__ == "__main__":
    main()
