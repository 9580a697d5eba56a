"""STL-10 (Coates et al. 2011) and SVHN (Netzer et al. 2011): larger photographs, house numbers."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np

from chainrule.compat.torchvision.datasets.utils import (
    check_integrity,
    download_and_extract_archive,
    download_url,
)
from chainrule.compat.torchvision.datasets.vision import VisionDataset, verify_str_arg
from chainrule.compat.torchvision.pillow import picture_or_array
from chainrule.errors import MissingExtraError

ABSENT = "Dataset not found or corrupted. You can use download=True to download it"


class ByChannel(VisionDataset):
    """Images (N, 3, H, W) in `data` and their labels in `labels`."""

    data: Any
    labels: Any
    split: str

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image = np.ascontiguousarray(self.data[index].transpose(1, 2, 0))
        return self.transformed(picture_or_array(image), int(self.labels[index]))

    def __len__(self) -> int:
        return len(self.data)

    def extra_repr(self) -> str:
        return f"Split: {self.split}"


class STL10(ByChannel):
    """Photographs of 96×96 pixels in ten classes, and 100,000 without labels (label -1).

    Args:
        root: the folder with stl10_binary.
        split: "train", "test", "unlabeled" or "train+unlabeled".
        folds: which of ten folds of 1,000 training images, or None for all 5,000.
    """

    base_folder = "stl10_binary"
    url = "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"
    tgz_md5 = "91f7769df0f17e558f3565bffb0c7dfb"
    splits = ("train", "train+unlabeled", "unlabeled", "test")

    def __init__(
        self, root: Any, split: str = "train", folds: int | None = None, transform: Any = None,
        target_transform: Any = None, download: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split, self.folds = verify_str_arg(split, "split", self.splits), folds
        if folds is not None and folds not in range(10):
            raise ValueError(f"Value for argument folds should be in the range [0, 10), but got "
                             f"{folds}.")  # fmt: skip
        parts = split.split("+")
        names = [f"{part}_{kind}.bin" for part in parts for kind in "Xy"
                 if (part, kind) != ("unlabeled", "y")]  # fmt: skip
        if download and not all(map(self.there, names)):
            download_and_extract_archive(self.url, root, md5=self.tgz_md5)
        if not all(map(self.there, names)):
            raise RuntimeError(ABSENT)
        pieces = [self.read(part) for part in parts]
        self.data = np.concatenate([images for images, _ in pieces])
        self.labels = np.concatenate([labels for _, labels in pieces])
        if self.there("class_names.txt"):
            with open(self.path("class_names.txt"), encoding="utf-8") as file:
                self.classes = file.read().splitlines()

    def path(self, name: str) -> str:
        return os.path.join(self.root, self.base_folder, name)

    def there(self, name: str) -> bool:
        return os.path.isfile(self.path(name))

    def read(self, part: str) -> tuple[Any, Any]:
        """Images and labels of one part; of one fold of the training part."""
        images = np.fromfile(self.path(f"{part}_X.bin"), np.uint8)
        images = images.reshape(-1, 3, 96, 96).transpose(0, 1, 3, 2)
        if part == "unlabeled":
            return images, np.full(len(images), -1)
        labels = np.fromfile(self.path(f"{part}_y.bin"), np.uint8) - 1
        if part == "train" and self.folds is not None:
            with open(self.path("fold_indices.txt"), encoding="utf-8") as file:
                chosen = [int(i) for i in file.read().splitlines()[self.folds].split()]
            images, labels = images[chosen], labels[chosen]
        return images, labels


class SVHN(ByChannel):
    """House numbers of 32×32 pixels, in ten classes; reading its files needs SciPy.

    Args:
        root: the folder with train_32x32.mat, test_32x32.mat, extra_32x32.mat.
        split: "train", "test" or "extra".
    """

    home = "http://ufldl.stanford.edu/housenumbers/"
    sums = {"train": "e26dedcc434d2e4c54c9b2d4a06d8373", "test": "eb5a983be6a315427106f1b164d9cef3",
            "extra": "a93ce644f1a588dc4d68dda5feec44a7"}  # fmt: skip

    def __init__(
        self, root: Any, split: str = "train", transform: Any = None, target_transform: Any = None,
        download: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split = verify_str_arg(split, "split", tuple(self.sums))
        self.filename = f"{split}_32x32.mat"
        if download:
            download_url(self.home + self.filename, root, self.filename, self.sums[split])
        path = os.path.join(self.root, self.filename)
        if not check_integrity(path):
            raise RuntimeError(ABSENT)
        try:
            loadmat = importlib.import_module("scipy.io").loadmat
        except ImportError:
            raise MissingExtraError("SVHN's files need SciPy to read",
                                    fix="pip install scipy") from None  # fmt: skip
        content = loadmat(path)
        self.labels = content["y"].astype(np.int64).squeeze()
        self.labels[self.labels == 10] = 0
        self.data = content["X"].transpose(3, 2, 0, 1)
