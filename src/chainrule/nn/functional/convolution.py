"""Linear maps: dense, bilinear and convolutional."""

from __future__ import annotations

from typing import Any

from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.nn.functional.arguments import several
from chainrule.ops import convolution as ops
from chainrule.tensor import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`input @ weight.T + bias` in one step.

    Shapes: input (..., in), weight (out, in) or (in,), bias (out,); the result is (..., out).
    Gradient: g @ weight for input, g.T @ input for weight, g summed over rows for bias.
    Errors: the last axis of input must equal in_features.

    >>> import chainrule as torch
    >>> torch.nn.functional.linear(torch.tensor([[1., 2.]]), torch.tensor([[3., 4.], [0., 1.]]))
    tensor([[11.,  2.]])
    """
    if weight._array.ndim == 1:
        wide = apply(ops.LinearLayer, input, weight.reshape((1, -1)))
        out = wide.reshape(tuple(wide._array.shape[:-1]))
        return out if bias is None else out + bias
    if bias is None:
        return apply(ops.LinearLayer, input, weight)
    if bias._array.ndim != 1:
        return apply(ops.LinearLayer, input, weight) + bias
    return apply(ops.LinearLayer, input, weight, bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`input1 @ weight[k] @ input2` for each k, plus bias.

    Shapes: input1 (..., in1), input2 (..., in2), weight (out, in1, in2); the result is (..., out).

    >>> import chainrule as torch
    >>> x, w = torch.tensor([[1., 2.]]), torch.ones(1, 2, 2)
    >>> torch.nn.functional.bilinear(x, x, w)
    tensor([[9.]])
    """
    lead, (features, in1, in2) = input1._array.shape[:-1], weight._array.shape
    if input1._array.shape[-1] != in1 or input2._array.shape[-1] != in2:
        raise ShapeError(
            "bilinear(): the last axes of input1 and input2 must be those of weight",
            [("input1", input1), ("input2", input2), ("weight", weight)],
        )
    if input2._array.shape[:-1] != lead:
        raise ShapeError("bilinear(): input batch dimensions do not match",
                         [("input1", input1), ("input2", input2)])  # fmt: skip
    rows = 1
    for n in lead:
        rows *= n
    left = input1.reshape((rows, in1)) @ weight.permute(1, 0, 2).reshape((in1, features * in2))
    right = input2.reshape((rows, in2, 1))
    out = (left.reshape((rows, features, in2)) @ right).reshape((*lead, features))
    return out if bias is None else out + bias


def _conv(
    rank: int, x: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any,
    dilation: Any, groups: int,
) -> Tensor:  # fmt: skip
    check(rank, f"conv{rank}d", x, weight, bias)
    batched = x._array.ndim == rank + 2
    if not batched:
        x = x.unsqueeze(0)
    step, gaps = several(stride, rank, "stride"), several(dilation, rank, "dilation")
    positive(step, "stride"), positive(gaps, "dilation")
    if groups < 1:
        raise ArgumentError("groups must be a positive integer", [("groups", groups)])
    kernel = weight._array.shape[2:]
    if isinstance(padding, str):
        pads = same_padding(padding, step, kernel, gaps)
    else:
        around = several(padding, rank, "padding")
        if min(around, default=0) < 0:
            raise ArgumentError("negative padding is not supported", [("padding", around)])
        pads = tuple((p, p) for p in around)
    operands = (x, weight) if bias is None else (x, weight, bias)
    out = apply(ops.Conv, *operands, stride=step, padding=pads, dilation=gaps, groups=groups)
    return out if batched else out.squeeze(0)


def check(rank: int, what: str, x: Tensor, weight: Tensor, bias: Any) -> None:
    """Raise for the wrong number of axes, or dtypes that differ."""
    if weight._array.ndim != rank + 2:
        raise ShapeError(f"{what}: weight must have {rank + 2} dimensions",
                         [("weight", weight)])  # fmt: skip
    if x._array.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            f"Expected {rank + 1}D (unbatched) or {rank + 2}D (batched) input to {what}, but got "
            f"input of size: {list(x._array.shape)}",
            [("input", x), ("weight", weight)],
            fix=f"The axes are (N, C, {', '.join('DHW'[3 - rank :])}).",
        )
    for name, other in (("weight", weight), ("bias", bias)):
        if other is not None and other._array.dtype != x._array.dtype:
            raise DtypeError(
                f"Input type ({x._array.dtype}) and {name} type ({other._array.dtype}) should be "
                "the same",
                [("input", x), (name, other)],
                fix="Convert the input with .to(weight.dtype), or the module with .to(x.dtype).",
            )


