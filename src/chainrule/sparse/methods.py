"""What is asked of a sparse tensor: its parts, its dtype, copies, pickles."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.errors import ArgumentError, DtypeError, LayoutError
from chainrule.functional.conversion import LEGACY_NAME, parse_to
from chainrule.functional.protocols import attributes, finish_copy
from chainrule.sparse.construction import coalesce, to_dense
from chainrule.sparse.tensor import (
    NAMES,
    CompressedTensor,
    CooTensor,
    SparseTensor,
    compressed,
    coo,
)
from chainrule.tensor import Tensor, from_array


def wrong_layout(what: str, x: Any, wanted: str) -> LayoutError:
    names = {dtypes.strided: "Strided", dtypes.sparse_coo: "Sparse", dtypes.sparse_csr: "SparseCsr",
             dtypes.sparse_csc: "SparseCsc", dtypes.sparse_bsr: "SparseBsr",
             dtypes.sparse_bsc: "SparseBsc"}  # fmt: skip
    return LayoutError(f"{what} expected {wanted} layout but got {names[x.layout]}",
                       [("tensor", x)])  # fmt: skip


def listed(what: str, x: Any) -> Any:
    """`x`, if its entries are listed by coordinates."""
    if not isinstance(x, CooTensor):
        raise wrong_layout(what, x, "sparse coordinate tensor")
    return x


def indices(self: Any) -> Tensor:
    """The coordinates, one column per entry.

    Errors: coordinates must be coalesced.
    """
    if not listed("indices", self)._ordered:
        raise ArgumentError(
            "Cannot get indices on an uncoalesced tensor, please call .coalesce() first"
        )
    return from_array(self._i)  # type: ignore[no-any-return]


def values(self: Any) -> Tensor:
    """The values, one per entry.

    Gradient: flows to the values this tensor was made of.
    Errors: coordinates must be coalesced.
    """
    if not isinstance(self, SparseTensor):
        raise wrong_layout("values", self, "sparse tensor")
    if isinstance(self, CooTensor) and not self._ordered:
        raise ArgumentError(
            "Cannot get values on an uncoalesced tensor, please call .coalesce() first"
        )
    return self._v


def _indices(self: Any) -> Tensor:
    """The coordinates as they are stored."""
    return from_array(listed("_indices", self)._i)  # type: ignore[no-any-return]


def _values(self: Any) -> Tensor:
    """The values as they are stored, without graph."""
    if not isinstance(self, SparseTensor):
        raise wrong_layout("_values", self, "sparse tensor")
    return from_array(self._v._array)  # type: ignore[no-any-return]


def _nnz(self: Any) -> int:
    """How many entries are stored."""
    if not isinstance(self, SparseTensor):
        raise wrong_layout("_nnz", self, "sparse tensor")
    return self._v._array.shape[0]  # type: ignore[no-any-return]


def is_coalesced(self: Any) -> bool:
    """Whether coordinates are in order and distinct."""
    return listed("is_coalesced", self)._ordered  # type: ignore[no-any-return]


def _coalesced_(self: Any, coalesced: bool) -> Any:
    """State that coordinates are in order and distinct."""
    listed("_coalesced_", self)._ordered = bool(coalesced)
    return self


def coalesce_method(self: Any) -> Any:
    """Coordinates sorted, each once; values at one place added up."""
    return coalesce(listed("coalesce", self))


coalesce_method.__name__ = "coalesce"


def part_of(name: str, dim: int, outer: bool) -> Any:
    """One of crow_indices, col_indices, ccol_indices, row_indices."""

    def call(self: Any) -> Tensor:
        if not isinstance(self, CompressedTensor) or NAMES[self._layout][0] != dim:
            raise wrong_layout(name, self, "sparse row compressed tensor" if dim == 0 else
                               "sparse column compressed tensor")  # fmt: skip
        return from_array(self._outer if outer else self._inner)  # type: ignore[no-any-return]

    call.__name__ = name
    call.__doc__ = {
        True: "Where the entries of each row (column) begin.",
        False: "In which column (row) each entry stands.",
    }[outer]
    return call


crow_indices, col_indices = part_of("crow_indices", 0, True), part_of("col_indices", 0, False)
ccol_indices, row_indices = part_of("ccol_indices", 1, True), part_of("row_indices", 1, False)


def sparse_dim(self: Any) -> int:
    """How many dimensions are sparse."""
    if isinstance(self, CooTensor):
        return len(self._i)
    return 2 if isinstance(self, CompressedTensor) else 0


def dense_dim(self: Any) -> int:
    """How many dimensions are dense."""
    return len(self.shape) - sparse_dim(self)


def dense_to_dense(self: Tensor, dtype: Any = None, *, masked_grad: Any = None) -> Tensor:
    """A dense tensor is dense already; `dtype` converts it."""
    return self if dtype is None else self.to(dtype)  # type: ignore[no-any-return]


# ---- dtype, device, copies -----------------------------------------------------------------


def to(self: Any, *args: Any, **options: Any) -> Any:
    """This tensor with another dtype; itself if there is nothing to change."""
    wanted, fresh, _ = parse_to(args, **options)
    return cast(self, wanted, fresh)


def cast(x: Any, wanted: Any, fresh: bool = False) -> Any:
    if wanted is None or wanted == x._v._array.dtype:
        return clone(x) if fresh else x
    return x._with(x._v.to(dtypes.of(wanted)))


def cast_method(name: str, dtype: Any) -> Any:
    def call(self: Any, memory_format: Any = None) -> Any:
        return cast(self, dtype.dtype)

    call.__name__, call.__doc__ = name, f"This tensor as {dtype}."
    return call


def clone(self: Any, *, memory_format: Any = None) -> Any:
    """A copy with memory of its own."""
    values = self._v.clone()
    if isinstance(self, CooTensor):
        out = coo(self._i.copy(), values, self._size, self._ordered)
    else:
        out = compressed(self._outer.copy(), self._inner.copy(), values, self._size, self._layout)
    return out


def detach(self: Any) -> Any:
    """The same memory without graph."""
    return self._with(self._v.detach())


def detach_(self: Any) -> Any:
    """Cut this tensor off its graph, in place."""
    self._v = self._v.detach()
    return self


def zero_(self: Any) -> Any:
    """No entries, in place."""
    if isinstance(self, CompressedTensor):
        self._v.zero_()
        return self
    self._i, self._ordered = self._i[:, :0], True
    self._v, self._known = from_array(self._v._array[:0]), None
    return self


def zeros_like(input: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
               requires_grad: bool = False, memory_format: Any = None,
               pin_memory: bool = False) -> Any:  # fmt: skip
    """A sparse tensor of this size without entries."""
    kind = dtypes.numpy_dtype(dtype) or input._v._array.dtype
    if layout is dtypes.strided:
        return from_array(np.zeros(input._size, kind))
    if isinstance(input, CompressedTensor):
        blank = from_array(np.zeros((0, *input._v._array.shape[1:]), kind))
        return compressed(np.zeros_like(input._outer), input._inner[:0], blank, input._size,
                          input._layout)  # fmt: skip
    blank = from_array(np.zeros((0, *input._v._array.shape[1:]), kind))
    return coo(input._i[:, :0], blank, input._size, True)


def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Take over size, entries and values of another sparse tensor, in this one's dtype."""
    if not isinstance(src, SparseTensor) or src.layout is not self.layout:
        raise LayoutError("copy_() between dense and sparse Tensors is not implemented!",
                          [("self", self), ("src", src)])  # fmt: skip
    from chainrule.sparse.arithmetic import replace

    return replace(self, clone(cast(src, self._v._array.dtype)))


