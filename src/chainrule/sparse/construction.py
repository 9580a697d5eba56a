"""Making sparse tensors: from indices and values, from dense tensors, from another layout."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.functional.options import check_device
from chainrule.ops.embedding import EmbeddingGrad
from chainrule.ops.shape import Reshape
from chainrule.sparse.tensor import (
    NAMES,
    CompressedTensor,
    CooTensor,
    SparseTensor,
    compressed,
    coo,
    coordinates,
    entries,
    keys_of,
    sparse_sizes,
)
from chainrule.tensor import Tensor, from_array

Array = Any


class Checks:
    """Whether new sparse tensors are checked: None means only what costs little."""

    enabled: bool | None = None


class check_sparse_tensor_invariants:
    """Whether indices of new sparse tensors are checked: `enable()`, `disable()`, or a block.

    >>> import chainrule as torch
    >>> with torch.sparse.check_sparse_tensor_invariants():
    ...     torch.sparse.check_sparse_tensor_invariants.is_enabled()
    True
    """

    def __init__(self, enable: bool = True) -> None:
        self.wanted = enable
        self._saved: list[bool | None] = []

    @staticmethod
    def is_enabled() -> bool:
        """Whether checks are on."""
        return bool(Checks.enabled)

    @staticmethod
    def enable() -> None:
        """Check from now on."""
        Checks.enabled = True

    @staticmethod
    def disable() -> None:
        """Check no more."""
        Checks.enabled = False

    def __enter__(self) -> check_sparse_tensor_invariants:
        self._saved.append(Checks.enabled)
        Checks.enabled = self.wanted
        return self

    def __exit__(self, *exc: Any) -> None:
        Checks.enabled = self._saved.pop()

    def __call__(self, function: Any) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with type(self)(self.wanted):
                return function(*args, **kwargs)

        return wrapped


def as_values(values: Any, dtype: Any) -> Tensor:
    """The values as a tensor of its own: part of the graph of what was given, if that has one."""
    wanted = dtypes.numpy_dtype(dtype)
    if not isinstance(values, Tensor):
        return EXPORTS["tensor"](values, dtype=None if wanted is None else dtypes.of(wanted))  # type: ignore[no-any-return]
    if wanted is not None and values._array.dtype != wanted:
        values = values.to(dtypes.of(wanted))
    if values._node is None:
        return from_array(values._array)  # type: ignore[no-any-return]
    return apply(Reshape, values, shape=values._array.shape)  # type: ignore[no-any-return]


def as_index(indices: Any) -> Array:
    """Index data as int64 or int32."""
    array = indices._array if isinstance(indices, Tensor) else np.asarray(
        indices._array if isinstance(indices, SparseTensor) else
        [i._array if isinstance(i, Tensor) else i for i in indices]
        if isinstance(indices, (list, tuple)) else indices)  # fmt: skip
    if array.dtype.kind not in "iu":
        if array.size:
            raise ArgumentError("indices must be an int64 tensor", [("indices", array)])
        array = array.astype(np.int64)
    return array


def sparse_coo_tensor(
    indices: Any = None, values: Any = None, size: Any = None, *, dtype: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
    check_invariants: bool | None = None, is_coalesced: bool | None = None,
) -> Any:  # fmt: skip
    """A sparse tensor in coordinate format.

    Args:
        indices: (sparse_dim, nnz), one column of coordinates per entry.
        values: (nnz, ...), with the dense dimensions behind.
        size: of the whole; the smallest that holds all entries if left out.
        is_coalesced: promises that coordinates are sorted and distinct.

    Gradient: of the values, g at their coordinates.
    Errors: indices outside the size, counts that differ.

    >>> import chainrule as torch
    >>> torch.sparse_coo_tensor([[0, 1], [2, 0]], [3., 4.], (2, 3))
    tensor(indices=tensor([[0, 1],
                           [2, 0]]),
           values=tensor([3., 4.]),
           size=(2, 3), nnz=2, layout=torch.sparse_coo)
    """
    if device is not None:
        check_device(device)
    if values is None:  # sizes only
        size = tuple(indices) if size is None else tuple(size)
        kind = dtypes.numpy_dtype(dtype) or spec.Defaults.floating
        out = coo(np.zeros((len(size), 0), np.int64), from_array(np.zeros(0, kind)), size, True)
        return out.requires_grad_() if requires_grad else out
    index = as_index(indices)
    kept = as_values(values, dtype)
    if index.size == 0 and index.ndim < 2:
        index = index.reshape(index.shape[0] if index.ndim == 2 else 1, 0)
    if index.ndim != 2:
        raise ShapeError(f"indices must be sparse_dim x nnz, but got: {list(index.shape)}")
    array = kept._array
    if array.ndim == 0:
        kept = kept.expand(index.shape[1])
        array = kept._array
    if index.shape[1] != array.shape[0]:
        raise ShapeError("indices and values must have same nnz, but got nnz from indices: "
                         f"{index.shape[1]}, nnz from values: {array.shape[0]}")  # fmt: skip
    index = np.ascontiguousarray(index, np.int64)
    if size is None:
        if not index.shape[1] and index.shape[0]:
            sizes = (0,) * index.shape[0]
        else:
            sizes = tuple((index.max(1) + 1).tolist())
        size = (*sizes, *array.shape[1:])
    else:
        size = tuple(int(n) for n in size)
        if len(size) != len(index) + array.ndim - 1:
            raise ShapeError(
                f"'len(size) == sparse_dim + dense_dim' is not satisfied: len(size) = {len(size)}, "
                f"sparse_dim = {len(index)}, dense_dim = {array.ndim - 1}"
            )
    if check_invariants is not False:
        check_coo(index, array, size)
    out = coo(index, kept, size, bool(is_coalesced))
    return out.requires_grad_() if requires_grad and kept._node is None else out


def check_coo(index: Array, values: Array, size: Any) -> None:
    """Raise unless every coordinate lies inside `size`."""
    for dim, (row, n) in enumerate(zip(index, size)):  # noqa: B905
        if row.size and row.min() < 0:
            raise ShapeError(f"found negative index {row.min()} for dim {dim}",
                             fix="Indices count from 0.")  # fmt: skip
        if row.size and row.max() >= n:
            raise ShapeError(f"size is inconsistent with indices: for dim {dim}, size is {n} but "
                             f"found index {row.max()}")  # fmt: skip
    if values.shape[1:] != size[len(index) :]:
        raise ShapeError(f"values has incorrect size, expected {[len(values), *size[len(index):]]},"
                         f" got {list(values.shape)}")  # fmt: skip


def make_compressed(
    outer: Any, inner: Any, values: Any, size: Any, layout: Any, dtype: Any, device: Any,
    requires_grad: bool, check: Any,
) -> Any:  # fmt: skip
    """The four compressed constructors."""
    if device is not None:
        check_device(device)
    outer, inner, kept = as_index(outer), as_index(inner), as_values(values, dtype)
    dim, blocks = NAMES[layout]
    if outer.ndim != 1:
        raise ShapeError("batches of compressed sparse matrices are not here: the indices must be "
                         "one-dimensional", fix="Keep a list of matrices.")  # fmt: skip
    block = kept._array.shape[1:3] if blocks else (1, 1)
    if size is None:
        other = int(inner.max()) + 1 if inner.size else 0
        pair = (len(outer) - 1, other) if dim == 0 else (other, len(outer) - 1)
        size = (pair[0] * block[0], pair[1] * block[1])
    size = tuple(size)
    if check is not False:
        plain = ("crow_indices", "col_indices") if dim == 0 else ("ccol_indices", "row_indices")
        if len(outer) - 1 != size[dim] // block[dim]:
            raise ShapeError(f"{plain[0]}.shape[-1] must be equal to the number of "
                             f"{'rows' if dim == 0 else 'columns'} plus one "
                             f"({size[dim] // block[dim] + 1}), but got {len(outer)}")  # fmt: skip
        if len(inner) != len(kept._array):
            raise ShapeError(f"{plain[1]} and values must have the same number of elements, but "
                             f"got {len(inner)} and {len(kept._array)}")  # fmt: skip
        if outer[0] != 0 or outer[-1] != len(inner) or (np.diff(outer) < 0).any():
            raise ShapeError(f"{plain[0]} must begin with 0, grow, and end with nnz "
                             f"({len(inner)})")  # fmt: skip
        n = size[1 - dim] // block[1 - dim]
        if inner.size and (inner.min() < 0 or inner.max() >= n):
            raise ShapeError(f"{plain[1]} must lie between 0 and {n - 1}")
    out = compressed(outer, inner, kept, size, layout)
    return out.requires_grad_() if requires_grad and kept._node is None else out


def sparse_csr_tensor(
    crow_indices: Any, col_indices: Any, values: Any, size: Any = None, *, dtype: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
    check_invariants: bool | None = None,
) -> Any:  # fmt: skip
    """A sparse matrix stored row by row.

    >>> import chainrule as torch
    >>> torch.sparse_csr_tensor([0, 1, 2], [1, 0], [3., 4.])
    tensor(crow_indices=tensor([0, 1, 2]),
           col_indices=tensor([1, 0]),
           values=tensor([3., 4.]), size=(2, 2), nnz=2, layout=torch.sparse_csr)
    """
    return make_compressed(crow_indices, col_indices, values, size, dtypes.sparse_csr, dtype,
                           device, requires_grad, check_invariants)  # fmt: skip


def sparse_csc_tensor(
    ccol_indices: Any, row_indices: Any, values: Any, size: Any = None, *, dtype: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
    check_invariants: bool | None = None,
) -> Any:  # fmt: skip
    """A sparse matrix stored column by column.

    >>> import chainrule as torch
    >>> torch.sparse_csc_tensor([0, 1, 2], [1, 0], [3., 4.]).to_dense()
    tensor([[0., 4.],
            [3., 0.]])
    """
    return make_compressed(ccol_indices, row_indices, values, size, dtypes.sparse_csc, dtype,
                           device, requires_grad, check_invariants)  # fmt: skip


def sparse_bsr_tensor(
    crow_indices: Any, col_indices: Any, values: Any, size: Any = None, *, dtype: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
    check_invariants: bool | None = None,
) -> Any:  # fmt: skip
    """A sparse matrix of dense blocks, stored row by row.

    >>> import chainrule as torch
    >>> torch.sparse_bsr_tensor([0, 1], [0], torch.ones(1, 2, 2)).to_dense()
    tensor([[1., 1.],
            [1., 1.]])
    """
    return make_compressed(crow_indices, col_indices, values, size, dtypes.sparse_bsr, dtype,
                           device, requires_grad, check_invariants)  # fmt: skip


def sparse_bsc_tensor(
    ccol_indices: Any, row_indices: Any, values: Any, size: Any = None, *, dtype: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
    check_invariants: bool | None = None,
) -> Any:  # fmt: skip
    """A sparse matrix of dense blocks, stored column by column.

    >>> import chainrule as torch
    >>> torch.sparse_bsc_tensor([0, 1], [0], torch.ones(1, 2, 2)).to_dense()
    tensor([[1., 1.],
            [1., 1.]])
    """
    return make_compressed(ccol_indices, row_indices, values, size, dtypes.sparse_bsc, dtype,
                           device, requires_grad, check_invariants)  # fmt: skip


def sparse_compressed_tensor(
    compressed_indices: Any, plain_indices: Any, values: Any, size: Any = None, *,
    dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
    requires_grad: bool = False, check_invariants: bool | None = None,
) -> Any:  # fmt: skip
    """A sparse matrix in the compressed `layout`.

    >>> import chainrule as torch
    >>> torch.sparse_compressed_tensor([0, 1], [0], [2.], layout=torch.sparse_csr).to_dense()
    tensor([[2.]])
    """
    if layout not in NAMES:
        raise ArgumentError("expected compressed sparse tensor layout (sparse_csr, sparse_csc, "
                            f"sparse_bsr, sparse_bsc) but got {layout}")  # fmt: skip
    return make_compressed(compressed_indices, plain_indices, values, size, layout, dtype, device,
                           requires_grad, check_invariants)  # fmt: skip


# ---- from one layout to another ------------------------------------------------------------


def added_rows(values: Tensor, place: Array, rows: int) -> Tensor:
    """(rows, ...) with each of the values added at its place."""
    if values._array.dtype.kind in "b":
        out = np.zeros((rows, *values._array.shape[1:]), bool)
        np.logical_or.at(out, place, values._array)
        return from_array(out)  # type: ignore[no-any-return]
    return apply(  # type: ignore[no-any-return]
        EmbeddingGrad, values, from_array(place), rows=rows, padding=-1, by_count=False
    )


def coalesce(self: CooTensor) -> CooTensor:
    """Coordinates sorted, each once; values at one place added up.

    Gradient: each value gets that of its place.

    >>> import chainrule as torch
    >>> x = torch.sparse_coo_tensor([[1, 0, 1]], [1., 2., 3.], (2,))
    >>> x.coalesce().values()
    tensor([2., 4.])
    """
    if self._ordered:
        return self
    sizes = sparse_sizes(self)
    key = keys_of(self._i, sizes)
    steps = np.diff(key)
    if (steps > 0).all():
        out = coo(self._i, self._v, self._size, True)
        out._known = self._known
        return out
    distinct, place = np.unique(key, return_inverse=True)
    if len(distinct) == len(key):
        order = np.argsort(key, kind="stable")
        return coo(self._i[:, order], self._v[from_array(order)], self._size, True)
    values = added_rows(self._v, place.reshape(-1), len(distinct))
    return coo(coordinates(distinct, sizes), values, self._size, True)


def to_coo(x: Any) -> CooTensor:
    """Any sparse tensor in coordinates."""
    if isinstance(x, CooTensor):
        return x
    pattern = x.pattern()
    values, blocks = x._v, NAMES[x._layout][1]
    row, column = pattern.row, pattern.column
    if blocks:
        h, w = values._array.shape[1:3]
        grid = np.arange(h)[:, None], np.arange(w)
        row = (row[:, None, None] * h + grid[0]).repeat(w, 2)
        column = (column[:, None, None] * w + grid[1]).repeat(h, 1)
        values = values.reshape(-1, *values._array.shape[3:])
    index = np.stack([row.reshape(-1), column.reshape(-1)]).astype(np.int64)
    out = coo(index, values, x._size)
    return coalesce(out)


def to_dense(self: Any, dtype: Any = None, *, masked_grad: Any = None) -> Tensor:
    """The same values with all the zeros.

    Gradient: g at the entries.

    >>> import chainrule as torch
    >>> torch.sparse_coo_tensor([[1]], [5.], (3,)).to_dense()
    tensor([0., 5., 0.])
    """
    x = to_coo(self)
    sizes = sparse_sizes(x)
    flat = added_rows(x._v, keys_of(x._i, sizes), entries(sizes))
    out = flat.reshape(x._size)
    return out if dtype is None else out.to(dtype)


def from_dense(x: Tensor, sparse_dim: int | None = None) -> CooTensor:
    """Coordinates of what is not zero, over the first `sparse_dim` dimensions."""
    array = x._array
    dims = array.ndim if sparse_dim is None else sparse_dim
    if not 0 <= dims <= array.ndim or (dims == 0 and array.ndim):
        raise ArgumentError("sparse_dim must be in range (0, dense_dim + sparse_dim), but got "
                            f"sparse_dim={dims} for {array.ndim} dimensions")  # fmt: skip
    present = array != 0
    if dims < array.ndim:
        present = present.any(tuple(range(dims, array.ndim)))
    index = np.array(np.nonzero(present), np.int64).reshape(dims, -1)
    if dims == 0:
        index = np.zeros((0, int(bool(present))), np.int64)
        return coo(index, x.reshape(1)[: index.shape[1]], array.shape, True)
    sizes = array.shape[:dims]
    rows = x.reshape(entries(sizes), *array.shape[dims:])
    return coo(index, rows[from_array(keys_of(index, sizes))], array.shape, True)


def compress(x: CooTensor, layout: Any, blocksize: Any = None) -> CompressedTensor:
    """A matrix in coordinates as CSR, CSC, BSR or BSC."""
    if len(x._i) != 2:
        raise ShapeError("to_sparse_csr: only matrices (2 sparse dimensions) can be converted, got "
                         f"{len(x._i)}", [("tensor", x)])  # fmt: skip
    dim, blocks = NAMES[layout]
    x = coalesce(x)
    if blocks:
        return compress_blocks(x, layout, blocksize)
    index, values = x._i, x._v
    if dim == 1:
        order = np.lexsort((index[0], index[1]))
        index, values = index[:, order], values[from_array(order)]
    outer = np.concatenate([[0], np.cumsum(np.bincount(index[dim], minlength=x._size[dim]))])
    return compressed(outer.astype(np.int64), index[1 - dim], values, x._size, layout)  # type: ignore[no-any-return]


def compress_blocks(x: CooTensor, layout: Any, blocksize: Any) -> CompressedTensor:
    h, w = blocksize
    if x._size[0] % h or x._size[1] % w:
        raise ShapeError(f"tensor sparse size ({x._size[0]}, {x._size[1]}) must be divisible by "
                         f"given blocksize ({h}, {w})")  # fmt: skip
    dim, grid = NAMES[layout][0], (x._size[0] // h, x._size[1] // w)
    row, column = x._i[0] // h, x._i[1] // w
    key = row * grid[1] + column if dim == 0 else column * grid[0] + row
    distinct, place = np.unique(key, return_inverse=True)
    inside = place.reshape(-1) * (h * w) + (x._i[0] % h) * w + x._i[1] % w
    values = added_rows(x._v, inside, len(distinct) * h * w)
    values = values.reshape(len(distinct), h, w, *x._v._array.shape[1:])
    other = grid[1 - dim]
    counts = np.bincount(distinct // other, minlength=grid[dim])
    outer = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return compressed(outer, distinct % other, values, x._size, layout)  # type: ignore[no-any-return]


def to_layout(x: Any, layout: Any, blocksize: Any = None, sparse_dim: Any = None) -> Any:
    """Any tensor in any layout."""
    if layout is dtypes.strided:
        return to_dense(x) if isinstance(x, SparseTensor) else x
    if isinstance(x, SparseTensor) and x.layout is layout and blocksize is None:
        return x
    listed = to_coo(x) if isinstance(x, SparseTensor) else from_dense(x, sparse_dim)
    if layout is dtypes.sparse_coo:
        return listed
    if NAMES[layout][1] and blocksize is None:
        raise ArgumentError(f"to_sparse({layout}) needs a blocksize")
    return compress(listed, layout, blocksize)


def to_sparse(
    self: Tensor, sparse_dim: Any = None, *, layout: Any = None, blocksize: Any = None,
    dense_dim: Any = None,
) -> Any:  # fmt: skip
    """This tensor in a sparse layout; coordinates unless `layout` says another.

    Gradient: of what is not zero.

    >>> import chainrule as torch
    >>> torch.tensor([[0., 1.], [2., 0.]]).to_sparse().values()
    tensor([1., 2.])
    """
    if isinstance(sparse_dim, dtypes.layout):
        layout, sparse_dim = sparse_dim, None
    if layout is None:
        layout = dtypes.sparse_coo
        if blocksize is not None:
            layout = dtypes.sparse_bsr
    if dense_dim is not None and sparse_dim is None and not isinstance(self, SparseTensor):
        sparse_dim = self._array.ndim - dense_dim
    return to_layout(self, layout, blocksize, sparse_dim)


def to_sparse_coo(self: Tensor) -> Any:
    """This tensor in coordinates."""
    return to_layout(self, dtypes.sparse_coo)


def to_sparse_csr(self: Tensor, dense_dim: int | None = None) -> Any:
    """This matrix stored row by row.

    >>> import chainrule as torch
    >>> torch.eye(2).to_sparse_csr().crow_indices()
    tensor([0, 1, 2])
    """
    return to_layout(self, dtypes.sparse_csr, None, 2 if dense_dim else None)


def to_sparse_csc(self: Tensor, dense_dim: int | None = None) -> Any:
    """This matrix stored column by column."""
    return to_layout(self, dtypes.sparse_csc, None, 2 if dense_dim else None)


def to_sparse_bsr(self: Tensor, blocksize: Any, dense_dim: int | None = None) -> Any:
    """This matrix stored as rows of blocks."""
    return to_layout(self, dtypes.sparse_bsr, tuple(blocksize), 2 if dense_dim else None)


def to_sparse_bsc(self: Tensor, blocksize: Any, dense_dim: int | None = None) -> Any:
    """This matrix stored as columns of blocks."""
    return to_layout(self, dtypes.sparse_bsc, tuple(blocksize), 2 if dense_dim else None)


@contextlib.contextmanager
def unchecked() -> Any:
    """No checks of new sparse tensors within."""
    with check_sparse_tensor_invariants(False):
        yield
