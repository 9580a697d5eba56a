"""Naming the layer in an error: which module failed, where it stands, what its operands are."""

from __future__ import annotations

import contextlib
from typing import Any

from chainrule.errors import ChainruleError


def locate(module: Any, args: tuple[Any, ...], error: ChainruleError) -> None:
    """Add to `error` what `module`, inside which it was raised, knows.

    Called by every `Module.__call__` on the way out; the innermost module explains the failure in
    its own words, each outer one lengthens the path, and so the root has the last word.
    """
    known: Any = error
    inner = getattr(known, "module", None)
    if inner is None:
        inner = known.module = module
        known.operation = getattr(module, "_formula", "") or error.where
        with contextlib.suppress(Exception):  # an explanation must not hide what it explains
            module._explain(error, *args)
    path = path_to(module, inner)
    name = f" '{path}'" if path else ""
    operation = f" ({known.operation})" if known.operation else ""
    error.where = f"in {type(inner).__name__}{name}{operation}"
    error.operands = [named_parameter(module, operand) for operand in error.operands]


def path_to(root: Any, module: Any) -> str:
    """The name of `module` seen from `root`."""
    return next((name for name, m in root.named_modules() if m is module), "")


def named_parameter(root: Any, operand: tuple[Any, ...]) -> tuple[Any, ...]:
    """An operand that is a parameter of `root`, or a view of one, with that parameter's name."""
    name, value, *notes = operand
    source = getattr(value, "_base", None)
    for path, parameter in root.named_parameters():
        if value is parameter or source is parameter:
            extra = [n for n in notes if not n.startswith("parameter ")]
            return (name, value, f"parameter '{path}'", *extra)
    return operand
