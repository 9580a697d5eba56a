"""Singular values of large matrices, by random projections on their range.

Source: Halko, Martinsson and Tropp, "Finding structure with randomness" (2011), algorithms 4.4
and 5.1.
"""

from __future__ import annotations

from typing import Any

from chainrule.autograd.record import cast
from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS
from chainrule.functional.decompositions import qr, svd
from chainrule.functional.linalg import adjoint
from chainrule.functional.solvers import matrices
from chainrule.spec import Defaults, is_inexact
from chainrule.tensor import Tensor


def basis(A: Any, q: int, niter: int, M: Any) -> Any:
    """q orthonormal columns that nearly span the range of A - M."""

    def through(a: Any, m: Any, x: Any) -> Any:
        product = EXPORTS["matmul"](a, x)
        return product if m is None else product - EXPORTS["matmul"](m, x)

    x = EXPORTS["randn"](A.shape[-1], q, dtype=A.dtype)
    Q = qr(through(A, M, x))[0]
    turned, m_turned = adjoint(A), None if M is None else adjoint(M)
    for _ in range(niter):
        Q = qr(through(turned, m_turned, Q))[0]
        Q = qr(through(A, M, Q))[0]
    return Q


def svd_lowrank(A: Any, q: Any = 6, niter: Any = 2, M: Any = None) -> tuple[Any, Any, Any]:
    """U, S, V with U diag(S) V' nearly A (A - M if `M` is given), by random projections.

    Args:
        q: a number somewhat above the rank of A.
        niter: how many times to iterate for accuracy.
        M: a mean to subtract, broadcast to A.
    Shapes: (..., m, n) gives (..., m, q), (..., q) and (..., n, q).
    Gradient: that of the products and decompositions.
    Draws: n q normal numbers (m q if m < n), as `randn` does.

    >>> import chainrule as torch
    >>> A = torch.tensor([[3., 0.], [0., 0.], [0., 2.]])
    >>> torch.svd_lowrank(A, q=2)[1]
    tensor([3., 2.])
    """
    matrices("svd_lowrank", A)
    q, niter = 6 if q is None else q, 2 if niter is None else niter
    m, n = A._array.shape[-2:]
    if M is not None:
        M = M.broadcast_to(A.shape)
    if m < n:
        A, M = adjoint(A), None if M is None else adjoint(M)
    Q = basis(A, q, niter, M)
    Q_turned = adjoint(Q)
    B = EXPORTS["matmul"](Q_turned, A)
    if M is not None:
        B = B - EXPORTS["matmul"](Q_turned, M)
    U, S, Vh = svd(B, full_matrices=False)
    U, V = EXPORTS["matmul"](Q, U), adjoint(Vh)
    return (V, S, U) if m < n else (U, S, V)


def pca_lowrank(
    A: Any, q: int | None = None, center: bool = True, niter: int = 2
) -> tuple[Tensor, Tensor, Tensor]:
    """Principal components of samples in rows: `svd_lowrank` of A, minus its columns' means.

    The columns of V are the directions, S**2 / (m - 1) the variances along them.
    Args:
        q: how many, min(6, m, n) if None.
        center: False if the columns have mean 0 already.
    Shapes: (..., m, n) gives (..., m, q), (..., q) and (..., n, q).
    Gradient: that of `svd_lowrank`.
    Errors: q above m or n; a negative niter.

    >>> import chainrule as torch
    >>> torch.pca_lowrank(torch.tensor([[1., 1.], [3., 3.], [5., 5.]]), q=1)[1]
    tensor([4.])
    """
    if not isinstance(A, Tensor):
        raise ArgumentError(f"pca_lowrank(): argument 'A' must be Tensor, not {type(A).__name__}")
    m, n = A._array.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ArgumentError(f"q(={q}) must be non-negative integer and not greater than "
                            f"min(m, n)={min(m, n)}")  # fmt: skip
    if niter < 0:
        raise ArgumentError(f"niter(={niter}) must be non-negative integer")
    if not is_inexact(A._array.dtype):
        A = cast(A, Defaults.floating)
    if center:
        A = A - A.mean(dim=(-2,), keepdim=True)
    return svd_lowrank(A, q, niter)


EXPORTS["svd_lowrank"], EXPORTS["pca_lowrank"] = svd_lowrank, pca_lowrank
