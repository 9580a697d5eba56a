"""utils.data: torch's batches for torch's seeds, torch's errors, and the fast path's equality."""

import collections

import numpy as np
import pytest

import chainrule as torch
from chainrule.utils import data
from chainrule.utils.data import DataLoader, TensorDataset, default_collate, default_convert

TEN = TensorDataset(torch.arange(10), torch.arange(10.0))


def seeded(seed):
    return torch.Generator().manual_seed(seed)


class Stream(data.IterableDataset):
    def __iter__(self):
        return iter(range(5))


class Sized(Stream):
    def __len__(self):
        return 5


class NoLength(data.Dataset):
    def __getitem__(self, index):
        return index


# Two epochs over TEN in fours after manual_seed(5), each batch written as its digits, and the next
# torch.rand(1) of the global and of the given generator: recorded from torch 2.13.
RECORDED = {
    "plain": (dict, "0123 4567 89", "0123 4567 89", 0.9201),
    "shuffled": (lambda: {"shuffle": True}, "8305 9162 47", "5897 2041 36", 0.0333),
    "generator": (
        lambda: {"shuffle": True, "generator": seeded(3)},
        "7429 1508 63", "1205 9483 67", 0.8303, 0.5824,
    ),
    "drop_last": (lambda: {"shuffle": True, "drop_last": True}, "8305 9162", "5897 2041", 0.0333),
    "replacement": (
        lambda: {"sampler": data.RandomSampler(TEN, True, 40)},
        "8249 7580 7693 2561 9019 5186 6144 0864 3740 7519",
        "5730 1557 0105 9034 1373 3207 7715 8944 4104 7190", 0.0333,
    ),
    "more than there are": (
        lambda: {"sampler": data.RandomSampler(TEN, num_samples=23)},
        "8305 9162 4768 5230 9417 129", "5897 2041 3616 3824 0795 720", 0.0333,
    ),
    "subset": (
        lambda: {"sampler": data.SubsetRandomSampler(range(2, 9))}, "4657 283", "2354 678", 0.9809
    ),
    "weighted": (
        lambda: {"sampler": data.WeightedRandomSampler(range(10), 7)},
        "5655 978", "6659 435", 0.0442,
    ),
    "weighted, each once": (
        lambda: {"sampler": data.WeightedRandomSampler(range(1, 11), 7, False)},
        "9832 561", "2954 738", 0.8796,
    ),
    "workers": (
        lambda: {"shuffle": True, "num_workers": 2}, "8305 9162 47", "5897 2041 36", 0.0333
    ),
    "workers and generator": (
        lambda: {"shuffle": True, "num_workers": 2, "generator": seeded(3)},
        "7429 1508 63", "1205 9483 67", 0.8303, 0.5824,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RECORDED)
@pytest.mark.parametrize("fast", [True, False])
def test_order_and_draws_are_torchs(case, fast):
    options, first, second, following, *given = RECORDED[case]
    torch.manual_seed(5)
    options = options()
    if not fast:
        options["collate_fn"] = lambda samples: default_collate(samples)
    loader = DataLoader(TEN, 4, **options)
    for expected in (first, second):
        epoch = [batch[0].tolist() for batch in loader]
        assert " ".join("".join(map(str, batch)) for batch in epoch) == expected
        assert len(loader) == len(epoch)
    assert torch.rand(1).item() == pytest.approx(following, abs=6e-5)
    if given:
        after = torch.rand(1, generator=options["generator"]).item()
        assert after == pytest.approx(given[0], abs=6e-5)


@pytest.mark.parametrize(
    ("workers", "expected"),
    [(0, [0.6592, [7, 2, 6], 0.4251, [3, 5, 1]]), (1, [0.2328, [3, 2, 7], 0.4251, [8, 6, 1]])],
)
def test_the_moment_of_drawing_is_torchs(workers, expected):
    """Without workers the order is drawn with the first batch, with workers at once."""
    torch.manual_seed(7)
    batches = iter(DataLoader(TEN, 3, shuffle=True, num_workers=workers))
    found = [torch.rand(1).item(), next(batches)[0].tolist()]
    found += [torch.rand(1).item(), next(batches)[0].tolist()]
    assert found[1::2] == expected[1::2]
    assert found[::2] == pytest.approx(expected[::2], abs=6e-5)


def test_random_split():
    torch.manual_seed(0)
    assert [list(p) for p in data.random_split(range(10), [3, 7])] == [
        [4, 1, 7], [5, 3, 9, 0, 8, 6, 2],
    ]  # fmt: skip
    parts = data.random_split(range(11), [0.5, 0.25, 0.25], seeded(1))
    assert [list(p) for p in parts] == [[0, 10, 2, 3, 7, 6], [4, 8, 1], [9, 5]]
    assert [len(p) for p in data.random_split(TEN, [0, 10])] == [0, 10]
    assert [len(p) for p in data.random_split(TEN, [0.01, 0.99])] == [1, 9]
    for lengths in ([1, 2], [0.5, 0.6]):
        with pytest.raises(ValueError, match="Sum of input lengths does not equal the length"):
            data.random_split(TEN, lengths)
    with pytest.raises(ValueError, match="Fraction at index 0 is not between 0 and 1"):
        data.random_split(TEN, [-0.5, 0.6, 0.9])


def test_distributed_sampler():
    def parts(n, **options):
        return [list(data.DistributedSampler(range(n), 3, r, seed=4, **options)) for r in range(3)]

    assert parts(10)[0] == [0, 6, 2, 5]  # torch 2.13
    assert parts(9)[0] == [4, 8, 0]
    assert parts(2, shuffle=False) == [[0], [1], [0]]
    assert parts(10, shuffle=False) == [[0, 3, 6, 9], [1, 4, 7, 0], [2, 5, 8, 1]]
    assert parts(10, shuffle=False, drop_last=True) == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
    sampler = data.DistributedSampler(range(50), 1, 0)
    before = list(sampler)
    sampler.set_epoch(1)
    assert list(sampler) != before and sorted(sampler) == sorted(before) == list(range(50))
    with pytest.raises(ValueError, match="Invalid rank 3"):
        data.DistributedSampler(range(5), 3, 3)
    with pytest.raises(RuntimeError, match="Requires distributed package"):
        data.DistributedSampler(range(5))


# ---- the fast path ---------------------------------------------------------------------------


ROWS = {
    "matrix": torch.arange(24.0).reshape(8, 3),
    "strided": torch.arange(48.0).reshape(3, 16).t()[::2],
    "reversed": torch.arange(8).flip(0),
    "bool": torch.arange(8) % 2 == 0,
    "empty rows": torch.zeros(8, 0),
}
ORDERS = {
    "in order": {},
    "reversed": {"sampler": range(7, -1, -1)},
    "from behind": {"sampler": [-1, 0, -8]},
    "repeated": {"batch_sampler": [[0, 0, 5], (1, 2), []]},
    "arrays": {"batch_sampler": [np.array([3, 1])]},
    "tensors": {"batch_sampler": [torch.tensor([3, 1])]},
    "bools": {"batch_sampler": [[True, False]]},
    "beyond": {"batch_sampler": [[0, 8]]},
    "no index": {"batch_sampler": [["a"]]},
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("part", [None, [3, 1, 1, 0, 7, 6, 5, 4]])
def test_taking_rows_at_once_changes_nothing(order, rows, part):
    dataset = TensorDataset(ROWS[rows], torch.arange(8))
    dataset = dataset if part is None else data.Subset(dataset, part)

    def run(**options):
        options = {"batch_size": 3, **options} if "batch_sampler" not in options else options
        try:
            return list(DataLoader(dataset, **options))
        except Exception as error:
            return type(error), str(error)

    fast = run(**ORDERS[order])
    slow = run(**ORDERS[order], collate_fn=lambda samples: default_collate(samples))
    assert type(fast) is type(slow)
    if isinstance(slow, tuple):
        assert fast == slow
        return
    for a, b in zip(fast, slow, strict=True):
        assert type(a) is type(b) is list
        for x, y in zip(a, b, strict=True):
            assert x.dtype is y.dtype and x.shape == y.shape and x.stride() == y.stride()
            assert x.tolist() == y.tolist()


def test_batches_own_their_memory():
    x = torch.zeros(6, 2)
    for (batch,) in DataLoader(TensorDataset(x), 3):
        batch += 1
    assert x.sum() == 0


def test_the_fast_path_leaves_what_it_must():
    weight = torch.ones(4, requires_grad=True)
    (batch,) = next(iter(DataLoader(TensorDataset(weight), 4)))
    batch.sum().backward()
    assert weight.grad.tolist() == [1, 1, 1, 1]

    class Doubled(TensorDataset):
        def __getitem__(self, index):
            return tuple(2 * t for t in super().__getitem__(index))

    assert next(iter(DataLoader(Doubled(torch.arange(3)), 3)))[0].tolist() == [0, 2, 4]


# ---- datasets --------------------------------------------------------------------------------


def test_datasets_combine():
    both = TEN + TEN
    assert both.cumulative_sizes == [10, 20] and both[-1][0] == 9 and both[10][0] == 0
    with pytest.raises(ValueError, match="absolute value of index should not exceed"):
        both[-21]
    with pytest.raises(IndexError, match="list index out of range"):
        both[20]
    with pytest.raises(AssertionError, match="should not be an empty iterable"):
        data.ConcatDataset([])
    with pytest.raises(AssertionError, match="does not support IterableDataset"):
        data.ConcatDataset([Stream()])
    chain = Stream() + Stream()
    assert list(chain) == [0, 1, 2, 3, 4] * 2
    with pytest.raises(TypeError, match="has no len"):
        len(chain)
    assert len(Sized() + Sized()) == 10
    with pytest.raises(AssertionError, match="only supports IterableDataset"):
        list(data.ChainDataset([TEN]))
    part = data.Subset(TEN, [4, 2])
    assert part[1][0] == 2 and part[[0, 1]][0].tolist() == [4, 2] and len(part) == 2
    with pytest.raises(AssertionError, match="Size mismatch between tensors"):
        TensorDataset(torch.ones(2), torch.ones(3))
    with pytest.raises(NotImplementedError, match="should implement __getitem__"):
        data.Dataset()[0]


def test_stack_dataset():
    pair = data.StackDataset(["a", "b"], [1, 2])
    assert pair[1] == ("b", 2) and len(pair) == 2
    assert pair.__getitems__([1, 0]) == [("b", 2), ("a", 1)]
    named = data.StackDataset(text=["a", "b"], part=data.Subset([1, 2, 3], [2, 0]))
    batch = next(iter(DataLoader(named, 2)))
    assert batch["text"] == ["a", "b"] and batch["part"].tolist() == [3, 1]
    with pytest.raises(ValueError, match="At least one dataset"):
        data.StackDataset()
    with pytest.raises(ValueError, match="Size mismatch between datasets"):
        data.StackDataset([1], [1, 2])
    with pytest.raises(ValueError, match="both types are given"):
        data.StackDataset([1], a=[1])


def test_whole_batches_from_the_dataset():
    class Whole(data.Dataset):
        def __len__(self):
            return 5

        def __getitems__(self, indices):
            return [10 * i for i in indices]

    assert [b.tolist() for b in DataLoader(Whole(), 2)] == [[0, 10], [20, 30], [40]]


# ---- the loader ------------------------------------------------------------------------------


def test_iterable_datasets():
    assert [b.tolist() for b in DataLoader(Stream(), 2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(Stream(), 2, drop_last=True)] == [[0, 1], [2, 3]]
    assert [b.tolist() for b in DataLoader(Stream(), 2, num_workers=1)] == [[0, 1], [2, 3], [4]]
    assert list(DataLoader(Stream(), batch_size=None)) == [0, 1, 2, 3, 4]
    assert [len(DataLoader(Sized(), 2, drop_last=d)) for d in (False, True)] == [3, 2]
    assert len(DataLoader(Sized(), batch_size=None)) == 5
    batches = iter(DataLoader(Sized(), 5))
    assert len(next(batches)) == 5
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(batches)


def test_samples_one_by_one():
    dataset = [np.zeros(2), 5, "a"]
    zeros, five, letter = DataLoader(dataset, batch_size=None)
    assert zeros.dtype is torch.float64 and five == 5 and letter == "a"
    assert list(DataLoader("abc", batch_size=None, sampler=[2, 0])) == ["c", "a"]


def test_attributes():
    loader = DataLoader(TEN, 4, num_workers=2)
    assert loader.dataset is TEN and loader.batch_size == 4 and loader.prefetch_factor == 2
    assert isinstance(loader.sampler, data.SequentialSampler)
    assert isinstance(loader.batch_sampler, data.BatchSampler)
    assert loader.collate_fn is default_collate
    assert DataLoader(TEN, batch_size=None).collate_fn is default_convert
    for name in ("batch_size", "dataset", "sampler", "drop_last"):
        with pytest.raises(ValueError, match=f"{name} attribute should not be set"):
            setattr(loader, name, None)
    loader.worker_init_fn = print
    assert data.get_worker_info() is None


ERRORS = [
    ({"num_workers": -1}, "num_workers option should be non-negative"),
    ({"timeout": -1}, "timeout option should be non-negative"),
    ({"prefetch_factor": 2}, "prefetch_factor option could only be specified in multiprocessing"),
    ({"prefetch_factor": -2, "num_workers": 1}, "prefetch_factor option should be non-negative"),
    ({"persistent_workers": True}, "persistent_workers option needs num_workers > 0"),
    ({"sampler": [1], "shuffle": True}, "sampler option is mutually exclusive with shuffle"),
    ({"batch_sampler": [[1]], "batch_size": 2}, "batch_sampler option is mutually exclusive"),
    ({"batch_sampler": [[1]], "drop_last": True}, "batch_sampler option is mutually exclusive"),
    ({"batch_size": None, "drop_last": True}, "batch_size=None option disables auto-batching"),
    ({"batch_size": 0}, "batch_size should be a positive integer value, but got batch_size=0"),
    ({"batch_size": 2.5}, "batch_size should be a positive integer value"),
    ({"drop_last": 3}, "drop_last should be a boolean value, but got drop_last=3"),
    ({"dataset": [], "shuffle": True}, "num_samples should be a positive integer value"),
    ({"dataset": Stream(), "shuffle": True}, "expected unspecified shuffle option"),
    ({"dataset": Stream(), "sampler": [1]}, "expected unspecified sampler option"),
    ({"dataset": Stream(), "batch_sampler": [[1]]}, "expected unspecified batch_sampler option"),
]


@pytest.mark.parametrize(("options", "message"), ERRORS)
def test_loader_errors(options, message):
    with pytest.raises(ValueError, match=message):
        DataLoader(**{"dataset": TEN, **options})


def test_loader_edges():
    assert list(DataLoader([])) == []
    with pytest.raises(TypeError, match="has no len"):
        list(DataLoader(NoLength()))
    with pytest.raises(TypeError, match="has no len"):
        len(DataLoader(Stream()))


def test_sampler_errors():
    with pytest.raises(TypeError, match="replacement should be a boolean value"):
        data.RandomSampler(TEN, replacement=1)
    for n in (0, 1.5, True):
        with pytest.raises(ValueError, match="num_samples should be a positive integer value"):
            data.RandomSampler(TEN, num_samples=n)
    with pytest.raises(ValueError, match="num_samples should be a positive"):
        data.WeightedRandomSampler([1, 2], 0)
    with pytest.raises(ValueError, match="weights should be a 1d sequence"):
        data.WeightedRandomSampler([[1, 2]], 1)
    assert len(data.BatchSampler(range(5), 2, False)) == 3
    assert list(data.BatchSampler(range(5), 2, True)) == [[0, 1], [2, 3]]


# ---- collating -------------------------------------------------------------------------------

Point = collections.namedtuple("Point", "x y")


def same(found, expected):
    """Equal in structure, types and dtypes."""
    assert type(found) is type(expected)
    if isinstance(expected, torch.Tensor):
        assert found.dtype is expected.dtype and found.tolist() == expected.tolist()
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        for key in expected:
            same(found[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            same(a, b)
    else:
        assert found == expected


t = torch.tensor
COLLATED = [
    ([1, 2], t([1, 2])),
    ([1.0, 2], t([1.0, 2.0], dtype=torch.float64)),
    ([1, 2.5], t([1.0, 2.5])),
    ([True, False], t([True, False])),
    ([np.float32(2), np.float32(1)], t([2.0, 1.0])),
    ([np.int32(3)], t([3], dtype=torch.int32)),
    ([np.array(2), np.array(1)], t([2, 1])),
    ([np.ones(2), np.ones(2)], torch.ones(2, 2, dtype=torch.float64)),
    ([t(1), t(2)], t([1, 2])),
    (["a", "b"], ["a", "b"]),
    ([b"a"], [b"a"]),
    ([(1, 2), (3, 4)], [t([1, 3]), t([2, 4])]),
    ([(1, "a"), (3, "b")], [t([1, 3]), ("a", "b")]),
    ([[1, 2], [3, 4]], [t([1, 3]), t([2, 4])]),
    ([{"a": 1, "b": [2]}, {"a": 3, "b": [4]}], {"a": t([1, 3]), "b": [t([2, 4])]}),
    ([collections.OrderedDict(a=1)], collections.OrderedDict(a=t([1]))),
    ([Point(1, 2), Point(3, 4)], Point(t([1, 3]), t([2, 4]))),
    ([range(2), range(2)], [t([0, 0]), t([1, 1])]),
]


@pytest.mark.parametrize(("samples", "expected"), COLLATED)
def test_collate(samples, expected):
    same(default_collate(samples), expected)


@pytest.mark.parametrize("sample", [None, object(), 1 + 2j, np.array(["a"]), np.array(None)])
def test_collate_refuses(sample):
    with pytest.raises(TypeError, match="batch must contain tensors, numpy arrays, numbers"):
        default_collate([sample])


def test_collate_errors():
    with pytest.raises(RuntimeError, match="each element in list of batch should be of equal size"):
        default_collate([[1, 2], [3]])
    with pytest.raises(RuntimeError, match="stack expects each tensor to be equal size"):
        default_collate([torch.ones(2), torch.ones(3)])


def test_convert():
    one = t([1.0], dtype=torch.float64)
    same(default_convert((1, np.ones(1))), [1, one])
    same(default_convert({"a": np.ones(1), "b": "x"}), {"a": one, "b": "x"})
    same(default_convert(Point(np.ones(1), 1)), Point(one, 1))
    same(default_convert(np.float64(1)), t(1.0, dtype=torch.float64))
    assert default_convert(np.array(["a"])).dtype.kind == "U"


def test_old_paths():
    from chainrule.utils.data.dataloader import DataLoader as loader
    from chainrule.utils.data.dataloader import default_collate as collate
    from chainrule.utils.data.dataset import Dataset
    from chainrule.utils.data.sampler import Sampler

    assert (loader, collate, Dataset, Sampler) == (
        DataLoader, default_collate, data.Dataset, data.Sampler,
    )  # fmt: skip
