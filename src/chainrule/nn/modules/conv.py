"""Convolutions and transposed convolutions in one, two and three dimensions."""

from __future__ import annotations

import math
from typing import Any

from chainrule.errors import ArgumentError, ChainruleError, ShapeError
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.nn.modules.fresh import parameter
from chainrule.nn.modules.module import Module
from chainrule.nn.modules.utils import _ntuple, _reverse_repeat_tuple

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What all convolutions share: their sizes, weight and bias."""

    _ndim = 0
    _transposed = False

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any, padding: Any,
        dilation: Any, output_padding: Any, groups: int, bias: bool, padding_mode: str,
        device: Any, dtype: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        if groups <= 0:
            raise ArgumentError("groups must be a positive integer")
        if in_channels % groups != 0:
            raise ArgumentError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ArgumentError("out_channels must be divisible by groups")
        sizes = _ntuple(self._ndim)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = map(sizes, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else sizes(padding)
        self.output_padding, self.transposed = sizes(output_padding), self._transposed
        if padding_mode not in PADDING_MODES:
            raise ArgumentError(
                f"padding_mode must be one of {set(PADDING_MODES)}, but got "
                f"padding_mode='{padding_mode}'"
            )
        self.padding_mode = padding_mode
        self._reversed_padding_repeated_twice = list(self._both_sides())
        first, second = (
            (in_channels, out_channels) if self._transposed else (out_channels, in_channels)
        )
        self.weight = parameter(
            first, second // groups, *self.kernel_size, device=device, dtype=dtype
        )
        if bias:
            self.bias = parameter(out_channels, device=device, dtype=dtype)
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _both_sides(self) -> tuple[int, ...]:
        """The padding before and after each axis, last axis first, as `F.pad` takes it."""
        if not isinstance(self.padding, str):
            return _reverse_repeat_tuple(self.padding, 2)
        if self.padding not in ("same", "valid"):
            raise ArgumentError(
                f"Invalid padding string '{self.padding}', should be one of 'valid', 'same'"
            )
        if self.padding == "valid":
            return (0,) * (2 * self._ndim)
        if any(s != 1 for s in self.stride):
            raise ArgumentError("padding='same' is not supported for strided convolutions")
        both = []
        for d, k in zip(reversed(self.dilation), reversed(self.kernel_size), strict=True):
            total = d * (k - 1)
            both += [total // 2, total - total // 2]
        return tuple(both)

    def reset_parameters(self) -> None:
        """Draw weight and bias uniformly from ±1/√(inputs of one output)."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in = math.prod(self.weight.shape[1:])
            if fan_in != 0:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def _padded(self, input: Any) -> tuple[Any, Any]:
        """The input, padded already if the convolution itself cannot, and the padding left."""
        if self.padding_mode == "zeros":
            return input, self.padding
        edges = self._reversed_padding_repeated_twice
        return F.pad(input, edges, mode=self.padding_mode), _ntuple(self._ndim)(0)

    def _explain(self, error: ChainruleError, *args: Any) -> None:
        x = args[0]
        axis = -1 - self._ndim
        if not isinstance(error, ShapeError) or x.ndim < self._ndim + 1:
            return
        if x.shape[axis] != self.in_channels:
            error.rule = (
                "the channel axis of x must equal in_channels: Given "
                f"groups={self.groups}, weight of size {list(self.weight.shape)}, expected "
                f"input{list(x.shape)} to have {self.in_channels} channels, but got "
                f"{x.shape[axis]} channels instead"
            )
            note = f"in_channels={self.in_channels}"
            error.operands = [("x", x), ("weight", self.weight, note)]
            error.fix = (
                f"Pass inputs of shape (N, {self.in_channels}, ...), or build "
                f"{type(self).__name__}({x.shape[axis]}, {self.out_channels}, ...)."
            )

    def extra_repr(self) -> str:
        text = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}"
        )
        zeros = (0,) * self._ndim
        if self.padding != zeros:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self._ndim:
            text += f", dilation={self.dilation}"
        if self.output_padding != zeros:
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class _Convolution(_ConvNd):
    """What Conv1d, Conv2d and Conv3d share."""

    _formula = "x conv weight + bias"

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1,
        padding: Any = 0, dilation: Any = 1, groups: int = 1, bias: bool = True,
        padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, 0,
                         groups, bias, padding_mode, device, dtype)  # fmt: skip


