"""Datasets with torchvision's arguments, folders and attributes.

Samples are pairs of one of Pillow's pictures and an int; without Pillow, of a uint8 array
(H, W) or (H, W, C), which `ToTensor` takes as well.
"""

from chainrule.compat.torchvision.datasets.celeba import CelebA
from chainrule.compat.torchvision.datasets.cifar import CIFAR10, CIFAR100
from chainrule.compat.torchvision.datasets.fakedata import FakeData
from chainrule.compat.torchvision.datasets.folder import DatasetFolder, ImageFolder
from chainrule.compat.torchvision.datasets.imagenet import ImageNet
from chainrule.compat.torchvision.datasets.mnist import EMNIST, KMNIST, MNIST, FashionMNIST
from chainrule.compat.torchvision.datasets.stl10 import STL10, SVHN
from chainrule.compat.torchvision.datasets.vision import VisionDataset

__all__ = ["CIFAR10", "CIFAR100", "EMNIST", "KMNIST", "MNIST", "STL10", "SVHN", "CelebA",
           "DatasetFolder", "FakeData", "FashionMNIST", "ImageFolder", "ImageNet",
           "VisionDataset"]  # fmt: skip
