"""torch.amp: 16 bits where they do, 32 where they are needed."""

from chainrule.amp import autocast_mode, grad_scaler
from chainrule.amp.autocast_mode import (
    _enter_autocast,
    _exit_autocast,
    autocast,
    custom_bwd,
    custom_fwd,
    old_autocast,
    old_custom,
)
from chainrule.amp.grad_scaler import GradScaler, old_scaler
from chainrule.amp.state import (
    autocast_decrement_nesting,
    autocast_increment_nesting,
    clear_autocast_cache,
    get_autocast_cpu_dtype,
    get_autocast_dtype,
    get_autocast_gpu_dtype,
    is_autocast_available,
    is_autocast_cache_enabled,
    is_autocast_cpu_enabled,
    is_autocast_enabled,
    set_autocast_cache_enabled,
    set_autocast_cpu_dtype,
    set_autocast_cpu_enabled,
    set_autocast_dtype,
    set_autocast_enabled,
    set_autocast_gpu_dtype,
)
from chainrule.dtypes import bfloat16, float16

CUDA = {
    "autocast": old_autocast("cuda", float16), "GradScaler": old_scaler("cuda"),
    "custom_fwd": old_custom(custom_fwd, "custom_fwd"),
    "custom_bwd": old_custom(custom_bwd, "custom_bwd"),
    "amp_definitely_not_available": lambda: True,
}  # fmt: skip
CPU = {"autocast": old_autocast("cpu", bfloat16), "GradScaler": old_scaler("cpu")}

__all__ = [
    "GradScaler", "_enter_autocast", "_exit_autocast", "autocast", "autocast_decrement_nesting",
    "autocast_increment_nesting", "autocast_mode", "clear_autocast_cache", "custom_bwd",
    "custom_fwd", "get_autocast_cpu_dtype", "get_autocast_dtype", "get_autocast_gpu_dtype",
    "grad_scaler", "is_autocast_available", "is_autocast_cache_enabled", "is_autocast_cpu_enabled",
    "is_autocast_enabled", "set_autocast_cache_enabled", "set_autocast_cpu_dtype",
    "set_autocast_cpu_enabled", "set_autocast_dtype", "set_autocast_enabled",
    "set_autocast_gpu_dtype",
]  # fmt: skip
