"""Writing whole tensors, and changing their shape in place: copy_, fill_, zero_, resize_, ..."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.inplace import assign, check_memory, check_writable, wrote
from chainrule.autograd.mode import mode
from chainrule.autograd.record import apply
from chainrule.backend.numpy_shape import address, memory_of, strided
from chainrule.errors import ArgumentError, GraphError, ShapeError
from chainrule.functional.border import EXPORTS, public
from chainrule.functional.broadcasting import expanded
from chainrule.functional.indexing import zero_dim
from chainrule.functional.shape import numbers
from chainrule.functional.subscripts import number_in
from chainrule.ops.shape import Copy
from chainrule.tensor import Tensor, from_array

NUMBERS = (int, float, complex, np.generic)


def copy_(
    self: Tensor, src: Any = None, non_blocking: bool = False, *, other: Any = None
) -> Tensor:
    """Write `src`, broadcast and converted to this dtype, into this tensor; returns it.

    Gradient: g for `src`; nothing of what was here before.

    >>> import chainrule as torch
    >>> torch.zeros(2, 2).copy_(torch.tensor([1, 2]))
    tensor([[1., 2.],
            [1., 2.]])
    """
    src = other if src is None else src  # torch's name, by keyword
    if not isinstance(src, Tensor):
        raise ArgumentError("copy_(): argument 'other' (position 1) must be Tensor, not "
                            f"{type(src).__name__}", [("src", src)])  # fmt: skip
    have, want = src._array.shape, self._array.shape
    lead = len(want) - len(have)
    if have != want and (
        lead < 0 or any(n not in (1, m) for n, m in zip(have, want[lead:], strict=True))
    ):
        spec.broadcast_shapes(have, want)
        raise ShapeError(f"output with shape {list(want)} doesn't match the broadcast shape "
                         f"{list(spec.broadcast_shapes(have, want))}",
                         [("self", self), ("src", src)])  # fmt: skip
    return assign(self, src)


def fill_(self: Tensor, value: Any) -> Tensor:
    """Write one number, or the value of a 0-d tensor, everywhere; returns this tensor.

    >>> import chainrule as torch
    >>> torch.zeros(2).fill_(3)
    tensor([3., 3.])
    """
    check_writable(self)
    if isinstance(value, Tensor):
        if value.ndim:
            raise ShapeError("fill_ only supports 0-dimension value tensor but got tensor with "
                             f"{value.ndim} dimensions.", [("value", value)])  # fmt: skip
        return assign(self, value)
    if not isinstance(value, NUMBERS):
        raise ArgumentError("fill_() received an invalid combination of arguments - got "
                            f"({type(value).__name__})", [("value", value)])  # fmt: skip
    array = self._array
    check_memory(array)
    array[...] = number_in(value, array.dtype)
    wrote(self, None)
    return self


def zero_(self: Tensor) -> Tensor:
    """Write zeros everywhere; returns this tensor.

    >>> import chainrule as torch
    >>> torch.ones(2).zero_()
    tensor([0., 0.])
    """
    return fill_(self, 0)


@public(out=False)
def fill(input: Tensor, value: Any) -> Tensor:
    """A tensor like `input` with one value everywhere.

    >>> import chainrule as torch
    >>> torch.fill(torch.zeros(2), 3)
    tensor([3., 3.])
    """
    number = zero_dim(value, input, "fill")
    filled = apply(Copy, expanded(number, input._array.shape))
    if input._node is not None and filled._node is None:  # torch records it: the gradient is zero
        return EXPORTS["masked_fill"](input, from_array(np.ones((), np.bool_)), number)
    return filled


def fill_by_name(input: Tensor, value: Any) -> Tensor:
    """Write one value everywhere, in place.

    >>> import chainrule as torch
    >>> torch.fill_(torch.zeros(2), 3)
    tensor([3., 3.])
    """
    return fill_(input, value)


def zero_by_name(input: Tensor) -> Tensor:
    """Write zeros everywhere, in place.

    >>> import chainrule as torch
    >>> torch.zero_(torch.ones(2))
    tensor([0., 0.])
    """
    return fill_(input, 0)


def fill_diagonal_(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Write one number on the main diagonal; `wrap` starts it again in tall matrices.

    >>> import chainrule as torch
    >>> torch.zeros(2, 2).fill_diagonal_(5)
    tensor([[5., 0.],
            [0., 5.]])
    """
    array = self._array
    if array.ndim < 2:
        raise ShapeError("dimensions must larger than 1", [("self", self)])
    if array.ndim > 2 and len(set(array.shape)) > 1:
        raise ShapeError("all dimensions of input must be of equal length", [("self", self)])
    n = min(array.shape)
    rows = np.arange(n)
    columns = rows
    if wrap and array.ndim == 2 and array.shape[0] > array.shape[1] and n:
        flat = np.arange(0, array.size, array.shape[1] + 1)
        rows, columns = np.divmod(flat, array.shape[1])
    index = (rows, columns) if array.ndim == 2 else (rows,) * array.ndim
    self[tuple(from_array(i) for i in index)] = fill_value
    return self


