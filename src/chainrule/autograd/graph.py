"""torch.autograd.graph: the nodes that `grad_fn` shows, and hooks over several tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

from chainrule.autograd.saved import allow_mutation_on_saved_tensors as _allow
from chainrule.autograd.saved import disable_saved_tensors_hooks as disable_saved_tensors_hooks
from chainrule.autograd.saved import save_on_cpu as save_on_cpu
from chainrule.autograd.saved import saved_tensors_hooks as saved_tensors_hooks
from chainrule.errors import ArgumentError
from chainrule.graph import Node as Node
from chainrule.graph import Select, user_frame
from chainrule.storage import note_write
from chainrule.tensor import Tensor, from_array

allow_mutation_on_saved_tensors = _allow


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


def increment_version(tensor: Any) -> None:
    """Say that a tensor (or each of several) was written in a way that could not be seen.

    >>> import chainrule as torch
    >>> x = torch.ones(2)
    >>> torch.autograd.graph.increment_version(x)
    >>> x._version
    1
    """
    for t in [tensor] if isinstance(tensor, Tensor) else tensor:
        note_write(t._array, user_frame(_getframe(1)))


class Watched:
    """A node's op whose backward tells hooks its gradients: those of its inputs and outputs."""

    def __init__(self, op: Any) -> None:
        self.op = op
        self.hooks: dict[int, Any] = {}
        every = {k for reads in (*op.reads, op.vjp_reads) for k in reads}
        self.vjp_reads = tuple(range(max(every, default=-1) + 1))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.op, name)

    def vjp(self, xp: Any, g: Any, needed: tuple[bool, ...], *values: Any, **static: Any) -> Any:
        """The op's own rules; then the hooks, which may replace the gradients."""
        op = self.op
        if op.vjp is not None:
            grads = list(op.vjp(xp, g, needed, *[values[k] for k in op.vjp_reads], **static))
        else:
            grads = [
                rule(xp, g, *[values[k] for k in reads], **static) if wanted else None
                for wanted, rule, reads in zip(needed, op.rules, op.reads, strict=False)
            ]
        outer = tuple([shown(x) for x in (g if type(g) is tuple else (g,))])
        for hook in list(self.hooks.values()):
            result = hook(tuple([shown(x) for x in grads]), outer)
            if result is not None:
                result = result if isinstance(result, (tuple, list)) else (result,)
                grads = [
                    old if new is None else like(new, old)
                    for new, old in zip(result, grads, strict=True)
                ]
        return grads


def shown(g: Any) -> Any:
    """A gradient as a tensor."""
    return g if g is None or isinstance(g, Tensor) else from_array(g)


def like(new: Any, old: Any) -> Any:
    """A hook's gradient, raw if the one it replaces is."""
    return new if isinstance(old, Tensor) or not isinstance(new, Tensor) else new._array


def register_hook(self: Node, fn: Callable[..., Any]) -> Any:
    """Call `fn(grad_inputs, grad_outputs)` after this node's backward; its result replaces the
    gradients of the inputs.

    >>> import chainrule as torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> y = x * 3
    >>> handle = y.grad_fn.register_hook(lambda inner, outer: print(inner[0], outer[0]))
    >>> y.sum().backward()
    tensor([3., 3.]) tensor([1., 1.])
    """
    from chainrule.autograd import RemovableHandle, _hook_ids

    node: Any = self.parents[0] if self.op is Select else self
    if node.op is None:
        raise ArgumentError("a leaf has no backward of its own; register the hook on the tensor",
                            fix="Use tensor.register_post_accumulate_grad_hook.")  # fmt: skip
    if not isinstance(node.op, Watched):
        node.op = Watched(node.op)
    key = next(_hook_ids)
    node.op.hooks[key] = fn
    return RemovableHandle(node.op.hooks, key)


def register_prehook(self: Node, fn: Callable[..., Any]) -> Any:
    """Call `fn(grad_outputs)` before this node's backward; its result replaces them.

    >>> import chainrule as torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> y = x * 3
    >>> handle = y.grad_fn.register_prehook(lambda outer: (outer[0] * 10,))
    >>> y.sum().backward()
    >>> x.grad
    tensor([30., 30.])
    """
    from chainrule.autograd import RemovableHandle, _hook_ids

    def hook(g: Tensor) -> Any:
        result = fn((g,))
        return result[0] if isinstance(result, (tuple, list)) else result

    if self.hooks is None:
        self.hooks = {}
    key = next(_hook_ids)
    self.hooks[key] = hook
    return RemovableHandle(self.hooks, key)


Node.register_hook = register_hook  # type: ignore[attr-defined]
Node.register_prehook = register_prehook  # type: ignore[attr-defined]
