"""A namespace whose arrays know shape and dtype but hold no data: the third reading of a rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.ops import vocabulary
from chainrule.ops.base import REGISTRY
from chainrule.spec import Spec, size_of


class Abstract:
    """An array without data."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    shape = property(lambda self: self.spec.shape)
    dtype = property(lambda self: self.spec.dtype)
    ndim = property(lambda self: len(self.spec.shape))
    size = property(lambda self: size_of(self.spec.shape))
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a rule asked for the truth of an array that holds no data")


def lowered(value: Any, like: np.dtype) -> Spec:
    """The Spec of an operand; a Python number takes the dtype of the arrays beside it."""
    if isinstance(value, Abstract):
        return value.spec
    if isinstance(value, (bool, int, float)):
        return Spec((), like)
    if isinstance(value, complex):
        return Spec((), np.result_type(like, np.complex64))
    return Spec(np.shape(value), np.asarray(value).dtype)


class AbstractNamespace:
    def __getattr__(self, name: str) -> Any:
        op = REGISTRY.get(name)
        if op is None:
            assert name in vocabulary.CREATION, f"{name} is not in the vocabulary of rules"
            return lambda *arrays, **static: make(name, arrays, static)

        def call(*arrays: Any, **static: Any) -> Any:
            known = [a for a in arrays if isinstance(a, Abstract)]
            like = known[0].dtype if known else np.dtype("float64")
            out = op.spec(*(lowered(a, like) for a in arrays), **static)
            if isinstance(out, Spec):
                return Abstract(out)
            return tuple(Abstract(s) for s in out)

        return call


def make(name: str, arrays: Any, static: dict[str, Any]) -> Abstract:
    if name.endswith("_like"):
        return Abstract(arrays[0].spec)
    if name == "arange":
        return Abstract(Spec((static["stop"],), np.dtype(static["dtype"])))
    if name == "eye":
        n = static["n"]
        return Abstract(Spec((n, static.get("m") or n), np.dtype(static["dtype"])))
    return Abstract(Spec(tuple(static["shape"]), np.dtype(static["dtype"])))


abstract_ns = AbstractNamespace()


def _operator(name: str, swap: bool) -> Any:
    def method(*arrays: Any) -> Any:
        return getattr(abstract_ns, name)(*(arrays[::-1] if swap else arrays))

    return method


for _dunder, _name in vocabulary.OPERATORS.items():
    setattr(Abstract, _dunder, _operator(_name, False))
    if _dunder in ("__add__", "__sub__", "__mul__", "__truediv__", "__pow__"):
        setattr(Abstract, "__r" + _dunder[2:], _operator(_name, True))
