"""Module: named parameters, buffers and submodules around a `forward`.

Members are kept in registry.py and walked in walk.py, state_dicts are in state.py, hooks in
hooks.py; errors raised inside get the layer's name in locate.py.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from chainrule import dtypes
from chainrule.autograd.inplace import name as dtype_word
from chainrule.autograd.mode import no_grad
from chainrule.errors import ArgumentError, ChainruleError
from chainrule.nn.modules.hooks import EXTRA, KINDS, GlobalHooks, Hooks, hooked_call, registered
from chainrule.nn.modules.hooks import (
    register_module_buffer_registration_hook as register_module_buffer_registration_hook,
)
from chainrule.nn.modules.hooks import (
    register_module_forward_hook as register_module_forward_hook,
)
from chainrule.nn.modules.hooks import (
    register_module_forward_pre_hook as register_module_forward_pre_hook,
)
from chainrule.nn.modules.hooks import (
    register_module_full_backward_hook as register_module_backward_hook,  # noqa: F401
)
from chainrule.nn.modules.hooks import (
    register_module_full_backward_hook as register_module_full_backward_hook,
)
from chainrule.nn.modules.hooks import (
    register_module_full_backward_pre_hook as register_module_full_backward_pre_hook,
)
from chainrule.nn.modules.hooks import (
    register_module_module_registration_hook as register_module_module_registration_hook,
)
from chainrule.nn.modules.hooks import (
    register_module_parameter_registration_hook as register_module_parameter_registration_hook,
)
from chainrule.nn.modules.locate import locate
from chainrule.nn.modules.registry import NAMES, Registry, plain
from chainrule.nn.modules.state import IncompatibleKeys, Stateful
from chainrule.nn.modules.walk import Walk
from chainrule.nn.parameter import Buffer, Parameter, is_lazy
from chainrule.tensor import Tensor

_IncompatibleKeys = IncompatibleKeys
_set = object.__setattr__


class Module(Walk, Hooks, Stateful):
    """The base of all layers and models.

    Subclass it, make parameters and submodules in `__init__`, compute in `forward`; call the
    instance.  Whatever Parameter, Buffer or Module is assigned to an attribute is registered.

    >>> import chainrule as torch
    >>> class Scale(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = torch.nn.Parameter(torch.tensor(2.))
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> m = Scale()
    >>> m(torch.tensor([1., 2.]))
    tensor([2., 4.], grad_fn=<MulBackward0>)
    >>> [name for name, _ in m.named_parameters()]
    ['factor']
    """

    training: bool = True
    call_super_init = False
    dump_patches = False
    _formula = ""  # what forward computes, for error messages

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init and (args or kwargs):
            what = (
                f"got an unexpected keyword argument '{next(iter(kwargs))}'"
                if kwargs
                else f"takes 1 positional argument but {len(args) + 1} were given"
            )
            raise TypeError(f"{type(self).__name__}.__init__() {what}")
        d = self.__dict__
        d["training"] = True
        ref = weakref.ref(self)
        for name in NAMES:
            d[name] = Registry(ref)
        d["_non_persistent_buffers_set"] = set()
        for name in KINDS:
            d[name] = OrderedDict()
        for name in EXTRA:
            d[name] = {}
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; every subclass defines it."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if self._hooked:
                return hooked_call(self, args, kwargs)
            return self.forward(*args, **kwargs)
        except ChainruleError as error:
            locate(self, args, error)
            raise

    def _explain(self, error: ChainruleError, *args: Any) -> None:
        """Reword `error`, raised in forward with `args`, in this layer's own terms."""

    # ---- members -------------------------------------------------------------------------

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or a place for one (None), under a name.

        >>> import chainrule as torch
        >>> m = torch.nn.Module()
        >>> m.register_parameter("bias", None)
        >>> m.bias is None, list(m.parameters())
        (True, [])
        """
        self._check_name("parameter", "_parameters", name)
        if param is not None:
            if not isinstance(param, Parameter):
                raise ArgumentError(
                    f"cannot assign '{type_name(param)}' object to parameter '{name}' "
                    "(torch.nn.Parameter or None required)"
                )
            if param.grad_fn is not None:
                raise ArgumentError(
                    f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must "
                    f"be created explicitly. To express '{name}' as a function of another Tensor, "
                    "compute the value in the forward() method."
                )
        self._enter("_parameters", name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that is not trained; in `state_dict()` if `persistent`.

        >>> import chainrule as torch
        >>> m = torch.nn.Module()
        >>> m.register_buffer("mask", torch.ones(2), persistent=False)
        >>> m.mask, len(m.state_dict())
        (tensor([1., 1.]), 0)
        """
        self._check_name("buffer", "_buffers", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise ArgumentError(
                f"cannot assign '{type_name(tensor)}' object to buffer '{name}' "
                "(torch Tensor or None required)"
            )
        self._enter("_buffers", name, tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a submodule under a name that may not be an identifier.

        >>> import chainrule as torch
        >>> m = torch.nn.Module()
        >>> m.add_module("0", torch.nn.Identity())
        >>> m.get_submodule("0")
        Identity()
        """
        if not isinstance(module, Module) and module is not None:
            raise ArgumentError(f"{type_name(module)} is not a Module subclass")
        self._check_name("module", "_modules", name)
        self._enter("_modules", name, module)

    def register_module(self, name: str, module: Module | None) -> None:
        """The same as `add_module`."""
        self.add_module(name, module)

    def _check_name(self, kind: str, registry: str, name: str) -> None:
        members = self._registry(registry, kind)
        if not isinstance(name, str):
            raise ArgumentError(f"{kind} name should be a string. Got {type_name(name)}")
        if hasattr(self, name) and name not in members:
            raise KeyError(f"attribute '{name}' already exists")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')

    def _registry(self, registry: str, kind: str) -> Any:
        members = self.__dict__.get(registry)
        if members is None:
            raise AttributeError(
                f"cannot assign {kind} before Module.__init__() call\n"
                f"  Call super().__init__() first in {type(self).__name__}.__init__."
            )
        return members

    def _enter(self, registry: str, name: str, value: Any) -> None:
        """Put a member into its registry and into the instance, and out of the other ones."""
        if GlobalHooks.registration[registry]:
            value = registered(self, registry, name, value)
        d = self.__dict__
        for other in NAMES:
            if other != registry and name in d[other]:
                del d[other][name]
        d[registry][name] = value
        d[name] = value

    def __setattr__(self, name: str, value: Any) -> None:
        d = self.__dict__
        if isinstance(value, Parameter):
            self._registry("_parameters", "parameters")
            if name in d and name not in d["_parameters"]:
                delattr(self, name)
            return self.register_parameter(name, value)
        if name in d.get("_parameters", ()):
            return self._keep_kind(name, value)
        if isinstance(value, Module):
            self._registry("_modules", "module")
            return self._enter("_modules", name, value)
        if isinstance(value, Tensor):
            if isinstance(value, Buffer):
                self._registry("_buffers", "buffers")
                if name in d and name not in d["_buffers"]:
                    delattr(self, name)
                return self.register_buffer(name, value, value.persistent)
            if name in d.get("_buffers", ()):
                return self._enter("_buffers", name, value)
        if name in d and (name in d.get("_modules", ()) or name in d.get("_buffers", ())):
            return self._keep_kind(name, value)
        _set(self, name, value)

    def _keep_kind(self, name: str, value: Any) -> None:
        """Assign to a member something that is not of its kind: only None is."""
        registry = next(r for r in NAMES if name in self.__dict__[r])
        if value is not None:
            kind = MEMBER_KINDS[registry].format(name)
            raise ArgumentError(f"cannot assign '{type_name(value)}' as {kind}")
        self._enter(registry, name, None)

    def __getattr__(self, name: str) -> Any:
        # Members stand in the instance itself; only a name that is nowhere comes here.
        d = self.__dict__
        for registry in NAMES:
            members = d.get(registry)
            if members is not None and name in members:
                return members[name]
        raise AttributeError(
            f"'{type(self).__name__}' object has no attribute '{name}'", name=name, obj=self
        )

    def __delattr__(self, name: str) -> None:
        d = self.__dict__
        for registry in NAMES:
            members = d.get(registry)
            if members is not None and name in members:
                del members[name]
                d.pop(name, None)
                d["_non_persistent_buffers_set"].discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = [*dir(type(self)), *self.__dict__, *self._parameters, *self._modules]
        return sorted({n for n in (*names, *self._buffers) if not n[:1].isdigit()})

    def __getstate__(self) -> dict[str, Any]:
        return plain(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        d = self.__dict__
        d.update(state)
        ref = weakref.ref(self)
        for name in NAMES:
            d[name] = Registry(ref, d.get(name, ()))
        d.setdefault("_non_persistent_buffers_set", set())
        for name in KINDS:
            d.setdefault(name, OrderedDict())
        for name in EXTRA:
            d.setdefault(name, {})

    # ---- changing all of it --------------------------------------------------------------

    def apply(self, fn: Callable[[Any], Any]) -> Any:
        """Call `fn` on every submodule, then on this module; used to initialise weights.

        >>> import chainrule as torch
        >>> def ones(m):
        ...     if isinstance(m, torch.nn.Linear):
        ...         torch.nn.init.ones_(m.weight)
        >>> torch.nn.Sequential(torch.nn.Linear(2, 1)).apply(ones)[0].weight.tolist()
        [[1.0, 1.0]]
        """
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn: Callable[[Any], Any], recurse: bool = True) -> Any:
        """Replace the data of all parameters, their gradients, and all buffers by fn of it."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for parameter in self._parameters.values():
                if parameter is not None:
                    grad = parameter._grad
                    parameter.data = fn(parameter)
                    if grad is not None:
                        parameter._grad = fn(grad)
            for name, buffer in self._buffers.items():
                if is_lazy(buffer):
                    buffer._array = fn(buffer)._array
                elif buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Move all parameters and buffers: `to(device)`, `to(dtype)`, `to(tensor)`, in place.

        Only floating tensors change their dtype.

        >>> import chainrule as torch
        >>> torch.nn.Linear(2, 1).to(torch.float64).weight.dtype
        torch.float64
        """
        device, dtype = kwargs.get("device"), kwargs.get("dtype")
        for a in args:
            if isinstance(a, dtypes.dtype):
                dtype = a
            elif isinstance(a, Tensor):
                device, dtype = a.device, a.dtype
            elif isinstance(a, (str, int, dtypes.device)) and not isinstance(a, bool):
                device = a
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise ArgumentError(
                "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                f"dtype={dtype}"
            )

        def move(t: Tensor) -> Tensor:
            inexact = t.dtype.is_floating_point or t.dtype.is_complex
            wanted = dtype if dtype is not None and inexact else None
            return moved(t, device, wanted)

        return self._apply(move)

    def to_empty(self, *, device: Any = None, recurse: bool = True) -> Any:
        """Move to `device` without keeping any value."""
        return self._apply(lambda t: moved(t, device, None), recurse)

    def _to_float(self, dtype: Any) -> Any:
        return self._apply(lambda t: t.to(dtype) if t.dtype.is_floating_point else t)

    def float(self) -> Any:
        """All floating parameters and buffers as float32."""
        return self._to_float(dtypes.float32)

    def double(self) -> Any:
        """All floating parameters and buffers as float64."""
        return self._to_float(dtypes.float64)

    def half(self) -> Any:
        """All floating parameters and buffers as float16."""
        return self._to_float(dtypes.float16)

    def bfloat16(self) -> Any:
        """All floating parameters and buffers as bfloat16."""
        return self._to_float(dtypes.bfloat16)

    def type(self, dst_type: Any) -> Any:
        """All parameters and buffers in `dst_type`."""
        return self._apply(lambda t: t.type(dst_type))

    def cpu(self) -> Any:
        """Move everything to the CPU."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device: Any = None) -> Any:
        """Move everything to a GPU."""
        return self._apply(lambda t: t.cuda(device))

    def xpu(self, device: Any = None) -> Any:
        """Move everything to an Intel GPU."""
        return self._apply(lambda t: t.xpu(device))

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Kept for programs that call it: the module runs as it is."""

    def share_memory(self) -> Any:
        """Move parameters and buffers into memory that processes share: Tensor.share_memory_."""
        return self._apply(lambda t: t.share_memory_())

    def train(self, mode: bool = True) -> Any:
        """Training mode, which dropout and batch norm heed; for all submodules too."""
        if not isinstance(mode, bool):
            raise ArgumentError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Any:
        """Evaluation mode: the same as `train(False)`."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Whether all parameters are trained: `requires_grad_(False)` freezes them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or with `set_to_none=False` fill in zeros."""
        for parameter in self.parameters():
            if parameter._grad is not None:
                if set_to_none:
                    parameter._grad = None
                else:
                    parameter._grad = parameter._grad.detach() * 0

    # ---- showing it ----------------------------------------------------------------------

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What stands between the parentheses of the module's repr."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        below = [f"({n}): " + indented(repr(m)) for n, m in self._modules.items()]
        return framed(self._get_name(), lines, below)


MEMBER_KINDS = {
    "_parameters": "parameter '{}' (torch.nn.Parameter or None expected)",
    "_modules": "child module '{}' (torch.nn.Module or None expected)",
    "_buffers": "buffer '{}' (torch.nn.Buffer, torch.Tensor or None expected)",
}


def framed(name: str, extra: list[str], below: list[str]) -> str:
    """A module's repr from its own lines and those of its submodules."""
    if len(extra) == 1 and not below:
        return f"{name}({extra[0]})"
    lines = extra + below
    return f"{name}({''.join(f'{chr(10)}  {line}' for line in lines)}{chr(10) if lines else ''})"


def indented(text: str) -> str:
    """All lines but the first moved right by two."""
    return text.replace("\n", "\n  ")


def moved(t: Tensor, device: Any, dtype: Any) -> Any:
    """A tensor on a device, in a dtype; None leaves either as it is."""
    if device is not None:
        t = t.to(device)
    return t if dtype is None else t.to(dtype)


def type_name(value: Any) -> str:
    """A value's type as torch's messages say it: torch.FloatTensor, int, mypackage.Thing."""
    if isinstance(value, Tensor):
        return f"torch.{dtype_word(value._array.dtype)}Tensor"
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
