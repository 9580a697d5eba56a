"""Functions that torch keeps at its top beside the usual ones, storages, forward-mode duals."""

import numpy as np
import pytest

import chainrule as torch
import chainrule.autograd.forward_ad as forward_ad
from chainrule.nn import functional as F


def same(a, b):
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-6, atol=1e-6)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(3)


WORDS = ("none", "mean", "sum")


@pytest.mark.parametrize("number", range(3))
def test_losses_with_a_number_for_the_reduction(number):
    word = WORDS[number]
    x, y, z = (torch.randn(4, 3) for _ in range(3))
    sign = torch.tensor([1, -1, 1, -1])
    same(torch.binary_cross_entropy_with_logits(x, y.sigmoid(), None, None, number),
         F.binary_cross_entropy_with_logits(x, y.sigmoid(), reduction=word))  # fmt: skip
    same(torch.cosine_embedding_loss(x, y, sign, 0.1, number),
         F.cosine_embedding_loss(x, y, sign, 0.1, reduction=word))  # fmt: skip
    same(torch.hinge_embedding_loss(x[:, 0], sign, 0.5, number),
         F.hinge_embedding_loss(x[:, 0], sign, 0.5, reduction=word))  # fmt: skip
    each = F.kl_div(x, y, reduction="none", log_target=True)
    same(torch.kl_div(x, y, number, log_target=True), (each, each.mean(), each.sum())[number])
    same(torch.margin_ranking_loss(x[:, 0], y[:, 0], sign, 0.2, number),
         F.margin_ranking_loss(x[:, 0], y[:, 0], sign, 0.2, reduction=word))  # fmt: skip
    same(torch.poisson_nll_loss(x, y.exp(), True, True, 1e-8, number),
         F.poisson_nll_loss(x, y.exp(), full=True, reduction=word))  # fmt: skip
    same(torch.triplet_margin_loss(x, y, z, swap=True, reduction=number),
         F.triplet_margin_loss(x, y, z, swap=True, reduction=word))  # fmt: skip
    p = torch.randn(5, 2, 4).log_softmax(-1)
    targets, lengths = torch.tensor([[1, 2], [3, 1]]), (torch.tensor([5, 5]), torch.tensor([2, 1]))
    same(torch.ctc_loss(p, targets, *lengths, 0, number),
         F.ctc_loss(p, targets, *lengths, reduction=word))  # fmt: skip


def test_a_reduction_that_is_no_number_of_torch():
    with pytest.raises(ValueError, match="reduction 3 is none of 0, 1, 2"):
        torch.kl_div(torch.ones(2), torch.ones(2), 3)


def test_layers():
    x = torch.randn(2, 4, 6, requires_grad=True)
    values, where = torch.adaptive_max_pool1d(x, 2)
    same(values, F.adaptive_max_pool1d(x, 2))
    assert where.tolist() == F.adaptive_max_pool1d(x, 2, return_indices=True)[1].tolist()
    theta = torch.randn(1, 2, 3)
    same(torch.affine_grid_generator(theta, [1, 1, 2, 3], False),
         F.affine_grid(theta, [1, 1, 2, 3], align_corners=False))  # fmt: skip
    same(torch.native_channel_shuffle(x, 2), F.channel_shuffle(x, 2))
    assert F.native_channel_shuffle is torch.native_channel_shuffle
    w, b = torch.randn(3, 6, 5), torch.randn(5)
    want = F.conv1d(x.permute(1, 2, 0), w.permute(2, 1, 0), b, 1, 1).permute(2, 0, 1)
    same(torch.conv_tbc(x, w, b, 1), want)
    assert F.conv_tbc is torch.conv_tbc
    image, kernel = torch.randn(1, 2, 5, 5), torch.randn(2, 3, 2, 2)
    same(torch.convolution(image, kernel, None, [2, 1], [1, 0], [1, 1], True, [1, 0], 1),
         F.conv_transpose2d(image, kernel, None, (2, 1), (1, 0), (1, 0)))  # fmt: skip
    with pytest.raises(ValueError, match="3 dims"):
        torch.conv_tbc(x[0], w, b)


