"""Digits: 1,797 handwritten digits of 8x8 pixels, a part of the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.datasets.images import ImageDataset


class Digits(ImageDataset):
    """1,797 handwritten digits of 8x8 pixels from 0 to 16; no download needed.

    Source: E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, 1998 (CC BY 4.0), as scikit-learn ships it; see digits.txt beside this file.

    >>> from chainrule.datasets import Digits
    >>> digits = Digits()
    >>> digits.data[0, 0]
    tensor([ 0,  0,  5, 13,  9,  1,  0,  0], dtype=torch.uint8)
    >>> digits.targets[:5]
    tensor([0, 1, 2, 3, 4])
    """

    classes = list("0123456789")

    def __init__(
        self,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        super().__init__(transform, target_transform)
        with np.load(Path(__file__).with_name("digits.npz"), allow_pickle=False) as file:
            self.data = torch.from_numpy(file["images"])
            self.targets = torch.from_numpy(file["labels"].astype(np.int64))
