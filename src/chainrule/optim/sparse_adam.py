"""Adam for gradients that touch few rows: only these rows, and their state, change."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.graph import user_frame
from chainrule.optim.adam import check_betas
from chainrule.optim.elementwise import sparse_rows
from chainrule.optim.optimizer import Optimizer, check, loss_of, number, zeros_like
from chainrule.storage import note_write
from chainrule.tensor import Tensor


class SparseAdam(Optimizer):
    """Adam on the rows that have a gradient; the moments of the others do not decay.

        m = beta1 * m + (1 - beta1) * g             v = beta2 * v + (1 - beta2) * g²
        p = p - lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps)

    Errors: parameters are dense, gradients sparse.

    >>> import chainrule as torch
    >>> table = torch.nn.Embedding(3, 1, sparse=True)
    >>> optimizer = torch.optim.SparseAdam(table.parameters(), lr=0.1)
    >>> before = table.weight.detach().clone()
    >>> table(torch.tensor([1])).sum().backward()
    >>> optimizer.step()
    >>> (table.weight - before).detach().flatten()
    tensor([ 0.0000, -0.1000,  0.0000])
    """

    def __init__(
        self, params: Any, lr: Any = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, maximize: bool = False,
    ) -> None:  # fmt: skip
        if isinstance(lr, Tensor) and lr._array.size != 1:
            raise ArgumentError("Tensor lr must be 1-element", [("lr", lr)])
        check("learning rate", lr, number(lr) > 0.0)
        check("epsilon value", eps, eps > 0.0)
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})
        dense = [(i, j) for i, group in enumerate(self.param_groups)
                 for j, p in enumerate(group["params"]) if p.is_sparse]  # fmt: skip
        if dense:
            raise ArgumentError(f"Sparse params at indices {dense}: SparseAdam requires dense "
                                "parameter tensors")  # fmt: skip

    def step(self, closure: Any = None) -> Any:
        """Change the rows that have a gradient.  A closure computes loss and gradients first."""
        from sys import _getframe

        loss = loss_of(closure)
        where = user_frame(_getframe(1))
        for group in self.param_groups:
            for p in group["params"]:
                grad = p._grad
                if grad is None:
                    continue
                if not grad.is_sparse:
                    raise ArgumentError(
                        "SparseAdam does not support dense gradients, please consider Adam instead",
                        [("parameter", p)],
                    )
                state = self.state[p]
                if not state:
                    state["step"] = 0
                    state["exp_avg"], state["exp_avg_sq"] = zeros_like(p), zeros_like(p)
                state["step"] += 1
                self.update(p._array, grad, state, group)
                note_write(p._array, where)
        return loss

    @staticmethod
    def update(p: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change the array `p` and the state at the entries of `grad`."""
        rows, g = sparse_rows(grad)
        if not g.size:
            return
        if group["maximize"]:
            g = -g
        t, (beta1, beta2), kind = state["step"], group["betas"], p.dtype.type
        first, second = state["exp_avg"]._array, state["exp_avg_sq"]._array
        old_m, old_v = first[rows], second[rows]
        up_m = (g - old_m) * kind(1 - beta1)
        up_v = (g * g - old_v) * kind(1 - beta2)
        m, v = old_m + up_m, old_v + up_v
        first[rows], second[rows] = m, v
        size = number(group["lr"]) * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
        p[rows] -= kind(size) * (m / (np.sqrt(v) + kind(group["eps"])))