def test_dropouts():
    x = torch.ones(3, 40, 5)
    kept, mask = torch.native_dropout(x, 0.5, True)
    same(kept, mask * 2.0)
    rows = torch.feature_dropout(x, 0.5, True)
    assert set(rows.sum(-1).flatten().tolist()) == {0.0, 10.0}
    for name in ("feature_dropout_", "alpha_dropout_", "feature_alpha_dropout_"):
        y = x.clone()
        assert getattr(torch, name)(y, 0.5, True) is y and not torch.equal(x, y)
        assert torch.equal(getattr(torch, name)(x.clone(), 0.5, False), x)
    with pytest.raises(ValueError, match="at least 2 dimensions"):
        torch.feature_dropout(torch.ones(3), 0.5, True)


@pytest.mark.parametrize(("mode", "word"), [(0, "sum"), (1, "mean"), (2, "max")])
def test_embedding_bag(mode, word):
    w, ids = torch.randn(5, 3, requires_grad=True), torch.tensor([1, 2, 2, 4])
    out, bag_of, sizes, best = torch.embedding_bag(w, ids, torch.tensor([0, 1, 3]), False, mode)
    same(out, F.embedding_bag(ids, w, torch.tensor([0, 1, 3]), mode=word))
    assert bag_of.tolist() == ([] if mode == 0 else [0, 1, 1, 2])
    assert sizes.tolist() == ([0, 0, 0] if mode == 0 else [1, 2, 1])
    assert best.tolist() == [[0] * 3, [1, 2, 1], [[1] * 3, [2] * 3, [4] * 3]][mode][
        slice(None) if mode else slice(3)]  # fmt: skip


def test_embedding_renorm():
    w = torch.tensor([[3.0, 4.0], [6.0, 8.0], [0.3, 0.4]])
    assert torch.embedding_renorm_(w, torch.tensor([1, 2, 1]), 5.0, 2.0) is w
    same(w, torch.tensor([[3.0, 4.0], [3.0, 4.0], [0.3, 0.4]]))


def test_norms():
    x = torch.randn(2, 3, 4)
    same(torch.norm_except_dim(x, 2, 1)[0, :, 0], x.transpose(0, 1).reshape(3, -1).norm(2, 1))
    same(torch.norm_except_dim(x, 1, -1), x.abs().sum())
    assert torch.norm_except_dim(x, 2, -2).shape == (1, 3, 1)
    same(torch.frobenius_norm(x, (0, 2), True), x.pow(2).sum((0, 2), True).sqrt())
    same(torch.nuclear_norm(x), torch.linalg.svdvals(x).sum(-1))
    with pytest.raises(ValueError, match="at most 2 dimensions"):
        torch.frobenius_norm(x, (0, 1, 2))


INF = float("inf")
NAN = float("nan")


@pytest.mark.parametrize(("reduce", "initial", "want"), [
    ("sum", None, [1, 0, 9]), ("mean", None, [1, NAN, 3]), ("max", None, [1, -INF, 4]),
    ("min", None, [1, INF, 2]), ("prod", None, [1, 1, 24]), ("sum", 2, [3, 2, 11]),
    ("max", 3, [3, 3, 4]), ("prod", 2, [2, 2, 48]), ("mean", 3, [4, 3, 4]),
])  # fmt: skip
def test_segment_reduce(reduce, initial, want):
    x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    for kwargs in ({"lengths": torch.tensor([1, 0, 3])}, {"offsets": torch.tensor([0, 1, 1, 4])}):
        out = torch.segment_reduce(x, reduce, initial=initial, **kwargs)
        np.testing.assert_array_equal(out.detach().numpy(), np.array(want, np.float32))
    out[[0, 2]].sum().backward()
    assert torch.isfinite(x.grad).all() and x.grad.abs().sum() > 0


def test_segment_reduce_in_batches_and_its_errors():
    x, lengths = torch.arange(8.0).view(2, 4), torch.tensor([[1, 3], [2, 2]])
    assert torch.segment_reduce(x, "sum", lengths=lengths, axis=1).tolist() == [[0, 6], [9, 13]]
    with pytest.raises(ValueError, match="sum to"):
        torch.segment_reduce(x, "sum", lengths=torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="Either lengths or offsets"):
        torch.segment_reduce(x, "sum")
    with pytest.raises(ValueError, match="must be either sum"):
        torch.segment_reduce(x, "median", lengths=lengths)


