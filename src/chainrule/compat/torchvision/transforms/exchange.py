"""Between pictures, arrays and tensors."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.compat.torchvision.pillow import is_picture, picture
from chainrule.tensor import Tensor

SHORT = "I;16" if sys.byteorder == "little" else "I;16B"


def to_tensor(pic: Any) -> Tensor:
    """A picture or an array (H, W) or (H, W, C) as a tensor (C, H, W), bytes scaled to [0, 1].

    >>> import numpy as np
    >>> to_tensor(np.array([[0, 255]], np.uint8))
    tensor([[[0., 1.]]])
    """
    if isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        array = pic
    elif is_picture(pic):
        dtype = {"I": np.int32, SHORT: np.int16, "F": np.float32}.get(pic.mode, np.uint8)
        array = np.array(pic, dtype)
        if pic.mode == "1":
            array = 255 * array
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    array = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
    img = torch.from_numpy(np.ascontiguousarray(array))
    return img.to(torch.get_default_dtype()).div(255) if img.dtype == torch.uint8 else img


def pil_to_tensor(pic: Any) -> Tensor:
    """A picture as a tensor (C, H, W) of the same numbers."""
    if not is_picture(pic):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    array = np.array(pic)
    return torch.from_numpy(array.reshape(*array.shape[:2], -1)).permute(2, 0, 1)


MODES = {2: ("LA",), 3: ("RGB", "YCbCr", "HSV"), 4: ("RGBA", "CMYK", "RGBX")}
MODES_OF_ONE = {"uint8": "L", "int16": SHORT, "int32": "I", "float32": "F"}


def to_pil_image(pic: Any, mode: str | None = None) -> Any:
    """A tensor (C, H, W) or array (H, W, C) as a picture; floats are scaled from [0, 1]."""
    if isinstance(pic, Tensor):
        array = pic.permute(1, 2, 0).numpy(force=True) if pic.ndim == 3 else pic.numpy(force=True)
    elif isinstance(pic, np.ndarray):
        array = pic
    else:
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    array = array[:, :, None] if array.ndim == 2 else array
    if array.ndim != 3:
        raise ValueError(f"pic should be 2/3 dimensional. Got {array.ndim} dimensions.")
    channels = array.shape[2]
    if channels > 4:
        raise ValueError(f"pic should not have > 4 channels. Got {channels} channels.")
    if np.issubdtype(array.dtype, np.floating) and mode != "F":
        array = (array * 255).astype(np.uint8)
    if channels == 1:
        array, fits = array[:, :, 0], MODES_OF_ONE.get(str(array.dtype))
        if mode not in (None, fits):
            raise ValueError(f"Incorrect mode ({mode}) supplied for input type {array.dtype}. "
                             f"Should be {fits}")  # fmt: skip
        mode = fits
    else:
        if mode is not None and mode not in MODES[channels]:
            raise ValueError(f"Only modes {list(MODES[channels])} are supported for {channels}D "
                             "inputs")  # fmt: skip
        if mode is None and array.dtype == np.uint8:
            mode = MODES[channels][0]
    if mode is None:
        raise TypeError(f"Input type {array.dtype} is not supported")
    return picture(array, mode)
