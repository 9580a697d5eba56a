"""Tensors that are filled, and sequences: zeros, full, arange, linspace, eye and their kin."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np

from chainrule import dtypes, spec
from chainrule.backend.numpy_sequence import arange_floats, linspace_numbers, logspace_numbers
from chainrule.errors import ArgumentError, ChainruleError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.functional.options import (
    as_size,
    axis_order,
    empty_as,
    empty_in_order,
    factory,
    fill_dtype,
    made,
    sizes,
    strides_of,
)
from chainrule.tensor import Tensor

Array = Any


def shape_of(size: tuple[Any, ...], keyword: Any, name: str) -> tuple[int, ...]:
    """The shape, given by position or as `size=`."""
    if keyword is not None:
        return sizes((keyword,), name)
    if not size:
        raise ArgumentError(f'{name}() missing 1 required positional arguments: "size"',
                            fix=f"A number without dimensions is {name}(()).")  # fmt: skip
    return sizes(size, name)


@factory
def zeros(*args: Any, size: Any = None, dtype: Any = None) -> Array:
    """A tensor of zeros; the shape as ints, as a tuple or as a `torch.Size`.

    >>> import chainrule as torch
    >>> torch.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return np.zeros(shape_of(args, size, "zeros"), dtype or spec.Defaults.floating)


@factory
def ones(*args: Any, size: Any = None, dtype: Any = None) -> Array:
    """A tensor of ones.

    >>> import chainrule as torch
    >>> torch.ones(3, dtype=torch.int64)
    tensor([1, 1, 1])
    """
    return np.ones(shape_of(args, size, "ones"), dtype or spec.Defaults.floating)


@factory
def empty(*args: Any, size: Any = None, dtype: Any = None, memory_format: Any = None) -> Array:
    """A tensor over memory as it is found: its values are arbitrary until written.

    >>> import chainrule as torch
    >>> torch.empty(2, 3).shape
    torch.Size([2, 3])
    """
    shape = shape_of(args, size, "empty")
    order = None if memory_format is None else axis_order(memory_format, len(shape))
    if order is not None:
        return empty_in_order(shape, dtype or spec.Defaults.floating, order)
    return np.empty(shape, dtype or spec.Defaults.floating)


@factory
def full(size: Any, fill_value: Any, *, dtype: Any = None) -> Array:
    """A tensor with one value everywhere; its dtype is that of the value.

    >>> import chainrule as torch
    >>> torch.full((2, 2), 7.)
    tensor([[7., 7.],
            [7., 7.]])
    """
    shape = sizes((size,), "full")
    if not isinstance(fill_value, (Tensor, bool, int, float, complex, np.generic)):
        raise not_a_number("full", fill_value)
    dtype = fill_dtype(fill_value) if dtype is None else dtype
    return filled(np.empty(shape, dtype), fill_value, "full")


def not_a_number(name: str, value: Any) -> ArgumentError:
    return ArgumentError(
        f"{name}(): argument 'fill_value' must be Number, not {type(value).__name__}"
    )


def filled(array: Array, value: Any, name: str) -> Array:
    """`array` after writing one value everywhere.

    Errors: the value must be a number, or a tensor of one, and fit the dtype.
    """
    if isinstance(value, Tensor):
        if value._array.ndim:
            raise ArgumentError(f"{name}(): argument 'fill_value' must be Number, not Tensor",
                                [("fill_value", value)])  # fmt: skip
        value = value._array
    elif not isinstance(value, (bool, int, float, complex, np.generic)):
        raise not_a_number(name, value)
    array[...] = to_fit(in_range(value, array.dtype), array.dtype)
    return array


def in_range(value: Any, dtype: Any) -> Any:
    """A number, unless it is too large for a floating dtype, or complex for a real one."""
    if dtype.kind == "c" or dtype.kind == "b":
        return value
    number = complex(value)
    if number.imag or (
        dtype.kind in "fV"
        and math.isfinite(number.real)
        and abs(number.real) > float(ml_dtypes.finfo(dtype).max)
    ):
        raise ArgumentError(
            f"value cannot be converted to type {dtype} without overflow", [("value", value)]
        )
    return value


