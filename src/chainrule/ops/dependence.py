"""Dependence without derivative."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Op
from chainrule.spec import Spec

Array = Any


class Tied(Op):
    """out = x, counted as a function of the others too, with derivative zero.

    The gradient of relu depends on its input, though its derivative in it is zero: a second
    backward through it must give zeros, not an error.  The reverse pass ties the upstream gradient
    of an op with `entangled = True` to the op's inputs, if it is recorded.  `specs` holds shape and
    dtype of the others.
    """

    name, inputs, entangled = "tied", ("x", "*others"), True

    @staticmethod
    def spec(x: Spec, *others: Spec, specs: Any) -> Spec:
        return x

    @staticmethod
    def vjp(xp: Any, g: Array, needed: tuple[bool, ...], *, specs: Any) -> Any:
        about = ((tuple(g.shape), g.dtype),)  # the zeros count as depending on g in their turn
        blank = [
            xp.tied(xp.zeros(shape=shape, dtype=dtype), g, specs=about) if n else None
            for (shape, dtype), n in zip(specs, needed[1:], strict=True)
        ]
        return (g, *blank)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, specs: Any) -> Array:
        return xp.zeros_like(values[0]) if ts[0] is None else ts[0]
