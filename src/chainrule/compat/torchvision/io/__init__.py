"""Image files as tensors, and back; reading needs Pillow."""

from __future__ import annotations

import io
from enum import Enum
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.compat.torchvision.pillow import picture, pillow
from chainrule.compat.torchvision.png import png
from chainrule.tensor import Tensor

__all__ = ["ImageReadMode", "decode_image", "decode_jpeg", "decode_png", "encode_jpeg",
           "encode_png", "read_file", "read_image", "write_file", "write_jpeg",
           "write_png"]  # fmt: skip


class ImageReadMode(Enum):
    """Which channels to read an image with."""

    UNCHANGED = 0
    GRAY = 1
    GRAY_ALPHA = 2
    RGB = 3
    RGB_ALPHA = 4


MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def decoded(file: Any, mode: Any, turned: bool) -> Tensor:
    with pillow().open(file) as opened:
        image = pillow("ImageOps").exif_transpose(opened) if turned else opened
        return as_tensor(image, mode)


def as_tensor(image: Any, mode: Any) -> Tensor:
    wanted = ImageReadMode[mode] if isinstance(mode, str) else mode
    if wanted.value:
        image = image.convert(MODES[wanted.value])
    elif image.mode in ("P", "1"):
        image = image.convert("RGB" if image.mode == "P" else "L")
    array = np.array(image)
    return torch.from_numpy(array.reshape(*array.shape[:2], -1).transpose(2, 0, 1).copy())


def read_image(
    path: Any, mode: Any = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False
) -> Tensor:
    """An image file as a tensor (C, H, W) of uint8, turned as its EXIF data says if wanted."""
    return decoded(path, mode, apply_exif_orientation)


def decode_image(
    input: Any, mode: Any = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False
) -> Tensor:
    """An image as a tensor (C, H, W), from a file's path or its bytes in a tensor."""
    file = io.BytesIO(input.numpy().tobytes()) if isinstance(input, Tensor) else input
    return decoded(file, mode, apply_exif_orientation)


decode_png = decode_jpeg = decode_image


def read_file(path: Any) -> Tensor:
    """A file's bytes as a tensor."""
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)


def write_file(filename: Any, data: Tensor) -> None:
    """A tensor of bytes as a file."""
    with open(filename, "wb") as file:
        file.write(data.numpy().tobytes())


def encode_png(input: Tensor, compression_level: int = 6) -> Tensor:
    """An image (C, H, W) of uint8 as the bytes of a PNG file.

    >>> import chainrule as torch
    >>> encode_png(torch.zeros(1, 2, 2, dtype=torch.uint8))[1:4].tolist() == list(b"PNG")
    True
    """
    return torch.frombuffer(bytearray(png(input.permute(1, 2, 0).numpy())), dtype=torch.uint8)


def encode_jpeg(input: Tensor, quality: int = 75) -> Tensor:
    """An image (C, H, W) of uint8 as the bytes of a JPEG file; needs Pillow."""
    array = input.permute(1, 2, 0).contiguous().numpy()
    file = io.BytesIO()
    picture(array[:, :, 0] if len(input) == 1 else array).save(file, "JPEG", quality=quality)
    return torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8)


def write_png(input: Tensor, filename: Any, compression_level: int = 6) -> None:
    """Save an image (C, H, W) of uint8 as a PNG file."""
    write_file(filename, encode_png(input, compression_level))


def write_jpeg(input: Tensor, filename: Any, quality: int = 75) -> None:
    """Save an image (C, H, W) of uint8 as a JPEG file; needs Pillow."""
    write_file(filename, encode_jpeg(input, quality))
