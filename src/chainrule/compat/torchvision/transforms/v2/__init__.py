"""The names of torchvision's second interface that are here: the transforms of the first, and
those that turn images into tensors.

>>> import chainrule as torch
>>> from chainrule.compat.torchvision.transforms import v2
>>> v2.Compose([v2.ToDtype(torch.float32, scale=True)])(torch.tensor([[[255]]], dtype=torch.uint8))
tensor([[[1.]]])
"""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.transforms.autoaugment import (
    AugMix,
    AutoAugment,
    AutoAugmentPolicy,
    RandAugment,
    TrivialAugmentWide,
)
from chainrule.compat.torchvision.transforms.base import Shown, Transform
from chainrule.compat.torchvision.transforms.transforms import *  # noqa: F403
from chainrule.compat.torchvision.transforms.transforms import __all__ as _first
from chainrule.compat.torchvision.transforms.v2 import functional
from chainrule.tensor import Tensor

__all__ = [*_first, "AugMix", "AutoAugment", "AutoAugmentPolicy", "Identity", "RGB", "RandAugment",
           "ToDtype", "ToImage", "ToPureTensor", "Transform", "TrivialAugmentWide",
           "functional"]  # fmt: skip


class Identity(Transform):
    """The image as it is."""

    def forward(self, img: Any) -> Any:
        return img


class ToImage(Shown, torch.nn.Module):
    """A picture or an array (H, W, C) as a tensor (C, H, W) of the same numbers."""

    def forward(self, img: Any) -> Tensor:
        return functional.to_image(img)


class ToPureTensor(Identity):
    """The image as it is: there are no tensors but plain ones."""


class RGB(Transform):
    """An image with one channel as one with three."""

    def forward(self, img: Any) -> Any:
        return functional.grayscale_to_rgb(img)


class ToDtype(Transform):
    """A tensor image in another dtype; with `scale`, brightness is scaled to its range."""

    shown = ("scale",)

    def __init__(self, dtype: Any, scale: bool = False) -> None:
        super().__init__()
        self.dtype, self.scale = dtype, scale

    def forward(self, img: Any) -> Any:
        if not isinstance(img, Tensor):
            return img
        return functional.to_dtype(img, self.dtype, self.scale)
