"""Reductions: sum, mean, product, extremes, variance, norms."""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.errors import DimensionError, ShapeError
from chainrule.ops.base import Linear, Op, Reduction, conjugate, unreduce
from chainrule.spec import Spec

Array = Any
Axes = tuple[int, ...]


class Sum(Linear, Reduction):
    """out = sum of x along `axis`; integers sum to int64.   dL/dx = g, repeated along `axis`."""

    name, inputs, some_dimensions = "sum", ("x",), True
    c_init, c_step = "0", "{acc} + {x}"

    @classmethod
    def spec(cls, x: Spec, *, axis: Axes, keepdims: bool) -> Spec:
        dtype = x.dtype if specs.is_inexact(x.dtype) else specs.INT64
        return Spec(specs.reduced_shape(x.shape, axis, keepdims), dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Any, *, axis: Axes, keepdims: bool) -> Array:
        if not keepdims:
            g = unreduce(xp, g, x_spec.shape, axis)
        return xp.broadcast_to(g, shape=x_spec.shape)


class Mean(Linear, Reduction):
    """out = mean of x along `axis`.   dL/dx = g / n, repeated along `axis`."""

    name, inputs, some_dimensions = "mean", ("x",), True

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Any, *, axis: Axes, keepdims: bool) -> Array:
        g = unreduce(xp, g, x_spec.shape, axis) / count(x_spec.shape, axis)
        return xp.broadcast_to(g, shape=x_spec.shape)


class Prod(Reduction):
    """out = product of x along `axis`, one axis.   dL/dx_k = g * product of the other x.

    The others are the running products from both ends, so zeros need no special case.
    """

    name, inputs = "prod", ("x",)
    c_init, c_step = "1", "{acc} * {x}"

    @classmethod
    def spec(cls, x: Spec, *, axis: Axes, keepdims: bool) -> Spec:
        dtype = x.dtype if specs.is_inexact(x.dtype) else specs.INT64
        return Spec(specs.reduced_shape(x.shape, axis, keepdims), dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, axis: Axes, keepdims: bool) -> Array:
        g = unreduce(xp, g, x.shape, axis)
        if 0 in x.shape or not axis:
            return g * xp.ones_like(x) if not axis else g * x
        (along,) = axis
        before = shifted(xp, xp.cumprod(x, axis=along), along, 1.0)
        after = shifted(xp, xp.cumprod(flipped(xp, x, along), axis=along), along, 1.0)
        return g * (before * flipped(xp, after, along))


class Amax(Reduction):
    """out = the largest x along `axis`.   dL/dx = g * share.

    `share` splits each output's gradient equally among the elements that attain it (torch.amax),
    and both modes use it, so <u, J t> = <J' u, t> also holds at ties.  NaN propagates.
    """

    name, inputs = "amax", ("x",)
    c_init, c_step = "-INFINITY", "({x} > {acc} || {x} != {x}) ? {x} : {acc}"

    @classmethod
    def spec(cls, x: Spec, *, axis: Axes, keepdims: bool) -> Spec:
        return extreme_spec("amax", x, axis, keepdims)

    @staticmethod
    def share(xp: Any, x: Array, out: Array, axis: Axes) -> Array:
        hit = xp.astype(x == unreduce(xp, out, x.shape, axis), dtype=x.dtype)
        return hit / xp.sum(hit, axis=axis, keepdims=True)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array, *, axis: Axes, keepdims: bool) -> Array:
        return unreduce(xp, g, x.shape, axis) * Amax.share(xp, x, out, axis)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axis: Axes, keepdims: bool) -> Array:
        (t,), (x, out) = ts, values[:2]
        return xp.sum(t * Amax.share(xp, x, out, axis), axis=axis, keepdims=keepdims)


class Amin(Reduction):
    """out = the smallest x along `axis`.   dL/dx = g, split equally among those that attain it."""

    name, inputs = "amin", ("x",)
    c_init, c_step = "INFINITY", "({x} < {acc} || {x} != {x}) ? {x} : {acc}"

    @classmethod
    def spec(cls, x: Spec, *, axis: Axes, keepdims: bool) -> Spec:
        return extreme_spec("amin", x, axis, keepdims)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array, *, axis: Axes, keepdims: bool) -> Array:
        return unreduce(xp, g, x.shape, axis) * Amax.share(xp, x, out, axis)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axis: Axes, keepdims: bool) -> Array:
        (t,), (x, out) = ts, values[:2]
        return xp.sum(t * Amax.share(xp, x, out, axis), axis=axis, keepdims=keepdims)


