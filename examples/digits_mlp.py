"""A two-layer network that reads handwritten digits.  Run: python examples/digits_mlp.py"""

import chainrule as torch
from chainrule import nn
from chainrule.datasets import Digits
from chainrule.utils.data import DataLoader, TensorDataset


def main(epochs=15, hidden=64):
    torch.manual_seed(0)
    digits = Digits()
    images, labels = digits.data.reshape(-1, 64).float() / 16, digits.targets.long()
    order = torch.randperm(len(labels))
    train, test = order[360:], order[:360]

    net = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    loss_function = nn.CrossEntropyLoss()
    batches = DataLoader(TensorDataset(images[train], labels[train]), batch_size=32, shuffle=True)

    for epoch in range(epochs):
        total = 0.0
        for x, y in batches:
            loss = loss_function(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        with torch.no_grad():
            right = (net(images[test]).argmax(1) == labels[test]).float().mean().item()
        print(f"epoch {epoch:2d}   loss {total / len(train):.4f}   test accuracy {right:.1%}")
    return right


if __name__ == "__main__":
    main()
