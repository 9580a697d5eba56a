"""The residual networks for CIFAR-10 (He et al. 2015, section 4.2): 6n+2 layers, 0.27 M weights up.

The shortcut that changes resolution has no weights: it takes every second pixel and pads the new
channels with zeros (option A of the paper).
"""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor


class Block(nn.Module):
    """Two 3×3 convolutions and a shortcut without weights."""

    def __init__(self, channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.stride, self.extra = stride, out - channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(nn.functional.relu(self.bn1(self.conv1(x)))))
        if self.stride != 1 or self.extra:
            half = self.extra // 2
            x = nn.functional.pad(
                x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, self.extra - half)
            )
        return nn.functional.relu(y + x)


class CifarResNet(nn.Module):
    """A network of `depth` = 6n+2 layers for images (N, 3, 32, 32): 16, 32, 64 channels.

    >>> import chainrule as torch
    >>> net = torch.models.CifarResNet(20)
    >>> net(torch.zeros(2, 3, 32, 32)).shape, sum(p.numel() for p in net.parameters())
    (torch.Size([2, 10]), 269722)
    """

    def __init__(
        self, depth: int = 20, num_classes: int = 10, channels: int = 3, width: int = 16
    ) -> None:
        super().__init__()
        if depth % 6 != 2 or depth < 8:
            raise ArgumentError(f"the depth of a CIFAR ResNet is 6n+2, not {depth}",
                                fix="Take 20, 32, 44, 56 or 110.")  # fmt: skip
        n = depth // 6
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        last = width
        for i, out in enumerate((width, 2 * width, 4 * width), 1):
            blocks = [
                Block(last, out, 1 if i == 1 else 2),
                *(Block(out, out) for _ in range(n - 1)),
            ]
            setattr(self, f"layer{i}", nn.Sequential(*blocks))
            last = out
        self.linear = nn.Linear(last, num_classes)
        for m in self.modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(m.weight)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))  # type: ignore[no-any-return]


def _builder(depth: int) -> Any:
    def build(**kwargs: Any) -> CifarResNet:
        return CifarResNet(depth, **kwargs)

    build.__name__ = build.__qualname__ = f"resnet{depth}"
    build.__doc__ = f"The CIFAR ResNet of {depth} layers."
    return build


resnet20, resnet32, resnet44, resnet56, resnet110 = map(_builder, (20, 32, 44, 56, 110))