class Conv1d(_Convolution):
    """Convolution (cross-correlation) over one axis.

    Args:
        padding: zeros added on both sides, or 'same', or 'valid'.
        groups: inputs and outputs fall into so many groups without connection.
        padding_mode: what is added instead of zeros: 'reflect', 'replicate' or 'circular'.

    Shapes: input (N, C_in, L), weight (C_out, C_in/groups, K), output (N, C_out, L_out) with
    L_out = (L + 2·padding - dilation·(K - 1) - 1) // stride + 1.

    >>> import chainrule as torch
    >>> torch.nn.Conv1d(2, 4, 3, padding=1)(torch.zeros(5, 2, 8)).shape
    torch.Size([5, 4, 8])
    """

    _ndim = 1

    def forward(self, input: Any) -> Any:
        x, padding = self._padded(input)
        return F.conv1d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv2d(_Convolution):
    """Convolution (cross-correlation) over two axes; arguments as in `Conv1d`.

    Shapes: input (N, C_in, H, W), weight (C_out, C_in/groups, KH, KW), output
    (N, C_out, H_out, W_out).

    >>> import chainrule as torch
    >>> torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)(torch.zeros(1, 3, 8, 8)).shape
    torch.Size([1, 8, 4, 4])
    """

    _ndim = 2

    def forward(self, input: Any) -> Any:
        x, padding = self._padded(input)
        return F.conv2d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv3d(_Convolution):
    """Convolution (cross-correlation) over three axes; arguments as in `Conv1d`.

    Shapes: input (N, C_in, D, H, W), weight (C_out, C_in/groups, KD, KH, KW).

    >>> import chainrule as torch
    >>> torch.nn.Conv3d(1, 2, 2)(torch.zeros(1, 1, 3, 3, 3)).shape
    torch.Size([1, 2, 2, 2, 2])
    """

    _ndim = 3

    def forward(self, input: Any) -> Any:
        x, padding = self._padded(input)
        return F.conv3d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class _ConvTransposeNd(_ConvNd):
    """What the transposed convolutions share: the choice among possible output sizes."""

    _transposed = True
    _formula = "x transposed-conv weight + bias"

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1,
        padding: Any = 0, output_padding: Any = 0, groups: int = 1, bias: bool = True,
        dilation: Any = 1, padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        if padding_mode != "zeros":
            raise ArgumentError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation,
                         output_padding, groups, bias, padding_mode, device, dtype)  # fmt: skip

    def _output_padding(self, input: Any, output_size: Any) -> Any:
        """The output padding that leads to `output_size`."""
        if output_size is None:
            return self.output_padding
        n = self._ndim
        lead = input.ndim - n
        size = list(output_size)
        if len(size) == lead + n:
            size = size[lead:]
        if len(size) != n:
            raise ArgumentError(
                f"ConvTranspose{n}D: for {input.ndim}D input, output_size must have {n} or "
                f"{lead + n} elements (got {len(output_size)})"
            )
        low = [
            (input.shape[lead + d] - 1) * self.stride[d] - 2 * self.padding[d]
            + self.dilation[d] * (self.kernel_size[d] - 1) + 1
            for d in range(n)
        ]  # fmt: skip
        high = [low[d] + self.stride[d] - 1 for d in range(n)]
        if any(not a <= s <= b for s, a, b in zip(size, low, high, strict=True)):
            raise ArgumentError(
                f"requested an output size of {size}, but valid sizes range from {low} to {high} "
                f"(for an input of {list(input.shape[lead:])})"
            )
        return tuple(s - a for s, a in zip(size, low, strict=True))


class ConvTranspose1d(_ConvTransposeNd):
    """The transpose of Conv1d: what its backward pass does to gradients.

    Args:
        output_padding: added to one side of the output size, which a stride leaves open.

    Shapes: input (N, C_in, L), weight (C_in, C_out/groups, K), output (N, C_out, L_out) with
    L_out = (L - 1)·stride - 2·padding + dilation·(K - 1) + output_padding + 1.

    >>> import chainrule as torch
    >>> torch.nn.ConvTranspose1d(2, 4, 3, stride=2)(torch.zeros(1, 2, 4)).shape
    torch.Size([1, 4, 9])
    """

    _ndim = 1

    def forward(self, input: Any, output_size: Any = None) -> Any:
        extra = self._output_padding(input, output_size)
        return F.conv_transpose1d(input, self.weight, self.bias, self.stride, self.padding, extra,
                                  self.groups, self.dilation)  # fmt: skip


class ConvTranspose2d(_ConvTransposeNd):
    """The transpose of Conv2d; arguments as in `ConvTranspose1d`.

    >>> import chainrule as torch
    >>> up = torch.nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1)
    >>> up(torch.zeros(1, 2, 4, 4), output_size=(8, 8)).shape
    torch.Size([1, 4, 8, 8])
    """

    _ndim = 2

    def forward(self, input: Any, output_size: Any = None) -> Any:
        extra = self._output_padding(input, output_size)
        return F.conv_transpose2d(input, self.weight, self.bias, self.stride, self.padding, extra,
                                  self.groups, self.dilation)  # fmt: skip


class ConvTranspose3d(_ConvTransposeNd):
    """The transpose of Conv3d; arguments as in `ConvTranspose1d`.

    >>> import chainrule as torch
    >>> torch.nn.ConvTranspose3d(1, 1, 2)(torch.zeros(1, 1, 2, 2, 2)).shape
    torch.Size([1, 1, 3, 3, 3])
    """

    _ndim = 3

    def forward(self, input: Any, output_size: Any = None) -> Any:
        extra = self._output_padding(input, output_size)
        return F.conv_transpose3d(input, self.weight, self.bias, self.stride, self.padding, extra,
                                  self.groups, self.dilation)  # fmt: skip
