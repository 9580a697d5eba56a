"""The state of a module as a dict of tensors, and back.

Loading checks everything before it copies anything: a failed `load_state_dict` leaves the module
as it was.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from chainrule.autograd.inplace import wrote
from chainrule.autograd.mode import no_grad
from chainrule.dtypes import strided
from chainrule.errors import ArgumentError, StateDictError
from chainrule.nn.modules.hooks import ModuleHandle, enter
from chainrule.nn.parameter import Parameter, is_lazy
from chainrule.tensor import Tensor

EXTRA_STATE = "_extra_state"


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` could not match."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"_IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )

    __str__ = __repr__


class Loading(OrderedDict):  # type: ignore[type-arg]
    """A state_dict on its way in, with the writes that are due once all of it is checked."""

    due: list[Any]


class Stateful:
    """The state_dict methods of a module."""

    _version = 1  # of the layout of the state_dict; kept in its `_metadata`

    def state_dict(
        self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> Any:
        """All parameters and persistent buffers by their full names.

        Args:
            destination: a dict to fill instead of a new one.
            prefix: put in front of every name.
            keep_vars: give the parameters themselves; else they are detached, memory shared.

        >>> import chainrule as torch
        >>> list(torch.nn.Linear(2, 1).state_dict(prefix="head."))
        ['head.weight', 'head.bias']
        """
        if args:
            rest = (destination, prefix, keep_vars)[len(args) :]
            destination, prefix, keep_vars = (*args, *rest)
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        local = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = local
        for hook in self.__dict__["_state_dict_pre_hooks"].values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self.__dict__["_modules"].items():
            if module is not None:
                module.state_dict(
                    destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars
                )
        for hook in self.__dict__["_state_dict_hooks"].values():
            replaced = hook(self, destination, prefix, local)
            if replaced is not None:
                destination = replaced
        return destination

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        for name, value in own_state(self):
            destination[prefix + name] = value if keep_vars else value.detach()
        if type(self).get_extra_state is not Stateful.get_extra_state:
            destination[prefix + EXTRA_STATE] = self.get_extra_state()

    def get_extra_state(self) -> Any:
        """Override to put anything else into the state_dict, under '_extra_state'."""
        raise NotImplementedError("override get_extra_state to save more than tensors")

    def set_extra_state(self, state: Any) -> None:
        """Override to take back what `get_extra_state` gave."""
        raise NotImplementedError("override set_extra_state to load what get_extra_state saved")

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy tensors from a state_dict into this module; all of them or, on errors, none.

        Args:
            strict: missing and unexpected names are errors.
            assign: take the tensors themselves instead of copying their values.

        Returns:
            The names that are missing and those that are unexpected.

        >>> import chainrule as torch
        >>> a, b = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
        >>> a.load_state_dict(b.state_dict())
        <All keys matched successfully>
        >>> torch.equal(a.weight, b.weight)
        True
        """
        if not isinstance(state_dict, Mapping):
            raise ArgumentError(
                f"Expected state_dict to be dict-like, got {type(state_dict)}.",
                fix="Pass what state_dict() or torch.load() returned.",
            )
        metadata = getattr(state_dict, "_metadata", None)
        loading = Loading(state_dict)
        loading.due = []
        missing: list[str] = []
        unexpected: list[str] = []
        errors: list[str] = []
        after: list[tuple[Any, Any]] = []
        stack: list[tuple[Any, str]] = [(self, "")]
        while stack:
            module, prefix = stack.pop()
            local = {} if metadata is None else dict(metadata.get(prefix[:-1], {}))
            if assign:
                local["assign_to_params_buffers"] = True
            module._load_from_state_dict(loading, prefix, local, True, missing, unexpected, errors)
            after += [(hook, module) for hook in module._load_state_dict_post_hooks.values()]
            children = [(c, f"{prefix}{n}.") for n, c in module._modules.items() if c is not None]
            stack += reversed(children)
        incompatible = IncompatibleKeys(missing, unexpected)
        for hook, module in reversed(after):
            if hook(module, incompatible) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not "
                    "expected to return new values; change incompatible_keys in place."
                )
        if strict:
            sides = (("Missing", missing), ("Unexpected", unexpected))
            quoted = [
                f"{word} key(s) in state_dict: {', '.join(map(quote, keys))}. "
                for word, keys in sides
                if keys
            ]
            errors = quoted + errors
        if errors:
            raise StateDictError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\t"
                + "\n\t".join(errors)
            )
        with no_grad():
            for write in loading.due:
                write()
        return incompatible

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Take this module's own tensors; subclasses override it to read older layouts."""
        for hook in self.__dict__["_load_state_dict_pre_hooks"].values():
            hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
                 error_msgs)  # fmt: skip
        due = getattr(state_dict, "due", None)
        now = [] if due is None else due
        assign = local_metadata.get("assign_to_params_buffers", False)
        for name, target in own_state(self):
            key = prefix + name
            if key not in state_dict:
                if strict:
                    missing_keys.append(key)
                continue
            value = state_dict[key]
            if is_lazy(target):
                continue
            problem = mismatch(key, target, value)
            if problem:
                error_msgs.append(problem)
            else:
                now.append(writing(self, name, target, value, assign))
        extra = prefix + EXTRA_STATE
        if type(self).set_extra_state is not Stateful.set_extra_state:
            if extra in state_dict:
                now.append(lambda: self.set_extra_state(state_dict[extra]))
            elif strict:
                missing_keys.append(extra)
        elif strict and extra in state_dict:
            unexpected_keys.append(extra)
        if strict:
            unexpected_keys += unexpected(self, state_dict, prefix, extra)
        if due is None:
            with no_grad():
                for write in now:
                    write()

    def register_state_dict_pre_hook(self, hook: Any) -> ModuleHandle:
        """Call `hook(module, prefix, keep_vars)` before `state_dict()` collects."""
        return enter(self.__dict__["_state_dict_pre_hooks"], hook, False)

    def register_state_dict_post_hook(self, hook: Any) -> ModuleHandle:
        """Call `hook(module, state_dict, prefix, local_metadata)` after `state_dict()`."""
        return enter(self.__dict__["_state_dict_hooks"], hook, False)

    _register_state_dict_hook = register_state_dict_post_hook

    def register_load_state_dict_pre_hook(self, hook: Any) -> ModuleHandle:
        """Call `hook(module, state_dict, prefix, ...)` before this module loads its tensors."""
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def _register_load_state_dict_pre_hook(
        self, hook: Any, with_module: bool = False
    ) -> ModuleHandle:
        call = hook if not with_module else lambda *args: hook(self, *args)
        return enter(self.__dict__["_load_state_dict_pre_hooks"], call, False)

    def register_load_state_dict_post_hook(self, hook: Any) -> ModuleHandle:
        """Call `hook(module, incompatible_keys)` when all keys were matched."""
        return enter(self.__dict__["_load_state_dict_post_hooks"], hook, False)


