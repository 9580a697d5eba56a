"""Attention and the Transformer against installed torch: weights, outputs, gradients, streams."""

import itertools

import numpy as np
import pytest
import torch as peer

import chainrule as torch

pytestmark = [pytest.mark.live, pytest.mark.filterwarnings("ignore")]
LAYERS = [{}, {"bias": False}, {"add_bias_kv": True}, {"add_zero_attn": True, "dropout": 0.3},
          {"kdim": 5, "vdim": 7}, {"batch_first": True, "dropout": 0.2}]  # fmt: skip
MASKS = ("none", "booleans", "numbers", "heads", "padding", "both", "causal")


def same(ours, theirs):
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=2e-4, atol=2e-5)


def drawn(module, *shape):
    x = np.random.RandomState(sum(shape)).randn(*shape).astype(np.float32)
    return module.from_numpy(x).requires_grad_()


def masks(module, kind):
    r = np.random.RandomState(3)
    causal = np.triu(np.ones((4, 5), bool), 1)
    given = {}
    if kind in ("booleans", "both", "causal"):
        given["attn_mask"] = module.from_numpy(causal)
    if kind == "numbers":
        given["attn_mask"] = module.from_numpy(r.randn(4, 5).astype(np.float32))
    if kind == "heads":
        given["attn_mask"] = module.from_numpy(r.rand(6, 4, 5) > 0.8)
    if kind in ("padding", "both"):
        ends = np.array([[3], [5], [4]])
        given["key_padding_mask"] = module.from_numpy(np.arange(5)[None] >= ends)
    if kind == "causal":
        given["is_causal"] = True
    return given


def attended(module, kwargs, kind, weights, training):
    module.manual_seed(0)
    layer = module.nn.MultiheadAttention(8, 2, **kwargs).train(training)
    wide = (kwargs.get("kdim", 8), kwargs.get("vdim", 8))
    lead = (lambda n: (3, n)) if kwargs.get("batch_first") else (lambda n: (n, 3))
    inputs = [drawn(module, *lead(4), 8), *(drawn(module, *lead(5), w) for w in wide)]
    out, found = layer(*inputs, need_weights=weights, **masks(module, kind))
    out.sum().backward()
    grads = [p.grad for p in (*inputs, *layer.parameters()) if p.grad is not None]
    return [out, *([found] if weights else []), *layer.parameters(), *grads]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kwargs", LAYERS, ids=str)
def test_multihead_attention(kwargs, training):
    for kind, weights in itertools.product(MASKS, (True, False)):
        pair = (attended(m, kwargs, kind, weights, training) for m in (torch, peer))
        for ours, theirs in zip(*pair, strict=True):
            same(ours, theirs)


def transformed(module, kwargs, training):
    module.manual_seed(0)
    model = module.nn.Transformer(8, 2, 2, 2, 16, **kwargs).train(training)
    source, target = drawn(module, 4, 4, 8), drawn(module, 4, 4, 8)
    padding = module.from_numpy(np.arange(4)[None] >= np.array([[3], [4], [2], [4]]))
    mask = model.generate_square_subsequent_mask(4)
    out = model(source, target, tgt_mask=mask, src_key_padding_mask=padding)
    (out * out).sum().backward()
    with module.no_grad():
        memory = model.encoder(source, src_key_padding_mask=padding)
    return [out, memory, *model.parameters(), *(p.grad for p in model.parameters()), source.grad]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kwargs", [
    {}, {"norm_first": True}, {"activation": "gelu"}, {"bias": False}, {"batch_first": True},
], ids=str)  # fmt: skip
def test_transformer(kwargs, training):
    pair = (transformed(m, kwargs, training) for m in (torch, peer))
    for ours, theirs in zip(*pair, strict=True):
        same(ours, theirs)
