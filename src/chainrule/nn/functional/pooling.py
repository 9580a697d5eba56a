"""Pooling, and its inverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.autograd.record import apply
from chainrule.backend.numpy_pool import adaptive_bounds, flat_indices
from chainrule.errors import ArgumentError, OutOfRangeError, ShapeError
from chainrule.nn.functional.arguments import floating, several
from chainrule.ops import pooling as ops
from chainrule.ops.activation import Relu
from chainrule.tensor import Tensor, from_array


def _check(x: Tensor, rank: int, what: str) -> None:
    if x._array.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            f"{what}(): Expected {rank + 1}D or {rank + 2}D (batch mode) tensor, but got "
            f"input of size: {list(x._array.shape)}",
            [("input", x)],
        )
    if 0 in x._array.shape[-rank - 1 :]:
        raise ShapeError(
            f"{what}(): Expected {rank + 1}D or {rank + 2}D (batch mode) tensor with optional 0 "
            f"dim batch size for input, but got: {list(x._array.shape)}",
            [("input", x)],
        )


def _window(kernel_size: Any, stride: Any, padding: Any, rank: int) -> dict[str, Any]:
    kernel = several(kernel_size, rank, "kernel_size")
    unset = stride is None or (isinstance(stride, (tuple, list)) and not stride)
    step = kernel if unset else several(stride, rank, "stride")
    around = several(padding, rank, "padding")
    if min(kernel) < 1:
        raise ArgumentError("kernel size should be greater than zero", [("kernel_size", kernel)])
    if min(step) < 1:
        raise ArgumentError("stride should not be zero", [("stride", step)])
    if min(around) < 0:
        raise ArgumentError("pad must be non-negative", [("padding", around)])
    for p, k in zip(around, kernel, strict=True):
        if 2 * p > k:
            raise ArgumentError(
                f"pad should be at most half of effective kernel size, but got pad={p}, "
                f"kernel_size={k}",
                fix="A window must not lie in the padding alone.",
            )
    return {"kernel": kernel, "stride": step, "padding": around}


def _max_pool(
    rank: int, x: Tensor, kernel_size: Any, stride: Any, padding: Any, dilation: Any,
    ceil_mode: bool, return_indices: bool,
) -> Any:  # fmt: skip
    _check(x, rank, f"max_pool{rank}d")
    gaps = several(dilation, rank, "dilation")
    if min(gaps) < 1:
        raise ArgumentError("dilation should be greater than zero", [("dilation", gaps)])
    spread = tuple(d * (k - 1) + 1 for k, d in zip(several(kernel_size, rank, "kernel_size"), gaps,
                                                   strict=True))  # fmt: skip
    _window(spread, stride, padding, rank)
    how = _window(kernel_size, stride, 0, rank)
    how["padding"], how["dilation"] = several(padding, rank, "padding"), gaps
    out = apply(ops.MaxPool, x, ceil=bool(ceil_mode), **how)
    if not return_indices:
        return out
    codes = apply(ops.MaxPoolCodes, x, ceil=bool(ceil_mode), **how)
    where = (how[n] for n in ("kernel", "stride", "padding", "dilation"))
    return out, from_array(flat_indices(codes._array, x._array.shape[-rank:], *where))


def max_pool1d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window over the last axis.

    Shapes: (N, C, L) or (C, L).

    >>> import chainrule as torch
    >>> torch.nn.functional.max_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[3., 2.]])
    """
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window over the last two axes.

    Args:
        stride: the kernel size if None.
        ceil_mode: let a last window reach past the end.
        return_indices: also return where in its image each maximum stands, for `max_unpool2d`.

    Shapes: (N, C, H, W) or (C, H, W).
    Gradient: g at the first largest element of its window, else 0.

    >>> import chainrule as torch
    >>> torch.nn.functional.max_pool2d(torch.arange(4.).reshape(1, 2, 2), 2)
    tensor([[[3.]]])
    """
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window over the last three axes.

    >>> import chainrule as torch
    >>> torch.nn.functional.max_pool3d(torch.arange(8.).reshape(1, 2, 2, 2), 2)
    tensor([[[[7.]]]])
    """
    return _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool1d_with_indices(input: Tensor, *args: Any, **kwargs: Any) -> Any:
    """`max_pool1d` with the indices of the maxima.

    >>> import chainrule as torch
    >>> torch.nn.functional.max_pool1d_with_indices(torch.tensor([[1., 3.]]), 2)
    (tensor([[3.]]), tensor([[1]]))
    """
    return max_pool1d(input, *args, **{**kwargs, "return_indices": True})


