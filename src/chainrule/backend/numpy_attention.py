"""Attention over NumPy arrays."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.backend.numpy_nn import widened

Array = Any


@functools.lru_cache(maxsize=8)
def future(rows: int, columns: int, dtype: Any) -> Array:
    """What hides later keys when it is added to scores: minus infinity above the diagonal."""
    hidden = np.where(np.tri(rows, columns, dtype=bool), 0, -np.inf).astype(dtype)
    hidden.flags.writeable = False
    return hidden


def attend(
    q: Array, k: Array, v: Array, mask: Array | None = None, *, scale: float, causal: bool
) -> tuple[Array, Array]:
    """Scores, their softmax in place, and the weighted values."""
    if q.dtype.itemsize == 2:  # as torch does it: in float32, rounded once
        wide = [a.astype(np.float32) for a in (q, k, v)]
        if mask is not None and mask.dtype.kind != "b":
            mask = mask.astype(np.float32)
        out, p = attend(*wide, mask, scale=scale, causal=causal)
        return out.astype(q.dtype), p.astype(q.dtype)
    p = np.matmul(q * q.dtype.type(scale), k.swapaxes(-1, -2))
    if causal:
        p += future(p.shape[-2], p.shape[-1], p.dtype)
    if mask is not None:
        if mask.dtype.kind == "b":
            mask = np.where(mask, 0, -np.inf).astype(p.dtype)
        p = p + mask if np.broadcast_shapes(p.shape, mask.shape) != p.shape else np.add(p, mask, p)
    if p.size:
        high = np.maximum.reduce(p, axis=-1, keepdims=True)
        if mask is not None:
            np.copyto(high, 0, where=np.isneginf(high))  # a query that sees nothing
        p -= high
        np.exp(p, p)
        total = np.add.reduce(p, axis=-1, keepdims=True)
        if mask is not None:
            np.copyto(total, 1, where=total == 0)
        p *= np.reciprocal(total, total)
    if p.ndim != 4:
        return np.matmul(p, v), p
    batch, heads, rows, _ = p.shape  # heads side by side in memory, where a projection wants them
    out = np.empty((batch, rows, heads, v.shape[-1]), p.dtype).transpose(0, 2, 1, 3)
    return np.matmul(p, v, out), p


@widened
def softmax_grad(x: Array, y: Array) -> Array:
    out = x * y
    total = np.add.reduce(out, axis=-1, keepdims=True)
    out -= y * total
    return out
