"""Rectangles (..., 4): as corners "xyxy", corner and size "xywh", or middle and size "cxcywh"."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.tensor import Tensor

FORMATS = ("xyxy", "xywh", "cxcywh")


def corners(boxes: Tensor, fmt: str) -> tuple[Tensor, Tensor]:
    """The upper left and the lower right corners, (..., 2) each."""
    first, second = boxes[..., :2], boxes[..., 2:]
    if fmt == "xyxy":
        return first, second
    if fmt == "xywh":
        return first, first + second
    return first - 0.5 * second, first + 0.5 * second


def box_convert(boxes: Tensor, in_fmt: str, out_fmt: str) -> Tensor:
    """The rectangles in another format.

    >>> import chainrule as torch
    >>> box_convert(torch.tensor([[1., 2., 3., 6.]]), "xyxy", "cxcywh")
    tensor([[2., 4., 2., 4.]])
    """
    if in_fmt not in FORMATS or out_fmt not in FORMATS:
        raise ValueError(f"Unsupported Bounding Box Conversions for given in_fmt {in_fmt} and "
                         f"out_fmt {out_fmt}")  # fmt: skip
    if in_fmt == out_fmt:
        return boxes.clone()
    low, high = corners(boxes, in_fmt)
    if out_fmt == "xyxy":
        return torch.cat((low, high), -1)
    return torch.cat((low if out_fmt == "xywh" else (low + high) / 2, high - low), -1)


def wide(t: Tensor) -> Tensor:
    """In a dtype in which products of coordinates fit."""
    if t.is_floating_point():
        return t if t.dtype in (torch.float32, torch.float64) else t.float()
    return t if t.dtype in (torch.int32, torch.int64) else t.int()


def box_area(boxes: Tensor, fmt: str = "xyxy") -> Tensor:
    """The area of each rectangle."""
    if fmt not in FORMATS:
        raise ValueError(f"Unsupported Bounding Box area for given format {fmt}")
    boxes = wide(boxes)
    sides = boxes[..., 2:] - boxes[..., :2] if fmt == "xyxy" else boxes[..., 2:]
    return sides[..., 0] * sides[..., 1]


def intersection_and_union(one: Tensor, other: Tensor, fmt: str) -> tuple[Tensor, Tensor]:
    (low1, high1), (low2, high2) = corners(one, fmt), corners(other, fmt)
    low = torch.maximum(low1[..., None, :], low2[..., None, :, :])
    high = torch.minimum(high1[..., None, :], high2[..., None, :, :])
    sides = wide(high - low).clamp(min=0)
    inside = sides[..., 0] * sides[..., 1]
    areas = box_area(one, fmt)[..., None] + box_area(other, fmt)[..., None, :]
    return inside, areas - inside


def box_iou(boxes1: Tensor, boxes2: Tensor, fmt: str = "xyxy") -> Tensor:
    """Intersection over union of every rectangle of (N, 4) with every one of (M, 4)."""
    if fmt not in FORMATS:
        raise ValueError(f"Unsupported format '{fmt}'. Supported axis-aligned formats: {FORMATS}.")
    inside, union = intersection_and_union(boxes1, boxes2, fmt)
    return inside / union


def generalized_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Intersection over union less the share of the hull that is empty (Rezatofighi 2019)."""
    inside, union = intersection_and_union(boxes1, boxes2, "xyxy")
    low = torch.minimum(boxes1[..., None, :2], boxes2[..., None, :, :2])
    high = torch.maximum(boxes1[..., None, 2:], boxes2[..., None, :, 2:])
    sides = wide(high - low).clamp(min=0)
    hull = sides[..., 0] * sides[..., 1]
    return inside / union - (hull - union) / hull


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Which of the rectangles remain when each takes away those that overlap it and score less.

    Returns their numbers, by falling score.

    >>> import chainrule as torch
    >>> boxes = torch.tensor([[0., 0., 2., 2.], [0., 0., 2., 1.9], [3., 3., 4., 4.]])
    >>> nms(boxes, torch.tensor([0.8, 0.9, 0.5]), 0.5)
    tensor([1, 2])
    """
    places = boxes.detach().numpy()
    area = (places[:, 2] - places[:, 0]) * (places[:, 3] - places[:, 1])
    left = np.argsort(-scores.detach().numpy(), kind="stable")
    kept: list[Any] = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        low = np.maximum(places[best, :2], places[left, :2])
        high = np.minimum(places[best, 2:], places[left, 2:])
        sides = np.maximum(high - low, 0)
        inside = sides[:, 0] * sides[:, 1]
        left = left[inside <= iou_threshold * (area[best] + area[left] - inside)]
    return torch.tensor(kept, dtype=torch.int64)


def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """`nms` within each class that `idxs` names."""
    if boxes.numel() == 0:
        return torch.empty((0,), dtype=torch.int64)
    apart = idxs.to(boxes.dtype) * (boxes.max() + 1)
    return nms(boxes + apart[:, None], scores, iou_threshold)


def remove_small_boxes(boxes: Tensor, min_size: float) -> Tensor:
    """The numbers of the rectangles whose sides are at least `min_size`."""
    sides = boxes[..., 2:] - boxes[..., :2]
    return torch.where((sides >= min_size).all(-1))[0]


def clip_boxes_to_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """The parts of the rectangles that are within an image of (height, width)."""
    height, width = size
    x, y = boxes[..., 0::2].clamp(0, width), boxes[..., 1::2].clamp(0, height)
    return torch.stack((x, y), dim=boxes.dim()).reshape(boxes.shape)


def masks_to_boxes(masks: Tensor) -> Tensor:
    """The rectangles (N, 4) around masks (N, H, W): xmin, ymin, xmax, ymax."""
    places = [(mask != 0).nonzero() for mask in masks]
    if not places:
        return torch.zeros((0, 4))
    return torch.stack([torch.cat((p.amin(0).flip(0), p.amax(0).flip(0))).float() for p in places])


def distance_box_iou(boxes1: Tensor, boxes2: Tensor, eps: float = 1e-7) -> Tensor:
    """Intersection over union less the distance of the middles by the hull's diagonal, squared.

    Source: Zheng et al. 2019, Distance-IoU Loss.
    """
    low = torch.minimum(boxes1[..., None, :2], boxes2[..., None, :, :2])
    high = torch.maximum(boxes1[..., None, 2:], boxes2[..., None, :, 2:])
    diagonal = wide(high - low).clamp(min=0).pow(2).sum(-1) + eps
    middles = [(b[..., :2] + b[..., 2:]) / 2 for b in (boxes1, boxes2)]
    apart = wide(middles[0][..., None, :] - middles[1][..., None, :, :]).pow(2).sum(-1)
    return box_iou(boxes1, boxes2) - apart / diagonal


def complete_box_iou(boxes1: Tensor, boxes2: Tensor, eps: float = 1e-7) -> Tensor:
    """`distance_box_iou` less what the proportions differ by (the weight of it is a constant)."""
    near = distance_box_iou(boxes1, boxes2, eps)
    angles = [torch.atan(s[..., 0] / s[..., 1])
              for s in (b[..., 2:] - b[..., :2] for b in (boxes1, boxes2))]  # fmt: skip
    v = (4 / math.pi**2) * (angles[0][..., None] - angles[1][..., None, :]).pow(2)
    with torch.no_grad():
        alpha = v / (1 - box_iou(boxes1, boxes2) + v + eps)
    return near - alpha * v
