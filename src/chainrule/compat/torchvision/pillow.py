"""Pillow, imported when a picture is first needed."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from chainrule.errors import MissingExtraError


def pillow(part: str = "Image") -> Any:
    """A module of Pillow's."""
    try:
        return importlib.import_module(f"PIL.{part}")
    except ImportError:
        raise MissingExtraError("pictures need Pillow, which is not installed",
                                fix="pip install 'chainrule[vision]'") from None  # fmt: skip


def has_pillow() -> bool:
    """Whether pictures can be made."""
    try:
        pillow()
    except MissingExtraError:
        return False
    return True


def is_picture(value: Any) -> bool:
    """Whether a value is one of Pillow's images; imports nothing."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(value, module.Image)


def picture(array: Any, mode: str | None = None) -> Any:
    """A picture of an array (H, W) or (H, W, C)."""
    Image = pillow()
    if mode is None:
        return Image.fromarray(array)
    size = (array.shape[1], array.shape[0])
    return Image.frombuffer(mode, size, array.tobytes(), "raw", mode, 0, 1)


def picture_or_array(array: Any, mode: str | None = None) -> Any:
    """A picture where Pillow is installed, else the array."""
    return picture(array, mode) if has_pillow() else array
