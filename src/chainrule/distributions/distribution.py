"""The base of all distributions: shapes, validation, `expand`, `repr`."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.utils import lazy_property
from chainrule.dtypes import Size
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor

__all__ = ["Distribution"]

SCALAR = Size()


class Distribution:
    """A probability distribution over tensors.

    `batch_shape` counts independent distributions with parameters of their own, `event_shape` is
    the shape of one draw.  A subclass sets `arg_constraints`, `support` and the methods it has
    formulas for; what has none raises NotImplementedError.

    Args:
        batch_shape, event_shape: see above.
        validate_args: check parameters now and values later; on unless Python runs with -O.

    Shapes: `sample(s)` has shape s + batch_shape + event_shape; `log_prob` drops event_shape.
    Gradient: `rsample` carries it to the parameters, `sample` does not.

    >>> import chainrule as torch
    >>> d = torch.distributions.Normal(torch.zeros(3), 1.)
    >>> d.batch_shape, d.event_shape, d.sample((2,)).shape
    (torch.Size([3]), torch.Size([]), torch.Size([2, 3]))
    """

    has_rsample = False
    has_enumerate_support = False
    _validate_args: bool = __debug__
    # What `expand` expands, tensors and distributions, each with the number of dimensions of its
    # own behind the batch; and what it takes over.  A class with an __init__ declares its own.
    _expands: ClassVar[dict[str, int]] = {}
    _keeps: ClassVar[tuple[str, ...]] = ()

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Turn validation on or off for all distributions that do not say themselves."""
        if value not in (True, False):
            raise ArgumentError("validation is either on or off: pass True or False")
        Distribution._validate_args = value

    def __init__(self, batch_shape: Any = SCALAR, event_shape: Any = SCALAR,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        self._batch_shape, self._event_shape = batch_shape, event_shape
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._validate_arguments()
        super().__init__()

    def _validate_arguments(self) -> None:
        """Hold every parameter that was given against its constraint."""
        try:
            expected = self.arg_constraints
        except NotImplementedError:
            warnings.warn(
                f"{self.__class__} does not define `arg_constraints`. Please set `arg_constraints "
                "= {}` or initialize the distribution with `validate_args=False` to turn off "
                "validation.", stacklevel=4,
            )  # fmt: skip
            return
        given = self.__dict__
        for name, constraint in expected.items():
            value = given.get(name)
            if value is None:
                if constraints.is_dependent(constraint):
                    continue
                if name not in given and isinstance(getattr(type(self), name), lazy_property):
                    continue
                value = getattr(self, name)
            elif constraints.is_dependent(constraint):
                continue
            if not constraint._holds(value):
                raise ArgumentError(
                    f"Expected parameter {name} ({type(value).__name__} of shape "
                    f"{tuple(value.shape)}) of distribution {self!r} to satisfy the constraint "
                    f"{constraint!r}, but found invalid values:\n{value}"
                )

    def _validate_sample(self, value: Any) -> None:
        """Raise unless `value` could have been drawn: its shape, then the support."""
        if not isinstance(value, Tensor):
            raise ArgumentError("The value argument to log_prob must be a Tensor")
        actual, event = value._array.shape, self._event_shape
        if actual[len(actual) - len(event) :] != event:
            raise ArgumentError("The right-most size of value must match event_shape: "
                                f"{value.size()} vs {event}.")  # fmt: skip
        expected = self._batch_shape + event
        if actual != expected:
            for i, j in zip(reversed(actual), reversed(expected), strict=False):
                if i != 1 and j != 1 and i != j:
                    raise ArgumentError("Value is not broadcastable with batch_shape+event_shape: "
                                        f"{value.size()} vs {Size(expected)}.")  # fmt: skip
        try:
            support = self.support
        except NotImplementedError:
            warnings.warn(
                f"{self.__class__} does not define `support` to enable sample validation. Please "
                "initialize the distribution with `validate_args=False` to turn off validation.",
                stacklevel=3,
            )
            return
        if not support._holds(value):
            raise ArgumentError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(actual)}) to be "
                f"within the support ({support!r}) of the distribution {self!r}, but found "
                f"invalid values:\n{value}"
            )

    # ---- shapes --------------------------------------------------------------------------

    @property
    def batch_shape(self) -> Any:
        """The shape of the parameters: how many distributions this is."""
        return self._batch_shape

    @property
    def event_shape(self) -> Any:
        """The shape of one draw from one of them."""
        return self._event_shape

    def _extended_shape(self, sample_shape: Any = ()) -> Any:
        """The shape of a sample."""
        if not isinstance(sample_shape, Size):
            sample_shape = Size(sample_shape)
        return tuple.__new__(Size, (*sample_shape, *self._batch_shape, *self._event_shape))

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distribution for a larger batch; parameters are views, not copies."""
        return self._expanded(Size(batch_shape), _instance)

    def _expanded(self, shape: Any, instance: Any) -> Any:
        """A new instance whose declared parameters have the batch shape `shape`."""
        owner = next(c for c in type(self).__mro__ if "_expands" in c.__dict__)
        if owner is Distribution:
            raise NotImplementedError
        new = self._get_checked_instance(owner, instance)
        mine = self.__dict__
        for name, own in owner._expands.items():
            if name in mine:
                value = mine[name]
                sizes = value.batch_shape if isinstance(value, Distribution) else value.shape
                setattr(new, name, value.expand(shape + sizes[len(sizes) - own :]))
        for name in owner._keeps:
            setattr(new, name, mine[name])
        new._batch_shape, new._event_shape = shape, self._event_shape
        new._validate_args = self._validate_args
        return new

    def _get_checked_instance(self, cls: Any, _instance: Any = None) -> Any:
        """A blank object of this type, for `expand`; it must be built as `cls` is."""
        if _instance is None and type(self).__init__ is not cls.__init__:
            raise NotImplementedError(
                f"Subclass {type(self).__name__} of {cls.__name__} that defines a custom __init__ "
                "method must also define a custom .expand() method."
            )
        return self.__new__(type(self)) if _instance is None else _instance

    # ---- parameters and values -----------------------------------------------------------

    @property
    def arg_constraints(self) -> dict[str, constraints.Constraint]:
        """What each parameter must satisfy, by name."""
        raise NotImplementedError

    @property
    def support(self) -> Any:
        """The constraint that all values satisfy."""
        raise NotImplementedError

    @property
    def mean(self) -> Tensor:
        """The mean."""
        raise NotImplementedError

    @property
    def mode(self) -> Tensor:
        """The most probable value."""
        raise NotImplementedError(f"{self.__class__} does not implement mode")

    @property
    def variance(self) -> Tensor:
        """The variance of each element."""
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        """The square root of the variance."""
        return self.variance.sqrt()

    # ---- drawing -------------------------------------------------------------------------

    def sample(self, sample_shape: Any = SCALAR) -> Tensor:
        """Draws of shape sample_shape + batch_shape + event_shape, without gradient."""
        with torch.no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = SCALAR) -> Tensor:
        """Draws through which gradients reach the parameters."""
        raise NotImplementedError

    def sample_n(self, n: int) -> Tensor:
        """`sample((n,))`, under its old name."""
        warnings.warn("`sample_n(n)` will be deprecated. Use `sample((n,))` instead.",
                      FutureWarning, stacklevel=2)  # fmt: skip
        return self.sample(Size((n,)))

    # ---- probabilities -------------------------------------------------------------------

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density, or the probability, of `value`."""
        raise NotImplementedError

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of at most `value`."""
        raise NotImplementedError

    def icdf(self, value: Tensor) -> Tensor:
        """The quantile: the inverse of `cdf`."""
        raise NotImplementedError

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values of a discrete distribution, along a new first dimension.

        With `expand=False` the batch dimensions have size 1.
        """
        raise NotImplementedError

    def entropy(self) -> Tensor:
        """The mean of -log_prob."""
        raise NotImplementedError

    def perplexity(self) -> Tensor:
        """exp(entropy)."""
        return torch.exp(self.entropy())

    def __repr__(self) -> str:
        given = ((k, self.__dict__[k]) for k in self.arg_constraints if k in self.__dict__)
        inner = ", ".join(f"{k}: {v if v.numel() == 1 else v.size()}" for k, v in given)
        return f"{type(self).__name__}({inner})"
