"""GoogLeNet, under torchvision's module name."""

from chainrule.models import GoogLeNet_Weights
from chainrule.models.googlenet import (
    BasicConv2d,
    GoogLeNet,
    GoogLeNetOutputs,
    Inception,
    InceptionAux,
    googlenet,
)

__all__ = [
    "BasicConv2d",
    "GoogLeNet",
    "GoogLeNetOutputs",
    "GoogLeNet_Weights",
    "Inception",
    "InceptionAux",
    "googlenet",
]
