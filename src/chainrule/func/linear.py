"""Linear parts of functions, and functions made ready to be transformed."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import chainrule as torch
from chainrule.errors import ArgumentError, ShapeError
from chainrule.func.derivatives import each, tensors, watched


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """A function's value at a point, and its derivative there: a linear function of tangents.

    The function is computed once; each call of the derivative costs two passes over the record.

    >>> import chainrule as torch
    >>> value, derivative = torch.func.linearize(lambda x: x ** 2, torch.tensor(3.))
    >>> value, derivative(torch.tensor(1.)), derivative(torch.tensor(10.))
    (tensor(9.), tensor(6.), tensor(60.))
    """
    with torch.enable_grad():
        given = each(list(primals), watched)
        out = func(*given)
        at, outs = tensors(given), tensors(out)
        known = [o for o in outs if o.requires_grad]
        seeds = [torch.zeros_like(o).requires_grad_() for o in known]
        rows = torch.autograd.grad(known, at, seeds, create_graph=True, allow_unused=True)

    def derivative(*tangents: Any) -> Any:
        moved = tensors(list(tangents))
        if len(moved) != len(at):
            raise ArgumentError(f"expected {len(at)} tangents, got {len(moved)}",
                                fix="Give one per tensor of the primals.")  # fmt: skip
        used = [(r, t) for r, t in zip(rows, moved, strict=True)
                if r is not None and r.requires_grad]  # fmt: skip
        found: Any = iter(())
        if used:
            found = iter(torch.autograd.grad([r for r, _ in used], seeds, [t for _, t in used],
                                             retain_graph=True, allow_unused=True))  # fmt: skip

        def tangent(o: Any) -> Any:
            t = next(found, None) if o.requires_grad else None
            return torch.zeros_like(o) if t is None else t

        return each(out, tangent)

    return each(out, lambda t: t.detach()), derivative


def functionalize(func: Callable[..., Any], *, remove: str = "mutations") -> Callable[..., Any]:
    """The function itself: transformations here read in-place writes from the record.

    >>> import chainrule as torch
    >>> torch.func.functionalize(lambda x: x.clone().add_(1))(torch.tensor(1.))
    tensor(2.)
    """
    if remove not in ("mutations", "mutations_and_views"):
        raise ArgumentError(
            "functionalize(f, remove='mutations'): Valid options for inputs are: "
            f"remove='mutations' and remove='mutations_and_views'. Got remove={remove}"
        )

    @functools.wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return wrapped


def replace_all_batch_norm_modules_(root: Any) -> Any:
    """Let the batch norms in a module keep no running statistics, in place.

    >>> import chainrule as torch
    >>> net = torch.func.replace_all_batch_norm_modules_(torch.nn.BatchNorm1d(2))
    >>> net.running_mean is None
    True
    """
    for module in root.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.running_mean = module.running_var = None
            module.num_batches_tracked = None
            module.track_running_stats = False
    return root


TOKEN = re.compile(r"[()]|\.\.\.|\w+")


def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """Transpose, merge and split dimensions as a pattern says: "b c h w -> b (c h) w".

    Shapes: the names on the left are the tensor's dimensions, brackets stand for one dimension
    made of several, `...` for all that are not named and 1 for a dimension of size 1; the right
    side says how they lie in the result.  Sizes inside brackets come from `axes_lengths` where
    they cannot be told.

    >>> import chainrule as torch
    >>> torch.func.rearrange(torch.arange(6).view(2, 3), "a b -> b a").tolist()
    [[0, 3], [1, 4], [2, 5]]
    >>> torch.func.rearrange(torch.zeros(2, 12), "b (h w) -> b h w", h=3).shape
    torch.Size([2, 3, 4])
    """
    if isinstance(tensor, (list, tuple)):
        tensor = torch.stack(list(tensor))
    left, arrow, right = pattern.partition("->")
    if not arrow:
        raise ArgumentError(f"rearrange: no '->' in the pattern {pattern!r}")
    source, target = groups(left), groups(right)
    extra = tensor.ndim - len([g for g in source if g != ["..."]])
    if extra < 0 or (extra and ["..."] not in source):
        raise ShapeError(f"rearrange: the pattern {pattern!r} is not of {tensor.ndim} dimensions",
                         [("tensor", tensor)])  # fmt: skip
    hidden = [f"...{i}" for i in range(extra)]
    sizes = dict(axes_lengths)
    names: list[str] = []
    expanded: list[list[str]] = []
    for group in source:
        expanded += [[h] for h in hidden] if group == ["..."] else [group]
    for group, n in zip(expanded, tensor.shape, strict=True):
        unknown = [name for name in group if name not in sizes]
        known = 1
        for name in group:
            known *= sizes.get(name, 1)
        if len(unknown) > 1 or n % max(known, 1) or (not unknown and known != n):
            raise ShapeError(f"rearrange: {group} does not make a dimension of size {n}",
                             [("tensor", tensor)], fix="Give sizes: h=3.")  # fmt: skip
        for name in unknown:
            sizes[name] = n // known
        names += group
    out: list[list[str]] = []
    for group in target:
        flat = [h for name in group for h in (hidden if name == "..." else [name])]
        out += [[h] for h in hidden] if group == ["..."] else [flat]
    order = [name for group in out for name in group]
    if sorted(order) != sorted(names):
        raise ArgumentError(f"rearrange: the sides of {pattern!r} do not name the same dimensions")
    split = tensor.reshape([sizes[name] for name in names])
    moved = split.permute([names.index(name) for name in order])
    shape = []
    for group in out:
        n = 1
        for name in group:
            n *= sizes[name]
        shape.append(n)
    return moved.reshape(shape)


def groups(side: str) -> list[list[str]]:
    """One side of a pattern: a list of names per dimension; a 1 is a group without names."""
    found: list[list[str]] = []
    inside: list[str] | None = None
    for token in TOKEN.findall(side):
        if token == "(":
            inside = []
        elif token == ")":
            found.append(inside or [])
            inside = None
        elif inside is not None:
            inside += [] if token == "1" else [token]
        else:
            found.append([] if token == "1" else [token])
    return found
