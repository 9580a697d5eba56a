"""Images in folders, one for each class."""

from __future__ import annotations

import os
from typing import Any

from chainrule.compat.torchvision.datasets.vision import VisionDataset
from chainrule.compat.torchvision.pillow import pillow

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def has_file_allowed_extension(filename: str, extensions: Any) -> bool:
    """Whether a file's name has one of these endings.

    >>> has_file_allowed_extension("cat.PNG", (".png",))
    True
    """
    ends = extensions if isinstance(extensions, str) else tuple(extensions)
    return filename.lower().endswith(ends)


def is_image_file(filename: str) -> bool:
    """Whether a file's name is that of an image."""
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def find_classes(directory: Any) -> tuple[list[str], dict[str, int]]:
    """The folders in a folder, sorted, and the number of each."""
    classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
    if not classes:
        raise FileNotFoundError(f"Couldn't find any class folder in {directory}.")
    return classes, {name: i for i, name in enumerate(classes)}


def make_dataset(
    directory: Any, class_to_idx: dict[str, int] | None = None, extensions: Any = None,
    is_valid_file: Any = None, allow_empty: bool = False,
) -> list[tuple[str, int]]:  # fmt: skip
    """The files of each class and the number of their class, sorted by class and path."""
    directory = os.path.expanduser(directory)
    if class_to_idx is None:
        class_to_idx = find_classes(directory)[1]
    elif not class_to_idx:
        raise ValueError("'class_to_index' must have at least one entry to collect any samples.")
    if (extensions is None) == (is_valid_file is None):
        raise ValueError("Both extensions and is_valid_file cannot be None or not None at the same "
                         "time")  # fmt: skip
    valid = is_valid_file or (lambda path: has_file_allowed_extension(path, extensions))
    found: dict[str, list[str]] = {}
    for name in sorted(class_to_idx):
        found[name] = [
            path
            for folder, _, files in sorted(os.walk(os.path.join(directory, name), followlinks=True))
            for file in sorted(files)
            if valid(path := os.path.join(folder, file))
        ]
    empty = [name for name, paths in found.items() if not paths]
    if empty and not allow_empty:
        message = f"Found no valid file for the classes {', '.join(empty)}. "
        if extensions is not None:
            said = extensions if isinstance(extensions, str) else ", ".join(extensions)
            message += f"Supported extensions are: {said}"
        raise FileNotFoundError(message)
    return [(path, class_to_idx[name]) for name, paths in found.items() for path in paths]


class DatasetFolder(VisionDataset):
    """Files in folders, root/class/..., read with `loader`.

    Attributes: classes, class_to_idx, samples (path, number of the class), targets.
    """

    def __init__(
        self, root: Any, loader: Any, extensions: Any = None, transform: Any = None,
        target_transform: Any = None, is_valid_file: Any = None, allow_empty: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.classes, self.class_to_idx = self.find_classes(self.root)
        self.samples = self.make_dataset(self.root, self.class_to_idx, extensions, is_valid_file,
                                         allow_empty)  # fmt: skip
        self.targets = [number for _, number in self.samples]
        self.loader, self.extensions = loader, extensions

    @staticmethod
    def make_dataset(
        directory: Any, class_to_idx: Any, extensions: Any = None, is_valid_file: Any = None,
        allow_empty: bool = False,
    ) -> list[tuple[str, int]]:  # fmt: skip
        """The samples; subclasses may choose others."""
        if class_to_idx is None:
            raise ValueError("The class_to_idx parameter cannot be None.")
        return make_dataset(directory, class_to_idx, extensions, is_valid_file, allow_empty)

    def find_classes(self, directory: Any) -> tuple[list[str], dict[str, int]]:
        """The classes; subclasses may choose others."""
        return find_classes(directory)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        path, target = self.samples[index]
        return self.transformed(self.loader(path), target)

    def __len__(self) -> int:
        return len(self.samples)


def pil_loader(path: Any) -> Any:
    """An image file as a picture in RGB."""
    with open(path, "rb") as file:
        return pillow().open(file).convert("RGB")


def default_loader(path: Any) -> Any:
    """How image files are read."""
    return pil_loader(path)


class ImageFolder(DatasetFolder):
    """Image files in folders: root/dog/1.png, root/cat/7.jpeg, ...; needs Pillow.

    Attributes: classes (the folders' names, sorted), class_to_idx, samples and imgs (path, number
    of the class), targets.
    """

    def __init__(
        self, root: Any, transform: Any = None, target_transform: Any = None,
        loader: Any = default_loader, is_valid_file: Any = None, allow_empty: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(root, loader, IMG_EXTENSIONS if is_valid_file is None else None, transform,
                         target_transform, is_valid_file, allow_empty)  # fmt: skip
        self.imgs = self.samples
