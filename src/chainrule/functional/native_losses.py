"""Losses under their names at the top of `torch`, whose reduction is a number.

0 is none, 1 mean, 2 sum.  They are the losses of `nn.functional`, which is imported when one is
first called.
"""

from __future__ import annotations

from typing import Any

from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS
from chainrule.functional.neural import later
from chainrule.tensor import Tensor

REDUCTIONS = ("none", "mean", "sum")


def reduction_word(name: str, reduction: int) -> str:
    """The word for a reduction's number."""
    if reduction not in (0, 1, 2):
        raise ArgumentError(f"{name}(): reduction {reduction} is none of 0, 1, 2",
                            fix="0 is none, 1 mean, 2 sum.")  # fmt: skip
    return REDUCTIONS[reduction]


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Any = None, pos_weight: Any = None, reduction: int = 1
) -> Tensor:
    """`nn.functional.binary_cross_entropy_with_logits`, its reduction a number.

    >>> import chainrule as torch
    >>> torch.binary_cross_entropy_with_logits(torch.zeros(2), torch.ones(2), reduction=2)
    tensor(1.3863)
    """
    word = reduction_word("binary_cross_entropy_with_logits", reduction)
    return later("binary_cross_entropy_with_logits")(
        input, target, weight, pos_weight=pos_weight, reduction=word
    )


def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 1
) -> Tensor:
    """`nn.functional.cosine_embedding_loss`, its reduction a number.

    >>> import chainrule as torch
    >>> x, y = torch.tensor([[1., 0.]]), torch.tensor([[0., 1.]])
    >>> torch.cosine_embedding_loss(x, y, torch.tensor([1]))
    tensor(1.)
    """
    word = reduction_word("cosine_embedding_loss", reduction)
    return later("cosine_embedding_loss")(input1, input2, target, margin, reduction=word)


def ctc_loss(
    log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0,
    reduction: int = 1, zero_infinity: bool = False,
) -> Tensor:  # fmt: skip
    """`nn.functional.ctc_loss`, its reduction a number.

    >>> import chainrule as torch
    >>> p = torch.full((2, 1, 2), 0.5).log()
    >>> torch.ctc_loss(p, torch.tensor([[1]]), torch.tensor([2]), torch.tensor([1]), reduction=2)
    tensor(0.2877)
    """
    word = reduction_word("ctc_loss", reduction)
    return later("ctc_loss")(
        log_probs, targets, input_lengths, target_lengths, blank, word, zero_infinity
    )


def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, reduction: int = 1
) -> Tensor:
    """`nn.functional.hinge_embedding_loss`, its reduction a number.

    >>> import chainrule as torch
    >>> torch.hinge_embedding_loss(torch.tensor([0.5, 0.25]), torch.tensor([1, -1]), reduction=0)
    tensor([0.5000, 0.7500])
    """
    word = reduction_word("hinge_embedding_loss", reduction)
    return later("hinge_embedding_loss")(input, target, margin, reduction=word)


def kl_div(
    input: Tensor, target: Tensor, reduction: int = 1, *, log_target: bool = False
) -> Tensor:
    """`nn.functional.kl_div`, its reduction a number.

    >>> import chainrule as torch
    >>> torch.kl_div(torch.zeros(2), torch.tensor([0.5, 1.]), 2)
    tensor(-0.3466)
    """
    word = reduction_word("kl_div", reduction)
    each = later("kl_div")(input, target, reduction="none", log_target=log_target)
    return each if reduction == 0 else getattr(each, word)()


def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 1
) -> Tensor:
    """`nn.functional.margin_ranking_loss`, its reduction a number.

    >>> import chainrule as torch
    >>> torch.margin_ranking_loss(torch.tensor([1.]), torch.tensor([3.]), torch.tensor([1.]))
    tensor(2.)
    """
    word = reduction_word("margin_ranking_loss", reduction)
    return later("margin_ranking_loss")(input1, input2, target, margin, reduction=word)


def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int
) -> Tensor:
    """`nn.functional.poisson_nll_loss`, its reduction a number.

    >>> import chainrule as torch
    >>> torch.poisson_nll_loss(torch.zeros(2), torch.tensor([1., 3.]), True, False, 1e-8, 2)
    tensor(2.)
    """
    word = reduction_word("poisson_nll_loss", reduction)
    return later("poisson_nll_loss")(input, target, log_input, full, eps=eps, reduction=word)


def triplet_margin_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2,
    eps: float = 1e-6, swap: bool = False, reduction: int = 1,
) -> Tensor:  # fmt: skip
    """`nn.functional.triplet_margin_loss`, its reduction a number.

    >>> import chainrule as torch
    >>> x, y = torch.zeros(1, 1), torch.ones(1, 1)
    >>> torch.triplet_margin_loss(x, y, 3 * y, eps=0)
    tensor(0.)
    """
    word = reduction_word("triplet_margin_loss", reduction)
    return later("triplet_margin_loss")(anchor, positive, negative, margin, p, eps, swap,
                                        reduction=word)  # fmt: skip


for _function in (binary_cross_entropy_with_logits, cosine_embedding_loss, ctc_loss,
                  hinge_embedding_loss, kl_div, margin_ranking_loss, poisson_nll_loss,
                  triplet_margin_loss):  # fmt: skip
    EXPORTS[_function.__name__] = _function
