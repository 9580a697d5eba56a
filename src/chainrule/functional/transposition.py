"""Another order of dimensions: permute, transpose, movedim, `.T`, `.mT`.  All are views."""

from __future__ import annotations

import warnings
from typing import Any

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.errors import ShapeError
from chainrule.functional.border import public
from chainrule.functional.shape import numbers
from chainrule.ops.shape import PermuteDims, SwapAxes
from chainrule.tensor import Tensor


@public(method=False, out=False)
def permute(input: Tensor, dims: Any) -> Tensor:
    """A view with the dimensions in the order `dims`.

    Errors: `dims` must name every dimension once.
    Gradient: g in the inverse order.

    >>> import chainrule as torch
    >>> torch.permute(torch.zeros(2, 3, 4), (2, 0, 1)).shape
    torch.Size([4, 2, 3])
    """
    dims = numbers((dims,) if not isinstance(dims, (tuple, list)) else dims, "permute", "dims")
    ndim = input._array.ndim
    if len(dims) != ndim:
        raise ShapeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the "
            f"length of the desired ordering of dimensions i.e. input.dim() = {ndim} is not equal "
            f"to len(dims) = {len(dims)}", [("input", input)],
        )  # fmt: skip
    axes = tuple(spec.normalize_axis(d, ndim) for d in dims)
    if len(set(axes)) != ndim:
        raise ShapeError("permute(): duplicate dims are not allowed.", [("dims", dims)])
    return apply(PermuteDims, input, axes=axes)


def _permute(self: Tensor, *dims: Any, **named: Any) -> Tensor:
    """A view with the dimensions in another order: `torch.permute`."""
    return permute(self, numbers(dims or (named.get("dims", ()),), "permute", "dims"))


Tensor.permute = _permute  # type: ignore[method-assign]


def _transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    ndim = input._array.ndim
    a, b = spec.normalize_axis(dim0, ndim), spec.normalize_axis(dim1, ndim)
    if ndim == 0:
        return apply(PermuteDims, input, axes=())
    return apply(SwapAxes, input, axis1=a, axis2=b)


@public(out=False, names=("swapdims",))
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """A view with two dimensions exchanged.

    Gradient: g with the same two exchanged.

    >>> import chainrule as torch
    >>> torch.transpose(torch.tensor([[1, 2], [3, 4]]), 0, 1)
    tensor([[1, 3],
            [2, 4]])
    """
    return _transpose(input, dim0, dim1)


@public(out=False)
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """A view with two axes exchanged: `transpose` by another name.

    >>> import chainrule as torch
    >>> torch.swapaxes(torch.zeros(2, 3), 0, 1).shape
    torch.Size([3, 2])
    """
    return _transpose(input, axis0, axis1)


@public(out=False)
def t(input: Tensor) -> Tensor:
    """A matrix transposed, as a view; tensors of one or no dimension as they are.

    >>> import chainrule as torch
    >>> torch.t(torch.zeros(2, 3)).shape
    torch.Size([3, 2])
    """
    ndim = input._array.ndim
    if ndim > 2:
        raise ShapeError(f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D",
                         [("self", input)], fix="Use .mT or .transpose(-2, -1).")  # fmt: skip
    return apply(PermuteDims, input, axes=tuple(range(ndim))[::-1])


@public(out=False, names=("moveaxis",))
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """A view with the dimensions `source` moved to the places `destination`.

    >>> import chainrule as torch
    >>> torch.movedim(torch.zeros(2, 3, 4), 0, -1).shape
    torch.Size([3, 4, 2])
    """
    source = (source,) if isinstance(source, int) else tuple(source)
    destination = (destination,) if isinstance(destination, int) else tuple(destination)
    if len(source) != len(destination):
        raise ShapeError(
            f"movedim: Invalid source or destination dims: source ({list(source)} dims) should "
            f"contain the same number of dims as destination ({list(destination)} dims)"
        )
    ndim = input._array.ndim
    here = [spec.normalize_axis(d, ndim) for d in source]
    there = [spec.normalize_axis(d, ndim) for d in destination]
    for word, given, axes in (("source", source, here), ("destination", destination, there)):
        if len(set(axes)) != len(axes):
            raise ShapeError(f"movedim: repeated dim in `{word}` ({list(given)})")
    if ndim == 0:
        return apply(PermuteDims, input, axes=())
    order = [a for a in range(ndim) if a not in here]
    for to, frm in sorted(zip(there, here, strict=True)):
        order.insert(to, frm)
    return apply(PermuteDims, input, axes=tuple(order))


def _T(self: Tensor) -> Tensor:
    """A view with the dimensions in reverse order."""
    ndim = self._array.ndim
    if ndim not in (0, 2):
        warnings.warn(
            f"x.T of a tensor with {ndim} dimensions is deprecated in torch: use x.mT for a batch "
            "of matrices, or x.permute(*torch.arange(x.ndim - 1, -1, -1)).", stacklevel=2,
        )  # fmt: skip
    return apply(PermuteDims, self, axes=tuple(range(ndim))[::-1])


def _mT(self: Tensor) -> Tensor:
    """A view with the last two dimensions exchanged: a batch of matrices, transposed."""
    ndim = self._array.ndim
    if ndim < 2:
        raise ShapeError("tensor.mT is only supported on matrices or batches of matrices. Got "
                         f"{ndim}-D tensor.", [("tensor", self)])  # fmt: skip
    return apply(SwapAxes, self, axis1=ndim - 2, axis2=ndim - 1)


def _conjugate(x: Tensor) -> Tensor:
    return x.conj() if x._array.dtype.kind == "c" else x


def _H(self: Tensor) -> Tensor:
    """A matrix transposed and conjugated."""
    ndim = self._array.ndim
    if ndim not in (0, 2):
        raise ShapeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {ndim}-D tensor."
            + (" For batches of matrices, consider using tensor.mH" if ndim > 2 else ""),
            [("tensor", self)],
        )
    return _conjugate(t(self))


def _mH(self: Tensor) -> Tensor:
    """A batch of matrices, transposed and conjugated."""
    ndim = self._array.ndim
    if ndim < 2:
        raise ShapeError("tensor.mH is only supported on matrices or batches of matrices. Got "
                         f"{ndim}-D tensor.", [("tensor", self)])  # fmt: skip
    return _conjugate(_mT(self))


@public(out=False)
def adjoint(input: Tensor) -> Tensor:
    """The last two dimensions exchanged, and conjugated: `x.mH`.

    >>> import chainrule as torch
    >>> torch.adjoint(torch.zeros(4, 2, 3)).shape
    torch.Size([4, 3, 2])
    """
    return _mH(input)


for _name, _get in (("T", _T), ("mT", _mT), ("H", _H), ("mH", _mH)):
    setattr(Tensor, _name, property(_get, doc=_get.__doc__))
