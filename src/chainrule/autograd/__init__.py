"""Automatic differentiation: `backward`, `grad`, grad modes, hooks, `Function`.

`record` applies ops and writes nodes down, `reverse` walks them, `inplace` keeps the graph right
when memory is written, `tensor_ns` runs the same rules on Tensors for higher orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from sys import _getframe
from typing import Any

import numpy as np

from chainrule.autograd.anomaly_mode import detect_anomaly as detect_anomaly
from chainrule.autograd.anomaly_mode import set_detect_anomaly as set_detect_anomaly
from chainrule.autograd.function import Function as Function
from chainrule.autograd.mode import enable_grad as enable_grad
from chainrule.autograd.mode import inference_mode as inference_mode
from chainrule.autograd.mode import mode
from chainrule.autograd.mode import no_grad as no_grad
from chainrule.autograd.mode import set_grad_enabled as set_grad_enabled
from chainrule.autograd.record import apply, constant
from chainrule.autograd.reverse import reverse
from chainrule.autograd.variable import Variable as Variable
from chainrule.errors import ArgumentError, GraphError, NoGraphError, ShapeError
from chainrule.graph import Node, line_of, user_frame
from chainrule.ops.base import REGISTRY
from chainrule.tensor import Tensor, from_array


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Accumulate the gradients of `tensors` into `.grad` of the leaves they depend on.

    Args:
        tensors: the roots; a root with more than one element needs an upstream gradient.
        grad_tensors: upstream gradients, one per root; None means 1 for a scalar.
        retain_graph: keep the graph for another pass (default: the value of `create_graph`).
        create_graph: record the pass itself, for higher derivatives.
        inputs: accumulate into these tensors only.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> torch.autograd.backward([x.sum(), (x * x).sum()])
    >>> x.grad
    tensor([3., 5.])
    """
    roots = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    upstream = grad_tensors if grad_tensors is not None else grad_variables
    seeds = seeds_of(roots, upstream, create_graph, "backward")
    wanted = None
    if inputs is not None:
        chosen = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        if not chosen:
            raise GraphError("`inputs` argument to `backward()` cannot be empty.")
        wanted = set()
        for t in chosen:
            if t._node is None:
                raise GraphError("One of the differentiated Tensors does not require grad",
                                 [("input", t)])  # fmt: skip
            if t._node.op is not None:
                t.retain_grad()
            wanted.add(t._node)
    reverse(
        seeds,
        create_graph=create_graph,
        retain_graph=create_graph if retain_graph is None else retain_graph,
        wanted=wanted,
    )


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of (the sum of) `outputs` with respect to `inputs`; `.grad` is not touched.

    Args:
        grad_outputs: upstream gradients, one per output; None means 1 for a scalar.
        create_graph: make the result differentiable again.
        allow_unused: give None for an input that no output depends on, instead of an error.
        materialize_grads: give zeros for it.
        is_grads_batched: `grad_outputs` have a leading axis; so do the results.

    >>> import chainrule as torch
    >>> x = torch.tensor(3., requires_grad=True)
    >>> g, = torch.autograd.grad(x ** 3, x, create_graph=True)
    >>> g, torch.autograd.grad(g, x)[0]
    (tensor(27., grad_fn=<MulBackward0>), tensor(18.))
    """
    roots = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    chosen = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    if not chosen:
        raise GraphError("`inputs` argument to `grad()` cannot be empty.")
    if materialize_grads and allow_unused is False:
        raise ArgumentError("Expected allow_unused to be True or not passed when "
                            "materialize_grads=True, but got: allow_unused=False.")  # fmt: skip
    if is_grads_batched:
        return batched_grad(roots, chosen, grad_outputs, retain_graph, create_graph, allow_unused)
    for i, t in enumerate(chosen):
        if t._node is None:
            raise NoGraphError(
                "One of the differentiated Tensors does not require grad", [(f"inputs[{i}]", t)],
                fix="Set requires_grad=True on it before computing the outputs.",
            )  # fmt: skip
    seeds = seeds_of(roots, grad_outputs, create_graph, "grad")
    wanted: Any = {t._node for t in chosen}
    found = reverse(
        seeds,
        create_graph=create_graph,
        retain_graph=create_graph if retain_graph is None else retain_graph,
        wanted=wanted,
        accumulate=False,
    )
    results: list[Any] = []
    for i, t in enumerate(chosen):
        g = found.get(t._node)  # type: ignore[arg-type]
        if g is None:
            if materialize_grads:
                g = np.zeros_like(t._array)
            elif not allow_unused:
                raise GraphError(
                    "One of the differentiated Tensors appears to not have been used in the "
                    "graph.", [(f"inputs[{i}]", t)],
                    fix="Set allow_unused=True if this is the desired behavior.",
                )  # fmt: skip
            else:
                results.append(None)
                continue
        results.append(t._as_gradient(g))
    return tuple(results)


def batched_grad(
    roots: Any, inputs: Any, grad_outputs: Any, retain: Any, create: bool, unused: Any
) -> tuple[Any, ...]:
    """`grad` once per row of the upstream gradients, results stacked."""
    given: list[Any] = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs)
    rows = given[0]._array.shape[0]
    each = [
        grad(roots, inputs, [v[i] for v in given], True, create, allow_unused=unused)
        for i in range(rows)
    ]

    def stacked(column: Any) -> Any:
        if column[0] is None:
            return None
        return apply(REGISTRY["concat"], *(c[None] for c in column), axis=0)

    return tuple(stacked(column) for column in zip(*each, strict=True))


def seeds_of(roots: list[Tensor], upstream: Any, create_graph: bool, call: str) -> Any:
    """Each root's node with its upstream gradient, checked."""
    if upstream is None or isinstance(upstream, Tensor):
        given = [upstream] * (len(roots) if upstream is None else 1)
    else:
        given = list(upstream)
    if len(given) != len(roots):
        raise GraphError(f"got {len(roots)} tensors and {len(given)} gradients")
    seeds = []
    for i, (root, g) in enumerate(zip(roots, given, strict=True)):
        if root._node is None:
            raise no_graph(root, call, i)
        array = root._array
        if g is None:
            if array.size != 1:
                raise GraphError(
                    "grad can be implicitly created only for scalar outputs",
                    [("output", root)],
                    fix="Reduce it first, as .sum() or .mean() do, or pass the upstream gradient: "
                    "y.backward(torch.ones_like(y)).",
                )
            if array.dtype.kind == "c":
                raise GraphError(
                    "grad can be implicitly created only for real scalar outputs but got "
                    f"{root.dtype}", [("output", root)],
                    fix="Take the real part or the absolute value first, or pass the upstream "
                    "gradient.",
                )  # fmt: skip
            g = from_array(np.ones_like(array))
        elif not isinstance(g, Tensor):
            raise ArgumentError(
                f"gradients can be either Tensors or None, but got {type(g).__name__}"
            )
        elif g._array.shape != array.shape:
            raise ShapeError(
                f"Mismatch in shape: grad_output[{i}] has a shape of {g.shape} and output[{i}] has "
                f"a shape of {root.shape}.",
                [("output", root), ("gradient", g)],
                fix="An upstream gradient has the shape of its output.",
            )
        if array.dtype.kind == "c":
            g = apply(REGISTRY["conj"], g)
        seeds.append((root._node, g if create_graph else g._array))
    return seeds


