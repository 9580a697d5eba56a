"""Modules that hold modules or parameters: Sequential, lists and dicts."""

from __future__ import annotations

import itertools
import warnings
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.nn.modules.module import Module, framed, indented, type_name
from chainrule.nn.parameter import Parameter
from chainrule.tensor import Tensor


class Numbered(Module):
    """Modules under the names '0', '1', ...: what Sequential and ModuleList share."""

    _formula = ""

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def _key(self, index: int) -> str:
        """The name at a place, which may count from the end."""
        return list(self._modules)[place(index, len(self))]

    def _replace_all(self, modules: Iterable[Any]) -> None:
        kept = list(modules)
        self._modules.clear()
        for i, module in enumerate(kept):
            self.add_module(str(i), module)

    def __setitem__(self, index: int, module: Any) -> None:
        setattr(self, self._key(index), module)

    def __delitem__(self, index: int | slice) -> None:
        keys = list(self._modules)[index] if isinstance(index, slice) else [self._key(index)]
        for key in keys:
            delattr(self, key)
        self._replace_all(list(self._modules.values()))

    def append(self, module: Any) -> Any:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def insert(self, index: int, module: Any) -> Any:
        """Put a module in front of the one at `index`."""
        modules = list(self)
        modules.insert(index, module)
        self._replace_all(modules)
        return self

    def extend(self, modules: Any) -> Any:
        """Add modules at the end, in their order."""
        for module in list(modules):
            self.append(module)
        return self

    def pop(self, key: int | slice) -> Any:
        """Take a module out and return it."""
        module = self[key]  # type: ignore[index]
        del self[key]
        return module

    def __iadd__(self, other: Any) -> Any:
        return self.extend(other)


class Sequential(Numbered):
    """Modules one after another: each gets what the one before it returned.

    Args:
        args: the modules, or one OrderedDict of them by name.

    >>> import chainrule as torch
    >>> net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2), torch.nn.ReLU())
    >>> net(torch.zeros(3, 2, 2)).shape
    torch.Size([3, 2])
    >>> net[1:]
    Sequential(
      (1): Linear(in_features=4, out_features=2, bias=True)
      (2): ReLU()
    )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            for i, module in enumerate(args):
                self.add_module(str(i), module)

    def forward(self, input: Any) -> Any:
        for module in self._modules.values():
            input = module(input)
        return input

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return self._modules[self._key(index)]

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, Sequential):
            raise ArgumentError(
                "add operator supports only objects of Sequential class, but "
                f"{type(other)} is given."
            )
        return Sequential(*self, *other)

    def __mul__(self, times: int) -> Any:
        check_times(times)
        return Sequential(*(m for _ in range(times) for m in self))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Any:
        check_times(times)
        return self.extend(m for _ in range(times - 1) for m in list(self))


class ModuleList(Numbered):
    """A list of modules that are registered.

    >>> import chainrule as torch
    >>> layers = torch.nn.ModuleList(torch.nn.Linear(2, 2) for _ in range(3))
    >>> layers
    ModuleList(
      (0-2): 3 x Linear(in_features=2, out_features=2, bias=True)
    )
    >>> len(list(layers.parameters()))
    6
    """

    def __init__(self, modules: Iterable[Any] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self._modules.values())[index])
        return self._modules[self._key(index)]

    def extend(self, modules: Any) -> Any:
        """Add modules at the end, in their order."""
        if not isinstance(modules, Iterable):
            raise ArgumentError(
                "ModuleList.extend should be called with an iterable, but got "
                + type(modules).__name__
            )
        return super().extend(modules)

    def __add__(self, other: Iterable[Any]) -> ModuleList:
        return ModuleList([*self, *other])

    def __repr__(self) -> str:
        below, start = [], 0
        for text, group in itertools.groupby(map(repr, self)):
            n = len(list(group))
            if n == 1:
                below.append(f"({start}): " + indented(text))
            else:
                below.append(f"({start}-{start + n - 1}): {n} x " + indented(text))
            start += n
        return framed(self._get_name(), [], below)


class ModuleDict(Module):
    """A dict of modules that are registered.

    >>> import chainrule as torch
    >>> act = torch.nn.ModuleDict({"relu": torch.nn.ReLU(), "tanh": torch.nn.Tanh()})
    >>> act["relu"], list(act)
    (ReLU(), ['relu', 'tanh'])
    """

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Any) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Remove all modules."""
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Take a module out and return it."""
        return self._modules.pop(key)

    def keys(self) -> Any:
        """The names."""
        return self._modules.keys()

    def items(self) -> Any:
        """Pairs of names and modules."""
        return self._modules.items()

    def values(self) -> Any:
        """The modules."""
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Add modules from a mapping or from pairs, replacing those of the same name."""
        for name, module in pairs_of(modules, "ModuleDict"):
            self[name] = module


class ParameterList(Module):
    """A list of parameters that are registered; tensors put in become Parameters.

    >>> import chainrule as torch
    >>> ps = torch.nn.ParameterList([torch.zeros(2), torch.zeros(3, 1)])
    >>> ps
    ParameterList(
        (0): Parameter containing: [torch.float32 of size 2]
        (1): Parameter containing: [torch.float32 of size 3x1]
    )
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, str(i)) for i in range(self._size))

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return getattr(self, str(place(index, self._size)))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, str(place(index, self._size)), as_parameter(value))

    def append(self, value: Any) -> ParameterList:
        """Add a parameter at the end."""
        self._size += 1
        self[self._size - 1] = value
        return self

    def extend(self, values: Any) -> ParameterList:
        """Add parameters at the end, in their order."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise ArgumentError(
                "ParameterList.extend should be called with an iterable, but got "
                + type(values).__name__
            )
        for value in list(values):
            self.append(value)
        return self

    def __iadd__(self, values: Any) -> ParameterList:
        return self.extend(values)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def extra_repr(self) -> str:
        return "\n".join(f"  ({i}): {summary(p, dtype_of)}" for i, p in enumerate(self))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise ArgumentError("ParameterList should not be called.")


