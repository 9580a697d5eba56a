"""Applying an op to Tensors: promote, run the forward, write down the node.

`apply` is the one way in for all ops.  `unary` and `binary` make the same thing for operators
that are used most, without the generality that costs time; a test holds them equal to `apply`.
"""

from __future__ import annotations

import functools
from sys import _getframe
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.mode import mode
from chainrule.autograd.refusals import explained
from chainrule.autograd.watching import watched
from chainrule.graph import Node, Select, _ours, tick, user_frame
from chainrule.ops import base
from chainrule.spec import FLOAT32, FLOAT64, Spec, is_differentiable
from chainrule.storage import owner
from chainrule.tensor import Tensor, new, register_view

ndarray = np.ndarray
asarray = np.asarray
make_spec = tuple.__new__  # Spec(...) without its Python-level __new__
observe: Any = None  # a function called with every application: (op, inputs, arrays, out, static)
Array = Any
NO_STATIC: dict[str, Any] = {}  # shared by all nodes without metadata


def apply(op: type[base.Op], *inputs: Any, **static: Any) -> Any:
    """The op's output for Tensors, arrays or numbers, recorded if an input requires gradients."""
    if op.single:
        x = inputs[0]
        if isinstance(x, Tensor) and (op.promotes is None or x._array.dtype.kind in "fc"):
            return apply_one(op, x, static)
    arrays = [t._array if isinstance(t, Tensor) else t for t in inputs]
    if op.promotes is not None:
        inputs, arrays = promoted(op, inputs, arrays)
    try:
        out = op.raw(*arrays, **static)
    except Exception as error:
        raise explained(op, inputs, static, error) from None
    if observe is not None:
        return watched(op, inputs, arrays, out, static)
    if type(out) is tuple:
        return record_many(op, inputs, arrays, out, static)
    if type(out) is not ndarray:
        out = asarray(out)
    t = new(Tensor)
    t._array = out
    if mode.recording:
        parents = tuple([x._node if isinstance(x, Tensor) else None for x in inputs])
        if any(parents) and op.differentiable and out.dtype.kind in "fcV":
            t._node = make_node(op, parents, arrays, (out,), static)
        else:
            t._cut = why_cut(op, inputs, parents)
    else:
        t._cut = mode.cut
    if op.view:
        viewed(t, inputs[0], op, static)
    return t


def apply_one(op: type[base.Op], x: Tensor, static: dict[str, Any]) -> Any:
    """`apply` for an op of one input that needs no promotion: most ops with metadata."""
    a = x._array
    try:
        out = op.raw(a, **static)
    except Exception as error:
        raise explained(op, (x,), static, error) from None
    if observe is not None:
        return watched(op, (x,), [a], out, static)
    if type(out) is not ndarray:
        if type(out) is tuple:
            return record_many(op, (x,), [a], out, static)
        out = asarray(out)
    t = new(Tensor)
    t._array = out
    if mode.recording:
        p = x._node
        if p is None:
            t._cut = x._cut
        elif op.differentiable and out.dtype.kind in "fcV":
            t._node = n = new(Node)
            if op.reads_specs:
                n.saved = op.keep[1]((a, out, None, make_spec(Spec, (a.shape, a.dtype))))
            else:
                n.saved = op.keep[1]((a, out, None))
            n.op, n.parents, n.static, n.order = op, (p,), static, tick()
            n.shape, n.dtype = out.shape, out.dtype
            n.where = user_frame(_getframe(2))
            n.index = n.hooks = n.tensor = None
        else:
            t._cut = why_cut(op, (x,), (p,))
    else:
        t._cut = mode.cut
    if op.view:
        viewed(t, x, op, static)
    return t


def viewed(view: Tensor, source: Any, op: type[base.Op], static: Any) -> None:
    """Note that `view` shares the memory of `source`, if it does."""
    if not isinstance(source, Tensor):
        return
    mine, its = view._array.base, source._array
    if (
        mine is not its
        and (mine is None or mine is not its.base)
        and (owner(view._array) is not owner(its))
    ):
        return
    if mode.recording:
        register_view(view, source, op, static)
    else:
        view._base = source if source._base is None else source._base
        if source._untracked:
            view._untracked = True


