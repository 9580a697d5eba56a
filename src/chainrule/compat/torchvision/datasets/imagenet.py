"""ImageNet (Russakovsky et al. 2014), from the folders that it is unpacked into."""

from __future__ import annotations

import os
from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.datasets.folder import ImageFolder
from chainrule.compat.torchvision.datasets.vision import verify_str_arg

META = "meta.bin"


class ImageNet(ImageFolder):
    """The ImageNet of 2012 in a thousand classes; needs Pillow.

    Args:
        root: the folder with train/ and val/, a folder in each for every class (n01440764, ...),
            and meta.bin, the names of the classes, as torchvision leaves them.
        split: "train" or "val".
        kwargs: for `ImageFolder`.

    Attributes: wnids and wnid_to_idx, the folders; classes, tuples of names; class_to_idx; samples.
    """

    def __init__(self, root: Any, split: str = "train", **kwargs: Any) -> None:
        root = self.root = os.path.expanduser(root)
        self.split = verify_str_arg(split, "split", ("train", "val"))
        path = os.path.join(root, META)
        if not os.path.isfile(path) or not os.path.isdir(self.split_folder):
            raise RuntimeError(
                f"ImageNet is not unpacked in {root}: {META} and {split}/ are needed; the archives "
                "must be downloaded by hand, and torchvision or a script unpacks them"
            )
        names = torch.load(path, weights_only=True)[0]
        super().__init__(self.split_folder, **kwargs)
        self.root = root
        self.wnids, self.wnid_to_idx = self.classes, self.class_to_idx
        self.classes = [names[wnid] for wnid in self.wnids]
        self.class_to_idx = {name: i for i, several in enumerate(self.classes) for name in several}

    @property
    def split_folder(self) -> str:
        """The folder of the split."""
        return os.path.join(self.root, self.split)

    def extra_repr(self) -> str:
        return f"Split: {self.split}"
