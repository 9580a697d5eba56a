"""Linear algebra on stacks of matrices: products, solves, determinants, exponentials.

Rules are written with matmul, swapaxes and solves, so they run batched and can be differentiated
again.  Formulas: Giles, "An extended collection of matrix derivative results" (2008).
"""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.errors import ShapeError
from chainrule.ops.base import Bilinear, Op, conjugate
from chainrule.spec import Spec

Array = Any


def transpose(xp: Any, x: Array) -> Array:
    """x', each matrix of the stack transposed."""
    return xp.swapaxes(x, axis1=-1, axis2=-2)


def adjoint(xp: Any, x: Array) -> Array:
    """x', each matrix of the stack transposed, and conjugated if complex."""
    return conjugate(xp, transpose(xp, x))


def scalar_matrix(xp: Any, x: Array) -> Array:
    """A number per matrix, with two axes added so that it scales the matrices."""
    return xp.reshape(x, shape=(*x.shape, 1, 1))


def folded(xp: Any, x: Array) -> Array:
    """A stack of matrices as one, the stack's axes merged into its rows."""
    rows = specs.size_of(x.shape[:-1])
    return xp.reshape(x, shape=(rows, x.shape[-1]))


def square(x: Spec) -> None:
    """Raise unless `x` is a stack of square matrices."""
    if len(x.shape) < 2:
        raise ShapeError("The input tensor A must have at least 2 dimensions.")
    if x.shape[-1] != x.shape[-2]:
        raise ShapeError(
            "A must be batches of square matrices, but they are "
            f"{x.shape[-2]} by {x.shape[-1]} matrices"
        )


class MatMul(Bilinear):
    """out = x @ y for stacks (..., n, k) @ (..., k, m).   dL/dx = g y',   dL/dy = x' g.

    Vectors become matrices in the public `matmul`; broadcast batch axes are summed by the engine.
    `shared` says that y is one matrix for a whole stack x: one large product then does the work.
    `flipped` says that y is stored transposed (as `weight.T` is): its gradient is computed in
    that order too, so that the weight's own arrives row-major without a strided copy.
    """

    name, inputs = "matmul", ("x", "y")  # c is None: BLAS, a fusion boundary
    grad_name = "Mm"

    @staticmethod
    def spec(x: Spec, y: Spec, *, shared: bool = False, flipped: bool = False) -> Spec:
        if x.shape[-1] != y.shape[-2]:
            raise ShapeError(
                "mat1 and mat2 shapes cannot be multiplied "
                f"({x.shape[-2]}x{x.shape[-1]} and {y.shape[-2]}x{y.shape[-1]}): the last axis of "
                f"x must equal the second-to-last axis of y; they are {x.shape[-1]} and "
                f"{y.shape[-2]}",
                fix="Transpose one of them, as in x @ y.T.",
            )
        batch = specs.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        return Spec((*batch, x.shape[-2], y.shape[-1]), specs.promote(x.dtype, y.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array, *, shared: bool = False, flipped: bool = False) -> Array:
        if shared:
            return xp.matmul(g, transpose(xp, y), shared=True)
        return xp.matmul(g, transpose(xp, y))

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, *, shared: bool = False, flipped: bool = False) -> Array:
        if shared:
            g, x = folded(xp, g), folded(xp, x)
        if flipped:
            return transpose(xp, xp.matmul(transpose(xp, g), x))
        return xp.matmul(transpose(xp, x), g)


class Inverse(Op):
    """out = x**-1.   dL/dx = -out' g out'."""

    name, inputs, grad_name = "inv", ("x",), "LinalgInvEx"

    @staticmethod
    def spec(x: Spec) -> Spec:
        square(x)
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        turned = transpose(xp, out)
        return -xp.matmul(xp.matmul(turned, g), turned)


class Solve(Op):
    """out = the X with a X = b.   dL/db = S = a'**-1 g,   dL/da = -S out'."""

    name, inputs, grad_name = "solve", ("a", "b"), "LinalgSolveEx"

    @staticmethod
    def spec(a: Spec, b: Spec) -> Spec:
        square(a)
        if a.shape[-1] != b.shape[-2]:
            raise ShapeError(
                "Incompatible shapes of A and B for the equation AX = B "
                f"({a.shape[-2]}x{a.shape[-1]} and {b.shape[-2]}x{b.shape[-1]})"
            )
        batch = specs.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        return Spec((*batch, *b.shape[-2:]), b.dtype)

    @staticmethod
    def vjp(xp: Any, g: Array, needed: tuple[bool, ...], a: Array, out: Array) -> Any:
        d_b = xp.solve(transpose(xp, a), g)
        return (-xp.matmul(d_b, transpose(xp, out)) if needed[0] else None, d_b)


