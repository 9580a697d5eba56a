"""MobileNet V2 (Sandler et al. 2018) and V3 (Howard et al. 2019): separable convolutions in
inverted bottlenecks, wide inside and narrow outside."""

from __future__ import annotations

import functools
from typing import Any

from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.models.blocks import (
    Conv2dNormActivation,
    SqueezeExcitation,
    divisible,
    start_mobile,
)
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor


class InvertedResidual(nn.Module):
    """Widen by 1×1, convolve each channel by 3×3, narrow by 1×1 without activation."""

    def __init__(
        self, inp: int, oup: int, stride: int, expand_ratio: float, norm_layer: Any = None
    ) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ArgumentError(f"stride should be 1 or 2 instead of {stride}")
        norm = norm_layer or nn.BatchNorm2d
        inner = round(inp * expand_ratio)
        how = {"norm_layer": norm, "activation_layer": nn.ReLU6}
        layers: list[nn.Module] = []
        if expand_ratio != 1:
            layers.append(Conv2dNormActivation(inp, inner, kernel_size=1, **how))
        layers += [Conv2dNormActivation(inner, inner, stride=stride, groups=inner, **how),
                   nn.Conv2d(inner, oup, 1, 1, 0, bias=False), norm(oup)]  # fmt: skip
        self.conv = nn.Sequential(*layers)
        self.stride, self.out_channels = stride, oup
        self.use_res_connect = stride == 1 and inp == oup

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
          (6, 160, 3, 2), (6, 320, 1, 1)]  # fmt: skip


class MobileNetV2(nn.Module):
    """MobileNet V2 for images (N, 3, H, W).

    Args:
        width_mult: factor of all channels.
        inverted_residual_setting: by stage, the factor of width inside, the channels, how many
            blocks, and the stride of the first.
        round_nearest: channels are multiples of this.

    >>> import chainrule as torch
    >>> net = torch.models.MobileNetV2(num_classes=5, width_mult=0.25)
    >>> net(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 5])
    """

    def __init__(
        self, num_classes: int = 1000, width_mult: float = 1.0,
        inverted_residual_setting: Any = None, round_nearest: int = 8, block: Any = None,
        norm_layer: Any = None, dropout: float = 0.2,
    ) -> None:  # fmt: skip
        super().__init__()
        stages = STAGES if inverted_residual_setting is None else inverted_residual_setting
        if len(stages) == 0 or len(stages[0]) != 4:
            raise ArgumentError("inverted_residual_setting should be non-empty or a 4-element "
                                f"list, got {stages}")  # fmt: skip
        block, norm = block or InvertedResidual, norm_layer or nn.BatchNorm2d
        how = {"norm_layer": norm, "activation_layer": nn.ReLU6}
        channels = divisible(32 * width_mult, round_nearest)
        self.last_channel = divisible(1280 * max(1.0, width_mult), round_nearest)
        features: list[nn.Module] = [Conv2dNormActivation(3, channels, stride=2, **how)]
        for ratio, width, count, stride in stages:
            out = divisible(width * width_mult, round_nearest)
            for i in range(count):
                step = stride if i == 0 else 1
                features.append(block(channels, out, step, expand_ratio=ratio, norm_layer=norm))
                channels = out
        features.append(Conv2dNormActivation(channels, self.last_channel, kernel_size=1, **how))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout),
                                        nn.Linear(self.last_channel, num_classes))  # fmt: skip
        start_mobile(self, lambda m: nn.init.normal_(m.weight, 0, 0.01))

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(x.flatten(1))  # type: ignore[no-any-return]


class InvertedResidualConfig:
    """The measures of one block of MobileNet V3."""

    def __init__(
        self, input_channels: int, kernel: int, expanded_channels: int, out_channels: int,
        use_se: bool, activation: str, stride: int, dilation: int, width_mult: float,
    ) -> None:  # fmt: skip
        self.input_channels = self.adjust_channels(input_channels, width_mult)
        self.expanded_channels = self.adjust_channels(expanded_channels, width_mult)
        self.out_channels = self.adjust_channels(out_channels, width_mult)
        self.kernel, self.use_se, self.use_hs = kernel, use_se, activation == "HS"
        self.stride, self.dilation = stride, dilation

    @staticmethod
    def adjust_channels(channels: int, width_mult: float) -> int:
        """The channels at another width."""
        return divisible(channels * width_mult)