def max_pool2d_with_indices(input: Tensor, *args: Any, **kwargs: Any) -> Any:
    """`max_pool2d` with the indices of the maxima.

    >>> import chainrule as torch
    >>> torch.nn.functional.max_pool2d_with_indices(torch.arange(4.).reshape(1, 2, 2), 2)
    (tensor([[[3.]]]), tensor([[[3]]]))
    """
    return max_pool2d(input, *args, **{**kwargs, "return_indices": True})


def max_pool3d_with_indices(input: Tensor, *args: Any, **kwargs: Any) -> Any:
    """`max_pool3d` with the indices of the maxima.

    >>> import chainrule as torch
    >>> x = torch.arange(8.).reshape(1, 2, 2, 2)
    >>> torch.nn.functional.max_pool3d_with_indices(x, 2)[1]
    tensor([[[[7]]]])
    """
    return max_pool3d(input, *args, **{**kwargs, "return_indices": True})


def _avg_pool(
    rank: int, x: Tensor, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool,
    count_include_pad: bool, divisor_override: Any,
) -> Tensor:  # fmt: skip
    _check(x, rank, f"avg_pool{rank}d")
    if divisor_override == 0:
        raise ArgumentError("divisor must be not zero", [("divisor_override", 0)])
    how = _window(kernel_size, stride, padding, rank)
    return apply(ops.AvgPool, x, ceil=bool(ceil_mode), include=bool(count_include_pad),
                 divisor=divisor_override, **how)  # fmt: skip


def avg_pool1d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0,
    ceil_mode: bool = False, count_include_pad: bool = True,
) -> Tensor:  # fmt: skip
    """The average of each window over the last axis.

    >>> import chainrule as torch
    >>> torch.nn.functional.avg_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[2., 1.]])
    """
    return _avg_pool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: Any = None,
) -> Tensor:  # fmt: skip
    """The average of each window over the last two axes.

    Args:
        count_include_pad: whether zeros of the padding count as elements.
        divisor_override: divide by this instead of the number of elements.

    Shapes: (N, C, H, W) or (C, H, W).
    Gradient: g spread evenly over its window.

    >>> import chainrule as torch
    >>> torch.nn.functional.avg_pool2d(torch.arange(4.).reshape(1, 2, 2), 2)
    tensor([[[1.5000]]])
    """
    return _avg_pool(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad,
                     divisor_override)  # fmt: skip


def avg_pool3d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: Any = None,
) -> Tensor:  # fmt: skip
    """The average of each window over the last three axes.

    >>> import chainrule as torch
    >>> torch.nn.functional.avg_pool3d(torch.arange(8.).reshape(1, 2, 2, 2), 2)
    tensor([[[[3.5000]]]])
    """
    return _avg_pool(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad,
                     divisor_override)  # fmt: skip


def _sizes(output_size: Any, x: Tensor, rank: int) -> tuple[int, ...]:
    """The wanted output size; None keeps an axis as it is."""
    if not isinstance(output_size, (tuple, list)):
        output_size = (output_size,) * rank
    if len(output_size) != rank:
        raise ArgumentError(f"output_size must have {rank} elements", [("size", output_size)])
    given = x._array.shape[-rank:]
    return tuple(n if s is None else int(s) for s, n in zip(output_size, given, strict=True))


