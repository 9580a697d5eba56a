"""User-defined operations: `autograd.Function` with static `forward` and `backward`."""

from __future__ import annotations

import functools
import warnings
import weakref
from sys import _getframe
from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.autograd.inplace import check_writable, overwritten, refresh_views
from chainrule.autograd.mode import enable_grad, mode, no_grad
from chainrule.autograd.record import select
from chainrule.autograd.tensor_ns import tensor_ns
from chainrule.errors import (
    ArgumentError,
    FreedGraphError,
    GraphError,
    NoDerivativeError,
    OverwrittenError,
)
from chainrule.graph import Node, grad_name, line_of, user_frame
from chainrule.spec import is_differentiable
from chainrule.storage import last_write
from chainrule.tensor import Tensor, from_array


class Context:
    """What `forward` leaves for `backward` (the `ctx` of both).

    Any attribute may be set on it; tensors go through `save_for_backward`, so that a later
    change in place is noticed.
    """

    needs_input_grad: tuple[bool, ...] = ()
    materialize_grads = True
    _saved: tuple[Any, ...] = ()
    _nodes: tuple[Any, ...] = ()
    _own: Any = None  # weak reference to the node: an output that is saved must not hold itself
    _many = False
    _constant: frozenset[int] = frozenset()  # outputs marked non-differentiable
    _dirty: tuple[Any, ...] = ()
    _non_differentiable: tuple[Any, ...] = ()
    _freed = False
    _shapes: tuple[Any, ...] = ()  # of the inputs that need gradients
    _kinds: tuple[Any, ...] = ()  # of their dtypes
    _unpack: Any = None  # of `saved_tensors_hooks`: what is saved is packed

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for backward; read them there as `ctx.saved_tensors`."""
        for t in tensors:
            if t is not None and not isinstance(t, Tensor):
                raise ArgumentError(
                    "save_for_backward can only save tensors, but one is of type "
                    f"{type(t).__name__}",
                    fix="Keep other values as attributes: ctx.value = value.",
                )
        self._saved = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for `jvp`."""
        self._saved_forward = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given."""
        if self._freed:
            raise FreedGraphError(
                "Trying to backward through the graph a second time: the saved tensors of this "
                "Function are gone",
                fix="Call the first backward with retain_graph=True.",
            )
        if self._unpack is not None:
            return self._unpack(self._saved)  # type: ignore[no-any-return]
        for t in self._saved:
            if t is not None and t.layout is dtypes.strided:
                write = last_write(t._array)
                node = None if self._own is None else self._own()
                if write is not None and node is not None and write.order > node.order:
                    raise OverwrittenError(
                        "one of the variables needed for gradient computation has been modified "
                        f"by an inplace operation: {grad_name(node)} saved it at "
                        f"{line_of(node.where)}, and it was changed at {line_of(write.where)}",
                        [("saved", t)],
                        fix="Save a .clone(), or use the out-of-place operation.",
                    )
        return tuple(
            t
            if node is None or t is None or t.layout is not dtypes.strided
            else from_array(t._array, node=self._node_of(t, node))
            for t, node in zip(self._saved, self._nodes or (None,) * len(self._saved), strict=True)
        )

    def _node_of(self, t: Tensor, node: Any) -> Node | None:
        """A saved tensor's node: that given, or of the output with this number."""
        if type(node) is not int:
            return node  # type: ignore[no-any-return]
        own = self._own()
        if own is None or not is_differentiable(t._array.dtype) or node in self._constant:
            return None
        return select(own, node, t._array.shape, t._array.dtype) if self._many else own

    saved_variables = saved_tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs `forward` changed in place."""
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs have no gradient."""
        self._non_differentiable = tensors

    def mark_shared_storage(self, *pairs: Any) -> None:
        """Nothing: views are followed anyway.  torch deprecates it."""
        warnings.warn("mark_shared_storage is deprecated. Tensors with shared storages are "
                      "automatically tracked. Note that calls to `set_()` are not tracked",
                      FutureWarning, stacklevel=2)  # fmt: skip

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` gets zeros (the default) or None for outputs without gradient."""
        self.materialize_grads = value


class FunctionMeta(type):
    """Gives each Function class what the engine asks of an op."""

    inputs: tuple[str, ...] = ("ctx",)
    is_function = True
    differentiable = True
    variadic = False
    rules: tuple[Any, ...] = ()
    reads: tuple[Any, ...] = ()
    vjp_reads = (0,)
    reads_values = True
    grad_name = ""

    @property
    def name(cls) -> str:
        return cls.__name__


class Function(metaclass=FunctionMeta):
    """An operation with its own derivative.

    Subclass it with static methods `forward(ctx, *args)` and `backward(ctx, *grads)`; call it
    through `apply`.  `backward` returns one gradient per argument of `forward`, None for those
    that are no tensors.  It may use tensor operations only; then it can be differentiated again,
    unless it is decorated with `once_differentiable`.

    >>> import chainrule as torch
    >>> class Square(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         x, = ctx.saved_tensors
    ...         return 2 * x * g
    >>> x = torch.tensor(3., requires_grad=True)
    >>> Square.apply(x).backward()
    >>> x.grad
    tensor(6.)
    """

    outputs: tuple[str, ...] = ("out",)

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; `ctx` is the first argument unless `setup_context` is defined."""
        raise NotImplementedError("You must implement the forward function for custom Function.")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Gradients of the arguments from those of the outputs."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom "
            "autograd.Function to use it with backward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run `forward` and record it."""
        ctx = Context()
        parents = tuple(a._node if isinstance(a, Tensor) else None for a in args)
        ctx.needs_input_grad = tuple(p is not None for p in parents)
        setup = getattr(cls, "setup_context", None)
        with no_grad():
            if setup is None:
                out = cls.forward(ctx, *args, **kwargs)
            else:
                out = cls.forward(*args, **kwargs)
                setup(ctx, args, out)
        if not (mode.recording and any(parents)):
            return detached(out, args)
        for t in ctx._dirty:
            if t._base is not None:
                check_writable(t)
            if t._node is not None and t._node.op is None:
                raise GraphError(
                    "a leaf Variable that requires grad has been used in an in-place operation.",
                    [("tensor", t)],
                    fix="Give the Function a result of another operation, or a .clone().",
                )
        outs = out if type(out) is tuple else (out,)
        many = len(outs) > 1
        where = user_frame(_getframe(1))
        tensors = [o for o in outs if isinstance(o, Tensor)]
        first = tensors[0]._array if tensors else np.zeros(())
        op = runtime_op(cls, len(outs))
        node = Node(op, parents, (ctx,), {}, first.shape, first.dtype, where)
        ctx._shapes = tuple(p and p.shape for p in parents)
        ctx._kinds = tuple(p and p.dtype.kind for p in parents)
        ctx._specs = [  # type: ignore[attr-defined]
            (o._array.shape, o._array.dtype) if isinstance(o, Tensor) else None for o in outs
        ]
        results = []
        own: dict[int, int] = {}  # which output a tensor is
        for i, o in enumerate(outs):
            if not isinstance(o, Tensor):
                results.append(o)
                continue
            if any(o is a for a in args) and not any(o is d for d in ctx._dirty):
                o = from_array(o._array)
            else:
                own[id(o)] = i
            skip = any(o is t for t in ctx._non_differentiable)
            if skip:
                ctx._constant |= {i}
            if not skip and is_differentiable(o._array.dtype):
                o._node = node if not many else select(node, i, o._array.shape, o._array.dtype)
            results.append(o)
        inputs = {id(a): a._node for a in args if isinstance(a, Tensor)}
        ctx._nodes = tuple(
            None if t is None else own.get(id(t), inputs.get(id(t), t._node)) for t in ctx._saved
        )
        ctx._saved = tuple(
            from_array(t._array) if t is not None and id(t) in own else t for t in ctx._saved
        )
        ctx._own, ctx._many = weakref.ref(node), many
        if mode.packing is not None and ctx._saved:
            mode.packing.pack_context(ctx)
        for o in ctx._dirty:
            if id(o) in own and o._node is not None:
                replaced(o)
        return tuple(results) if type(out) is tuple else results[0]

    @classmethod
    def vjp(cls, xp: Any, g: Any, needed: Any, ctx: Context) -> Any:
        """The engine's entry: wrap raw gradients, call `backward`, check what it returns."""
        recorded = xp is tensor_ns
        given = g if type(g) is tuple else (g,)
        grads = []
        for one, known in zip(given, ctx._specs, strict=True):  # type: ignore[attr-defined]
            if one is None and ctx.materialize_grads and known is not None:
                one = np.zeros(*known)
            elif one is not None and one.dtype.kind == "c":
                one = xp.conj(one)  # torch's convention for the user, see `reverse`
            grads.append(
                one if one is None or isinstance(one, Tensor) else from_array(np.asarray(one))
            )
        with enable_grad() if recorded else no_grad():
            result = cls.backward(ctx, *grads)
        result = list(result) if isinstance(result, (tuple, list)) else [result]
        while len(result) > len(needed) and result[-1] is None:
            result.pop()
        if len(result) != len(needed):
            raise GraphError(
                f"function {cls.__name__}Backward returned an incorrect number of gradients "
                f"(expected {len(needed)}, got {len(result)})"
            )
        for i, (r, shape) in enumerate(zip(result, ctx._shapes, strict=True)):
            if r is None:
                continue
            if not isinstance(r, Tensor):
                raise GraphError(
                    f"function {cls.__name__}Backward returned a {type(r).__name__}; "
                    "gradients are tensors or None"
                )
            if shape is not None and r._array.shape != shape and not covers(r._array.shape, shape):
                raise GraphError(
                    f"Function {cls.__name__}Backward returned an invalid gradient at index {i} - "
                    f"got {list(r._array.shape)} but expected shape compatible with {list(shape)}"
                )
        grads = [r if r is None or recorded else r._array for r in result]
        for i, r in enumerate(grads):
            if r is not None and r.dtype.kind == "c":
                grads[i] = xp.conj(r) if ctx._kinds[i] == "c" else xp.real(r)
        return grads


def replaced(t: Tensor) -> None:
    """A dirty input has a new node: its base, or its views, read from that."""
    base = t._base
    if base is None:
        refresh_views(t)
    elif t._steps:
        base._node = overwritten(base, t._node, t._steps)
        refresh_views(base)


def covers(given: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether a gradient of shape `given` can be summed to `shape`."""
    tail = given[len(given) - len(shape) :] if len(given) >= len(shape) else ()
    return len(tail) == len(shape) and all(n in (1, m) for n, m in zip(shape, tail, strict=True))


@functools.cache
def runtime_op(cls: Any, count: int) -> Any:
    """The Function as an op with this many outputs."""
    if count == 1:
        return cls
    body = {"outputs": tuple(f"out{i}" for i in range(count))}
    return FunctionMeta(cls.__name__, (cls,), body)


def detached(out: Any, args: Any) -> Any:
    """Outputs of a Function that is not recorded; an input handed through becomes a new tensor."""
    if isinstance(out, Tensor):
        return from_array(out._array) if any(out is a for a in args) else out
    if type(out) is tuple:
        return tuple(detached(o, args) for o in out)
    return out


def once_differentiable(fn: Any) -> Any:
    """Decorate a `backward` that cannot be differentiated again: doing so raises.

    >>> import chainrule as torch
    >>> from chainrule.autograd.function import once_differentiable
    """

    @functools.wraps(fn)
    def wrapped(ctx: Any, *grads: Any) -> Any:
        recording = mode.recording
        with no_grad():
            out = fn(ctx, *grads)
        if not recording or not any(isinstance(g, Tensor) and g._node is not None for g in grads):
            return out
        above = tuple(g._node for g in grads if isinstance(g, Tensor) and g._node is not None)
        return tuple(refused(o, above) for o in (out if type(out) is tuple else (out,)))

    return wrapped


class Refused(metaclass=FunctionMeta):
    """The op behind a once-differentiable result: its derivative is an error."""

    outputs = ("out",)

    @staticmethod
    def vjp(xp: Any, g: Any, needed: Any, ctx: Any) -> Any:
        raise NoDerivativeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )


def refused(value: Any, above: tuple[Node, ...]) -> Any:
    """`value` with a node that refuses to be differentiated, whichever way it is reached.

    Its parents are the nodes `above`, of the upstream gradients, so that `grad` does not pass by
    it and leave its part out in silence.
    """
    if not isinstance(value, Tensor):
        return value
    array = value._array
    node = Node(Refused, above, (None,), {}, array.shape, array.dtype)
    return from_array(array, node=node)


FunctionCtx = Context  # torch's name, for annotations


class InplaceFunction(Function):
    """A Function from torch's old days: write a Function, and say `ctx.mark_dirty` in forward."""

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace
