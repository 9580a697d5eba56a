"""Comparisons, logic, extremes and selection.  Comparisons give booleans: no derivative."""

from __future__ import annotations

from typing import Any, ClassVar

from chainrule import spec as specs
from chainrule.ops.base import Elementwise
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


class LogicalXor(Comparison):
    """out = x or y, but not both."""

    name, inputs, c = "logical_xor", ("x", "y"), "!{x} != !{y}"


class LogicalNot(Comparison):
    """out = not x."""

    name, inputs, c = "logical_not", ("x",), "!{x}"


class IsNan(Comparison):
    """out = whether x is NaN."""

    name, inputs, c = "isnan", ("x",), "{x} != {x}"


class IsInf(Comparison):
    """out = whether x is infinite."""

    name, inputs, c = "isinf", ("x",), "isinf({x})"


class IsFinite(Comparison):
    """out = whether x is neither infinite nor NaN."""

    name, inputs, c = "isfinite", ("x",), "isfinite({x})"


class Signbit(Comparison):
    """out = whether the sign of x is set; also of -0."""

    name, inputs, c = "signbit", ("x",), "signbit({x})"


class IsClose(Comparison):
    """out = |x - y| <= atol + rtol * |y|, or both equal."""

    name, inputs = "isclose", ("x", "y")


class Maximum(Elementwise):
    """out = the larger of x and y; NaN propagates.   g goes to the larger, at ties half to each."""

    name, inputs = "maximum", ("x", "y")
    c = "({x} > {y} || {x} != {x}) ? {x} : {y}"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return halved(xp, g, x, y, x < y)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return halved(xp, g, x, y, y < x)


class Minimum(Elementwise):
    """out = the smaller of x and y; NaN propagates.   g goes to the smaller, at ties in halves."""

    name, inputs = "minimum", ("x", "y")
    c = "({x} < {y} || {x} != {x}) ? {x} : {y}"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return halved(xp, g, x, y, x > y)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return halved(xp, g, x, y, y > x)


def halved(xp: Any, g: Array, x: Array, y: Array, lost: Array) -> Array:
    """g, half of it where x = y, none where `lost`."""
    return xp.mask(g, xp.logical_not(lost)) * (1 - xp.astype(x == y, dtype=g.dtype) * 0.5)


class Fmax(Elementwise):
    """out = the larger, or the one that is not NaN.   g goes to x where x >= y, else to y."""

    name, inputs, c = "fmax", ("x", "y"), "fmax({x}, {y})"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return xp.mask(g, xp.logical_or(x >= y, xp.isnan(y)))

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return xp.mask(g, xp.logical_not(xp.logical_or(x >= y, xp.isnan(y))))


class Fmin(Elementwise):
    """out = the smaller, or the one that is not NaN.   g goes to x where x <= y, else to y."""

    name, inputs, c = "fmin", ("x", "y"), "fmin({x}, {y})"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return xp.mask(g, xp.logical_or(x <= y, xp.isnan(y)))

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return xp.mask(g, xp.logical_not(xp.logical_or(x <= y, xp.isnan(y))))


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
        return xp.mask(g, condition)

    @staticmethod
    def d_y(xp: Any, g: Array, condition: Array) -> Array:
        return xp.mask(g, xp.logical_not(condition))


class Mask(Elementwise):
    """out = x where keep, else 0, whatever x is there.   dL/dx = g where keep, else 0.

    Rules use it where a gradient is to vanish: 0 * inf would be NaN.
    """

    name, inputs, constant = "mask", ("x", "keep"), ("keep",)
    c = "{keep} ? {x} : 0"

    @classmethod
    def spec(cls, x: Spec, keep: Spec) -> Spec:
        return Spec(specs.broadcast_shapes(x.shape, keep.shape), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, keep: Array) -> Array:
        return xp.mask(g, keep)
