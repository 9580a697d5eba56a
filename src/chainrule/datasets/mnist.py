"""MNIST and Fashion-MNIST, from their four IDX files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.datasets.idx import read_idx
from chainrule.datasets.images import ImageDataset, cache_folder, check_labels, not_found
from chainrule.errors import FileFormatError

IMAGES = {True: "train-images-idx3-ubyte", False: "t10k-images-idx3-ubyte"}
LABELS = {True: "train-labels-idx1-ubyte", False: "t10k-labels-idx1-ubyte"}


class MNIST(ImageDataset):
    """70,000 handwritten digits of 28x28 pixels: 60,000 to train with, 10,000 to test with.

    Args:
        root: the folder with the files, gzipped or not, or with `MNIST/raw/` around them; the
            cache folder ($CHAINRULE_HOME or ~/.cache/chainrule) if None.
        train: the training part, or the test part.
        transform, target_transform: applied to each image and label that is taken.
        download: fetch what is missing into `root/MNIST/raw`.

    Shapes: data (N, 28, 28) uint8, targets (N,) int64.

    Errors: FileFormatError (a RuntimeError) for files that are missing or damaged.

    Source: Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits, 1998.
    """

    classes = [
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    ]
    mirrors = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    files = {
        "train-images-idx3-ubyte": (9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        "train-labels-idx1-ubyte": (28881, "d53e105ee54ea40749a09fcbcd1e9432"),
        "t10k-images-idx3-ubyte": (1648877, "9fb629c4189551a2d022fa330f9573f3"),
        "t10k-labels-idx1-ubyte": (4542, "ec29112dd5afa0611ce80d1b7f02629c"),
    }
    foreign: tuple[str, ...] = ()  # MD5 of images of another dataset with the same file names

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(transform, target_transform)
        self.root = cache_folder() if root is None else Path(root)
        self.train = train
        if download:
            self.download()
        names = IMAGES[train], LABELS[train]
        paths = [self.find(name) for name in names]
        if None in paths:
            raise not_found(type(self).__name__, [f"{name}.gz" for name in names], self.places)
        images, labels = read_idx(paths[0]), read_idx(paths[1])
        if images.ndim != 3 or images.dtype != np.uint8:
            raise FileFormatError(f"{paths[0]}: images must be uint8 of shape (N, H, W)",
                                  [("images", images)])  # fmt: skip
        if self.foreign and hashlib.md5(images).hexdigest() in self.foreign:
            raise FileFormatError(
                f"{paths[0]}: these are MNIST's images, not those of {type(self).__name__}",
                fix=f"Put the files of {type(self).__name__} into {self.places[0]}.",
            )
        check_labels(labels, images, self.classes, paths[1])
        self.data = torch.from_numpy(images)
        self.targets = torch.from_numpy(labels.astype(np.int64))

    @property
    def raw_folder(self) -> str:
        """Where downloads go."""
        return str(self.root / type(self).__name__ / "raw")

    @property
    def places(self) -> list[Path]:
        """Where files are looked for, in this order."""
        return [Path(self.raw_folder), self.root]

    def find(self, name: str) -> Path | None:
        """The file of this name, as it is or gzipped."""
        candidates = (place / (name + end) for place in self.places for end in ("", ".gz"))
        return next((path for path in candidates if path.is_file()), None)

    def download(self) -> None:
        """Fetch the files that are not there."""
        from chainrule.datasets.download import Remote  # 60 ms of network modules

        for name, (size, md5) in self.files.items():
            if self.find(name) is None:
                urls = [mirror + name + ".gz" for mirror in self.mirrors]
                Remote(urls, size, md5).fetch(Path(self.raw_folder) / f"{name}.gz")


class FashionMNIST(MNIST):
    """70,000 pictures of clothes of 28x28 pixels, in the format and the sizes of MNIST.

    Args:
        root: as for MNIST, with `FashionMNIST/raw/` in place of `MNIST/raw/`.
        train, transform, target_transform, download: as for MNIST.

    Errors: FileFormatError for files that are missing, damaged, or MNIST's.

    Source: H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, 2017, arXiv:1708.07747 (MIT).
    """

    classes = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]
    mirrors = (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    )
    files = {
        "train-images-idx3-ubyte": (26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        "train-labels-idx1-ubyte": (29515, "25c81989df183df01b3e8a0aad5dffbe"),
        "t10k-images-idx3-ubyte": (4422102, "bef4ecab320f06d8554ea6380940ec79"),
        "t10k-labels-idx1-ubyte": (5148, "bb300cfdad3c16e7a12a480ee83cd310"),
    }
    foreign = "6510e85a72c3e9475c492d559d3770d2", "240610fa99e73bfa49df8e7fc24d3206"
