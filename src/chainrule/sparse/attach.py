"""Where sparse tensors meet the rest: their methods, and functions and methods that may get one.

A function for dense tensors that is given a sparse one raises LayoutError when it looks for its
memory; those named in `MEET` are then called in their sparse form.  Dense calls pay one `try`, and
only in programs that use sparse tensors.
"""

from __future__ import annotations

import functools
import sys
from typing import Any

from chainrule import dtypes
from chainrule.errors import LayoutError
from chainrule.functional.border import EXPORTS
from chainrule.sparse import arithmetic, construction, methods, products, reductions, selection
from chainrule.sparse.arithmetic import AS_THEY_ARE, KEEP_ZERO, in_place, on_values
from chainrule.sparse.tensor import SparseTensor
from chainrule.tensor import Tensor


def swapped(function: Any) -> Any:
    def call(self: Any, other: Any) -> Any:
        return function(other, self)

    return call


METHODS: dict[str, Any] = {
    name: getattr(methods, name)
    for name in (
        "indices", "values", "_indices", "_values", "_nnz", "is_coalesced", "_coalesced_",
        "crow_indices", "col_indices", "ccol_indices", "row_indices", "sparse_dim", "dense_dim",
    )
}  # fmt: skip
METHODS["coalesce"] = methods.coalesce_method
METHODS |= {name: getattr(construction, name) for name in (
    "to_sparse", "to_sparse_coo", "to_sparse_csr", "to_sparse_csc", "to_sparse_bsr",
    "to_sparse_bsc",
)}  # fmt: skip
METHODS["sparse_mask"] = selection.sparse_mask

ARITHMETIC = {"add": arithmetic.add, "sub": arithmetic.sub, "subtract": arithmetic.sub,
              "mul": arithmetic.mul, "multiply": arithmetic.mul, "div": arithmetic.div,
              "divide": arithmetic.div, "true_divide": arithmetic.div,
              "floor_divide": arithmetic.floor_divide, "pow": arithmetic.power}  # fmt: skip
OWN: dict[str, Any] = dict(ARITHMETIC)
OWN |= {f"{name}_": in_place(function) for name, function in ARITHMETIC.items()}
OWN["add_"] = arithmetic.add_in_place
OWN |= {name: on_values(name) for name in KEEP_ZERO if hasattr(Tensor, name)}
OWN |= {name: on_values(name, False) for name in AS_THEY_ARE if hasattr(Tensor, name)}
OWN |= {f"{name}_": in_place(OWN[name]) for name in (*KEEP_ZERO, *AS_THEY_ARE) if name in OWN}
OWN |= {
    "to_dense": construction.to_dense, "mm": products.mm, "matmul": products.matmul,
    "mv": products.mv, "bmm": products.bmm, "addmm": products.addmm, "smm": products.smm,
    "sspaddmm": products.sspaddmm, "sum": reductions.sum, "norm": reductions.norm,
    "softmax": reductions.softmax, "log_softmax": reductions.log_softmax,
    "index_select": selection.index_select, "select": selection.select,
    "narrow": selection.narrow, "transpose": selection.transpose, "permute": selection.permute,
    "swapaxes": selection.transpose, "t": selection.t, "unsqueeze": selection.unsqueeze,
    "squeeze": selection.squeeze, "sparse_resize_": selection.resize,
    "sparse_resize_and_clear_": selection.resize_and_clear,
    "broadcast_to": selection.broadcast_to, "to": methods.to, "clone": methods.clone,
    "detach": methods.detach, "detach_": methods.detach_, "zero_": methods.zero_,
    "copy_": methods.copy_, "numpy": methods.numpy, "__array__": methods.numpy,
    "size": methods.size, "numel": methods.numel, "nelement": methods.numel,
    "item": methods.item, "type": methods.type_of, "__len__": methods.length,
    "__reduce_ex__": methods.reduce_ex, "__deepcopy__": methods.deepcopy,
    "__copy__": methods.shallow, "__getitem__": selection.get_item,
    "__add__": arithmetic.add, "__radd__": swapped(arithmetic.add),
    "__sub__": arithmetic.sub, "__rsub__": swapped(arithmetic.sub),
    "__mul__": arithmetic.mul, "__rmul__": arithmetic.mul,
    "__truediv__": arithmetic.div, "__rtruediv__": swapped(arithmetic.div),
    "__floordiv__": arithmetic.floor_divide, "__pow__": arithmetic.power,
    "__neg__": OWN["neg"], "__abs__": OWN["abs"],
    "__matmul__": products.matmul, "__rmatmul__": swapped(products.matmul),
    "__iadd__": OWN["add_"], "__isub__": OWN["sub_"], "__imul__": OWN["mul_"],
    "__itruediv__": OWN["div_"],
    "dim": lambda self: self.ndim, "ndimension": lambda self: self.ndim,
    "is_floating_point": lambda self: self.dtype.is_floating_point,
    "is_complex": lambda self: self.dtype.is_complex,
    "is_signed": lambda self: self.dtype.is_signed,
    "is_contiguous": lambda self, memory_format=None: False,
    "contiguous": lambda self, memory_format=None: self,
    "cpu": lambda self, memory_format=None: self,
    "pin_memory": lambda self, device=None: self,
    "share_memory_": lambda self: self,
    "type_as": lambda self, other: methods.cast(self, other.dtype.dtype),
    "element_size": lambda self: self.itemsize,
    "is_same_size": lambda self, other: tuple(self.shape) == tuple(other.shape),
    "_is_view": lambda self: False, "stride": lambda self: (0,) * self.ndim,
    "new_zeros": lambda self, *size, **options: self._v.new_zeros(*size, **options),
}  # fmt: skip
for _name, _dtype in (
    ("float", dtypes.float32), ("double", dtypes.float64), ("half", dtypes.float16),
    ("bfloat16", dtypes.bfloat16), ("int", dtypes.int32), ("long", dtypes.int64),
    ("short", dtypes.int16), ("char", dtypes.int8), ("byte", dtypes.uint8),
    ("bool", dtypes.bool), ("cfloat", dtypes.complex64), ("cdouble", dtypes.complex128),
):  # fmt: skip
    OWN[_name] = methods.cast_method(_name, _dtype)

