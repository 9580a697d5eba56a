"""Scripted and traced modules and functions: the Python they were made from, under torch's types.

A script module is a copy of the module that shares its parameters, buffers and submodules; its
class is derived from the module's own, so methods, attributes, hooks and `state_dict` are there.
Control flow that depends on values stays what it is also in a trace.
"""

from __future__ import annotations

import copy
import functools
import inspect
from enum import Enum
from typing import Any, NoReturn

from chainrule.errors import ArgumentError, NotHereError
from chainrule.nn import Module
from chainrule.tensor import Tensor

FIX = "Save the weights, torch.save(module.state_dict(), path), and build the module in Python."


def absent(name: str) -> NotHereError:
    return NotHereError(f"TorchScript is not compiled here: there is no `.{name}`",
                        fix="Read the Python source of forward instead.")  # fmt: skip


class ScriptModule(Module):
    """A module whose methods may be marked with `script_method`; it runs as Python.

    >>> import chainrule as torch
    >>> class Double(torch.jit.ScriptModule):
    ...     @torch.jit.script_method
    ...     def forward(self, x):
    ...         return 2 * x
    >>> Double()(torch.ones(1))
    tensor([2.])
    """

    def __getattr__(self, name: str) -> Any:
        if name in ("code", "graph", "inlined_graph"):
            raise absent(name)
        return super().__getattr__(name)

    @property
    def original_name(self) -> str:
        """The name of the class that was scripted."""
        return type(self).__name__

    def save(self, f: Any, _extra_files: Any = None) -> None:
        """Write it into a file: see `torch.jit.save`."""
        save(self, f, _extra_files)


class RecursiveScriptModule(ScriptModule):
    """What `torch.jit.script(module)` gives."""

    _original_name = ""

    @property
    def original_name(self) -> str:
        """The name of the class that was scripted."""
        return self._original_name

    def _get_name(self) -> str:
        return "RecursiveScriptModule"

    def extra_repr(self) -> str:
        """The name of the class that was scripted."""
        return f"original_name={self._original_name}"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise NotHereError("a script module cannot be pickled", fix=FIX)


class TracedModule(RecursiveScriptModule):
    """What tracing makes of a module."""

    def _get_name(self) -> str:
        return self._original_name


class TopLevelTracedModule(TracedModule):
    """What `torch.jit.trace(module, inputs)` gives."""


class ScriptFunction:
    """What `torch.jit.script(function)` and `torch.jit.trace(function, inputs)` give."""

    def __init__(self, function: Any) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self.name = getattr(function, "__name__", type(function).__name__)
        self._torchdynamo_inline = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in ("code", "graph", "inlined_graph"):
            raise absent(name)
        raise AttributeError(f"'ScriptFunction' object has no attribute '{name}'")

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    @property
    def qualified_name(self) -> str:
        """Where torch would put it."""
        return f"__torch__.{self.name}"

    def save(self, f: Any, _extra_files: Any = None) -> NoReturn:
        """Errors: a function is nothing but code, and there is no TorchScript to write."""
        save(self, f)
        raise AssertionError


@functools.cache
def derived(kind: type[RecursiveScriptModule], original: type[Module]) -> Any:
    """The class of a scripted module."""
    body = {
        "_original_name": original.__name__,
        "__module__": original.__module__,
        "__qualname__": kind.__name__,
        "extra_repr": RecursiveScriptModule.extra_repr,
    }
    return type(kind.__name__, (kind, original), body)


def wrapped(module: Module, kind: type[RecursiveScriptModule]) -> Any:
    """A copy of a module, of the scripted kind, sharing all its members."""
    out = object.__new__(derived(kind, type(module)))
    out.__setstate__({k: copy.copy(v) if type(v) in (dict, set) else v
                      for k, v in module.__getstate__().items()})  # fmt: skip
    for name, child in list(out._modules.items()):
        if child is not None and not isinstance(child, ScriptModule):
            inner = TracedModule if issubclass(kind, TracedModule) else RecursiveScriptModule
            out._modules[name] = wrapped(child, inner)
    return out


def script(obj: Any, optimize: Any = None, _frames_up: int = 0, _rcb: Any = None,
           example_inputs: Any = None) -> Any:  # fmt: skip
    """A module or function under TorchScript's types; it runs as the Python it is.

    >>> import chainrule as torch
    >>> scripted = torch.jit.script(torch.nn.Linear(2, 1))
    >>> scripted
    RecursiveScriptModule(original_name=Linear)
    >>> isinstance(scripted, torch.jit.ScriptModule), list(scripted.state_dict())
    (True, ['weight', 'bias'])
    """
    if isinstance(obj, (ScriptModule, ScriptFunction, Enum)) or inspect.isclass(obj):
        return obj
    if isinstance(obj, Module):
        return wrapped(obj, RecursiveScriptModule)
    if isinstance(obj, (dict, list)):
        return obj
    if not callable(obj):
        raise ArgumentError(f"script takes a module, a function or a class, not "
                            f"{type(obj).__name__}")  # fmt: skip
    return ScriptFunction(obj)


