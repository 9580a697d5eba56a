"""Decompositions with torch's names: Cholesky, QR, eigenvalues, singular values, reflectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import return_types
from chainrule.autograd.record import apply
from chainrule.backend.numpy_decompositions import minor
from chainrule.errors import ArgumentError, LinAlgError, ShapeError
from chainrule.functional.border import EXPORTS, with_out
from chainrule.functional.linalg import adjoint
from chainrule.functional.solvers import (
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
    Geqrf,
    Qr,
    QrParts,
    Svd,
)
from chainrule.ops.linalg import MatMul
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
    return named_error(name, lambda: apply(Cholesky, A, upper=upper))  # type: ignore[no-any-return]


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
    try:
        L = apply(Cholesky, A, upper=upper)
        info = from_array(np.zeros(A._array.shape[:-2], np.int32))
    except LinAlgError:
        if check_errors:
            return cholesky(A, upper=upper)
        info = info_of(adjoint(A) if upper else A, minor)
        bad = from_array((info._array != 0)[..., None, None])
        one = from_array(np.eye(A._array.shape[-1], dtype=A._array.dtype))
        where = REGISTRY["where"]
        L = apply(Cholesky, apply(where, bad, one, A), upper=upper)
        half = Triu if upper else Tril
        L = apply(where, bad, apply(half, apply(where, bad, np.nan, L), k=0), L)
    return return_types.linalg_cholesky_ex((L, info))


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
    along = apply(MatMul, adjoint(v), x)
    return apply(Subtract, x, apply(Multiply, apply(Multiply, tau, v), along))


def unreflected(x: Any, input: Any) -> Any:
    """`x` itself: what no reflectors at all leave, in a graph with the input all the same."""
    v = sliced(input, slice(0, 0))
    return apply(Add, x, apply(MatMul, v, apply(MatMul, adjoint(v), x)))


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
    x = other if left else adjoint(other)
    pairs = reflectors(input, tau)
    if left == transpose:  # the adjoint, the other way round
        pairs = [(v, EXPORTS["conj"](t)) for v, t in reversed(pairs)]
    for v, t in reversed(pairs):
        x = reflected(x, v, t)
    if not pairs:
        x = unreflected(x, input)
    return x if left else adjoint(x)  # type: ignore[no-any-return]


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
    """Complex eigenvalues and eigenvectors of square matrices.

    Shapes: (..., n, n) gives (..., n) and (..., n, n).

    >>> import chainrule as torch
    >>> torch.linalg.eig(torch.eye(2)).eigenvalues.real
    tensor([1., 1.])
    """
    squares("linalg.eig", A)
    return return_types.linalg_eig(apply(Eig, A))


@namespaced
def eigvals(A: Any) -> Tensor:
    """Complex eigenvalues of square matrices.

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
    return return_types.svd((u, s, adjoint(vh)))


publish("svd", torch_svd)
