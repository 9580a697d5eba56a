"""Lower-level functions of `torch` that some programs call by name: grid samplers, hashes."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.inplace import name as word
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS, public
from chainrule.functional.neural import later
from chainrule.tensor import Tensor, from_array

INTERPOLATION = ("bilinear", "nearest", "bicubic")
PADDING = ("zeros", "border", "reflection")


def grid_sampler(
    input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """`nn.functional.grid_sample` with its modes as numbers, in the order of its documentation.

    Shapes: (N, C, H, W) and (N, H', W', 2), or the same with one dimension more.
    Gradient: as there.

    >>> import chainrule as torch
    >>> image, where = torch.tensor([[[[1., 3.]]]]), torch.zeros(1, 1, 1, 2)
    >>> torch.grid_sampler(image, where, 0, 0, False)
    tensor([[[[2.]]]])
    """
    for given, words in ((interpolation_mode, INTERPOLATION), (padding_mode, PADDING)):
        if not 0 <= given < len(words):
            raise ArgumentError(f"grid_sampler(): mode {given} is none of 0 to {len(words) - 1}")
    sample = later("grid_sample")
    return sample(input, grid, INTERPOLATION[interpolation_mode], PADDING[padding_mode],  # type: ignore
                  bool(align_corners))  # fmt: skip


def grid_sampler_2d(
    input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """`grid_sampler` of images.

    Shapes: (N, C, H, W) and (N, H', W', 2) give (N, C, H', W').
    Gradient: as `nn.functional.grid_sample`.

    >>> import chainrule as torch
    >>> image, where = torch.tensor([[[[1., 3.]]]]), torch.zeros(1, 1, 1, 2)
    >>> torch.grid_sampler_2d(image, where, 0, 0, False)
    tensor([[[[2.]]]])
    """
    dimensions("grid_sampler_2d", input, 4)
    return grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)


def grid_sampler_3d(
    input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """`grid_sampler` of volumes.

    Shapes: (N, C, D, H, W) and (N, D', H', W', 3) give (N, C, D', H', W').
    Gradient: as `nn.functional.grid_sample`.

    >>> import chainrule as torch
    >>> volume, where = torch.tensor([[[[[1., 3.]]]]]), torch.zeros(1, 1, 1, 1, 3)
    >>> torch.grid_sampler_3d(volume, where, 0, 0, False)
    tensor([[[[[2.]]]]])
    """
    dimensions("grid_sampler_3d", input, 5)
    return grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)


def dimensions(name: str, input: Any, n: int) -> None:
    if input._array.ndim != n:
        raise ShapeError(f"{name}(): expected {n}D input, but got {input._array.ndim}D",
                         [("input", input)])  # fmt: skip


EXPORTS["grid_sampler"] = grid_sampler
EXPORTS["grid_sampler_2d"] = grid_sampler_2d
EXPORTS["grid_sampler_3d"] = grid_sampler_3d


@public
def hash_tensor(input: Any, dim: Any = (), *, keepdim: bool = False, mode: int = 0) -> Tensor:
    """The exclusive or of the bits of all elements over `dim`, as 64-bit floats or integers.

    Shapes: `dim` is removed, or kept at size 1 with `keepdim`; all dimensions by default.
    Errors: any mode but 0; complex numbers; nothing to reduce.

    >>> import chainrule as torch
    >>> torch.hash_tensor(torch.tensor([1, 2, 5]))
    tensor(6, dtype=torch.uint64)
    """
    array = input._array
    if mode != 0:
        raise ArgumentError(f"Unknown hash_tensor mode {mode}", fix="There is mode 0 only.")
    if array.dtype.kind == "c":
        raise DtypeError(f"hash_tensor is not implemented for {word(array.dtype)}",
                         [("input", input)])  # fmt: skip
    axes = spec.normalize_axes(dim if isinstance(dim, int) or dim else None, array.ndim)
    if array.size == 0 and 0 in [array.shape[a] for a in axes]:
        raise ShapeError(
            "hash_tensor: Expected reduction dim to be specified for input.numel() == 0. Specify "
            "the reduction dim with the 'dim' argument.",
            [("input", input)],
        )
    wide = array.astype(np.float64 if array.dtype.kind in "fV" else np.int64)
    out = np.bitwise_xor.reduce(wide.view(np.uint64), axis=axes, keepdims=keepdim)
    return from_array(np.asarray(out))  # type: ignore[no-any-return]
