"""Calling a module with other tensors in place of its parameters and buffers."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

from chainrule.errors import ArgumentError, StateDictError
from chainrule.nn.modules.module import Module


def tied_names(module: Any) -> dict[str, set[str]]:
    """For every name of a tensor that has several, all of them."""
    groups: dict[int, set[str]] = {}
    for kind in (module.named_parameters, module.named_buffers):
        for name, tensor in kind(remove_duplicate=False):
            groups.setdefault(id(tensor), set()).add(name)
    return {name: names for names in groups.values() if len(names) > 1 for name in names}


def with_ties(module: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The given tensors, also under the other names of those that they replace."""
    tied = tied_names(module)
    wanted = dict(given)
    for name in given:
        names = tied.get(name, ())
        if len({id(given[n]) for n in names if n in given}) > 1:
            raise ArgumentError(
                f"functional_call got multiple values for keys {sorted(names)}, which are tied. "
                "Consider using tie_weights=False"
            )
        for other in names:
            wanted[other] = given[name]
    return wanted


def place_of(module: Any, name: str) -> tuple[Any, str]:
    """The submodule that holds a tensor, and its name there."""
    path, _, last = name.rpartition(".")
    return module.get_submodule(path), last


@contextlib.contextmanager
def _reparametrize_module(
    module: Any, parameters_and_buffers: dict[str, Any], tie_weights: bool = False,
    strict: bool = False,
) -> Iterator[None]:  # fmt: skip
    """Put tensors in place of a module's own within a block."""
    given = parameters_and_buffers
    wanted = with_ties(module, given) if tie_weights else dict(given)
    if strict:
        own = {n for n, _ in module.named_parameters(remove_duplicate=False)}
        own |= {n for n, _ in module.named_buffers(remove_duplicate=False)}
        unexpected, missing = sorted(set(wanted) - own), sorted(own - set(wanted))
        lines = [f"{word} key(s): {', '.join(map(repr, names))}."
                 for word, names in (("Unexpected", unexpected), ("Missing", missing))
                 if names]  # fmt: skip
        if lines:
            raise StateDictError(
                f"Error(s) in reparametrizing for {module._get_name()}:\n\t" + "\n\t".join(lines)
            )
    before: list[tuple[Any, Any, str, Any]] = []
    try:
        for name, tensor in wanted.items():
            owner, last = place_of(module, name)
            registry = next(
                (r for r in (owner._parameters, owner._buffers) if last in r), owner.__dict__
            )
            if registry is owner.__dict__ and last not in registry:
                if hasattr(owner, last):
                    raise TypeError(f"{name} is neither a parameter nor a buffer")
                continue
            before.append((name, registry, last, registry[last]))
            registry[last] = tensor
        yield
    finally:
        for name, registry, last, tensor in reversed(before):
            if name in given:
                given[name] = registry[last]  # a buffer may have been replaced meanwhile
            registry[last] = tensor


def _functional_call(
    module: Any, parameters_and_buffers: Any, args: Any = None, kwargs: Any = None, *,
    tie_weights: bool = True, strict: bool = False,
) -> Any:  # fmt: skip
    """Call `module` with these tensors in place of its own.

    Args:
        parameters_and_buffers: a dict by name; or several, joined.
        tie_weights: a tensor that has several names is replaced under all of them.
        strict: names that are missing or unknown are errors.
    """
    if not isinstance(module, Module):
        raise ArgumentError(f"functional_call takes a Module, not {type(module).__name__}")
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    given = parameters_and_buffers
    with _reparametrize_module(module, given, tie_weights=tie_weights, strict=strict):
        return module(*args, **(kwargs or {}))


def functional_call(
    module: Any, parameters_and_buffers: Any, args: Any = None, kwargs: Any = None, *,
    tie_weights: bool = True, strict: bool = False,
) -> Any:  # fmt: skip
    """torch's old place of `torch.func.functional_call`: call with other tensors.

    >>> import chainrule as torch, warnings
    >>> layer = torch.nn.Linear(2, 1)
    >>> zeros = {name: torch.zeros_like(p) for name, p in layer.named_parameters()}
    >>> with warnings.catch_warnings(action="ignore"):
    ...     torch.nn.utils.stateless.functional_call(layer, zeros, torch.ones(1, 2))
    tensor([[0.]])
    """
    warnings.warn(
        "`torch.nn.utils.stateless.functional_call` is deprecated as of PyTorch 2.0 and will be "
        "removed in a future version of PyTorch. Please use `torch.func.functional_call` instead "
        "which is a drop-in replacement.",
        FutureWarning,
        stacklevel=2,
    )
    return _functional_call(module, parameters_and_buffers, args, kwargs, tie_weights=tie_weights,
                            strict=strict)  # fmt: skip


__all__ = ["functional_call"]
