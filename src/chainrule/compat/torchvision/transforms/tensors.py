"""The image operations on tensors (..., C, H, W): sizes, dtypes, flips, padding, colours."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.transforms.pictures import sides
from chainrule.nn import functional as F
from chainrule.tensor import Tensor

INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
LARGEST = {torch.uint8: 255, torch.int8: 127, torch.int16: 32767, torch.uint16: 65535,
           torch.int32: 2**31 - 1, torch.int64: 2**63 - 1}  # fmt: skip


def largest(dtype: Any) -> int:
    """The value of full brightness: the largest integer, 1 for floats."""
    return LARGEST.get(dtype, 1)


def check(img: Tensor, channels: tuple[int, ...] = (), at_least: int = 2) -> None:
    """Refuse a tensor that is no image of so many channels."""
    if img.ndim < 2:
        raise TypeError("Tensor is not a torch image.")
    if img.ndim < at_least:
        raise TypeError(f"Input image tensor should have at least {at_least} dimensions, but found "
                        f"{img.ndim}")  # fmt: skip
    found = get_dimensions(img)[0]
    if channels and found not in channels:
        raise TypeError(f"Input image tensor permitted channel values are {list(channels)}, but "
                        f"found {found}")  # fmt: skip


def get_dimensions(img: Tensor) -> list[int]:
    if img.ndim < 2:
        raise TypeError("Tensor is not a torch image.")
    return [1 if img.ndim == 2 else img.shape[-3], *img.shape[-2:]]


class Batched:
    """An image as a float batch (N, C, H, W) for the time of a `with`; `back` undoes it."""

    def __init__(self, img: Tensor, dtypes: tuple[Any, ...] = (torch.float32, torch.float64)):
        self.dtype, self.single = img.dtype, img.ndim < 4
        img = img.unsqueeze(0) if self.single else img
        self.cast = img.dtype not in dtypes
        self.img = img.to(dtypes[0]) if self.cast else img

    def back(self, img: Tensor) -> Tensor:
        img = img.squeeze(0) if self.single else img
        if not self.cast:
            return img
        return (img.round() if self.dtype in INTEGERS else img).to(self.dtype)


def floating(img: Tensor) -> Any:
    """The dtype to compute in: the image's own if it is a float."""
    return img.dtype if img.is_floating_point() else torch.float32


