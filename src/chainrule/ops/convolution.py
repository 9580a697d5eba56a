"""Convolution over any number of axes, closed under differentiation.

`conv`, `conv_input_grad` and `conv_weight_grad` are each bilinear, and the derivative of one is
another: so all orders work, and `conv_input_grad` is also the transposed convolution.  Images are
(N, C, *size), weights (filters, C / groups, *kernel); `padding` holds a pair per axis.
"""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule import windows
from chainrule.errors import DtypeError, ShapeError
from chainrule.ops.base import Bilinear, Linear, Op, add_all
from chainrule.spec import Shape, Spec

Array = Any


class LinearLayer(Op):
    """out = x @ weight.T + bias for x (..., in), weight (out, in), bias (out,) or none.

    dL/dx = g @ weight,   dL/dweight = g' x,   dL/dbias = g summed over rows.
    """

    name, inputs = "linear", ("x", "weight", "bias")
    grad_name = "Addmm"

    @staticmethod
    def spec(x: Spec, weight: Spec, bias: Spec | None = None) -> Spec:
        if not x.shape or x.shape[-1] != weight.shape[-1]:
            raise ShapeError(
                "the last axis of x must equal in_features; mat1 and mat2 shapes cannot be "
                f"multiplied ({_rows(x.shape)}x{x.shape[-1] if x.shape else 1} and "
                f"{weight.shape[-1]}x{weight.shape[0]})",
                fix=f"Pass inputs with {weight.shape[-1]} features, or build "
                f"Linear({x.shape[-1] if x.shape else 1}, {weight.shape[0]}).",
            )
        if bias is not None and bias.shape not in ((weight.shape[0],), (1,), ()):
            raise ShapeError(
                f"bias must have out_features = {weight.shape[0]} elements",
                fix=f"Pass a bias of shape ({weight.shape[0]},).",
            )
        if x.dtype != weight.dtype:
            raise DtypeError(
                f"mat1 and mat2 must have the same dtype, but got {x.dtype} and {weight.dtype}",
                fix="Convert x with .to(weight.dtype), or the module with .to(x.dtype).",
            )
        return Spec((*x.shape[:-1], weight.shape[0]), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, weight: Array) -> Array:
        if g.ndim == 2:
            return xp.matmul(g, weight)
        rows = xp.matmul(xp.reshape(g, shape=(_rows(g.shape), g.shape[-1])), weight)
        return xp.reshape(rows, shape=(*g.shape[:-1], weight.shape[1]))

    @staticmethod
    def d_weight(xp: Any, g: Array, x: Array) -> Array:
        if g.ndim != 2:
            g = xp.reshape(g, shape=(_rows(g.shape), g.shape[-1]))
            x = xp.reshape(x, shape=(g.shape[0], x.shape[-1]))
        return xp.matmul(xp.swapaxes(g, axis1=0, axis2=1), x)

    @staticmethod
    def d_bias(xp: Any, g: Array) -> Array:
        return xp.sum(g, axis=tuple(range(g.ndim - 1)), keepdims=False)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any) -> Array:
        return product_rule(xp, xp.linear, ts, values, {}, 1)


