"""Products of vectors and matrices: matmul and `@`, mm, bmm, mv, dot, outer, kron, cross."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply, binary
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS, public, store
from chainrule.functional.reduction import in_dtype
from chainrule.ops.arithmetic import Multiply, Subtract
from chainrule.ops.base import REGISTRY
from chainrule.ops.linalg import MatMul
from chainrule.ops.reduction import Sum
from chainrule.ops.shape import BroadcastTo, PermuteDims, Reshape, Roll, SwapAxes
from chainrule.tensor import Tensor

_fast = binary(MatMul)
_fast_flipped = binary(MatMul, flipped=True)  # y is stored transposed, as in x @ weight.T


def turned(x: Any) -> Any:
    """Each matrix of the stack transposed."""
    return apply(SwapAxes, x, axis1=-1, axis2=-2)


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


@public(names=("ger",))
def outer(input: Any, vec2: Any) -> Tensor:
    """All products of an element of `input` and one of `vec2`.

    Shapes: (n) and (m) give (n, m).
    Gradient: g y and g' x.

    >>> import chainrule as torch
    >>> torch.outer(torch.tensor([1., 2.]), torch.tensor([1., 10.]))
    tensor([[ 1., 10.],
            [ 2., 20.]])
    """
    rank(input, 1, "outer: Expected 1-D argument self, but got "
         f"{getattr(input, 'ndim', 0)}-D", vec2)  # fmt: skip
    rank(vec2, 1, "outer: Expected 1-D argument vec2, but got "
         f"{getattr(vec2, 'ndim', 0)}-D", input)  # fmt: skip
    return apply(Multiply, reshaped(input, input._array.shape[0], 1), vec2)  # type: ignore


@public
def inner(input: Any, other: Any) -> Tensor:
    """Products of elements, summed over the last axis of both.

    Shapes: (..., k) and (~~~, k) give (..., ~~~); a number multiplies everything.
    Gradient: that of the matrix product input @ other'.

    >>> import chainrule as torch
    >>> torch.inner(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 1.]))
    tensor([3., 7.])
    """
    a, b = input._array, other._array
    if a.ndim == 0 or b.ndim == 0:
        return apply(Multiply, input, other)  # type: ignore[no-any-return]
    if a.shape[-1] != b.shape[-1]:
        raise ShapeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(a.shape)} and {list(b.shape)}",
            [("input", input), ("other", other)],
        )
    return tensordot(input, other, dims=([-1], [-1]))  # type: ignore[no-any-return]


def tensordot(a: Any, b: Any, dims: Any = 2, out: Any = None) -> Tensor:
    """The product of two tensors, summed over axes of the one and axes of the other.

    Args:
        dims: how many last axes of `a` meet as many first axes of `b`, or two lists of axes.
    Shapes: the remaining axes of `a`, then those of `b`.
    Gradient: that of the matrix product it is reshaped to.

    >>> import chainrule as torch
    >>> torch.tensordot(torch.ones(2, 3), torch.ones(3, 4), dims=1).shape
    torch.Size([2, 4])
    """
    x, y = a._array, b._array
    if isinstance(dims, Tensor):
        dims = dims._array.tolist()
    if isinstance(dims, (list, tuple)):
        first, second = (d if isinstance(d, (list, tuple)) else [d] for d in dims)
    else:
        if dims < 0:
            raise ArgumentError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(x.ndim, y.ndim):
            raise ShapeError(
                "tensordot expects dims < ndim_a or ndim_b, but got dims="
                f"{dims}, ndim_a={x.ndim}, ndim_b={y.ndim}"
            )
        first, second = range(-dims, 0), range(dims)
    if len(first) != len(second):
        raise ArgumentError("both dimension lists should have same length")
    one = [spec.normalize_axis(int(i), x.ndim) for i in first] if x.ndim else []
    two = [spec.normalize_axis(int(i), y.ndim) for i in second] if y.ndim else []
    alike_or_any(a, b)
    for i, j in zip(one, two, strict=True):
        if x.shape[i] == y.shape[j]:
            continue
        if 1 in (x.shape[i], y.shape[j]):  # torch sums the other one over this axis
            which = a if y.shape[j] == 1 else b
            axis = i if y.shape[j] == 1 else j
            summed = total(which, axis, keepdims=True)
            a, b = (summed, b) if which is a else (a, summed)
            continue
        raise ShapeError(
            f"contracted dimensions need to match, but first has size {x.shape[i]} in dim "
            f"{i - x.ndim if isinstance(dims, int) else i} and second has size {y.shape[j]} in "
            f"dim {j}",
            [("a", a), ("b", b)],
        )
    x, y = a._array, b._array
    rest_x = [i for i in range(x.ndim) if i not in one]
    rest_y = [j for j in range(y.ndim) if j not in two]
    inner_size = spec.size_of([x.shape[i] for i in one])
    shape_x, shape_y = [x.shape[i] for i in rest_x], [y.shape[j] for j in rest_y]
    left = apply(PermuteDims, a, axes=(*rest_x, *one))
    right = apply(PermuteDims, b, axes=(*two, *rest_y))
    left = reshaped(left, spec.size_of(shape_x), inner_size)
    right = reshaped(right, inner_size, spec.size_of(shape_y))
    result = reshaped(product(left, right), *shape_x, *shape_y)
    return result if out is None else store(result, out)  # type: ignore[no-any-return]


def alike_or_any(x: Any, y: Any) -> None:
    if x._array.dtype != y._array.dtype:
        raise DtypeError("both inputs should have same dtype", [("a", x), ("b", y)])


EXPORTS["tensordot"] = tensordot


@public
def kron(input: Any, other: Any) -> Tensor:
    """The Kronecker product: `other`, scaled by each element of `input`, set side by side.

    Shapes: sizes multiply axis by axis; the tensor with fewer axes gets leading ones.
    Gradient: that of the products.

    >>> import chainrule as torch
    >>> torch.kron(torch.tensor([1., 10.]), torch.tensor([1., 2.]))
    tensor([ 1.,  2., 10., 20.])
    """
    if not isinstance(other, Tensor):
        raise ArgumentError(f"argument 'other' must be Tensor, not {type(other).__name__}")
    a, b = input._array.shape, other._array.shape
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    x = reshaped(input, *(s for pair in zip(a, (1,) * n, strict=True) for s in pair))
    y = reshaped(other, *(s for pair in zip((1,) * n, b, strict=True) for s in pair))
    return reshaped(apply(Multiply, x, y), *(i * j for i, j in zip(a, b, strict=True)))  # type: ignore


def cross_product(x: Any, y: Any, axis: int) -> Any:
    """x[1] y[2] - x[2] y[1] and its rotations, along an axis of size 3."""
    shape = spec.broadcast_shapes(x._array.shape, y._array.shape)
    axis %= len(shape)
    x, y = (t if t._array.shape == shape else apply(BroadcastTo, t, shape=shape) for t in (x, y))

    def roll(t: Any, by: int) -> Any:
        return apply(Roll, t, shift=(by,), axis=(axis,))

    first = apply(Multiply, roll(x, -1), roll(y, -2))
    return apply(Subtract, first, apply(Multiply, roll(x, -2), roll(y, -1)))


@public
def cross(input: Any, other: Any, dim: Any = None) -> Tensor:
    """The cross product of vectors of three elements along `dim`, the first axis of size 3 if None.

    Shapes: both broadcast together.
    Gradient: other x g for `input`, g x input for `other`.

    >>> import chainrule as torch
    >>> torch.cross(torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]), dim=0)
    tensor([0., 0., 1.])
    """
    if dim is None:
        if input._array.shape != other._array.shape and input._array.ndim != other._array.ndim:
            raise ShapeError(
                "inconsistent tensors dimensions", [("input", input), ("other", other)]
            )
        dim = next((i for i, s in enumerate(input._array.shape) if s == 3), None)
        if dim is None:
            raise ShapeError("no dimension of size 3 in input", [("input", input)])
    return three_vectors("linalg.cross", input, other, dim)  # type: ignore[no-any-return]


def three_vectors(name: str, x: Any, y: Any, dim: int) -> Any:
    """Check the operands of a cross product, and compute it."""
    a, b = x._array, y._array
    if a.ndim != b.ndim:
        raise ShapeError(
            f"{name}: inputs must have the same number of dimensions.", [("input", x), ("other", y)]
        )
    axis = spec.normalize_axis(dim, a.ndim)
    if a.ndim == 0 or a.shape[axis] != 3 or b.shape[axis] != 3:
        sizes = [t.shape[axis] if t.ndim else 1 for t in (a, b)]
        raise ShapeError(
            f"{name}: inputs dimension {dim} must have length 3. Got {sizes[0]} and {sizes[1]}",
            [("input", x), ("other", y)],
        )
    return cross_product(x, y, axis)


@public
def trace(input: Any) -> Tensor:
    """The sum of a matrix's diagonal.

    Shapes: (n, m) gives a number.
    Gradient: g on the diagonal, 0 elsewhere.

    >>> import chainrule as torch
    >>> torch.trace(torch.tensor([[1., 2.], [3., 4.]]))
    tensor(5.)
    """
    rank(input, 2, f"trace: expected a matrix, but got tensor with dim {input._array.ndim}")
    if input._array.dtype.kind == "b":
        raise DtypeError("\"trace\" not implemented for 'Bool'", [("input", input)])
    line = apply(REGISTRY["diagonal"], input, offset=0, axis1=0, axis2=1)
    if line._array.dtype.kind in "iu":
        line = in_dtype(line, np.dtype(np.int64))
    return apply(Sum, line, axis=(0,), keepdims=False)  # type: ignore[no-any-return]
