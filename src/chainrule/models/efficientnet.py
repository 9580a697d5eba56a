"""EfficientNet (Tan and Le 2019) and V2 (2021): width, depth and resolution grown together."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

from chainrule import nn
from chainrule.models.blocks import (
    Conv2dNormActivation,
    SqueezeExcitation,
    StochasticDepth,
    divisible,
    start_mobile,
)
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor


class Stage(NamedTuple):
    """Blocks of one size: of the fused kind, or MBConv."""

    expand_ratio: float
    kernel: int
    stride: int
    input_channels: int
    out_channels: int
    num_layers: int
    fused: bool = False

    def scaled(self, width: float, depth: float) -> Stage:
        """The stage of a wider and deeper network."""
        return self._replace(
            input_channels=divisible(self.input_channels * width),
            out_channels=divisible(self.out_channels * width),
            num_layers=math.ceil(self.num_layers * depth),
        )


class MBConv(nn.Module):
    """An inverted bottleneck with squeeze and excitation; fused, without, in fewer convolutions."""

    def __init__(self, stage: Stage, drop: float, norm_layer: Any) -> None:
        super().__init__()
        inp, out = stage.input_channels, stage.out_channels
        inner = divisible(inp * stage.expand_ratio)
        self.use_res_connect = stage.stride == 1 and inp == out
        part = functools.partial(Conv2dNormActivation, norm_layer=norm_layer,
                                 activation_layer=nn.SiLU)  # fmt: skip
        wide = {"kernel_size": stage.kernel, "stride": stage.stride}
        narrow = {"kernel_size": 1, "activation_layer": None}
        if stage.fused and inner == inp:
            layers: list[nn.Module] = [part(inp, out, **wide)]
        elif stage.fused:
            layers = [part(inp, inner, **wide), part(inner, out, **narrow)]
        else:
            layers = [part(inp, inner, kernel_size=1)] if inner != inp else []
            layers += [
                part(inner, inner, groups=inner, **wide),
                SqueezeExcitation(inner, max(1, inp // 4),
                                  activation=functools.partial(nn.SiLU, inplace=True)),
                part(inner, out, **narrow),
            ]  # fmt: skip
        self.block = nn.Sequential(*layers)
        self.stochastic_depth = StochasticDepth(drop, "row")
        self.out_channels = out

    def forward(self, x: Tensor) -> Tensor:
        y = self.block(x)
        if self.use_res_connect:
            y = self.stochastic_depth(y)
            y += x
        return y  # type: ignore[no-any-return]


class EfficientNet(nn.Module):
    """EfficientNet for images (N, 3, H, W).

    Args:
        inverted_residual_setting: the stages.
        stochastic_depth_prob: how often the last block is left out in training; earlier ones
            in proportion to their place.

    >>> import chainrule as torch
    >>> from chainrule.models.efficientnet import EfficientNet, Stage
    >>> net = EfficientNet([Stage(1, 3, 1, 8, 8, 1), Stage(4, 3, 2, 8, 16, 2)], 0.2, num_classes=5)
    >>> net(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 5])
    """

    def __init__(
        self, inverted_residual_setting: Any, dropout: float, stochastic_depth_prob: float = 0.2,
        num_classes: int = 1000, norm_layer: Any = None, last_channel: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        norm, stages = norm_layer or nn.BatchNorm2d, list(inverted_residual_setting)
        part = functools.partial(Conv2dNormActivation, norm_layer=norm, activation_layer=nn.SiLU)
        layers: list[nn.Module] = [part(3, stages[0].input_channels, kernel_size=3, stride=2)]
        total, done = sum(s.num_layers for s in stages), 0
        for stage in stages:
            blocks = []
            for _ in range(stage.num_layers):
                blocks.append(MBConv(stage, stochastic_depth_prob * float(done) / total, norm))
                stage = stage._replace(input_channels=stage.out_channels, stride=1)
                done += 1
            layers.append(nn.Sequential(*blocks))
        last = stages[-1].out_channels
        wide = 4 * last if last_channel is None else last_channel
        self.features = nn.Sequential(*layers, part(last, wide, kernel_size=1))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout, inplace=True),
                                        nn.Linear(wide, num_classes))  # fmt: skip

        def linear(m: Any) -> None:
            bound = 1.0 / math.sqrt(m.out_features)
            nn.init.uniform_(m.weight, -bound, bound)

        start_mobile(self, linear)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


FIRST = [Stage(1, 3, 1, 32, 16, 1), Stage(6, 3, 2, 16, 24, 2), Stage(6, 5, 2, 24, 40, 2),
         Stage(6, 3, 2, 40, 80, 3), Stage(6, 5, 1, 80, 112, 3), Stage(6, 5, 2, 112, 192, 4),
         Stage(6, 3, 1, 192, 320, 1)]  # fmt: skip
SECOND = {  # by stage: expansion, stride, channels out, blocks; the first three are fused
    "s": (24, [(1, 1, 24, 2), (4, 2, 48, 4), (4, 2, 64, 4), (4, 2, 128, 6), (6, 1, 160, 9),
               (6, 2, 256, 15)]),
    "m": (24, [(1, 1, 24, 3), (4, 2, 48, 5), (4, 2, 80, 5), (4, 2, 160, 7), (6, 1, 176, 14),
               (6, 2, 304, 18), (6, 1, 512, 5)]),
    "l": (32, [(1, 1, 32, 4), (4, 2, 64, 7), (4, 2, 96, 7), (4, 2, 192, 10), (6, 1, 224, 19),
               (6, 2, 384, 25), (6, 1, 640, 7)]),
}  # fmt: skip
SCALES = {  # width, depth, dropout
    "b0": (1.0, 1.0, 0.2), "b1": (1.0, 1.1, 0.2), "b2": (1.1, 1.2, 0.3), "b3": (1.2, 1.4, 0.3),
    "b4": (1.4, 1.8, 0.4), "b5": (1.6, 2.2, 0.4), "b6": (1.8, 2.6, 0.5), "b7": (2.0, 3.1, 0.5),
    "v2_s": (1.0, 1.0, 0.2), "v2_m": (1.0, 1.0, 0.3), "v2_l": (1.0, 1.0, 0.4),
}  # fmt: skip


def stages_of(kind: str) -> list[Stage]:
    """The stages of one of the networks: "b0" to "b7", "v2_s", "v2_m", "v2_l"."""
    if kind.startswith("b"):
        return [stage.scaled(*SCALES[kind][:2]) for stage in FIRST]
    channels, rows = SECOND[kind[-1]]
    made = []
    for i, (expand, stride, out, count) in enumerate(rows):
        made.append(Stage(expand, 3, stride, channels, out, count, fused=i < 3))
        channels = out
    return made


def _builder(kind: str) -> Any:
    def build(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> EfficientNet:
        kwargs.setdefault("dropout", SCALES[kind][2])
        if kind in ("b5", "b6", "b7"):
            kwargs.setdefault(
                "norm_layer", functools.partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
            )
        elif kind.startswith("v2"):
            kwargs.setdefault("norm_layer", functools.partial(nn.BatchNorm2d, eps=0.001))
            kwargs.setdefault("last_channel", 1280)
        return with_weights(f"efficientnet_{kind}", weights, progress, EfficientNet,
                            stages_of(kind), **kwargs)  # type: ignore[no-any-return]  # fmt: skip

    build.__name__ = build.__qualname__ = f"efficientnet_{kind}"
    build.__doc__ = f"""EfficientNet {kind.upper()}; `weights` as for the other image models."""
    return build


(efficientnet_b0, efficientnet_b1, efficientnet_b2, efficientnet_b3, efficientnet_b4,
 efficientnet_b5, efficientnet_b6, efficientnet_b7, efficientnet_v2_s, efficientnet_v2_m,
 efficientnet_v2_l) = map(_builder, SCALES)  # fmt: skip
