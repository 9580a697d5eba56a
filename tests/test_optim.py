"""Optimisers and schedules: torch's values after a hundred steps, its state, hooks and errors."""

from __future__ import annotations

import copy
import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest

import chainrule as torch
import draws
import updates
from chainrule import optim
from chainrule.errors import OverwrittenError
from chainrule.optim import elementwise, lr_scheduler

RECORDED = draws.load(Path(__file__).parent / "recorded" / "optim.npz")


def parameter(*values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def with_gradient(*shape, seed=0, dtype=np.float64):
    random = np.random.RandomState(seed)
    p = torch.from_numpy(random.randn(*shape).astype(dtype)).requires_grad_()
    p.grad = torch.from_numpy(random.randn(*shape).astype(dtype))
    return p


# ---- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), updates.CONFIGS)
def test_a_hundred_steps_end_where_torchs_do(name, options, dtype):
    optimizer, params = updates.train(torch, name, options, dtype)
    key = updates.key(name, options, dtype)
    got = np.concatenate([p.detach().numpy().reshape(-1) for p in params])
    eps = {"float32": 2e-6, "float64": 1e-13}[dtype] if name != "Muon" else 0.03  # bfloat16 inside
    np.testing.assert_allclose(got, RECORDED[key], rtol=0, atol=eps * np.abs(got).max())
    layout = json.loads(RECORDED[f"{key}/layout"].tobytes())
    state = optimizer.state_dict()
    assert repr(optimizer) == layout["repr"]
    assert [list(g) for g in state["param_groups"]] == layout["groups"]
    shown = {str(k): {n: [str(v.dtype), list(v.shape)] for n, v in s.items()}
             for k, s in state["state"].items()}  # fmt: skip
    assert shown == layout["state"]
    assert [list(s) for s in shown.values()] == [list(s) for s in layout["state"].values()]


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "NAdam", "Adadelta", "Rprop"])
@pytest.mark.parametrize("shape", [(3, 50), (7, 1000)])
def test_pieces_and_memory_orders_change_nothing(name, shape, monkeypatch):
    options = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
    results = []
    for piece, order in ((1 << 15, "C"), (64, "C"), (64, "F"), (64, "strided")):
        monkeypatch.setattr(elementwise, "PIECE", piece)
        p = with_gradient(*shape)
        if order == "F":
            p.data = torch.from_numpy(np.asfortranarray(p.detach().numpy()))
        if order == "strided":
            wide = np.zeros((shape[0], 2 * shape[1]))
            wide[:, ::2] = p.detach().numpy()
            p.data = torch.from_numpy(wide[:, ::2])
        optimizer = getattr(optim, name)([p], lr=0.1, **options)
        for _ in range(3):
            optimizer.step()
        results.append(p.detach().numpy().copy())
    for other in results[1:]:
        np.testing.assert_allclose(other, results[0], rtol=1e-15)


def test_half_precision_parameters_step():
    p = torch.tensor([1.0, 2.0], dtype=torch.float16, requires_grad=True)
    p.grad = torch.tensor([1.0, -1.0], dtype=torch.float16)
    optim.Adam([p], lr=0.5).step()
    np.testing.assert_array_equal(p.detach().numpy(), np.array([0.5, 2.5], np.float16))
    assert p.dtype is torch.float16


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_lbfgs_finds_the_minimum(search):
    w = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    target = torch.from_numpy(np.array([1.0, -2.0, 3.0, 0.5]))
    optimizer = optim.LBFGS([w], lr=1 if search else 0.5, line_search_fn=search, max_iter=50)

    def closure():
        optimizer.zero_grad()
        d = w - target
        loss = (d * d).sum() + (d * d * d * d).sum()
        loss.backward()
        return loss

    first = optimizer.step(closure)
    assert first.item() > 100
    np.testing.assert_allclose(w.detach().numpy(), target.numpy(), atol=1e-4)
    state = optimizer.state_dict()["state"][0]
    assert state["n_iter"] >= 1 and state["func_evals"] >= state["n_iter"]
    other = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    again = optim.LBFGS([other], line_search_fn=search)
    again.load_state_dict(optimizer.state_dict())
    np.testing.assert_array_equal(again.state[other]["d"].numpy(), state["d"].numpy())


