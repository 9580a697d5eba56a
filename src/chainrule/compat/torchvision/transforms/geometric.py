"""Transforms of where things are: sizes, crops, flips, and maps of the plane."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.transforms import functional as F
from chainrule.compat.torchvision.transforms.base import (
    MaybeTransform,
    Transform,
    as_angles,
    as_fill,
    as_size,
    check_length,
    fill_for,
    uniform,
    whole,
)
from chainrule.compat.torchvision.transforms.conversion import attempts, check_ranges
from chainrule.compat.torchvision.transforms.interpolation import InterpolationMode, as_mode

BILINEAR, NEAREST = InterpolationMode.BILINEAR, InterpolationMode.NEAREST


class Resize(Transform):
    """The image in another size: (height, width), or the length of its smaller edge.

    >>> import chainrule as torch
    >>> Resize(4)(torch.zeros(3, 8, 16)).shape
    torch.Size([3, 4, 8])
    """

    shown = ("size", "interpolation", "max_size", "antialias")

    def __init__(
        self, size: Any, interpolation: Any = BILINEAR, max_size: int | None = None,
        antialias: bool | None = True,
    ) -> None:  # fmt: skip
        super().__init__()
        if not isinstance(size, (int, Sequence)):
            raise TypeError(f"Size should be int or sequence. Got {type(size)}")
        if isinstance(size, Sequence) and len(size) not in (1, 2):
            raise ValueError("If size is a sequence, it should have 1 or 2 values")
        self.size, self.max_size, self.antialias = size, max_size, antialias
        self.interpolation = as_mode(interpolation)

    def forward(self, img: Any) -> Any:
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)


class CenterCrop(Transform):
    """The middle of the image."""

    shown = ("size",)

    def __init__(self, size: Any) -> None:
        super().__init__()
        self.size = as_size(size)

    def forward(self, img: Any) -> Any:
        return F.center_crop(img, self.size)


class FiveCrop(CenterCrop):
    """The four corners and the middle of the image, as a tuple."""

    def forward(self, img: Any) -> Any:
        return F.five_crop(img, self.size)


class TenCrop(CenterCrop):
    """`FiveCrop` of the image and of its mirror image, as a tuple."""

    shown = ("size", "vertical_flip")

    def __init__(self, size: Any, vertical_flip: bool = False) -> None:
        super().__init__(size)
        self.vertical_flip = vertical_flip

    def forward(self, img: Any) -> Any:
        return F.ten_crop(img, self.size, self.vertical_flip)


class Pad(Transform):
    """The image with a frame."""

    shown = ("padding", "fill", "padding_mode")

    def __init__(self, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> None:
        super().__init__()
        if not isinstance(padding, (numbers.Number, tuple, list)):
            raise TypeError("Got inappropriate padding arg")
        if not isinstance(fill, (numbers.Number, tuple, list)):
            raise TypeError("Got inappropriate fill arg")
        if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
            raise ValueError("Padding mode should be either constant, edge, reflect or symmetric")
        if isinstance(padding, Sequence) and len(padding) not in (1, 2, 4):
            raise ValueError("Padding must be an int or a 1, 2, or 4 element tuple, not a "
                             f"{len(padding)} element tuple")  # fmt: skip
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def forward(self, img: Any) -> Any:
        return F.pad(img, self.padding, self.fill, self.padding_mode)


class RandomCrop(Transform):
    """A part of this size at a drawn place, of the image with a frame if `padding` is given."""

    shown = ("size", "padding")

    def __init__(
        self, size: Any, padding: Any = None, pad_if_needed: bool = False, fill: Any = 0,
        padding_mode: str = "constant",
    ) -> None:  # fmt: skip
        super().__init__()
        self.size = tuple(as_size(size))
        self.padding, self.pad_if_needed = padding, pad_if_needed
        self.fill, self.padding_mode = fill, padding_mode

    @staticmethod
    def get_params(img: Any, output_size: Any) -> tuple[int, int, int, int]:
        """Row, column, height and width of the part."""
        _, h, w = F.get_dimensions(img)
        height, width = output_size
        if h < height or w < width:
            raise ValueError(f"Required crop size {(height, width)} is larger than input image "
                             f"size {(h, w)}")  # fmt: skip
        if (h, w) == (height, width):
            return 0, 0, h, w
        return whole(0, h - height + 1), whole(0, w - width + 1), height, width

    def forward(self, img: Any) -> Any:
        if self.padding is not None:
            img = F.pad(img, self.padding, self.fill, self.padding_mode)
        if self.pad_if_needed:
            _, h, w = F.get_dimensions(img)
            if w < self.size[1]:
                img = F.pad(img, [self.size[1] - w, 0], self.fill, self.padding_mode)
            if h < self.size[0]:
                img = F.pad(img, [0, self.size[0] - h], self.fill, self.padding_mode)
        return F.crop(img, *self.get_params(img, self.size))


class RandomResizedCrop(Transform):
    """A part of drawn area and aspect ratio, resized: how networks for ImageNet are trained.

    Source: Szegedy et al. 2014, section 6.
    """

    def __init__(
        self, size: Any, scale: Any = (0.08, 1.0), ratio: Any = (3.0 / 4.0, 4.0 / 3.0),
        interpolation: Any = BILINEAR, antialias: bool | None = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.size = as_size(size)
        check_ranges(scale, ratio)
        self.interpolation, self.antialias = as_mode(interpolation), antialias
        self.scale, self.ratio = scale, ratio

    @staticmethod
    def get_params(img: Any, scale: Any, ratio: Any) -> tuple[int, int, int, int]:
        """Row, column, height and width of a part that fits; of the middle after ten attempts."""
        _, h, w = F.get_dimensions(img)
        for area, aspect in attempts(h * w, scale, ratio):
            width, height = (
                round(math.sqrt(area * aspect)),
                round(math.sqrt(area / aspect)),
            )
            if 0 < width <= w and 0 < height <= h:
                return whole(0, h - height + 1), whole(0, w - width + 1), height, width
        width, height = w, h
        if w / h < min(ratio):
            height = round(w / min(ratio))
        elif w / h > max(ratio):
            width = round(h * max(ratio))
        return (h - height) // 2, (w - width) // 2, height, width

    def forward(self, img: Any) -> Any:
        place = self.get_params(img, self.scale, self.ratio)
        return F.resized_crop(img, *place, self.size, self.interpolation, antialias=self.antialias)

    def __repr__(self) -> str:
        scale, ratio = (tuple(round(v, 4) for v in r) for r in (self.scale, self.ratio))
        return (
            f"{type(self).__name__}(size={self.size}, scale={scale}, ratio={ratio}, "
            f"interpolation={self.interpolation.value}, antialias={self.antialias})"
        )


class RandomHorizontalFlip(MaybeTransform):
    """The image mirrored left to right with probability p."""

    def change(self, img: Any) -> Any:
        return F.hflip(img)


class RandomVerticalFlip(MaybeTransform):
    """The image mirrored top to bottom with probability p."""

    def change(self, img: Any) -> Any:
        return F.vflip(img)


class RandomRotation(Transform):
    """The image turned by a drawn angle, in degrees, about its middle or `center`."""

    def __init__(
        self, degrees: Any, interpolation: Any = NEAREST, expand: bool = False, center: Any = None,
        fill: Any = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.degrees = as_angles(degrees, "degrees")
        if center is not None:
            check_length(center, "center", (2,))
        self.interpolation, self.expand = as_mode(interpolation), expand
        self.center, self.fill = center, as_fill(fill)

    @staticmethod
    def get_params(degrees: Any) -> float:
        """The angle."""
        return uniform(degrees[0], degrees[1])

    def forward(self, img: Any) -> Any:
        fill = fill_for(img, self.fill, F.get_dimensions(img)[0])
        angle = self.get_params(self.degrees)
        return F.rotate(img, angle, self.interpolation, self.expand, self.center, fill)

    def __repr__(self) -> str:
        center = "" if self.center is None else f", center={self.center}"
        return (f"{type(self).__name__}(degrees={self.degrees}, "
                f"interpolation={self.interpolation.value}, expand={self.expand}{center}, "
                f"fill={self.fill})")  # fmt: skip


class RandomAffine(Transform):
    """The image turned, translated, scaled and sheared by drawn amounts.

    Args:
        degrees: the range of the angle.
        translate: the largest part of width and height to move by.
        scale: the range of the factor.
        shear: the range of the angle along x, or of those along x and y.
    """

    def __init__(
        self, degrees: Any, translate: Any = None, scale: Any = None, shear: Any = None,
        interpolation: Any = NEAREST, fill: Any = 0, center: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.degrees = as_angles(degrees, "degrees")
        if translate is not None:
            check_length(translate, "translate", (2,))
            if not all(0.0 <= t <= 1.0 for t in translate):
                raise ValueError("translation values should be between 0 and 1")
        if scale is not None:
            check_length(scale, "scale", (2,))
            if min(scale) <= 0:
                raise ValueError("scale values should be positive")
        if center is not None:
            check_length(center, "center", (2,))
        self.shear = shear if shear is None else as_angles(shear, "shear", (2, 4))
        self.translate, self.scale, self.center = translate, scale, center
        self.interpolation, self.fill = as_mode(interpolation), as_fill(fill)

    @staticmethod
    def get_params(
        degrees: Any, translate: Any, scale_ranges: Any, shears: Any, img_size: Any
    ) -> tuple[float, tuple[int, int], float, tuple[float, float]]:
        """Angle, translation, scale and shear."""
        angle = uniform(degrees[0], degrees[1])
        moves = [0, 0]
        if translate is not None:
            largest = [float(t * n) for t, n in zip(translate, img_size, strict=True)]
            moves = [round(uniform(-d, d)) for d in largest]
        scale = 1.0 if scale_ranges is None else uniform(scale_ranges[0], scale_ranges[1])
        shear = [0.0, 0.0]
        for i in range(0 if shears is None else len(shears) // 2):
            shear[i] = uniform(shears[2 * i], shears[2 * i + 1])
        return angle, (moves[0], moves[1]), scale, (shear[0], shear[1])

    def forward(self, img: Any) -> Any:
        channels, h, w = F.get_dimensions(img)
        drawn = self.get_params(self.degrees, self.translate, self.scale, self.shear, [w, h])
        return F.affine(img, *drawn, interpolation=self.interpolation,
                        fill=fill_for(img, self.fill, channels), center=self.center)  # fmt: skip

    def __repr__(self) -> str:
        said = [f"degrees={self.degrees}"]
        said += [f"{name}={value}" for name in ("translate", "scale", "shear")
                 if (value := getattr(self, name)) is not None]  # fmt: skip
        if self.interpolation is not NEAREST:
            said.append(f"interpolation={self.interpolation.value}")
        if self.fill != 0:
            said.append(f"fill={self.fill}")
        if self.center is not None:
            said.append(f"center={self.center}")
        return f"{type(self).__name__}({', '.join(said)})"


class RandomPerspective(MaybeTransform):
    """The image with its corners moved inwards by drawn amounts, with probability p."""

    def __init__(
        self, distortion_scale: float = 0.5, p: float = 0.5, interpolation: Any = BILINEAR,
        fill: Any = 0,
    ) -> None:  # fmt: skip
        super().__init__(p)
        self.distortion_scale, self.fill = distortion_scale, as_fill(fill)
        self.interpolation = as_mode(interpolation)

    @staticmethod
    def get_params(width: int, height: int, distortion_scale: float) -> tuple[Any, Any]:
        """Where the corners are, clockwise from the top left, and where they go."""
        dx, dy = int(distortion_scale * (width // 2)), int(distortion_scale * (height // 2))
        left, right = (0, dx + 1), (width - dx - 1, width)
        top, bottom = (0, dy + 1), (height - dy - 1, height)
        ends = [
            [whole(*x), whole(*y)]
            for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
        ]
        w, h = width - 1, height - 1
        return [[0, 0], [w, 0], [w, h], [0, h]], ends

    def change(self, img: Any) -> Any:
        channels, h, w = F.get_dimensions(img)
        starts, ends = self.get_params(w, h, self.distortion_scale)
        fill = fill_for(img, self.fill, channels)
        return F.perspective(img, starts, ends, self.interpolation, fill)


class ElasticTransform(Transform):
    """The image read through a smooth random displacement of strength alpha.

    Source: Simard et al. 2003, Best Practices for Convolutional Neural Networks.
    """

    def __init__(
        self, alpha: Any = 50.0, sigma: Any = 5.0, interpolation: Any = BILINEAR, fill: Any = 0
    ) -> None:
        super().__init__()
        self.alpha, self.sigma = two_floats(alpha, "alpha"), two_floats(sigma, "sigma")
        self.interpolation = as_mode(interpolation)
        self.fill = [float(f) for f in (fill if isinstance(fill, (list, tuple)) else [fill])]

    @staticmethod
    def get_params(alpha: Any, sigma: Any, size: Any) -> Any:
        """The displacement (1, H, W, 2)."""
        moves = []
        for strength, width, n in zip(alpha, sigma, (size[1], size[0]), strict=True):
            move = torch.rand([1, 1, *size]) * 2 - 1
            if width > 0.0:
                odd = int(8 * width + 1) // 2 * 2 + 1
                move = F.gaussian_blur(move, [odd, odd], list(sigma))
            moves.append(move * strength / n)
        return torch.cat(moves, 1).permute(0, 2, 3, 1)

    def forward(self, tensor: Any) -> Any:
        moves = self.get_params(self.alpha, self.sigma, F.get_dimensions(tensor)[1:])
        return F.elastic_transform(tensor, moves, self.interpolation, self.fill)

    def __repr__(self) -> str:
        return (f"ElasticTransform(alpha={self.alpha}, sigma={self.sigma}, "
                f"interpolation={self.interpolation}, fill={self.fill})")  # fmt: skip


def two_floats(value: Any, name: str) -> list[float]:
    if not isinstance(value, (float, Sequence)):
        raise TypeError(f"{name} should be float or a sequence of floats. Got {type(value)}")
    if isinstance(value, float):
        return [value, value]
    if len(value) != 2:
        raise ValueError(f"If {name} is a sequence its length should be 2. Got {len(value)}")
    for element in value:
        if not isinstance(element, float):
            raise TypeError(f"{name} should be a sequence of floats. Got {type(element)}")
    return list(value)
