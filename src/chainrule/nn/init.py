"""Initial values for parameters: Xavier, Kaiming, orthogonal, truncated normal and the rest.

Every function fills a tensor in place, outside the graph, and returns it; the numbers are torch's
for the same seed.
"""

from __future__ import annotations

import functools
import math
import warnings
from typing import Any

import numpy as np

from chainrule.autograd import no_grad
from chainrule.errors import ArgumentError
from chainrule.functional import filling
from chainrule.functional.random import fill
from chainrule.random import default_generator
from chainrule.tensor import Tensor

Array = Any
GAINS = {
    "linear": 1, "conv1d": 1, "conv2d": 1, "conv3d": 1, "conv_transpose1d": 1,
    "conv_transpose2d": 1, "conv_transpose3d": 1, "sigmoid": 1, "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0), "selu": 3.0 / 4,
}  # fmt: skip


def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """The factor that keeps the variance of activations behind this function at 1.

    >>> import chainrule as torch
    >>> torch.nn.init.calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ArgumentError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in GAINS:
        raise ArgumentError(f"Unsupported nonlinearity {nonlinearity}",
                            fix=f"Known are leaky_relu, {', '.join(GAINS)}.")  # fmt: skip
    return GAINS[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """How many inputs one output reads, and how many outputs one input feeds."""
    shape = tensor._array.shape
    if len(shape) < 2:
        raise ArgumentError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
            [("tensor", tensor)], fix="Fill biases with constant_, zeros_ or uniform_.",
        )  # fmt: skip
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


def overwrite(tensor: Tensor, filler: Any, *args: Any) -> Tensor:
    """Let `filler` write into the tensor's array, unseen by the graph."""
    with no_grad():
        return fill(tensor, filler, *args)


# ---- fixed values ------------------------------------------------------------------------------


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value.

    >>> import chainrule as torch
    >>> torch.nn.init.constant_(torch.empty(3), 0.5)
    tensor([0.5000, 0.5000, 0.5000])
    """
    return overwrite(tensor, lambda array: np.copyto(array, val, casting="unsafe"))


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones.

    >>> import chainrule as torch
    >>> torch.nn.init.ones_(torch.empty(3))
    tensor([1., 1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros.

    >>> import chainrule as torch
    >>> torch.nn.init.zeros_(torch.empty(3))
    tensor([0., 0., 0.])
    """
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity, so that a linear layer passes its inputs on.

    >>> import chainrule as torch
    >>> torch.nn.init.eye_(torch.empty(2, 3))
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    if tensor._array.ndim != 2:
        raise ArgumentError("Only tensors with 2 dimensions are supported", [("tensor", tensor)])
    return overwrite(tensor, lambda a: np.copyto(a, np.eye(*a.shape), casting="unsafe"))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill a convolution's weight so that it passes its input channels on, in each group.

    Shapes: (out, in, length), (out, in, height, width) or (out, in, depth, height, width).

    >>> import chainrule as torch
    >>> torch.nn.init.dirac_(torch.empty(1, 2, 3))
    tensor([[[0., 1., 0.],
             [0., 0., 0.]]])
    """
    shape = tensor._array.shape
    if len(shape) not in (3, 4, 5):
        raise ArgumentError("Only tensors with 3, 4, or 5 dimensions are supported",
                            [("tensor", tensor)])  # fmt: skip
    if shape[0] % groups:
        raise ArgumentError("dim 0 must be divisible by groups",
                            [("tensor", tensor), ("groups", groups)])  # fmt: skip
    per_group = shape[0] // groups
    centre = tuple(n // 2 for n in shape[2:])

    def filler(array: Array) -> None:
        array[...] = 0
        for group in range(groups):
            for d in range(min(per_group, shape[1])):
                array[(group * per_group + d, d, *centre)] = 1

    return overwrite(tensor, filler)


# ---- uniform and normal ------------------------------------------------------------------------


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with uniform numbers from a to b.

    >>> import chainrule as torch
    >>> torch.nn.init.uniform_(torch.empty(2, 3), -1, 1).shape
    torch.Size([2, 3])
    """
    with no_grad():  # the method, so that what replaces Tensor.uniform_ draws here too
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with normal numbers.

    >>> import chainrule as torch
    >>> torch.nn.init.normal_(torch.empty(2), mean=3.0, std=0.0)
    tensor([3., 3.])
    """
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0,
                  b: float = 2.0, generator: Any = None) -> Tensor:  # fmt: skip
    """Fill with normal numbers that lie in [a, b]: others are drawn again.

    Where [a, b] holds more than 30 % of the distribution, normal numbers are drawn until they
    fit; otherwise uniform ones, accepted in proportion to the density.

    >>> import chainrule as torch
    >>> x = torch.nn.init.trunc_normal_(torch.empty(100), a=-0.5, b=0.5)
    >>> bool((x >= -0.5).all()), bool((x <= 0.5).all())
    (True, True)
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    inside = normal_cdf((b - mean) / std) - normal_cdf((a - mean) / std)
    redraw = truncate_normal if inside > 0.3 else truncate_uniform
    with no_grad():
        redraw(tensor, mean, std, a, b, generator)
    return tensor


