"""Filling raw arrays with random numbers, in the order and precision in which torch draws them.

torch fills memory in its own order, not in that of the indices, so a transposed tensor gets the
numbers that its base would get.  Contiguous memory of 16 elements or more gets normal numbers in
blocks; everything else gets them one pair after another, in double precision.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.backend import numpy_random as transforms
from chainrule.errors import ArgumentError, DtypeError
from chainrule.random import Generator

Array = Any
WORDS = {
    "float16": "Half", "bfloat16": "BFloat16", "float32": "Float", "float64": "Double",
    "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long",
    "bool": "Bool", "uint16": "UInt16", "uint32": "UInt32", "uint64": "UInt64",
    "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip
C_WORDS = {
    "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double",
    "uint8": "unsigned char", "int8": "signed char", "int16": "short int", "int32": "int",
    "int64": "long int", "bool": "bool",
}  # fmt: skip


def memory_order(array: Array) -> Array:
    """A view of `array` whose row-major order is that of its memory."""
    if array.flags.c_contiguous:
        return array
    return array.transpose(sorted(range(array.ndim), key=lambda i: -abs(array.strides[i])))


def put(array: Array, values: Array) -> None:
    """Write `values`, one-dimensional, into `array` in memory order."""
    if array.dtype in (spec.FLOAT16, spec.BFLOAT16):
        values = values.astype(np.float32, copy=False)  # torch's doubles get there by way of float
    target = memory_order(array)
    target[...] = values.reshape(target.shape)


def real_view(array: Array) -> Array:
    """The real and imaginary parts of a complex array along one more axis."""
    return array.view(spec.real_of(array.dtype)).reshape(*array.shape, 2)


def not_implemented(kernel: str, dtype: Any) -> DtypeError:
    """torch's complaint about a dtype without such numbers."""
    return UnsupportedDtypeError(
        f"\"{kernel}\" not implemented for '{WORDS[str(dtype)]}'",
        fix="Draw floating-point numbers and convert them.",
    )


class UnsupportedDtypeError(DtypeError, NotImplementedError):
    """There are no such random numbers of this dtype."""


def require_floating(array: Array, kernel: str) -> None:
    if array.dtype.kind not in "fV":
        raise not_implemented(kernel, array.dtype)


def words(dtype: Any) -> str:
    """A dtype as it stands in torch's messages about ranges."""
    return C_WORDS.get(str(dtype), str(dtype))


# ---- continuous ------------------------------------------------------------------------------


def fill_uniform(array: Array, low: float, high: float, generator: Generator) -> None:
    """Uniform numbers in [low, high)."""
    if array.dtype.kind == "c":
        return fill_uniform(real_view(array), low, high, generator)
    require_floating(array, "check_uniform_bounds")
    dtype = array.dtype
    largest = float(dtypes.finfo(dtypes.of(dtype)).max)
    for name, bound in (("from", low), ("to", high)):
        if not -largest <= bound <= largest:
            raise ArgumentError(f"{name} is out of bounds for {words(dtype)}")
    if low > high:
        raise ArgumentError("uniform_ expects to return a [from, to) range, but found "
                            f"from={low:g} > to={high:g}", fix="Swap the bounds.")  # fmt: skip
    if high - low > largest:
        raise ArgumentError(
            f"uniform_ expects to-from <= std::numeric_limits<{WORDS[str(dtype)]}>::max(), but "
            f"found to={high:g} and from={low:g} which result in to-from to exceed the limit"
        )
    n = array.size
    if dtype == spec.FLOAT64:
        u = generator.uniform53(n)
        values = u if (low, high) == (0, 1) else transforms.fma(u, high - low, low)
    else:
        values = transforms.stretch24(transforms.uniform24(generator.draw(n)), low, high)
        values = values.astype(dtype, copy=False)
    if (low, high) != (0, 1) or dtype.itemsize == 2:  # rounding may have reached the open end
        values[values == np.float64(high).astype(dtype)] = np.float64(low).astype(dtype)
    put(array, values)


