"""Pseudoinverses, least squares, and tensors solved as matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import return_types, spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.functional.linalg import product, reshaped
from chainrule.functional.solvers import (
    floating,
    inv,
    matrices,
    namespaced,
    reshape_last,
    solve,
    squares,
)
from chainrule.ops.arithmetic import Multiply
from chainrule.ops.base import REGISTRY
from chainrule.ops.decompositions import LeastSquares, PseudoInverse
from chainrule.ops.reduction import Sum
from chainrule.ops.shape import PermuteDims
from chainrule.tensor import Tensor, from_array


@namespaced
def pinv(A: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False,
         rcond: Any = None) -> Tensor:  # fmt: skip
    """The Moore-Penrose pseudoinverse, by singular values.

    Args:
        atol, rtol: singular values at most max(atol, rtol * the largest) count as zero;
            numbers, or tensors with one per matrix.
        hermitian: A is symmetric; only its lower triangle is read.
    Shapes: (..., n, m) gives (..., m, n).
    Gradient: Golub and Pereyra's, for matrices whose rank stays as it is.

    >>> import chainrule as torch
    >>> torch.linalg.pinv(torch.tensor([[2., 0.], [0., 0.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    (squares if hermitian else matrices)("linalg.pinv", A)
    rtol = rcond if rtol is None else rtol
    return apply(PseudoInverse, A, rtol=number(rtol), atol=number(atol), hermitian=hermitian)  # type: ignore


def number(value: Any) -> Any:
    """A tolerance as a number, or as nested tuples if it is a tensor with one per matrix."""
    return nested(value._array.tolist()) if isinstance(value, Tensor) else value


def nested(value: Any) -> Any:
    return tuple(map(nested, value)) if isinstance(value, list) else value


def pinverse(input: Any, rcond: float = 1e-15) -> Tensor:
    """The older name of `torch.linalg.pinv`.

    >>> import chainrule as torch
    >>> torch.pinverse(torch.tensor([[4.]]))
    tensor([[0.2500]])
    """
    return pinv(input, rtol=rcond)  # type: ignore[no-any-return]


EXPORTS["pinverse"] = pinverse


Tensor.pinverse = pinverse  # type: ignore[attr-defined]


@namespaced
def lstsq(A: Any, B: Any, rcond: Any = None, *, driver: str | None = None) -> Any:
    """The X that minimises |A X - B|, of least norm among these.

    Returns `(solution, residuals, rank, singular_values)`.  All drivers compute through
    singular values, but give what they give in torch: residuals (of full-rank systems with more
    rows than columns) all but "gelsy", the default; a rank all but "gels"; singular values
    "gelsd" and "gelss".
    Shapes: A (..., m, n), B (..., m, k) or vectors.
    Gradient: through the pseudoinverse.

    >>> import chainrule as torch
    >>> A = torch.tensor([[1., 0.], [0., 2.], [0., 0.]])
    >>> torch.linalg.lstsq(A, torch.tensor([[1.], [4.], [5.]])).solution.flatten()
    tensor([1., 2.])
    """
    name = "torch.linalg.lstsq"
    matrices(name, A, "input")
    floating(name, B)
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise ArgumentError(
            f"{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)",
            [("driver", driver)],
        )
    a, b = A._array, B._array
    if a.dtype != b.dtype:
        raise DtypeError(f"{name}: input and other must have the same dtype", [("A", A), ("B", B)])
    vector = b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])
    rows = b.shape[-1] if vector else b.shape[-2]
    if rows != a.shape[-2]:
        raise ShapeError(f"{name}: input.size(-2) should match other.size(-{1 if vector else 2})",
                         [("A", A), ("B", B)])  # fmt: skip
    right = reshaped(B, *b.shape, 1) if vector else B
    m, n = a.shape[-2:]
    if rcond is None:
        rcond = float(np.finfo(a.dtype).eps) * max(m, n)
    x = apply(LeastSquares, A, right, rcond=rcond)
    rank: Any = None
    none = from_array(np.zeros(0, a.real.dtype))
    residuals = apply(REGISTRY["slice"], reshaped(x, x._array.size), index=(..., slice(0, 0)))
    residuals = apply(REGISTRY["real"], residuals) if a.dtype.kind == "c" else residuals
    if driver != "gels":
        rank = apply(REGISTRY["matrix_rank"], A, rtol=rcond, atol=None, hermitian=False)
    full = driver == "gels" or (rank._array == n).all()
    if m > n and full and driver not in (None, "gelsy") and a.size:
        off = product(A, x) - right
        square = apply(REGISTRY["absolute"], off) if off._array.dtype.kind == "c" else off
        residuals = apply(Sum, apply(Multiply, square, square), axis=(off._array.ndim - 2,),
                          keepdims=False)  # fmt: skip
    values = none
    if driver in ("gelsd", "gelss"):
        values = from_array(REGISTRY["svd"].raw(a, full_matrices=False)[1])
    if rank is None:
        rank = from_array(np.zeros(0, np.int64))
    solution = reshape_last(x) if vector else x
    return return_types.linalg_lstsq((solution, residuals, rank, values))


@namespaced
def tensorinv(A: Any, ind: int = 2) -> Tensor:
    """The inverse of A seen as a matrix from its last axes to its first `ind`.

    Shapes: (*rows, *columns) with equally many elements gives (*columns, *rows).
    Gradient: that of inv.

    >>> import chainrule as torch
    >>> torch.linalg.tensorinv(torch.eye(6).reshape(2, 3, 6)).shape
    torch.Size([6, 2, 3])
    """
    if ind <= 0:
        raise ArgumentError("Expected a strictly positive integer for 'ind'", [("ind", ind)])
    shape = A._array.shape
    n, m = spec.size_of(shape[:ind]), spec.size_of(shape[ind:])
    if n != m:
        raise ShapeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == "
            f"prod(self.shape[:ind]), but got {m} != {n}",
            [("A", A)],
        )
    return reshaped(inv(reshaped(A, n, m)), *shape[ind:], *shape[:ind])  # type: ignore[no-any-return]


@namespaced
def tensorsolve(A: Any, B: Any, dims: Any = None) -> Tensor:
    """The X whose product with A over all axes of X is B.

    Shapes: B (*rows), A (*rows, *columns) gives X (*columns); `dims` moves these axes of A last.
    Gradient: that of solve.

    >>> import chainrule as torch
    >>> torch.linalg.tensorsolve(torch.eye(6).reshape(2, 3, 6), torch.ones(2, 3))
    tensor([1., 1., 1., 1., 1., 1.])
    """
    ndim = A._array.ndim
    if dims is not None:
        last = [spec.normalize_axis(d, ndim) for d in dims]
        A = apply(PermuteDims, A, axes=(*(i for i in range(ndim) if i not in last), *last))
    shape, split = A._array.shape, B._array.ndim
    n, m = spec.size_of(shape[:split]), spec.size_of(shape[split:])
    if n != m:
        raise ShapeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            f"prod(self.shape[:other.ndim]), but got {m} != {n}",
            [("A", A), ("B", B)],
        )
    return reshaped(solve(reshaped(A, n, m), reshaped(B, n)), *shape[split:])  # type: ignore
