"""The short-time Fourier transform and its inverse."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import public
from chainrule.functional.fourier import fft, ifft, irfft, resized, rfft
from chainrule.functional.padding import pad
from chainrule.ops.arithmetic import Divide, Multiply
from chainrule.ops.base import REGISTRY
from chainrule.ops.complex import ViewAsReal
from chainrule.ops.shape import Reshape, Slice, SliceScatter, SwapAxes
from chainrule.ops.views import Unfold, UnfoldScatter
from chainrule.tensor import Tensor, from_array


def checked_window(name: str, window: Any, win_length: int, n_fft: int, dtype: Any) -> Any:
    """The window, filled up with zeros on both sides to `n_fft`; None if there is none."""
    if window is None:
        if win_length == n_fft:
            return None
        window = from_array(np.ones(win_length, spec.real_of(dtype)))
    if window._array.ndim != 1 or window._array.shape[0] != win_length:
        raise ShapeError(
            f"{name}: expected a 1D window tensor of size equal to win_length={win_length}, but "
            f"got window with size {list(window._array.shape)}",
            [("window", window)],
        )
    if win_length == n_fft:
        return window
    left = (n_fft - win_length) // 2
    return apply(SliceScatter, window, shape=(n_fft,), index=(slice(left, left + win_length),))


def lengths(name: str, n_fft: int, hop_length: Any, win_length: Any) -> tuple[int, int]:
    hop = n_fft // 4 if hop_length is None else int(hop_length)
    width = n_fft if win_length is None else int(win_length)
    if hop <= 0:
        raise ArgumentError(f"{name}: expected hop_length > 0, but got hop_length={hop}")
    if not 0 < width <= n_fft:
        raise ArgumentError(f"{name}: expected 0 < win_length <= n_fft, but got win_length={width}")
    return hop, width


@public(out=False)
def stft(
    input: Any, n_fft: int, hop_length: Any = None, win_length: Any = None, window: Any = None,
    center: bool = True, pad_mode: str = "reflect", normalized: bool = False,
    onesided: Any = None, return_complex: Any = None, align_to_window: Any = None,
) -> Tensor:  # fmt: skip
    """The Fourier transforms of a signal's overlapping, weighted frames, as columns.

    Args:
        n_fft: the length of a frame.
        hop_length: the distance between frames, n_fft // 4 if None.
        win_length: the length of `window`, which stands in the middle of a frame; n_fft if None.
        center: first pad by n_fft // 2 on both sides, by `pad_mode`.
        normalized: divide by the root of n_fft.
        onesided: only frequencies up to the middle; by default for real signals.
        return_complex: must be given for real signals; False is the older form, with real and
            imaginary part as a last dimension.
    Shapes: (L) or (batch, L) gives (..., N, T): N frequencies, T frames.
    Gradient: that of the transforms, each frame's added where it lies.
    Errors: signals shorter than a frame; a window of another length; no `return_complex`.

    >>> import chainrule as torch
    >>> torch.stft(torch.ones(8), 4, return_complex=True, window=torch.ones(4)).shape
    torch.Size([3, 9])
    """
    array = input._array
    name = "stft"
    if not spec.is_inexact(array.dtype) or array.ndim not in (1, 2):
        kind = "a 1D or 2D tensor of floating point or complex values"
        raise ShapeError(f"{name}: expected {kind}, but got {word(array.dtype)} of "
                         f"{array.ndim} dimensions", [("input", input)])  # fmt: skip
    many = array.dtype.kind == "c" or (window is not None and window._array.dtype.kind == "c")
    if return_complex is None:
        if not many:
            raise ArgumentError(
                "stft requires the return_complex parameter be given for real inputs, and will "
                "further require that return_complex=True in a future PyTorch release.",
                fix="Pass return_complex=True.",
            )
        return_complex = True
    if center and align_to_window is not None:
        raise ArgumentError("stft align_to_window should only be set when center = false")
    x = input if array.ndim == 2 else apply(Reshape, input, shape=(1, *array.shape))
    if center:
        side = n_fft // 2
        x = apply(Reshape, x, shape=(1, *x._array.shape))
        x = pad(x, (side, side), pad_mode)
        x = apply(Reshape, x, shape=x._array.shape[1:])
    size = x._array.shape[1]
    if not 0 < n_fft <= size:
        raise ArgumentError(f"{name}: expected 0 < n_fft <= {size}, but got n_fft={n_fft}",
                            [("input", input)])  # fmt: skip
    hop, width = lengths(name, n_fft, hop_length, win_length)
    weights = checked_window(name, window, width, n_fft, array.dtype)
    if align_to_window and not center:
        side = (n_fft - width) // 2
        x = apply(SliceScatter, x, shape=(x._array.shape[0], size + 2 * side),
                  index=(slice(None), slice(side, side + size)))  # fmt: skip
    if onesided is None:
        onesided = not many
    if onesided and many:
        raise ArgumentError("Cannot have onesided output if window or input is complex")
    frames = apply(Unfold, x, axis=1, size=n_fft, step=hop)
    if weights is not None:
        frames = apply(Multiply, frames, weights)
    out = (rfft if onesided else fft)(frames, norm="ortho" if normalized else "backward")
    out = apply(SwapAxes, out, axis1=1, axis2=2)
    if array.ndim == 1:
        out = apply(Reshape, out, shape=out._array.shape[1:])
    return out if return_complex else apply(ViewAsReal, out)


@public(out=False)
def istft(
    input: Any, n_fft: int, hop_length: Any = None, win_length: Any = None, window: Any = None,
    center: bool = True, normalized: bool = False, onesided: Any = None, length: Any = None,
    return_complex: bool = False,
) -> Tensor:  # fmt: skip
    """The signal whose frames have these Fourier transforms, in the sense of least squares.

    Args: as for `stft`; `length` is that of the signal, which `stft` does not keep.
    Shapes: (N, T) or (batch, N, T) gives (L) or (batch, L).
    Gradient: that of the transforms and of the sum of frames.
    Errors: real inputs; a number of frequencies that does not fit; frames whose windows leave
        a gap.

    >>> import chainrule as torch
    >>> x, w = torch.arange(8.), torch.hann_window(4)
    >>> torch.istft(torch.stft(x, 4, window=w, return_complex=True), 4, window=w).round()
    tensor([0., 1., 2., 3., 4., 5., 6., 7.])
    """
    name, array = "istft", input._array
    if array.dtype.kind != "c":
        raise DtypeError(
            "istft requires a complex-valued input tensor matching the output from stft with "
            "return_complex=True.",
            [("input", input)],
        )
    if array.ndim not in (2, 3) or array.size == 0:
        raise ShapeError(f"{name}: expected a tensor with 2 or 3 dimensions that is not empty, but "
                         f"got {list(array.shape)}", [("input", input)])  # fmt: skip
    x = input if array.ndim == 3 else apply(Reshape, input, shape=(1, *array.shape))
    rows, count = x._array.shape[1:]
    hop, width = lengths(name, n_fft, hop_length, win_length)
    if onesided is None:
        onesided = rows != n_fft
    fits = n_fft // 2 + 1 if onesided else n_fft
    if rows != fits:
        raise ShapeError(f"{name}: expected the frequency dimension (3rd to the last) of the input "
                         f"tensor to be {fits} with onesided={onesided}, but got {rows}",
                         [("input", input)])  # fmt: skip
    if return_complex and onesided:
        raise ArgumentError("cannot have onesided output if window or input is complex")
    if not return_complex and window is not None and window._array.dtype.kind == "c":
        raise ArgumentError("Complex windows are incompatible with return_complex=False")
    if window is None:
        window = from_array(np.ones(width, spec.real_of(array.dtype)))
    weights = checked_window(name, window, width, n_fft, array.dtype)
    norm = "ortho" if normalized else "backward"
    x = apply(SwapAxes, x, axis1=1, axis2=2)
    if return_complex:
        frames = ifft(x, norm=norm)
    else:
        if not onesided:
            x = apply(Slice, x, index=(..., slice(0, n_fft // 2 + 1)))
        frames = irfft(x, n_fft, norm=norm)
    whole = n_fft + hop * (count - 1)
    joined = {"axis": 1, "size": n_fft, "step": hop}
    y = apply(UnfoldScatter, apply(Multiply, frames, weights),
              shape=(frames._array.shape[0], whole), **joined)  # fmt: skip
    square = apply(Multiply, weights, weights)
    square = apply(REGISTRY["broadcast_to"], square, shape=(1, count, n_fft))
    envelope = apply(UnfoldScatter, square, shape=(1, whole), **joined)
    start = n_fft // 2 if center else 0
    stop = whole - n_fft // 2 if center else whole
    if length is not None:
        stop = start + int(length)
    part = (slice(None), slice(start, min(stop, whole)))
    y, envelope = apply(Slice, y, index=part), apply(Slice, envelope, index=part)
    if envelope._array.size and np.abs(envelope._array).min() <= 1e-11:
        raise ArgumentError("window overlap add min: 1: the windows leave a gap, where the signal "
                            "is not known.", [("window", window)],
                            fix="Choose a shorter hop_length, or center=True.")  # fmt: skip
    y = apply(Divide, y, envelope)
    if stop > whole:
        warnings.warn(
            "The length of signal is shorter than the length parameter. Result is being padded "
            "with zeros in the tail. Please check your center and hop_length settings.",
            stacklevel=3,
        )
        y = resized(y, 1, stop - start)
    return y if array.ndim == 3 else apply(Reshape, y, shape=y._array.shape[1:])  # type: ignore


__all__ = ["istft", "stft"]
