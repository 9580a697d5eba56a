"""Datasets: Digits comes with the package; MNIST, FashionMNIST and CIFAR10 are files on disk.

Files are read as what they are: nothing in them is executed, and their sizes are checked before
memory is taken.

>>> from chainrule import datasets
>>> digits = datasets.Digits()
>>> digits.data.shape, digits.data.dtype
(torch.Size([1797, 8, 8]), torch.uint8)
>>> image, label = digits[0]
>>> image.shape, label
((8, 8), 0)
"""

from chainrule.datasets.cifar import CIFAR10
from chainrule.datasets.digits import Digits
from chainrule.datasets.mnist import MNIST, FashionMNIST

__all__ = ["CIFAR10", "MNIST", "Digits", "FashionMNIST"]
