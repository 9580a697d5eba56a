"""What runs in a worker: seeding, the loop over tasks, and what becomes of an error."""

from __future__ import annotations

import os
import random
import threading
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.tensor import from_array
from chainrule.utils.data.fetch import Fetcher
from chainrule.utils.data.transport import receive, send

WATCH = 5.0  # seconds between two looks whether the main process is still there


class WorkerInfo:
    """What `get_worker_info()` gives in a worker.

    Attributes:
        id: its number, from 0.
        num_workers: how many there are.
        seed: what torch's and Python's random numbers were seeded with: a number drawn for the
            epoch, plus `id`.
        dataset: this worker's copy of the dataset.
    """

    def __init__(self, id: int, num_workers: int, seed: int, dataset: Any) -> None:
        self.id, self.num_workers, self.seed, self.dataset = id, num_workers, seed, dataset

    def __repr__(self) -> str:
        return (f"WorkerInfo(id={self.id}, num_workers={self.num_workers}, seed={self.seed}, "
                f"dataset={self.dataset!r})")  # fmt: skip


class Here(threading.local):
    info: WorkerInfo | None = None


here = Here()


def get_worker_info() -> WorkerInfo | None:
    """What is known of the worker this runs in: its id, their number, its seed and dataset.

    In the main process it is None.  An IterableDataset asks for it in `__iter__`, to give its
    own share only.

    >>> from chainrule.utils.data import DataLoader, IterableDataset, get_worker_info
    >>> class Numbers(IterableDataset):
    ...     def __iter__(self):
    ...         info = get_worker_info()
    ...         return iter(range(4)) if info is None else iter(range(info.id, 4, 2))
    >>> workers = {"num_workers": 2, "multiprocessing_context": "thread"}
    >>> [batch.tolist() for batch in DataLoader(Numbers(), batch_size=2, **workers)]
    [[0, 2], [1, 3]]
    >>> get_worker_info() is None
    True
    """
    return here.info


class Plan:
    """All that a worker needs to know when it starts."""

    def __init__(self, loader: Any, base_seed: int) -> None:
        self.dataset, self.collate = loader.dataset, loader.collate_fn
        self.batched, self.drop_last = loader.batch_sampler is not None, loader.drop_last
        self.count, self.base_seed = loader.num_workers, base_seed
        self.init: Callable[[int], None] | None = loader.worker_init_fn

    def fetcher(self) -> Fetcher:
        return Fetcher(self.dataset, self.collate, self.batched, self.drop_last)


class End:
    """The answer of a worker whose stream has ended."""


class Failure:
    """An error on its way to the main process: its class, and its traceback as text."""

    def __init__(self, error: BaseException, where: str) -> None:
        self.kind: Any = type(error)
        self.text = "".join(traceback.format_exception(error))
        self.where = where

    def reraise(self) -> None:
        """Raise the error here: the same class, with the worker's traceback in its message."""
        text = f"Caught {self.kind.__name__} {self.where}.\nOriginal {self.text}"
        if issubclass(self.kind, KeyError):
            raise self.kind(Readable(text))
        try:
            error = self.kind(text)
        except Exception:  # a class whose constructor wants something else
            raise RuntimeError(text) from None
        raise error


class Readable(str):
    """A text that is shown as it is where its `repr` is asked for, as KeyError does."""

    def __repr__(self) -> str:
        return str(self)


def seed_all(base_seed: int, number: int) -> int:
    """Seed torch, random and numpy.random as torch's workers do."""
    seed = base_seed + number
    random.seed(seed)
    torch.manual_seed(seed)
    words = (number, base_seed & 0xFFFFFFFF, base_seed >> 32, 0)
    np.random.seed(np.random.SeedSequence(words).generate_state(4))
    return seed


def random_states() -> tuple[Any, ...]:
    """Where the three random number generators stand, in plain types."""
    _, key, position, has_gauss, gauss = np.random.get_state(legacy=True)
    numpy_state = (key.tobytes(), int(position), int(has_gauss), float(gauss))
    return torch.get_rng_state()._array.tobytes(), random.getstate(), numpy_state


def set_random_states(states: tuple[Any, ...]) -> None:
    ours, python, (key, *rest) = states
    torch.set_rng_state(from_array(np.frombuffer(ours, np.uint8).copy()))
    random.setstate(python)
    np.random.set_state(("MT19937", np.frombuffer(key, np.uint32).copy(), *rest))


def process_main(
    connection: Any, plan: Plan, number: int, states: Any, strangers: list[Any]
) -> None:
    """A worker process from its start to its end."""
    for other in strangers:  # ends of other workers' connections that a fork brought along
        other.close()
    parent = os.getppid()

    def take() -> Any:
        while not connection.poll(WATCH):
            if os.getppid() != parent:
                raise EOFError
        return receive(connection)

    try:
        torch.set_num_threads(1)
        seed = seed_all(plan.base_seed, number)
        here.info = WorkerInfo(number, plan.count, seed, plan.dataset)
        where = f"in DataLoader worker process {number}"
        work(take, lambda answer: send(connection, answer), plan, number, where, states)
    except (EOFError, OSError, KeyboardInterrupt):
        pass  # the main process has closed the connection, or is gone


def thread_main(take: Any, give: Any, plan: Plan, number: int) -> None:
    """A worker thread; random numbers come from the generators of the whole process."""
    here.info = WorkerInfo(number, plan.count, plan.base_seed + number, plan.dataset)
    where = f"in DataLoader worker thread {number}"
    work(take, give, plan, number, where, None, threads=True)


def work(
    take: Any, give: Any, plan: Plan, number: int, where: str, states: Any, threads: bool = False
) -> None:
    """Answer tasks (epoch, number of the batch, indices) until None comes.

    An answer is (epoch, number, batch or End or Failure, the worker's random states if the batch
    changed them).  A new epoch begins with a fresh iterator of a stream.
    """
    broken = fetcher = None
    epoch = -1
    try:
        if plan.init is not None:
            plan.init(number)
        fetcher = plan.fetcher()
    except Exception as error:
        broken = Failure(error, where)
    if states is not None:
        set_random_states(states)
    before = None if threads else random_states()
    while (task := take()) is not None:
        epoch_now, place, indices = task
        result: Any
        try:
            if epoch_now != epoch:
                if epoch >= 0 and broken is None:
                    fetcher = plan.fetcher()
                epoch = epoch_now
            if broken is not None or fetcher is None:
                result, broken = broken, None
            else:
                result = fetcher.fetch(indices)
        except StopIteration as error:
            result = End() if hasattr(fetcher, "stream") else Failure(error, where)
        except Exception as error:
            result = Failure(error, where)
        changed = None
        if not threads:
            after = random_states()
            if after != before:
                changed = before = after
        answer(give, (epoch_now, place, result, changed), where)
        del result, task


def answer(give: Any, message: tuple[Any, ...], where: str) -> None:
    """Send an answer; one that cannot be pickled becomes the error that says so."""
    try:
        give(message)
    except (EOFError, OSError):
        raise
    except Exception as error:
        give((*message[:2], Failure(error, where), message[3]))
