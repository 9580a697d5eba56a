"""Stochastic gradient descent, plain, with momentum, with Nesterov's."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.optim.elementwise import Array, ElementwiseOptimizer, sparse_rows
from chainrule.optim.optimizer import check, check_common, number, zeros_like


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
