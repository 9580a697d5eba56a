"""`torch.signal`: window functions, in `torch.signal.windows`."""

from chainrule.signal import windows

__all__ = ["windows"]
