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


def test_variants_have_torchs_numbers():
    x = torch.rand(2, 3, requires_grad=True)
    names = {
        "SumBackward0": x.sum(), "SumBackward1": x.sum(0), "MeanBackward0": x.mean(),
        "MeanBackward1": x.mean(1, keepdim=True), "Log1PBackward0": x.log1p(),
        "MaxBackward1": x.max(), "MinBackward1": x.min(), "ClampBackward1": x.clamp(0, 1),
        "HardtanhBackward0": torch.nn.functional.hardtanh(x),
    }  # fmt: skip
    assert [out.grad_fn.name() for out in names.values()] == list(names)


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


def test_sizes_of_broadcast_to_one_by_one():
    x = torch.ones(2)
    for out in (x.broadcast_to(3, 2), x.broadcast_to((3, 2)), x.broadcast_to(size=(3, 2))):
        assert out.shape == (3, 2) and out.stride() == (0, 1)
