"""SqueezeNet (Iandola et al. 2016): AlexNet's accuracy with a fiftieth of its weights."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor


class Fire(nn.Module):
    """A 1×1 convolution to few channels, then 1×1 and 3×3 ones side by side."""

    def __init__(self, inplanes: int, squeeze: int, expand1x1: int, expand3x3: int) -> None:
        super().__init__()
        self.inplanes = inplanes
        self.squeeze = nn.Conv2d(inplanes, squeeze, kernel_size=1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze, expand1x1, kernel_size=1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeeze, expand3x3, kernel_size=3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze_activation(self.squeeze(x))
        return torch.cat([self.expand1x1_activation(self.expand1x1(x)),
                          self.expand3x3_activation(self.expand3x3(x))], 1)  # fmt: skip


# The first convolution's channels and size, and after which of the eight blocks there is pooling.
VERSIONS = {"1_0": (96, 7, (3, 7)), "1_1": (64, 3, (2, 4))}


class SqueezeNet(nn.Module):
    """Eight fire blocks for images (N, 3, H, W), H and W at least 21 (17 for version 1_1).

    >>> import chainrule as torch
    >>> torch.models.SqueezeNet("1_1", num_classes=5)(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 5])
    """

    def __init__(self, version: str = "1_0", num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.num_classes = num_classes
        if version not in VERSIONS:
            raise ArgumentError(f"Unsupported SqueezeNet version {version}: 1_0 or 1_1 expected")
        channels, size, pools = VERSIONS[version]

        def pool() -> nn.Module:
            return nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)

        layers = [nn.Conv2d(3, channels, kernel_size=size, stride=2), nn.ReLU(inplace=True), pool()]
        for i in range(1, 9):
            squeeze = 16 * ((i + 1) // 2)
            layers.append(Fire(channels, squeeze, 4 * squeeze, 4 * squeeze))
            channels = 8 * squeeze
            if i in pools:
                layers.append(pool())
        self.features = nn.Sequential(*layers)
        last = nn.Conv2d(512, num_classes, kernel_size=1)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout), last, nn.ReLU(inplace=True),
                                        nn.AdaptiveAvgPool2d((1, 1)))  # fmt: skip
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                if m is last:
                    nn.init.normal_(m.weight, mean=0.0, std=0.01)
                else:
                    nn.init.kaiming_uniform_(m.weight)
                nn.init.constant_(m.bias, 0)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x)).flatten(1)  # type: ignore[no-any-return]


def squeezenet1_0(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> SqueezeNet:
    """SqueezeNet as in the paper; `weights` as for the other image models."""
    return with_weights("squeezenet1_0", weights, progress, SqueezeNet, "1_0", **kwargs)


def squeezenet1_1(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> SqueezeNet:
    """SqueezeNet 1.1: the same accuracy at less than half the work."""
    return with_weights("squeezenet1_1", weights, progress, SqueezeNet, "1_1", **kwargs)
