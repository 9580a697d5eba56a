"""Comparisons, logic and selection.  Comparisons give booleans and have no derivative."""

from __future__ import annotations

from typing import Any, ClassVar

from chainrule import spec as specs
from chainrule.ops.base import Elementwise, zero
from chainrule.spec import Spec

Array = Any


class Comparison(Elementwise):
    """Gives booleans: there is nothing to differentiate."""

    promotes: ClassVar[str | None] = "compare"
    differentiable = False


class Equal(Comparison):
    """out = x == y."""

    name, inputs, c = "equal", ("x", "y"), "{x} == {y}"


class NotEqual(Comparison):
    """out = x != y."""

    name, inputs, c = "not_equal", ("x", "y"), "{x} != {y}"


class Less(Comparison):
    """out = x < y."""

    name, inputs, c = "less", ("x", "y"), "{x} < {y}"


class LessEqual(Comparison):
    """out = x <= y."""

    name, inputs, c = "less_equal", ("x", "y"), "{x} <= {y}"


class Greater(Comparison):
    """out = x > y."""

    name, inputs, c = "greater", ("x", "y"), "{x} > {y}"


class GreaterEqual(Comparison):
    """out = x >= y."""

    name, inputs, c = "greater_equal", ("x", "y"), "{x} >= {y}"


class LogicalAnd(Comparison):
    """out = x and y, where nonzero counts as true."""

    name, inputs, c = "logical_and", ("x", "y"), "{x} && {y}"


class LogicalOr(Comparison):
    """out = x or y."""

    name, inputs, c = "logical_or", ("x", "y"), "{x} || {y}"


class LogicalNot(Comparison):
    """out = not x."""

    name, inputs, c = "logical_not", ("x",), "!{x}"


class Where(Elementwise):
    """out = x where condition, else y.   dL/dx = g where condition, else 0; dL/dy the rest."""

    name, inputs, constant = "where", ("condition", "x", "y"), ("condition",)
    c = "{condition} ? {x} : {y}"

    @classmethod
    def spec(cls, condition: Spec, x: Spec, y: Spec) -> Spec:
        shape = specs.broadcast_shapes(condition.shape, x.shape, y.shape)
        return Spec(shape, specs.result_type((x, y)))

    @staticmethod
    def d_x(xp: Any, g: Array, condition: Array) -> Array:
        return xp.where(condition, g, xp.zeros_like(g))

    @staticmethod
    def d_y(xp: Any, g: Array, condition: Array) -> Array:
        return xp.where(condition, xp.zeros_like(g), g)


class Sign(Elementwise):
    """out = -1, 0 or 1.   Its derivative is zero wherever it exists."""

    name, inputs = "sign", ("x",)
    c = "({x} > 0) - ({x} < 0)"
    d_x = staticmethod(zero)
