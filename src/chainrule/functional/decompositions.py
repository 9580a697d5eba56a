"""Decompositions with torch's names: Cholesky, QR, LU, eigenvalues, singular values, reflectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import return_types
from chainrule.autograd.record import apply
from chainrule.backend.numpy_decompositions import minor
from chainrule.errors import ArgumentError, LinAlgError, ShapeError
from chainrule.functional.border import EXPORTS, with_out
from chainrule.functional.linalg import product, turned
from chainrule.functional.solvers import (
    first_zero_pivot,
    info_of,
    matrices,
    named_error,
    namespaced,
    squares,
)
from chainrule.ops.arithmetic import Add, Multiply, Subtract
from chainrule.ops.base import REGISTRY
from chainrule.ops.decompositions import (
    Cholesky,
    CholeskyInverse,
    CholeskySolve,
    Eig,
    Eigh,
    Exchange,
    Geqrf,
    LdlFactor,
    LdlSolve,
    LuFactor,
    Qr,
    QrParts,
    Svd,
)
from chainrule.ops.linalg import MatMul, SolveTriangular
from chainrule.ops.shape import Slice, Tril, Triu
from chainrule.tensor import Tensor, from_array


def publish(name: str, function: Any, method: bool = True) -> None:
    """Publish an older function of `torch` that is not in `torch.linalg`."""
    EXPORTS[name] = with_out(function)
    if method:
        setattr(Tensor, name, function)


def sliced(x: Any, *index: Any) -> Any:
    return apply(Slice, x, index=(..., *index))


@namespaced
def cholesky(A: Any, *, upper: bool = False) -> Tensor:
    """The lower triangular L with L L' = A (the upper U with U' U = A), for positive-definite A.

    Only that triangle of A is read.
    Shapes: (..., n, n).
    Gradient: symmetric; see ops.decompositions.
    Errors: torch.linalg.LinAlgError if a matrix is not positive-definite.

    >>> import chainrule as torch
    >>> torch.linalg.cholesky(torch.tensor([[4., 2.], [2., 2.]]))
    tensor([[2., 0.],
            [1., 1.]])
    """
    squares("linalg.cholesky", A)
    return factor("linalg.cholesky", A, upper)


def factor(name: str, A: Any, upper: bool) -> Tensor:
    if upper:
        return turned(named_error(name, lambda: apply(Cholesky, turned(A))))  # type: ignore
    return named_error(name, lambda: apply(Cholesky, A))  # type: ignore[no-any-return]


def torch_cholesky(input: Any, upper: bool = False) -> Tensor:
    """The older name of `torch.linalg.cholesky`.

    >>> import chainrule as torch
    >>> torch.cholesky(torch.tensor([[4.]]))
    tensor([[2.]])
    """
    squares("cholesky", input)
    return factor("cholesky", input, upper)


publish("cholesky", torch_cholesky)


@namespaced
def cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False) -> Any:
    """The factor, and for each matrix 0 or the order of the first minor that fails.

    What stands in place of the factor of a matrix that has none is NaN below the diagonal.
    Shapes: (..., n, n) gives (..., n, n) and (...).
    Gradient: as cholesky.

    >>> import chainrule as torch
    >>> torch.linalg.cholesky_ex(-torch.eye(2)).info
    tensor(1, dtype=torch.int32)
    """
    squares("linalg.cholesky_ex", A)
    source = turned(A) if upper else A
    try:
        L = apply(Cholesky, source)
        info = from_array(np.zeros(A._array.shape[:-2], np.int32))
    except LinAlgError:
        if check_errors:
            return cholesky(A, upper=upper)
        info = info_of(source, minor)
        bad = from_array((info._array != 0)[..., None, None])
        one = from_array(np.eye(A._array.shape[-1], dtype=A._array.dtype))
        where = REGISTRY["where"]
        L = apply(Cholesky, apply(where, bad, one, source))
        L = apply(where, bad, apply(Tril, apply(where, bad, np.nan, L), k=0), L)
    return return_types.linalg_cholesky_ex((turned(L) if upper else L, info))


def cholesky_solve(B: Any, L: Any, upper: bool = False) -> Tensor:
    """The X with A X = B, given the Cholesky factor of A.

    Shapes: B (..., n, k), L (..., n, n).
    Gradient: that of two triangular solves.

    >>> import chainrule as torch
    >>> torch.cholesky_solve(torch.tensor([[4.]]), torch.tensor([[2.]]))
    tensor([[1.]])
    """
    squares("cholesky_solve", L, "L")
    matrices("cholesky_solve", B, "B")
    return apply(CholeskySolve, B, L, upper=upper)  # type: ignore[no-any-return]


def cholesky_inverse(L: Any, upper: bool = False) -> Tensor:
    """The inverse of A, given its Cholesky factor.

    Shapes: (..., n, n).
    Gradient: that of the triangular solves.

    >>> import chainrule as torch
    >>> torch.cholesky_inverse(torch.tensor([[2.]]))
    tensor([[0.2500]])
    """
    squares("cholesky_inverse", L, "L")
    return apply(CholeskyInverse, L, upper=upper)  # type: ignore[no-any-return]


publish("cholesky_solve", cholesky_solve)
publish("cholesky_inverse", cholesky_inverse)


@namespaced
def qr(A: Any, mode: str = "reduced") -> Any:
    """Orthonormal Q and upper triangular R with Q R = A.

    Args:
        mode: "reduced", "complete" (square Q), or "r" (Q is left out, and empty).
    Shapes: (..., m, n) gives (..., m, k) and (..., k, n), k the smaller of m and n.
    Gradient: for "reduced", and for "complete" with m <= n; the leading columns independent.

    >>> import chainrule as torch
    >>> Q, R = torch.linalg.qr(torch.tensor([[3., 1.], [4., 1.]]))
    >>> R.shape
    torch.Size([2, 2])
    """
    if mode not in ("reduced", "complete", "r"):
        raise ArgumentError(f"qr received unrecognized mode '{mode}' but expected one of 'reduced' "
                            "(default), 'r', or 'complete'")  # fmt: skip
    matrices("linalg.qr", A)
    m, n = A._array.shape[-2:]
    partial = mode == "r" or (mode == "complete" and m > n)
    return return_types.linalg_qr(apply(QrParts if partial else Qr, A, mode=mode))


def torch_qr(input: Any, some: bool = True) -> Any:
    """The older form of `torch.linalg.qr`.

    >>> import chainrule as torch
    >>> torch.qr(torch.eye(2)).R.shape
    torch.Size([2, 2])
    """
    return return_types.qr(qr(input, "reduced" if some else "complete"))


def geqrf(input: Any) -> Any:
    """QR as LAPACK keeps it: R with the Householder vectors below it, and their factors tau.

    Shapes: (..., m, n) gives (..., m, n) and (..., k).

    >>> import chainrule as torch
    >>> torch.geqrf(torch.ones(3, 2)).tau.shape
    torch.Size([2])
    """
    matrices("geqrf", input)
    return return_types.geqrf(apply(Geqrf, input))


publish("qr", torch_qr)
publish("geqrf", geqrf)


def reflectors(input: Any, tau: Any) -> list[tuple[Any, Any]]:
    """The Householder vectors (as columns) below the diagonal of `input`, with their factors."""
    m, n = input._array.shape[-2:]
    one = from_array(np.eye(m, n, dtype=input._array.dtype))
    v = apply(Add, apply(Tril, input, k=-1), one)
    k = tau._array.shape[-1]
    return [
        (sliced(v, slice(None), slice(i, i + 1)), sliced(tau, slice(i, i + 1), None))
        for i in range(k)
    ]


def reflected(x: Any, v: Any, tau: Any) -> Any:
    """x - tau v v' x."""
    along = apply(MatMul, turned(v), x)
    return apply(Subtract, x, apply(Multiply, apply(Multiply, tau, v), along))


