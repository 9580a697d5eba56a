"""The graph: nodes, their order, and walks over them.  No calculus, no recursion.

A node is one op application, or a leaf (`op` is None).  Edges go node to node, so a node holds
no array that no rule reads.  Creation order is a topological order.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from operator import attrgetter
from types import CodeType, FrameType
from typing import Any

from chainrule.spec import DType, Shape

Where = tuple[CodeType, int]  # a place in the user's program: code and instruction offset

tick = itertools.count(1).__next__  # one clock for nodes and for writes into memory
by_order = attrgetter("order")


class Node:
    """One op application, or a leaf.

    Attributes:
        op: the op class; None for a leaf, which instead knows its `tensor` by weak reference.
        parents: the nodes of the inputs; None for an input without gradient.
        saved: what the rules read, in the order of the op's slots, or `Freed`.
        static: the op's metadata.
        shape, dtype: of the output.
        order: creation order.
        where: the line of the user's program that made it.
        index: which output of a multi-output parent this is; None otherwise.
        hooks: functions on the gradient of this output, or None.
        tensor: weak reference to the tensor that keeps `.grad`: a leaf, or `retain_grad()`.
    """

    __slots__ = (
        "__weakref__",
        "dtype",
        "hooks",
        "index",
        "op",
        "order",
        "parents",
        "saved",
        "shape",
        "static",
        "tensor",
        "where",
    )  # fmt: skip

    def __init__(
        self,
        op: Any,
        parents: tuple[Node | None, ...],
        saved: Any,
        static: dict[str, Any],
        shape: Shape,
        dtype: DType,
        where: Where | None = None,
    ) -> None:
        self.op, self.parents, self.saved, self.static = op, parents, saved, static
        self.shape, self.dtype, self.where = shape, dtype, where
        self.order = tick()
        self.index: int | None = None
        self.hooks: dict[int, Any] | None = None
        self.tensor: Any = None

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        n = 1
        for s in self.shape:
            n *= s
        return n

    def name(self) -> str:
        """torch's name of this node, such as MulBackward0."""
        return grad_name(self) if self.op is not None else "torch::autograd::AccumulateGrad"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes of the inputs, each with the number of the output it was."""
        own = self.parents[0] if self.op is Select else self
        assert own is not None
        found: list[tuple[Node | None, int]] = []
        for parent in own.parents:
            if parent is not None and parent.op is Select:
                found.append((shown(parent.parents[0]), parent.index or 0))
            else:
                found.append((shown(parent), 0))
        return tuple(found)

    @property
    def variable(self) -> Any:
        """A leaf's tensor."""
        if self.op is not None:
            raise AttributeError(f"{grad_name(self)} has no variable; only leaves have")
        return None if self.tensor is None else self.tensor()

    def __repr__(self) -> str:
        return f"<{grad_name(self)} object at {id(self):#x}>"


class Freed:
    """Stands in `Node.saved` once a backward pass has used and freed the values."""

    __slots__ = ("where",)

    def __init__(self, where: Where | None) -> None:
        self.where = where


class Select:
    """The op of an output of a multi-output op: it passes its gradient to its place there."""

    name = "select_output"
    grad_name = ""


def grad_name(node: Node) -> str:
    """torch's name of a node: MulBackward0."""
    if node.op is None:
        return "AccumulateGrad"
    op = node.parents[0].op if node.op is Select and node.parents[0] is not None else node.op
    namer = getattr(op, "node_name", None)
    if namer is not None:
        return str(namer(**node.static))
    if getattr(op, "is_function", False):
        number = ""
    else:  # torch numbers its variants: sums and means over some dimensions are the second
        number = "1" if getattr(op, "some_dimensions", False) and node.shape else "0"
    return f"{op.grad_name or op.__name__}Backward{number}"


def shown(node: Node | None) -> Node | None:
    """A node to be given to the user: `type(node)` has torch's name of it from now on."""
    if type(node) is Node:
        node.__class__ = class_named(grad_name(node))
    return node


@functools.cache
def class_named(name: str) -> type[Node]:
    """A class for nodes of one name; it adds nothing else."""
    return type(name, (Node,), {"__slots__": (), "__module__": Node.__module__})


def upstream(roots: Iterable[Node]) -> list[Node]:
    """All nodes that the roots depend on, roots included."""
    stack = list(dict.fromkeys(roots))
    seen = set(stack)
    for node in stack:  # the list grows while it is walked
        for parent in node.parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return stack


def backward_order(roots: Iterable[Node]) -> list[Node]:
    """Every node before its parents, as a stack: pop() gives the next one."""
    nodes = upstream(roots)
    nodes.sort(key=by_order)
    return nodes


def leading_to(nodes: list[Node], wanted: set[Node]) -> set[Node]:
    """Those of `nodes` (in creation order) from which a wanted node can be reached."""
    useful = set(wanted)
    for node in nodes:
        if node not in useful and any(p in useful for p in node.parents if p is not None):
            useful.add(node)
    return useful


_LIBRARY = __file__.rsplit("graph.py", 1)[0]


_ours: dict[str, bool] = {}  # by file name: is it part of chainrule?


def user_frame(frame: FrameType | None) -> Where | None:
    """The innermost place outside chainrule, seen from `frame`."""
    while frame is not None:
        code = frame.f_code
        name = code.co_filename
        mine = _ours.get(name)
        if mine is None:
            mine = _ours[name] = name.startswith(_LIBRARY)
        if not mine:
            return (code, frame.f_lasti)
        frame = frame.f_back
    return None


def line_of(where: Where | None) -> str:
    """'file.py:12' for a recorded place."""
    if where is None:
        return "an unknown line"
    code, lasti = where
    for start, end, line in code.co_lines():
        if start <= lasti < end and line is not None:
            return f"{code.co_filename}:{line}"
    return f"{code.co_filename}:{code.co_firstlineno}"
