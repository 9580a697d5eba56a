"""Kullback-Leibler divergences: a table of formulas by the types of both distributions.

>>> import chainrule as torch
>>> d = torch.distributions
>>> d.kl_divergence(d.Bernoulli(torch.tensor(0.5)), d.Bernoulli(torch.tensor(0.5)))
tensor(0.)
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

import chainrule as torch
from chainrule.distributions.distribution import Distribution
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor

__all__ = ["kl_divergence", "register_kl"]

Formula = Callable[[Any, Any], Any]
_KL_REGISTRY: dict[tuple[type, type], Formula] = {}
_KL_MEMOIZE: dict[tuple[type, type], Any] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Formula], Formula]:
    """A decorator: the function gives kl_divergence(p, q) for these types and their subclasses.

    >>> import chainrule as torch
    >>> from chainrule.distributions import Normal, kl_divergence, register_kl
    >>> class Mine(Normal):
    ...     pass
    >>> @register_kl(Mine, Mine)
    ... def formula(p, q):
    ...     return torch.tensor(42.)
    >>> kl_divergence(Mine(0., 1.), Mine(0., 1.))
    tensor(42.)
    """
    for name, value in (("type_p", type_p), ("type_q", type_q)):
        if not (isinstance(value, type) and issubclass(value, Distribution)):
            raise ArgumentError(f"Expected {name} to be a Distribution subclass but got {value}")

    def decorator(function: Formula) -> Formula:
        _KL_REGISTRY[type_p, type_q] = function
        _KL_MEMOIZE.clear()
        return function

    return decorator


def _closest(matches: list[tuple[type, type]], first: int) -> tuple[type, type]:
    """The most special of some pairs of types, that at index `first` looked at first."""

    def compare(a: tuple[type, type], b: tuple[type, type]) -> int:
        for i in (first, 1 - first):
            if a[i] is not b[i]:
                return -1 if issubclass(a[i], b[i]) else 1
        return 0

    return min(matches, key=cmp_to_key(compare))


def _dispatch_kl(type_p: type, type_q: type) -> Any:
    """The formula for two types, or NotImplemented."""
    matches = [(p, q) for p, q in _KL_REGISTRY if issubclass(type_p, p) and issubclass(type_q, q)]
    if not matches:
        return NotImplemented
    left, right = _closest(matches, 0), _closest(matches, 1)
    if _KL_REGISTRY[left] is not _KL_REGISTRY[right]:
        warnings.warn(
            f"Ambiguous kl_divergence({type_p.__name__}, {type_q.__name__}). Please "
            f"register_kl({left[0].__name__}, {right[1].__name__})", RuntimeWarning, stacklevel=3,
        )  # fmt: skip
    return _KL_REGISTRY[left]


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """The mean of log p(x) - log q(x) over x drawn from p.

    Shapes: the batch shapes of p and q broadcast together.
    Gradient: in the parameters of both.
    Errors: NotImplementedError where no formula is known for the two types.

    >>> import chainrule as torch
    >>> d = torch.distributions
    >>> d.kl_divergence(d.Exponential(torch.tensor(1.)), d.Exponential(torch.tensor(2.)))
    tensor(0.3069)
    """
    types = type(p), type(q)
    formula = _KL_MEMOIZE.get(types)
    if formula is None:
        formula = _KL_MEMOIZE[types] = _dispatch_kl(*types)
    if formula is NotImplemented:
        raise NotImplementedError(f"No KL(p || q) is implemented for p type {types[0].__name__} "
                                  f"and q type {types[1].__name__}")  # fmt: skip
    return formula(p, q)


def _infinite_like(tensor: Tensor) -> Tensor:
    return torch.full_like(tensor, math.inf)


def _x_log_x(tensor: Tensor) -> Tensor:
    return torch.special.xlogy(tensor, tensor)


def _batch_trace_XXT(matrix: Tensor) -> Tensor:
    """The trace of X X', the sum of the squares of X."""
    return matrix.pow(2).flatten(-2).sum(-1)