def unreflected(x: Any, input: Any) -> Any:
    """`x` itself: what no reflectors at all leave, in a graph with the input all the same."""
    v = sliced(input, slice(0, 0))
    return apply(Add, x, apply(MatMul, v, apply(MatMul, turned(v), x)))


@namespaced(names=("orgqr",))
def householder_product(input: Any, tau: Any) -> Tensor:
    """The first columns of the product of the reflectors 1 - tau v v' that geqrf gives.

    Shapes: (..., m, n) with m >= n, and (..., k) with k <= n, give (..., m, n).
    Gradient: that of the products.

    >>> import chainrule as torch
    >>> torch.linalg.householder_product(*torch.geqrf(torch.eye(2))).abs()
    tensor([[1., 0.],
            [0., 1.]])
    """
    name = "torch.linalg.householder_product"
    matrices(name, input, "input")
    (m, n), k = input._array.shape[-2:], tau._array.shape[-1]
    if m < n:
        raise ShapeError(f"{name}: input.shape[-2] must be greater than or equal to "
                         "input.shape[-1]", [("input", input)])  # fmt: skip
    if k > n:
        raise ShapeError(f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]",
                         [("input", input), ("tau", tau)])  # fmt: skip
    one = from_array(np.eye(m, n, dtype=input._array.dtype))
    x = apply(REGISTRY["broadcast_to"], one, shape=input._array.shape)
    for v, t in reversed(reflectors(input, tau)):
        x = reflected(x, v, t)
    return x if k else unreflected(x, input)


