"""SVHN, under torchvision's module name."""

from chainrule.compat.torchvision.datasets.stl10 import SVHN

__all__ = ["SVHN"]
