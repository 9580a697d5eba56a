"""Key-value stores, in which processes find each other; here they serve one process."""

from __future__ import annotations

from typing import Any

from chainrule.errors import ArgumentError


class Store:
    """A dictionary of bytes.

    >>> from chainrule.distributed import HashStore
    >>> store = HashStore()
    >>> store.set("a", "1")
    >>> store.get("a")
    b'1'
    """

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self.timeout: Any = None

    def set(self, key: str, value: Any) -> None:
        """Store a value."""
        self._values[key] = value.encode() if isinstance(value, str) else bytes(value)

    def get(self, key: str) -> bytes:
        """The value of a key.

        Errors: nobody else can set a key that is not there.
        """
        self.wait([key])
        return self._values[key]

    def add(self, key: str, amount: int) -> int:
        """Count a key up; returns the new count."""
        count = int(self._values.get(key, b"0")) + amount
        self._values[key] = str(count).encode()
        return count

    def compare_set(self, key: str, expected_value: str, desired_value: str) -> bytes:
        """Set a key if it has the expected value; returns what it has then."""
        have = self._values.get(key)
        if (have is None and not expected_value) or have == expected_value.encode():
            self._values[key] = desired_value.encode()
        return self._values.get(key, expected_value.encode())

    def wait(self, keys: Any, timeout: Any = None) -> None:
        """Return if all keys are there.

        Errors: nobody else can set the others.
        """
        absent = [k for k in keys if k not in self._values]
        if absent:
            raise ArgumentError("there is no other process to set these keys",
                                [("keys", absent)])  # fmt: skip

    def check(self, keys: Any) -> bool:
        """Whether all keys are there."""
        return all(k in self._values for k in keys)

    def num_keys(self) -> int:
        """How many keys there are."""
        return len(self._values)

    def delete_key(self, key: str) -> bool:
        """Remove a key; returns whether it was there."""
        return self._values.pop(key, None) is not None

    def set_timeout(self, timeout: Any) -> None:
        """Kept; nothing waits here."""
        self.timeout = timeout


class HashStore(Store):
    """A store in memory."""


class TCPStore(Store):
    """A store at an address; in a group of one it is in memory."""

    def __init__(self, host_name: str, port: int, world_size: Any = None, is_master: bool = False,
                 timeout: Any = None, *args: Any, **kwargs: Any) -> None:  # fmt: skip
        super().__init__()
        self.host, self.port, self.timeout = host_name, port, timeout


class FileStore(Store):
    """A store in a file; in a group of one it is in memory."""

    def __init__(self, file_name: str, world_size: int = -1) -> None:
        super().__init__()
        self.path = file_name


class PrefixStore(Store):
    """A store whose keys go to another under a prefix."""

    def __init__(self, prefix: str, store: Store) -> None:
        super().__init__()
        self.prefix, self.underlying_store = prefix, store

    def set(self, key: str, value: Any) -> None:
        """Store a value under the prefixed key."""
        self.underlying_store.set(f"{self.prefix}/{key}", value)

    def get(self, key: str) -> bytes:
        """The value of the prefixed key."""
        return self.underlying_store.get(f"{self.prefix}/{key}")
