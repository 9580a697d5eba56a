"""Transforms of images: pictures of Pillow's, or tensors (..., C, H, W).

Random ones draw from torch's stream as torchvision's do: the same seed gives the same images.

>>> import chainrule as torch
>>> from chainrule.compat.torchvision import transforms
>>> train = transforms.Compose([transforms.RandomCrop(4, padding=1),
...                             transforms.RandomHorizontalFlip()])
>>> train(torch.zeros(3, 4, 4)).shape
torch.Size([3, 4, 4])
"""

from chainrule.compat.torchvision.transforms import functional
from chainrule.compat.torchvision.transforms.autoaugment import (
    AugMix,
    AutoAugment,
    AutoAugmentPolicy,
    RandAugment,
    TrivialAugmentWide,
)
from chainrule.compat.torchvision.transforms.transforms import *  # noqa: F403
from chainrule.compat.torchvision.transforms.transforms import __all__ as _names

__all__ = [*_names, "AugMix", "AutoAugment", "AutoAugmentPolicy", "RandAugment",
           "TrivialAugmentWide", "functional"]  # fmt: skip
