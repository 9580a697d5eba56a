"""CIFAR-10, from the files of its Python version; their pickles are read, not run."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.datasets.images import ImageDataset, cache_folder, check_labels, not_found
from chainrule.datasets.pickles import read_pickle
from chainrule.errors import FileFormatError

FOLDER = "cifar-10-batches-py"
TRAIN = [f"data_batch_{i}" for i in range(1, 6)]
TEST = ["test_batch"]
LARGEST = 100_000_000  # bytes of one file; 31 million in the original, more in other protocols


class CIFAR10(ImageDataset):
    """60,000 photographs of 32x32 pixels in ten classes: 50,000 to train with, 10,000 to test with.

    Args:
        root: the folder with the batch files, or with `cifar-10-batches-py/` around them; the
            cache folder ($CHAINRULE_HOME or ~/.cache/chainrule) if None.
        train: the training part (what is there of data_batch_1 to 5; a warning names what is not),
            or the test part.
        transform, target_transform: applied to each image and label that is taken.
        download: fetch the files into `root/cifar-10-batches-py` unless they are there.

    Shapes: data (N, 32, 32, 3) uint8, a NumPy array; targets a list of N ints.

    Errors: FileFormatError (a RuntimeError) for files that are missing, damaged, or ask for
    anything but data.

    Source: A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009.
    """

    classes = [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ]
    mirrors = ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",)
    archive = 170498071, "c58f30108f718f92721af3b95e74349a"

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
        names = TRAIN if train else TEST
        paths = {name: path for name in names if (path := self.find(name))}
        if not paths:
            raise not_found("CIFAR10", names, self.places)
        missing = [name for name in names if name not in paths]
        batches = [read_batch(path, self.classes) for path in paths.values()]
        self.data = np.concatenate([images for images, _ in batches])
        self.targets = [label for _, labels in batches for label in labels]
        if missing:
            warnings.warn(
                f"CIFAR10: {', '.join(missing)} not found in {self.root}; going on with the "
                f"{len(self.data)} images that are there",
                stacklevel=2,
            )

    @property
    def places(self) -> list[Path]:
        """Where files are looked for, in this order."""
        return [self.root / FOLDER, self.root]

    def find(self, name: str) -> Path | None:
        """The batch file of this name."""
        return next((p / name for p in self.places if (p / name).is_file()), None)

    def download(self) -> None:
        """Fetch and unpack the archive, unless all files are there."""
        if all(self.find(name) for name in TRAIN + TEST):
            return
        from chainrule.datasets.download import Remote, unpack  # 60 ms of network modules

        archive = self.root / "cifar-10-python.tar.gz"
        if not archive.is_file():
            Remote(self.mirrors, *self.archive).fetch(archive)
        unpack(archive, self.root, {f"{FOLDER}/{name}" for name in TRAIN + TEST}, LARGEST)


def read_batch(path: Path, classes: list[str]) -> tuple[Any, list[int]]:
    """Images (N, 32, 32, 3) and labels of one batch file."""
    content = read_pickle(path, LARGEST)
    if not isinstance(content, dict):
        raise FileFormatError(f"{path}: a dict was expected, not {type(content).__name__}")
    content = {k.decode("latin-1") if isinstance(k, bytes) else k: v for k, v in content.items()}
    data, labels = content.get("data"), content.get("labels")
    images = data if isinstance(data, np.ndarray) else None
    if images is None or images.dtype != np.uint8 or images.ndim != 2 or images.shape[1] != 3072:
        raise FileFormatError(f"{path}: 'data' must be uint8 of shape (N, 3072)",
                              [("data", data if images is None else images)])  # fmt: skip
    if isinstance(labels, np.ndarray):
        labels = labels.tolist()
    if not isinstance(labels, list) or not all(type(label) is int for label in labels):
        raise FileFormatError(f"{path}: 'labels' must be a list of ints")
    images = np.ascontiguousarray(images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    check_labels(np.array(labels, np.int64), images, classes, path)
    return images, labels