def test_numbers_that_torch_traces():
    assert (torch.sym_int(2.7), torch.sym_int(-2.7), torch.sym_float(2)) == (2, -2, 2.0)
    assert torch.sym_not(0) is True and torch.sym_ite(False, 1, 2) == 2
    assert repr((torch.sym_max(2, 3.0), torch.sym_min(2, 3), torch.sym_max(2.0, 1))) == \
        "(3.0, 2, 2.0)"  # fmt: skip
    assert torch.sym_sum([1, 2]) == 3 and torch.sym_sqrt(9) == 3
    assert not isinstance(3, (torch.SymInt, torch.SymFloat, torch.SymBool))
    with pytest.raises(ValueError, match="not known yet"):
        torch.SymInt()
    x = torch.tensor(2.0, requires_grad=True)
    torch.cond(x > 0, lambda v: v * 3, lambda v: v, (x,)).backward()
    assert x.grad == 3
    with pytest.raises(ValueError, match="bool or"):
        torch.cond(3, torch.sin, torch.cos, (x,))


def test_copies_and_small_functions():
    z = torch.view_as_complex_copy(torch.tensor([[1.0, 2.0]]))
    assert z.tolist() == [1 + 2j] and torch.view_as_real_copy(z).tolist() == [[1, 2]]
    s = torch.eye(2).to_sparse()
    assert torch.equal(torch.indices_copy(s), s.indices())
    assert torch.equal(torch.values_copy(s), s.values())
    r, c = torch.eye(2).to_sparse_csr(), torch.eye(2).to_sparse_csc()
    assert torch.crow_indices_copy(r).tolist() == torch.ccol_indices_copy(c).tolist() == [0, 1, 2]
    assert torch.col_indices_copy(r).tolist() == torch.row_indices_copy(c).tolist() == [0, 1]
    assert torch.dequantize([torch.tensor([1])])[0].dtype is torch.float32
    assert torch.as_strided_(torch.arange(6), (2,), (3,)).tolist() == [0, 3]
    x = torch.arange(3.0)
    assert torch.from_dlpack(x).data_ptr() == x.data_ptr() and torch.to_dlpack(x)
    assert torch.legacy_contiguous_format is torch.contiguous_format
    assert torch.zeros(2).map2_(x[1:], x[:2], lambda a, b, c: a + b - c).tolist() == [1, 1]
    assert torch.zeros(2, 3, 4, 5).to(memory_format=torch.channels_last).dim_order() == (0, 2, 3, 1)
    with pytest.raises(RuntimeError, match="unique dim order"):
        torch.zeros(1, 1).dim_order(ambiguity_check=True)


def test_switches():
    torch.set_anomaly_enabled(True)
    assert torch.is_anomaly_enabled() and torch.is_anomaly_check_nan_enabled()
    torch.set_anomaly_enabled(False)
    assert not torch.is_anomaly_enabled()
    with torch.DisableTorchFunction(), torch.DisableTorchFunctionSubclass():
        assert torch.ones(1).item() == 1
    assert torch.Stream().query() and torch.Event(enable_timing=True).query()


# ---- storages ------------------------------------------------------------------------------------


def test_storages_share_memory():
    x = torch.zeros(2, 3)
    s = x.t()[1:].storage()
    s[4] = 7.0
    assert x[1, 1] == 7 and len(s) == 6 and x.storage().data_ptr() == x.data_ptr()
    assert x.untyped_storage() == x[1].untyped_storage() != torch.zeros(6).untyped_storage()
    assert x._version == 1, "the write was not counted"
    assert isinstance(s, torch.FloatStorage) and not isinstance(s, torch.LongStorage)
    assert torch.zeros(0).set_(s).shape == (6,)
    flipped = torch.flip(torch.arange(3.0), [0])
    assert flipped.storage().tolist() == [2, 1, 0]


