"""Other shapes for the same elements: reshape, flatten, unflatten, squeeze, unsqueeze."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.border import EXPORTS, public
from chainrule.ops.shape import Copy, Reshape
from chainrule.ops.views import ExpandDims, Squeeze
from chainrule.tensor import Tensor

Shape = tuple[int, ...]


def numbers(given: Any, call: str, what: str = "size") -> Shape:
    """Ints as a user gives them: `f(2, 3)`, `f((2, 3))`, `f([2, 3])`, `f(x.shape)`."""
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = given[0]
    for n in given:
        if type(n) is not int:
            return tuple(integer(m, call, what) for m in given)
    return tuple(given)


def integer(value: Any, call: str, what: str) -> int:
    """One int; 0-d integer tensors and NumPy integers are ints too."""
    if not isinstance(value, bool) and hasattr(value, "__index__"):
        try:
            return int(value.__index__())
        except (TypeError, ArgumentError):
            pass
    raise ArgumentError(
        f"{call}(): argument '{what}' must be tuple of ints, but found element of type "
        f"{type(value).__name__}",
        [(what, value)],
        fix="Give ints, or one tuple of ints.",
    )


def inferred(shape: Shape, size: int) -> Shape:
    """The shape with its -1, if there is one, replaced by what is left of `size` elements."""
    known, hole = 1, None
    for i, n in enumerate(shape):
        if n == -1:
            if hole is not None:
                raise ShapeError("only one dimension can be inferred",
                                 fix="Give all sizes but one.")  # fmt: skip
            hole = i
        elif n < 0:
            raise ShapeError(f"invalid shape dimension {n} at index {i} of shape {list(shape)}")
        else:
            known *= n
    if hole is not None and known > 0 and size % known == 0:
        return (*shape[:hole], size // known, *shape[hole + 1 :])
    if hole is not None and known == 0 and size == 0:
        raise ShapeError(
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified "
            "dimension size -1 can be any value and is ambiguous"
        )
    if hole is not None or known != size:
        raise ShapeError(f"shape '{list(shape)}' is invalid for input of size {size}")
    return shape


def reshaped(x: Tensor, shape: Shape) -> Tensor:
    """`x` with exactly this shape: a view if memory allows, else a copy."""
    array = x._array
    if not array.flags.c_contiguous:
        try:
            np.reshape(array, shape, copy=False)
        except ValueError:
            x = apply(Copy, x)
    return apply(Reshape, x, shape=shape)


@public(method=False, out=False)
def reshape(input: Tensor, shape: Any) -> Tensor:
    """The same elements in another shape; one size may be -1.  A view where memory allows.

    Errors: the number of elements must stay the same.
    Gradient: g in the shape of `input`.

    >>> import chainrule as torch
    >>> torch.reshape(torch.arange(6), (2, -1))
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    shape = numbers((shape,) if not isinstance(shape, (tuple, list)) else shape, "reshape", "shape")
    return reshaped(input, inferred(shape, input._array.size))


def _reshape(self: Tensor, *shape: Any, **named: Any) -> Tensor:
    """The same elements in another shape: `torch.reshape`."""
    return reshape(self, numbers(shape or (named["shape"],), "reshape", "shape"))


Tensor.reshape = _reshape  # type: ignore[method-assign]


@public(top=False)
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """The same elements in the shape of `other`.

    >>> import chainrule as torch
    >>> torch.arange(4).reshape_as(torch.zeros(2, 2)).shape
    torch.Size([2, 2])
    """
    return reshaped(self, inferred(other._array.shape, self._array.size))


