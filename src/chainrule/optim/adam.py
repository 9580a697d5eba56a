"""Adam and its kin: gradients divided by a running measure of their size."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.optim.elementwise import Array, ElementwiseOptimizer, counted
from chainrule.optim.optimizer import check, check_common, number, scalar
from chainrule.tensor import Tensor


def check_betas(betas: Any) -> None:
    """Raise unless both are in [0, 1)."""
    for i, beta in enumerate(betas):
        check(f"beta parameter at index {i}", beta, 0.0 <= number(beta) < 1.0)


def average(m: Array, g: Array, beta: float, t: Array) -> None:
    """m = beta * m + (1 - beta) * g, as the step from m towards g."""
    np.subtract(g, m, t)
    np.multiply(t, 1 - beta, t)
    np.add(m, t, m)


def average_square(v: Array, g: Array, beta: float, t: Array) -> None:
    """v = beta * v + (1 - beta) * g²."""
    np.multiply(v, beta, v)
    np.multiply(g, g, t)
    np.multiply(t, 1 - beta, t)
    np.add(v, t, v)


class Adam(ElementwiseOptimizer):
    """Adam: momentum, and steps scaled by the root of the mean squared gradient.

        m = beta1 * m + (1 - beta1) * g             v = beta2 * v + (1 - beta2) * g²
        p = p - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)

    Source: D. Kingma, J. Ba, Adam: a method for stochastic optimization, 2015; `amsgrad`:
    S. Reddi et al., On the convergence of Adam and beyond, 2018.

    >>> import chainrule as torch
    >>> w = torch.tensor([1., -1.], requires_grad=True)
    >>> optimizer = torch.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.9000, -0.9000], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 1e-3, betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0, amsgrad: bool = False, *,
        foreach: bool | None = None, maximize: bool = False, capturable: bool = False,
        differentiable: bool = False, fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:  # fmt: skip
        if isinstance(lr, Tensor) and foreach and not capturable:
            raise ArgumentError(
                "lr as a Tensor is not supported for capturable=False and foreach=True"
            )
        check_common(lr, eps, weight_decay, foreach=foreach, fused=fused,
                     differentiable=differentiable)  # fmt: skip
        check_betas(betas)
        if isinstance(betas[0], Tensor) != isinstance(betas[1], Tensor):
            raise ArgumentError("betas must be either both floats or both Tensors")
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach,
            "capturable": capturable, "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        })  # fmt: skip

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        if group["amsgrad"]:
            return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
        return ("exp_avg", "exp_avg_sq")

    def coupled_decay(self, group: dict[str, Any]) -> float:
        return 0.0 if group["decoupled_weight_decay"] else number(group["weight_decay"])

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        t = counted(state)
        lr, (beta1, beta2) = number(group["lr"]), map(number, group["betas"])
        shrink = 1 - lr * group["weight_decay"] if group["decoupled_weight_decay"] else 1
        step_size = lr / (1 - beta1**t)
        return beta1, beta2, step_size, (1 - beta2**t) ** 0.5, group["eps"], shrink

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        beta1, beta2, step_size, correction, eps, shrink = scalars
        m, v = buffers[0], buffers[1]
        if shrink != 1:
            p *= shrink
        average(m, g, beta1, t)
        average_square(v, g, beta2, t)
        if len(buffers) == 3:
            v = np.maximum(buffers[2], v, out=buffers[2])
        np.sqrt(v, t)  # the correction of sqrt(v) stands in eps and in the step: one pass less
        np.add(t, eps * correction, t)
        np.divide(m, t, t)
        np.multiply(t, -step_size * correction, t)
        np.add(p, t, p)


class AdamW(Adam):
    """Adam with weight decay that shrinks the parameters directly: p = p * (1 - lr * decay).

    Source: I. Loshchilov, F. Hutter, Decoupled weight decay regularization, 2019.

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.AdamW([w], lr=0.1, weight_decay=0.5)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8500], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 1e-3, betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 1e-2, amsgrad: bool = False, *,
        maximize: bool = False, foreach: bool | None = None, capturable: bool = False,
        differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize,
            capturable=capturable, differentiable=differentiable, fused=fused,
            decoupled_weight_decay=True,
        )  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True


class Adamax(ElementwiseOptimizer):
    """Adam with the largest recent gradient in place of the mean square.

        m = beta1 * m + (1 - beta1) * g             n = max(beta2 * n, |g| + eps)
        p = p - lr / (1 - beta1^t) * m / n

    Source: D. Kingma, J. Ba, Adam: a method for stochastic optimization, 2015, section 7.

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.Adamax([w], lr=0.1)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 2e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0, foreach: bool | None = None, *,
        maximize: bool = False, differentiable: bool = False, capturable: bool = False,
    ) -> None:  # fmt: skip
        check_common(lr, eps, weight_decay, differentiable=differentiable)
        check_betas(betas)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
            "capturable": capturable,
        })  # fmt: skip

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_inf")

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        t = counted(state)
        beta1, beta2 = group["betas"]
        return beta1, beta2, number(group["lr"]) / (1 - beta1**t), group["eps"]

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        beta1, beta2, step_size, eps = scalars
        m, largest = buffers
        average(m, g, beta1, t)
        largest *= beta2
        np.absolute(g, out=t)
        t += eps
        np.maximum(largest, t, out=largest)
        np.divide(m, largest, out=t)
        t *= -step_size
        p += t


