"""Batch and instance normalisation, which may keep running statistics."""

from __future__ import annotations

from typing import Any

from chainrule import dtypes
from chainrule.errors import ArgumentError, ChainruleError, ShapeError
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.nn.modules.fresh import filled, parameter
from chainrule.nn.modules.module import Module


class _NormBase(Module):
    """Weight, bias and running statistics, each there or None."""

    _version = 2  # since then num_batches_tracked is part of the state
    _dims: tuple[int, ...] = ()
    _formula = "(x - mean) / sqrt(var + eps) * weight + bias"

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, device: Any = None,
        dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        place = {"device": device, "dtype": dtype}
        for name, there in (("weight", affine), ("bias", affine and bias)):
            self.register_parameter(name, parameter(num_features, **place) if there else None)
        if track_running_stats:
            self.register_buffer("running_mean", filled(num_features, value=0, **place))
            self.register_buffer("running_var", filled(num_features, value=1, **place))
            count = filled(value=0, device=device, dtype=dtypes.int64)
            self.register_buffer("num_batches_tracked", count)
        else:
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                self.register_buffer(name, None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Mean 0, variance 1, no batches seen."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0, and fresh running statistics."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _check_input_dim(self, input: Any) -> None:
        if input.ndim not in self._dims:
            words = " or ".join(f"{d}D" for d in self._dims)
            raise ArgumentError(f"expected {words} input (got {input.ndim}D input)")

    def _explain(self, error: ChainruleError, *args: Any) -> None:
        x = args[0]
        if not isinstance(error, ShapeError):
            return
        axis = 0 if x.ndim == self._dims[0] and not isinstance(self, _BatchNorm) else 1
        if x.ndim in self._dims and x.shape[axis] != self.num_features:
            error.rule = (
                "the channel axis of x must equal num_features (running_mean should contain "
                f"{x.shape[axis]} elements not {self.num_features})"
            )
            error.operands = [("x", x), ("weight", self.weight,
                                         f"num_features={self.num_features}")]  # fmt: skip
            error.fix = f"Build {type(self).__name__}({x.shape[axis]})."

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, local_metadata: Any, strict: bool, missing_keys: Any,
        unexpected_keys: Any, error_msgs: Any,
    ) -> None:  # fmt: skip
        """States of before version 2 have no num_batches_tracked: the present one stays."""
        version = local_metadata.get("version")
        if (version is None or version < 2) and self.track_running_stats:
            key = prefix + "num_batches_tracked"
            if key not in state_dict:
                state_dict[key] = self.num_batches_tracked.clone()
        super()._load_from_state_dict(state_dict, prefix, local_metadata, strict, missing_keys,
                                      unexpected_keys, error_msgs)  # fmt: skip


class _BatchNorm(_NormBase):
    """What BatchNorm1d, 2d and 3d share."""

    def forward(self, input: Any) -> Any:
        self._check_input_dim(input)
        factor = 0.0 if self.momentum is None else self.momentum
        tracked = self.track_running_stats and self.num_batches_tracked is not None
        if self.training and tracked:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # a plain average over all batches
                factor = 1.0 / float(self.num_batches_tracked)
        by_batch = self.training or (self.running_mean is None and self.running_var is None)
        use = not self.training or self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean if use else None,
            self.running_var if use else None,
            self.weight,
            self.bias,
            by_batch,
            factor,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    """Normalise each channel over the batch: (x - mean) / √(var + eps) · weight + bias.

    In training mode mean and variance are those of the batch and update the running ones; in
    evaluation mode the running ones are used.

    Args:
        momentum: the share of the new batch in the running statistics; None averages all.
        affine: whether there are weight and bias.
        track_running_stats: without, the batch's statistics are used in evaluation mode too.

    Shapes: input and output (N, C) or (N, C, L).
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167.

    >>> import chainrule as torch
    >>> bn = torch.nn.BatchNorm1d(1)
    >>> bn(torch.tensor([[1.], [3.]])).detach().round().tolist()
    [[-1.0], [1.0]]
    >>> bn.running_mean
    tensor([0.2000])
    """

    _dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Normalise each channel over the batch and both axes of the image; see `BatchNorm1d`.

    Shapes: input and output (N, C, H, W).

    >>> import chainrule as torch
    >>> torch.nn.BatchNorm2d(3)(torch.zeros(2, 3, 4, 4)).shape
    torch.Size([2, 3, 4, 4])
    """

    _dims = (4,)


class BatchNorm3d(_BatchNorm):
    """Normalise each channel over the batch and all three axes; see `BatchNorm1d`.

    Shapes: input and output (N, C, D, H, W).

    >>> import chainrule as torch
    >>> torch.nn.BatchNorm3d(3)(torch.zeros(2, 3, 2, 2, 2)).shape
    torch.Size([2, 3, 2, 2, 2])
    """

    _dims = (5,)


class SyncBatchNorm(_BatchNorm):
    """Batch normalisation over all processes; in one process, that over the batch.

    Shapes: input and output (N, C, ...).

    >>> import chainrule as torch
    >>> torch.nn.SyncBatchNorm(3)(torch.zeros(2, 3, 4)).shape
    torch.Size([2, 3, 4])
    """

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, process_group: Any = None,
        device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )
        self.process_group = process_group

    def _check_input_dim(self, input: Any) -> None:
        if input.ndim < 2:
            raise ArgumentError(f"expected at least 2D input (got {input.ndim}D input)")
        if input.shape[1] == 0:
            raise ArgumentError("SyncBatchNorm number of input channels should be non-zero")

    @classmethod
    def convert_sync_batchnorm(cls, module: Any, process_group: Any = None) -> Any:
        """The module with every batch norm in it replaced, which share their parameters.

        >>> import chainrule as torch
        >>> net = torch.nn.Sequential(torch.nn.BatchNorm1d(2))
        >>> torch.nn.SyncBatchNorm.convert_sync_batchnorm(net)[0]
        SyncBatchNorm(2, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
        """
        new = module
        if isinstance(module, _BatchNorm):
            new = SyncBatchNorm(module.num_features, module.eps, module.momentum, module.affine,
                                module.track_running_stats, process_group,
                                bias=module.bias is not None)  # fmt: skip
            members = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
            for name in members:
                if getattr(module, name) is not None:
                    setattr(new, name, getattr(module, name))
            new.training = module.training
        for name, child in module.named_children():
            new.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return new
