"""Datasets: what can be indexed, what can only be iterated, and how they combine."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import chainrule as torch
from chainrule.errors import ArgumentError, OutOfRangeError, ShapeError
from chainrule.tensor import Tensor

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class SizeError(ShapeError, AssertionError):
    """Datasets or tensors of different lengths."""


class DatasetKindError(ArgumentError, AssertionError):
    """A dataset of the wrong kind, or none at all."""


class Dataset(Generic[T_co]):
    """Samples that are found by index: a subclass defines `__getitem__`, most also `__len__`.

    A subclass may define `__getitems__(indices)`, which gives a whole batch at once as a list.
    `a + b` puts one dataset behind another.

    >>> from chainrule.utils.data import Dataset
    >>> class Squares(Dataset):
    ...     def __len__(self):
    ...         return 4
    ...
    ...     def __getitem__(self, index):
    ...         return index**2
    >>> Squares()[3], len(Squares() + Squares())
    (9, 8)
    """

    def __getitem__(self, index: Any) -> T_co:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Dataset[T_co]) -> ConcatDataset[T_co]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co], Iterable[T_co]):
    """Samples that come one after another, as from a stream: a subclass defines `__iter__`.

    >>> from chainrule.utils.data import DataLoader, IterableDataset
    >>> class Countdown(IterableDataset):
    ...     def __iter__(self):
    ...         return iter([3, 2, 1])
    >>> list(DataLoader(Countdown(), batch_size=2))
    [tensor([3, 2]), tensor([1])]
    """

    def __add__(self, other: Dataset[T_co]) -> Any:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Any, ...]]):
    """Tensors side by side: sample i is the tuple of their i-th entries.

    Shapes: (N, *) each, with the same N.

    Errors: AssertionError for tensors of different lengths.

    >>> import chainrule as torch
    >>> from chainrule.utils.data import TensorDataset
    >>> TensorDataset(torch.tensor([1.0, 2.0]), torch.tensor([0, 1]))[1]
    (tensor(2.), tensor(1))
    """

    def __init__(self, *tensors: Tensor) -> None:
        if any(tensors[0].shape[0] != t.shape[0] for t in tensors):
            raise SizeError(
                "Size mismatch between tensors: the first dimension of all must be the same",
                [(f"tensors[{i}]", t) for i, t in enumerate(tensors)],
                where="TensorDataset",
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return self.tensors[0].shape[0]


class StackDataset(Dataset[Any]):
    """Datasets side by side: sample i holds the i-th sample of each.

    Datasets given by position make tuples, those given by name make dicts.

    Errors: ValueError for no dataset, both ways of giving them, or different lengths.

    >>> from chainrule.utils.data import StackDataset
    >>> StackDataset(image=["a", "b"], text=["A", "B"])[1]
    {'image': 'b', 'text': 'B'}
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ArgumentError("StackDataset takes datasets by position (its samples are tuples) "
                                "or by name (dicts), but both types are given")  # fmt: skip
        if not args and not kwargs:
            raise ArgumentError("At least one dataset should be passed", where="StackDataset")
        self.datasets: Any = args or kwargs
        lengths = [len(d) for _, d in self._items()]
        if len(set(lengths)) > 1:
            raise ArgumentError(f"Size mismatch between datasets: their lengths are {lengths}",
                                where="StackDataset")  # fmt: skip
        self._length = lengths[0]

    def _items(self) -> Iterable[tuple[Any, Any]]:
        if isinstance(self.datasets, dict):
            return self.datasets.items()
        return enumerate(self.datasets)

    def _sample(self, parts: Iterable[Any]) -> Any:
        if isinstance(self.datasets, dict):
            return dict(zip(self.datasets, parts, strict=True))
        return tuple(parts)

    def __getitem__(self, index: Any) -> Any:
        return self._sample(dataset[index] for _, dataset in self._items())

    def __getitems__(self, indices: Sequence[Any]) -> list[Any]:
        """The samples at several indices; datasets that give whole batches are asked for one."""
        columns = []
        for name, dataset in self._items():
            column = batch_of(dataset, indices)
            if len(column) != len(indices):
                raise ArgumentError(
                    f"Nested dataset's output size mismatch: dataset {name!r} gave {len(column)} "
                    f"samples for {len(indices)} indices",
                    where="StackDataset",
                )
            columns.append(column)
        return [self._sample(parts) for parts in zip(*columns, strict=True)]

    def __len__(self) -> int:
        return self._length


