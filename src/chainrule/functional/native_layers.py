"""Layers under their names at the top of `torch`: less convenient than those of `nn.functional`."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.autograd.mode import no_grad
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS, public
from chainrule.functional.neural import later
from chainrule.tensor import Tensor, from_array

MODES = ("sum", "mean", "max")


def adaptive_max_pool1d(input: Tensor, output_size: Any) -> tuple[Tensor, Tensor]:
    """`nn.functional.adaptive_max_pool1d` with the indices of the maxima.

    >>> import chainrule as torch
    >>> torch.adaptive_max_pool1d(torch.tensor([[1., 4., 2., 3.]]), 2)
    (tensor([[4., 3.]]), tensor([[1, 3]]))
    """
    return later("adaptive_max_pool1d")(input, output_size, True)  # type: ignore[no-any-return]


def affine_grid_generator(theta: Tensor, size: Any, align_corners: bool) -> Tensor:
    """`nn.functional.affine_grid` under its lower name.

    >>> import chainrule as torch
    >>> torch.affine_grid_generator(torch.eye(2, 3)[None], [1, 1, 1, 2], True)
    tensor([[[[-1.,  0.],
              [ 1.,  0.]]]])
    """
    return later("affine_grid")(theta, size, align_corners)


def alpha_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """`alpha_dropout`, written into `input`.

    >>> import chainrule as torch
    >>> torch.alpha_dropout_(torch.ones(2), 0.5, train=False)
    tensor([1., 1.])
    """
    return later("alpha_dropout")(input, p, train, True)


def feature_alpha_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """`feature_alpha_dropout`, written into `input`.

    >>> import chainrule as torch
    >>> torch.feature_alpha_dropout_(torch.ones(1, 2), 0.5, train=False)
    tensor([[1., 1.]])
    """
    return later("feature_alpha_dropout")(input, p, train, True)


def feature_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Dropout of whole channels: `nn.functional.dropout1d` to `dropout3d` are made of it.

    >>> import chainrule as torch
    >>> torch.feature_dropout(torch.ones(1, 2, 1), 0.5, train=False).flatten()
    tensor([1., 1.])
    """
    return dropped(input, p, train, False)


def feature_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """`feature_dropout`, written into `input`.

    >>> import chainrule as torch
    >>> torch.feature_dropout_(torch.ones(1, 2, 1), 0.5, train=False).flatten()
    tensor([1., 1.])
    """
    return dropped(input, p, train, True)


def dropped(input: Tensor, p: float, train: bool, inplace: bool) -> Tensor:
    n = input._array.ndim
    if n < 2:
        raise ShapeError("Feature dropout requires at least 2 dimensions in the input",
                         [("input", input)])  # fmt: skip
    shape = input.shape
    out = later("dropout2d")(input.reshape(*shape[:2], -1, 1), p, train)
    out = out.reshape(shape)
    return input.copy_(out) if inplace else out


def native_dropout(input: Tensor, p: float, train: bool | None) -> tuple[Tensor, Tensor]:
    """Dropout with the mask of what it kept.

    >>> import chainrule as torch
    >>> torch.native_dropout(torch.ones(2), 0.5, False)
    (tensor([1., 1.]), tensor([True, True]))
    """
    keep = EXPORTS["ones_like"](input)
    if train is not False and p:
        keep = later("dropout")(keep, p, True)
        return input * keep, keep != 0
    return input.clone(), keep != 0


def native_channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """`nn.functional.channel_shuffle` under its lower name.

    >>> import chainrule as torch
    >>> torch.native_channel_shuffle(torch.arange(4.).view(1, 4, 1, 1), 2).flatten()
    tensor([0., 2., 1., 3.])
    """
    return later("channel_shuffle")(input, groups)


def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """A 1-d convolution of sequences with time first.

    Shapes: (time, batch, in) with (width, in, out) gives (time + 2 pad - width + 1, batch, out).
    Gradient: as `conv1d`.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2., 3.]).view(3, 1, 1)
    >>> torch.conv_tbc(x, torch.ones(2, 1, 1), torch.zeros(1)).flatten()
    tensor([3., 5.])
    """
    for name, value, n in (("Input", input, 3), ("Weight", weight, 3), ("Bias", bias, 1)):
        if value._array.ndim != n:
            raise ShapeError(f"{name} must have {n} dims: {CONV_TBC[n]}", [("input", input),
                             ("weight", weight), ("bias", bias)])  # fmt: skip
    out = later("conv1d")(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, 1, pad)
    return out.permute(2, 0, 1)


CONV_TBC = {3: "time, batch, channels; width, in, out", 1: "out"}


