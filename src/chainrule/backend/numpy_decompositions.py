"""Matrix decompositions over stacks of NumPy matrices.

`np.linalg` has no LU factorisation: here it is the right-looking blocked algorithm, vectorised
over the stack, whose bulk is matrix products.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.backend.numpy_ldl import sizes
from chainrule.backend.numpy_linalg import each_fails, place, solve_triangular
from chainrule.errors import LinAlgError
from chainrule.spec import size_of

Array = Any
_PANEL = 32  # columns that LU factors one by one before a block update
_FEW = 3  # up to here matrices of a stack are factored one after another


def cholesky(x: Array, *, upper: bool = False) -> Array:
    """The lower triangular L with L L' = x, reading only the lower triangle of x, or the upper."""
    if upper:
        return cholesky(x.swapaxes(-1, -2).conj()).swapaxes(-1, -2).conj()
    try:
        return np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        i = each_fails(np.linalg.cholesky, x)
        order = minor(x if i is None else x.reshape(-1, *x.shape[-2:])[i])
        raise LinAlgError(
            f"{place(i)}The factorization could not be completed because the input is not "
            f"positive-definite (the leading minor of order {order} is not positive-definite).",
            fix="Add a small multiple of the identity, or use torch.linalg.ldl_factor or eigh.",
        ) from None


def cholesky_solve(b: Array, x: Array, *, upper: bool) -> Array:
    turned = x.swapaxes(-1, -2)
    if x.dtype.kind == "c":
        turned = turned.conj()
    low, up = (turned, x) if upper else (x, turned)
    y = solve_triangular(low, b, upper=False, unitriangular=False)
    return solve_triangular(up, y, upper=True, unitriangular=False)


def cholesky_inverse(x: Array, *, upper: bool) -> Array:
    return cholesky_solve(np.eye(x.shape[-1], dtype=x.dtype), x, upper=upper)


def minor(x: Array) -> int:
    """The order of the first leading minor that is not positive-definite; 0 if all are."""
    low, high = 1, x.shape[-1] + 1  # bisection: once not positive-definite, always so
    while low < high:
        middle = (low + high) // 2
        try:
            np.linalg.cholesky(x[:middle, :middle])
            low = middle + 1
        except np.linalg.LinAlgError:
            high = middle
    return low if low <= x.shape[-1] else 0


def qr(x: Array, *, mode: str) -> tuple[Array, Array]:
    if mode == "r":
        return np.zeros((0,), x.dtype), np.linalg.qr(x, mode="r")
    q, r = np.linalg.qr(x, mode=mode)  # type: ignore[call-overload]
    return q, r


def qr_parts(x: Array, *, mode: str) -> tuple[Array, Array]:
    return qr(x, mode=mode)


def geqrf(x: Array) -> tuple[Array, Array]:
    k = min(x.shape[-2:])
    if x.size == 0:
        return np.array(x), np.zeros((*x.shape[:-2], k), x.dtype)
    h, tau = np.linalg.qr(x, mode="raw")
    return np.ascontiguousarray(h.swapaxes(-1, -2)), tau


def eigh(x: Array, *, upper: bool) -> tuple[Array, Array]:
    try:
        values, vectors = np.linalg.eigh(x, "U" if upper else "L")
    except np.linalg.LinAlgError:
        raise LinAlgError(
            "The algorithm failed to converge because the input matrix is ill-conditioned or has "
            "too many repeated eigenvalues."
        ) from None
    return values, vectors


