"""One or more passes over a DataLoader whose batches workers make."""

from __future__ import annotations

import itertools
import weakref
from typing import Any

from chainrule.utils.data import pools
from chainrule.utils.data.sampler import drawn_seed
from chainrule.utils.data.worker import End, Failure, Plan


class ParallelBatches:
    """Hands out tasks in turn, `prefetch_factor` per worker in advance, and gives the answers.

    With `in_order` (the default) batches come in the sampler's order.  The sampler is asked for
    one more batch whenever one is given, as torch does, so that random numbers are drawn at the
    same moments.
    """

    progress: Any = None

    def __init__(self, loader: Any, resumed: Any = None) -> None:
        self.loader = loader
        self.indices: Any = iter(())
        base_seed = drawn_seed(loader.generator)
        states: dict[int, Any] = {}
        skip = 0
        if resumed is not None:
            base_seed, states, skip = resumed.base_seed, dict(resumed.workers), resumed.skip
        self._base_seed = base_seed
        self.pool = pools.start(Plan(loader, base_seed), loader.multiprocessing_context, states)
        self.finalizer = weakref.finalize(self, self.pool.close)
        self.epoch = -1
        self.states = states  # of each worker's random numbers, as of its last batch given
        self.begin(skip)

    def begin(self, skip: int = 0) -> None:
        """Start a pass, leaving out its first batches."""
        loader = self.loader
        self.epoch += 1
        batched = loader.batch_sampler is not None
        self.indices = iter(loader.batch_sampler if batched else loader.sampler)
        for _ in itertools.islice(self.indices, skip):
            pass
        self.sent = self.given = self.turn = skip
        self.owner: dict[int, int] = {}  # of the tasks that are not answered yet
        self.arrived: dict[int, Any] = {}
        self.alive = [True] * loader.num_workers
        self.ended = False
        for _ in range(max(1, loader.prefetch_factor) * loader.num_workers):
            self.ask()

    def ask(self, preferred: int | None = None) -> None:
        """Give the next task to the next worker that has not come to an end."""
        try:
            indices = next(self.indices)
        except StopIteration:
            return
        count = self.loader.num_workers
        worker = preferred if preferred is not None and self.alive[preferred] else None
        if worker is None:
            for step in range(count):
                if self.alive[(self.turn + step) % count]:
                    worker = (self.turn + step) % count
                    self.turn = worker + 1
                    break
            else:
                return
        self.owner[self.sent] = worker
        self.pool.put(worker, (self.epoch, self.sent, indices))
        self.sent += 1

    def __iter__(self) -> ParallelBatches:
        return self

    def __len__(self) -> int:
        return len(self.loader)

    def __next__(self) -> Any:
        try:
            worker, result, states = self.next_answer()
        except StopIteration:
            self.ended = True
            if self.progress is not None:
                self.progress.ended = True
            if not self.loader.persistent_workers:
                self.close()
            raise
        except BaseException:
            self.close()
            raise
        if states is not None:
            self.states[worker] = states
        self.ask(None if self.loader.in_order else worker)
        self.given += 1
        if self.progress is not None:
            self.progress.given = self.given
        if isinstance(result, Failure):
            result.reraise()
        return result

    def next_answer(self) -> tuple[int, Any, Any]:
        """The batch that is due: whose it is, it or a Failure, the worker's random states."""
        if self.ended:
            raise StopIteration
        due = self.given
        while True:
            if self.loader.in_order:
                while due < self.sent and due not in self.arrived and due not in self.owner:
                    due += 1  # a task that a worker got after its stream had ended
                self.given = due
                if due in self.arrived:
                    return self.arrived.pop(due)  # type: ignore[no-any-return]
            if not self.owner:
                raise StopIteration
            worker, (epoch, place, result, states) = self.pool.get(self.loader.timeout)
            if epoch != self.epoch:
                continue
            self.owner.pop(place, None)
            if isinstance(result, End):
                self.alive[worker] = False
                for later in [p for p, w in self.owner.items() if w == worker]:
                    del self.owner[later]
                self.ask()
            elif self.loader.in_order:
                self.arrived[place] = (worker, result, states)
            else:
                return worker, result, states

    def close(self) -> None:
        """End the workers."""
        self.ended = True
        self.finalizer()