def fill_normal(array: Array, mean: float, std: float, generator: Generator) -> None:
    """Normal numbers with this mean and standard deviation."""
    if not std >= 0:
        raise ArgumentError(f"normal expects std >= 0.0, but found std {std:g}",
                            fix="A standard deviation is not negative.")  # fmt: skip
    if array.dtype.kind == "c":
        return fill_normal(real_view(array), mean, std / math.sqrt(2), generator)
    n, dtype = array.size, array.dtype
    require_floating(array, "normal_kernel_cpu")
    if n < 16 or not array.flags.c_contiguous:
        put(array, scaled(generator.normals(n), mean, std))
        return
    out = array.reshape(-1)
    tail = n % 16
    whole = n - tail
    if dtype == spec.FLOAT64:
        uniform, blocks = generator.uniform53, transforms.normal_blocks64
        first = uniform(n)
    else:
        uniform = lambda k: transforms.uniform24(generator.draw(k))
        blocks = transforms.normal_blocks32
        first = uniform(n if dtype == spec.FLOAT32 else whole)
    if tail:  # one more block for the last 16, in the same call
        first = np.concatenate([first[:whole], uniform(16)])
    values = blocks(first.reshape(-1, 16), mean, std).reshape(-1)
    out[:whole] = values[:whole]
    if tail:
        out[n - 16 :] = values[whole:]


def scaled(normals: Array, mean: float, std: float) -> Array:
    return normals if (mean, std) == (0, 1) else transforms.fma(normals, std, mean)


def fill_log_normal(array: Array, mean: float, std: float, generator: Generator) -> None:
    """Numbers whose logarithm is normal."""
    if not std > 0:
        raise ArgumentError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    require_floating(array, "log_normal_cpu")
    put(array, np.exp(scaled(generator.normals(array.size), mean, std)))


def fill_exponential(array: Array, rate: float, generator: Generator) -> None:
    """Exponentially distributed numbers."""
    if not rate > 0:
        raise ArgumentError(f"exponential_ expects lambda > 0.0, but found lambda={rate:g}")
    require_continuous(array, "Exponential", WORDS)
    put(array, transforms.exponential(generator.uniform53(array.size), rate))


def fill_cauchy(array: Array, median: float, sigma: float, generator: Generator) -> None:
    """Cauchy-distributed numbers."""
    if not sigma > 0:
        raise ArgumentError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    require_continuous(array, "Cauchy", C_WORDS)
    put(array, transforms.cauchy(generator.uniform53(array.size), median, sigma))


def require_continuous(array: Array, name: str, spelled: dict[str, str]) -> None:
    if array.dtype.kind not in "fV":
        raise DtypeError(
            f"{name} distribution is a continuous probability distribution. dtype must be a "
            f"floating point but you specified {spelled.get(str(array.dtype), array.dtype)}"
        )


# ---- discrete --------------------------------------------------------------------------------


def fill_geometric(array: Array, p: float, generator: Generator) -> None:
    """The numbers of trials up to the first success of probability p."""
    if not 0 < p < 1:
        raise ArgumentError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    if array.dtype.kind in "bc":
        raise not_implemented("geometric_cpu", array.dtype)
    put(array, transforms.geometric(generator.uniform53(array.size), p))


def fill_bernoulli(array: Array, p: float, generator: Generator) -> None:
    """1 with probability p, else 0."""
    if not 0 <= p <= 1:
        raise ArgumentError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}",
                            fix="p is a probability.")  # fmt: skip
    put(array, coins(array.size, p, generator))


def coins(n: int, p: float, generator: Generator) -> Array:
    """n booleans, True with probability p: 53 random bits against p, as integers."""
    bits = generator.draw64(n)
    bits &= np.uint64((1 << 53) - 1)
    return bits < np.uint64(math.ceil(math.ldexp(p, 53)))


def fill_bernoulli_each(array: Array, p: Array, generator: Generator) -> None:
    """1 with the probability that stands at the same place in `p`, else 0."""
    if p.dtype.kind not in "fV":
        raise not_implemented("bernoulli_tensor_cpu_p_", p.dtype)
    if array.size == 0:
        return
    order = sorted(range(array.ndim), key=lambda i: -abs(array.strides[i]))
    each = np.broadcast_to(p, array.shape).transpose(order).reshape(-1)
    if not bool(((each >= 0) & (each <= 1)).all()):
        raise ArgumentError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.",
                            [("p", p)], fix="Probabilities lie in [0, 1].")  # fmt: skip
    if p.dtype == spec.FLOAT64:
        values = generator.uniform53(array.size) < each
    else:
        values = transforms.uniform24(generator.draw(array.size)) < each.astype(np.float32)
    put(array, values)


