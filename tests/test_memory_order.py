"""How results are stored: `view`, strides and the order of random numbers depend on it."""

import pytest

import chainrule as torch
from chainrule.nn import functional as F


def turned():
    """Sizes (2, 4, 5, 3), stored with the last axis second."""
    return torch.arange(120.0).reshape(2, 3, 4, 5).permute(0, 2, 3, 1)


ROW_BY_ROW = {
    "softmax": lambda x: x.softmax(1),
    "softmax of the last axis": lambda x: x.softmax(-1),
    "log_softmax": lambda x: x.log_softmax(-1),
    "layer_norm": lambda x: F.layer_norm(x, (3,)),
    "rms_norm": lambda x: F.rms_norm(x, (3,)),
    "batch_norm": lambda x: F.batch_norm(x, None, None, training=True),
    "cat": lambda x: torch.cat([x, x]),
    "cat along the last axis": lambda x: torch.cat([x, x], -1),
    "stack": lambda x: torch.stack([x, x], -1),
    "masked_fill": lambda x: x.masked_fill(x > 3, 0.0),
    "roll": lambda x: x.roll(1, 1),
    "cumsum": lambda x: x.cumsum(1),
    "cumprod in double": lambda x: x.double().cumprod(1),
    "sum": lambda x: x.sum(1),
    "sum that keeps the axis": lambda x: x.sum(1, keepdim=True),
    "amax": lambda x: x.amax(1),
    "any": lambda x: (x > 3).any(1),
    "std": lambda x: x.std(1),
    "norm": lambda x: x.norm(dim=1),
    "logsumexp": lambda x: x.logsumexp(1),
}


@pytest.mark.parametrize("name", ROW_BY_ROW)
def test_row_by_row_whatever_the_order_of_the_operand(name):
    out = ROW_BY_ROW[name](turned())
    assert out.is_contiguous()
    assert out.view(-1).shape == (out.numel(),)
    plain = ROW_BY_ROW[name](turned().contiguous())
    assert torch.allclose(out, plain, equal_nan=True)


def test_gelu_follows_the_operand():
    assert F.gelu(turned()).stride() == turned().stride() == (60, 5, 1, 20)
    assert F.gelu(turned(), approximate="tanh").stride() == (60, 5, 1, 20)
    assert torch.equal(F.gelu(turned()), F.gelu(turned().contiguous()))


def test_channels_last_survives_cat():
    x = torch.arange(120.0).reshape(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    assert torch.cat([x, x], 1).is_contiguous(memory_format=torch.channels_last)


def test_dropout_after_softmax_draws_row_by_row():
    torch.manual_seed(0)
    mask = F.dropout(turned().softmax(1)) == 0
    torch.manual_seed(0)
    plain = F.dropout(torch.ones(2, 4, 5, 3)) == 0
    assert torch.equal(mask & (turned().softmax(1) != 0), plain & (turned().softmax(1) != 0))


def test_running_sums_and_products_keep_double_precision_inside():
    # 0.1 a million times: summed in float32 it ends at 100958.34
    assert float(torch.full((1000000,), 0.1).cumsum(0)[-1]) == pytest.approx(1e5, rel=1e-7)
    factor = torch.full((1000,), 0.999)
    assert float(factor.cumprod(0)[-1]) == pytest.approx(float(factor[0]) ** 1000, rel=1e-7)
    tall = torch.full((1000, 300), 0.999)  # plane by plane
    assert float(tall.cumprod(0)[-1, -1]) == pytest.approx(float(factor[0]) ** 1000, rel=1e-7)
