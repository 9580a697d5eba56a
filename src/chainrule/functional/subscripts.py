"""`x[...]` and `x[...] = value`: what a subscript means, and reading and writing there.

A subscript is read in two steps, as torch does: ints, slices, None and Ellipsis make a view; index
tensors then pick from that view.  Index tensors that stand side by side leave their dimensions in
their place, separated ones in front.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chainrule.autograd.inplace import assign, check_memory, check_writable, modify, name, wrote
from chainrule.autograd.mode import mode
from chainrule.autograd.record import apply
from chainrule.backend.numpy_indexing import put_into
from chainrule.errors import ArgumentError, DimensionError, DtypeError, OutOfRangeError, ShapeError
from chainrule.ops.indexing import Index, IndexPut, indexed_shape
from chainrule.ops.shape import Slice
from chainrule.tensor import Tensor, from_array

Array = Any
PLAIN = {int, slice, type(None), type(Ellipsis)}
WHOLE = slice(None)


def __getitem__(self: Tensor, index: Any) -> Tensor:
    """The elements at a subscript: a view for ints, slices, None and ...; else a copy.

    Errors: indices out of range, more indices than dimensions, slices that step backwards.
    Gradient: g at these elements, added up where an index repeats; 0 elsewhere.

    >>> import chainrule as torch
    >>> x = torch.arange(6).view(2, 3)
    >>> x[1, ::2], x[x > 3], x[:, [2, 0]]
    (tensor([3, 5]), tensor([4, 5]), tensor([[2, 0],
            [5, 3]]))
    """
    basic, arrays, axes = parsed(self._array, index)
    if not arrays:
        return apply(Slice, self, index=basic)
    x = self if basic is None else apply(Slice, self, index=basic)
    try:
        return apply(Index, x, *arrays, axes=axes)
    except (IndexError, ShapeError):
        raise bad_indices(x._array.shape, arrays, axes, self) from None


def __setitem__(self: Tensor, index: Any, value: Any) -> None:
    """Write `value`, broadcast, at a subscript.

    Errors: those of reading; leaves that require gradients; elements that share memory.
    """
    check_writable(self)
    array = self._array
    if not isinstance(value, Tensor):
        if not isinstance(value, (int, float, complex, np.generic)):
            raise ArgumentError(
                f"can't assign a {type(value).__name__} to a torch.{name(array.dtype)}Tensor",
                [("value", value)], fix="Make a tensor of it: torch.tensor(value).",
            )  # fmt: skip
        value = from_array(number_in(value, array.dtype))
    basic, arrays, axes = parsed(array, index)
    if not arrays:
        fill_region(self, basic, value)
        return
    target = self if basic is None else apply(Slice, self, index=basic)
    put_at(target, arrays, axes, value)


def number_in(value: Any, dtype: Any) -> Array:
    """A Python number as a 0-d array of this dtype.

    Errors: numbers that the dtype cannot hold.
    """
    kind = dtype.kind
    if not isinstance(value, (int, float, complex, np.generic)):
        raise ArgumentError(f"a number is needed, not {type(value).__name__}", [("value", value)])
    if type(value) is int and kind in "iu":
        most = np.iinfo(dtype).max
        fits = -most - (kind == "i") <= value <= most
    else:
        fits = kind == "c" or not isinstance(value, complex) or value.imag == 0
        value = value if kind == "c" or not isinstance(value, complex) else value.real
    if not fits:
        raise ArgumentError(f"value cannot be converted to type {name(dtype)} without overflow",
                            [("value", value)])  # fmt: skip
    return np.asarray(value).astype(dtype)


def fill_region(x: Tensor, basic: Any, value: Tensor) -> None:
    """Write `value` into the view of `x` at a basic subscript."""
    base = x if x._base is None else x._base
    if mode.recording and (base._node is not None or value._node is not None):
        target = apply(Slice, x, index=basic)
        assign(target, without_ones(value, target._array.ndim))
        return
    region = x._array[basic]
    check_memory(region)
    try:
        np.copyto(region, value._array, casting="unsafe")
    except ValueError:
        have, want = value._array.shape, region.shape
        k = next(
            k for k in range(1, len(have) + 1) if k > len(want) or have[-k] not in (1, want[-k])
        )
        sizes = f"{want[-k] if k <= len(want) else 'none'}"
        raise ShapeError(
            f"The expanded size of the tensor ({sizes}) must match the existing size ({have[-k]}) "
            f"at non-singleton dimension {max(len(want) - k, 0)}.  Target sizes: {list(want)}.  "
            f"Tensor sizes: {list(have)}",
            [("tensor", x), ("value", value)],
        ) from None
    wrote(x, None)


def without_ones(value: Tensor, ndim: int) -> Tensor:
    """A value without leading dimensions of size 1 beyond `ndim`: torch lets these pass."""
    extra = value._array.ndim - ndim
    if extra > 0 and value._array.shape[:extra] == (1,) * extra:
        return apply(Slice, value, index=((0,) * extra) + (Ellipsis,))
    return value


def put_at(
    target: Tensor, arrays: Any, axes: Any, value: Tensor, accumulate: bool = False
) -> Tensor:
    """Write, or add, `value` at index arrays, in the memory of `target`."""
    array = target._array
    if value._array.dtype != array.dtype:
        if value._array.ndim:
            raise DtypeError(
                "Index put requires the source and destination dtypes match, got "
                f"{name(array.dtype)} for the destination and {name(value._array.dtype)} for the "
                "source.", [("target", target), ("value", value)],
            )  # fmt: skip
        value = value.to(target.dtype)
    value = fitting(array.shape, arrays, axes, value, target)

    def change(memory: Array) -> None:
        try:
            put_into(memory, value._array, arrays, axes, accumulate)
        except IndexError:
            raise bad_indices(array.shape, arrays, axes, target) from None

    static = {"axes": axes, "accumulate": accumulate}
    return modify(target, IndexPut, (value, *arrays), static, change)


def fitting(shape: Any, arrays: Any, axes: Any, value: Tensor, target: Any) -> Tensor:
    """`value`, checked to broadcast to what the index arrays address."""
    try:
        region = indexed_shape(shape, tuple(a.shape for a in arrays), axes)
    except ShapeError:
        raise bad_indices(shape, arrays, axes, target) from None
    value = without_ones(value, len(region))
    have = value._array.shape
    lead = len(region) - len(have)
    if lead < 0 or any(n not in (1, m) for n, m in zip(have, region[lead:], strict=True)):
        raise ShapeError(
            f"shape mismatch: value tensor of shape {list(have)} cannot be broadcast to indexing "
            f"result of shape {list(region)}", [("target", target), ("value", value)],
        )  # fmt: skip
    return value


def bad_indices(shape: Any, arrays: Any, axes: Any, x: Any) -> Exception:
    """Why these index arrays failed."""
    for a, i in zip(axes, arrays, strict=True):
        n = shape[a]
        wrong = i[(i >= n) | (i < -n)]
        if wrong.size:
            return OutOfRangeError(
                f"index {wrong.flat[0]} is out of bounds for dimension {a} with size {n}",
                [("tensor", x), ("index", i)],
            )
    shapes = ", ".join(str(list(i.shape)) for i in arrays)
    return OutOfRangeError("shape mismatch: indexing tensors could not be broadcast together with "
                           f"shapes {shapes}", [("tensor", x)])  # fmt: skip


# ---- reading a subscript -----------------------------------------------------------------------


def parsed(array: Array, index: Any) -> tuple[Any, Any, Any]:
    """A subscript as (subscript of a view or None, index arrays, the view's axes they pick on)."""
    kind = type(index)
    if kind is int:
        shape = array.shape
        if shape and -shape[0] <= index < shape[0]:
            return (index, Ellipsis), None, None
        return checked(array, (index, Ellipsis), (index,)), None, None
    items = index if kind is tuple else as_items(index)
    for i in items:
        if type(i) not in PLAIN or (type(i) is slice and not plain_slice(i)):
            return resolved(array, items)
    return checked(array, normal(items), items), None, None


def plain_slice(s: slice) -> bool:
    start, stop, step = s.start, s.stop, s.step
    return (
        (step is None or (type(step) is int and step > 0))
        and (start is None or type(start) is int)
        and (stop is None or type(stop) is int)
    )


def normal(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """The subscript with exactly one Ellipsis, so that its result is always a view."""
    count = sum(1 for i in items if i is Ellipsis)
    if count == 0:
        return (*items, Ellipsis)
    if count == 1:
        return items
    first = next(k for k, i in enumerate(items) if i is Ellipsis)
    return (*items[: first + 1], *(i for i in items[first + 1 :] if i is not Ellipsis))


def checked(array: Array, basic: Any, items: Any) -> Any:
    """The subscript of a view, if its ints are in range and there are not too many."""
    shape = array.shape
    used = sum(1 for i in items if i is not None and i is not Ellipsis)
    if used > len(shape):
        if not shape:
            raise DimensionError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
                "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
            )
        raise DimensionError(f"too many indices for tensor of dimension {len(shape)}",
                             [("index", items)])  # fmt: skip
    axis = 0
    for i in items:
        if i is Ellipsis:
            axis += len(shape) - used
            used = len(shape)  # further ones stand for nothing
        elif type(i) is int:
            if not -shape[axis] <= i < shape[axis]:
                raise OutOfRangeError(f"index {i} is out of bounds for dimension {axis} with size "
                                      f"{shape[axis]}", [("shape", shape)])  # fmt: skip
            axis += 1
        elif i is not None:
            axis += 1
    return basic


def as_items(index: Any) -> tuple[Any, ...]:
    """The parts of a subscript that is no tuple."""
    if type(index) in PLAIN or isinstance(index, (Tensor, np.ndarray, np.generic, bool, range)):
        return (index,)
    if isinstance(index, tuple):
        return tuple(index)
    if isinstance(index, list) and len(index) < 32:
        for i in index:
            if (
                i is None
                or i is Ellipsis
                or isinstance(i, (Tensor, np.ndarray, list, tuple, slice))
            ):
                warnings.warn(
                    "a list that holds sequences is read as a tuple of indices: write x[tuple(seq)]"
                    " for that, or x[torch.tensor(seq)] to index by the values", stacklevel=4,
                )  # fmt: skip
                return tuple(index)
    return (index,)


def resolved(array: Array, items: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """`parsed` for subscripts with index tensors, lists, masks, booleans or NumPy integers."""
    entries = [entry(i) for i in items]
    ndim = array.ndim
    used = sum(width(e) for e in entries)
    if used > ndim:
        checked(array, None, (0,) * used)
    basic: list[Any] = []
    picks: list[tuple[int, Array]] = []  # axis of the view, index array
    source = out = 0  # axes of x passed, axes of the view made
    whole, filled = True, False
    for e in entries:
        if e is Ellipsis:
            n = 0 if filled else ndim - used
            filled = True
            basic += [WHOLE] * n
            source, out = source + n, out + n
        elif e is None:
            basic.append(None)
            whole, out = False, out + 1
        elif type(e) is int:
            check_int(e, source, array.shape)
            basic.append(e)
            whole, source = False, source + 1
        elif type(e) is slice:
            basic.append(e)
            whole = whole and e == WHOLE
            source, out = source + 1, out + 1
        elif type(e) is bool:
            basic.append(None)
            picks.append((out, np.zeros(1 if e else 0, np.int64)))
            whole, out = False, out + 1
        elif e.dtype.kind == "b":
            check_mask(e, source, array.shape)
            for k, positions in enumerate(e.nonzero()):
                picks.append((out + k, positions))
            basic += [WHOLE] * e.ndim
            source, out = source + e.ndim, out + e.ndim
        else:
            basic.append(WHOLE)
            picks.append((out, e))
            source, out = source + 1, out + 1
    if not picks:
        return (*basic, Ellipsis), None, None
    axes = tuple(a for a, _ in picks)
    return None if whole else (*basic, Ellipsis), tuple(p for _, p in picks), axes


def width(e: Any) -> int:
    """How many dimensions of the tensor a part of the subscript uses up."""
    if e is None or e is Ellipsis or type(e) is bool:
        return 0
    return e.ndim if isinstance(e, np.ndarray) and e.dtype.kind == "b" else 1


def entry(i: Any) -> Any:
    """One part of a subscript as int, slice, None, Ellipsis, bool, or an array of indices."""
    kind = type(i)
    if kind is slice:
        return clean_slice(i)
    if kind in PLAIN or kind is bool:
        return i
    if isinstance(i, Tensor):
        i = i._array
    elif isinstance(i, np.generic):
        i = np.asarray(i)
    elif isinstance(i, (list, tuple, range)):
        i = np.asarray(elements(i))
        if i.size == 0:
            i = i.astype(np.int64)
    if not isinstance(i, np.ndarray):
        if hasattr(i, "__index__"):
            return int(i.__index__())
        raise DimensionError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
            f"valid indices (got {kind.__name__})"
        )
    if i.dtype == np.uint8:
        warnings.warn("indexing with dtype torch.uint8 is now deprecated, please use a dtype "
                      "torch.bool instead.", stacklevel=6)  # fmt: skip
        i = i.astype(np.bool_)
    if i.dtype.kind == "b":
        return i if i.ndim else bool(i)
    if i.dtype not in (np.int64, np.int32):
        raise DimensionError("tensors used as indices must be long, int, byte or bool tensors",
                             [("index", i)])  # fmt: skip
    return i if i.ndim else int(i)


def elements(values: Any) -> Any:
    """Nested sequences of numbers, with 0-d tensors as numbers."""
    return [
        elements(v) if isinstance(v, (list, tuple)) else v.item() if isinstance(v, Tensor) else v
        for v in values
    ]


def clean_slice(s: slice) -> slice:
    """A slice of ints, checked."""
    parts = []
    for v in (s.start, s.stop, s.step):
        if v is None or type(v) is int:
            parts.append(v)
        elif hasattr(v, "__index__"):
            parts.append(int(v.__index__()))
        else:
            raise ArgumentError("slice indices must be integers or None or have an __index__ "
                                "method", [("slice", s)])  # fmt: skip
    step = parts[2]
    if step is not None and step <= 0:
        raise ArgumentError(
            "step must be greater than zero" if step else "slice step cannot be zero",
            [("slice", s)], fix="Use .flip(dim), which copies, to reverse a dimension.",
        )  # fmt: skip
    return slice(*parts)


def check_int(i: int, axis: int, shape: Any) -> None:
    if not -shape[axis] <= i < shape[axis]:
        raise OutOfRangeError(
            f"index {i} is out of bounds for dimension {axis} with size {shape[axis]}"
        )


def check_mask(mask: Array, axis: int, shape: Any) -> None:
    if shape[axis : axis + mask.ndim] != mask.shape:
        raise OutOfRangeError(
            f"The shape of the mask {list(mask.shape)} at index {axis} does not match the shape of "
            f"the indexed tensor {list(shape)} at index {axis}",
            [("mask", mask)],
        )


Tensor.__getitem__ = __getitem__  # type: ignore[method-assign]
Tensor.__setitem__ = __setitem__  # type: ignore[method-assign]
__all__ = ["bad_indices", "fitting", "number_in", "parsed", "put_at", "resolved"]
