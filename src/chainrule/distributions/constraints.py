"""Constraints: which values a parameter or a sample may have.

`constraint.check(value)` gives a bool tensor of the value's batch shape.  Constraints on single
elements test raw arrays, so that validating a distribution costs microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor, from_array

__all__ = [
    "Constraint",
    "MixtureSameFamilyConstraint",
    "boolean",
    "cat",
    "corr_cholesky",
    "dependent",
    "dependent_property",
    "greater_than",
    "greater_than_eq",
    "half_open_interval",
    "independent",
    "integer_interval",
    "interval",
    "is_dependent",
    "less_than",
    "lower_cholesky",
    "lower_triangular",
    "multinomial",
    "nonnegative",
    "nonnegative_integer",
    "one_hot",
    "positive",
    "positive_definite",
    "positive_integer",
    "positive_semidefinite",
    "real",
    "real_vector",
    "simplex",
    "square",
    "stack",
    "symmetric",
    "unit_interval",
]  # fmt: skip


class Constraint:
    """A region of values.  A subclass defines `check`.

    Attributes: `is_discrete`; `event_dim`, the number of last dimensions that are tested together.

    >>> import chainrule as torch
    >>> torch.distributions.constraints.positive.check(torch.tensor([1., 0.]))
    tensor([ True, False])
    """

    is_discrete: Any = False
    event_dim: Any = 0

    def check(self, value: Tensor) -> Tensor:
        """Which events of `value` satisfy the constraint, as a bool tensor."""
        raise NotImplementedError

    def _holds(self, value: Tensor) -> bool:
        """Whether all do."""
        return bool(self.check(value).all())

    def __repr__(self) -> str:
        return f"{type(self).__name__[1:]}()"


# ---- single elements -------------------------------------------------------------------------


def raw(value: Any) -> Any:
    """The array of a tensor; anything else as it is."""
    return value._array if isinstance(value, Tensor) else value


class _Elementwise(Constraint):
    """A test of each element; its parameters are numbers or tensors that broadcast."""

    def _test(self, x: Any) -> Any:
        raise NotImplementedError

    def check(self, value: Tensor) -> Tensor:
        return from_array(np.asarray(self._test(raw(value))))

    def _holds(self, value: Tensor) -> bool:
        return bool(self._test(raw(value)).all())

    def __repr__(self) -> str:
        bounds = ", ".join(f"{name}={value}" for name, value in vars(self).items())
        return f"{type(self).__name__[1:]}({bounds})"


class _Lower(_Elementwise):
    def __init__(self, lower_bound: Any) -> None:
        self.lower_bound = lower_bound


class _Upper(_Elementwise):
    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound


class _Both(_Elementwise):
    def __init__(self, lower_bound: Any, upper_bound: Any) -> None:
        self.lower_bound, self.upper_bound = lower_bound, upper_bound


class _Real(_Elementwise):
    """Anything but nan."""

    def _test(self, x: Any) -> Any:
        return x == x


class _Boolean(_Elementwise):
    """0 or 1."""

    is_discrete = True

    def _test(self, x: Any) -> Any:
        return (x == 0) | (x == 1)


class _GreaterThan(_Lower):
    """lower_bound < x."""

    def _test(self, x: Any) -> Any:
        return raw(self.lower_bound) < x


class _GreaterThanEq(_Lower):
    """lower_bound <= x."""

    def _test(self, x: Any) -> Any:
        return raw(self.lower_bound) <= x


class _LessThan(_Upper):
    """x < upper_bound."""

    def _test(self, x: Any) -> Any:
        return x < raw(self.upper_bound)


class _Interval(_Both):
    """lower_bound <= x <= upper_bound."""

    def _test(self, x: Any) -> Any:
        return (raw(self.lower_bound) <= x) & (x <= raw(self.upper_bound))


class _HalfOpenInterval(_Both):
    """lower_bound <= x < upper_bound."""

    def _test(self, x: Any) -> Any:
        return (raw(self.lower_bound) <= x) & (x < raw(self.upper_bound))


class _IntegerInterval(_Both):
    """A whole number from lower_bound to upper_bound."""

    is_discrete = True

    def _test(self, x: Any) -> Any:
        return (x % 1 == 0) & (raw(self.lower_bound) <= x) & (x <= raw(self.upper_bound))


class _IntegerLessThan(_Upper):
    """A whole number of at most upper_bound."""

    is_discrete = True

    def _test(self, x: Any) -> Any:
        return (x % 1 == 0) & (x <= raw(self.upper_bound))


class _IntegerGreaterThan(_Lower):
    """A whole number of at least lower_bound."""

    is_discrete = True

    def _test(self, x: Any) -> Any:
        return (x % 1 == 0) & (x >= raw(self.lower_bound))


# ---- vectors ---------------------------------------------------------------------------------


class _OneHot(Constraint):
    """One 1, and 0 elsewhere."""

    is_discrete = True
    event_dim = 1

    def check(self, value: Tensor) -> Tensor:
        whole = (value == 0) | (value == 1)
        return whole.all(-1) & value.sum(-1).eq(1)


class _Simplex(Constraint):
    """Numbers that are not negative and sum to 1."""

    event_dim = 1

    def check(self, value: Tensor) -> Tensor:
        return (value >= 0).all(dim=-1) & ((value.sum(-1) - 1).abs() < 1e-6)

    def _holds(self, value: Tensor) -> bool:
        x = raw(value)
        return bool((x >= 0).all()) and bool((np.abs(x.sum(axis=-1) - 1) < 1e-6).all())


class _Multinomial(Constraint):
    """Counts that sum to at most upper_bound."""

    is_discrete = True
    event_dim = 1

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def check(self, value: Tensor) -> Tensor:
        return (value >= 0).all(dim=-1) & (value.sum(dim=-1) <= self.upper_bound)


# ---- matrices --------------------------------------------------------------------------------


class _Matrix(Constraint):
    event_dim = 2


class _LowerTriangular(_Matrix):
    """Zeros above the diagonal."""

    def check(self, value: Tensor) -> Tensor:
        return (value.tril() == value).flatten(-2).all(-1)


class _LowerCholesky(_LowerTriangular):
    """Zeros above a positive diagonal."""

    def check(self, value: Tensor) -> Tensor:
        return super().check(value) & (value.diagonal(dim1=-2, dim2=-1) > 0).all(-1)


class _CorrCholesky(_LowerCholesky):
    """The Cholesky factor of a correlation matrix: rows have length 1."""

    def check(self, value: Tensor) -> Tensor:
        tolerance = torch.finfo(value.dtype).eps * value.size(-1) * 10
        length = torch.linalg.norm(value.detach(), dim=-1)
        return super().check(value) & ((length - 1).abs() <= tolerance).all(dim=-1)


class _Square(_Matrix):
    """As many rows as columns."""

    def check(self, value: Tensor) -> Tensor:
        rows, columns = value.shape[-2:]
        return torch.full(value.shape[:-2], rows == columns, dtype=torch.bool)


class _Symmetric(_Square):
    """Equal to its transpose, up to 1e-6."""

    def check(self, value: Tensor) -> Tensor:
        square = super().check(value)
        if not bool(square.all()):
            return square
        return torch.isclose(value, value.mT, atol=1e-6).all(-2).all(-1)


class _PositiveSemidefinite(_Symmetric):
    """Symmetric, without negative eigenvalue."""

    def check(self, value: Tensor) -> Tensor:
        symmetric = super().check(value)
        if not bool(symmetric.all()):
            return symmetric
        return torch.linalg.eigvalsh(value).ge(0).all(-1)


class _PositiveDefinite(_Symmetric):
    """Symmetric, with a Cholesky factor."""

    def check(self, value: Tensor) -> Tensor:
        symmetric = super().check(value)
        if not bool(symmetric.all()):
            return symmetric
        return torch.linalg.cholesky_ex(value.detach()).info.eq(0)


# ---- made of others --------------------------------------------------------------------------


def require_constraint(base: Any) -> None:
    """Raise unless this is a constraint."""
    if not isinstance(base, Constraint):
        raise AssertionError(f"base_constraint must be a Constraint, got {type(base).__name__}")


class _Around(Constraint):
    """A constraint that reads the events of another one differently."""

    base_constraint: Any

    @property
    def is_discrete(self) -> Any:
        return self.base_constraint.is_discrete

    @property
    def event_dim(self) -> Any:
        return self.base_constraint.event_dim


class _IndependentConstraint(_Around):
    """All of `base_constraint` over the last `reinterpreted_batch_ndims` batch dimensions."""

    def __init__(self, base_constraint: Any, reinterpreted_batch_ndims: int) -> None:
        require_constraint(base_constraint)
        if not isinstance(reinterpreted_batch_ndims, int):
            raise AssertionError("reinterpreted_batch_ndims must be an int, got "
                                 f"{type(reinterpreted_batch_ndims).__name__}")  # fmt: skip
        if reinterpreted_batch_ndims < 0:
            raise AssertionError("reinterpreted_batch_ndims must be >= 0, got "
                                 f"{reinterpreted_batch_ndims}")  # fmt: skip
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    @property
    def event_dim(self) -> Any:
        return self.base_constraint.event_dim + self.reinterpreted_batch_ndims

    def _require_dims(self, value: Tensor) -> None:
        if value._array.ndim < self.event_dim:
            raise ArgumentError(f"Expected value.dim() >= {self.event_dim} but got {value.dim()}")

    def check(self, value: Tensor) -> Tensor:
        self._require_dims(value)
        result = self.base_constraint.check(value)
        kept = result.shape[: result.dim() - self.reinterpreted_batch_ndims]
        return result.reshape(kept + (-1,)).all(-1)

    def _holds(self, value: Tensor) -> bool:
        self._require_dims(value)
        return self.base_constraint._holds(value)

    def __repr__(self) -> str:
        inner = f"{self.base_constraint!r}, {self.reinterpreted_batch_ndims}"
        return f"{type(self).__name__[1:]}({inner})"


class MixtureSameFamilyConstraint(_Around):
    """What every component of a mixture allows.

    >>> import chainrule as torch
    >>> c = torch.distributions.constraints
    >>> c.MixtureSameFamilyConstraint(c.positive)
    MixtureSameFamilyConstraint(GreaterThan(lower_bound=0.0))
    """

    def __init__(self, base_constraint: Any) -> None:
        require_constraint(base_constraint)
        self.base_constraint = base_constraint

    def check(self, value: Tensor) -> Tensor:
        """Which events of `value` every component allows."""
        if value.dim() < self.event_dim:
            raise ArgumentError(f"Expected value.dim() >= {self.event_dim} but got {value.dim()}")
        result = self.base_constraint.check(value.unsqueeze(-1 - self.event_dim))
        return result.reshape(result.shape[: value.dim() - self.event_dim] + (-1,)).all(-1)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_constraint!r})"


class _Sequence(Constraint):
    """Constraints for the pieces of a tensor along one dimension."""

    cseq: list[Any]
    dim: int

    @property
    def is_discrete(self) -> Any:
        return any(c.is_discrete for c in self.cseq)

    def _require_dim(self, value: Tensor) -> None:
        if not -value.dim() <= self.dim < value.dim():
            raise AssertionError(f"dim {self.dim} out of range for value with {value.dim()} "
                                 "dimensions")  # fmt: skip


def require_constraints(cseq: Sequence[Any]) -> list[Any]:
    """The constraints as a list, if that is what they all are."""
    if not all(isinstance(c, Constraint) for c in cseq):
        raise AssertionError("All elements of cseq must be Constraint instances")
    return list(cseq)


class _Cat(_Sequence):
    """Pieces of the given `lengths`, one after another."""

    def __init__(self, cseq: Sequence[Any], dim: int = 0, lengths: Any = None) -> None:
        self.cseq = require_constraints(cseq)
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.cseq):
            raise AssertionError(
                f"lengths ({len(self.lengths)}) must match cseq ({len(self.cseq)})")  # fmt: skip
        self.dim = dim

    @property
    def event_dim(self) -> Any:
        return max(c.event_dim for c in self.cseq)

    def check(self, value: Tensor) -> Tensor:
        self._require_dim(value)
        pieces = value.split(self.lengths, self.dim)
        checks = [c.check(v) for c, v in zip(self.cseq, pieces, strict=True)]
        return torch.cat(checks, self.dim)


class _Stack(_Sequence):
    """Slices of size 1 along a dimension of their own."""

    def __init__(self, cseq: Sequence[Any], dim: int = 0) -> None:
        self.cseq = require_constraints(cseq)
        self.dim = dim

    @property
    def event_dim(self) -> Any:
        dim = max(c.event_dim for c in self.cseq)
        return dim + (self.dim + dim < 0)

    def check(self, value: Tensor) -> Tensor:
        self._require_dim(value)
        slices = value.unbind(self.dim)
        checks = [c.check(v) for c, v in zip(self.cseq, slices, strict=False)]
        return torch.stack(checks, self.dim)


# ---- dependent on the other parameters -------------------------------------------------------


class _Dependent(Constraint):
    """A support that is known only with the parameters of an instance."""

    def __init__(self, *, is_discrete: Any = NotImplemented,
                 event_dim: Any = NotImplemented) -> None:  # fmt: skip
        self._is_discrete, self._event_dim = is_discrete, event_dim

    @property
    def is_discrete(self) -> Any:
        if self._is_discrete is NotImplemented:
            raise NotImplementedError(".is_discrete cannot be determined statically")
        return self._is_discrete

    @property
    def event_dim(self) -> Any:
        if self._event_dim is NotImplemented:
            raise NotImplementedError(".event_dim cannot be determined statically")
        return self._event_dim

    def __call__(self, *, is_discrete: Any = NotImplemented,
                 event_dim: Any = NotImplemented) -> Any:  # fmt: skip
        """A copy with some of its properties stated."""
        if is_discrete is NotImplemented:
            is_discrete = self._is_discrete
        if event_dim is NotImplemented:
            event_dim = self._event_dim
        return _Dependent(is_discrete=is_discrete, event_dim=event_dim)

    def check(self, value: Tensor) -> Tensor:
        raise ArgumentError("Cannot determine validity of dependent constraint")


class _DependentProperty(property, _Dependent):
    """A property that gives the constraint on an instance, and is dependent on the class."""

    def __init__(self, fn: Callable[..., Any] | None = None, *, is_discrete: Any = NotImplemented,
                 event_dim: Any = NotImplemented) -> None:  # fmt: skip
        super().__init__(fn)
        self._is_discrete, self._event_dim = is_discrete, event_dim

    def __call__(self, fn: Callable[..., Any]) -> _DependentProperty:
        return _DependentProperty(fn, is_discrete=self._is_discrete, event_dim=self._event_dim)


def is_dependent(constraint: Any) -> bool:
    """Whether a constraint is known only with the parameters of an instance.

    >>> import chainrule as torch
    >>> torch.distributions.constraints.is_dependent(torch.distributions.constraints.real)
    False
    """
    return isinstance(constraint, _Dependent)


dependent = _Dependent()
dependent_property = _DependentProperty
independent = _IndependentConstraint
boolean = _Boolean()
one_hot = _OneHot()
nonnegative_integer = _IntegerGreaterThan(0)
positive_integer = _IntegerGreaterThan(1)
integer_interval = _IntegerInterval
real = _Real()
real_vector = independent(real, 1)
positive = _GreaterThan(0.0)
nonnegative = _GreaterThanEq(0.0)
greater_than = _GreaterThan
greater_than_eq = _GreaterThanEq
less_than = _LessThan
multinomial = _Multinomial
unit_interval = _Interval(0.0, 1.0)
interval = _Interval
half_open_interval = _HalfOpenInterval
simplex = _Simplex()
lower_triangular = _LowerTriangular()
lower_cholesky = _LowerCholesky()
corr_cholesky = _CorrCholesky()
square = _Square()
symmetric = _Symmetric()
positive_semidefinite = _PositiveSemidefinite()
positive_definite = _PositiveDefinite()
cat = _Cat
stack = _Stack