class Conv(Op):
    """out[n, f] = bias[f] + the sum over channels and kernel positions of weight * window.

    dL/dx = conv_input_grad(g, weight),   dL/dweight = conv_weight_grad(x, g),
    dL/dbias = g summed over images and places.
    """

    name, inputs = "conv", ("x", "weight", "bias")
    entangled = True
    grad_name = "Convolution"

    @staticmethod
    def spec(
        x: Spec, weight: Spec, bias: Spec | None = None, *, stride: Shape,
        padding: windows.Pairs, dilation: Shape, groups: int,
    ) -> Spec:  # fmt: skip
        if x.dtype != weight.dtype:
            raise DtypeError(
                f"Input type ({x.dtype}) and weight type ({weight.dtype}) should be the same",
                fix="Convert the input with .to(weight.dtype).",
            )
        channels = weight.shape[1] * groups
        if x.shape[1] != channels:
            raise ShapeError(
                f"Given groups={groups}, weight of size {list(weight.shape)}, expected "
                f"input{list(x.shape)} to have {channels} channels, but got {x.shape[1]} channels "
                "instead",
                fix=f"Pass inputs with {channels} channels on axis 1, or build the layer with "
                f"in_channels={x.shape[1]}.",
            )
        if weight.shape[0] % groups:
            raise ShapeError(
                f"Given groups={groups}, expected weight to be divisible by {groups} at dimension "
                f"0, but got weight of size {list(weight.shape)}",
                fix="out_channels must be a multiple of groups.",
            )
        if bias is not None and bias.shape != (weight.shape[0],):
            raise ShapeError(
                f"Given weight of size {list(weight.shape)}, expected bias to be 1-dimensional "
                f"with {weight.shape[0]} elements, but got bias of size {list(bias.shape)}",
                fix="The bias has one element for each filter.",
            )
        size = windows.output_size(x.shape[2:], weight.shape[2:], stride, padding, dilation)
        return Spec((x.shape[0], weight.shape[0], *size), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, weight: Array, x_spec: Spec, **how: Any) -> Array:
        return xp.conv_input_grad(g, weight, size=x_spec.shape[2:], **how)

    @staticmethod
    def d_weight(xp: Any, g: Array, x: Array, weight_spec: Spec, **how: Any) -> Array:
        return xp.conv_weight_grad(x, g, kernel=weight_spec.shape[2:], **how)

    @staticmethod
    def d_bias(xp: Any, g: Array, **how: Any) -> Array:
        return xp.sum(g, axis=(0, *range(2, g.ndim)), keepdims=False)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **how: Any) -> Array:
        return product_rule(xp, xp.conv, ts, values, how, values[0].ndim - 1)


class ConvInputGrad(Op):
    """out = the images of `size` whose windows x is spread into, plus bias: `conv` transposed.

    dL/dx = conv(g, weight),   dL/dweight = conv_weight_grad(g, x),   dL/dbias = g summed over
    images and places.
    """

    name, inputs = "conv_input_grad", ("x", "weight", "bias")
    entangled = True
    grad_name = "ConvolutionTranspose"

    @staticmethod
    def spec(
        x: Spec, weight: Spec, bias: Spec | None = None, *, size: Shape, stride: Shape,
        padding: windows.Pairs, dilation: Shape, groups: int,
    ) -> Spec:  # fmt: skip
        if x.dtype != weight.dtype:
            raise DtypeError(
                f"Input type ({x.dtype}) and weight type ({weight.dtype}) should be the same",
                fix="Convert the input with .to(weight.dtype).",
            )
        if x.shape[1] != weight.shape[0] or weight.shape[0] % groups:
            raise ShapeError(
                f"Given transposed=1, weight of size {list(weight.shape)}, expected "
                f"input{list(x.shape)} to have {weight.shape[0]} channels, but got {x.shape[1]} "
                "channels instead",
                fix=f"Pass inputs with {weight.shape[0]} channels on axis 1.",
            )
        channels = weight.shape[1] * groups
        if bias is not None and bias.shape != (channels,):
            raise ShapeError(
                f"expected bias to be 1-dimensional with {channels} elements, but got bias of size "
                f"{list(bias.shape)} instead",
                fix="The bias has one element for each output channel.",
            )
        return Spec((x.shape[0], channels, *size), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, weight: Array, x_spec: Spec, *, size: Shape, **how: Any) -> Array:
        return cropped(xp, xp.conv(g, weight, **how), x_spec.shape)

    @staticmethod
    def d_weight(
        xp: Any, g: Array, x: Array, weight_spec: Spec, *, size: Shape, **how: Any
    ) -> Array:
        return xp.conv_weight_grad(g, x, kernel=weight_spec.shape[2:], **how)

    @staticmethod
    def d_bias(xp: Any, g: Array, **how: Any) -> Array:
        return xp.sum(g, axis=(0, *range(2, g.ndim)), keepdims=False)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **how: Any) -> Array:
        return product_rule(xp, xp.conv_input_grad, ts, values, how, values[0].ndim - 1)