class ConcatDataset(Dataset[T_co]):
    """Datasets one behind another, as one.

    Errors: AssertionError for no dataset, or one that can only be iterated.

    >>> from chainrule.utils.data import ConcatDataset
    >>> both = ConcatDataset(["ab", "cde"])
    >>> both[2], both[-1], both.cumulative_sizes
    ('c', 'e', [2, 5])
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise DatasetKindError("ConcatDataset: datasets should not be an empty iterable")
        if any(isinstance(d, IterableDataset) for d in self.datasets):
            raise DatasetKindError("ConcatDataset does not support IterableDataset",
                                   fix="Use ChainDataset.")  # fmt: skip
        self.cumulative_sizes = self.cumsum(self.datasets)

    @staticmethod
    def cumsum(sequence: Iterable[Any]) -> list[int]:
        """Where each dataset ends."""
        return list(itertools.accumulate(len(d) for d in sequence))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> T_co:
        if index < 0:
            if -index > len(self):
                raise ArgumentError(f"absolute value of index should not exceed dataset length: "
                                    f"index {index}, length {len(self)}")  # fmt: skip
            index += len(self)
        place = bisect.bisect_right(self.cumulative_sizes, index)
        if place == len(self.datasets):
            raise OutOfRangeError(f"list index out of range: index {index}, length {len(self)}",
                                  where="ConcatDataset")  # fmt: skip
        return self.datasets[place][index - (self.cumulative_sizes[place - 1] if place else 0)]


class ChainDataset(IterableDataset[T_co]):
    """Iterable datasets one behind another.

    Errors: AssertionError for a dataset that is no IterableDataset.

    >>> from chainrule.utils.data import ChainDataset, IterableDataset
    >>> class Letters(IterableDataset):
    ...     def __iter__(self):
    ...         return iter("ab")
    >>> list(ChainDataset([Letters(), Letters()]))
    ['a', 'b', 'a', 'b']
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = datasets

    def _checked(self) -> Iterator[Any]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise DatasetKindError("ChainDataset only supports IterableDataset",
                                       [("dataset", dataset)])  # fmt: skip
            yield dataset

    def __iter__(self) -> Iterator[T_co]:
        for dataset in self._checked():
            yield from dataset

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self._checked())


class Subset(Dataset[T_co]):
    """Those samples of a dataset that `indices` names, in this order.

    >>> from chainrule.utils.data import Subset
    >>> list(Subset("abcdef", [4, 0]))
    ['e', 'a']
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: Sequence[int]) -> list[T_co]:
        """The samples at several indices."""
        return batch_of(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def batch_of(dataset: Any, indices: Sequence[Any]) -> list[Any]:
    """The samples at several indices: all at once if the dataset can, else one by one."""
    together = getattr(dataset, "__getitems__", None)
    return together(indices) if together else [dataset[i] for i in indices]


def random_split(
    dataset: Any, lengths: Sequence[int | float], generator: Any = None
) -> list[Subset[Any]]:
    """Split a dataset at random into subsets of the given lengths, or fractions that sum to 1.

    With fractions, each part gets the length rounded down, and what is left over goes one by one
    to the first parts.

    Errors: ValueError if the lengths do not sum to the length of the dataset.

    >>> import chainrule as torch
    >>> from chainrule.utils.data import random_split
    >>> parts = random_split(range(10), [0.7, 0.3], torch.Generator().manual_seed(42))
    >>> [list(part) for part in parts]
    [[2, 6, 1, 8, 4, 5, 0], [9, 3, 7]]
    """
    total = len(dataset)
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        for i, fraction in enumerate(lengths):
            if not 0 <= fraction <= 1:
                raise ArgumentError(f"Fraction at index {i} is not between 0 and 1: {fraction}",
                                    where="random_split")  # fmt: skip
        lengths = [math.floor(total * fraction) for fraction in lengths]
        for i in range(total - sum(lengths)):
            lengths[i % len(lengths)] += 1
    if sum(lengths) != total:
        raise ArgumentError(
            f"Sum of input lengths does not equal the length of the input dataset! The lengths "
            f"{list(lengths)} sum to {sum(lengths)}, the dataset has {total} samples",
            where="random_split",
        )
    order = torch.randperm(total, generator=generator).tolist()
    ends = itertools.accumulate(int(n) for n in lengths)
    return [
        Subset(dataset, order[end - int(n) : end]) for n, end in zip(lengths, ends, strict=True)
    ]
