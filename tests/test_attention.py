"""Attention and the Transformer: masks, causality, packed evaluation, warnings, second order."""

import math
import warnings

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.nn import functional as F
from chainrule.nn.attention import SDPBackend, sdpa_kernel


def random(*shape, grad=False, seed=0):
    x = np.random.RandomState(seed + sum(shape)).randn(*shape)
    return torch.from_numpy(x).requires_grad_(grad)


def plain(q, k, v, mask=None, scale=None):
    """Attention written out in NumPy; a query that sees nothing gets zeros."""
    q, k, v = (t.detach().numpy() for t in (q, k, v))
    scores = q @ k.swapaxes(-1, -2) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf) if mask.dtype == bool else scores + mask
    high = scores.max(-1, keepdims=True)
    e = np.exp(scores - np.where(np.isinf(high), 0, high))
    total = e.sum(-1, keepdims=True)
    return e / np.where(total == 0, 1, total) @ v


@pytest.mark.parametrize("lead", [(), (3,), (2, 4), (2, 3, 2)])
def test_is_softmax_of_scores_times_values(lead):
    q, k, v = random(*lead, 5, 8), random(*lead, 7, 8), random(*lead, 7, 6)
    np.testing.assert_allclose(F.scaled_dot_product_attention(q, k, v), plain(q, k, v), rtol=1e-12)
    np.testing.assert_allclose(
        F.scaled_dot_product_attention(q, k, v, scale=0.3), plain(q, k, v, scale=0.3), rtol=1e-12
    )
    causal = np.tri(5, 7, dtype=bool)
    np.testing.assert_allclose(
        F.scaled_dot_product_attention(q, k, v, is_causal=True), plain(q, k, v, causal), rtol=1e-12
    )


SHAPES = [(5, 7), (1, 7), (5, 1), (4, 5, 7), (2, 1, 5, 7), (3, 1, 1, 5, 7)]


@pytest.mark.parametrize("shape", SHAPES)
def test_masks_broadcast(shape):
    q, k, v = random(2, 4, 5, 8), random(2, 4, 7, 8), random(2, 4, 7, 8)
    numbers = np.random.RandomState(0).randn(*shape)
    for mask in (numbers, numbers > -1):
        got = F.scaled_dot_product_attention(q, k, v, torch.from_numpy(mask))
        np.testing.assert_allclose(got, plain(q, k, v, mask), rtol=1e-11)


def test_a_query_that_sees_nothing_gets_zeros_and_no_gradient():
    q, k, v = (random(2, 3, 4, grad=True, seed=s) for s in range(3))
    mask = torch.tensor([[True, True, False], [False, False, False], [True, False, True]])
    out = F.scaled_dot_product_attention(q, k, v, mask)
    out.sum().backward()
    assert not out[:, 1].any() and not q.grad[:, 1].any()
    assert all(t.grad.isfinite().all() for t in (q, k, v))


def test_gradients_once_and_twice():
    q, k, v, mask = (random(*s, grad=True) for s in ((2, 3, 4), (2, 5, 4), (2, 5, 3), (3, 5)))
    attend = F.scaled_dot_product_attention
    assert torch.autograd.gradcheck(attend, (q, k, v, mask))
    assert torch.autograd.gradgradcheck(attend, (q, k, v, mask))
    causal = lambda q, k, v: attend(q, k, v, is_causal=True)
    assert torch.autograd.gradgradcheck(causal, (q, k, v))


def test_large_stacks_on_several_cores_are_the_same():
    q, k, v = (random(8, 4, 80, 16, grad=True, seed=s) for s in range(3))
    out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    expected = plain(q, k, v, np.tri(80, dtype=bool))
    np.testing.assert_allclose(out.detach(), expected, rtol=1e-9)
    (grad,) = torch.autograd.grad(out[5].sum(), k)
    (one,) = torch.autograd.grad(
        F.scaled_dot_product_attention(q[5], k[5], v[5], is_causal=True).sum(), k
    )
    np.testing.assert_allclose(grad, one, rtol=1e-9, atol=1e-12)


def test_shared_key_heads():
    q, k = random(2, 4, 5, 8), random(2, 2, 5, 8)
    got = F.scaled_dot_product_attention(q, k, k, enable_gqa=True)
    wide = k.repeat_interleave(2, 1)
    np.testing.assert_allclose(got, plain(q, wide, wide), rtol=1e-12)
    with pytest.raises(RuntimeError, match="Number of heads"):
        F.scaled_dot_product_attention(random(2, 3, 5, 8), k, k, enable_gqa=True)