class ConvWeightGrad(Bilinear):
    """out[f, c, k] = the sum over images and places of g * x there: the transpose in the weight.

    dL/dx = conv_input_grad(g, h),   dL/dg = conv(x, h), with h the upstream gradient.
    """

    name, inputs = "conv_weight_grad", ("x", "y")
    grad_name = "ConvolutionWeight"

    @staticmethod
    def spec(
        x: Spec, y: Spec, *, kernel: Shape, stride: Shape, padding: windows.Pairs,
        dilation: Shape, groups: int,
    ) -> Spec:  # fmt: skip
        return Spec((y.shape[1], x.shape[1] // groups, *kernel), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array, x_spec: Spec, *, kernel: Shape, **how: Any) -> Array:
        return xp.conv_input_grad(y, g, size=x_spec.shape[2:], **how)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y_spec: Spec, *, kernel: Shape, **how: Any) -> Array:
        return cropped(xp, xp.conv(x, g, **how), y_spec.shape)


class Im2Col(Linear):
    """out = the windows of x as columns (N, C * kernel, places).   dL/dx = g folded back."""

    name, inputs = "im2col", ("x",)
    grad_name = "Im2Col"

    @staticmethod
    def spec(x: Spec, *, kernel: Shape, **how: Any) -> Spec:
        size = windows.output_size(x.shape[2:], kernel, **how)
        channels = x.shape[1] * specs.size_of(kernel)
        return Spec((x.shape[0], channels, specs.size_of(size)), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, **how: Any) -> Array:
        return xp.col2im(g, size=x_spec.shape[2:], **how)


class Col2Im(Linear):
    """out = images of `size` with columns added at their windows.   dL/dx = g unfolded."""

    name, inputs = "col2im", ("x",)
    grad_name = "Col2Im"

    @staticmethod
    def spec(x: Spec, *, size: Shape, kernel: Shape, **how: Any) -> Spec:
        places = specs.size_of(windows.output_size(size, kernel, **how))
        rows = specs.size_of(kernel)
        if x.shape[1] % rows:
            raise ShapeError(
                "Expected size of input's dimension 1 to be divisible by the product of "
                f"kernel_size, but got input.size(1)={x.shape[1]} and kernel_size={kernel}",
                fix="Axis 1 holds channels times window positions.",
            )
        if x.shape[2] != places:
            raise ShapeError(
                f"Given output_size={size}, kernel_size={kernel}, expected size of input's "
                f"dimension 2 to match the calculated number of sliding blocks {places}, but got "
                f"input.size(2)={x.shape[2]}",
                fix="Use the output_size, stride, padding and dilation that unfold had.",
            )
        return Spec((x.shape[0], x.shape[1] // rows, *size), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, *, size: Shape, **how: Any) -> Array:
        return xp.im2col(g, **how)


def _rows(shape: Shape) -> int:
    return specs.size_of(shape[:-1])


def cropped(xp: Any, x: Array, shape: Shape) -> Array:
    """The first windows: a transposed convolution's output padding makes room for more."""
    if tuple(x.shape) == shape:
        return x
    index = (slice(None), slice(None), *(slice(0, n) for n in shape[2:]))
    return xp.slice(x, index=index)


def product_rule(
    xp: Any, forward: Any, ts: Any, values: Any, how: dict[str, Any], bias_axis: int
) -> Array:
    """The tangent of a product with an added bias, whose axis is `bias_axis` from the end."""
    x, weight = values[:2]
    terms = []
    if ts[0] is not None:
        terms.append(forward(ts[0], weight, **how))
    if ts[1] is not None:
        terms.append(forward(x, ts[1], **how))
    if len(ts) > 2 and ts[2] is not None:
        shape = (ts[2].shape[0], *(1,) * (bias_axis - 1))
        bias = xp.reshape(ts[2], shape=shape)
        if not terms:
            terms.append(forward(xp.zeros_like(x), weight, **how))
        terms.append(bias)
    return add_all(terms)