def normal_cdf(x: float) -> float:
    """The share of the standard normal distribution below x."""
    return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0


def truncate_normal(tensor: Tensor, mean: float, std: float, a: float, b: float,
                    generator: Any) -> None:  # fmt: skip
    """Draw normal numbers until all lie in [a, b]."""
    low, high = (np.float64(v).astype(tensor._array.dtype) for v in (a, b))
    array = tensor.normal_(mean, std, generator=generator)._array
    while (outside := (array < low) | (array > high)).any():
        again = tensor.new_empty(tensor._array.shape).normal_(mean, std, generator=generator)
        np.copyto(array, again._array, where=outside)


def truncate_uniform(tensor: Tensor, mean: float, std: float, a: float, b: float,
                     generator: Any) -> None:  # fmt: skip
    """Draw uniform numbers until each is accepted with a probability that is its density."""
    kind = tensor._array.dtype.type
    mode = max(a, min(mean, b))
    log_peak = kind(-0.5 * ((mode - mean) / std) ** 2)

    def rejected(values: Array) -> Array:
        log_density = ((values - kind(mean)) / kind(std)) ** 2 * kind(-0.5) - log_peak
        chance = tensor.new_empty(tensor._array.shape).uniform_(generator=generator)._array
        return np.log(chance) > log_density

    with np.errstate(divide="ignore"):
        array = tensor.uniform_(a, b, generator=generator)._array
        pending = rejected(array)
        while pending.any():
            again = tensor.new_empty(tensor._array.shape).uniform_(a, b, generator=generator)._array
            np.copyto(array, again, where=pending)
            pending &= rejected(again)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with uniform numbers of variance gain² · 2 / (fan_in + fan_out).

    Source: X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010.

    >>> import chainrule as torch
    >>> w = torch.nn.init.xavier_uniform_(torch.empty(3, 3))
    >>> bool((w.abs() <= 1).all())
    True
    """
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    std = gain * math.sqrt(2.0 / float(fan_in + fan_out))
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with normal numbers of variance gain² · 2 / (fan_in + fan_out).

    Source: X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010.

    >>> import chainrule as torch
    >>> torch.nn.init.xavier_normal_(torch.empty(3, 5)).shape
    torch.Size([3, 5])
    """
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / float(fan_in + fan_out)), generator)


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:  # fmt: skip
    """Fill with uniform numbers of variance gain² / fan; `a` is leaky_relu's slope.

    Source: K. He et al., Delving deep into rectifiers, 2015.

    >>> import chainrule as torch
    >>> w = torch.nn.init.kaiming_uniform_(torch.empty(4, 6), nonlinearity="relu")
    >>> bool((w.abs() <= 1).all())
    True
    """
    std = kaiming_std(tensor, a, mode, nonlinearity)
    if std is None:
        return tensor
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:  # fmt: skip
    """Fill with normal numbers of variance gain² / fan; `a` is leaky_relu's slope.

    Source: K. He et al., Delving deep into rectifiers, 2015.

    >>> import chainrule as torch
    >>> torch.nn.init.kaiming_normal_(torch.empty(4, 6), mode="fan_out").shape
    torch.Size([4, 6])
    """
    std = kaiming_std(tensor, a, mode, nonlinearity)
    return tensor if std is None else normal_(tensor, 0.0, std, generator)


def kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float | None:
    """gain / sqrt(fan); None, with a warning, for a tensor without elements."""
    if 0 in tensor._array.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
        return None
    fan = _calculate_correct_fan(tensor, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


# ---- structured --------------------------------------------------------------------------------


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Fill with a matrix whose rows or columns are orthonormal, times `gain`.

    Dimensions after the first count as one.

    Source: A. Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks, 2013.

    >>> import chainrule as torch
    >>> w = torch.nn.init.orthogonal_(torch.empty(2, 5))
    >>> torch.allclose(w @ w.T, torch.eye(2), atol=1e-5)
    True
    """
    shape, dtype = tensor._array.shape, tensor._array.dtype
    if len(shape) < 2:
        raise ArgumentError("Only tensors with 2 or more dimensions are supported",
                            [("tensor", tensor)])  # fmt: skip
    if tensor._array.size == 0:
        return tensor
    rows = shape[0]
    drawn = tensor.new_empty((rows, tensor._array.size // rows))
    flat = drawn.normal_(0, 1, generator=generator)._array
    wide = rows < flat.shape[1]
    q, r = np.linalg.qr(flat.T if wide else flat)
    q *= np.sign(np.diagonal(r))
    if wide:
        q = q.T

    def filler(array: Array) -> None:
        array[...] = q.reshape(shape)
        array *= dtype.type(gain)

    return overwrite(tensor, filler)


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Fill a matrix with normal numbers, and this fraction of every column with zeros.

    Source: J. Martens, Deep learning via Hessian-free optimization, 2010.

    >>> import chainrule as torch
    >>> w = torch.nn.init.sparse_(torch.empty(4, 3), sparsity=0.5)
    >>> (w == 0).sum(0)
    tensor([2, 2, 2])
    """
    if tensor._array.ndim != 2:
        raise ArgumentError("Only tensors with 2 dimensions are supported", [("tensor", tensor)])
    rows, columns = tensor._array.shape
    zeros = math.ceil(sparsity * rows)

    def filler(array: Array) -> None:
        for column in range(columns):
            array[filling.shuffled(rows, default_generator)[:zeros], column] = 0

    return overwrite(normal_(tensor, 0, std, generator), filler)


def deprecated(function: Any) -> Any:
    """The old name, without the underscore, which warns."""
    new = function.__name__
    old = new[:-1]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(f"`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`.",
                      FutureWarning, stacklevel=2)  # fmt: skip
        return function(*args, **kwargs)

    call.__name__ = old
    call.__doc__ = f"The old name of `{new}`."
    return call


uniform, normal, constant, eye, dirac = map(
    deprecated, (uniform_, normal_, constant_, eye_, dirac_)
)
xavier_uniform, xavier_normal = deprecated(xavier_uniform_), deprecated(xavier_normal_)
kaiming_uniform, kaiming_normal = deprecated(kaiming_uniform_), deprecated(kaiming_normal_)
orthogonal, sparse = deprecated(orthogonal_), deprecated(sparse_)

__all__ = [
    "calculate_gain", "constant", "constant_", "dirac", "dirac_", "eye", "eye_",
    "kaiming_normal", "kaiming_normal_", "kaiming_uniform", "kaiming_uniform_", "normal",
    "normal_", "ones_", "orthogonal", "orthogonal_", "sparse", "sparse_", "trunc_normal_",
    "uniform", "uniform_", "xavier_normal", "xavier_normal_", "xavier_uniform",
    "xavier_uniform_", "zeros_",
]  # fmt: skip


# Names that initialisers written for torch borrow; the functions above write without a graph.
_no_grad_uniform_ = uniform_
_no_grad_normal_ = normal_
_no_grad_fill_ = constant_
_no_grad_zero_ = zeros_


def _no_grad_trunc_normal_(tensor: Tensor, mean: float, std: float, a: float, b: float,
                           generator: Any = None) -> Tensor:  # fmt: skip
    return trunc_normal_(tensor, mean, std, a, b, generator)
