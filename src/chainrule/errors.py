"""Every exception chainrule raises, and the one form their messages take.

    ChainruleError
    ├── ShapeError        also RuntimeError, ValueError    shapes that do not fit
    ├── DtypeError        also RuntimeError (NotImplementedError), TypeError   a dtype an op refuses
    ├── DimensionError    also IndexError                  an axis that is not there
    ├── OutOfRangeError   also IndexError, RuntimeError    an index or label outside its range
    ├── ArgumentError     also ValueError, TypeError, RuntimeError   an argument that makes no sense
    ├── LayoutError       also NotImplementedError, AttributeError   sparse where it must be dense
    ├── DeviceError       also RuntimeError, AssertionError    a device that is not there
    ├── GraphError        also RuntimeError                the graph cannot give what is asked
    │   ├── NoGraphError          backward from a tensor without a graph
    │   ├── FreedGraphError       values freed by an earlier backward
    │   ├── OverwrittenError      a saved value was changed in place
    │   └── NoDerivativeError     also NotImplementedError; the op has no such derivative
    ├── StateDictError    also RuntimeError                keys or shapes of a state_dict
    ├── LinAlgError       also RuntimeError                singular, not positive-definite, ...
    ├── FileFormatError   also RuntimeError, ValueError    a missing, corrupt or hostile file
    ├── OutOfMemoryError  also RuntimeError                a GPU's memory is full
    ├── NotHereError      also AttributeError, NotImplementedError   a name of torch's not here
    └── MissingExtraError also ImportError                 an optional dependency is not installed

Each also inherits from the class torch raises in its place, so programs that catch torch's
errors keep working.  A message is worded only after a failure; success pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class ChainruleError(Exception):
    """Base of all errors here: a broken rule, the operands that broke it, and one way to mend it.

    Args:
        rule: what must hold, in the user's vocabulary.
        operands: `(name, value)` pairs; a value with `shape` and `dtype` is shown by these.
            Further entries are notes on the operand.
        fix: one thing to do about it.
        where: the operation or layer, put in front of the rule.
    """

    def __init__(
        self,
        rule: str = "",
        operands: Iterable[tuple[Any, ...]] = (),
        fix: str = "",
        where: str = "",
    ) -> None:
        self.rule, self.operands, self.fix, self.where = rule, list(operands), fix, where
        super().__init__(rule)

    def __str__(self) -> str:
        head = f"{self.where}: {self.rule}" if self.where else self.rule
        lines = [head, *table(self.operands)]
        if self.fix:
            lines.append(f"  {self.fix}")
        return "\n".join(lines)


class ShapeError(ChainruleError, RuntimeError, ValueError):
    """Shapes do not fit together."""


class DtypeError(ChainruleError, NotImplementedError, TypeError):
    """An operation cannot take, or cannot produce, this dtype."""


class DimensionError(ChainruleError, IndexError):
    """A dimension was named that the tensor does not have."""


class OutOfRangeError(ChainruleError, IndexError, RuntimeError):
    """An index, label or size lies outside its range."""


class ArgumentError(ChainruleError, ValueError, TypeError, RuntimeError):
    """An argument has a value or a type that makes no sense here."""


class LayoutError(ChainruleError, NotImplementedError, AttributeError):
    """An operation on dense tensors got a sparse one."""


class DeviceError(ChainruleError, RuntimeError, AssertionError):
    """A device that this machine, or this installation, does not have."""


class GraphError(ChainruleError, RuntimeError):
    """The graph cannot give what is asked of it."""


class NoGraphError(GraphError):
    """backward() from a tensor that no recorded operation made."""


class FreedGraphError(GraphError):
    """backward() needs values that an earlier backward() freed."""


class OverwrittenError(GraphError):
    """A value that backward() needs was changed in place after it was saved."""


class NoDerivativeError(GraphError, NotImplementedError):
    """The operation has no derivative with respect to this input."""


class StateDictError(ChainruleError, RuntimeError):
    """Keys or shapes of a state_dict do not match the module."""


class LinAlgError(ChainruleError, RuntimeError):
    """A matrix for which the problem has no solution, such as a singular one."""


class FileFormatError(ChainruleError, RuntimeError, ValueError):
    """A file is missing, corrupt, or not what it says it is."""


class OutOfMemoryError(ChainruleError, RuntimeError):
    """The memory of a GPU is full."""


class NotHereError(ChainruleError, AttributeError, NotImplementedError):
    """A name of torch's that chainrule does not have is used."""


class MissingExtraError(ChainruleError, ImportError):
    """A feature needs an optional dependency that is not installed."""


def describe(value: Any) -> str:
    """A value as an error shows it: shape and dtype of an array, `repr` of anything else."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "..."
    return f"{tuple(shape)!s:<10} {str(dtype).removeprefix('torch.')}"


def table(operands: Iterable[tuple[Any, ...]]) -> list[str]:
    """One aligned line per operand, with what else is known of it at the end."""
    rows = list(operands)
    width = max((len(row[0]) for row in rows), default=0)
    return [
        f"    {name:<{width}}  {describe(value)}" + ("   " + ", ".join(notes) if notes else "")
        for name, value, *notes in rows
    ]
