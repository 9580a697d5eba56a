"""Where an operation has two implementations, the choice between them: oneDNN's or NumPy's.

The library takes float32 (half floats are converted) and work that outweighs a call's 40 us; NumPy
the rest, and whatever the library declines.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.backend import numpy_conv, numpy_pool, onednn
from chainrule.backend.numpy_nn import widened

Array = Any
Shape = tuple[int, ...]
FLOAT32 = np.dtype(np.float32)
LARGE_IMAGES = 1 << 14  # elements; pooling of less is as fast in NumPy
WORTH = 200_000  # multiplications of a convolution; below, columns are as fast


def conv_module(a: Array, b: Array, bias: Array | None, places: Shape, weight: Shape) -> Any:
    """oneDNN's convolutions, if they are there and the work is worth it.

    `a` and `b` are the operands, `places` the sizes of the smaller images.
    """
    if a.dtype != FLOAT32 or b.dtype != FLOAT32 or not a.size or not b.size:
        return None
    if bias is not None and (bias.dtype != FLOAT32 or bias.ndim != 1):
        return None
    work = a.shape[0]
    for n in (*places, *weight):
        work *= n
    if work < WORTH or not onednn.ready():
        return None
    from chainrule.backend import onednn_conv  # at the first that is worth it

    return onednn_conv


@widened
def conv(x: Array, weight: Array, bias: Array | None = None, **how: Any) -> Array:
    places = tuple(-(-n // s) for n, s in zip(x.shape[2:], how["stride"], strict=True))
    library = conv_module(x, weight, bias, places, weight.shape)
    if library is not None:
        out = library.conv(x, weight, bias, **how)
        if out is not None:
            return out
    return numpy_conv.conv(x, weight, bias, **how)


@widened
def conv_input_grad(g: Array, weight: Array, bias: Array | None = None, **how: Any) -> Array:
    library = conv_module(g, weight, bias, g.shape[2:], weight.shape)
    if library is not None:
        out = library.conv_input_grad(g, weight, bias, **how)
        if out is not None:
            return out
    return numpy_conv.conv_input_grad(g, weight, bias, **how)


@widened
def conv_weight_grad(x: Array, g: Array, **how: Any) -> Array:
    weight = (g.shape[1], x.shape[1] // how["groups"], *how["kernel"])
    library = conv_module(x, g, None, g.shape[2:], weight)
    if library is not None:
        out = library.conv_weight_grad(x, g, **how)
        if out is not None:
            return out
    return numpy_conv.conv_weight_grad(x, g, **how)


def pool_module(x: Array) -> Any:
    """oneDNN's pooling, if it is there and the work is worth it."""
    if x.dtype != FLOAT32 or x.size < LARGE_IMAGES or not onednn.ready():
        return None
    from chainrule.backend import onednn_pool

    return onednn_pool


def either(name: str) -> Any:
    """The pooling function of this name: oneDNN's where it takes the call, NumPy's otherwise."""
    by_numpy = getattr(numpy_pool, name)

    @functools.wraps(by_numpy)
    def call(*arrays: Array, **how: Any) -> Array:
        library = pool_module(arrays[0])
        if library is not None:
            out = getattr(library, name)(*arrays, **how)
            if out is not None:
                return out
        return by_numpy(*arrays, **how)

    return call


max_pool, max_pool_codes = either("max_pool"), either("max_pool_codes")
window_place = either("window_place")
avg_pool, avg_pool_grad = either("avg_pool"), either("avg_pool_grad")