def to_fit(value: Any, dtype: Any) -> Any:
    """A number as it goes into `dtype`: floats are cut to integers, -1 wraps around.

    Errors: "value cannot be converted" where the number is outside the dtype's range.
    """
    if dtype.kind == "b":
        return bool(value)
    if dtype.kind in "fV":
        return value.real if isinstance(value, (complex, np.complexfloating)) else value
    if dtype.kind not in "iu":
        return value
    if isinstance(value, np.ndarray):
        value = value.item()
    try:
        whole = int(value.real if isinstance(value, complex) else value)
    except (OverflowError, ValueError):
        whole = None
    info = np.iinfo(dtype)
    low = info.min if dtype.kind == "i" else -info.max
    if whole is None or not low <= whole <= info.max:
        raise ArgumentError(f"value cannot be converted to type {dtype} without overflow",
                            [("value", value)])  # fmt: skip
    return whole if whole >= info.min else whole % (info.max + 1)


@factory
def eye(n: Any, m: Any = None, *, dtype: Any = None) -> Array:
    """A matrix with ones on the diagonal, zeros elsewhere.

    Shapes: (n, m), square if `m` is left out.

    >>> import chainrule as torch
    >>> torch.eye(2, 3)
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    rows, columns = as_size(n, 0, "eye"), None if m is None else as_size(m, 1, "eye")
    for name, k in (("n", rows), ("m", columns)):
        if k is not None and k < 0:
            raise ShapeError(f"{name} must be greater or equal to 0, got {k}")
    return np.eye(rows, columns, dtype=dtype or spec.Defaults.floating)


# ---- sequences -------------------------------------------------------------------------------


def number(value: Any, name: str, what: str) -> Any:
    """An endpoint as a Python number; a tensor of one element counts."""
    if isinstance(value, Tensor):
        if value._array.size != 1:
            raise ArgumentError(f"{name} only supports 0-dimensional {what} tensors",
                                [(what, value)])  # fmt: skip
        return value._array.item() if value._array.dtype.kind != "V" else float(value._array)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (bool, int, float, complex)):
        return value
    raise ArgumentError(f"{name}(): argument '{what}' must be Number, not {type(value).__name__}")


@factory
def arange(*args: Any, start: Any = 0, end: Any = None, step: Any = 1, dtype: Any = None) -> Array:
    """The numbers from `start` (0) up to but without `end`, in steps of `step` (1).

    The dtype is int64 if all three are integers, else the default float.

    >>> import chainrule as torch
    >>> torch.arange(5), torch.arange(1, 2, 0.25)
    (tensor([0, 1, 2, 3, 4]), tensor([1.0000, 1.2500, 1.5000, 1.7500]))
    """
    plain = len(args) == 1 and type(args[0]) is int and args[0] >= 0
    if plain and start == 0 and end is None and step == 1 and dtype is None:
        return np.arange(args[0], dtype=spec.INT64)  # the common case: 4 us less
    start, end, step = span(args, start, end, step, "arange")
    if dtype is None:
        dtype = spec.INT64 if all(isinstance(v, int) for v in (start, end, step)) else None
        dtype = dtype or spec.Defaults.floating
    check_real((start, end, step))
    if dtype.kind in "bc":
        raise DtypeError(f"arange is not implemented for {dtype}", fix="Convert the result.")
    if dtype == spec.INT64:
        start, end, step = (int(v) if math.isfinite(v) else v for v in (start, end, step))
    count = steps_between(start, end, step)
    if dtype.kind in "iu":
        return (int(start) + int(step) * np.arange(count)).astype(dtype)
    return arange_floats(start, step, count, dtype)


def span(args: tuple[Any, ...], start: Any, end: Any, step: Any, name: str) -> tuple[Any, Any, Any]:
    """(end), (start, end) or (start, end, step), the rest by keyword."""
    if len(args) > 3 or (not args and end is None):
        raise ArgumentError(f"{name}() takes (end), (start, end) or (start, end, step)")
    if len(args) == 1 and end is None:
        end = args[0]
    else:
        start = args[0] if args else start
        end = args[1] if len(args) > 1 else end
        step = args[2] if len(args) > 2 else step
    return number(start, name, "start"), number(end, name, "end"), number(step, name, "step")


def check_real(values: tuple[Any, ...]) -> None:
    if any(isinstance(v, complex) for v in values):
        raise DtypeError("value cannot be converted to type double without overflow: it is complex")


def steps_between(start: Any, end: Any, step: Any) -> int:
    """How many steps lead from `start` to before `end`."""
    if step == 0:
        raise ArgumentError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise ArgumentError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise ArgumentError(
            "upper bound and lower bound inconsistent with step sign",
            [("start", start), ("end", end), ("step", step)],
        )
    if isinstance(step, int) and isinstance(start, int) and isinstance(end, int):
        return max(0, -((start - end) // step))
    return math.ceil((float(end) - float(start)) / float(step))


def endpoints(start: Any, end: Any, steps: Any, dtype: Any, name: str) -> tuple[Any, ...]:
    """Both ends as numbers, the count and the dtype of a linspace or logspace."""
    start, end = number(start, name, "start"), number(end, name, "end")
    steps = as_size(steps, 2, name)
    if steps < 0:
        raise ShapeError("number of steps must be non-negative", [("steps", steps)])
    if dtype is None:
        floating = spec.Defaults.floating
        many = isinstance(start, complex) or isinstance(end, complex)
        dtype = spec.complex_of(floating) if many else floating
    elif dtype.kind == "b":
        raise DtypeError(f"{name} is not implemented for 'Bool'", fix="Convert the result.")
    elif dtype.kind != "c":
        check_real((start, end))
    return start, end, steps, dtype


@factory
def linspace(start: Any, end: Any, steps: Any, *, dtype: Any = None) -> Array:
    """`steps` evenly spaced numbers from `start` to `end`, both included.

    >>> import chainrule as torch
    >>> torch.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    start, end, steps, dtype = endpoints(start, end, steps, dtype, "linspace")
    with np.errstate(all="ignore"):
        return linspace_numbers(start, end, steps, dtype)


