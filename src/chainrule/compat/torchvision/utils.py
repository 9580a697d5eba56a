"""Images side by side, saved, and drawn on."""

from __future__ import annotations

import os
import warnings
from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.pillow import has_pillow, picture, pillow
from chainrule.compat.torchvision.png import png
from chainrule.tensor import Tensor

__all__ = ["draw_bounding_boxes", "draw_segmentation_masks", "make_grid", "save_image"]


@torch.no_grad()
def make_grid(
    tensor: Any, nrow: int = 8, padding: int = 2, normalize: bool = False, value_range: Any = None,
    scale_each: bool = False, pad_value: float = 0.0,
) -> Tensor:  # fmt: skip
    """One image of a batch (N, C, H, W), or a list of images, `nrow` of them in a row.

    Args:
        padding, pad_value: pixels around each image, and their value.
        normalize: stretch `value_range`, or what there is, to [0, 1].
        scale_each: do that for each image by itself.

    >>> import chainrule as torch
    >>> make_grid(torch.zeros(5, 3, 8, 8), nrow=3).shape
    torch.Size([3, 22, 32])
    """
    if isinstance(tensor, list):
        for t in tensor:
            if not isinstance(t, Tensor):
                raise TypeError("tensor or list of tensors expected, got a list containing "
                                f"{type(t)}")  # fmt: skip
        tensor = torch.stack(tensor, dim=0)
    elif not isinstance(tensor, Tensor):
        raise TypeError(f"tensor or list of tensors expected, got {type(tensor)}")
    images = tensor
    while images.dim() < 4 and images.dim() >= 2:
        images = images.unsqueeze(0)
    if images.shape[1] == 1:
        images = torch.cat((images, images, images), 1)
    if normalize is True:
        images = images.clone()
        if value_range is not None and not isinstance(value_range, tuple):
            raise TypeError("value_range has to be a tuple (min, max) if specified. min and max "
                            "are numbers")  # fmt: skip
        for part in images if scale_each is True else [images]:
            low, high = value_range or (float(part.min()), float(part.max()))
            part.clamp_(min=low, max=high)
            part.sub_(low).div_(max(high - low, 1e-5))
    n, channels, h, w = images.shape
    if n == 1:
        return images.squeeze(0)
    columns = min(nrow, n)
    rows = -(-n // columns)
    h, w = h + padding, w + padding
    grid = images.new_full((channels, h * rows + padding, w * columns + padding), pad_value)
    for i, image in enumerate(images):
        y, x = i // columns * h + padding, i % columns * w + padding
        grid[:, y : y + h - padding, x : x + w - padding] = image
    return grid


@torch.no_grad()
def save_image(tensor: Any, fp: Any, format: str | None = None, **kwargs: Any) -> None:
    """Save an image, or a batch as a grid, with values from 0 to 1.

    PNG files need nothing; other formats need Pillow.

    Args:
        fp: a path, or a file that is open for writing.
        format: where the path does not tell it.
        kwargs: for `make_grid`.
    """
    grid = make_grid(tensor, **kwargs)
    pixels = grid.mul(255).add_(0.5).clamp_(0, 255).permute(1, 2, 0).to(torch.uint8).numpy()
    path = isinstance(fp, (str, os.PathLike))
    wanted = format or (os.path.splitext(os.fspath(fp))[1][1:] if path else "")
    if has_pillow() or wanted.lower() != "png":
        picture(pixels).save(fp, format=format)
    elif path:
        with open(fp, "wb") as file:
            file.write(png(pixels))
    else:
        fp.write(png(pixels))


def colours_for(colors: Any, n: int, default: Any = None) -> list[Any]:
    """One colour for each of n things."""
    if colors is None:
        if default is not None:
            return [default] * n
        steps = [(i * (2**25 - 1) % 255, i * (2**15 - 1) % 255, i * (2**21 - 1) % 255)
                 for i in range(n)]  # fmt: skip
        return steps
    if isinstance(colors, list):
        if len(colors) < n:
            raise ValueError("Number of colors must be equal or larger than the number of objects, "
                             f"but got {len(colors)} < {n}.")  # fmt: skip
        chosen = colors[:n]
    else:
        chosen = [colors] * n
    by_name = pillow("ImageColor").getrgb
    return [by_name(c) if isinstance(c, str) else tuple(c) for c in chosen]


@torch.no_grad()
def draw_bounding_boxes(
    image: Tensor, boxes: Tensor, labels: Any = None, colors: Any = None, fill: bool = False,
    width: int = 1, font: str | None = None, font_size: int | None = None,
) -> Tensor:  # fmt: skip
    """The image (1 or 3, H, W) with rectangles (N, 4) of xmin, ymin, xmax, ymax; needs Pillow."""
    from chainrule.compat.torchvision.transforms import functional as F

    check_drawable(image)
    if bool((boxes[:, 0] > boxes[:, 2]).any() or (boxes[:, 1] > boxes[:, 3]).any()):
        raise ValueError("Boxes need to be in (xmin, ymin, xmax, ymax) format. Use "
                         "torchvision.ops.box_convert to convert them")  # fmt: skip
    n = len(boxes)
    if n == 0:
        warnings.warn("boxes doesn't contain any box. No box was drawn", stacklevel=2)
        return image
    if labels is not None and len(labels) != n:
        raise ValueError(f"Number of boxes ({n}) and labels ({len(labels)}) mismatch. Please "
                         "specify labels for each box.")  # fmt: skip
    rgb = torch.tile(image, (3, 1, 1)) if len(image) == 1 else image
    canvas = F.to_pil_image(F.convert_image_dtype(rgb, torch.uint8))
    draw = pillow("ImageDraw").Draw(canvas, "RGBA" if fill else None)
    fonts = pillow("ImageFont")
    letters = fonts.load_default() if font is None else fonts.truetype(font, font_size or 10)
    places = boxes.to(torch.int64).tolist()
    for i, (place, colour) in enumerate(zip(places, colours_for(colors, n), strict=True)):
        inside = (*colour[:3], 100) if fill else None
        draw.rectangle(place, width=width, outline=colour, fill=inside)
        if labels is not None and labels[i] is not None:
            draw.text((place[0] + width + 1, place[1] + width + 1), labels[i], fill=colour,
                      font=letters)  # fmt: skip
    return F.convert_image_dtype(F.pil_to_tensor(canvas), image.dtype)


@torch.no_grad()
def draw_segmentation_masks(
    image: Tensor, masks: Tensor, alpha: float = 0.8, colors: Any = None
) -> Tensor:
    """The image (3, H, W) with masks (N, H, W) of bool laid over it in colours.

    Where masks overlap, black is laid over it.
    """
    check_drawable(image)
    masks = masks[None] if masks.ndim == 2 else masks
    if masks.dtype != torch.bool:
        raise ValueError(f"The masks must be of dtype bool. Got {masks.dtype}")
    if masks.shape[-2:] != image.shape[-2:]:
        raise ValueError("The image and the masks must have the same height and width")
    full = 255.0 if image.dtype == torch.uint8 else 1.0
    drawn = image.clone().float()
    for mask, colour in zip(masks, colours_for(colors, len(masks)), strict=True):
        value = torch.tensor(colour[:3]).float() * (full / 255.0)
        drawn = torch.where(mask, value.view(3, 1, 1), drawn)
    drawn = torch.where(masks.sum(0) > 1, torch.zeros_like(drawn), drawn)
    return (image * (1 - alpha) + drawn * alpha).to(image.dtype)


def check_drawable(image: Any) -> None:
    if not isinstance(image, Tensor):
        raise TypeError(f"Tensor expected, got {type(image)}")
    if image.dtype != torch.uint8 and not image.is_floating_point():
        raise ValueError(f"The image dtype must be uint8 or float, got {image.dtype}")
    if image.dim() != 3:
        raise ValueError("Pass individual images, not batches")
    if image.shape[0] not in (1, 3):
        raise ValueError("Only grayscale and RGB images are supported")
