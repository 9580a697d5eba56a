"""What a linear classifier looks for: each row of its weight is a template, an image.

Run: python examples/linear_templates.py
"""

import chainrule as torch
from chainrule import nn
from chainrule.datasets import Digits

SHADES = " .:-=+*#%@"


def picture(template):
    """An 8x8 template as eight lines of text, dark where the weight is large."""
    low, high = template.min(), template.max()
    level = ((template - low) / (high - low) * (len(SHADES) - 1)).round().long()
    return ["".join(SHADES[v] * 2 for v in line) for line in level.reshape(8, 8).tolist()]


def main(steps=300, weight_decay=1e-2):
    torch.manual_seed(0)
    digits = Digits()
    images, labels = digits.data.reshape(-1, 64).float() / 16, digits.targets.long()
    model = nn.Linear(64, 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(steps):
        data_loss = nn.functional.cross_entropy(model(images), labels)
        loss = data_loss + weight_decay * (model.weight**2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    right = (model(images).argmax(1) == labels).float().mean().item()
    pictures = [picture(row) for row in model.weight.detach()]
    for first in (0, 5):
        group = pictures[first : first + 5]
        print("  ".join(f"{f'digit {first + i}':<16s}" for i in range(5)))
        print("\n".join("  ".join(lines) for lines in zip(*group, strict=True)), "\n")
    print(f"loss {loss.item():.3f}, {right:.1%} right")
    return right, pictures


if __name__ == "__main__":
    main()
