"""DataLoader workers: processes and threads give torch's batches, seeds and errors, and end."""

import gc
import multiprocessing
import os
import random
import signal
import time

import numpy as np
import pytest

import chainrule as torch
from chainrule.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    TensorDataset,
    get_worker_info,
)

KINDS = ["fork", "thread"]


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    gc.collect()  # an exception's traceback holds the iterator
    deadline = time.monotonic() + 3
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not multiprocessing.active_children()


class Squares(Dataset):
    def __len__(self):
        return 23

    def __getitem__(self, i):
        return torch.tensor(i * i), np.full(20000, i, np.float32), f"name{i}"


class Draws(Dataset):
    def __len__(self):
        return 12

    def __getitem__(self, i):
        info = get_worker_info()
        return (torch.rand(1, dtype=torch.float64), random.random(), np.random.rand(),
                info.id, info.seed, info.num_workers)  # fmt: skip


class Shards(IterableDataset):
    def __iter__(self):
        info = get_worker_info()
        return iter(range(info.id, 11, info.num_workers))


class Fails(Dataset):
    def __init__(self, kind=ValueError):
        self.kind = kind

    def __len__(self):
        return 8

    def __getitem__(self, i):
        if i == 5:
            raise self.kind("number five")
        return i


class Dies(Fails):
    def __getitem__(self, i):
        if i == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return i


class Sleeps(Fails):
    def __getitem__(self, i):
        time.sleep(1.5 if i == 5 else 0)
        return i


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("persistent", [False, True])
def test_workers_give_the_batches_of_the_main_process(kind, persistent):
    def epochs(**options):
        torch.manual_seed(3)
        loader = DataLoader(Squares(), 4, shuffle=True, **options)
        batches = [batch for _ in range(2) for batch in loader]
        loader._end_workers()
        return batches, torch.rand(1)

    (ours, after), (plain, after0) = (
        epochs(num_workers=2, multiprocessing_context=kind, persistent_workers=persistent),
        epochs(),
    )
    assert len(ours) == len(plain) == 12
    if persistent:  # the workers' seed is drawn once only, as in torch: another second order
        ours, plain = ours[:6], plain[:6]
    for (a, b, c), (x, y, z) in zip(ours, plain, strict=True):
        assert torch.equal(a, x) and torch.equal(b, y) and c == z
        b += 1  # what arrives may be written to
    assert persistent or after == after0


def test_workers_that_are_spawned():
    data = TensorDataset(torch.arange(10), torch.arange(10.0))
    loader = DataLoader(data, 5, num_workers=1, multiprocessing_context="spawn")
    assert [x.tolist() for x, _ in loader] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def test_worker_seeds_are_torchs():
    torch.manual_seed(0)
    first, second, *_ = DataLoader(Draws(), 2, num_workers=2, multiprocessing_context="fork")
    # recorded from torch 2.13
    np.testing.assert_allclose(first[0].flatten(), RECORDED[0][0], rtol=1e-12)
    np.testing.assert_allclose(first[1], RECORDED[0][1], rtol=1e-12)
    np.testing.assert_allclose(first[2], RECORDED[0][2], rtol=1e-12)
    np.testing.assert_allclose(second[0].flatten(), RECORDED[1][0], rtol=1e-12)
    assert first[3].tolist() == [0, 0] and second[3].tolist() == [1, 1]
    assert second[4][0] == first[4][0] + 1 == RECORDED[2] + 1
    assert first[5].tolist() == [2, 2]


RECORDED = [
    (
        [0.25711931484490447, 0.9102956749403092],
        [0.21315340548154382, 0.2764485855185723],
        [0.8371640508861415, 0.38757835109739946],
    ),
    ([0.550542841289116, 0.33483721741422967],),
    900450186894289455,
]


@pytest.mark.parametrize("kind", KINDS)
def test_streams_are_shared_out(kind):
    loader = DataLoader(Shards(), 2, num_workers=3, multiprocessing_context=kind)
    batches = [b.tolist() for b in loader]
    assert batches == [[0, 3], [1, 4], [2, 5], [6, 9], [7, 10], [8]]
    loader = DataLoader(Shards(), None, num_workers=2, in_order=False, multiprocessing_context=kind)
    assert sorted(loader) == list(range(11))


