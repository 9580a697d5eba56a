"""`type(node).__name__`, by which programs that draw graphs label them."""

import chainrule as torch


def test_classes_of_nodes_have_torchs_names():
    w = torch.ones(2, requires_grad=True)
    node = (w * w).sum().grad_fn
    product = node.next_functions[0][0]
    leaf = product.next_functions[0][0]
    assert [type(n).__name__ for n in (node, product, leaf)] == [
        "SumBackward0", "MulBackward0", "AccumulateGrad"
    ]  # fmt: skip
    assert leaf.variable is w and not hasattr(node, "variable")
    assert isinstance(node, torch.autograd.graph.Node) and type(product) is type((w * 2).grad_fn)


def test_nodes_that_were_looked_at_still_work():
    w = torch.tensor(2.0, requires_grad=True)
    y = w.exp()
    assert type(y.grad_fn).__name__ == "ExpBackward0"
    (first,) = torch.autograd.grad(y, w, create_graph=True)
    assert type(first.grad_fn.next_functions[0][0]).__name__ != "Node"
    first.backward()
    assert torch.equal(w.grad, y)


def test_functions_have_their_own_names():
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    out = Twice.apply(torch.ones(1, requires_grad=True))
    assert type(out.grad_fn).__name__ == "TwiceBackward"


def test_subclasses_over_the_same_memory():
    class Mine(torch.Tensor):
        @staticmethod
        def __new__(cls, data):
            return torch.Tensor._make_subclass(cls, torch.as_tensor(data))

        def hello(self):
            return "hello"

    x = torch.zeros(2)
    mine = torch.Tensor._make_subclass(Mine, x, True)
    assert type(mine) is Mine and mine.requires_grad and mine.is_leaf
    x[0] = 3
    assert mine.tolist() == [3, 0] and Mine([1.0]).hello() == "hello"
