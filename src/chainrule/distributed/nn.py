"""Collectives with gradients: in a group of one, the identity."""

from __future__ import annotations

from typing import Any

from chainrule.distributed.groups import ReduceOp, current


def all_reduce(tensor: Any, op: Any = ReduceOp.SUM, group: Any = None) -> Any:
    """Reduce over all members; the gradient is reduced too."""
    current(group)
    return tensor.clone()


def all_gather(tensor: Any, group: Any = None) -> tuple[Any, ...]:
    """Every member's tensor."""
    current(group)
    return (tensor.clone(),)


def broadcast(tensor: Any, src: int, group: Any = None) -> Any:
    """A member's tensor at all."""
    current(group)
    return tensor.clone()


def reduce(tensor: Any, dst: int, op: Any = ReduceOp.SUM, group: Any = None) -> Any:
    """Reduce to one member."""
    current(group)
    return tensor.clone()
