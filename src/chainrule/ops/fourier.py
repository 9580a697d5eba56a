"""Discrete Fourier transforms along given axes: complex to complex, real to half, half to real.

`scale` is "none" or "n" or "root": what the sum is divided by, N or its root.  The matrix of a
transform is symmetric, so a gradient goes through the same transform; the two that know one half
of the frequencies are each other's transpose, up to the weight of those that stand for two.
"""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.errors import ArgumentError, DtypeError
from chainrule.ops.base import Linear
from chainrule.spec import Spec

Array = Any
Axes = tuple[int, ...]


class Fourier(Linear):
    """out_k = sum of x_n e**(-+2 pi i k n / N) along each axis, scaled.   dL/dx = the same of g.

    The sign is minus, or plus if `inverse`.
    """

    name, inputs, promotes = "fourier", ("x",), None
    grad_name = "FftC2C"

    @staticmethod
    def spec(x: Spec, *, axis: Axes, inverse: bool, scale: str) -> Spec:
        needs_points([x.shape[a] for a in axis])
        return Spec(x.shape, specs.complex_of(x.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, *, axis: Axes, inverse: bool, scale: str) -> Array:
        return xp.fourier(g, axis=axis, inverse=inverse, scale=scale)


class RealFourier(Linear):
    """out_k = sum of x_n e**(-2 pi i k n / N), k from 0 to N // 2, of real x.

    dL/dx_n = Re of the sum of g_k e**(-2 pi i k n / N) over these k: half_fourier of conj(g), with
    the frequencies halved that it counts twice.
    """

    name, inputs, promotes = "real_fourier", ("x",), None
    grad_name = "FftR2C"

    @staticmethod
    def spec(x: Spec, *, axis: int, scale: str) -> Spec:
        if x.dtype.kind == "c":
            raise DtypeError("rfft expects a real input tensor, but got a complex one")
        needs_points([x.shape[axis]])
        half = x.shape[axis] // 2 + 1
        shape = (*x.shape[:axis], half, *x.shape[axis + 1 :])
        return Spec(shape, specs.complex_of(x.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, axis: int, scale: str) -> Array:
        n = x_spec.shape[axis]
        weight = weights(xp, n, axis, g, 0.5, x_spec.dtype)
        return xp.half_fourier(xp.conj(g) * weight, axis=axis, n=n, scale=scale)


class HalfFourier(Linear):
    """out_n = sum of x_k e**(2 pi i k n / N) over all k, where x_(N-k) = conj(x_k): a real result.

    dL/dx_k = conj(real_fourier of g), doubled where x_k stands for two.
    """

    name, inputs, promotes = "half_fourier", ("x",), None
    grad_name = "FftC2R"

    @staticmethod
    def spec(x: Spec, *, axis: int, n: int, scale: str) -> Spec:
        needs_points([n])
        return Spec((*x.shape[:axis], n, *x.shape[axis + 1 :]), specs.real_of(x.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, *, axis: int, n: int, scale: str) -> Array:
        half = xp.conj(xp.real_fourier(g, axis=axis, scale=scale))
        return half * weights(xp, n, axis, half, 2.0, g.dtype)


def weights(xp: Any, n: int, axis: int, like: Array, value: float, dtype: Any) -> Array:
    """1 for the frequencies 0 and N / 2, `value` for the others, along `axis`."""
    others = (n - 1) // 2
    parts = [xp.full(shape=(1,), value=1.0, dtype=dtype)]
    parts += [xp.full(shape=(others,), value=value, dtype=dtype)] * (others > 0)
    parts += [xp.full(shape=(1,), value=1.0, dtype=dtype)] * (n % 2 == 0)
    rest = len(like.shape) - axis - 1
    return xp.reshape(xp.concat(*parts, axis=0), shape=(n // 2 + 1, *(1,) * rest))


def needs_points(sizes: list[int]) -> None:
    """Raise if a transform is asked of no numbers."""
    for n in sizes:
        if n < 1:
            raise ArgumentError(f"Invalid number of data points ({n}) specified")