def ormqr(input: Any, tau: Any, other: Any, left: bool = True, transpose: bool = False) -> Tensor:
    """`other` multiplied by the whole orthogonal matrix that geqrf stands for.

    Shapes: (..., m, k), (..., k), other (..., m, n) (or (..., n, m) if not `left`).
    Gradient: that of the products.

    >>> import chainrule as torch
    >>> a, tau = torch.geqrf(torch.eye(2))
    >>> torch.ormqr(a, tau, torch.ones(2, 1)).abs()
    tensor([[1.],
            [1.]])
    """
    matrices("torch.ormqr", input, "input")
    matrices("torch.ormqr", other, "other")
    size = other._array.shape[-2 if left else -1]
    if size != input._array.shape[-2]:
        raise ShapeError(
            f"torch.ormqr: other.shape[-{2 if left else 1}] must be equal to input.shape[-2]",
            [("input", input), ("other", other)],
        )
    x = other if left else turned(other)
    pairs = reflectors(input, tau)
    for v, t in pairs if left == transpose else reversed(pairs):
        x = reflected(x, v, t)
    if not pairs:
        x = unreflected(x, input)
    return x if left else turned(x)  # type: ignore[no-any-return]


publish("ormqr", ormqr)


@namespaced
def eigh(A: Any, UPLO: str = "L") -> Any:
    """Ascending eigenvalues and orthonormal eigenvectors of symmetric matrices.

    Only the lower (UPLO="L") or upper triangle is read.
    Shapes: (..., n, n) gives (..., n) and (..., n, n).
    Gradient: of the vectors only where eigenvalues are distinct.

    >>> import chainrule as torch
    >>> torch.linalg.eigh(torch.tensor([[2., 0.], [0., 1.]])).eigenvalues
    tensor([1., 2.])
    """
    squares("linalg.eigh", A)
    pair = named_error("linalg.eigh", lambda: apply(Eigh, A, upper=triangle(UPLO)))
    return return_types.linalg_eigh(pair)


def triangle(UPLO: str) -> bool:
    if UPLO.upper() not in ("L", "U"):
        raise ArgumentError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return UPLO.upper() == "U"


