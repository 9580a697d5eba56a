"""What functions that vmap maps may draw."""

import pytest

import chainrule as torch


def noisy(x):
    return x + torch.rand(2)


def test_random_functions_need_to_be_allowed():
    with pytest.raises(RuntimeError, match="randomness"):
        torch.vmap(noisy)(torch.zeros(3, 2))
    with pytest.raises(ValueError, match="randomness"):
        torch.vmap(noisy, randomness="some")


def test_the_same_numbers_are_drawn_once():
    torch.manual_seed(3)
    out = torch.vmap(noisy, randomness="same")(torch.zeros(3, 2))
    after = torch.rand(1)
    torch.manual_seed(3)
    assert torch.equal(out, torch.rand(2).expand(3, 2))
    assert torch.equal(after, torch.rand(1))


def test_different_numbers_are_the_next_ones():
    torch.manual_seed(3)
    out = torch.vmap(noisy, randomness="different")(torch.zeros(3, 2))
    torch.manual_seed(3)
    assert torch.equal(out, torch.rand(3, 2))
