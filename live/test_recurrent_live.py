"""Recurrent layers against an installed torch, over all combinations of their options."""

import itertools

import numpy as np
import pytest
import torch as peer
from torch.nn.utils import rnn as peer_rnn

import chainrule as torch
from chainrule.nn.utils import rnn

KINDS = [
    ("LSTM", {}), ("LSTM", {"proj_size": 3}), ("LSTM", {"proj_size": 3, "bias": False}),
    ("GRU", {}), ("GRU", {"bias": False}), ("RNN", {}), ("RNN", {"nonlinearity": "relu"}),
]  # fmt: skip
LENGTHS = (None, [6, 4, 1], [2, 6, 4])  # not packed, sorted, not sorted


def same(ours, theirs, what, atol=2e-5):
    ours, theirs = ours.detach().numpy(), theirs.detach().numpy()
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, 1e-4, atol, err_msg=str(what))


def leaf(module, array):
    return module.from_numpy(array.copy()).requires_grad_()


def run(module, utilities, layer, x, states, lengths, first):
    """Output, last states, and the gradients of inputs and weights."""
    module.manual_seed(5)
    x, hs = leaf(module, x), [leaf(module, s) for s in states]
    given = x
    if lengths is not None:
        given = utilities.pack_padded_sequence(x, lengths, first, lengths == sorted(lengths)[::-1])
    out, last = layer(given, (tuple(hs) if len(hs) > 1 else hs[0]) if hs else None)
    if lengths is not None:
        out, found = utilities.pad_packed_sequence(out, first, 0.5)
        assert found.tolist() == lengths
    outs = [out, *(last if isinstance(last, tuple) else (last,))]
    loss = sum(((k + 1) * t * t.sin()).sum() for k, t in enumerate(outs))
    loss.backward()
    return outs + [t.grad for t in (x, *hs, *layer.parameters())]


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "options"), KINDS, ids=str)
def test_layers_are_torchs(name, options):
    r = np.random.RandomState(0)
    flags = itertools.product((1, 2), (False, True), (False, True), (0, 0.4), LENGTHS, (0, 1))
    for layers, both, first, dropout, lengths, given in flags:
        how = {"num_layers": layers, "bidirectional": both, "batch_first": first,
               "dropout": dropout * (layers > 1), **options}  # fmt: skip
        pair = []
        for module in (torch, peer):
            module.manual_seed(3)
            pair.append(getattr(module.nn, name)(4, 5, **how))
        assert repr(pair[0]) == repr(pair[1])
        for (key, p), (other, q) in zip(*(m.named_parameters() for m in pair), strict=True):
            assert key == other and np.array_equal(p.detach().numpy(), q.detach().numpy())
        x = r.randn(*((3, 6, 4) if first else (6, 3, 4))).astype("float32")
        sizes = [options.get("proj_size", 5), 5][: 1 + (name == "LSTM")]
        states = [r.randn(layers * (1 + both), 3, s).astype("float32") for s in sizes] * given
        ours = run(torch, rnn, pair[0], x, states, lengths, first)
        theirs = run(peer, peer_rnn, pair[1], x, states, lengths, first)
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            same(a, b, (how, lengths, k), 1e-4)


@pytest.mark.live
@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN"])
def test_second_derivatives_are_torchs(name):
    found = []
    x = np.random.RandomState(1).randn(5, 2, 3)
    for module in (torch, peer):
        module.manual_seed(0)
        layer = getattr(module.nn, name)(3, 4, bidirectional=True).double()
        inputs = [leaf(module, x), *layer.parameters()]
        first = module.autograd.grad((layer(inputs[0])[0] ** 2).sum(), inputs, create_graph=True)
        found.append(module.autograd.grad(sum((g**2).sum() for g in first), inputs))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-8, 1e-10)