# ---- another shape in place --------------------------------------------------------------------


def become(self: Tensor, view: Tensor) -> Tensor:
    """Let `self` be its own `view`: `squeeze_()` and its kin.

    What it was becomes a hidden base, of which it and its former views are views now.
    """
    check_writable(self)
    node = self._node
    if node is not None and node.op is None:  # a leaf, under no_grad
        self._array = view._array
        node.shape = self._array.shape
        return self
    if self._base is None and mode.recording:
        base = from_array(self._array, node=node)
        base._untracked = self._untracked
        alive = [r for r in self._views or () if r() is not None and r() is not view]
        for ref in alive:
            ref()._base = base
        base._views = [*alive, weakref.ref(self)]
        self._views, self._base = None, base
    if self._base is not None:
        self._steps = view._steps
    self._array, self._node = view._array, view._node
    return self


def shaping(method: str, doc: str) -> None:
    """Attach `Tensor.<method>_`."""

    def call(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_writable(self)
        return become(self, getattr(self, method)(*args, **kwargs))

    call.__name__, call.__doc__ = f"{method}_", doc
    setattr(Tensor, f"{method}_", call)


for _name in ("squeeze", "unsqueeze", "transpose", "swapaxes", "swapdims", "t"):
    shaping(_name, f"In-place {_name}(): this tensor becomes that view of itself.")


def resize_(self: Tensor, *sizes: Any, size: Any = None, memory_format: Any = None) -> Tensor:
    """Another size in place: over the same memory if it is large enough, else over more.

    New elements hold anything.  Errors: tensors that require gradients.

    >>> import chainrule as torch
    >>> torch.tensor([1, 2, 3, 4]).resize_(3)
    tensor([1, 2, 3])
    """
    if self._node is not None:
        raise GraphError("cannot resize variables that require grad", [("self", self)],
                         fix="Use reshape, or detach() first.")  # fmt: skip
    shape = numbers(sizes if size is None else (size,), "resize_")
    if any(n < 0 for n in shape):
        raise ShapeError(f"Trying to create tensor with negative dimension: {list(shape)}")
    array = self._array
    if shape == array.shape:
        return self
    memory = memory_of(array)
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= max(n, 1)
    start = address(array) - address(memory)
    if start + spec.size_of(shape) * array.itemsize <= memory.nbytes:
        self._array = strided(memory, shape, tuple(strides[::-1]), start, array.dtype)
        return self
    more = np.zeros(spec.size_of(shape), array.dtype)
    have = memory.reshape(-1).view(array.dtype)[start // array.itemsize :]
    more[: have.size] = have
    self._array = more.reshape(shape)
    return self


def resize_as_(self: Tensor, other: Tensor, memory_format: Any = None) -> Tensor:
    """`resize_` to the size of `other`.

    >>> import chainrule as torch
    >>> torch.tensor([1, 2, 3]).resize_as_(torch.zeros(2))
    tensor([1, 2])
    """
    return resize_(self, other._array.shape)


def resize_as_by_name(input: Tensor, the_template: Tensor, *, memory_format: Any = None) -> Tensor:
    """`input.resize_as_(the_template)`.

    >>> import chainrule as torch
    >>> torch.resize_as_(torch.tensor([1, 2, 3]), torch.zeros(2))
    tensor([1, 2])
    """
    return resize_(input, the_template._array.shape)


# ---- len and in --------------------------------------------------------------------------------


def __len__(self: Tensor) -> int:
    """The size of the first dimension."""
    shape = self._array.shape
    if not shape:
        raise TypeError("len() of a 0-d tensor")
    return shape[0]


def __contains__(self: Tensor, element: Any) -> bool:
    """Whether any element equals `element`, a number or a tensor."""
    if isinstance(element, Tensor):
        element = element._array
    elif not isinstance(element, NUMBERS):
        raise GraphError("Tensor.__contains__ only supports Tensor or scalar, but you passed in a "
                         f"{type(element)}.")  # fmt: skip
    return bool((self._array == element).any())


for _method in (copy_, fill_, zero_, fill_diagonal_, resize_, resize_as_, __len__, __contains__):
    setattr(Tensor, _method.__name__, _method)
EXPORTS.update(fill_=fill_by_name, zero_=zero_by_name, resize_as_=resize_as_by_name)
