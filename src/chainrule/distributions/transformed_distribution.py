"""Distributions of transformed samples."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.independent import Independent
from chainrule.distributions.transforms import ComposeTransform, Transform
from chainrule.distributions.utils import _sum_rightmost
from chainrule.dtypes import Size
from chainrule.errors import ArgumentError, ShapeError
from chainrule.tensor import Tensor

__all__ = ["TransformedDistribution"]


class TransformedDistribution(Distribution):
    """What samples of a distribution become under transforms; densities by change of variables.

    Args:
        base_distribution: where samples come from.
        transforms: one transform, or a list applied from first to last.

    Shapes: what the transforms make of the base's shapes.
    Gradient: through the transforms, and the base's `rsample`.

    >>> import chainrule as torch
    >>> d = torch.distributions
    >>> squashed = d.TransformedDistribution(d.Normal(0., 1.), d.TanhTransform())
    >>> squashed.log_prob(torch.tensor(0.5))
    tensor(-0.7821)
    """

    arg_constraints: Any = {}
    _expands = {}

    def __init__(self, base_distribution: Any, transforms: Any,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        if isinstance(transforms, Transform):
            transforms = [transforms]
        elif not isinstance(transforms, list):
            raise ArgumentError(f"transforms must be a Transform or list, but was {transforms}")
        elif not all(isinstance(t, Transform) for t in transforms):
            raise ArgumentError("transforms must be a Transform or a list of Transforms")
        self.transforms = transforms
        own = len(base_distribution.event_shape)
        shape = base_distribution.batch_shape + base_distribution.event_shape
        whole = ComposeTransform(transforms)
        before, after = whole.domain.event_dim, whole.codomain.event_dim
        if len(shape) < before:
            raise ShapeError("base_distribution needs to have shape with size at least "
                             f"{before}, but got {shape}.")  # fmt: skip
        result = whole.forward_shape(shape)
        needed = whole.inverse_shape(result)  # larger, if the transforms' parameters are
        if shape != needed:
            base_distribution = base_distribution.expand(needed[: len(needed) - own])
        if before > own:
            base_distribution = Independent(base_distribution, before - own)
        self.base_dist = base_distribution
        event_dim = max(after, own + after - before)
        if len(result) < event_dim:
            raise AssertionError(
                f"forward_shape length {len(result)} must be >= event_dim {event_dim}")  # fmt: skip
        cut = len(result) - event_dim
        super().__init__(result[:cut], result[cut:], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same for a larger batch."""
        batch = Size(batch_shape)
        new = self._expanded(batch, _instance)
        shape = batch + self._event_shape
        for transform in reversed(self.transforms):
            shape = transform.inverse_shape(shape)
        new.base_dist = self.base_dist.expand(shape[: len(shape) - len(self.base_dist.event_shape)])
        new.transforms = self.transforms
        return new

    @constraints.dependent_property(is_discrete=False)
    def support(self) -> Any:
        """The last transform's codomain."""
        if not self.transforms:
            return self.base_dist.support
        support = self.transforms[-1].codomain
        extra = len(self._event_shape) - support.event_dim
        return constraints.independent(support, extra) if extra > 0 else support

    @property
    def has_rsample(self) -> bool:
        """Whether the base has."""
        return self.base_dist.has_rsample

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Transformed samples of the base, without gradient."""
        with torch.no_grad():
            x: Tensor = self.base_dist.sample(sample_shape)
            for transform in self.transforms:
                x = transform(x)
            return x

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Transformed samples of the base."""
        x: Tensor = self.base_dist.rsample(sample_shape)
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value: Tensor) -> Tensor:
        """The base's density at the inverse, less the log-determinants on the way."""
        if self._validate_args:
            self._validate_sample(value)
        event_dim = len(self._event_shape)
        result: Any = 0.0
        y = value
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            before = transform.domain.event_dim
            event_dim += before - transform.codomain.event_dim
            change = transform.log_abs_det_jacobian(x, y)
            result = result - _sum_rightmost(change, event_dim - before)
            y = x
        base = self.base_dist.log_prob(y)
        extra = event_dim - len(self.base_dist.event_shape)
        return result + _sum_rightmost(base, extra)

    def _monotonize_cdf(self, value: Tensor) -> Tensor:
        """A probability, or 1 less it where the transforms together reverse the order."""
        sign: Any = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        if isinstance(sign, int) and sign == 1:
            return value
        return sign * (value - 0.5) + 0.5

    def cdf(self, value: Tensor) -> Tensor:
        """The base's at the inverse."""
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        if self._validate_args:
            self.base_dist._validate_sample(value)
        return self._monotonize_cdf(self.base_dist.cdf(value))

    def icdf(self, value: Tensor) -> Tensor:
        """The base's, transformed."""
        value = self.base_dist.icdf(self._monotonize_cdf(value))
        for transform in self.transforms:
            value = transform(value)
        return value