def promoted(op: type[base.Op], inputs: Any, arrays: list[Any]) -> tuple[Any, list[Any]]:
    """Bring all operands but the constant ones to the dtype that the op computes in."""
    first: Any = None
    skip = op.constant
    for name, a in zip(op.inputs, arrays):  # noqa: B905  (optional inputs may be left out)
        if name in skip:
            continue
        if type(a) is not ndarray:
            break
        if first is None:
            first = a.dtype
        elif a.dtype is not first:
            break
    else:
        if op.promotes != "float" or first.kind in "fcV":
            return inputs, arrays
    inputs = list(inputs)
    places = [i for i in range(len(arrays)) if op.inputs[i] not in skip]
    dtype = spec.result_type([arrays[i] for i in places])
    if op.promotes == "float" and not spec.is_inexact(dtype):
        dtype = spec.Defaults.floating
    for i in places:
        a = arrays[i]
        if type(a) is ndarray:
            if a.dtype != dtype:
                inputs[i] = cast(inputs[i], dtype)
                arrays[i] = inputs[i]._array
        else:
            arrays[i] = inputs[i] = asarray(a).astype(dtype)
    return inputs, arrays


def cast(x: Any, dtype: Any) -> Any:
    """`x` in another dtype, recorded; an array becomes a Tensor."""
    if not isinstance(x, Tensor):
        t = new(Tensor)
        t._array = x
        x = t
    return apply(base.REGISTRY["astype"], x, dtype=dtype)


def record_many(op: type[base.Op], inputs: Any, arrays: list[Any], outs: Any, static: Any) -> Any:
    """The same for an op with several outputs: each gets a node that selects it."""
    results = tuple(new(Tensor) for _ in outs)
    parents = tuple(x._node if isinstance(x, Tensor) else None for x in inputs)
    many = None
    if mode.recording and any(parents) and op.differentiable:
        many = make_node(op, parents, arrays, outs, static)
    for i, (t, out) in enumerate(zip(results, outs, strict=True)):
        t._array = asarray(out)
        if many is not None and is_differentiable(t._array.dtype):
            t._node = select(many, i, t._array.shape, t._array.dtype)
        else:
            t._cut = why_cut(op, inputs, parents) if mode.recording else mode.cut
    return results


def select(many: Node, index: int, shape: Any, dtype: Any) -> Node:
    """The node of one output of a multi-output node."""
    node = Node(Select, (many,), None, {}, shape, dtype, many.where)
    node.index = index
    return node


def make_node(op: Any, parents: Any, arrays: list[Any], outs: Any, static: Any) -> Node:
    """A node that keeps what the rules of the differentiated inputs read."""
    values: tuple[Any, ...]
    if op.variadic:
        fixed = len(op.inputs) - 1
        mask = -1
        values = (*arrays[:fixed], tuple(arrays[fixed:]), *outs, None)
    else:
        mask, bit = 0, 1
        for p in parents:
            if p is not None:
                mask |= bit
            bit += bit
        missing = len(op.inputs) - len(arrays)
        values = (*arrays, *(None,) * missing, *outs, None) if missing else (*arrays, *outs, None)
    if op.reads_specs:
        values = (*values, *[spec_of(v) for v in values[: len(op.inputs)]])
    node = new(Node)  # Node(...) without the call: 0.3 us less
    node.op, node.parents, node.saved, node.static = op, parents, op.keep[mask](values), static
    first = outs[0]
    node.shape, node.dtype, node.order = first.shape, first.dtype, tick()
    node.where = user_frame(_getframe(2))
    node.index = node.hooks = node.tensor = None
    return node


def spec_of(value: Any) -> Any:
    """The Spec of an array, of each in a tuple, or None for what is no array."""
    if type(value) is ndarray:
        return make_spec(Spec, (value.shape, value.dtype))
    if type(value) is tuple:
        return tuple(spec_of(v) for v in value)
    return Spec(value.shape, value.dtype) if isinstance(value, ndarray) else None


def why_cut(op: Any, inputs: Any, parents: Any) -> Any:
    """Why a result has no graph though recording is on: what an input says, or this op."""
    if any(parents):
        return (f"{op.name} (its result is not floating point)", user_frame(_getframe(2)))
    for x in inputs:
        cut = getattr(x, "_cut", None)
        if cut is not None:
            return cut
    return None


