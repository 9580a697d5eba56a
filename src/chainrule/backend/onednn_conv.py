"""Convolution and its gradients by oneDNN, with the names and arguments of `numpy_conv`.

Each function returns None for what oneDNN has no fast implementation of.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.backend import onednn_plan as plans
from chainrule.backend.onednn import Library
from chainrule.backend.onednn_plan import (
    BIAS,
    DIFF_DST,
    DIFF_SRC,
    DIFF_WEIGHTS,
    DST,
    SRC,
    WEIGHTS,
    Layouts,
    Plan,
    Pointer,
    descriptor,
    dims,
    fast,
)
from chainrule.windows import Pairs, output_size

Array = Any
Shape = tuple[int, ...]

TRAINING, DIRECT = 64, 1


def grouped(weight: Shape, groups: int) -> Shape:
    return weight if groups == 1 else (groups, weight[0] // groups, *weight[1:])


def places(stride: Shape, dilation: Shape, padding: Pairs) -> tuple[Any, ...]:
    """How windows lie, as oneDNN wants it: its dilation counts the gaps."""
    return (
        dims(stride), dims([d - 1 for d in dilation]),
        dims([a for a, _ in padding]), dims([b for _, b in padding]),
    )  # fmt: skip


def forward(layouts: Layouts, x: Shape, w: Shape, bias: Shape | None, y: Shape, how: Any,
            attribute: Any) -> Pointer:  # fmt: skip
    return fast(
        descriptor(
            "dnnl_convolution_forward_primitive_desc_create", TRAINING, DIRECT, layouts.any(x),
            layouts.any(w), None if bias is None else layouts.plain(bias), layouts.any(y), *how,
            attribute,
        )
    )  # fmt: skip


def conv(
    x: Array, weight: Array, bias: Array | None = None, *, stride: Shape, padding: Pairs,
    dilation: Shape, groups: int,
) -> Array | None:  # fmt: skip
    size = output_size(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    shape, w = (x.shape[0], weight.shape[0], *size), grouped(weight.shape, groups)

    def make(attribute: Pointer) -> Plan:
        with Layouts() as layouts:
            how = places(stride, dilation, padding)
            shift = None if bias is None else bias.shape
            made = forward(layouts, x.shape, w, shift, shape, how, attribute)
        roles = [(SRC, x.shape, False), (WEIGHTS, w, False), (DST, shape, True)]
        if bias is not None:
            roles.insert(2, (BIAS, bias.shape, False))
        return Plan(made, roles)

    out = np.empty(shape, x.dtype)
    key = ("conv", x.shape, w, bias is None, stride, padding, dilation)
    inputs = (x, weight) if bias is None else (x, weight, bias)
    arrays = [*map(np.ascontiguousarray, inputs), out]
    return out if plans.run(key, make, arrays) else None


def conv_input_grad(
    g: Array, weight: Array, bias: Array | None = None, *, size: Shape, stride: Shape,
    padding: Pairs, dilation: Shape, groups: int,
) -> Array | None:  # fmt: skip
    if output_size(size, weight.shape[2:], stride, padding, dilation) != g.shape[2:]:
        return None  # output padding that makes room for more windows than there are
    shape = (g.shape[0], weight.shape[1] * groups, *size)
    w = grouped(weight.shape, groups)

    def make(attribute: Pointer) -> Plan:
        with Layouts() as layouts:
            how = places(stride, dilation, padding)
            hint = forward(layouts, shape, w, None, g.shape, how, None)
            try:
                made = fast(descriptor(
                    "dnnl_convolution_backward_data_primitive_desc_create", DIRECT,
                    layouts.any(shape), layouts.any(w), layouts.any(g.shape), *how, hint,
                    attribute,
                ))  # fmt: skip
            finally:
                Library.handle.dnnl_primitive_desc_destroy(hint)
        roles = [(DIFF_DST, g.shape, False), (WEIGHTS, w, False), (DIFF_SRC, shape, True)]
        return Plan(made, roles)

    out = np.empty(shape, g.dtype)
    key = ("conv_input_grad", g.shape, w, size, stride, padding, dilation)
    arrays = [np.ascontiguousarray(g), np.ascontiguousarray(weight), out]
    if not plans.run(key, make, arrays):
        return None
    if bias is not None:
        out += bias.reshape(-1, *(1,) * len(size))
    return out


def conv_weight_grad(
    x: Array, g: Array, *, kernel: Shape, stride: Shape, padding: Pairs, dilation: Shape,
    groups: int,
) -> Array | None:  # fmt: skip
    size = output_size(x.shape[2:], kernel, stride, padding, dilation)
    if size != g.shape[2:]:
        return None
    shape = (g.shape[1], x.shape[1] // groups, *kernel)
    w = grouped(shape, groups)

    def make(attribute: Pointer) -> Plan:
        with Layouts() as layouts:
            how = places(stride, dilation, padding)
            hint = forward(layouts, x.shape, w, None, g.shape, how, None)
            try:
                made = fast(descriptor(
                    "dnnl_convolution_backward_weights_primitive_desc_create", DIRECT,
                    layouts.any(x.shape), layouts.any(w), None, layouts.any(g.shape), *how, hint,
                    attribute,
                ))  # fmt: skip
            finally:
                Library.handle.dnnl_primitive_desc_destroy(hint)
        roles = [(SRC, x.shape, False), (DIFF_DST, g.shape, False), (DIFF_WEIGHTS, w, True)]
        return Plan(made, roles)

    out = np.empty(shape, x.dtype)
    key = ("conv_weight_grad", x.shape, w, g.shape, stride, padding, dilation)
    arrays = [np.ascontiguousarray(x), np.ascontiguousarray(g), out]
    return out if plans.run(key, make, arrays) else None
