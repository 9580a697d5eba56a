"""VGG (Simonyan and Zisserman 2014): 3×3 convolutions, deeper and deeper."""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor

STAGES = (64, 128, 256, 512, 512)
DEPTHS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def convolutions(depth: int, batch_norm: bool = False) -> nn.Sequential:
    """The stages of VGG-`depth`, each ending in a 2×2 pooling."""
    layers: list[nn.Module] = []
    channels = 3
    for out, count in zip(STAGES, DEPTHS[depth], strict=True):
        for _ in range(count):
            layers.append(nn.Conv2d(channels, out, 3, padding=1))
            layers += [nn.BatchNorm2d(out)] if batch_norm else []
            layers.append(nn.ReLU(inplace=True))
            channels = out
        layers.append(nn.MaxPool2d(2, stride=2))
    return nn.Sequential(*layers)


class VGG(nn.Module):
    """Convolutions, then three linear layers, for images (N, 3, H, W), H and W at least 32.

    >>> import chainrule as torch
    >>> from chainrule.models.vgg import VGG, convolutions
    >>> VGG(convolutions(11), num_classes=5, init_weights=False)(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 5])
    """

    def __init__(
        self, features: nn.Module, num_classes: int = 1000, init_weights: bool = True,
        dropout: float = 0.5,
    ) -> None:  # fmt: skip
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, num_classes),
        )
        if not init_weights:
            return
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.constant_(m.weight, 1)
            elif isinstance(m, nn.Linear):
                nn.init.normal_(m.weight, 0, 0.01)
            if isinstance(m, (nn.Conv2d, nn.BatchNorm2d, nn.Linear)) and m.bias is not None:
                nn.init.constant_(m.bias, 0)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))  # type: ignore[no-any-return]


def _builder(name: str) -> Any:
    depth, batch_norm = int(name[3:5]), name.endswith("_bn")

    def build(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> VGG:
        if weights:
            kwargs["init_weights"] = False
        return with_weights(  # type: ignore[no-any-return]
            name, weights, progress, lambda **k: VGG(convolutions(depth, batch_norm), **k), **kwargs
        )

    build.__name__ = build.__qualname__ = name
    build.__doc__ = (f"VGG of {depth} layers{' with batch normalisation' if batch_norm else ''}; "
                     "`weights` as for the other models of images.")  # fmt: skip
    return build


vgg11, vgg13, vgg16, vgg19 = map(_builder, ("vgg11", "vgg13", "vgg16", "vgg19"))
vgg11_bn, vgg13_bn, vgg16_bn, vgg19_bn = map(
    _builder, ("vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn")
)
