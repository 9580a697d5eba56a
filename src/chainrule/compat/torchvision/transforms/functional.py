"""Image operations by name, for Pillow's pictures and for tensors (..., C, H, W) alike.

>>> import chainrule as torch
>>> from chainrule.compat.torchvision.transforms import functional as F
>>> F.hflip(torch.arange(4.).view(1, 2, 2))
tensor([[[1., 0.],
         [3., 2.]]])
"""

from __future__ import annotations

import numbers
import warnings
from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.pillow import is_picture
from chainrule.compat.torchvision.transforms import pictures, tensors, warping
from chainrule.compat.torchvision.transforms.exchange import (
    pil_to_tensor,
    to_pil_image,
)
from chainrule.compat.torchvision.transforms.exchange import to_tensor as to_tensor
from chainrule.compat.torchvision.transforms.interpolation import InterpolationMode, as_mode
from chainrule.tensor import Tensor

BILINEAR, NEAREST = InterpolationMode.BILINEAR, InterpolationMode.NEAREST
_interpolation_modes_from_int = as_mode
_is_pil_image = is_picture


def home(img: Any) -> Any:
    """The module whose functions take this image."""
    if isinstance(img, Tensor):
        return tensors
    pictures.check(img)
    return pictures


# ---- sizes -------------------------------------------------------------------------------------


def get_dimensions(img: Any) -> list[int]:
    """Channels, height and width of an image."""
    return (tensors if isinstance(img, Tensor) else pictures).get_dimensions(img)


def get_image_size(img: Any) -> list[int]:
    """Width and height of an image."""
    return get_dimensions(img)[:0:-1]


def get_image_num_channels(img: Any) -> int:
    """How many channels an image has."""
    return get_dimensions(img)[0]


# ---- of tensors ----------------------------------------------------------------------------------


def convert_image_dtype(image: Tensor, dtype: Any = torch.float32) -> Tensor:
    """The image in another dtype, brightness scaled to that dtype's range."""
    if not isinstance(image, Tensor):
        raise TypeError("Input img should be Tensor Image")
    return tensors.convert_image_dtype(image, dtype)


def tensor_only(img: Any) -> None:
    if not isinstance(img, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(img)}")


def normalize(tensor: Tensor, mean: Any, std: Any, inplace: bool = False) -> Tensor:
    """(tensor - mean) / std, by channel.

    >>> import chainrule as torch
    >>> normalize(torch.ones(1, 1, 2), [0.5], [0.25])
    tensor([[[2., 2.]]])
    """
    tensor_only(tensor)
    return tensors.normalize(tensor, mean, std, inplace)


def erase(img: Tensor, i: int, j: int, h: int, w: int, v: Tensor, inplace: bool = False) -> Tensor:
    """The image with `v` in the rectangle of height h and width w whose corner is at (i, j)."""
    tensor_only(img)
    return tensors.erase(img, i, j, h, w, v, inplace)


# ---- sizes and places ----------------------------------------------------------------------------


def _compute_resized_output_size(
    image_size: Any, size: Any, max_size: int | None = None, allow_size_none: bool = False
) -> list[int]:
    """Height and width after a resize: `size` whole, or of the smaller edge."""
    h, w = image_size
    short, long = min(h, w), max(h, w)
    if size is not None and len(size) == 2:
        return [size[0], size[1]]
    if size is None:
        new_short, new_long = int(max_size * short / long), max_size  # type: ignore[operator]
    else:
        new_short, new_long = size[0], int(size[0] * long / short)
        if max_size is not None:
            if max_size <= size[0]:
                raise ValueError(f"max_size = {max_size} must be strictly greater than the "
                                 f"requested size for the smaller edge size = {size}")  # fmt: skip
            if new_long > max_size:
                new_short, new_long = int(max_size * new_short / new_long), max_size
    return [new_long, new_short] if w <= h else [new_short, new_long]  # type: ignore[list-item]


