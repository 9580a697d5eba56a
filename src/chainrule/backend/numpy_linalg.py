"""Linear algebra over stacks of NumPy matrices: products, solves, determinants, exponentials.

LAPACK works through `np.linalg`.  What that does not offer (triangular solves, the matrix
exponential) is blocked here, so that the bulk of the work is matrix products.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.backend.blas import SINGLE, Blas, product
from chainrule.backend.threads import in_parts
from chainrule.errors import LinAlgError
from chainrule.spec import FLOAT32, FLOAT64

Array = Any

_matmul = np.matmul
STACK = 1 << 20  # multiplications from which on a stack is worth a second thread
_BLOCK = 48  # order of the diagonal blocks in triangular solves: 32 to 64 measure the same


def eye(*, n: int, m: int | None = None, dtype: Any) -> Array:
    return np.eye(n, m, dtype=dtype)


def matmul(x: Array, y: Array, *, shared: bool = False, flipped: bool = False) -> Array:
    """x @ y.  `shared`: y is one matrix for a stack x, so that one product does it all."""
    dtype = x.dtype
    if dtype is not FLOAT32 and dtype is not FLOAT64 and dtype.itemsize == 2 and dtype.kind in "fV":
        return matmul(x.astype(FLOAT32), y.astype(FLOAT32), shared=shared).astype(dtype)
    if shared:
        rows = x.reshape(-1, x.shape[-1]) if x.size else np.zeros((0, x.shape[-1]), dtype)
        if not x.size:
            return np.zeros((*x.shape[:-1], y.shape[-1]), np.result_type(x, y))
        return product(rows, y).reshape(*x.shape[:-1], y.shape[-1])
    if x.ndim > 2 and x.size * y.shape[-1] >= STACK and x.shape[:-2] == y.shape[:-2]:
        return _stacked(x, y)
    return product(x, y)


def _stacked(x: Array, y: Array) -> Array:
    """Many small products, on all cores: the library works on one core for each."""
    out = np.empty((*x.shape[:-1], y.shape[-1]), np.result_type(x, y))

    def work(start: int, stop: int) -> None:
        _matmul(x[start:stop], y[start:stop], out[start:stop])

    small = x.shape[-2] * x.shape[-1] * y.shape[-1] < STACK
    with SINGLE:
        in_parts(work, len(x), 2 if small or Blas.before > 1 else len(x) + 1)
    return out


def each_fails(call: Callable[[Array], Any], x: Array) -> int | None:
    """The place in a stack of the first matrix that `call` refuses; None for a single matrix."""
    if x.ndim == 2:
        return None
    for i, one in enumerate(x.reshape(-1, *x.shape[-2:])):
        try:
            call(one)
        except np.linalg.LinAlgError:
            return i
    return None


def place(i: int | None) -> str:
    return "" if i is None else f"(Batch element {i}): "


def inv(x: Array) -> Array:
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        i = each_fails(np.linalg.inv, x)
        raise LinAlgError(
            f"{place(i)}The inversion could not be completed because the input matrix is singular.",
            fix="torch.linalg.pinv also inverts singular matrices, in the least-squares sense.",
        ) from None


def solve(a: Array, b: Array) -> Array:
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        i = each_fails(lambda m: np.linalg.solve(m, np.zeros(m.shape[:1] + (1,), m.dtype)), a)
        raise LinAlgError(
            f"{place(i)}The solver failed because the input matrix is singular.",
            fix="torch.linalg.lstsq also solves singular systems, in the least-squares sense.",
        ) from None


def solve_triangular(a: Array, b: Array, *, upper: bool, unitriangular: bool) -> Array:
    """X with A X = B, reading one triangle of A only.  A zero on the diagonal gives infinities."""
    n = a.shape[-1]
    if b.shape[-2] != n:
        raise ValueError("A and B have different numbers of rows")
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x = np.array(np.broadcast_to(b, (*batch, *b.shape[-2:])))
    starts = range(0, n, _BLOCK)
    for start in reversed(starts) if upper else starts:
        stop = min(start + _BLOCK, n)
        block = a[..., start:stop, start:stop]
        x[..., start:stop, :] = _small_triangular(
            block, x[..., start:stop, :], upper, unitriangular
        )
        rest = slice(0, start) if upper else slice(stop, n)
        if rest.stop > rest.start:
            x[..., rest, :] -= _matmul(a[..., rest, start:stop], x[..., start:stop, :])
    return x


def _small_triangular(a: Array, b: Array, upper: bool, unitriangular: bool) -> Array:
    n = a.shape[-1]
    a = np.triu(a) if upper else np.tril(a)
    if unitriangular:
        a[..., range(n), range(n)] = 1
    elif not a[..., range(n), range(n)].all():
        return _substitute(a, b, upper)
    if upper or n == 1:
        return np.linalg.solve(a, b)  # no row exchanges: plain back substitution
    # Reversing rows and columns makes it upper triangular, which LAPACK's LU leaves as it is.
    return np.linalg.solve(a[..., ::-1, ::-1], b[..., ::-1, :])[..., ::-1, :]


def _substitute(a: Array, b: Array, upper: bool) -> Array:
    n = a.shape[-1]
    x = np.array(b)
    with np.errstate(all="ignore"):
        for i in reversed(range(n)) if upper else range(n):
            x[..., i, :] /= a[..., i, i, None]
            rest = slice(0, i) if upper else slice(i + 1, n)
            x[..., rest, :] -= a[..., rest, i, None] * x[..., i, None, :]
    return x


def det(x: Array) -> Array:
    return np.asarray(np.linalg.det(x))


def cofactor(x: Array) -> Array:
    """The matrix of cofactors, det(x) inv(x)' where x is invertible; from the SVD everywhere."""
    n = x.shape[-1]
    u, s, vh = np.linalg.svd(x)
    before, after = np.ones_like(s), np.ones_like(s)
    for i in range(1, n):
        before[..., i] = before[..., i - 1] * s[..., i - 1]
        after[..., n - 1 - i] = after[..., n - i] * s[..., n - i]
    others = before * after
    handed = np.linalg.det(u) * np.linalg.det(vh)
    if x.dtype.kind == "c":
        u, vh = u.conj(), vh.conj()
    return _matmul(u * (others * handed[..., None])[..., None, :], vh)


