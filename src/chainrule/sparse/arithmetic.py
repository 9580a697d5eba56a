"""Arithmetic of sparse tensors: on the values, on sums of patterns, on common entries."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.inplace import check_memory, check_writable, wrote
from chainrule.autograd.mode import mode
from chainrule.autograd.record import cast
from chainrule.errors import ArgumentError, DtypeError, LayoutError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.sparse.construction import coalesce, to_coo, to_layout
from chainrule.sparse.tensor import (
    CompressedTensor,
    CooTensor,
    SparseTensor,
    coo,
    entries,
    keys_of,
    sparse_sizes,
)
from chainrule.tensor import Tensor, from_array

KEEP_ZERO = (  # functions with f(0) = 0, which torch has for sparse tensors
    "abs", "absolute", "sqrt", "sin", "tan", "asin", "arcsin", "atan", "arctan", "sinh", "tanh",
    "asinh", "arcsinh", "atanh", "arctanh", "expm1", "log1p", "ceil", "floor", "trunc", "round",
    "sign", "sgn", "signbit", "deg2rad", "rad2deg", "erf", "erfinv", "relu", "isnan", "isinf",
    "isposinf", "isneginf", "frac", "nan_to_num", "square",
)  # fmt: skip
AS_THEY_ARE = ("neg", "negative", "positive", "conj", "conj_physical", "resolve_conj")


def on_values(name: str, ordered: bool = True) -> Any:
    """The method that applies `Tensor.<name>` to the values."""
    dense = getattr(Tensor, name)

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        x = coalesce(self) if ordered and isinstance(self, CooTensor) else self
        return x._with(dense(x._v, *args, **kwargs))

    call.__name__, call.__doc__ = name, f"`{name}` of the values; zeros stay zeros."
    return call


def is_number(value: Any) -> bool:
    """A Python number, or a dense tensor of no dimension."""
    if isinstance(value, Tensor):
        return not isinstance(value, SparseTensor) and value._array.ndim == 0
    return isinstance(value, (int, float, complex, np.generic))


def common_dtype(a: Tensor, b: Tensor) -> Any:
    return spec.result_type([spec.Spec(tuple(t.shape), t.dtype.dtype) for t in (a, b)])


def converted(values: Tensor, dtype: Any) -> Tensor:
    return values if values._array.dtype == dtype else cast(values, dtype)


def add(self: Any, other: Any, *, alpha: Any = 1) -> Any:
    """self + alpha * other, of two sparse tensors: the entries of both.

    A dense tensor on the left takes a sparse one on the right and stays dense.

    >>> import chainrule as torch
    >>> x = torch.eye(2).to_sparse()
    >>> (x + x).coalesce().values()
    tensor([2., 2.])
    """
    if not isinstance(self, SparseTensor):
        return dense_plus_sparse(self, other, alpha)
    if not isinstance(other, SparseTensor):
        if isinstance(self, CompressedTensor) and isinstance(other, Tensor):
            return dense_plus_sparse(other if alpha == 1 else other * alpha, self, 1)
        raise LayoutError(
            "add(sparse, dense) is not supported. Use add(dense, sparse) instead.",
            [("self", self), ("other", other)],
        )
    if self._size != other._size:
        raise ShapeError(
            "add: expected 'self' and 'other' to have same size, but self has size "
            f"{list(self._size)} while other has size {list(other._size)}",
            [("self", self), ("other", other)],
        )  # fmt: skip
    if isinstance(self, CompressedTensor):
        return to_layout(coalesce(add(to_coo(self), to_coo(other), alpha=alpha)), self._layout)
    b = to_coo(other)
    dtype = common_dtype(self, b)
    right = converted(b._v, dtype)
    if not (type(alpha) is int and alpha == 1):
        right = converted(right * alpha, dtype)
    both_ordered = self._ordered and b._ordered
    values = EXPORTS["cat"]([converted(self._v, dtype), right])
    out = coo(np.concatenate([self._i, b._i], 1), values, self._size)
    return coalesce(out) if both_ordered else out


def dense_plus_sparse(dense: Tensor, other: Any, alpha: Any) -> Tensor:
    """A dense sum: the entries added at their places."""
    if not isinstance(dense, Tensor) or (is_number(dense) and other._size):
        raise LayoutError("add(sparse, dense) is not supported. Use add(dense, sparse) instead.",
                          [("self", dense), ("other", other)])  # fmt: skip
    x = to_coo(other)
    values = x._v if alpha == 1 else x._v * alpha
    if tuple(dense.shape) != x._size:
        return dense + coo(x._i, values, x._size).to_dense()
    sizes = sparse_sizes(x)
    dtype = common_dtype(dense, x)
    flat = converted(dense, dtype).reshape(entries(sizes), *x._size[len(sizes) :])
    place = from_array(keys_of(x._i, sizes))
    return flat.index_add(0, place, converted(values, dtype)).reshape(x._size)  # type: ignore[no-any-return]


def sub(self: Any, other: Any, *, alpha: Any = 1) -> Any:
    """self - alpha * other."""
    if isinstance(self, SparseTensor) and not isinstance(other, SparseTensor):
        return add(self, other)
    return add(self, other, alpha=-alpha)


def rsub(self: Any, other: Any, *, alpha: Any = 1) -> Any:
    """other - alpha * self."""
    return add(other, self, alpha=-alpha)


def mul(self: Any, other: Any) -> Any:
    """self * other: numbers scale the values, tensors meet at the entries they share.

    >>> import chainrule as torch
    >>> (torch.eye(2).to_sparse() * torch.full((2, 2), 3.)).values()
    tensor([3., 3.])
    """
    if not isinstance(self, SparseTensor):
        self, other = other, self
    if is_number(other):
        return self._with(self._v * other)
    if not isinstance(other, Tensor):
        return NotImplemented
    if isinstance(self, CompressedTensor) or isinstance(other, CompressedTensor):
        out = mul(to_coo(self), to_coo(other) if isinstance(other, SparseTensor) else other)
        return to_layout(out, self.layout)
    if isinstance(other, SparseTensor):
        return common_entries(self, other)
    return self._with(self._v * at_entries(other, self))


def at_entries(dense: Tensor, x: CooTensor) -> Tensor:
    """The elements of `dense`, broadcast to the shape of `x`, at its entries."""
    shape = tuple(dense.shape)
    if spec.broadcast_shapes(shape, x._size) != x._size:
        raise ShapeError("mul: a dense factor must broadcast to the sparse one's size",
                         [("sparse", x), ("dense", dense)])  # fmt: skip
    padded = dense.reshape((1,) * (len(x._size) - len(shape)) + shape)
    index = [from_array(row if n > 1 else np.zeros_like(row))
             for row, n in zip(x._i, padded.shape)]  # fmt: skip # noqa: B905
    return padded[tuple(index)]  # type: ignore[no-any-return]


def common_entries(a: CooTensor, b: CooTensor) -> CooTensor:
    """a * b of two sparse tensors."""
    if a._size != b._size:
        raise ShapeError(f"mul: expected 'self' and 'other' to have same sizes, but {a._size} != "
                         f"{b._size}", [("self", a), ("other", b)])  # fmt: skip
    a, b = coalesce(a), coalesce(b)
    sizes = sparse_sizes(a)
    _, i, j = np.intersect1d(keys_of(a._i, sizes), keys_of(b._i, sizes), True, True)
    return coo(a._i[:, i], a._v[from_array(i)] * b._v[from_array(j)], a._size, True)


def div(self: Any, other: Any, *, rounding_mode: Any = None) -> Any:
    """self / other, for a number or a tensor of no dimension."""
    if not isinstance(self, SparseTensor):
        raise LayoutError("a dense tensor cannot be divided by a sparse one",
                          [("self", self), ("other", other)])  # fmt: skip
    if not is_number(other):
        raise ArgumentError(
            "Sparse division requires a scalar or zero-dim dense tensor divisor (got shape "
            f"{list(getattr(other, 'shape', ()))} for divisor)", [("self", self)],
        )  # fmt: skip
    x = coalesce(self) if rounding_mode is not None and isinstance(self, CooTensor) else self
    return x._with(EXPORTS["div"](x._v, other, rounding_mode=rounding_mode))


def floor_divide(self: Any, other: Any) -> Any:
    """self // other, for a number."""
    return div(self, other, rounding_mode="floor")


