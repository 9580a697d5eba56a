"""Every row of the module table against what torch 2.13 gives, and what all layers share."""

import copy
import inspect
import pathlib
import pickle

import numpy as np
import pytest

import chainrule as torch
import module_table
from chainrule import nn
from module_table import ROWS

RECORDED = pathlib.Path(__file__).parent / "recorded" / "modules.npz"
rows = pytest.mark.parametrize("row", ROWS, ids=lambda r: r.key)


@pytest.fixture(scope="module")
def recorded():
    with np.load(RECORDED) as file:
        found = {}
        for key in file.files:
            row, _, what = key.partition("|")
            found.setdefault(row, {})[what] = file[key]
    return found


@rows
@pytest.mark.filterwarnings("ignore")
def test_is_what_torch_gives(row, recorded):
    ours, theirs = module_table.run(torch, row), recorded[row.key]
    assert sorted(ours) == sorted(theirs)
    for what, expected in theirs.items():
        got = ours[what]
        assert got.shape == expected.shape and got.dtype == expected.dtype, what
        if expected.dtype.kind in "US" or expected.dtype.kind in "iub":
            assert np.array_equal(got, expected), f"{what}: {got} is not {expected}"
        else:
            np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5, err_msg=what)


def test_every_module_that_is_exported_has_a_row():
    found = {n: getattr(nn, n) for n in nn.__all__}
    layers = {n for n, v in found.items() if inspect.isclass(v) and issubclass(v, nn.Module)}
    containers = {"Module", "Sequential", "ModuleList", "ModuleDict", "ParameterList",
                  "ParameterDict", "Maxout", "RNNBase", "RNNCellBase", "Container",
                  "DataParallel", "TransformerEncoder", "TransformerDecoder"}  # fmt: skip
    assert {r.name for r in ROWS} == layers - containers


@rows
@pytest.mark.filterwarnings("ignore")
def test_copies_pickles_and_loads(row):
    module = module_table.build(torch, row)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(other) == repr(module)
        assert list(other.state_dict()) == list(module.state_dict())
        for a, b in zip(module.parameters(), other.parameters(), strict=True):
            assert a is not b and torch.equal(a, b)
        assert str(other.load_state_dict(module.state_dict())) == "<All keys matched successfully>"


@rows
@pytest.mark.filterwarnings("ignore")
def test_takes_float64(row):
    module = module_table.build(torch, row).double()
    inputs = [torch.from_numpy(v.astype(np.float64)) if v.dtype.kind == "f" else
              torch.from_numpy(v) for v in row.inputs]  # fmt: skip
    out = module(*inputs)
    out = out[0] if isinstance(out, tuple) else out
    assert out.dtype in (torch.float64, torch.int64)
    assert all(p.dtype == torch.float64 for p in module.parameters())


@pytest.mark.parametrize("make", [
    lambda **k: nn.Linear(2, 3, **k), lambda **k: nn.Bilinear(2, 3, 4, **k),
    lambda **k: nn.Conv2d(2, 4, 3, **k), lambda **k: nn.ConvTranspose1d(2, 4, 3, **k),
    lambda **k: nn.BatchNorm2d(3, **k), lambda **k: nn.InstanceNorm1d(3, affine=True, **k),
    lambda **k: nn.LayerNorm(3, **k), lambda **k: nn.RMSNorm(3, **k),
    lambda **k: nn.GroupNorm(1, 3, **k), lambda **k: nn.Embedding(3, 2, **k),
    lambda **k: nn.PReLU(**k),
])  # fmt: skip
def test_takes_device_and_dtype(make):
    module = make(device="cpu", dtype=torch.float64)
    assert {p.dtype for p in module.parameters()} == {torch.float64}
    assert all(b.dtype in (torch.float64, torch.int64) for b in module.buffers())


# ---- single layers -------------------------------------------------------------------------


def test_maxout_takes_the_largest_piece():
    x = torch.tensor([[1.0, 5.0, 2.0, 2.0]], requires_grad=True)
    out = nn.Maxout(2)(x)
    assert out.tolist() == [[5.0, 2.0]]
    out.sum().backward()
    assert x.grad.tolist() == [[0.0, 1.0, 0.5, 0.5]]
    with pytest.raises(ValueError, match="multiple of pieces=3"):
        nn.Maxout(3)(x)
    assert nn.Maxout(2, dim=0)(torch.ones(4, 3)).shape == (2, 3)


def test_batchnorm_loads_states_of_before_version_2():
    bn = nn.BatchNorm1d(2)
    state = bn.state_dict()
    del state["num_batches_tracked"]
    state._metadata[""]["version"] = 1
    bn.load_state_dict(state)
    state._metadata[""]["version"] = 2
    with pytest.raises(RuntimeError, match="num_batches_tracked"):
        bn.load_state_dict(state)


def test_conv_transpose_output_size():
    up = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1)
    x = torch.zeros(1, 1, 4, 4)
    assert up(x).shape == (1, 1, 7, 7)
    assert up(x, output_size=(8, 7)).shape == (1, 1, 8, 7)
    assert up(x, output_size=(1, 1, 8, 7)).shape == (1, 1, 8, 7)
    with pytest.raises(ValueError, match="valid sizes range from"):
        up(x, output_size=(9, 9))