@pytest.mark.parametrize(("call", "match"), [
    (lambda x: F.scaled_dot_product_attention(x, x.float(), x), "same dtype"),
    (lambda x: F.scaled_dot_product_attention(x[0, 0], x, x), "at least 2 dim"),
    (lambda x: F.scaled_dot_product_attention(x, x, x, x.bool(), is_causal=True), "is_causal"),
    (lambda x: F.scaled_dot_product_attention(x, x, x, x.long()), "attn_mask dtype"),
    (lambda x: F.scaled_dot_product_attention(x, x[..., :2], x), "last axis"),
])  # fmt: skip
def test_says_what_is_wrong(call, match):
    with pytest.raises(RuntimeError, match=match):
        call(random(2, 3, 4))


def test_padding_is_not_attended():
    attention = nn.MultiheadAttention(8, 2, batch_first=True).double()
    x = random(2, 5, 8)
    padding = torch.tensor([[False] * 5, [False] * 3 + [True] * 2])
    out, weights = attention(x, x, x, key_padding_mask=padding)
    assert not weights[1, :, 3:].any()
    alone, _ = attention(x[1:, :3], x[1:, :3], x[1:, :3])
    np.testing.assert_allclose(out[1, :3].detach(), alone[0].detach(), rtol=1e-10)
    fused = attention(x, x, x, key_padding_mask=padding, need_weights=False)[0]
    np.testing.assert_allclose(fused.detach(), out.detach(), rtol=1e-10)


def test_mismatched_masks_warn():
    attention, x = nn.MultiheadAttention(4, 2), torch.zeros(3, 1, 4)
    with pytest.warns(UserWarning, match="mismatched key_padding_mask and attn_mask"):
        attention(x, x, x, key_padding_mask=torch.zeros(1, 3).bool(), attn_mask=torch.zeros(3, 3))


def test_encoder_warns_when_it_cannot_be_packed():
    first = {"batch_first": True}
    for kwargs, why in [({}, "batch_first was not True"), ({"norm_first": True}, "norm_first"),
                        ({**first, "bias": False}, "bias=False"),
                        ({**first, "activation": torch.tanh}, "activation")]:  # fmt: skip
        layer = nn.TransformerEncoderLayer(8, 2, 16, **kwargs)
        with pytest.warns(UserWarning, match=why):
            nn.TransformerEncoder(layer, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 1)


def test_padded_places_are_zero_in_evaluation_without_gradients():
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 2).eval()
    x, padding = random(2, 4, 8).float(), torch.tensor([[False] * 4, [False, False, True, True]])
    with torch.no_grad():
        out = encoder(x, src_key_padding_mask=padding)
        left = encoder(x, src_key_padding_mask=padding.flip(1))
    assert not out[1, 2:].any() and left.all()
    with_gradients = encoder(x, src_key_padding_mask=padding)
    assert with_gradients[1, 2:].all()
    np.testing.assert_allclose(out[1, :2], with_gradients[1, :2].detach(), rtol=1e-5, atol=1e-6)


def test_layers_are_copies_and_the_causal_mask_is_found():
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16, 0.0), 2)
    first, second = decoder.layers
    assert first is not second and torch.equal(first.linear1.weight, second.linear1.weight)
    tgt, memory = random(4, 2, 8).float(), random(5, 2, 8).float()
    mask = nn.Transformer.generate_square_subsequent_mask(4)
    out = decoder(tgt, memory, tgt_mask=mask)
    tgt[-1] = 0
    np.testing.assert_allclose(
        decoder(tgt, memory, tgt_mask=mask)[:-1].detach(), out[:-1].detach(), rtol=1e-6
    )


def test_kernels_can_be_chosen():
    cuda = torch.backends.cuda
    with sdpa_kernel([SDPBackend.MATH, SDPBackend.FLASH_ATTENTION]):
        assert cuda.math_sdp_enabled() and not cuda.mem_efficient_sdp_enabled()
        with sdpa_kernel(SDPBackend.MATH):
            assert not cuda.flash_sdp_enabled()
        assert cuda.flash_sdp_enabled()
    assert cuda.mem_efficient_sdp_enabled()
    with pytest.raises(AssertionError, match="SDPBackend"):
        sdpa_kernel("math").__enter__()


def test_gelu_has_two_derivatives():
    x = torch.tensor([-30.0, -3.0, -0.5, 0.0, 0.7, 4.0, 30.0], dtype=torch.float64)
    for kind in ("none", "tanh"):
        f = lambda x, kind=kind: F.gelu(x, approximate=kind)
        assert torch.autograd.gradgradcheck(f, x.clone().requires_grad_())
        single, double = f(x.float()), f(x)
        np.testing.assert_allclose(single, double, rtol=1e-5, atol=3e-7)


def test_dropout_follows_the_order_in_memory():
    x = torch.ones(3, 4)
    torch.manual_seed(0)
    straight = F.dropout(x, 0.5)
    torch.manual_seed(0)
    turned = F.dropout(torch.ones(4, 3).T, 0.5)
    assert torch.equal(turned.T.reshape(-1), straight.reshape(-1))
