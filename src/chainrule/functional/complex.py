"""Complex numbers: making them, taking them apart, conjugates."""

from __future__ import annotations

from typing import Any

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.errors import DtypeError
from chainrule.functional.border import EXPORTS, public, require_tensor, require_tensors
from chainrule.ops.complex import Angle, Complex, Conj, Imag, Real, ViewAsComplex, ViewAsReal
from chainrule.tensor import Tensor


@public(method=False)
def complex(real: Any, imag: Any) -> Tensor:
    """`real + i * imag`, of floating tensors of one dtype.

    Shapes: both broadcast together.
    Errors: integers, or different dtypes.

    >>> import chainrule as torch
    >>> torch.complex(torch.tensor([1., 2.]), torch.tensor([3., -4.]))
    tensor([1.+3.j, 2.-4.j])
    """
    require_tensors("complex", real, imag)
    check_parts(real, imag)
    return apply(Complex, real, imag)  # type: ignore[no-any-return]


def check_parts(real: Any, imag: Any) -> None:
    """Both must be floating, and of one dtype."""
    first, second = real._array.dtype, imag._array.dtype
    if not spec.is_floating(first) or first != second:
        raise DtypeError(
            "Expected both inputs to be Half, Float or Double tensors of one dtype, "
            f"but got {first} and {second}",
            [("real", real), ("imag", imag)],
        )


@public(method=False)
def polar(abs: Any, angle: Any) -> Tensor:
    """The complex number of this size and angle.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.polar(torch.tensor([1., 2.]), torch.tensor([0., 0.]))
    tensor([1.+0.j, 2.+0.j])
    """
    check_parts(abs, angle)
    return complex(abs * EXPORTS["cos"](angle), abs * EXPORTS["sin"](angle))  # type: ignore[no-any-return]


@public
def angle(input: Any) -> Tensor:
    """The angle of each number in the complex plane; of a real one 0, or pi below 0.

    Gradient: 0; of a complex number -i g / input, conjugated.

    >>> import chainrule as torch
    >>> torch.angle(torch.tensor([1., -1.]))
    tensor([0.0000, 3.1416])
    """
    return apply(Angle, input)  # type: ignore[no-any-return]


@public(method=False, out=False)
def real(input: Any) -> Tensor:
    """The real part, sharing memory; a real tensor itself.

    >>> import chainrule as torch
    >>> torch.real(torch.tensor([1., 2.]))
    tensor([1., 2.])
    """
    return apply(Real, input) if input._array.dtype.kind == "c" else input  # type: ignore


@public(method=False, out=False)
def imag(input: Any) -> Tensor:
    """The imaginary part of a complex tensor, sharing memory.

    Errors: a real tensor has none.

    >>> import chainrule as torch
    >>> torch.imag(torch.complex(torch.tensor([1.]), torch.tensor([2.])))
    tensor([2.])
    """
    if input._array.dtype.kind != "c":
        raise DtypeError(
            "imag is not implemented for tensors with non-complex dtypes.", [("input", input)]
        )
    return apply(Imag, input)  # type: ignore[no-any-return]


@public(out=False)
def conj(input: Any) -> Tensor:
    """The complex conjugate; a real tensor itself.

    >>> import chainrule as torch
    >>> torch.conj(torch.tensor([1., 2.]))
    tensor([1., 2.])
    """
    return apply(Conj, input) if input._array.dtype.kind == "c" else input  # type: ignore


@public(inplace=True)
def conj_physical(input: Any) -> Tensor:
    """The complex conjugate; a real tensor itself.

    >>> import chainrule as torch
    >>> torch.conj_physical(torch.tensor([1., 2.]))
    tensor([1., 2.])
    """
    return conj(input)  # type: ignore[no-any-return]


@public(out=False)
def resolve_conj(input: Any) -> Tensor:
    """The tensor itself: conjugation is never put off here.

    >>> import chainrule as torch
    >>> torch.resolve_conj(torch.tensor([1., 2.]))
    tensor([1., 2.])
    """
    require_tensor("resolve_conj", input)
    return input  # type: ignore[no-any-return]


@public(out=False)
def resolve_neg(input: Any) -> Tensor:
    """The tensor itself: negation is never put off here.

    >>> import chainrule as torch
    >>> torch.resolve_neg(torch.tensor([1., 2.]))
    tensor([1., 2.])
    """
    require_tensor("resolve_neg", input)
    return input  # type: ignore[no-any-return]


@public(method=False, out=False)
def view_as_real(input: Any) -> Tensor:
    """A complex tensor as a real one with a last dimension of size 2, sharing memory.

    >>> import chainrule as torch
    >>> torch.view_as_real(torch.complex(torch.tensor([1.]), torch.tensor([2.])))
    tensor([[1., 2.]])
    """
    if input._array.dtype.kind != "c":
        raise DtypeError("view_as_real is only supported for complex tensors", [("input", input)])
    return apply(ViewAsReal, input)  # type: ignore[no-any-return]


@public(method=False, out=False)
def view_as_complex(input: Any) -> Tensor:
    """A real tensor with a last dimension of size 2 as a complex one, sharing memory.

    >>> import chainrule as torch
    >>> torch.view_as_complex(torch.tensor([[1., 2.]]))
    tensor([1.+2.j])
    """
    array = input._array
    if array.dtype.kind != "f" or array.shape[-1:] != (2,):
        raise DtypeError("Tensor must have a last dimension of size 2", [("input", input)])
    return apply(ViewAsComplex, input)  # type: ignore[no-any-return]


def set_real(self: Tensor, value: Any) -> None:
    """Write the real part."""
    real(self)[...] = value


def set_imag(self: Tensor, value: Any) -> None:
    """Write the imaginary part."""
    imag(self)[...] = value


T: Any = Tensor
T.real, T.imag = property(real, set_real), property(imag, set_imag)
