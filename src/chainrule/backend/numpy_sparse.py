"""Sparse matrices over NumPy: where the entries stand, products with dense matrices, row sums.

A product adds up, for every row, multiples of the rows that its entries name.  Adding runs of
unequal length (`np.add.reduceat`) costs ten times what whole-array arithmetic costs, so the
entries are taken by rank: the first entry of every row at once, then the second of every row
that has one, ...; with the rows ordered by length each round is one slice.  Measured on a graph
of 2708 nodes and 13264 edges times (2708, 16): 0.24 ms, 0.84 with reduceat.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.backend import threads

Array = Any
WIDE = 128  # columns in one block: its rows stay in the cache
LONG = 64  # a row with more entries is a product of its own


class Pattern:
    """Which entries of a matrix are stored: entry k stands at (row[k], column[k])."""

    def __init__(self, row: Array, column: Array, shape: tuple[int, int]) -> None:
        self.row, self.column, self.shape = row, column, shape

    @functools.cached_property
    def t(self) -> Pattern:
        """The transposed matrix's pattern, entries in the same order."""
        other = Pattern(self.column, self.row, self.shape[::-1])
        other.__dict__["t"] = self
        return other

    @functools.cached_property
    def rounds(self) -> tuple[list[tuple[int, Array, Array]], Array, list[tuple[int, Array]]]:
        """Rounds (rows, entries, columns), the rows' order, and rows too long for rounds."""
        counts = np.bincount(self.row, minlength=self.shape[0])
        by_row = np.argsort(self.row, kind="stable")
        ends = np.cumsum(counts)
        starts = ends - counts
        order = np.argsort(-counts, kind="stable")
        sizes = counts[order]
        long = int(np.searchsorted(-sizes, -LONG, "left"))  # the first `long` rows have > LONG
        hubs = [(int(r), by_row[starts[r] : ends[r]]) for r in order[:long]]
        order, sizes = order[long:], sizes[long:]
        rounds = []
        for j in range(int(sizes[0]) if len(sizes) else 0):
            m = int(np.searchsorted(-sizes, -j, "left"))
            entries = by_row[starts[order[:m]] + j]
            rounds.append((m, entries, self.column[entries]))
        return rounds, order, hubs


def sparse_matmul(values: Array, dense: Array, *, pattern: Pattern) -> Array:
    """The matrix with `values` at `pattern`, times `dense`."""
    rows, width = pattern.shape[0], dense.shape[1]
    dtype = np.result_type(values, dense)
    if dtype.kind == "V" or dtype == np.float16:
        wide = sparse_matmul(values.astype(np.float32), dense.astype(np.float32), pattern=pattern)
        return wide.astype(dtype)
    out = np.zeros((rows, width), dtype)
    if not values.size or not width:
        return out
    rounds, order, hubs = pattern.rounds
    ordered = [values[entries][:, None] for _, entries, _ in rounds]

    def block(start: int) -> None:
        part = slice(start, start + WIDE)
        source = dense if width <= WIDE else np.ascontiguousarray(dense[:, part])
        sums = np.zeros((len(order), source.shape[1]), dtype)
        for (m, _, columns), v in zip(rounds, ordered, strict=True):
            term = source.take(columns, 0)
            if term.dtype == dtype:
                np.multiply(term, v, out=term)
            else:
                term = term * v
            head = sums[:m]
            np.add(head, term, out=head)
        out[order, part] = sums
        for row, entries in hubs:
            out[row, part] = values[entries] @ source[pattern.column[entries]]

    starts = range(0, width, WIDE)
    if len(starts) == 1 or threads.thread_count() == 1:
        for start in starts:
            block(start)
    else:
        jobs = [threads.executor().submit(block, start) for start in starts[1::2]]
        for start in starts[::2]:
            block(start)
        for job in jobs:
            job.result()
    return out


def sampled_products(x: Array, y: Array, *, pattern: Pattern) -> Array:
    """out[k] = x[row[k]] · y[column[k]]: the entries of x @ y.T at `pattern` only."""
    entries, width = len(pattern.row), x.shape[1]
    out = np.empty(entries, np.result_type(x, y))
    step = max(1, (1 << 17) // max(width, 1))  # rows gathered at once stay in the cache
    for i in range(0, entries, step):
        left = x.take(pattern.row[i : i + step], 0)
        np.einsum("kd,kd->k", left, y.take(pattern.column[i : i + step], 0), out=out[i : i + step])
    return out


class SparseArray(np.lib.mixins.NDArrayOperatorsMixin):
    """A gradient with few rows: `values` belong at `indices` of an array of zeros of `shape`.

    Adding two keeps both lists; any other arithmetic makes a whole array of it.
    """

    make_tensor: Any = None  # what a Tensor with these entries is made by; set by `sparse`

    def __init__(self, indices: Array, values: Array, shape: tuple[int, ...]) -> None:
        self.indices, self.values, self.shape = indices, values, shape
        self.dtype, self.ndim = values.dtype, len(shape)
        self.base = self  # shares memory with others, as far as anyone who asks is concerned

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        out = np.zeros(self.shape, self.dtype if dtype is None else dtype)
        np.add.at(out, tuple(self.indices), self.values)
        return out

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc is np.add and method == "__call__" and not options:
            a, b = inputs
            if isinstance(a, SparseArray) and isinstance(b, SparseArray):
                return SparseArray(
                    np.concatenate([a.indices, b.indices], 1),
                    np.concatenate([a.values, b.values]), self.shape,
                )  # fmt: skip
        plain = [np.asarray(x) if isinstance(x, SparseArray) else x for x in inputs]
        return getattr(ufunc, method)(*plain, **options)

    def astype(self, dtype: Any) -> SparseArray:
        return SparseArray(self.indices, self.values.astype(dtype), self.shape)

    def tensor(self) -> Any:
        """As a Tensor."""
        return type(self).make_tensor(self)


def sparse_rows(g: Array, index: Array, *, rows: int, padding: int, by_count: bool) -> Any:
    """The gradient of a table of which the rows `index` were read: only these."""
    flat = index.reshape(-1)
    values = g.reshape(flat.size, *g.shape[index.ndim :])
    if padding >= 0:
        kept = flat != padding
        flat, values = flat[kept], values[kept]
    if by_count:
        counts = np.bincount(flat, minlength=rows)[flat]
        values = values / counts.reshape(-1, *(1,) * (values.ndim - 1)).astype(values.dtype)
    return SparseArray(flat.reshape(1, -1).astype(np.int64), values, (rows, *values.shape[1:]))