def resize(
    img: Any, size: Any, interpolation: Any = BILINEAR, max_size: int | None = None,
    antialias: bool | None = True,
) -> Any:  # fmt: skip
    """The image in another size: (height, width), or the length of its smaller edge."""
    mode = as_mode(interpolation)
    if isinstance(size, (list, tuple)):
        if len(size) not in (1, 2):
            raise ValueError("Size must be an int or a 1 or 2 element tuple/list, not a "
                             f"{len(size)} element tuple/list")  # fmt: skip
        if max_size is not None and len(size) != 1:
            raise ValueError("max_size should only be passed if size specifies the length of the "
                             "smaller edge")  # fmt: skip
    before = get_dimensions(img)[1:]
    after = _compute_resized_output_size(before, [size] if isinstance(size, int) else size,
                                         max_size)  # fmt: skip
    if before == after:
        return img
    if antialias is False and not isinstance(img, Tensor):
        warnings.warn("Anti-alias option is always applied for PIL Image input. Argument antialias "
                      "is ignored.", stacklevel=2)  # fmt: skip
    return home(img).resize(img, after, mode, antialias)


def pad(img: Any, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Any:
    """The image with a frame: `padding` of all sides, of (x, y), or of (left, top, right, bottom).

    `padding_mode` is "constant", "edge", "reflect" or "symmetric".
    """
    if not isinstance(padding, (numbers.Number, tuple, list)):
        raise TypeError("Got inappropriate padding arg")
    if fill is not None and not isinstance(fill, (numbers.Number, tuple, list)):
        raise TypeError("Got inappropriate fill arg")
    if isinstance(padding, (tuple, list)) and len(padding) not in (1, 2, 4):
        raise ValueError("Padding must be an int or a 1, 2, or 4 element tuple, not a "
                         f"{len(padding)} element tuple")  # fmt: skip
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError("Padding mode should be either constant, edge, reflect or symmetric")
    return home(img).pad(img, padding, fill, padding_mode)


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """A rectangle of the image; black where it reaches over the edge."""
    return home(img).crop(img, top, left, height, width)


def pair(size: Any) -> tuple[int, int]:
    """A size as height and width."""
    if isinstance(size, numbers.Number):
        return int(size), int(size)  # type: ignore[call-overload]
    size = tuple(size) * 2 if len(size) == 1 else tuple(size)
    if len(size) != 2:
        raise ValueError("Please provide only two dimensions (h, w) for size.")
    return size


def center_crop(img: Any, output_size: Any) -> Any:
    """The middle of the image, in this size; padded with black where the image is smaller."""
    height, width = pair(output_size)
    _, h, w = get_dimensions(img)
    if width > w or height > h:
        x, y = max(width - w, 0), max(height - h, 0)
        img = pad(img, [x // 2, y // 2, (x + 1) // 2, (y + 1) // 2], fill=0)
        _, h, w = get_dimensions(img)
        if (h, w) == (height, width):
            return img
    return crop(img, round((h - height) / 2.0), round((w - width) / 2.0), height, width)


def resized_crop(
    img: Any, top: int, left: int, height: int, width: int, size: Any,
    interpolation: Any = BILINEAR, antialias: bool | None = True,
) -> Any:  # fmt: skip
    """A rectangle of the image, in another size."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def hflip(img: Any) -> Any:
    """The image mirrored left to right."""
    return home(img).hflip(img)


def vflip(img: Any) -> Any:
    """The image mirrored top to bottom."""
    return home(img).vflip(img)


def five_crop(img: Any, size: Any) -> tuple[Any, ...]:
    """The four corners (by rows) and the middle of the image."""
    height, width = pair(size)
    _, h, w = get_dimensions(img)
    if width > w or height > h:
        raise ValueError(f"Requested crop size {size} is bigger than input size {(h, w)}")
    corners = [(y, x) for y in (0, h - height) for x in (0, w - width)]
    return (*(crop(img, y, x, height, width) for y, x in corners),
            center_crop(img, [height, width]))  # fmt: skip


def ten_crop(img: Any, size: Any, vertical_flip: bool = False) -> tuple[Any, ...]:
    """`five_crop` of the image and of its mirror image."""
    turned = vflip(img) if vertical_flip else hflip(img)
    return five_crop(img, size) + five_crop(turned, size)


def point(value: Any, name: str) -> None:
    if value is not None and not isinstance(value, (list, tuple)):
        raise TypeError(f"Argument {name} should be a sequence")


def from_middle(center: Any, img: Tensor) -> list[float]:
    """A centre counted from the middle of the image instead of its corner."""
    if center is None:
        return [0.0, 0.0]
    return [c - s * 0.5 for c, s in zip(center, get_image_size(img), strict=True)]


def rotate(
    img: Any, angle: float, interpolation: Any = NEAREST, expand: bool = False, center: Any = None,
    fill: Any = None,
) -> Any:  # fmt: skip
    """The image turned by `angle` degrees against the clock."""
    mode = as_mode(interpolation)
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    point(center, "center")
    if home(img) is pictures:
        return pictures.rotate(img, angle, mode, expand, center, fill)
    matrix = warping.inverse_affine(from_middle(center, img), -angle, (0.0, 0.0), 1.0, (0.0, 0.0))
    size = warping.rotated_size(matrix, *get_image_size(img)) if expand else None
    return warping.affine(img, matrix, mode.value, fill, size)


def affine(
    img: Any, angle: float, translate: Any, scale: float, shear: Any, interpolation: Any = NEAREST,
    fill: Any = None, center: Any = None,
) -> Any:  # fmt: skip
    """The image sheared, turned by `angle` degrees with the clock, scaled and translated."""
    mode = as_mode(interpolation)
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if not isinstance(translate, (list, tuple)):
        raise TypeError("Argument translate should be a sequence")
    if len(translate) != 2:
        raise ValueError("Argument translate should be a sequence of length 2")
    if scale <= 0.0:
        raise ValueError("Argument scale should be positive")
    if isinstance(shear, numbers.Number):
        shear = (shear, 0.0)
    elif not isinstance(shear, (list, tuple)):
        raise TypeError("Shear should be either a single value or a sequence of two values")
    shear = tuple(shear) * 2 if len(shear) == 1 else shear
    if len(shear) != 2:
        raise ValueError(f"Shear should be a sequence containing two values. Got {shear}")
    point(center, "center")
    if home(img) is pictures:
        middle = [v * 0.5 for v in img.size] if center is None else center
        matrix = warping.inverse_affine(middle, angle, translate, scale, shear)
        return pictures.transform(img, "AFFINE", matrix, mode, fill)
    matrix = warping.inverse_affine(from_middle(center, img), angle, translate, scale, shear)
    return warping.affine(img, matrix, mode.value, fill)


def perspective(
    img: Any, startpoints: Any, endpoints: Any, interpolation: Any = BILINEAR, fill: Any = None
) -> Any:
    """The image with its corners, at four points [x, y], moved to four others."""
    found, mode = warping.projection(startpoints, endpoints), as_mode(interpolation)
    if home(img) is pictures:
        return pictures.transform(img, "PERSPECTIVE", found, mode, fill)
    return warping.perspective(img, found, mode.value, fill)


# ---- smoothing -----------------------------------------------------------------------------------


def through_tensor(img: Any, change: Any) -> Any:
    """A change of tensors, for pictures too."""
    if isinstance(img, Tensor):
        return change(img)
    pictures.check(img, "img should be PIL Image or Tensor. Got {}")
    return to_pil_image(change(pil_to_tensor(img)), mode=img.mode)


def gaussian_blur(img: Any, kernel_size: Any, sigma: Any = None) -> Any:
    """The image smoothed with a Gaussian of odd size; sizes and sigmas as [x, y], or one number."""
    if not isinstance(kernel_size, (int, list, tuple)):
        raise TypeError("kernel_size should be int or a sequence of integers. Got "
                        f"{type(kernel_size)}")  # fmt: skip
    sizes = [kernel_size] * 2 if isinstance(kernel_size, int) else list(kernel_size)
    if len(sizes) != 2:
        raise ValueError(f"If kernel_size is a sequence its length should be 2. Got {len(sizes)}")
    if any(n % 2 == 0 or n < 0 for n in sizes):
        raise ValueError(f"kernel_size should have odd and positive integers. Got {kernel_size}")
    if sigma is None:
        sigma = [n * 0.15 + 0.35 for n in sizes]
    elif isinstance(sigma, (int, float)):
        sigma = [float(sigma)]
    elif not isinstance(sigma, (list, tuple)):
        raise TypeError(f"sigma should be either float or sequence of floats. Got {type(sigma)}")
    sigma = list(sigma) * 2 if len(sigma) == 1 else list(sigma)
    if len(sigma) != 2:
        raise ValueError(f"If sigma is a sequence, its length should be 2. Got {len(sigma)}")
    if min(sigma) <= 0.0:
        raise ValueError(f"sigma should have positive values. Got {sigma}")
    return through_tensor(img, lambda x: warping.gaussian_blur(x, sizes, sigma))


def elastic_transform(
    img: Any, displacement: Tensor, interpolation: Any = BILINEAR, fill: Any = None
) -> Any:
    """The image with each pixel read from where a displacement (1, H, W, 2) sends it."""
    if not isinstance(displacement, Tensor):
        raise TypeError("Argument displacement should be a Tensor")
    shape = (1, *get_dimensions(img)[1:], 2)
    if tuple(displacement.shape) != shape:
        raise ValueError(f"Argument displacement shape should be {shape}, but given "
                         f"{tuple(displacement.shape)}")  # fmt: skip
    mode = as_mode(interpolation).value
    return through_tensor(img, lambda x: warping.elastic(x, displacement, mode, fill))


# ---- colours -------------------------------------------------------------------------------------


def adjust_brightness(img: Any, brightness_factor: float) -> Any:
    """The image blended with black: 0 gives black, 1 the image, 2 twice its brightness."""
    return home(img).adjust_brightness(img, brightness_factor)


def adjust_contrast(img: Any, contrast_factor: float) -> Any:
    """The image blended with its mean grey: 0 gives grey, 1 the image."""
    return home(img).adjust_contrast(img, contrast_factor)


def adjust_saturation(img: Any, saturation_factor: float) -> Any:
    """The image blended with its greys: 0 gives black and white, 1 the image."""
    return home(img).adjust_saturation(img, saturation_factor)


def adjust_hue(img: Any, hue_factor: float) -> Any:
    """The image with its hues turned by a part of the colour circle, from -0.5 to 0.5."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    return home(img).adjust_hue(img, hue_factor)


def adjust_gamma(img: Any, gamma: float, gain: float = 1) -> Any:
    """gain · img ** gamma, brightness counted from 0 to 1."""
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number")
    return home(img).adjust_gamma(img, gamma, gain)


def adjust_sharpness(img: Any, sharpness_factor: float) -> Any:
    """The image blended with a smoothed one: 0 is blurred, 1 the image, 2 sharpened."""
    return home(img).adjust_sharpness(img, sharpness_factor)


def rgb_to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """The image in grey, in one channel or in three equal ones."""
    return home(img).rgb_to_grayscale(img, num_output_channels)


def to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """A picture in grey, in one channel or in three equal ones."""
    if not is_picture(img):
        raise TypeError("Input should be PIL Image")
    return pictures.rgb_to_grayscale(img, num_output_channels)


def invert(img: Any) -> Any:
    """The negative of the image."""
    return home(img).invert(img)


def posterize(img: Any, bits: int) -> Any:
    """The image with so many bits kept of each byte."""
    if not 0 <= bits <= 8:
        raise ValueError(f"The number if bits should be between 0 and 8. Got {bits}")
    return home(img).posterize(img, bits)


def solarize(img: Any, threshold: float) -> Any:
    """The image with the pixels at or above a threshold inverted."""
    return home(img).solarize(img, threshold)


def autocontrast(img: Any) -> Any:
    """The image with each channel stretched over the whole range of brightness."""
    return home(img).autocontrast(img)


def equalize(img: Any) -> Any:
    """The image with each channel's histogram made even."""
    return home(img).equalize(img)


HELPERS = {"home", "pair", "point", "from_middle", "through_tensor", "tensor_only", "as_mode",
           "is_picture"}  # fmt: skip
__all__ = [name for name, value in list(globals().items())
           if callable(value) and getattr(value, "__module__", "").startswith("chainrule.compat")
           and not name.startswith("_") and name not in HELPERS]  # fmt: skip