def quote(name: str) -> str:
    return f'"{name}"'


def own_state(module: Any) -> list[tuple[str, Any]]:
    """A module's own parameters and persistent buffers."""
    skip = module._non_persistent_buffers_set
    pairs = [*module._parameters.items(),
             *((n, b) for n, b in module._buffers.items() if n not in skip)]  # fmt: skip
    return [(name, value) for name, value in pairs if value is not None]


def mismatch(key: str, target: Any, value: Any) -> str:
    """Why `value` cannot be copied into `target`; empty if it can."""
    if not isinstance(value, Tensor):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like '
            f"object from checkpoint but received {type(value)}"
        )
    old_scalar = target.ndim == 0 and tuple(value.shape) == (1,)
    if tuple(value.shape) != tuple(target.shape) and not old_scalar:
        return (
            f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, "
            f"the shape in current model is {target.shape}."
        )
    return ""


def writing(module: Any, name: str, target: Any, value: Any, assign: bool) -> Any:
    """The write that puts `value` into its place."""

    def copy() -> None:
        if target.layout is not strided:
            target.copy_(value)
            return
        np.copyto(target._array, value._array.reshape(target._array.shape), casting="unsafe")
        wrote(target, None)

    def take() -> None:
        taken = value
        if isinstance(target, Parameter):
            if not isinstance(value, Parameter):
                taken = Parameter(value, requires_grad=target.requires_grad)
            else:
                taken.requires_grad_(target.requires_grad)
        setattr(module, name, taken)

    return take if assign else copy


def unexpected(module: Any, state_dict: Any, prefix: str, extra: str) -> list[str]:
    """Keys under `prefix` that neither this module nor a child of it has."""
    own = {name for name, _ in own_state(module)}
    found = []
    for key in state_dict:
        if key.startswith(prefix) and key != extra:
            head, dot, _ = key[len(prefix) :].partition(".")
            if dot:
                if head not in module._modules and head not in own:
                    found.append(key)
            elif head not in own:
                found.append(key)
    return found
