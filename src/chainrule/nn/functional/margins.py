"""Losses that ask for a margin, and distances."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, OutOfRangeError, ShapeError
from chainrule.nn.functional.activation import logsigmoid, softplus
from chainrule.nn.functional.arguments import reduced, reduction_of
from chainrule.nn.functional.losses import _bad_label, _where
from chainrule.ops import losses as ops
from chainrule.tensor import Tensor, from_array


def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """`input` where target is 1, max(0, margin - input) where it is -1.

    >>> import chainrule as torch
    >>> x, y = torch.tensor([0.5, 0.25]), torch.tensor([1., -1.])
    >>> torch.nn.functional.hinge_embedding_loss(x, y, reduction="none")
    tensor([0.5000, 0.7500])
    """
    reduction = reduction_of(size_average, reduce, reduction)
    zero = input.new_zeros(())
    far = _where(target != 1, (margin - input).clamp_min(0), zero)
    return reduced(far + _where(target != -1, input, zero), reduction)


def soft_margin_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """log(1 + exp(-target * input)) for targets 1 and -1.

    >>> import chainrule as torch
    >>> torch.nn.functional.soft_margin_loss(torch.zeros(1), torch.ones(1))
    tensor(0.6931)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if input._array.shape != target._array.shape:
        raise ShapeError(f"The size of tensor a {input.shape} must match that of b {target.shape}",
                         [("input", input), ("target", target)])  # fmt: skip
    return reduced(softplus(-target * input), reduction)


def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """max(0, -target * (input1 - input2) + margin): input1 shall rank higher where target is 1.

    >>> import chainrule as torch
    >>> one = torch.ones(1)
    >>> torch.nn.functional.margin_ranking_loss(one, one * 3, one)
    tensor(2.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if not input1._array.ndim == input2._array.ndim == target._array.ndim:
        raise ShapeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape} "
        )
    return reduced((-target * (input1 - input2) + margin).clamp_min(0), reduction)


def multi_margin_loss(
    input: Tensor, target: Tensor, p: int = 1, margin: float = 1.0, weight: Tensor | None = None,
    size_average: Any = None, reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The multiclass SVM loss: the sum of max(0, margin + s_j - s_target)**p over j, over C.

    Shapes: input (N, C) or (C,), target (N,) or ().
    See also: `svm_loss`, which does not divide by C.

    >>> import chainrule as torch
    >>> scores = torch.tensor([[3.25, 5., -1.75]])
    >>> torch.nn.functional.multi_margin_loss(scores, torch.tensor([0]))
    tensor(0.9167)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ArgumentError("only p == 1 and p == 2 supported", [("p", p)])
    if weight is not None and weight._array.ndim != 1:
        raise ArgumentError("weight must be one-dimensional", [("weight", weight)])
    loss = _hinges(input, target, p, margin, weight) / (input._array.shape or (1,))[-1]
    if input._array.ndim < 2 or not target._array.ndim:
        loss = loss.reshape(tuple(target._array.shape))
    return reduced(loss, reduction)


def svm_loss(input: Tensor, target: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """The lectures' multiclass SVM loss: the sum over j != y of max(0, s_j - s_y + margin).

    Shapes: input (N, C), target (N,) of class indices.
    Gradient: g at each j that breaks the margin, minus their number times g at y.

    >>> import chainrule as torch
    >>> scores = torch.tensor([[3.25, 5., -1.75]])
    >>> torch.nn.functional.svm_loss(scores, torch.tensor([0]))
    tensor(2.7500)
    """
    return reduced(_hinges(input, target, 1, margin, None), reduction_of(None, None, reduction))


def _hinges(input: Tensor, target: Tensor, p: int, margin: float, weight: Any) -> Tensor:
    """The sum of hinges of each row, the target's own left out."""
    x = input if input._array.ndim == 2 else input.reshape((1, -1))
    n, classes = x._array.shape
    labels = target._array.reshape(-1)
    if len(labels) != n:
        raise ShapeError(f"inconsistent target size, expected {n} but got {len(labels)}",
                         [("input", input), ("target", target)])  # fmt: skip
    if labels.size and ((labels < 0) | (labels >= classes)).any():
        raise _bad_label(labels, classes, target)
    own = apply(ops.ClassPick, x, labels).reshape((n, 1))
    hinge = (x - own + margin).clamp_min(0)
    if p == 2:
        hinge = hinge * hinge
    others = np.ones((n, classes), x._array.dtype)
    others[np.arange(n), labels] = 0
    if weight is not None:
        others *= weight._array[labels][:, None]
    return (hinge * from_array(others)).sum(1)