def convert_image_dtype(image: Tensor, dtype: Any) -> Tensor:
    if image.dtype == dtype:
        return image
    if image.is_floating_point():
        if dtype.is_floating_point:
            return image.to(dtype)
        unsafe = {torch.float32: (torch.int32, torch.int64), torch.float64: (torch.int64,)}
        if dtype in unsafe.get(image.dtype, ()):
            raise RuntimeError(
                f"The cast from {image.dtype} to {dtype} cannot be performed safely."
            )
        return image.mul(float(largest(dtype)) + 1.0 - 1e-3).to(dtype)
    before, after = largest(image.dtype), largest(dtype)
    if dtype.is_floating_point:
        return image.to(dtype) / float(before)
    if before > after:
        factor = int((float(before) + 1) // (float(after) + 1))
        return torch.div(image, factor, rounding_mode="floor").to(dtype)
    return image.to(dtype) * int((float(after) + 1) // (float(before) + 1))


def hflip(img: Tensor) -> Tensor:
    check(img)
    return img.flip(-1)


def vflip(img: Tensor) -> Tensor:
    check(img)
    return img.flip(-2)


def crop(img: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    _, h, w = get_dimensions(img)
    bottom, right = top + height, left + width
    inside = img[..., max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if left >= 0 and top >= 0 and right <= w and bottom <= h:
        return inside
    around = [max(min(right, 0) - left, 0), max(min(bottom, 0) - top, 0),
              max(right - max(w, left), 0), max(bottom - max(h, top), 0)]  # fmt: skip
    return pad(inside, around)


def resize(img: Tensor, size: Any, mode: Any, antialias: Any = True) -> Tensor:
    check(img)
    name, smooth = mode.value, mode.value in ("bilinear", "bicubic")
    batch = Batched(img)
    made = F.interpolate(batch.img, size=list(size), mode=name,
                         align_corners=False if smooth else None,
                         antialias=bool(antialias) and smooth)  # fmt: skip
    if name == "bicubic" and batch.dtype == torch.uint8:
        made = made.clamp(0, 255)
    return batch.back(made)


def pad(img: Tensor, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Tensor:
    check(img)
    fill = 0 if fill is None else fill
    if isinstance(fill, (list, tuple)) and len(fill) == 1:
        fill = fill[0]
    if not isinstance(fill, (int, float)):
        raise TypeError("Got inappropriate fill arg")
    left, top, right, bottom = sides(padding)
    if padding_mode == "symmetric":
        return mirrored(img, (left, top, right, bottom))
    name = {"edge": "replicate"}.get(padding_mode, padding_mode)
    batch = Batched(img) if name != "constant" or img.ndim < 3 else Batched(img, (img.dtype,))
    value = {"value": float(fill)} if name == "constant" else {}
    made = F.pad(batch.img, [left, right, top, bottom], mode=name, **value)
    return batch.back(made)


def mirrored(img: Tensor, around: tuple[int, int, int, int]) -> Tensor:
    """Padding by reflection that repeats the edge."""
    h, w = img.shape[-2:]
    left, top, right, bottom = around

    def places(before: int, size: int, after: int) -> Tensor:
        start, stop = max(-before, 0), size - max(-after, 0)
        kept = list(range(start, stop))
        first = [start + i for i in range(max(before, 0) - 1, -1, -1)]
        return torch.tensor(first + kept + [stop - 1 - i for i in range(max(after, 0))])

    rows, columns = places(top, h, bottom), places(left, w, right)
    return img[..., rows[:, None], columns[None, :]]


def blend(img: Tensor, other: Tensor, ratio: float) -> Tensor:
    """ratio·img + (1 - ratio)·other, within the dtype's brightness."""
    ratio = float(ratio)
    return (ratio * img + (1.0 - ratio) * other).clamp(0, largest(img.dtype)).to(img.dtype)


def not_negative(name: str, factor: float) -> None:
    if factor < 0:
        raise ValueError(f"{name} ({factor}) is not non-negative.")


def rgb_to_grayscale(img: Tensor, num_output_channels: int = 1) -> Tensor:
    check(img, (1, 3), at_least=3)
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    if img.shape[-3] == 3:
        red, green, blue = img.unbind(-3)
        grey = (0.2989 * red + 0.587 * green + 0.114 * blue).to(img.dtype).unsqueeze(-3)
    else:
        grey = img.clone()
    return grey if num_output_channels == 1 else grey.expand(img.shape)


def adjust_brightness(img: Tensor, factor: float) -> Tensor:
    not_negative("brightness_factor", factor)
    check(img, (1, 3))
    return blend(img, torch.zeros_like(img), factor)


def adjust_contrast(img: Tensor, factor: float) -> Tensor:
    not_negative("contrast_factor", factor)
    check(img, (3, 1))
    grey = rgb_to_grayscale(img) if get_dimensions(img)[0] == 3 else img
    return blend(img, grey.to(floating(img)).mean(dim=(-3, -2, -1), keepdim=True), factor)


def adjust_saturation(img: Tensor, factor: float) -> Tensor:
    not_negative("saturation_factor", factor)
    check(img, (1, 3))
    return img if get_dimensions(img)[0] == 1 else blend(img, rgb_to_grayscale(img), factor)


def adjust_gamma(img: Tensor, gamma: float, gain: float = 1.0) -> Tensor:
    check(img, (1, 3))
    made = (gain * convert_image_dtype(img, floating(img)).pow(gamma)).clamp(0, 1)
    return convert_image_dtype(made, img.dtype)


def adjust_hue(img: Tensor, factor: float) -> Tensor:
    check(img, (1, 3))
    if get_dimensions(img)[0] == 1:
        return img
    hue, saturation, value = rgb_to_hsv(convert_image_dtype(img, torch.float32))
    return convert_image_dtype(hsv_to_rgb((hue + factor) % 1.0, saturation, value), img.dtype)


def rgb_to_hsv(img: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue, saturation and value in [0, 1] of an image (..., 3, H, W)."""
    red, green, _ = img.unbind(-3)
    high, low = img.amax(-3), img.amin(-3)
    grey = high == low
    saturation = (high - low) / torch.where(grey, torch.ones_like(high), high)
    spread = torch.where(grey, torch.ones_like(high), high - low)
    r, g, b = ((high.unsqueeze(-3) - img) / spread.unsqueeze(-3)).unbind(-3)
    sixth = torch.where(high == red, b - g, torch.where(high == green, 2.0 + r - b, 4.0 + g - r))
    return torch.fmod(sixth / 6.0 + 1.0, 1.0), saturation, high


# By sixth of the colour circle, which of (v, q, p, t) is red, green, blue.
CIRCLE = [[0, 1, 2, 2, 3, 0], [3, 0, 0, 1, 2, 2], [2, 2, 3, 0, 0, 1]]


def hsv_to_rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """The image (..., 3, H, W) of hue, saturation and value."""
    sixth = torch.floor(hue * 6.0)
    f = hue * 6.0 - sixth
    p = (value * (1.0 - saturation)).clamp(0.0, 1.0)
    q = (value * (1.0 - saturation * f)).clamp(0.0, 1.0)
    t = (value * (1.0 - saturation * (1.0 - f))).clamp(0.0, 1.0)
    which = torch.tensor(CIRCLE)[:, sixth.to(torch.int64) % 6].movedim(0, -3)
    return torch.stack((value, q, p, t), dim=-3).gather(-3, which)


def invert(img: Tensor) -> Tensor:
    check(img, (1, 3), at_least=3)
    return largest(img.dtype) - img


def bytes_only(img: Tensor) -> None:
    if img.dtype != torch.uint8:
        raise TypeError(f"Only torch.uint8 image tensors are supported, but found {img.dtype}")


def posterize(img: Tensor, bits: int) -> Tensor:
    check(img, at_least=3)
    bytes_only(img)
    check(img, (1, 3))
    return img & (256 - (1 << (8 - bits)))


def solarize(img: Tensor, threshold: float) -> Tensor:
    check(img, (1, 3), at_least=3)
    if threshold > largest(img.dtype):
        raise TypeError("Threshold should be less than bound of img.")
    return torch.where(img >= threshold, invert(img), img)


def adjust_sharpness(img: Tensor, factor: float) -> Tensor:
    not_negative("sharpness_factor", factor)
    check(img, (1, 3))
    if min(img.shape[-2:]) <= 2:
        return img
    kernel = torch.ones(3, 3, dtype=floating(img))
    kernel[1, 1] = 5.0
    kernel /= kernel.sum()
    batch = Batched(img, (kernel.dtype,))
    channels = batch.img.shape[-3]
    blurred = img.clone()
    blurred[..., 1:-1, 1:-1] = batch.back(
        F.conv2d(batch.img, kernel.expand(channels, 1, 3, 3), groups=channels)
    )
    return blend(img, blurred, factor)


def autocontrast(img: Tensor) -> Tensor:
    check(img, (1, 3), at_least=3)
    bound, dtype = largest(img.dtype), floating(img)
    low = img.amin(dim=(-2, -1), keepdim=True).to(dtype)
    high = img.amax(dim=(-2, -1), keepdim=True).to(dtype)
    flat = low == high
    scale = torch.where(flat, torch.ones_like(low), (high - low).reciprocal() * bound)
    low = torch.where(flat, torch.zeros_like(low), low)
    return ((img - low) * scale).clamp(0, bound).to(img.dtype)


def equalize(img: Tensor) -> Tensor:
    if not 3 <= img.ndim <= 4:
        raise TypeError(f"Input image tensor should have 3 or 4 dimensions, but found {img.ndim}")
    bytes_only(img)
    check(img, (1, 3))
    planes = img.reshape(-1, *img.shape[-2:])
    return torch.stack([equalized(plane) for plane in planes]).reshape(img.shape)


def equalized(plane: Tensor) -> Tensor:
    """One channel with its histogram made even, as Pillow does."""
    counts = torch.bincount(plane.reshape(-1).to(torch.int64), minlength=256)
    step = int(counts[counts != 0][:-1].sum()) // 255
    if step == 0:
        return plane
    table = (torch.cumsum(counts, 0) + step // 2) // step
    table = torch.cat([table.new_zeros(1), table[:-1]]).clamp(0, 255).to(torch.uint8)
    return table[plane.to(torch.int64)]


def normalize(tensor: Tensor, mean: Any, std: Any, inplace: bool = False) -> Tensor:
    check(tensor)
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.ndim < 3:
        raise ValueError("Expected tensor to be a tensor image of size (..., C, H, W). Got "
                         f"tensor.size() = {tensor.size()}")  # fmt: skip
    mean, std = (torch.as_tensor(v, dtype=tensor.dtype) for v in (mean, std))
    if (std == 0).any():
        raise ValueError(f"std evaluated to zero after conversion to {tensor.dtype}, leading to "
                         "division by zero.")  # fmt: skip
    mean, std = (v.view(-1, 1, 1) if v.ndim == 1 else v for v in (mean, std))
    made = tensor.sub_(mean) if inplace else tensor.sub(mean)
    return made.div_(std)


def erase(img: Tensor, i: int, j: int, h: int, w: int, v: Tensor, inplace: bool = False) -> Tensor:
    check(img)
    img = img if inplace else img.clone()
    img[..., i : i + h, j : j + w] = v
    return img
