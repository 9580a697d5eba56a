"""autograd.Function: everything a user's own operation may do, with torch's outcome."""

from __future__ import annotations

import pytest

import chainrule as torch
from chainrule.autograd import Function
from chainrule.autograd.function import once_differentiable

grad = torch.autograd.grad


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g


class Pair(Function):
    """(a b k, a + b, a > 0): several outputs, a number among the inputs, one without gradient."""

    seen: list = []

    @staticmethod
    def forward(ctx, a, b, k):
        ctx.save_for_backward(a, b)
        ctx.k = k
        positive = a > 0
        ctx.mark_non_differentiable(positive)
        return a * b * k, a + b, positive

    @staticmethod
    def backward(ctx, g, h, unused):
        a, b = ctx.saved_tensors
        Pair.seen.append((ctx.needs_input_grad, g.tolist(), h.tolist()))
        first = g * b * ctx.k + h
        return first, (g * a * ctx.k + h if ctx.needs_input_grad[1] else None), None


@pytest.fixture
def a():
    return torch.tensor([1.0, 2.0], requires_grad=True)


@pytest.fixture
def b():
    return torch.tensor([3.0, 4.0])


def test_several_outputs(a, b):
    Pair.seen.clear()
    x, y, z = Pair.apply(a, b, 2.0)
    assert (x.requires_grad, y.requires_grad, z.requires_grad) == (True, True, False)
    assert x.grad_fn.name() == "PairBackward"
    assert grad(x.sum(), a, retain_graph=True)[0].tolist() == [6, 8]
    assert grad(y.sum() + x.sum(), a)[0].tolist() == [7, 9]
    needs = (True, False, False)
    assert Pair.seen == [(needs, [1, 1], [0, 0]), (needs, [1, 1], [1, 1])]


def test_second_derivatives_go_through_backward(a):
    first = grad(Square.apply(Square.apply(a)).sum(), a, create_graph=True)[0]
    assert first.tolist() == [4, 32]
    assert grad(first.sum(), a)[0].tolist() == [12, 48]
    x = torch.tensor([1.5, -0.5], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Square.apply, x)
    assert torch.autograd.gradgradcheck(Square.apply, x)


def test_once_differentiable_refuses_a_second_time(a):
    class Once(Function):
        forward = Square.forward
        backward = staticmethod(once_differentiable(Square.backward))

    first = grad((Once.apply(a) * a).sum(), a, create_graph=True)[0]
    assert first.tolist() == [3, 12]
    with pytest.raises(RuntimeError, match="marked with @once_differentiable"):
        grad(first.sum(), a)


def test_setup_context(a, b):
    class Product(Function):
        @staticmethod
        def forward(a, b):
            return a * b

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs, output)

        @staticmethod
        def backward(ctx, g):
            a, b, out = ctx.saved_tensors
            assert (out == a * b).all()
            return g * b, g * a

    assert grad(Product.apply(a, b).sum(), a)[0].tolist() == [3, 4]


def test_mark_dirty(a):
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            x.mul_(2)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return 2 * g

    x = a * 1
    y = Double.apply(x)
    assert y is x and x.grad_fn.name() == "DoubleBackward" and x.tolist() == [2, 4]
    assert grad(y.sum(), a)[0].tolist() == [2, 2]
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad has been used"):
        Double.apply(torch.ones(2, requires_grad=True))


def test_gradients_are_none_if_not_materialised(a):
    class Both(Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.set_materialize_grads(False)
            return x * 1, y * 1

        @staticmethod
        def backward(ctx, g, h):
            assert h is None
            return g, h

    other = torch.ones(2, requires_grad=True)
    x, _ = Both.apply(a, other)
    first, second = grad(x.sum(), (a, other), allow_unused=True)
    assert first.tolist() == [1, 1] and second is None


def test_an_input_handed_through_becomes_a_new_tensor(a):
    class Same(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 5

    y = Same.apply(a)
    assert y is not a and grad(y.sum(), a)[0].tolist() == [5, 5]


def bad(result):
    class Bad(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, g):
            return result(g)

    return Bad


def test_what_backward_may_not_return(a, b):
    for result, match in (
        (lambda g: g, r"incorrect number of gradients \(expected 2, got 1\)"),
        (lambda g: (g, g, g), r"expected 2, got 3"),
        (lambda g: (torch.ones(3), None), r"index 0 - got \[3\] but expected .* \[2\]"),
        (lambda g: (3.0, None), "returned a float"),
    ):
        with pytest.raises(RuntimeError, match=match):
            grad(bad(result).apply(a, b).sum(), a)
    assert grad(bad(lambda g: (g, None, None)).apply(a, b).sum(), a)[0].tolist() == [1, 1]
    wide = bad(lambda g: (torch.ones(4, 2), None))  # summed to the input's shape
    assert grad(wide.apply(a, b).sum(), a)[0].tolist() == [4, 4]


def test_without_gradients_nothing_is_recorded(a, b):
    assert not any(x.requires_grad for x in Pair.apply(b, b, 1.0))
    with torch.no_grad():
        assert not Square.apply(a).requires_grad


def test_saved_tensors_are_guarded(a):
    y = Square.apply(a)
    y.sum().backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        y.sum().backward()
    x = a * 1
    y = Square.apply(x)
    x.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
    with pytest.raises(TypeError, match="can only save tensors, but one is of type int"):
        bad_save().apply(a)


def bad_save():
    class Bad(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(3)
            return x * 1

    return Bad


def test_nodes_name_what_they_came_from(a):
    y = (a * 2).sum()
    assert y.grad_fn.name() == "SumBackward0"
    (mul, place), *_ = y.grad_fn.next_functions
    assert (mul.name(), place) == ("MulBackward0", 0)
    (leaf, _), (nothing, _) = mul.next_functions
    assert leaf.name() == "torch::autograd::AccumulateGrad" and leaf.variable is a
    assert nothing is None and repr(leaf).startswith("<AccumulateGrad object at 0x")
    values, _ = a.max(0)
    assert values.grad_fn.next_functions[0][0].variable is a
