"""Pruning: what is masked, how masks add up, and how they go."""

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.nn.utils import prune


def layer(seed=0):
    torch.manual_seed(seed)
    return nn.Linear(6, 4)


def test_smallest_elements_go():
    one = layer()
    original = one.weight.detach().clone()
    prune.l1_unstructured(one, "weight", amount=0.25)
    assert list(one.state_dict()) == ["bias", "weight_orig", "weight_mask"]
    bound = original.abs().flatten().sort().values[5]
    assert torch.equal(one.weight_mask, (original.abs() > bound).float())
    assert torch.equal(one.weight, original * one.weight_mask)
    one(torch.ones(1, 6)).sum().backward()
    assert torch.equal(one.weight_orig.grad, one.weight_mask)


def test_random_masks_are_torchs():
    torch.manual_seed(3)
    one = nn.Linear(3, 2)
    prune.random_unstructured(one, "weight", 2)
    prune.random_structured(one, "weight", 1, dim=1)
    assert one.weight_mask.tolist() == [[0.0, 0.0, 1.0], [0.0, 1.0, 1.0]]  # recorded


@pytest.mark.parametrize("call", [
    lambda m: prune.random_unstructured(m, "weight", 7),
    lambda m: prune.ln_structured(m, "weight", 0.5, n=2, dim=0),
    lambda m: prune.random_structured(m, "weight", 2, dim=-1),
    lambda m: prune.custom_from_mask(m, "weight", torch.arange(24).reshape(4, 6) % 2),
    lambda m: prune.identity(m, "weight"),
])  # fmt: skip
def test_a_second_pruning_keeps_the_first(call):
    one = layer()
    call(one)
    first = one.weight_mask.clone()
    prune.l1_unstructured(one, "weight", 3)
    assert (one.weight_mask <= first).all() and one.weight_mask.sum() == first.sum() - 3
    (hook,) = one._forward_pre_hooks.values()
    assert isinstance(hook, prune.PruningContainer) and len(hook) == 2


def test_removal_is_permanent():
    one = prune.ln_structured(layer(), "weight", 2, n=float("inf"), dim=0)
    value = one.weight.detach().clone()
    assert prune.is_pruned(nn.Sequential(one))
    prune.remove(one, "weight")
    assert torch.equal(one.weight, value) and isinstance(one.weight, nn.Parameter)
    assert sorted(one.state_dict()) == ["bias", "weight"] and not prune.is_pruned(one)
    with pytest.raises(ValueError, match="has to be pruned"):
        prune.remove(one, "weight")


def test_global_pruning_compares_all():
    one, two = layer(0), layer(1)
    with torch.no_grad():
        two.weight.fill_(100)
    prune.global_unstructured([(one, "weight"), (two, "weight")], prune.L1Unstructured, amount=24)
    assert not one.weight_mask.any() and two.weight_mask.all()


def test_scores_decide_instead_of_values():
    one = layer()
    scores = torch.arange(24.0).reshape(4, 6)
    prune.l1_unstructured(one, "weight", 6, importance_scores=scores)
    np.testing.assert_array_equal(one.weight_mask[0], np.zeros(6))
    assert prune.L1Unstructured(6).prune(torch.ones(4, 6), importance_scores=scores).sum() == 18


@pytest.mark.parametrize(("call", "error", "match"), [
    (lambda m: prune.l1_unstructured(m, "weight", 1.5), ValueError, "range"),
    (lambda m: prune.l1_unstructured(m, "weight", 25), ValueError, "smaller than the number"),
    (lambda m: prune.l1_unstructured(m, "weight", "half"), TypeError, "Invalid type"),
    (lambda m: prune.ln_structured(m, "bias", 1, 2, 0), ValueError, "multidimensional"),
    (lambda m: prune.ln_structured(m, "weight", 1, 2, 2), IndexError, "Invalid index"),
    (lambda m: prune.global_unstructured([(m, "weight")], prune.LnStructured, amount=1, n=2),
     TypeError, "unstructured"),
])  # fmt: skip
def test_refusals_leave_the_layer_whole(call, error, match):
    one = layer()
    with pytest.raises(error, match=match):
        call(one)
    assert sorted(one.state_dict()) == ["bias", "weight"]
