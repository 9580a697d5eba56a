"""Products of vectors and matrices: matmul and `@`, mm, bmm, mv, dot."""

from __future__ import annotations

from typing import Any

from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply, binary
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import public
from chainrule.functional.reduction import in_dtype
from chainrule.ops.base import REGISTRY
from chainrule.ops.linalg import MatMul
from chainrule.ops.reduction import Sum
from chainrule.ops.shape import Reshape, SwapAxes
from chainrule.tensor import Tensor

_fast = binary(MatMul)


_fast_flipped = binary(MatMul, flipped=True)  # y is stored transposed, as in x @ weight.T


def turned(x: Any) -> Any:
    """Each matrix of the stack transposed."""
    return apply(SwapAxes, x, axis1=-1, axis2=-2)


def adjoint(x: Any) -> Any:
    """Each matrix of the stack transposed, and conjugated if complex."""
    x = turned(x)
    return apply(REGISTRY["conj"], x) if x._array.dtype.kind == "c" else x


def reshaped(x: Any, *shape: int) -> Any:
    """`x` with this shape."""
    return apply(Reshape, x, shape=shape)


def total(x: Any, *axis: int, keepdims: bool = False) -> Any:
    """The sum along `axis` in the dtype of `x` (sums of small integers are wider)."""
    return in_dtype(apply(Sum, x, axis=axis, keepdims=keepdims), x._array.dtype)


def shapes(*tensors: Any) -> str:
    """'2x3 and 4x5', as torch words the shapes of matrices."""
    return " and ".join("x".join(map(str, t._array.shape)) for t in tensors)


def alike(
    x: Any, y: Any, message: str = "expected m1 and m2 to have the same dtype, but got: {}"
) -> None:
    """Raise unless both have one dtype."""
    if not isinstance(x, Tensor) or not isinstance(y, Tensor):
        bad = y if isinstance(x, Tensor) else x
        raise ArgumentError(f"argument must be Tensor, not {type(bad).__name__}")
    a, b = x._array.dtype, y._array.dtype
    if a != b:
        names = {"float32": "float", "float64": "double", "int64": "long long"}
        pair = " != ".join(names.get(str(d), str(d)) for d in (a, b))
        raise DtypeError(
            message.format(pair), [("x", x), ("y", y)], fix="Convert one of them with .to(dtype)."
        )
    if a.kind == "b":
        raise DtypeError(
            "\"addmm_impl_cpu_\" not implemented for 'Bool'",
            [("x", x), ("y", y)],
            fix="Convert both with .float() or .long().",
        )


def rank(x: Any, ndim: int, message: str, *others: Any) -> None:
    """Raise unless `x` has `ndim` dimensions."""
    if not isinstance(x, Tensor):
        raise ArgumentError(f"argument must be Tensor, not {type(x).__name__}")
    if x._array.ndim != ndim:
        raise ShapeError(message, [("tensor", x), *(("other", o) for o in others)])


def product(x: Any, y: Any) -> Any:
    """x @ y of stacks of matrices, told how y is used and stored."""
    b = y._array
    static = {}
    if b.ndim == 2:
        if x._array.ndim > 2:
            static["shared"] = True
        if b.flags.f_contiguous and not b.flags.c_contiguous:
            static["flipped"] = True
    return apply(MatMul, x, y, **static)


@public
def matmul(input: Any, other: Any) -> Tensor:
    """The matrix product `input @ other`; stacks of matrices multiply matrix by matrix.

    Shapes: (..., n, k) @ (..., k, m) gives (..., n, m), the leading axes broadcast; a 1-d operand
    is a row on the left, a column on the right, and its axis is gone in the result.
    Gradient: g y' for `input`, x' g for `other`.
    Errors: the inner sizes must agree, and the dtypes.

    >>> import chainrule as torch
    >>> torch.matmul(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 1.]))
    tensor([3., 7.])
    """
    a, b = input._array, other._array
    if a.ndim == 2 == b.ndim and a.dtype is b.dtype and a.dtype.kind == "f":
        flags = b.flags
        if flags.c_contiguous or not flags.f_contiguous:
            return _fast(input, other)  # type: ignore[no-any-return]
        return _fast_flipped(input, other)  # type: ignore[no-any-return]
    if a.ndim == 0 or b.ndim == 0:
        raise ShapeError(
            "both arguments to matmul need to be at least 1D, but they are "
            f"{a.ndim}D and {b.ndim}D",
            [("input", input), ("other", other)],
            fix="Use * to multiply by a number.",
        )
    if a.ndim == 1 == b.ndim:
        return dot(input, other)  # type: ignore[no-any-return]
    alike(input, other)
    n, k = a.shape[-1], b.shape[-2] if b.ndim > 1 else b.shape[0]
    if n != k and min(a.ndim, b.ndim) == 1:
        raise ShapeError(
            f"size mismatch, got input ({a.shape[-2] if a.ndim > 1 else k}), mat "
            f"({shapes(input if a.ndim > 1 else other)}), vec ({k if b.ndim == 1 else n}): the "
            "inner sizes must agree",
            [("input", input), ("other", other)],
        )
    x = reshaped(input, 1, n) if a.ndim == 1 else input
    y = reshaped(other, k, 1) if b.ndim == 1 else other
    out = product(x, y)
    if a.ndim == 1:
        shape = out._array.shape
        return reshaped(out, *shape[:-2], shape[-1])  # type: ignore[no-any-return]
    if b.ndim == 1:
        return reshaped(out, *out._array.shape[:-1])  # type: ignore[no-any-return]
    return out  # type: ignore[no-any-return]


