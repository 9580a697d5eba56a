"""Normalisation over a batch, a layer, groups of channels, or neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.autograd.inplace import write
from chainrule.autograd.mode import mode
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.nn.functional.arguments import floating
from chainrule.ops import normalization as ops
from chainrule.ops.pooling import AvgPool
from chainrule.tensor import Tensor, from_array


def _standardize(
    x: Tensor, weight: Any, bias: Any, axis: tuple[int, ...], eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """The op, on half floats in float32 and back; a bias without weight gets ones."""
    dtype = x._array.dtype
    if dtype.itemsize == 2:
        wide = [None if t is None else t.float() for t in (x, weight, bias)]
        out, mean, rstd = _standardize(wide[0], wide[1], wide[2], axis, eps)
        return tuple(t.to(x.dtype) for t in (out, mean, rstd))
    if weight is None and bias is not None:
        weight = from_array(np.ones_like(bias._array))
    inputs = [t for t in (x, weight, bias) if t is not None]
    if any(t._array.dtype != dtype for t in inputs):
        raise DtypeError("expected scalar type of weight and bias to be that of the input",
                         [("input", x), ("weight", weight), ("bias", bias)])  # fmt: skip
    out, mean, rstd = apply(ops.Standardize, *inputs, axis=axis, eps=float(eps))
    return out, mean, rstd


def _trailing(x: Tensor, normalized_shape: Any, weight: Any, bias: Any) -> tuple[int, ...]:
    """The last axes of `x`, which must have `normalized_shape`."""
    shape = (
        (int(normalized_shape),)
        if isinstance(normalized_shape, (int, np.integer))
        else tuple(normalized_shape)
    )
    if not shape:
        raise ArgumentError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
            "element, but got normalized_shape = []"
        )
    for name, part in (("weight", weight), ("bias", bias)):
        if part is not None and part._array.shape != shape:
            raise ShapeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(part._array.shape)} and normalized_shape = {list(shape)}"
            )
    if x._array.shape[-len(shape) :] != shape:
        inner = ", ".join(map(str, shape))
        raise ShapeError(
            f"Given normalized_shape=[{inner}], expected input with shape [*, {inner}], but got "
            f"input of size{list(x._array.shape)}",
            [("input", x)],
            fix="normalized_shape names the sizes of the last axes.",
        )
    return tuple(range(x._array.ndim - len(shape), x._array.ndim))


def layer_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None,
    bias: Tensor | None = None, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """Each sample shifted to mean 0 and scaled to variance 1 over its last axes, then affine.

    Shapes: the last axes of input have `normalized_shape`; so do weight and bias.
    Gradient: with n the normalised input and u = g * weight, (u - avg u - n avg(u n)) / std.

    >>> import chainrule as torch
    >>> torch.nn.functional.layer_norm(torch.tensor([[1., 2., 3.]]), (3,))
    tensor([[-1.2247,  0.0000,  1.2247]])
    """
    axis = _trailing(input, normalized_shape, weight, bias)
    floating(input, "LayerNormKernelImpl")
    return _standardize(input, weight, bias, axis, eps)[0]


def native_layer_norm(
    input: Tensor, normalized_shape: Any, weight: Any, bias: Any, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """`layer_norm` with the mean and the reciprocal standard deviation of each sample.

    >>> import chainrule as torch
    >>> torch.native_layer_norm(torch.tensor([[1., 3.]]), (2,), None, None, 0.)[1:]
    (tensor([[2.]]), tensor([[1.]]))
    """
    axis = _trailing(input, normalized_shape, weight, bias)
    out, mean, rstd = _standardize(input, weight, bias, axis, eps)
    return out, mean.detach(), rstd.detach()


def rms_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: Any = None
) -> Tensor:
    """Each sample divided by its root mean square over the last axes, times weight.

    Args:
        eps: added to the mean square; the dtype's machine epsilon if None.

    >>> import chainrule as torch
    >>> torch.nn.functional.rms_norm(torch.tensor([[3., 3.]]), (2,))
    tensor([[1., 1.]])
    """
    axis = _trailing(input, normalized_shape, weight, None)
    floating(input, "rms_norm")
    dtype = input._array.dtype
    if dtype.itemsize == 2:
        wide = None if weight is None else weight.float()
        small = eps if eps is not None else 2.0**-23
        return rms_norm(input.float(), normalized_shape, wide, small).to(input.dtype)
    small = float(np.finfo(dtype).eps if eps is None else eps)
    inputs = (input,) if weight is None else (input, weight)
    return apply(ops.StandardizeRms, *inputs, axis=axis, eps=small)[0]


def _channels(t: Any, ndim: int) -> Any:
    """A weight a channel, shaped to broadcast over axis 1."""
    if t is None or ndim == 2:
        return t
    return t.reshape((1, -1) + (1,) * (ndim - 2))


def _check_channels(x: Tensor, **parts: Any) -> None:
    channels = x._array.shape[1]
    for name, part in parts.items():
        if part is not None and part._array.size != channels:
            raise ShapeError(
                f"{name} should contain {channels} elements not {part._array.size}",
                [("input", x), (name, part)],
                fix=f"Build the layer with num_features={channels}.",
            )


def _update(running: Any, value: Any, momentum: float) -> None:
    """running = (1 - momentum) * running + momentum * value, in its own memory."""
    if running is not None:
        was, mode.recording = mode.recording, False
        try:
            new = (1 - momentum) * running._array + momentum * value.reshape(running._array.shape)
            write(running, from_array(new.astype(running._array.dtype)))
        finally:
            mode.recording = was


def batch_norm(
    input: Tensor, running_mean: Tensor | None, running_var: Tensor | None,
    weight: Tensor | None = None, bias: Tensor | None = None, training: bool = False,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """Each channel (axis 1) normalised over the batch, then affine (Ioffe and Szegedy 2015).

    Args:
        training: normalise by the batch's own mean and variance, and move the running ones
            towards these (the variance with n - 1); otherwise normalise by the running ones.
        momentum: the share of the batch in the running statistics.

    Shapes: input (N, C, ...), all others (C,).
    Errors: training needs more than one value a channel.

    >>> import chainrule as torch
    >>> x = torch.tensor([[1.], [3.]])
    >>> torch.nn.functional.batch_norm(x, None, None, training=True, eps=0.)
    tensor([[-1.],
            [ 1.]])
    """
    shape = input._array.shape
    if shape == (0,):
        return input * 1
    if len(shape) < 2:
        raise ShapeError("batch_norm needs an input of at least 2 dimensions (N, C, ...)",
                         [("input", input)])  # fmt: skip
    if training:
        count = input._array.size // max(shape[1], 1)
        if count <= 1 and input._array.size:
            raise ShapeError(
                f"Expected more than 1 value per channel when training, got input size {shape}",
                [("input", input)],
                fix="Use a larger batch, or module.eval().",
            )
    elif running_mean is None or running_var is None:
        raise ArgumentError(
            "Expected running_mean and running_var to be defined when training=False"
        )
    _check_channels(input, running_mean=running_mean, running_var=running_var, weight=weight,
                    bias=bias)  # fmt: skip
    return native_batch_norm(
        input, weight, bias, running_mean, running_var, training, momentum, eps
    )[0]


def native_batch_norm(
    input: Tensor, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool,
    momentum: float, eps: float,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """`batch_norm` with the mean and the reciprocal standard deviation it used.

    >>> import chainrule as torch
    >>> x = torch.tensor([[1.], [3.]])
    >>> torch.native_batch_norm(x, None, None, None, None, True, 0.1, 0.)[1:]
    (tensor([2.]), tensor([1.]))
    """
    floating(input, "batch_norm")
    ndim, shape = input._array.ndim, input._array.shape
    w, b = _channels(weight, ndim), _channels(bias, ndim)
    if training:
        axis = (0, *range(2, ndim))
        wide = input._array.dtype.itemsize == 2
        x = input.float() if wide else input
        if wide:
            w, b = (None if t is None else t.float() for t in (w, b))
        out, mean, rstd = _standardize(x, w, b, axis, eps)
        if running_mean is not None or running_var is not None:
            count = input._array.size // shape[1]
            variance = 1 / (rstd._array * rstd._array) - eps
            _update(running_mean, mean._array, momentum)
            _update(running_var, variance * (count / (count - 1) if count > 1 else np.nan),
                    momentum)  # fmt: skip
        out = out.to(input.dtype) if wide else out
        stats = input.dtype if weight is None else weight.dtype
        return out, *(s.detach().reshape((-1,)).to(stats) for s in (mean, rstd))
    if running_mean is None or running_var is None:
        raise ArgumentError("Expected running_mean and running_var to be defined when "
                            "training=False")  # fmt: skip
    wide = [None if t is None else _channels(t, ndim)._array
            for t in (running_mean, running_var)]  # fmt: skip
    rstd = 1 / np.sqrt(wide[1] + wide[1].dtype.type(eps))
    x = input if input._array.dtype == rstd.dtype else input.to(running_var.dtype)
    inputs = [x, wide[0], rstd]
    if w is None and b is not None:
        w = from_array(np.ones_like(b._array))
    inputs += [t.to(running_var.dtype) for t in (w, b) if t is not None]
    out = apply(ops.StandardizeBy, *inputs)
    nothing = from_array(np.empty(0, out._array.dtype))
    return out.to(input.dtype), nothing, nothing


def instance_norm(
    input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None,
    weight: Tensor | None = None, bias: Tensor | None = None, use_input_stats: bool = True,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """Each channel of each sample normalised over its places, then affine.

    Shapes: input (N, C, L...), all others (C,).

    >>> import chainrule as torch
    >>> torch.nn.functional.instance_norm(torch.tensor([[[1., 3.]]]), eps=0.)
    tensor([[[-1.,  1.]]])
    """
    ndim, shape = input._array.ndim, input._array.shape
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    count = 1
    for n in shape[2:]:
        count *= n
    if count <= 1:
        raise ShapeError(
            "Expected more than 1 spatial element when training, got input size "
            f"torch.Size({list(shape)})", [("input", input)],
        )  # fmt: skip
    _check_channels(input, running_mean=running_mean, running_var=running_var, weight=weight,
                    bias=bias)  # fmt: skip
    w, b = _channels(weight, ndim), _channels(bias, ndim)
    out, mean, rstd = _standardize(input, w, b, tuple(range(2, ndim)), eps)
    if running_mean is not None or running_var is not None:
        variance = 1 / (rstd._array * rstd._array) - eps
        _update(running_mean, mean._array.mean(0), momentum)
        _update(running_var, (variance * (count / (count - 1))).mean(0), momentum)
    return out


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """The channels of each sample normalised in groups, then affine (Wu and He 2018).

    Shapes: input (N, C, ...), weight and bias (C,); num_groups divides C.

    >>> import chainrule as torch
    >>> torch.nn.functional.group_norm(torch.tensor([[1., 3., 5., 9.]]), 2, eps=0.)
    tensor([[-1.,  1., -1.,  1.]])
    """
    return _group_norm(input, num_groups, weight, bias, eps)[0]


def _group_norm(x: Tensor, groups: int, weight: Any, bias: Any, eps: float) -> Any:
    shape = x._array.shape
    if len(shape) < 2:
        raise ShapeError("Expected at least 2 dimensions for input tensor but received "
                         f"{len(shape)}", [("input", x)])  # fmt: skip
    n, channels = shape[:2]
    if groups < 1 or channels % groups:
        raise ShapeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {list(shape)} and num_groups={groups}",
            [("input", x)],
        )
    for name, part in (("weight", weight), ("bias", bias)):
        if part is not None and part._array.shape != (channels,):
            raise ShapeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, "
                f"but got {name} of shape {list(part._array.shape)} and input of shape "
                f"{list(shape)}"
            )
    inner = (channels // groups, *shape[2:])
    grouped = x.reshape((n, groups, *inner))
    affine = (1, groups, channels // groups, *(1,) * (len(shape) - 2))
    w = None if weight is None else weight.reshape(affine)
    b = None if bias is None else bias.reshape(affine)
    axis = tuple(range(2, len(inner) + 2))
    out, mean, rstd = _standardize(grouped, w, b, axis, eps)
    return out.reshape(shape), mean.reshape((n, groups)), rstd.reshape((n, groups))


def native_group_norm(
    input: Tensor, weight: Any, bias: Any, N: int, C: int, HxW: int, group: int, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """`group_norm` with the mean and the reciprocal standard deviation of each group.

    >>> import chainrule as torch
    >>> x = torch.tensor([[1., 3.]])
    >>> torch.native_group_norm(x, None, None, 1, 2, 1, 1, 0.)[1]
    tensor([[2.]])
    """
    return _group_norm(input, group, weight, bias, eps)


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Each element divided by (k + alpha * the mean square of `size` neighbouring channels)**beta.

    Source: Krizhevsky et al. 2012 (AlexNet).

    >>> import chainrule as torch
    >>> torch.nn.functional.local_response_norm(torch.ones(1, 2, 1), 1, alpha=3., beta=0.5)
    tensor([[[0.5000],
             [0.5000]]])
    """
    shape = input._array.shape
    if len(shape) < 3:
        raise ShapeError(
            "Expected 3D or higher dimensionality                          input "
            f"(got {len(shape)} dimensions)", [("input", input)],
        )  # fmt: skip
    if size < 1:
        raise ShapeError(f"kernel size should be greater than zero, but got {size}",
                         [("input", input)])  # fmt: skip
    if input._array.size == 0:
        return input
    places = 1
    for n in shape[2:]:
        places *= n
    square = (input * input).reshape((shape[0], shape[1], places)).transpose(1, 2)
    before, after = size // 2, (size - 1) // 2
    edge = square.new_zeros((shape[0], places, max(before, after)))
    from chainrule.functional import EXPORTS

    wide = EXPORTS["cat"]([edge[..., :before], square, edge[..., :after]], -1)
    mean = apply(AvgPool, wide, kernel=(size,), stride=(1,), padding=(0,), ceil=False,
                 include=True, divisor=None)  # fmt: skip
    mean = mean.transpose(1, 2).reshape(shape)
    return input / (mean * alpha + k).pow(beta)


def normalize(
    input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Any = None
) -> Tensor:
    """`input` divided by its p-norm along `dim`, a norm below `eps` counting as `eps`.

    >>> import chainrule as torch
    >>> torch.nn.functional.normalize(torch.tensor([[3., 4.]]))
    tensor([[0.6000, 0.8000]])
    """
    norm = input.norm(p, dim, keepdim=True).clamp_min(eps)
    result = input / norm
    return result if out is None else write(out, result)