@namespaced
def eigvalsh(A: Any, UPLO: str = "L") -> Tensor:
    """Ascending eigenvalues of symmetric matrices.

    Shapes: (..., n, n) gives (..., n).
    Gradient: V diag(g) V'.

    >>> import chainrule as torch
    >>> torch.linalg.eigvalsh(torch.tensor([[0., 1.], [1., 0.]]))
    tensor([-1.,  1.])
    """
    squares("linalg.eigvalsh", A)
    return named_error("linalg.eigvalsh", lambda: apply(Eigh, A, upper=triangle(UPLO)))[0]  # type: ignore


@namespaced
def eig(A: Any) -> Any:
    """Complex eigenvalues and eigenvectors of square matrices.  There is no gradient here yet.

    Shapes: (..., n, n) gives (..., n) and (..., n, n).

    >>> import chainrule as torch
    >>> torch.linalg.eig(torch.eye(2)).eigenvalues.real
    tensor([1., 1.])
    """
    squares("linalg.eig", A)
    return return_types.linalg_eig(apply(Eig, A))


@namespaced
def eigvals(A: Any) -> Tensor:
    """Complex eigenvalues of square matrices.  There is no gradient here yet.

    Shapes: (..., n, n) gives (..., n).

    >>> import chainrule as torch
    >>> torch.linalg.eigvals(torch.tensor([[0., 1.], [-1., 0.]])).imag.abs()
    tensor([1., 1.])
    """
    squares("linalg.eigvals", A)
    return apply(Eig, A)[0]  # type: ignore[no-any-return]


@namespaced
def svd(A: Any, full_matrices: bool = True, *, driver: Any = None) -> Any:
    """Orthonormal U and Vh and descending S with U diag(S) Vh = A.

    Shapes: (..., m, n) gives (..., m, m), (..., k), (..., n, n); without `full_matrices`
    (..., m, k), (..., k), (..., k, n).
    Gradient: of U and Vh only where singular values are distinct.

    >>> import chainrule as torch
    >>> torch.linalg.svd(torch.tensor([[3., 0.], [0., -4.]])).S
    tensor([4., 3.])
    """
    matrices("linalg.svd", A)
    if driver is not None:
        raise ArgumentError("linalg.svd: keyword argument `driver=` is only supported on CUDA "
                            "inputs with cuSOLVER backend.")  # fmt: skip
    triple = named_error("linalg.svd", lambda: apply(Svd, A, full_matrices=bool(full_matrices)))
    return return_types.linalg_svd(triple)


@namespaced
def svdvals(A: Any, *, driver: Any = None) -> Tensor:
    """Descending singular values.

    Shapes: (..., m, n) gives (..., k).
    Gradient: U diag(g) Vh.

    >>> import chainrule as torch
    >>> torch.linalg.svdvals(torch.tensor([[3., 0.], [0., -4.]]))
    tensor([4., 3.])
    """
    return svd(A, full_matrices=False, driver=driver)[1]  # type: ignore[no-any-return]


def torch_svd(input: Any, some: bool = True, compute_uv: bool = True) -> Any:
    """The older form of `torch.linalg.svd`: (U, S, V) with V not transposed.

    >>> import chainrule as torch
    >>> torch.svd(torch.tensor([[2.]])).S
    tensor([2.])
    """
    matrices("svd", input)
    u, s, vh = apply(Svd, input, full_matrices=not some or not compute_uv)
    if not compute_uv:
        u, vh = (from_array(np.zeros_like(t._array)) for t in (u, vh))
    return return_types.svd((u, s, turned(vh)))


publish("svd", torch_svd)


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
        return turned(_lu_solve(LU, pivots, turned(B), True, not adjoint))
    P = apply(Exchange, pivots, n=LU._array.shape[-1], dtype=LU._array.dtype)
    if adjoint:
        x = apply(SolveTriangular, turned(LU), B, upper=False, unitriangular=False)
        x = apply(SolveTriangular, turned(LU), x, upper=True, unitriangular=True)
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
