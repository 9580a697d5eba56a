"""What nodes save, in the user's hands: `saved_tensors_hooks` and what is made of them.

The engine keeps arrays itself.  While hooks are set, `record` takes its slow path and each new
node's arrays are given to them; without hooks nothing is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.autograd import record
from chainrule.autograd.mode import mode, no_grad
from chainrule.autograd.watching import Packed
from chainrule.errors import GraphError
from chainrule.graph import Node
from chainrule.tensor import Tensor, from_array

Pack = Callable[[Tensor], Any]
Unpack = Callable[[Any], Tensor]


class Watching:
    """How many blocks with hooks are open, in all threads."""

    count = 0
    lock = threading.Lock()


def nothing(*application: Any) -> None:
    """An observer that only makes `record` take its slow path."""


class Packing:
    """Applies a pair of hooks to what a node saves."""

    def __init__(self, pack: Pack, unpack: Unpack) -> None:
        self.pack, self.unpack = pack, unpack

    def __call__(self, node: Node, inputs: Any, arrays: Any) -> None:
        """Replace the arrays that a new node saved by what the pack hook makes of them."""
        if type(node.saved) is not tuple:
            return
        given = {id(a): x for a, x in zip(arrays, inputs, strict=True) if isinstance(x, Tensor)}

        def packed(value: Any) -> Any:
            if isinstance(value, np.ndarray):
                x = given.get(id(value))
                return Kept(self.pack(from_array(value) if x is None else x))
            if type(value) is tuple and value and isinstance(value[0], np.ndarray):
                return tuple([packed(v) for v in value])
            return value

        if holds_arrays(node.saved):
            with inside_hook():
                node.saved = Packed(tuple([packed(v) for v in node.saved]), self.unpacked)

    def unpacked(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arrays again."""

        def array_of(value: Any) -> Any:
            if type(value) is Kept:
                return checked(self.unpack(value.value))._array
            if type(value) is tuple:
                return tuple([array_of(v) for v in value])
            return value

        with inside_hook():
            return tuple([array_of(v) for v in values])

    def pack_context(self, ctx: Any) -> None:
        """The same for what a Function saved."""
        nodes = ctx._nodes or (None,) * len(ctx._saved)
        with inside_hook():
            ctx._saved = tuple([None if t is None else Kept(self.pack(t)) for t in ctx._saved])

        def unpack_all(saved: Any) -> Any:
            found: list[Any] = []
            for kept, node in zip(saved, nodes, strict=True):
                if kept is None:
                    found.append(None)
                    continue
                with inside_hook():
                    t = checked(self.unpack(kept.value))
                own = None if node is None else ctx._node_of(t, node)
                found.append(from_array(t._array, node=own))
            return tuple(found)

        ctx._unpack = unpack_all


class Kept:
    """What a pack hook returned."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class inside_hook:
    """Within a hook nothing is recorded by default, and no hooks apply."""

    def __enter__(self) -> None:
        self.grad = no_grad()
        self.grad.__enter__()
        self.packing, mode.packing = mode.packing, None

    def __exit__(self, *exc: Any) -> None:
        mode.packing = self.packing
        self.grad.__exit__(*exc)


def holds_arrays(saved: tuple[Any, ...]) -> bool:
    return any(isinstance(v, np.ndarray) or type(v) is tuple for v in saved)


def checked(value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        raise GraphError(
            "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
            f"{type(value).__name__}"
        )
    return value


class saved_tensors_hooks:
    """While the block is open, what operations save for backward goes through two functions.

    `pack_hook(tensor)` gives what is kept in the tensor's place, anything at all;
    `unpack_hook(kept)` gives the tensor back when backward needs it.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> half = lambda t: t.half()
    >>> with torch.autograd.graph.saved_tensors_hooks(half, lambda t: t.float()):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    def __init__(self, pack_hook: Pack, unpack_hook: Unpack) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook
        self.before: list[Any] = []

    def __enter__(self) -> None:
        if Disabled.here.message is not None:
            raise GraphError(Disabled.here.message)
        self.before.append(mode.packing)
        mode.packing = Packing(self.pack_hook, self.unpack_hook)
        with Watching.lock:
            Watching.count += 1
            if record.observe is None:
                record.observe = nothing

    def __exit__(self, *exc: Any) -> None:
        mode.packing = self.before.pop()
        with Watching.lock:
            Watching.count -= 1
            if not Watching.count and record.observe is nothing:
                record.observe = None


class Disabled:
    """The message of `disable_saved_tensors_hooks`, per thread."""

    class Here(threading.local):
        message: str | None = None

    here = Here()


class disable_saved_tensors_hooks:
    """In this block, setting hooks on saved tensors is an error with this message.

    >>> import chainrule as torch
    >>> graph = torch.autograd.graph
    >>> with graph.disable_saved_tensors_hooks("not here"):
    ...     with graph.save_on_cpu():
    ...         pass
    Traceback (most recent call last):
    ...
    chainrule.errors.GraphError: not here
    """

    def __init__(self, error_message: str) -> None:
        self.message = error_message

    def __enter__(self) -> None:
        self.before, Disabled.here.message = Disabled.here.message, self.message

    def __exit__(self, *exc: Any) -> None:
        Disabled.here.message = self.before


class save_on_cpu(saved_tensors_hooks):
    """Keep what backward needs on the CPU, where it is here anyway.

    >>> import chainrule as torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> with torch.autograd.graph.save_on_cpu():
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([2., 2.])
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda t: (t.device, t.detach()), lambda kept: kept[1])


class allow_mutation_on_saved_tensors(saved_tensors_hooks):
    """In this block, tensors may be changed in place after an operation saved them.

    Each saved tensor is copied at once, so this costs the memory of all of them.

    >>> import chainrule as torch
    >>> x = torch.tensor([3.], requires_grad=True)
    >>> with torch.autograd.graph.allow_mutation_on_saved_tensors():
    ...     y = x * 1
    ...     z = y * y
    ...     _ = y.zero_()
    >>> z.backward()
    >>> x.grad
    tensor([6.])
    """

    def __init__(self) -> None:
        super().__init__(lambda t: t.detach().clone(), lambda t: t)
