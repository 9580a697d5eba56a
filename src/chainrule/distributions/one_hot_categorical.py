"""One-hot vectors of categories."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.categorical import Categorical
from chainrule.distributions.parameters import OnCategorical
from chainrule.dtypes import Size
from chainrule.nn.functional import one_hot
from chainrule.tensor import Tensor

__all__ = ["OneHotCategorical", "OneHotCategoricalStraightThrough"]


class OneHotCategorical(OnCategorical):
    """One of k categories, as a vector with one 1.

    Args:
        probs: weights along the last dimension, or
        logits: their logarithms.

    Shapes: (*batch_shape, k); an event is a vector of k.
    Gradient: through `log_prob` and `entropy`; samples have none.

    >>> import chainrule as torch
    >>> d = torch.distributions.OneHotCategorical(torch.tensor([0., 1., 0.]))
    >>> d.sample()
    tensor([0., 1., 0.])
    """

    support = constraints.one_hot
    has_enumerate_support = True
    _expands = {"_categorical": 0}

    def __init__(self, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        self._categorical = Categorical(probs, logits)
        event_shape = self._categorical.param_shape[-1:]
        super().__init__(self._categorical.batch_shape, event_shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """probs."""
        return self.probs

    @property
    def mode(self) -> Tensor:
        """1 at the most probable category."""
        return one_hot(self.probs.argmax(dim=-1), self._event_shape[0]).to(self.probs)

    @property
    def variance(self) -> Tensor:
        """p (1 - p)."""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """One-hot vectors of the probabilities' dtype."""
        indices = self._categorical.sample(Size(sample_shape))
        return one_hot(indices, self._event_shape[0]).to(self.probs.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        """That of the category."""
        if self._validate_args:
            self._validate_sample(value)
        return self._categorical.log_prob(value.max(-1)[1])

    def entropy(self) -> Tensor:
        """-sum p log p."""
        return self._categorical.entropy()

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """The rows of the identity matrix."""
        n = self._event_shape[0]
        values = torch.eye(n, dtype=self._param.dtype)
        values = values.view((n,) + (1,) * len(self._batch_shape) + (n,))
        return values.expand((n,) + self._batch_shape + (n,)) if expand else values


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """OneHotCategorical whose samples pass gradients on to the probabilities as they are.

    Args:
        probs: weights along the last dimension, or
        logits: their logarithms.

    Shapes: (*batch_shape, k); an event is a vector of k.
    Gradient: of `rsample`, as if the sample were `probs` (biased).
    Source: Y. Bengio, N. Léonard, A. Courville, Estimating or propagating gradients through
    stochastic neurons, 2013.

    >>> import chainrule as torch
    >>> p = torch.tensor([0.5, 0.5], requires_grad=True)
    >>> d = torch.distributions.OneHotCategoricalStraightThrough(p)
    >>> d.rsample().requires_grad
    True
    """

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """The sample, with the gradient of the probabilities."""
        return self.sample(sample_shape) + (self.probs - self.probs.detach())
