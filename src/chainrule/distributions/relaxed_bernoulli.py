"""Relaxed Bernoulli: differentiable coins."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.parameters import ProbsOrLogits, require_one
from chainrule.distributions.transformed_distribution import TransformedDistribution
from chainrule.distributions.transforms import SigmoidTransform
from chainrule.distributions.utils import broadcast_all, clamp_probs
from chainrule.tensor import Tensor

__all__ = ["LogitRelaxedBernoulli", "RelaxedBernoulli"]


class LogitRelaxedBernoulli(ProbsOrLogits):
    """The logit of a RelaxedBernoulli number: (logits + logistic noise) / temperature.

    Args:
        temperature: a positive tensor.
        probs: the probability of 1, or
        logits: log(probs / (1 - probs)).

    Shapes: batch_shape is that of the parameter; events are numbers.
    Gradient: `rsample` is differentiable in the parameter and the temperature.
    Source: C. Maddison, A. Mnih, Y. Teh, The concrete distribution, 2017.

    >>> import chainrule as torch
    >>> from chainrule.distributions.relaxed_bernoulli import LogitRelaxedBernoulli
    >>> d = LogitRelaxedBernoulli(torch.tensor(1.), logits=torch.tensor([0.]))
    >>> d.log_prob(torch.tensor([0.]))
    tensor([-1.3863])
    """

    support = constraints.real
    _expands = {"probs": 0, "logits": 0}
    _keeps = ("_by_logits", "temperature")

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        self.temperature = temperature
        require_one(probs, logits)
        self._by_logits = probs is None
        if self._by_logits:
            (self.logits,) = broadcast_all(logits)
        else:
            (self.probs,) = broadcast_all(probs)
        super().__init__(self._param.shape, validate_args=validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """(logit of a uniform number + logits) / temperature."""
        shape = self._extended_shape(sample_shape)
        probs = clamp_probs(self.probs.expand(shape))
        uniform = clamp_probs(torch.rand(shape, dtype=probs.dtype))
        noise = uniform.log() - (-uniform).log1p() + probs.log() - (-probs).log1p()
        return noise / self.temperature

    def log_prob(self, value: Tensor) -> Tensor:
        """The density of a scaled logistic number."""
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        diff = logits - value.mul(self.temperature)
        return self.temperature.log() + diff - 2 * diff.exp().log1p()


class RelaxedBernoulli(TransformedDistribution):
    """Numbers in (0, 1) that tend to a Bernoulli coin as the temperature tends to 0.

    Args:
        temperature: a positive tensor.
        probs: the probability of 1, or
        logits: log(probs / (1 - probs)).

    Shapes: batch_shape is that of the parameter; events are numbers.
    Gradient: `rsample` is differentiable in the parameter and the temperature.

    >>> import chainrule as torch
    >>> d = torch.distributions.RelaxedBernoulli(torch.tensor(1.), torch.tensor([0.5]))
    >>> d.log_prob(torch.tensor([0.3]))
    tensor([0.])
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval
    has_rsample = True
    _expands = {}

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        base = LogitRelaxedBernoulli(temperature, probs, logits)
        super().__init__(base, SigmoidTransform(), validate_args=validate_args)

    @property
    def temperature(self) -> Any:
        """The temperature."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Tensor:
        """The logits."""
        return self.base_dist.logits

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self.base_dist.probs
