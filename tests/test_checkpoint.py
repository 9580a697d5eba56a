"""Checkpointing and hooks on saved tensors: the same gradients, and errors that say why."""

import pytest

import chainrule as torch
from chainrule.autograd import graph, record
from chainrule.utils.checkpoint import (
    CheckpointError,
    checkpoint,
    checkpoint_sequential,
    noop_context_fn,
    set_checkpoint_early_stop,
)


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Dropout(0.3), torch.nn.LayerNorm(4),
        torch.nn.Linear(4, 4), torch.nn.GELU(), torch.nn.Linear(4, 2),
    )  # fmt: skip


def gradients(run):
    model = network()
    x = torch.randn(5, 3, requires_grad=True)
    torch.manual_seed(1)
    run(model, x).pow(2).sum().backward()
    after = torch.rand(1)
    return [x.grad, after, *[p.grad for p in model.parameters()]]


WAYS = {
    "reentrant": lambda m, x: checkpoint(m, x, use_reentrant=True),
    "not": lambda m, x: checkpoint(m, x, use_reentrant=False),
    "no early stop": lambda m, x: checkpoint(m, x, use_reentrant=False, early_stop=False),
    "nested": lambda m, x: checkpoint(
        lambda x: checkpoint(m[3:], m[:3](x), use_reentrant=False), x, use_reentrant=False
    ),
    "segments": lambda m, x: checkpoint_sequential(m, 3, x, use_reentrant=False),
    "old segments": lambda m, x: checkpoint_sequential(list(m), 3, x, use_reentrant=True),
    "hooks": lambda m, x: hooked(m, x),
    "cpu": lambda m, x: hooked(m, x, graph.save_on_cpu(pin_memory=True)),
}


def hooked(model, x, hooks=None):
    pack, unpack = (lambda t: t.detach().numpy().copy()), torch.from_numpy
    with hooks or graph.saved_tensors_hooks(pack, unpack):
        return model(x)


@pytest.mark.parametrize("way", WAYS)
def test_gradients_and_random_numbers_are_those_without(way):
    for a, b in zip(gradients(WAYS[way]), gradients(lambda m, x: m(x)), strict=True):
        assert torch.equal(a, b)
    assert record.observe is None


def test_the_forward_runs_twice_and_saves_nothing():
    runs, seen = [], []

    def function(x):
        runs.append(1)
        return x.exp().sin().exp()

    x = torch.ones(3, requires_grad=True)
    with graph.saved_tensors_hooks(lambda t: seen.append(t), lambda t: t):
        y = checkpoint(function, x, use_reentrant=False)
    assert seen == [] and len(runs) == 1
    y.sum().backward()
    assert len(runs) == 2


def test_twice_and_higher():
    x = torch.tensor([0.3, 0.7], requires_grad=True)
    y = checkpoint(lambda x: x.exp().sin(), x, use_reentrant=False).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x, retain_graph=True)
    e = x.detach().exp()
    torch.testing.assert_close(g, e.cos() * e, check_stride=False)
    torch.testing.assert_close(h, e.cos() * e - e.sin() * e * e)
    (again,) = torch.autograd.grad(y, x)
    assert torch.equal(g, again)


def test_keywords_and_contexts():
    entered = []

    class Context:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            entered.append(self.name)

        def __exit__(self, *exc):
            pass

    x = torch.ones(2, requires_grad=True)
    y = checkpoint(lambda x, scale: (x * x) * scale, x, scale=3, use_reentrant=False,
                   context_fn=lambda: (Context("first"), Context("again")))  # fmt: skip
    y.sum().backward()
    assert entered == ["first", "again"] and x.grad.tolist() == [6, 6]
    assert len(noop_context_fn()) == 2


def test_errors():
    x = torch.ones(4, requires_grad=True)
    calls = []

    def shrinks(x):
        calls.append(1)
        x = x if len(calls) == 1 else x[:2]
        return (x * x).exp()

    with pytest.raises(CheckpointError, match="different metadata"):
        checkpoint(shrinks, x, use_reentrant=False).sum().backward()
    calls.clear()

    def forgets(x):
        calls.append(1)
        return (x * x).exp().sin() if len(calls) == 1 else x * 2

    with (
        set_checkpoint_early_stop(False),
        pytest.raises(CheckpointError, match="number of tensors"),
    ):
        checkpoint(forgets, x, use_reentrant=False).sum().backward()
    with pytest.raises(RuntimeError, match=r"incompatible with \.grad\(\)"):
        torch.autograd.grad(checkpoint(torch.sin, x, use_reentrant=True).sum(), x)
    with pytest.warns(UserWarning, match="passed explicitly"):
        checkpoint(torch.sin, x)
    with pytest.warns(UserWarning, match="None of the inputs"):
        checkpoint(torch.sin, torch.ones(1), use_reentrant=True)
    with pytest.raises(ValueError, match="keyword"):
        checkpoint(torch.sin, x, use_reentrant=True, other=1)
    with pytest.raises(ValueError, match="determinism_check"):
        checkpoint(torch.sin, x, use_reentrant=False, determinism_check="all")
    with pytest.raises(RuntimeError, match="Tensor but got result of type int"):
        with graph.saved_tensors_hooks(lambda t: 1, lambda t: t):
            y = x.exp()
        y.sum().backward()


def test_functions_pack_what_they_save():
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    seen = []
    x = torch.tensor([3.0], requires_grad=True)
    with graph.saved_tensors_hooks(lambda t: seen.append(t.clone()) or 0, lambda i: seen[i]):
        y = Square.apply(x)
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    assert g.item() == 6 and len(seen) == 1 and torch.autograd.grad(g, x)[0].item() == 2


def test_hooks_on_nodes():
    x = torch.ones(2, 3, requires_grad=True)
    seen = []
    values, _ = x.max(1)
    y = torch.cat([values, values * 2])
    handles = [
        y.grad_fn.register_hook(lambda inner, outer: seen.append((len(inner), outer[0].shape))),
        values.grad_fn.register_prehook(lambda outer: (outer[0] * 10,)),
    ]
    y.sum().backward(retain_graph=True)
    assert seen == [(2, (4,))] and x.grad.sum() == 60
    for handle in handles:
        handle.remove()
    x.grad = None
    y.sum().backward()
    assert len(seen) == 1 and x.grad.sum() == 6
    double = (x * 1).sum()
    double.grad_fn.register_hook(lambda inner, outer: (inner[0] * 2,))
    x.grad = None
    double.backward()
    assert x.grad.tolist() == [[2] * 3] * 2