def _matmul(self: Tensor, other: Any) -> Any:
    if not isinstance(other, Tensor):
        return NotImplemented
    a, b = self._array, other._array
    if (
        a.ndim == 2 == b.ndim
        and a.dtype is b.dtype
        and b.flags.c_contiguous
        and a.dtype.kind == "f"
    ):
        return _fast(self, other)
    return matmul(self, other)


def _rmatmul(self: Tensor, other: Any) -> Any:
    return matmul(other, self) if isinstance(other, Tensor) else NotImplemented


def _imatmul(self: Tensor, other: Any) -> Any:
    return matmul(self, other)


Tensor.__matmul__, Tensor.__rmatmul__ = _matmul, _rmatmul  # type: ignore[attr-defined]


Tensor.__imatmul__ = _imatmul  # type: ignore[attr-defined]


@public
def mm(input: Any, mat2: Any, *, out_dtype: Any = None) -> Tensor:
    """The product of two matrices.

    Shapes: (n, k) @ (k, m) gives (n, m).
    Gradient: g y' and x' g.

    >>> import chainrule as torch
    >>> torch.mm(torch.tensor([[1, 2]]), torch.tensor([[3], [4]]))
    tensor([[11]])
    """
    rank(input, 2, "self must be a matrix", mat2)
    rank(mat2, 2, "mat2 must be a matrix", input)
    alike(input, mat2)
    return in_dtype(product(input, mat2), out_dtype)


@public
def bmm(input: Any, mat2: Any, *, out_dtype: Any = None) -> Tensor:
    """The products of two stacks of matrices, one by one, without broadcasting.

    Shapes: (b, n, k) @ (b, k, m) gives (b, n, m).
    Gradient: g y' and x' g.

    >>> import chainrule as torch
    >>> torch.bmm(torch.ones(2, 1, 3), torch.ones(2, 3, 1)).flatten()
    tensor([3., 3.])
    """
    rank(input, 3, "batch1 must be a 3D tensor", mat2)
    rank(mat2, 3, "batch2 must be a 3D tensor", input)
    alike(input, mat2, "expected scalar types to be equal, but got: {}")
    a, b = input._array.shape, mat2._array.shape
    if (a[0], a[2]) != b[:2]:
        raise ShapeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a[0]}, {a[2]}] but "
            f"got: [{b[0]}, {b[1]}].",
            [("input", input), ("mat2", mat2)],
        )
    return in_dtype(apply(MatMul, input, mat2), out_dtype)


@public
def mv(input: Any, vec: Any) -> Tensor:
    """The product of a matrix and a vector.

    Shapes: (n, k) @ (k) gives (n).
    Gradient: g v' and x' g.

    >>> import chainrule as torch
    >>> torch.mv(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 0.]))
    tensor([1., 3.])
    """
    rank(input, 2, "vector + matrix @ vector expected, got a matrix of another rank", vec)
    rank(vec, 1, "vector + matrix @ vector expected, got a vector of another rank", input)
    return matmul(input, vec)  # type: ignore[no-any-return]


@public
def dot(input: Any, tensor: Any) -> Tensor:
    """The inner product of two vectors: the sum of the products of their elements.

    Shapes: (n) and (n) give a number.
    Gradient: g y and g x.

    >>> import chainrule as torch
    >>> torch.dot(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor(11.)
    """
    a, b = getattr(input, "_array", None), getattr(tensor, "_array", None)
    if a is None or b is None:
        alike(input, tensor)
    if a.ndim != 1 or b.ndim != 1:
        raise ShapeError(
            f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors",
            [("input", input), ("tensor", tensor)],
            fix="Use torch.matmul, or flatten them first.",
        )
    if a.dtype != b.dtype:
        raise DtypeError(
            "dot : expected both vectors to have same dtype, but found "
            f"{word(a.dtype)} and {word(b.dtype)}",
            [("input", input), ("tensor", tensor)],
        )
    if a.shape != b.shape:
        raise ShapeError(
            f"inconsistent tensor size, expected tensor [{a.shape[0]}] and src [{b.shape[0]}] to "
            f"have the same number of elements, but got {a.shape[0]} and {b.shape[0]} elements "
            "respectively",
            [("input", input), ("tensor", tensor)],
        )
    if a.dtype.kind == "b":
        raise DtypeError("\"dot\" not implemented for 'Bool'", [("input", input)])
    n = a.shape[0]
    return reshaped(apply(MatMul, reshaped(input, 1, n), reshaped(tensor, n, 1)))  # type: ignore


@public
def vdot(input: Any, other: Any) -> Tensor:
    """The inner product of two vectors, the first conjugated if it is complex.

    Shapes: (n) and (n) give a number.
    Gradient: g y and g x.

    >>> import chainrule as torch
    >>> torch.vdot(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor(11.)
    """
    return dot(input.conj() if input._array.dtype.kind == "c" else input, other)  # type: ignore
