"""Optimisers with options, and gradients to feed them: the same for torch and for chainrule."""

from __future__ import annotations

from typing import Any

import numpy as np

STEPS = 100
SHAPES = ((5, 4), (3,), ())
CONFIGS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"maximize": True, "weight_decay": 0.1}),
    ("Adam", {}),
    ("Adam", {"weight_decay": 0.1, "amsgrad": True}),
    ("Adam", {"maximize": True, "betas": (0.5, 0.6), "eps": 1e-3}),
    ("AdamW", {}),
    ("AdamW", {"amsgrad": True, "weight_decay": 0.3}),
    ("RMSprop", {}),
    ("RMSprop", {"momentum": 0.9, "centered": True, "weight_decay": 0.1}),
    ("RMSprop", {"centered": True, "maximize": True}),
    ("RMSprop", {"momentum": 0.5, "alpha": 0.8}),
    ("Adagrad", {}),
    ("Adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.1}),
    ("Adadelta", {}),
    ("Adadelta", {"weight_decay": 0.1, "rho": 0.8}),
    ("Adamax", {}),
    ("Adamax", {"weight_decay": 0.1}),
    ("NAdam", {}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("NAdam", {"weight_decay": 0.1}),
    ("RAdam", {}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"betas": (0.8, 0.9), "weight_decay": 0.1}),
    ("Rprop", {}),
    ("Rprop", {"etas": (0.4, 1.5), "step_sizes": (1e-3, 1)}),
    ("ASGD", {}),
    ("ASGD", {"t0": 10, "lambd": 0.01, "weight_decay": 0.1}),
    ("Adafactor", {}),
    ("Adafactor", {"weight_decay": 0.1, "maximize": True}),
    ("Muon", {}),
    ("Muon", {"nesterov": False, "adjust_lr_fn": "match_rms_adamw"}),
]
SCHEDULES: dict[str, Any] = {
    "LambdaLR": lambda s, o: s.LambdaLR(o, [lambda t: 0.95**t, lambda t: 1 / (1 + t)]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda t: 0.95),
    "StepLR": lambda s, o: s.StepLR(o, 7, 0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [30, 60, 60, 90], 0.1),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.5, 10),
    "LinearLR": lambda s, o: s.LinearLR(o, 1.0, 0.0, 100),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.93),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 10, 0.01),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, 50, 2.0),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 10, 2, 0.001),
    "CyclicLR triangular": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 7),
    "CyclicLR triangular2": lambda s, o: s.CyclicLR(o, [0.01, 0.02], 0.1, 7, 5, "triangular2"),
    "CyclicLR exp_range": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 7, mode="exp_range", gamma=0.99),
    "CyclicLR own": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 7, scale_fn=lambda x: 1 / x),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, 0.1, 130),
    "OneCycleLR linear": lambda s, o: s.OneCycleLR(
        o, [0.1, 0.2], epochs=13, steps_per_epoch=10, anneal_strategy="linear", three_phase=True),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, 1.0, 10), s.CosineAnnealingLR(o, 90), s.StepLR(o, 5)], [10, 60]),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, 20), s.ExponentialLR(o, 0.9)]),
    "ReduceLROnPlateau": lambda s, o: s.ReduceLROnPlateau(o, patience=3, cooldown=2, min_lr=1e-4),
    "ReduceLROnPlateau max": lambda s, o: s.ReduceLROnPlateau(
        o, "max", 0.5, 2, threshold_mode="abs"),
}  # fmt: skip


def key(name: str, options: dict[str, Any], dtype: str) -> str:
    return f"{name}({', '.join(f'{k}={v}' for k, v in options.items())})/{dtype}"


def train(torch: Any, name: str, options: dict[str, Any], dtype: str) -> tuple[Any, list[Any]]:
    """The optimizer and its parameters after STEPS steps with random gradients."""
    random = np.random.RandomState(0)
    shapes = SHAPES if name != "Muon" else ((5, 4), (3, 8))
    params = [
        torch.from_numpy(np.asarray(random.randn(*s), dtype)).requires_grad_() for s in shapes
    ]
    optimizer = getattr(torch.optim, name)(params, **{"lr": 0.05, **options})
    for _ in range(STEPS):
        for p in params:
            p.grad = torch.from_numpy(np.asarray(random.randn(*p.shape), dtype))
        optimizer.step()
    return optimizer, params


def rates(torch: Any, name: str) -> np.ndarray:
    """Learning rates and momenta of two groups over 130 epochs."""
    random = np.random.RandomState(1)
    a, b = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
    groups = [{"params": [a]}, {"params": [b], "lr": 0.3}]
    optimizer = torch.optim.SGD(groups, lr=0.5, momentum=0.9)
    schedule = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
    rows = []
    for _ in range(130):
        optimizer.step()
        schedule.step(*([5 + random.randn()] if name.startswith("Reduce") else []))
        groups = optimizer.param_groups
        rows.append([g[k] for g in groups for k in ("lr", "momentum")])
        assert [g["lr"] for g in groups] == schedule.get_last_lr()
    return np.array(rows, np.float64)
