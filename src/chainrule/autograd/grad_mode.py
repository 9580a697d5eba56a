"""torch.autograd.grad_mode: whether operations are recorded, and two settings without effect."""

from __future__ import annotations

from typing import Any

from chainrule.autograd.mode import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = ["enable_grad", "enforce_grad_layout_policy", "inference_mode", "no_grad",
           "set_grad_enabled", "set_multithreading_enabled"]  # fmt: skip


class set_multithreading_enabled:
    """Whether backward may use several threads: it uses one, whatever is said.

    >>> import chainrule as torch
    >>> with torch.autograd.set_multithreading_enabled(False):
    ...     pass
    """

    def __init__(self, mode: bool) -> None:
        self.mode = mode

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        return None


class enforce_grad_layout_policy:
    """Whether gradients take their parameters' memory order: a matter of speed in torch only.

    >>> import chainrule as torch
    >>> with torch.autograd.enforce_grad_layout_policy(False):
    ...     pass
    """

    def __init__(self, enable: bool) -> None:
        self.enable = enable

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        return None
