"""Drawing from distributions whose parameters are tensors: normal, bernoulli, multinomial, ..."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.mode import mode
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional import filling
from chainrule.functional.border import EXPORTS, public, store
from chainrule.functional.options import made, sizes
from chainrule.functional.random import fill
from chainrule.ops.base import REGISTRY
from chainrule.random import of as generator_of
from chainrule.tensor import Tensor, from_array

Array = Any


def drawn_from(input: Tensor, array: Array) -> Tensor:
    """Random numbers that depend on `input` through their distribution only: gradient zero."""
    if not mode.recording or input._node is None or array.dtype.kind not in "fV":
        return from_array(array)  # type: ignore[no-any-return]
    out = apply(REGISTRY["astype"], apply(REGISTRY["copy"], input), dtype=array.dtype)
    if out._array.shape != array.shape:
        out = apply(REGISTRY["copy"], apply(REGISTRY["broadcast_to"], out, shape=array.shape))

    def overwrite(target: Array) -> None:
        target[...] = array

    return fill(out, overwrite)


# ---- normal ----------------------------------------------------------------------------------


def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None, out: Any = None,
    dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Normal numbers: `normal(mean, std)` with tensors, `normal(0.0, 1.0, (2, 3))` with numbers.

    Shapes: those of `mean` and `std` broadcast together.
    Gradient: zero.

    >>> import chainrule as torch
    >>> torch.normal(torch.tensor([1., 2.]), torch.zeros(2))
    tensor([1., 2.])
    """
    source = generator_of(generator)
    tensors = [t for t in (mean, std) if isinstance(t, Tensor)]
    if not tensors:
        if size is None:
            raise ArgumentError("normal() received an invalid combination of arguments: numbers "
                                "need a size", fix="normal(0.0, 1.0, (2, 3))")  # fmt: skip
        wanted = filling.dtypes.numpy_dtype(dtype)
        if wanted is None:
            wanted = spec.Defaults.floating if out is None else out._array.dtype
        array = np.empty(sizes((size,), "normal"), wanted)
        filling.fill_normal(array, float(mean), float(std), source)
        return made(array, "normal", out, layout, device, pin_memory, requires_grad)
    if isinstance(std, Tensor) and bool((std._array < 0).any()):
        raise ArgumentError("normal expects all elements of std >= 0.0", [("std", std)])
    shape = spec.broadcast_shapes(*(t._array.shape for t in tensors))
    dtype = tensors[0]._array.dtype if out is None else out._array.dtype
    array = np.empty(shape, dtype)
    if isinstance(std, Tensor):
        filling.fill_normal(array, 0.0, 1.0, source)
        array *= std._array.astype(dtype)
        array += mean._array.astype(dtype) if isinstance(mean, Tensor) else dtype.type(mean)
    else:
        filling.fill_normal(array, 0.0, float(std), source)
        array += mean._array.astype(dtype)
    if out is not None:
        return store(from_array(array), out)
    return drawn_from(next((t for t in tensors if t._node), tensors[0]), array)


EXPORTS["normal"] = normal


# ---- coins -----------------------------------------------------------------------------------


@public(out=True)
def bernoulli(input: Tensor, p: Any = None, *, generator: Any = None) -> Tensor:
    """1 with the probability that stands in `input` (or with probability `p`), else 0.

    Shapes: that of `input`, and its dtype.
    Gradient: zero.
    Errors: probabilities lie in [0, 1].

    >>> import chainrule as torch
    >>> torch.bernoulli(torch.tensor([0., 1., 1.]))
    tensor([0., 1., 1.])
    """
    array = np.empty(input._array.shape, input._array.dtype)
    if p is None:
        filling.fill_bernoulli_each(array, input._array, generator_of(generator))
    else:
        filling.fill_bernoulli(array, float(p), generator_of(generator))
    return drawn_from(input, array)


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    """Fill with 1 with probability `p` (a number, or a tensor of probabilities), else 0.

    >>> import chainrule as torch
    >>> torch.empty(3).bernoulli_(1.0)
    tensor([1., 1., 1.])
    """
    if isinstance(p, Tensor):
        return fill(self, filling.fill_bernoulli_each, p._array, generator_of(generator))
    return fill(self, filling.fill_bernoulli, float(p), generator_of(generator))


Tensor.bernoulli_ = bernoulli_  # type: ignore[attr-defined]


