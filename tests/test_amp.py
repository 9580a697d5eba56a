"""Autocast: which functions compute in which dtype; the gradient scaler."""

from __future__ import annotations

import pickle
import threading
import warnings

import numpy as np
import pytest

import chainrule as torch
from chainrule.amp import lists

F = torch.nn.functional
BF16, F16, F32, F64 = torch.bfloat16, torch.float16, torch.float32, torch.float64


@pytest.mark.parametrize("dtype", [BF16, F16])
@pytest.mark.parametrize(
    "f",
    [lambda x: x @ x, lambda x: torch.mm(x, x), lambda x: F.linear(x, x),
     lambda x: torch.einsum("ij,jk->ik", x, x), lambda x: torch.addmm(x, x, x),
     lambda x: F.conv2d(x[None, None], x[None, None]), lambda x: torch.bmm(x[None], x[None]),
     lambda x: F.scaled_dot_product_attention(x[None], x[None], x[None])],
)  # fmt: skip
def test_products_run_in_lower_precision(f, dtype):
    x = torch.eye(4)
    assert f(x).dtype is F32
    with torch.autocast("cpu", dtype=dtype):
        assert f(x).dtype is dtype
        assert f(x.to(dtype)).dtype is dtype
        assert f(x.double()).dtype is F64
    assert f(x).dtype is F32


@pytest.mark.parametrize(
    "f",
    [lambda x: F.mse_loss(x, x), lambda x: F.cross_entropy(x, torch.tensor([0, 1, 2, 3])),
     lambda x: x.prod(), lambda x: F.binary_cross_entropy_with_logits(x, x),
     lambda x: torch.cdist(x, x), lambda x: F.pad(x[None], (1, 1), mode="reflect")],
)  # fmt: skip
def test_losses_run_in_float32(f):
    x = torch.eye(4)
    with torch.autocast("cpu"):
        assert f(x.bfloat16()).dtype is F32
        assert f(x).dtype is F32


@pytest.mark.parametrize(
    "f", [torch.softmax, lambda x, d: F.layer_norm(x, (4,)), lambda x, d: x.sum(d),
          lambda x, d: F.relu(x), lambda x, d: torch.mv(x, x[0]), lambda x, d: F.pad(x, (1, 1))],
)  # fmt: skip
def test_the_others_take_what_they_get(f):
    x = torch.eye(4)
    with torch.autocast("cpu"):
        assert f(x, 0).dtype is F32
        assert f(x.bfloat16(), 0).dtype is BF16


def test_joins_run_in_the_widest():
    with torch.autocast("cpu"):
        assert torch.cat([torch.ones(1), torch.ones(1, dtype=BF16)]).dtype is F32


def test_blocks_nest_and_end():
    x = torch.eye(2)
    with torch.autocast("cpu"):
        with torch.autocast("cpu", enabled=False):
            assert (x @ x).dtype is F32 and not torch.is_autocast_enabled("cpu")
        assert (x @ x).dtype is BF16 and torch.is_autocast_enabled("cpu")
        with torch.autocast("cpu", dtype=F16):
            assert (x @ x).dtype is F16
        assert torch.get_autocast_dtype("cpu") is BF16
    assert not torch.is_autocast_enabled("cpu")

    @torch.autocast("cpu")
    def f():
        return x @ x

    assert f().dtype is BF16
    with pytest.raises(ZeroDivisionError), torch.autocast("cpu"):
        raise ZeroDivisionError
    assert lists.Places.active == 0


def test_off_nothing_is_checked():
    plain = torch.Tensor.__matmul__, F.linear, torch.mm
    with torch.autocast("cpu"):
        assert torch.mm is not plain[2]
    assert (torch.Tensor.__matmul__, F.linear, torch.mm) == plain


def test_other_threads_are_left_alone():
    found = []
    with torch.autocast("cpu"):
        thread = threading.Thread(target=lambda: found.append((torch.eye(2) @ torch.eye(2)).dtype))
        thread.start()
        thread.join()
    assert found == [F32]


def test_a_parameter_is_cast_once_and_gets_its_gradient():
    w = torch.eye(2).requires_grad_()
    with torch.autocast("cpu"):
        loss = ((w @ w) @ w).sum()
        assert len(torch.amp.state.state.cache) == 1
    assert not torch.amp.state.state.cache
    loss.backward()
    assert w.grad.dtype is F32 and w.grad.tolist() == [[3, 3], [3, 3]]
    with torch.autocast("cpu", cache_enabled=False):
        w @ w
        assert not torch.amp.state.state.cache


def test_no_gpu_no_autocast():
    with pytest.warns(UserWarning, match="CUDA is not available"):
        context = torch.autocast("cuda")
    with context:
        assert (torch.eye(2) @ torch.eye(2)).dtype is F32
    with pytest.warns(UserWarning, match="Disabling autocast"):
        torch.autocast("cpu", dtype=torch.int32)
    with pytest.raises(RuntimeError, match="unsupported autocast device_type"):
        torch.autocast("nonsense")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not torch.cuda.amp.GradScaler().is_enabled()
        with torch.cuda.amp.autocast():
            assert not torch.is_autocast_enabled()
        with torch.cpu.amp.autocast():
            assert (torch.eye(2) @ torch.eye(2)).dtype is BF16


def test_custom_functions():
    class Product(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cpu")
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x @ x

        @staticmethod
        @torch.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            Product.seen = (x @ x).dtype
            return g.float()

    x = torch.eye(2, requires_grad=True)
    with torch.autocast("cpu"):
        out = Product.apply(x)
    assert out.dtype is BF16
    out.sum().backward()
    assert Product.seen is BF16


def test_the_scaler_grows_and_backs_off():
    w = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.5)
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2)
    scales = []
    for factor in (1.0, 1.0, float("inf"), 1.0):
        optimizer.zero_grad()
        scaler.scale((w * factor).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        scales.append(scaler.get_scale())
    assert scales == [8, 16, 8, 8] and w.item() == 1 - 3 * 0.5
    state = scaler.state_dict()
    assert state == {"scale": 8.0, "growth_factor": 2.0, "backoff_factor": 0.5,
                     "growth_interval": 2, "_growth_tracker": 1}  # fmt: skip
    again = torch.amp.GradScaler("cpu")
    again.load_state_dict(state)
    assert again.state_dict() == state
    assert pickle.loads(pickle.dumps(scaler)).state_dict() == state


def test_scaler_errors():
    w = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.5)
    scaler = torch.amp.GradScaler("cpu")
    with pytest.raises(AssertionError, match="_scale is None"):
        scaler.step(optimizer)
    scaler.scale(w.sum()).backward()
    scaler.unscale_(optimizer)
    np.testing.assert_array_equal(w.grad.numpy(), 1)
    with pytest.raises(RuntimeError, match=r"unscale_\(\) has already been called"):
        scaler.unscale_(optimizer)
    scaler.step(optimizer)
    with pytest.raises(RuntimeError, match=r"step\(\) has already been called"):
        scaler.step(optimizer)
    with pytest.raises(RuntimeError, match="after step"):
        scaler.unscale_(optimizer)
    off = torch.amp.GradScaler("cpu", enabled=False)
    assert off.scale(w) is w and off.get_scale() == 1.0 and off.state_dict() == {}
    off.step(optimizer)
    off.update()
