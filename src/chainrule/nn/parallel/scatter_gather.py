"""Cutting batches for several devices, and joining results: with one device, the identity."""

from __future__ import annotations

from typing import Any


def scatter(inputs: Any, target_gpus: Any, dim: int = 0) -> Any:
    """The inputs for each device: all of them for the one there is."""
    return [inputs for _ in target_gpus[:1]] or [inputs]


def scatter_kwargs(inputs: Any, kwargs: Any, target_gpus: Any, dim: int = 0) -> Any:
    """Positional and keyword inputs for each device."""
    return (tuple(inputs),), (kwargs or {},)


def gather(outputs: Any, target_device: Any, dim: int = 0) -> Any:
    """Results of several devices as one: tensors joined along `dim`, containers entry by entry."""
    import chainrule as torch

    first = outputs[0]
    if isinstance(first, torch.Tensor):
        if len(outputs) == 1:
            return first
        return torch.cat([x.reshape(1) if x.ndim == 0 else x for x in outputs], dim)
    if first is None:
        return None
    if isinstance(first, dict):
        return type(first)((k, gather([o[k] for o in outputs], target_device, dim)) for k in first)
    parts = [gather(part, target_device, dim) for part in zip(*outputs, strict=True)]
    return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
