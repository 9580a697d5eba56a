"""Samplers: the order in which a dataset is read, drawn as torch draws it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar

import chainrule as torch
from chainrule.errors import ArgumentError

T_co = TypeVar("T_co", covariant=True)
DRAWN_AT_ONCE = 32  # indices that sampling with replacement draws at a time


def positive(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ArgumentError(f"{name} should be a positive integer value, but got {name}={value}")


def boolean(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ArgumentError(f"{name} should be a boolean value, but got {name}={value}")


def drawn_seed(generator: Any = None) -> int:
    """A seed for another generator; one draw of 64 bits."""
    return int(torch.empty((), dtype=torch.int64).random_(generator=generator).item())


class Sampler(Generic[T_co]):
    """Base of all samplers: a subclass defines `__iter__`, over indices or lists of indices.

    >>> from chainrule.utils.data import DataLoader, Sampler
    >>> class Backwards(Sampler):
    ...     def __iter__(self):
    ...         return iter([2, 1, 0])
    >>> list(DataLoader("abc", sampler=Backwards(), batch_size=None))
    ['c', 'b', 'a']
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError("Subclasses of Sampler should implement __iter__.")


class SequentialSampler(Sampler[int]):
    """First to last.

    >>> from chainrule.utils.data import SequentialSampler
    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """Random order; with `replacement`, samples may come several times.

    Args:
        num_samples: how many to draw, all by default.  Without replacement, more than there are
            means one permutation after another.
        generator: where the draws come from.  Without one, each pass seeds a generator of its own
            from the global one.

    Errors: ValueError unless num_samples is positive; TypeError unless replacement is a bool.

    >>> import chainrule as torch
    >>> from chainrule.utils.data import RandomSampler
    >>> list(RandomSampler("abcde", generator=torch.Generator().manual_seed(0)))
    [4, 0, 1, 3, 2]
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Any = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        boolean("replacement", replacement)
        positive("num_samples", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many indices one pass gives; follows the dataset's length where none was given."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        n, wanted, generator = len(self.data_source), self.num_samples, self.generator
        if generator is None:
            seed = drawn_seed()
            generator = torch.Generator()
            generator.manual_seed(seed)
        if self.replacement:
            for _ in range(wanted // DRAWN_AT_ONCE):
                yield from torch.randint(n, (DRAWN_AT_ONCE,), generator=generator).tolist()
            yield from torch.randint(n, (wanted % DRAWN_AT_ONCE,), generator=generator).tolist()
        else:
            for _ in range(wanted // n):
                yield from torch.randperm(n, generator=generator).tolist()
            # Drawn even where nothing is left over, as torch does: a generator given by the user
            # must stand where it would stand there.
            yield from torch.randperm(n, generator=generator).tolist()[: wanted % n]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given indices in random order.

    >>> import chainrule as torch
    >>> from chainrule.utils.data import SubsetRandomSampler
    >>> list(SubsetRandomSampler([10, 20, 30], torch.Generator().manual_seed(0)))
    [30, 10, 20]
    """

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for i in torch.randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Indices 0 to len(weights) - 1, each drawn with a probability proportional to its weight.

    Errors: ValueError unless num_samples is positive and weights is one-dimensional.

    >>> from chainrule.utils.data import WeightedRandomSampler
    >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], 4))
    [1, 1, 1, 1]
    """

    def __init__(
        self,
        weights: Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: Any = None,
    ) -> None:
        positive("num_samples", num_samples)
        boolean("replacement", replacement)
        tensor = torch.as_tensor(weights, dtype=torch.float64)
        if tensor.ndim != 1:
            raise ArgumentError(f"weights should be a 1d sequence but given weights have shape "
                                f"{tuple(tensor.shape)}")  # fmt: skip
        self.weights = tensor
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        drawn = torch.multinomial(
            self.weights, self.num_samples, self.replacement, generator=self.generator
        )
        yield from drawn.tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of `batch_size` indices from another sampler; the last may be shorter, or be dropped.

    Errors: ValueError unless batch_size is positive; TypeError unless drop_last is a bool.

    >>> from chainrule.utils.data import BatchSampler
    >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        positive("batch_size", batch_size)
        boolean("drop_last", drop_last)
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices, size = iter(self.sampler), self.batch_size
        while batch := list(itertools.islice(indices, size)):
            if len(batch) == size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        full, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]
        return full if self.drop_last or not rest else full + 1
