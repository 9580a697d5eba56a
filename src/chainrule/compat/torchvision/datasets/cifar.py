"""CIFAR-10 and CIFAR-100, giving pictures; their pickles are read, not run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import datasets
from chainrule.compat.torchvision.datasets.utils import download_and_extract_archive
from chainrule.compat.torchvision.datasets.vision import Split
from chainrule.compat.torchvision.pillow import picture_or_array
from chainrule.datasets.cifar import LARGEST
from chainrule.datasets.images import not_found
from chainrule.datasets.pickles import read_pickle
from chainrule.errors import FileFormatError


class CIFAR10(Split, datasets.CIFAR10):
    """CIFAR-10 (Krizhevsky 2009): 50,000 photographs to train with, 10,000 to test with.

    The files lie in root/cifar-10-batches-py; `download` fetches them.

    Shapes: data (N, 32, 32, 3) uint8, a NumPy array; targets a list of ints; a sample is a picture
    in mode "RGB" and an int.

    Errors: RuntimeError for files that are missing, damaged, or ask for anything but data.
    """

    base_folder = "cifar-10-batches-py"

    def __init__(
        self, root: Any, train: bool = True, transform: Any = None, target_transform: Any = None,
        download: bool = False,
    ) -> None:  # fmt: skip
        Split.__init__(self, root, transform=transform, target_transform=target_transform)
        root = self.root
        self.load(root, train, download)
        self.root, self.train = root, train

    def load(self, root: Any, train: bool, download: bool) -> None:
        """Set data and targets."""
        transform, target_transform = self.transform, self.target_transform
        datasets.CIFAR10.__init__(self, root, train, transform, target_transform, download)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.transformed(picture_or_array(self.data[index]), self.targets[index])

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return Split.__repr__(self)


class CIFAR100(CIFAR10):
    """CIFAR-100 (Krizhevsky 2009): a hundred classes; in root/cifar-100-python."""

    base_folder = "cifar-100-python"
    url = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
    tgz_md5 = "eb9058c3a382ffc7106e4002c42a8d85"

    def load(self, root: Any, train: bool, download: bool) -> None:
        folder = Path(root) / self.base_folder
        names = ["train" if train else "test", "meta"]
        if download and not all((folder / name).is_file() for name in names):
            download_and_extract_archive(self.url, root, filename=os.path.basename(self.url),
                                         md5=self.tgz_md5)  # fmt: skip
        missing = [name for name in names if not (folder / name).is_file()]
        if missing:
            raise not_found("CIFAR100", missing, [folder])
        content = read_pickle(folder / names[0], 2 * LARGEST)
        images, labels = content.get("data"), content.get("fine_labels")
        if not isinstance(images, np.ndarray) or images.shape[1:] != (3072,) or labels is None:
            raise FileFormatError(f"{folder / names[0]}: no images and labels of CIFAR-100",
                                  [("data", images)])  # fmt: skip
        self.data = np.ascontiguousarray(images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        self.targets = [int(label) for label in labels]
        self.classes = list(read_pickle(folder / "meta", LARGEST)["fine_label_names"])
