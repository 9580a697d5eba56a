"""The named members of a module, kept where attribute access finds them without a detour.

A module's parameters, buffers and submodules stand in three dicts, as in torch.  Each also stands
in the instance's `__dict__`, so `self.weight` is a plain attribute (about 15 ns; a `__getattr__`
in Python takes 200 ns).  A `Registry` writes both, so changing either dict directly is safe.
"""

from __future__ import annotations

import weakref
from typing import Any

ABSENT = object()
NAMES = ("_parameters", "_buffers", "_modules")


class Registry(dict):  # type: ignore[type-arg]
    """A dict of a module's members that mirrors itself into the module's `__dict__`."""

    __slots__ = ("owner",)

    def __init__(self, owner: weakref.ref[Any], items: Any = ()) -> None:
        self.owner = owner
        dict.__init__(self)
        self.update(items)

    def members(self) -> dict[str, Any]:
        owner = self.owner()
        return {} if owner is None else owner.__dict__

    def __setitem__(self, name: str, value: Any) -> None:
        dict.__setitem__(self, name, value)
        self.members()[name] = value

    def __delitem__(self, name: str) -> None:
        dict.__delitem__(self, name)
        self.members().pop(name, None)

    def pop(self, name: str, default: Any = ABSENT) -> Any:
        if name in self:
            self.members().pop(name, None)
            return dict.pop(self, name)
        if default is ABSENT:
            raise KeyError(name)
        return default

    def popitem(self) -> tuple[str, Any]:
        name, value = dict.popitem(self)
        self.members().pop(name, None)
        return name, value

    def clear(self) -> None:
        for name in list(self):
            del self[name]

    def update(self, *args: Any, **kwargs: Any) -> None:
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def __ior__(self, other: Any) -> Registry:  # type: ignore[override,misc]
        self.update(other)
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        return dict, (dict(self),)

    def __deepcopy__(self, memo: Any) -> Any:
        import copy

        return copy.deepcopy(dict(self), memo)


def plain(state: dict[str, Any]) -> dict[str, Any]:
    """A module's `__dict__` as it is copied and pickled: registries as dicts, no mirrored names."""
    state = dict(state)
    for kind in NAMES:
        members = state.get(kind)
        if members is not None:
            for name in members:
                state.pop(name, None)
            state[kind] = dict(members)
    return state
