"""`GradScaler`: losses scaled up so that small gradients survive 16 bits."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from enum import Enum
from typing import Any

import numpy as np

from chainrule.autograd.mode import no_grad
from chainrule.errors import ArgumentError, GraphError
from chainrule.tensor import Tensor, from_array


class OptState(Enum):
    """What was done with an optimiser since the last update()."""

    READY = 0
    UNSCALED = 1
    STEPPED = 2


class GradScaler:
    """Scales losses, unscales gradients, and skips steps whose gradients overflowed.

    Args:
        device: "cpu"; for "cuda" it warns and is disabled, there is none here.
        init_scale: the first factor.
        growth_factor, backoff_factor: by which it changes, after `growth_interval` steps without
            overflow in a row, and after a step with one.
        enabled: False makes every method pass its arguments on.

    >>> import chainrule as torch
    >>> w = torch.ones(1, requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.5)
    >>> scaler = torch.amp.GradScaler("cpu", init_scale=1024.)
    >>> scaler.scale((w * w).sum()).backward()
    >>> scaler.step(optimizer)
    >>> scaler.update()
    >>> w, scaler.get_scale()
    (tensor([0.], requires_grad=True), 1024.0)
    """

    def __init__(
        self, device: str = "cuda", init_scale: float = 2.0**16, growth_factor: float = 2.0,
        backoff_factor: float = 0.5, growth_interval: int = 2000, enabled: bool = True,
    ) -> None:  # fmt: skip
        self._device, self._enabled = device, enabled
        if enabled and device == "cuda":
            warnings.warn(
                "torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.",
                stacklevel=2,
            )
            self._enabled = False
        if self._enabled:
            if growth_factor <= 1.0:
                raise AssertionError("The growth factor must be > 1.0.")
            if backoff_factor >= 1.0:
                raise AssertionError("The backoff factor must be < 1.0.")
            self._init_scale = init_scale
            self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
            self._growth_interval = growth_interval
            self._init_growth_tracker = 0
            self._scale: Tensor | None = None
            self._growth_tracker: Tensor | None = None
            self._optimizers: dict[int, dict[str, Any]] = {}

    def _started(self, call: str) -> Tensor:
        if self._scale is None:
            raise AssertionError(
                f"Attempted {call} but _scale is None.  This may indicate your script did not use "
                "scaler.scale(loss or outputs) earlier in the iteration."
            )
        return self._scale

    def _of(self, optimizer: Any) -> dict[str, Any]:
        return self._optimizers.setdefault(
            id(optimizer), {"stage": OptState.READY, "overflow": None}
        )

    def scale(self, outputs: Any) -> Any:
        """The loss, or a structure of tensors, times the factor."""
        if not self._enabled:
            return outputs
        if self._scale is None:
            self._scale = from_array(np.array(self._init_scale, np.float32))
            self._growth_tracker = from_array(np.array(self._init_growth_tracker, np.int32))
        if isinstance(outputs, Tensor):
            return outputs * self._scale
        if isinstance(outputs, Iterable):
            scaled = map(self.scale, outputs)
            return type(outputs)(scaled) if isinstance(outputs, (list, tuple)) else scaled  # type: ignore
        raise ArgumentError("outputs must be a Tensor or an iterable of Tensors")

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients by the factor, to clip or look at them before `step`."""
        if not self._enabled:
            return
        scale, own = self._started("unscale_"), self._of(optimizer)
        if own["stage"] is OptState.UNSCALED:
            raise GraphError("unscale_() has already been called on this optimizer since the last "
                             "update().")  # fmt: skip
        if own["stage"] is OptState.STEPPED:
            raise GraphError("unscale_() is being called after step().")
        inverse = np.float32(1.0 / float(scale._array))
        overflow = False
        with no_grad():
            for group in optimizer.param_groups:
                for p in group["params"]:
                    grad = p._grad
                    if grad is None:
                        continue
                    values = grad._v if grad.is_sparse else grad
                    array = values._array
                    if array.dtype == np.float16:
                        raise ArgumentError(
                            "Attempting to unscale FP16 gradients.",
                            [("grad", grad)],
                            fix="Keep parameters in float32.",
                        )
                    values.mul_(inverse.item())
                    overflow = overflow or not bool(np.isfinite(values._array).all())
        own["overflow"], own["stage"] = overflow, OptState.UNSCALED

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """`unscale_` unless that was done, then `optimizer.step()` unless a gradient overflowed."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise GraphError("Closure use is not currently supported if GradScaler is enabled.")
        self._started("step")
        own = self._of(optimizer)
        if own["stage"] is OptState.STEPPED:
            raise GraphError("step() has already been called since the last update().")
        if own["stage"] is OptState.READY:
            self.unscale_(optimizer)
        result = None if own["overflow"] else optimizer.step(*args, **kwargs)
        own["stage"] = OptState.STEPPED
        return result

    def update(self, new_scale: Any = None) -> None:
        """Change the factor: back after an overflow, up after enough steps without, or as given."""
        if not self._enabled:
            return
        scale, tracker = self._started("update"), self._growth_tracker
        assert tracker is not None
        if new_scale is not None:
            scale._array[...] = new_scale._array if isinstance(new_scale, Tensor) else new_scale
        else:
            found = [own["overflow"] for own in self._optimizers.values()]
            if not found:
                raise AssertionError("No inf checks were recorded prior to update.")
            if any(found):
                scale._array[...] *= self._backoff_factor
                tracker._array[...] = 0
            else:
                tracker._array[...] += 1
                if tracker._array == self._growth_interval:
                    grown = np.float32(scale._array * np.float32(self._growth_factor))
                    if np.isfinite(grown):
                        scale._array[...] = grown
                    tracker._array[...] = 0
        self._optimizers = {}

    # ---- settings ----------------------------------------------------------------------------

    def get_scale(self) -> float:
        """The factor; 1.0 if disabled."""
        if not self._enabled:
            return 1.0
        return self._init_scale if self._scale is None else float(self._scale._array)

    def get_growth_factor(self) -> float:
        """By what the factor grows."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Choose by what the factor grows."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """By what the factor shrinks."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Choose by what the factor shrinks."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """After how many steps without overflow the factor grows."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Choose after how many steps without overflow the factor grows."""
        self._growth_interval = new_interval

    def _get_growth_tracker(self) -> int:
        if not self._enabled:
            return 0
        tracker = self._growth_tracker
        return self._init_growth_tracker if tracker is None else int(tracker._array)

    def is_enabled(self) -> bool:
        """Whether anything is scaled."""
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """The factor and the settings; empty if disabled."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(), "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor, "growth_interval": self._growth_interval,
            "_growth_tracker": self._get_growth_tracker(),
        }  # fmt: skip

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what state_dict() gave."""
        if not self._enabled:
            return
        if not state_dict:
            raise GraphError("The source state dict is empty, possibly because it was saved from a "
                             "disabled instance of GradScaler.")  # fmt: skip
        self._init_scale = state_dict["scale"]
        self._init_growth_tracker = state_dict["_growth_tracker"]
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
        if self._scale is not None and self._growth_tracker is not None:
            self._scale._array[...] = self._init_scale
            self._growth_tracker._array[...] = self._init_growth_tracker

    def __getstate__(self) -> dict[str, Any]:
        kept = self.__dict__.copy()
        if self._enabled:
            if self._optimizers:
                raise AssertionError(
                    "A GradScaler instance may only be pickled at the beginning of an iteration, "
                    "or at the end after scaler.update()."
                )
            kept["_init_scale"], kept["_scale"] = self.get_scale(), None
            kept["_init_growth_tracker"] = self._get_growth_tracker()
            kept["_growth_tracker"] = None
        return kept


def old_scaler(device: str) -> Any:
    """torch.cuda.amp.GradScaler and torch.cpu.amp.GradScaler, which are deprecated."""

    class old(GradScaler):
        def __init__(
            self, init_scale: float = 2.0**16, growth_factor: float = 2.0,
            backoff_factor: float = 0.5, growth_interval: int = 2000, enabled: bool = True,
        ) -> None:  # fmt: skip
            warnings.warn(
                f"`torch.{device}.amp.GradScaler(args...)` is deprecated. Please use "
                f"`torch.amp.GradScaler('{device}', args...)` instead.", FutureWarning,
                stacklevel=2,
            )  # fmt: skip
            super().__init__(device, init_scale, growth_factor, backoff_factor, growth_interval,
                             enabled)  # fmt: skip

    old.__name__ = old.__qualname__ = "GradScaler"
    old.__doc__ = f"The old name of `torch.amp.GradScaler({device!r}, ...)`."
    return old
