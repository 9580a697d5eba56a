"""SqueezeNet, under torchvision's module name."""

from chainrule.models import SqueezeNet1_0_Weights, SqueezeNet1_1_Weights
from chainrule.models.squeezenet import Fire, SqueezeNet, squeezenet1_0, squeezenet1_1

__all__ = [
    "Fire",
    "SqueezeNet",
    "SqueezeNet1_0_Weights",
    "SqueezeNet1_1_Weights",
    "squeezenet1_0",
    "squeezenet1_1",
]