class InvertedResidualV3(nn.Module):
    """The block of V3: with squeeze and excitation, and hard-swish in the later stages."""

    def __init__(self, cnf: InvertedResidualConfig, norm_layer: Any) -> None:
        super().__init__()
        if cnf.stride not in (1, 2):
            raise ArgumentError("illegal stride value")
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        inner = cnf.expanded_channels
        how = {"norm_layer": norm_layer,
               "activation_layer": nn.Hardswish if cnf.use_hs else nn.ReLU}  # fmt: skip
        layers: list[nn.Module] = []
        if inner != cnf.input_channels:
            layers.append(Conv2dNormActivation(cnf.input_channels, inner, kernel_size=1, **how))
        layers.append(Conv2dNormActivation(
            inner, inner, kernel_size=cnf.kernel, stride=1 if cnf.dilation > 1 else cnf.stride,
            dilation=cnf.dilation, groups=inner, **how,
        ))  # fmt: skip
        if cnf.use_se:
            layers.append(SqueezeExcitation(inner, divisible(inner // 4),
                                            scale_activation=nn.Hardsigmoid))  # fmt: skip
        layers.append(
            Conv2dNormActivation(
                inner, cnf.out_channels, kernel_size=1, norm_layer=norm_layer, activation_layer=None
            )
        )
        self.block = nn.Sequential(*layers)
        self.out_channels = cnf.out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.block(x)
        if self.use_res_connect:
            y += x
        return y  # type: ignore[no-any-return]


class MobileNetV3(nn.Module):
    """MobileNet V3 for images (N, 3, H, W); `mobilenet_v3_small` and `_large` give the measures."""

    def __init__(
        self, inverted_residual_setting: Any, last_channel: int, num_classes: int = 1000,
        block: Any = None, norm_layer: Any = None, dropout: float = 0.2, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        if not inverted_residual_setting:
            raise ArgumentError("The inverted_residual_setting should not be empty")
        block = block or InvertedResidualV3
        norm = norm_layer or functools.partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
        how = {"norm_layer": norm, "activation_layer": nn.Hardswish}
        first = inverted_residual_setting[0].input_channels
        last = inverted_residual_setting[-1].out_channels
        self.features = nn.Sequential(
            Conv2dNormActivation(3, first, kernel_size=3, stride=2, **how),
            *(block(cnf, norm) for cnf in inverted_residual_setting),
            Conv2dNormActivation(last, 6 * last, kernel_size=1, **how),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * last, last_channel), nn.Hardswish(inplace=True),
            nn.Dropout(p=dropout, inplace=True), nn.Linear(last_channel, num_classes),
        )  # fmt: skip
        start_mobile(self, lambda m: nn.init.normal_(m.weight, 0, 0.01))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


# By block: kernel, channels inside, channels out, squeeze and excitation, hard-swish, stride.
BLOCKS = {
    "mobilenet_v3_large": [
        (3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2),
        (5, 120, 40, 1, 0, 1), (5, 120, 40, 1, 0, 1), (3, 240, 80, 0, 1, 2),
        (3, 200, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1),
        (3, 480, 112, 1, 1, 1), (3, 672, 112, 1, 1, 1), (5, 672, 160, 1, 1, 2),
        (5, 960, 160, 1, 1, 1), (5, 960, 160, 1, 1, 1),
    ],
    "mobilenet_v3_small": [
        (3, 16, 16, 1, 0, 2), (3, 72, 24, 0, 0, 2), (3, 88, 24, 0, 0, 1), (5, 96, 40, 1, 1, 2),
        (5, 240, 40, 1, 1, 1), (5, 240, 40, 1, 1, 1), (5, 120, 48, 1, 1, 1),
        (5, 144, 48, 1, 1, 1), (5, 288, 96, 1, 1, 2), (5, 576, 96, 1, 1, 1),
        (5, 576, 96, 1, 1, 1),
    ],
}  # fmt: skip
LAST = {"mobilenet_v3_large": 1280, "mobilenet_v3_small": 1024}


def settings(
    name: str, width_mult: float = 1.0, reduced_tail: bool = False, dilated: bool = False,
    **rest: Any,
) -> tuple[list[InvertedResidualConfig], int]:  # fmt: skip
    """The measures of the blocks, and the channels of the last layer but one."""
    part, made, channels = 2 if reduced_tail else 1, [], 16
    blocks = BLOCKS[name]
    for i, (kernel, inner, out, se, swish, stride) in enumerate(blocks):
        late = i - (len(blocks) - 3)  # the last three blocks are the tail
        inner, out = inner // (part if late > 0 else 1), out // (part if late >= 0 else 1)
        made.append(InvertedResidualConfig(
            channels, kernel, inner, out, bool(se), "HS" if swish else "RE", stride,
            2 if dilated and late >= 0 else 1, width_mult,
        ))  # fmt: skip
        channels = out
    return made, InvertedResidualConfig.adjust_channels(LAST[name] // part, width_mult)


def mobilenet_v2(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> MobileNetV2:
    """MobileNet V2; `weights` as for the other image models."""
    return with_weights("mobilenet_v2", weights, progress, MobileNetV2, **kwargs)


def _v3(name: str) -> Any:
    def build(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> MobileNetV3:
        return with_weights(name, weights, progress, MobileNetV3, *settings(name, **kwargs),
                            **kwargs)  # type: ignore[no-any-return]  # fmt: skip

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"""MobileNet V3, {name[13:]}.

    Args:
        weights: as for the other image models.
        kwargs: for `MobileNetV3`; and `width_mult`, `reduced_tail`, `dilated`.
    """
    return build


mobilenet_v3_large, mobilenet_v3_small = map(_v3, BLOCKS)
