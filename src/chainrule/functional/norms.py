"""Norms and distances with torch's names: norm, dist, cdist, pdist, renorm."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import public, store
from chainrule.functional.reduction import axes_of, in_dtype, need_floats
from chainrule.ops.arithmetic import Add, Divide, Multiply, Subtract
from chainrule.ops.comparison import Greater, Where
from chainrule.ops.norms import Euclidean
from chainrule.ops.reduction import PNorm, Sum
from chainrule.ops.shape import Reshape
from chainrule.ops.sorting import TakeAlongAxis
from chainrule.tensor import Tensor, from_array

INF = float("inf")


@public(out=False)
def norm(
    input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, out: Any = None,
    dtype: Any = None,
) -> Tensor:  # fmt: skip
    """The p-norm (sum |x|**p)**(1/p) over `dim`; over everything if None.

    "fro" is p = 2; "nuc" is the sum of a matrix's singular values; p = 0 counts nonzeros; inf and
    -inf take the largest and smallest magnitude.
    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: g * sign(x) * (|x| / out)**(p - 1), and 0 where out is 0.

    >>> import chainrule as torch
    >>> torch.norm(torch.tensor([3., 4.]))
    tensor(5.)
    """
    need_floats(input, "linalg.vector_norm: Expected a floating point or complex tensor as input. "
                "Got {}")  # fmt: skip
    if p is None:
        p = "fro"
    ndim = input._array.ndim
    if p == "nuc":
        result = nuclear(input, dim, keepdim)
    elif isinstance(p, str) and p != "fro":
        raise ArgumentError(f"linalg.matrix_norm: Order {p} not supported.",
                            fix='Use a number, "fro" or "nuc".')  # fmt: skip
    else:
        if p == "fro":
            if isinstance(dim, (tuple, list)) and len(dim) > 2:
                matrix_axes(dim)
            p = 2.0
        result = p_norm(in_dtype(input, dtype), axes_of(dim, ndim), float(p), keepdim)
    result = in_dtype(result, dtype)
    return result if out is None else store(result, out)  # type: ignore[no-any-return]


def p_norm(input: Any, axis: tuple[int, ...], p: float, keepdim: bool = False) -> Any:
    """The p-norm along `axis`, with torch's complaint about empty ones."""
    shape = input._array.shape
    if (p == INF or p < 0) and input._array.size == 0 and 0 in [shape[a] for a in axis]:
        raise ShapeError(
            f"linalg.vector_norm cannot compute the {p} norm on an empty tensor because the "
            "operation does not have an identity",
            [("input", input)],
        )
    return apply(PNorm, input, axis=axis, keepdims=keepdim, p=p)


def matrix_axes(dim: Any) -> None:
    raise ShapeError("linalg.matrix_norm: dim must be a 2-tuple. Got "
                     f"{' '.join(map(str, dim))}")  # fmt: skip


def nuclear(input: Any, dim: Any, keepdim: bool) -> Any:
    """The nuclear norm, by singular values."""
    from chainrule.functional.matrix_norms import matrix_norm

    dims = tuple(range(input._array.ndim)) if dim is None else dim
    dims = (dims,) if isinstance(dims, int) else tuple(dims)
    if len(dims) != 2:
        matrix_axes(dims)
    return matrix_norm(input, "nuc", dim=dims, keepdim=keepdim)


@public
def dist(input: Any, other: Any, p: float = 2) -> Tensor:
    """The p-norm of `input - other`.

    Shapes: both broadcast together; the result is a number.
    Gradient: that of the norm, with opposite signs.

    >>> import chainrule as torch
    >>> torch.dist(torch.tensor([1., 2.]), torch.tensor([4., 6.]))
    tensor(5.)
    """
    off = apply(Subtract, input, other)
    need_floats(off, "norm(): input dtype should be either floating point or complex. Got {} "
                "instead.")  # fmt: skip
    return p_norm(off, tuple(range(off._array.ndim)), float(p))  # type: ignore[no-any-return]


MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)


