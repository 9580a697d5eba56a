"""MNIST and the datasets in its format, giving pictures."""

from __future__ import annotations

import gzip
import os
import shutil
import string
import warnings
import zipfile
from pathlib import Path
from typing import Any

import chainrule as torch
from chainrule import datasets
from chainrule.compat.torchvision.datasets.utils import download_url
from chainrule.compat.torchvision.datasets.vision import Split, verify_str_arg
from chainrule.compat.torchvision.pillow import picture_or_array
from chainrule.datasets.idx import read_idx
from chainrule.datasets.images import not_found


class MNIST(Split, datasets.MNIST):
    """MNIST (LeCun 1998): 60,000 digits of 28×28 pixels to train with, 10,000 to test with.

    The files, gzipped or not, lie in root/MNIST/raw; `download` fetches what is missing.

    Shapes: data (N, 28, 28) uint8, targets (N,) int64; a sample is a picture in mode "L" and an
    int.

    Errors: RuntimeError for files that are missing or damaged.
    """

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
        datasets.MNIST.__init__(self, root, train, transform, target_transform, download)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image = picture_or_array(self.data[index].numpy(), "L")
        return self.transformed(image, int(self.targets[index]))

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return Split.__repr__(self)

    @property
    def raw_folder(self) -> str:
        """Where the files are."""
        return os.path.join(self.root, type(self).__name__, "raw")

    @property
    def processed_folder(self) -> str:
        """Where old versions kept what they made of the files."""
        return os.path.join(self.root, type(self).__name__, "processed")

    def _check_exists(self) -> bool:
        return all(self.find(name) for name in self.files)

    @property
    def places(self) -> list[Path]:
        return [Path(self.raw_folder), Path(self.root)]

    def renamed(self, old: str, new: str) -> Any:
        warnings.warn(f"{old} has been renamed {new}", stacklevel=3)
        return getattr(self, new)

    train_labels = property(lambda self: self.renamed("train_labels", "targets"))
    test_labels = property(lambda self: self.renamed("test_labels", "targets"))
    train_data = property(lambda self: self.renamed("train_data", "data"))
    test_data = property(lambda self: self.renamed("test_data", "data"))


class FashionMNIST(MNIST):
    """Fashion-MNIST (Xiao et al. 2017): clothes, in MNIST's format; in root/FashionMNIST/raw."""

    classes = datasets.FashionMNIST.classes
    mirrors = datasets.FashionMNIST.mirrors
    files = datasets.FashionMNIST.files
    foreign = datasets.FashionMNIST.foreign


class KMNIST(MNIST):
    """Kuzushiji-MNIST (Clanuwat et al. 2018): cursive Japanese; in root/KMNIST/raw."""

    classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
    mirrors = ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",)
    sums = {
        "train-images-idx3-ubyte": "bdb82020997e1d708af4cf47b453dcf7",
        "train-labels-idx1-ubyte": "e144d726b3acfaa3e44228e80efcd344",
        "t10k-images-idx3-ubyte": "5c965bf0a639b31b8f53240b1b52f4d7",
        "t10k-labels-idx1-ubyte": "7320c461ea6c1c855c0b718fb2a4b134",
    }

    def download(self) -> None:
        """Fetch the files that are not there."""
        for name, md5 in self.sums.items():
            if self.find(name) is None:
                urls = [f"{mirror}{name}.gz" for mirror in self.mirrors]
                download_url(urls, self.raw_folder, f"{name}.gz", md5)


CAPITALS_ALIKE = set("cijklmopsuvwxyz")
ALL = set(string.digits + string.ascii_letters)


class EMNIST(MNIST):
    """EMNIST (Cohen et al. 2017): handwritten letters and digits; in root/EMNIST/raw.

    Args:
        split: "byclass", "bymerge", "balanced", "letters", "digits" or "mnist".
        kwargs: as for MNIST.
    """

    url = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
    md5 = "58c8d27c78d21e728a6bc7b3cc06412e"
    splits = ("byclass", "bymerge", "balanced", "letters", "digits", "mnist")
    classes_split_dict = {
        "byclass": sorted(ALL),
        "bymerge": sorted(ALL - CAPITALS_ALIKE),
        "balanced": sorted(ALL - CAPITALS_ALIKE),
        "letters": ["N/A", *string.ascii_lowercase],
        "digits": list(string.digits),
        "mnist": list(string.digits),
    }

    def __init__(self, root: Any, split: str, **kwargs: Any) -> None:
        self.split = verify_str_arg(split, "split", self.splits)
        self.classes = self.classes_split_dict[split]
        super().__init__(root, **kwargs)

    def load(self, root: Any, train: bool, download: bool) -> None:
        self.root, self.train = root, train
        names = [f"emnist-{self.split}-{'train' if train else 'test'}-{what}-ubyte"
                 for what in ("images-idx3", "labels-idx1")]  # fmt: skip
        if download and not all(map(self.find, names)):
            self.download()
        paths = [self.find(name) for name in names]
        if None in paths:
            raise not_found("EMNIST", [f"{name}.gz" for name in names], self.places)
        images, labels = map(read_idx, paths)
        self.data, self.targets = torch.from_numpy(images), torch.from_numpy(labels).long()

    def download(self) -> None:
        """Fetch the archive and take the files out of it."""
        folder = Path(self.raw_folder)
        download_url(self.url, folder, "gzip.zip", self.md5)
        with zipfile.ZipFile(folder / "gzip.zip") as archive:
            for member in archive.namelist():
                name = os.path.basename(member)
                if name.startswith("emnist-") and name.endswith("-ubyte.gz"):
                    with (
                        archive.open(member) as packed,
                        gzip.open(packed) as content,
                        open(folder / name.removesuffix(".gz"), "wb") as file,
                    ):
                        shutil.copyfileobj(content, file)
