"""torch's small public types: dtype, Size, device, layout, memory_format, finfo, iinfo.

NumPy's dtypes are used inside; these objects stand for them at the border and print as torch's.
"""

from __future__ import annotations

import builtins
from typing import Any

import ml_dtypes
import numpy as np

from chainrule import spec
from chainrule.errors import ArgumentError, DeviceError, DtypeError


class dtype:
    """An element type, such as `torch.float32`.  `np.dtype(d)` gives NumPy's.

    >>> import chainrule as torch
    >>> torch.float32, torch.float32.itemsize, torch.float32.is_floating_point
    (torch.float32, 4, True)
    """

    __slots__ = ("dtype", "name")

    def __init__(self, name: str, numpy_type: Any) -> None:
        self.name, self.dtype = name, np.dtype(numpy_type)

    @property
    def is_floating_point(self) -> builtins.bool:
        return self.dtype.kind in "fV"

    @property
    def is_complex(self) -> builtins.bool:
        return self.dtype.kind == "c"

    @property
    def is_signed(self) -> builtins.bool:
        return self.dtype.kind not in "ub"

    @property
    def itemsize(self) -> builtins.int:
        return self.dtype.itemsize

    @property
    def kind(self) -> str:
        """NumPy's letter for the category."""
        return self.dtype.kind

    def to_complex(self) -> dtype:
        return of(spec.complex_of(self.dtype))

    def to_real(self) -> dtype:
        return of(spec.real_of(self.dtype))

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return named, (self.name,)

    def __eq__(self, other: object) -> builtins.bool:
        return self is other or (isinstance(other, np.dtype) and other == self.dtype)

    def __hash__(self) -> builtins.int:
        return hash(self.dtype)


float16 = half = dtype("float16", np.float16)
bfloat16 = dtype("bfloat16", ml_dtypes.bfloat16)
float32 = float = dtype("float32", np.float32)
float64 = double = dtype("float64", np.float64)
complex64 = cfloat = dtype("complex64", np.complex64)
complex128 = cdouble = dtype("complex128", np.complex128)
uint8 = dtype("uint8", np.uint8)
uint16 = dtype("uint16", np.uint16)
uint32 = dtype("uint32", np.uint32)
uint64 = dtype("uint64", np.uint64)
int8 = dtype("int8", np.int8)
int16 = short = dtype("int16", np.int16)
int32 = int = dtype("int32", np.int32)
int64 = long = dtype("int64", np.int64)
bool = dtype("bool", np.bool_)
float8_e4m3fn = dtype("float8_e4m3fn", ml_dtypes.float8_e4m3fn)
float8_e5m2 = dtype("float8_e5m2", ml_dtypes.float8_e5m2)
float8_e4m3fnuz = dtype("float8_e4m3fnuz", ml_dtypes.float8_e4m3fnuz)
float8_e5m2fnuz = dtype("float8_e5m2fnuz", ml_dtypes.float8_e5m2fnuz)
float8_e8m0fnu = dtype("float8_e8m0fnu", ml_dtypes.float8_e8m0fnu)

ALL = (
    float16, bfloat16, float32, float64, complex64, complex128,
    uint8, uint16, uint32, uint64, int8, int16, int32, int64, bool,
    float8_e4m3fn, float8_e5m2, float8_e4m3fnuz, float8_e5m2fnuz, float8_e8m0fnu,
)  # fmt: skip
_OF = {d.dtype: d for d in ALL}
_NAMED = {d.name: d for d in ALL}


def of(numpy_dtype: Any) -> dtype:
    """The public dtype of a NumPy dtype."""
    try:
        return _OF[numpy_dtype]
    except KeyError:
        raise DtypeError(
            f"NumPy dtype {numpy_dtype} has no counterpart here",
            fix=f"Convert the array first; supported are {', '.join(_NAMED)}.",
        ) from None


def named(name: str) -> dtype:
    """The public dtype called `name`."""
    return _NAMED[name]


def numpy_dtype(value: Any) -> Any:
    """NumPy's dtype for what a user may pass as `dtype=`; None stays None."""
    if value is None or isinstance(value, np.dtype):
        return value
    if isinstance(value, dtype):
        return value.dtype
    if isinstance(value, type):
        simple = {"float": spec.FLOAT64, "int": spec.INT64, "bool": spec.BOOL,
                  "complex": spec.COMPLEX128}  # fmt: skip
        if value.__module__ == "builtins" and value.__name__ in simple:
            return simple[value.__name__]
    raise ArgumentError(
        f"argument 'dtype' must be torch.dtype, not {type(value).__name__} ({value!r})",
        fix="Try torch.float32.",
    )


