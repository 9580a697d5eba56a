"""From one dtype, device or memory order to another: `to`, `float`, `type`, `clone`, `numpy`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, GraphError
from chainrule.functional.border import EXPORTS, public
from chainrule.functional.options import axis_order, check_device
from chainrule.ops.shape import AsType, Copy
from chainrule.tensor import Tensor, from_array

Array = Any


def to(self: Tensor, *args: Any, **options: Any) -> Tensor:
    """This tensor with another dtype or device; itself if there is nothing to change.

    Called as `to(dtype)`, `to(device)`, `to(device, dtype)`, `to(other_tensor)`; each also takes
    `non_blocking`, `copy` and `memory_format`.

    Gradient: g in this tensor's dtype.
    Errors: devices other than the CPU.

    >>> import chainrule as torch
    >>> torch.tensor([1.7, -1.7]).to(torch.int64)
    tensor([ 1, -1])
    """
    if len(args) == 1 and not options and type(args[0]) is dtypes.dtype:
        wanted, copy, memory_format = args[0].dtype, False, None
    else:
        wanted, copy, memory_format = parse_to(args, **options)
    return converted(self, wanted, copy, memory_format)


def parse_to(
    args: tuple[Any, ...], dtype: Any = None, device: Any = None, non_blocking: Any = False,
    copy: Any = False, memory_format: Any = None, tensor: Any = None,
) -> tuple[Any, bool, Any]:  # fmt: skip
    """What a call of `to` asks for: NumPy's dtype or None, copy, memory format."""
    rest = list(args)
    if tensor is not None:
        rest.insert(0, tensor)
    if rest:
        first = rest.pop(0)
        if isinstance(first, Tensor):
            dtype = first.dtype
        elif isinstance(first, (dtypes.dtype, type, np.dtype)):
            dtype = first
        elif first is None or isinstance(first, (str, dtypes.device, int)):
            device = first
            if rest and not isinstance(rest[0], (bool, int)):
                dtype = rest.pop(0)
        elif isinstance(first, (float, complex)):
            dtype = spec.FLOAT64 if isinstance(first, float) else spec.COMPLEX128
        else:
            raise ArgumentError(
                f"to() received an invalid combination of arguments - got {type(first).__name__}",
                fix="Give a dtype, a device, a device and a dtype, or another tensor.",
            )
        if len(rest) > 1:
            copy = rest[1]
        if len(rest) > 2:
            raise ArgumentError(f"to() received an invalid combination of arguments: {args}")
    if device is not None:
        check_device(device)
    return dtypes.numpy_dtype(dtype), bool(copy), memory_format


def converted(self: Tensor, wanted: Any, copy: bool, memory_format: Any) -> Tensor:
    """`self` in a dtype and memory order; `self` itself if it is so already and need not be new."""
    array = self._array
    same = wanted is None or wanted == array.dtype
    order = None
    if memory_format is not None:
        order = axis_order(memory_format, array.ndim)
        if memory_format is dtypes.contiguous_format:
            order = tuple(range(array.ndim))
    if same:
        if not copy and (order is None or in_order(array, order)):
            return self
        return clone(self, memory_format=memory_format)
    if array.dtype.kind == "c" and wanted.kind not in "cb":
        warnings.warn(
            "Casting complex values to real discards the imaginary part", UserWarning, stacklevel=3
        )
    out = apply(AsType, self, dtype=wanted)
    if order is not None and not in_order(out._array, order):
        out = clone(out, memory_format=memory_format)
    return out  # type: ignore[no-any-return]


def in_order(array: Array, order: tuple[int, ...]) -> bool:
    """Whether memory is dense with the axes in this order, slowest first."""
    return bool(array.transpose(order).flags.c_contiguous)


