"""Images: rearranging pixels, resizing, sampling at any coordinates."""

from __future__ import annotations

import math
import warnings
from itertools import product
from typing import Any

import numpy as np

from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, NoDerivativeError, ShapeError
from chainrule.nn.functional.pooling import _adaptive_avg
from chainrule.ops.dependence import Tied
from chainrule.ops.pooling import PlaneGather
from chainrule.tensor import Tensor, from_array


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Channels rearranged into space: (*, C r r, H, W) to (*, C, H r, W r).

    >>> import chainrule as torch
    >>> torch.nn.functional.pixel_shuffle(torch.arange(4.).reshape(4, 1, 1), 2)
    tensor([[[0., 1.],
             [2., 3.]]])
    """
    r, shape = upscale_factor, input._array.shape
    if len(shape) < 3:
        raise ShapeError("pixel_shuffle expects input to have at least 3 dimensions, but got input "
                         f"with {len(shape)} dimension(s)", [("input", input)])  # fmt: skip
    if r <= 0:
        raise ArgumentError(f"pixel_shuffle expects a positive upscale_factor, but got {r}")
    *lead, c, h, w = shape
    if c % (r * r):
        raise ShapeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square "
            f"of upscale_factor, but input.size(-3)={c} is not divisible by {r * r}",
            [("input", input)],
        )
    n = len(lead)
    split = input.reshape((*lead, c // (r * r), r, r, h, w))
    order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return split.permute(order).reshape((*lead, c // (r * r), h * r, w * r))


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Space rearranged into channels: (*, C, H r, W r) to (*, C r r, H, W).

    >>> import chainrule as torch
    >>> torch.nn.functional.pixel_unshuffle(torch.arange(4.).reshape(1, 2, 2), 2).flatten()
    tensor([0., 1., 2., 3.])
    """
    r, shape = downscale_factor, input._array.shape
    if len(shape) < 3:
        raise ShapeError("pixel_unshuffle expects input to have at least 3 dimensions, but got "
                         f"input with {len(shape)} dimension(s)", [("input", input)])  # fmt: skip
    if r <= 0:
        raise ArgumentError(f"pixel_unshuffle expects a positive downscale_factor, but got {r}")
    *lead, c, h, w = shape
    for name, size in (("height", h), ("width", w)):
        if size % r:
            raise ShapeError(f"pixel_unshuffle expects {name} to be divisible by downscale_factor, "
                             f"but {size} is not divisible by {r}", [("input", input)])  # fmt: skip
    n = len(lead)
    split = input.reshape((*lead, c, h // r, r, w // r, r))
    order = (*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return split.permute(order).reshape((*lead, c * r * r, h // r, w // r))


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Channels dealt out in turn from `groups` groups (ShuffleNet).

    >>> import chainrule as torch
    >>> torch.nn.functional.channel_shuffle(torch.arange(4.).reshape(1, 4, 1), 2).flatten()
    tensor([0., 2., 1., 3.])
    """
    shape = input._array.shape
    if len(shape) < 3:
        raise ShapeError("channel_shuffle expects input with > 2 dims, but got input with sizes "
                         f"{list(shape)}", [("input", input)])  # fmt: skip
    n, c, *size = shape
    if groups <= 0:
        raise ArgumentError("Number of groups to divide channels in must be positive. "
                            f"Value of groups:{groups}")  # fmt: skip
    if c % groups:
        raise ShapeError(f"Number of channels must be divisible by groups. Got {c} channels and "
                         f"{groups} groups.", [("input", input)])  # fmt: skip
    return input.reshape((n, groups, c // groups, *size)).transpose(1, 2).reshape(shape)


# ---- resizing ----------------------------------------------------------------------------

LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}


def interpolate(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
    align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:  # fmt: skip
    """Resize the axes after (N, C) to `size`, or by `scale_factor`.

    Args:
        mode: "nearest", "nearest-exact", "linear" (3-D input), "bilinear" (4-D), "bicubic" (4-D),
            "trilinear" (5-D) or "area".
        align_corners: the corner pixels' centres, not their outer edges, are kept in place.
        antialias: widen the filter when shrinking ("bilinear" and "bicubic").

    >>> import chainrule as torch
    >>> x = torch.tensor([[[1., 3.]]])
    >>> torch.nn.functional.interpolate(x, scale_factor=2)
    tensor([[[1., 1., 3., 3.]]])
    >>> torch.nn.functional.interpolate(x, size=3, mode="linear", align_corners=True)
    tensor([[[1., 2., 3.]]])
    """
    rank = input._array.ndim - 2
    smooth = mode in LINEAR or mode == "bicubic"
    if mode not in ("nearest", "nearest-exact", "area") and not smooth:
        raise ArgumentError(f"Input Error: unknown mode {mode!r}",
                            fix="Modes: nearest, nearest-exact, linear, bilinear, bicubic, "
                            "trilinear, area.")  # fmt: skip
    if rank not in (1, 2, 3) or LINEAR.get(mode, 2 if mode == "bicubic" else rank) != rank:
        raise ArgumentError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank + 2}D) for the "
            f"modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got "
            f"{mode})", [("input", input)],
        )  # fmt: skip
    if not smooth and align_corners is not None:
        raise ArgumentError("align_corners option can only be set with the interpolating modes: "
                            "linear | bilinear | bicubic | trilinear")  # fmt: skip
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ArgumentError("Anti-alias option is restricted to bilinear and bicubic modes and "
                            "requires a 4-D tensor as input")  # fmt: skip
    out, scales = _new_size(input, rank, size, scale_factor, recompute_scale_factor)
    if min(out) < 1 or 0 in input._array.shape[1:]:
        raise ShapeError(
            f"Input and output sizes should be greater than 0, but got input "
            f"{input._array.shape[2:]} output {out}", [("input", input)],
        )  # fmt: skip
    if mode == "area":
        return _adaptive_avg(rank, input, out)
    real = np.float64 if input._array.dtype == np.float64 else np.float32
    for axis in reversed(range(rank)):  # as torch orders the sums
        n, m, scale = input._array.shape[2 + axis], out[axis], scales[axis]
        if mode.startswith("nearest"):
            step = 1 / scale if scale else n / m
            shift = 0.5 if mode == "nearest-exact" else 0.0
            places = np.floor((np.arange(m, dtype=np.float32) + np.float32(shift))
                              * np.float32(step))  # fmt: skip
            index = from_array(np.minimum(places.astype(np.int64), n - 1))
            input = input.index_select(2 + axis, index)
            continue
        weights = _weights(n, m, scale, mode, bool(align_corners), antialias, real)
        input = _resized(input, weights, axis - rank)
    return input


def _resized(x: Tensor, weights: Any, axis: int) -> Tensor:
    """One axis mapped by a matrix (old size, new size); integers are rounded back."""
    if x._array.dtype.kind == "u":
        wide = _resized(x.float(), weights, axis)._array
        return from_array(np.clip(np.rint(wide), 0, 255).astype(x._array.dtype))
    if x._array.dtype.kind not in "fV":
        raise DtypeError("interpolation needs a floating dtype", [("input", x)])
    dtype = x._array.dtype
    moved = x.transpose(axis, -1) @ from_array(weights.astype(dtype))
    return moved.transpose(axis, -1)


def _new_size(x: Tensor, rank: int, size: Any, factor: Any, recompute: Any) -> tuple[Any, Any]:
    given = x._array.shape[2:]
    if (size is None) == (factor is None):
        raise ArgumentError("only one of size or scale_factor should be defined" if size is not None
                            else "either size or scale_factor should be defined")  # fmt: skip
    if size is not None:
        wanted = tuple(size) if isinstance(size, (tuple, list)) else (size,) * rank
        if len(wanted) != rank:
            raise ArgumentError(
                "Input and output must have the same number of spatial dimensions, but got input "
                f"with spatial dimensions of {list(given)} and output size of {wanted}. "
            )
        if recompute:
            raise ArgumentError("recompute_scale_factor is not meaningful with an explicit size.")
        return tuple(int(n) for n in wanted), (None,) * rank
    factors = tuple(factor) if isinstance(factor, (tuple, list)) else (factor,) * rank
    if len(factors) != rank:
        raise ArgumentError(
            "Input and scale_factor must have the same number of spatial dimensions, but got input "
            f"with spatial dimensions of {list(given)} and scale_factor of shape {factors}. "
        )
    out = tuple(math.floor(float(n) * f) for n, f in zip(given, factors, strict=True))
    return out, (None,) * rank if recompute else tuple(float(f) for f in factors)


def _weights(n: int, m: int, scale: Any, mode: str, align: bool, antialias: bool, real: Any) -> Any:
    """The matrix (n, m) that resizes an axis from n to m, in the precision `real`, as torch's."""
    if align:
        step = real(n - 1) / real(m - 1) if m > 1 else real(0)
    else:
        step = real(1 / scale) if scale else real(n) / real(m)
    if antialias:
        return _smoothed(n, m, step, mode, real)
    i = np.arange(m)
    matrix = np.zeros((n, m), real)
    place = i * float(step) if align else (i + 0.5) * float(step) - 0.5  # rounded once
    place = place.astype(real)
    if mode == "bicubic":
        low = np.floor(place).astype(int)
        t = place - low.astype(real)
        for offset in (-1, 0, 1, 2):
            weight = _cubic(np.abs(t - offset), -0.75)
            np.add.at(matrix, (np.clip(low + offset, 0, n - 1), i), weight)
        return matrix
    place = np.maximum(place, 0)
    low = np.minimum(place.astype(int), n - 1)
    t = place - low.astype(real)
    np.add.at(matrix, (low, i), 1 - t)
    np.add.at(matrix, (np.minimum(low + 1, n - 1), i), t)
    return matrix


def _cubic(d: Any, a: float) -> Any:
    """Keys' cubic convolution kernel at distance d."""
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((d - 5) * d + 8) * d * a - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def _smoothed(n: int, m: int, step: Any, mode: str, real: Any) -> Any:
    """The resizing matrix whose filter is as wide as the output's pixels."""
    support = (2 if mode == "bicubic" else 1) * max(step, real(1))
    inverse = real(1) / step if step >= 1 else real(1)
    matrix = np.zeros((n, m), real)
    for i in range(m):
        centre = step * real(i + 0.5)
        low = max(int(centre - support + real(0.5)), 0)
        high = min(int(centre + support + real(0.5)), n)
        d = np.abs((np.arange(low, high).astype(real) - centre + real(0.5)) * inverse)
        weight = _cubic(d, -0.5) if mode == "bicubic" else np.maximum(1 - d, 0)
        matrix[low:high, i] = weight / np.cumsum(weight)[-1]  # summed in order
    return matrix


def upsample(input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
             align_corners: bool | None = None) -> Tensor:  # fmt: skip
    """The old name of `interpolate`.

    >>> import chainrule as torch
    >>> torch.nn.functional.upsample(torch.tensor([[[1., 3.]]]), 4)
    tensor([[[1., 1., 3., 3.]]])
    """
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` with mode "nearest".

    >>> import chainrule as torch
    >>> torch.nn.functional.upsample_nearest(torch.tensor([[[1., 3.]]]), 4)
    tensor([[[1., 1., 3., 3.]]])
    """
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` with mode "bilinear" and aligned corners.

    >>> import chainrule as torch
    >>> torch.nn.functional.upsample_bilinear(torch.tensor([[[[1., 3.]]]]), (1, 3))
    tensor([[[[1., 2., 3.]]]])
    """
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


# ---- sampling ----------------------------------------------------------------------------


def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """The coordinates in [-1, 1] that an affine map gives each pixel of the output.

    Shapes: theta (N, 2, 3) with size (N, C, H, W) gives (N, H, W, 2); (N, 3, 4) likewise in 3-D.

    >>> import chainrule as torch
    >>> theta = torch.tensor([[[1., 0., 0.], [0., 1., 0.]]])
    >>> torch.nn.functional.affine_grid(theta, (1, 1, 1, 2), align_corners=True)
    tensor([[[[-1.,  0.],
              [ 1.,  0.]]]])
    """
    rank = len(size) - 2
    if theta._array.dtype.kind not in "fV":
        raise ArgumentError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if rank not in (2, 3):
        raise NoDerivativeError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, "
            f"respectively. Got size {tuple(size)}."
        )
    if min(size) <= 0:
        raise ArgumentError(f"Expected non-zero, positive output size. Got {tuple(size)}")
    if theta._array.shape != (size[0], rank, rank + 1):
        raise ShapeError(
            f"Expected a batch of {rank}D affine matrices of shape Nx{rank}x{rank + 1} for size "
            f"{tuple(size)}. Got {list(theta._array.shape)}.", [("theta", theta)],
        )  # fmt: skip
    if align_corners is None:
        _warn_corners("affine_grid")
    dtype, axes = theta._array.dtype, []
    for n in size[2:]:
        line = np.linspace(-1, 1, n) if n > 1 else np.zeros(1)
        axes.append(line if align_corners else line * (n - 1) / n)
    mesh = np.meshgrid(*axes, indexing="ij")
    points = np.stack([*reversed(mesh), np.ones_like(mesh[0])], -1).reshape(1, -1, rank + 1)
    grid = from_array(points.astype(dtype)) @ theta.transpose(1, 2)
    return grid.reshape((theta._array.shape[0], *size[2:], rank))


def _warn_corners(name: str) -> None:
    warnings.warn(
        f"Default {name} behavior has changed to align_corners=False since 1.3.0. Please specify "
        f"align_corners=True if the old behavior is desired. See the documentation of {name} for "
        "details.", stacklevel=3,
    )  # fmt: skip


def grid_sample(
    input: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:  # fmt: skip
    """The values of images at the coordinates in `grid`, -1 and 1 being the borders.

    Args:
        mode: "bilinear", "nearest", or (4-D only) "bicubic".
        padding_mode: outside there are "zeros", the "border", or a "reflection".

    Shapes: input (N, C, H, W), grid (N, H', W', 2) with (x, y) pairs; the result (N, C, H', W').
    Gradient: for input and, except in mode "nearest", for grid.

    >>> import chainrule as torch
    >>> x, where = torch.tensor([[[[1., 3.]]]]), torch.zeros(1, 1, 1, 2)
    >>> torch.nn.functional.grid_sample(x, where, align_corners=False)
    tensor([[[[2.]]]])
    """
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ArgumentError("nn.functional.grid_sample(): expected mode to be 'bilinear', "
                            f"'nearest' or 'bicubic', but got: '{mode}'")  # fmt: skip
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ArgumentError("nn.functional.grid_sample(): expected padding_mode to be 'zeros', "
                            f"'border', or 'reflection', but got: '{padding_mode}'")  # fmt: skip
    rank = input._array.ndim - 2
    fits = rank in (2, 3) and grid._array.ndim == rank + 2 and grid._array.shape[-1] == rank
    if not fits or input._array.shape[0] != grid._array.shape[0]:
        raise ShapeError(
            "grid_sampler(): expected grid and input to have same batch size, and grid to have "
            f"size {rank} in last dimension, but got input with sizes {list(input._array.shape)} "
            f"and grid with sizes {list(grid._array.shape)}",
            [("input", input), ("grid", grid)],
        )
    if mode == "bicubic" and rank != 2:
        raise ArgumentError("grid_sampler(): bicubic interpolation only supports 4D input")
    if input._array.dtype != grid._array.dtype:
        raise DtypeError("grid_sampler(): expected input and grid to have same dtype",
                         [("input", input), ("grid", grid)])  # fmt: skip
    if align_corners is None:
        _warn_corners("grid_sample")
    align = bool(align_corners)
    size = input._array.shape[2:]
    places = []
    for axis, n in enumerate(size):
        coordinate = grid[..., rank - 1 - axis]
        raw = (coordinate + 1) * ((n - 1) / 2) if align else ((coordinate + 1) * n - 1) / 2
        places.append(raw if mode == "bicubic" else _bounded(raw, n, padding_mode, align))
    if mode == "nearest":
        corner = [np.rint(p._array) for p in places]
        found = _read(input, corner, size, padding_mode, align)
        about = ((grid._array.shape, grid._array.dtype),)
        return apply(Tied, found, grid, specs=about)  # a gradient for grid, which is zero
    total = None
    low = [np.floor(p._array) for p in places]
    offsets = (-1, 0, 1, 2) if mode == "bicubic" else (0, 1)
    parts = [p - from_array(a) for p, a in zip(places, low, strict=True)]
    for corner_of in product(offsets, repeat=rank):
        weight = None
        for t, o in zip(parts, corner_of, strict=True):
            w = _cubic_weight(t, o) if mode == "bicubic" else (t if o else 1 - t)
            weight = w if weight is None else weight * w
        corner = [a + o for a, o in zip(low, corner_of, strict=True)]
        if mode == "bicubic":
            corner = [_bounded(from_array(c), n, padding_mode, align)._array
                      for c, n in zip(corner, size, strict=True)]  # fmt: skip
        term = _read(input, corner, size, padding_mode, align) * weight.unsqueeze(1)
        total = term if total is None else total + term
    return total


def _cubic_weight(t: Tensor, offset: int) -> Tensor:
    """Keys' kernel with a = -0.75, as a polynomial in the place t between two pixels."""
    a, d = -0.75, (t - offset if offset <= 0 else offset - t)
    if offset in (0, 1):
        return ((a + 2) * d - (a + 3)) * d * d + 1
    return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a


def _bounded(place: Tensor, n: int, padding: str, align: bool) -> Tensor:
    """Coordinates brought inside by clipping or reflecting; the gradient follows by its slope."""
    if padding == "zeros":
        return place
    x = place._array.astype(np.float64)
    slope = np.ones_like(x)
    if padding == "reflection":
        low, span = (0.0, n - 1.0) if align else (-0.5, float(n))
        if span <= 0:
            x, slope = np.zeros_like(x), np.zeros_like(x)
        else:
            inside = np.abs(x - low)
            slope = np.where(x - low < 0, -1.0, 1.0)
            flips = np.floor(inside / span)
            rest = inside - flips * span
            odd = flips % 2 == 1
            x = np.where(odd, span - rest, rest) + low
            slope = np.where(odd, -slope, slope)
    slope = np.where((x <= 0) | (x >= n - 1), 0.0, slope)
    x = np.clip(np.nan_to_num(x, nan=0.0), 0, n - 1)
    dtype = place._array.dtype
    if place._node is None:
        return from_array(x.astype(dtype))
    return (place - place.detach()) * from_array(slope.astype(dtype)) + from_array(x.astype(dtype))


def _read(x: Tensor, corner: Any, size: Any, padding: str, align: bool) -> Tensor:
    """The pixels of `x` at whole coordinates (N, *places), 0 outside: (N, C, *places)."""
    inside = np.ones(corner[0].shape, bool)
    flat = np.zeros(corner[0].shape, np.int64)
    for c, n in zip(corner, size, strict=True):
        inside &= (c >= 0) & (c < n)
        flat = flat * n + np.clip(np.nan_to_num(c), 0, n - 1).astype(np.int64)
    n, channels = x._array.shape[:2]
    index = np.broadcast_to(flat[:, None], (n, channels, *flat.shape[1:]))
    planes = x.reshape((n, channels, -1)) if x._array.size else x.reshape((n, channels, 0))
    lined = np.ascontiguousarray(index).reshape(n, channels, -1)
    found = apply(PlaneGather, planes, lined, rank=1).reshape(index.shape)
    if inside.all():
        return found
    return found * from_array(inside.astype(x._array.dtype)[:, None])