class Size(tuple):  # type: ignore[type-arg]
    """The shape of a tensor: a tuple of ints with `numel()`.

    >>> import chainrule as torch
    >>> torch.zeros(2, 3).shape
    torch.Size([2, 3])
    """

    __slots__ = ()

    def __new__(cls, sizes: Any = ()) -> Any:
        numbers = tuple(sizes)
        for i, n in enumerate(numbers):
            if type(n) is not builtins.int and not hasattr(type(n), "__index__"):
                raise ArgumentError(
                    f"torch.Size() takes an iterable of 'int' (item {i} is '{type(n).__name__}')"
                )
        return tuple.__new__(cls, numbers)

    def numel(self) -> Any:
        """Number of elements of a tensor with this shape."""
        return spec.size_of(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __add__(self, other: Any) -> Any:
        return Size(tuple.__add__(self, tuple(other)))

    def __radd__(self, other: Any) -> Any:
        return Size(tuple(other) + tuple(self))

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(index, slice) else found

    def __mul__(self, times: Any) -> Any:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__

    def __reduce__(self) -> tuple[Any, ...]:
        return Size, (tuple(self),)


class device:
    """Where a tensor's memory is: `device("cpu")`, `device("cuda", 0)`, `device("cuda:0")`.

    >>> import chainrule as torch
    >>> torch.device("cuda:1").type, torch.device("cuda:1").index
    ('cuda', 1)
    """

    __slots__ = ("index", "type")
    type: str
    index: Any
    KNOWN = ("cpu", "cuda", "mps", "xpu", "meta", "mkldnn", "hpu", "xla", "vulkan", "ipu")

    def __init__(self, type: Any = "cpu", index: Any = None, *, device: Any = None) -> None:
        type = type if device is None else device
        if isinstance(type, self.__class__):
            type, index = type.type, type.index if index is None else index
        elif isinstance(type, builtins.int):
            type, index = "cuda", type
        name, colon, number = str(type).partition(":")
        if name not in self.KNOWN or (colon and not number.isdigit()):
            raise DeviceError(
                f"Invalid device string: '{type}'", fix="Use 'cpu', or 'cuda' with a GPU."
            )
        object.__setattr__(self, "type", name)
        number_given = builtins.int(number) if colon else index
        object.__setattr__(self, "index", number_given)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"attribute '{name}' of a device is not writable")

    def __repr__(self) -> str:
        extra = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{extra})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> Any:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> Any:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (self.type, self.index)

    def __enter__(self) -> device:
        if self.type != "cpu":
            raise DeviceError(f"there is no '{self.type}' device here", fix="Use 'cpu'.")
        return self

    def __exit__(self, *exc: Any) -> None:
        return None


CPU = device("cpu")


class layout:
    """How a tensor's elements are laid out: `torch.strided`, `torch.sparse_coo`, ..."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class memory_format:
    """The order of strides, such as `torch.contiguous_format`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


strided = layout("strided")
sparse_coo = layout("sparse_coo")
sparse_csr = layout("sparse_csr")
sparse_csc, sparse_bsr = layout("sparse_csc"), layout("sparse_bsr")
sparse_bsc = layout("sparse_bsc")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")


class finfo:
    """The limits of a floating dtype: `bits`, `eps`, `max`, `min`, `tiny`, `resolution`.

    >>> import chainrule as torch
    >>> torch.finfo(torch.float32).eps
    1.1920928955078125e-07
    """

    def __init__(self, type: Any = None) -> None:
        wanted = numpy_dtype(type) if type is not None else spec.Defaults.floating
        if wanted.kind not in "fVc":
            raise ArgumentError(f"torch.finfo() needs a floating dtype, not {type!r}",
                                fix="Use torch.iinfo for integers.")  # fmt: skip
        info: Any = ml_dtypes.finfo(spec.real_of(wanted))  # type: ignore[no-untyped-call]
        number = builtins.float
        self.bits = info.bits
        self.eps, self.max, self.min = number(info.eps), number(info.max), number(info.min)
        self.tiny = self.smallest_normal = number(info.smallest_normal)
        self.resolution = 10.0**-info.precision if info.bits > 8 else 1.0
        self.dtype = of(spec.real_of(wanted)).name

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        body = ", ".join(f"{n}={getattr(self, n):g}" for n in names)
        return f"finfo({body}, dtype={self.dtype})"


class iinfo:
    """The limits of an integer dtype: `bits`, `max`, `min`.

    >>> import chainrule as torch
    >>> torch.iinfo(torch.int8).max
    127
    """

    def __init__(self, type: Any) -> None:
        wanted = numpy_dtype(type)
        if wanted.kind not in "iu":
            raise ArgumentError(f"torch.iinfo() needs an integer dtype, not {type!r}",
                                fix="Use torch.finfo for floating dtypes.")  # fmt: skip
        info = np.iinfo(wanted)
        number = builtins.int
        self.bits, self.max, self.min = info.bits, number(info.max), number(info.min)
        self.dtype = of(wanted).name

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
