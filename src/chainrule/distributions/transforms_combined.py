"""Transforms made of others: one after another, on pieces, on larger events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.transform_base import Transform, require_dims
from chainrule.distributions.utils import _sum_rightmost, lazy_property
from chainrule.tensor import Tensor


def outermost(own: Any, steps: Any) -> Any:
    """A constraint with the event dimensions that a chain of maps needs in all."""
    event_dim = steps[0]
    for change, least in steps[1]:
        event_dim = max(event_dim + change, least)
    if event_dim < own.event_dim:
        raise AssertionError(f"event_dim {event_dim} must be >= {own.event_dim}")
    extra = event_dim - own.event_dim
    return constraints.independent(own, extra) if extra else own


class ComposeTransform(Transform):
    """One transform after another.

    >>> import chainrule as torch
    >>> d = torch.distributions
    >>> d.ComposeTransform([d.ExpTransform(), d.AffineTransform(1., 2.)])(torch.tensor(0.))
    tensor(3.)
    """

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size=cache_size)
        self.parts = [p.with_cache(cache_size) for p in parts] if cache_size else parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ComposeTransform) and self.parts == other.parts

    __hash__ = None

    @constraints.dependent_property(is_discrete=False)
    def domain(self) -> Any:
        """That of the first part, for events as large as the later parts need."""
        if not self.parts:
            return constraints.real
        ends = [(p.domain.event_dim, p.codomain.event_dim) for p in reversed(self.parts)]
        steps = [(before - after, before) for before, after in ends]
        return outermost(self.parts[0].domain, (ends[0][1], steps))

    @constraints.dependent_property(is_discrete=False)
    def codomain(self) -> Any:
        """That of the last part, for events as large as the earlier parts give."""
        if not self.parts:
            return constraints.real
        ends = [(p.domain.event_dim, p.codomain.event_dim) for p in self.parts]
        steps = [(after - before, after) for before, after in ends]
        return outermost(self.parts[-1].codomain, (ends[0][0], steps))

    @lazy_property
    def bijective(self) -> Any:
        """Whether all parts are."""
        return all(p.bijective for p in self.parts)

    @lazy_property
    def sign(self) -> Any:
        """The product of the parts' signs."""
        return math.prod((p.sign for p in self.parts), start=1)

    @property
    def inv(self) -> Any:
        """The inverses in reverse order."""
        if self._inv is None:
            self._inv = ComposeTransform([p.inv for p in reversed(self.parts)])
            self._inv._inv = self
        return self._inv

    def with_cache(self, cache_size: int = 1) -> Any:
        """The same parts, each with a cache."""
        if self._cache_size == cache_size:
            return self
        return ComposeTransform(self.parts, cache_size=cache_size)

    def __call__(self, x: Tensor) -> Tensor:
        for part in self.parts:
            x = part(x)
        return x

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The sum over the parts."""
        if not self.parts:
            return torch.zeros_like(x)
        event_dim = self.domain.event_dim
        total: Any = 0
        for i, part in enumerate(self.parts):
            after = y if i == len(self.parts) - 1 else part(x)
            term = part.log_abs_det_jacobian(x, after)
            term = _sum_rightmost(term, event_dim - part.domain.event_dim)
            total = total + term if i else term
            event_dim += part.codomain.event_dim - part.domain.event_dim
            x = after
        return total

    def forward_shape(self, shape: Any) -> Any:
        """Through all parts."""
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        """Back through all parts."""
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def __repr__(self) -> str:
        inner = ",\n    ".join(map(repr, self.parts))
        return f"{type(self).__name__}(\n    {inner}\n)"


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """A transform whose last batch dimensions count as part of the event: their terms are summed.

    >>> import chainrule as torch
    >>> d = torch.distributions
    >>> t = d.IndependentTransform(d.ExpTransform(), 1)
    >>> x = torch.ones(3)
    >>> t.log_abs_det_jacobian(x, t(x))
    tensor(3.)
    """

    def __init__(self, base_transform: Any, reinterpreted_batch_ndims: int,
                 cache_size: int = 0) -> None:  # fmt: skip
        super().__init__(cache_size=cache_size)
        self.base_transform = base_transform.with_cache(cache_size)
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    def with_cache(self, cache_size: int = 1) -> Any:
        """The same, with the base in a cache too."""
        if self._cache_size == cache_size:
            return self
        return IndependentTransform(self.base_transform, self.reinterpreted_batch_ndims, cache_size)

    @constraints.dependent_property(is_discrete=False)
    def domain(self) -> Any:
        """The base's, for larger events."""
        return constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims)

    @constraints.dependent_property(is_discrete=False)
    def codomain(self) -> Any:
        """The base's, for larger events."""
        return constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims)

    @property
    def bijective(self) -> Any:
        """Whether the base is."""
        return self.base_transform.bijective

    @property
    def sign(self) -> Any:
        """The base's."""
        return self.base_transform.sign

    def _call(self, x: Tensor) -> Tensor:
        require_dims(x.shape, self.domain.event_dim)
        return self.base_transform(x)

    def _inverse(self, y: Tensor) -> Tensor:
        require_dims(y.shape, self.codomain.event_dim)
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The base's, summed over the dimensions that became part of the event."""
        result = self.base_transform.log_abs_det_jacobian(x, y)
        return _sum_rightmost(result, self.reinterpreted_batch_ndims)

    def __repr__(self) -> str:
        inner = f"{self.base_transform!r}, {self.reinterpreted_batch_ndims}"
        return f"{type(self).__name__}({inner})"

    def forward_shape(self, shape: Any) -> Any:
        """The base's."""
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The base's."""
        return self.base_transform.inverse_shape(shape)


