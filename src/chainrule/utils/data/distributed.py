"""DistributedSampler: each of several processes reads its own part of a dataset."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sized
from typing import Any

import chainrule as torch
from chainrule.errors import ArgumentError
from chainrule.utils.data.sampler import Sampler


class DistributedSampler(Sampler[int]):
    """Every `num_replicas`-th index, from number `rank` on; all processes get equally many.

    Where the dataset cannot be divided evenly, the first indices come again at the end, or with
    `drop_last` some at the end are left out.  Call `set_epoch` before each epoch for a new order.

    Errors: RuntimeError if num_replicas or rank is left out, as there is no process group here
    that could tell them; ValueError for a rank that is not from 0 to num_replicas - 1.

    >>> from chainrule.utils.data import DistributedSampler
    >>> [list(DistributedSampler(range(5), 2, rank, shuffle=False)) for rank in (0, 1)]
    [[0, 2, 4], [1, 3, 0]]
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None or rank is None:
            raise ArgumentError("Requires distributed package to be available, or num_replicas and "
                                "rank to be given", where="DistributedSampler",
                                fix="Pass num_replicas=1, rank=0 for one process.")  # fmt: skip
        if not 0 <= rank < num_replicas:
            raise ArgumentError(f"Invalid rank {rank}, rank should be in the interval "
                                f"[0, {num_replicas - 1}]")  # fmt: skip
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        n = len(dataset)
        self.num_samples = n // num_replicas if drop_last else -(-n // num_replicas)
        self.total_size = self.num_samples * num_replicas
        self.shuffle = shuffle
        self.seed = seed

    def __iter__(self) -> Iterator[int]:
        n = len(self.dataset)
        if self.shuffle:
            generator = torch.Generator()
            generator.manual_seed(self.seed + self.epoch)
            order: Any = torch.randperm(n, generator=generator).tolist()
        else:
            order = range(n)
        again = itertools.cycle(order)
        return itertools.islice(again, self.rank, self.total_size, self.num_replicas)

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of this epoch; the same number in all processes."""
        self.epoch = epoch
