"""torch.cuda.comm: copies between GPUs, which are not here."""

from __future__ import annotations

from typing import Any

from chainrule.functional.options import check_device


def broadcast(tensor: Any, devices: Any = None, *, out: Any = None) -> Any:
    """Errors: there is no GPU to copy to."""
    check_device("cuda")


scatter = gather = reduce_add = broadcast_coalesced = reduce_add_coalesced = broadcast
