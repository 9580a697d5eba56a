"""Mixtures of distributions of one family."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.categorical import Categorical
from chainrule.distributions.constraints import MixtureSameFamilyConstraint
from chainrule.distributions.distribution import Distribution
from chainrule.errors import ArgumentError, ShapeError
from chainrule.tensor import Tensor

__all__ = ["MixtureSameFamily"]


class MixtureSameFamily(Distribution):
    """Draws from component i with the probability of category i.

    Args:
        mixture_distribution: a Categorical with k categories.
        component_distribution: a distribution whose last batch dimension has size k.

    Shapes: batch_shape is that of the components without its last dimension.
    Gradient: through `log_prob`; samples have none.

    >>> import chainrule as torch
    >>> d = torch.distributions
    >>> two = d.MixtureSameFamily(d.Categorical(torch.ones(2)),
    ...                           d.Normal(torch.tensor([-1., 1.]), 1.))
    >>> two.mean, two.variance
    (tensor(0.), tensor(2.))
    """

    arg_constraints: Any = {}
    _expands = {"_component_distribution": 1, "_mixture_distribution": 0}
    _keeps = ("_num_component", "_event_ndims")

    def __init__(self, mixture_distribution: Any, component_distribution: Any,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        if not isinstance(mixture_distribution, Categorical):
            raise ArgumentError(" The Mixture distribution needs to be an  instance of "
                                "torch.distributions.Categorical")  # fmt: skip
        if not isinstance(component_distribution, Distribution):
            raise ArgumentError("The Component distribution needs to be an instance of "
                                "torch.distributions.Distribution")  # fmt: skip
        own, batch = mixture_distribution.batch_shape, component_distribution.batch_shape
        for size1, size2 in zip(reversed(own), reversed(batch[:-1]), strict=False):
            if size1 != 1 and size2 != 1 and size1 != size2:
                raise ShapeError(
                    f"`mixture_distribution.batch_shape` ({own}) is not compatible with "
                    f"`component_distribution.batch_shape`({batch[:-1]})"
                )
        k = mixture_distribution.logits.shape[-1]
        if k != batch[-1]:
            raise ShapeError(f"`mixture_distribution component` ({k}) does not equal "
                             f"`component_distribution.batch_shape[-1]` ({batch[-1]})")  # fmt: skip
        self._mixture_distribution = mixture_distribution
        self._component_distribution = component_distribution
        self._num_component = k
        event_shape = component_distribution.event_shape
        self._event_ndims = len(event_shape)
        super().__init__(batch[:-1], event_shape, validate_args=validate_args)

    @constraints.dependent_property
    def support(self) -> Any:
        """What all components allow."""
        return MixtureSameFamilyConstraint(self._component_distribution.support)

    @property
    def mixture_distribution(self) -> Any:
        """The Categorical that chooses."""
        return self._mixture_distribution

    @property
    def component_distribution(self) -> Any:
        """What it chooses from."""
        return self._component_distribution

    def _pad(self, x: Tensor) -> Tensor:
        """A dimension for the components, before those of the event."""
        return x.unsqueeze(-1 - self._event_ndims)

    def _averaged(self, values: Tensor) -> Tensor:
        """The mean over the components, weighted by the probabilities."""
        probs = self._mixture_distribution.probs
        own = len(self._mixture_distribution.batch_shape)
        missing = 0 if own == 1 else len(self._batch_shape) - own
        middle = (1,) * missing + probs.shape[-1:] + (1,) * self._event_ndims
        weights = probs.reshape(probs.shape[:-1] + middle)
        return torch.sum(weights * values, dim=-1 - self._event_ndims)

    @property
    def mean(self) -> Tensor:
        """The mean of the components' means."""
        return self._averaged(self._component_distribution.mean)

    @property
    def variance(self) -> Tensor:
        """The mean of the variances, and the variance of the means."""
        parts = self._component_distribution
        between = (parts.mean - self._pad(self.mean)).pow(2.0)
        return self._averaged(parts.variance) + self._averaged(between)

    def cdf(self, x: Tensor) -> Tensor:
        """The mean of the components'."""
        below = self._component_distribution.cdf(self._pad(x))
        return torch.sum(below * self._mixture_distribution.probs, dim=-1)

    def log_prob(self, x: Tensor) -> Tensor:
        """The log of the weighted sum of densities."""
        if self._validate_args:
            self._validate_sample(x)
        each = self._component_distribution.log_prob(self._pad(x))
        weights = torch.log_softmax(self._mixture_distribution.logits, dim=-1)
        return torch.logsumexp(each + weights, dim=-1)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """A sample of every component, of which one is chosen."""
        with torch.no_grad():
            where = len(sample_shape) + len(self._batch_shape)
            choice = self._mixture_distribution.sample(sample_shape)
            drawn = self._component_distribution.sample(sample_shape)
            index = choice.reshape(choice.shape + (1,) * (self._event_ndims + 1))
            index = index.expand(choice.shape + (1,) + self._event_shape)
            return torch.gather(drawn, where, index).squeeze(where)

    def __repr__(self) -> str:
        return (f"MixtureSameFamily(\n  {self._mixture_distribution},\n  "
                f"{self._component_distribution})")  # fmt: skip
