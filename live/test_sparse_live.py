"""Sparse tensors and autocast against an installed torch."""

import numpy as np
import pytest
import torch as peer

import chainrule as torch

pytestmark = [pytest.mark.live, pytest.mark.filterwarnings("ignore")]


def operands(m):
    random = np.random.RandomState(0)
    arrays = [random.randn(5, 6) * (random.rand(5, 6) < 0.4) for _ in range(2)]
    a, b = (m.from_numpy(x.astype(np.float32)) for x in arrays)
    d = m.from_numpy(random.randn(6, 3).astype(np.float32))
    return a.to_sparse(), b.to_sparse(), d


SPARSE = {
    "mm": lambda m, a, b, d: a @ d, "csr": lambda m, a, b, d: a.to_sparse_csr() @ d,
    "mv": lambda m, a, b, d: a @ d[:, 0], "sparse sparse": lambda m, a, b, d: m.sparse.mm(a, b.t()),
    "dense sparse": lambda m, a, b, d: m.mm(d.t(), a.t()),
    "add": lambda m, a, b, d: a + b, "alpha": lambda m, a, b, d: m.add(a, b, alpha=3),
    "sub": lambda m, a, b, d: a - b, "mul": lambda m, a, b, d: a * b,
    "scale": lambda m, a, b, d: a * 2.5 / 3, "pow": lambda m, a, b, d: a**3,
    "cat": lambda m, a, b, d: m.cat([a, b], 1), "stack": lambda m, a, b, d: m.stack([a, b]),
    "sum": lambda m, a, b, d: m.sparse.sum(a, 0), "sum all": lambda m, a, b, d: a.sum(),
    "softmax": lambda m, a, b, d: m.sparse.softmax(a, 1),
    "log_softmax": lambda m, a, b, d: m.sparse.log_softmax(a, 0),
    "select": lambda m, a, b, d: a[2],
    "index_select": lambda m, a, b, d: a.index_select(1, m.tensor([3, 0, 3])),
    "mask": lambda m, a, b, d: a.to_dense().sparse_mask(b.coalesce()),
    "hspmm": lambda m, a, b, d: m.hspmm(a, d), "smm": lambda m, a, b, d: m.smm(a, d),
    "addmm": lambda m, a, b, d: m.sparse.addmm(m.ones(5, 3), a, d, beta=2, alpha=3),
    "csc": lambda m, a, b, d: a.to_sparse_csc(), "norm": lambda m, a, b, d: a.norm(),
    "log1p": lambda m, a, b, d: m.log1p(a.abs()), "t": lambda m, a, b, d: a.t().coalesce(),
    "unsqueeze": lambda m, a, b, d: a.unsqueeze(1),
}  # fmt: skip


@pytest.mark.parametrize("name", SPARSE)
def test_sparse_results_and_looks_are_torchs(name):
    ours, theirs = (SPARSE[name](m, *operands(m)) for m in (torch, peer))
    assert str(ours.layout) == str(theirs.layout)
    a, b = (x.to_dense().numpy() for x in (ours, theirs))
    assert a.dtype == b.dtype
    np.testing.assert_allclose(a, b, rtol=2e-6, atol=1e-6)
    if name in ("add", "mul", "cat", "stack", "sum", "csc", "t", "select", "mask"):
        assert repr(ours) == repr(theirs)


def attention(m, x):
    return m.nn.functional.scaled_dot_product_attention(x[None], x[None], x[None])


def layer_norm(m, x):
    return m.nn.functional.layer_norm(x, (4,))


def enlarged(m, x):
    return m.nn.functional.interpolate(x[None, None], scale_factor=2, mode="bilinear")


AUTOCAST = {
    "matmul": lambda m, x: x @ x, "bmm": lambda m, x: m.bmm(x[None], x[None]),
    "linear": lambda m, x: m.nn.functional.linear(x, x), "mv": lambda m, x: m.mv(x, x[0]),
    "einsum": lambda m, x: m.einsum("ij,jk->ik", x, x), "outer": lambda m, x: m.outer(x[0], x[0]),
    "conv1d": lambda m, x: m.nn.functional.conv1d(x[None], x[:, :, None]),
    "conv_transpose1d": lambda m, x: m.nn.functional.conv_transpose1d(x[None], x[:, :, None]),
    "attention": attention,
    "softmax": lambda m, x: x.softmax(-1), "layer_norm": layer_norm,
    "sum": lambda m, x: x.sum(), "prod": lambda m, x: x.prod(), "exp": lambda m, x: x.exp(),
    "mse": lambda m, x: m.nn.functional.mse_loss(x, x), "norm": lambda m, x: x.norm(),
    "cross_entropy": lambda m, x: m.nn.functional.cross_entropy(x, m.tensor([0, 1, 2, 3])),
    "bce": lambda m, x: m.nn.functional.binary_cross_entropy_with_logits(x, x),
    "cdist": lambda m, x: m.cdist(x, x), "trace": lambda m, x: x.trace(),
    "bilinear": enlarged,
    "reflect": lambda m, x: m.nn.functional.pad(x[None], (1, 1), mode="reflect"),
    "pad": lambda m, x: m.nn.functional.pad(x, (1, 1)), "relu": lambda m, x: x.relu(),
    "inverse": lambda m, x: m.inverse(x + 9 * m.eye(4, dtype=x.dtype)),
    "gelu": lambda m, x: m.nn.functional.gelu(x), "var": lambda m, x: x.var(),
    "module": lambda m, x: m.nn.Linear(4, 4)(x.float()),
    "batch_norm": lambda m, x: m.nn.functional.batch_norm(x[None], None, None, training=True),
}  # fmt: skip


@pytest.mark.parametrize("name", AUTOCAST)
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_autocast_computes_in_torchs_dtypes(name, dtype):
    found = []
    for m in (torch, peer):
        row = []
        for source in ("float32", "bfloat16", "float16", "float64"):
            x = m.ones(4, 4).to(getattr(m, source))
            with m.autocast("cpu", dtype=getattr(m, dtype)):
                try:
                    row.append(str(AUTOCAST[name](m, x).dtype))
                except Exception:
                    row.append("refused")
        found.append(row)
    for ours, theirs in zip(*found, strict=True):
        assert ours == theirs or theirs == "refused"
