"""Instance normalisation: each channel of each sample by its own mean and variance."""

from __future__ import annotations

import warnings
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.nn import functional as F
from chainrule.nn.modules.batchnorm import _NormBase


class _InstanceNorm(_NormBase):
    """What InstanceNorm1d, 2d and 3d share."""

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Any = None, dtype: Any = None, *,
        bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def forward(self, input: Any) -> Any:
        self._check_input_dim(input)
        batched = input.ndim == self._dims[1]
        channels = input.shape[1 if batched else 0]
        if channels != self.num_features:
            axis = 1 if batched else 0
            if self.affine:
                raise ArgumentError(
                    f"expected input's size at dim={axis} to match num_features "
                    f"({self.num_features}), but got: {channels}."
                )
            warnings.warn(
                f"input's size at dim={axis} does not match num_features. You can silence this "
                "warning by not passing in num_features, which is not used because affine=False"
            )
        out = F.instance_norm(
            input if batched else input.unsqueeze(0), self.running_mean, self.running_var,
            self.weight, self.bias, self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum, self.eps,
        )  # fmt: skip
        return out if batched else out.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """Normalise each channel of each sample over its axis.

    Shapes: input and output (N, C, L) or (C, L).
    Source: Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022.

    >>> import chainrule as torch
    >>> torch.nn.InstanceNorm1d(3)(torch.zeros(2, 3, 4)).shape
    torch.Size([2, 3, 4])
    """

    _dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Normalise each channel of each sample over both axes of the image.

    Shapes: input and output (N, C, H, W) or (C, H, W).

    >>> import chainrule as torch
    >>> torch.nn.InstanceNorm2d(3, affine=True)(torch.zeros(2, 3, 4, 4)).shape
    torch.Size([2, 3, 4, 4])
    """

    _dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Normalise each channel of each sample over its three axes.

    Shapes: input and output (N, C, D, H, W) or (C, D, H, W).

    >>> import chainrule as torch
    >>> torch.nn.InstanceNorm3d(3)(torch.zeros(2, 3, 2, 2, 2)).shape
    torch.Size([2, 3, 2, 2, 2])
    """

    _dims = (4, 5)
