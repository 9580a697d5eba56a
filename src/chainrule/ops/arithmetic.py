"""Addition, multiplication, division and their kin: elementwise ops of one or two operands."""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.errors import DtypeError
from chainrule.ops.base import Elementwise, conjugate, real_part, zero
from chainrule.spec import Spec

Array = Any


class Add(Elementwise):
    """out = x + y.   dL/dx = g,   dL/dy = g.   The lectures' distributor."""

    name, inputs, c = "add", ("x", "y"), "{x} + {y}"

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return g

    @staticmethod
    def d_y(xp: Any, g: Array) -> Array:
        return g


class Subtract(Elementwise):
    """out = x - y.   dL/dx = g,   dL/dy = -g."""

    name, inputs, c = "subtract", ("x", "y"), "{x} - {y}"
    grad_name = "Sub"

    @classmethod
    def spec(cls, x: Spec, y: Spec) -> Spec:
        if specs.result_type((x, y)) == specs.BOOL:
            raise DtypeError(
                "Subtraction, the `-` operator, with two bool tensors is not supported.",
                fix="Use the `^` or `logical_xor()` operator instead.",
            )
        return super().spec(x, y)

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return g

    @staticmethod
    def d_y(xp: Any, g: Array) -> Array:
        return -g


class Multiply(Elementwise):
    """out = x * y.   dL/dx = g * y,   dL/dy = g * x.   The lectures' swap multiplier."""

    name, inputs, c = "multiply", ("x", "y"), "{x} * {y}"
    grad_name = "Mul"

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array) -> Array:
        return g * y

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array) -> Array:
        return g * x


class Divide(Elementwise):
    """out = x / y.   dL/dx = g / y,   dL/dy = -g * out / y."""

    name, inputs, c = "divide", ("x", "y"), "{x} / {y}"
    promotes, grad_name = "float", "Div"

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array) -> Array:
        return g / y

    @staticmethod
    def d_y(xp: Any, g: Array, y: Array, out: Array) -> Array:
        return -g * (out / y)


class NoBool(Elementwise):
    """Arithmetic that booleans have no part in, worded when it is tried."""

    @classmethod
    def spec(cls, *xs: Spec, **static: Any) -> Spec:
        if specs.result_type(xs) == specs.BOOL:
            raise DtypeError(
                f"{cls.name} is not implemented for bool tensors", fix="Convert with .int() first."
            )
        return super().spec(*xs, **static)


class FloorDivide(NoBool):
    """out = x / y rounded down.   Its derivative is zero wherever it exists."""

    name, inputs, c = "floor_divide", ("x", "y"), "floor({x} / {y})"
    grad_name = "Div"
    d_x = d_y = staticmethod(zero)


class TruncDivide(NoBool):
    """out = x / y rounded towards zero.   Its derivative is zero wherever it exists."""

    name, inputs, c = "trunc_divide", ("x", "y"), "trunc({x} / {y})"
    grad_name = "Div"
    d_x = d_y = staticmethod(zero)


class Remainder(NoBool):
    """out = x - y * floor(x / y), with the sign of y.   dL/dx = g,   dL/dy = -g * floor(x / y)."""

    name, inputs = "remainder", ("x", "y")

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return g

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return -g * xp.floor_divide(x, y)


class Fmod(NoBool):
    """out = x - y * trunc(x / y), with the sign of x.   dL/dx = g,   dL/dy = -g * trunc(x / y)."""

    name, inputs, c = "fmod", ("x", "y"), "fmod({x}, {y})"

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return g

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return -g * xp.trunc_divide(x, y)


class Negative(Elementwise):
    """out = -x.   dL/dx = -g."""

    name, inputs, c = "negative", ("x",), "-{x}"
    grad_name = "Neg"

    @classmethod
    def spec(cls, x: Spec) -> Spec:
        if x.dtype == specs.BOOL:
            raise DtypeError(
                "Negation, the `-` operator, on a bool tensor is not supported.",
                fix="To invert a mask, use the `~` or `logical_not()` operator.",
            )
        return x

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return -g


class Absolute(NoBool):
    """out = |x|.   dL/dx = g * conj(sign(x)), which is 0 at 0."""

    name, inputs, c = "absolute", ("x",), "fabs({x})"
    grad_name = "Abs"

    @classmethod
    def spec(cls, x: Spec) -> Spec:
        out = super().spec(x)
        return Spec(out.shape, specs.real_of(out.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * conjugate(xp, xp.sign(x))

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any) -> Array:
        return real_part(xp, ts[0] * conjugate(xp, xp.sign(values[0])))


class Reciprocal(Elementwise):
    """out = 1 / x.   dL/dx = -g * out**2."""

    name, inputs, c, promotes = "reciprocal", ("x",), "1 / {x}", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return -g * (out * out)


class Hypot(Elementwise):
    """out = sqrt(x**2 + y**2).   dL/dx = g * x / out,   dL/dy = g * y / out."""

    name, inputs, c = "hypot", ("x", "y"), "hypot({x}, {y})"

    @classmethod
    def spec(cls, *xs: Spec) -> Spec:
        return floats_only(cls, super().spec(*xs))

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array) -> Array:
        return g * (x / out)

    @staticmethod
    def d_y(xp: Any, g: Array, y: Array, out: Array) -> Array:
        return g * (y / out)


def floats_only(op: Any, out: Spec) -> Spec:
    """`out`, or an error if its dtype is not floating."""
    if not specs.is_floating(out.dtype):
        raise DtypeError(
            f"{op.name} is not implemented for {out.dtype} tensors",
            fix="Convert with .float() first.",
        )
    return out


class Copysign(Elementwise):
    """out = |x| with the sign of y.   dL/dx = g * out / x, 0 at 0; dL/dy = 0."""

    name, inputs, c = "copysign", ("x", "y"), "copysign({x}, {y})"
    promotes = "float"
    d_y = staticmethod(zero)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array) -> Array:
        return xp.mask(g * (out / x), x != 0)


class Lerp(Elementwise):
    """out = x + w * (y - x).   dL/dx = g * (1 - w), dL/dy = g * w, dL/dw = g * (y - x)."""

    name, inputs = "lerp", ("x", "y", "w")
    c = "{x} + {w} * ({y} - {x})"

    @classmethod
    def spec(cls, *xs: Spec) -> Spec:
        return floats_only(cls, super().spec(*xs))

    @staticmethod
    def d_x(xp: Any, g: Array, w: Array) -> Array:
        return g * (1 - w)

    @staticmethod
    def d_y(xp: Any, g: Array, w: Array) -> Array:
        return g * w

    @staticmethod
    def d_w(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * (y - x)


class Integers(Elementwise):
    """Whole-number functions: nothing to differentiate."""

    differentiable = False

    @classmethod
    def spec(cls, *xs: Spec) -> Spec:
        out = super().spec(*xs)
        if out.dtype.kind not in "iu":
            raise DtypeError(f"{cls.name} is not implemented for {out.dtype} tensors",
                             fix="It takes integers.")  # fmt: skip
        return out


class Gcd(Integers):
    """out = the greatest common divisor of |x| and |y|."""

    name, inputs = "gcd", ("x", "y")


class Lcm(Integers):
    """out = the least common multiple of |x| and |y|."""

    name, inputs = "lcm", ("x", "y")