def slogdet(x: Array) -> tuple[Array, Array]:
    sign, logabs = np.linalg.slogdet(x)
    return np.asarray(sign), np.asarray(logabs)


_PADE = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
    129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0,
    960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip


def matrix_exp(x: Array) -> Array:
    """e**x by scaling and squaring with the [13/13] Pade approximant (Higham 2005)."""
    n = x.shape[-1]
    if x.size == 0:
        return np.array(x)
    norm = np.abs(x).sum(-2).max(-1)
    with np.errstate(all="ignore"):
        power = np.ceil(np.log2(norm / 4.25))
    power = np.where(np.isfinite(power), np.maximum(power, 0), 0).astype(np.int64)
    kind = np.complex128 if x.dtype.kind == "c" else np.float64
    a = x.astype(kind) / np.exp2(power)[..., None, None]
    one = np.eye(n, dtype=kind)
    b = _PADE
    a2 = _matmul(a, a)
    a4 = _matmul(a2, a2)
    a6 = _matmul(a4, a2)
    odd = _matmul(a6, b[13] * a6 + b[11] * a4 + b[9] * a2)
    odd = _matmul(a, odd + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one)
    even = _matmul(a6, b[12] * a6 + b[10] * a4 + b[8] * a2)
    even = even + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    if not np.isfinite(norm).all():
        return np.full_like(x, np.nan)
    out = np.linalg.solve(even - odd, even + odd)
    for step in range(int(power.max(initial=0))):
        squared = _matmul(out, out)
        out = np.where((power > step)[..., None, None], squared, out)
    return out.astype(x.dtype)
