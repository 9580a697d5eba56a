"""torch.mps on a machine without an Apple GPU: nothing is available, and it says so."""

from __future__ import annotations

import functools
from typing import Any

from chainrule.errors import DeviceError


def is_available() -> bool:
    """Always False."""
    return False


def device_count() -> int:
    """Always 0."""
    return 0


def manual_seed(seed: int) -> None:
    """Nothing: there is no GPU to seed."""


def refuse(what: str, *args: Any, **kwargs: Any) -> Any:
    """An error: there is no Apple GPU here."""
    raise DeviceError(f"Cannot execute {what}() without MPS backend.",
                      fix="Ask torch.backends.mps.is_available() first.")  # fmt: skip


synchronize = functools.partial(refuse, "deviceSynchronize")
empty_cache = functools.partial(refuse, "emptyCache")
seed = get_rng_state = set_rng_state = functools.partial(refuse, "getDefaultGenerator")
current_allocated_memory = functools.partial(refuse, "getCurrentAllocatedMemory")
driver_allocated_memory = functools.partial(refuse, "getDriverAllocatedMemory")
recommended_max_memory = functools.partial(refuse, "recommendedMaxMemory")
set_per_process_memory_fraction = functools.partial(refuse, "setMemoryFraction")
compile_shader = functools.partial(refuse, "compileShader")
