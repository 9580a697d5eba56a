"""Norms of vectors and matrices, and what is built on them: condition numbers, ranks."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, LinAlgError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.functional.decompositions import svdvals
from chainrule.functional.least_squares import number
from chainrule.functional.linalg import reshaped
from chainrule.functional.norms import p_norm
from chainrule.functional.reduction import in_dtype
from chainrule.functional.solvers import inv, matrices, namespaced, squares
from chainrule.functional.tensor_products import three_vectors
from chainrule.ops.arithmetic import Absolute, Divide, Multiply
from chainrule.ops.base import REGISTRY
from chainrule.ops.decompositions import MatrixRank
from chainrule.ops.reduction import Amax, Amin, Sum
from chainrule.ops.shape import Concat, PermuteDims
from chainrule.tensor import Tensor, from_array

INF = float("inf")


def inexact(name: str, x: Any, dtype: Any) -> Any:
    """The operand of a norm in `dtype`, checked."""
    wanted = dtypes.numpy_dtype(dtype)
    own = x._array.dtype
    if own.kind not in "fVc":
        raise DtypeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {word(own)}",
            [("x", x)],
            fix="Convert it first, with .float().",
        )
    if wanted is not None:
        if wanted.kind not in "fVc":
            raise DtypeError(
                f"{name}: dtype should be floating point or complex. Got {word(wanted)}"
            )
        if spec.promote(own, wanted) != wanted:
            raise DtypeError(
                f"{name}: the dtype of the input ({own}) should be convertible without narrowing "
                f"to the specified dtype ({wanted})"
            )
    return in_dtype(x, dtype)


@namespaced
def vector_norm(
    x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The norm (sum |x|**ord)**(1/ord) of vectors along `dim`; of all elements if None.

    `ord` = 0 counts nonzeros; inf and -inf take the largest and smallest magnitude.
    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: g * sign(x) * (|x| / out)**(ord - 1), and 0 where out is 0.

    >>> import chainrule as torch
    >>> torch.linalg.vector_norm(torch.tensor([3., -4.]))
    tensor(5.)
    """
    x = inexact("linalg.vector_norm", x, dtype)
    if isinstance(ord, str):
        raise ArgumentError(f"linalg.vector_norm: ord must be a number, not '{ord}'")
    if isinstance(dim, (list, tuple)) and not dim:
        dim = None
    return p_norm(x, spec.normalize_axes(dim, x._array.ndim), float(ord), keepdim)  # type: ignore


