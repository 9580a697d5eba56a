"""AlexNet, under torchvision's module name."""

from chainrule.models import AlexNet_Weights
from chainrule.models.alexnet import AlexNet, alexnet

__all__ = ["AlexNet", "AlexNet_Weights", "alexnet"]
