"""torch.overrides: who takes over torch's functions.  Here, subclasses of Tensor do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chainrule.tensor import Tensor


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Whether an argument has `__torch_function__` and is no Tensor."""
    return any(
        hasattr(type(a), "__torch_function__") and not isinstance(a, Tensor) for a in relevant_args
    )


def has_torch_function_unary(arg: Any) -> bool:
    """`has_torch_function` of one argument."""
    return has_torch_function((arg,))


def has_torch_function_variadic(*args: Any) -> bool:
    """`has_torch_function` of several arguments."""
    return has_torch_function(args)


def handle_torch_function(
    public_api: Callable[..., Any], relevant_args: Iterable[Any], *args: Any, **kwargs: Any
) -> Any:
    """Call the `__torch_function__` of the first argument that has one."""
    relevant = list(relevant_args)
    for a in relevant:
        take_over = getattr(type(a), "__torch_function__", None)
        if take_over is not None and not isinstance(a, Tensor):
            result = a.__torch_function__(public_api, tuple(map(type, relevant)), args, kwargs)
            if result is not NotImplemented:
                return result
    raise TypeError(
        f"no implementation found for '{public_api.__name__}' on types that implement "
        f"__torch_function__: {[type(a) for a in relevant]}"
    )


def is_tensor_like(inp: Any) -> bool:
    """Whether something is a Tensor, or has `__torch_function__`.

    >>> import chainrule as torch
    >>> torch.overrides.is_tensor_like(torch.ones(1)), torch.overrides.is_tensor_like(1)
    (True, False)
    """
    return isinstance(inp, Tensor) or hasattr(type(inp), "__torch_function__")
