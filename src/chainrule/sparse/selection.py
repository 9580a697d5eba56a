"""Parts of sparse tensors, other orders of dimensions, several joined to one."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.errors import ArgumentError, LayoutError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.sparse.construction import coalesce, to_coo, to_dense, to_layout
from chainrule.sparse.tensor import (
    NAMES,
    CompressedTensor,
    CooTensor,
    SparseTensor,
    compressed,
    coo,
    keys_of,
    sparse_sizes,
)
from chainrule.tensor import Tensor, from_array


def kept(x: CooTensor, which: Any) -> Tensor:
    """The values of the entries `which`."""
    if which.dtype == bool:
        which = np.flatnonzero(which)
    return x._v[from_array(which)]


def index_select(self: Any, dim: int, index: Tensor) -> Any:
    """The slices along `dim` that `index` names.

    >>> import chainrule as torch
    >>> torch.eye(3).to_sparse().index_select(0, torch.tensor([2])).to_dense()
    tensor([[0., 0., 1.]])
    """
    if isinstance(self, CompressedTensor):
        return to_layout(index_select(to_coo(self), dim, index), self._layout)
    dim = spec.normalize_axis(int(dim), len(self._size))
    wanted = index._array.reshape(-1)
    n, length = self._size[dim], len(wanted)
    if length and (wanted.min() < -n or wanted.max() >= n):
        raise ArgumentError(f"index_select(): index out of range for dim {dim} of size {n}")
    size = (*self._size[:dim], length, *self._size[dim + 1 :])
    if dim >= len(self._i):
        values = self._v.index_select(dim - len(self._i) + 1, index)
        return coo(self._i, values, size, self._ordered)
    wanted = np.where(wanted < 0, wanted + n, wanted)
    by_row = np.argsort(self._i[dim], kind="stable")
    counts = np.bincount(self._i[dim], minlength=n)
    starts = np.cumsum(counts) - counts
    each = counts[wanted]
    place = np.repeat(np.arange(length), each)
    within = np.arange(len(place)) - np.repeat(np.cumsum(each) - each, each)
    which = by_row[starts[wanted][place] + within]
    fresh = self._i[:, which].copy()
    fresh[dim] = place
    return coo(fresh, self._v[from_array(which)], size)


def select(self: Any, dim: int, index: int) -> Any:
    """The slice at `index` of `dim`."""
    x = to_coo(self)
    dim = spec.normalize_axis(int(dim), len(x._size))
    n = x._size[dim]
    if not -n <= index < n:
        raise IndexError(f"select(): index {index} out of range for tensor of size {list(x._size)} "
                         f"at dimension {dim}")  # fmt: skip
    index %= n
    size = (*x._size[:dim], *x._size[dim + 1 :])
    if dim >= len(x._i):
        return coo(x._i, x._v.select(dim - len(x._i) + 1, index), size, x._ordered)
    there = x._i[dim] == index
    values = kept(x, there)
    if len(x._i) == 1:
        return values.sum(0)
    return coo(np.delete(x._i[:, there], dim, 0), values, size, x._ordered)


def narrow(self: Any, dim: int, start: int, length: int) -> Any:
    """Part of a dimension."""
    x = to_coo(self)
    dim = spec.normalize_axis(int(dim), len(x._size))
    start = int(start) % x._size[dim] if x._size[dim] else 0
    if start + length > x._size[dim]:
        raise ShapeError(f"start ({start}) + length ({length}) exceeds dimension size "
                         f"({x._size[dim]}).", [("tensor", x)])  # fmt: skip
    size = (*x._size[:dim], length, *x._size[dim + 1 :])
    if dim >= len(x._i):
        values = x._v.narrow(dim - len(x._i) + 1, start, length)
        return coo(x._i, values, size, x._ordered)
    there = (x._i[dim] >= start) & (x._i[dim] < start + length)
    fresh = x._i[:, there].copy()
    fresh[dim] -= start
    return coo(fresh, kept(x, there), size, x._ordered)


def get_item(self: Any, key: Any) -> Any:
    """Numbers, slices of step 1, `None`, `...` and index tensors, one dimension after another."""
    keys = list(key) if isinstance(key, tuple) else [key]
    if Ellipsis in [k for k in keys if not isinstance(k, Tensor)]:
        at = next(i for i, k in enumerate(keys) if k is Ellipsis)
        rest = sum(k is not None and k is not Ellipsis for k in keys)
        keys[at : at + 1] = [slice(None)] * (self.ndim - rest)
    out, dim = self, 0
    for k in keys:
        if k is None:
            out = unsqueeze(out, dim)
            dim += 1
        elif isinstance(k, slice):
            start, stop, step = k.indices(out.shape[dim])
            if step != 1:
                raise LayoutError("slices of sparse tensors have step 1", [("tensor", self)])
            if (start, stop) != (0, out.shape[dim]):
                out = narrow(out, dim, start, max(stop - start, 0))
            dim += 1
        elif isinstance(k, Tensor) and k.ndim == 1:
            chosen = from_array(np.flatnonzero(k._array)) if k._array.dtype == bool else k
            out = index_select(out, dim, chosen)
            dim += 1
        else:
            out = select(out, dim, int(k))
    return out


def transpose(self: Any, dim0: int, dim1: int) -> Any:
    """Two dimensions exchanged.

    >>> import chainrule as torch
    >>> torch.sparse_coo_tensor([[0], [1]], [3.], (1, 2)).t().to_dense()
    tensor([[0.],
            [3.]])
    """
    n = len(self._size)
    a, b = (spec.normalize_axis(int(d), n) for d in (dim0, dim1))
    order = list(range(n))
    order[a], order[b] = b, a
    return permute(self, order)


def permute(self: Any, *dims: Any) -> Any:
    """Dimensions in another order; sparse ones stay before dense ones."""
    order = dims[0] if len(dims) == 1 and not isinstance(dims[0], int) else dims
    order = [spec.normalize_axis(int(d), len(self._size)) for d in order]
    if order == list(range(len(self._size))):
        return self
    size = tuple(self._size[d] for d in order)
    if isinstance(self, CompressedTensor):
        return transposed(self, size)
    n = len(self._i)
    if sorted(order[:n]) != list(range(n)):
        raise LayoutError("transpose(): sparse and dense dimensions cannot be exchanged",
                          [("tensor", self)])  # fmt: skip
    values = self._v
    if order[n:] != list(range(n, len(order))):
        values = values.permute(0, *[d - n + 1 for d in order[n:]])
    out = coo(self._i[order[:n]], values, size, self._ordered and order[:n] == list(range(n)))
    if n == 2 and order[:2] == [1, 0] and self._known is not None:
        out._known = self._known.t
    return out


def transposed(x: CompressedTensor, size: Any) -> Any:
    """Rows become columns: CSR becomes CSC, over the same memory."""
    swap = {dtypes.sparse_csr: dtypes.sparse_csc, dtypes.sparse_csc: dtypes.sparse_csr,
            dtypes.sparse_bsr: dtypes.sparse_bsc, dtypes.sparse_bsc: dtypes.sparse_bsr}  # fmt: skip
    values = x._v.transpose(1, 2) if NAMES[x._layout][1] else x._v
    return compressed(x._outer, x._inner, values, size, swap[x._layout])


def t(self: Any) -> Any:
    """The transposed matrix."""
    return transpose(self, 0, 1) if len(self._size) == 2 else self


def unsqueeze(self: Any, dim: int) -> Any:
    """A new dimension of size 1."""
    n = len(self._size)
    dim = dim + n + 1 if dim < 0 else dim
    size = (*self._size[:dim], 1, *self._size[dim:])
    if dim > len(self._i):
        return coo(self._i, self._v.unsqueeze(dim - len(self._i) + 1), size, self._ordered)
    return coo(np.insert(self._i, dim, 0, 0), self._v, size, self._ordered)


def squeeze(self: Any, dim: Any = None) -> Any:
    """Without dimensions of size 1."""
    x = to_coo(self)
    dims = range(x.ndim) if dim is None else dim if isinstance(dim, tuple) else (dim,)
    for d in sorted((spec.normalize_axis(int(d), x.ndim) for d in dims), reverse=True):
        if x._size[d] == 1:
            x = select(x, d, 0) if x.ndim > 1 or d >= len(x._i) else x
    return x


def cat(tensors: Any, dim: int = 0) -> Any:
    """Sparse tensors one after another.

    >>> import chainrule as torch
    >>> torch.cat([torch.eye(2).to_sparse()] * 2, 1).to_dense()
    tensor([[1., 0., 1., 0.],
            [0., 1., 0., 1.]])
    """
    parts = [to_coo(x) if isinstance(x, SparseTensor) else None for x in tensors]
    if any(p is None for p in parts):
        raise LayoutError("cat: all tensors must be sparse, or none",
                          [(f"tensors[{i}]", x) for i, x in enumerate(tensors)])  # fmt: skip
    first = parts[0]
    dim = spec.normalize_axis(int(dim), len(first._size))
    for i, p in enumerate(parts):
        a, b = list(first._size), list(p._size)
        if len(p._i) != len(first._i) or a[:dim] + a[dim + 1 :] != b[:dim] + b[dim + 1 :]:
            raise ShapeError("All tensors must have the same shape: "
                             f"{a}, but {b} at position {i}",
                             [(f"tensors[{j}]", x) for j, x in enumerate(parts)])  # fmt: skip
    if dim >= len(first._i):
        raise LayoutError("sparse tensors are joined along sparse dimensions")
    shifted, offset = [], 0
    for p in parts:
        index = p._i.copy()
        index[dim] += offset
        offset += p._size[dim]
        shifted.append(index)
    size = (*first._size[:dim], offset, *first._size[dim + 1 :])
    values = EXPORTS["cat"]([p._v for p in parts])
    out = coo(np.concatenate(shifted, 1), values, size)
    layout = tensors[0].layout
    return out if layout is dtypes.sparse_coo else to_layout(out, layout)


def stack(tensors: Any, dim: int = 0) -> Any:
    """Sparse tensors side by side in a new dimension."""
    return cat([unsqueeze(to_coo(x), dim) for x in tensors], dim)


def sparse_mask(self: Any, mask: Any) -> Any:
    """The elements of this tensor at the entries of `mask`.

    >>> import chainrule as torch
    >>> torch.full((2, 2), 3.).sparse_mask(torch.eye(2).to_sparse()).values()
    tensor([3., 3.])
    """
    if not isinstance(mask, SparseTensor):
        raise LayoutError("sparse_mask: expected a sparse mask", [("mask", mask)])
    if tuple(self.shape) != mask._size:
        raise ShapeError(f"sparse_mask(): operands have incompatible sizes; self has size "
                         f"{list(self.shape)} but mask has size {list(mask._size)}",
                         [("self", self), ("mask", mask)])  # fmt: skip
    if isinstance(mask, CompressedTensor):
        listed = sparse_mask(self, to_coo(mask))
        block = tuple(mask._v._array.shape[1:3]) if NAMES[mask._layout][1] else None
        return to_layout(listed, mask._layout, block)
    x = coalesce(mask)
    sizes = sparse_sizes(x)
    if not isinstance(self, SparseTensor):
        if not sizes:
            return coo(x._i, self.reshape(1)[: x._i.shape[1]], x._size, True)
        return coo(x._i, self[tuple(from_array(row) for row in x._i)], x._size, True)
    a = coalesce(to_coo(self))
    have, wanted = keys_of(a._i, sizes), keys_of(x._i, sizes)
    place = np.searchsorted(have, wanted)
    found = place < len(have)
    found[found] = have[place[found]] == wanted[found]
    blank = np.zeros((1, *a._v._array.shape[1:]), a._v._array.dtype)
    padded = EXPORTS["cat"]([a._v, from_array(blank)])
    return coo(x._i, padded[from_array(np.where(found, place, len(have)))], x._size, True)


def resize(self: CooTensor, size: Any, sparse_dim: int, dense_dim: int) -> Any:
    """Another size, in place; entries stay where they are."""
    if sparse_dim + dense_dim != len(size):
        raise ShapeError(
            f"'len(size) == sparse_dim + dense_dim' is not satisfied: len(size) = {len(size)}, "
            f"sparse_dim = {sparse_dim}, dense_dim = {dense_dim}"
        )
    if self._i.shape[1] == 0:
        self._i = np.zeros((sparse_dim, 0), np.int64)
        self._v = self._v.new_zeros((0, *size[sparse_dim:]))
    elif sparse_dim != len(self._i):
        raise ShapeError(
            f"changing the number of sparse dimensions (from {len(self._i)} to {sparse_dim}) on a "
            "non-empty sparse tensor is not supported"
        )
    elif any(b < a for a, b in zip(self._size, size, strict=True)):
        raise ShapeError("shrinking the size of sparse dimensions (from "
                         f"{list(self._size)} to {list(size)}) on a non-empty sparse tensor is not "
                         "supported")  # fmt: skip
    self._size, self._known = tuple(int(n) for n in size), None
    return self


def resize_and_clear(self: CooTensor, size: Any, sparse_dim: int, dense_dim: int) -> Any:
    """Another size, in place, without entries."""
    self._i, self._v, self._ordered = self._i[:, :0], self._v.detach()[:0], True
    return resize(self, size, sparse_dim, dense_dim)


def broadcast_to(self: Any, *size: Any) -> Any:
    """The tensor repeated along dimensions of size 1."""
    sizes = tuple(size[0]) if len(size) == 1 and not isinstance(size[0], int) else size
    return to_dense(self).expand(sizes).to_sparse()
