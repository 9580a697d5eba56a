"""Softmax, its logarithm, and softmin."""

from __future__ import annotations

from typing import Any

from chainrule import spec
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply
from chainrule.errors import DtypeError
from chainrule.functional.border import public
from chainrule.functional.extrema import at_least_1d
from chainrule.functional.reduction import in_dtype
from chainrule.ops.arithmetic import Negative
from chainrule.ops.shape import Reshape
from chainrule.ops.softmax import LogSoftmax, Softmax
from chainrule.tensor import Tensor


def along(op: Any, input: Any, dim: int, dtype: Any) -> Tensor:
    """`op` along `dim`, in `dtype` if one is given."""
    if dtype is not None:
        input = in_dtype(input, dtype)
    array = input._array
    if array.dtype.kind not in "fVc":
        raise DtypeError(
            f"\"{op.name}_lastdim_kernel_impl\" not implemented for '{word(array.dtype)}'",
            [("input", input)],
            fix="Pass dtype=torch.float32, or convert the input with .float().",
        )
    ndim = array.ndim
    axis = dim if 0 <= dim < ndim else spec.normalize_axis(dim, ndim)
    if ndim:
        return apply(op, input, axis=axis)  # type: ignore[no-any-return]
    return apply(Reshape, apply(op, at_least_1d(input), axis=0), shape=())  # type: ignore


@public
def softmax(input: Any, dim: int, dtype: Any = None) -> Tensor:
    """e**x / (sum of e**x along `dim`): positive numbers that sum to 1.

    Gradient: out * (g - sum(g * out)).
    Errors: integers need `dtype`.

    >>> import chainrule as torch
    >>> torch.softmax(torch.tensor([0., 0., 1000.]), dim=0)
    tensor([0., 0., 1.])
    """
    return along(Softmax, input, dim, dtype)


@public
def log_softmax(input: Any, dim: int, dtype: Any = None) -> Tensor:
    """The logarithm of softmax, computed without underflow.

    Gradient: g - softmax(x) * sum(g).
    Errors: integers need `dtype`.

    >>> import chainrule as torch
    >>> torch.log_softmax(torch.tensor([0., 0.]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    return along(LogSoftmax, input, dim, dtype)


def softmin(input: Any, dim: int, dtype: Any = None) -> Tensor:
    """softmax(-x): the smallest element gets the most.

    >>> import chainrule as torch
    >>> from chainrule.functional.softmax import softmin
    >>> softmin(torch.tensor([0., 1000.]), dim=0)
    tensor([1., 0.])
    """
    return along(Softmax, apply(Negative, input), dim, dtype)
