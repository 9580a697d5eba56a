"""Writing into a tensor's memory, with torch's semantics for the graph.

An in-place operation computes its result out of place, copies it into the target's memory, and
gives the target the result's node.  If the target is a view, the write is an operation on its
base (`write_view`): the base gets a new node, and the nodes of all its views are made anew.
"""

from __future__ import annotations

from sys import _getframe
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.mode import mode
from chainrule.autograd.record import apply, cast, make_node, spec_of
from chainrule.errors import ArgumentError, DtypeError, GraphError, ShapeError
from chainrule.graph import Node, user_frame
from chainrule.ops.base import REGISTRY
from chainrule.storage import note_write, owner
from chainrule.tensor import Tensor, from_array

Array = Any


def check_writable(target: Tensor) -> None:
    """Raise if autograd forbids writing here.  Call it before computing anything."""
    if not mode.recording:
        return
    node, base = target._node, target._base
    if node is not None and node.op is None:
        raise GraphError(
            "a leaf Variable that requires grad is being used in an in-place operation.",
            [("tensor", target)],
            fix="Do it under torch.no_grad(), or on a .clone().",
        )
    if base is not None and base._node is not None and base._node.op is None:
        raise GraphError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation.",
            [("view", target), ("leaf", base)],
            fix="Do it under torch.no_grad(), or on a .clone() of the leaf.",
        )
    if base is not None and base._node is not None and not target._steps:
        raise GraphError(
            "A view was created in no_grad mode and is being modified inplace with grad mode "
            "enabled.",
            [("view", target), ("base", base)],
            fix="Make the view and change it both inside the no_grad block, or both outside.",
        )


def check_memory(array: Array) -> None:
    """Raise if several elements of `array` share one place in memory, or it is read-only."""
    if (
        0 in array.strides
        and array.size  # NumPy gives empty arrays strides of 0
        and any(n > 1 and s == 0 for n, s in zip(array.shape, array.strides, strict=True))
    ):
        raise ArgumentError(
            "unsupported operation: more than one element of the written-to tensor refers to a "
            "single memory location.",
            fix="Please clone() the tensor before performing the operation.",
        )
    if not array.flags.writeable:  # a part of an expanded tensor may be written
        try:
            array.flags.writeable = True
        except ValueError:
            raise ArgumentError(
                "this tensor cannot be written to: its memory is read-only, as that of the NumPy "
                "array or buffer it was made from",
                [("tensor", array)],
                fix="Use the out-of-place operation, or work on a .clone().",
            ) from None


def keep_originals(node: Node, since: int, array: Array) -> None:
    """Give nodes made after `since`, upstream of `node`, copies of what they saved of `array`.

    What an in-place operation itself reads of its target must outlive the write.
    """
    own, copies = owner(array), {}
    stack = [node]
    for n in stack:  # the list grows while it is walked
        stack += [p for p in n.parents if p is not None and p.order > since and p not in stack]
        if type(n.saved) is not tuple:  # nothing, freed, or packed
            continue
        for value in n.saved:
            if isinstance(value, np.ndarray) and id(value) not in copies and owner(value) is own:
                copies[id(value)] = value.copy()
        if copies:
            n.saved = tuple([copies.get(id(v), v) for v in n.saved])


def write(target: Tensor, result: Any, since: int | None = None) -> Tensor:
    """Give `target` the value of `result` in its own memory, and its place in the graph.

    `since` is the clock's reading when the in-place operation began; by default only the last
    node is taken to be part of it.
    """
    check_writable(target)
    array = target._array
    if not isinstance(result, Tensor):
        result = cast(np.asarray(result), array.dtype)
    value = result._array
    if value.shape != array.shape:
        if spec.broadcast_shapes(value.shape, array.shape) != array.shape:
            raise ShapeError(
                f"output with shape {list(array.shape)} doesn't match the broadcast shape "
                f"{list(spec.broadcast_shapes(value.shape, array.shape))}",
                [("target", target), ("value", result)],
                fix="An in-place operation cannot change its target's shape.",
            )
        result = apply(REGISTRY["broadcast_to"], result, shape=array.shape)
        value = result._array
    if value.dtype != array.dtype:
        if spec.category(value.dtype) > spec.category(array.dtype):
            raise DtypeError(
                f"result type {name(value.dtype)} can't be cast to the desired output type "
                f"{name(array.dtype)}",
                [("target", target), ("value", result)],
                fix="Use the out-of-place operation, or convert the target first.",
            )
        result = cast(result, array.dtype)
        value = result._array
    check_memory(array)
    node = result._node
    if node is not None:
        keep_originals(node, node.order - 1 if since is None else since, array)
    if value is not array:
        np.copyto(array, value)
    wrote(target, result)
    return target


