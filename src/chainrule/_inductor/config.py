"""torch._inductor.config: settings that may be set and are read back; nothing looks at them."""

from typing import Any

from chainrule.compiler import Switches

coordinate_descent_tuning = False
coordinate_descent_check_all_directions = False
fx_graph_cache = True
max_autotune = False
epilogue_fusion = True
force_fuse_int_mm_with_mul = False
use_mixed_mm = True
freezing = False
triton = Switches(unique_kernel_names=True, cudagraphs=False, cudagraph_trees=True)
cpp = Switches(threads=-1, simdlen=None)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return None