def _adaptive_avg(rank: int, x: Tensor, output_size: Any) -> Tensor:
    _check(x, rank, f"adaptive_avg_pool{rank}d")
    floating(x, f"adaptive_avg_pool{rank}d")
    out = _sizes(output_size, x, rank)
    size = x._array.shape[-rank:]
    if all(o and n % o == 0 for n, o in zip(size, out, strict=True)):
        kernel = tuple(n // o for n, o in zip(size, out, strict=True))
        return apply(ops.AvgPool, x, kernel=kernel, stride=kernel, padding=(0,) * rank,
                     ceil=False, include=True, divisor=None)  # fmt: skip
    return apply(ops.AdaptiveAvgPool, x, out=out)


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """The averages of `output_size` windows that together cover the last axis.

    >>> import chainrule as torch
    >>> torch.nn.functional.adaptive_avg_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[2., 1.]])
    """
    return _adaptive_avg(1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The averages of windows that together cover the last two axes; None keeps an axis.

    >>> import chainrule as torch
    >>> torch.nn.functional.adaptive_avg_pool2d(torch.arange(4.).reshape(1, 2, 2), (1, None))
    tensor([[[1., 2.]]])
    """
    return _adaptive_avg(2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """The averages of windows that together cover the last three axes.

    >>> import chainrule as torch
    >>> torch.nn.functional.adaptive_avg_pool3d(torch.arange(8.).reshape(1, 2, 2, 2), 1)
    tensor([[[[3.5000]]]])
    """
    return _adaptive_avg(3, input, output_size)


def _adaptive_max(rank: int, x: Tensor, output_size: Any, return_indices: bool) -> Any:
    _check(x, rank, f"adaptive_max_pool{rank}d")
    out = _sizes(output_size, x, rank)
    size = x._array.shape[-rank:]
    bounds = [adaptive_bounds(n, o) for n, o in zip(size, out, strict=True)]
    index = apply(
        ops.BestIn, x, starts=tuple(b[0] for b in bounds), stops=tuple(b[1] for b in bounds)
    )
    values = apply(ops.PlaneGather, x, index, rank=rank)
    return (values, index) if return_indices else values


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima of `output_size` windows that together cover the last axis.

    >>> import chainrule as torch
    >>> torch.nn.functional.adaptive_max_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[3., 2.]])
    """
    return _adaptive_max(1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima of windows that together cover the last two axes.

    >>> import chainrule as torch
    >>> torch.nn.functional.adaptive_max_pool2d(torch.arange(4.).reshape(1, 2, 2), 1)
    tensor([[[3.]]])
    """
    return _adaptive_max(2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima of windows that together cover the last three axes.

    >>> import chainrule as torch
    >>> torch.nn.functional.adaptive_max_pool3d(torch.arange(8.).reshape(1, 2, 2, 2), 1)
    tensor([[[[7.]]]])
    """
    return _adaptive_max(3, input, output_size, return_indices)


def _lp_pool(rank: int, x: Tensor, p: float, kernel_size: Any, stride: Any, ceil: bool) -> Tensor:
    kernel = several(kernel_size, rank, "kernel_size")
    mean = _avg_pool(rank, x.pow(p), kernel, stride, 0, ceil, True, None)
    count = int(np.prod(kernel))
    return (mean.sign() * apply(Relu, mean.abs()) * count).pow(1 / p)


def lp_pool1d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None,
              ceil_mode: bool = False) -> Tensor:  # fmt: skip
    """The p-norm of each window over the last axis, p = `norm_type`.

    >>> import chainrule as torch
    >>> torch.nn.functional.lp_pool1d(torch.tensor([[3., 4.]]), 2, 2)
    tensor([[5.]])
    """
    return _lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None,
              ceil_mode: bool = False) -> Tensor:  # fmt: skip
    """The p-norm of each window over the last two axes.

    >>> import chainrule as torch
    >>> torch.nn.functional.lp_pool2d(torch.tensor([[[3., 4.]]]), 2, (1, 2))
    tensor([[[5.]]])
    """
    return _lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None,
              ceil_mode: bool = False) -> Tensor:  # fmt: skip
    """The p-norm of each window over the last three axes.

    >>> import chainrule as torch
    >>> torch.nn.functional.lp_pool3d(torch.ones(1, 1, 2, 2), 2, (1, 2, 2))
    tensor([[[[2.]]]])
    """
    return _lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)


