"""AlexNet (Krizhevsky 2012, in the single-tower form of 2014)."""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor


class AlexNet(nn.Module):
    """Five convolutions and three linear layers for images (N, 3, H, W), H and W at least 63.

    >>> import chainrule as torch
    >>> net = torch.models.AlexNet(num_classes=5)
    >>> net(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 5])
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for out, size, stride, padding, pool in (
            (64, 11, 4, 2, True), (192, 5, 1, 2, True), (384, 3, 1, 1, False),
            (256, 3, 1, 1, False), (256, 3, 1, 1, True),
        ):  # fmt: skip
            layers += [nn.Conv2d(channels, out, size, stride, padding), nn.ReLU(inplace=True)]
            layers += [nn.MaxPool2d(3, stride=2)] if pool else []
            channels = out
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))  # type: ignore[no-any-return]


def alexnet(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> AlexNet:
    """AlexNet; `weights` as for the other models of images."""
    return with_weights("alexnet", weights, progress, AlexNet, **kwargs)  # type: ignore[no-any-return]
