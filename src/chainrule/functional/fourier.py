"""Discrete Fourier transforms with torch's names: what `torch.fft` holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply, cast
from chainrule.errors import ArgumentError, DimensionError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS, with_numpy_names, with_out
from chainrule.ops.fourier import Fourier, HalfFourier, RealFourier, needs_points
from chainrule.ops.shape import Roll, Slice, SliceScatter
from chainrule.tensor import Tensor, from_array

NORMS = {None: ("none", "n"), "backward": ("none", "n"), "ortho": ("root", "root"),
         "forward": ("n", "none")}  # fmt: skip


def transform(function: Any) -> Any:
    """Publish a function of `torch.fft`: it takes `out=`."""
    return with_out(with_numpy_names(function))


def scale_of(norm: Any, inverse: bool) -> str:
    """What the sum is divided by, for torch's word."""
    if norm not in NORMS:
        raise ArgumentError(f'Invalid normalization mode: "{norm}"',
                            fix='Use "backward", "ortho" or "forward".')  # fmt: skip
    return NORMS[norm][inverse]


def checked(name: str, x: Any, real: bool = False) -> Any:
    """The operand: floating or complex, of a precision that there are transforms for."""
    if not isinstance(x, Tensor):
        raise ArgumentError(f"{name}(): argument 'input' (position 1) must be Tensor, not "
                            f"{type(x).__name__}")  # fmt: skip
    dtype = x._array.dtype
    if real and dtype.kind == "c":
        raise DtypeError(f"{name} expects a real input tensor, but got {word(dtype)}",
                         [("input", x)], fix="Use the transform of complex numbers.")  # fmt: skip
    if not spec.is_inexact(dtype):
        return cast(x, spec.Defaults.floating)
    if dtype.itemsize == 2:
        raise DtypeError(f"Unsupported dtype {word(dtype)}", [("input", x)],
                         fix="Convert it first, with .float().")  # fmt: skip
    return x


def complexed(x: Any) -> Any:
    dtype = x._array.dtype
    return x if dtype.kind == "c" else cast(x, spec.complex_of(dtype))


def axis_of(x: Any, dim: int) -> int:
    if x._array.ndim == 0:
        raise DimensionError(
            "Dimension specified as -1 but tensor has no dimensions", [("input", x)]
        )
    return spec.normalize_axis(int(dim), x._array.ndim)


def resized(x: Any, axis: int, n: int) -> Any:
    """`x` cut, or filled up with zeros, to `n` along `axis`."""
    needs_points([n])
    shape = x._array.shape
    if shape[axis] == n:
        return x
    lead = (slice(None),) * axis
    if shape[axis] > n:
        return apply(Slice, x, index=(*lead, slice(0, n)))
    whole = (*shape[:axis], n, *shape[axis + 1 :])
    return apply(SliceScatter, x, shape=whole, index=(*lead, slice(0, shape[axis])))


def conjugated(x: Any) -> Any:
    return EXPORTS["conj"](x)


def to_half(x: Any, axis: int, norm: Any) -> Any:
    return apply(RealFourier, x, axis=axis, scale=scale_of(norm, False))