def test_storages_made_by_hand():
    for name in ("FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage", "LongStorage",
                 "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage",
                 "ComplexFloatStorage", "ComplexDoubleStorage"):  # fmt: skip
        kind = getattr(torch, name)
        s = kind([1, 0, 1])
        assert s.dtype is kind.kind and s.tolist() == [1, 0, 1] and len(kind(2)) == 2
        assert s.pickle_storage_type() == name and isinstance(s, kind)
        assert torch.tensor(s).dtype is s.dtype
    s = torch.LongStorage([1, 2])
    assert s.resize_(3).tolist() == [1, 2, 0] and s.untyped().nbytes() == 24
    assert s.fill_(4).clone().tolist() == [4, 4, 4] and s.copy_(torch.LongStorage(3))[0] == 0
    assert torch.Storage is torch.FloatStorage
    assert repr(torch.UntypedStorage(1)) == \
        " 0\n[torch.storage.UntypedStorage(device=cpu) of size 1]"  # fmt: skip
    typed = torch.TypedStorage(wrap_storage=torch.ones(2).untyped_storage(), dtype=torch.float32)
    assert typed.tolist() == [1, 1] and torch.is_storage(typed)


def test_tensors_over_files(tmp_path):
    path = str(tmp_path / "numbers")
    torch.from_file(path, True, 4, dtype=torch.int64).copy_(torch.arange(4))
    own = torch.from_file(path, size=4, dtype=torch.int64)
    own += 1
    assert torch.from_file(path, size=3, dtype=torch.int64).tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="unable to mmap"):
        torch.from_file(path, size=5, dtype=torch.int64)


# ---- argument names ------------------------------------------------------------------------------


def test_torchs_other_names_of_arguments():
    a = torch.eye(2) * 2
    assert torch.orgqr(a, input2=torch.zeros(2)).shape == (2, 2)
    assert torch.det(input=a) == 4 and torch.inverse(input=a)[0, 0] == 0.5
    assert torch.matrix_power(input=a, n=2)[0, 0] == 4
    assert torch.cholesky_solve(input=a, input2=a).shape == (2, 2)
    assert [len(torch.hsplit(a, sections=2)), len(a.vsplit(indices=[1]))] == [2, 2]
    x = torch.ones(1, 2)
    assert x.expand(size=(3, 2)).shape == (3, 2) and x.repeat(repeats=(2, 2)).shape == (2, 4)
    assert x.tile(dims=(2,)).shape == (1, 4) and x.sum_to_size(size=(1, 1)).item() == 2
    assert x.clone().resize_(size=(2,)).shape == (2,) and x.new(size=(3,)).shape == (3,)
    assert torch.zeros(2).copy_(other=x[0]).tolist() == [1, 1]
    assert torch.result_type(scalar=1.0, tensor=torch.tensor([1])) is torch.float32
    assert torch.isin(elements=a, test_element=2).sum() == 2
    assert torch.wait(fut=torch.fork(lambda: 3)) == 3


# ---- forward mode --------------------------------------------------------------------------------


def test_duals_carry_tangents():
    x, t = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 10.0])
    with forward_ad.dual_level():
        d = forward_ad.make_dual(x, t)
        y = (d * d).sin()
        primal, tangent = forward_ad.unpack_dual(y)
        same(tangent, (x * x).cos() * 2 * x * t)
        same(primal, (x * x).sin())
        assert not tangent.requires_grad and forward_ad.unpack_dual(x).tangent is None
        assert forward_ad.unpack_dual(d).tangent is t
        two = forward_ad.make_dual(x, torch.ones(2))
        same(forward_ad.unpack_dual(d * two).tangent, t * x + x)
        with pytest.raises(RuntimeError, match="Nested forward mode"):
            forward_ad.enter_dual_level()
        with pytest.raises(RuntimeError, match="different size"):
            forward_ad.make_dual(x, torch.ones(3))
    with pytest.raises(RuntimeError, match="no level exists"):
        forward_ad.make_dual(x, t)


def test_tangents_have_gradients():
    w = torch.tensor(3.0, requires_grad=True)
    with forward_ad.dual_level():
        y = forward_ad.make_dual(w, torch.tensor(1.0)) ** 3
        forward_ad.unpack_dual(y).tangent.backward()
    assert w.grad == 18


