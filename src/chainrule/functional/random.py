"""Random tensors: rand, randn, randint, randperm, normal, and the methods that fill in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.inplace import check_memory, check_writable, wrote
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional import filling
from chainrule.functional.border import EXPORTS
from chainrule.functional.options import empty_as, factory, made, sizes
from chainrule.random import of as generator_of
from chainrule.tensor import Tensor

Array = Any


def shape_of(size: tuple[Any, ...], keyword: Any, name: str) -> tuple[int, ...]:
    """The shape, given by position or as `size=`."""
    if keyword is not None:
        size = (keyword,)
    elif not size:
        raise ArgumentError(f'{name}() missing 1 required positional arguments: "size"',
                            fix=f"A number without dimensions is {name}(()).")  # fmt: skip
    shape = sizes(size, name)
    if any(n < 0 for n in shape):
        raise ShapeError(f"Trying to create tensor with negative dimension {min(shape)}: "
                         f"{list(shape)}")  # fmt: skip
    return shape


@factory
def rand(*args: Any, size: Any = None, generator: Any = None, dtype: Any = None,
         names: Any = None) -> Array:  # fmt: skip
    """Uniform numbers in [0, 1): the same as torch's for the same seed.

    >>> import chainrule as torch
    >>> _ = torch.manual_seed(1337)
    >>> torch.rand(2, 2)
    tensor([[0.0783, 0.4956],
            [0.6231, 0.4224]])
    """
    array = np.empty(shape_of(args, size, "rand"), dtype or spec.Defaults.floating)
    filling.fill_uniform(array, 0.0, 1.0, generator_of(generator))
    return array


@factory
def randn(*args: Any, size: Any = None, generator: Any = None, dtype: Any = None,
          names: Any = None) -> Array:  # fmt: skip
    """Normal numbers of mean 0 and variance 1: the same as torch's for the same seed.

    >>> import chainrule as torch
    >>> _ = torch.manual_seed(1337)
    >>> torch.randn(3)
    tensor([-2.0260, -2.0655, -1.2054])
    """
    array = np.empty(shape_of(args, size, "randn"), dtype or spec.Defaults.floating)
    filling.fill_normal(array, 0.0, 1.0, generator_of(generator))
    return array


@factory
def randint(*args: Any, low: Any = None, high: Any = None, size: Any = None,
            generator: Any = None, dtype: Any = None) -> Array:  # fmt: skip
    """Whole numbers from `low` (0 if left out) to `high` - 1: `randint([low, ]high, size)`.

    >>> import chainrule as torch
    >>> _ = torch.manual_seed(1337)
    >>> torch.randint(10, (4,))
    tensor([5, 7, 2, 0])
    """
    low, high, size = range_and_size(args, low, high, size)
    array = np.empty(sizes((size,), "randint"), dtype or spec.INT64)
    filling.fill_integers(array, low, high, generator_of(generator))
    return array


def range_and_size(args: tuple[Any, ...], low: Any, high: Any, size: Any) -> tuple[Any, ...]:
    """What `randint(high, size)` and `randint(low, high, size)` mean, positions and names mixed."""
    rest = list(args)
    if rest and size is None and isinstance(rest[-1], (tuple, list)):
        size = rest.pop()
    if rest and high is None:
        high = rest.pop()
    if rest and low is None:
        low = rest.pop()
    if rest or high is None or not isinstance(size, (tuple, list)):
        raise ArgumentError(
            "randint(): argument 'size' must be tuple of ints, after 'high' or 'low' and 'high'",
            fix="For example torch.randint(10, (3,)) or torch.randint(5, 10, (3,)).",
        )
    return whole(0 if low is None else low, "low"), whole(high, "high"), size


def whole(value: Any, name: str) -> int:
    """An integer bound: an int, or a tensor that holds one."""
    if isinstance(value, Tensor):
        value = value._array.item()
    try:
        return int(value.__index__())
    except (AttributeError, TypeError):
        raise ArgumentError(f"'{name}' must be an int, not {type(value).__name__}") from None


@factory
def randperm(n: int, *, generator: Any = None, dtype: Any = None) -> Array:
    """The numbers 0 to n - 1 in random order.

    >>> import chainrule as torch
    >>> _ = torch.manual_seed(1337)
    >>> sorted(torch.randperm(4).tolist())
    [0, 1, 2, 3]
    """
    n = whole(n, "n")
    dtype = dtype or spec.INT64
    if dtype.kind == "b":
        raise filling.not_implemented("randperm", dtype)
    if n < 0:
        raise ArgumentError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    if n > largest(dtype) + 1:
        raise ArgumentError(
            f"value cannot be converted to type {dtype}_t without overflow: n is too large for "
            f"the dtype of the result",
            fix="Use torch.int64.",
        )
    return filling.shuffled(n, generator_of(generator)).astype(dtype, copy=False)


def largest(dtype: Any) -> int:
    """The largest n up to which a dtype holds every whole number."""
    if dtype.kind in "fV":
        return 1 << filling.transforms.DIGITS[dtype]
    return int(np.iinfo(dtype).max)


# ---- like another tensor ---------------------------------------------------------------------


def blank(input: Any, dtype: Any, memory_format: Any, name: str) -> Array:
    if not isinstance(input, Tensor):
        raise ArgumentError(f"{name}(): argument 'input' (position 1) must be Tensor, not "
                            f"{type(input).__name__}")  # fmt: skip
    return empty_as(input._array, dtypes.numpy_dtype(dtype), memory_format)


def rand_like(
    input: Tensor, *, generator: Any = None, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: bool = False, memory_format: Any = None,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Uniform numbers in [0, 1) with the shape and dtype of `input`.

    >>> import chainrule as torch
    >>> torch.rand_like(torch.zeros(2, 3)).shape
    torch.Size([2, 3])
    """
    array = blank(input, dtype, memory_format, "rand_like")
    filling.fill_uniform(array, 0.0, 1.0, generator_of(generator))
    return made(array, "rand_like", None, layout, device, pin_memory, requires_grad)


