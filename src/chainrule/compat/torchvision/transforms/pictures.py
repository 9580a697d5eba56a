"""The image operations on Pillow's pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.compat.torchvision.pillow import has_pillow, is_picture, picture, pillow
from chainrule.compat.torchvision.transforms.interpolation import PILLOW

COLOURLESS = {"L", "1", "I", "F"}


def check(img: Any, message: str = "img should be PIL Image. Got {}") -> None:
    """Refuse what is no picture; say that Pillow is missing where that is why."""
    if is_picture(img):
        return
    if isinstance(img, np.ndarray) and not has_pillow():
        pillow()
    raise TypeError(message.format(type(img)))


def get_dimensions(img: Any) -> list[int]:
    check(img, "Unexpected type {}")
    return [len(img.getbands()), img.size[1], img.size[0]]


def hflip(img: Any) -> Any:
    return img.transpose(pillow().Transpose.FLIP_LEFT_RIGHT)


def vflip(img: Any) -> Any:
    return img.transpose(pillow().Transpose.FLIP_TOP_BOTTOM)


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    return img.crop((left, top, left + width, top + height))


def resize(img: Any, size: Any, mode: Any, antialias: Any = True) -> Any:
    return img.resize((size[1], size[0]), PILLOW[mode])


def sides(padding: Any) -> tuple[int, int, int, int]:
    """Padding as left, top, right, bottom."""
    if isinstance(padding, (int, float)):
        return (int(padding),) * 4
    padding = tuple(padding)
    if len(padding) == 4:
        return padding  # type: ignore[return-value]
    return padding * 4 if len(padding) == 1 else padding * 2  # type: ignore[return-value]


def as_colour(fill: Any, img: Any) -> Any:
    """A fill as Pillow takes it: a number for one channel, a tuple for several."""
    channels = len(img.getbands())
    fill = 0 if fill is None else fill
    if isinstance(fill, (int, float)) and channels > 1:
        fill = (fill,) * channels
    whole = (lambda v: v) if img.mode == "F" else int
    if not isinstance(fill, (list, tuple)):
        return whole(fill)
    if len(fill) == 1:
        fill = tuple(fill) * channels
    elif len(fill) != channels:
        raise ValueError("The number of elements in 'fill' does not match the number of channels "
                         f"of the image ({len(fill)} != {channels})")  # fmt: skip
    return tuple(whole(v) for v in fill)


def pad(img: Any, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Any:
    around = sides(padding)
    palette = img.getpalette() if img.mode == "P" else None
    if padding_mode == "constant":
        result = pillow("ImageOps").expand(img, border=around, fill=as_colour(fill, img))
    else:
        left, top, right, bottom = around
        if min(around) < 0:
            img = img.crop((max(-left, 0), max(-top, 0), img.width - max(-right, 0),
                            img.height - max(-bottom, 0)))  # fmt: skip
            left, top, right, bottom = (max(v, 0) for v in around)
        pixels = np.asarray(img)
        widths = [(top, bottom), (left, right), (0, 0)][: pixels.ndim]
        result = picture(np.pad(pixels, widths, mode=padding_mode))  # type: ignore[call-overload]
    if palette is not None:
        result.putpalette(palette)
    return result


def enhancement(kind: str) -> Any:
    """One of Pillow's enhancers as a function of the picture and the factor."""

    def enhance(img: Any, factor: float) -> Any:
        return getattr(pillow("ImageEnhance"), kind)(img).enhance(factor)

    return enhance


adjust_brightness = enhancement("Brightness")
adjust_contrast = enhancement("Contrast")
adjust_saturation = enhancement("Color")
adjust_sharpness = enhancement("Sharpness")


def adjust_hue(img: Any, hue_factor: float) -> Any:
    if img.mode in COLOURLESS:
        return img
    hue, saturation, value = img.convert("HSV").split()
    turned = np.array(hue, np.uint8) + np.int32(hue_factor * 255).astype(np.uint8)  # wraps around
    merged = pillow().merge("HSV", (picture(turned, "L"), saturation, value))
    return merged.convert(img.mode)


def adjust_gamma(img: Any, gamma: float, gain: float = 1.0) -> Any:
    table = [int((256 - 1e-3) * gain * (v / 255.0) ** gamma) for v in range(256)] * 3
    return img.convert("RGB").point(table).convert(img.mode)


def rgb_to_grayscale(img: Any, num_output_channels: int) -> Any:
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    grey = img.convert("L")
    return grey if num_output_channels == 1 else pillow().merge("RGB", (grey, grey, grey))


def invert(img: Any) -> Any:
    return pillow("ImageOps").invert(img)


def posterize(img: Any, bits: int) -> Any:
    return pillow("ImageOps").posterize(img, bits)


def solarize(img: Any, threshold: Any) -> Any:
    return pillow("ImageOps").solarize(img, threshold)


def autocontrast(img: Any) -> Any:
    return pillow("ImageOps").autocontrast(img)


def equalize(img: Any) -> Any:
    return pillow("ImageOps").equalize(img)


def transform(img: Any, method: str, numbers: Any, mode: Any, fill: Any) -> Any:
    """The picture whose pixels are looked up where an affine or projective map sends them."""
    kind = getattr(pillow().Transform, method)
    return img.transform(img.size, kind, numbers, PILLOW[mode], fillcolor=as_colour(fill, img))


def rotate(img: Any, angle: float, mode: Any, expand: bool, center: Any, fill: Any) -> Any:
    return img.rotate(angle, PILLOW[mode], expand, center, fillcolor=as_colour(fill, img))
