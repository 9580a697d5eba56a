"""From constraints to transforms: `biject_to` for change of variables, `transform_to` for fitting.

Both map the reals into the constrained region.  `biject_to(c)` is bijective, so densities follow;
`transform_to(c)` may have more inputs than the region has dimensions, which optimisers like.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.distributions import constraints
from chainrule.distributions import transforms as maps
from chainrule.distributions.utils import NUMBERS
from chainrule.errors import ArgumentError

__all__ = ["ConstraintRegistry", "biject_to", "transform_to"]


class ConstraintRegistry:
    """A function from constraints to transforms that `register` extends.

    >>> import chainrule as torch
    >>> d = torch.distributions
    >>> d.biject_to(d.constraints.unit_interval)
    SigmoidTransform()
    """

    def __init__(self) -> None:
        self._registry: dict[type, Callable[[Any], Any]] = {}
        super().__init__()

    def register(self, constraint: Any, factory: Any = None) -> Any:
        """Use `factory(constraint)` for constraints of this class; a decorator without factory."""
        if factory is None:
            return lambda factory: self.register(constraint, factory)
        kind = type(constraint) if isinstance(constraint, constraints.Constraint) else constraint
        if not isinstance(kind, type) or not issubclass(kind, constraints.Constraint):
            raise ArgumentError("Expected constraint to be either a Constraint subclass or "
                                f"instance, but got {constraint}")  # fmt: skip
        self._registry[kind] = factory
        return factory

    def __call__(self, constraint: Any) -> Any:
        factory = self._registry.get(type(constraint))
        if factory is None:
            raise NotImplementedError(f"Cannot transform {type(constraint).__name__} constraints")
        return factory(constraint)


biject_to = ConstraintRegistry()
transform_to = ConstraintRegistry()
BOTH = (biject_to, transform_to)


def into(registries: tuple[ConstraintRegistry, ...], *kinds: Any) -> Any:
    """Register a factory for several constraints at once; it is given the registry, too."""

    def register(factory: Any) -> Any:
        for registry in registries:
            for kind in kinds:
                registry.register(kind, lambda c, r=registry: factory(c, r))
        return factory

    return register


@into(BOTH, constraints.real)
def _real(constraint: Any, registry: Any) -> Any:
    return maps.identity_transform


@into(BOTH, constraints.independent)
def _independent(constraint: Any, registry: Any) -> Any:
    base = registry(constraint.base_constraint)
    return maps.IndependentTransform(base, constraint.reinterpreted_batch_ndims)


@into(BOTH, constraints.greater_than, constraints.greater_than_eq)
def _greater(constraint: Any, registry: Any) -> Any:
    affine = maps.AffineTransform(constraint.lower_bound, 1)
    return maps.ComposeTransform([maps.ExpTransform(), affine])


@into(BOTH, constraints.less_than)
def _less(constraint: Any, registry: Any) -> Any:
    affine = maps.AffineTransform(constraint.upper_bound, -1)
    return maps.ComposeTransform([maps.ExpTransform(), affine])


@into(BOTH, constraints.interval, constraints.half_open_interval)
def _interval(constraint: Any, registry: Any) -> Any:
    low, high = constraint.lower_bound, constraint.upper_bound
    if isinstance(low, NUMBERS) and isinstance(high, NUMBERS) and (low, high) == (0, 1):
        return maps.SigmoidTransform()
    affine = maps.AffineTransform(low, high - low)
    return maps.ComposeTransform([maps.SigmoidTransform(), affine])


@into(BOTH, constraints.corr_cholesky)
def _corr_cholesky(constraint: Any, registry: Any) -> Any:
    return maps.CorrCholeskyTransform()


@into(BOTH, constraints.cat)
def _cat(constraint: Any, registry: Any) -> Any:
    parts = [registry(c) for c in constraint.cseq]
    return maps.CatTransform(parts, constraint.dim, constraint.lengths)


@into(BOTH, constraints.stack)
def _stack(constraint: Any, registry: Any) -> Any:
    return maps.StackTransform([registry(c) for c in constraint.cseq], constraint.dim)


@into((biject_to,), constraints.simplex)
def _simplex_bijection(constraint: Any, registry: Any) -> Any:
    return maps.StickBreakingTransform()


@into((transform_to,), constraints.simplex)
def _simplex(constraint: Any, registry: Any) -> Any:
    return maps.SoftmaxTransform()


@into((transform_to,), constraints.lower_cholesky)
def _lower_cholesky(constraint: Any, registry: Any) -> Any:
    return maps.LowerCholeskyTransform()


@into((transform_to,), constraints.positive_definite, constraints.positive_semidefinite)
def _positive_definite(constraint: Any, registry: Any) -> Any:
    return maps.PositiveDefiniteTransform()
