"""Determinants, inverses, solutions of linear systems, matrix powers and exponentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import return_types
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply, cast
from chainrule.errors import ArgumentError, DtypeError, LinAlgError, ShapeError
from chainrule.functional.border import EXPORTS, with_numpy_names, with_out
from chainrule.functional.linalg import reshaped, turned
from chainrule.ops.base import REGISTRY
from chainrule.ops.comparison import Where
from chainrule.ops.linalg import Det, Inverse, MatMul, MatrixExp, SlogDet, Solve, SolveTriangular
from chainrule.ops.shape import Copy
from chainrule.spec import FLOAT32
from chainrule.tensor import Tensor, from_array


def namespaced(function: Any = None, *, names: tuple[str, ...] = (), method: bool = True) -> Any:
    """Publish a function of `torch.linalg`; `names` are its names in torch and on tensors."""
    if function is None:
        return lambda f: namespaced(f, names=names, method=method)
    plain = with_numpy_names(function)
    published = with_out(plain)
    for name in names:
        EXPORTS[name] = published
        if method:
            setattr(Tensor, name, plain)
    return published


def floating(name: str, x: Any) -> None:
    """Raise unless `x` is a floating (or complex) tensor that LAPACK knows."""
    if not isinstance(x, Tensor):
        raise ArgumentError(
            f"{name}(): argument 'A' (position 1) must be Tensor, not {type(x).__name__}"
        )
    dtype = x._array.dtype
    if dtype.kind not in "fc":
        if dtype.kind == "V":
            raise DtypeError(f"{name}: Low precision dtypes not supported. Got {word(dtype)}",
                             [("A", x)], fix="Convert it first, with .float().")  # fmt: skip
        raise DtypeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {word(dtype)}",
            [("A", x)],
            fix="Convert it first, with .float().",
        )
    if dtype.itemsize == 2:
        raise DtypeError(f"{name}: Low precision dtypes not supported. Got {word(dtype)}",
                         [("A", x)], fix="Convert it first, with .float().")  # fmt: skip


def matrices(name: str, x: Any, what: str = "A") -> None:
    """Raise unless `x` is a stack of floating matrices."""
    floating(name, x)
    if x._array.ndim < 2:
        raise ShapeError(
            f"{name}: The input tensor {what} must have at least 2 dimensions.", [(what, x)]
        )


def squares(name: str, x: Any, what: str = "A") -> None:
    """Raise unless `x` is a stack of square floating matrices."""
    matrices(name, x, what)
    n, m = x._array.shape[-2:]
    if n != m:
        raise ShapeError(
            f"{name}: {what} must be batches of square matrices, but they are {n} by {m} matrices",
            [(what, x)],
        )


def info_of(x: Any, failing: Callable[[Any], int]) -> Tensor:
    """One int32 per matrix of the stack: 0, or what `failing` makes of the matrix."""
    array = x._array
    flat = array.reshape(-1, *array.shape[-2:]) if array.size else ()
    codes = np.zeros(array.shape[:-2], np.int32)
    if len(flat):
        codes.reshape(-1)[:] = [failing(m) for m in flat]
    return from_array(codes)  # type: ignore[no-any-return]


def first_zero_pivot(m: Any) -> int:
    """LAPACK's info of an LU factorisation: where U has its first zero, from 1; 0 if nowhere."""
    lu = REGISTRY["lu_factor"].raw(m)[0]
    zeros = np.flatnonzero(np.diagonal(lu) == 0)
    return int(zeros[0]) + 1 if len(zeros) else 0


def named_error(name: str, call: Callable[[], Any]) -> Any:
    """The result, or the linear-algebra error with this function's name in front."""
    try:
        return call()
    except LinAlgError as error:
        error.where = name
        raise


@namespaced(names=("det",))
def det(A: Any) -> Tensor:
    """The determinant of square matrices.

    Shapes: (..., n, n) gives (...).
    Gradient: g times the matrix of cofactors, so singular matrices have one too.

    >>> import chainrule as torch
    >>> torch.linalg.det(torch.tensor([[2., 0.], [0., 3.]]))
    tensor(6.)
    """
    squares("linalg.det", A)
    return apply(Det, A)  # type: ignore[no-any-return]


@namespaced
def slogdet(A: Any) -> Any:
    """Sign and logarithm of the absolute value of the determinant, safe from overflow.

    Shapes: (..., n, n) gives two (...).
    Gradient: g of the logarithm times the transposed inverse.

    >>> import chainrule as torch
    >>> torch.linalg.slogdet(torch.tensor([[0., 1.], [1., 0.]])).sign
    tensor(-1.)
    """
    squares("linalg.slogdet", A)
    return return_types.linalg_slogdet(apply(SlogDet, A))


def torch_slogdet(input: Any) -> Any:
    """`torch.linalg.slogdet`.

    >>> import chainrule as torch
    >>> torch.slogdet(torch.eye(2)).logabsdet
    tensor(0.)
    """
    return return_types.slogdet(slogdet(input))


