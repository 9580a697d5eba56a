"""Looking for the rule that makes a NaN: `detect_anomaly`, `set_detect_anomaly`."""

from __future__ import annotations

from typing import Any

from chainrule.autograd.mode import mode


class set_detect_anomaly:
    """Turn the search on or off: at once when called, or for the block it opens.

    While it is on, backward stops at the first rule that returns NaN and names the line of the
    forward that it belongs to.

    >>> import chainrule as torch
    >>> with torch.autograd.set_detect_anomaly(True):
    ...     torch.is_anomaly_enabled()
    True
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.before = is_anomaly_enabled()
        set_anomaly(bool(mode) and check_nan)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        set_anomaly(self.before)


class detect_anomaly:
    """A block in which backward stops at the first rule that returns NaN, and names its line.

    >>> import chainrule as torch
    >>> x = torch.tensor(0., requires_grad=True)
    >>> with torch.autograd.detect_anomaly():
    ...     y = x * 2
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.on, self.before = check_nan, False

    def __enter__(self) -> None:
        self.before = is_anomaly_enabled()
        set_anomaly(self.on)

    def __exit__(self, *exc: Any) -> None:
        set_anomaly(self.before)


def set_anomaly(on: bool) -> None:
    mode.anomaly = on


def is_anomaly_enabled() -> bool:
    """Whether backward looks for NaN."""
    return mode.anomaly
