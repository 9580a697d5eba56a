"""Pooling: one number from each window, or from each part of the input."""

from __future__ import annotations

from typing import Any

from chainrule.errors import ArgumentError
from chainrule.nn import functional as F
from chainrule.nn.modules.module import Module
from chainrule.nn.modules.utils import _ntuple


class _MaxPoolNd(Module):
    """What the maximum pools share."""

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.padding, self.dilation = kernel_size, padding, dilation
        self.stride = kernel_size if stride is None else stride
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def _pool(self, function: Any, input: Any) -> Any:
        return function(
            input, self.kernel_size, self.stride, self.padding, self.dilation,
            ceil_mode=self.ceil_mode, return_indices=self.return_indices,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPoolNd):
    """The maximum of each window.

    Args:
        stride: the distance of windows; by default they stand side by side.
        padding: -inf added on both sides.
        return_indices: also give where each maximum is, for `MaxUnpool1d`.
        ceil_mode: keep a last window that reaches over the edge.

    Shapes: input (N, C, L), output (N, C, L_out).

    >>> import chainrule as torch
    >>> torch.nn.MaxPool1d(2)(torch.tensor([[1., 3., 2., 0.]]))
    tensor([[3., 2.]])
    """

    def forward(self, input: Any) -> Any:
        return self._pool(F.max_pool1d, input)


class MaxPool2d(_MaxPoolNd):
    """The maximum of each window of an image; arguments as in `MaxPool1d`.

    >>> import chainrule as torch
    >>> torch.nn.MaxPool2d(2)(torch.arange(16.).reshape(1, 4, 4))
    tensor([[[ 5.,  7.],
             [13., 15.]]])
    """

    def forward(self, input: Any) -> Any:
        return self._pool(F.max_pool2d, input)


class MaxPool3d(_MaxPoolNd):
    """The maximum of each window of a volume; arguments as in `MaxPool1d`.

    >>> import chainrule as torch
    >>> torch.nn.MaxPool3d(2)(torch.zeros(1, 1, 4, 4, 4)).shape
    torch.Size([1, 1, 2, 2, 2])
    """

    def forward(self, input: Any) -> Any:
        return self._pool(F.max_pool3d, input)


class _MaxUnpoolNd(Module):
    """What the inverses of maximum pooling share."""

    _ndim = 0

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        sizes = _ntuple(self._ndim)
        self.kernel_size, self.padding = sizes(kernel_size), sizes(padding)
        self.stride = self.kernel_size if stride is None else sizes(stride)

    def _unpool(self, function: Any, input: Any, indices: Any, output_size: Any) -> Any:
        return function(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpoolNd):
    """Puts each maximum back where `MaxPool1d` found it, zeros elsewhere.

    >>> import chainrule as torch
    >>> pool = torch.nn.MaxPool1d(2, return_indices=True)
    >>> out, indices = pool(torch.tensor([[1., 3., 2., 0.]]))
    >>> torch.nn.MaxUnpool1d(2)(out, indices)
    tensor([[0., 3., 2., 0.]])
    """

    _ndim = 1

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        return self._unpool(F.max_unpool1d, input, indices, output_size)


class MaxUnpool2d(_MaxUnpoolNd):
    """Puts each maximum back where `MaxPool2d` found it, zeros elsewhere.

    >>> import chainrule as torch
    >>> pool = torch.nn.MaxPool2d(2, return_indices=True)
    >>> torch.nn.MaxUnpool2d(2)(*pool(torch.ones(1, 1, 4, 4))).sum()
    tensor(4.)
    """

    _ndim = 2

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        return self._unpool(F.max_unpool2d, input, indices, output_size)


class MaxUnpool3d(_MaxUnpoolNd):
    """Puts each maximum back where `MaxPool3d` found it, zeros elsewhere.

    >>> import chainrule as torch
    >>> pool = torch.nn.MaxPool3d(2, return_indices=True)
    >>> torch.nn.MaxUnpool3d(2)(*pool(torch.ones(1, 1, 2, 2, 2))).sum()
    tensor(1.)
    """

    _ndim = 3

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        return self._unpool(F.max_unpool3d, input, indices, output_size)


class AvgPool1d(Module):
    """The mean of each window.

    Args:
        stride: the distance of windows; by default they stand side by side.
        padding: zeros added on both sides.
        ceil_mode: keep a last window that reaches over the edge.
        count_include_pad: whether the zeros count.

    >>> import chainrule as torch
    >>> torch.nn.AvgPool1d(2)(torch.tensor([[1., 3., 2., 0.]]))
    tensor([[2., 1.]])
    """

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        sizes = _ntuple(1)
        self.kernel_size, self.padding = sizes(kernel_size), sizes(padding)
        self.stride = self.kernel_size if stride is None else sizes(stride)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Any) -> Any:
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
                            self.count_include_pad)  # fmt: skip

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _AvgPoolNd(Module):
    """What the means over windows of images and volumes share."""

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def _pool(self, function: Any, input: Any) -> Any:
        return function(input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
                        self.count_include_pad, self.divisor_override)  # fmt: skip

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(_AvgPoolNd):
    """The mean of each window of an image; `divisor_override` replaces the number of elements.

    >>> import chainrule as torch
    >>> torch.nn.AvgPool2d(2)(torch.arange(4.).reshape(1, 2, 2))
    tensor([[[1.5000]]])
    """

    def forward(self, input: Any) -> Any:
        return self._pool(F.avg_pool2d, input)