def dropout_mask(shape: Any, keep: float, generator: Any = None, dtype: Any = spec.FLOAT32,
                 like: Array | None = None) -> Array:  # fmt: skip
    """The array that dropout multiplies by: 1 / keep with probability `keep`, else 0.

    With `like`, the array gets that one's memory order, in which numbers are drawn.
    """
    order = "C" if like is None or like.shape != tuple(shape) else "K"
    mask = np.empty(shape, dtype) if order == "C" else np.empty_like(like, dtype, "K", False)
    filling.put(mask, filling.coins(mask.size, keep, generator_of(generator)))
    if keep > 0:
        mask /= dtype.type(keep)
    return mask


# ---- choices ---------------------------------------------------------------------------------


@public(out=True)
def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *,
                generator: Any = None) -> Tensor:  # fmt: skip
    """Indices drawn with the weights in the rows of `input`.

    Shapes: (k,) -> (num_samples,), (rows, k) -> (rows, num_samples).
    Errors: weights are finite, not negative, and sum to more than 0; without replacement there
    are no more samples than weights.

    >>> import chainrule as torch
    >>> torch.multinomial(torch.tensor([0., 1., 0.]), 4, replacement=True)
    tensor([1, 1, 1, 1])
    """
    weights = input._array
    if weights.ndim not in (1, 2):
        raise ShapeError("prob_dist must be 1 or 2 dim", [("input", input)])
    if weights.dtype.kind not in "fV":
        raise DtypeError(
            "multinomial only supports floating-point dtypes for input, got: "
            f"{filling.WORDS[str(weights.dtype)]}", [("input", input)], fix="Use input.float().",
        )  # fmt: skip
    if num_samples <= 0:
        raise ArgumentError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > weights.shape[-1]:
        raise ArgumentError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
            [("input", input)], fix="Draw fewer, or pass replacement=True.",
        )  # fmt: skip
    if weights.shape[-1] > 1 << 24:
        raise ShapeError("number of categories cannot exceed 2^24", [("input", input)])
    source = generator_of(generator)
    if weights.size == 0:
        return from_array(np.empty((*weights.shape[:-1], num_samples), np.int64))
    if not replacement or num_samples == 1:
        return from_array(race(weights, num_samples, source))
    return from_array(spin(weights, num_samples, source))


def race(weights: Array, count: int, source: Any) -> Array:
    """The first to arrive when item i takes an exponential time of rate weights[i]."""
    if not bool(weights.max() < np.inf) or not bool(weights.min() >= 0):
        raise ArgumentError("probability tensor contains either `inf`, `nan` or element < 0",
                            [("input", weights)])  # fmt: skip
    if bool((weights.sum(axis=-1) == 0).any()):
        raise ArgumentError("invalid multinomial distribution (sum of probabilities <= 0)",
                            [("input", weights)])  # fmt: skip
    times = np.empty_like(weights)
    filling.fill_exponential(times, 1.0, source)
    speed = weights / times
    if count == 1:
        return np.argmax(speed, axis=-1, keepdims=True)
    return np.argsort(-speed, axis=-1, kind="stable")[..., :count]


def spin(weights: Array, count: int, source: Any) -> Array:
    """Independent draws: where a uniform number falls among the cumulated weights."""
    rows = weights.reshape(-1, weights.shape[-1])
    out = np.empty((len(rows), count), np.int64)
    for row, drawn in zip(rows, out, strict=True):
        if bool((row < 0).any()):
            raise wrong_weights("encountering probability entry < 0")
        if not bool(np.isfinite(row).all()):
            raise wrong_weights("encountering probability entry = infinity or NaN")
        wide = row.astype(np.float32) if row.dtype.itemsize == 2 else row
        cumulated = np.add.accumulate(wide)
        total = cumulated[-1]
        if not total > 0:
            raise wrong_weights("sum of probabilities <= 0")
        cumulated = (cumulated / total).astype(np.float64)
        cumulated[-1] = 1
        drawn[:] = np.searchsorted(cumulated, source.uniform53(count), side="left")
    return out.reshape(*weights.shape[:-1], count)


def wrong_weights(why: str) -> ArgumentError:
    return ArgumentError(f"invalid multinomial distribution ({why})")


# ---- counts ----------------------------------------------------------------------------------