@public(method=False, out=False)
def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str = MODES[0]) -> Tensor:
    """The p-norm distance of every row of x1 from every row of x2.

    Shapes: (*, n, d) and (*, m, d) -> (*, n, m); leading sizes broadcast.
    Gradient: that of the norm; 0 between equal rows.
    Errors: rows of different lengths, p < 0, integers.

    >>> import chainrule as torch
    >>> torch.cdist(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.], [0., 1.]]))
    tensor([[5., 1.]])
    """
    a, b = x1._array, x2._array
    for name, x in (("X1", a), ("X2", b)):
        if x.ndim < 2:
            raise ShapeError(f"cdist only supports at least 2D tensors, {name} got: {x.ndim}D",
                             [("x1", x1), ("x2", x2)])  # fmt: skip
        if x.dtype.kind not in "fV":
            raise DtypeError(f"cdist only supports floating-point dtypes, {name} got: "
                             f"{word(x.dtype)}", [("x1", x1), ("x2", x2)])  # fmt: skip
    if a.shape[-1] != b.shape[-1]:
        raise ShapeError(
            "X1 and X2 must have the same number of columns. "
            f"X1: {a.shape[-1]} X2: {b.shape[-1]}", [("x1", x1), ("x2", x2)],
        )  # fmt: skip
    if p < 0:
        raise ArgumentError("cdist only supports non-negative p values", [("p", p)])
    if compute_mode not in MODES:
        raise ArgumentError(f"{compute_mode} is not a valid value for compute_mode",
                            fix=f"Use one of {', '.join(MODES)}.")  # fmt: skip
    n, m, d = a.shape[-2], b.shape[-2], a.shape[-1]
    if p == 2 and d and n and m:
        large = n > 25 or m > 25
        product = large if compute_mode == MODES[0] else compute_mode == MODES[1]
        return apply(Euclidean, x1, x2, product=product)  # type: ignore[no-any-return]
    left = apply(Reshape, x1, shape=(*a.shape[:-1], 1, d))
    right = apply(Reshape, x2, shape=(*b.shape[:-2], 1, m, d))
    off = apply(Subtract, left, right)
    if not d:  # rows of no numbers are equal
        return apply(Sum, off, axis=(off._array.ndim - 1,), keepdims=False)  # type: ignore
    return p_norm(off, (off._array.ndim - 1,), float(p))  # type: ignore[no-any-return]


def pdist(input: Any, p: float = 2) -> Tensor:
    """The p-norm distances between all pairs of rows, in the order (0,1), (0,2), ..., (1,2), ...

    Shapes: (n, d) -> (n (n - 1) / 2,).
    Gradient: that of the norm; 0 between equal rows.

    >>> import chainrule as torch
    >>> from chainrule.functional.norms import pdist
    >>> pdist(torch.tensor([[0., 0.], [3., 4.], [0., 1.]]))
    tensor([5.0000, 1.0000, 4.2426])
    """
    array = input._array
    if array.ndim != 2:
        raise ShapeError(f"pdist only supports 2D tensors, got: {array.ndim}D", [("input", input)])
    if array.dtype.kind not in "fV":
        raise DtypeError("pdist only supports floating-point dtypes", [("input", input)])
    if p < 0:
        raise ArgumentError("pdist only supports non-negative p values", [("p", p)])
    n, d = array.shape
    if not d:
        return from_array(np.zeros(n * (n - 1) // 2, array.dtype))  # type: ignore[no-any-return]
    sides = [
        apply(TakeAlongAxis, input, from_array(np.repeat(rows[:, None], d, 1)), axis=0,
              distinct=False)
        for rows in np.triu_indices(n, 1)
    ]  # fmt: skip
    return p_norm(apply(Subtract, *sides), (1,), float(p))  # type: ignore[no-any-return]


@public(inplace=True)
def renorm(input: Any, p: float, dim: int, maxnorm: float) -> Tensor:
    """The input with every slice along `dim` scaled down to a p-norm of at most `maxnorm`.

    Gradient: that of x * maxnorm / norm(x) for slices that are too large, else g.
    Errors: p must be positive, maxnorm not negative, and the input at least 2-d.

    >>> import chainrule as torch
    >>> torch.renorm(torch.tensor([[3., 4.], [0., 1.]]), p=2, dim=0, maxnorm=1)
    tensor([[0.6000, 0.8000],
            [0.0000, 1.0000]])
    """
    if p <= 0:
        raise ArgumentError("renorm: non-positive-norm not supported", [("p", p)])
    if maxnorm < 0:
        raise ArgumentError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm}")
    ndim = input._array.ndim
    if ndim < 2:
        raise ShapeError(f"renorm: input needs at least 2 dimensions, got {ndim} dimensions",
                         [("input", input)])  # fmt: skip
    need_floats(input, "renorm: input must be floating point, not {}")
    axis = spec.normalize_axis(dim, ndim)
    others = tuple(i for i in range(ndim) if i != axis)
    size = apply(PNorm, input, axis=others, keepdims=True, p=float(p))
    factor = apply(Divide, from_array(np.asarray(maxnorm, size._array.dtype)),
                   apply(Add, size, 1e-7))  # fmt: skip
    factor = apply(Where, apply(Greater, size, maxnorm), factor, 1.0)
    return apply(Multiply, input, factor)  # type: ignore[no-any-return]