def no_graph(root: Tensor, call: str, i: int = 0) -> NoGraphError:
    """Why `root` has no graph, with the line where it was cut if that is known."""
    kind = root._array.dtype.kind
    reason, fix = (
        "no tensor it depends on requires gradients",
        ("Set requires_grad=True on what you differentiate by, before computing with it."),
    )
    cut = root._cut
    if cut is not None:
        what, where = cut
        reason = f"the graph was cut by {what} at {line_of(where)}"
        fix = "Keep the computation of the loss outside it."
    elif kind not in "fcV":
        reason = f"its dtype is {root.dtype}; only floating and complex tensors have gradients"
        fix = "Compute the loss in a floating dtype."
    elif mode.item is not None:
        reason += f"; .item() was called at {line_of(mode.item)}, a Python number has no graph"
    return NoGraphError(
        f"element {i} of tensors does not require grad and does not have a grad_fn: {reason}",
        [("output", root)],
        fix=fix,
        where=call,
    )


# ---- methods of Tensor -----------------------------------------------------------------------


def _backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Accumulate d(self)/d(leaf) into `.grad` of every leaf this tensor depends on.

    Args:
        gradient: the upstream gradient, of this tensor's shape; may be left out for a scalar.
        retain_graph: keep saved values for another pass.
        create_graph: record the pass itself, for higher derivatives.
        inputs: accumulate into these tensors only.

    Errors: without graph (says where it was cut), twice (says where the first call was), when a
    saved value was overwritten (says both lines).

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> (x ** 2).backward(torch.tensor([1., 10.]))
    >>> x.grad
    tensor([ 2., 40.])
    """
    node = self._node
    if (
        gradient is None
        and inputs is None
        and not create_graph
        and node is not None
        and node.shape == ()
        and node.dtype.kind != "c"
    ):  # a scalar loss, straight to the engine
        reverse([(node, constant(1.0, node.dtype))], retain_graph=bool(retain_graph))
        return
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)


def _retain_grad(self: Tensor) -> None:
    """Keep the gradient of this non-leaf tensor in `.grad` too."""
    import weakref

    if self._node is None:
        raise GraphError("can't retain_grad on Tensor that has requires_grad=False",
                         [("tensor", self)], fix="Call it on a result with a graph.")  # fmt: skip
    if self._node.op is not None:
        self._node.tensor = weakref.ref(self)


def _detach(self: Tensor) -> Tensor:
    """The same memory without graph."""
    out = from_array(self._array)
    if self._node is not None:
        out._cut = ("`detach()`", user_frame(_getframe(1)))
    return out


def _detach_(self: Tensor) -> Tensor:
    """Forget this tensor's graph; it becomes a leaf."""
    if self._base is not None:
        raise GraphError("Can't detach views in-place.", fix="Use detach() instead.")
    if self._node is not None:
        self._cut = ("`detach_()`", user_frame(_getframe(1)))
    self._node = None
    return self


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away.  A context manager too."""

    def __init__(self, hooks: dict[int, Any], key: int) -> None:
        self.hooks, self.id = hooks, key

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        self.hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()


_hook_ids = iter(range(1, 1 << 62))


def _register_hook(self: Tensor, hook: Any) -> RemovableHandle:
    """Call `hook(grad)` when this tensor's gradient is known; what it returns replaces it.

    >>> import chainrule as torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> handle = x.register_hook(lambda g: g * 10)
    >>> x.sum().backward()
    >>> x.grad
    tensor([10., 10.])
    """
    node: Node | None = self._node
    if node is None:
        raise GraphError("cannot register a hook on a tensor that doesn't require gradient",
                         [("tensor", self)])  # fmt: skip
    if node.hooks is None:
        node.hooks = {}
    key = next(_hook_ids)
    node.hooks[key] = hook
    return RemovableHandle(node.hooks, key)


def _register_post_accumulate_grad_hook(self: Tensor, hook: Any) -> RemovableHandle:
    """Call `hook(tensor)` after a gradient was added to this leaf's `.grad`."""
    if not self.is_leaf or self._node is None:
        raise GraphError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    hooks: dict[int, Any] = self.__dict__.setdefault("_post_accumulate", {})
    key = next(_hook_ids)
    hooks[key] = hook
    return RemovableHandle(hooks, key)


