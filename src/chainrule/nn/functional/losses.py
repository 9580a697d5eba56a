"""Losses: how far predictions are from targets."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, OutOfRangeError, ShapeError
from chainrule.nn.functional.activation import log_softmax, logsigmoid
from chainrule.nn.functional.arguments import reduced, reduction_of
from chainrule.nn.functional.convolution import linear
from chainrule.ops import losses as ops
from chainrule.ops.base import REGISTRY
from chainrule.tensor import Tensor, from_array


def _where(condition: Any, x: Any, y: Any) -> Tensor:
    return apply(REGISTRY["where"], condition, x, y)


def _warn_sizes(input: Tensor, target: Tensor) -> None:
    """torch's warning for targets that would be broadcast, which is hardly ever meant."""
    if input._array.shape != target._array.shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size "
            f"({input.shape}). This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size, for example with "
            f"target.reshape({tuple(input._array.shape)}).",
            stacklevel=3,
        )


# ---- classification ----------------------------------------------------------------------


def cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    ignore_index: int = -100, reduce: Any = None, reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """Minus the logarithm of the probability that softmax(input) gives to the target class.

    Args:
        input: logits, not probabilities.
        target: class indices, or class probabilities of the input's shape.
        weight: a factor for each class; the mean is then a weighted mean.
        ignore_index: targets of this value do not count.
        label_smoothing: this share of the target is spread over all classes.

    Shapes: input (C,), (N, C) or (N, C, ...); target without the axis C, or like input.
    Gradient: (softmax(input) - one_hot(target)) * g / N.
    Errors: a target outside 0 to C - 1 is named with its position.

    >>> import chainrule as torch
    >>> torch.nn.functional.cross_entropy(torch.tensor([[0., 0.]]), torch.tensor([1]))
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None or reduction not in ("mean", "sum", "none"):
        reduction = reduction_of(size_average, reduce, reduction)
    x, y = input._array, target._array
    if y.dtype.kind in "iu" and (label_smoothing == 0.0) and x.dtype.itemsize > 2:
        rows, labels, shape = _rows(input, target)
        return _class_loss(rows, labels, weight, ignore_index, reduction, shape, target)
    if not 0 <= label_smoothing <= 1:
        raise ArgumentError("label_smoothing must be between 0.0 and 1.0. Got: "
                            f"{label_smoothing}")  # fmt: skip
    axis = 0 if x.ndim == 1 else 1
    log_p = log_softmax(input, axis)
    classes = x.shape[axis]
    factors = None
    if weight is not None:
        if weight._array.shape != (classes,):
            raise ShapeError("cross_entropy: weight tensor should be defined either for all "
                             f"{classes} classes or no classes but got weight tensor of shape: "
                             f"{list(weight._array.shape)}", [("weight", weight)])  # fmt: skip
        factors = weight.reshape((-1,) + (1,) * (x.ndim - 1 - axis))
    if y.dtype.kind in "fV":
        if y.shape != x.shape:
            raise ShapeError(
                f"Expected floating point type for target with class probabilities, of the input's "
                f"shape {x.shape}, got {y.shape}", [("input", input), ("target", target)],
                fix="Class indices must be integers: target.long().",
            )  # fmt: skip
        if label_smoothing:
            target = target * (1 - label_smoothing) + label_smoothing / classes
        terms = log_p * target
        loss = -(terms if factors is None else terms * factors).sum(axis)
        if reduction == "mean":
            n = x.size // max(classes, 1)
            return loss.sum() / n if n else loss.sum() / 0.0
        return reduced(loss, reduction)
    nll = nll_loss(log_p, target, weight, ignore_index=ignore_index, reduction=reduction)
    if label_smoothing == 0:
        return nll
    smooth = -(log_p if factors is None else log_p * factors).sum(axis)
    ignored = y == ignore_index
    if ignored.any():
        smooth = smooth.masked_fill(from_array(ignored), 0.0)
    if reduction == "mean":
        if weight is None:
            total: Any = y.size - int(ignored.sum())
        else:
            total = weight._array[np.where(ignored, 0, y)][~ignored].sum()
        smooth = smooth.sum() / (float(total) if total else math.nan)
    elif reduction == "sum":
        smooth = smooth.sum()
    return nll * (1 - label_smoothing) + smooth * (label_smoothing / classes)


def _rows(input: Tensor, target: Tensor) -> tuple[Tensor, Any, tuple[int, ...]]:
    """Logits as (N, C), labels as (N,), and the shape that losses are given back in."""
    x, y = input._array, target._array
    if x.ndim == 2 and y.ndim == 1 and x.shape[0] == y.shape[0]:
        return input, y, y.shape
    if x.ndim == 1 and y.ndim == 0:
        return input.reshape((1, -1)), y.reshape(1), ()
    if x.ndim < 2 or (x.shape[0], *x.shape[2:]) != y.shape:
        if x.ndim and y.ndim and x.shape[0] != y.shape[0]:
            rule = (f"Expected input batch_size ({x.shape[0]}) to match target batch_size "
                    f"({y.shape[0]}).")  # fmt: skip
        else:
            rule = (f"Expected target size {[x.shape[0], *x.shape[2:]] if x.ndim > 1 else []}, "
                    f"got {list(y.shape)}")  # fmt: skip
        raise ShapeError(
            rule, [("input", input), ("target", target)],
            fix="input is (N, C, ...) and a target of class indices is (N, ...).",
        )  # fmt: skip
    order = (0, *range(2, x.ndim), 1)
    return input.permute(order).reshape((y.size, x.shape[1])), y.reshape(-1), y.shape


def _class_loss(
    x: Tensor, labels: Any, weight: Any, ignore: int, reduction: str, shape: Any, target: Tensor
) -> Tensor:
    """The fused loss for checked shapes: one coefficient a row holds class weight and ignoring."""
    n, classes = x._array.shape
    mean = reduction == "mean"
    if labels.dtype != np.int64:
        labels = labels.astype(np.int64)
    if (
        weight is None
        and n
        and labels.view(np.uint64).max() < classes
        and not 0 <= ignore < classes
    ):
        scale = 1 / n if mean else 1.0
        out = apply(ops.CrossEntropy, x, labels, scale=scale, total=reduction != "none")[0]
        return out if reduction != "none" or out._array.shape == shape else out.reshape(shape)
    labels, coefficient = _coefficients(x, labels, weight, ignore, target)
    total = float(coefficient.sum()) if mean else 1.0
    scale = 1 / total if total else math.nan
    out = apply(ops.CrossEntropy, x, labels, coefficient, scale=scale,
                total=reduction != "none")[0]  # fmt: skip
    return out if reduction != "none" else out.reshape(shape)


def _coefficients(
    x: Tensor, labels: Any, weight: Any, ignore: int, target: Tensor
) -> tuple[Any, Any]:
    """Labels with ignored ones set to 0, and the factor of each row."""
    classes = x._array.shape[1]
    ignored = labels == ignore
    labels = np.where(ignored, 0, labels)
    if labels.size and labels.view(np.uint64).max() >= classes:
        raise _bad_label(labels, classes, target)
    coefficient = np.ones(len(labels), x._array.dtype)
    if weight is not None:
        if weight._array.shape != (classes,):
            raise ShapeError(
                f"weight tensor should be defined either for all {classes} classes or no classes "
                f"but got weight tensor of shape: {list(weight._array.shape)}",
                [("input", x), ("weight", weight)],
            )
        coefficient = weight._array[labels].astype(coefficient.dtype)
    coefficient[ignored] = 0
    return labels, coefficient


def _bad_label(labels: Any, classes: int, target: Tensor) -> Exception:
    """Which target is out of range, and where it stands."""
    place = int(np.flatnonzero((labels < 0) | (labels >= classes))[0])
    where = np.unravel_index(place, target._array.shape or (1,))
    index = ", ".join(str(int(i)) for i in where)
    return OutOfRangeError(
        f"Target {int(labels[place])} is out of bounds: target[{index}] must lie between 0 and "
        f"{classes - 1}, as the input has {classes} classes",
        [("target", target)],
        fix=f"Use classes from 0 to {classes - 1}, or set ignore_index for those that do not "
        "count.",
    )


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    ignore_index: int = -100, reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """Minus the target class's entry of `input`, which holds logarithms of probabilities.

    Shapes: as for `cross_entropy` with class indices.
    Gradient: -g / N at the target class, 0 elsewhere.

    >>> import chainrule as torch
    >>> torch.nn.functional.nll_loss(torch.tensor([[-1., -2.]]), torch.tensor([1]))
    tensor(2.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if target._array.dtype.kind not in "iu":
        raise DtypeError("expected scalar type Long for target", [("target", target)],
                         fix="Convert it with target.long().")  # fmt: skip
    x, labels, shape = _rows(input, target)
    labels = labels.astype(np.int64, copy=False)
    labels, coefficient = _coefficients(x, labels, weight, ignore_index, target)
    picked = apply(ops.ClassPick, x, labels)
    weighted = picked * from_array(-coefficient)
    if (coefficient == 0).any():  # an ignored row must not turn inf into nan
        weighted = weighted.masked_fill(from_array(coefficient == 0), 0.0)
    if reduction == "none":
        return weighted.reshape(shape)
    if reduction == "sum":
        return weighted.sum()
    total = float(coefficient.sum())
    return weighted.sum() / (total or math.nan)


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """-(target * log(input) + (1 - target) * log(1 - input)), for probabilities `input`.

    Errors: input and target must have one shape; input must lie within [0, 1].

    >>> import chainrule as torch
    >>> torch.nn.functional.binary_cross_entropy(torch.tensor([0.5]), torch.tensor([1.]))
    tensor(0.6931)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    x, y = input._array, target._array
    if x.shape != y.shape:
        raise ShapeError(
            f"Using a target size ({target.shape}) that is different to the input size "
            f"({input.shape}) is deprecated. Please ensure they have the same size.",
            [("input", input), ("target", target)],
            fix=f"Reshape the target: target.reshape({tuple(x.shape)}).",
        )
    if x.dtype != y.dtype:
        raise DtypeError(f"Found dtype {y.dtype} but expected {x.dtype}",
                         [("input", input), ("target", target)],
                         fix="Convert the target with .to(input.dtype).")  # fmt: skip
    if x.size and not (x.min() >= 0 and x.max() <= 1):
        raise OutOfRangeError(
            "all elements of input should be between 0 and 1", [("input", input)],
            fix="Apply a sigmoid first, or use binary_cross_entropy_with_logits.",
        )  # fmt: skip
    loss = apply(ops.BinaryCrossEntropy, input, target)
    return reduced(loss if weight is None else loss * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean", pos_weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """`binary_cross_entropy(sigmoid(input), target)`, exact for logits of any size.

    Args:
        pos_weight: a factor for the positive term.

    >>> import chainrule as torch
    >>> torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor([-200.]),
    ...                                                      torch.tensor([1.]))
    tensor(200.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if input._array.shape != target._array.shape:
        raise ShapeError(
            f"Target size ({target.shape}) must be the same as input size ({input.shape})",
            [("input", input), ("target", target)],
            fix=f"Reshape the target: target.reshape({tuple(input._array.shape)}).",
        )
    if pos_weight is None:
        loss = apply(ops.LogisticLoss, input, target)
    else:
        factor = (pos_weight - 1) * target + 1
        loss = (1 - target) * input - factor * logsigmoid(input)
    return reduced(loss if weight is None else loss * weight, reduction)


def kl_div(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", log_target: bool = False,
) -> Tensor:  # fmt: skip
    """target * (log(target) - input) for logarithms `input` of probabilities.

    Args:
        reduction: "batchmean" is the divergence as books define it, averaged over the batch.
        log_target: the target holds logarithms too.

    >>> import chainrule as torch
    >>> p = torch.tensor([[0.5, 0.5]])
    >>> torch.nn.functional.kl_div(p.log(), p, reduction="batchmean")
    tensor(0.)
    """
    if reduction == "mean" and size_average is None and reduce is None:
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math "
            "definition.'mean' will be changed to behave the same as 'batchmean' in the next major "
            "release.",
            stacklevel=2,
        )
    per_batch = reduction == "batchmean"
    reduction = reduction_of(size_average, reduce, "sum" if per_batch else reduction)
    if log_target:
        loss = target.exp() * (target - input)
    else:
        loss = apply(ops.XLogX, target) - target * input
    loss = reduced(loss, reduction)
    return loss / input._array.shape[0] if per_batch and input._array.ndim else loss