def poisson(input: Tensor, generator: Any = None) -> Tensor:
    """Poisson-distributed counts with the rates in `input`.

    Gradient: zero.
    Errors: rates are not negative.
    Source: W. Hörmann, The transformed rejection method, 1993, for rates of 10 and more.

    >>> import chainrule as torch
    >>> torch.poisson(torch.zeros(3))
    tensor([0., 0., 0.])
    """
    rates = input._array
    filling.require_floating(rates, "poisson_cpu")
    with generator_of(generator).stream(min(1024, 8 * rates.size)) as uniform:
        counts = [poisson_count(rate, uniform) for rate in rates.astype(np.float64).flat]
    return drawn_from(input, np.array(counts, np.float64).astype(rates.dtype).reshape(rates.shape))


def poisson_count(rate: float, uniform: Any) -> int:
    """One Poisson-distributed count."""
    if not rate >= 0:
        raise ArgumentError("invalid Poisson rate, expected rate to be non-negative")
    if rate == 0:
        return 0
    if rate < 10:
        bound, product, count = math.exp(-rate), uniform(), 0
        while product > bound:
            product *= uniform()
            count += 1
        return count
    log_rate = math.log(rate)
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = uniform() - 0.5
        v = uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43) if us else -1
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        left = (math.log(v) if v else -math.inf) + math.log(inverse_alpha)
        if left - math.log(a / (us * us) + b) <= -rate + k * log_rate - math.lgamma(k + 1):
            return k


def binomial(count: Tensor, prob: Tensor, generator: Any = None) -> Tensor:
    """The numbers of successes in `count` trials of probability `prob`.

    Shapes: both broadcast together.
    Gradient: zero.
    Source: W. Hörmann, The generation of binomial random variates, 1993.

    >>> import chainrule as torch
    >>> torch.binomial(torch.tensor([3., 4.]), torch.tensor([0., 1.]))
    tensor([0., 4.])
    """
    trials, chances = np.broadcast_arrays(count._array, prob._array)
    filling.require_floating(trials, "binomial_cpu")
    if trials.dtype.itemsize == 2:
        raise filling.not_implemented("binomial_cpu", trials.dtype)
    with generator_of(generator).stream(min(1024, 8 * trials.size)) as uniform:
        pairs = zip(trials.flat, chances.flat, strict=True)
        counts = [binomial_count(float(n), float(p), uniform) for n, p in pairs]
    array = np.array(counts, np.float64).astype(trials.dtype).reshape(trials.shape)
    return drawn_from(count if count._node else prob, array)


def binomial_count(n: float, p: float, uniform: Any) -> float:
    """One binomially distributed count."""
    if n <= 0 or p <= 0:
        return 0.0
    if p >= 1:
        return n
    if p <= 0.5:
        return rejected(n, p, uniform) if n * p >= 10 else inverted(n, p, uniform)
    q = 1 - p
    if n * q >= 10:
        return n - rejected(n, q, uniform)
    return n - inverted(n, q, uniform) if n * q > 0 else math.nan


def inverted(n: float, p: float, uniform: Any) -> float:
    """The number of geometric waits that fit into n trials."""
    waited, successes = 0.0, 0
    log_q = math.log1p(-p)
    while True:
        u = uniform()
        waited += math.ceil(math.log(u) / log_q) if u else math.inf
        if waited > n:
            return successes
        successes += 1


def rejected(n: float, p: float, uniform: Any) -> float:
    """Hörmann's transformed rejection with squeeze."""
    stddev = math.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * stddev
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    v_r = 0.92 - 4.2 / b
    r = p / (1 - p)
    alpha = (2.83 + 5.1 / b) * stddev
    m = math.floor((n + 1) * p)
    while True:
        u = uniform() - 0.5
        v = uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + c) if us else -1
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or k > n:
            continue
        v = math.log(v * alpha / (a / (us * us) + b)) if v else -math.inf
        bound = (
            (m + 0.5) * math.log((m + 1) / (r * (n - m + 1)))
            + (n + 1) * math.log((n - m + 1) / (n - k + 1))
            + (k + 0.5) * math.log(r * (n - k + 1) / (k + 1))
            + stirling_tail(m) + stirling_tail(n - m) - stirling_tail(k) - stirling_tail(n - k)
        )  # fmt: skip
        if v <= bound:
            return k


STIRLING = (
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509,
    0.0166446911898211, 0.0138761288230707, 0.0118967099458917, 0.0104112652619720,
    0.00925546218271273, 0.00833056343336287,
)  # fmt: skip


def stirling_tail(k: float) -> float:
    """log k! less Stirling's approximation of it."""
    if k <= 9:
        return STIRLING[int(k)]
    square = (k + 1) * (k + 1)
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)


EXPORTS.update(poisson=poisson, binomial=binomial)
