"""Activations: what stands between the linear layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.record import apply, unary
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import store
from chainrule.nn.functional.arguments import floating, into
from chainrule.ops import activation as ops
from chainrule.ops.base import REGISTRY
from chainrule.tensor import Tensor, from_array

_relu, _sigmoid, _tanh = unary(ops.Relu), unary(ops.Sigmoid), unary(ops.Tanh)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(input, 0), elementwise.

    Gradient: g where input > 0, else 0.

    >>> import chainrule as torch
    >>> torch.nn.functional.relu(torch.tensor([-1., 0., 2.]))
    tensor([0., 0., 2.])
    """
    if input._array.dtype.kind == "b":
        raise DtypeError("Boolean inputs not supported for relu", [("input", input)])
    if inplace:
        return into(input, _relu(input), True)
    return _relu(input)


def relu_(input: Tensor) -> Tensor:
    """`relu`, written into `input`.

    >>> import chainrule as torch
    >>> torch.nn.functional.relu_(torch.tensor([-1., 2.]))
    tensor([0., 2.])
    """
    return relu(input, True)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """`input` kept within [0, 6].

    Gradient: g where 0 < input < 6, else 0.

    >>> import chainrule as torch
    >>> torch.nn.functional.relu6(torch.tensor([-1., 3., 8.]))
    tensor([0., 3., 6.])
    """
    if input._array.dtype.kind == "b":
        raise DtypeError("Boolean inputs not supported for relu6", [("input", input)])
    low, high = (0, 6) if input._array.dtype.kind in "iu" else (0.0, 6.0)
    return into(input, apply(ops.HardTanh, input, low=low, high=high), inplace)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """`input` where it is positive, else `negative_slope * input`.

    Gradient: g, or negative_slope * g.

    >>> import chainrule as torch
    >>> torch.nn.functional.leaky_relu(torch.tensor([-1., 2.]), 0.1)
    tensor([-0.1000,  2.0000])
    """
    floating(input, "leaky_relu_cpu")
    return into(input, apply(ops.LeakyRelu, input, slope=float(negative_slope)), inplace)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu`, written into `input`.

    >>> import chainrule as torch
    >>> torch.nn.functional.leaky_relu_(torch.tensor([-1., 2.]), 0.5)
    tensor([-0.5000,  2.0000])
    """
    return leaky_relu(input, negative_slope, True)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """`input` where it is positive, else `weight * input`, with one learned weight a channel.

    Shapes: input (N, C, ...), weight (C,) or one element.
    Gradient: g or weight * g for input; the sum of g * input over its negative ones for weight.

    >>> import chainrule as torch
    >>> torch.nn.functional.prelu(torch.tensor([-4., 2.]), torch.tensor([0.25]))
    tensor([-1.,  2.])
    """
    x, w = input._array, weight._array
    if x.dtype != w.dtype:
        raise DtypeError("prelu: Type promoting not supported. Got "
                         f"{x.dtype} and {w.dtype}")  # fmt: skip
    channels = x.shape[1] if x.ndim > 1 else 1
    if w.ndim > 1 or (w.size != 1 and w.size != channels):
        raise ShapeError(
            f"Mismatch of parameter numbers and input channel size. Found parameter numbers = "
            f"{w.size} and channel size = {channels}.",
            [("input", input), ("weight", weight)],
            fix="weight has one element, or one for each channel (axis 1).",
        )
    if w.ndim == 1 and x.ndim > 1:
        weight = weight.reshape((1, w.size) + (1,) * (x.ndim - 2))
    elif w.ndim == 1 and x.ndim == 0:
        weight = weight.reshape(())
    return apply(ops.PRelu, input, weight)


def rrelu(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False,
    inplace: bool = False, generator: Any = None,
) -> Tensor:  # fmt: skip
    """`leaky_relu` whose slope is drawn for each element from [lower, upper) while training.

    In evaluation the slope is the middle of the interval.

    >>> import chainrule as torch
    >>> torch.nn.functional.rrelu(torch.tensor([-1., 2.]), 0.25, 0.75)
    tensor([-0.5000,  2.0000])
    """
    if lower > upper:
        raise ArgumentError("Lower bound should be less than or equal to the upper bound",
                            [("lower", lower), ("upper", upper)])  # fmt: skip
    floating(input, "rrelu_with_noise_out_cpu")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    negative = input._array <= 0
    slopes = np.ones_like(input._array, order="C")
    drawn = from_array(np.empty(int(negative.sum()), np.float64)).uniform_(
        lower, upper, generator=generator
    )
    slopes[negative] = drawn._array
    return into(input, input * from_array(slopes), inplace)


def rrelu_(input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3,
           training: bool = False, generator: Any = None) -> Tensor:  # fmt: skip
    """`rrelu`, written into `input`.

    >>> import chainrule as torch
    >>> torch.nn.functional.rrelu_(torch.tensor([-1., 2.]), 0.5, 0.5)
    tensor([-0.5000,  2.0000])
    """
    return rrelu(input, lower, upper, training, True, generator)


def _elu(x: Tensor, alpha: float, scale: float, inner: float) -> Tensor:
    floating(x, "elu_cpu")
    return apply(ops.Elu, x, alpha=alpha, scale=scale, inner=inner)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`input` where it is positive, else `alpha * (exp(input) - 1)`.

    Gradient: g, or g * alpha * exp(input).

    >>> import chainrule as torch
    >>> torch.nn.functional.elu(torch.tensor([-1., 2.]))
    tensor([-0.6321,  2.0000])
    """
    return into(input, _elu(input, float(alpha), 1.0, 1.0), inplace)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`elu`, written into `input`.

    >>> import chainrule as torch
    >>> torch.nn.functional.elu_(torch.tensor([-1., 2.]))
    tensor([-0.6321,  2.0000])
    """
    return elu(input, alpha, True)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """A scaled `elu` that keeps mean 0 and variance 1 through layers (Klambauer et al. 2017).

    >>> import chainrule as torch
    >>> torch.nn.functional.selu(torch.tensor([-1., 2.]))
    tensor([-1.1113,  2.1014])
    """
    return into(input, _elu(input, 1.6732632423543772, 1.0507009873554805, 1.0), inplace)


def selu_(input: Tensor) -> Tensor:
    """`selu`, written into `input`.

    >>> import chainrule as torch
    >>> torch.nn.functional.selu_(torch.tensor([-1., 2.]))
    tensor([-1.1113,  2.1014])
    """
    return selu(input, True)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`input` where it is positive, else `alpha * (exp(input / alpha) - 1)`: smooth for any alpha.

    >>> import chainrule as torch
    >>> torch.nn.functional.celu(torch.tensor([-1., 2.]), alpha=2.)
    tensor([-0.7869,  2.0000])
    """
    if alpha == 0:
        raise ArgumentError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return into(input, _elu(input, float(alpha), 1.0, 1 / float(alpha)), inplace)


def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`celu`, written into `input`.

    >>> import chainrule as torch
    >>> torch.nn.functional.celu_(torch.tensor([-1., 2.]))
    tensor([-0.6321,  2.0000])
    """
    return celu(input, alpha, True)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """`input` times the probability that a standard normal number lies below it.

    Args:
        approximate: "none" for the error function, "tanh" for its usual approximation.

    >>> import chainrule as torch
    >>> torch.nn.functional.gelu(torch.tensor([-1., 0., 1.]))
    tensor([-0.1587,  0.0000,  0.8413])
    """
    floating(input, "GeluKernelImpl")
    if approximate not in ("none", "tanh"):
        raise ArgumentError("approximate argument must be either none or tanh.",
                            [("approximate", approximate)])  # fmt: skip
    return apply(ops.Gelu if approximate == "none" else ops.GeluTanh, input)[0]


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """`input * sigmoid(input)`, also called swish.

    >>> import chainrule as torch
    >>> torch.nn.functional.silu(torch.tensor([-1., 0., 1.]))
    tensor([-0.2689,  0.0000,  0.7311])
    """
    floating(input, "silu_cpu")
    return into(input, apply(ops.Silu, input), inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """`input * tanh(softplus(input))`.

    >>> import chainrule as torch
    >>> torch.nn.functional.mish(torch.tensor([-1., 0., 1.]))
    tensor([-0.3034,  0.0000,  0.8651])
    """
    floating(input, "mish_cpu")
    return into(input, apply(ops.Mish, input), inplace)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """`log(1 + exp(beta * input)) / beta`, a smooth relu; `input` itself above the threshold.

    >>> import chainrule as torch
    >>> torch.nn.functional.softplus(torch.tensor([-1., 0., 30.]))
    tensor([ 0.3133,  0.6931, 30.0000])
    """
    floating(input, "softplus_cpu")
    return apply(ops.Softplus, input, beta=float(beta), threshold=float(threshold))


def softsign(input: Tensor) -> Tensor:
    """`input / (1 + |input|)`.

    >>> import chainrule as torch
    >>> torch.nn.functional.softsign(torch.tensor([-1., 0., 3.]))
    tensor([-0.5000,  0.0000,  0.7500])
    """
    return input / (input.abs() + 1)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """`input` moved towards zero by `lambd`, and zero where it is nearer than that.

    >>> import chainrule as torch
    >>> torch.nn.functional.softshrink(torch.tensor([-1., 0.2, 2.]))
    tensor([-0.5000,  0.0000,  1.5000])
    """
    floating(input, "softshrink_cpu")
    if not lambd >= 0:
        raise ArgumentError(f"lambda must be greater or equal to 0, but found to be {lambd}.")
    return apply(ops.SoftShrink, input, bound=float(lambd))


def hardshrink(input: Tensor, lambd: float = 0.5, *, out: Any = None) -> Tensor:
    """`input` where its absolute value is above `lambd`, else zero.

    >>> import chainrule as torch
    >>> torch.nn.functional.hardshrink(torch.tensor([-1., 0.2, 2.]))
    tensor([-1.,  0.,  2.])
    """
    floating(input, "hardshrink_cpu")
    result = apply(ops.HardShrink, input, bound=float(lambd))
    return result if out is None else store(result, out)


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """`input` kept within [min_val, max_val].

    Gradient: g strictly inside, else 0.

    >>> import chainrule as torch
    >>> torch.nn.functional.hardtanh(torch.tensor([-3., 0.5, 2.]))
    tensor([-1.0000,  0.5000,  1.0000])
    """
    if min_val > max_val:
        raise ArgumentError("min_val cannot be greater than max_val",
                            [("min_val", min_val), ("max_val", max_val)])  # fmt: skip
    kind = input._array.dtype.kind
    if kind == "b":
        raise DtypeError("Bool inputs not supported for hardtanh", [("input", input)])
    low, high = (int(min_val), int(max_val)) if kind in "iu" else (float(min_val), float(max_val))
    if kind == "u" and low < 0:
        raise DtypeError("cannot do hardtanh on an unsigned type with negative limits",
                         [("input", input)])  # fmt: skip
    return into(input, apply(ops.HardTanh, input, low=low, high=high), inplace)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """`hardtanh`, written into `input`.

    >>> import chainrule as torch
    >>> torch.nn.functional.hardtanh_(torch.tensor([-3., 2.]))
    tensor([-1.,  1.])
    """
    return hardtanh(input, min_val, max_val, True)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """`input / 6 + 1 / 2` kept within [0, 1].

    >>> import chainrule as torch
    >>> torch.nn.functional.hardsigmoid(torch.tensor([-4., 0., 3.]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    floating(input, "hardsigmoid_cpu")
    return into(input, apply(ops.HardSigmoid, input), inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """`input * hardsigmoid(input)`.

    >>> import chainrule as torch
    >>> torch.nn.functional.hardswish(torch.tensor([0., 1.5, 3.]))
    tensor([0.0000, 1.1250, 3.0000])
    """
    floating(input, "hardswish_cpu")
    return into(input, apply(ops.HardSwish, input), inplace)


def tanhshrink(input: Tensor) -> Tensor:
    """`input - tanh(input)`.

    >>> import chainrule as torch
    >>> torch.nn.functional.tanhshrink(torch.tensor([0., 1.]))
    tensor([0.0000, 0.2384])
    """
    return input - apply(ops.Tanh, input)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """`input` where it is above `threshold`, else `value`.

    >>> import chainrule as torch
    >>> torch.nn.functional.threshold(torch.tensor([-1., 0.5, 2.]), 1., 9.)
    tensor([9., 9., 2.])
    """
    return into(input, apply(ops.Threshold, input, bound=threshold, value=value), inplace)


def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """`threshold`, written into `input`.

    >>> import chainrule as torch
    >>> torch.nn.functional.threshold_(torch.tensor([0.5, 2.]), 1., 9.)
    tensor([9., 2.])
    """
    return globals()["threshold"](input, threshold, value, True)


def logsigmoid(input: Tensor) -> Tensor:
    """The logarithm of `sigmoid(input)`, exact where the sigmoid itself would be 0.

    >>> import chainrule as torch
    >>> torch.nn.functional.logsigmoid(torch.tensor([-100., 0.]))
    tensor([-100.0000,   -0.6931])
    """
    floating(input, "log_sigmoid_forward_cpu")
    return apply(ops.LogSigmoid, input)


def sigmoid(input: Tensor) -> Tensor:
    """`1 / (1 + exp(-input))`.

    >>> import chainrule as torch
    >>> torch.nn.functional.sigmoid(torch.tensor([0., 2.]))
    tensor([0.5000, 0.8808])
    """
    return _sigmoid(input)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent.

    >>> import chainrule as torch
    >>> torch.nn.functional.tanh(torch.tensor([0., 1.]))
    tensor([0.0000, 0.7616])
    """
    return _tanh(input)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half of `input` along `dim` times the sigmoid of the second half.

    Shapes: the size along `dim` is even, and halved.

    >>> import chainrule as torch
    >>> torch.nn.functional.glu(torch.tensor([1., 2., 0., 0.]))
    tensor([0.5000, 1.0000])
    """
    floating(input, "glu_cpu")
    shape = input._array.shape
    if not shape:
        raise ShapeError("glu does not support 0-dimensional tensors")
    axis = spec.normalize_axis(dim, len(shape))
    if shape[axis] % 2:
        raise ShapeError(
            f"Halving dimension must be even, but dimension {axis} is size {shape[axis]}",
            [("input", input)],
        )
    half = shape[axis] // 2
    lead = (slice(None),) * axis
    part = REGISTRY["slice"]
    first = apply(part, input, index=(*lead, slice(0, half)))
    second = apply(part, input, index=(*lead, slice(half, None)))
    return first * _sigmoid(second)


def softmax(input: Tensor, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """Exponentials that sum to one along `dim`.

    Gradient: out * (g - sum(g * out)).

    >>> import chainrule as torch
    >>> torch.nn.functional.softmax(torch.tensor([0., 0.]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return _softmax("softmax", input, dim, dtype)


def log_softmax(input: Tensor, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """The logarithm of `softmax`, without overflow or loss of digits.

    Gradient: g - softmax * sum(g).

    >>> import chainrule as torch
    >>> torch.nn.functional.log_softmax(torch.tensor([0., 0.]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    return _softmax("log_softmax", input, dim, dtype)


def softmin(input: Tensor, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """`softmax(-input)`.

    >>> import chainrule as torch
    >>> torch.nn.functional.softmin(torch.tensor([0., 0.]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return _softmax("softmax", -input, dim, dtype)


def _softmax(op: str, x: Tensor, dim: Any, dtype: Any) -> Tensor:
    if dim is None:  # torch's rule for old programs
        dim = 0 if x.ndim in (0, 1, 3) else 1
    if dtype is not None:
        x = x.to(dtype)
    floating(x, f"{op}_lastdim_kernel_impl")
    axis = spec.normalize_axis(dim, x.ndim)
    if x.ndim == 0:
        return apply(REGISTRY[op], x.reshape((1,)), axis=0).reshape(())
    return apply(REGISTRY[op], x, axis=axis)


def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """A sample from a relaxed categorical distribution (Jang et al. 2017).

    Args:
        tau: the temperature; smaller is nearer to one-hot.
        hard: return one-hot samples, with the gradient of the soft ones.

    >>> import chainrule as torch
    >>> torch.nn.functional.gumbel_softmax(torch.zeros(3), hard=True).sum()
    tensor(1.)
    """
    noise = -from_array(np.empty_like(logits._array, order="C")).exponential_().log()
    soft = softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    best = soft._array.argmax(dim)
    one_hot = np.zeros_like(soft._array)
    np.put_along_axis(one_hot, np.expand_dims(best, dim), 1, dim)
    return from_array(one_hot) - soft.detach() + soft


def maxout(input: Tensor, pieces: int, dim: int = -1) -> Tensor:
    """The largest of each `pieces` neighbours along `dim` (Goodfellow et al. 2013).

    A linear layer with `pieces` times the features, followed by this, learns its own activation.

    Shapes: the size along `dim` is divided by `pieces`.
    Gradient: g for the largest, shared equally by ties.

    >>> import chainrule as torch
    >>> torch.nn.functional.maxout(torch.tensor([1., 5., 4., 2.]), 2)
    tensor([5., 4.])
    """
    shape = input._array.shape
    axis = spec.normalize_axis(dim, len(shape))
    if pieces < 1 or shape[axis] % pieces:
        raise ShapeError(
            f"the size {shape[axis]} of axis {axis} must be a multiple of pieces={pieces}",
            [("input", input)],
        )
    split = input.reshape((*shape[:axis], shape[axis] // pieces, pieces, *shape[axis + 1 :]))
    return apply(REGISTRY["amax"], split, axis=(axis + 1,), keepdims=False)