class Chosen(Op):
    """One number taken from all elements of x.   dL/dx = g, split equally among its equals."""

    @classmethod
    def spec(cls, x: Spec) -> Spec:
        if x.size == 0:
            raise ShapeError(
                f"{cls.name.removesuffix('_all')}(): Expected reduction dim to be specified for "
                "input.numel() == 0. Specify the reduction dim with the 'dim' argument."
            )
        return Spec((), x.dtype)

    @staticmethod
    def share(xp: Any, x: Array, out: Array) -> Array:
        """NaN counts as equal to NaN here."""
        hit = xp.logical_or(x == out, xp.logical_and(x != x, out != out))
        hit = xp.astype(hit, dtype=x.dtype)
        return hit / xp.sum(hit, axis=tuple(range(x.ndim)), keepdims=False)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any) -> Array:
        (t,), (x, out) = ts, values[:2]
        return xp.sum(t * Chosen.share(xp, x, out), axis=tuple(range(x.ndim)), keepdims=False)


def split_evenly(xp: Any, g: Array, x: Array, out: Array) -> Array:
    """The rule of the ops that choose one number from all elements."""
    return g * Chosen.share(xp, x, out)


class MaxAll(Chosen):
    """out = the largest of all x; NaN if there is one."""

    name, inputs, grad_name = "max_all", ("x",), "Max"
    d_x = staticmethod(split_evenly)
    node_name = staticmethod(lambda: "MaxBackward1")


class MinAll(Chosen):
    """out = the smallest of all x; NaN if there is one."""

    name, inputs, grad_name = "min_all", ("x",), "Min"
    d_x = staticmethod(split_evenly)
    node_name = staticmethod(lambda: "MinBackward1")


class MedianAll(Chosen):
    """out = the lower median of all x; NaN if there is one."""

    name, inputs, grad_name = "median_all", ("x",), "Median"
    d_x = staticmethod(split_evenly)


class NanMedianAll(Chosen):
    """out = the lower median of all x that are not NaN."""

    name, inputs, grad_name = "nanmedian_all", ("x",), "Nanmedian"
    d_x = staticmethod(split_evenly)


class Var(Reduction):
    """out = sum of (x - mean)**2 / (n - correction).   dL/dx = g * 2 conj(x - mean) / (n - c)."""

    name, inputs = "var", ("x",)

    @classmethod
    def spec(cls, x: Spec, *, axis: Axes, keepdims: bool, correction: float) -> Spec:
        return Spec(specs.reduced_shape(x.shape, axis, keepdims), specs.real_of(x.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, axis: Axes, keepdims: bool, correction: float) -> Array:
        g = unreduce(xp, g, x.shape, axis) * 2 / degrees(x.shape, axis, correction)
        return g * conjugate(xp, centred(xp, x, axis))


class Std(Reduction):
    """out = the square root of the variance.

    dL/dx = g * (x - mean) / (out * (n - correction)), and 0 where out is 0.
    """

    name, inputs = "std", ("x",)

    @classmethod
    def spec(cls, x: Spec, *, axis: Axes, keepdims: bool, correction: float) -> Spec:
        return Spec(specs.reduced_shape(x.shape, axis, keepdims), specs.real_of(x.dtype))

    @staticmethod
    def d_x(
        xp: Any, g: Array, x: Array, out: Array, *, axis: Axes, keepdims: bool, correction: float
    ) -> Array:
        ratio = safe_ratio(xp, g, out) / degrees(x.shape, axis, correction)
        return unreduce(xp, ratio, x.shape, axis) * conjugate(xp, centred(xp, x, axis))


class PNorm(Reduction):
    """out = (sum |x|**p)**(1/p) along `axis`; p = 0 counts nonzeros, p = ±inf takes an extreme.

    dL/dx = g * conj(sign(x)) * (|x| / out)**(p - 1), and 0 where out is 0.
    """

    name, inputs, grad_name = "p_norm", ("x",), "LinalgVectorNorm"

    @classmethod
    def spec(cls, x: Spec, *, axis: Axes, keepdims: bool, p: float) -> Spec:
        if p == float("inf") or p < 0:
            extreme_spec("linalg.vector_norm", x, axis, keepdims)
        return Spec(specs.reduced_shape(x.shape, axis, keepdims), specs.real_of(x.dtype))

    @staticmethod
    def d_x(
        xp: Any, g: Array, x: Array, out: Array, *, axis: Axes, keepdims: bool, p: float
    ) -> Array:
        if p == 0:
            return xp.zeros_like(x)
        x = conjugate(xp, x)
        if p in (float("inf"), float("-inf")):
            size = xp.absolute(x)
            share = Amax.share(xp, size, out, axis)
            return unreduce(xp, g, x.shape, axis) * (xp.sign(x) * share)
        if p == 1:
            return unreduce(xp, g, x.shape, axis) * xp.sign(x)
        if p == 2:
            return unreduce(xp, safe_ratio(xp, g, out), x.shape, axis) * x
        g = unreduce(xp, g, x.shape, axis)
        out = unreduce(xp, out, x.shape, axis)
        none = out == 0
        size = xp.absolute(x) / xp.where(none, xp.ones_like(out), out)
        size = xp.where(x == 0, xp.ones_like(size), size)
        return xp.where(none, xp.zeros_like(g), g) * (xp.sign(x) * xp.power(size, p - 1))


class LogSumExp(Reduction):
    """out = ln of the sum of e**x along `axis`.   dL/dx = g * e**(x - out)."""

    name, inputs, grad_name = "logsumexp", ("x",), "Logsumexp"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array, *, axis: Axes, keepdims: bool) -> Array:
        g, out = unreduce(xp, g, x.shape, axis), unreduce(xp, out, x.shape, axis)
        floor = xp.where(out == -float("inf"), xp.zeros_like(out), out)
        return g * xp.exp(x - floor)