def multilabel_margin_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """Hinges between every target class and every other class, over C.

    Args:
        target: class indices up to the first -1 in each row.

    >>> import chainrule as torch
    >>> x, y = torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([[3, 0, -1, 1]])
    >>> torch.nn.functional.multilabel_margin_loss(x, y)
    tensor(0.8500)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if input._array.shape != target._array.shape or input._array.ndim > 2:
        raise ShapeError(f"inconsistent target size: {list(target._array.shape)} for input of "
                         f"size: {list(input._array.shape)}",
                         [("input", input), ("target", target)])  # fmt: skip
    single = input._array.ndim < 2
    x = input.reshape((1, -1)) if single else input
    labels = target._array.reshape(x._array.shape)
    if labels.dtype != np.int64:
        raise DtypeError(f"expected scalar type Long but found {target.dtype}",
                         [("target", target)], fix="Convert it: target.long()")  # fmt: skip
    n, classes = labels.shape
    if labels.size and (labels.max() >= classes or labels.min() < -1):
        raise OutOfRangeError(f"argument #2 'target' is out of range: classes go from 0 to "
                              f"{classes - 1}", [("target", target)])  # fmt: skip
    counts = np.cumprod(labels >= 0, axis=1).astype(bool)
    wanted = np.zeros((n, classes), x._array.dtype)
    rows, columns = np.nonzero(counts)
    wanted[rows, labels[rows, columns]] = 1
    own = x.gather(1, from_array(np.where(counts, labels, 0)))
    hinge = (1 - own.unsqueeze(2) + x.unsqueeze(1)).clamp_min(0)
    pairs = from_array(counts[:, :, None] * (1 - wanted)[:, None, :])
    loss = (hinge * pairs).sum((1, 2)) / max(classes, 1)
    return reduced(loss.reshape(()) if single else loss, reduction)


def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """Binary cross entropy with logits, averaged over classes.

    >>> import chainrule as torch
    >>> torch.nn.functional.multilabel_soft_margin_loss(torch.zeros(1, 2), torch.ones(1, 2))
    tensor(0.6931)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return reduced(loss.sum(-1) / input._array.shape[-1], reduction)


