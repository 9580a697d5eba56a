"""Tensors print as torch prints them: strings recorded from torch, and settings."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

import chainrule as torch
import printed

RECORDED = json.loads((pathlib.Path(__file__).parent / "recorded" / "printing.json").read_text())


def test_every_recorded_tensor_prints_as_in_torch():
    shown = dict(printed.texts(torch))
    assert shown.keys() == RECORDED.keys(), "run tools/record_printing.py"
    for name, text in shown.items():
        assert text == RECORDED[name], name
    assert len(shown) > 200


def test_graph_and_leaf_are_shown():
    x = torch.ones(2, requires_grad=True)
    assert repr(x) == "tensor([1., 1.], requires_grad=True)"
    assert repr(x * 2) == "tensor([2., 2.], grad_fn=<MulBackward0>)"
    assert str((x * 2).detach()) == "tensor([2., 2.])"


def test_parameter_says_what_it_is():
    assert repr(torch.nn.Parameter(torch.ones(2))) == (
        "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    )


def test_a_suffix_that_does_not_fit_goes_to_the_next_line():
    x = torch.ones(30, requires_grad=True) * 1
    assert repr(x).endswith("1.],\n       grad_fn=<MulBackward0>)")


def test_dtype_is_shown_unless_it_is_a_default():
    assert "dtype" not in repr(torch.tensor([1.0])) + repr(torch.tensor([1]))
    torch.set_default_dtype(torch.float64)
    try:
        assert repr(torch.tensor([1.5])) == "tensor([1.5000])"
        assert "dtype=torch.float32" in repr(torch.tensor([1.5], dtype=torch.float32))
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_number_formats_as_python_formats_it():
    assert f"{torch.tensor(2.5):.3f}" == "2.500"
    assert f"{torch.tensor(7):>4d}" == "   7"
    assert f"{torch.ones(2)}" == "tensor([1., 1.])"
    with pytest.raises(TypeError):
        f"{torch.ones(2):.2f}"


def test_a_subclass_prints_its_name():
    class Mine(torch.Tensor):
        pass

    assert repr(Mine([1.0])) == "Mine([1.])"


def test_wrong_profile_is_an_error():
    with pytest.raises(ValueError, match="profile"):
        torch.set_printoptions(profile="huge")


def test_summary_leaves_out_the_middle_only():
    text = repr(torch.from_numpy(np.arange(2000).reshape(2, 1000)))
    assert text == (
        "tensor([[   0,    1,    2,  ...,  997,  998,  999],\n"
        "        [1000, 1001, 1002,  ..., 1997, 1998, 1999]])"
    )
