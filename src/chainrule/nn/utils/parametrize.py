"""Parametrisations: a parameter computed from another by a module, whenever it is read.

`register_parametrization(layer, "weight", module)` makes `layer.weight` what `module` gives for
the tensor that is trained, `layer.parametrizations.weight.original`.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Sequence
from typing import Any

from chainrule.autograd.mode import no_grad
from chainrule.errors import ArgumentError, GraphError
from chainrule.nn.modules.container import ModuleDict, ModuleList
from chainrule.nn.modules.registry import plain
from chainrule.nn.parameter import Parameter
from chainrule.tensor import Tensor


class Cache:
    """Computed values, kept while a block `cached()` is open."""

    depth = 0
    values: dict[tuple[int, str], Any] = {}


@contextlib.contextmanager
def cached() -> Iterator[None]:
    """Compute each parametrised tensor at most once within the block.

    >>> import chainrule as torch
    >>> from chainrule.nn.utils import parametrize
    >>> layer = torch.nn.utils.parametrizations.orthogonal(torch.nn.Linear(2, 2))
    >>> with parametrize.cached():
    ...     layer.weight is layer.weight
    True
    """
    Cache.depth += 1
    try:
        yield
    finally:
        Cache.depth -= 1
        if not Cache.depth:
            Cache.values = {}


def _register_parameter_or_buffer(module: Any, name: str, value: Any) -> None:
    if isinstance(value, Parameter):
        module.register_parameter(name, value)
    else:
        module.register_buffer(name, value)


def refuse(rule: str, *facts: tuple[str, Any]) -> None:
    lines = "".join(f"\n{what}: {value}" for what, value in facts)
    raise ArgumentError(rule + lines)


def same_kind(value: Any, like: Any, names: tuple[str, str]) -> None:
    """Raise unless a parametrised value is a tensor like the one it stands for."""
    if not isinstance(value, Tensor):
        raise ArgumentError(f"A parametrization must return a tensor. Got {type(value).__name__}.")
    for what in ("dtype", "shape"):
        before, after = getattr(like, what), getattr(value, what)
        if before != after:
            refuse(
                f"Registering a parametrization may not change the {what} of the tensor, unless "
                "the `unsafe` flag is enabled.",
                (f"{names[0]} {what}", before), (f"{names[1]} {what}", after),
            )  # fmt: skip


class ParametrizationList(ModuleList):
    """The parametrisations of one tensor in order, and the original tensor or tensors.

    Called, it computes the parametrised tensor.
    """

    def __init__(self, modules: Sequence[Any], original: Any, unsafe: bool = False) -> None:
        if len(modules) == 0:
            raise ArgumentError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        new: Any = original
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    with contextlib.suppress(NotImplementedError):
                        new = module.right_inverse(new)
        if not isinstance(new, (Tensor, Sequence)):
            raise ArgumentError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                f"Got {type(new).__name__}"
            )
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            if new.dtype != dtype:
                refuse(
                    "When `right_inverse` outputs one tensor, it may not change the dtype.",
                    ("original.dtype", dtype), ("right_inverse(original).dtype", new.dtype),
                )  # fmt: skip
            take(original, new)
            _register_parameter_or_buffer(self, "original", original)
        else:
            for i, part in enumerate(new):
                if not isinstance(part, Tensor):
                    raise ArgumentError(
                        "'right_inverse' must return a Tensor or a Sequence of tensors (list, "
                        f"tuple...). Got element {i} of the sequence with type "
                        f"{type(part).__name__}."
                    )
                if isinstance(original, Parameter):
                    part = Parameter(part.detach(), original.requires_grad)
                part.requires_grad_(original.requires_grad)
                _register_parameter_or_buffer(self, f"original{i}", part)
        if not unsafe:
            value = self()
            if not isinstance(value, Tensor):
                raise ArgumentError(
                    f"A parametrization must return a tensor. Got {type(value).__name__}."
                )
            for what, before in (("dtype", dtype), ("shape", shape)):
                after = getattr(value, what)
                if after != before:
                    refuse(
                        f"Registering a parametrization may not change the {what} of the tensor, "
                        "unless `unsafe` flag is enabled.",
                        (f"unparametrized {what}", before), (f"parametrized {what}", after),
                    )  # fmt: skip

    def right_inverse(self, value: Any) -> None:
        """Set the originals so that the parametrised tensor becomes `value`, where that can be."""
        with no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise GraphError(
                        f"parametrization {type(module).__name__} does not implement right_inverse."
                    )
                value = module.right_inverse(value)
            if self.is_tensor:
                if not isinstance(value, Tensor):
                    raise ArgumentError(
                        f"`right_inverse` should return a tensor. Got {type(value).__name__}"
                    )
                if value.dtype != self.original.dtype:
                    raise ArgumentError(
                        f"The tensor returned by `right_inverse` has dtype {value.dtype} while "
                        f"`original` has dtype {self.original.dtype}"
                    )
                take(self.original, value)
                return
            if not isinstance(value, Sequence):
                raise ArgumentError(
                    "'right_inverse' must return a sequence of tensors. Got "
                    f"{type(value).__name__}."
                )
            if len(value) != self.ntensors:
                raise ArgumentError(
                    "'right_inverse' must return a sequence of tensors of length "
                    f"{self.ntensors}. Got a sequence of length {len(value)}."
                )
            for i, part in enumerate(value):
                original = getattr(self, f"original{i}")
                if not isinstance(part, Tensor):
                    raise ArgumentError(
                        "`right_inverse` must return a sequence of tensors. Got element "
                        f"{i} of type {type(part).__name__}"
                    )
                if part.dtype != original.dtype:
                    raise ArgumentError(
                        f"Tensor {i} returned by `right_inverse` has dtype {part.dtype} while "
                        f"`original{i}` has dtype {original.dtype}"
                    )
                take(original, part)

    def forward(self) -> Any:
        modules = iter(self)
        if self.is_tensor:
            x = next(modules)(self.original)
        else:
            x = next(modules)(*(getattr(self, f"original{i}") for i in range(self.ntensors)))
        for module in modules:
            x = module(x)
        return x


def take(target: Any, value: Any) -> None:
    """Let `target` hold the values, and the memory, of `value`."""
    if value is not target:
        target.data = value.detach()


def _inject_new_class(module: Any) -> None:
    """Give this one instance a class of its own, for its properties."""
    cls = type(module)

    def getstate(self: Any) -> Any:
        raise GraphError(
            "Serialization of parametrized modules is only supported through state_dict(). See:\n"
            "https://pytorch.org/tutorials/beginner/saving_loading_models.html"
            "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
        )

    def deepcopy(self: Any, memo: dict[int, Any]) -> Any:
        known = memo.get(id(self))
        if known is None:
            known = memo[id(self)] = self.__new__(type(self))
            known.__setstate__(copy.deepcopy(plain(self.__dict__), memo))
        return known

    members: dict[str, Any] = {"__getstate__": getstate, "__module__": cls.__module__}
    if not hasattr(cls, "__deepcopy__"):
        members["__deepcopy__"] = deepcopy
    module.__class__ = type(f"Parametrized{cls.__name__}", (cls,), members)


def _inject_property(module: Any, tensor_name: str) -> None:
    """Make the class compute the tensor when it is read, and invert when it is set."""

    def read(self: Any) -> Any:
        parametrization = self.__dict__["parametrizations"][tensor_name]
        if not Cache.depth:
            return parametrization()
        key = (id(self), tensor_name)
        if key not in Cache.values:
            Cache.values[key] = parametrization()
        return Cache.values[key]

    def write(self: Any, value: Any) -> None:
        self.__dict__["parametrizations"][tensor_name].right_inverse(value)

    setattr(type(module), tensor_name, property(read, write))


def register_parametrization(
    module: Any, tensor_name: str, parametrization: Any, *, unsafe: bool = False
) -> Any:
    """Let `module.<tensor_name>` be what `parametrization` makes of the tensor that is trained.

    A second one takes the first one's result.  If the parametrisation has `right_inverse`, the
    original starts so that the tensor keeps its value, and assigning to it works.

    Args:
        unsafe: do not check that shape and dtype are kept.

    Errors: ValueError where there is no such tensor, or its shape or dtype would change.

    >>> import chainrule as torch
    >>> from chainrule.nn.utils.parametrize import register_parametrization
    >>> class Symmetric(torch.nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).T
    >>> layer = register_parametrization(torch.nn.Linear(3, 3), "weight", Symmetric())
    >>> torch.equal(layer.weight, layer.weight.T), list(layer.state_dict())
    (True, ['bias', 'parametrizations.weight.original'])
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        chain = module.parametrizations[tensor_name]
        if not unsafe:
            before = getattr(module, tensor_name)
            after = parametrization(before)
            name = f"module.{tensor_name}"
            same_kind(after, before, (name, f"parametrization({name})"))
            if hasattr(parametrization, "right_inverse"):
                with contextlib.suppress(NotImplementedError):
                    back = parametrization.right_inverse(after)
                    if not isinstance(back, Tensor):
                        raise ArgumentError(
                            "parametrization.right_inverse must return a tensor. Got: "
                            f"{type(back).__name__}"
                        )
                    for what in ("dtype", "shape"):
                        if getattr(back, what) != getattr(before, what):
                            refuse(
                                "The tensor returned by parametrization.right_inverse must have "
                                f"the same {what} as {name}, unless the `unsafe` flag is enabled.",
                                (f"{name} {what}", getattr(before, what)),
                                (f"returned {what}", getattr(back, what)),
                            )
        chain.append(parametrization)
        chain.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        original = getattr(module, tensor_name)
        chain = ParametrizationList([parametrization], original, unsafe=unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            _inject_new_class(module)
            module.parametrizations = ModuleDict()
        _inject_property(module, tensor_name)
        module.parametrizations[tensor_name] = chain
    else:
        raise ArgumentError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element "
            f"with name '{tensor_name}'"
        )
    return module


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Whether a module has parametrisations, or one of this tensor.

    >>> import chainrule as torch
    >>> torch.nn.utils.parametrize.is_parametrized(torch.nn.Linear(2, 1))
    False
    """
    found = getattr(module, "parametrizations", None)
    if not isinstance(found, ModuleDict):
        return False
    return len(found) > 0 if tensor_name is None else tensor_name in found


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Make the tensor an ordinary parameter or buffer again.

    Args:
        leave_parametrized: with its present value; else with the original's.

    Errors: ValueError where there is none.

    >>> import chainrule as torch
    >>> layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(2, 1))
    >>> torch.nn.utils.parametrize.remove_parametrizations(layer, "weight")
    Linear(in_features=2, out_features=1, bias=True)
    """
    if not is_parametrized(module, tensor_name):
        raise ArgumentError(f"Module {module} does not have a parametrization on {tensor_name}")
    chain = module.parametrizations[tensor_name]
    if chain.is_tensor:
        original = chain.original
        if leave_parametrized:
            with no_grad():
                take(original, getattr(module, tensor_name))
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value.detach()) if value.requires_grad else value
    else:
        raise ArgumentError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is "
            "parametrized in terms of a sequence of tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    _register_parameter_or_buffer(module, tensor_name, original)
    if not is_parametrized(module):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module: Any) -> Any:
    """The module's class, without what parametrisations made of it."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(
    from_module: Any, to_module: Any, tensor_name: str | None = None
) -> Any:
    """Give another module the same parametrisations, with the same originals."""
    if not is_parametrized(from_module):
        return to_module
    names = list(from_module.parametrizations) if tensor_name is None else [tensor_name]
    for name in names:
        source = from_module.parametrizations[name]
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name).detach()))
        for parametrization in source:
            register_parametrization(to_module, name, parametrization)
        target = to_module.parametrizations[name]
        for original in source._parameters:
            setattr(target, original, getattr(source, original))
    return to_module


__all__ = ["ParametrizationList", "cached", "is_parametrized", "register_parametrization",
           "remove_parametrizations", "transfer_parametrizations_and_params",
           "type_before_parametrizations"]  # fmt: skip
