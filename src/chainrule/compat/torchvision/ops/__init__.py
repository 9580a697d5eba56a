"""Boxes, the focal loss, and the blocks that networks for images are made of."""

from chainrule.compat.torchvision.ops import boxes, misc
from chainrule.compat.torchvision.ops.boxes import (
    batched_nms,
    box_area,
    box_convert,
    box_iou,
    clip_boxes_to_image,
    complete_box_iou,
    distance_box_iou,
    generalized_box_iou,
    masks_to_boxes,
    nms,
    remove_small_boxes,
)
from chainrule.compat.torchvision.ops.focal_loss import sigmoid_focal_loss
from chainrule.compat.torchvision.ops.misc import (
    MLP,
    Conv2dNormActivation,
    Conv3dNormActivation,
    FrozenBatchNorm2d,
    Permute,
    SqueezeExcitation,
)
from chainrule.models.blocks import StochasticDepth, stochastic_depth

__all__ = ["MLP", "Conv2dNormActivation", "Conv3dNormActivation", "FrozenBatchNorm2d", "Permute",
           "SqueezeExcitation", "StochasticDepth", "batched_nms", "box_area", "box_convert",
           "box_iou", "boxes", "clip_boxes_to_image", "complete_box_iou",
           "distance_box_iou", "generalized_box_iou", "masks_to_boxes", "misc", "nms",
           "remove_small_boxes", "sigmoid_focal_loss", "stochastic_depth"]  # fmt: skip