@public(out=False)
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` made one.  A view where memory allows.

    Gradient: g in the shape of `input`.

    >>> import chainrule as torch
    >>> torch.flatten(torch.zeros(2, 3, 4), 1).shape
    torch.Size([2, 12])
    """
    shape = input._array.shape
    ndim = len(shape)
    start = spec.normalize_axis(start_dim, ndim)
    end = spec.normalize_axis(end_dim, ndim)
    if start > end:
        raise ShapeError("flatten() has invalid args: start_dim cannot come after end_dim",
                         [("start_dim", start_dim), ("end_dim", end_dim)])  # fmt: skip
    if ndim == 0:
        return reshaped(input, (1,))
    if start == end:
        return input
    joined = spec.size_of(shape[start : end + 1])
    return reshaped(input, (*shape[:start], joined, *shape[end + 1 :]))


@public(out=False)
def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension, row by row.

    >>> import chainrule as torch
    >>> torch.ravel(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """
    return input if input.ndim == 1 and input._array.flags.c_contiguous else flatten(input)


@public(out=False)
def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """Dimension `dim` split into several of these `sizes`; one may be -1.

    Errors: the sizes must multiply up to the size of `dim`.

    >>> import chainrule as torch
    >>> torch.unflatten(torch.zeros(2, 12), 1, (3, -1)).shape
    torch.Size([2, 3, 4])
    """
    sizes = numbers((sizes,) if not isinstance(sizes, (tuple, list)) else sizes, "unflatten")
    shape = input._array.shape
    axis = spec.normalize_axis(dim, len(shape))
    if not sizes:
        raise ShapeError("unflatten: sizes must be non-empty")
    try:
        sizes = inferred(sizes, shape[axis])
    except ShapeError:
        raise ShapeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} "
            f"({shape[axis]}) in the input tensor", [("input", input)],
        ) from None  # fmt: skip
    return apply(Reshape, input, shape=(*shape[:axis], *sizes, *shape[axis + 1 :]))


# ---- size one ----------------------------------------------------------------------------------


@public(out=False)
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """A view without dimensions of size 1: all of them, or those in `dim` that have size 1.

    Gradient: g with the dimensions put back.

    >>> import chainrule as torch
    >>> torch.squeeze(torch.zeros(1, 3, 1)).shape, torch.zeros(1, 3, 1).squeeze(0).shape
    (torch.Size([3]), torch.Size([3, 1]))
    """
    shape = input._array.shape
    axes = spec.normalize_axes(dim, len(shape)) if shape else ()
    if not shape and dim is not None:
        for d in (dim,) if isinstance(dim, int) else dim:
            spec.normalize_axis(d, 0)
    return apply(Squeeze, input, axis=tuple(a for a in axes if shape[a] == 1))


@public(out=False)
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A view with a new dimension of size 1 at `dim`, which may count from the end.

    >>> import chainrule as torch
    >>> torch.unsqueeze(torch.tensor([1, 2]), 1)
    tensor([[1],
            [2]])
    """
    return apply(ExpandDims, input, axis=spec.normalize_axis(dim, input._array.ndim + 1))


def _at_least(n: int, tensors: Any, place: Any) -> Any:
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        return tuple(place(t) for t in tensors[0])
    results = tuple(place(t) for t in tensors)
    return results[0] if len(results) == 1 else results


def atleast_1d(*tensors: Any) -> Any:
    """0-d tensors with one dimension; others as they are.  Several give a tuple.

    >>> import chainrule as torch
    >>> torch.atleast_1d(torch.tensor(1.))
    tensor([1.])
    """
    return _at_least(1, tensors, lambda t: t if t.ndim else unsqueeze(t, 0))


def atleast_2d(*tensors: Any) -> Any:
    """Tensors with dimensions of size 1 put in front until there are two.

    >>> import chainrule as torch
    >>> torch.atleast_2d(torch.tensor([1., 2.]))
    tensor([[1., 2.]])
    """
    return _at_least(
        2,
        tensors,
        lambda t: t if t.ndim > 1 else reshaped(t, (1, *((1,) * (1 - t.ndim)), *t.shape)),
    )


def atleast_3d(*tensors: Any) -> Any:
    """Tensors with three dimensions: (n,) becomes (1, n, 1) and (n, m) becomes (n, m, 1).

    >>> import chainrule as torch
    >>> torch.atleast_3d(torch.zeros(2, 3)).shape
    torch.Size([2, 3, 1])
    """

    def place(t: Tensor) -> Tensor:
        if t.ndim > 2:
            return t
        if t.ndim == 2:
            return unsqueeze(t, 2)
        return reshaped(t, (1, t._array.size, 1))

    return _at_least(3, tensors, place)


EXPORTS.update(atleast_1d=atleast_1d, atleast_2d=atleast_2d, atleast_3d=atleast_3d)
