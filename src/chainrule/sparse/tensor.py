"""Tensors that keep only some of their entries: where these stand, and their values.

The indices are plain arrays, the values a Tensor: the graph runs through the values, with
ordinary ops, and a sparse tensor requires gradients if its values do.  `CooTensor` lists the
coordinates of every entry; `CompressedTensor` (CSR, CSC, BSR, BSC) lists, for each row or column,
where its entries begin.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.backend.numpy_sparse import Pattern, SparseArray
from chainrule.errors import LayoutError
from chainrule.tensor import Tensor, from_array

Array = Any


class SparseTensor(Tensor):
    """What all sparse layouts share.  Build one with `torch.sparse_coo_tensor` and its kin."""

    _v: Tensor  # the values
    _size: tuple[int, ...]
    __hash__ = object.__hash__

    @property
    def _array(self) -> Any:  # type: ignore[override]
        raise LayoutError(
            f"Could not run this operation with arguments from the '{self._backend}' backend: it "
            "needs dense tensors, and got a sparse one", [("tensor", self)],
            fix="Convert it with .to_dense().",
        )  # fmt: skip

    @_array.setter
    def _array(self, value: Any) -> None:
        raise LayoutError("a sparse tensor's memory cannot be replaced by a dense one")

    # ---- facts -----------------------------------------------------------------------------

    @property
    def shape(self) -> dtypes.Size:
        """The sizes of all dimensions, as `torch.Size`."""
        return dtypes.Size(self._size)

    @property
    def dtype(self) -> dtypes.dtype:
        """The element type."""
        return self._v.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self._size)

    @property
    def itemsize(self) -> int:
        """Bytes per element."""
        return self._v.itemsize

    is_sparse = is_sparse_csr = False

    # ---- the graph: that of the values --------------------------------------------------------

    _node = property(lambda self: self._v._node, lambda self, n: setattr(self._v, "_node", n))
    _cut = property(lambda self: self._v._cut, lambda self, c: setattr(self._v, "_cut", c))

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Start, or stop, recording operations on this tensor.  Returns it."""
        self._v.requires_grad_(requires_grad)
        return self

    @property
    def _grad(self) -> Any:  # type: ignore[override]
        g = self._v._grad
        return None if g is None else self._as_gradient(g)

    @_grad.setter
    def _grad(self, value: Any) -> None:
        self._v._grad = value if value is None else value._v

    def _as_gradient(self, g: Any) -> Any:
        if isinstance(g, SparseTensor):
            return g
        return self._with(g if isinstance(g, Tensor) else from_array(np.asarray(g)))

    def _with(self, values: Tensor) -> Any:
        """The same pattern with other values."""
        raise NotImplementedError

    @property
    def data(self) -> Tensor:  # type: ignore[override]
        """The same memory without graph."""
        return self._with(self._v.detach())  # type: ignore[no-any-return]

    @property
    def _version(self) -> int:
        return self._v._version


class CooTensor(SparseTensor):
    """Coordinates: entry k has the value `values[k]` at `indices[:, k]`.

    Coordinates may repeat, their values then add up; `coalesce()` brings them together and in
    order.
    """

    _i: Array  # (sparse_dim, nnz), int64
    _ordered: bool  # coordinates are sorted and distinct
    _backend = "SparseCPU"
    is_sparse = True
    layout = dtypes.sparse_coo  # type: ignore[assignment]
    _known: Pattern | None = None

    def _with(self, values: Tensor) -> CooTensor:
        out = coo(self._i, values, (*self._size[: len(self._i)], *values._array.shape[1:]),
                  self._ordered)  # fmt: skip
        out._known = self._known
        return out

    def pattern(self) -> Pattern:
        """Where the entries of this matrix stand; kept, for it is used again and again."""
        if self._known is None:
            self._known = Pattern(self._i[0], self._i[1], self._size)  # type: ignore[arg-type]
        return self._known

    def raw(self) -> SparseArray:
        return SparseArray(self._i, self._v._array, self._size)


NAMES = {  # layout: (compressed dimension, has blocks)
    dtypes.sparse_csr: (0, False), dtypes.sparse_csc: (1, False),
    dtypes.sparse_bsr: (0, True), dtypes.sparse_bsc: (1, True),
}  # fmt: skip


class CompressedTensor(SparseTensor):
    """CSR: entries row by row; `crow[r]` to `crow[r + 1]` are those of row r, in columns `col`.

    CSC: the same by columns.  BSR and BSC: the entries are blocks.
    """

    _outer: Array  # where the entries of each row (column) begin
    _inner: Array  # in which column (row) each stands
    _layout: Any

    @property
    def layout(self) -> Any:  # type: ignore[override]
        """`torch.sparse_csr`, `sparse_csc`, `sparse_bsr` or `sparse_bsc`."""
        return self._layout

    @property
    def is_sparse_csr(self) -> bool:  # type: ignore[override]
        """Whether entries are listed row by row."""
        return self._layout is dtypes.sparse_csr

    @property
    def _backend(self) -> str:
        return "SparseCsrCPU"

    _known: Pattern | None = None

    def _with(self, values: Tensor) -> CompressedTensor:
        out = compressed(self._outer, self._inner, values, self._size, self._layout)
        out._known = self._known
        return out

    def pattern(self) -> Pattern:
        """Where the entries, or blocks, stand."""
        if self._known is None:
            counts = np.diff(self._outer)
            first = np.repeat(np.arange(len(counts)), counts)
            block = self._v._array.shape[1:3] if NAMES[self._layout][1] else (1, 1)
            shape = (self._size[0] // block[0], self._size[1] // block[1])
            second = self._inner.astype(np.int64)
            rows, columns = (first, second) if NAMES[self._layout][0] == 0 else (second, first)
            self._known = Pattern(rows, columns, shape)
        return self._known


def coo(indices: Array, values: Tensor, size: Any, ordered: bool = False) -> CooTensor:
    """A COO tensor, unchecked."""
    out: CooTensor = object.__new__(CooTensor)
    out._i, out._v, out._size = indices, values, tuple(size)
    out._ordered = ordered or indices.shape[1] < 2
    return out


def compressed(outer: Array, inner: Array, values: Tensor, size: Any, layout: Any) -> Any:
    """A CSR, CSC, BSR or BSC tensor, unchecked."""
    out: CompressedTensor = object.__new__(CompressedTensor)
    out._outer, out._inner, out._v = outer, inner, values
    out._size, out._layout = tuple(size), layout
    return out


def from_sparse_array(array: SparseArray) -> CooTensor:
    """A gradient of the reverse pass as a tensor."""
    return coo(array.indices, from_array(array.values), array.shape)


def keys_of(indices: Array, size: Any) -> Array:
    """One number per entry, in the order of the coordinates."""
    key = np.zeros(indices.shape[1], np.int64)
    for row, n in zip(indices, size):  # noqa: B905  (dense dimensions have no row)
        key = key * n + row
    return key


def coordinates(key: Array, size: Any) -> Array:
    """The coordinates that numbers stand for."""
    if not len(size):
        return np.zeros((0, len(key)), np.int64)
    return np.array(np.unravel_index(key, size), np.int64).reshape(len(size), -1)


def sparse_sizes(x: CooTensor) -> tuple[int, ...]:
    return x._size[: len(x._i)]


def entries(size: Any) -> int:
    return spec.size_of(size)


SparseArray.make_tensor = staticmethod(from_sparse_array)
