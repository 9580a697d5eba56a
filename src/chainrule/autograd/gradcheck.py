"""`gradcheck` and `gradgradcheck`: do the rules agree with differences of the function itself?

Both Jacobians are built in full: the analytic one row by row through backward, the numeric one
column by column from central differences.  A failure says which element of which pair is wrong,
and by how much.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.autograd import grad
from chainrule.autograd.mode import enable_grad, no_grad
from chainrule.errors import ArgumentError, GraphError
from chainrule.spec import COMPLEX128, FLOAT64, is_differentiable, real_of
from chainrule.tensor import Tensor, from_array

Array = Any


class GradcheckError(GraphError):
    """A gradient is wrong: which, where, and by how much."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the gradients of `func` at `inputs` agree with central differences.

    Args:
        func: takes the inputs, returns a tensor or several.
        inputs: a tensor or a tuple; those that require gradients, in float64, are checked.
        eps: the step of the differences.
        atol, rtol: |analytic - numeric| <= atol + rtol * |numeric|.
        raise_exception: raise `GradcheckError` instead of returning False.
        nondet_tol: how much two backward passes may differ.
        check_undefined_grad: also backward from each output alone.
        fast_mode: compare one random projection of the Jacobians instead of all elements.

    Errors: GradcheckError names input, output and element, with both derivatives.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(lambda x: (x * x).sum(), x)
    True
    """
    for name, value in (("check_forward_ad", check_forward_ad),
                        ("check_batched_forward_grad", check_batched_forward_grad)):  # fmt: skip
        if value:
            raise ArgumentError(f"gradcheck: {name}=True is not available")
    try:
        given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
        checked = chosen(given)
        if check_backward_ad:
            check(func, given, checked, eps, atol, rtol, nondet_tol, fast_mode)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def chosen(inputs: tuple[Any, ...]) -> list[int]:
    """The positions of the inputs to differentiate by."""
    found = []
    for i, x in enumerate(inputs):
        if not (isinstance(x, Tensor) and x.requires_grad):
            continue
        if x._array.dtype not in (FLOAT64, COMPLEX128):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or "
                "complex. This check will likely fail if all the inputs are not of double "
                "precision floating point or complex.", stacklevel=4,
            )  # fmt: skip
        if 0 in x._array.strides and x._array.size > 1:
            raise GraphError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs "
                "that are non-overlapping to be able to compute the numerical gradients correctly.",
                fix="You should call .contiguous on the input before passing it to gradcheck.",
            )
        x.retain_grad()
        found.append(i)
    if not found:
        raise ArgumentError(
            "gradcheck expects at least one input tensor to require gradient, but none of "
            "them have requires_grad=True."
        )
    return found


def outputs_of(func: Callable[..., Any], inputs: tuple[Any, ...]) -> list[Tensor]:
    """The differentiable outputs."""
    out = func(*inputs)
    outs = [out] if isinstance(out, Tensor) else list(out)
    return [o for o in outs if isinstance(o, Tensor) and is_differentiable(o._array.dtype)]


def parts(array: Array) -> Array:
    """The numbers as a flat array of real ones: a complex one is a pair."""
    flat = np.ravel(array)
    return flat.view(real_of(flat.dtype)) if flat.dtype.kind == "c" else flat


def check(
    func: Any, inputs: Any, checked: list[int], eps: float, atol: float, rtol: float,
    nondet_tol: float, fast: bool,
) -> None:  # fmt: skip
    """Compare the Jacobians of every output with respect to every checked input."""
    with enable_grad():
        outs = outputs_of(func, inputs)
    numeric = numeric_jacobians(func, inputs, checked, eps, len(outs))
    for o, out in enumerate(outs):
        if not out.requires_grad:
            analytic = [zeros(out, inputs[i]) for i in checked]
        else:
            analytic = analytic_jacobians(out, [inputs[i] for i in checked])
            again = analytic_jacobians(out, [inputs[i] for i in checked])
            for i, first, second in zip(checked, analytic, again, strict=True):
                if np.abs(first - second).max(initial=0) > nondet_tol:
                    raise GradcheckError(
                        f"Backward is not reentrant, i.e., running backward with same input and "
                        f"grad_output multiple times gives different values, for input {i}. The "
                        f"tolerance for nondeterminism was {nondet_tol}."
                    )
        for i, a in zip(checked, analytic, strict=True):
            compare(a, numeric[o, i], o, i, out, inputs[i], atol, rtol, fast)


def analytic_jacobians(out: Tensor, inputs: Sequence[Tensor]) -> list[Array]:
    """d out / d input through backward, one row per (real) number of `out`."""
    rows = [zeros(out, x) for x in inputs]
    for k in range(parts(out._array).size):
        seed = np.zeros(out._array.shape, out._array.dtype)
        parts(seed)[k] = 1
        found = grad(out, inputs, from_array(seed), retain_graph=True, allow_unused=True)
        for jacobian, x, g in zip(rows, inputs, found, strict=True):
            if g is None:
                continue
            if g._array.shape != x._array.shape:
                raise GradcheckError(f"a gradient has shape {tuple(g.shape)}, its input "
                                     f"{tuple(x.shape)}")  # fmt: skip
            jacobian[k] = parts(g._array)
    return rows


def zeros(out: Tensor, x: Tensor) -> Array:
    return np.zeros((parts(out._array).size, parts(x._array).size))


def numeric_jacobians(
    func: Any, inputs: Any, checked: list[int], eps: float, count: int
) -> dict[tuple[int, int], Array]:
    """d out / d input by central differences, one column per element of the input."""
    found: dict[tuple[int, int], Array] = {}
    with no_grad():
        for i in checked:
            array = inputs[i]._array
            columns: list[list[Array]] = [[] for _ in range(count)]
            units = (1, 1j) if array.dtype.kind == "c" else (1,)
            for *place, unit in itertools.product(*map(range, array.shape), units):
                sides, index = [], tuple(place)
                old = array[index].copy()
                for sign in (1, -1):
                    array[index] = old + sign * eps * unit
                    try:
                        sides.append([o._array.copy() for o in outputs_of(func, inputs)])
                    finally:
                        array[index] = old
                for o in range(count):
                    difference = parts(sides[0][o] - sides[1][o]).astype(np.float64)
                    columns[o].append(difference / (2 * eps))
            sizes = (
                [parts(o._array).size for o in outputs_of(func, inputs)] if not array.size else []
            )
            for o in range(count):
                found[o, i] = (
                    np.stack(columns[o], 1) if columns[o] else np.zeros((sizes[o], 0))
                )  # fmt: skip
    return found


def compare(
    analytic: Array, numeric: Array, o: int, i: int, out: Tensor, x: Tensor, atol: float,
    rtol: float, fast: bool,
) -> None:  # fmt: skip
    """Raise unless the two Jacobians agree; say where they differ most."""
    if fast:
        u = np.random.RandomState(0).uniform(-1, 1, analytic.shape[0])
        analytic, numeric = (u @ analytic)[None], (u @ numeric)[None]
    with np.errstate(all="ignore"):
        wrong = ~(np.isclose(analytic, numeric, rtol, atol, equal_nan=True))
    if not wrong.any():
        return
    error = np.where(wrong, np.abs(analytic - numeric), -1)
    row, column = np.unravel_index(int(np.nanargmax(error)), error.shape)
    joined = ", ".join(position(column, x))
    of = "" if fast else f"[{', '.join(position(row, out))}]"
    small = analytic.size <= 64
    raise GradcheckError(
        f"Jacobian mismatch for output {o} with respect to input {i}: "
        f"d output{of if of != '[]' else ''} / d input{f'[{joined}]' if joined else ''} is "
        f"{analytic[row, column]:.10g} by backward, {numeric[row, column]:.10g} by differences; "
        f"{int(wrong.sum())} of {wrong.size} elements are wrong"
        + (f"\nnumerical:\n{numeric}\nanalytical:\n{analytic}" if small else ""),
        [(f"output {o}", out), (f"input {i}", x)],
        fix="Look at the rule for that input; at a kink or a tie the two may differ rightly.",
    )


def position(k: Any, t: Tensor) -> list[str]:
    """The place of the k-th real number of a tensor, in words."""
    array = t._array
    if array.dtype.kind != "c":
        return [str(i) for i in np.unravel_index(k, array.shape)]
    found = [str(i) for i in np.unravel_index(k // 2, array.shape)]
    return [*found, "imaginary part" if k % 2 else "real part"]


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Whether the second derivatives of `func` agree with differences of its first ones.

    Args: as for `gradcheck`; `grad_outputs` are the upstream gradients, random if left out.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradgradcheck(lambda x: x * x * x, x)
    True
    """
    if check_fwd_over_rev:
        raise ArgumentError("gradgradcheck: check_fwd_over_rev=True is not available")
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    with enable_grad():
        outs = [o for o in outputs_of(func, given) if o.requires_grad]
    if grad_outputs is None:
        random = np.random.RandomState(0)
        seeds = [
            from_array(
                np.asarray(
                    random.standard_normal(o._array.shape)
                    * (1 + 1j if o._array.dtype.kind == "c" else 1)
                ).astype(o._array.dtype)
            )
            for o in outs
        ]
        for s in seeds:
            s.requires_grad_()
    else:
        seeds = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs)
    count = len(seeds)

    def first_order(*args: Any) -> Any:
        inner, upstream = args[:-count], args[-count:]
        wanted = [x for x in inner if isinstance(x, Tensor) and x.requires_grad]
        with enable_grad():
            results = [o for o in outputs_of(func, inner) if o.requires_grad]
            found = grad(results, wanted, list(upstream), create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        first_order, (*given, *seeds), eps=eps, atol=atol, rtol=rtol,
        raise_exception=raise_exception, nondet_tol=nondet_tol, fast_mode=fast_mode,
    )  # fmt: skip


__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]