def script_method(fn: Any) -> Any:
    """Mark a method of a ScriptModule: it is returned as it is."""
    return fn


def trace(func: Any, example_inputs: Any = None, optimize: Any = None, check_trace: bool = True,
          check_inputs: Any = None, check_tolerance: float = 1e-5, strict: bool = True,
          _force_outplace: bool = False, _module_class: Any = None, _compilation_unit: Any = None,
          example_kwarg_inputs: Any = None, _store_inputs: bool = True) -> Any:  # fmt: skip
    """A module or function that was called once with example inputs; it runs as Python.

    Other than in torch, control flow is not frozen to what the examples took.

    >>> import chainrule as torch
    >>> traced = torch.jit.trace(torch.nn.ReLU(), torch.tensor([-1., 1.]))
    >>> traced(torch.tensor([-2., 2.]))
    tensor([0., 2.])
    """
    if example_inputs is None and example_kwarg_inputs is None:
        raise ArgumentError("trace needs example_inputs, a tensor or a tuple of them")
    if isinstance(func, (ScriptModule, ScriptFunction)):
        return func
    args = (example_inputs,) if isinstance(example_inputs, Tensor) else tuple(example_inputs or ())
    func(*args, **(example_kwarg_inputs or {}))
    if isinstance(func, Module):
        return wrapped(func, TopLevelTracedModule)
    return ScriptFunction(func)


def trace_module(mod: Module, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
    """The same for several methods of a module, each with its example inputs."""
    for name, example in inputs.items():
        given = (example,) if isinstance(example, Tensor) else tuple(example)
        getattr(mod, name)(*given)
    return wrapped(mod, TopLevelTracedModule)


def freeze(mod: Any, preserved_attrs: Any = None, optimize_numerics: bool = True) -> Any:
    """The module as it is.  Errors: it must be scripted or traced, and in eval mode."""
    if not isinstance(mod, ScriptModule):
        raise ArgumentError("Freezing expects a ScriptModule as input. Please use torch.jit.script "
                            "or torch.jit.trace to script your 'nn.Module'.")  # fmt: skip
    if mod.training:
        raise ArgumentError("Freezing is currently only implemented for modules in eval mode. "
                            "Please call .eval() on your module before freezing.")  # fmt: skip
    return mod


def optimize_for_inference(mod: Any, other_methods: Any = None) -> Any:
    """The module as it is."""
    return mod


def run_frozen_optimizations(
    mod: Any, optimize_numerics: bool = True, preserved_methods: Any = None
) -> None:
    """Nothing: there is nothing to optimise."""


def save(m: Any, f: Any, _extra_files: Any = None) -> None:
    """Write a scripted or traced module into a file of `torch.save`: its weights and the name of
    its class, no code.  torch itself does not read it as TorchScript.

    Errors: a function cannot be written.

    >>> import chainrule as torch, io
    >>> file = io.BytesIO()
    >>> torch.jit.save(torch.jit.script(torch.nn.ReLU()), file)
    >>> _ = file.seek(0)
    >>> torch.jit.load(file)(torch.tensor([-1., 1.]))
    tensor([0., 1.])
    """
    from chainrule.serialization import save as write

    if not isinstance(m, Module):
        raise NotHereError("TorchScript files are not written: code is not compiled here, and a "
                           "function is nothing but code", fix=FIX)  # fmt: skip
    write({MARK: plain_module(m), "files": dict(_extra_files or {})}, f)


def load(f: Any, map_location: Any = None, _extra_files: Any = None,
         _restore_shapes: bool = False) -> Any:  # fmt: skip
    """Read what `torch.jit.save` wrote here; the class of the module must be imported.

    Errors: files of torch's own `jit.save`, which hold code.
    """
    from chainrule.serialization import load as read

    found = read(f, map_location, weights_only=False)
    if not isinstance(found, dict) or MARK not in found:
        raise ArgumentError("this file is one of torch.save, not of torch.jit.save",
                            fix="Read it with torch.load.")  # fmt: skip
    for name in _extra_files or ():
        _extra_files[name] = found["files"].get(name, "")
    return wrapped(found[MARK], RecursiveScriptModule)


MARK = "chainrule.jit"


def plain_module(module: Module) -> Module:
    """The module that a script module was made from: same members, its own class."""
    kind = type(module)
    if not isinstance(module, RecursiveScriptModule):
        return module
    out = object.__new__(kind.__bases__[1] if kind.__bases__[0] in KINDS else kind)
    out.__setstate__(Module.__getstate__(module))
    for name, child in list(out._modules.items()):
        if child is not None:
            out._modules[name] = plain_module(child)
    return out


KINDS = (RecursiveScriptModule, TracedModule, TopLevelTracedModule)