class Judgement(Reduction):
    """Gives booleans or integers: there is nothing to differentiate."""

    differentiable = False

    @classmethod
    def spec(cls, x: Spec, *, axis: Axes, keepdims: bool) -> Spec:
        return Spec(specs.reduced_shape(x.shape, axis, keepdims), specs.BOOL)


class AnyOf(Judgement):
    """out = whether any x along `axis` is nonzero."""

    name, inputs = "any", ("x",)


class AllOf(Judgement):
    """out = whether all x along `axis` are nonzero."""

    name, inputs = "all", ("x",)


class CountNonzero(Reduction):
    """out = how many x along `axis` are nonzero."""

    name, inputs, differentiable = "count_nonzero", ("x",), False

    @classmethod
    def spec(cls, x: Spec, *, axis: Axes, keepdims: bool) -> Spec:
        return Spec(specs.reduced_shape(x.shape, axis, keepdims), specs.INT64)


def count(shape: tuple[int, ...], axis: Axes) -> int:
    """How many elements go into one output."""
    return specs.size_of([shape[a] for a in axis])


def degrees(shape: tuple[int, ...], axis: Axes, correction: float) -> float:
    """n - correction, but not below 0."""
    return max(count(shape, axis) - correction, 0)


def centred(xp: Any, x: Array, axis: Axes) -> Array:
    return x - xp.mean(x, axis=axis, keepdims=True)


def safe_ratio(xp: Any, g: Array, out: Array) -> Array:
    """g / out, and 0 where out is 0: also its derivatives are finite there."""
    none = out == 0
    return xp.where(none, xp.zeros_like(g), g) / xp.where(none, xp.ones_like(out), out)


def flipped(xp: Any, x: Array, axis: int) -> Array:
    """x with `axis` reversed."""
    return xp.slice(x, index=(*(slice(None),) * axis, slice(None, None, -1)))


def shifted(xp: Any, x: Array, axis: int, first: float) -> Array:
    """x moved on by one place along `axis`: `first`, x[0], ..., x[-2]."""
    lead = (slice(None),) * axis
    edge = xp.full(shape=(*x.shape[:axis], 1, *x.shape[axis + 1 :]), value=first, dtype=x.dtype)
    return xp.concat(edge, xp.slice(x, index=(*lead, slice(0, -1))), axis=axis)


def extreme_spec(name: str, x: Spec, axis: Axes, keepdims: bool) -> Spec:
    """The shape rule of a reduction that needs at least one element."""
    for a in axis:
        if x.shape and x.shape[a] == 0:
            raise DimensionError(f"{name}(): Expected reduction dim {a} to have non-zero size.")
    return Spec(specs.reduced_shape(x.shape, axis, keepdims), x.dtype)