def _max_unpool(
    rank: int, x: Tensor, indices: Tensor, kernel_size: Any, stride: Any, padding: Any,
    output_size: Any,
) -> Tensor:  # fmt: skip
    kernel = several(kernel_size, rank, "kernel_size")
    step = kernel if stride is None or stride == [] else several(stride, rank, "stride")
    around = several(padding, rank, "padding")
    if x._array.shape != indices._array.shape:
        raise ShapeError("Expected shape of indices to be same as that of the input tensor",
                         [("input", x), ("indices", indices)])  # fmt: skip
    natural = tuple(
        (n - 1) * s - 2 * p + k
        for n, s, p, k in zip(x._array.shape[-rank:], step, around, kernel, strict=True)
    )
    size = natural
    if output_size is not None:
        size = tuple(int(n) for n in tuple(output_size)[-rank:])
        for n, wanted, s in zip(natural, size, step, strict=True):
            if not n - s < wanted < n + s:
                raise ArgumentError(
                    f"invalid output_size {tuple(output_size)}: each size must lie between "
                    f"{tuple(n - s for n, s in zip(natural, step, strict=True))} and "
                    f"{tuple(n + s for n, s in zip(natural, step, strict=True))}"
                )
    places, total = indices._array, int(np.prod(size))
    if places.size and not (places.view(np.uint64) < total).all():
        raise OutOfRangeError(
            f"Found an invalid max index: {int(places.max())} (output volumes are of size {size})"
        )
    return apply(ops.PlaneAssign, x, indices, size=size)


def max_unpool1d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None,
                 padding: Any = 0, output_size: Any = None) -> Tensor:  # fmt: skip
    """Put maxima back where `max_pool1d` found them; zeros elsewhere.

    >>> import chainrule as torch
    >>> y, i = torch.nn.functional.max_pool1d(torch.tensor([[1., 3.]]), 2, return_indices=True)
    >>> torch.nn.functional.max_unpool1d(y, i, 2)
    tensor([[0., 3.]])
    """
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None,
                 padding: Any = 0, output_size: Any = None) -> Tensor:  # fmt: skip
    """Put maxima back where `max_pool2d` found them; zeros elsewhere.

    >>> import chainrule as torch
    >>> x = torch.arange(4.).reshape(1, 2, 2)
    >>> y, i = torch.nn.functional.max_pool2d(x, 2, return_indices=True)
    >>> torch.nn.functional.max_unpool2d(y, i, 2)
    tensor([[[0., 0.],
             [0., 3.]]])
    """
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None,
                 padding: Any = 0, output_size: Any = None) -> Tensor:  # fmt: skip
    """Put maxima back where `max_pool3d` found them; zeros elsewhere.

    >>> import chainrule as torch
    >>> x = torch.arange(2.).reshape(1, 1, 1, 2)
    >>> y, i = torch.nn.functional.max_pool3d(x, (1, 1, 2), return_indices=True)
    >>> torch.nn.functional.max_unpool3d(y, i, (1, 1, 2))
    tensor([[[[0., 1.]]]])
    """
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)


def _fractional(
    rank: int, x: Tensor, kernel_size: Any, output_size: Any, output_ratio: Any,
    return_indices: bool, samples: Tensor | None,
) -> Any:  # fmt: skip
    _check(x, rank, f"fractional_max_pool{rank}d")
    kernel = several(kernel_size, rank, "kernel_size")
    size = x._array.shape[-rank:]
    if (output_size is None) == (output_ratio is None):
        raise ArgumentError("fractional_max_pool requires specifying either an output_size or an "
                            "output_ratio")  # fmt: skip
    if output_size is not None:
        out = several(output_size, rank, "output_size")
    else:
        ratio = output_ratio if isinstance(output_ratio, (tuple, list)) else (output_ratio,) * rank
        out = tuple(int(n * r) for n, r in zip(size, ratio, strict=True))
    for n, k, o in zip(size, kernel, out, strict=True):
        if o + k - 1 > n:
            raise ShapeError(f"fractional_max_pool{rank}d(): pool size {k} too large relative to "
                             f"input size {n} for output size {o}", [("input", x)])  # fmt: skip
    batched = x._array.ndim == rank + 2
    if not batched:
        x = x.unsqueeze(0)
    if samples is None:
        samples = from_array(np.empty((*x._array.shape[:2], rank), x._array.dtype)).uniform_()
    index = apply(ops.FractionalBest, x, samples, kernel=kernel, out=out)
    values = apply(ops.PlaneGather, x, index, rank=rank)
    if not batched:
        values, index = values.squeeze(0), index.squeeze(0)
    return (values, index) if return_indices else values


