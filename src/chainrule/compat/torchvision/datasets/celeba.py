"""CelebA (Liu et al. 2015): 202,599 faces with attributes, identities and landmarks."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.compat.torchvision.datasets.vision import VisionDataset, verify_str_arg
from chainrule.compat.torchvision.pillow import pillow

# By kind of target: the file, and how many lines stand before its rows.
TABLES = {"attr": ("list_attr_celeba.txt", 2), "identity": ("identity_CelebA.txt", 0),
          "bbox": ("list_bbox_celeba.txt", 2),
          "landmarks": ("list_landmarks_align_celeba.txt", 2)}  # fmt: skip
SPLITS = {"train": 0, "valid": 1, "test": 2, "all": None}


class CelebA(VisionDataset):
    """Faces, and what is known of them; needs Pillow.

    Args:
        root: the folder with celeba/: the unpacked img_align_celeba and the five lists (*.txt),
            as their authors publish them.
        split: "train", "valid", "test" or "all".
        target_type: one or more of "attr" (40 of 0 and 1), "identity", "bbox", "landmarks"; an
            empty list for None.
        download: refused: the files are where programs cannot fetch them.

    Attributes: filename, attr, identity, bbox, landmarks_align, attr_names.
    """

    base_folder = "celeba"

    def __init__(
        self, root: Any, split: str = "train", target_type: Any = "attr", transform: Any = None,
        target_transform: Any = None, download: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split = split
        self.target_type = target_type if isinstance(target_type, list) else [target_type]
        if not self.target_type and target_transform is not None:
            raise RuntimeError("target_transform is specified but target_type is empty")
        for kind in self.target_type:
            if kind not in TABLES:
                raise ValueError(f'Target type "{kind}" is not recognized.')
        lists = ["list_eval_partition.txt", *(name for name, _ in TABLES.values())]
        missing = [n for n in (*lists, "img_align_celeba") if not os.path.exists(self.path(n))]
        if missing:
            raise RuntimeError(
                f"Dataset not found or corrupted: CelebA needs {', '.join(missing)} in "
                f"{self.path('')}; get them from its authors' page, they cannot be downloaded here"
            )
        part = SPLITS[verify_str_arg(split.lower(), "split", tuple(SPLITS))]
        names, parts = self.table(lists[0], 0)
        chosen = np.arange(len(names)) if part is None else np.flatnonzero(parts[:, 0] == part)
        self.filename = [names[i] for i in chosen]
        found = {kind: torch.from_numpy(self.table(*TABLES[kind])[1][chosen]) for kind in TABLES}
        self.attr = (found["attr"] + 1) // 2  # -1 and 1 become 0 and 1
        self.identity, self.bbox = found["identity"], found["bbox"]
        self.landmarks_align = found["landmarks"]
        with open(self.path(TABLES["attr"][0]), encoding="utf-8") as file:
            self.attr_names = file.read().split("\n", 2)[1].split(" ")

    def path(self, name: str) -> str:
        return os.path.join(self.root, self.base_folder, name)

    def table(self, name: str, skipped: int) -> tuple[list[str], Any]:
        """The file names and the numbers beside them."""
        with open(self.path(name), encoding="utf-8") as file:
            rows = [line.split() for line in file.read().splitlines()[skipped:] if line.strip()]
        return [row[0] for row in rows], np.array([row[1:] for row in rows], dtype=np.int64)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        with open(self.path(os.path.join("img_align_celeba", self.filename[index])), "rb") as file:
            image = pillow().open(file)
            image.load()
        if self.transform is not None:
            image = self.transform(image)
        known = {"attr": self.attr, "bbox": self.bbox, "landmarks": self.landmarks_align}
        targets = [self.identity[index, 0] if kind == "identity" else known[kind][index]
                   for kind in self.target_type]  # fmt: skip
        if not targets:
            return image, None
        target = targets[0] if len(targets) == 1 else tuple(targets)
        return image, target if self.target_transform is None else self.target_transform(target)

    def __len__(self) -> int:
        return len(self.attr)

    def extra_repr(self) -> str:
        return f"Target type: {self.target_type}\nSplit: {self.split}"