def unary(op: type[base.Op], kinds: str = "fc") -> Any:
    """`apply(op, x)` for an elementwise op of one input and no metadata.

    Handles a Tensor whose dtype kind is in `kinds` (no promotion needed); else asks `apply`.
    """
    raw, keep = op.raw, op.keep[1]

    def call(x: Any) -> Any:
        try:
            a = x._array
        except AttributeError:
            return apply(op, x)
        if a.dtype.kind not in kinds:
            return apply(op, x)
        out = raw(a)
        if observe is not None:
            return watched(op, (x,), [a], out, NO_STATIC)
        if type(out) is not ndarray:
            out = asarray(out)
        t = new(Tensor)
        t._array = out
        if mode.recording:
            p = x._node
            if p is not None:
                t._node = n = new(Node)  # Node(...) without the call: 0.3 us less
                n.op, n.parents, n.saved, n.static = op, (p,), keep((a, out, None)), NO_STATIC
                n.shape, n.dtype, n.order = out.shape, out.dtype, tick()
                frame = _getframe(1)
                code = frame.f_code
                outside = _ours.get(code.co_filename) is False
                n.where = (code, frame.f_lasti) if outside else user_frame(frame)
                n.index = n.hooks = n.tensor = None
            else:
                t._cut = x._cut
        else:
            t._cut = mode.cut
        return t

    call.__name__ = op.name
    return call


_constants: dict[Any, Any] = {}


def constant(value: Any, dtype: Any) -> Array:
    """A Python number as a 0-d array, kept for the next time."""
    key = (value, dtype)
    known = _constants.get(key)
    if known is None:
        known = asarray(value, dtype)
        if value and value == value:  # not for zeros (0.0 and -0.0 are one key) and nan
            if len(_constants) >= 1024:
                _constants.clear()
            _constants[key] = known
    return known


def binary(op: type[base.Op], swap: bool = False, floats_only: bool = False, **static: Any) -> Any:
    """`apply(op, x, y)` (or y, x) for an elementwise op: Tensors of one dtype, or a Python number.

    A number becomes a 0-d array, which NumPy takes 0.35 us faster; else asks `apply`.
    """
    raw, keep = (functools.partial(op.raw, **static) if static else op.raw), op.keep
    static = static or NO_STATIC

    def call(x: Any, y: Any) -> Any:
        a = x._array
        dtype = a.dtype
        if isinstance(y, Tensor):
            b, q = y._array, y._node
            if dtype is not b.dtype or (floats_only and dtype.kind not in "fc"):
                return general(x, y)
        elif (dtype is FLOAT32 or dtype is FLOAT64) and (type(y) is float or type(y) is int):
            b, q = constant(y, dtype), None
        else:
            return general(x, y)
        try:
            out = raw(b, a) if swap else raw(a, b)
        except Exception:
            return general(x, y)
        if observe is not None:
            both = ((y, x), [b, a]) if swap else ((x, y), [a, b])
            return watched(op, *both, out, static)
        if type(out) is not ndarray:
            out = asarray(out)
        t = new(Tensor)
        t._array = out
        if mode.recording:
            p = x._node
            if p is not None:
                mask = 1 if q is None else 3
            elif q is not None:
                mask = 2
            else:
                t._cut = x._cut or getattr(y, "_cut", None)
                return t
            t._node = n = new(Node)  # Node(...) without the call: 0.3 us less
            if swap:
                n.saved = keep[(0, 2, 1, 3)[mask]]((b, a, out, None))
                n.parents = (q, p)
            else:
                n.saved = keep[mask]((a, b, out, None))
                n.parents = (p, q)
            n.op, n.static, n.order = op, static, tick()
            n.shape, n.dtype = out.shape, out.dtype
            frame = _getframe(1)
            code = frame.f_code
            outside = _ours.get(code.co_filename) is False
            n.where = (code, frame.f_lasti) if outside else user_frame(frame)
            n.index = n.hooks = n.tensor = None
        else:
            t._cut = mode.cut
        return t

    def general(x: Any, y: Any) -> Any:
        if not isinstance(y, (Tensor, int, float, complex, np.generic, np.ndarray)):
            return NotImplemented
        return apply(op, y, x, **static) if swap else apply(op, x, y, **static)

    call.__name__ = op.name
    return call
