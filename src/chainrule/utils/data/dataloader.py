"""DataLoader: a dataset in batches, in an order that a sampler gives.

With `num_workers=0` batches are made in the main process (`fetch`), else by worker processes or
threads (`parallel`).  Order, seeds and the moments at which random numbers are drawn are torch's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from chainrule.errors import ArgumentError
from chainrule.utils.data import pools, resume
from chainrule.utils.data.collate import default_collate, default_convert
from chainrule.utils.data.dataset import Dataset, IterableDataset
from chainrule.utils.data.fetch import Endless, Fetcher
from chainrule.utils.data.parallel import ParallelBatches
from chainrule.utils.data.sampler import (
    BatchSampler,
    RandomSampler,
    SequentialSampler,
    drawn_seed,
)
from chainrule.utils.data.worker import get_worker_info

T_co = TypeVar("T_co", covariant=True)
PREFETCH = 2  # batches that torch asks of each worker in advance
FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


class DataLoader(Generic[T_co]):
    """Batches of a dataset; iterate it once per epoch.

    Args:
        dataset: something with `__getitem__` and `__len__`, or an IterableDataset.
        batch_size: samples in a batch; None gives samples one by one, not collated.
        shuffle: a new random order in every epoch.
        sampler, batch_sampler: an order of one's own; indices, or lists of indices.
        num_workers: how many workers load batches in advance; 0 loads in the main process.
        collate_fn: puts a list of samples together; `default_collate` unless given.
        drop_last: leave out a last batch that is not full.
        generator: where the order is drawn from.
        timeout: seconds to wait for a batch from a worker; 0 waits for ever.
        worker_init_fn: called in each worker with its id.
        multiprocessing_context: how workers start: "fork" (the default on Linux), "spawn",
            "forkserver", a context of `multiprocessing`; or "thread", which torch does not have:
            threads share the dataset and copy nothing, which pays where it reads files or
            computes in NumPy.  Random numbers in threads come from the process's own generators.
        prefetch_factor: batches that each worker loads in advance, 2 unless given.
        persistent_workers: keep the workers from one pass to the next.
        in_order: give batches in the sampler's order; False gives whichever is ready first.
        pin_memory, pin_memory_device: accepted; memory is the CPU's own.

    In worker i, `torch`, `random` and `numpy.random` are seeded from a number drawn for the pass
    and i, as in torch.  An error in a worker is raised here, with the worker's traceback.

    `state_dict()` and `load_state_dict(state)` are an addition: they stop and go on in the middle
    of a pass, with the same batches and the same random numbers in the workers.

    Errors: ValueError for options that exclude each other or make no sense.

    >>> import chainrule as torch
    >>> from chainrule.utils.data import DataLoader
    >>> _ = torch.manual_seed(0)
    >>> loader = DataLoader(range(6), batch_size=4, shuffle=True)
    >>> len(loader), sorted(i for batch in loader for i in batch.tolist())
    (2, [0, 1, 2, 3, 4, 5])
    """

    __initialized = False

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        iterable = isinstance(dataset, IterableDataset)
        if iterable:
            for name, value in (
                ("shuffle", shuffle or None),
                ("sampler", sampler),
                ("batch_sampler", batch_sampler),
            ):
                if value is not None:
                    raise ArgumentError(f"DataLoader with IterableDataset: expected unspecified "
                                        f"{name} option, but got {name}={value}")  # fmt: skip
        if sampler is not None and shuffle:
            raise ArgumentError("DataLoader: sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ArgumentError("DataLoader: batch_sampler option is mutually exclusive with "
                                    "batch_size, shuffle, sampler, and drop_last")  # fmt: skip
            batch_size = None
        elif batch_size is None and drop_last:
            raise ArgumentError("DataLoader: batch_size=None option disables auto-batching and is "
                                "mutually exclusive with drop_last")  # fmt: skip
        together = batch_size is not None or batch_sampler is not None
        if sampler is None and not iterable:
            if shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_size is not None:
            source = Endless() if iterable else sampler
            batch_sampler = BatchSampler(source, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = Endless() if iterable else sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        self.collate_fn = collate_fn or (default_collate if together else default_convert)
        self.num_workers = num_workers
        self.prefetch_factor = PREFETCH if num_workers and prefetch_factor is None else (
            prefetch_factor
        )  # fmt: skip
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = pools.check_context(multiprocessing_context, num_workers)
        self.persistent_workers = persistent_workers
        self.in_order = in_order
        self._iterator: Any = None  # of persistent workers
        self._progress: Any = None
        self._resume: Any = None
        self.__initialized = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self.__initialized and name in FIXED:
            raise ArgumentError(
                f"{name} attribute should not be set after {type(self).__name__} is initialized",
                fix="Build another DataLoader.",
            )
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        progress = resume.Progress(self)
        state, self._resume = self._resume, None
        if state is not None:
            self._end_workers()
            if "start" in state:
                progress.start, progress.given = state["start"], state["batches"]
            iterator = resume.go_on(self, state, Batches, ParallelBatches)
        elif not self.num_workers:
            iterator = Batches(self)
        elif self._iterator is not None:
            iterator = self._iterator
            iterator.begin()
        else:
            iterator = ParallelBatches(self)
        if self.persistent_workers:
            self._iterator = iterator
        progress.base_seed = iterator._base_seed
        progress.states = getattr(iterator, "states", {})
        self._progress = iterator.progress = progress
        return iterator

    def _end_workers(self) -> None:
        if self._iterator is not None:
            self._iterator.close()
            self._iterator = None

    def state_dict(self) -> dict[str, Any]:
        """Where the current pass stands: which batches were given, and all random states.

        It holds numbers and tensors only; `torch.save` takes it.

        >>> import chainrule as torch
        >>> from chainrule.utils.data import DataLoader
        >>> loader = DataLoader(range(6), batch_size=2, shuffle=True)
        >>> batches = iter(loader)
        >>> _, state = next(batches), loader.state_dict()
        >>> other = DataLoader(range(6), batch_size=2, shuffle=True)
        >>> other.load_state_dict(state)
        >>> [b.tolist() for b in other] == [b.tolist() for b in batches]
        True
        """
        return resume.state_of(self, self._progress)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Let the next pass go on where the saved one stood.

        The loader must have been built with the same arguments.  Batches already given are not
        loaded again, except those of an IterableDataset, which are read and left out.

        Errors: ValueError for another number of workers, or what is no state.
        """
        resume.check(self, state_dict)
        self._resume = state_dict

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state["_iterator"] = state["_progress"] = None
        return state

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
        n = len(self.dataset)  # type: ignore[arg-type]
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def check_worker_number_rationality(self) -> None:
        """Warn if there are more workers than cores."""
        import os
        import warnings

        affinity = getattr(os, "sched_getaffinity", None)
        cores = len(affinity(0)) if affinity else os.cpu_count()
        if cores is not None and self.num_workers > cores:
            warnings.warn(
                f"This DataLoader will create {self.num_workers} worker processes in total. Our "
                f"suggested max number of worker in current system is {cores}: more only get in "
                "each other's way.",
                stacklevel=2,
            )


