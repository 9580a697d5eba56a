"""Pooling and its gradients by oneDNN, with the names and arguments of `numpy_pool`.

The codes of max pooling are oneDNN's own notes for the gradient: the winner's place in its window.
Images are converted to channels last, which is fast for any number of channels; row-major ones
would be taken by plain loops.  Each function returns None for what oneDNN does otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.backend import onednn_plan as plans
from chainrule.backend.onednn import Library
from chainrule.backend.onednn_plan import (
    BYTE,
    DIFF_DST,
    DIFF_SRC,
    DST,
    SRC,
    WORKSPACE,
    Layouts,
    Plan,
    Pointer,
    descriptor,
    dims,
    fast,
)
from chainrule.windows import pool_size, spans

Array = Any
Shape = tuple[int, ...]

TRAINING = 64
MAX, AVERAGE_ALL, AVERAGE_INSIDE = 0x1FF, 0x2FF, 0x3FF
LEAST = np.float32(-3.4028235e38)  # oneDNN starts from this, not from -inf
CODES = 255  # as many places a byte can tell apart


class Windows:
    """How windows lie over images, as oneDNN wants it."""

    def __init__(self, size: Shape, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape,
                 ceil: bool) -> None:  # fmt: skip
        self.out = pool_size(size, kernel, stride, padding, dilation, ceil)
        reach = spans(kernel, dilation)
        self.after = tuple(
            max(p, (o - 1) * s + r - n - p)
            for n, o, s, r, p in zip(size, self.out, stride, reach, padding, strict=True)
        )
        self.even = self.after == padding  # no window reaches past the padding
        self.key = (kernel, stride, padding, dilation, self.after)

    def arguments(self) -> tuple[Any, ...]:
        kernel, stride, padding, dilation, after = self.key
        gaps = [d - 1 for d in dilation]
        return dims(stride), dims(kernel), dims(gaps), dims(padding), dims(after)


def forward(layouts: Layouts, kind: int, x: Shape, y: Shape, how: Any, attribute: Any) -> Pointer:
    return fast(
        descriptor(
            "dnnl_pooling_forward_primitive_desc_create", TRAINING, kind,
            layouts.channels_last(x), layouts.any(y), *how, attribute,
        )
    )  # fmt: skip


def images(x: Array, rank: int) -> Array | None:
    """`x` row-major with axes (N, C, *size)."""
    if x.ndim not in (rank + 1, rank + 2):
        return None
    x = np.ascontiguousarray(x)
    return x if x.ndim == rank + 2 else x[None]


def pool(x: Array, kind: int, windows: Windows) -> tuple[Array, Array] | None:
    rank = len(windows.out)
    own = images(x, rank)
    if own is None:
        return None
    shape = (*own.shape[:2], *windows.out)

    def make(attribute: Pointer) -> Plan:
        with Layouts() as layouts:
            made = forward(layouts, kind, own.shape, shape, windows.arguments(), attribute)
        roles: list[Any] = [(SRC, own.shape, False), (DST, shape, True)]
        if kind == MAX:
            roles.append((WORKSPACE, shape, True, BYTE))
        return Plan(made, roles)

    out = np.empty(shape, x.dtype)
    arrays = [own, out]
    if kind == MAX:
        arrays.append(np.empty(shape, np.uint8))
    if not plans.run(("pool", kind, own.shape, windows.key), make, arrays):
        return None
    result = (*x.shape[:-rank], *windows.out)
    return out.reshape(result), arrays[-1].reshape(result)


def pool_grad(
    g: Array, codes: Array | None, kind: int, size: Shape, windows: Windows
) -> Array | None:
    rank = len(size)
    up = images(g, rank)
    if up is None or g.shape[-rank:] != windows.out:
        return None
    shape = (*up.shape[:2], *size)

    def make(attribute: Pointer) -> Plan:
        how = windows.arguments()
        with Layouts() as layouts:
            hint = forward(layouts, kind, shape, up.shape, how, None)
            try:
                made = fast(descriptor(
                    "dnnl_pooling_backward_primitive_desc_create", kind,
                    layouts.channels_last(shape), layouts.any(up.shape), *how, hint, attribute,
                ))  # fmt: skip
            finally:
                Library.handle.dnnl_primitive_desc_destroy(hint)
        roles: list[Any] = [(DIFF_DST, up.shape, False), (DIFF_SRC, shape, True)]
        if kind == MAX:
            roles.append((WORKSPACE, up.shape, False, BYTE))
        return Plan(made, roles)

    out = np.empty(shape, g.dtype)
    arrays = [up, out]
    if kind == MAX:
        arrays.append(np.ascontiguousarray(codes).reshape(up.shape))
    if not plans.run(("pool_grad", kind, up.shape, size, windows.key), make, arrays):
        return None
    return out.reshape(*g.shape[:-rank], *size)


def max_windows(x: Array, ceil: bool, how: dict[str, Any]) -> Windows | None:
    """Where the windows lie, if oneDNN's maximum is ours: it passes over -inf and NaN."""
    if not x.min() > LEAST or np.prod(how["kernel"]) >= CODES:
        return None
    return Windows(x.shape[-len(how["kernel"]) :], ceil=ceil, **how)


def max_pool(x: Array, *, ceil: bool, **how: Any) -> Array | None:
    windows = max_windows(x, ceil, how)
    found = None if windows is None else pool(x, MAX, windows)
    return None if found is None else found[0]


def max_pool_codes(x: Array, *, ceil: bool, **how: Any) -> Array | None:
    windows = max_windows(x, ceil, how)
    found = None if windows is None else pool(x, MAX, windows)
    return None if found is None else found[1]


def window_place(g: Array, codes: Array, *, size: Shape, **how: Any) -> Array | None:
    if codes.dtype != np.uint8:
        return None
    rank = len(size)
    for ceil in (False, True):
        windows = Windows(size, ceil=ceil, **how)
        if windows.out == g.shape[-rank:]:
            return pool_grad(g, codes, MAX, size, windows)
    return None


def average(size: Shape, how: dict[str, Any]) -> tuple[int, Windows] | None:
    """oneDNN's kind of average, if it has the one asked for."""
    how = dict(how)
    divisor, include = how.pop("divisor"), how.pop("include")
    windows = Windows(size, dilation=(1,) * len(size), **how)
    if divisor is not None or (include and not windows.even):
        return None
    return (AVERAGE_ALL if include else AVERAGE_INSIDE), windows


def avg_pool(x: Array, **how: Any) -> Array | None:
    found = average(x.shape[-len(how["kernel"]) :], how)
    out = None if found is None else pool(x, *found)
    return None if out is None else out[0]


def avg_pool_grad(g: Array, *, size: Shape, **how: Any) -> Array | None:
    found = average(size, how)
    return None if found is None else pool_grad(g, None, found[0], size, found[1])