for _name, _method in list(globals().items()):
    if _name in ("_backward", "_retain_grad", "_detach", "_detach_", "_register_hook",
                 "_register_post_accumulate_grad_hook"):  # fmt: skip
        _method.__name__ = _name[1:]
        setattr(Tensor, _name[1:], _method)
Tensor.retains_grad = property(  # type: ignore[attr-defined]
    lambda self: not self.is_leaf and self._node.tensor is not None and self._node.tensor() is self,
    doc="Whether `retain_grad()` was called on this non-leaf tensor.",
)

# These need the functions above.  The names `gradcheck` are functions, as in torch.
from chainrule.autograd import functional as functional  # noqa: E402
from chainrule.autograd import graph as graph  # noqa: E402
from chainrule.autograd.gradcheck import GradcheckError as GradcheckError  # noqa: E402
from chainrule.autograd.gradcheck import gradcheck as gradcheck  # noqa: E402
from chainrule.autograd.gradcheck import gradgradcheck as gradgradcheck  # noqa: E402


def __getattr__(name: str) -> Any:
    import importlib

    if name in ("profiler", "forward_ad", "grad_mode"):  # loaded on first use
        return importlib.import_module(f"chainrule.autograd.{name}")
    if name in ("set_multithreading_enabled", "enforce_grad_layout_policy"):
        return getattr(importlib.import_module("chainrule.autograd.grad_mode"), name)
    raise AttributeError(f"module 'chainrule.autograd' has no attribute '{name}'")
