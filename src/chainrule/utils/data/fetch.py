"""Fetching: from an entry of the (batch) sampler to one batch, in the process this runs in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.tensor import Tensor, from_array
from chainrule.utils.data.collate import default_collate
from chainrule.utils.data.dataset import IterableDataset, Subset, TensorDataset, batch_of


class Endless:
    """The sampler of an IterableDataset: it only says that one more sample is wanted."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


class Fetcher:
    """Calls the dataset and collates what it gives; `fetch(indices)` is one batch.

    For a dataset that can only be iterated, StopIteration says that it has ended.
    """

    def __init__(
        self, dataset: Any, collate: Callable[[Any], Any], batched: bool, drop_last: bool
    ) -> None:
        self.dataset, self.collate, self.drop_last = dataset, collate, drop_last
        self.tensors: tuple[Tensor, ...] = ()
        self.rows: Any = None
        if isinstance(dataset, IterableDataset):
            self.stream: Any = iter(dataset)
            self.ended = False
            self.fetch: Callable[[Any], Any] = self.next_batch if batched else self.next_sample
        else:
            self.fetch = self.batch_at if batched else self.sample_at
            if batched and collate is default_collate:
                self.tensors, self.rows = plain_tensors(dataset)
                if self.tensors:
                    self.fetch = self.rows_at

    def sample_at(self, index: Any) -> Any:
        return self.collate(self.dataset[index])

    def batch_at(self, indices: Any) -> Any:
        return self.collate(batch_of(self.dataset, indices))

    def rows_at(self, indices: Any) -> Any:
        """`batch_at` for plain tensors: one take per tensor instead of one view per sample.

        64 rows of 784 floats and their labels: 20 µs in order, 54 µs shuffled, in place of 680.
        """
        try:
            rows = np.array(indices)
            if rows.dtype == np.int64 and rows.ndim == 1:
                if self.rows is not None:
                    rows = self.rows.take(rows)
                return [from_array(tensor._array.take(rows, 0)) for tensor in self.tensors]
        except (IndexError, ValueError, TypeError):
            pass  # worded by the slow path
        return self.batch_at(indices)

    def next_sample(self, _: None) -> Any:
        return self.collate(next(self.stream))

    def next_batch(self, wanted: list[None]) -> Any:
        if self.ended:
            raise StopIteration
        samples = []
        for _ in wanted:
            try:
                samples.append(next(self.stream))
            except StopIteration:
                self.ended = True
                break
        if not samples or (self.drop_last and len(samples) < len(wanted)):
            raise StopIteration
        return self.collate(samples)


def plain_tensors(dataset: Any) -> tuple[tuple[Tensor, ...], Any]:
    """The tensors of a TensorDataset whose batches need no code of the user's; none otherwise.

    And which of their rows the dataset consists of, if it is a Subset.
    """
    rows = None
    if type(dataset) is Subset:
        rows = np.array(dataset.indices)
        if rows.dtype != np.int64 or rows.ndim != 1:
            return (), None
        dataset = dataset.dataset
    if type(dataset) is not TensorDataset:
        return (), None
    if any(type(t) is not Tensor or t.requires_grad for t in dataset.tensors):
        return (), None
    return dataset.tensors, rows