class _Pieces(Transform):
    """Transforms for the pieces of a tensor along one dimension."""

    def __init__(self, tseq: Sequence[Any], dim: int, cache_size: int) -> None:
        if not all(isinstance(t, Transform) for t in tseq):
            raise AssertionError("All elements of tseq must be Transform instances")
        super().__init__(cache_size=cache_size)
        self.transforms = [t.with_cache(cache_size) if cache_size else t for t in tseq]
        self.dim = dim

    def with_cache(self, cache_size: int = 1) -> Any:
        """The same, with all pieces in caches."""
        if self._cache_size == cache_size:
            return self
        new = super().with_cache(cache_size)
        new.transforms = [t.with_cache(cache_size) for t in self.transforms]
        return new

    @property
    def bijective(self) -> Any:
        """Whether all are."""
        return all(t.bijective for t in self.transforms)

    def _require_size(self, size: int, *tensors: Tensor) -> None:
        for x in tensors:
            if not -x.dim() <= self.dim < x.dim():
                raise AssertionError(f"dim {self.dim} out of range for tensor with {x.dim()} "
                                     "dimensions")  # fmt: skip
            if x.size(self.dim) != size:
                raise AssertionError(f"x.size({self.dim}) = {x.size(self.dim)} must equal {size}")


class CatTransform(_Pieces):
    """Each transform on its piece, the pieces of the given `lengths` one after another.

    >>> import chainrule as torch
    >>> d = torch.distributions
    >>> t = d.CatTransform([d.ExpTransform(), d.AffineTransform(0., 2.)], lengths=[1, 2])
    >>> t(torch.tensor([0., 1., 2.]))
    tensor([1., 2., 4.])
    """

    def __init__(self, tseq: Sequence[Any], dim: int = 0, lengths: Any = None,
                 cache_size: int = 0) -> None:  # fmt: skip
        super().__init__(tseq, dim, cache_size)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.transforms):
            raise AssertionError(f"lengths ({len(self.lengths)}) must match transforms "
                                 f"({len(self.transforms)})")  # fmt: skip

    @lazy_property
    def event_dim(self) -> Any:
        """The largest of the pieces."""
        return max(t.event_dim for t in self.transforms)

    @lazy_property
    def length(self) -> Any:
        """The size of the dimension."""
        return sum(self.lengths)

    def _pieces(self, *tensors: Tensor) -> Any:
        self._require_size(self.length, *tensors)
        return zip(*(x.split(self.lengths, self.dim) for x in tensors), strict=True)

    def _call(self, x: Tensor) -> Tensor:
        parts = zip(self.transforms, self._pieces(x), strict=True)
        return torch.cat([t(v) for t, (v,) in parts], dim=self.dim)

    def _inverse(self, y: Tensor) -> Tensor:
        parts = zip(self.transforms, self._pieces(y), strict=True)
        return torch.cat([t.inv(v) for t, (v,) in parts], dim=self.dim)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The pieces' one after another, or their sum where the dimension is part of the event."""
        parts = zip(self.transforms, self._pieces(x, y), strict=True)
        logs = [_sum_rightmost(t.log_abs_det_jacobian(*xy), self.event_dim - t.event_dim)
                for t, xy in parts]  # fmt: skip
        dim = (self.dim - x.dim() if self.dim >= 0 else self.dim) + self.event_dim
        return torch.cat(logs, dim=dim) if dim < 0 else sum(logs)

    @constraints.dependent_property
    def domain(self) -> Any:
        """The pieces'."""
        return constraints.cat([t.domain for t in self.transforms], self.dim, self.lengths)

    @constraints.dependent_property
    def codomain(self) -> Any:
        """The pieces'."""
        return constraints.cat([t.codomain for t in self.transforms], self.dim, self.lengths)


class StackTransform(_Pieces):
    """The i-th transform on the i-th slice along `dim`.

    >>> import chainrule as torch
    >>> d = torch.distributions
    >>> t = d.StackTransform([d.ExpTransform(), d.AffineTransform(0., 2.)])
    >>> t(torch.tensor([0., 1.]))
    tensor([1., 2.])
    """

    def __init__(self, tseq: Sequence[Any], dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(tseq, dim, cache_size)

    def _pieces(self, *tensors: Tensor) -> Any:
        self._require_size(len(self.transforms), *tensors)
        return zip(*(x.unbind(self.dim) for x in tensors), strict=True)

    def _call(self, x: Tensor) -> Tensor:
        parts = zip(self.transforms, self._pieces(x), strict=True)
        return torch.stack([t(v) for t, (v,) in parts], dim=self.dim)

    def _inverse(self, y: Tensor) -> Tensor:
        parts = zip(self.transforms, self._pieces(y), strict=True)
        return torch.stack([t.inv(v) for t, (v,) in parts], dim=self.dim)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The slices', stacked."""
        parts = zip(self.transforms, self._pieces(x, y), strict=True)
        return torch.stack([t.log_abs_det_jacobian(*xy) for t, xy in parts], dim=self.dim)

    @constraints.dependent_property
    def domain(self) -> Any:
        """The slices'."""
        return constraints.stack([t.domain for t in self.transforms], self.dim)

    @constraints.dependent_property
    def codomain(self) -> Any:
        """The slices'."""
        return constraints.stack([t.codomain for t in self.transforms], self.dim)
