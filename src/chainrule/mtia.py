"""torch.mtia on a machine without that accelerator."""

from __future__ import annotations


def is_available() -> bool:
    """Always False."""
    return False


def is_initialized() -> bool:
    """Always False."""
    return False


def device_count() -> int:
    """Always 0."""
    return 0