class NAdam(ElementwiseOptimizer):
    """Adam with Nesterov's momentum.

    Source: T. Dozat, Incorporating Nesterov momentum into Adam, 2016.

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.NAdam([w], lr=0.1)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> bool(w < 1)
    True
    """

    def __init__(
        self, params: Any, lr: Any = 2e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0, momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False, *, foreach: bool | None = None,
        maximize: bool = False, capturable: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        check_common(lr, eps, weight_decay, differentiable=differentiable)
        check_betas(betas)
        check("momentum_decay value", momentum_decay, momentum_decay >= 0.0)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "differentiable": differentiable,
        })  # fmt: skip

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")

    def coupled_decay(self, group: dict[str, Any]) -> float:
        return 0.0 if group["decoupled_weight_decay"] else group["weight_decay"]

    def start(self, state: dict[str, Any], p: Tensor, group: dict[str, Any]) -> None:
        super().start(state, p, group)
        step, *rest = state.items()
        state.clear()
        state.update([step, ("mu_product", scalar(1.0)), *rest])

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        t = counted(state)
        lr, (beta1, beta2), decay = number(group["lr"]), group["betas"], group["momentum_decay"]
        mu = beta1 * (1.0 - 0.5 * 0.96 ** (t * decay))
        mu_next = beta1 * (1.0 - 0.5 * 0.96 ** ((t + 1) * decay))
        product = state["mu_product"]._array
        product *= mu
        shrink = 1 - lr * group["weight_decay"] if group["decoupled_weight_decay"] else 1
        for_g = -lr * (1.0 - mu) / (1.0 - float(product))
        for_m = -lr * mu_next / (1.0 - float(product) * mu_next)
        return beta1, beta2, for_g, for_m, 1 - beta2**t, group["eps"], shrink

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        beta1, beta2, for_g, for_m, correction, eps, shrink = scalars
        m, v = buffers
        if shrink != 1:
            p *= shrink
        average(m, g, beta1, t)
        average_square(v, g, beta2, t)
        np.divide(v, correction, out=t)
        np.sqrt(t, out=t)
        t += eps
        np.divide(g, t, out=u)
        u *= for_g
        p += u
        np.divide(m, t, out=u)
        u *= for_m
        p += u


class RAdam(ElementwiseOptimizer):
    """Adam whose scaling waits until the variance of its mean square can be told.

    Source: L. Liu et al., On the variance of the adaptive learning rate and beyond, 2020.

    >>> import chainrule as torch
    >>> w = torch.tensor([1.], requires_grad=True)
    >>> optimizer = torch.optim.RAdam([w], lr=0.1)
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: Any = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0, decoupled_weight_decay: bool = False, *,
        foreach: bool | None = None, maximize: bool = False, capturable: bool = False,
        differentiable: bool = False,
    ) -> None:  # fmt: skip
        check_common(lr, eps, weight_decay, differentiable=differentiable)
        check_betas(betas)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay, "differentiable": differentiable,
        })  # fmt: skip

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")

    def coupled_decay(self, group: dict[str, Any]) -> float:
        return 0.0 if group["decoupled_weight_decay"] else group["weight_decay"]

    def scalars(self, state: dict[str, Any], group: dict[str, Any]) -> tuple[Any, ...]:
        t = counted(state)
        lr, (beta1, beta2) = number(group["lr"]), group["betas"]
        correction2 = 1 - beta2**t
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * t * beta2**t / correction2
        shrink = 1 - lr * group["weight_decay"] if group["decoupled_weight_decay"] else 1
        rectified: float | None = None
        if length > 5.0:
            rectified = correction2**0.5 * (
                (length - 4) * (length - 2) * longest
                / ((longest - 4) * (longest - 2) * length)
            ) ** 0.5  # fmt: skip
        return beta1, beta2, lr / (1 - beta1**t), rectified, group["eps"], shrink

    @staticmethod
    def update(p: Array, g: Array, buffers: list[Array], t: Array, u: Array, *scalars: Any) -> None:
        beta1, beta2, step_size, rectified, eps, shrink = scalars
        m, v = buffers
        if shrink != 1:
            p *= shrink
        average(m, g, beta1, t)
        average_square(v, g, beta2, t)
        np.multiply(m, -step_size, out=u)
        if rectified is not None:
            np.sqrt(v, out=t)
            t += eps
            u /= t
            u *= rectified
        p += u
