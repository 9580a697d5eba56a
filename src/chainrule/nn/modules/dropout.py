"""Dropout: set parts of the input to zero in training mode."""

from __future__ import annotations

from typing import Any

from chainrule.errors import ArgumentError
from chainrule.nn import functional as F
from chainrule.nn.modules.module import Module


class _DropoutNd(Module):
    """What all kinds share: the probability."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if p < 0 or p > 1:
            raise ArgumentError(
                f"dropout probability has to be between 0 and 1, but got {p}",
                fix="It is the share that is dropped: 0.5 keeps half.",
            )
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_DropoutNd):
    """Set each element to zero with probability p, and divide the others by 1 - p.

    In evaluation mode the input is returned as it is.

    Source: Srivastava et al. 2014.

    >>> import chainrule as torch
    >>> torch.nn.Dropout(0.5).eval()(torch.ones(3))
    tensor([1., 1., 1.])
    """

    def forward(self, input: Any) -> Any:
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_DropoutNd):
    """Dropout of whole channels of (N, C, L) or (C, L).

    >>> import chainrule as torch
    >>> torch.nn.Dropout1d().eval()(torch.ones(1, 1, 2))
    tensor([[[1., 1.]]])
    """

    def forward(self, input: Any) -> Any:
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_DropoutNd):
    """Dropout of whole channels of (N, C, H, W).

    Source: Tompson et al. 2015, arXiv:1411.4280.

    >>> import chainrule as torch
    >>> torch.nn.Dropout2d(0.25)
    Dropout2d(p=0.25, inplace=False)
    """

    def forward(self, input: Any) -> Any:
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_DropoutNd):
    """Dropout of whole channels of (N, C, D, H, W).

    >>> import chainrule as torch
    >>> torch.nn.Dropout3d().eval()(torch.ones(1, 1, 1, 1, 1)).shape
    torch.Size([1, 1, 1, 1, 1])
    """

    def forward(self, input: Any) -> Any:
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_DropoutNd):
    """Dropout that keeps mean and variance of self-normalising (SELU) networks.

    Source: Klambauer et al. 2017, arXiv:1706.02515.

    >>> import chainrule as torch
    >>> torch.nn.AlphaDropout().eval()(torch.ones(2))
    tensor([1., 1.])
    """

    def forward(self, input: Any) -> Any:
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_DropoutNd):
    """Alpha dropout of whole channels.

    >>> import chainrule as torch
    >>> torch.nn.FeatureAlphaDropout().eval()(torch.ones(1, 2))
    tensor([[1., 1.]])
    """

    def forward(self, input: Any) -> Any:
        return F.feature_alpha_dropout(input, self.p, self.training)
