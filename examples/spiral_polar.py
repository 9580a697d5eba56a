"""What a line cannot separate: a ring in (x, y) is easy in (r, θ); a spiral needs a network.

Run: python examples/spiral_polar.py
"""

import math

import chainrule as torch
from chainrule import nn


def train(net, x, y, steps, lr=0.05):
    """Fit a classifier on all points and return its accuracy."""
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    loss_function = nn.CrossEntropyLoss()
    for _ in range(steps):
        loss = loss_function(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (net(x).argmax(1) == y).float().mean().item()


def polar(x):
    """(x, y) as (r, θ)."""
    return torch.stack([x.norm(dim=1), torch.atan2(x[:, 1], x[:, 0])], 1)


def ring(n):
    """A disc inside a ring."""
    y = torch.arange(2 * n) // n
    r = torch.rand(2 * n) + 1.5 * y
    angle = 2 * math.pi * torch.rand(2 * n)
    return torch.stack([r * angle.cos(), r * angle.sin()], 1), y


def spiral(n, arms=3):
    """Arms that wind around each other."""
    y = torch.arange(arms * n) // n
    r = torch.linspace(0.05, 1, n).repeat(arms)
    angle = 4 * r + 2 * math.pi / arms * y + 0.1 * torch.randn(arms * n)
    return torch.stack([r * angle.sin(), r * angle.cos()], 1), y


def main(steps=300):
    torch.manual_seed(0)
    x, y = ring(100)
    found = {"a line in (x, y), ring": train(nn.Linear(2, 2), x, y, steps)}
    found["a line in (r, θ), ring"] = train(nn.Linear(2, 2), polar(x), y, steps)
    x, y = spiral(100)
    found["lines in (x, y), spiral"] = train(nn.Linear(2, 3), x, y, steps)
    net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 3))
    found["64 hidden units, spiral"] = train(net, x, y, steps)
    for what, right in found.items():
        print(f"{what:26s} {right:.1%} right")
    return found


if __name__ == "__main__":
    main()
