"""Adafactor and Muon: optimisers that treat a weight as a matrix."""

from __future__ import annotations

import math
from sys import _getframe
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, ShapeError
from chainrule.graph import user_frame
from chainrule.optim.elementwise import counted
from chainrule.optim.optimizer import (
    Optimizer,
    check,
    check_common,
    loss_of,
    number,
    refuse_sparse,
    scalar,
    zeros_like,
)
from chainrule.spec import BFLOAT16
from chainrule.storage import note_write
from chainrule.tensor import Tensor, from_array

Array = Any


class MatrixOptimizer(Optimizer):
    """Base of optimisers that look at a whole parameter at once: a subclass defines `change`."""

    def change(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change the array `p` in place."""
        raise NotImplementedError

    def step(self, closure: Any = None) -> Any:
        """Change the parameters once.  A closure computes the loss and its gradients first."""
        loss = loss_of(closure)
        where = user_frame(_getframe(1))
        for group in self.param_groups:
            for p in group["params"]:
                if p._grad is None:
                    continue
                if p._grad.is_sparse:
                    refuse_sparse(self, p)
                g = p._grad._array
                if group.get("maximize"):
                    g = -g
                self.change(p._array, g, self.state[p], group)
                note_write(p._array, where)
        return loss


class Adafactor(MatrixOptimizer):
    """Adam with the mean squares of a matrix kept as one row and one column.

    Source: N. Shazeer, M. Stern, Adafactor: adaptive learning rates with sublinear memory cost,
    2018.

    >>> import chainrule as torch
    >>> w = torch.ones(2, 3, requires_grad=True)
    >>> optimizer = torch.optim.Adafactor([w], lr=0.1)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> optimizer.state[w]["row_var"].shape, optimizer.state[w]["col_var"].shape
    (torch.Size([2, 1]), torch.Size([1, 3]))
    """

    def __init__(
        self, params: Any, lr: Any = 1e-2, beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3), d: float = 1.0, weight_decay: float = 0.0,
        *, foreach: bool | None = None, maximize: bool = False,
    ) -> None:  # fmt: skip
        if isinstance(lr, Tensor) and lr._array.size != 1:
            raise ArgumentError("Tensor lr must be 1-element", [("lr", lr)])
        for what, value, fits in (
            ("Learning rate", lr, number(lr) >= 0.0), ("beta2_decay", beta2_decay,
            beta2_decay <= 0.0), ("epsilon1", eps[0], eps[0] is None or eps[0] >= 0.0),
            ("epsilon2", eps[1], eps[1] >= 0.0), ("Clipping threshold d", d, d >= 1.0),
            ("weight_decay", weight_decay, weight_decay >= 0.0),
        ):  # fmt: skip
            if not fits:
                bound = "<= 0" if what == "beta2_decay" else ">= 1" if " d" in what else ">= 0"
                raise ArgumentError(f"{what} should be {bound} but is: {value}")
        super().__init__(params, {
            "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d,
            "weight_decay": weight_decay, "foreach": foreach, "maximize": maximize,
        })  # fmt: skip

    def change(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change the array `p` in place."""
        if not state:
            state["step"] = scalar()
            if g.ndim > 1:
                zeros = lambda *shape: from_array(np.zeros(shape, g.dtype))
                state["row_var"] = zeros(*g.shape[:-1], 1)
                state["col_var"] = zeros(*g.shape[:-2], 1, g.shape[-1])
            else:
                state["variance"] = from_array(np.zeros(g.shape, g.dtype))
        t, kind = counted(state), p.dtype.type
        lr, (eps1, eps2) = number(group["lr"]), group["eps"]
        if eps1 is None:
            eps1 = float(np.finfo(p.dtype).eps)
        weight = kind(t ** group["beta2_decay"])
        rate = max(eps2, float(norm(p)) / p.size**0.5) * min(lr, 1 / t**0.5)
        if group["weight_decay"]:
            p *= kind(1 - lr * group["weight_decay"])
        if g.ndim > 1:
            row, column = state["row_var"]._array, state["col_var"]._array
            for mean, axis in ((row, -1), (column, -2)):
                now = np.square(norm(g, axis)) / kind(g.shape[axis])
                mean += weight * (now - mean)
            estimate = row @ column
            estimate /= np.maximum(row.mean(axis=-2, keepdims=True), kind(eps1))
        else:
            estimate = state["variance"]._array
            estimate += weight * (g * g - estimate)
        update = g / np.sqrt(np.maximum(estimate, kind(eps1 * eps1)))
        clip = max(1.0, float(norm(update)) / (update.size**0.5 * group["d"]))
        p += update * kind(-rate / clip)


def norm(x: Array, axis: int | None = None) -> Array:
    """The root of the sum of squares."""
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=axis is not None))


