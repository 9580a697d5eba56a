"""torch._dynamo.config: settings that may be set and are read back; nothing looks at them."""

from typing import Any

cache_size_limit = 8
recompile_limit = 8
accumulated_cache_size_limit = 256
suppress_errors = False
verbose = False
automatic_dynamic_shapes = True
assume_static_by_default = True
capture_scalar_outputs = False
capture_dynamic_output_shape_ops = False
optimize_ddp = True
compiled_autograd = False
guard_nn_modules = True
error_on_recompile = False
disable = False


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return None