def gaussian_nll_loss(
    input: Tensor, target: Tensor, var: Any, full: bool = False, eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """(log(var) + (input - target)**2 / var) / 2: a Gaussian with predicted mean and variance.

    Args:
        full: add log(2 pi) / 2.
        eps: smaller variances count as this, without changing their gradient.

    >>> import chainrule as torch
    >>> one = torch.ones(1)
    >>> torch.nn.functional.gaussian_nll_loss(one, one + 1, one)
    tensor(0.5000)
    """
    if not isinstance(var, Tensor):
        if var < 0:
            raise ArgumentError("var has negative entry/entries")
        var = input.new_ones(input.shape) * var
    elif (var._array < 0).any():
        raise ArgumentError("var has negative entry/entries", [("var", var)])
    if var._array.shape != input._array.shape:
        if input._array.shape[:-1] == var._array.shape:
            var = var.unsqueeze(-1)
        elif input._array.shape[:-1] != var._array.shape[:-1] or var._array.shape[-1] != 1:
            ones = input._array.ndim == var._array.ndim and all(
                v in (1, n) for v, n in zip(var._array.shape, input._array.shape, strict=True)
            )
            if not ones:
                raise ArgumentError("var is of incorrect size", [("input", input), ("var", var)])
    if reduction not in ("none", "mean", "sum"):
        raise ArgumentError(f"{reduction} is not valid")
    raised = from_array(np.maximum(var._array, np.asarray(eps, var._array.dtype)))
    var = var + (raised - var).detach() if var._node is not None else raised
    loss = (var.log() + (input - target) ** 2 / var) * 0.5
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduced(loss, reduction)


def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool = True, full: bool = False,
    size_average: Any = None, eps: float = 1e-8, reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """Minus the logarithm of Poisson probabilities of the counts `target`.

    Args:
        log_input: `input` is the logarithm of the rate.
        full: add Stirling's approximation of log(target!) where target > 1.

    >>> import chainrule as torch
    >>> torch.nn.functional.poisson_nll_loss(torch.zeros(1), torch.ones(1))
    tensor(1.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if log_input:
        loss = input.exp() - target * input
    else:
        loss = input - target * (input + eps).log()
    if full:
        large = from_array(target._array > 1)
        safe = _where(large, target, 2.0)
        stirling = safe * safe.log() - safe + 0.5 * (safe * (2 * math.pi)).log()
        loss = loss + _where(large, stirling, 0.0)
    return reduced(loss, reduction)


# ---- regression --------------------------------------------------------------------------


def mse_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """The squared difference (input - target)**2, averaged.

    Gradient: 2 (input - target) * g / n.
    Errors: warns if the shapes differ and would be broadcast.

    >>> import chainrule as torch
    >>> torch.nn.functional.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(2.)
    """
    if size_average is not None or reduce is not None or reduction not in ("mean", "sum", "none"):
        reduction = reduction_of(size_average, reduce, reduction)
    if input._array.shape != target._array.shape:
        _warn_sizes(input, target)
    loss = apply(ops.SquaredError, input, target)
    return reduced(loss if weight is None else loss * weight, reduction)


def l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """The absolute difference |input - target|, averaged.

    >>> import chainrule as torch
    >>> torch.nn.functional.l1_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(1.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if input._array.shape != target._array.shape:
        _warn_sizes(input, target)
    loss = (input - target).abs()
    return reduced(loss if weight is None else loss * weight, reduction)


def smooth_l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean", beta: float = 1.0,
) -> Tensor:  # fmt: skip
    """d**2 / (2 beta) for differences below `beta`, |d| - beta / 2 above.

    >>> import chainrule as torch
    >>> torch.nn.functional.smooth_l1_loss(torch.tensor([0., 0.]), torch.tensor([1., 3.]))
    tensor(1.5000)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if input._array.shape != target._array.shape:
        _warn_sizes(input, target)
    if beta < 0:
        raise ArgumentError("smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        return reduced((input - target).abs(), reduction)
    loss = apply(ops.HuberError, input, target, delta=float(beta), scale=1 / beta)
    return reduced(loss, reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """d**2 / 2 for differences below `delta`, delta * (|d| - delta / 2) above.

    >>> import chainrule as torch
    >>> torch.nn.functional.huber_loss(torch.tensor([0.]), torch.tensor([3.]), delta=2.)
    tensor(4.)
    """
    if input._array.shape != target._array.shape:
        _warn_sizes(input, target)
    if delta <= 0:
        raise ArgumentError("huber_loss does not support non-positive values for delta.")
    reduction = reduction_of(None, None, reduction)
    loss = apply(ops.HuberError, input, target, delta=float(delta), scale=1.0)
    return reduced(loss if weight is None else loss * weight, reduction)


def linear_cross_entropy(
    input: Tensor, linear_weight: Tensor, target: Tensor, *, linear_bias: Tensor | None = None,
    weight: Tensor | None = None, reduction: str = "mean", ignore_index: int | None = None,
    label_smoothing: float = 0.0, options: Any = None,
) -> Tensor:  # fmt: skip
    """`cross_entropy(linear(input, linear_weight, linear_bias), target)`.

    Shapes: input (N, in), linear_weight (C, in) or (C, d..., in), linear_bias (C, d...).

    >>> import chainrule as torch
    >>> x, w = torch.zeros(1, 3), torch.ones(2, 3)
    >>> torch.nn.functional.linear_cross_entropy(x, w, torch.tensor([0]))
    tensor(0.6931)
    """
    if input._array.ndim not in (1, 2):
        raise ShapeError(f"expected input with dimensionality 1 or 2, got {input._array.ndim}",
                         [("input", input)])  # fmt: skip
    rows, features = linear_weight._array.shape[:-1], linear_weight._array.shape[-1]
    flat = linear_weight.reshape((-1, features)) if len(rows) > 1 else linear_weight
    logits = linear(input, flat, None if linear_bias is None else linear_bias.reshape((-1,)))
    if len(rows) > 1:
        logits = logits.reshape((*input._array.shape[:-1], *rows))
    return cross_entropy(
        logits, target, weight, reduction=reduction, label_smoothing=label_smoothing,
        ignore_index=-100 if ignore_index is None else ignore_index,
    )  # fmt: skip