@public(out=False)
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy in memory of its own, in the same order of strides; gradients flow through it.

    Gradient: g.

    >>> import chainrule as torch
    >>> torch.tensor([1., 2.]).clone()
    tensor([1., 2.])
    """
    array = input._array
    if memory_format is None or memory_format is dtypes.preserve_format:
        if array.flags.c_contiguous:
            return apply(Copy, input)  # type: ignore[no-any-return]
        return apply(Copy, input, order=None)  # type: ignore[no-any-return]
    order = axis_order(memory_format, array.ndim)
    if order is None:
        return apply(Copy, input)  # type: ignore[no-any-return]
    return apply(Copy, input, order=order)  # type: ignore[no-any-return]


def contiguous(self: Tensor, memory_format: Any = dtypes.contiguous_format) -> Tensor:
    """This tensor if its memory is dense in row-major (or the given) order, else a copy that is.

    Gradient: g.

    >>> import chainrule as torch
    >>> torch.ones(2, 3).t().contiguous().stride()
    (2, 1)
    """
    if memory_format is dtypes.preserve_format:
        raise ArgumentError("preserve memory format is unsupported by the contiguous operator")
    array = self._array
    order = axis_order(memory_format, array.ndim) or tuple(range(array.ndim))
    return self if in_order(array, order) else clone(self, memory_format=memory_format)


def is_contiguous(self: Tensor, memory_format: Any = dtypes.contiguous_format) -> bool:
    """Whether memory is dense in row-major (or the given) order.

    >>> import chainrule as torch
    >>> torch.ones(2, 3).t().is_contiguous()
    False
    """
    array = self._array
    if memory_format in (dtypes.channels_last, dtypes.channels_last_3d):
        rank = 4 if memory_format is dtypes.channels_last else 5
        if array.ndim != rank:
            return False
    order = axis_order(memory_format, array.ndim) or tuple(range(array.ndim))
    return in_order(array, order)


def cast_method(name: str, dtype: dtypes.dtype) -> None:
    """Attach `Tensor.<name>()`: `to(dtype)`."""

    def call(self: Tensor, *, memory_format: Any = None) -> Tensor:
        return converted(self, dtype.dtype, False, memory_format)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"This tensor as {dtype}; itself if it is that already.\n\n    Gradient: g."
    setattr(Tensor, name, call)


for _name, _dtype in (
    ("float", dtypes.float32), ("double", dtypes.float64), ("half", dtypes.float16),
    ("bfloat16", dtypes.bfloat16), ("int", dtypes.int32), ("long", dtypes.int64),
    ("short", dtypes.int16), ("char", dtypes.int8), ("byte", dtypes.uint8),
    ("bool", dtypes.bool), ("cfloat", dtypes.complex64), ("cdouble", dtypes.complex128),
):  # fmt: skip
    cast_method(_name, _dtype)


def cpu(self: Tensor, memory_format: Any = None) -> Tensor:
    """This tensor on the CPU, where it already is."""
    return converted(self, None, False, memory_format)


def cuda(self: Tensor, device: Any = None, non_blocking: bool = False,
         memory_format: Any = None) -> Tensor:  # fmt: skip
    """This tensor on a GPU.

    Errors: there is none here.
    """
    check_device("cuda")
    return self


def type_as(self: Tensor, other: Tensor) -> Tensor:
    """This tensor in the dtype of another.

    >>> import chainrule as torch
    >>> torch.tensor([1, 2]).type_as(torch.ones(1))
    tensor([1., 2.])
    """
    if not isinstance(other, Tensor):
        raise ArgumentError(
            f"type_as(): argument 'other' must be Tensor, not {type(other).__name__}"
        )
    return converted(self, other._array.dtype, False, None)


LEGACY = {  # torch's old names of tensor types
    "Float": dtypes.float32, "Double": dtypes.float64, "Half": dtypes.float16,
    "BFloat16": dtypes.bfloat16, "Byte": dtypes.uint8, "Char": dtypes.int8,
    "Short": dtypes.int16, "Int": dtypes.int32, "Long": dtypes.int64, "Bool": dtypes.bool,
    "ComplexFloat": dtypes.complex64, "ComplexDouble": dtypes.complex128,
    "UInt16": dtypes.uint16, "UInt32": dtypes.uint32, "UInt64": dtypes.uint64,
}  # fmt: skip
LEGACY_NAME = {d: name for name, d in LEGACY.items()}


def type_(self: Tensor, dtype: Any = None, non_blocking: bool = False, **kwargs: Any) -> Any:
    """The old name of this tensor's type, as 'torch.FloatTensor'; given one, or a dtype: a cast.

    >>> import chainrule as torch
    >>> torch.ones(1).type(), torch.ones(1).type(torch.int64)
    ('torch.FloatTensor', tensor([1]))
    """
    if dtype is None:
        name = LEGACY_NAME.get(self.dtype, self.dtype.name.capitalize())
        return f"torch.{name}Tensor"
    if isinstance(dtype, str):
        dtype = dtype_called(dtype)
    elif isinstance(dtype, type) and isinstance(getattr(dtype, "dtype", None), dtypes.dtype):
        if getattr(dtype, "is_cuda", False):
            check_device("cuda")
        dtype = dtype.dtype
    elif dtype is Tensor:
        dtype = dtypes.of(spec.Defaults.floating)
    return converted(self, dtypes.numpy_dtype(dtype), False, None)


def dtype_called(name: str) -> dtypes.dtype:
    """The dtype that an old type name stands for."""
    parts = name.split(".")
    if len(parts) == 3 and parts[:2] == ["torch", "cuda"]:
        check_device("cuda")
    kind = parts[-1].removesuffix("Tensor")
    if len(parts) != 2 or parts[0] != "torch" or not parts[1].endswith("Tensor"):
        raise ArgumentError(f"invalid type: {name!r}", fix="Use a torch.dtype.")
    if not kind:
        return dtypes.of(spec.Defaults.floating)
    if kind not in LEGACY:
        raise ArgumentError(f"invalid type: {name!r}", fix="Use a torch.dtype.")
    return LEGACY[kind]


def numpy(self: Tensor, *, force: bool = False) -> Array:
    """This tensor's memory as a NumPy array; writing into one writes into the other.

    Args:
        force: detach first, and convert what NumPy does not have.
    Errors: tensors that require gradients must be detached first.

    >>> import chainrule as torch
    >>> torch.tensor([1., 2.]).numpy()
    array([1., 2.], dtype=float32)
    """
    if self._node is not None and not force:
        raise GraphError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
            [("tensor", self)],
        )
    array = self._array
    if array.dtype.kind == "V":
        raise DtypeError("Got unsupported ScalarType BFloat16", [("tensor", self)],
                         fix="Convert it first: x.float().numpy().")  # fmt: skip
    return array.view()


def __array__(self: Tensor, dtype: Any = None, copy: Any = None) -> Array:
    """What NumPy sees when it is given a tensor."""
    array = numpy(self) if self._array.dtype.kind != "V" or self._node is not None else self._array
    if dtype is not None and array.dtype != dtype:
        return array.astype(dtype)
    return array.copy() if copy else array


def __array_wrap__(self: Tensor, array: Array, context: Any = None,
                   return_scalar: bool = False) -> Any:  # fmt: skip
    """NumPy functions called on a tensor return a tensor."""
    return from_array(np.asarray(array))


def __dlpack__(self: Tensor, *, stream: Any = None, max_version: Any = None,
               dl_device: Any = None, copy: Any = None) -> Any:  # fmt: skip
    """This tensor's memory for other array libraries."""
    if self._node is not None:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    options = {"copy": copy} if copy is not None else {}
    return self._array.__dlpack__(max_version=max_version, dl_device=dl_device, **options)


