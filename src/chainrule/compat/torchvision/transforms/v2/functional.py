"""The functions of the first interface, and those of the second that go with its transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as torch
from chainrule.compat.torchvision.pillow import is_picture
from chainrule.compat.torchvision.transforms import functional as first
from chainrule.compat.torchvision.transforms.functional import *  # noqa: F403
from chainrule.tensor import Tensor

horizontal_flip, vertical_flip = first.hflip, first.vflip


def to_image(inpt: Any) -> Tensor:
    """A picture or an array (H, W, C) as a tensor (C, H, W) of the same numbers."""
    if isinstance(inpt, np.ndarray):
        array = inpt[:, :, None] if inpt.ndim == 2 else inpt
        return torch.from_numpy(array).permute(2, 0, 1).contiguous()
    if is_picture(inpt):
        return first.pil_to_tensor(inpt)
    if isinstance(inpt, Tensor):
        return inpt
    raise TypeError("Input can either be a pure Tensor, a numpy array, or a PIL image, but got "
                    f"{type(inpt)} instead.")  # fmt: skip


def to_dtype(inpt: Tensor, dtype: Any = torch.float32, scale: bool = False) -> Tensor:
    """The image in another dtype; with `scale`, brightness is scaled to its range."""
    return first.convert_image_dtype(inpt, dtype) if scale else inpt.to(dtype)


def grayscale_to_rgb(inpt: Any) -> Any:
    """An image with one channel as one with three."""
    if first.get_image_num_channels(inpt) == 3:
        return inpt
    if isinstance(inpt, Tensor):
        return inpt.expand(*inpt.shape[:-3], 3, *inpt.shape[-2:])
    return inpt.convert("RGB")


def get_size(inpt: Any) -> list[int]:
    """Height and width of an image."""
    return first.get_dimensions(inpt)[1:]
