"""torch's old constructors: `torch.sparse.FloatTensor(indices, values, size)`."""

from __future__ import annotations

from typing import Any

from chainrule import dtypes
from chainrule.functional.conversion import LEGACY
from chainrule.sparse.construction import sparse_coo_tensor
from chainrule.sparse.tensor import CooTensor
from chainrule.tensor import Tensor


class SparseType(type):
    """The class of torch.sparse.FloatTensor and its kin."""

    dtype: dtypes.dtype

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, CooTensor) and value.dtype is cls.dtype

    def __repr__(cls) -> str:
        return f"<class 'torch.sparse.{cls.__name__}'>"

    def __call__(cls, *args: Any, device: Any = None) -> Any:
        if args and isinstance(args[0], Tensor) and len(args) > 1:
            return sparse_coo_tensor(*args, device=device)
        size = args[0] if len(args) == 1 and not isinstance(args[0], int) else args
        return sparse_coo_tensor(tuple(size) or (0,), dtype=cls.dtype, device=device)


TYPES = {
    f"{name}Tensor": SparseType(
        f"{name}Tensor", (), {"dtype": dtype, "__doc__": f"Old constructor of sparse {dtype}."}
    )
    for name, dtype in LEGACY.items()
    if name in ("Float", "Double", "Half", "BFloat16", "Byte", "Char", "Short", "Int", "Long")
}
