"""The op table against an installed torch.  `make test` compares with recorded values instead."""

import numpy as np
import pytest
import torch as peer

import chainrule as torch
import framework
import table

TABLE = table.load()
peer.set_num_threads(1)


# At 0, where these have no second derivative, torch takes 0 and we go on with the left formula.
KINKED = {f"nn.functional.{name}" for name in ("elu", "selu", "celu", "prelu")}


def has(case):
    """Whether torch has the function at all; what it lacks has a reference in NumPy."""
    try:
        case.function(peer)
    except AttributeError:
        assert case.reference is not None, f"{case.name}: neither torch nor a reference has it"
        return False
    return True


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(TABLE))
def test_values_and_gradients_are_torchs(name):
    case = TABLE[name]
    if not has(case):
        return
    compared = 0
    for key, dtype, sample in framework.keyed_calls(case):
        try:
            theirs = framework.result(peer, case, sample, key)
        except Exception:
            continue  # more general than torch here; the recorded table lists these
        ours = framework.result(torch, case, sample, key)
        assert sorted(ours) == sorted(theirs), key
        for k in ours:
            framework.assert_same(case, dtype, k, ours[k], theirs[k])
        compared += 1
    assert compared, f"torch refuses every sample of {name}"


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(TABLE))
def test_second_derivatives_are_torchs(name):
    case = TABLE[name]
    if not (case.grad and case.second and "float64" in case.dtypes and has(case)):
        return
    for i, sample in enumerate(case.calls("float64")):
        key = f"{case.name}|float64|{i}"
        try:
            theirs = second(peer, case, sample, key)
        except (RuntimeError, NotImplementedError, TypeError, IndexError, ValueError):
            continue  # torch itself has no second derivative, or refuses the sample
        if theirs is None:
            continue
        if case.name in KINKED and any((a == 0).any() for a in sample.args):
            continue
        ours = second(torch, case, sample, key)
        ours = [np.zeros_like(b) for b in theirs] if ours is None else ours  # a constant gradient
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            there = np.isfinite(b)  # torch has NaN where a formula of its own meets infinity
            scale = max(1.0, float(np.abs(b[there]).max())) if there.any() else 1.0
            np.testing.assert_allclose(
                a[there], b[there], 1e-7, 1e-9 * scale, err_msg=f"{key}|second{k}"
            )


def second(module, case, sample, key):
    outs, leaves = framework.run(module, case, sample)
    loss = framework.weighted(module, key, outs)
    if loss is None or not leaves:
        return None
    first = module.autograd.grad(loss, leaves, create_graph=True, allow_unused=True)
    first = [g for g in first if g is not None and g.requires_grad]
    if not first:
        return None
    loss = framework.weighted(module, key + "|again", first)
    found = module.autograd.grad(loss, leaves, allow_unused=True)
    return [
        np.zeros(tuple(x.shape)) if g is None else framework.array_of(g)
        for g, x in zip(found, leaves, strict=True)
    ]
