"""Errors as a user meets them: the rule, every operand with shape and dtype, one fix.

Each also is an instance of the class that torch raises.
"""

import re

import pytest

import chainrule as torch
from chainrule import errors, nn
from chainrule.nn import functional as F


def message(kind, action):
    with pytest.raises(kind) as caught:
        action()
    assert isinstance(caught.value, errors.ChainruleError), type(caught.value)
    return str(caught.value)


def test_shapes_name_the_axis_and_every_operand():
    text = message(RuntimeError, lambda: torch.zeros(2, 3) + torch.zeros(4))
    assert "3 and 4" in text and "(2, 3)" in text and "(4,)" in text and "float32" in text
    text = message(RuntimeError, lambda: torch.zeros(2, 3) @ torch.zeros(4, 5))
    assert "3 and 4" in text and "(2, 3)" in text and "(4, 5)" in text


def test_a_layer_is_named_with_its_place_in_the_model():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(5, 3), nn.ReLU())
            self.head = nn.Linear(4, 2)

        def forward(self, x):
            return self.head(self.body(x))

    text = message(RuntimeError, lambda: Net()(torch.zeros(2, 5)))
    assert "Linear 'head'" in text and "in_features" in text
    assert "(2, 3)" in text and "(2, 4)" in text and "head.weight" in text


def test_dtypes():
    message(RuntimeError, lambda: nn.Linear(3, 2)(torch.zeros(2, 3, dtype=torch.float64)))
    message(RuntimeError, lambda: torch.zeros(3, dtype=torch.int64).requires_grad_())
    text = message(RuntimeError, lambda: torch.ones(2, dtype=torch.int64).add_(0.5))
    assert "Float" in text and "Long" in text


def test_devices():
    text = message(RuntimeError, lambda: torch.device("gpu"))
    assert "gpu" in text
    with pytest.raises((RuntimeError, AssertionError), match="CUDA"):
        torch.zeros(2).cuda()


def test_a_column_against_a_row_in_a_loss_is_a_mistake_that_broadcasting_hides():
    with pytest.warns(UserWarning, match=r"\[3, 1\]|\(3, 1\)"):
        F.mse_loss(torch.zeros(3, 1), torch.zeros(3))
    text = message(
        ValueError, lambda: F.binary_cross_entropy(torch.full((3, 1), 0.5), torch.ones(3))
    )
    assert "3, 1" in text


def test_a_label_out_of_range_is_named_with_its_place():
    scores = torch.zeros(4, 10)
    text = message(IndexError, lambda: F.cross_entropy(scores, torch.tensor([1, 2, 10, 3])))
    assert "10" in text and re.search(r"\b2\b", text)
    message(IndexError, lambda: nn.Embedding(5, 2)(torch.tensor([5])))


def test_dimensions_and_indices():
    text = message(IndexError, lambda: torch.zeros(2, 3).sum(dim=2))
    assert "[-2, 1]" in text and "2" in text
    with pytest.raises(IndexError, match=r"out of (range|bounds)"):
        torch.zeros(2, 3)[2]


def test_a_leaf_that_requires_grad_is_not_written_in_place():
    x = torch.ones(3, requires_grad=True)
    for write in (lambda: x.add_(1), lambda: x[0].add_(1), lambda: x.__setitem__(0, 5.0)):
        text = message(RuntimeError, write)
        assert "leaf" in text and "no_grad" in text
    with torch.no_grad():
        x.add_(1)
    assert x.tolist() == [2, 2, 2]


def test_a_view_that_cannot_be_made_says_why_and_what_to_do():
    text = message(RuntimeError, lambda: torch.zeros(3, 4).t().view(12))
    assert ".reshape(" in text and ".contiguous()" in text


def test_state_dict_keys_and_shapes_and_nothing_half_loaded():
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    before = {k: v.clone() for k, v in net.state_dict().items()}
    bad = {k: torch.zeros_like(v) for k, v in before.items()}
    bad["2.weight"] = bad.pop("1.weight")
    bad["1.bias"] = torch.zeros(7)
    text = message(RuntimeError, lambda: net.load_state_dict(bad))
    assert 'Missing key(s) in state_dict: "1.weight"' in text
    assert 'Unexpected key(s) in state_dict: "2.weight"' in text
    assert "size mismatch for 1.bias" in text
    for k, v in net.state_dict().items():
        assert (v == before[k]).all(), f"{k} was loaded though the whole failed"


def test_missing_and_corrupt_files(tmp_path):
    from chainrule.serialization import load_file, save_file

    path = tmp_path / "w.safetensors"
    message(RuntimeError, lambda: load_file(path))
    save_file({"w": torch.ones(100)}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-50])
    message(RuntimeError, lambda: load_file(path))
    path.write_bytes(b"\xff" * 8 + whole[8:])  # a header of 2^64 - 1 bytes
    message(RuntimeError, lambda: load_file(path))


def test_no_derivative_is_an_error_and_never_a_silent_zero():
    from chainrule.ops.base import REGISTRY

    for name, op in REGISTRY.items():
        if not op.differentiable or op.vjp is not None:
            continue
        for i, rule in enumerate(op.rules):
            input_name = op.inputs[i].removeprefix("*")
            if rule is None and input_name not in op.constant:
                assert op.no_derivative != "it is not known to this op", (
                    f"{name}: no rule for {input_name}, and no reason given"
                )