def assign(target: Tensor, source: Tensor) -> Tensor:
    """Copy `source` into the memory of `target`, whatever its dtype, broadcast: `copy_`."""
    check_writable(target)
    array = target._array
    if source._array.shape != array.shape:
        source = apply(REGISTRY["broadcast_to"], source, shape=array.shape)
    if source._array.dtype != array.dtype:
        source = cast(source, array.dtype)
    check_memory(array)
    np.copyto(array, source._array)
    result = None
    if source._node is not None and mode.recording:
        node = make_node(REGISTRY["copy"], (source._node,), [array], (array,), {})
        if target._base is None and target._node is not None:
            node = overwritten(target, node, ())  # what was there has gradient zero, not none
        result = from_array(array, node=node)
    wrote(target, result)
    return target


def modify(
    target: Tensor, op: Any, others: tuple[Any, ...], static: dict[str, Any], change: Any
) -> Tensor:
    """`target = op(target, *others)`, where `change(array)` does it in the memory of `target`.

    For ops whose rules do not read their first input or their output.
    """
    check_writable(target)
    array = target._array
    check_memory(array)
    change(array)
    result = None
    if mode.recording and spec.is_differentiable(array.dtype):
        inputs = (target, *others)
        parents = tuple(x._node if isinstance(x, Tensor) else None for x in inputs)
        if any(parents):
            arrays = [x._array if isinstance(x, Tensor) else x for x in inputs]
            node = make_node(op, parents, arrays, (array,), static)
            result = from_array(array, node=node)
    wrote(target, result)
    return target


def name(dtype: Any) -> str:
    """torch's word for a dtype in messages: Float, Long, ..."""
    words = {"float32": "Float", "float64": "Double", "int64": "Long", "int32": "Int",
             "float16": "Half", "int16": "Short", "int8": "Char", "uint8": "Byte",
             "bool": "Bool", "bfloat16": "BFloat16"}  # fmt: skip
    return words.get(str(dtype), str(dtype).capitalize())


def wrote(target: Tensor, result: Tensor | None) -> None:
    """The memory of `target` now holds `result`: count the write and move the graph along.

    `result` is None when it does not depend on anything (zero_, random numbers).
    """
    if target._untracked:
        return
    note_write(target._array, user_frame(_getframe(1)))
    if not mode.recording or not spec.is_differentiable(target._array.dtype):
        return
    node = None if result is None else result._node
    base = target._base
    before = target._node if base is None else base._node
    if base is None:
        if node is not None and node is not target._node:
            target._node = node
        elif target._node is not None:
            target._node = overwritten(target, None, ())
        else:
            return
        base = target
    elif node is not None or base._node is not None:
        base._node = overwritten(base, node, target._steps)
    else:
        return
    keep_retaining(base, before)
    refresh_views(base)


def keep_retaining(tensor: Tensor, before: Node | None) -> None:
    """`retain_grad()` is of the tensor: when its node changes, the new one keeps the gradient."""
    node = tensor._node
    if before is None or before.op is None or before.tensor is None or node is before:
        return
    if node is not None and before.tensor() is tensor:
        node.tensor, before.tensor = before.tensor, None


def overwritten(base: Tensor, node: Node | None, steps: Any) -> Node:
    """The node of `base` after the view at `steps` got the value made by `node`."""
    array = base._array
    op = REGISTRY["write_view"]
    return make_node(op, (base._node, node), [array, array], (array,), {"steps": steps})


def refresh_views(base: Tensor) -> None:
    """Give every live view of `base` a node that reads from the base's present one."""
    views = base._views
    if not views:
        return
    for ref in views:
        view = ref()
        if view is None:
            continue
        node, left = base._node, len(view._steps)
        for op, static in view._steps:
            if node is None:
                break
            left -= 1
            given = spec.Spec(node.shape, node.dtype)
            shape, dtype = op.spec(given, **static) if left else spec_of(view._array)
            saved = op.keep[1]((None, None, None, given)[: 3 + op.reads_specs])
            node = Node(op, (node,), saved, static, shape, dtype, node.where)
        before, view._node = view._node, node
        keep_retaining(view, before)