def positive(values: tuple[int, ...], what: str) -> None:
    if min(values, default=1) < 1:
        raise ArgumentError(f"non-positive {what} is not supported", [(what, values)])


def same_padding(name: str, stride: Any, kernel: Any, dilation: Any) -> Any:
    """The pairs that 'same' and 'valid' stand for."""
    if name == "valid":
        return ((0, 0),) * len(kernel)
    if name != "same":
        raise ArgumentError(f"Invalid padding string '{name}', should be one of 'valid', 'same'")
    if any(s != 1 for s in stride):
        raise ArgumentError("padding='same' is not supported for strided convolutions")
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((t // 2, t - t // 2) for t in totals)


def conv1d(
    input: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """Cross-correlation of sequences with a bank of filters.

    Shapes: input (N, C, L) or (C, L), weight (F, C / groups, K), bias (F,); the result is
    (N, F, 1 + (L + 2 padding - dilation (K - 1) - 1) // stride).

    >>> import chainrule as torch
    >>> x = torch.tensor([[[1., 2., 4.]]])
    >>> torch.nn.functional.conv1d(x, torch.tensor([[[1., -1.]]]))
    tensor([[[-1., -2.]]])
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """Cross-correlation of images with a bank of filters.

    Args:
        padding: ints, 'valid' for none, or 'same' for an output of the input's size.
        groups: channels are split into so many groups that do not see each other.

    Shapes: input (N, C, H, W) or (C, H, W), weight (F, C / groups, KH, KW), bias (F,); the result
    is (N, F, H', W') with H' = 1 + (H + 2 padding - dilation (KH - 1) - 1) // stride.
    Gradient: for input the transposed convolution of g with weight; for weight the correlation
    of input with g; for bias g summed over images and places.

    >>> import chainrule as torch
    >>> x = torch.ones(1, 1, 3, 3)
    >>> torch.nn.functional.conv2d(x, torch.ones(1, 1, 2, 2))
    tensor([[[[4., 4.],
              [4., 4.]]]])
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """Cross-correlation of volumes (N, C, D, H, W) with a bank of filters (F, C / groups, ...).

    >>> import chainrule as torch
    >>> torch.nn.functional.conv3d(torch.ones(1, 1, 2, 2, 2), torch.ones(1, 1, 2, 2, 2))
    tensor([[[[[8.]]]]])
    """
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


def _conv_transpose(
    rank: int, x: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any,
    output_padding: Any, groups: int, dilation: Any,
) -> Tensor:  # fmt: skip
    check(rank, f"conv_transpose{rank}d", x, weight, bias)
    batched = x._array.ndim == rank + 2
    if not batched:
        x = x.unsqueeze(0)
    step, gaps = several(stride, rank, "stride"), several(dilation, rank, "dilation")
    around, extra = several(padding, rank, "padding"), several(output_padding, rank,
                                                               "output_padding")  # fmt: skip
    positive(step, "stride"), positive(gaps, "dilation")
    if min(around) < 0:
        raise ArgumentError("negative padding is not supported", [("padding", around)])
    for e, s, d in zip(extra, step, gaps, strict=True):
        if e >= max(s, d):
            raise ArgumentError(
                "output padding must be smaller than either stride or dilation, but got "
                f"output_padding: {extra} dilation: {gaps} stride: {step}"
            )
    kernel, rooms = weight._array.shape[2:], x._array.shape[2:]
    size = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1
        for n, s, p, d, k, e in zip(rooms, step, around, gaps, kernel, extra, strict=True)
    )
    if min(size) < 1:
        raise ShapeError(
            f"Given input size per channel: {list(rooms)}. Calculated output size per channel: "
            f"{list(size)}. Output size is too small", [("input", x)],
        )  # fmt: skip
    pads = tuple((p, p) for p in around)
    operands = (x, weight) if bias is None else (x, weight, bias)
    out = apply(ops.ConvInputGrad, *operands, size=size, stride=step, padding=pads,
                dilation=gaps, groups=groups)  # fmt: skip
    return out if batched else out.squeeze(0)


def conv_transpose1d(
    input: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0,
    output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
) -> Tensor:  # fmt: skip
    """The transpose of `conv1d`: each element spreads a filter into the output.

    Shapes: input (N, C, L), weight (C, F / groups, K); the result is
    (N, F, (L - 1) stride - 2 padding + dilation (K - 1) + output_padding + 1).

    >>> import chainrule as torch
    >>> torch.nn.functional.conv_transpose1d(torch.ones(1, 1, 2), torch.ones(1, 1, 2))
    tensor([[[1., 2., 1.]]])
    """
    return _conv_transpose(
        1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    input: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0,
    output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
) -> Tensor:  # fmt: skip
    """The transpose of `conv2d`, which enlarges images.

    Shapes: input (N, C, H, W), weight (C, F / groups, KH, KW).

    >>> import chainrule as torch
    >>> torch.nn.functional.conv_transpose2d(torch.ones(1, 1, 1, 1), torch.ones(1, 1, 2, 2))
    tensor([[[[1., 1.],
              [1., 1.]]]])
    """
    return _conv_transpose(
        2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(
    input: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0,
    output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
) -> Tensor:  # fmt: skip
    """The transpose of `conv3d`.

    >>> import chainrule as torch
    >>> w = torch.ones(1, 1, 1, 1, 2)
    >>> torch.nn.functional.conv_transpose3d(torch.ones(1, 1, 1, 1, 2), w)
    tensor([[[[[1., 2., 1.]]]]])
    """
    return _conv_transpose(
        3, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def unfold(
    input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """The windows of images as columns (im2col).

    Shapes: input (N, C, H, W) or (C, H, W); the result is (N, C * KH * KW, places).
    Gradient: `fold` of g.

    >>> import chainrule as torch
    >>> torch.nn.functional.unfold(torch.arange(4.).reshape(1, 1, 2, 2), (1, 2))
    tensor([[[0., 2.],
             [1., 3.]]])
    """
    if input._array.ndim not in (3, 4):
        raise ShapeError("Expected 3D or 4D (batch mode) tensor for unfold, got "
                         f"{list(input._array.shape)}", [("input", input)])  # fmt: skip
    batched = input._array.ndim == 4
    how = window_arguments(kernel_size, dilation, padding, stride)
    out = apply(ops.Im2Col, input if batched else input.unsqueeze(0), **how)
    return out if batched else out.squeeze(0)


def fold(
    input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
    stride: Any = 1,
) -> Tensor:  # fmt: skip
    """Columns added into images where their windows lie (col2im): the transpose of `unfold`.

    Shapes: input (N, C * KH * KW, places); the result is (N, C, *output_size).
    Gradient: `unfold` of g.

    >>> import chainrule as torch
    >>> columns = torch.ones(1, 2, 2)
    >>> torch.nn.functional.fold(columns, (1, 3), (1, 2))
    tensor([[[[1., 2., 1.]]]])
    """
    if input._array.ndim not in (2, 3):
        raise ShapeError("Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch "
                         f"size, got {list(input._array.shape)}", [("input", input)])  # fmt: skip
    batched = input._array.ndim == 3
    how = window_arguments(kernel_size, dilation, padding, stride)
    size = several(output_size, 2, "output_size")
    columns = input if batched else input.unsqueeze(0)
    where = ops.Col2Im.spec(columns._array, size=size, **how)  # type: ignore[arg-type]
    out = apply(ops.Col2Im, columns, size=where.shape[2:], **how)
    return out if batched else out.squeeze(0)


def window_arguments(kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    kernel, gaps = several(kernel_size, 2, "kernel_size"), several(dilation, 2, "dilation")
    step = several(stride, 2, "stride")
    positive(kernel, "kernel_size"), positive(gaps, "dilation"), positive(step, "stride")
    around = several(padding, 2, "padding")
    if min(around) < 0:
        raise ArgumentError("padding should be non-negative", [("padding", around)])
    pads = tuple((p, p) for p in around)
    return {"kernel": kernel, "stride": step, "padding": pads, "dilation": gaps}
