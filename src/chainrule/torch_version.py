"""A version string that compares as a version: "2.13" is newer than "2.6"."""

from __future__ import annotations

import re
from typing import Any


def numbers(version: Any) -> tuple[int, ...]:
    """The release numbers of a version, without zeros at the end."""
    if isinstance(version, (tuple, list)):
        parts = [int(p) for p in version if str(p).isdigit()]
    else:
        match = re.match(r"\s*v?(\d+(?:\.\d+)*)", str(version))
        parts = [int(p) for p in match[1].split(".")] if match else []
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


class TorchVersion(str):
    """A string that compares with strings and tuples by release number.

    >>> from chainrule.torch_version import TorchVersion
    >>> TorchVersion("2.13.0") > "2.6", TorchVersion("2.13.0") >= (2, 13)
    (True, True)
    """

    def __lt__(self, other: Any) -> bool:
        return numbers(self) < numbers(other)

    def __le__(self, other: Any) -> bool:
        return numbers(self) <= numbers(other)

    def __gt__(self, other: Any) -> bool:
        return numbers(self) > numbers(other)

    def __ge__(self, other: Any) -> bool:
        return numbers(self) >= numbers(other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (str, tuple, list)) and numbers(self) == numbers(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return str.__hash__(self)
