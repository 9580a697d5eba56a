"""Transforms between pictures, arrays and tensors, and of a tensor's numbers."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Sequence
from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.transforms import functional as F
from chainrule.compat.torchvision.transforms.base import Shown, Transform, chance, uniform, whole
from chainrule.tensor import Tensor


class ToTensor(Shown):
    """A picture or an array (H, W, C) as a tensor (C, H, W), bytes scaled to [0, 1]."""

    def __call__(self, pic: Any) -> Tensor:
        return F.to_tensor(pic)


class PILToTensor(Shown):
    """A picture as a tensor (C, H, W) of the same numbers."""

    def __call__(self, pic: Any) -> Tensor:
        return F.pil_to_tensor(pic)


class ToPILImage(Shown):
    """A tensor (C, H, W) or an array (H, W, C) as a picture."""

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, pic: Any) -> Any:
        return F.to_pil_image(pic, self.mode)

    def __repr__(self) -> str:
        return f"ToPILImage({'' if self.mode is None else f'mode={self.mode}'})"


class ConvertImageDtype(torch.nn.Module):
    """A tensor image in another dtype, brightness scaled to that dtype's range."""

    def __init__(self, dtype: Any) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, image: Tensor) -> Tensor:
        return F.convert_image_dtype(image, self.dtype)


class Normalize(Transform):
    """(image - mean) / std, by channel.

    >>> import chainrule as torch
    >>> Normalize([0.5], [0.5])(torch.ones(1, 1, 1))
    tensor([[[1.]]])
    """

    shown = ("mean", "std")

    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        super().__init__()
        self.mean, self.std, self.inplace = mean, std, inplace

    def forward(self, tensor: Tensor) -> Tensor:
        return F.normalize(tensor, self.mean, self.std, self.inplace)


class LinearTransformation(Transform):
    """(x - mean_vector) @ transformation_matrix on the flattened image: whitening, for instance."""

    def __init__(self, transformation_matrix: Tensor, mean_vector: Tensor) -> None:
        super().__init__()
        n = len(transformation_matrix)
        if n != transformation_matrix.shape[1]:
            raise ValueError(
                "transformation_matrix should be square. Got "
                f"{tuple(transformation_matrix.shape)} rectangular matrix."
            )
        if len(mean_vector) != n:
            raise ValueError(f"mean_vector should have the same length {len(mean_vector)} as any "
                             "one of the dimensions of the transformation_matrix "
                             f"[{tuple(transformation_matrix.shape)}]")  # fmt: skip
        if mean_vector.dtype != transformation_matrix.dtype:
            raise ValueError("Input tensors should have the same dtype. Got "
                             f"{transformation_matrix.dtype} and {mean_vector.dtype}")  # fmt: skip
        self.transformation_matrix, self.mean_vector = transformation_matrix, mean_vector

    def forward(self, tensor: Tensor) -> Tensor:
        n = math.prod(tensor.shape[-3:])
        if n != len(self.transformation_matrix):
            raise ValueError(
                "Input tensor and transformation matrix have incompatible shape."
                f"{list(tensor.shape[-3:])} != {len(self.transformation_matrix)}"
            )
        flat = tensor.reshape(-1, n) - self.mean_vector
        return torch.mm(flat, self.transformation_matrix.to(flat.dtype)).view(tensor.shape)

    def __repr__(self) -> str:
        return (f"LinearTransformation(transformation_matrix={self.transformation_matrix.tolist()},"
                f" mean_vector={self.mean_vector.tolist()})")  # fmt: skip


class RandomErasing(Transform):
    """A rectangle of a tensor image replaced, with probability p.

    Args:
        scale: the range of its part of the image's area.
        ratio: the range of its height by its width.
        value: what is put there: a number, one for each channel, or "random".

    Source: Zhong et al. 2017, Random Erasing Data Augmentation.
    """

    shown = ("p", "scale", "ratio", "value", "inplace")

    def __init__(
        self, p: float = 0.5, scale: Any = (0.02, 0.33), ratio: Any = (0.3, 3.3), value: Any = 0,
        inplace: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if not isinstance(value, (numbers.Number, str, tuple, list)):
            raise TypeError("Argument value should be either a number or str or a sequence")
        if isinstance(value, str) and value != "random":
            raise ValueError("If value is str, it should be 'random'")
        check_ranges(scale, ratio)
        if scale[0] < 0 or scale[1] > 1:
            raise ValueError("Scale should be between 0 and 1")
        if p < 0 or p > 1:
            raise ValueError("Random erasing probability should be between 0 and 1")
        self.p, self.scale, self.ratio = p, scale, ratio
        self.value, self.inplace = value, inplace

    @staticmethod
    def get_params(img: Tensor, scale: Any, ratio: Any, value: Any = None) -> Any:
        """Row, column, height, width and content of a rectangle that fits, in ten attempts."""
        c, h, w = img.shape[-3:]
        for area, aspect in attempts(h * w, scale, ratio):
            height, width = (
                round(math.sqrt(area * aspect)),
                round(math.sqrt(area / aspect)),
            )
            if height >= h or width >= w:
                continue
            if value is None:
                content = torch.empty([c, height, width], dtype=torch.float32).normal_()
            else:
                content = torch.tensor(value)[:, None, None]
            return whole(0, h - height + 1), whole(0, w - width + 1), height, width, content
        return 0, 0, h, w, img

    def forward(self, img: Tensor) -> Tensor:
        if not chance(self.p):
            return img
        value: Any = None
        if isinstance(self.value, (int, float)):
            value = [float(self.value)]
        elif isinstance(self.value, (list, tuple)):
            value = [float(v) for v in self.value]
        if value is not None and len(value) not in (1, img.shape[-3]):
            raise ValueError("If value is a sequence, it should have either a single value or "
                             f"{img.shape[-3]} (number of input channels)")  # fmt: skip
        row, column, h, w, content = self.get_params(img, self.scale, self.ratio, value)
        return F.erase(img, row, column, h, w, content, self.inplace)


def check_ranges(scale: Any, ratio: Any) -> None:
    if not isinstance(scale, Sequence):
        raise TypeError("Scale should be a sequence")
    if not isinstance(ratio, Sequence):
        raise TypeError("Ratio should be a sequence")
    if scale[0] > scale[1] or ratio[0] > ratio[1]:
        warnings.warn("Scale and ratio should be of kind (min, max)", stacklevel=3)


def attempts(area: int, scale: Any, ratio: Any) -> Any:
    """Ten drawn areas and aspect ratios."""
    low, high = torch.log(torch.tensor(ratio)).tolist()
    for _ in range(10):
        part = area * uniform(scale[0], scale[1])
        yield part, torch.exp(torch.empty(1).uniform_(low, high)).item()
