"""The slow path of `record`: taken while an observer or hooks on saved values are set."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.autograd.mode import mode
from chainrule.tensor import Tensor, new


def watched(op: Any, inputs: Any, arrays: list[Any], out: Any, static: Any) -> Any:
    """The rest of `apply`, whatever way it was entered, while someone watches: the slow path."""
    from chainrule.autograd import record

    record.observe(op, inputs, arrays, out, static)
    if type(out) is tuple:
        results = record.record_many(op, inputs, arrays, out, static)
        made = next((r._node.parents[0] for r in results if r._node is not None), None)
        if mode.packing is not None and made is not None:
            mode.packing(made, inputs, arrays)
        return results
    t = new(Tensor)
    t._array = np.asarray(out)
    if mode.recording:
        parents = tuple([x._node if isinstance(x, Tensor) else None for x in inputs])
        if any(parents) and op.differentiable and t._array.dtype.kind in "fcV":
            t._node = record.make_node(op, parents, arrays, (t._array,), static)
            if mode.packing is not None:
                mode.packing(t._node, inputs, arrays)
        else:
            t._cut = record.why_cut(op, inputs, parents)
    else:
        t._cut = mode.cut
    if op.view:
        record.viewed(t, inputs[0], op, static)
    return t


class Packed:
    """Stands in `Node.saved` while `saved_tensors_hooks` keep the values in another form."""

    __slots__ = ("unpack", "values")

    def __init__(self, values: tuple[Any, ...], unpack: Any) -> None:
        self.values, self.unpack = values, unpack