def test_lr_may_be_a_tensor_and_changes_by_itself():
    lr = torch.tensor(0.5)
    p = parameter(1.0)
    p.grad = torch.tensor([1.0], dtype=torch.float64)
    optimizer = optim.SGD([p], lr=lr)
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    schedule.step()
    assert optimizer.param_groups[0]["lr"] is lr and float(lr) == 0.25
    optimizer.step()
    assert p.item() == 1 - 0.5 - 0.25


# ---- the graph ---------------------------------------------------------------------------------


def test_a_step_is_seen_by_a_later_backward():
    w = parameter(2.0)
    y = (w * w).sum()
    w.grad = torch.tensor([1.0], dtype=torch.float64)
    optim.SGD([w], lr=0.1).step()
    with pytest.raises(OverwrittenError):
        y.backward()
    assert w.is_leaf and w.requires_grad and w._version == 1


def test_parameters_without_gradient_stay():
    a, b = parameter(1.0), parameter(1.0)
    a.grad = torch.tensor([1.0], dtype=torch.float64)
    optimizer = optim.Adam([a, b], lr=0.5)
    optimizer.step()
    assert a.item() == pytest.approx(0.5) and b.item() == 1.0
    assert list(optimizer.state_dict()["state"]) == [0]


def test_zero_grad():
    w = parameter(1.0, 2.0)
    optimizer = optim.SGD([w], lr=0.1)
    w.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    np.testing.assert_array_equal(w.grad.numpy(), [0, 0])
    w.sum().backward()
    np.testing.assert_array_equal(w.grad.numpy(), [1, 1])
    optimizer.zero_grad()
    assert w.grad is None


def test_closure_runs_with_gradients_on():
    w = parameter(3.0)
    optimizer = optim.SGD([w], lr=0.5)

    def closure():
        loss = (w * w).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        assert optimizer.step(closure).item() == 9
    assert w.item() == 0


# ---- saving, copying, hooks ----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "options"), updates.CONFIGS)
def test_goes_on_from_a_state_dict(name, options):
    kept, params = updates.train(torch, name, options, "float64")
    state = copy.deepcopy(kept.state_dict())
    copies = [torch.from_numpy(p.detach().numpy().copy()).requires_grad_() for p in params]
    loaded = getattr(optim, name)(copies)
    loaded.load_state_dict(pickle.loads(pickle.dumps(state)))
    for p, q in zip(params, copies, strict=True):
        q.grad = torch.from_numpy(np.array(p.grad.numpy()))
    kept.step()
    loaded.step()
    for p, q in zip(params, copies, strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())


def test_loaded_state_takes_the_parameters_dtype():
    p = with_gradient(3, dtype=np.float32)
    optimizer = optim.Adam([p])
    optimizer.step()
    q = with_gradient(3)
    other = optim.Adam([q])
    other.load_state_dict(optimizer.state_dict())
    assert other.state[q]["exp_avg"].dtype is torch.float64
    assert other.state[q]["step"].dtype is torch.float32


def test_groups_have_options_of_their_own_and_names():
    a, b = with_gradient(2), with_gradient(2)
    optimizer = optim.SGD([("a", a)], lr=0.1)
    optimizer.add_param_group({"params": [("b", b)], "lr": 0.0})
    before = b.detach().numpy().copy()
    optimizer.step()
    np.testing.assert_array_equal(b.detach().numpy(), before)
    assert [g["param_names"] for g in optimizer.param_groups] == [["a"], ["b"]]
    assert [g["params"] for g in optimizer.state_dict()["param_groups"]] == [[0], [1]]


def test_hooks_run_in_order_and_go_away():
    seen = []
    p = with_gradient(2)
    optimizer = optim.SGD([p], lr=0.1)
    handles = [
        optimizer.register_step_pre_hook(lambda o, a, k: seen.append("pre")),
        optimizer.register_step_post_hook(lambda o, a, k: seen.append("post")),
        optimizer.register_state_dict_post_hook(lambda o, d: {**d, "more": 1}),
        optim.optimizer.register_optimizer_step_pre_hook(lambda o, a, k: seen.append("all")),
    ]
    optimizer.step()
    assert seen == ["all", "pre", "post"]
    assert optimizer.state_dict()["more"] == 1
    for handle in handles:
        handle.remove()
    optimizer.step()
    assert len(seen) == 3 and "more" not in optimizer.state_dict()