@factory
def logspace(start: Any, end: Any, steps: Any, base: Any = 10.0, *, dtype: Any = None) -> Array:
    """`base` to the power of `steps` evenly spaced exponents from `start` to `end`.

    >>> import chainrule as torch
    >>> torch.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    start, end, steps, dtype = endpoints(start, end, steps, dtype, "logspace")
    with np.errstate(all="ignore"):
        return logspace_numbers(start, end, steps, base, dtype)


def range_(start: Any = 0, end: Any = None, step: Any = 1, *, out: Any = None, dtype: Any = None,
           layout: Any = None, device: Any = None, requires_grad: bool = False) -> Any:  # fmt: skip
    """The numbers from `start` to `end`, the end included; deprecated in favour of `arange`."""
    import warnings

    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior "
        "is inconsistent with Python's range builtin. Instead, use torch.arange, which produces "
        "values in [start, end).", UserWarning, stacklevel=2,
    )  # fmt: skip
    start, end, step = span((start, end, step), 0, None, 1, "range")
    check_real((start, end, step))
    wanted = dtypes.numpy_dtype(dtype) or spec.Defaults.floating
    steps_between(start, end, step)  # the same errors
    count = math.floor((end - start) / step) + 1
    array = (start + step * np.arange(count, dtype=np.float64)).astype(wanted)
    return made(array, "range", out, layout, device, False, requires_grad)


range_.__name__ = "range"
EXPORTS["range"] = range_


# ---- memory laid out by hand -----------------------------------------------------------------


@factory
def empty_strided(size: Any, stride: Any, *, dtype: Any = None) -> Array:
    """Uninitialised memory with these strides, counted in elements.

    >>> import chainrule as torch
    >>> torch.empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    shape, steps = sizes((size,), "empty_strided"), sizes((stride,), "empty_strided")
    if len(shape) != len(steps):
        raise ShapeError(f"dimensionality of sizes ({len(shape)}) must match dimensionality of "
                         f"strides ({len(steps)})")  # fmt: skip
    dtype = np.dtype(dtype or spec.Defaults.floating)
    last = sum((n - 1) * s for n, s in zip(shape, steps, strict=True)) if 0 not in shape else -1
    return np.ndarray(shape, dtype, np.empty(last + 1, dtype),
                      strides=[s * dtype.itemsize for s in steps])  # fmt: skip


