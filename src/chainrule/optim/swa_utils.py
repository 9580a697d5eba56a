"""Averages of weights along training: stochastic weight averaging, exponential moving averages.

Source: P. Izmailov et al., Averaging weights leads to wider optima and better generalization,
2018; B. Polyak, A. Juditsky, Acceleration of stochastic approximation by averaging, 1992.
"""

from __future__ import annotations

import itertools
import math
import warnings
from copy import deepcopy
from typing import Any

import numpy as np

from chainrule.autograd.mode import no_grad
from chainrule.errors import ArgumentError
from chainrule.nn.modules.batchnorm import _BatchNorm
from chainrule.nn.modules.module import Module
from chainrule.optim.lr_scheduler.base import LRScheduler
from chainrule.tensor import Tensor, from_array

PARAM_LIST = tuple[Tensor, ...] | list[Tensor]


def check_decay(decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ArgumentError(f"Invalid decay value {decay} provided. Please provide a value in "
                            "[0,1] range.")  # fmt: skip


def inexact(x: Tensor) -> bool:
    return x.is_floating_point() or x.is_complex()


def get_ema_multi_avg_fn(decay: float = 0.999) -> Any:
    """The function that moves all averages: average = decay * average + (1 - decay) * value.

    >>> import chainrule as torch
    >>> average, value = torch.zeros(2), torch.ones(2)
    >>> torch.optim.swa_utils.get_ema_multi_avg_fn(0.75)([average], [value], 1)
    >>> average
    tensor([0.2500, 0.2500])
    """
    check_decay(decay)

    @no_grad()
    def ema_update(ema_param_list: Any, current_param_list: Any, _: Any) -> None:
        for average, value in zip(ema_param_list, current_param_list, strict=True):
            if inexact(average):
                average.lerp_(value, 1 - decay)
            else:
                average.copy_(average * decay + value * (1 - decay))

    return ema_update


def get_swa_multi_avg_fn() -> Any:
    """The function that moves all averages to the mean of the values seen so far."""

    @no_grad()
    def swa_update(averaged: Any, current: Any, num_averaged: Any) -> None:
        count = int(num_averaged) + 1
        for average, value in zip(averaged, current, strict=True):
            if inexact(average):
                average.lerp_(value, float(np.float32(1 / count)))
            else:
                average.copy_(average + (value - average) / count)

    return swa_update


def get_ema_avg_fn(decay: float = 0.999) -> Any:
    """The function that gives one new exponential average.

    >>> import chainrule as torch
    >>> average = torch.optim.swa_utils.get_ema_avg_fn(0.5)
    >>> average(torch.zeros(1), torch.ones(1), 1)
    tensor([0.5000])
    """
    check_decay(decay)

    @no_grad()
    def ema_update(ema_param: Tensor, current_param: Tensor, num_averaged: Any) -> Tensor:
        return decay * ema_param + (1 - decay) * current_param  # type: ignore[no-any-return]

    return ema_update


def get_swa_avg_fn() -> Any:
    """The function that gives one new mean of all values seen so far."""

    @no_grad()
    def swa_update(averaged_param: Tensor, current_param: Tensor, num_averaged: Any) -> Tensor:
        return averaged_param + (current_param - averaged_param) / (num_averaged + 1)  # type: ignore

    return swa_update


class AveragedModel(Module):
    """A copy of a model that holds the average of its weights.

    Args:
        avg_fn: gives a new average from (average, value, count).
        multi_avg_fn: changes lists of averages in place; both None gives the plain mean.
        use_buffers: average buffers too; else they are copied.

    >>> import chainrule as torch
    >>> model = torch.nn.Linear(1, 1)
    >>> averaged = torch.optim.swa_utils.AveragedModel(model)
    >>> for value in (1., 2., 3.):
    ...     _ = torch.nn.init.constant_(model.weight, value)
    ...     averaged.update_parameters(model)
    >>> averaged.module.weight.item(), averaged.n_averaged.item()
    (2.0, 3)
    """

    n_averaged: Tensor

    def __init__(
        self, model: Module, device: Any = None, avg_fn: Any = None, multi_avg_fn: Any = None,
        use_buffers: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", from_array(np.array(0, np.int64)))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The averaged model's output."""
        return self.module(*args, **kwargs)

    def averaged(self, module: Module) -> list[Tensor]:
        """What is averaged of a module, without graph."""
        found = module.parameters()
        if self.use_buffers:
            found = itertools.chain(found, module.buffers())
        return [p.detach() for p in found]

    def update_parameters(self, model: Module) -> None:
        """Let the averages take in the present weights of `model`."""
        ours, theirs = self.averaged(self.module), self.averaged(model)
        count = self.n_averaged
        with no_grad():
            if int(count) == 0:
                for average, value in zip(ours, theirs, strict=False):
                    average.copy_(value)
            elif self.avg_fn is not None:
                for average, value in zip(ours, theirs, strict=False):
                    average.copy_(self.avg_fn(average, value, count))
            else:
                update = self.multi_avg_fn or get_swa_multi_avg_fn()
                groups: dict[Any, tuple[list[Tensor], list[Tensor]]] = {}
                for average, value in zip(ours, theirs, strict=False):
                    pair = groups.setdefault(average.dtype, ([], []))
                    pair[0].append(average)
                    pair[1].append(value)
                for averages, values in groups.values():
                    update(averages, values, count)
            if not self.use_buffers:
                for average, value in zip(self.module.buffers(), model.buffers(), strict=True):
                    average.detach().copy_(value.detach())
            self.n_averaged += 1


@no_grad()
def update_bn(loader: Any, model: Module, device: Any = None) -> None:
    """Compute the running statistics of all batch norms anew, in one pass over `loader`.

    Batches are tensors, or tuples whose first element is the input.

    >>> import chainrule as torch
    >>> model = torch.nn.BatchNorm1d(1)
    >>> torch.optim.swa_utils.update_bn([torch.tensor([[1.], [3.]])], model)
    >>> model.running_mean
    tensor([2.])
    """
    momenta = {m: m.momentum for m in model.modules() if isinstance(m, _BatchNorm)}
    if not momenta:
        return
    for module in momenta:
        module.reset_running_stats()
        module.momentum = None
    was_training = model.training
    model.train()
    for batch in loader:
        given = batch[0] if isinstance(batch, (list, tuple)) else batch
        model(given if device is None else given.to(device))
    for module, momentum in momenta.items():
        module.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """Takes each group's learning rate to `swa_lr` within `anneal_epochs`, and keeps it there.

    Args:
        anneal_strategy: "cos" or "linear".

    >>> import chainrule as torch
    >>> optimizer = torch.optim.SGD([torch.ones(1)], lr=1.0)
    >>> schedule = torch.optim.swa_utils.SWALR(optimizer, 0.5, 2, "linear")
    >>> for _ in range(3):
    ...     optimizer.step(), schedule.step()
    ...     print(schedule.get_last_lr())
    (None, None)
    [0.75]
    (None, None)
    [0.5]
    (None, None)
    [0.5]
    """

    def __init__(
        self, optimizer: Any, swa_lr: Any, anneal_epochs: int = 10, anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:  # fmt: skip
        groups = optimizer.param_groups
        if isinstance(swa_lr, (list, tuple)):
            if len(swa_lr) != len(groups):
                raise ArgumentError("swa_lr must have the same length as optimizer.param_groups. "
                                    f"swa_lr has {len(swa_lr)} values, param_groups has "
                                    f"{len(groups)}.")  # fmt: skip
            rates = list(swa_lr)
        else:
            rates = [swa_lr] * len(groups)
        for rate, group in zip(rates, groups, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError("anneal_strategy must be one of 'cos' or 'linear', instead got "
                                f"{anneal_strategy}")  # fmt: skip
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ArgumentError(
                f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}"
            )
        self._anneal_strategy, self.anneal_epochs = anneal_strategy, anneal_epochs
        super().__init__(optimizer, last_epoch)

    def anneal_func(self, t: float) -> float:
        """How much of the way is done after a share `t` of the epochs."""
        return t if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * t)) / 2

    def get_lr(self) -> list[Any]:
        """The rates for `last_epoch`, one a group."""
        if not self._get_lr_called_within_step:
            warnings.warn("To get the last learning rate computed by the scheduler, please use "
                          "`get_last_lr()`.", UserWarning, stacklevel=2)  # fmt: skip
        epochs, step = self.anneal_epochs, self._step_count - 1
        if epochs == 0:
            step = max(1, step)
        before, now = (self.anneal_func(max(0, min(1, s / max(1, epochs))))
                       for s in (step - 1, step))  # fmt: skip
        values = []
        for group in self.optimizer.param_groups:
            goal = group["swa_lr"]
            start = goal if before == 1 else (group["lr"] - before * goal) / (1 - before)
            values.append(goal * now + start * (1 - now))
        return values


__all__ = [
    "SWALR", "AveragedModel", "get_ema_avg_fn", "get_ema_multi_avg_fn", "get_swa_avg_fn",
    "get_swa_multi_avg_fn", "update_bn",
]  # fmt: skip
