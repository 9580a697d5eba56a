"""More of the same elements: expand, broadcast_to, repeat, tile, and the way back."""

from __future__ import annotations

from typing import Any

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.dtypes import Size
from chainrule.errors import ShapeError
from chainrule.functional.border import EXPORTS, public
from chainrule.functional.shape import numbers, reshaped
from chainrule.ops.reduction import Sum
from chainrule.ops.shape import BroadcastTo, Copy, Reshape
from chainrule.tensor import Tensor

Shape = tuple[int, ...]


def expanded(x: Tensor, shape: Shape, given: Any = None) -> Tensor:
    """`x` broadcast to `shape`, in which -1 means as it is."""
    own = x._array.shape
    lead = len(shape) - len(own)
    if lead < 0:
        raise ShapeError(
            f"expand({x.dtype}{{{list(own)}}}, size={list(shape)}): the number of sizes "
            f"provided ({len(shape)}) must be greater or equal to the number of dimensions in the "
            f"tensor ({len(own)})", [("input", x)],
        )  # fmt: skip
    sizes = list(shape)
    for i, n in enumerate(shape):
        have = own[i - lead] if i >= lead else None
        if n == -1:
            if have is None:
                raise ShapeError("The expanded size of the tensor (-1) isn't allowed in a leading, "
                                 f"non-existing dimension {i}", [("input", x)])  # fmt: skip
            sizes[i] = have
        elif have is not None and have not in (1, n):
            raise ShapeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({have}) at "
                f"non-singleton dimension {i}.  Target sizes: {list(shape)}.  Tensor sizes: "
                f"{list(own)}", [("input", x)],
            )  # fmt: skip
        elif n < 0:
            raise ShapeError(f"invalid size {n} at index {i} of {list(shape)}", [("input", x)])
    return apply(BroadcastTo, x, shape=tuple(sizes))


@public(top=False)
def expand(self: Tensor, *sizes: Any, size: Any = None, implicit: bool = False) -> Tensor:
    """A view with dimensions of size 1 repeated, without copying; -1 leaves one as it is.

    Errors: only dimensions of size 1, and new leading ones, can grow.
    Gradient: g summed over the repetitions.

    >>> import chainrule as torch
    >>> torch.tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    return expanded(self, numbers(sizes if size is None else (size,), "expand"))


@public(top=False)
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """A view broadcast to the shape of `other`.

    >>> import chainrule as torch
    >>> torch.tensor([1, 2]).expand_as(torch.zeros(3, 2)).shape
    torch.Size([3, 2])
    """
    return expanded(self, other._array.shape)


@public(out=False)
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """A view of `input` broadcast to `size`.

    >>> import chainrule as torch
    >>> torch.broadcast_to(torch.tensor([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    return expanded(input, numbers((size,), "broadcast_to"))


def _broadcast_to(self: Tensor, *sizes: Any, size: Any = None) -> Tensor:
    """`torch.broadcast_to`; the sizes may also be given one by one."""
    return expanded(self, numbers(sizes if size is None else (size,), "broadcast_to"))


_broadcast_to.__name__ = "broadcast_to"
Tensor.broadcast_to = _broadcast_to  # type: ignore[attr-defined]


def broadcast_tensors(*tensors: Any) -> Any:
    """All tensors expanded to their common shape.

    >>> import chainrule as torch
    >>> a, b = torch.broadcast_tensors(torch.zeros(2, 1), torch.zeros(3))
    >>> a.shape, b.shape
    (torch.Size([2, 3]), torch.Size([2, 3]))
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    shape = spec.broadcast_shapes(*(x._array.shape for x in tensors))
    return tuple(apply(BroadcastTo, x, shape=shape) for x in tensors)


def broadcast_shapes(*shapes: Any) -> Any:
    """The shape that tensors of these shapes broadcast to; an int stands for one dimension.

    >>> import chainrule as torch
    >>> torch.broadcast_shapes((2, 1), (3,), 1)
    torch.Size([2, 3])
    """
    given = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    for shape in given:
        for n in shape:
            if n < 0:
                raise ShapeError(f"Trying to create tensor with negative dimension ({n}): ({n})")
    try:
        return Size(spec.broadcast_shapes(*given))
    except ShapeError as error:
        error.rule = f"shapes cannot be broadcast to a single shape: {error.rule}"
        raise


EXPORTS.update(broadcast_tensors=broadcast_tensors, broadcast_shapes=broadcast_shapes)


def repeated(x: Tensor, times: Shape) -> Tensor:
    """`x` laid out `times` along each dimension, as a copy."""
    own = x._array.shape
    if len(times) < len(own):
        raise ShapeError("Number of dimensions of repeat dims can not be smaller than number of "
                         "dimensions of tensor", [("input", x)])  # fmt: skip
    own = (1,) * (len(times) - len(own)) + own
    shape = tuple(n * r for n, r in zip(own, times, strict=True))
    if any(r < 0 for r in times):
        raise ShapeError(f"Trying to create tensor with negative dimension: {list(shape)}")
    paired = reshaped(x, tuple(n for s in own for n in (1, s)))
    wide = apply(BroadcastTo, paired, shape=tuple(n for p in zip(times, own, strict=True)
                                                  for n in p))  # fmt: skip
    return apply(Reshape, apply(Copy, wide), shape=shape)


@public(top=False)
def repeat(self: Tensor, *times: Any, repeats: Any = None) -> Tensor:
    """A copy laid out several times along each dimension; more repeats than dimensions add some.

    Gradient: g summed over the repetitions.

    >>> import chainrule as torch
    >>> torch.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    return repeated(self, numbers(times if repeats is None else (repeats,), "repeat", "repeats"))


@public(method=False, out=False)
def tile(input: Tensor, dims: Any) -> Tensor:
    """As `Tensor.repeat`, but missing repeats in front are 1.

    >>> import chainrule as torch
    >>> torch.tile(torch.tensor([[1, 2]]), (2,))
    tensor([[1, 2, 1, 2]])
    """
    times = numbers((dims,) if not isinstance(dims, (tuple, list)) else dims, "tile", "dims")
    return repeated(input, (1,) * (input._array.ndim - len(times)) + times)


def _tile(self: Tensor, *times: Any, dims: Any = None) -> Tensor:
    """A copy laid out several times: `torch.tile`."""
    return tile(self, numbers(times if dims is None else (dims,), "tile", "dims"))


Tensor.tile = _tile  # type: ignore[method-assign]


@public(top=False)
def sum_to_size(self: Tensor, *sizes: Any, size: Any = None) -> Tensor:
    """The sum down to `size`: what undoes broadcasting from it.

    >>> import chainrule as torch
    >>> torch.ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])
    """
    shape = numbers(sizes if size is None else (size,), "sum_to_size")
    own = self._array.shape
    lead = len(own) - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, own[lead:], strict=True)):
        raise ShapeError(f"size {{{list(shape)}}} is not expandable to size {{{list(own)}}}.",
                         [("self", self)])  # fmt: skip
    axes = (*range(lead), *(lead + i for i, n in enumerate(shape) if n == 1 != own[lead + i]))
    if not axes and own:
        return self
    return reshaped(apply(Sum, self, axis=axes, keepdims=True), shape)
