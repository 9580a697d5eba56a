"""The models that `chainrule train` can train, written as a user would write them."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.nn import functional as F

NAMES = {
    "linear": "softmax classifier: one linear layer, cross-entropy",
    "svm": "linear support vector machine: one linear layer, hinge loss",
    "knn": "k-nearest neighbours: no training, K chosen on validation",
    "mlp": "two hidden layers of ReLU with dropout",
    "cnn": "two blocks of convolution, batch norm, ReLU and pooling",
}


def build(name: str, shape: tuple[int, int, int], classes: int, width: int) -> nn.Module:
    """A model for images of `shape` (channels, height, width)."""
    channels, height, wide = shape
    features = channels * height * wide
    if name in ("linear", "svm"):
        return nn.Sequential(nn.Flatten(), nn.Linear(features, classes))
    if name == "mlp":
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(features, width),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(width, width // 2),
            nn.ReLU(),
            nn.Linear(width // 2, classes),
        )
    filters = max(8, width // 8)
    return nn.Sequential(
        nn.Conv2d(channels, filters, 3, padding=1),
        nn.BatchNorm2d(filters),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(filters, 2 * filters, 3, padding=1),
        nn.BatchNorm2d(2 * filters),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(2 * filters * (height // 4) * (wide // 4), classes),
    )


def loss_of(name: str) -> Any:
    """The loss a model is trained with: scores (N, C) and labels (N,) to a scalar."""
    return F.multi_margin_loss if name == "svm" else F.cross_entropy


class NearestNeighbours:
    """Classify by the majority among the K nearest training images (squared distance)."""

    def __init__(self, images: torch.Tensor, labels: torch.Tensor, k: int, classes: int) -> None:
        self.images, self.labels, self.k, self.classes = images.flatten(1), labels, k, classes

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Votes per class, (N, C); ties go to the lower class."""
        x = images.flatten(1)
        distance = (
            (x * x).sum(1, keepdim=True)
            - 2 * x @ self.images.T
            + (self.images * self.images).sum(1)
        )
        nearest = distance.topk(self.k, dim=1, largest=False).indices
        votes = torch.zeros(len(x), self.classes)
        return votes.scatter_add(1, self.labels[nearest], torch.ones(nearest.shape))
