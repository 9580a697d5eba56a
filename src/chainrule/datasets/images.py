"""What all image datasets share: samples, transforms, and where their files lie."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import FileFormatError
from chainrule.utils.data import Dataset


def cache_folder() -> Path:
    """Where downloads go: the folder in $CHAINRULE_HOME, or ~/.cache/chainrule."""
    return Path(os.environ.get("CHAINRULE_HOME") or "~/.cache/chainrule").expanduser()


class ImageDataset(Dataset[tuple[Any, Any]]):
    """Images and the number of each one's class.

    A sample is `(image, label)`: a uint8 NumPy array, (H, W) or (H, W, C), and an int; `transform`
    and `target_transform` are applied to them when a sample is taken.

    Attributes:
        data: all images.
        targets: all labels.
        classes: the names of the classes, in the order of their numbers.
    """

    classes: list[str] = []
    data: Any
    targets: Any

    def __init__(
        self,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        self.transform = transform
        self.target_transform = target_transform

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class."""
        return {name: i for i, name in enumerate(self.classes)}

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        image, label = np.asarray(self.data[index]), int(self.targets[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label

    def __repr__(self) -> str:
        return f"Dataset {type(self).__name__}\n    Number of datapoints: {len(self)}"


def check_labels(labels: Any, images: Any, classes: list[str], path: Any) -> None:
    """Refuse labels that do not go with the images, or name no class."""
    if labels.ndim != 1 or len(labels) != len(images):
        raise FileFormatError(
            f"{path}: there must be one label per image",
            [("images", images), ("labels", labels)],
            fix="Remove the files and download them again.",
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < len(classes):
        raise FileFormatError(
            f"{path}: labels must be from 0 to {len(classes) - 1}, but they reach from "
            f"{labels.min()} to {labels.max()}",
            fix="Remove the file and download it again.",
        )


def not_found(name: str, wanted: list[str], places: list[Path]) -> FileFormatError:
    """The error for missing files: which, and where they may be put."""
    return FileFormatError(
        f"Dataset not found: {name} needs {', '.join(wanted)}",
        [("looked in", str(place)) for place in places],
        fix=f"Pass download=True to download them, or put the files into {places[0]}.",
    )
