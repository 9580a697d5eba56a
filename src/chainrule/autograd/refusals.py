"""What backward says when it cannot go on: freed values, missing rules, hooks, NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, FreedGraphError, GraphError, NoDerivativeError
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
