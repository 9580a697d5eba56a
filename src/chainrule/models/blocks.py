"""Blocks that several networks for images share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor


def divisible(value: float, divisor: int = 8, least: int | None = None) -> int:
    """The multiple of `divisor` nearest to a number of channels, not below 90% of it."""
    rounded = max(least or divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def same_padding(kernel_size: Any, dilation: Any) -> Any:
    """The padding that keeps an image's size at stride 1."""
    if isinstance(kernel_size, Sequence) or isinstance(dilation, Sequence):
        n = len(kernel_size) if isinstance(kernel_size, Sequence) else len(dilation)
        sizes = kernel_size if isinstance(kernel_size, Sequence) else (kernel_size,) * n
        steps = dilation if isinstance(dilation, Sequence) else (dilation,) * n
        return tuple((k - 1) // 2 * d for k, d in zip(sizes, steps, strict=True))
    return (kernel_size - 1) // 2 * dilation


class ConvNormActivation(nn.Sequential):
    """Convolution, normalisation, activation; each of the last two can be None."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any = 3, stride: Any = 1,
        padding: Any = None, groups: int = 1, norm_layer: Any = nn.BatchNorm2d,
        activation_layer: Any = nn.ReLU, dilation: Any = 1, inplace: bool | None = True,
        bias: bool | None = None, conv_layer: Any = nn.Conv2d,
    ) -> None:  # fmt: skip
        if padding is None:
            padding = same_padding(kernel_size, dilation)
        bias = norm_layer is None if bias is None else bias
        layers = [conv_layer(in_channels, out_channels, kernel_size, stride, padding,
                             dilation=dilation, groups=groups, bias=bias)]  # fmt: skip
        if norm_layer is not None:
            layers.append(norm_layer(out_channels))
        if activation_layer is not None:
            layers.append(activation_layer(**({} if inplace is None else {"inplace": inplace})))
        super().__init__(*layers)
        self.out_channels = out_channels


class Conv2dNormActivation(ConvNormActivation):
    """A 2-D convolution, normalisation, activation.

    >>> import chainrule as torch
    >>> from chainrule.models.blocks import Conv2dNormActivation
    >>> Conv2dNormActivation(3, 8, stride=2)(torch.zeros(1, 3, 8, 8)).shape
    torch.Size([1, 8, 4, 4])
    """


class Conv3dNormActivation(ConvNormActivation):
    """A 3-D convolution, normalisation, activation."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any = 3, stride: Any = 1,
        padding: Any = None, groups: int = 1, norm_layer: Any = nn.BatchNorm3d,
        activation_layer: Any = nn.ReLU, dilation: Any = 1, inplace: bool | None = True,
        bias: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            groups,
            norm_layer,
            activation_layer,
            dilation,
            inplace,
            bias,
            nn.Conv3d,
        )


class SqueezeExcitation(nn.Module):
    """Channels scaled by what a small network makes of their means.

    Source: Hu et al. 2017, figure 3.
    """

    def __init__(
        self, input_channels: int, squeeze_channels: int, activation: Any = nn.ReLU,
        scale_activation: Any = nn.Sigmoid,
    ) -> None:  # fmt: skip
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(input_channels, squeeze_channels, 1)
        self.fc2 = nn.Conv2d(squeeze_channels, input_channels, 1)
        self.activation = activation()
        self.scale_activation = scale_activation()

    def forward(self, x: Tensor) -> Tensor:
        squeezed = self.activation(self.fc1(self.avgpool(x)))
        return self.scale_activation(self.fc2(squeezed)) * x


class MLP(nn.Sequential):
    """Linear layers with activations between them, and dropout after each."""

    def __init__(
        self, in_channels: int, hidden_channels: list[int], norm_layer: Any = None,
        activation_layer: Any = nn.ReLU, inplace: bool | None = None, bias: bool = True,
        dropout: float = 0.0,
    ) -> None:  # fmt: skip
        how = {} if inplace is None else {"inplace": inplace}
        layers: list[nn.Module] = []
        for width in hidden_channels[:-1]:
            layers.append(nn.Linear(in_channels, width, bias=bias))
            layers += [] if norm_layer is None else [norm_layer(width)]
            layers += [activation_layer(**how), nn.Dropout(dropout, **how)]
            in_channels = width
        layers.append(nn.Linear(in_channels, hidden_channels[-1], bias=bias))
        super().__init__(*layers, nn.Dropout(dropout, **how))


class Permute(nn.Module):
    """The axes in another order."""

    def __init__(self, dims: list[int]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return torch.permute(x, self.dims)


def stochastic_depth(input: Tensor, p: float, mode: str, training: bool = True) -> Tensor:
    """In training, zero with probability p, else the input / (1 - p): by "row", or by "batch".

    Source: Huang et al. 2016, Deep Networks with Stochastic Depth.
    """
    if not 0.0 <= p <= 1.0:
        raise ArgumentError(f"drop probability has to be between 0 and 1, but got {p}")
    if mode not in ("batch", "row"):
        raise ArgumentError(f"mode has to be either 'batch' or 'row', but got {mode}")
    if not training or p == 0.0:
        return input
    rows = input.shape[0] if mode == "row" else 1
    noise = torch.empty([rows] + [1] * (input.ndim - 1), dtype=input.dtype).bernoulli_(1.0 - p)
    return input * (noise.div_(1.0 - p) if p < 1.0 else noise)


class StochasticDepth(nn.Module):
    """`stochastic_depth` as a module."""

    def __init__(self, p: float, mode: str) -> None:
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, input: Tensor) -> Tensor:
        return stochastic_depth(input, self.p, self.mode, self.training)

    def __repr__(self) -> str:
        return f"StochasticDepth(p={self.p}, mode={self.mode})"


class FrozenBatchNorm2d(nn.Module):
    """Batch normalisation whose statistics and weights stay as they are."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        for name, make in (("weight", torch.ones), ("bias", torch.zeros),
                           ("running_mean", torch.zeros), ("running_var", torch.ones)):  # fmt: skip
            self.register_buffer(name, make(num_features))

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        state_dict.pop(prefix + "num_batches_tracked", None)
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def forward(self, x: Tensor) -> Tensor:
        scale = self.weight * (self.running_var + self.eps).rsqrt()
        shift = self.bias - self.running_mean * scale
        return x * scale.reshape(1, -1, 1, 1) + shift.reshape(1, -1, 1, 1)

    def __repr__(self) -> str:
        return f"FrozenBatchNorm2d({len(self.weight)}, eps={self.eps})"


def start_mobile(model: nn.Module, linear: Any) -> None:
    """The initial weights of the mobile networks; `linear` sets those of linear layers."""
    for m in model.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out")
            if m.bias is not None:
                nn.init.zeros_(m.bias)
        elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
            nn.init.ones_(m.weight)
            nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Linear):
            linear(m)
            nn.init.zeros_(m.bias)
