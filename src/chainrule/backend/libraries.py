"""Where an operation has two implementations, the choice between them: oneDNN's or NumPy's.

The library takes float32 (half floats are converted) and work that outweighs a call's 40 us; NumPy
the rest, and whatever the library declines.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.backend import numpy_conv, onednn
from chainrule.backend.numpy_nn import widened

Array = Any
Shape = tuple[int, ...]
FLOAT32 = np.dtype(np.float32)
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
