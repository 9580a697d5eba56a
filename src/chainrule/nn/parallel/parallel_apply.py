"""Calling several modules on several inputs."""

from __future__ import annotations

from typing import Any


def parallel_apply(
    modules: Any, inputs: Any, kwargs_tup: Any = None, devices: Any = None
) -> list[Any]:
    """The results of each module on its input, one after another."""
    extra = kwargs_tup or [{}] * len(modules)
    out = []
    for module, given, named in zip(modules, inputs, extra, strict=True):
        out.append(module(*given if isinstance(given, (tuple, list)) else (given,), **named))
    return out