def check_workers(workers: Any, timeout: Any, prefetch: Any, persistent: Any) -> None:
    if workers < 0:
        raise ArgumentError("num_workers option should be non-negative; use num_workers=0 to "
                            "disable multiprocessing.")  # fmt: skip
    if timeout < 0:
        raise ArgumentError("timeout option should be non-negative")
    if workers == 0 and prefetch is not None:
        raise ArgumentError("prefetch_factor option could only be specified in multiprocessing: "
                            "let num_workers > 0, or leave prefetch_factor out.")  # fmt: skip
    if prefetch is not None and prefetch < 0:
        raise ArgumentError("prefetch_factor option should be non-negative")
    if persistent and workers == 0:
        raise ArgumentError("persistent_workers option needs num_workers > 0")


class Batches:
    """One pass over a DataLoader in this process."""

    progress: Any = None

    def __init__(self, loader: DataLoader[Any]) -> None:
        self.loader = loader
        batched = loader.batch_sampler is not None
        self.indices = iter(loader.batch_sampler if batched else loader.sampler)
        # torch seeds its workers with this; drawn also without any, so that what follows agrees.
        self._base_seed = drawn_seed(loader.generator)
        fetcher = Fetcher(loader.dataset, loader.collate_fn, batched, loader.drop_last)
        self.fetch = fetcher.fetch

    def skip(self, count: int) -> None:
        """Leave out batches without loading them."""
        for _ in range(count):
            next(self.indices)

    def __iter__(self) -> Batches:
        return self

    def __next__(self) -> Any:
        try:
            batch = self.fetch(next(self.indices))
        except StopIteration:
            if self.progress is not None:
                self.progress.ended = True
            raise
        if self.progress is not None:
            self.progress.given += 1
        return batch

    def __len__(self) -> int:
        return len(self.loader)


_BaseDataLoaderIter = Batches
_SingleProcessDataLoaderIter = Batches
_MultiProcessingDataLoaderIter = ParallelBatches
_InfiniteConstantSampler = Endless

__all__ = ["DataLoader", "Dataset", "default_collate", "default_convert", "get_worker_info"]