MEET = {  # functions at the top of torch that may get a sparse tensor
    **ARITHMETIC,
    **{name: OWN[name] for name in (*KEEP_ZERO, *AS_THEY_ARE) if name in OWN},
    **{name: OWN[name] for name in (
        "mm", "matmul", "mv", "bmm", "addmm", "sum", "norm", "index_select", "select", "narrow",
        "transpose", "permute", "swapaxes", "t", "unsqueeze", "squeeze", "clone", "detach", "numel",
        "is_floating_point", "is_complex", "is_signed", "is_same_size",
    )},
    "zeros_like": methods.zeros_like, "rsub": arithmetic.rsub,
    "softmax": lambda input, dim, dtype=None: reductions.softmax(input, dim, dtype=dtype),
}  # fmt: skip
LISTS = {"cat": selection.cat, "concat": selection.cat, "concatenate": selection.cat,
         "stack": selection.stack}  # fmt: skip
DENSE = {  # methods of a dense tensor whose argument may be sparse
    **{name: OWN[name] for name in ("add", "sub", "mul", "mm", "matmul", "addmm")},
    "add_": arithmetic.add_to_dense, "__iadd__": arithmetic.add_to_dense,
    "sub_": arithmetic.subtract_from_dense, "__isub__": arithmetic.subtract_from_dense,
    "mul_": arithmetic.multiply_dense_, "__imul__": arithmetic.multiply_dense_,
    "addmm_": lambda self, *args, **options: self.copy_(products.addmm(self, *args, **options)),
}  # fmt: skip


def guarded(dense: Any, sparse: Any) -> Any:
    """`dense`, and `sparse` for what it cannot take."""

    @functools.wraps(dense)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return dense(*args, **kwargs)
        except LayoutError:
            return sparse(*args, **kwargs)

    return call


def guarded_list(dense: Any, sparse: Any) -> Any:
    """The same for a function whose first argument is a list of tensors."""

    @functools.wraps(dense)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return dense(*args, **kwargs)
        except Exception:
            given = args[0] if args else kwargs.get("tensors", ())
            if any(isinstance(x, SparseTensor) for x in given):
                return sparse(*args, **kwargs)
            raise

    return call


def attach() -> None:
    """Give tensors their sparse methods, and functions their sparse forms.

    A module `torch` that answers with chainrule's functions holds them under its own name, too.
    """
    tops = [m for m in map(sys.modules.get, ("chainrule", "torch")) if m is not None]
    for name, method in METHODS.items():
        setattr(Tensor, name, method)
    for name, method in OWN.items():
        setattr(SparseTensor, name, method)
    for name in ("T", "mT"):
        setattr(SparseTensor, name, property(selection.t, doc="The transposed matrix."))
    for forms, guard in ((MEET, guarded), (LISTS, guarded_list)):
        for name, form in forms.items():
            if name in EXPORTS:
                dense = EXPORTS[name]
                EXPORTS[name] = guard(dense, form)
                for top in tops:
                    if vars(top).get(name) is dense:
                        setattr(top, name, EXPORTS[name])
    for name, form in DENSE.items():
        setattr(Tensor, name, guarded(getattr(Tensor, name), form))
