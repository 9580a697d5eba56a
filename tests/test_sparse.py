"""Sparse tensors: layouts, arithmetic, products, gradients, gradients of few rows."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import chainrule as torch
from chainrule.errors import ArgumentError, LayoutError, ShapeError

INDEX = torch.tensor([[0, 1, 1, 1], [2, 0, 2, 2]])
VALUES = torch.tensor([3.0, 4.0, 5.0, 6.0])
DENSE = np.array([[0, 0, 3], [4, 0, 11]], np.float32)


def sparse(requires_grad=False):
    values = VALUES.clone().requires_grad_(requires_grad)
    return torch.sparse_coo_tensor(INDEX, values, (2, 3)), values


def random_sparse(rows, columns, density=0.4, seed=0, dtype=np.float64):
    random = np.random.RandomState(seed)
    array = random.randn(rows, columns) * (random.rand(rows, columns) < density)
    return torch.from_numpy(array.astype(dtype))


def same(x, y, rtol=1e-6):
    x = x.to_dense().detach().numpy() if isinstance(x, torch.Tensor) else x
    y = y.to_dense().detach().numpy() if isinstance(y, torch.Tensor) else y
    assert x.dtype == y.dtype
    np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-12)


def test_facts_and_parts():
    s, _ = sparse()
    assert isinstance(s, torch.Tensor) and s.is_sparse and s.layout is torch.sparse_coo
    assert s.shape == (2, 3) and s.size(1) == 3 and s.dim() == 2 and s.numel() == 6
    assert s._nnz() == 4 and not s.is_coalesced() and s.sparse_dim() == 2 and s.dense_dim() == 0
    c = s.coalesce()
    assert c.is_coalesced() and c.indices().tolist() == [[0, 1, 1], [2, 0, 2]]
    assert c.values().tolist() == [3, 4, 11] and c.type() == "torch.sparse.FloatTensor"
    assert isinstance(s, torch.sparse.FloatTensor) and not isinstance(s, torch.FloatTensor)
    same(s, DENSE)


def test_repr_is_torchs():
    s, _ = sparse()
    assert repr(s) == (
        "tensor(indices=tensor([[0, 1, 1, 1],\n                       [2, 0, 2, 2]]),\n"
        "       values=tensor([3., 4., 5., 6.]),\n"
        "       size=(2, 3), nnz=4, layout=torch.sparse_coo)"
    )
    assert repr(s.to_sparse_csr()) == (
        "tensor(crow_indices=tensor([0, 1, 3]),\n       col_indices=tensor([2, 0, 2]),\n"
        "       values=tensor([ 3.,  4., 11.]), size=(2, 3), nnz=3,\n"
        "       layout=torch.sparse_csr)"
    )


LAYOUTS = ["to_sparse", "to_sparse_csr", "to_sparse_csc", "bsr", "bsc"]


def in_layout(x, name):
    return getattr(x, f"to_sparse_{name}")((2, 3)) if len(name) == 3 else getattr(x, name)()


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_holds_the_matrix(name):
    x = random_sparse(4, 6)
    s = in_layout(x, name)
    same(s, x)
    same(s.t(), x.t())
    same(s * 2, x * 2)
    same(s.to_sparse_csr(), x)
    same(s.to(torch.float32), x.float())
    same(pickle.loads(pickle.dumps(s)), x)
    same(copy.deepcopy(s), x)
    assert pickle.loads(pickle.dumps(s)).layout is s.layout


PRODUCTS = [(40, 30, 5), (30, 42, 200), (4, 3, 0), (2, 6, 1)]  # blocks of 2 by 3 fit all of them


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("shape", PRODUCTS)
def test_products_and_their_gradients(name, shape):
    n, m, k = shape
    x = random_sparse(n, m, 0.2).requires_grad_()
    y = torch.from_numpy(np.random.RandomState(1).randn(m, k)).requires_grad_()
    out = in_layout(x, name) @ y
    same(out, x @ y)
    g = torch.from_numpy(np.random.RandomState(2).randn(n, k))
    ours = torch.autograd.grad(out, (x, y), g)
    wide = torch.autograd.grad(x @ y, (x, y), g)
    same(ours[0], wide[0] * (x != 0))
    same(ours[1], wide[1], 1e-10)


def test_long_rows_and_empty_ones():
    x = torch.zeros(5, 300, dtype=torch.float64)
    x[1] = torch.arange(300.0)
    x[3, 7] = 2
    y = torch.from_numpy(np.random.RandomState(0).randn(300, 3))
    same(x.to_sparse() @ y, x @ y, 1e-10)
    same(x.to_sparse() @ y[:, 0], x @ y[:, 0], 1e-10)


def test_second_derivatives_of_a_product():
    x = random_sparse(3, 4)
    index = x.to_sparse().indices()
    values = x.to_sparse().values().clone().requires_grad_()
    y = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)

    def f(v, y):
        return (torch.sparse.mm(torch.sparse_coo_tensor(index, v, (3, 4)), y) ** 2).sum(1)

    assert torch.autograd.gradcheck(f, (values, y))
    assert torch.autograd.gradgradcheck(f, (values, y))


def test_gradients_reach_the_values():
    s, values = sparse(requires_grad=True)
    weight = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for f in (
        lambda: s.to_dense(),
        lambda: s.coalesce().to_dense(),
        lambda: s.to_sparse_csr().to_dense(),
    ):
        (g,) = torch.autograd.grad((f() * weight).sum(), values)
        assert g.tolist() == [3, 4, 6, 6]
    (g,) = torch.autograd.grad(s.coalesce().values().sum(), values)
    assert g.tolist() == [1, 1, 1, 1]
    assert not s.is_leaf and s.requires_grad


def test_a_sparse_leaf_gets_a_sparse_gradient():
    s = torch.eye(2).to_sparse().requires_grad_()
    torch.sparse.mm(s, torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert s.is_leaf and s.grad.is_sparse and s.grad.values().tolist() == [3, 7]
    (g,) = torch.autograd.grad(torch.sparse.sum(s * 3), s)
    assert g.is_sparse and g.values().tolist() == [3, 3]


def test_arithmetic():
    s, _ = sparse()
    d = torch.from_numpy(DENSE)
    other = torch.tensor([[1.0, 2.0, 0.0], [0.0, 5.0, 6.0]])
    o = other.to_sparse()
    same(s + o, d + other)
    same(s - o, d - other)
    same(s * o, d * other)
    same(s * other, d * other)
    same(other * s, d * other)
    same(other + s, d + other)
    same(other - s, other - d)
    same(torch.add(s, o, alpha=2), d + 2 * other)
    same(s / 2, d / 2)
    same(s**2, d**2)
    same(-s, -d)
    same(abs(s), abs(d))
    same(torch.sqrt(s), d.sqrt())
    dense = other.clone()
    same(dense.add_(s, alpha=-1), other - d)
    same(torch.sparse.mm(s, o.t()), d @ other.t())
    same(torch.mm(other.t(), s), other.t() @ d)
    same(torch.sparse.addmm(torch.ones(2, 2), s, other.t(), beta=2), 2 + d @ other.t())
    same(torch.hspmm(s, other.t()), d @ other.t())
    same(torch.smm(s, other.t()), d @ other.t())


def test_reductions_and_softmax():
    s, _ = sparse()
    d = torch.from_numpy(DENSE)
    assert s.sum().item() == 18
    same(torch.sparse.sum(s, 0), d.sum(0))
    same(torch.sparse.sum(s, (1,)), d.sum(1))
    there = torch.where(d != 0, d, torch.tensor(-torch.inf))
    same(torch.sparse.softmax(s, 1), torch.softmax(there, 1))
    same(torch.sparse.softmax(s, 0), torch.nan_to_num(torch.softmax(there, 0)))
    assert torch.sparse.spdiags(
        torch.arange(1, 7.0).view(2, 3), torch.tensor([0, -1]), (3, 3)
    ).to_dense().tolist() == [[1, 0, 0], [4, 2, 0], [0, 5, 3]]
    with torch.sparse.check_sparse_tensor_invariants():
        assert torch.sparse.check_sparse_tensor_invariants.is_enabled()


def test_parts_and_joins():
    x = random_sparse(4, 5)
    s = x.to_sparse()
    same(s[1], x[1])
    same(s[1:3], x[1:3])
    same(s[:, 2], x[:, 2])
    assert s[0, 1].item() == x[0, 1].item()
    same(s.index_select(1, torch.tensor([3, 3, 0])), x[:, [3, 3, 0]])
    same(torch.cat([s, s], 1), torch.cat([x, x], 1))
    same(torch.stack([s, s], 1), torch.stack([x, x], 1))
    same(s.unsqueeze(1), x.unsqueeze(1))
    same(s.sparse_mask(torch.eye(4, 5).to_sparse()), x * torch.eye(4, 5, dtype=x.dtype))
    same(x.sparse_mask(torch.eye(4, 5).to_sparse()), x * torch.eye(4, 5, dtype=x.dtype))


def test_dense_dimensions_behind():
    values = torch.arange(6.0).view(3, 2)
    s = torch.sparse_coo_tensor([[0, 2, 0]], values, (4, 2))
    assert s.sparse_dim() == 1 and s.dense_dim() == 1
    assert s.to_dense().tolist() == [[4, 6], [0, 0], [2, 3], [0, 0]]
    assert torch.sparse.sum(s, 1).to_dense().tolist() == [10, 0, 5, 0]


ERRORS = [
    (lambda s: s.indices(), RuntimeError, "Cannot get indices on an uncoalesced tensor"),
    (lambda s: s + torch.ones(2, 3), NotImplementedError, r"add\(sparse, dense\) is not supported"),
    (lambda s: s @ torch.ones(2, 2), ShapeError, "shapes cannot be multiplied"),
    (lambda s: torch.exp(s), LayoutError, "SparseCPU"),
    (lambda s: s.numpy(), TypeError, "can't convert Sparse layout tensor to numpy"),
    (lambda s: torch.ones(2).coalesce(), LayoutError, "got Strided"),
    (lambda s: s / torch.ones(2, 3), ArgumentError, "Sparse division requires a scalar"),
    (lambda s: torch.sparse_coo_tensor([[0], [3]], [1.0], (2, 3)), RuntimeError,
     "size is inconsistent with indices: for dim 1, size is 3 but found index 3"),
    (lambda s: torch.sparse_coo_tensor([[0], [-1]], [1.0], (2, 3)), RuntimeError, "negative index"),
    (lambda s: torch.sparse_coo_tensor([[0], [1]], [1.0, 2.0], (2, 3)), RuntimeError, "same nnz"),
    (lambda s: torch.sparse_csr_tensor([0, 2], [0], [1.0]), RuntimeError, "end with nnz"),
    (lambda s: torch.cat([s, torch.ones(2, 3)]), LayoutError, "all tensors must be sparse"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "words"), ERRORS)
def test_errors(call, kind, words):
    with pytest.raises(kind, match=words):
        call(sparse()[0])


# ---- gradients of few rows -----------------------------------------------------------------------


def table(sparse):
    weight = torch.arange(12.0).view(6, 2).requires_grad_()
    index = torch.tensor([[1, 3], [1, 5]])
    F = torch.nn.functional
    return weight, (F.embedding(index, weight, padding_idx=5, sparse=sparse) ** 2).sum()


def test_an_embedding_may_give_a_sparse_gradient():
    weight, loss = table(True)
    loss.backward()
    assert weight.grad.is_sparse and weight.grad._indices().tolist() == [[1, 3, 1]]
    wide, loss = table(False)
    loss.backward()
    same(weight.grad, wide.grad)
    weight.sum().backward()  # a dense gradient beside it
    same(weight.grad, wide.grad + 1)


def test_sparse_gradients_add_up():
    weight, loss = table(True)
    loss.backward()
    torch.nn.functional.embedding(torch.tensor([0]), weight, sparse=True).sum().backward()
    assert weight.grad._nnz() == 4
    bag = torch.nn.EmbeddingBag(4, 2, mode="sum", sparse=True)
    bag(torch.tensor([[1, 1], [2, 3]])).sum().backward()
    assert bag.weight.grad.to_dense().tolist() == [[0, 0], [2, 2], [1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("name", "options"),
    [("SGD", {}), ("SGD", {"momentum": 0.9}), ("SGD", {"momentum": 0.9, "nesterov": True}),
     ("Adagrad", {}), ("Adagrad", {"lr_decay": 0.1, "maximize": True})],
)  # fmt: skip
def test_optimisers_that_take_both_give_the_same(name, options):
    ends = []
    for kind in (True, False):
        weight = torch.arange(12.0).view(6, 2).requires_grad_()
        optimizer = getattr(torch.optim, name)([weight], lr=0.1, **options)
        for i in range(4):
            optimizer.zero_grad()
            index = torch.tensor([i, 1, i])
            torch.nn.functional.embedding(index, weight, sparse=kind).pow(2).sum().backward()
            optimizer.step()
        ends.append(weight.detach())
    same(*ends, rtol=1e-5)


def test_sparse_adam_is_adam_where_all_rows_have_gradients():
    ends = []
    for name in ("SparseAdam", "Adam"):
        weight = torch.arange(1.0, 7.0).view(3, 2).requires_grad_()
        optimizer = getattr(torch.optim, name)([weight], lr=0.1)
        for _ in range(5):
            optimizer.zero_grad()
            index = torch.tensor([0, 1, 2, 1])
            out = torch.nn.functional.embedding(index, weight, sparse=name == "SparseAdam")
            out.pow(2).sum().backward()
            optimizer.step()
        ends.append(weight.detach())
    same(*ends, rtol=1e-4)
    state = optimizer.state_dict()
    optimizer.load_state_dict(state)


TORCHS = {  # torch 2.13's weights after the hundred steps of the test
    "plain": ({}, [0.59608, 0.687147, 0.51092, 0.44449, 0.429081, 0.538873, 0.5, 0.475031,
                   0.481114, 0.558128, 0.28993, 0.28931]),
    "upwards": ({"betas": (0.5, 0.9), "maximize": True},
                [-2.937719, -2.709063, -3.297844, -3.09043, -2.173029, -1.995516, 0.5, 2.873581,
                 3.912775, 4.108185, 3.586293, 3.808433]),
}  # fmt: skip


@pytest.mark.parametrize("case", TORCHS)
def test_a_hundred_steps_on_some_of_the_rows(case):
    options, torchs = TORCHS[case]
    weight = (torch.arange(12.0).view(6, 2) / 4 - 1).requires_grad_()
    optimizer = torch.optim.SparseAdam([weight], lr=0.05, **options)
    for t in range(100):
        optimizer.zero_grad()
        index = torch.tensor([(7 * t) % 6, (5 * t + 1) % 6, (t * t) % 6])
        rows = torch.nn.functional.embedding(index, weight, sparse=True)
        (rows - 0.5).pow(2).sum().backward()
        optimizer.step()
    np.testing.assert_allclose(weight.detach().flatten().tolist(), torchs, atol=2e-6)


@pytest.mark.parametrize("name", ["Adam", "AdamW", "RMSprop", "NAdam", "Adadelta", "Muon"])
def test_the_others_say_what_to_use(name):
    weight, loss = table(True)
    loss.backward()
    with pytest.raises(RuntimeError, match="does not support sparse gradients"):
        getattr(torch.optim, name)([weight]).step()
    with pytest.raises(RuntimeError, match="does not support dense gradients"):
        wide, loss = table(False)
        loss.backward()
        torch.optim.SparseAdam([wide]).step()


def test_modules_keep_sparse_buffers():
    m = torch.nn.Module()
    m.register_buffer("adjacency", torch.eye(2).to_sparse())
    m = m.double()
    assert m.adjacency.dtype is torch.float64 and m.state_dict()["adjacency"].is_sparse
    other = torch.nn.Module()
    other.register_buffer("adjacency", (torch.eye(2) * 2).to_sparse())
    other.load_state_dict(m.state_dict())
    same(other.adjacency, np.eye(2, dtype=np.float32))


def test_a_function_may_save_a_sparse_matrix():
    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, indices, values, size, b):
            a = torch.sparse_coo_tensor(indices, values, size)
            ctx.save_for_backward(a, b)
            return torch.matmul(a, b)

        @staticmethod
        def backward(ctx, g):
            a, b = ctx.saved_tensors
            row, column = a._indices()
            return None, (g @ b.t())[row, column], None, a.t().matmul(g)

    indices = torch.tensor([[0, 1, 1], [2, 0, 2]])
    values = torch.tensor([3.0, 4.0, 5.0], requires_grad=True)
    b = torch.arange(6.0).reshape(3, 2).requires_grad_()
    Product.apply(indices, values, (2, 3), b).sum().backward()
    assert values.grad.tolist() == [9.0, 1.0, 9.0]
    assert b.grad.tolist() == [[4.0, 4.0], [0.0, 0.0], [8.0, 8.0]]
