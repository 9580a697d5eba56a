"""What autograd promises: accumulation, freeing, higher order, modes, hooks, long chains."""

import gc
import re
import threading
import weakref

import numpy as np
import pytest

import chainrule as torch
from chainrule import errors


def leaf(*values):
    return torch.tensor(values if len(values) > 1 else values[0], requires_grad=True)


def test_gradients_accumulate_and_are_zeroed_by_hand():
    x = leaf(1.0, 2.0)
    (x * x).sum().backward()
    (x * x).sum().backward()
    assert x.grad.tolist() == [4, 8]
    x.grad = None
    (3 * x).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_two_leaves_never_share_the_memory_of_a_gradient():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    g = torch.ones(2)
    (a + b).backward(g)
    a.grad += 5
    assert b.grad.tolist() == [1, 1] and g.tolist() == [1, 1]


def test_leaves_and_functions():
    x = leaf(1.0)
    y = x * 2
    assert x.is_leaf and x.grad_fn is None and not y.is_leaf
    assert y.grad_fn.name() == "MulBackward0"
    assert torch.zeros(2).is_leaf and not torch.zeros(2).requires_grad
    assert not (x > 0).requires_grad
    assert y.detach().is_leaf and y.detach().data_ptr() == y.data_ptr()


def test_grad_of_several_outputs_with_upstream_gradients():
    x, z = leaf(1.0, 2.0), leaf(5.0)
    a, b = x * x, x.sum() * z
    gx, gz = torch.autograd.grad([a, b], [x, z], [torch.tensor([1.0, 10.0]), None])
    assert gx.tolist() == [2 + 5, 40 + 5] and gz.item() == 3
    assert x.grad is None and z.grad is None


def test_unused_inputs():
    x, z = leaf(1.0), leaf(5.0)
    with pytest.raises(RuntimeError, match="appears to not have been used"):
        torch.autograd.grad(x * 2, [x, z])
    y = x * 2
    assert torch.autograd.grad(y, [x, z], allow_unused=True)[1] is None
    assert torch.autograd.grad(x * 2, [x, z], materialize_grads=True)[1].item() == 0


def test_backward_into_chosen_inputs_only():
    x, z = leaf(2.0), leaf(5.0)
    (x * z).backward(inputs=[x])
    assert x.grad.item() == 5 and z.grad is None


def test_gradient_with_respect_to_a_computed_tensor():
    x = leaf(3.0)
    y = x * 2
    (g,) = torch.autograd.grad(y * y, y)
    assert g.item() == 12
    y.retain_grad()
    (y * y).backward()
    assert y.grad.item() == 12 and x.grad.item() == 24


def test_higher_orders():
    x = leaf(2.0)
    y = x**5
    for want in (80, 160, 240, 240, 120):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        assert y.item() == want


def test_backward_with_create_graph_leaves_a_differentiable_grad():
    x = leaf(3.0)
    (x**3).backward(create_graph=True)
    (g2,) = torch.autograd.grad(x.grad, x)
    assert g2.item() == 18


def test_a_chain_of_a_million_ops_goes_backward_and_is_freed_without_recursion():
    x = leaf(1.0, 2.0)
    y = x
    for _ in range(1_000_000):
        y = y + 1.0
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]
    del y


def test_the_graph_is_freed_after_backward():
    x = torch.ones(1000, requires_grad=True)
    h = x.exp()
    saved = weakref.ref(h._array)
    loss = (h * h).sum()
    del h
    assert saved() is not None
    loss.backward()
    gc.collect()
    assert saved() is None


def test_a_second_backward_says_what_is_gone_and_where_the_first_was():
    x = leaf(2.0)
    y = x.exp()
    y.backward()
    with pytest.raises(
        RuntimeError, match="Trying to backward through the graph a second time"
    ) as e:
        y.backward()
    text = str(e.value)
    assert "ExpBackward0" in text and "retain_graph=True" in text
    assert len(re.findall(r"test_autograd\.py:\d+", text)) == 2


def test_a_second_backward_works_where_nothing_was_saved_or_the_graph_retained():
    x = leaf(2.0)
    y = x + 1
    y.backward()
    y.backward()
    z = x.exp()
    z.backward(retain_graph=True)
    z.backward()
    assert isinstance(x.grad, torch.Tensor)


def test_an_overwritten_value_names_both_lines():
    x = leaf(1.0, 2.0)
    y = x * 1
    z = y * y
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation") as e:
        z.sum().backward()
    assert len(re.findall(r"test_autograd\.py:\d+", str(e.value))) == 2


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda x: (x * 2).detach().sum(), "detach"),
        (lambda x: (x * 2).data.sum(), "data"),
        (lambda x: (x * 10).long().sum(), "astype|int64"),
        (lambda x: torch.tensor(x.sum().item()), "item"),
        (lambda x: torch.ones(3).sum(), "requires_grad=True"),
    ],
)
def test_backward_without_a_graph_says_where_it_was_cut(make, reason):
    out = make(leaf(1.0, 2.0))
    with pytest.raises(
        RuntimeError, match="does not require grad and does not have a grad_fn"
    ) as e:
        out.backward()
    assert re.search(reason, str(e.value)), str(e.value)


def test_backward_of_a_result_made_under_no_grad_names_the_line():
    x = leaf(1.0, 2.0)
    with torch.no_grad():
        y = (x * x).sum()
    with pytest.raises(errors.NoGraphError, match=r"no_grad\(\)` at .*test_autograd\.py:\d+"):
        (y * 2).backward()


