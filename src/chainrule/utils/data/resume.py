"""Going on in the middle of an epoch: what a DataLoader's `state_dict()` holds, and its use.

A state is plain: numbers, tuples and uint8 tensors, so that `torch.save` and `torch.load` with
`weights_only=True` take it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as torch
from chainrule.errors import ArgumentError
from chainrule.tensor import from_array
from chainrule.utils.data.dataset import IterableDataset

VERSION = 1


class Resumed:
    """What a parallel pass needs to go on: the seed, the workers' states, what to leave out."""

    def __init__(self, base_seed: int, workers: dict[int, Any], skip: int) -> None:
        self.base_seed, self.workers, self.skip = base_seed, workers, skip


class Progress:
    """Where a DataLoader stands in its current pass."""

    def __init__(self, loader: Any) -> None:
        self.start = positions(loader)
        self.base_seed: int | None = None
        self.states: dict[int, Any] = {}  # the workers' random states, by worker
        self.given = 0
        self.ended = False


def generators(loader: Any) -> list[Any]:
    """The generators that the order of the batches is drawn from; the default one comes first."""
    found = [torch.default_generator]
    chain = [loader, loader.batch_sampler, getattr(loader.batch_sampler, "sampler", None)]
    for owner in [*chain, loader.sampler]:
        generator = getattr(owner, "generator", None)
        if isinstance(generator, torch.Generator) and not any(generator is g for g in found):
            found.append(generator)
    return found


def positions(loader: Any) -> list[Any]:
    return [g.get_state() for g in generators(loader)]


def set_positions(loader: Any, states: list[Any], first: int = 0) -> None:
    own = generators(loader)
    if len(own) != len(states):
        raise ArgumentError(
            f"the state is of a DataLoader with {len(states) - 1} generators of its own, this one "
            f"has {len(own) - 1}",
            fix="Build the DataLoader with the same arguments as the one that was saved.",
        )
    for generator, state in list(zip(own, states, strict=True))[first:]:
        generator.set_state(state)


def state_of(loader: Any, progress: Progress | None) -> dict[str, Any]:
    """What `state_dict()` gives."""
    state: dict[str, Any] = {"version": VERSION, "num_workers": loader.num_workers, "batches": 0}
    state["now"] = positions(loader)
    epoch = getattr(loader.sampler, "epoch", None)
    if isinstance(epoch, int):
        state["epoch"] = epoch
    if progress is None or (progress.ended and not loader.persistent_workers):
        return state
    if not progress.ended:
        state["batches"], state["start"] = progress.given, progress.start
    state["base_seed"] = progress.base_seed
    state["workers"] = {n: packed(s) for n, s in progress.states.items()}
    return state


def packed(states: tuple[Any, ...]) -> dict[str, Any]:
    """A worker's random states with tensors for the long parts."""
    ours, python, (key, *rest) = states
    return {
        "torch": octets(ours),
        "python": python,
        "numpy": (octets(key), *rest),
    }


def unpacked(state: dict[str, Any]) -> tuple[Any, ...]:
    version, words, gauss = state["python"]
    key, *rest = state["numpy"]
    python = (version, tuple(words), gauss)
    return state["torch"]._array.tobytes(), python, (key._array.tobytes(), *rest)


def octets(data: bytes) -> Any:
    return from_array(np.frombuffer(data, np.uint8).copy())


def check(loader: Any, state: Any) -> None:
    """Raise unless `state` can be gone on from with this loader."""
    if not isinstance(state, dict) or state.get("version") != VERSION:
        raise ArgumentError("this is no state of a DataLoader",
                            fix="Pass what state_dict() gave.")  # fmt: skip
    if state["num_workers"] != loader.num_workers:
        raise ArgumentError(
            f"the state is of a DataLoader with num_workers={state['num_workers']}, this one has "
            f"{loader.num_workers}",
            fix="Use the same number: workers have random numbers and streams of their own.",
        )


def go_on(loader: Any, state: dict[str, Any], single: Any, parallel: Any) -> Any:
    """An iterator that gives what the saved pass had still to give."""
    outside = torch.get_rng_state()
    if isinstance(state.get("epoch"), int) and hasattr(loader.sampler, "set_epoch"):
        loader.sampler.set_epoch(state["epoch"])
    begun = "start" in state
    set_positions(loader, state["start"] if begun else state["now"], first=0 if begun else 1)
    skip = state["batches"]
    replay = isinstance(loader.dataset, IterableDataset)
    if not loader.num_workers:
        iterator = single(loader)
        if replay:
            for _ in range(skip):
                next(iterator)
        else:
            iterator.skip(skip)
    else:
        workers = {} if replay else {n: unpacked(s) for n, s in state.get("workers", {}).items()}
        seed = state.get("base_seed")
        resumed = Resumed(seed, workers, 0 if replay else skip) if seed is not None else None
        iterator = parallel(loader, resumed)
        for _ in range(skip if replay else 0):
            next(iterator)
    if begun:
        set_positions(loader, state["now"], first=1)
        torch.set_rng_state(outside)
    return iterator
