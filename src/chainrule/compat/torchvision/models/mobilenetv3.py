"""MobileNet V3, under torchvision's module name."""

from chainrule.models import MobileNet_V3_Large_Weights, MobileNet_V3_Small_Weights
from chainrule.models.mobilenet import (
    InvertedResidualConfig,
    MobileNetV3,
    mobilenet_v3_large,
    mobilenet_v3_small,
)
from chainrule.models.mobilenet import InvertedResidualV3 as InvertedResidual

__all__ = [
    "InvertedResidual",
    "InvertedResidualConfig",
    "MobileNetV3",
    "MobileNet_V3_Large_Weights",
    "MobileNet_V3_Small_Weights",
    "mobilenet_v3_large",
    "mobilenet_v3_small",
]