def convolution(
    input: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, dilation: Any,
    transposed: bool, output_padding: Any, groups: int,
) -> Tensor:  # fmt: skip
    """Every convolution: of 1 to 3 dimensions, plain or transposed.

    Shapes, Gradient: as `nn.functional.conv1d` to `conv_transpose3d`.

    >>> import chainrule as torch
    >>> x, w = torch.ones(1, 1, 3), torch.ones(1, 1, 2)
    >>> torch.convolution(x, w, None, [1], [0], [1], False, [0], 1)
    tensor([[[2., 2.]]])
    """
    n = weight._array.ndim - 2
    if n not in (1, 2, 3):
        raise ShapeError("expected a weight of 3 to 5 dimensions",
                         [("input", input), ("weight", weight)])  # fmt: skip
    if transposed:
        return later(f"conv_transpose{n}d")(
            input, weight, bias, stride, padding, output_padding, groups, dilation
        )
    return later(f"conv{n}d")(input, weight, bias, stride, padding, dilation, groups)


def embedding_bag(
    weight: Tensor, indices: Tensor, offsets: Tensor, scale_grad_by_freq: bool = False,
    mode: int = 0, sparse: bool = False, per_sample_weights: Any = None,
    include_last_offset: bool = False, padding_idx: Any = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    """`nn.functional.embedding_bag` with the table first and the mode as a number.

    The result is a tuple: the bags; the bag of every index, the sizes of the bags and the indices
    of the maxima, which only the modes mean (1) and max (2) fill.

    >>> import chainrule as torch
    >>> w = torch.tensor([[1.], [2.], [4.]])
    >>> torch.embedding_bag(w, torch.tensor([0, 2, 1]), torch.tensor([0, 2]))[0]
    tensor([[5.],
            [2.]])
    """
    if mode not in (0, 1, 2):
        raise ArgumentError(f"embedding_bag: mode {mode} is none of 0, 1, 2",
                            fix="0 is sum, 1 mean, 2 max.")  # fmt: skip
    out = later("embedding_bag")(
        indices, weight, offsets, None, 2.0, scale_grad_by_freq, MODES[mode], sparse,
        per_sample_weights, include_last_offset, padding_idx,
    )  # fmt: skip
    starts = offsets._array[:-1] if include_last_offset else offsets._array
    ids = indices._array
    kind = ids.dtype
    bags = len(starts)
    if mode == 0:
        empty = np.zeros(bags, kind)
        return out, from_array(np.zeros(0, kind)), from_array(empty), from_array(empty.copy())
    ends = np.append(starts[1:], len(ids))
    bag_of = np.repeat(np.arange(bags, dtype=kind), ends - starts)
    sizes = (ends - starts).astype(kind)
    best = sizes.copy()
    if mode == 2:
        best = np.zeros((bags, weight._array.shape[1]), kind)
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            if end > start:
                best[i] = ids[start:end][weight._array[ids[start:end]].argmax(0)]
    return out, from_array(bag_of), from_array(sizes), from_array(best)


def embedding_renorm_(input: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> Tensor:
    """Scale the rows of a table that `indices` name to a norm of at most `max_norm`, in place.

    >>> import chainrule as torch
    >>> torch.embedding_renorm_(torch.tensor([[3., 4.], [6., 8.]]), torch.tensor([1]), 5., 2.)
    tensor([[3., 4.],
            [3., 4.]])
    """
    with no_grad():
        rows = from_array(np.unique(indices._array))
        norms = EXPORTS["norm"](input[rows], norm_type, 1, True)
        scale = EXPORTS["where"](norms > max_norm, max_norm / (norms + 1e-7), 1.0)
        input[rows] = input[rows] * scale.to(input.dtype)
    return input


@public(method=False, out=False)
def norm_except_dim(v: Tensor, pow: int = 2, dim: int = 0) -> Tensor:
    """The norm of a tensor over all dimensions but one, as weight normalisation uses it.

    Shapes: every dimension but `dim` becomes 1; dim -1 gives the norm of everything.
    Gradient: as `norm`.

    >>> import chainrule as torch
    >>> torch.norm_except_dim(torch.tensor([[3., 4.], [6., 8.]]), 2, 0)
    tensor([[ 5.],
            [10.]])
    """
    if dim == -1:
        return EXPORTS["norm"](v, pow)  # type: ignore[no-any-return]
    n = v._array.ndim
    if not -n <= dim < n:
        raise ShapeError(f"Dimension out of range: dim {dim} of {n} dimensions", [("v", v)],
                         fix="Give one from 0, or -1 for the norm of everything.")  # fmt: skip
    dim %= n
    others = [d for d in range(n) if d != dim]
    flat = v.transpose(0, dim).reshape(v.shape[dim], -1)
    found = EXPORTS["norm"](flat, pow, 1)
    shape = [1 if d in others else v.shape[d] for d in range(n)]
    return found.reshape(shape)  # type: ignore[no-any-return]


@public(method=False)
def frobenius_norm(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """The root of the sum of squares over one or two dimensions.

    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: as `linalg.vector_norm`.

    >>> import chainrule as torch
    >>> torch.frobenius_norm(torch.tensor([[3., 4.], [6., 8.]]), 1)
    tensor([ 5., 10.])
    """
    if not isinstance(dim, int) and len(dim) > 2:
        raise ShapeError(
            f"Expected at most 2 dimensions, but got {len(dim)} dimensions instead.",
            [("input", input)], fix="Use torch.linalg.vector_norm.",
        )  # fmt: skip
    return later("vector_norm", "chainrule.linalg")(input, 2, dim, keepdim)


@public(method=False)
def nuclear_norm(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The sum of a matrix's singular values.

    Shapes: (..., m, n) gives (...); `dim` says which two dimensions are the matrix.
    Gradient: as `linalg.matrix_norm`.

    >>> import chainrule as torch
    >>> torch.nuclear_norm(torch.tensor([[3., 0.], [0., -4.]]))
    tensor(7.)
    """
    if dim is None:
        dim = (-2, -1)
    if len(dim) != 2:
        raise ShapeError(f"nuclear norm requires a 'dim' argument of size 2, got {dim}",
                         [("input", input)])  # fmt: skip
    return later("matrix_norm", "chainrule.linalg")(input, "nuc", tuple(dim), keepdim)


REDUCERS = {"sum": "sum", "mean": "mean", "max": "amax", "min": "amin", "prod": "prod"}
EMPTY = {"sum": 0.0, "mean": np.nan, "max": -np.inf, "min": np.inf, "prod": 1.0}


@public(method=False)
def segment_reduce(
    data: Tensor, reduce: str, *, lengths: Any = None, indices: Any = None, offsets: Any = None,
    axis: int = 0, unsafe: bool = False, initial: Any = None,
) -> Tensor:  # fmt: skip
    """Reduce consecutive pieces of an axis: sum, mean, max, min or prod.

    Shapes: `lengths` (batch..., pieces) or `offsets` (batch..., pieces + 1) say where the pieces
    of `data` (batch..., n, ...) lie along `axis`; its n becomes their number.
    Gradient: that of the reduction, piece by piece.

    >>> import chainrule as torch
    >>> torch.segment_reduce(torch.tensor([1., 2., 4.]), "sum", lengths=torch.tensor([1, 2]))
    tensor([1., 6.])
    """
    if reduce not in REDUCERS:
        raise ArgumentError("reduce argument must be either sum, prod, mean, amax or amin, got "
                            f"{reduce}", fix="Say sum, mean, max, min or prod.")  # fmt: skip
    if data._array.dtype.kind not in "fV":
        raise DtypeError("segment_reduce(): data must be of a floating dtype", [("data", data)])
    if lengths is None and offsets is None:
        raise ArgumentError("segment_reduce(): Either lengths or offsets must be defined.")
    if offsets is not None:
        ends = offsets._array
        starts, counts = ends[..., :-1], np.diff(ends, axis=-1)
    else:
        counts = lengths._array
        if not unsafe and np.any(counts.sum(-1) != data._array.shape[axis]):
            raise ShapeError(
                "segment_reduce(): Expected all rows of lengths along axis to sum to "
                "data.size(lengths.dim()-1) when !unsafe.", [("data", data), ("lengths", lengths)]
            )  # fmt: skip
        starts = counts.cumsum(-1) - counts
    if axis != counts.ndim - 1:
        raise ShapeError(f"segment_reduce(): lengths of {counts.ndim} dimensions are of axis "
                         f"{counts.ndim - 1}, not {axis}", [("data", data)])  # fmt: skip
    rows = []
    for place in np.ndindex(counts.shape[:-1]):
        row = data[place] if place else data
        rows.append([piece(row[int(s) : int(s + n)], reduce, initial)
                     for s, n in zip(starts[place], counts[place], strict=True)])  # fmt: skip
    flat = [one for row in rows for one in row]
    if not flat:
        return EXPORTS["zeros"]((*counts.shape, *data.shape[axis + 1 :]), dtype=data.dtype)  # type: ignore
    out = EXPORTS["stack"](flat)
    return out.reshape(*counts.shape, *data.shape[axis + 1 :])  # type: ignore[no-any-return]


def piece(part: Tensor, reduce: str, initial: Any) -> Tensor:
    """One piece reduced over its first axis, from `initial` on."""
    count = part._array.shape[0]
    start = EMPTY[reduce] if initial is None else float(initial)
    if count == 0:
        return EXPORTS["full"](part.shape[1:], start, dtype=part.dtype)  # type: ignore[no-any-return]
    if initial is None:
        return EXPORTS[REDUCERS[reduce]](part, 0)  # type: ignore[no-any-return]
    if reduce == "mean":
        return (part.sum(0) + start) / count
    first = EXPORTS["full"]((1, *part.shape[1:]), start, dtype=part.dtype)
    return EXPORTS[REDUCERS[reduce]](EXPORTS["cat"]([first, part]), 0)  # type: ignore[no-any-return]


for _function in (adaptive_max_pool1d, affine_grid_generator, alpha_dropout_,
                  feature_alpha_dropout_, feature_dropout, feature_dropout_, native_dropout,
                  native_channel_shuffle, conv_tbc, convolution, embedding_bag,
                  embedding_renorm_):  # fmt: skip
    EXPORTS[_function.__name__] = _function
