"""torch.cuda.nccl: communication between GPUs, which are not here."""

from __future__ import annotations

from typing import Any

from chainrule.functional.options import check_device


def is_available(tensors: Any) -> bool:
    """Always False."""
    return False


def version(*args: Any, **kwargs: Any) -> Any:
    """Errors: there is no NCCL."""
    check_device("cuda")


unique_id = init_rank = all_reduce = reduce = broadcast = all_gather = reduce_scatter = version
