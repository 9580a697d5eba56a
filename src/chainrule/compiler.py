"""torch.compile and torch.compiler as transparent wrappers: the same results, computed eagerly."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.nn import Module

BACKENDS = ("cudagraphs", "inductor", "openxla", "tvm")  # torch's list_backends()
MODES = ("default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs")


class OptimizedModule(Module):
    """What `torch.compile(module)` gives: the module itself is its `_orig_mod`.

    Attributes, parameters and modes are those of the module; the names in `state_dict` begin with
    `_orig_mod.`, as in torch.
    """

    def __init__(self, mod: Module) -> None:
        super().__init__()
        self._orig_mod = mod
        self.training = mod.training

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the module."""
        return self._orig_mod(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__.get("_modules", {}).get("_orig_mod")
        if own is None or name == "_orig_mod":
            return super().__getattr__(name)
        return getattr(own, name)

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__.get("_modules", {}).get("_orig_mod")
        if own is None or name in ("_orig_mod", "training") or name in self.__dict__:
            super().__setattr__(name, value)
        else:
            setattr(own, name, value)

    def __len__(self) -> int:
        return len(self._orig_mod)  # type: ignore[arg-type]

    def __getitem__(self, key: Any) -> Any:
        return self._orig_mod[key]  # type: ignore[index]

    def __iter__(self) -> Any:
        return iter(self._orig_mod)  # type: ignore[call-overload]

    def __contains__(self, item: Any) -> bool:
        return item in self._orig_mod  # type: ignore[operator]


def compile(
    model: Any = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: Any = "inductor",
    mode: str | None = None,
    options: Any = None,
    disable: bool = False,
    name: str | None = None,
    recompile_limit: int | None = None,
    isolate_recompiles: bool = False,
    shapes_spec: Any = None,
) -> Any:
    """The module or function, which runs as before: nothing is compiled yet.

    A module comes back as an `OptimizedModule` around it, a function as itself.  Without `model`
    it is a decorator.

    Errors: RuntimeError for a mode that torch does not have, or a mode beside options.

    >>> import chainrule as torch
    >>> layer = torch.nn.Linear(2, 1)
    >>> fast = torch.compile(layer)
    >>> bool((fast(torch.ones(2)) == layer(torch.ones(2))).all()), list(fast.state_dict())
    (True, ['_orig_mod.weight', '_orig_mod.bias'])
    """
    if mode is not None and options is not None:
        raise ArgumentError("Either mode or options can be specified, but both can't be specified "
                            "at the same time.")  # fmt: skip
    if mode is not None and mode not in MODES:
        raise ArgumentError(f"Unrecognized mode={mode}, should be one of: {', '.join(MODES)}")
    if model is None:
        return lambda model: compile(model, disable=disable)
    if not callable(model):
        raise ArgumentError(f"compile takes a module or a function, not {type(model).__name__}")
    if isinstance(model, Module) and not disable:
        return OptimizedModule(model)
    return model


def is_compiling() -> bool:
    """Whether code is being compiled: never.

    >>> import chainrule as torch
    >>> torch.compiler.is_compiling()
    False
    """
    return False


is_dynamo_compiling = is_exporting = is_compiling


def reset() -> None:
    """Forget what was compiled: nothing was."""


def cudagraph_mark_step_begin() -> None:
    """Nothing: there are no CUDA graphs."""


def list_backends(exclude_tags: Any = ("debug", "experimental")) -> list[str]:
    """The names that `backend=` takes in torch."""
    return list(BACKENDS)


def marks(name: str, doc: str) -> Callable[..., Any]:
    """A decorator that leaves what it decorates as it is."""

    def decorate(fn: Any = None, *args: Any, **kwargs: Any) -> Any:
        return (lambda fn: fn) if fn is None else fn

    decorate.__name__, decorate.__doc__ = name, doc
    return decorate


disable = marks("disable", "Keep a function from being compiled: it is returned as it is.")
allow_in_graph = marks("allow_in_graph", "Nothing is traced: the function is returned as it is.")
assume_constant_result = marks("assume_constant_result", "The function is returned as it is.")
wrap_numpy = marks("wrap_numpy", "The function is returned as it is.")
nested_compile_region = marks("nested_compile_region", "The function is returned as it is.")


def substitute_in_graph(original_fn: Any, **options: Any) -> Any:
    """A decorator that returns the replacement as it is; nothing is traced that could use it."""
    return lambda function: function


class set_stance:
    """How compiled code is to run: accepted, at once, as a context or as a decorator."""

    def __init__(self, stance: str = "default", **options: Any) -> None:
        known = ("default", "force_eager", "eager_on_recompile", "fail_on_recompile",
                 "eager_then_compile", "aot_eager_then_compile")  # fmt: skip
        if stance not in known:
            raise ArgumentError(f"invalid torch.compile stance '{stance}': it is one of {known}")

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        return None

    def __call__(self, function: Any) -> Any:
        return function


class Switches:
    """Settings of a compiler that is not here: any may be set, and is read back."""

    def __init__(self, **defaults: Any) -> None:
        self.__dict__.update(defaults)

    @contextlib.contextmanager
    def patch(self, changes: Any = None, **named: Any) -> Any:
        """Set some for a block."""
        before = dict(self.__dict__)
        self.__dict__.update(changes if isinstance(changes, dict) else {}, **named)
        try:
            yield
        finally:
            self.__dict__.clear()
            self.__dict__.update(before)


config = Switches(job_id=None, dynamic_sources="")