@factory
def empty_permuted(size: Any, physical_layout: Any, *, dtype: Any = None) -> Array:
    """Uninitialised dense memory whose axes run, slowest first, in the order given.

    >>> import chainrule as torch
    >>> torch.empty_permuted((2, 3, 5), (0, 2, 1)).stride()
    (15, 1, 3)
    """
    shape = sizes((size,), "empty_permuted")
    order = [spec.normalize_axis(int(a), len(shape)) for a in physical_layout]
    if len(order) != len(shape):
        raise ShapeError(
            f"Number of dimensions in size does not match the length of the physical_layout; i.e. "
            f"len(size) = {len(shape)} is not equal to len(physical_layout) = {len(order)}"
        )
    if len(set(order)) != len(order):
        raise ShapeError("Duplicate dim not allowed", [("physical_layout", physical_layout)])
    dtype = np.dtype(dtype or spec.Defaults.floating)
    steps = strides_of(shape, order)
    return np.ndarray(shape, dtype, np.empty(spec.size_of(shape), dtype),
                      strides=[s * dtype.itemsize for s in steps])  # fmt: skip


# ---- like another tensor ---------------------------------------------------------------------


def like(name: str, value: Any, doc: str) -> None:
    """Publish `torch.<name>(input, ...)`."""

    def call(input: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
             requires_grad: bool = False, pin_memory: bool = False,
             memory_format: Any = None) -> Any:  # fmt: skip
        array = blank(input, dtype, memory_format, name)
        if value is not None:
            array[...] = value
        return made(array, name, None, layout, device, pin_memory, requires_grad)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = doc
    EXPORTS[name] = call


def blank(input: Any, dtype: Any, memory_format: Any, name: str) -> Array:
    """Uninitialised memory like that of `input`."""
    if not isinstance(input, Tensor):
        raise ArgumentError(f"{name}(): argument 'input' (position 1) must be Tensor, not "
                            f"{type(input).__name__}", fix="Wrap it in torch.tensor.")  # fmt: skip
    return empty_as(input._array, dtypes.numpy_dtype(dtype), memory_format)


like("zeros_like", 0, """Zeros with the shape and dtype of `input`, in the same memory order.

    >>> import chainrule as torch
    >>> torch.zeros_like(torch.tensor([1, 2]))
    tensor([0, 0])
    """)  # fmt: skip
like("ones_like", 1, """Ones with the shape and dtype of `input`, in the same memory order.

    >>> import chainrule as torch
    >>> torch.ones_like(torch.tensor([3., 4.]))
    tensor([1., 1.])
    """)  # fmt: skip
like("empty_like", None, """Uninitialised memory with the shape and dtype of `input`.

    >>> import chainrule as torch
    >>> torch.empty_like(torch.zeros(2, 3)).shape
    torch.Size([2, 3])
    """)  # fmt: skip


def full_like(
    input: Any, fill_value: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False, memory_format: Any = None,
) -> Tensor:  # fmt: skip
    """One value everywhere, with the shape and dtype of `input`.

    >>> import chainrule as torch
    >>> torch.full_like(torch.zeros(3), 2)
    tensor([2., 2., 2.])
    """
    array = filled(blank(input, dtype, memory_format, "full_like"), fill_value, "full_like")
    return made(array, "full_like", None, layout, device, pin_memory, requires_grad)


EXPORTS["full_like"] = full_like


# ---- Tensor.new_*: the dtype of this tensor unless another is given ----------------------------


def new_method(name: str, needs_value: bool = False) -> None:
    """Attach `Tensor.new_<name>`: as `torch.<name>`, with this tensor's dtype."""
    make = EXPORTS[name]

    def call(self: Tensor, *args: Any, dtype: Any = None, **options: Any) -> Any:
        return make(*args, dtype=self._array.dtype if dtype is None else dtype, **options)

    call.__name__ = f"new_{name}"
    call.__doc__ = f"As `torch.{name}`, with the dtype of this tensor unless another is given."
    setattr(Tensor, f"new_{name}", call)


for _name in ("zeros", "ones", "empty", "full", "empty_strided"):
    new_method(_name)

__all__ = ["ChainruleError", "arange", "empty", "eye", "full", "linspace", "logspace", "ones",
           "zeros"]  # fmt: skip