class AvgPool3d(_AvgPoolNd):
    """The mean of each window of a volume; arguments as in `AvgPool2d`.

    >>> import chainrule as torch
    >>> torch.nn.AvgPool3d(2)(torch.ones(1, 2, 2, 2))
    tensor([[[[1.]]]])
    """

    def forward(self, input: Any) -> Any:
        return self._pool(F.avg_pool3d, input)


class _LPPoolNd(Module):
    """What the power-average pools share."""

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode

    def _pool(self, function: Any, input: Any) -> Any:
        return function(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPoolNd):
    """(Σ xᵖ) ** (1/p) of each window.

    >>> import chainrule as torch
    >>> torch.nn.LPPool1d(2, 2)(torch.tensor([[3., 4.]]))
    tensor([[5.]])
    """

    def forward(self, input: Any) -> Any:
        return self._pool(F.lp_pool1d, input)


class LPPool2d(_LPPoolNd):
    """(Σ xᵖ) ** (1/p) of each window of an image.

    >>> import chainrule as torch
    >>> torch.nn.LPPool2d(1, 2)(torch.ones(1, 1, 2, 2))
    tensor([[[[4.]]]])
    """

    def forward(self, input: Any) -> Any:
        return self._pool(F.lp_pool2d, input)


class LPPool3d(_LPPoolNd):
    """(Σ xᵖ) ** (1/p) of each window of a volume.

    >>> import chainrule as torch
    >>> torch.nn.LPPool3d(1, 2)(torch.ones(1, 1, 2, 2, 2)).item()
    8.0
    """

    def forward(self, input: Any) -> Any:
        return self._pool(F.lp_pool3d, input)


class _AdaptiveAvgPoolNd(Module):
    """What the adaptive means share: the size of the output."""

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """Means over parts of equal size (to one element), as many as the output has places.

    >>> import chainrule as torch
    >>> torch.nn.AdaptiveAvgPool1d(2)(torch.tensor([[1., 3., 2., 0.]]))
    tensor([[2., 1.]])
    """

    def forward(self, input: Any) -> Any:
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """The same for images: `AdaptiveAvgPool2d(1)` is the mean of each channel.

    None in `output_size` keeps the size of that axis.

    >>> import chainrule as torch
    >>> torch.nn.AdaptiveAvgPool2d(1)(torch.arange(4.).reshape(1, 2, 2))
    tensor([[[1.5000]]])
    """

    def forward(self, input: Any) -> Any:
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """The same for volumes.

    >>> import chainrule as torch
    >>> torch.nn.AdaptiveAvgPool3d((1, None, 2))(torch.ones(1, 1, 2, 3, 4)).shape
    torch.Size([1, 1, 1, 3, 2])
    """

    def forward(self, input: Any) -> Any:
        return F.adaptive_avg_pool3d(input, self.output_size)


class _AdaptiveMaxPoolNd(Module):
    """What the adaptive maxima share."""

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """Maxima over parts of equal size (to one element), as many as the output has places.

    >>> import chainrule as torch
    >>> torch.nn.AdaptiveMaxPool1d(2)(torch.tensor([[1., 3., 2., 0.]]))
    tensor([[3., 2.]])
    """

    def forward(self, input: Any) -> Any:
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """The same for images.

    >>> import chainrule as torch
    >>> torch.nn.AdaptiveMaxPool2d(1)(torch.arange(4.).reshape(1, 2, 2))
    tensor([[[3.]]])
    """

    def forward(self, input: Any) -> Any:
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """The same for volumes.

    >>> import chainrule as torch
    >>> torch.nn.AdaptiveMaxPool3d(1)(torch.ones(1, 2, 2, 2)).shape
    torch.Size([1, 1, 1, 1])
    """

    def forward(self, input: Any) -> Any:
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class _FractionalMaxPoolNd(Module):
    """What the maxima over randomly placed windows share."""

    _ndim = 0

    def __init__(
        self, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
        return_indices: bool = False, _random_samples: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        sizes = _ntuple(self._ndim)
        self.kernel_size, self.return_indices = sizes(kernel_size), return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else sizes(output_size)
        self.output_ratio = None if output_ratio is None else sizes(output_ratio)
        if output_size is None and output_ratio is None:
            raise ArgumentError(
                f"{type(self).__name__} requires specifying either an output size, or a pooling "
                "ratio"
            )
        if output_size is not None and output_ratio is not None:
            raise ArgumentError("only one of output_size and output_ratio may be specified")
        if self.output_ratio is not None and not all(0 < r < 1 for r in self.output_ratio):
            raise ArgumentError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def _pool(self, function: Any, input: Any) -> Any:
        return function(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices,
            _random_samples=self._random_samples,
        )  # fmt: skip


class FractionalMaxPool2d(_FractionalMaxPoolNd):
    """Maxima over windows that start at random, so that the size shrinks by any ratio.

    Args:
        output_size, output_ratio: the size of the output, or its share of the input's; one of both.

    Source: Graham 2014, arXiv:1412.6071.

    >>> import chainrule as torch
    >>> torch.nn.FractionalMaxPool2d(2, output_ratio=0.7)(torch.ones(1, 1, 10, 10)).shape
    torch.Size([1, 1, 7, 7])
    """

    _ndim = 2

    def forward(self, input: Any) -> Any:
        return self._pool(F.fractional_max_pool2d, input)


class FractionalMaxPool3d(_FractionalMaxPoolNd):
    """The same for volumes.

    >>> import chainrule as torch
    >>> torch.nn.FractionalMaxPool3d(2, output_size=3)(torch.ones(1, 1, 5, 5, 5)).shape
    torch.Size([1, 1, 3, 3, 3])
    """

    _ndim = 3

    def forward(self, input: Any) -> Any:
        return self._pool(F.fractional_max_pool3d, input)
