"""Attention with score and mask functions, against the formula written out."""

import math

import numpy as np
import pytest

import chainrule as torch
from chainrule.nn.attention.flex_attention import (
    AuxRequest,
    BlockMask,
    and_masks,
    create_block_mask,
    create_mask,
    flex_attention,
    noop_mask,
    or_masks,
)
from chainrule.nn.functional import scaled_dot_product_attention


def causal(b, h, q, k):
    return q >= k


@pytest.fixture
def qkv():
    torch.manual_seed(0)
    return [torch.randn(2, 4, 20, 8, requires_grad=True) for _ in range(3)]


def same(a, b):
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-5, atol=1e-6)


def test_causal_attention_and_its_gradients(qkv):
    mask = create_block_mask(causal, None, None, 20, 20, BLOCK_SIZE=8)
    ours = flex_attention(*qkv, block_mask=mask)
    want = scaled_dot_product_attention(*qkv, is_causal=True)
    same(ours, want)
    for a, b in zip(torch.autograd.grad(ours.square().sum(), qkv),
                    torch.autograd.grad(want.square().sum(), qkv), strict=True):  # fmt: skip
        same(a, b)


def test_score_functions_may_read_tensors_that_learn(qkv):
    bias = torch.randn(4, 39, requires_grad=True)
    out = flex_attention(*qkv, lambda s, b, h, q, k: s + bias[h, q - k + 19])
    i = torch.arange(20)
    added = bias[:, i[:, None] - i + 19]
    same(out, scaled_dot_product_attention(*qkv, attn_mask=added.expand(2, 4, 20, 20)))
    out.sum().backward()
    assert bias.grad.shape == bias.shape


def test_shared_heads_and_what_else_is_returned(qkv):
    q, k, v = qkv
    out, aux = flex_attention(q, k[:, :2], v[:, :2], enable_gqa=True, scale=0.5,
                              return_aux=AuxRequest(lse=True, max_scores=True))  # fmt: skip
    scores = q @ k[:, :2].repeat_interleave(2, 1).mT * 0.5
    same(aux.lse, scores.logsumexp(-1))
    same(aux.max_scores, scores.amax(-1))
    same(out, scores.softmax(-1) @ v[:, :2].repeat_interleave(2, 1))
    assert flex_attention(q, k, v, return_lse=True)[1].shape == (2, 4, 20)
    with pytest.raises(ValueError, match="same number of heads"):
        flex_attention(q, k[:, :2], v[:, :2])


def test_a_query_that_sees_nothing_gives_zero(qkv):
    mask = create_block_mask(lambda b, h, q, k: (q > 4) & (b > 0), 2, None, 20, 20, BLOCK_SIZE=4)
    out, lse = flex_attention(*qkv, block_mask=mask, return_lse=True)
    assert not out[0].any() and not out[1, :, :5].any() and out[1, :, 5:].all()
    assert (lse[0] == -math.inf).all()
    assert all(torch.isfinite(g).all() for g in torch.autograd.grad(out.sum(), qkv))


def test_blocks():
    mask = create_block_mask(causal, None, None, 300, 300)
    assert mask.shape == (1, 1, 300, 300) and mask.numel() == 90000
    assert mask.kv_num_blocks.tolist() == [[[1, 1, 3]]]  # torch's values
    assert mask.kv_indices.tolist() == [[[[0, 1, 2], [1, 0, 2], [0, 1, 2]]]]
    assert mask.full_kv_num_blocks.tolist() == [[[0, 1, 0]]]
    assert round(mask.sparsity(), 2) == -9.23
    assert torch.equal(mask.entries(), create_mask(causal, None, None, 300, 300))
    assert "██████" in repr(mask) and mask.to("cpu") is mask
    again = BlockMask.from_kv_blocks(mask.kv_num_blocks, mask.kv_indices, mask.full_kv_num_blocks,
                                     mask.full_kv_indices, 128, causal, (300, 300))  # fmt: skip
    assert torch.equal(again.q_indices, mask.q_indices)
    whole = create_block_mask(causal, None, None, 300, 300, separate_full_blocks=False)
    assert whole.full_kv_num_blocks is None and torch.equal(whole.to_dense(), mask.to_dense())
    q = torch.zeros(1, 1, 299, 4)
    with pytest.raises(ValueError, match="Create a new block mask"):
        flex_attention(q, q, q, block_mask=mask)


def test_masks_together():
    both = and_masks(causal, lambda b, h, q, k: q - k < 2, noop_mask)
    either = or_masks(causal, lambda b, h, q, k: q < k)
    assert create_mask(both, None, 2, 3, 3).sum().item() == 10
    assert create_mask(either, None, None, 3, 3).all()
    with pytest.raises(ValueError, match="callable"):
        and_masks(3)
