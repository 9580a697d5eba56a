"""What is said when a forward fails or backward cannot go on: shapes, freed values, NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import (
    ArgumentError,
    ChainruleError,
    FreedGraphError,
    GraphError,
    NoDerivativeError,
    ShapeError,
)
from chainrule.graph import Freed, Node, grad_name, line_of
from chainrule.spec import Spec
from chainrule.tensor import Tensor


def check_replacement(node: Node, hook: Any, result: Any) -> None:
    """Raise unless what a hook returned can stand for the gradient."""
    if not isinstance(result, Tensor):
        raise ArgumentError(
            f"expected Variable, but hook returned '{type(result).__name__}'",
            fix="A hook returns a tensor that replaces the gradient, or None to leave it.",
        )
    array = result._array
    called = getattr(hook, "__name__", type(hook).__name__)
    rule, fix = None, "A hook returns a gradient of the tensor's shape and dtype."
    if array.shape != node.shape:
        rule = f"hook '{called}' has changed the size of value"
    elif array.dtype != node.dtype:
        rule = f"hook '{called}' has changed the type of value (was {node.dtype} got {array.dtype})"
    if rule is not None:
        raise GraphError(
            rule, [("gradient", Spec(node.shape, node.dtype)), ("returned", result)], fix=fix
        )


def freed_error(node: Node, freed: Freed) -> FreedGraphError:
    return FreedGraphError(
        f"Trying to backward through the graph a second time: the values that {grad_name(node)} "
        f"(made at {line_of(node.where)}) saved are gone; the first backward was called at "
        f"{line_of(freed.where)}",
        fix="Call that first backward with retain_graph=True, or recompute the forward.",
    )


def missing_rule(node: Node) -> NoDerivativeError:
    op = node.op
    places = [i for i, p in enumerate(node.parents) if p is not None and op.rules[i] is None]
    name = op.inputs[places[0]]
    return NoDerivativeError(
        f"derivative for {op.name} with respect to `{name}` is not implemented: "
        f"{op.no_derivative} (used at {line_of(node.where)})"
    )


def check_finite(node: Node, g: Any) -> None:
    """Anomaly mode: stop at the first rule that returns NaN."""
    array = g._array if isinstance(g, Tensor) else np.asarray(g)
    if array.dtype.kind in "fc" and np.isnan(array).any():
        raise GraphError(
            f"Function '{grad_name(node)}' returned nan values in its backward; "
            f"the forward was at {line_of(node.where)}"
        )


def explained(op: Any, inputs: Any, static: Any, error: Exception) -> Exception:
    """The error to raise for a failed forward: the shape rule says which rule was broken."""
    if isinstance(error, ChainruleError):
        if not error.where:
            error.where = op.name
            error.operands = error.operands or named(op, inputs)
        return error
    try:
        specs = [Spec(tuple(x._array.shape), x._array.dtype) if isinstance(x, Tensor)
                 else Spec(np.shape(x), np.asarray(x).dtype) for x in inputs]  # fmt: skip
        op.spec(*specs, **static)
    except ChainruleError as broken:
        broken.where, broken.operands = op.name, named(op, inputs)
        return broken
    except Exception:
        pass
    if isinstance(error, (ValueError, TypeError)):
        wrapped = ShapeError(str(error), named(op, inputs), where=op.name)
        wrapped.__cause__ = error
        return wrapped
    return error


def named(op: Any, inputs: Any) -> list[tuple[str, Any]]:
    """The operands with the names that the op gives them."""
    names = [n.removeprefix("*") for n in op.inputs]
    tail = [f"{names[-1]}[{i}]" for i in range(len(inputs))] if op.variadic else []
    return list(zip([*names[: -1 if op.variadic else None], *tail], inputs))  # noqa: B905
