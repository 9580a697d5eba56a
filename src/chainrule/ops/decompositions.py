"""Matrix decompositions and what is computed from them: Cholesky, QR, LU, eigen, SVD, pinv, lstsq.

Rules are written with matmul and triangular solves, batched, and can be differentiated again.
Formulas: Giles (2008); Walter and Lehmann, "Algorithmic differentiation of linear algebra
functions" (2010); Golub and Pereyra (1973) for the pseudoinverse.

x' is the adjoint.  Of complex matrices these rules take, and give, conj(g), the gradient as users
see it: for that the formulas of real matrices hold, with adjoints for transposes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec as specs
from chainrule.errors import ShapeError
from chainrule.ops.base import Op, conjugate
from chainrule.ops.linalg import Solve, adjoint, square, transpose
from chainrule.spec import INT64, Spec

Array = Any
INT32 = np.dtype(np.int32)


def matrices(x: Spec) -> None:
    """Raise unless `x` is a stack of matrices."""
    if len(x.shape) < 2:
        raise ShapeError("The input tensor A must have at least 2 dimensions.")


def added(x: Array | None, y: Array) -> Array:
    """x + y, where a missing x counts as zero."""
    return y if x is None else x + y


def conjugates(xp: Any, gs: Any) -> Any:
    """All the gradients there are, conjugated."""
    return tuple([None if g is None else conjugate(xp, g) for g in gs])


def columns(xp: Any, v: Array) -> Array:
    """A vector per matrix as one row, scaling the columns of what it multiplies."""
    return xp.reshape(v, shape=(*v.shape[:-1], 1, v.shape[-1]))


def rows(xp: Any, v: Array) -> Array:
    """A vector per matrix as one column, scaling the rows of what it multiplies."""
    return xp.reshape(v, shape=(*v.shape, 1))


class Cholesky(Op):
    """out = the lower triangular L with L L' = x, or the upper U with U' U = x.

    dL/dx = L'**-1 P L**-1, P the symmetric matrix with half of tril(L' g) on either side.
    """

    name, inputs, grad_name = "cholesky", ("x",), "LinalgCholeskyEx"

    @staticmethod
    def spec(x: Spec, *, upper: bool = False) -> Spec:
        square(x)
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array, *, upper: bool = False) -> Array:
        turned, g = (out, transpose(xp, g)) if upper else (adjoint(xp, out), conjugate(xp, g))
        p = xp.matmul(turned, g)
        p = (xp.tril(p, k=0) + adjoint(xp, xp.tril(p, k=-1))) * 0.5
        left = xp.solve_triangular(turned, p, upper=True, unitriangular=False)
        whole = xp.solve_triangular(turned, adjoint(xp, left), upper=True, unitriangular=False)
        return transpose(xp, whole)  # conj(adjoint(whole))


class CholeskyInverse(Op):
    """out = (L L')**-1, or (U' U)**-1 if `upper`.   dL/dL = -out (g + g') out L; U on the left.

    Only the triangle of the factor is read; the gradient is that of the whole product.
    """

    name, inputs, grad_name = "cholesky_inverse", ("x",), "CholeskyInverse"

    @staticmethod
    def spec(x: Spec, *, upper: bool) -> Spec:
        square(x)
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array, *, upper: bool) -> Array:
        g = conjugate(xp, g)
        whole = -xp.matmul(xp.matmul(out, g + adjoint(xp, g)), out)
        return conjugate(xp, xp.matmul(x, whole) if upper else xp.matmul(whole, x))


class CholeskySolve(Op):
    """out = the X with L L' X = b (U' U X = b if `upper`).

    dL/db = S = (L L')**-1 g,   dL/dL = -(S out' + out S') L; U on the left.
    """

    name, inputs, grad_name = "cholesky_solve", ("b", "x"), "CholeskySolve"

    @staticmethod
    def spec(b: Spec, x: Spec, *, upper: bool) -> Spec:
        square(x)
        if b.shape[-2] != x.shape[-1]:
            raise ShapeError(
                f"Incompatible matrix sizes for cholesky_solve: each A matrix is {x.shape[-1]} by "
                f"{x.shape[-1]} but each b matrix is {b.shape[-2]} by {b.shape[-1]}"
            )
        batch = specs.broadcast_shapes(b.shape[:-2], x.shape[:-2])
        return Spec((*batch, *b.shape[-2:]), b.dtype)

    @staticmethod
    def vjp(
        xp: Any, g: Array, needed: tuple[bool, ...], x: Array, out: Array, *, upper: bool
    ) -> Any:
        d_b = xp.cholesky_solve(conjugate(xp, g), x, upper=upper)
        if not needed[1]:
            return conjugate(xp, d_b), None
        common = xp.matmul(d_b, adjoint(xp, out))
        common = -(common + adjoint(xp, common))
        d_x = xp.matmul(x, common) if upper else xp.matmul(common, x)
        return conjugate(xp, d_b), conjugate(xp, d_x)


class Qr(Op):
    """q, r = orthonormal q and upper triangular r with q r = x.

    dL/dx = (g_q + q copyltu(r g_r' - g_q' q)) r'**-1, copyltu mirroring the lower triangle upwards.
    A wide x = [X | Y] has r = [U | q' Y]: Y's part of g_r passes through q' Y.
    """

    name, inputs, outputs, grad_name = "qr", ("x",), ("q", "r"), "LinalgQr"

    @staticmethod
    def spec(x: Spec, *, mode: str) -> tuple[Spec, Spec]:
        matrices(x)
        (m, n), batch = x.shape[-2:], x.shape[:-2]
        k = m if mode == "complete" else min(m, n)
        q = (0,) if mode == "r" else (*batch, m, k)
        return Spec(q, x.dtype), Spec((*batch, k, n), x.dtype)

    @staticmethod
    def vjp(xp: Any, g: Any, needed: tuple[bool, ...], q: Array, r: Array, *, mode: str) -> Any:
        (m, n), (g_q, g_r) = (q.shape[-2], r.shape[-1]), conjugates(xp, g)
        if m >= n:
            return (conjugate(xp, Qr.tall(xp, g_q, g_r, q, r)),)
        if g_r is None:
            g_u, g_v = None, xp.zeros(shape=(*r.shape[:-1], n - m), dtype=r.dtype)
        else:
            g_u = xp.slice(g_r, index=(..., slice(0, m)))
            g_v = xp.slice(g_r, index=(..., slice(m, None)))
            v = xp.slice(r, index=(..., slice(m, None)))
            g_q = added(g_q, xp.matmul(q, xp.matmul(v, adjoint(xp, g_v))))
        u = xp.slice(r, index=(..., slice(0, m)))
        g_x = Qr.tall(xp, g_q, g_u, q, u)
        return (conjugate(xp, xp.concat(g_x, xp.matmul(q, g_v), axis=len(r.shape) - 1)),)

    @staticmethod
    def tall(xp: Any, g_q: Any, g_r: Any, q: Array, r: Array) -> Array:
        inner = None if g_r is None else xp.matmul(r, adjoint(xp, g_r))
        if g_q is not None:
            inner = added(inner, -xp.matmul(adjoint(xp, g_q), q))
        lower = (xp.tril(inner, k=0) + xp.tril(inner, k=-1)) * 0.5
        mirrored = lower + adjoint(xp, lower)
        whole = added(g_q, xp.matmul(q, mirrored))
        solved = xp.solve_triangular(r, adjoint(xp, whole), upper=True, unitriangular=False)
        return adjoint(xp, solved)


class QrParts(Op):
    """q, r = q r = x with q square ("complete") for a tall x, or without q ("r")."""

    name, inputs, outputs, grad_name = "qr_parts", ("x",), ("q", "r"), "LinalgQr"
    no_derivative = (
        "The QR decomposition is not differentiable when mode='complete' and nrows > ncols; and "
        "the derivative of linalg.qr depends on Q, which is not computed when mode='r'"
    )

    @staticmethod
    def spec(x: Spec, *, mode: str) -> tuple[Spec, Spec]:
        return Qr.spec(x, mode=mode)


class Geqrf(Op):
    """h, tau = Householder vectors below the diagonal of h, R above; tau scales the reflectors."""

    name, inputs, outputs, grad_name = "geqrf", ("x",), ("h", "tau"), "Geqrf"
    no_derivative = "use torch.linalg.qr, which has one"

    @staticmethod
    def spec(x: Spec) -> tuple[Spec, Spec]:
        matrices(x)
        return x, Spec((*x.shape[:-2], min(x.shape[-2:])), x.dtype)


class Eigh(Op):
    """values, vectors = L ascending and orthonormal V with x = V diag(L) V', x symmetric.

    dL/dx = V (diag(g_L) + skew(V' g_V) / E) V',   E[i,j] = L[j] - L[i] off the diagonal.
    """

    name, inputs, outputs = "eigh", ("x",), ("values", "vectors")
    grad_name = "LinalgEigh"

    @staticmethod
    def spec(x: Spec, *, upper: bool) -> tuple[Spec, Spec]:
        square(x)
        return Spec(x.shape[:-1], specs.real_of(x.dtype)), x

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], values: Array, vectors: Array, *, upper: bool
    ) -> Any:
        g_values, g_vectors = conjugates(xp, g)
        turned = adjoint(xp, vectors)
        if g_vectors is None:
            whole = xp.matmul(vectors * columns(xp, g_values), turned)
            return (conjugate(xp, whole),)
        one = xp.eye(n=vectors.shape[-1], dtype=vectors.dtype)
        gaps = columns(xp, values) - rows(xp, values) + one
        along = xp.matmul(turned, g_vectors)
        inner = (along - adjoint(xp, along)) * 0.5 / gaps
        if inner.dtype.kind == "c":
            inner = inner * (1 - one)
        if g_values is not None:
            inner = inner + columns(xp, g_values) * one
        return (conjugate(xp, xp.matmul(xp.matmul(vectors, inner), turned)),)


class Eig(Op):
    """values, vectors = complex L and V with x V = V diag(L), the columns of V of norm 1.

    dL/dx = V'**-1 (diag(g_L) + (V' g_V - V' V diag(Re(V' g_V))) / conj(E)) V',
    E[i,j] = L[j] - L[i] off the diagonal; of a real x the real part.
    """

    name, inputs, outputs = "eig", ("x",), ("values", "vectors")
    grad_name = "LinalgEig"

    @staticmethod
    def spec(x: Spec) -> tuple[Spec, Spec]:
        square(x)
        dtype = specs.complex_of(x.dtype)
        return Spec(x.shape[:-1], dtype), Spec(x.shape, dtype)

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], values: Array, vectors: Array, x_spec: Spec
    ) -> Any:
        g_values, g_vectors = conjugates(xp, g)
        turned = adjoint(xp, vectors)
        if g_vectors is None:
            inner = rows(xp, g_values) * turned
        else:
            one = xp.eye(n=vectors.shape[-1], dtype=vectors.dtype)
            gaps = columns(xp, values) - rows(xp, values) + one
            along = xp.matmul(turned, g_vectors)
            own = xp.real(xp.sum(along * one, axis=(len(along.shape) - 1,), keepdims=False))
            off = along - xp.matmul(turned, vectors * columns(xp, own))
            inner = off / xp.conj(gaps) * (1 - one)
            if g_values is not None:
                inner = inner + columns(xp, g_values) * one
            inner = xp.matmul(inner, turned)
        whole = xp.conj(xp.solve(turned, inner))
        return (whole if x_spec.dtype.kind == "c" else xp.real(whole),)


class Svd(Op):
    """u, s, vh = orthonormal u and vh, descending s with u diag(s) vh = x.

    dL/dx = u ((skew(u' g_u) / E) S + S (skew(v' g_v) / E) + diag(g_s)) vh,
    E[i,j] = s[j]**2 - s[i]**2 off the diagonal, plus what leaves the span of u and of v.
    """

    name, inputs, outputs, grad_name = "svd", ("x",), ("u", "s", "vh"), "LinalgSvd"

    @staticmethod
    def spec(x: Spec, *, full_matrices: bool) -> tuple[Spec, Spec, Spec]:
        matrices(x)
        (m, n), batch = x.shape[-2:], x.shape[:-2]
        k = min(m, n)
        u, vh = ((m, m), (n, n)) if full_matrices else ((m, k), (k, n))
        real = specs.real_of(x.dtype)
        return (
            Spec((*batch, *u), x.dtype), Spec((*batch, k), real), Spec((*batch, *vh), x.dtype)
        )  # fmt: skip

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], u: Array, s: Array, vh: Array,
        *, full_matrices: bool,
    ) -> Any:  # fmt: skip
        g_u, g_s, g_vh = conjugates(xp, g)
        m, n, k = u.shape[-2], vh.shape[-1], s.shape[-1]
        if g_u is None and g_vh is None:
            if full_matrices:
                u = xp.slice(u, index=(..., slice(0, k)))
                vh = xp.slice(vh, index=(..., slice(0, k), slice(None)))
            return (conjugate(xp, xp.matmul(u * columns(xp, g_s), vh)),)
        if full_matrices:  # the columns beyond k span a null space: their gradient has no meaning
            u = xp.slice(u, index=(..., slice(0, k)))
            vh = xp.slice(vh, index=(..., slice(0, k), slice(None)))
            g_u = None if g_u is None else xp.slice(g_u, index=(..., slice(0, k)))
            g_vh = None if g_vh is None else xp.slice(g_vh, index=(..., slice(0, k), slice(None)))
        one = xp.eye(n=k, dtype=u.dtype)
        squares = s * s
        gaps = columns(xp, squares) - rows(xp, squares) + one
        inner = None if g_s is None else columns(xp, g_s) * one
        left = right = None
        if g_u is not None:
            left = xp.matmul(adjoint(xp, u), g_u)
            skew = (left - adjoint(xp, left)) / gaps
            inner = added(inner, skew * columns(xp, s))
            if u.dtype.kind == "c" and g_vh is not None:  # u and v turn by one phase together
                inner = inner + skew * one / columns(xp, s * 2)
        if g_vh is not None:
            right = xp.matmul(g_vh, adjoint(xp, vh))
            skew = (adjoint(xp, right) - right) / gaps
            inner = added(inner, rows(xp, s) * skew)
        out = xp.matmul(xp.matmul(u, inner), vh)
        if left is not None and m > k:
            beyond = (g_u - xp.matmul(u, left)) / columns(xp, s)
            out = out + xp.matmul(beyond, vh)
        if right is not None and n > k:
            beyond = (g_vh - xp.matmul(right, vh)) / rows(xp, s)
            out = out + xp.matmul(u, beyond)
        return (conjugate(xp, out),)


def pinv_rule(xp: Any, g: Array, x: Array, out: Array) -> Array:
    """Gradient through the pseudoinverse P: -P'gP' + (1 - xP) g'PP' + P'P g'(1 - Px)."""
    turned, g_turned = adjoint(xp, out), adjoint(xp, g)
    along = xp.matmul(xp.matmul(turned, g), turned)
    if x.shape[-2] > x.shape[-1]:  # the larger space is where something is left over
        half = xp.matmul(xp.matmul(g_turned, out), turned)
        extra = half - xp.matmul(x, xp.matmul(out, half))
        if x.shape[-1] == 0:
            return extra
        other = xp.matmul(xp.matmul(turned, out), g_turned)
        return extra - along + (other - xp.matmul(xp.matmul(other, out), x))
    half = xp.matmul(turned, xp.matmul(out, g_turned))
    extra = half - xp.matmul(xp.matmul(half, out), x)
    other = xp.matmul(g_turned, xp.matmul(out, turned))
    return extra - along + (other - xp.matmul(x, xp.matmul(out, other)))


class PseudoInverse(Op):
    """out = P, the Moore-Penrose inverse of x; small singular values count as zero.

    dL/dx = -P' g P' + (1 - x P) g' P P' + P' P g' (1 - P x), where the rank of x stays.
    """

    name, inputs, grad_name = "pinv", ("x",), "LinalgPinv"

    @staticmethod
    def spec(x: Spec, *, rtol: Any, atol: Any, hermitian: bool) -> Spec:
        matrices(x)
        return Spec((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array, *, rtol: Any, atol: Any,
            hermitian: bool) -> Array:  # fmt: skip
        return conjugate(xp, pinv_rule(xp, conjugate(xp, g), x, out))


class MatrixRank(Op):
    """out = how many singular values of x are above the threshold."""

    name, inputs, differentiable = "matrix_rank", ("x",), False

    @staticmethod
    def spec(x: Spec, *, rtol: Any, atol: Any, hermitian: bool) -> Spec:
        matrices(x)
        return Spec(x.shape[:-2], INT64)


class LeastSquares(Op):
    """out = P b, the X of least norm that minimises |a X - b|; P is the pseudoinverse of a.

    dL/db = P' g,   dL/da = the pseudoinverse's rule for the upstream gradient g b'.
    """

    name, inputs, grad_name = "lstsq", ("a", "b"), "LinalgLstsq"

    @staticmethod
    def spec(a: Spec, b: Spec, *, rcond: Any) -> Spec:
        matrices(a)
        if a.shape[-2] != b.shape[-2]:
            raise ShapeError("input.size(-2) should match other.size(-2)")
        batch = specs.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        return Spec((*batch, a.shape[-1], b.shape[-1]), b.dtype)

    @staticmethod
    def vjp(xp: Any, g: Array, needed: tuple[bool, ...], a: Array, b: Array, *, rcond: Any) -> Any:
        p = xp.pinv(a, rtol=rcond, atol=None, hermitian=False)
        g, g_a = conjugate(xp, g), None
        if needed[0]:
            g_a = conjugate(xp, pinv_rule(xp, xp.matmul(g, adjoint(xp, b)), a, p))
        return g_a, conjugate(xp, xp.matmul(adjoint(xp, p), g))


class LuFactor(Op):
    """lu, pivots = L below the diagonal (ones on it) and U above, with P L U = x.

    For square x: dL/dx = P L'**-1 (tril(L' g, -1) + triu(g U')) U'**-1; wide and tall ones carry
    the part beyond the square along.
    """

    name, inputs, outputs = "lu_factor", ("x",), ("lu", "pivots")
    grad_name = "LinalgLuFactorEx"

    @staticmethod
    def spec(x: Spec) -> tuple[Spec, Spec]:
        matrices(x)
        k = min(x.shape[-2:])
        return x, Spec((*x.shape[:-2], k), INT32)

    @staticmethod
    def vjp(xp: Any, g: Any, needed: tuple[bool, ...], lu: Array, pivots: Array) -> Any:
        g = g[0]
        m, n = lu.shape[-2:]
        k, last = min(m, n), len(lu.shape) - 1
        head, tail, full = slice(0, k), slice(k, None), slice(None)
        corner = xp.slice(lu, index=(..., head, head))
        inside = xp.slice(g, index=(..., head, head))
        one = xp.eye(n=k, dtype=lu.dtype)
        low_turned = transpose(xp, xp.tril(corner, k=-1) + one)
        up = xp.triu(corner, k=0)
        lower = xp.matmul(low_turned, xp.tril(inside, k=-1))
        upper = xp.matmul(xp.triu(inside, k=0), transpose(xp, up))
        if n > m:
            g_right = xp.slice(g, index=(..., full, tail))
            right = xp.slice(lu, index=(..., full, tail))
            lower = lower - xp.matmul(g_right, transpose(xp, right))
        elif m > n:
            g_below = xp.slice(g, index=(..., tail, full))
            below = xp.slice(lu, index=(..., tail, full))
            upper = upper - xp.matmul(transpose(xp, below), g_below)
        inner = xp.tril(lower, k=-1) + xp.triu(upper, k=0)

        def under_l(y: Array) -> Array:  # L'**-1 y
            return xp.solve_triangular(low_turned, y, upper=True, unitriangular=True)

        def over_u(y: Array) -> Array:  # y U'**-1
            turned = xp.solve_triangular(up, transpose(xp, y), upper=True, unitriangular=False)
            return transpose(xp, turned)

        out = over_u(under_l(inner))
        if n > m:
            out = xp.concat(out, under_l(g_right), axis=last)
        elif m > n:
            out = xp.concat(out, over_u(g_below), axis=last - 1)
        return (xp.matmul(xp.exchange(pivots, n=m, dtype=lu.dtype), out),)


class Exchange(Op):
    """out = the permutation matrix P that LAPACK's row exchanges stand for: P L U = x."""

    name, inputs, differentiable = "exchange", ("pivots",), False

    @staticmethod
    def spec(pivots: Spec, *, n: int, dtype: Any) -> Spec:
        return Spec((*pivots.shape[:-1], n, n), dtype)


class LdlFactor(Op):
    """ld, pivots = L below the diagonal and D on it, with P L D L' P' = x, x symmetric."""

    name, inputs, outputs = "ldl_factor", ("x",), ("ld", "pivots")
    no_derivative, grad_name = "use torch.linalg.solve, which has one", "LinalgLdlFactorEx"

    @staticmethod
    def spec(x: Spec) -> tuple[Spec, Spec]:
        square(x)
        return x, Spec(x.shape[:-1], INT32)


class LdlSolve(Op):
    """out = the X with L D L' X = b, from what ldl_factor gives."""

    name, inputs, constant = "ldl_solve", ("ld", "pivots", "b"), ("pivots",)
    no_derivative, grad_name = "use torch.linalg.solve, which has one", "LinalgLdlSolve"

    @staticmethod
    def spec(ld: Spec, pivots: Spec, b: Spec) -> Spec:
        return Solve.spec(ld, b)
