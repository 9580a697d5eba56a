"""Every check over every row of the op table (see table.py)."""

from __future__ import annotations

import itertools
import pathlib
import zlib

import numpy as np
import pytest

import chainrule as torch
import framework
import table

TABLE = table.load()
RECORDED = pathlib.Path(__file__).parent / "recorded"
rows = pytest.mark.parametrize("name", sorted(TABLE))


@pytest.fixture(scope="module")
def recorded():
    """What is recorded of a call, by key."""
    by_call: dict[str, dict[str, np.ndarray]] = {}
    for path in sorted(RECORDED.glob("ops_*.npz")):
        with np.load(path, allow_pickle=False) as file:
            for key, array in framework.unpacked(file).items():
                by_call.setdefault(key.rpartition("|")[0], {})[key] = array
    return lambda call: by_call.get(call, {})


@rows
def test_has_enough_samples_and_errors(name):
    case = TABLE[name]
    assert len(case.calls(case.dtypes[0])) >= 12, "a row has at least 12 samples"
    assert len(case.errors) >= 2, "a row has at least 2 error cases"


@rows
def test_values_and_gradients_are_those_recorded_from_torch(name, recorded):
    case = TABLE[name]
    for key, dtype, sample in framework.keyed_calls(case):
        theirs = recorded(key)
        assert theirs, f"{key}: nothing recorded; run tools/record_torch.py"
        if f"{key}|refused" in theirs:  # more general than torch: run it all the same
            framework.result(torch, case, sample, key)
            continue
        ours = framework.result(torch, case, sample, key)
        assert sorted(ours) == sorted(theirs), f"{key}: outputs or gradients are missing"
        for k in ours:
            framework.assert_same(case, dtype, k, ours[k], theirs[k])


@rows
def test_forward_is_numpys(name):
    case = TABLE[name]
    if case.reference is None:
        return
    for key, dtype, sample in framework.keyed_calls(case):
        outs, _ = framework.run(torch, case, sample, grad=False)
        plain = framework.tensors(torch, (sample.args, sample.kwargs), [], False, {})
        args, kwargs = to_arrays(plain)
        with np.errstate(all="ignore"):
            want = case.reference(*args, **kwargs)
        for t, w in zip(outs, want if isinstance(want, tuple) else (want,), strict=True):
            tol = 1e-5 if dtype == "float32" else 1e-12
            np.testing.assert_allclose(framework.array_of(t), w, tol, tol, err_msg=key)


def to_arrays(value):
    if isinstance(value, torch.Tensor):
        return framework.array_of(value)
    if isinstance(value, (list, tuple)):
        return type(value)(to_arrays(v) for v in value)
    if isinstance(value, dict):
        return {k: to_arrays(v) for k, v in value.items()}
    return value


def smooth_calls(case):
    """Float64 calls on which central differences make sense."""
    if "float64" in case.dtypes and case.grad and case.differences:
        for i, sample in enumerate(case.calls("float64")):
            arrays = [a for a in np_arrays((sample.args, sample.kwargs)) if a.dtype.kind == "f"]
            if arrays and all(np.isfinite(a).all() and (np.abs(a) < 1e6).all() for a in arrays):
                yield f"{case.name}|float64|{i}", sample


def np_arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from np_arrays(v)
    elif isinstance(value, dict):
        yield from np_arrays(list(value.values()))


def directional(case, sample, key, second):
    """The slope along a random direction: (analytic, numeric)."""
    outs, leaves = framework.run(torch, case, sample)
    loss = framework.weighted(torch, key, outs)
    if loss is None or not leaves:
        return None
    random = np.random.RandomState(zlib.crc32(key.encode()) & 0x7FFFFFFF)
    # directions that do not reach across a kink at a sample's own distance
    ways = [random.uniform(-1, 1, tuple(x.shape)) for x in leaves]
    if second:
        seconds = [random.uniform(-1, 1, tuple(x.shape)) for x in leaves]

        def value():
            outs, _ = call_again(case, sample, leaves)
            loss = framework.weighted(torch, key, outs)
            grads = torch.autograd.grad(loss, leaves, create_graph=True, allow_unused=True)
            terms = [
                (g * framework.to_tensor(torch, np.asarray(s), False)).sum()
                for g, s in zip(grads, seconds, strict=True)
                if g is not None
            ]
            return sum(terms[1:], terms[0]) if terms else None

        loss = value()
        if loss is None or not loss.requires_grad:
            return None
    else:

        def value():
            outs, _ = call_again(case, sample, leaves)
            return framework.weighted(torch, key, outs)

    grads = torch.autograd.grad(loss, leaves, allow_unused=True)
    analytic = sum(
        float((framework.array_of(g) * w).sum())
        for g, w in zip(grads, ways, strict=True)
        if g is not None
    )
    numeric, step = 0.0, 1e-6 if not second else 1e-5
    starts = [framework.array_of(x).copy() for x in leaves]
    for sign in (1, -1):
        for x, start, way in zip(leaves, starts, ways, strict=True):
            x.data._array[...] = start + sign * step * way
        numeric += sign * float(framework.array_of(value())) / (2 * step)
    for x, start in zip(leaves, starts, strict=True):
        x.data._array[...] = start
    return analytic, numeric


