"""The parts of torchvision that programs lean on: transforms, datasets, models, utils.

`import torchvision` finds this package while `chainrule.compat` is installed; under its own name
it needs no hook:

>>> from chainrule.compat import torchvision
>>> torchvision.transforms.CenterCrop(24)
CenterCrop(size=(24, 24))

Pictures are Pillow's, an optional dependency (`pip install 'chainrule[vision]'`).  Without it the
datasets give uint8 arrays (H, W) or (H, W, C), which `ToTensor` takes as well.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.28.0"
PARTS = ("datasets", "io", "models", "ops", "transforms", "tv_tensors", "utils", "version")


def __getattr__(name: str) -> Any:
    if name in PARTS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module 'torchvision' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *PARTS})


def get_image_backend() -> str:
    """The library that image files are opened with."""
    return "PIL"


def set_image_backend(backend: str) -> None:
    """Choose the library that image files are opened with; there is Pillow ("PIL") alone."""
    if backend != "PIL":
        raise ValueError(f"Invalid backend '{backend}'. Options are 'PIL'")


def get_video_backend() -> str:
    """The name torchvision gives; videos are not read here."""
    return "pyav"


def disable_beta_transforms_warning() -> None:
    """Nothing: there is no such warning here."""