def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """1 - cos where target is 1, max(0, cos - margin) where it is -1.

    >>> import chainrule as torch
    >>> x = torch.tensor([[1., 0.]])
    >>> torch.nn.functional.cosine_embedding_loss(x, x, torch.tensor([-1.]))
    tensor(1.)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if target._array.ndim > 1 or input1._array.ndim != target._array.ndim + 1:
        raise ShapeError(
            f"{target._array.ndim}D target tensor expects {target._array.ndim + 1}D input tensors, "
            f"but found inputs with sizes {list(input1._array.shape)} and "
            f"{list(input2._array.shape)}.",
            [("input1", input1), ("input2", input2), ("target", target)],
        )
    product = (input1 * input2).sum(-1)
    length1 = (input1 * input1).sum(-1) + 1e-12
    length2 = (input2 * input2).sum(-1) + 1e-12
    cosine = product / (length1 * length2).sqrt()
    zero = cosine.new_zeros(())
    near = _where(target == 1, 1 - cosine, zero)
    return reduced(near + _where(target == -1, (cosine - margin).clamp_min(0), zero), reduction)


def triplet_margin_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2,
    eps: float = 1e-6, swap: bool = False, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """max(0, margin + d(anchor, positive) - d(anchor, negative)).

    Args:
        swap: use d(positive, negative) instead where it is smaller.

    >>> import chainrule as torch
    >>> zero = torch.zeros(1, 1)
    >>> torch.nn.functional.triplet_margin_loss(zero, zero, zero + 0.25)
    tensor(0.7500)
    """
    reduction = reduction_of(size_average, reduce, reduction)
    _check_triplet(anchor, positive, negative, margin)

    def distance(x: Tensor, y: Tensor) -> Tensor:
        return pairwise_distance(x, y, p, eps)

    return reduced(_triplet(anchor, positive, negative, distance, margin, swap), reduction)


def _check_triplet(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float) -> None:
    if margin <= 0:
        raise ArgumentError(f"margin must be greater than 0, got {margin}")
    if not anchor._array.ndim == positive._array.ndim == negative._array.ndim:
        raise ShapeError(
            "The anchor, positive, and negative tensors are expected to have the same number of "
            "dimensions", [("anchor", anchor), ("positive", positive), ("negative", negative)],
        )  # fmt: skip


def triplet_margin_with_distance_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, *, distance_function: Any = None,
    margin: float = 1.0, swap: bool = False, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """`triplet_margin_loss` with a distance of your own.

    >>> import chainrule as torch
    >>> zero = torch.zeros(1, 1)
    >>> torch.nn.functional.triplet_margin_with_distance_loss(zero, zero, zero + 0.25)
    tensor(0.7500)
    """
    reduction = reduction_of(None, None, reduction)
    _check_triplet(anchor, positive, negative, margin)
    distance = pairwise_distance if distance_function is None else distance_function
    return reduced(_triplet(anchor, positive, negative, distance, margin, swap), reduction)


def _triplet(a: Tensor, p: Tensor, n: Tensor, distance: Any, margin: float, swap: bool) -> Tensor:
    far = distance(a, n)
    if swap:
        from chainrule.functional import EXPORTS

        far = EXPORTS["minimum"](far, distance(p, n))
    return (distance(a, p) - far + margin).clamp_min(0)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along `dim`; lengths below `eps` count as `eps`.

    >>> import chainrule as torch
    >>> torch.nn.functional.cosine_similarity(torch.tensor([[3., 4.]]), torch.tensor([[3., 4.]]))
    tensor([1.])
    """
    dtype = spec.result_type([x1._array, x2._array])
    shape = spec.broadcast_shapes(x1._array.shape, x2._array.shape)
    if dtype.kind not in "fV":
        raise ArgumentError(
            f"expected common dtype to be floating point, yet common dtype is {dtype}"
        )
    x1, x2 = (t.to(_of(dtype)).expand(shape) for t in (x1, x2))

    def unit(t: Tensor) -> Tensor:
        length = t.norm(2, dim, keepdim=True)
        bounded = from_array(np.maximum(length._array, dtype.type(eps)))
        return t / (length + (bounded - length).detach() if length._node is not None else bounded)

    return (unit(x1) * unit(x2)).sum(dim)


def _of(dtype: Any) -> Any:
    from chainrule import dtypes

    return dtypes.of(dtype)


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """The p-norm of `x1 - x2 + eps` over the last axis.

    >>> import chainrule as torch
    >>> torch.nn.functional.pairwise_distance(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]))
    tensor([5.0000])
    """
    return (x1 - x2 + eps).norm(p, -1, keepdim)


def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """The p-norm distances between all pairs of rows, as one vector.

    Shapes: input (N, M); the result has N (N - 1) / 2 elements.

    >>> import chainrule as torch
    >>> torch.nn.functional.pdist(torch.tensor([[0.], [1.], [3.]]))
    tensor([1., 3., 2.])
    """
    if input._array.ndim != 2:
        raise ShapeError(f"pdist only supports 2D tensors, got: {input._array.ndim}D",
                         [("input", input)])  # fmt: skip
    if p < 0:
        raise ArgumentError("pdist only supports non-negative p values", [("p", p)])
    first, second = np.triu_indices(input._array.shape[0], 1)
    return (input[from_array(first)] - input[from_array(second)]).norm(p, -1)
