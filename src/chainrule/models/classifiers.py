"""The classifiers the lectures begin with: linear, support vectors, neighbours, two and three
layers."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor


class LinearClassifier(nn.Sequential):
    """One linear layer on the flattened image: scores (N, classes); train with cross-entropy.

    >>> import chainrule as torch
    >>> torch.models.LinearClassifier(64, 10)(torch.zeros(2, 1, 8, 8)).shape
    torch.Size([2, 10])
    """

    def __init__(self, features: int, num_classes: int = 10) -> None:
        super().__init__(nn.Flatten(), nn.Linear(features, num_classes))

    loss = staticmethod(nn.functional.cross_entropy)


class SVM(LinearClassifier):
    """The same scores with the hinge loss: Σ over j ≠ y of max(0, s_j - s_y + 1), by the mean."""

    @staticmethod
    def loss(scores: Tensor, labels: Tensor) -> Tensor:
        """The multi-class hinge loss of the lectures, a scalar."""
        right = scores.gather(1, labels.unsqueeze(1))
        margins = (scores - right + 1).clamp(min=0)
        return margins.sum(1).mean() - 1


class TwoLayerNet(nn.Module):
    """Linear, nonlinearity, linear: (N, features) to scores (N, classes)."""

    def __init__(
        self, features: int, hidden: int = 100, num_classes: int = 10, activation: Any = None
    ) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, num_classes)
        self.activation = activation or nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.activation(self.fc1(x.flatten(1))))  # type: ignore[no-any-return]


class ThreeLayerNet(nn.Module):
    """Two hidden layers, with dropout if wanted: (N, features) to scores (N, classes)."""

    def __init__(
        self, features: int, hidden: int = 100, num_classes: int = 10, activation: Any = None,
        dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, num_classes)
        self.activation = activation or nn.ReLU()
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        h = self.dropout(self.activation(self.fc1(x.flatten(1))))
        return self.fc3(self.activation(self.fc2(h)))  # type: ignore[no-any-return]


class KNearestNeighbors(nn.Module):
    """Classify by the majority among the k nearest training images (squared distance).

    `fit` keeps the images; calling gives the votes per class (N, classes), ties to the lower class.
    With k = 1 it is always right on its own training images.

    >>> import chainrule as torch
    >>> knn = torch.models.KNearestNeighbors(k=1)
    >>> _ = knn.fit(torch.tensor([[0.], [1.], [5.]]), torch.tensor([0, 0, 1]))
    >>> knn(torch.tensor([[4.], [0.6]])).argmax(1)
    tensor([1, 0])
    """

    images: Tensor
    labels: Tensor

    def __init__(self, k: int = 1, num_classes: int | None = None) -> None:
        super().__init__()
        if k < 1:
            raise ArgumentError(f"k counts neighbours, so it is at least 1, not {k}")
        self.k, self.num_classes = k, num_classes
        self.register_buffer("images", None)
        self.register_buffer("labels", None)

    def fit(self, images: Tensor, labels: Tensor) -> KNearestNeighbors:
        """Keep the training images (N, ...) and their labels (N,)."""
        self.images, self.labels = images.flatten(1), labels
        if self.num_classes is None:
            self.num_classes = int(labels.max()) + 1
        return self

    def forward(self, x: Tensor) -> Tensor:
        if self.images is None:
            raise ArgumentError(
                "there are no neighbours yet", fix="Call fit(images, labels) first."
            )
        x, known = x.flatten(1), self.images
        distance = (x * x).sum(1, keepdim=True) - 2 * x @ known.T + (known * known).sum(1)
        nearest = distance.topk(min(self.k, len(known)), dim=1, largest=False).indices
        votes = torch.zeros(len(x), self.num_classes)
        return votes.scatter_add(1, self.labels[nearest], torch.ones(nearest.shape))  # type: ignore[no-any-return]
