"""Training where members have different numbers of batches: in a group of one, nothing to do."""

from __future__ import annotations

from typing import Any


class Join:
    """A context that does nothing: the only member waits for nobody."""

    def __init__(self, joinables: Any, enable: bool = True,
                 throw_on_early_termination: bool = False, **kwargs: Any) -> None:  # fmt: skip
        self.joinables = list(joinables)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        return None

    @staticmethod
    def notify_join_context(joinable: Any) -> None:
        """None: nobody has joined early."""
