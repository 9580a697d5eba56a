"""Parameters given as probabilities or as logits: the other one is computed when asked for."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.utils import lazy_property, logits_to_probs, probs_to_logits
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor


def require_one(probs: Any, logits: Any) -> None:
    """Raise unless exactly one of the two was given."""
    if (probs is None) == (logits is None):
        raise ArgumentError("Either `probs` or `logits` must be specified, but not both.")


class ProbsOrLogits(Distribution):
    """A distribution of events that happen with probability `probs` = sigmoid(`logits`)."""

    arg_constraints: Any = {"probs": constraints.unit_interval, "logits": constraints.real}
    _binary = True
    _by_logits: bool

    @lazy_property
    def logits(self) -> Tensor:
        """log(p / (1 - p)); log p where there are several categories."""
        return probs_to_logits(self.probs, self._binary)

    @lazy_property
    def probs(self) -> Tensor:
        """The probabilities."""
        return logits_to_probs(self.logits, self._binary)

    @property
    def _param(self) -> Tensor:
        """The one that was given."""
        return self.logits if self._by_logits else self.probs

    @property
    def param_shape(self) -> Any:
        """The shape of the parameter."""
        return self._param.size()

    def _new(self, *args: Any, **kwargs: Any) -> Tensor:
        """A tensor of the parameter's dtype."""
        return self._param.new(*args, **kwargs)

    def _counted(self, stop: int, expand: bool, dtype: Any = None) -> Tensor:
        """0 to stop - 1 along a new first dimension, for `enumerate_support`."""
        values = torch.arange(stop, dtype=dtype or self._param.dtype)
        values = values.view((-1,) + (1,) * len(self._batch_shape))
        return values.expand((-1,) + self._batch_shape) if expand else values


class OnCategorical(Distribution):
    """A distribution that is built on a Categorical in `_categorical`."""

    arg_constraints: Any = {"probs": constraints.simplex, "logits": constraints.real_vector}
    _categorical: Any

    @property
    def logits(self) -> Tensor:
        """Normalised log-probabilities."""
        return self._categorical.logits

    @property
    def probs(self) -> Tensor:
        """The probabilities of the categories."""
        return self._categorical.probs

    @property
    def param_shape(self) -> Any:
        """The shape of the parameter."""
        return self._categorical.param_shape

    @property
    def _param(self) -> Tensor:
        return self._categorical._param

    def _new(self, *args: Any, **kwargs: Any) -> Tensor:
        return self._categorical._new(*args, **kwargs)