def fractional_max_pool2d(
    input: Tensor, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
    return_indices: bool = False, _random_samples: Any = None,
) -> Any:  # fmt: skip
    """Max pooling over windows that start at random and shrink by any ratio (Graham 2014).

    >>> import chainrule as torch
    >>> x = torch.arange(9.).reshape(1, 1, 3, 3)
    >>> torch.nn.functional.fractional_max_pool2d(x, 2, output_size=1)
    tensor([[[[8.]]]])
    """
    return _fractional(2, input, kernel_size, output_size, output_ratio, return_indices,
                       _random_samples)  # fmt: skip


def fractional_max_pool3d(
    input: Tensor, kernel_size: Any, output_size: Any = None, output_ratio: Any = None,
    return_indices: bool = False, _random_samples: Any = None,
) -> Any:  # fmt: skip
    """Max pooling of volumes over windows that start at random.

    >>> import chainrule as torch
    >>> x = torch.arange(8.).reshape(1, 1, 2, 2, 2)
    >>> torch.nn.functional.fractional_max_pool3d(x, 1, output_size=1)
    tensor([[[[[7.]]]]])
    """
    return _fractional(3, input, kernel_size, output_size, output_ratio, return_indices,
                       _random_samples)  # fmt: skip


def adaptive_max_pool1d_with_indices(input: Tensor, *args: Any, **kwargs: Any) -> Any:
    """`adaptive_max_pool1d` with the indices of the maxima.

    >>> import chainrule as torch
    >>> torch.nn.functional.adaptive_max_pool1d_with_indices(torch.tensor([[1., 3.]]), 1)
    (tensor([[3.]]), tensor([[1]]))
    """
    return adaptive_max_pool1d(input, *args, **{**kwargs, "return_indices": True})


def adaptive_max_pool2d_with_indices(input: Tensor, *args: Any, **kwargs: Any) -> Any:
    """`adaptive_max_pool2d` with the indices of the maxima.

    >>> import chainrule as torch
    >>> torch.nn.functional.adaptive_max_pool2d_with_indices(torch.ones(1, 1, 1), 1)
    (tensor([[[1.]]]), tensor([[[0]]]))
    """
    return adaptive_max_pool2d(input, *args, **{**kwargs, "return_indices": True})


def adaptive_max_pool3d_with_indices(input: Tensor, *args: Any, **kwargs: Any) -> Any:
    """`adaptive_max_pool3d` with the indices of the maxima.

    >>> import chainrule as torch
    >>> torch.nn.functional.adaptive_max_pool3d_with_indices(torch.ones(1, 1, 1, 1), 1)[1]
    tensor([[[[0]]]])
    """
    return adaptive_max_pool3d(input, *args, **{**kwargs, "return_indices": True})


def fractional_max_pool2d_with_indices(input: Tensor, *args: Any, **kwargs: Any) -> Any:
    """`fractional_max_pool2d` with the indices of the maxima.

    >>> import chainrule as torch
    >>> torch.nn.functional.fractional_max_pool2d_with_indices(torch.ones(1, 1, 1), 1, 1)
    (tensor([[[1.]]]), tensor([[[0]]]))
    """
    return fractional_max_pool2d(input, *args, **{**kwargs, "return_indices": True})


def fractional_max_pool3d_with_indices(input: Tensor, *args: Any, **kwargs: Any) -> Any:
    """`fractional_max_pool3d` with the indices of the maxima.

    >>> import chainrule as torch
    >>> torch.nn.functional.fractional_max_pool3d_with_indices(torch.ones(1, 1, 1, 1), 1, 1)[1]
    tensor([[[[0]]]])
    """
    return fractional_max_pool3d(input, *args, **{**kwargs, "return_indices": True})