def call_again(case, sample, leaves):
    """Run the call on the very leaves it was run on first."""
    found = iter(leaves)
    seen = {}

    def again(value):
        if isinstance(value, table.const):
            return framework.tensors(torch, value, [], False, {})
        if isinstance(value, np.ndarray):
            if id(value) not in seen:
                ours = value.dtype.kind == "f"
                seen[id(value)] = next(found) if ours else torch.from_numpy(value)
            return seen[id(value)]
        if isinstance(value, (list, tuple)):
            return type(value)(again(v) for v in value)
        if isinstance(value, dict):
            return {k: again(v) for k, v in value.items()}
        return framework.tensors(torch, value, [], False, {})

    args, kwargs = again(sample.args), again(sample.kwargs)
    out = case.function(torch)(*args, **kwargs)
    return framework.flat(out, torch.Tensor), leaves


@rows
def test_gradients_agree_with_central_differences(name):
    for key, sample in smooth_calls(TABLE[name]):
        pair = directional(TABLE[name], own_copy(sample), key, second=False)
        if pair:
            scale = max(1, abs(pair[1]))
            assert abs(pair[0] - pair[1]) <= 1e-5 * scale, f"{key}: {pair}"


@rows
def test_second_derivatives_agree_with_central_differences(name):
    case = TABLE[name]
    if not case.second:
        return
    for key, sample in smooth_calls(case):
        pair = directional(case, own_copy(sample), key, second=True)
        if pair:
            scale = max(1, abs(pair[1]))
            assert abs(pair[0] - pair[1]) <= 2e-4 * scale, f"{key}: {pair}"


def own_copy(sample):
    """The sample with arrays that may be written (broadcast or shared memory copied)."""
    seen = {}

    def fresh(value):
        if isinstance(value, np.ndarray):
            if id(value) not in seen:
                seen[id(value)] = value.copy()
            return seen[id(value)]
        if isinstance(value, (list, tuple)):
            return type(value)(fresh(v) for v in value)
        if isinstance(value, dict):
            return {k: fresh(v) for k, v in value.items()}
        return value

    return table.Call(fresh(sample.args), fresh(sample.kwargs))


@rows
def test_every_subset_of_inputs_gives_the_same_gradients(name):
    case = TABLE[name]
    if not case.grad or "float64" not in case.dtypes:
        return
    for i, sample in enumerate(case.calls("float64")[:6]):
        key = f"{case.name}|float64|{i}"
        outs, leaves = framework.run(torch, case, sample)
        full = framework.gradients(torch, key, outs, leaves)
        if not full or len(leaves) > 4:
            continue
        arrays = list({id(a): a for a in np_arrays((sample.args, sample.kwargs))
                       if a.dtype.kind == "f"}.values())  # fmt: skip
        for chosen in itertools.chain(*(itertools.combinations(range(len(arrays)), n)
                                        for n in range(1, len(arrays)))):  # fmt: skip
            frozen = {id(arrays[k]) for k in range(len(arrays)) if k not in chosen}
            part = freeze(sample, frozen)
            outs, leaves = framework.run(torch, case, part)
            got = framework.gradients(torch, key, outs, leaves)
            if not got:
                continue
            for k, g in zip(chosen, got, strict=True):
                np.testing.assert_array_equal(g, full[k], err_msg=f"{key}, inputs {chosen}")


def freeze(sample, ids):
    def frozen(value):
        if isinstance(value, np.ndarray):
            return table.const(value) if id(value) in ids else value
        if isinstance(value, (list, tuple)):
            return type(value)(frozen(v) for v in value)
        if isinstance(value, dict):
            return {k: frozen(v) for k, v in value.items()}
        return value

    return table.Call(frozen(sample.args), frozen(sample.kwargs))


@rows
def test_errors_are_raised_and_name_what_is_wrong(name):
    case = TABLE[name]
    for error in case.errors:
        args = framework.tensors(torch, error.args, [], False, {})
        kwargs = framework.tensors(torch, error.kwargs, [], False, {})
        with pytest.raises(error.kind, match=error.match):
            case.function(torch)(*args, **kwargs)