def numpy(self: Any, *, force: bool = False) -> Any:
    """An error: NumPy has no sparse arrays."""
    raise ArgumentError(f"can't convert {'Sparse' if isinstance(self, CooTensor) else 'SparseCsr'} "
                        "layout tensor to numpy. Use Tensor.to_dense() first.",
                        [("tensor", self)])  # fmt: skip


def size(self: Any, dim: Any = None) -> Any:
    """The shape, or one of its sizes."""
    return self.shape if dim is None else self.shape[spec.normalize_axis(int(dim), self.ndim)]


def numel(self: Any) -> int:
    """The number of elements, zeros too."""
    return spec.size_of(self._size)


def item(self: Any) -> Any:
    """The one element."""
    return to_dense(self).item()


def length(self: Any) -> int:
    """The size of the first dimension."""
    return self._size[0]  # type: ignore[no-any-return]


def type_of(self: Any, dtype: Any = None, non_blocking: bool = False, **kwargs: Any) -> Any:
    """The old name of this tensor's type; given a dtype: a cast."""
    if dtype is not None:
        return self.to(dtypes.numpy_dtype(dtype) if not isinstance(dtype, dtypes.dtype) else dtype)
    if isinstance(self, CompressedTensor):
        raise DtypeError("Unimplemented backend SparseCsrCPU", [("tensor", self)])
    return f"torch.sparse.{LEGACY_NAME[self.dtype]}Tensor"


type_of.__name__ = "type"
BOOKKEEPING = frozenset(("_i", "_v", "_size", "_ordered", "_known", "_outer", "_inner", "_layout",
                         "_base", "_steps", "_views", "_untracked"))  # fmt: skip


def parts(self: Any) -> tuple[Any, ...]:
    if isinstance(self, CooTensor):
        return (None, self._i, None, self._v._array, self._size, self._ordered)
    layout = self._layout.name
    return (layout, self._outer, self._inner, self._v._array, self._size, None)


def rebuild(layout: Any, first: Any, second: Any, values: Any, size: Any, ordered: Any,
            requires_grad: bool, extra: dict[str, Any]) -> Any:  # fmt: skip
    """What a pickle calls."""
    kept = from_array(values)
    if layout is None:
        out: Any = coo(first, kept, size, ordered)
    else:
        out = compressed(first, second, kept, size, getattr(dtypes, layout))
    finish_copy(out, requires_grad, extra)
    return out


def own_attributes(self: Any) -> dict[str, Any]:
    return {k: v for k, v in attributes(self).items() if k not in BOOKKEEPING}


def reduce_ex(self: Any, protocol: Any) -> Any:
    """Pickles hold indices, values, requires_grad and attributes."""
    return rebuild, (*parts(self), self._node is not None, own_attributes(self))


def deepcopy(self: Any, memo: Any) -> Any:
    """A copy with memory of its own."""
    if id(self) not in memo:
        given = copy.deepcopy(parts(self), memo)
        memo[id(self)] = rebuild(*given, self._node is not None,
                                 copy.deepcopy(own_attributes(self), memo))  # fmt: skip
    return memo[id(self)]


def shallow(self: Any) -> Any:
    """Another tensor object over the same memory."""
    return rebuild(*parts(self), self._node is not None, own_attributes(self))


reduce_ex.__name__, deepcopy.__name__, shallow.__name__ = (
    "__reduce_ex__", "__deepcopy__", "__copy__")  # fmt: skip
