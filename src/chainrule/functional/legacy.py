"""torch's old tensor types: `torch.FloatTensor([1, 2])`, `torch.LongTensor(3)`.

They are no classes of tensors but constructors with a dtype; `isinstance(x, torch.FloatTensor)`
asks for that dtype.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.errors import ArgumentError, DeviceError, DtypeError
from chainrule.functional.border import EXPORTS
from chainrule.functional.conversion import LEGACY
from chainrule.functional.data import array_from, is_sequence
from chainrule.functional.options import check_device, sizes
from chainrule.tensor import Tensor, from_array


class TensorType(type):
    """The class of torch.FloatTensor and its kin."""

    dtype: dtypes.dtype

    def __instancecheck__(cls, value: Any) -> bool:
        strided = isinstance(value, Tensor) and value.layout is dtypes.strided
        return strided and value.dtype is cls.dtype

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.__name__}'>"

    def __call__(cls, *args: Any, device: Any = None) -> Any:
        if device is not None and dtypes.device(device).type != "cpu":
            raise DeviceError(f"legacy constructor expects device type: cpu but device type: "
                              f"{dtypes.device(device).type} was passed")  # fmt: skip
        return from_array(legacy_array(args, cls.dtype))


def legacy_array(args: tuple[Any, ...], dtype: dtypes.dtype) -> Any:
    """The array an old constructor makes: of sizes uninitialised, of data with its values."""
    if len(args) == 1 and not isinstance(args[0], dtypes.Size):
        source = args[0]
        if isinstance(source, Tensor) and source._array.ndim:
            if source._array.dtype != dtype.dtype:
                raise DtypeError(f"expected a tensor of dtype {dtype} (got {source.dtype})",
                                 [("tensor", source)], fix="Use .to(dtype).")  # fmt: skip
            return source._array
        if is_sequence(source) or isinstance(source, np.ndarray):
            return array_from(source, dtype.dtype)
        if isinstance(source, (float, complex)):
            raise ArgumentError(f"new(): data must be a sequence (got {type(source).__name__})",
                                fix="A number becomes a tensor by torch.tensor.")  # fmt: skip
    return np.empty(sizes(args or (0,), "new"), dtype.dtype)


def __new__(cls: type[Tensor], *args: Any, device: Any = None) -> Any:
    """`Tensor(2, 3)` is uninitialised memory, `Tensor([1, 2])` float data, `Tensor(x)` a view."""
    if device is not None:
        check_device(device)
    if len(args) == 1 and isinstance(args[0], Tensor):
        return from_array(args[0]._array.view(), cls)
    return from_array(legacy_array(args, dtypes.of(spec.Defaults.floating)), cls)


Tensor.__new__ = staticmethod(__new__)  # type: ignore[assignment]
for _name, _dtype in LEGACY.items():
    EXPORTS[f"{_name}Tensor"] = TensorType(
        f"{_name}Tensor",
        (),
        {"dtype": _dtype, "__doc__": f"The old constructor of tensors of {_dtype}."},
    )
