"""ShuffleNet V2 (Ma et al. 2018): half of the channels pass by, and are then mixed in."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    """The channels of `groups` groups, dealt out in turn."""
    n, c, h, w = x.shape
    return x.view(n, groups, c // groups, h, w).transpose(1, 2).reshape(n, c, h, w)


def pointwise(channels: int, out: int) -> list[nn.Module]:
    return [nn.Conv2d(channels, out, 1, 1, 0, bias=False), nn.BatchNorm2d(out),
            nn.ReLU(inplace=True)]  # fmt: skip


def depthwise(channels: int, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(channels, channels, 3, stride, 1, bias=False, groups=channels),
            nn.BatchNorm2d(channels)]  # fmt: skip


class InvertedResidual(nn.Module):
    """Two branches; at stride 1 the first leaves its half of the channels as they are."""

    def __init__(self, inp: int, oup: int, stride: int) -> None:
        super().__init__()
        if not 1 <= stride <= 3:
            raise ArgumentError("illegal stride value")
        half = oup // 2
        if stride == 1 and inp != 2 * half:
            raise ArgumentError(f"at stride 1 the channels stay as many: {inp} and {oup}")
        self.stride = stride
        if stride > 1:
            self.branch1 = nn.Sequential(*depthwise(inp, stride), *pointwise(inp, half))
        else:
            self.branch1 = nn.Sequential()
        self.branch2 = nn.Sequential(*pointwise(inp if stride > 1 else half, half),
                                     *depthwise(half, stride), *pointwise(half, half))  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        if self.stride == 1:
            left, right = x.chunk(2, dim=1)
        else:
            left, right = self.branch1(x), x
        return channel_shuffle(torch.cat((left, self.branch2(right)), dim=1), 2)


class ShuffleNetV2(nn.Module):
    """ShuffleNet V2 for images (N, 3, H, W).

    Args:
        stages_repeats: how many blocks in each of the three stages.
        stages_out_channels: of the first convolution, the stages, and the last convolution.

    >>> import chainrule as torch
    >>> net = torch.models.ShuffleNetV2([1, 1, 1], [8, 8, 16, 32, 64], num_classes=5)
    >>> net(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 5])
    """

    def __init__(
        self, stages_repeats: list[int], stages_out_channels: list[int], num_classes: int = 1000,
        inverted_residual: Any = InvertedResidual,
    ) -> None:  # fmt: skip
        super().__init__()
        if len(stages_repeats) != 3:
            raise ArgumentError("expected stages_repeats as list of 3 positive ints")
        if len(stages_out_channels) != 5:
            raise ArgumentError("expected stages_out_channels as list of 5 positive ints")
        self._stage_out_channels = stages_out_channels
        first, *middle, last = stages_out_channels
        self.conv1 = nn.Sequential(nn.Conv2d(3, first, 3, 2, 1, bias=False),
                                   nn.BatchNorm2d(first), nn.ReLU(inplace=True))  # fmt: skip
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        channels = first
        for i, (count, out) in enumerate(zip(stages_repeats, middle, strict=True), 2):
            blocks = [inverted_residual(channels, out, 2)]
            blocks += [inverted_residual(out, out, 1) for _ in range(count - 1)]
            setattr(self, f"stage{i}", nn.Sequential(*blocks))
            channels = out
        self.conv5 = nn.Sequential(*pointwise(channels, last))
        self.fc = nn.Linear(last, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.conv1(x))
        x = self.conv5(self.stage4(self.stage3(self.stage2(x))))
        return self.fc(x.mean([2, 3]))  # type: ignore[no-any-return]


CHANNELS = {
    "shufflenet_v2_x0_5": [24, 48, 96, 192, 1024],
    "shufflenet_v2_x1_0": [24, 116, 232, 464, 1024],
    "shufflenet_v2_x1_5": [24, 176, 352, 704, 1024],
    "shufflenet_v2_x2_0": [24, 244, 488, 976, 2048],
}


def _builder(name: str) -> Any:
    def build(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> ShuffleNetV2:
        return with_weights(name, weights, progress, ShuffleNetV2, [4, 8, 4], CHANNELS[name],
                            **kwargs)  # type: ignore[no-any-return]  # fmt: skip

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"""ShuffleNet V2 at {name[-3:].replace("_", ".")} times its width."""
    return build


shufflenet_v2_x0_5, shufflenet_v2_x1_0, shufflenet_v2_x1_5, shufflenet_v2_x2_0 = map(
    _builder, CHANNELS
)
