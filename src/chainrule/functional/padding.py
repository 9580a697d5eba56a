"""Padding: constant, or continued by reflection, repetition of the edge, or round the end."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, NoDerivativeError, ShapeError
from chainrule.functional.border import public
from chainrule.functional.shape import numbers
from chainrule.ops.indexing import ContinueEdges, Index
from chainrule.ops.shape import Copy, Slice, SliceScatter, WriteView
from chainrule.tensor import Tensor, from_array

MODES = ("constant", "reflect", "replicate", "circular")


def widths(pad: Any, ndim: int) -> list[tuple[int, int, int]]:
    """(axis, before, after) from torch's flat list, which starts with the last dimension."""
    flat = numbers((pad,), "pad", "pad")
    if len(flat) % 2:
        raise ShapeError("Padding length must be divisible by 2", [("pad", flat)])
    if len(flat) // 2 > ndim:
        raise ShapeError(
            "Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(flat)} and input of dimension {ndim}"
        )
    return [(ndim - 1 - k, flat[2 * k], flat[2 * k + 1]) for k in range(len(flat) // 2)]


@public(out=False)
def constant_pad_nd(input: Tensor, pad: Any, value: Any = 0) -> Tensor:
    """`input` with `value` added before and after dimensions; negative widths cut off.

    `pad` is (before, after) of the last dimension, then of the one before it, and so on.
    Gradient: that part of g.

    >>> import chainrule as torch
    >>> torch.constant_pad_nd(torch.tensor([1, 2]), (1, 2), 9)
    tensor([9, 1, 2, 9, 9])
    """
    shape = list(input._array.shape)
    inner, outer = [slice(None)] * len(shape), [slice(None)] * len(shape)
    for axis, before, after in widths(pad, len(shape)):
        n = shape[axis]
        if n + before + after < 0:
            raise ShapeError(
                f"The input size {n}, plus negative padding {before} and {after} resulted in a "
                f"negative output size, which is invalid. Check dimension {axis} of your input.",
                [("input", input)],
            )
        inner[axis] = slice(max(-before, 0), max(n + min(after, 0), 0))
        outer[axis] = slice(
            max(before, 0), max(before, 0) + max(n + min(before, 0) + min(after, 0), 0)
        )
        shape[axis] = n + before + after
    part = input
    if any(s != slice(None) for s in inner):
        part = apply(Slice, input, index=(*inner, Ellipsis))
    if tuple(shape) == input._array.shape == part._array.shape:
        return apply(Copy, input)
    place = (*outer, Ellipsis)
    if isinstance(value, Tensor):
        value = value.item()
    if value == 0:
        return apply(SliceScatter, part, shape=tuple(shape), index=place)
    frame = from_array(np.full(tuple(shape), value, input._array.dtype))
    return apply(WriteView, frame, part, steps=((Slice, {"index": place}),))


def pad(input: Tensor, pad: Any, mode: str = "constant", value: Any = None) -> Tensor:
    """`input` made wider: with `value`, or in mode "reflect", "replicate" or "circular".

    `pad` is (before, after) of the last dimension, then of the one before it, and so on.
    Gradient: g of the elements themselves and of all their copies, summed.

    >>> import chainrule as torch
    >>> from chainrule.functional.padding import pad
    >>> pad(torch.tensor([[1., 2., 3.]]), (2, 1), mode="reflect")
    tensor([[3., 2., 1., 2., 3., 2.]])
    """
    if mode not in MODES:
        raise NoDerivativeError(f"Unrecognised padding mode {mode}", [("mode", mode)],
                                fix=f"Modes are {', '.join(MODES)}.")  # fmt: skip
    if mode == "constant":
        return constant_pad_nd(input, pad, 0 if value is None else value)
    if value is not None and value != 0:
        raise ArgumentError(f'Padding mode "{mode}" doesn\'t take in value argument',
                            [("value", value)])  # fmt: skip
    return continued(input, pad, mode)


def continued(input: Tensor, pad: Any, mode: str) -> Tensor:
    """Padding with elements of the input itself."""
    ndim = input._array.ndim
    sides = widths(pad, ndim)
    if not (len(sides) in (1, 2, 3) and ndim - len(sides) in (1, 2)):
        raise NoDerivativeError(
            f"Padding size {2 * len(sides)} is not supported for {ndim}D input tensor.",
            [("input", input)],
            fix="Non-constant modes pad the last dimension of 2D or 3D, the last two of 3D or 4D, "
            "the last three of 4D or 5D inputs.",
        )
    out = input
    for axis, before, after in sides:
        n = out._array.shape[axis]
        if mode == "reflect" and max(before, after) >= n:
            raise ShapeError(
                "Argument #4: Padding size should be less than the corresponding input dimension, "
                f"but got: padding ({before}, {after}) at dimension {axis} of input "
                f"{list(input._array.shape)}", [("input", input)],
            )  # fmt: skip
        if mode == "circular" and max(before, after) > n:
            raise ShapeError("Padding value causes wrapping around more than once.",
                             [("input", input), ("pad", (before, after))])  # fmt: skip
        if n + before + after < (0 if mode == "circular" else 1):
            raise ShapeError(f"input (size {n}) is too small for padding ({before}, {after}) at "
                             f"dimension {axis}", [("input", input)])  # fmt: skip
        places = np.arange(-before, n + after)
        if mode == "circular":  # negative widths cut first, then what is left goes round
            kept = np.arange(max(-before, 0), n + min(after, 0))
            places = kept[np.arange(-max(before, 0), kept.size + max(after, 0)) % max(kept.size, 1)]
        elif mode == "replicate":
            places = np.clip(places, 0, n - 1)
        else:
            places = np.abs(places)
            places = n - 1 - np.abs(n - 1 - places)
        if before or after:
            if mode == "circular":
                out = apply(Index, out, places, axes=(axis,))
            else:
                out = apply(ContinueEdges, out, places, axis=axis)
    return out if out is not input else apply(Copy, input)