@pytest.mark.parametrize("error", [ValueError, KeyError, torch.linalg.LinAlgError])
@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_with_the_workers_traceback(kind, error):
    loader = DataLoader(Fails(error), 2, num_workers=2, multiprocessing_context=kind)
    found = iter(loader)
    assert next(found).tolist() == [0, 1] and next(found).tolist() == [2, 3]
    with pytest.raises(error, match=f"Caught .*{error.__name__} in DataLoader worker") as caught:
        next(found)
    assert "in __getitem__" in str(caught.value) and "number five" in str(caught.value)
    assert next(found).tolist() == [6, 7]  # the others go on, as in torch
    del found


def test_a_killed_worker_is_noticed():
    loader = DataLoader(Dies(), 2, num_workers=2, multiprocessing_context="fork")
    with pytest.raises(RuntimeError, match="exited unexpectedly: it is killed by signal: SIGKILL"):
        list(loader)


@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_worker_times_out(kind):
    loader = DataLoader(Sleeps(), 2, num_workers=1, timeout=0.3, multiprocessing_context=kind)
    with pytest.raises(RuntimeError, match="DataLoader timed out after"):
        list(loader)


@pytest.mark.parametrize("kind", KINDS)
def test_leaving_a_loop_ends_the_workers(kind):
    for _ in DataLoader(Squares(), 1, num_workers=2, multiprocessing_context=kind):
        break


@pytest.mark.parametrize("kind", KINDS)
def test_init_functions_run_in_the_worker(kind):
    def init(number):
        get_worker_info().dataset.offset = 10 * number

    class Offset(Dataset):
        offset = None

        def __len__(self):
            return 4

        def __getitem__(self, i):
            return i + get_worker_info().dataset.offset

    loader = DataLoader(Offset(), 4, num_workers=1, worker_init_fn=init,
                        multiprocessing_context=kind)  # fmt: skip
    assert next(iter(loader)).tolist() == [0, 1, 2, 3]

    def broken(number):
        raise OSError("no such disk")

    with pytest.raises(OSError, match="no such disk"):
        next(iter(DataLoader(Offset(), num_workers=1, worker_init_fn=broken,
                             multiprocessing_context=kind)))  # fmt: skip


def test_contexts_are_checked():
    with pytest.raises(ValueError, match="valid start method"):
        DataLoader([1], num_workers=1, multiprocessing_context="tread")
    with pytest.raises(ValueError, match="num_workers > 0"):
        DataLoader([1], multiprocessing_context=multiprocessing.get_context())


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("stop", [0, 1, 3, 6])
@pytest.mark.parametrize("generator", [False, True])
def test_a_pass_goes_on_where_it_stood(workers, stop, generator, tmp_path):
    def build():
        own = torch.Generator().manual_seed(9) if generator else None
        kind = "fork" if workers else None
        return DataLoader(Random(), 2, shuffle=True, num_workers=workers, generator=own,
                          multiprocessing_context=kind)  # fmt: skip

    torch.manual_seed(7)
    loader = build()
    whole = iter(loader)
    for _ in range(stop):
        next(whole)
    torch.save((loader.state_dict(), torch.get_rng_state()), tmp_path / "state")
    rest = [b.tolist() for b in whole]
    following = [b.tolist() for b in loader]

    state, numbers = torch.load(tmp_path / "state", weights_only=True)
    torch.manual_seed(99)
    other = build()
    other.load_state_dict(state)
    torch.set_rng_state(numbers)
    assert [b.tolist() for b in other] == rest
    assert [b.tolist() for b in other] == following


class Random(Dataset):
    def __len__(self):
        return 12

    def __getitem__(self, i):
        return i + torch.rand(1, dtype=torch.float64)


def test_a_stream_goes_on_where_it_stood():
    def build():
        return DataLoader(Shards(), 2, num_workers=2, multiprocessing_context="fork")

    loader = build()
    whole = iter(loader)
    next(whole), next(whole)
    state = loader.state_dict()
    other = build()
    other.load_state_dict(state)
    assert [b.tolist() for b in other] == [b.tolist() for b in whole]
    with pytest.raises(ValueError, match="num_workers=2"):
        DataLoader(Shards()).load_state_dict(state)
    with pytest.raises(ValueError, match="no state"):
        other.load_state_dict({})
