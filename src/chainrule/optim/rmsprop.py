"""RMSprop, Adagrad and Adadelta: steps scaled by the history of squared gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.optim.adam import average, average_square
from chainrule.optim.elementwise import Array, ElementwiseOptimizer, counted, sparse_rows
from chainrule.optim.optimizer import check, check_common, number, scalar
from chainrule.tensor import Tensor, from_array


class RMSprop(ElementwiseOptimizer):
    """Gradients divided by the root of their running mean square.

        v = alpha * v + (1 - alpha) * g²            p = p - lr * g / (sqrt(v) + eps)

    With `centered`, the square of the mean gradient is taken off v; with `momentum`, the scaled
    gradients add up as in SGD.

    Source: G. Hinton, Neural networks for machine learning, lecture 6, 2012.

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.RMSprop([w], lr=0.1, alpha=0.75)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8000], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
        weight_decay: float = 0, momentum: float = 0, centered: bool = False,
        capturable: bool = False, foreach: bool | None = None, maximize: bool = False,
        differentiable: bool = False,
    ) -> None:  # fmt: skip
        check_common(lr, eps, weight_decay, differentiable=differentiable)
        check("momentum value", momentum, momentum >= 0.0)
        check("alpha value", alpha, alpha >= 0.0)
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
            "weight_decay": weight_decay, "capturable": capturable, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable,
        })  # fmt: skip

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        momentum = ("momentum_buffer",) if group["momentum"] > 0 else ()
        return ("square_avg", *momentum, *(("grad_avg",) if group["centered"] else ()))

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        counted(state)
        return (number(group["lr"]), group["alpha"], group["eps"], group["momentum"],
                group["centered"])  # fmt: skip

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        lr, alpha, eps, momentum, centered = scalars
        v = buffers[0]
        average_square(v, g, alpha, t)
        if centered:
            mean = buffers[-1]
            average(mean, g, alpha, t)
            np.multiply(mean, mean, out=t)
            np.subtract(v, t, out=t)
            np.sqrt(t, out=t)
        else:
            np.sqrt(v, out=t)
        t += eps
        np.divide(g, t, out=t)
        if momentum > 0:
            total = buffers[1]
            total *= momentum
            total += t
            np.multiply(total, -lr, out=t)
        else:
            t *= -lr
        p += t


class Adagrad(ElementwiseOptimizer):
    """Gradients divided by the root of the sum of all their squares.

        s = s + g²            p = p - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)

    Source: J. Duchi et al., Adaptive subgradient methods for online learning, 2011.

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.Adagrad([w], lr=0.1)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
        initial_accumulator_value: float = 0, eps: float = 1e-10, foreach: bool | None = None, *,
        maximize: bool = False, differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        check_common(lr, eps, weight_decay, foreach=foreach, fused=fused,
                     differentiable=differentiable)  # fmt: skip
        check("lr_decay value", lr_decay, lr_decay >= 0.0)
        check("initial_accumulator_value value", initial_accumulator_value,
              initial_accumulator_value >= 0.0)  # fmt: skip
        super().__init__(params, {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "fused": fused,
        })  # fmt: skip
        for group in self.param_groups:
            for p in group["params"]:
                self.start(self.state[p], p, group)

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("sum",)

    def start(self, state: dict[str, Any], p: Tensor, group: dict[str, Any]) -> None:
        state["step"] = scalar()
        first = group["initial_accumulator_value"]
        first = first * (1 + 1j) if p._array.dtype.kind == "c" else first
        state["sum"] = from_array(np.full_like(p._array, first, subok=False))

    def share_memory(self) -> None:
        """Nothing to do: there is one process."""

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        t = counted(state)
        return number(group["lr"]) / (1 + (t - 1) * group["lr_decay"]), group["eps"]

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        lr, eps = scalars
        (total,) = buffers
        np.multiply(g, g, out=t)
        total += t
        np.sqrt(total, out=t)
        t += eps
        np.divide(g, t, out=t)
        t *= -lr
        p += t

    def sparse_step(self, p: Tensor, grad: Any, group: dict[str, Any]) -> None:
        """Move the rows that have a gradient."""
        if group["weight_decay"]:
            raise ArgumentError("weight_decay option is not compatible with sparse gradients",
                                [("parameter", p)])  # fmt: skip
        lr, eps = self.scalars(self.state[p], group)
        rows, g = sparse_rows(grad)
        kind, total = p._array.dtype.type, self.state[p]["sum"]._array
        total[rows] += g * g
        sign = 1 if group["maximize"] else -1
        p._array[rows] += kind(sign * lr) * (g / (np.sqrt(total[rows]) + kind(eps)))


class Adadelta(ElementwiseOptimizer):
    """Steps whose size follows that of the steps before: no learning rate to choose.

        v = rho * v + (1 - rho) * g²                d = sqrt(a + eps) / sqrt(v + eps) * g
        a = rho * a + (1 - rho) * d²                p = p - lr * d

    Source: M. Zeiler, ADADELTA: an adaptive learning rate method, 2012.

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.Adadelta([w])
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9968], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 1.0, rho: float = 0.9, eps: float = 1e-6,
        weight_decay: float = 0, foreach: bool | None = None, *, capturable: bool = False,
        maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        check_common(lr, eps, weight_decay, differentiable=differentiable)
        check("rho value", rho, 0.0 <= rho <= 1.0)
        super().__init__(params, {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay,
            "maximize": maximize, "capturable": capturable, "foreach": foreach,
            "differentiable": differentiable,
        })  # fmt: skip

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("square_avg", "acc_delta")

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        counted(state)
        return number(group["lr"]), group["rho"], group["eps"]

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        lr, rho, eps = scalars
        v, moved = buffers
        average_square(v, g, rho, t)
        root = np.sqrt(v + eps)
        np.add(moved, eps, out=t)
        np.sqrt(t, out=t)
        t /= root
        np.multiply(t, g, out=u)
        average_square(moved, u, rho, t)
        u *= -lr
        p += u
