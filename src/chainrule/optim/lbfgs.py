"""L-BFGS: Newton's method with a Hessian that is guessed from the last few gradients."""

from __future__ import annotations

from sys import _getframe
from typing import Any

import numpy as np

from chainrule.autograd import enable_grad
from chainrule.errors import ArgumentError
from chainrule.graph import user_frame
from chainrule.optim.elementwise import in_pairs
from chainrule.optim.line_search import Point, strong_wolfe
from chainrule.optim.optimizer import Optimizer, check_common, number
from chainrule.storage import note_write
from chainrule.tensor import from_array

Array = Any


class LBFGS(Optimizer):
    """L-BFGS.  `step(closure)` evaluates the closure several times.

    The closure clears the gradients, computes the loss, calls backward and returns the loss.

    Errors: one parameter group only; `line_search_fn` is None or "strong_wolfe".
    Source: J. Nocedal, Updating quasi-Newton matrices with limited storage, 1980.

    >>> import chainrule as torch
    >>> w = torch.tensor([3.], requires_grad=True)
    >>> optimizer = torch.optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((w - 1) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> loss = optimizer.step(closure)
    >>> bool((w - 1).abs() < 1e-4)
    True
    """

    def __init__(
        self, params: Any, lr: Any = 1, max_iter: int = 20, max_eval: int | None = None,
        tolerance_grad: float = 1e-7, tolerance_change: float = 1e-9, history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:  # fmt: skip
        check_common(lr)
        super().__init__(params, {
            "lr": lr, "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change,
            "history_size": history_size, "line_search_fn": line_search_fn,
        })  # fmt: skip
        if len(self.param_groups) != 1:
            raise ArgumentError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def step(self, closure: Any = None) -> Any:
        """Up to `max_iter` iterations; returns the loss before the first."""
        if closure is None:
            raise ArgumentError("LBFGS needs a closure", fix="optimizer.step(closure)")
        where = user_frame(_getframe(1))
        group = self.param_groups[0]
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ArgumentError("only 'strong_wolfe' is supported")
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        def evaluate() -> tuple[Any, Array]:
            with enable_grad():
                loss = closure()
            state["func_evals"] += 1
            return loss, self._gradient()

        first_loss, g = evaluate()
        loss, small = float(number(first_loss)), group["tolerance_grad"]
        if not g.size or np.abs(g).max() <= small:
            return first_loss
        memory = Memory(state)
        evaluations = 1
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            d = memory.direction(g, group["history_size"])
            lr = number(group["lr"])
            t = lr if state["n_iter"] > 1 else min(1.0, 1.0 / float(np.abs(g).sum())) * lr
            memory.t, previous = t, loss
            slope = float(g.dot(d))
            if slope > -group["tolerance_change"]:
                break
            if group["line_search_fn"]:
                loss, g, memory.t, used = self._search(
                    evaluate, t, d, Point(0.0, loss, g, slope), group["max_eval"] - evaluations,
                    where,
                )  # fmt: skip
            else:
                self._move(t * d, where)
                used = 0
                if iteration < group["max_iter"]:
                    value, g = evaluate()
                    loss, used = float(number(value)), 1
            evaluations += used
            if iteration == group["max_iter"] or evaluations >= group["max_eval"]:
                break
            if np.abs(g).max() <= small:
                break
            change = group["tolerance_change"]
            if np.abs(d * memory.t).max() <= change or abs(loss - previous) < change:
                break
        state["prev_loss"] = loss
        memory.store(state)
        return first_loss

    def _search(self, evaluate: Any, t: float, d: Array, start: Point, budget: int,
                where: Any) -> tuple[float, Array, float, int]:  # fmt: skip
        """A line search from where the parameters stand; moves them to its end."""
        kept = [p._array.copy() for p in self._params]

        def at(t: float) -> tuple[float, Array]:
            self._move(t * d, where)
            loss, gradient = evaluate()
            for p, array in zip(self._params, kept, strict=True):
                p._array[...] = array
                note_write(p._array, where)
            return float(number(loss)), gradient

        point, used = strong_wolfe(at, t, d, start, budget)
        self._move(point.t * d, where)
        return point.loss, point.gradient, point.t, used

    def _gradient(self) -> Array:
        """All gradients in one row; zeros where there is none."""
        return np.concatenate([
            flat(np.zeros_like(p._array) if p._grad is None else p._grad.to_dense()._array)
            for p in self._params
        ])  # fmt: skip

    def _move(self, change: Array, where: Any) -> None:
        """Add to the parameters what stands in one row."""
        start = 0
        for p in self._params:
            array = p._array
            if array.dtype.kind == "c":
                array = in_pairs(array)
            array += change[start : start + array.size].reshape(array.shape)
            note_write(p._array, where)
            start += array.size


def flat(array: Array) -> Array:
    """All numbers in one row; complex ones as pairs."""
    array = array.reshape(-1)
    return in_pairs(array).reshape(-1) if array.dtype.kind == "c" else array


class Memory:
    """The last changes of parameters (s) and of gradients (y), and the direction they advise."""

    def __init__(self, state: dict[str, Any]) -> None:
        arrays = lambda name: [t._array for t in state.get(name) or ()]
        self.y, self.s = arrays("old_dirs"), arrays("old_stps")
        self.ro = [float(r) for r in state.get("ro") or ()]
        self.scale = float(state.get("H_diag", 1.0))
        self.t = float(state.get("t", 0.0))
        d, g = state.get("d"), state.get("prev_flat_grad")
        self.d = None if d is None else d._array
        self.g = None if g is None else g._array

    def direction(self, g: Array, size: int) -> Array:
        """Where to go from here: minus the gradient times the guessed inverse Hessian."""
        kind = g.dtype.type
        if self.d is None:
            d = -g
        else:
            y, s = g - self.g, self.d * kind(self.t)
            ys = float(y.dot(s))
            if ys > 1e-10:
                if len(self.y) == size:
                    for old in (self.y, self.s, self.ro):
                        old.pop(0)
                self.y.append(y)
                self.s.append(s)
                self.ro.append(1.0 / ys)
                self.scale = ys / float(y.dot(y))
            q = -g
            weights = []
            for y, s, ro in zip(self.y[::-1], self.s[::-1], self.ro[::-1], strict=True):
                weights.append(kind(float(s.dot(q)) * ro))
                q -= y * weights[-1]
            d = q * kind(self.scale)
            for y, s, ro in zip(self.y, self.s, self.ro, strict=True):
                d += s * (weights.pop() - kind(float(y.dot(d)) * ro))
        self.d, self.g = d, g.copy()
        return d

    def store(self, state: dict[str, Any]) -> None:
        """Write all this down under torch's names."""
        tensor: Any = lambda a: None if a is None else from_array(a)
        kind = self.g.dtype
        state.update(
            d=tensor(self.d), t=self.t, old_dirs=[tensor(a) for a in self.y],
            old_stps=[tensor(a) for a in self.s], ro=[tensor(np.array(r, kind)) for r in self.ro],
            H_diag=tensor(np.array(self.scale, kind)), prev_flat_grad=tensor(self.g),
        )  # fmt: skip


__all__ = ["LBFGS"]
