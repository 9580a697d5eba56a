"""The op table: one row per public operation drives every check.

A row is written once, over plain arrays:

    @case("add", errors=[...])
    def add(m):                          # m makes arrays of the dtype under test
        yield call(m(3, 4), m(4))        # ndarray arguments become tensors, floats ones of which
        yield call(m(3), 2.5, alpha=2)   # require grad unless wrapped in const(...)

The name is the public one: "add", "Tensor.view", "linalg.solve", "nn.functional.relu"; methods are
called on their first argument.  Each row is run (see test_table.py): forward and gradients
against values recorded from torch and, where installed, torch itself; reverse against central
differences; second order; every subset of inputs requiring grad; gradient dtypes; and each
primitive op that it applies is checked in turn: shape rule, tangent, saved values, raw against
recorded reverse, three namespaces.  At least 12 samples and 2 error cases a row.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


@dataclasses.dataclass
class Call:
    """One sample: the arguments of a call."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def call(*args: Any, **kwargs: Any) -> Call:
    return Call(args, kwargs)


@dataclasses.dataclass(frozen=True)
class const:
    """An array argument that is not differentiated: an index, a mask, a target."""

    array: np.ndarray


@dataclasses.dataclass
class Error:
    """A call that must fail with this class (torch's, of which ours is a subclass) and words."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    kind: type[Exception]
    match: str  # a regular expression found in the message


def error(*args: Any, kind: type[Exception] = RuntimeError, match: str, **kwargs: Any) -> Error:
    return Error(args, kwargs, kind, match)


class Make:
    """Makes the same arrays in every run and every framework, in the dtype under test."""

    def __init__(self, name: str, dtype: str) -> None:
        self.dtype = np.dtype(dtype)
        self.random = np.random.RandomState(zlib.crc32(name.encode()) & 0x7FFFFFFF)

    def __call__(self, *shape: int, low: float = -3, high: float = 3) -> np.ndarray:
        """Uniform numbers in [low, high); integers are whole, booleans fair coins."""
        u = self.random.uniform(low, high, shape)
        if self.dtype.kind == "b":
            return np.asarray(u > (low + high) / 2)
        if self.dtype.kind in "iu":
            return np.asarray(np.floor(u)).astype(self.dtype)
        return np.asarray(u).astype(self.dtype)

    def array(self, values: Any) -> np.ndarray:
        """These very values: ties, kinks, infinities."""
        return np.asarray(values).astype(self.dtype)

    def index(self, *shape: int, size: int) -> const:
        """int64 indices below `size`."""
        return const(np.asarray(self.random.randint(0, size, shape), dtype=np.int64))

    def mask(self, *shape: int) -> const:
        """Booleans."""
        return const(np.asarray(self.random.uniform(size=shape) > 0.5))

    @property
    def floating(self) -> bool:
        return self.dtype.kind in "fV"


@dataclasses.dataclass
class Case:
    """A row of the table.

    Attributes:
        name: the public name.
        samples: yields calls, given a `Make`.
        dtypes: in which it is run; gradients are checked in the floating ones.
        errors: calls that must fail.
        reference: the same in NumPy, on arrays, if NumPy has it.
        grad: whether gradients exist; second: whether second derivatives are checked.
        differences: compare gradients with central differences (False where samples sit on
            kinks, ties or outside the smooth domain).
        rtol, atol: against torch, in float32 (float64: 1e5 times tighter, at best 1e-10).
        torch: the call in torch if it is not the same name.
        note: why something is switched off.
    """

    name: str
    samples: Callable[[Make], Iterator[Call]]
    dtypes: tuple[str, ...] = ("float64", "float32")
    errors: tuple[Error, ...] = ()
    reference: Callable[..., Any] | None = None
    grad: bool = True
    second: bool = True
    differences: bool = True
    rtol: float = 1e-5
    atol: float = 1e-6
    torch: Any = None
    note: str = ""

    def calls(self, dtype: str) -> list[Call]:
        return list(self.samples(Make(self.name, dtype)))

    def function(self, torch: Any) -> Callable[..., Any]:
        """The public callable in `torch`, which is chainrule or torch."""
        if self.torch is not None and torch.__name__ == "torch":
            return self.torch
        if self.name.startswith("Tensor."):
            method = self.name.removeprefix("Tensor.")

            def by_method(self: Any, *args: Any, **kwargs: Any) -> Any:
                found = getattr(self, method)
                return found(*args, **kwargs) if callable(found) else found

            return by_method
        found = torch
        for part in self.name.split("."):
            found = getattr(found, part)
        return found


TABLE: dict[str, Case] = {}
ALL = ("float64", "float32", "int64", "bool")
NUMBERS = ("float64", "float32", "int64")
FLOATS = ("float64", "float32")


def case(name: str, **options: Any) -> Callable[[Any], Any]:
    """Enter a row; the decorated generator yields its samples."""

    def enter(samples: Any) -> Any:
        assert name not in TABLE, f"{name} has two rows"
        options["errors"] = tuple(options.get("errors", ()))
        TABLE[name] = Case(name, samples, **options)
        return samples

    return enter


def load() -> dict[str, Case]:
    """Import every module of tests/cases and return the table."""
    import cases

    for module in pkgutil.iter_modules(cases.__path__):
        importlib.import_module(f"cases.{module.name}")
    return TABLE