def power(self: Any, exponent: Any) -> Any:
    """self ** exponent, for a positive number."""
    if not is_number(exponent):
        raise ArgumentError("pow of a sparse tensor needs a number as exponent")
    x = coalesce(self) if isinstance(self, CooTensor) else self
    return x._with(x._v**exponent)


def replace(self: Any, result: Any) -> Any:
    """`self` becomes `result`, in place."""
    check_writable_values(self)
    if spec.category(result.dtype.dtype) > spec.category(self.dtype.dtype):
        raise DtypeError(f"result type {result.dtype} can't be cast to the desired output type "
                         f"{self.dtype}", [("tensor", self)])  # fmt: skip
    if result.dtype is not self.dtype:
        result = result.to(self.dtype)
    for name in ("_i", "_ordered", "_outer", "_inner", "_v", "_size"):
        if name in result.__dict__:
            self.__dict__[name] = result.__dict__[name]
    self._known = None
    return self


def check_writable_values(x: Any) -> None:
    if x._v._base is None:
        check_writable(x._v)


def in_place(function: Any) -> Any:
    """The method that writes the result into the sparse tensor itself."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = function(self, *args, **kwargs)
        return result if result is NotImplemented else replace(self, result)

    call.__name__ = f"{function.__name__}_"
    call.__doc__ = f"In-place {function.__name__}()."
    return call


def add_in_place(self: Any, other: Any, *, alpha: Any = 1) -> Any:
    """In-place add()."""
    if other is self:
        return replace(self, self._with(self._v * (1 + alpha)))
    return replace(self, add(self, other, alpha=alpha))


def add_to_dense(self: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Add the entries of a sparse tensor to a dense one, in place."""
    x = to_coo(other)
    values = x._v if alpha == 1 else x._v * alpha
    if tuple(self.shape) != x._size:
        return self.copy_(self + coo(x._i, values, x._size).to_dense())  # type: ignore[no-any-return]
    sizes = sparse_sizes(x)
    if not (mode.recording and (self._node is not None or values._node is not None)) and sizes:
        check_memory(self._array)
        once = coalesce(coo(x._i, values, x._size))
        self._array[tuple(once._i)] += once._v._array.astype(self._array.dtype)
        wrote(self, None)
        return self
    index = tuple(from_array(row) for row in x._i)
    if not sizes:
        return self.copy_(dense_plus_sparse(self, other, alpha))  # type: ignore[no-any-return]
    return self.index_put_(index, converted(values, self._array.dtype), accumulate=True)  # type: ignore[no-any-return]


def subtract_from_dense(self: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Subtract the entries of a sparse tensor from a dense one, in place."""
    return add_to_dense(self, other, alpha=-alpha)


def multiply_dense_(self: Tensor, other: Any) -> Tensor:
    """A dense tensor times a sparse one, in place."""
    return self.copy_(to_coo(other).to_dense() * self)  # type: ignore[no-any-return]
