"""Sums, norms and softmax over the entries of sparse tensors, and diagonals as such."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.ops.embedding import EmbeddingGrad
from chainrule.sparse.construction import added_rows, coalesce, to_coo, to_layout
from chainrule.sparse.tensor import CompressedTensor, CooTensor, coo, coordinates, keys_of
from chainrule.tensor import Tensor, from_array


def sum(input: Any, dim: Any = None, dtype: Any = None, keepdim: bool = False) -> Any:
    """The sum of a sparse tensor: dense over all dimensions, else sparse in those that are left.

    Gradient: g at the entries.

    >>> import chainrule as torch
    >>> torch.sparse.sum(torch.tensor([[1., 2.], [0., 3.]]).to_sparse(), 0).to_dense()
    tensor([1., 5.])
    """
    if dim is None or (isinstance(dim, (list, tuple)) and not dim):
        return input._v.sum(dtype=dtype)
    dims = tuple(sorted({spec.normalize_axis(int(d), len(input._size))
                         for d in (dim if isinstance(dim, (list, tuple)) else [dim])}))  # fmt: skip
    if isinstance(input, CompressedTensor):
        if not keepdim:
            raise ArgumentError(
                "reduction operations on CSR tensors with keepdim=False is unsupported",
                fix="Pass keepdim=True, or use .to_sparse_coo().",
            )
        return to_layout(sum(to_coo(input), dims, dtype, True), input._layout)
    x = input
    n = len(x._i)
    inner = tuple(d - n + 1 for d in dims if d >= n)
    values = x._v.sum(dim=inner, dtype=dtype, keepdim=keepdim) if inner else x._v
    if dtype is not None and not inner:
        values = values.to(dtype)
    elif not inner and values._array.dtype.kind in "biu":
        values = values.to(dtypes.int64)
    gone = [d for d in dims if d < n]
    left = [d for d in range(n) if d not in gone]
    size = tuple(1 if d in dims else s for d, s in enumerate(x._size)
                 if keepdim or d not in dims)  # fmt: skip
    if not gone:
        return coo(x._i, values, size, x._ordered)
    if not left:
        out = values.sum(0)
        return out.reshape(size).to_sparse() if keepdim else out
    sizes = tuple(x._size[d] for d in left)
    distinct, place = np.unique(keys_of(x._i[left], sizes), return_inverse=True)
    index = coordinates(distinct, sizes)
    if keepdim:
        full = np.zeros((n, index.shape[1]), np.int64)
        full[left] = index
        index = full
    return coo(index, added_rows(values, place.reshape(-1), len(distinct)), size, True)


def norm(
    self: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:  # fmt: skip
    """The norm of the values."""
    x = coalesce(self) if isinstance(self, CooTensor) else self
    return x._v.norm(p if p != "fro" else 2, dtype=dtype)


def softmax(input: Any, dim: int, *, dtype: Any = None) -> CooTensor:
    """Softmax along `dim` over the entries; what is not there counts as minus infinity.

    >>> import chainrule as torch
    >>> torch.sparse.softmax(torch.eye(2).to_sparse(), 1).values()
    tensor([1., 1.])
    """
    return normalised(input, dim, dtype, logarithm=False)


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> CooTensor:
    """The logarithm of `sparse.softmax`.

    >>> import chainrule as torch
    >>> torch.sparse.log_softmax(torch.eye(2).to_sparse(), 1).values()
    tensor([0., 0.])
    """
    return normalised(input, dim, dtype, logarithm=True)


def normalised(input: Any, dim: int, dtype: Any, logarithm: bool) -> CooTensor:
    """Groups of entries with all other coordinates equal, each shifted by its maximum."""
    x = coalesce(to_coo(input))
    dim = spec.normalize_axis(int(dim), len(x._size))
    values = x._v if dtype is None else x._v.to(dtype)
    if values._array.dtype.kind not in "fcV":
        raise ArgumentError('"softmax" not implemented for integers', [("input", input)],
                            fix="Convert it with .float().")  # fmt: skip
    n = len(x._i)
    if dim >= n:
        name = "log_softmax" if logarithm else "softmax"
        return x._with(EXPORTS[name](values, dim - n + 1))
    left = [d for d in range(n) if d != dim]
    _, place = np.unique(keys_of(x._i[left], [x._size[d] for d in left]), return_inverse=True)
    place = place.reshape(-1)
    groups = int(place.max(initial=-1)) + 1
    array = values._array
    highest = np.full((groups, *array.shape[1:]), -np.inf, array.dtype)
    np.maximum.at(highest, place, array)
    shifted = values - from_array(highest[place])
    powers = shifted.exp()
    index = from_array(place)
    sums = apply(EmbeddingGrad, powers, index, rows=groups, padding=-1, by_count=False)
    if logarithm:
        return x._with(shifted - sums.log()[index])
    return x._with(powers / sums[index])


def spdiags(diagonals: Tensor, offsets: Tensor, shape: Any, layout: Any = None) -> Any:
    """A sparse matrix with these diagonals; positive offsets lie above the main one.

    Row i of `diagonals` gives the values of diagonal `offsets[i]`, each in its own column.

    >>> import chainrule as torch
    >>> torch.sparse.spdiags(torch.ones(1, 2), torch.tensor([0]), (2, 2)).to_dense()
    tensor([[1., 0.],
            [0., 1.]])
    """
    if diagonals._array.ndim < 2:
        diagonals = diagonals.reshape(1, -1)
    places = offsets._array.reshape(-1)
    if places.dtype != np.int64:
        raise ArgumentError("Offset Tensor must have dtype Long", [("offsets", offsets)])
    if len(places) != diagonals._array.shape[0]:
        raise ShapeError(
            "Number of diagonals does not match the number of offsets",
            [("diagonals", diagonals), ("offsets", offsets)],
        )
    if len(np.unique(places)) != len(places):
        raise ArgumentError("Offset tensor contains duplicate values", [("offsets", offsets)])
    height, width = shape
    rows, columns, which = [], [], []
    for i, k in enumerate(places.tolist()):
        column = np.arange(max(k, 0), min(width, diagonals._array.shape[1], height + k))
        rows.append(column - k)
        columns.append(column)
        which.append(np.full(len(column), i))
    index = np.stack([np.concatenate(rows), np.concatenate(columns)]).astype(np.int64)
    values = diagonals[from_array(np.concatenate(which)), from_array(index[1])]
    out = coo(index, values, (height, width))
    return out if layout is None else to_layout(out, layout)
