"""How pixels between pixels are found: the names of it, and Pillow's numbers for them."""

from __future__ import annotations

from enum import Enum
from typing import Any


class InterpolationMode(Enum):
    """Ways of interpolation; tensors take the first four, pictures all.

    >>> InterpolationMode.BILINEAR.value
    'bilinear'
    """

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


M = InterpolationMode
PILLOW = {M.NEAREST: 0, M.NEAREST_EXACT: 0, M.LANCZOS: 1, M.BILINEAR: 2, M.BICUBIC: 3, M.BOX: 4,
          M.HAMMING: 5}  # fmt: skip
BY_NUMBER = {n: mode for mode, n in PILLOW.items() if mode is not M.NEAREST_EXACT}


def as_mode(interpolation: Any) -> InterpolationMode:
    """The mode behind a mode, or one of Pillow's numbers."""
    if isinstance(interpolation, InterpolationMode):
        return interpolation
    if isinstance(interpolation, int):
        return BY_NUMBER[int(interpolation)]
    raise TypeError(
        "Argument interpolation should be a InterpolationMode or a corresponding Pillow integer "
        "constant"
    )