@namespaced
def matrix_norm(
    A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """A norm of the matrices in the two axes `dim`.

    Args:
        ord: "fro" (root of the sum of squares), "nuc" (sum of singular values), 2 and -2 (largest
            and smallest singular value), 1 and -1 (sums of columns), inf and -inf (of rows).
    Shapes: both axes are removed, or kept at size 1 with `keepdim`.
    Gradient: that of the norm; shared equally at ties.

    >>> import chainrule as torch
    >>> torch.linalg.matrix_norm(torch.tensor([[1., -2.], [3., 4.]]), 1)
    tensor(6.)
    """
    name = "linalg.matrix_norm"
    A = inexact(name, A, dtype)
    array = A._array
    if array.ndim < 2:
        raise ShapeError(f"{name}: The input tensor A must have at least 2 dimensions.", [("A", A)])
    if len(dim) != 2:
        raise ShapeError(f"{name}: dim must be a 2-tuple. Got {' '.join(map(str, dim))}")
    row, column = (spec.normalize_axis(int(d), array.ndim) for d in dim)
    if row == column:
        raise ShapeError(f"{name}: dims must be different. Got ({dim[0]}, {dim[1]})")
    if ord == "fro":
        return p_norm(A, tuple(sorted((row, column))), 2.0, keepdim)  # type: ignore[no-any-return]
    if ord == "nuc" or ord in (2, -2):
        rest = [i for i in range(array.ndim) if i not in (row, column)]
        order = (*rest, row, column)
        x = A if order == tuple(range(array.ndim)) else apply(PermuteDims, A, axes=order)
        s = svdvals(x)
        if ord == "nuc":
            out = apply(Sum, s, axis=(len(rest),), keepdims=False)
        else:
            out = extreme(name, s, Amax if ord > 0 else Amin, len(rest), False)
        if keepdim:
            shape = spec.reduced_shape(array.shape, (row, column), True)
            out = reshaped(out, *shape)
        return out  # type: ignore[no-any-return]
    if ord not in (1, -1, INF, -INF):
        raise ArgumentError(f"{name}: Order {ord} not supported.",
                            fix='Use 1, -1, 2, -2, inf, -inf, "fro" or "nuc".')  # fmt: skip
    over, best = (row, column) if ord in (1, -1) else (column, row)
    sums = apply(Sum, apply(Absolute, A), axis=(over,), keepdims=True)
    out = extreme(name, sums, Amax if ord > 0 else Amin, best, True)
    if keepdim:
        return out  # type: ignore[no-any-return]
    return reshaped(out, *spec.reduced_shape(array.shape, (row, column), False))  # type: ignore


def extreme(name: str, x: Any, op: Any, axis: int, keepdims: bool) -> Any:
    if x._array.shape[axis] == 0:
        raise ShapeError(f"{name}: Expected reduction dim {axis} to have non-zero size: the norm "
                         "of an empty matrix has no identity.", [("A", x)])  # fmt: skip
    return apply(op, x, axis=(axis,), keepdims=keepdims)


@namespaced
def norm(
    input: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The norm of vectors or of matrices, by the number of axes.

    Without `ord` the 2-norm of all elements (along `dim`, if given); with it, the vector norm
    along one axis, or the matrix norm in two.
    Shapes, Gradient: as vector_norm and matrix_norm.

    >>> import chainrule as torch
    >>> torch.linalg.norm(torch.tensor([[3., 0.], [0., 4.]]), "nuc")
    tensor(7.)
    """
    ndim = input._array.ndim
    if dim is not None:
        axes = (dim,) if isinstance(dim, (int, np.integer)) else tuple(dim)
        if ord is not None and len(axes) not in (1, 2):
            raise ShapeError("linalg.norm: If dim is specified, it must be of length 1 or 2. Got "
                             f"{' '.join(map(str, axes))}")  # fmt: skip
    else:
        if ord is not None and ndim not in (1, 2):
            raise ShapeError(
                "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
                f"{ndim}D.",
                [("input", input)],
            )
        axes = tuple(range(ndim))
    if ord is not None and len(axes) == 2:
        return matrix_norm(input, ord, axes, keepdim, dtype=dtype)  # type: ignore[no-any-return]
    if isinstance(ord, str):
        raise ArgumentError(
            f"linalg.norm: order {ord} is for matrices, but the operand has one axis"
        )
    p = 2 if ord is None else ord
    return vector_norm(input, p, axes or None, keepdim, dtype=dtype)  # type: ignore[no-any-return]


@namespaced
def cond(A: Any, p: Any = None) -> Tensor:
    """The condition number: norm of A times norm of its inverse; largest over smallest singular
    value if `p` is None or 2.

    Shapes: (..., m, n) gives (...); square matrices for other norms.
    Gradient: that of the norms.

    >>> import chainrule as torch
    >>> torch.linalg.cond(torch.tensor([[2., 0.], [0., 8.]]))
    tensor(4.)
    """
    matrices("linalg.cond", A)
    if p is None or p in (2, -2):
        s = svdvals(A)
        axis = s._array.ndim - 1
        if s._array.size == 0:
            return from_array(np.zeros(s._array.shape[:-1], s._array.dtype))  # type: ignore
        k = s._array.shape[-1]

        def at(i: int) -> Any:
            return reshaped(apply(REGISTRY["slice"], s, index=(..., slice(i, i + 1))),
                            *s._array.shape[:axis])  # fmt: skip

        first, last = at(0), at(k - 1)
        return apply(Divide, last, first) if p == -2 else apply(Divide, first, last)  # type: ignore
    squares("linalg.cond", A)
    if p not in ("fro", "nuc", 1, -1, INF, -INF):
        raise ArgumentError(f"linalg.cond got an invalid norm type: {p}")
    if A._array.size == 0:
        return from_array(np.zeros(A._array.shape[:-2], A._array.dtype))  # type: ignore
    try:
        inverse = inv(A)
    except LinAlgError:  # a singular matrix: infinitely ill-conditioned
        from chainrule.functional.solvers import inv_ex

        result, info = inv_ex(A)
        out = apply(Multiply, matrix_norm(A, p), matrix_norm(result, p))
        return apply(REGISTRY["where"], from_array(info._array != 0), INF, out)  # type: ignore
    return apply(Multiply, matrix_norm(A, p), matrix_norm(inverse, p))  # type: ignore


@namespaced
def matrix_rank(
    A: Any, tol: Any = None, *, atol: Any = None, rtol: Any = None, hermitian: bool = False
) -> Tensor:
    """How many singular values are above max(atol, rtol * the largest), as int64.

    Shapes: (..., m, n) gives (...).

    >>> import chainrule as torch
    >>> torch.linalg.matrix_rank(torch.ones(2, 2))
    tensor(1)
    """
    (squares if hermitian else matrices)("torch.linalg.matrix_rank", A)
    if tol is not None:
        atol, rtol = tol, 0.0
    return apply(  # type: ignore[no-any-return]
        MatrixRank, A, rtol=number(rtol), atol=number(atol), hermitian=hermitian
    )


@namespaced
def cross(input: Any, other: Any, *, dim: int = -1) -> Tensor:
    """The cross product of vectors of three elements along `dim`.

    Shapes: both broadcast together.
    Gradient: other x g for `input`, g x input for `other`.

    >>> import chainrule as torch
    >>> torch.linalg.cross(torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
    """
    return three_vectors("linalg.cross", input, other, dim)  # type: ignore[no-any-return]


@namespaced
def vecdot(x: Any, y: Any, *, dim: int = -1) -> Tensor:
    """The inner products of vectors along `dim`; complex x is conjugated.

    Shapes: both broadcast together, then `dim` is removed.
    Gradient: g y and g x.

    >>> import chainrule as torch
    >>> torch.linalg.vecdot(torch.ones(2, 3), torch.ones(3))
    tensor([3., 3.])
    """
    if x._array.dtype.kind == "c":
        x = x.conj()
    out = apply(Multiply, x, y)
    axis = spec.normalize_axis(dim, out._array.ndim)
    return apply(Sum, out, axis=(axis,), keepdims=False)  # type: ignore[no-any-return]


@namespaced
def vander(x: Any, *, N: int | None = None) -> Tensor:
    """The powers 0 to N - 1 of each element, as rows.

    Shapes: (..., n) gives (..., n, N); N is n if None.
    Gradient: that of the products.

    >>> import chainrule as torch
    >>> torch.linalg.vander(torch.tensor([1, 2, 3]))
    tensor([[1, 1, 1],
            [1, 2, 4],
            [1, 3, 9]])
    """
    array = x._array
    if array.dtype.kind == "b":
        raise DtypeError("linalg.vander: bool is not supported", [("x", x)])
    if array.ndim == 0:
        x = reshaped(x, 1)
        array = x._array
    count = array.shape[-1] if N is None else N
    if count <= 1:
        raise ArgumentError("N must be greater than 1.", [("N", count)])
    if array.dtype.kind in "iu":
        x = in_dtype(x, dtypes.int64)
    x = reshaped(x, *array.shape, 1)
    powers = [from_array(np.ones_like(x._array))]
    for _ in range(count - 1):
        powers.append(apply(Multiply, powers[-1], x) if len(powers) > 1 else x)
    return apply(Concat, *powers[:count], axis=array.ndim)  # type: ignore[no-any-return]


@namespaced
def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of the matrices in two axes, as a view.

    Shapes: both axes are removed, the diagonal comes last.
    Gradient: g on the diagonal, 0 elsewhere.

    >>> import chainrule as torch
    >>> torch.linalg.diagonal(torch.tensor([[1., 2.], [3., 4.]]))
    tensor([1., 4.])
    """
    return EXPORTS["diagonal"](A, offset=offset, dim1=dim1, dim2=dim2)  # type: ignore
