"""Stochastic gradient descent, plain, with momentum, with Nesterov's."""

from __future__ import annotations

from sys import _getframe
from typing import Any

import numpy as np

from chainrule.dtypes import strided
from chainrule.errors import ArgumentError
from chainrule.graph import user_frame
from chainrule.optim.elementwise import Array, ElementwiseOptimizer, sparse_rows
from chainrule.optim.optimizer import check, check_common, loss_of, number, zeros_like
from chainrule.spec import FLOAT32, FLOAT64
from chainrule.storage import note_write
from chainrule.tensor import Tensor

WHOLE = 1 << 16  # elements: up to here an array and its update stay in the cache anyway


class SGD(ElementwiseOptimizer):
    """Stochastic gradient descent.

        v = momentum * v + (1 - dampening) * g        (v = g in the first step)
        p = p - lr * v        (Nesterov: p - lr * (g + momentum * v); no momentum: p - lr * g)

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w * w).sum().backward()
    ...     optimizer.step()
    >>> w
    tensor([0.4600], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 1e-3, momentum: float = 0, dampening: float = 0,
        weight_decay: Any = 0, nesterov: bool = False, *, maximize: bool = False,
        foreach: bool | None = None, differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        check_common(lr, 0.0, weight_decay, foreach=foreach, fused=fused,
                     differentiable=differentiable)  # fmt: skip
        check("momentum value", momentum, momentum >= 0.0)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ArgumentError("Nesterov momentum requires a momentum and zero dampening",
                                fix="SGD(params, lr, momentum=0.9, nesterov=True)")  # fmt: skip
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize, "foreach": foreach,
            "differentiable": differentiable, "fused": fused,
        })  # fmt: skip

    def step(self, closure: Any = None) -> Any:
        """Change the parameters once.  A closure computes the loss and its gradients first."""
        if any(g["momentum"] or g["maximize"] or g["weight_decay"] for g in self.param_groups):
            general: Any = ElementwiseOptimizer.step
            return general.__wrapped__(self, closure)  # the hooks are around this step already
        loss = loss_of(closure)
        where = user_frame(_getframe(1))
        for group in self.param_groups:
            self._plain(group, number(group["lr"]), where)
        return loss

    def _plain(self, group: dict[str, Any], lr: float, where: Any) -> None:
        """p = p - lr * g and nothing else: half the time of the general way for small arrays."""
        factors: dict[Any, Array] = {}
        for p in group["params"]:
            grad = p._grad
            if grad is None:
                continue
            if type(grad) is not Tensor and grad.layout is not strided:
                self.sparse_step(p, grad, group)
                note_write(p._array, where)
                continue
            array, g = p._array, grad._array
            dtype = array.dtype
            if array.size > WHOLE or (dtype is not FLOAT32 and dtype is not FLOAT64):
                self._run([array, g], 0.0, False, (lr, 0, 0, False, False))
            else:
                factor = factors.get(dtype)
                if factor is None:
                    factor = factors[dtype] = np.asarray(-lr, dtype)
                np.add(array, g * factor, array)
            note_write(array, where)

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def started(self, state: dict[str, Any], names: tuple[str, ...]) -> bool:
        return not names or state.get("momentum_buffer") is not None

    def start(self, state: dict[str, Any], p: Any, group: dict[str, Any]) -> None:
        state["momentum_buffer"] = zeros_like(p)
        self._first = True

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        first, self._first = self._first, False
        return (number(group["lr"]), group["momentum"], group["dampening"], group["nesterov"],
                first)  # fmt: skip

    def sparse_step(self, p: Any, grad: Any, group: dict[str, Any]) -> None:
        """Move the rows that have a gradient; a momentum keeps the rows that ever had one."""
        g = (-grad if group["maximize"] else grad).detach()
        if number(group["weight_decay"]):
            g = g + p.detach() * number(group["weight_decay"])  # an error, as in torch
        momentum, state = group["momentum"], self.state[p]
        if momentum:
            v = state.get("momentum_buffer")
            if v is None:
                v = g.clone()
            else:
                v = (v * momentum).add(g, alpha=1 - group["dampening"]).coalesce()
            state["momentum_buffer"] = v
            g = g.add(v, alpha=momentum) if group["nesterov"] else v
        rows, values = sparse_rows(g)
        p._array[rows] -= p._array.dtype.type(number(group["lr"])) * values

    _first = False  # the state of the parameter at hand was made just now

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        lr, momentum, dampening, nesterov, first = scalars
        if momentum:
            (v,) = buffers
            if first:
                v[...] = g
            else:
                v *= momentum
                if dampening:
                    v += np.multiply(g, 1 - dampening, out=t)
                else:
                    v += g
            if nesterov:
                np.multiply(v, momentum, out=t)
                t += g
                t *= -lr
            else:
                np.multiply(v, -lr, out=t)
        else:
            np.multiply(g, -lr, out=t)
        p += t
