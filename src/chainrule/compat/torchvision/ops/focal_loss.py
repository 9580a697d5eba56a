"""The focal loss (Lin et al. 2017): cross-entropy in which easy examples weigh little."""

from __future__ import annotations

from chainrule.nn import functional as F
from chainrule.tensor import Tensor


def sigmoid_focal_loss(
    inputs: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2, reduction: str = "none"
) -> Tensor:
    """α_t (1 - p_t)^γ times the binary cross-entropy of logits; α below 0 leaves the weight out.

    >>> import chainrule as torch
    >>> sigmoid_focal_loss(torch.zeros(2), torch.tensor([0., 1.]))
    tensor([0.1300, 0.0433])
    """
    if not (0 <= alpha <= 1) and alpha != -1:
        raise ValueError(f"Invalid alpha value: {alpha}. alpha must be in the range [0,1] or -1 "
                         "for ignore.")  # fmt: skip
    p = inputs.sigmoid()
    missed = 1 - (p * targets + (1 - p) * (1 - targets))
    loss = F.binary_cross_entropy_with_logits(inputs, targets, reduction="none") * missed**gamma
    if alpha >= 0:
        loss = (alpha * targets + (1 - alpha) * (1 - targets)) * loss
    if reduction in ("mean", "sum"):
        return loss.mean() if reduction == "mean" else loss.sum()
    if reduction != "none":
        raise ValueError(f"Invalid Value for arg 'reduction': '{reduction} \n Supported reduction "
                         "modes: 'none', 'mean', 'sum'")  # fmt: skip
    return loss