def eig(x: Array) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors, complex also where all are real."""
    kind = np.complex64 if x.dtype in (np.float32, np.complex64) else np.complex128
    if x.size == 0:
        return np.zeros(x.shape[:-1], kind), np.zeros(x.shape, kind)
    try:
        values, vectors = np.linalg.eig(x)
    except np.linalg.LinAlgError:
        raise LinAlgError(
            "torch.linalg.eig: input tensor should not contain infs or NaNs."
        ) from None
    return values.astype(kind), vectors.astype(kind)


def svd(x: Array, *, full_matrices: bool) -> tuple[Array, Array, Array]:
    if x.size == 0:
        (m, n), batch = x.shape[-2:], x.shape[:-2]
        k = min(m, n)
        rows, columns = (m, n) if full_matrices else (k, k)
        u = np.broadcast_to(np.eye(m, rows, dtype=x.dtype), (*batch, m, rows))
        vh = np.broadcast_to(np.eye(columns, n, dtype=x.dtype), (*batch, columns, n))
        return np.array(u), np.zeros((*batch, k), x.real.dtype), np.array(vh)
    try:
        u, s, vh = np.linalg.svd(x, full_matrices=full_matrices)
    except np.linalg.LinAlgError:
        why = ("contained non-finite values." if not np.isfinite(x).all() else
               "is ill-conditioned or has too many repeated singular values.")  # fmt: skip
        raise LinAlgError(
            f"The algorithm failed to converge because the input matrix {why}"
        ) from None
    return u, s, vh


def cutoff(s: Array, shape: tuple[int, ...], rtol: Any, atol: Any) -> Array:
    """Below this, singular values (or |eigenvalues|) count as zero."""
    if rtol is None:
        rtol = np.finfo(s.dtype).eps * max(shape[-2:])
        if atol is not None:
            rtol = np.where(np.asarray(atol) > 0, 0, rtol)
    largest = s.max(-1, initial=0)
    return np.maximum(0 if atol is None else np.asarray(atol), np.asarray(rtol) * largest)


def pinv(x: Array, *, rtol: Any, atol: Any, hermitian: bool) -> Array:
    if x.size == 0:
        return np.zeros((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)
    if hermitian:
        values, u = eigh(x, upper=False)
        s, v = np.abs(values), u
    else:
        u, s, vh = svd(x, full_matrices=False)
        values, v = s, vh.swapaxes(-1, -2).conj()
    large = s > cutoff(s, x.shape, rtol, atol)[..., None]
    inverse = np.where(large, 1 / np.where(large, values, 1), 0).astype(x.dtype)
    return np.matmul(v * inverse[..., None, :], u.swapaxes(-1, -2).conj())


def matrix_rank(x: Array, *, rtol: Any, atol: Any, hermitian: bool) -> Array:
    if x.size == 0:
        return np.zeros(x.shape[:-2], np.int64)
    s = np.abs(np.linalg.eigvalsh(x)) if hermitian else svd(x, full_matrices=False)[1]
    return np.asarray((s > cutoff(s, x.shape, rtol, atol)[..., None]).sum(-1, dtype=np.int64))


def lu_factor(x: Array) -> tuple[Array, Array]:
    """LU with row exchanges: both factors in one matrix, and LAPACK's pivots (from 1)."""
    m, n = x.shape[-2:]
    k = min(m, n)
    lu = np.array(x.reshape(size_of(x.shape[:-2]), m, n), order="C")
    pivots = np.zeros((lu.shape[0], k), np.int32)
    with np.errstate(all="ignore"):
        for start in range(0, k, _PANEL):
            stop = min(start + _PANEL, k)
            if len(lu) > _FEW:
                lu_panels(lu, pivots, start, stop)
            else:
                for one, places in zip(lu, pivots, strict=True):
                    lu_panel(one, places, start, stop)
            if stop < n:
                corner = lu[:, start:stop, start:stop]
                lu[:, start:stop, stop:] = solve_triangular(
                    corner, lu[:, start:stop, stop:], upper=False, unitriangular=True
                )
                lu[:, stop:, stop:] -= np.matmul(lu[:, stop:, start:stop], lu[:, start:stop, stop:])
    return lu.reshape(x.shape), pivots.reshape(*x.shape[:-2], k)


def lu_panel(lu: Array, pivots: Array, start: int, stop: int) -> None:
    """Factor columns `start` to `stop` of one matrix, exchanging whole rows."""
    panel = np.array(lu[start:, start:stop], order="F")  # columns side by side: 2x at 200 rows
    order = np.arange(start, lu.shape[0])
    for j in range(stop - start):
        column = panel[j:, j]
        best = int(sizes(column).argmax()) + j
        pivots[start + j] = start + best + 1
        if best != j:
            panel[[j, best]] = panel[[best, j]]
            order[[j, best]] = order[[best, j]]
        pivot = panel[j, j]
        if pivot != 0:
            panel[j + 1 :, j] /= pivot
        panel[j + 1 :, j + 1 :] -= panel[j + 1 :, j, None] * panel[j, j + 1 :]
    moved = np.flatnonzero(order != np.arange(start, lu.shape[0]))
    lu[start + moved] = lu[order[moved]]
    lu[start:, start:stop] = panel


def lu_panels(lu: Array, pivots: Array, start: int, stop: int) -> None:
    """The same for all matrices of a stack at once."""
    every = np.arange(lu.shape[0])
    for j in range(start, stop):
        best = sizes(lu[:, j:, j]).argmax(-1) + j
        pivots[:, j] = best + 1
        rows = lu[every, best]
        lu[every, best] = lu[:, j]
        lu[:, j] = rows
        pivot = lu[:, j, j, None]
        lu[:, j + 1 :, j] /= np.where(pivot == 0, 1, pivot)
        lu[:, j + 1 :, j + 1 : stop] -= lu[:, j + 1 :, j, None] * lu[:, j, None, j + 1 : stop]


def exchange(pivots: Array, *, n: int, dtype: Any) -> Array:
    """The permutation matrix P, A = P L U, that a sequence of row exchanges stands for."""
    count = size_of(pivots.shape[:-1])
    flat = pivots.reshape(count, pivots.shape[-1]).astype(np.int64) - 1
    order = np.tile(np.arange(n), (flat.shape[0], 1))
    every = np.arange(flat.shape[0])
    for j in range(flat.shape[1]):
        other = flat[:, j]
        held = order[every, other]
        order[every, other] = order[:, j]
        order[:, j] = held
    out = np.zeros((flat.shape[0], n, n), dtype)
    out[every[:, None], order, np.arange(n)] = 1
    return out.reshape(*pivots.shape[:-1], n, n)


def lstsq(a: Array, b: Array, *, rcond: Any) -> Array:
    """The X of least norm that minimises |A X - B|, for each matrix of the stack."""
    if a.ndim == 2 and b.ndim == 2 and a.size and b.size:
        return np.linalg.lstsq(a, b, rcond)[0]
    return np.matmul(pinv(a, rtol=rcond, atol=None, hermitian=False), b)