def logdet(input: Any) -> Tensor:
    """The logarithm of the determinant: -inf where it is zero, nan where it is negative.

    Shapes: (..., n, n) gives (...).
    Gradient: g times the transposed inverse.

    >>> import chainrule as torch
    >>> torch.logdet(torch.eye(3))
    tensor(0.)
    """
    squares("logdet", input)
    sign, logabs = apply(SlogDet, input)
    if sign._array.dtype.kind == "c":
        return sign.log() + logabs  # type: ignore[no-any-return]
    return apply(Where, from_array(sign._array == -1), np.nan, logabs)  # type: ignore[no-any-return]


for _name, _f in (("slogdet", torch_slogdet), ("logdet", logdet)):
    EXPORTS[_name] = with_out(_f)
    setattr(Tensor, _name, _f)


@namespaced(names=("inverse",))
def inv(A: Any) -> Tensor:
    """The inverse of square matrices.

    Shapes: (..., n, n).
    Gradient: -out' g out'.
    Errors: torch.linalg.LinAlgError if a matrix is singular.

    >>> import chainrule as torch
    >>> torch.linalg.inv(torch.tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    squares("linalg.inv", A)
    return named_error("linalg.inv", lambda: apply(Inverse, A))  # type: ignore[no-any-return]


@namespaced
def inv_ex(A: Any, *, check_errors: bool = False) -> Any:
    """The inverse, and for each matrix 0 or the place of the zero pivot, instead of an error.

    What stands in place of the inverse of a singular matrix is NaN.
    Shapes: (..., n, n) gives (..., n, n) and (...).
    Gradient: as inv.

    >>> import chainrule as torch
    >>> torch.linalg.inv_ex(torch.zeros(2, 2)).info
    tensor(1, dtype=torch.int32)
    """
    squares("linalg.inv_ex", A)
    info = info_of(A, first_zero_pivot)
    bad = info._array != 0
    if not bad.any() or check_errors:
        return return_types.linalg_inv_ex((inv(A), info))
    return return_types.linalg_inv_ex((nan_where(bad, A, lambda x: apply(Inverse, x)), info))


def nan_where(bad: Any, A: Any, call: Callable[[Any], Any]) -> Any:
    """`call` on A with the bad matrices replaced by the identity, then by NaN in the result."""
    mask = from_array(bad[..., None, None])
    one = from_array(np.eye(A._array.shape[-1], dtype=A._array.dtype))
    return apply(Where, mask, np.nan, call(apply(Where, mask, one, A)))


def as_matrix_equation(name: str, A: Any, B: Any, left: bool) -> bool:
    """Check A X = B (or X A = B); True if B is a stack of vectors."""
    squares(name, A)
    floating(name, B)
    a, b = A._array, B._array
    if a.dtype != b.dtype:
        raise DtypeError(
            f"{name}: Expected A and B to have the same dtype, but found A of type {word(a.dtype)} "
            f"and B of type {word(b.dtype)} instead",
            [("A", A), ("B", B)],
        )
    vector = b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])
    if vector and not left:
        raise ShapeError(f"{name}: Vector broadcasting of the left hand side is not supported for "
                         "left=False.", [("A", A), ("B", B)])  # fmt: skip
    rows = b.shape[-1] if vector else b.shape[-2 if left else -1]
    if rows != a.shape[-1]:
        raise ShapeError(
            f"{name}: Incompatible shapes of A and B for the equation "
            f"{'AX = B' if left else 'XA = B'} ({a.shape[-2]}x{a.shape[-1]} and "
            f"{b.shape[-2] if b.ndim > 1 else b.shape[-1]}x{b.shape[-1] if b.ndim > 1 else 1})",
            [("A", A), ("B", B)],
        )
    return vector


def solved(op: Any, A: Any, B: Any, left: bool, vector: bool, **static: Any) -> Any:
    """X of A X = B, X A = B, or A x = b, by an op that solves A X = B."""
    if vector:
        b = B._array.shape
        return reshape_last(apply(op, A, reshaped(B, *b, 1), **static))
    if left:
        return apply(op, A, B, **static)
    return turned(apply(op, turned(A), turned(B), **static))


def reshape_last(x: Any) -> Any:
    """Drop the last axis, of size 1."""
    return reshaped(x, *x._array.shape[:-1])


@namespaced
def solve(A: Any, B: Any, *, left: bool = True) -> Tensor:
    """The X with A X = B (X A = B if not `left`), for square A.

    Shapes: A (..., n, n), B (..., n, k) or vectors (n) or (..., n); leading axes broadcast.
    Gradient: S = A'**-1 g for B, -S out' for A.
    Errors: torch.linalg.LinAlgError if a matrix is singular.

    >>> import chainrule as torch
    >>> torch.linalg.solve(torch.tensor([[2., 0.], [0., 4.]]), torch.tensor([2., 2.]))
    tensor([1.0000, 0.5000])
    """
    name = "linalg.solve"
    vector = as_matrix_equation(name, A, B, left)
    return named_error("torch." + name, lambda: solved(Solve, A, B, left, vector))  # type: ignore


@namespaced
def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False) -> Any:
    """The solution, and for each matrix 0 or the place of the zero pivot, instead of an error.

    What stands in place of the solution of a singular system is NaN.
    Shapes, Gradient: as solve.

    >>> import chainrule as torch
    >>> torch.linalg.solve_ex(torch.eye(2), torch.ones(2)).result
    tensor([1., 1.])
    """
    vector = as_matrix_equation("linalg.solve_ex", A, B, left)
    info = info_of(A, first_zero_pivot)
    bad = info._array != 0
    if not bad.any() or check_errors:
        return return_types.linalg_solve_ex((solve(A, B, left=left), info))
    one = from_array(np.eye(A._array.shape[-1], dtype=A._array.dtype))
    safe = apply(Where, from_array(bad[..., None, None]), one, A)
    mask = from_array(bad[..., None] if vector else bad[..., None, None])
    result = apply(Where, mask, np.nan, solved(Solve, safe, B, left, vector))
    return return_types.linalg_solve_ex((result, info))


@namespaced
def solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """The X with A X = B (X A = B if not `left`), for triangular A; the other triangle is not read.

    Shapes: A (..., n, n), B (..., n, k); leading axes broadcast.
    Gradient: S = A'**-1 g for B, the triangle of -S out' for A.

    >>> import chainrule as torch
    >>> A = torch.tensor([[2., 1.], [0., 4.]])
    >>> torch.linalg.solve_triangular(A, torch.tensor([[4.], [8.]]), upper=True)
    tensor([[1.],
            [2.]])
    """
    name = "linalg.solve_triangular"
    if isinstance(B, Tensor) and B._array.ndim < 2:
        raise ShapeError(f"{name}: The input tensor B must have at least 2 dimensions.", [("B", B)])
    as_matrix_equation(name, A, B, left)
    if not left:
        upper = not upper
    return solved(  # type: ignore[no-any-return]
        SolveTriangular, A, B, left, False, upper=upper, unitriangular=unitriangular
    )


def triangular_solve(
    b: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """The older form of `torch.linalg.solve_triangular`: (solution, a copy of A).

    >>> import chainrule as torch
    >>> torch.triangular_solve(torch.ones(2, 1), torch.eye(2)).solution
    tensor([[1.],
            [1.]])
    """
    squares("triangular_solve", A)
    matrices("triangular_solve", b, "b")
    a = A
    if transpose:
        a, upper = turned(A), not upper
    x = apply(SolveTriangular, a, b, upper=upper, unitriangular=unitriangular)
    return return_types.triangular_solve((x, apply(Copy, A)))


EXPORTS["triangular_solve"] = with_out(triangular_solve)


Tensor.triangular_solve = triangular_solve  # type: ignore[attr-defined]


@namespaced(names=("matrix_exp",))
def matrix_exp(A: Any) -> Tensor:
    """The matrix exponential, the sum of A**k / k!.

    Shapes: (..., n, n).
    Gradient: the derivative of the exponential at A' in direction g.

    >>> import chainrule as torch
    >>> torch.linalg.matrix_exp(torch.zeros(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    if isinstance(A, Tensor) and A._array.dtype.kind in "fV" and A._array.dtype.itemsize == 2:
        return cast(matrix_exp(cast(A, FLOAT32)), A._array.dtype)  # type: ignore[no-any-return]
    squares("linalg.matrix_exp", A)
    return apply(MatrixExp, A)  # type: ignore[no-any-return]


@namespaced(names=("matrix_power",))
def matrix_power(A: Any, n: int) -> Tensor:
    """The n-th power of square matrices, by repeated squaring; of the inverse if n is negative.

    Shapes: (..., n, n).
    Gradient: that of the products.

    >>> import chainrule as torch
    >>> torch.linalg.matrix_power(torch.tensor([[1., 1.], [0., 1.]]), 5)
    tensor([[1., 5.],
            [0., 1.]])
    """
    if A._array.dtype.kind in "iub":
        if A._array.ndim < 2 or A._array.shape[-1] != A._array.shape[-2]:
            raise ShapeError("linalg.matrix_power: A must be batches of square matrices",
                             [("A", A)])  # fmt: skip
    else:
        squares("linalg.matrix_power", A)
    array = A._array
    if n == 0:
        one = from_array(np.eye(array.shape[-1], dtype=array.dtype))
        return apply(Where, from_array(np.ones((), np.bool_)), one, A)  # type: ignore
    if n < 0:
        A, n = inv(A), -n
    result = None
    while True:
        if n & 1:
            result = A if result is None else apply(MatMul, result, A)
        n >>= 1
        if not n:
            return apply(Copy, A) if result is A else result  # type: ignore[return-value]
        A = apply(MatMul, A, A)
