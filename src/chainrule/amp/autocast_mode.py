"""`autocast`: matrix products and convolutions in 16 bits within a block."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.amp.state import (
    LOWER,
    autocast_decrement_nesting,
    autocast_increment_nesting,
    clear_autocast_cache,
    device_name,
    get_autocast_dtype,
    is_autocast_available,
    is_autocast_enabled,
    set_autocast_dtype,
    set_autocast_enabled,
    state,
)
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor


class autocast:
    """Within the block, choose the precision function by function.

    Matrix products, convolutions and attention run in `dtype`; losses and what sums up many terms
    in float32; all others in what they are given.  Also a decorator.

    Args:
        device_type: "cpu"; for "cuda" and others it warns and does nothing, there is none here.
        dtype: torch.bfloat16 or torch.float16.
        enabled: False turns autocast off within the block.
        cache_enabled: cast each parameter once in the outermost block.

    >>> import chainrule as torch
    >>> x = torch.ones(2, 2)
    >>> with torch.autocast("cpu", dtype=torch.bfloat16):
    ...     y = x @ x
    ...     z = (y * 2).sum()
    >>> y.dtype, z.dtype, torch.nn.functional.mse_loss(y, y).dtype
    (torch.bfloat16, torch.bfloat16, torch.bfloat16)
    """

    def __init__(
        self, device_type: str, dtype: Any = None, enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:  # fmt: skip
        self.device = device_name(device_type)
        self.fast_dtype = get_autocast_dtype(device_type) if dtype is None else dtype
        self._cache_enabled = state.cache_enabled if cache_enabled is None else cache_enabled
        if enabled and device_type == "cuda":
            warnings.warn("CUDA is not available or torch_xla is imported. Disabling autocast.",
                          stacklevel=2)  # fmt: skip
            enabled = False
        elif enabled and self.fast_dtype not in LOWER:
            name = device_type.upper()
            warnings.warn(
                f"In {name} autocast, but the target dtype is not supported. Disabling autocast.\n"
                f"{name} Autocast only supports dtypes of {', '.join(map(str, LOWER))} currently.",
                stacklevel=2,
            )
            enabled = False
        self._enabled = enabled
        self._before: list[tuple[bool, bool, Any]] = []

    def __enter__(self) -> autocast:
        self._before.append((state.cache_enabled, is_autocast_enabled(self.device),
                             get_autocast_dtype(self.device)))  # fmt: skip
        set_autocast_enabled(self.device, self._enabled)
        set_autocast_dtype(self.device, self.fast_dtype)
        autocast_increment_nesting()
        state.cache_enabled = self._cache_enabled
        return self

    def __exit__(self, *exc: Any) -> None:
        if autocast_decrement_nesting() == 0:
            clear_autocast_cache()
        state.cache_enabled, enabled, dtype = self._before.pop()
        set_autocast_enabled(self.device, enabled)
        set_autocast_dtype(self.device, dtype)

    def __call__(self, func: Any) -> Any:
        if not callable(func):
            raise ArgumentError(
                f"autocast()(func) requires a callable, but got {type(func).__name__}. Did you "
                "mean to use autocast as a context manager?", fix='with torch.autocast("cpu"): ...',
            )  # fmt: skip

        @functools.wraps(func)
        def decorate_autocast(*args: Any, **kwargs: Any) -> Any:
            with self:
                return func(*args, **kwargs)

        return decorate_autocast


def _enter_autocast(*settings: Any) -> autocast:
    context = autocast(*settings)
    context.__enter__()
    return context


def _exit_autocast(context: autocast) -> None:
    context.__exit__(None, None, None)


def cast_all(value: Any, device_type: str, dtype: Any) -> Any:
    """The floating tensors in a structure as `dtype`; float64 stays."""
    if isinstance(value, Tensor):
        fits = value.is_floating_point() and value.dtype is not dtypes.float64
        return value.to(dtype) if fits and device_type == "cpu" else value
    if isinstance(value, (str, bytes, np.ndarray)):
        return value
    if isinstance(value, Mapping):
        return {k: cast_all(v, device_type, dtype) for k, v in value.items()}
    if isinstance(value, Iterable):
        cast = (cast_all(v, device_type, dtype) for v in value)
        return type(value)(cast) if isinstance(value, (list, tuple)) else cast  # type: ignore
    return value


def custom_fwd(fwd: Any = None, *, device_type: str, cast_inputs: Any = None) -> Any:
    """Decorates `forward` of an autograd Function that is used under autocast.

    Args:
        cast_inputs: with autocast on, cast floating inputs to this dtype and run with it off.

    >>> import chainrule as torch
    >>> class Double(torch.autograd.Function):
    ...     @staticmethod
    ...     @torch.amp.custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    ...     def forward(ctx, x):
    ...         return x * 2
    ...     @staticmethod
    ...     @torch.amp.custom_bwd(device_type="cpu")
    ...     def backward(ctx, g):
    ...         return g * 2
    >>> with torch.autocast("cpu"):
    ...     Double.apply(torch.ones(1, dtype=torch.bfloat16)).dtype
    torch.float32
    """
    if not isinstance(device_type, str):
        raise ArgumentError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def decorate_fwd(*args: Any, **kwargs: Any) -> Any:
        ctx, on = args[0], is_autocast_enabled(device_type)
        ctx._dtype = get_autocast_dtype(device_type)
        ctx._fwd_used_autocast = on and cast_inputs is None
        if not on or cast_inputs is None:
            return fwd(*args, **kwargs)
        with autocast(device_type, enabled=False):
            given = [cast_all(a, device_type, cast_inputs) for a in args[1:]]
            return fwd(ctx, *given, **cast_all(kwargs, device_type, cast_inputs))

    return decorate_fwd


def custom_bwd(bwd: Any = None, *, device_type: str) -> Any:
    """Decorates `backward` of an autograd Function: autocast is as it was in `forward`."""
    if not isinstance(device_type, str):
        raise ArgumentError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def decorate_bwd(*args: Any, **kwargs: Any) -> Any:
        ctx = args[0]
        with autocast(device_type, ctx._dtype, ctx._fwd_used_autocast):
            return bwd(*args, **kwargs)

    return decorate_bwd


def old_autocast(device: str, default: Any) -> Any:
    """torch.cuda.amp.autocast and torch.cpu.amp.autocast, which are deprecated."""

    class old(autocast):
        def __init__(self, enabled: bool = True, dtype: Any = default,
                     cache_enabled: bool = True) -> None:  # fmt: skip
            warnings.warn(
                f"`torch.{device}.amp.autocast(args...)` is deprecated. Please use "
                f"`torch.amp.autocast('{device}', args...)` instead.", FutureWarning, stacklevel=2,
            )  # fmt: skip
            super().__init__(device, enabled=enabled, dtype=dtype, cache_enabled=cache_enabled)

    old.__name__ = old.__qualname__ = "autocast"
    old.__doc__ = f"The old name of `torch.autocast({device!r}, ...)`."
    old.__signature__ = inspect.Signature([  # type: ignore[attr-defined]
        inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=d)
        for n, d in (("enabled", True), ("dtype", default), ("cache_enabled", True))
    ])  # fmt: skip
    return old


def old_custom(function: Any, name: str) -> Any:
    """torch.cuda.amp.custom_fwd and custom_bwd, which are deprecated."""

    def call(wrapped: Any = None, **options: Any) -> Any:
        warnings.warn(
            f"`torch.cuda.amp.{name}(args...)` is deprecated. Please use "
            f"`torch.amp.{name}(args..., device_type='cuda')` instead.",
            FutureWarning, stacklevel=2,
        )  # fmt: skip
        return function(wrapped, device_type="cuda", **options)

    call.__name__, call.__doc__ = name, f"The old name of `torch.amp.{name}`, for GPUs."
    return call


__all__ = ["autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]
