"""Counting with torch's names: bincount and histograms.  Counts have no derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import return_types, spec
from chainrule.autograd.inplace import name as word
from chainrule.backend import numpy_unique as raw
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import public
from chainrule.tensor import Tensor, from_array


@public(out=False)
def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, ... occurs among integers; with `weights`, what they add up to.

    Shapes: (n,) -> (max(minlength, largest + 1),).
    Errors: the input must be 1-d, integral and not negative.

    >>> import chainrule as torch
    >>> torch.bincount(torch.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    array = input._array
    if array.dtype.kind not in "iu":
        raise DtypeError(f'"bincount_cpu" not implemented for \'{word(array.dtype)}\'',
                         [("input", input)])  # fmt: skip
    if array.ndim != 1 or (array.size and array.min() < 0):
        raise ShapeError("bincount only supports 1-d non-negative integral inputs.",
                         [("input", input)])  # fmt: skip
    if minlength < 0:
        raise ArgumentError("minlength should be >= 0", [("minlength", minlength)])
    if weights is None:
        return from_array(np.bincount(array, minlength=minlength))  # type: ignore[no-any-return]
    mass = weights._array
    if mass.shape != array.shape:
        raise ShapeError("weights should be 1-d and have the same length as input",
                         [("input", input), ("weights", weights)])  # fmt: skip
    dtype = mass.dtype if mass.dtype == spec.FLOAT32 else spec.FLOAT64
    counts = np.bincount(array, mass.astype(np.float64), minlength)
    return from_array(counts.astype(dtype))  # type: ignore[no-any-return]


def need_float_values(input: Any) -> None:
    if input._array.dtype.kind not in "fV":
        kind = word(input._array.dtype)
        raise DtypeError(f'"histogram_cpu" not implemented for \'{kind}\'', [("input", input)],
                         fix="Convert it first, with .float().")  # fmt: skip


def bounds(name: str, x: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """The range of a histogram: as given, that of the data if empty, never of width 0."""
    if low == high and x.size:
        low, high = x.min(), x.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ArgumentError(f"{name}: range of [{low}, {high}] is not finite")
    return (low - 1, high + 1) if low == high else (low, high)


@public
def histc(input: Any, bins: int = 100, min: Any = 0, max: Any = 0) -> Tensor:
    """How many elements fall into each of `bins` equal parts of [min, max].

    The range of the data is used if min = max; what lies outside, and NaN, is not counted.
    Shapes: (*) -> (bins,).

    >>> import chainrule as torch
    >>> torch.histc(torch.tensor([1., 2., 1.]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    need_float_values(input)
    if bins <= 0:
        raise ArgumentError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    low, high = (v._array.item() if isinstance(v, Tensor) else v for v in (min, max))
    if low > high:
        raise ArgumentError("torch.histc: max must be larger than min",
                            [("min", low), ("max", high)])  # fmt: skip
    x = input._array.reshape(-1)
    low, high = bounds("torch.histc", x, low, high)
    counts = raw.even_counts(x, bins, float(low), float(high))
    return from_array(counts.astype(x.dtype))  # type: ignore[no-any-return]


@public
def histogram(
    input: Any, bins: Any = 100, *, range: Any = None, weight: Any = None, density: bool = False
) -> Any:
    """How many elements, or what `weight` of them, fall between the edges of bins.

    `bins` is a number of equal bins over `range` (by default that of the data), or their edges.
    With `density` the result integrates to 1.
    Shapes: hist (n,), bin_edges (n + 1,).

    >>> import chainrule as torch
    >>> torch.histogram(torch.tensor([1., 2., 1.]), bins=2, range=(0., 4.))
    torch.return_types.histogram(
    hist=tensor([2., 1.]),
    bin_edges=tensor([0., 2., 4.]))
    """
    need_float_values(input)
    points = input._array.reshape(-1, 1)
    many = [bins] if isinstance(bins, (int, Tensor)) else list(bins)
    hist, edges = grid("torch.histogram", points, many, range, weight, input, density)
    return return_types.histogram((hist, edges[0]))


@public(method=False, out=False)
def histogramdd(
    input: Any, bins: Any, *, range: Any = None, weight: Any = None, density: bool = False
) -> Any:
    """How many points, or what `weight` of them, fall into the cells of a grid.

    The last dimension of the input holds the coordinates.  `bins` is a number, one for each
    coordinate, or tensors of edges; `range` is low and high for each, in one list.
    Shapes: (*, d) -> hist (n1, ..., nd), bin_edges a tuple of d.

    >>> import chainrule as torch
    >>> torch.histogramdd(torch.tensor([[0., 1.], [1., 0.]]), bins=[2, 1]).hist
    tensor([[1.],
            [1.]])
    """
    need_float_values(input)
    array = input._array
    if array.ndim < 2:
        raise ShapeError("torch.histogramdd: input tensor should have at least 2 dimensions",
                         [("input", input)])  # fmt: skip
    width = array.shape[-1]
    many = [bins] * width if isinstance(bins, int) else list(bins)
    if len(many) != width:
        raise ShapeError("histogramdd: The size of bins must be equal to the innermost dimension "
                         "of the input.", [("input", input)])  # fmt: skip
    points = array.reshape(-1, width)
    hist, edges = grid("torch.histogramdd", points, many, range, weight, input, density)
    return return_types.histogramdd((hist, tuple(edges)))


def grid(
    name: str, points: Any, bins: Sequence[Any], range: Any, weight: Any, input: Any, density: bool
) -> tuple[Tensor, list[Tensor]]:
    """Counts and edges of a histogram over the columns of `points`."""
    dtype = points.dtype
    edges = []
    for i, (x, n) in enumerate(zip(points.T, bins, strict=True)):
        if isinstance(n, Tensor):
            edges.append(n._array)
            continue
        if n <= 0:
            raise ArgumentError(f"{name}(): bins must be > 0, but got {n} for dimension {i}")
        low, high = (0.0, 0.0) if range is None else range[2 * i : 2 * i + 2]
        if range is None and x.size:
            low, high = x.min(), x.max()
        if low > high:
            raise ArgumentError(f"torch.histogramdd: min should not exceed max, but got min {low} "
                                f"max {high} for dimension {i}")  # fmt: skip
        if not (np.isfinite(low) and np.isfinite(high)):
            raise ArgumentError(f"{name}: dimension {i}'s range [{low}, {high}] is not finite")
        if low == high:
            low, high = low - 0.5, high + 0.5
        edges.append(np.linspace(low, high, n + 1).astype(dtype))
    mass = None
    if weight is not None:
        mass = weight._array.reshape(-1)
        if mass.size != len(points):
            raise ShapeError(
                "torch.histogramdd: if weight tensor is provided it should have the same shape as "
                "the input tensor excluding its innermost dimension",
                [("input", input), ("weight", weight)],
            )
    hist = raw.counts_between(points, edges, mass)
    if density:
        hist = hist / (hist.sum() * raw.volumes(edges))
    return from_array(hist.astype(dtype)), [from_array(e) for e in edges]
