"""Calling a module with other parameters than its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chainrule.errors import ArgumentError


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: Any = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """What a module gives with some parameters and buffers replaced; it keeps its own.

    Args:
        parameter_and_buffer_dicts: a dictionary by name, or a sequence of them.
        tie_weights: a replacement also stands for the other names of the same parameter.
        strict: every name must be replaced, and none may be unknown.

    >>> import chainrule as torch
    >>> layer = torch.nn.Linear(2, 1, bias=False)
    >>> torch.func.functional_call(layer, {"weight": torch.ones(1, 2)}, torch.tensor([[1., 2.]]))
    tensor([[3.]])
    """
    given = parameter_and_buffer_dicts
    values = dict(given) if hasattr(given, "items") else {k: v for d in given for k, v in d.items()}
    if not isinstance(args, tuple):
        args = () if args is None else (args,)
    own = dict(module.named_parameters(remove_duplicate=False))
    own.update(module.named_buffers(remove_duplicate=False))
    if tie_weights:
        by_tensor = {id(own[k]): v for k, v in values.items() if k in own}
        for name, tensor in own.items():
            if id(tensor) in by_tensor:
                values.setdefault(name, by_tensor[id(tensor)])
    if strict:
        unknown, absent = sorted(set(values) - set(own)), sorted(set(own) - set(values))
        if unknown or absent:
            raise ArgumentError(
                "functional_call: the names do not match the module's",
                [("Unexpected key(s)", unknown), ("Missing key(s)", absent)],
            )
    with replaced(module, values):
        return module(*args, **(kwargs or {}))


@contextmanager
def replaced(module: Any, values: dict[str, Any]) -> Iterator[None]:
    """Put tensors in the place of parameters and buffers, for a block."""
    before: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for name, value in values.items():
            path, _, last = name.rpartition(".")
            owner = module.get_submodule(path)
            place = owner._parameters if last in owner._parameters else owner._buffers
            if last not in place:
                raise ArgumentError(
                    f"functional_call: the module has no parameter or buffer {name!r}"
                )
            before.append((place, last, place[last]))
            place[last] = value
        yield
    finally:
        for place, last, value in reversed(before):
            place[last] = value


def stack_module_state(models: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and buffers of several like modules, stacked by name."""
    import chainrule as torch

    def stacked(parts: list[dict[str, Any]]) -> dict[str, Any]:
        out = {k: torch.stack([p[k].detach() for p in parts]) for k in parts[0]}
        for name, value in out.items():
            value.requires_grad_(parts[0][name].requires_grad)
        return out

    if not models:
        raise ArgumentError("stack_module_state: Expected at least one model, got 0.")
    return (
        stacked([dict(m.named_parameters()) for m in models]),
        stacked([dict(m.named_buffers()) for m in models]),
    )