def fill_integers(array: Array, low: int, high: int | None, generator: Generator) -> None:
    """Whole numbers in [low, high); up to the largest of the dtype if `high` is None."""
    dtype = array.dtype
    if dtype.kind == "c":
        raise not_implemented("random_from_to", dtype)
    floating = dtype.kind in "fV"
    digits = transforms.DIGITS.get(dtype, 0)
    if high is None:
        if low == -(1 << 63):
            if array.size:
                put(array, generator.draw64(array.size).view(np.int64))
            return
        limit = 1 << digits if floating else 1 if dtype.kind == "b" else np.iinfo(dtype).max
        high = min(int(limit), (1 << 63) - 1) + 1
    elif low >= high:
        raise ArgumentError("random_ expects 'from' to be less than 'to', but got "
                            f"from={low} >= to={high}", fix="Give low < high.")  # fmt: skip
    if floating:
        low, high = nearest(low, dtype, digits, 1), nearest(high, dtype, digits, -1)
    check_range(low, high - 1, dtype, digits)
    if array.size == 0:
        return
    span = high - low
    raw = generator.draw64(array.size) if span >= 1 << 28 else generator.draw(array.size)
    put(array, transforms.integers(raw, span, low))


def nearest(bound: int, dtype: Any, digits: int, step: int) -> int:
    """`bound`, moved inwards to where no rounding to `dtype` can leave the range."""
    rounded = int(np.float64(bound + step).astype(dtype))
    outside = rounded < bound if step > 0 else rounded >= bound
    if not outside:
        return bound
    exponent = abs(bound + step).bit_length() - 1
    return rounded + step * (1 << (exponent - digits + 1))


def check_range(low: int, last: int, dtype: Any, digits: int) -> None:
    """Raise if the dtype does not hold these numbers; warn where it leaves some out."""
    if dtype.kind in "fV":
        info = dtypes.finfo(dtypes.of(dtype))
        smallest, largest = float(info.min), float(info.max)
    elif dtype.kind == "b":
        smallest, largest = 0, 1
    else:
        info = np.iinfo(dtype)
        smallest, largest = int(info.min), min(int(info.max), (1 << 63) - 1)
    for name, bound in (("from", low), ("to - 1", last)):
        if not smallest <= bound <= largest:
            raise ArgumentError(f"{name} is out of bounds for {words(dtype)}",
                                fix="Choose a wider dtype.")  # fmt: skip
        if digits and abs(bound) > 1 << digits:
            warnings.warn(
                f"{name} is out of bounds [-(2^{digits}), 2^{digits}]. Due to precision "
                f"limitations {words(dtype)} can support discrete uniform distribution only "
                "within this range.",
                stacklevel=4,
            )


def fill_any_integers(array: Array, generator: Generator) -> None:
    """Whole numbers from 0 to the largest of the dtype, or to 2^digits for a floating one."""
    dtype, n = array.dtype, array.size
    if dtype.kind == "c" or (dtype.kind == "u" and dtype.itemsize > 1):
        raise not_implemented("random_kernel_cpu", dtype)
    if n == 0:
        return
    wide = dtype in (spec.FLOAT64, spec.INT64)
    raw = generator.draw64(n) if wide else generator.draw(n)
    if dtype.kind == "b":
        put(array, (raw & raw.dtype.type(1)).astype(np.bool_))
        return
    digits = transforms.DIGITS.get(dtype, 0)
    span = (1 << digits) + 1 if digits else int(np.iinfo(dtype).max) + 1
    put(array, transforms.integers(raw, span, 0))


def shuffled(n: int, generator: Generator) -> Array:
    """The numbers 0 to n - 1 in random order: each place swaps with one at or after it."""
    draws = max(n - 1, 0)
    raw = generator.draw(draws) if n < 0xFFFFFFFF // 20 else generator.draw64(draws)
    order = list(range(n))
    for i, step in enumerate((raw % np.arange(n, 1, -1).astype(raw.dtype)).tolist()):
        j = i + step
        order[i], order[j] = order[j], order[i]
    return np.array(order, np.int64)