def randn_like(
    input: Tensor, *, generator: Any = None, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: bool = False, memory_format: Any = None,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Normal numbers of mean 0 and variance 1 with the shape and dtype of `input`.

    >>> import chainrule as torch
    >>> torch.randn_like(torch.zeros(2, 3)).shape
    torch.Size([2, 3])
    """
    array = blank(input, dtype, memory_format, "randn_like")
    filling.fill_normal(array, 0.0, 1.0, generator_of(generator))
    return made(array, "randn_like", None, layout, device, pin_memory, requires_grad)


def randint_like(
    input: Tensor, *args: Any, low: Any = None, high: Any = None, generator: Any = None,
    dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False,
    memory_format: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Whole numbers from `low` to `high` - 1 with the shape and dtype of `input`.

    >>> import chainrule as torch
    >>> torch.randint_like(torch.zeros(2), 5, 6)
    tensor([5., 5.])
    """
    low, high, _ = range_and_size(args, low, high, ())
    array = blank(input, dtype, memory_format, "randint_like")
    filling.fill_integers(array, low, high, generator_of(generator))
    return made(array, "randint_like", None, layout, device, pin_memory, requires_grad)


EXPORTS.update(rand_like=rand_like, randn_like=randn_like, randint_like=randint_like)


# ---- in place --------------------------------------------------------------------------------


def fill(self: Tensor, filler: Any, *args: Any) -> Tensor:
    """Write random numbers into a tensor's memory.  Nothing it held before matters any more."""
    check_writable(self)
    check_memory(self._array)
    filler(self._array, *args)
    wrote(self, None)
    return self


def uniform_(self: Tensor, *args: Any, generator: Any = None, **bounds: Any) -> Tensor:
    """Fill with uniform numbers in [from, to): `x.uniform_(from=0, to=1)`.

    >>> import chainrule as torch
    >>> x = torch.empty(100).uniform_(-1, 1)
    >>> bool((x >= -1).all()), bool((x < 1).all())
    (True, True)
    """
    low, high = from_to("uniform_", args, bounds, 0.0, 1.0)
    return fill(self, filling.fill_uniform, float(low), float(high), generator_of(generator))


def from_to(name: str, args: tuple[Any, ...], given: dict[str, Any], *defaults: Any) -> list[Any]:
    """The arguments called `from` and `to`; the first is a keyword of Python."""
    values = [*args, *defaults[len(args) :]]
    for key, value in given.items():
        if key not in ("from", "to") or len(args) > 2:
            raise ArgumentError(f"{name}() got an unexpected keyword argument '{key}'")
        values[key == "to"] = value
    return values


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with normal numbers.

    >>> import chainrule as torch
    >>> torch.empty(2).normal_(5, 0)
    tensor([5., 5.])
    """
    return fill(self, filling.fill_normal, float(mean), float(std), generator_of(generator))


def log_normal_(self: Tensor, mean: float = 1.0, std: float = 2.0, *,
                generator: Any = None) -> Tensor:  # fmt: skip
    """Fill with numbers whose logarithm is normal with this mean and standard deviation.

    >>> import chainrule as torch
    >>> bool((torch.empty(9).log_normal_() > 0).all())
    True
    """
    return fill(self, filling.fill_log_normal, float(mean), float(std), generator_of(generator))


def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with exponentially distributed numbers of rate `lambd`.

    >>> import chainrule as torch
    >>> bool((torch.empty(9).exponential_() >= 0).all())
    True
    """
    return fill(self, filling.fill_exponential, float(lambd), generator_of(generator))


def cauchy_(self: Tensor, median: float = 0.0, sigma: float = 1.0, *,
            generator: Any = None) -> Tensor:  # fmt: skip
    """Fill with Cauchy-distributed numbers.

    >>> import chainrule as torch
    >>> torch.empty(3).cauchy_().shape
    torch.Size([3])
    """
    return fill(self, filling.fill_cauchy, float(median), float(sigma), generator_of(generator))


def geometric_(self: Tensor, p: float, *, generator: Any = None) -> Tensor:
    """Fill with the numbers of trials up to the first success of probability `p`.

    >>> import chainrule as torch
    >>> bool((torch.empty(9).geometric_(0.5) >= 1).all())
    True
    """
    return fill(self, filling.fill_geometric, float(p), generator_of(generator))


def random_(self: Tensor, *args: Any, generator: Any = None, **bounds: Any) -> Tensor:
    """Fill with whole numbers: `random_()`, `random_(to)`, `random_(from, to)`.

    Without bounds: from 0 to the largest of the dtype, or to 2^24 for float32, 2^53 for float64.

    >>> import chainrule as torch
    >>> torch.empty(2).random_(5, 6)
    tensor([5., 5.])
    """
    source = generator_of(generator)
    if not args and not bounds:
        return fill(self, filling.fill_any_integers, source)
    if len(args) == 1 and not bounds:
        args = (0, args[0])
    low, high = from_to("random_", args, bounds, 0, None)
    high = None if high is None else whole(high, "to")
    return fill(self, filling.fill_integers, whole(low, "from"), high, source)


for _method in (
    uniform_, normal_, log_normal_, exponential_, cauchy_, geometric_, random_,
):  # fmt: skip
    setattr(Tensor, _method.__name__, _method)

__all__ = ["fill", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like",
           "randperm"]  # fmt: skip
