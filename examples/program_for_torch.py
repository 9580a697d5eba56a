"""A program written for PyTorch.  It prints the same losses on both.

chainrule check examples/program_for_torch.py
chainrule run examples/program_for_torch.py
python examples/program_for_torch.py           # where torch is installed
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


def main():
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    x = torch.randn(256, 2)
    y = (x.prod(dim=1) > 0).long()
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 2)).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    for epoch in range(1, 4):
        for data, target in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(data.to(device)), target.to(device))
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}  loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
