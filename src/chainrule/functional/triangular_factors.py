"""LU and LDL factorisations with torch's names, and solving with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import return_types
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, LinAlgError, ShapeError
from chainrule.functional import linalg
from chainrule.functional.border import EXPORTS, with_out
from chainrule.functional.decompositions import publish, sliced
from chainrule.functional.linalg import product, turned
from chainrule.functional.solvers import (
    first_zero_pivot,
    matrices,
    namespaced,
    squares,
)
from chainrule.ops.arithmetic import Add
from chainrule.ops.decompositions import (
    Exchange,
    LdlFactor,
    LdlSolve,
    LuFactor,
)
from chainrule.ops.linalg import SolveTriangular
from chainrule.ops.shape import Tril, Triu
from chainrule.tensor import Tensor, from_array


def lu_parts(A: Any, pivot: bool) -> Any:
    if not pivot:
        raise ArgumentError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")
    return apply(LuFactor, A)


@namespaced
def lu_factor(A: Any, *, pivot: bool = True) -> Any:
    """LU with row exchanges in compact form: both factors in one matrix, and the pivots.

    Shapes: (..., m, n) gives (..., m, n) and (..., k), int32 from 1 as LAPACK counts.
    Gradient: of the factors; the leading square part must be invertible.

    >>> import chainrule as torch
    >>> torch.linalg.lu_factor(torch.tensor([[1., 2.], [2., 2.]])).pivots
    tensor([2, 2], dtype=torch.int32)
    """
    matrices("torch.linalg.lu_factor", A)
    lu, pivots = lu_parts(A, pivot)
    diagonal = np.diagonal(lu._array, axis1=-2, axis2=-1)
    if not diagonal.all():
        i = first_zero_pivot(lu._array.reshape(-1, *lu._array.shape[-2:])[0])
        raise LinAlgError(
            f"torch.linalg.lu_factor: U[{i or 1},{i or 1}] is zero and using it on lu_solve would "
            "result in a division by zero.",
            [("A", A)],
            fix="To factorise it all the same, call linalg.lu or linalg.lu_factor_ex.",
        )
    return return_types.linalg_lu_factor((lu, pivots))


@namespaced
def lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """lu_factor, and for each matrix 0 or the place of the first zero pivot, instead of an error.

    Shapes, Gradient: as lu_factor.

    >>> import chainrule as torch
    >>> torch.linalg.lu_factor_ex(torch.zeros(2, 2)).info
    tensor(1, dtype=torch.int32)
    """
    matrices("torch.linalg.lu_factor_ex", A)
    if check_errors:
        lu_factor(A, pivot=pivot)
    lu, pivots = lu_parts(A, pivot)
    zeros = np.diagonal(lu._array, axis1=-2, axis2=-1) == 0
    info = np.zeros(zeros.shape[:-1], np.int32)
    if zeros.size:
        info = np.where(zeros.any(-1), zeros.argmax(-1) + 1, 0).astype(np.int32)
    return return_types.linalg_lu_factor_ex((lu, pivots, from_array(info)))


def torch_lu(A: Any, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """The older form of `torch.linalg.lu_factor`: (LU, pivots), and info with `get_infos`.

    >>> import chainrule as torch
    >>> torch.lu(torch.eye(2))[1]
    tensor([1, 2], dtype=torch.int32)
    """
    triple = lu_factor_ex(A, pivot=pivot, check_errors=not get_infos)
    if get_infos:
        return return_types._lu_with_info(triple)
    return triple[0], triple[1]


EXPORTS["lu"] = torch_lu


Tensor.lu = torch_lu  # type: ignore[attr-defined]


@namespaced
def lu(A: Any, *, pivot: bool = True) -> Any:
    """A permutation P, unit lower triangular L and upper triangular U with P L U = A.

    Shapes: (..., m, n) gives (..., m, m), (..., m, k), (..., k, n).
    Gradient: of L and U; the leading square part must be invertible.

    >>> import chainrule as torch
    >>> torch.linalg.lu(torch.tensor([[0., 1.], [1., 0.]])).P
    tensor([[0., 1.],
            [1., 0.]])
    """
    matrices("linalg.lu", A)
    return return_types.linalg_lu(lu_unpack(*lu_parts(A, pivot)))


def lu_unpack(
    LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True
) -> Any:
    """P, L and U of what lu_factor gives.

    Shapes: (..., m, n), (..., k) give (..., m, m), (..., m, k), (..., k, n).
    Gradient: to the triangles of `LU_data`.

    >>> import chainrule as torch
    >>> torch.lu_unpack(*torch.linalg.lu_factor(torch.eye(2))).U
    tensor([[1., 0.],
            [0., 1.]])
    """
    matrices("torch.lu_unpack", LU_data, "LU_data")
    if unpack_pivots and LU_pivots._array.dtype != np.int32:
        raise ArgumentError("torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of "
                            "torch.int32 dtype.", [("LU_pivots", LU_pivots)])  # fmt: skip
    m, n = LU_data._array.shape[-2:]
    k, dtype = min(m, n), LU_data._array.dtype
    P = L = U = from_array(np.zeros(0, dtype))
    if unpack_pivots:
        P = apply(Exchange, LU_pivots, n=m, dtype=dtype)
    if unpack_data:
        low = LU_data if n == k else sliced(LU_data, slice(None), slice(0, k))
        up = LU_data if m == k else sliced(LU_data, slice(0, k), slice(None))
        one = from_array(np.eye(m, k, dtype=dtype))
        L, U = apply(Add, apply(Tril, low, k=-1), one), apply(Triu, up, k=0)
    return return_types.lu_unpack((P, L, U))


EXPORTS["lu_unpack"] = with_out(lu_unpack)


def _lu_solve(LU: Any, pivots: Any, B: Any, left: bool, adjoint: bool) -> Any:
    if not left:  # X A = B is A' X' = B'
        return linalg.adjoint(_lu_solve(LU, pivots, linalg.adjoint(B), True, not adjoint))
    P = apply(Exchange, pivots, n=LU._array.shape[-1], dtype=LU._array.dtype)
    if adjoint:
        LU = linalg.adjoint(LU)
        x = apply(SolveTriangular, LU, B, upper=False, unitriangular=False)
        x = apply(SolveTriangular, LU, x, upper=True, unitriangular=True)
        return product(P, x)
    x = product(turned(P), B)
    x = apply(SolveTriangular, LU, x, upper=False, unitriangular=True)
    return apply(SolveTriangular, LU, x, upper=True, unitriangular=False)


@namespaced
def lu_solve(LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """The X with A X = B (X A = B if not `left`; A' instead of A if `adjoint`), given lu_factor(A).

    Shapes: LU (..., n, n), pivots (..., n), B (..., n, k).
    Gradient: that of two triangular solves.

    >>> import chainrule as torch
    >>> LU, pivots = torch.linalg.lu_factor(torch.tensor([[0., 2.], [1., 0.]]))
    >>> torch.linalg.lu_solve(LU, pivots, torch.tensor([[2.], [3.]]))
    tensor([[3.],
            [1.]])
    """
    squares("torch.linalg.lu_solve", LU, "LU")
    matrices("torch.linalg.lu_solve", B, "B")
    if pivots._array.shape != LU._array.shape[:-1]:
        raise ShapeError("linalg.lu_solve: Number of pivots per batch should be same as the "
                         "dimension of the matrix", [("LU", LU), ("pivots", pivots)])  # fmt: skip
    rows = B._array.shape[-2 if left else -1]
    if rows != LU._array.shape[-1]:
        raise ShapeError("linalg.lu_solve: Incompatible shapes of A and B for the equation "
                         f"{'AX = B' if left else 'XA = B'}", [("LU", LU), ("B", B)])  # fmt: skip
    return _lu_solve(LU, pivots, B, left, adjoint)  # type: ignore[no-any-return]


def torch_lu_solve(b: Any, LU_data: Any, LU_pivots: Any) -> Tensor:
    """The older form of `torch.linalg.lu_solve`, with B first.

    >>> import chainrule as torch
    >>> torch.lu_solve(torch.ones(1, 1), *torch.linalg.lu_factor(torch.tensor([[2.]])))
    tensor([[0.5000]])
    """
    return lu_solve(LU_data, LU_pivots, b)  # type: ignore[no-any-return]


publish("lu_solve", torch_lu_solve)


def symmetric(name: str, A: Any, hermitian: bool) -> Any:
    """LD and pivots of symmetric matrices."""
    squares(name, A)
    if hermitian and A._array.dtype.kind == "c":
        raise ArgumentError(f"{name}: hermitian complex matrices have no LDL factorisation here",
                            [("A", A)])  # fmt: skip
    return apply(LdlFactor, A)


@namespaced
def ldl_factor(A: Any, *, hermitian: bool = False) -> Any:
    """LDL' with row exchanges in compact form, for symmetric matrices that may be indefinite.

    Only the lower triangle is read.  There is no gradient.
    Shapes: (..., n, n) gives (..., n, n) and (..., n), int32 as LAPACK keeps pivots.

    >>> import chainrule as torch
    >>> torch.linalg.ldl_factor(torch.tensor([[4., 2.], [2., 3.]])).LD
    tensor([[4.0000, 0.0000],
            [0.5000, 2.0000]])
    """
    return return_types.linalg_ldl_factor(symmetric("torch.linalg.ldl_factor", A, hermitian))


@namespaced
def ldl_factor_ex(A: Any, *, hermitian: bool = False, check_errors: bool = False) -> Any:
    """ldl_factor, and for each matrix 0 or the place of the first zero pivot.

    Shapes: as ldl_factor, and (...).

    >>> import chainrule as torch
    >>> torch.linalg.ldl_factor_ex(torch.zeros(2, 2)).info
    tensor(1, dtype=torch.int32)
    """
    name = "torch.linalg.ldl_factor_ex"
    ld, pivots = symmetric(name, A, hermitian)
    zeros = (np.diagonal(ld._array, axis1=-2, axis2=-1) == 0) & (pivots._array > 0)
    info = np.zeros(zeros.shape[:-1], np.int32)
    if zeros.size:
        info = np.where(zeros.any(-1), zeros.argmax(-1) + 1, 0).astype(np.int32)
    if check_errors and info.any():
        i = int(info[info != 0].flat[0])
        raise LinAlgError(f"{name}: D[{i},{i}] is zero and using it on ldl_solve would result in a "
                          "division by zero.", [("A", A)])  # fmt: skip
    return return_types.linalg_ldl_factor_ex((ld, pivots, from_array(info)))


@namespaced
def ldl_solve(LD: Any, pivots: Any, B: Any, *, hermitian: bool = False) -> Tensor:
    """The X with A X = B, given ldl_factor(A).  There is no gradient.

    Shapes: LD (..., n, n), pivots (..., n), B (..., n, k).

    >>> import chainrule as torch
    >>> LD, pivots = torch.linalg.ldl_factor(torch.tensor([[0., 2.], [2., 0.]]))
    >>> torch.linalg.ldl_solve(LD, pivots, torch.tensor([[2.], [4.]]))
    tensor([[2.],
            [1.]])
    """
    squares("torch.linalg.ldl_solve", LD, "LD")
    matrices("torch.linalg.ldl_solve", B, "B")
    return apply(LdlSolve, LD, pivots, B)  # type: ignore[no-any-return]