def test_own_optimizers_and_required_options():
    class Own(optim.Optimizer):
        def __init__(self, params, lr=optim.optimizer.required):
            super().__init__(params, {"lr": lr})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    p.sub_(p.grad * group["lr"])

    p = with_gradient(2)
    expected = p.detach().numpy() - 0.5 * p.grad.numpy()
    calls = []
    optimizer = Own([p], lr=0.5)
    optimizer.register_step_post_hook(lambda *a: calls.append(1))
    optimizer.step()
    np.testing.assert_allclose(p.detach().numpy(), expected)
    assert calls == [1]
    with pytest.raises(ValueError, match="didn't specify a value of required optimization"):
        Own([p])


# ---- errors --------------------------------------------------------------------------------------


P = torch.ones(2, requires_grad=True)
ERRORS = [
    (lambda: optim.SGD([], lr=0.1), ValueError, "optimizer got an empty parameter list"),
    (lambda: optim.SGD(P, lr=0.1), TypeError, "should be an iterable of Tensors or dicts"),
    (lambda: optim.SGD([1.0], lr=0.1), TypeError, "can only optimize Tensors"),
    (lambda: optim.SGD([P * 2], lr=0.1), ValueError, "can't optimize a non-leaf Tensor"),
    (lambda: optim.SGD([{"params": {P}}], lr=0.1), TypeError, "ordered collections"),
    (lambda: optim.SGD([{"params": [P]}, {"params": [P]}]), ValueError, "more than one parameter"),
    (lambda: optim.SGD([("a", P), torch.ones(1)]), ValueError, "with/without names"),
    (lambda: optim.SGD([P], lr=-1), ValueError, "Invalid learning rate: -1"),
    (lambda: optim.SGD([P], momentum=-1), ValueError, "Invalid momentum value: -1"),
    (lambda: optim.SGD([P], weight_decay=-1), ValueError, "Invalid weight_decay value: -1"),
    (lambda: optim.SGD([P], nesterov=True), ValueError, "Nesterov momentum requires"),
    (lambda: optim.SGD([P], fused=True, foreach=True), RuntimeError, "cannot be `True` together"),
    (lambda: optim.Adam([P], betas=(1.0, 0.9)), ValueError, "beta parameter at index 0: 1.0"),
    (lambda: optim.Adam([P], eps=-1), ValueError, "Invalid epsilon value: -1"),
    (lambda: optim.Adam([P], differentiable=True), ValueError, "not supported"),
    (lambda: optim.RMSprop([P], alpha=-1), ValueError, "Invalid alpha value: -1"),
    (lambda: optim.Adadelta([P], rho=2), ValueError, "Invalid rho value: 2"),
    (lambda: optim.Rprop([P], etas=(1.5, 2)), ValueError, "Invalid eta values: 1.5, 2"),
    (lambda: optim.Adafactor([P], d=0.5), ValueError, "should be >= 1 but is: 0.5"),
    (lambda: optim.Muon([P]), ValueError, "only supports 2D parameters"),
    (lambda: optim.LBFGS([{"params": [P]}, {"params": [torch.ones(1)]}]), ValueError,
     "doesn't support per-parameter options"),
    (lambda: optim.SGD([P]).load_state_dict({"state": {}, "param_groups": []}), ValueError,
     "different number of parameter groups"),
    (lambda: optim.SGD([P]).load_state_dict(
        {"state": {}, "param_groups": [{"params": [0, 1]}]}), ValueError, "doesn't match the size"),
    (lambda: lr_scheduler.StepLR(3, 1), TypeError, "int is not an Optimizer"),
    (lambda: lr_scheduler.LambdaLR(optim.SGD([P]), [abs, abs]), ValueError, "Expected 1 lr_lam"),
    (lambda: lr_scheduler.ConstantLR(optim.SGD([P]), 2.0), ValueError, "between 0 and 1"),
    (lambda: lr_scheduler.LinearLR(optim.SGD([P]), 0.0), ValueError, "greater than 0"),
    (lambda: lr_scheduler.OneCycleLR(optim.SGD([P]), 0.1), ValueError, "either total_steps OR"),
    (lambda: lr_scheduler.CyclicLR(optim.Adagrad([P]), 0.1, 1), ValueError, "support momentum"),
    (lambda: lr_scheduler.SequentialLR(optim.SGD([P]), [], []), ValueError, "at least one sched"),
    (lambda: lr_scheduler.ReduceLROnPlateau(optim.SGD([P]), "up"), ValueError, "mode up is unkn"),
    (lambda: lr_scheduler.CosineAnnealingWarmRestarts(optim.SGD([P]), 0), ValueError, "T_0"),
    (lambda: lr_scheduler.StepLR(optim.SGD([P]), 1, last_epoch=3), KeyError, "initial_lr"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "words"), ERRORS)