class SolveTriangular(Op):
    """out = the X with a X = b, where only one triangle of a is read.

    dL/db = S = a'**-1 g,   dL/da = that triangle of -S out'.
    """

    name, inputs, grad_name = "solve_triangular", ("a", "b"), "LinalgSolveTriangular"

    @staticmethod
    def spec(a: Spec, b: Spec, *, upper: bool, unitriangular: bool) -> Spec:
        return Solve.spec(a, b)

    @staticmethod
    def vjp(
        xp: Any, g: Array, needed: tuple[bool, ...], a: Array, out: Array,
        *, upper: bool, unitriangular: bool,
    ) -> Any:  # fmt: skip
        d_b = xp.solve_triangular(transpose(xp, a), g, upper=not upper, unitriangular=unitriangular)
        if not needed[0]:
            return None, d_b
        whole = -xp.matmul(d_b, transpose(xp, out))
        if upper:
            return xp.triu(whole, k=1 if unitriangular else 0), d_b
        return xp.tril(whole, k=-1 if unitriangular else 0), d_b


class Det(Op):
    """out = det x.   dL/dx = g * cofactor(x), which exists for singular x too."""

    name, inputs, grad_name = "det", ("x",), "LinalgDet"

    @staticmethod
    def spec(x: Spec) -> Spec:
        square(x)
        return Spec(x.shape[:-2], x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return scalar_matrix(xp, g) * xp.cofactor(x)


class Cofactor(Op):
    """out = det(x) x'**-1, continued to singular x.

    dL/dx = <g, out> x'**-1 - out g' x'**-1; here x must be invertible.
    """

    name, inputs = "cofactor", ("x",)

    @staticmethod
    def spec(x: Spec) -> Spec:
        square(x)
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array) -> Array:
        inverse = transpose(xp, xp.inv(x))
        total = xp.sum(g * out, axis=(len(x.shape) - 2, len(x.shape) - 1), keepdims=True)
        return total * inverse - xp.matmul(xp.matmul(out, transpose(xp, g)), inverse)


class SlogDet(Op):
    """sign, logabs = the sign of det x, and ln |det x|.   dL/dx = g_logabs * x'**-1.

    A complex sign turns: i Im(g_sign * sign) counts with g_logabs.
    """

    name, inputs, outputs = "slogdet", ("x",), ("sign", "logabs")
    grad_name = "LinalgSlogdet"

    @staticmethod
    def spec(x: Spec) -> tuple[Spec, Spec]:
        square(x)
        return Spec(x.shape[:-2], x.dtype), Spec(x.shape[:-2], specs.real_of(x.dtype))

    @staticmethod
    def vjp(xp: Any, g: Any, needed: tuple[bool, ...], x: Array, sign: Array) -> Any:
        g_sign, total = g
        if g_sign is not None and x.dtype.kind == "c":
            along = xp.imag(g_sign * sign)
            zero = xp.zeros_like(along)
            total = xp.complex_from(zero if total is None else total, along)
        if total is None:
            return (xp.zeros(shape=x.shape, dtype=x.dtype),)
        return (scalar_matrix(xp, total) * transpose(xp, xp.inv(x)),)


class MatrixExp(Op):
    """out = e**x, the matrix exponential.

    dL/dx = the upper right block of e**[[x', g], [0, x']], its derivative at x' in direction g.
    Source: Mathias, "A chain rule for matrix functions and applications" (1996).
    """

    name, inputs, grad_name = "matrix_exp", ("x",), "LinalgMatrixExp"

    @staticmethod
    def spec(x: Spec) -> Spec:
        square(x)
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        n, last = x.shape[-1], len(x.shape) - 1
        turned = transpose(xp, x)
        blank = xp.zeros(shape=x.shape, dtype=x.dtype)
        top = xp.concat(turned, g, axis=last)
        bottom = xp.concat(blank, turned, axis=last)
        whole = xp.matrix_exp(xp.concat(top, bottom, axis=last - 1))
        return xp.slice(whole, index=(..., slice(0, n), slice(n, None)))
