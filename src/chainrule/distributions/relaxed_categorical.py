"""Relaxed categories: differentiable choices."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.categorical import Categorical
from chainrule.distributions.parameters import OnCategorical
from chainrule.distributions.transformed_distribution import TransformedDistribution
from chainrule.distributions.transforms import ExpTransform
from chainrule.distributions.utils import broadcast_all, clamp_probs
from chainrule.tensor import Tensor

__all__ = ["ExpRelaxedCategorical", "RelaxedOneHotCategorical"]


class ExpRelaxedCategorical(OnCategorical):
    """The logarithm of a RelaxedOneHotCategorical vector.

    Args:
        temperature: a positive tensor.
        probs: weights along the last dimension, or
        logits: their logarithms.

    Shapes: (*batch_shape, k); an event is a vector of k.
    Gradient: `rsample` is differentiable in the parameter and the temperature.
    Source: C. Maddison, A. Mnih, Y. Teh, The concrete distribution, 2017; E. Jang, S. Gu,
    B. Poole, Categorical reparameterization with Gumbel-softmax, 2017.

    >>> import chainrule as torch
    >>> from chainrule.distributions.relaxed_categorical import ExpRelaxedCategorical
    >>> d = ExpRelaxedCategorical(torch.tensor(1.), torch.tensor([1., 1.]))
    >>> d.rsample().exp().sum()
    tensor(1...)
    """

    support = constraints.real_vector
    has_rsample = True
    _expands = {"_categorical": 0}
    _keeps = ("temperature",)

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        self._categorical = Categorical(probs, logits)
        self.temperature = temperature
        event_shape = self._categorical.param_shape[-1:]
        super().__init__(self._categorical.batch_shape, event_shape, validate_args=validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """log-softmax of (logits + Gumbel noise) / temperature."""
        shape = self._extended_shape(sample_shape)
        uniform = clamp_probs(torch.rand(shape, dtype=self.logits.dtype))
        scores = (self.logits - (-uniform.log()).log()) / self.temperature
        return scores - scores.logsumexp(dim=-1, keepdim=True)

    def log_prob(self, value: Tensor) -> Tensor:
        """The density of the logarithms."""
        k = self._categorical._num_events
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        constant = torch.full_like(self.temperature, float(k)).lgamma()
        constant = constant - self.temperature.log().mul(-(k - 1))
        score = logits - value.mul(self.temperature)
        return (score - score.logsumexp(dim=-1, keepdim=True)).sum(-1) + constant


class RelaxedOneHotCategorical(TransformedDistribution):
    """Vectors that sum to 1 and tend to one-hot ones as the temperature tends to 0.

    Args:
        temperature: a positive tensor.
        probs: weights along the last dimension, or
        logits: their logarithms.

    Shapes: (*batch_shape, k); an event is a vector of k.
    Gradient: `rsample` is differentiable in the parameter and the temperature.

    >>> import chainrule as torch
    >>> d = torch.distributions.RelaxedOneHotCategorical(torch.tensor(1.), torch.tensor([1., 1.]))
    >>> d.rsample().sum()
    tensor(1...)
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.simplex
    has_rsample = True
    _expands = {}

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def temperature(self) -> Any:
        """The temperature."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Tensor:
        """Normalised log-probabilities."""
        return self.base_dist.logits

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self.base_dist.probs