class ParameterDict(Module):
    """A dict of parameters that are registered; tensors put in become Parameters.

    >>> import chainrule as torch
    >>> ps = torch.nn.ParameterDict({"w": torch.zeros(2)})
    >>> "w" in ps, ps["w"].requires_grad
    (True, True)
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: Any) -> Any:
        if str(key) not in self._keys:
            raise KeyError(key)
        return getattr(self, str(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._keys[str(key)] = None
        setattr(self, str(key), as_parameter(value))

    def __delitem__(self, key: Any) -> None:
        del self._keys[str(key)]
        delattr(self, str(key))

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: Any) -> bool:
        return key in self._keys

    def copy(self) -> ParameterDict:
        """A new dict with the same parameters."""
        return ParameterDict(OrderedDict(self.items()))

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The parameter of this name; if there is none, `default` becomes it."""
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self) -> None:
        """Remove all parameters."""
        for key in list(self._keys):
            del self[key]

    def pop(self, key: str) -> Any:
        """Take a parameter out and return it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Take the last pair out and return it."""
        if not self._keys:
            raise KeyError("ParameterDict is empty")
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The parameter of this name, or `default`."""
        if key not in self:
            return default
        return self[key]

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A new dict with these names, all with the same value."""
        return ParameterDict((key, default) for key in keys)

    def keys(self) -> Any:
        """The names."""
        return self._keys.keys()

    def items(self) -> Any:
        """Pairs of names and parameters."""
        return [(key, self[key]) for key in self._keys]

    def values(self) -> Any:
        """The parameters."""
        return [self[key] for key in self._keys]

    def update(self, parameters: Any) -> None:
        """Add parameters from a mapping or from pairs, replacing those of the same name."""
        for key, value in pairs_of(parameters, "ParametersDict"):
            self[key] = value

    def __or__(self, other: Any) -> ParameterDict:
        joined = self.copy()
        joined.update(other)
        return joined

    def __ror__(self, other: Any) -> ParameterDict:
        joined = ParameterDict(other)
        joined.update(self)
        return joined

    def __ior__(self, other: Any) -> ParameterDict:
        self.update(other)
        return self

    def extra_repr(self) -> str:
        return "\n".join(f"  ({key}): {summary(p, type_name)}" for key, p in self.items())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise ArgumentError("ParameterDict should not be called.")


def place(index: Any, size: int) -> int:
    """An index that may count from the end as one from 0 to size - 1."""
    i = index.__index__()
    if not -size <= i < size:
        raise IndexError(f"index {i} is out of range")
    return i % size


def check_times(times: Any) -> None:
    if not isinstance(times, int):
        raise ArgumentError(f"unsupported operand type(s) for *: Sequential and {type(times)}")
    if times <= 0:
        raise ArgumentError(f"Non-positive multiplication factor {times} for Sequential")


def pairs_of(members: Any, what: str) -> list[tuple[str, Any]]:
    """Pairs from a mapping, in its order, or from pairs."""
    if not isinstance(members, Iterable):
        raise ArgumentError(
            f"{what}.update should be called with an iterable of key/value pairs, but got "
            + type(members).__name__
        )
    if isinstance(members, (Mapping, ModuleDict, ParameterDict)):
        return list(members.items())
    pairs = []
    for i, pair in enumerate(members):
        if not isinstance(pair, Iterable):
            raise ArgumentError(
                f"{what} update sequence element #{i} should be Iterable; is {type(pair).__name__}"
            )
        pair = tuple(pair)
        if len(pair) != 2:
            raise ArgumentError(
                f"{what} update sequence element #{i} has length {len(pair)}; 2 is required"
            )
        pairs.append(pair)
    return pairs


def as_parameter(value: Any) -> Any:
    """A tensor as a Parameter; anything else as it is."""
    if isinstance(value, Tensor) and not isinstance(value, Parameter):
        return Parameter(value)
    return value


def summary(value: Any, word: Any) -> str:
    """A parameter in one line, as the reprs of the collections show it."""
    if not isinstance(value, Tensor):
        return f"Object of type: {type_name(value)}"
    kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
    size = "x".join(str(s) for s in value.shape)
    return f"{kind} containing: [{word(value)} of size {size}]"


def dtype_of(value: Tensor) -> Any:
    return value.dtype


class Container(Module):
    """torch's old name for a module made of named ones; subclass `Module` instead.

    >>> import chainrule as torch, warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     torch.nn.Container(act=torch.nn.ReLU())
    Container(
      (act): ReLU()
    )
    """

    def __init__(self, **kwargs: Any) -> None:
        warnings.warn(
            "`nn.Container` is deprecated. All of its functionality is now implemented in "
            "`nn.Module`. Subclass that instead.",
            FutureWarning,
            stacklevel=2,
        )
        super().__init__()
        for name, module in kwargs.items():
            self.add_module(name, module)
