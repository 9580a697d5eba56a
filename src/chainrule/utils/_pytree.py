"""Nested containers as a list of leaves and the structure around them."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from chainrule.errors import ArgumentError

PyTree = Any
REGISTERED: dict[type, tuple[Callable[..., Any], Callable[..., Any]]] = {}


@dataclass(frozen=True)
class TreeSpec:
    """The structure of a tree: the container's type, what it needs beside its children, these."""

    type: Any
    context: Any = None
    children_specs: list[TreeSpec] = field(default_factory=list)

    @property
    def num_leaves(self) -> int:
        """How many leaves a tree of this structure has."""
        if self.type is None:
            return 1
        return sum(child.num_leaves for child in self.children_specs)

    def is_leaf(self) -> bool:
        """Whether the tree is one leaf."""
        return self.type is None


LeafSpec = TreeSpec(None)


def split(tree: Any) -> tuple[Any, list[Any], Any] | None:
    """A container's type, children and context; None for a leaf."""
    kind = type(tree)
    if kind in REGISTERED:
        children, context = REGISTERED[kind][0](tree)
        return kind, list(children), context
    if kind in (list, tuple):
        return kind, list(tree), None
    if kind in (dict, OrderedDict):
        return kind, list(tree.values()), list(tree)
    if kind is defaultdict:
        return kind, list(tree.values()), (tree.default_factory, list(tree))
    if kind is deque:
        return kind, list(tree), tree.maxlen
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return kind, list(tree), None
    return None


def join(kind: Any, children: list[Any], context: Any) -> Any:
    """A container from its parts."""
    if kind in REGISTERED:
        return REGISTERED[kind][1](children, context)
    if kind in (list, tuple):
        return kind(children)
    if kind in (dict, OrderedDict):
        return kind(zip(context, children, strict=True))
    if kind is defaultdict:
        return defaultdict(context[0], zip(context[1], children, strict=True))
    if kind is deque:
        return deque(children, context)
    return kind(*children)


def tree_flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], Any]:
    """The leaves of nested containers, and their structure.

    >>> from chainrule.utils._pytree import tree_flatten, tree_unflatten
    >>> leaves, spec = tree_flatten({"a": 1, "b": [2, 3]})
    >>> leaves, tree_unflatten([x * 10 for x in leaves], spec)
    ([1, 2, 3], {'a': 10, 'b': [20, 30]})
    """
    parts = None if is_leaf is not None and is_leaf(tree) else split(tree)
    if parts is None:
        return [tree], LeafSpec
    kind, children, context = parts
    leaves: list[Any] = []
    specs = []
    for child in children:
        more, spec = tree_flatten(child, is_leaf)
        leaves += more
        specs.append(spec)
    return leaves, TreeSpec(kind, context, specs)


def tree_unflatten(leaves: Iterable[Any], treespec: Any) -> Any:
    """Containers of a structure around leaves.

    Errors: the number of leaves does not fit.
    """
    if isinstance(leaves, TreeSpec):
        leaves, treespec = treespec, leaves
    given = list(leaves)
    if len(given) != treespec.num_leaves:
        raise ArgumentError(f"tree_unflatten(leaves, treespec): `leaves` has length {len(given)} "
                            f"but the spec holds {treespec.num_leaves} leaves")  # fmt: skip
    return built(iter(given), treespec)


def built(leaves: Any, spec: TreeSpec) -> Any:
    if spec.type is None:
        return next(leaves)
    return join(spec.type, [built(leaves, s) for s in spec.children_specs], spec.context)


def tree_leaves(tree: Any, is_leaf: Any = None) -> list[Any]:
    """The leaves of nested containers."""
    return tree_flatten(tree, is_leaf)[0]


def tree_iter(tree: Any, is_leaf: Any = None) -> Any:
    """The leaves of nested containers, one by one."""
    return iter(tree_leaves(tree, is_leaf))


def tree_structure(tree: Any, is_leaf: Any = None) -> TreeSpec:
    """The structure of nested containers."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Any = None) -> Any:
    """Nested containers with a function applied to each leaf."""
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [tree_leaves(r, is_leaf) for r in rests]
    return tree_unflatten([func(*xs) for xs in zip(leaves, *others, strict=True)], spec)


def tree_map_(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Any = None) -> Any:
    """Call a function on each leaf; returns the tree."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def tree_map_only(kind: Any, func: Any, tree: Any = None, is_leaf: Any = None) -> Any:
    """`tree_map` for the leaves of a type (or several, or that a predicate takes)."""
    chosen = (lambda x: isinstance(x, kind)) if isinstance(kind, (type, tuple)) else kind
    return tree_map(lambda x: func(x) if chosen(x) else x, tree, is_leaf=is_leaf)


def tree_all(pred: Callable[[Any], bool], tree: Any, is_leaf: Any = None) -> bool:
    """Whether a predicate holds for all leaves."""
    return all(map(pred, tree_leaves(tree, is_leaf)))


def tree_any(pred: Callable[[Any], bool], tree: Any, is_leaf: Any = None) -> bool:
    """Whether a predicate holds for a leaf."""
    return any(map(pred, tree_leaves(tree, is_leaf)))


def register_pytree_node(cls: type, flatten_fn: Any, unflatten_fn: Any, **kwargs: Any) -> None:
    """Make a class a container: its children and context, and how to build it from them."""
    REGISTERED[cls] = (flatten_fn, unflatten_fn)


def tree_flatten_with_path(tree: Any, is_leaf: Any = None) -> tuple[list[Any], Any]:
    """Leaves with the keys that lead to them, and the structure."""
    pairs: list[Any] = []

    def walk(node: Any, path: tuple[Any, ...]) -> None:
        parts = None if is_leaf is not None and is_leaf(node) else split(node)
        if parts is None:
            pairs.append((path, node))
            return
        keys = list(node) if isinstance(node, dict) else range(len(parts[1]))
        for key, child in zip(keys, parts[1], strict=True):
            walk(child, (*path, key))

    walk(tree, ())
    return pairs, tree_structure(tree, is_leaf)