def test_linearize_and_rearrange():
    x = torch.tensor([1.0, 2.0])
    (value, total), derivative = torch.func.linearize(lambda v: (v.exp(), v.sum()), x)
    same(value, x.exp())
    moved, step = derivative(torch.tensor([1.0, 0.0]))
    same(moved, torch.tensor([np.e, 0.0]))
    assert step == 1 and total == 3
    image = torch.arange(24).view(1, 2, 3, 4)
    assert torch.equal(torch.func.rearrange(image, "b c h w -> b (h w) c"),
                       image.flatten(2).transpose(1, 2))  # fmt: skip
    assert torch.func.rearrange(image, "1 ... (w v) -> ... w v 1", v=2).shape == (2, 3, 2, 2, 1)
    with pytest.raises(ValueError, match="same dimensions"):
        torch.func.rearrange(image, "a b c d -> a b c")
    net = torch.nn.Sequential(torch.nn.BatchNorm1d(2))
    assert torch.func.replace_all_batch_norm_modules_(net)[0].running_var is None


# ---- 8-bit floats --------------------------------------------------------------------------------

# What torch 2.13 rounds these numbers to.
NUMBERS = [1.0, 300.0, -3.3, 1e-3, 1e9, 0.0, -INF]
EIGHT_BITS = {
    "float8_e4m3fn": [1, 288, -3.25, 0.001953125, 448, 0, -448],
    "float8_e5m2": [1, 320, -3.5, 0.0009765625, INF, 0, -INF],
    "float8_e4m3fnuz": [1, NAN, -3.25, 0.0009765625, NAN, 0, NAN],
    "float8_e5m2fnuz": [1, 320, -3.5, 0.0009765625, NAN, 0, NAN],
    "float8_e8m0fnu": [1, 256, 4, 0.0009765625, 2.0**30, 2.0**-127, NAN],
}


@pytest.mark.parametrize("name", EIGHT_BITS)
def test_eight_bit_floats(name):
    kind = getattr(torch, name)
    x = torch.tensor(NUMBERS).to(kind)
    assert x.dtype is kind and x.element_size() == 1 and kind.is_floating_point
    np.testing.assert_array_equal(x.float().numpy(), np.array(EIGHT_BITS[name], np.float32))
    assert f"dtype=torch.{name}" in repr(x) and torch.finfo(kind).bits == 8
    assert x.type() == f"torch.Float8_{name[7:]}Tensor" and x.view(torch.int8).shape == (7,)
    with pytest.raises(RuntimeError, match="Promotion for Float8"):
        x + torch.ones(7)


# ---- lists of tensors ----------------------------------------------------------------------------


def test_operations_on_lists():
    params, grads = [torch.ones(2), torch.zeros(3)], [torch.full((2,), 2.0), torch.ones(3)]
    assert torch._foreach_add_(params, grads, alpha=-0.5) is params
    assert [p.tolist() for p in params] == [[0, 0], [-0.5] * 3]
    found = torch._foreach_mul(grads, [3.0, 4.0])
    assert type(found) is tuple and [f[0].item() for f in found] == [6, 4]
    torch._foreach_addcmul_(params, grads, grads, value=0.5)
    torch._foreach_addcdiv_(params, grads, grads, torch.tensor([1.0, 2.0]))
    assert [p[0].item() for p in params] == [3, 2]
    torch._foreach_lerp_(params, grads, 0.5)
    assert [p[0].item() for p in params] == [2.5, 1.5]
    torch._foreach_maximum_(params, 2.0)
    assert [n.item() for n in torch._foreach_norm(params, float("inf"))] == [2.5, 2]
    torch._foreach_zero_(params)
    torch._foreach_copy_(params, grads)
    assert [s[0].item() for s in torch._foreach_sqrt(params)][1] == 1
    with pytest.raises(ValueError, match="same number of tensors"):
        torch._foreach_add(params, grads[:1])
    assert not hasattr(torch, "_foreach_nothing") and not hasattr(torch, "_foreach_norm_")


def test_flat_tensors():
    parts = [torch.zeros(1, 2), torch.ones(3)]
    flat = torch._utils._flatten_dense_tensors(parts)
    again = torch._utils._unflatten_dense_tensors(flat, parts)
    assert flat.shape == (5,) and [t.tolist() for t in again] == [t.tolist() for t in parts]
