"""MobileNet V2, under torchvision's module name."""

from chainrule.models import MobileNet_V2_Weights
from chainrule.models.mobilenet import InvertedResidual, MobileNetV2, mobilenet_v2

__all__ = ["InvertedResidual", "MobileNetV2", "MobileNet_V2_Weights", "mobilenet_v2"]