class Muon(MatrixOptimizer):
    """Momentum made orthogonal: for the matrices inside a network.

    The orthogonalisation is five steps of a Newton-Schulz iteration in bfloat16.

    Errors: parameters are matrices.
    Source: K. Jordan, Muon: an optimizer for hidden layers in neural networks, 2024.

    >>> import chainrule as torch
    >>> w = torch.ones(2, 3, requires_grad=True)
    >>> optimizer = torch.optim.Muon([w], lr=0.1)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    def __init__(
        self, params: Any, lr: Any = 1e-3, weight_decay: float = 0.1, momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7, ns_steps: int = 5, adjust_lr_fn: str | None = None,
    ) -> None:  # fmt: skip
        check_common(lr, 0.0, weight_decay)
        check("momentum value", momentum, momentum >= 0.0)
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ArgumentError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        if ns_steps >= 100:
            raise ArgumentError("Number of steps must be less than 100 for computational "
                                "efficiency")  # fmt: skip
        if len(ns_coefficients) != 3:
            raise ArgumentError("Coefficients must be a tuple of exactly 3 values")
        super().__init__(params, {
            "lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
            "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        })  # fmt: skip
        for group in self.param_groups:
            for p in group["params"]:
                if p.ndim != 2:
                    raise ShapeError(
                        "Muon only supports 2D parameters whereas we found a parameter with size: "
                        f"{p.shape}", [("parameter", p)], fix="Give the others to AdamW.",
                    )  # fmt: skip

    def change(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change the array `p` in place."""
        if not state:
            state["momentum_buffer"] = zeros_like(from_array(g))
        kind, momentum, lr = p.dtype.type, group["momentum"], number(group["lr"])
        v = state["momentum_buffer"]._array
        v += kind(1 - momentum) * (g - v)
        step = g + kind(momentum) * (v - g) if group["nesterov"] else v
        step = orthogonal(step, group["ns_coefficients"], group["ns_steps"], group["eps"])
        rows, columns = p.shape
        if group["adjust_lr_fn"] == "match_rms_adamw":
            ratio = 0.2 * math.sqrt(max(rows, columns))
        else:
            ratio = math.sqrt(max(1, rows / columns))
        p *= kind(1 - lr * group["weight_decay"])
        p += step.astype(p.dtype) * kind(-lr * ratio)


def orthogonal(g: Array, coefficients: tuple[float, ...], steps: int, eps: float) -> Array:
    """Roughly U Vᵀ of the singular value decomposition U S Vᵀ of `g`."""
    a, b, c = coefficients

    def rounded(x: Array) -> Array:  # products add up in float32 and are kept in bfloat16
        return x.astype(BFLOAT16).astype(np.float32)

    x = rounded(g)
    tall = g.shape[0] > g.shape[1]
    if tall:
        x = x.T
    x = rounded(x / max(float(rounded(norm(x))), eps))
    for _ in range(steps):
        gram = rounded(x @ x.T)
        x = rounded(a * x + rounded(b * gram + c * (gram @ gram)) @ x)
    return x.T if tall else x
