"""The loss of sequences without alignment: connectionist temporal classification."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.tensor import Tensor, from_array

NEVER = -1e30  # the logarithm of an impossible path; finite, so that differences are numbers


def ctc_loss(
    log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0,
    reduction: str = "mean", zero_infinity: bool = False,
) -> Tensor:  # fmt: skip
    """Minus the logarithm of the probability of all alignments that spell the target.

    Args:
        blank: the class that stands for no symbol.
        reduction: "mean" divides each loss by its target's length, then averages.
        zero_infinity: count targets that are too long for their input as 0.

    Gradient: exp(log_probs) - the probability of each class at each time, given the target: that
    of logits under a log_softmax.
    Shapes: log_probs (T, N, C) or (T, C), targets (N, S) or all in one row, lengths (N,).
    Source: Graves et al. 2006.

    >>> import chainrule as torch
    >>> p = torch.full((2, 1, 2), 0.5).log()
    >>> torch.nn.functional.ctc_loss(p, torch.tensor([[1]]), [2], [1], reduction="sum")
    tensor(0.2877)
    """
    if reduction not in ("none", "mean", "sum"):
        raise ArgumentError(f"{reduction} is not a valid value for reduction")
    single = log_probs._array.ndim == 2
    if single:
        log_probs = log_probs.unsqueeze(1)
    steps, batch, classes = log_probs._array.shape
    times, sizes = (np.atleast_1d(np.asarray(getattr(v, "_array", v), dtype=np.int64))
                    for v in (input_lengths, target_lengths))  # fmt: skip
    if not 0 <= blank < classes:
        raise ArgumentError("blank must be in label range", [("blank", blank)])
    if len(times) != batch or len(sizes) != batch:
        raise ShapeError("input_lengths and target_lengths must be of size batch_size",
                         [("log_probs", log_probs)])  # fmt: skip
    if times.size and times.max() > steps:
        raise ShapeError(f"Expected input_lengths to have value at most {steps}, but got value "
                         f"{times.max()}")  # fmt: skip
    labels = _padded(targets._array, sizes, single)
    width = 2 * labels.shape[1] + 1
    spelled = np.full((batch, width), blank, np.int64)
    spelled[:, 1::2] = labels
    jump = np.zeros((batch, width), bool)  # a repeated symbol needs a blank between
    jump[:, 2:] = (spelled[:, 2:] != blank) & (spelled[:, 2:] != spelled[:, :-2])
    dtype = log_probs._array.dtype
    cat, logsumexp, stack = (EXPORTS[n] for n in ("cat", "logsumexp", "stack"))
    floor = log_probs.clamp_min(NEVER)
    emit = floor.gather(2, from_array(np.broadcast_to(spelled, (steps, batch, width)).copy()))
    closed = np.full((batch, width), NEVER, dtype)
    closed[:, :2] = 0
    alpha = emit[0] + from_array(closed)
    edge = from_array(np.full((batch, 2), NEVER, dtype))
    no_jump = from_array(np.where(jump, 0, NEVER).astype(dtype))
    rows = [alpha]
    for t in range(1, steps):
        before = cat([edge, alpha], 1)
        paths = stack([alpha, before[:, 1:-1], before[:, :-2] + no_jump])
        alpha = (logsumexp(paths, 0) + emit[t]).clamp_min(NEVER)
        rows.append(alpha)
    whole = stack(rows, 1)
    last = from_array(np.arange(batch))
    end = whole[last, from_array(np.maximum(times - 1, 0))]
    final = end.gather(1, from_array((2 * sizes)[:, None]))
    earlier = end.gather(1, from_array(np.maximum(2 * sizes - 1, 0)[:, None]))
    earlier = earlier + from_array(np.where(sizes > 0, 0, NEVER).astype(dtype)[:, None])
    loss = -logsumexp(cat([final, earlier], 1), 1)
    empty = times == 0
    if empty.any():
        loss = loss.masked_fill(from_array(empty & (sizes == 0)), 0.0)
    impossible = (loss._array > -NEVER / 2) | (empty & (sizes > 0))
    if impossible.any():
        loss = loss.masked_fill(from_array(impossible), 0.0 if zero_infinity else float("inf"))
    if log_probs._node is not None:  # torch takes log_probs for a log_softmax of all classes
        used = (np.arange(steps)[:, None] < times) & ~impossible
        total = (log_probs.exp() * from_array(used[..., None].astype(dtype))).sum((0, 2))
        loss = loss + (total - total.detach())
    if reduction == "mean":
        return (loss / from_array(np.maximum(sizes, 1).astype(dtype))).mean()
    if reduction == "sum":
        return loss.sum()
    return loss.squeeze(0) if single else loss


def _padded(targets: Any, sizes: Any, single: bool) -> Any:
    """Targets as (N, longest), from one row after another or already padded."""
    longest = int(sizes.max(initial=0))
    if targets.ndim == 2:
        return targets[:, :longest].astype(np.int64)
    if targets.ndim == 1:
        out = np.zeros((len(sizes), longest), np.int64)
        start = 0
        for i, n in enumerate(sizes):
            out[i, :n] = targets[start : start + n]
            start += n
        return out
    raise ShapeError("targets must be 1-D or 2-D", [("targets", targets)])