def test_backward_of_a_vector_needs_an_upstream_gradient():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="only for scalar outputs"):
        (x * 2).backward()
    with pytest.raises(RuntimeError, match="shape"):
        (x * 2).backward(torch.ones(3))


def test_modes_as_context_managers_and_decorators():
    x = leaf(1.0)

    @torch.no_grad()
    def f():
        return x * 2

    @torch.no_grad
    def g():
        return x * 2

    @torch.enable_grad()
    def h():
        return x * 2

    @torch.inference_mode()
    def i():
        return (x * 2).requires_grad, torch.is_inference_mode_enabled()

    assert not f().requires_grad and not g().requires_grad and i() == (False, True)
    with torch.no_grad():
        assert h().requires_grad and not torch.is_grad_enabled()
        with torch.enable_grad():
            assert torch.is_grad_enabled()
    with torch.set_grad_enabled(False):
        assert not (x * 2).requires_grad
    torch.set_grad_enabled(False)
    try:
        assert not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    assert (x * 2).requires_grad


def test_no_grad_around_a_generator_covers_its_body_only():
    @torch.no_grad()
    def numbers():
        assert not torch.is_grad_enabled()
        yield 1
        assert not torch.is_grad_enabled()
        yield 2

    for _ in numbers():
        assert torch.is_grad_enabled()


def test_modes_belong_to_a_thread():
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_tensor_hooks_see_and_replace_gradients():
    x = leaf(1.0, 2.0)
    y = x * 3
    seen = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    handle = x.register_hook(lambda g: g * 10)
    y.sum().backward()
    assert seen == [[1, 1]] and x.grad.tolist() == [30, 30]
    handle.remove()
    x.grad = None
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3, 3]
    after = []
    x.register_post_accumulate_grad_hook(lambda p: after.append(p.grad.tolist()))
    (x * 3).sum().backward()
    assert after == [[6, 6]]


def test_a_leaf_that_died_costs_nothing():
    def f():
        x = torch.ones(3, requires_grad=True)
        return (x * 2).sum()

    f().backward()


def test_gradient_penalty_is_differentiable():
    """The gradient penalty of the improved Wasserstein GAN: (|dD/dx| - 1)^2."""
    torch.manual_seed(0)
    w = torch.randn(4, 4, dtype=torch.float64, requires_grad=True)
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)

    def penalty():
        out = torch.tanh(x @ w).sum()
        (g,) = torch.autograd.grad(out, x, create_graph=True)
        return ((g.norm(dim=1) - 1) ** 2).mean()

    (grad,) = torch.autograd.grad(penalty(), w)
    way = torch.randn(4, 4, dtype=torch.float64)
    ends = []
    for h in (1e-6, -1e-6):
        with torch.no_grad():
            w.add_(h * way)
        ends.append(penalty().item())
        with torch.no_grad():
            w.sub_(h * way)
    assert abs((grad * way).sum().item() - (ends[0] - ends[1]) / 2e-6) < 1e-6


def test_the_fast_way_of_an_operator_equals_the_general_one_bit_for_bit():
    from chainrule.autograd.record import apply
    from chainrule.ops.base import REGISTRY

    random = np.random.RandomState(0)
    a, b = (torch.from_numpy(random.randn(3, 4).astype("float32")) for _ in range(2))
    ways = {
        "add": lambda x, y: x + y,
        "subtract": lambda x, y: x - y,
        "multiply": lambda x, y: x * y,
        "divide": lambda x, y: x / y,
    }
    for name, operator in ways.items():
        for x, y in ((a, b), (a, 2.5), (a, b[0]), (a.sum(), b.sum())):
            pair = []
            for f in (operator, lambda x, y, n=name: apply(REGISTRY[n], x, y)):
                x = x.detach().requires_grad_()
                out = f(x, y)
                out.sum().backward()
                pair.append((out.detach().numpy(), x.grad.numpy(), out.grad_fn.name()))
            (o1, g1, n1), (o2, g2, n2) = pair
            assert n1 == n2 and (o1 == o2).all() and (g1 == g2).all() and o1.dtype == o2.dtype


@pytest.mark.parametrize("f", [
    lambda x: x.float(), lambda x: x.view(3, 1), lambda x: x[1:], lambda x: x.sum(0, keepdim=True),
    lambda x: x + 1, lambda x: torch.cat([x, x]), lambda x: x.mean(), lambda x: x.unsqueeze(0),
])  # fmt: skip
def test_what_keeps_no_values_goes_backward_again(f):
    """A data tensor converted once, outside the loop, as a part of every step's graph."""
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    y = f(x)
    for _ in range(2):
        (y * y).sum().backward()
    assert (x.grad != 0).any()
    z = y * y
    z.sum().backward()
    with pytest.raises(RuntimeError, match="second time"):
        z.sum().backward()


def test_variable_is_a_leaf_over_the_same_memory():
    weight = torch.nn.Parameter(torch.ones(2))
    v = torch.autograd.Variable(weight, requires_grad=True)
    assert type(v) is torch.Tensor and v.is_leaf and v.requires_grad
    assert not torch.autograd.Variable(weight).requires_grad
    weight.data.mul_(2)
    assert v.tolist() == [2, 2]
    assert isinstance(weight, torch.autograd.Variable) and not isinstance(
        3, torch.autograd.Variable
    )
    assert torch.autograd.Variable().shape == (0,)
    with pytest.warns(UserWarning, match="volatile was removed"):
        torch.autograd.Variable(weight, volatile=True)
    with pytest.raises(TypeError, match="has to be a tensor, but got list"):
        torch.autograd.Variable([1.0])
