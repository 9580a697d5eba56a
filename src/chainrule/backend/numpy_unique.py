"""Different elements, runs of equal ones, and histograms, over NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def unique(x: Array) -> tuple[Array, Array, Array]:
    """The different elements in order, where each element went, and how many went there."""
    values, inverse, counts = np.unique(
        x.reshape(-1), return_inverse=True, return_counts=True, equal_nan=False
    )
    return values, inverse.reshape(x.shape), counts


def unique_slices(x: Array, axis: int) -> tuple[Array, Array, Array]:
    """The same for the slices along `axis`, in lexicographic order."""
    values, inverse, counts = np.unique(
        x, axis=axis, return_inverse=True, return_counts=True, equal_nan=False
    )
    return values, inverse.reshape(-1), counts


def runs(x: Array, axis: int) -> tuple[Array, Array, Array]:
    """The slices along `axis` that differ from the one before, as `unique` returns them."""
    n = x.shape[axis]
    lines = np.moveaxis(x, axis, 0)
    first = np.ones(n, bool)
    if n > 1:
        first[1:] = (lines[1:] != lines[:-1]).reshape(n - 1, -1).any(1)
    starts = np.nonzero(first)[0]
    counts = np.diff(np.append(starts, n))
    inverse = np.cumsum(first, dtype=np.int64) - 1
    return np.ascontiguousarray(np.compress(first, x, axis)), inverse, counts


def counts_between(points: Array, edges: list[Array], weight: Any) -> Array:
    """How many (or how much `weight` of) rows of `points` fall into each cell of a grid.

    A cell contains its lower edges; the last on each axis also its upper.
    """
    inside = np.ones(len(points), bool)
    places = []
    for x, edge in zip(points.T, edges, strict=True):
        inside &= (x >= edge[0]) & (x <= edge[-1])
        places.append(edge.searchsorted(x, "right") - 1)
    sizes = tuple(len(edge) - 1 for edge in edges)
    cells = np.zeros(len(points), np.int64)
    for place, n in zip(places, sizes, strict=True):
        cells = cells * n + np.minimum(place, n - 1)
    mass = None if weight is None else weight[inside]
    total = np.prod(sizes, dtype=np.int64)
    return np.bincount(cells[inside], mass, total).reshape(sizes)


def even_counts(x: Array, bins: int, low: float, high: float) -> Array:
    """How many x fall into each of `bins` equal parts of [low, high]."""
    x = x[(x >= low) & (x <= high)]
    place = ((x - x.dtype.type(low)) * bins / x.dtype.type(high - low)).astype(np.int64)
    return np.bincount(np.minimum(place, bins - 1), minlength=bins)


def volumes(edges: list[Array]) -> Array:
    """The size of each cell of a grid."""
    widths = [np.diff(edge) for edge in edges]
    out = np.ones((), widths[0].dtype)
    for width in widths:
        out = out[..., None] * width
    return out