def mirrored(half: Any, axis: int, n: int, inverse: bool) -> Any:
    """All `n` frequencies of a real signal, from those up to the middle: the rest are conjugates.

    So those that must be real are real to the last bit.
    """
    lead = (slice(None),) * axis
    rest = EXPORTS["flip"](apply(Slice, half, index=(*lead, slice(1, (n + 1) // 2))), [axis])
    if inverse:
        return EXPORTS["cat"]([conjugated(half), rest], axis)
    return EXPORTS["cat"]([half, conjugated(rest)], axis)


def from_half(x: Any, axis: int, n: int, norm: Any) -> Any:
    return apply(HalfFourier, resized(x, axis, n // 2 + 1), axis=axis, n=n,
                 scale=scale_of(norm, True))  # fmt: skip


SWAPPED = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def swapped(norm: Any) -> str:
    """The norm by which the other direction divides as this one does."""
    scale_of(norm, False)
    return SWAPPED[norm]


@transform
def fft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The discrete Fourier transform along `dim`: out_k = sum of x_m e**(-2 pi i k m / n).

    Args:
        n: cut the input, or fill it up with zeros, to this length first.
        norm: "backward" (as written), "ortho" (divided by the root of n), "forward" (by n).
    Shapes: `dim` gets size n.  Real inputs give complex results.
    Gradient: the same transform of g, as linear maps have it.

    >>> import chainrule as torch
    >>> torch.fft.fft(torch.tensor([1., 0., 0., 0.]))
    tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.-0.j])
    """
    return along_one("fft", input, n, dim, norm, False)  # type: ignore[no-any-return]


@transform
def ifft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `fft`: out_m = sum of x_k e**(2 pi i k m / n) / n.

    Args, Shapes: as for `fft`; by default it is this direction that divides by n.
    Gradient: the same transform of g.

    >>> import chainrule as torch
    >>> torch.fft.ifft(torch.tensor([4., 0., 0., 0.])).real
    tensor([1., 1., 1., 1.])
    """
    return along_one("ifft", input, n, dim, norm, True)  # type: ignore[no-any-return]


def along_one(name: str, input: Any, n: Any, dim: int, norm: Any, inverse: bool) -> Any:
    x = checked(name, input)
    axis = axis_of(x, dim)
    x = resized(x, axis, x._array.shape[axis] if n is None else int(n))
    if x._array.dtype.kind != "c":
        half = apply(RealFourier, x, axis=axis, scale=scale_of(norm, inverse))
        return mirrored(half, axis, x._array.shape[axis], inverse)
    return apply(Fourier, x, axis=(axis,), inverse=inverse, scale=scale_of(norm, inverse))


@transform
def rfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """`fft` of a real input, without the frequencies above the middle: they are conjugates.

    Args: as for `fft`.
    Shapes: `dim` gets size n // 2 + 1.
    Gradient: Re of the sum of g_k e**(-2 pi i k m / n) over the frequencies that are given.
    Errors: complex inputs.

    >>> import chainrule as torch
    >>> torch.fft.rfft(torch.tensor([1., 2., 3., 4.]))
    tensor([10.+0.j, -2.+2.j, -2.+0.j])
    """
    x = checked("rfft", input, real=True)
    axis = axis_of(x, dim)
    return to_half(resized(x, axis, x._array.shape[axis] if n is None else int(n)), axis, norm)  # type: ignore


@transform
def irfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `rfft`: a real signal from the lower half of its frequencies.

    Args:
        n: the length of the signal; by default 2 (size - 1), so that odd lengths must be given.
    Shapes: `dim` gets size n.
    Gradient: rfft of g, doubled where a frequency stands for two.

    >>> import chainrule as torch
    >>> torch.fft.irfft(torch.fft.rfft(torch.tensor([1., 2., 3.])), n=3)
    tensor([1., 2., 3.])
    """
    x = complexed(checked("irfft", input))
    axis = axis_of(x, dim)
    return from_half(x, axis, 2 * (x._array.shape[axis] - 1) if n is None else int(n), norm)  # type: ignore


@transform
def hfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The real spectrum of a Hermitian signal, of which the first half is given.

    Args, Shapes: as for `irfft`.
    Gradient: that of `irfft`, of the conjugate.

    >>> import chainrule as torch
    >>> torch.fft.hfft(torch.tensor([1., 2., 3.]), n=4)
    tensor([ 8., -2.,  0., -2.])
    """
    x = complexed(checked("hfft", input))
    axis = axis_of(x, dim)
    n = 2 * (x._array.shape[axis] - 1) if n is None else int(n)
    return from_half(conjugated(x), axis, n, swapped(norm))  # type: ignore[no-any-return]


@transform
def ihfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `hfft`: the first half of the signal whose spectrum is real.

    Args, Shapes: as for `rfft`.
    Gradient: that of `rfft`, conjugated.

    >>> import chainrule as torch
    >>> torch.fft.ihfft(torch.tensor([8., -2., 0., -2.])).real
    tensor([1., 2., 3.])
    """
    x = checked("ihfft", input, real=True)
    axis = axis_of(x, dim)
    x = resized(x, axis, x._array.shape[axis] if n is None else int(n))
    return conjugated(to_half(x, axis, swapped(norm)))  # type: ignore[no-any-return]


def sizes_of(x: Any, s: Any, dim: Any) -> tuple[list[int], tuple[int, ...]]:
    """The lengths and axes of a transform along several axes."""
    shape = x._array.shape
    if dim is not None:
        given = (dim,) if isinstance(dim, (int, np.integer)) else tuple(dim)
        axes = tuple(spec.normalize_axis(int(d), len(shape)) for d in given)
        if len(set(axes)) != len(axes):
            raise ShapeError("FFT dims must be unique", [("dim", dim)])
    lengths = None
    if s is not None:
        lengths = [s] if isinstance(s, (int, np.integer)) else [int(n) for n in s]
        if dim is None:
            if len(lengths) > len(shape):
                raise ShapeError(f"Got shape with {len(lengths)} values but input tensor only has "
                                 f"{len(shape)} dimensions.", [("input", x)])  # fmt: skip
            axes = tuple(range(len(shape) - len(lengths), len(shape)))
        elif len(lengths) != len(axes):
            raise ShapeError("When given, dim and shape arguments must have the same length")
    elif dim is None:
        axes = tuple(range(len(shape)))
    if lengths is None:
        lengths = [shape[a] for a in axes]
    lengths = [shape[a] if n == -1 else n for n, a in zip(lengths, axes, strict=True)]
    needs_points(lengths)
    return lengths, axes


def all_resized(x: Any, lengths: Sequence[int], axes: Sequence[int]) -> Any:
    for n, a in zip(lengths, axes, strict=True):
        x = resized(x, a, n)
    return x


def along_many(name: str, input: Any, s: Any, dim: Any, norm: Any, inverse: bool) -> Any:
    x = complexed(checked(name, input))
    lengths, axes = sizes_of(x, s, dim)
    x = all_resized(x, lengths, axes)
    return apply(Fourier, x, axis=axes, inverse=inverse, scale=scale_of(norm, inverse))


def last_length(name: str, x: Any, s: Any, dim: Any) -> tuple[list[int], tuple[int, ...]]:
    """`sizes_of` for a transform to real numbers, whose last length is not that of the input."""
    lengths, axes = sizes_of(x, s, dim)
    some_axis(name, axes)
    last = None if s is None else ([s] if isinstance(s, (int, np.integer)) else list(s))[-1]
    if last is None or last == -1:
        lengths[-1] = 2 * (x._array.shape[axes[-1]] - 1)
    return lengths, axes


def some_axis(name: str, axes: tuple[int, ...]) -> None:
    if not axes:
        raise ShapeError(f"{name} must transform at least one axis")


@transform
def fftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """`fft` along several dimensions: all, the last len(s), or those in `dim`.

    Args:
        s: lengths to cut or fill up to; -1 leaves one as it is.
    Shapes: the transformed dimensions get the sizes in s.
    Gradient: the same transform of g.

    >>> import chainrule as torch
    >>> torch.fft.fftn(torch.ones(2, 2)).real
    tensor([[4., 0.],
            [0., 0.]])
    """
    return along_many("fftn", input, s, dim, norm, False)  # type: ignore[no-any-return]


@transform
def ifftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of `fftn`.

    Args, Shapes: as for `fftn`.
    Gradient: the same transform of g.

    >>> import chainrule as torch
    >>> torch.fft.ifftn(torch.tensor([[4., 0.], [0., 0.]])).real
    tensor([[1., 1.],
            [1., 1.]])
    """
    return along_many("ifftn", input, s, dim, norm, True)  # type: ignore[no-any-return]


@transform
def rfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """`fftn` of a real input, with half of the frequencies along the last of the dimensions.

    Args: as for `fftn`.
    Shapes: as `fftn`, the last one n // 2 + 1.
    Gradient: that of `rfft` and `fft`, one after the other.

    >>> import chainrule as torch
    >>> torch.fft.rfftn(torch.ones(2, 2)).real
    tensor([[4., 0.],
            [0., 0.]])
    """
    x = checked("rfftn", input, real=True)
    lengths, axes = sizes_of(x, s, dim)
    some_axis("rfftn", axes)
    x = to_half(all_resized(x, lengths, axes), axes[-1], norm)
    return apply(  # type: ignore[no-any-return]
        Fourier, x, axis=axes[:-1], inverse=False, scale=scale_of(norm, False)
    )


@transform
def irfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of `rfftn`: a real result.

    Args: as for `irfft`, the lengths in `s`.
    Shapes: the transformed dimensions get the sizes in s, the last by default 2 (size - 1).
    Gradient: that of `ifft` and `irfft`, one after the other.

    >>> import chainrule as torch
    >>> torch.fft.irfftn(torch.fft.rfftn(torch.ones(2, 2)))
    tensor([[1., 1.],
            [1., 1.]])
    """
    x = complexed(checked("irfftn", input))
    lengths, axes = last_length("irfftn", x, s, dim)
    x = all_resized(x, (*lengths[:-1], lengths[-1] // 2 + 1), axes)
    x = apply(Fourier, x, axis=axes[:-1], inverse=True, scale=scale_of(norm, True))
    return from_half(x, axes[-1], lengths[-1], norm)  # type: ignore[no-any-return]


@transform
def hfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """`hfft` along several dimensions, the last of them given by its first half.

    Args, Shapes: as for `irfftn`.
    Gradient: that of `fft` and `hfft`, one after the other.

    >>> import chainrule as torch
    >>> torch.fft.hfftn(torch.ones(2, 2))
    tensor([[4., 0.],
            [0., 0.]])
    """
    x = complexed(checked("hfftn", input))
    lengths, axes = last_length("hfftn", x, s, dim)
    x = all_resized(x, (*lengths[:-1], lengths[-1] // 2 + 1), axes)
    x = apply(Fourier, x, axis=axes[:-1], inverse=False, scale=scale_of(norm, False))
    return from_half(conjugated(x), axes[-1], lengths[-1], swapped(norm))  # type: ignore


@transform
def ihfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of `hfftn`.

    Args, Shapes: as for `rfftn`.
    Gradient: that of `ihfft` and `ifft`, one after the other.

    >>> import chainrule as torch
    >>> torch.fft.ihfftn(torch.tensor([[4., 0.], [0., 0.]])).real
    tensor([[1., 1.],
            [1., 1.]])
    """
    x = checked("ihfftn", input, real=True)
    lengths, axes = sizes_of(x, s, dim)
    some_axis("ihfftn", axes)
    x = conjugated(to_half(all_resized(x, lengths, axes), axes[-1], swapped(norm)))
    return apply(  # type: ignore[no-any-return]
        Fourier, x, axis=axes[:-1], inverse=True, scale=scale_of(norm, True)
    )


def in_two(name: str, many: Any, example: str) -> Any:
    """The form of a transform whose dimensions are by default the last two."""
    plain = many.__wrapped__

    def two(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
        return plain(input, s, dim, norm)  # type: ignore[no-any-return]

    two.__name__ = two.__qualname__ = name
    two.__doc__ = f"""`{many.__name__}` along the last two dimensions, or the two in `dim`.

    Args, Shapes, Gradient: as for `{many.__name__}`.

    >>> import chainrule as torch
    >>> torch.fft.{name}(torch.ones(3, 2, 2)).shape
    torch.Size({example})
    """
    return transform(two)


fft2 = in_two("fft2", fftn, "[3, 2, 2]")
ifft2 = in_two("ifft2", ifftn, "[3, 2, 2]")
rfft2 = in_two("rfft2", rfftn, "[3, 2, 2]")
irfft2 = in_two("irfft2", irfftn, "[3, 2, 2]")
hfft2 = in_two("hfft2", hfftn, "[3, 2, 2]")
ihfft2 = in_two("ihfft2", ihfftn, "[3, 2, 2]")


def frequencies(whole: Any, n: int, d: float, dtype: Any, requires_grad: bool, out: Any) -> Any:
    kind = spec.Defaults.floating if dtype is None else dtypes.numpy_dtype(dtype)
    if kind.kind not in "fcV":
        raise DtypeError(f"arange of frequencies needs a floating dtype, not {dtype}")
    if out is not None and dtype is None:
        kind = out._array.dtype
    step = np.asarray(1.0 / (n * d), kind)  # one factor, rounded to the dtype, as torch has it
    result = from_array(whole.astype(kind) * step)
    if out is not None:
        from chainrule.functional.border import store

        return store(result, out)
    return result.requires_grad_(requires_grad)


def fftfreq(
    n: int, d: float = 1.0, *, out: Any = None, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """The frequencies that the places of `fft` stand for: 0, 1, ..., then those below 0, / (n d).

    Shapes: (n).

    >>> import chainrule as torch
    >>> torch.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    whole = np.concatenate([np.arange((n + 1) // 2), np.arange(-(n // 2), 0)])
    return frequencies(whole, n, d, dtype, requires_grad, out)  # type: ignore[no-any-return]


def rfftfreq(
    n: int, d: float = 1.0, *, out: Any = None, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """The frequencies that the places of `rfft` stand for: 0 to n // 2, / (n d).

    Shapes: (n // 2 + 1).

    >>> import chainrule as torch
    >>> torch.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    return frequencies(np.arange(n // 2 + 1), n, d, dtype, requires_grad, out)  # type: ignore


def rolled(input: Any, dim: Any, inverse: bool) -> Any:
    shape = input._array.shape
    axes = spec.normalize_axes(dim, len(shape))
    if not axes:
        return input
    shift = tuple((shape[a] + 1) // 2 if inverse else shape[a] // 2 for a in axes)
    return apply(Roll, input, shift=shift, axis=axes)


def fftshift(input: Any, dim: Any = None) -> Tensor:
    """The result of `fft` with frequency 0 moved to the middle.

    Gradient: g moved back.

    >>> import chainrule as torch
    >>> torch.fft.fftshift(torch.fft.fftfreq(4))
    tensor([-0.5000, -0.2500,  0.0000,  0.2500])
    """
    return rolled(input, dim, False)  # type: ignore[no-any-return]


def ifftshift(input: Any, dim: Any = None) -> Tensor:
    """The inverse of `fftshift`.

    Gradient: g moved back.

    >>> import chainrule as torch
    >>> torch.fft.ifftshift(torch.tensor([-2, -1, 0, 1]))
    tensor([ 0,  1, -2, -1])
    """
    return rolled(input, dim, True)  # type: ignore[no-any-return]
