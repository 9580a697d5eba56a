"""Rprop and averaged SGD: for gradients over whole data sets, and for averages of iterates."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.optim.elementwise import Array, ElementwiseOptimizer, counted
from chainrule.optim.optimizer import check, check_common, number, scalar, zeros_like
from chainrule.tensor import Tensor, from_array


class Rprop(ElementwiseOptimizer):
    """Steps of each parameter's own size, which grows while the gradient keeps its sign.

    Source: M. Riedmiller, H. Braun, A direct adaptive method for faster backpropagation
    learning: the RPROP algorithm, 1993.

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.Rprop([w], lr=0.1)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50), *, capturable: bool = False,
        foreach: bool | None = None, maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        check_common(lr, differentiable=differentiable)
        check("eta values", f"{etas[0]}, {etas[1]}", 0.0 < etas[0] < 1.0 < etas[1])
        super().__init__(params, {
            "lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        })  # fmt: skip

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("prev", "step_size")

    def start(self, state: dict[str, Any], p: Tensor, group: dict[str, Any]) -> None:
        state["step"] = scalar()
        state["prev"] = zeros_like(p)
        lr = number(group["lr"])
        size = np.full_like(p._array, lr * (1 + 1j) if p._array.dtype.kind == "c" else lr,
                            subok=False)  # fmt: skip
        state["step_size"] = from_array(size)

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        counted(state)
        return (*group["etas"], *group["step_sizes"])

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        shrink, grow, smallest, largest = scalars
        before, size = buffers
        np.multiply(g, before, out=t)
        turned = t < 0
        t[...] = np.where(turned, shrink, np.where(t > 0, grow, 1))
        size *= t
        np.clip(size, smallest, largest, out=size)
        before[...] = np.where(turned, 0, g)
        np.sign(before, out=t)
        t *= size
        p -= t


class ASGD(ElementwiseOptimizer):
    """SGD with a decaying rate, and the average of its iterates in the state as `ax`.

    Source: B. Polyak, A. Juditsky, Acceleration of stochastic approximation by averaging, 1992.

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.ASGD([w], lr=0.1, lambd=0)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 1e-2, lambd: float = 1e-4, alpha: float = 0.75,
        t0: float = 1e6, weight_decay: float = 0, foreach: bool | None = None,
        maximize: bool = False, differentiable: bool = False, capturable: bool = False,
    ) -> None:  # fmt: skip
        check_common(lr, 0.0, weight_decay, differentiable=differentiable)
        super().__init__(params, {
            "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay,
            "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
            "capturable": capturable,
        })  # fmt: skip

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("ax",)

    def start(self, state: dict[str, Any], p: Tensor, group: dict[str, Any]) -> None:
        state["step"] = scalar()
        state["eta"] = scalar(number(group["lr"]))
        state["mu"] = scalar(1.0)
        state["ax"] = zeros_like(p)

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        t = counted(state)
        eta, mu = float(state["eta"]._array), float(state["mu"]._array)
        lr, lambd = number(group["lr"]), group["lambd"]
        state["eta"]._array[...] = lr / (1 + lambd * lr * t) ** group["alpha"]
        state["mu"]._array[...] = 1 / max(1, t - group["t0"])
        return eta, mu, 1 - lambd * eta

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        eta, mu, shrink = scalars
        (mean,) = buffers
        p *= shrink
        np.multiply(g, -eta, out=t)
        p += t
        if mu == 1:
            mean[...] = p
        else:
            np.subtract(p, mean, out=t)
            t *= mu
            mean += t