def test_errors(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_duplicate_parameters_warn():
    with pytest.warns(UserWarning, match="duplicate parameters"):
        optim.SGD([P, P])


# ---- schedules -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", updates.SCHEDULES)
@pytest.mark.filterwarnings("ignore:.*epoch parameter", "ignore:.*get_last_lr")
def test_rates_are_torchs(name):
    np.testing.assert_allclose(updates.rates(torch, name), RECORDED[f"schedule/{name}"], rtol=1e-14)


A0, T = 0.8, 100
LECTURES = {
    "step: a tenth at 30, 60, 90": (
        lambda o: lr_scheduler.MultiStepLR(o, [30, 60, 90]),
        lambda t: A0 * 0.1 ** sum(t >= m for m in (30, 60, 90)),
    ),
    "cosine: a0 (1 + cos(t pi / T)) / 2": (
        lambda o: lr_scheduler.CosineAnnealingLR(o, T),
        lambda t: 0.5 * A0 * (1 + math.cos(t * math.pi / T)),
    ),
    "linear: a0 (1 - t / T)": (
        lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, T),
        lambda t: A0 * (1 - t / T),
    ),
    "inverse square root: a0 / sqrt(t)": (
        lr_scheduler.InverseSquareRootLR,
        lambda t: A0 / math.sqrt(t) if t else A0,
    ),
}


@pytest.mark.parametrize("name", LECTURES)
def test_schedules_of_the_lectures(name):
    build, formula = LECTURES[name]
    optimizer = optim.SGD([torch.ones(1)], lr=A0)
    schedule = build(optimizer)
    exact = lr_scheduler.LambdaLR(optim.SGD([torch.ones(1)], lr=1.0), formula)
    for t in range(T + 1):
        assert schedule.get_last_lr()[0] == pytest.approx(formula(t), rel=1e-11, abs=1e-14), t
        assert exact.get_last_lr() == [formula(t)]
        for s in (schedule, exact):
            s.optimizer.step()
            s.step()


@pytest.mark.parametrize("name", updates.SCHEDULES)
def test_schedules_go_on_from_a_state_dict(name):
    def build():
        optimizer = optim.SGD([{"params": [torch.ones(1)]}, {"params": [torch.ones(1)]}], lr=0.5,
                              momentum=0.9)  # fmt: skip
        return optimizer, updates.SCHEDULES[name](lr_scheduler, optimizer)

    def go(optimizer, schedule, epochs):
        for t in range(epochs):
            optimizer.step()
            schedule.step(*([float(t)] if name.startswith("Reduce") else []))

    (o1, s1), (o2, s2) = build(), build()
    go(o1, s1, 17)
    o2.load_state_dict(copy.deepcopy(o1.state_dict()))
    s2.load_state_dict(copy.deepcopy(s1.state_dict()))
    assert s1.get_last_lr() == s2.get_last_lr()
    go(o1, s1, 20)
    go(o2, s2, 20)
    assert s1.get_last_lr() == s2.get_last_lr()


def test_schedules_warn_about_the_order():
    optimizer = optim.SGD([torch.ones(1)], lr=0.1)
    schedule = lr_scheduler.StepLR(optimizer, 3)
    with pytest.warns(UserWarning, match=r"`lr_scheduler.step\(\)` before `optimizer.step\(\)`"):
        schedule.step()
    optimizer.step()
    with pytest.warns(UserWarning, match="epoch parameter"):
        schedule.step(7)
    assert schedule.get_last_lr() == pytest.approx([0.001])
    with pytest.warns(UserWarning, match="get_last_lr"):
        schedule.get_lr()
