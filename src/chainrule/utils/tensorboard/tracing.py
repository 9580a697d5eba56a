"""The graph of a model for TensorBoard: what one call applies to what, grouped by module."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.autograd import record
from chainrule.utils.tensorboard.messages import graph, graph_node


def traced(model: Any, inputs: Any) -> bytes:
    """Call a module, and write down every operation with the values it reads."""
    args = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
    nodes: list[bytes] = []
    names: dict[int, str] = {}  # of arrays
    kept: list[Any] = []  # so that no two arrays have one id
    scopes: list[str] = [model._get_name()]
    counts: dict[str, int] = {}

    def named(base: str) -> str:
        counts[base] = counts.get(base, 0) + 1
        return base if counts[base] == 1 else f"{base}_{counts[base] - 1}"

    def enter(array: Any, name: str, op: str, reads: list[str], note: str = "") -> None:
        names[id(array)] = name
        kept.append(array)
        nodes.append(graph_node(name, op, reads, getattr(array, "shape", None), note))

    for i, x in enumerate(args):
        if isinstance(x, torch.Tensor):
            enter(x._array, f"input/{i}", "IO Node", [])
    members = [*model.named_parameters(), *model.named_buffers()]
    for name, x in members:
        path = "/".join([scopes[0], *name.split(".")])
        enter(x._array, path, "Parameter", [], "requires_grad" if x.requires_grad else "")

    def watch(op: Any, operands: Any, arrays: Any, out: Any, static: Any) -> None:
        if before is not None:
            before(op, operands, arrays, out, static)
        flat = [b for a in arrays for b in (a if type(a) is tuple else (a,))]
        reads = [names[id(a)] for a in flat if id(a) in names]
        note = ", ".join(f"{k}={v}" for k, v in static.items())
        name = named("/".join([*scopes, op.name]))
        for i, result in enumerate(out if type(out) is tuple else (out,)):
            own = name if i == 0 else f"{name}:{i}"
            enter(result, own, f"aten::{op.name}", reads if i == 0 else [name], note)

    handles = []
    for path, module in model.named_modules():
        if path:
            part = path.rpartition(".")[2]
            handles.append(module.register_forward_pre_hook(
                lambda m, a, part=part: scopes.append(f"{m._get_name()}[{part}]")))  # fmt: skip
            handles.append(
                module.register_forward_hook(
                    lambda m, a, o: scopes.pop() and None, always_call=True
                )
            )
    before, record.observe = record.observe, watch
    try:
        out = model(*args)
    finally:
        record.observe = before
        for handle in handles:
            handle.remove()
    for i, x in enumerate(out if isinstance(out, (tuple, list)) else (out,)):
        if isinstance(x, torch.Tensor) and id(x._array) in names:
            nodes.append(graph_node(f"output/{i}", "IO Node", [names[id(x._array)]]))
    return graph(nodes)
