"""Operations on the bits of integers and on booleans: nothing to differentiate."""

from __future__ import annotations

from chainrule.errors import DtypeError
from chainrule.ops.base import Elementwise
from chainrule.spec import Spec

KINDS = {"biu": "integer and Boolean-type", "iu": "integer"}


class Bitwise(Elementwise):
    """Takes integers, and booleans where `kinds` says so."""

    differentiable = False
    kinds = "biu"

    @classmethod
    def spec(cls, *xs: Spec) -> Spec:
        out = super().spec(*xs)
        if out.dtype.kind not in cls.kinds:
            raise DtypeError(
                f"{cls.name} is not implemented for {out.dtype}: "
                f"it is only implemented on {KINDS[cls.kinds]} tensors",
                fix="Convert with .bool() or .int() first.",
            )
        return out


class BitwiseAnd(Bitwise):
    """out = x & y; of booleans, logical and."""

    name, inputs, c = "bitwise_and", ("x", "y"), "{x} & {y}"


class BitwiseOr(Bitwise):
    """out = x | y; of booleans, logical or."""

    name, inputs, c = "bitwise_or", ("x", "y"), "{x} | {y}"


class BitwiseXor(Bitwise):
    """out = x ^ y; of booleans, logical exclusive or."""

    name, inputs, c = "bitwise_xor", ("x", "y"), "{x} ^ {y}"


class BitwiseNot(Bitwise):
    """out = ~x; of booleans, logical not."""

    name, inputs = "bitwise_not", ("x",)


class LeftShift(Bitwise):
    """out = x * 2**y in the bits of the dtype."""

    name, inputs, kinds = "left_shift", ("x", "y"), "iu"


class RightShift(Bitwise):
    """out = x / 2**y rounded down; the sign fills the free bits."""

    name, inputs, kinds = "right_shift", ("x", "y"), "iu"