def test_embedding_padding_row_is_zero_and_gets_no_gradient():
    table = nn.Embedding(4, 2, padding_idx=-1)
    assert table.padding_idx == 3 and table.weight[3].tolist() == [0.0, 0.0]
    table(torch.tensor([3, 1])).sum().backward()
    assert table.weight.grad.tolist() == [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
    frozen = nn.Embedding.from_pretrained(torch.ones(2, 3))
    assert not frozen.weight.requires_grad
    bag = nn.EmbeddingBag.from_pretrained(torch.ones(2, 3), mode="sum")
    assert bag(torch.tensor([[0, 1]])).tolist() == [[2.0, 2.0, 2.0]]


@pytest.mark.parametrize(("build", "error", "match"), [
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "in_channels must be divisible by groups"),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), ValueError, "out_channels must be divisible by groups"),
    (lambda: nn.Conv2d(4, 3, 3, groups=0), ValueError, "groups must be a positive integer"),
    (lambda: nn.Conv2d(1, 1, 3, padding="some"), ValueError, "Invalid padding string"),
    (lambda: nn.Conv2d(1, 1, 3, 2, padding="same"), ValueError, "strided convolutions"),
    (lambda: nn.Conv2d(1, 1, 3, padding_mode="x"), ValueError, "padding_mode must be one of"),
    (lambda: nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), ValueError, 'Only "zeros"'),
    (lambda: nn.Dropout(1.5), ValueError, "between 0 and 1, but got 1.5"),
    (lambda: nn.GroupNorm(3, 4), ValueError, "must be divisible by num_groups"),
    (lambda: nn.Hardtanh(1, 0), ValueError, "max_val"),
    (lambda: nn.MultiMarginLoss(p=3), ValueError, "only p == 1 and p == 2"),
    (lambda: nn.MultiMarginLoss(weight=torch.ones(1, 1)), ValueError, "1D tensor"),
    (lambda: nn.TripletMarginLoss(margin=0), ValueError, "greater than 0"),
    (lambda: nn.TripletMarginWithDistanceLoss(margin=-1), ValueError, "greater than 0"),
    (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError, "within num_embeddings"),
    (lambda: nn.Embedding(3, 2, _weight=torch.ones(1, 1)), ValueError, "Shape of weight"),
    (lambda: nn.Embedding.from_pretrained(torch.ones(2)), ValueError, "2-dimensional"),
    (lambda: nn.EmbeddingBag.from_pretrained(torch.ones(2)), ValueError, "2-dimensional"),
    (lambda: nn.Bilinear(0, 1, 1), ValueError, "in1_features must be > 0"),
    (lambda: nn.FractionalMaxPool2d(2), ValueError, "either an output size, or a pooling ratio"),
    (lambda: nn.FractionalMaxPool2d(2, 3, 0.5), ValueError, "only one of"),
    (lambda: nn.FractionalMaxPool3d(2, output_ratio=1.5), ValueError, "between 0 and 1"),
    (lambda: nn.Maxout(0), ValueError, "at least 1"),
    (lambda: nn.Unflatten("c", (1,)), TypeError, "should be an int"),
    (lambda: nn.Unflatten(1, 3), TypeError, "tuple of ints"),
    (lambda: nn.Unflatten(1, (2, 1.5)), TypeError, "float at pos 1"),
    (lambda: nn.BatchNorm1d(3)(torch.ones(3)), ValueError, r"expected 2D or 3D input \(got 1D"),
    (lambda: nn.BatchNorm2d(3)(torch.ones(2, 3)), ValueError, r"expected 4D input \(got 2D"),
    (lambda: nn.BatchNorm1d(3)(torch.ones(1, 3)), ValueError, "more than 1 value per channel"),
    (lambda: nn.InstanceNorm1d(3, affine=True)(torch.ones(2, 4, 5)), ValueError,
     "to match num_features"),
    (lambda: nn.Softmax2d()(torch.ones(2)), ValueError, "3D or 4D"),
])  # fmt: skip
def test_refuses(build, error, match):
    with pytest.raises(error, match=match):
        build()


def test_instance_norm_warns_of_a_wrong_number_of_channels():
    with pytest.warns(UserWarning, match="does not match num_features"):
        nn.InstanceNorm1d(3)(torch.ones(2, 4, 5))


def test_reductions_by_their_old_names():
    assert nn.MSELoss(reduce=False).reduction == "none"
    assert nn.MSELoss(size_average=False).reduction == "sum"
    assert nn.MSELoss(size_average=True, reduction="sum").reduction == "mean"


def test_a_loss_whose_targets_are_all_ignored_is_nan_with_gradient_zero():
    x = torch.randn(3, 4, requires_grad=True)
    loss = nn.CrossEntropyLoss()(x, torch.full((3,), -100))
    loss.backward()
    assert loss.isnan() and (x.grad == 0).all()
