"""torch.autograd.graph: the nodes that `grad_fn` shows, and hooks over several tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.graph import Node as Node
from chainrule.tensor import Tensor


class Handles:
    """Takes a hook away from all its tensors."""

    def __init__(self, handles: Sequence[Any]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> Handles:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., None], *, mode: str = "all"
) -> Handles:
    """Call `fn` once the gradients of all `tensors` are known ("all"), or of the first ("any").

    With "all" it gets a tuple of gradients, with "any" one gradient.

    >>> import chainrule as torch
    >>> a, b = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    >>> handle = torch.autograd.graph.register_multi_grad_hook([a, b], print)
    >>> (2 * a + 3 * b).sum().backward()
    (tensor([2.]), tensor([3.]))
    """
    if mode not in ("all", "any"):
        raise ArgumentError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    seen: dict[int, Any] = {}

    def hook_for(i: int) -> Callable[[Tensor], None]:
        def hook(g: Tensor) -> None:
            seen[i] = g
            if mode == "any":
                if len(seen) == 1:
                    fn(g)
            elif len(seen) == len(tensors):
                grads = tuple(seen[k] for k in range(len(tensors)))
                seen.clear()
                fn(grads)

        return hook

    return Handles([t.register_hook(hook_for(i)) for i, t in enumerate(tensors)])