def __dlpack_device__(self: Tensor) -> tuple[int, int]:
    """DLPack's number of the CPU."""
    return self._array.__dlpack_device__()


def result_type(
    tensor1: Any = None, tensor2: Any = None, *, tensor: Any = None, other: Any = None,
    scalar: Any = None, scalar1: Any = None, scalar2: Any = None,
) -> dtypes.dtype:  # fmt: skip
    """The dtype in which an operation on these two, tensors or numbers, computes.

    By keyword torch calls them tensor and other, scalar and tensor, or scalar1 and scalar2.

    >>> import chainrule as torch
    >>> torch.result_type(torch.tensor([1, 2]), 1.0)
    torch.float32
    """
    given = (tensor1, scalar, scalar1, tensor, tensor2, other, scalar2)
    operands = [t._array if isinstance(t, Tensor) else t for t in given if t is not None]
    if len(operands) != 2:
        raise ArgumentError(f"result_type() takes two operands, got {len(operands)}")
    return dtypes.of(spec.result_type(operands))


def promote_types(type1: Any, type2: Any) -> dtypes.dtype:
    """The smallest dtype that holds both.

    >>> import chainrule as torch
    >>> torch.promote_types(torch.int32, torch.float16)
    torch.float16
    """
    for i, t in enumerate((type1, type2), 1):
        if not isinstance(t, dtypes.dtype):
            raise ArgumentError(f"promote_types(): argument 'type{i}' (position {i}) must be "
                                f"torch.dtype, not {type(t).__name__}")  # fmt: skip
    return dtypes.of(spec.promote(type1.dtype, type2.dtype))


def can_cast(from_: Any, to: Any) -> bool:
    """Whether promotion ever turns the first dtype into a dtype of the second's category.

    >>> import chainrule as torch
    >>> torch.can_cast(torch.float64, torch.float32), torch.can_cast(torch.float32, torch.int64)
    (True, False)
    """
    source, target = dtypes.numpy_dtype(from_), dtypes.numpy_dtype(to)
    return spec.category(source) <= spec.category(target)


for _function in (result_type, promote_types, can_cast):
    EXPORTS[_function.__name__] = _function
for _method in (
    to, contiguous, is_contiguous, cpu, cuda, type_as, numpy, __array__, __array_wrap__,
    __dlpack__, __dlpack_device__,
):  # fmt: skip
    setattr(Tensor, _method.__name__, _method)
type_.__name__ = "type"
Tensor.type = type_  # type: ignore[attr-defined]
