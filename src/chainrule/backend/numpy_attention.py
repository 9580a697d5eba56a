"""Attention over NumPy arrays."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.backend.blas import SINGLE
from chainrule.backend.numpy_nn import widened
from chainrule.backend.threads import LARGE, in_parts

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
        wide = np.float32
        if mask is not None and mask.dtype.kind != "b":
            mask = mask.astype(wide)
        out, p = attend(q.astype(wide), k.astype(wide), v.astype(wide), mask, scale=scale,
                        causal=causal)  # fmt: skip
        return out.astype(q.dtype), p.astype(q.dtype)
    if mask is not None and mask.dtype.kind == "b":
        mask = np.where(mask, 0, -np.inf).astype(q.dtype)
    batch = q.shape[:-2]
    full = (*batch, q.shape[-2], k.shape[-2])
    fits = mask is None or np.broadcast_shapes(full, mask.shape) == full
    if batch != k.shape[:-2] or batch != v.shape[:-2] or not batch or not fits:
        scores = np.matmul(q * q.dtype.type(scale), k.swapaxes(-1, -2))
        if mask is not None:
            scores = scores + mask
        normalize(scores, causal, mask is not None)
        return np.matmul(scores, v), scores
    if mask is not None:
        mask = np.broadcast_to(mask, full)
    p = np.empty(full, q.dtype)
    if q.ndim == 4:  # heads side by side in memory, where a projection wants them
        n, heads, rows = q.shape[:3]
        out = np.empty((n, rows, heads, v.shape[-1]), q.dtype).transpose(0, 2, 1, 3)
    else:
        out = np.empty((*batch, q.shape[-2], v.shape[-1]), q.dtype)

    def work(start: int, stop: int) -> None:
        i = slice(start, stop)
        np.matmul(q[i] * q.dtype.type(scale), k[i].swapaxes(-1, -2), p[i])
        if mask is not None:
            p[i] += mask[i]
        normalize(p[i], causal, mask is not None)
        np.matmul(p[i], v[i], out[i])

    with SINGLE:
        in_parts(work, len(q), enough(p))
    return out, p


def enough(p: Array) -> int:
    """From how many stacked matrices on threads are worth while: none, or all there are."""
    return 2 if p.size >= LARGE else len(p) + 1


def normalize(p: Array, causal: bool, masked: bool) -> None:
    """Softmax of each row, in place; a row of minus infinities becomes zeros."""
    if not p.size:
        return
    if causal:
        p += future(p.shape[-2], p.shape[-1], p.dtype)
    high = np.maximum.reduce(p, axis=-1, keepdims=True)
    if masked:
        np.copyto(high, 0, where=np.isneginf(high))
    p -= high
    np.exp(p, p)
    total = np.add.reduce(p, axis=-1, keepdims=True)
    if masked:
        np.copyto(total, 1, where=total == 0)
    p *= np.reciprocal(total, total)


@widened
def softmax_grad(x: Array, y: Array) -> Array:
    if x.shape != y.shape or x.ndim < 3:
        out = x * y
        out -= y * np.add.reduce(out, axis=-1, keepdims=True)
        return out
    result = np.empty(x.shape, x.dtype)

    def work(start: int, stop: int) -> None:
        i = slice(start, stop)
        part = np.multiply(x[i], y[i], result[i])
        part -= y[i] * np.add.reduce(part, axis=-1, keepdims=True)

    in_parts(work, len(x), enough(x))
    return result
