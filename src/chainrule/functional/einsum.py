"""einsum: sums of products over named axes, done with reshapes and matrix products.

Each operand is first brought to one axis per letter (diagonals taken, ellipses spelled out); then
pairs are contracted, cheapest result first, by one batched matrix product each.  All steps are
recorded ops, so derivatives of any order follow.
"""

from __future__ import annotations

from typing import Any

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.functional.linalg import product, reshaped, total
from chainrule.ops.arithmetic import Multiply
from chainrule.ops.base import REGISTRY
from chainrule.ops.shape import PermuteDims
from chainrule.tensor import Tensor

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
Axes = tuple[Any, ...]  # a label per axis: a letter, or (position from the right,) in an ellipsis


def einsum(*args: Any) -> Tensor:
    """Sum products of elements over the letters that are missing on the right of the arrow.

    Args:
        equation: axes of each operand as letters, "ij,jk->ik"; a letter twice in one operand takes
            a diagonal, "..." stands for further axes, which broadcast.  Without an arrow the
            letters that occur once are kept, in alphabetical order.
        operands: the tensors, or one list of them.

    `einsum(x, [0, 1], y, [1, 2], [0, 2])` names the axes by numbers instead.

    Shapes: one size per letter, or 1.
    Gradient: for each operand, an einsum of g with the other operands.
    Errors: sizes of one letter that differ; letters on the right that are not on the left.

    >>> import chainrule as torch
    >>> a = torch.tensor([[1., 2.], [3., 4.]])
    >>> torch.einsum("ij,kj->ik", a, a)
    tensor([[ 5., 11.],
            [11., 25.]])
    >>> torch.einsum("ii", a)
    tensor(5.)
    """
    if not args:
        raise ArgumentError("einsum(): must specify the equation string and at least one operand")
    if isinstance(args[0], Tensor):
        operands, inputs, output = from_lists(args)
    else:
        given = args[1:]
        if len(given) == 1 and isinstance(given[0], (list, tuple)):
            given = tuple(given[0])
        operands = list(given)
        if not operands:
            raise ArgumentError("einsum(): must provide at least one operand")
        inputs, output = from_string(args[0], len(operands))
    first = operands[0]
    for i, x in enumerate(operands):
        if x._array.dtype != first._array.dtype:
            raise DtypeError(
                "einsum(): operands must have the same dtype",
                [("operands[0]", first), (f"operands[{i}]", x)],
            )
    return contract(operands, inputs, output)  # type: ignore[no-any-return]


EXPORTS["einsum"] = einsum


def parse(term: str, what: str) -> list[str]:
    """The labels in one operand's part of the equation."""
    labels: list[str] = []
    i = 0
    while i < len(term):
        c = term[i]
        if c == ".":
            if term[i : i + 3] != "..." or "..." in labels:
                raise ArgumentError(
                    f"einsum(): found '.' for {what} that is not part of any ellipsis"
                    if term[i : i + 3] != "..."
                    else f"einsum(): found '.' for {what} for which an ellipsis was already found"
                )
            labels.append("...")
            i += 3
            continue
        if c not in LETTERS:
            raise ArgumentError(
                f"einsum(): invalid subscript given at index {i} in the equation string, "
                "subscripts must be in [a-zA-Z]",
                [("subscript", c)],
            )
        labels.append(c)
        i += 1
    return labels


def from_string(equation: str, count: int) -> tuple[list[list[str]], list[str] | None]:
    """The labels of all operands and of the result (None: implicit)."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != count:
        fewer = "fewer" if count < len(terms) else "more"
        raise ArgumentError(
            f"einsum(): {fewer} operands were provided than specified in the equation",
            [("equation", equation)],
        )
    inputs = [parse(t, f"operand {i}") for i, t in enumerate(terms)]
    return inputs, parse(right, "the output") if arrow else None


def from_lists(args: Any) -> tuple[list[Any], list[list[str]], list[str] | None]:
    """The same from alternating operands and lists of numbers."""

    def labels(numbers: Any) -> list[str]:
        out = []
        for n in numbers:
            if n is Ellipsis:
                out.append("...")
            elif 0 <= n < 52:
                out.append(LETTERS[n])
            else:
                raise ArgumentError(
                    f"einsum(): subscripts must be in the range [0, 52), but got {n}"
                )
        return out

    pairs = len(args) // 2
    operands = list(args[0 : 2 * pairs : 2])
    inputs = [labels(a) for a in args[1 : 2 * pairs : 2]]
    return operands, inputs, labels(args[-1]) if len(args) % 2 else None


def contract(operands: list[Any], inputs: list[list[str]], output: list[str] | None) -> Any:
    """Bring operands to one axis per label, contract pair by pair, order the result."""
    sizes: dict[Any, int] = {}
    terms: list[tuple[Any, Axes]] = []
    for i, (x, labels) in enumerate(zip(operands, inputs, strict=True)):
        terms.append(one_axis_per_label(x, spelled(x, labels, i), sizes, i))
    ellipsis: Axes = tuple(sorted((a for a in sizes if type(a) is tuple), reverse=True))
    if output is None:
        seen = [a for labels in inputs for a in labels if a != "..."]
        result: Axes = (*ellipsis, *sorted(a for a in set(seen) if seen.count(a) == 1))
    else:
        for a in output:
            if a != "..." and a not in sizes:
                raise ArgumentError(
                    f"einsum(): output subscript {a} does not appear in the equation for any "
                    "input operand"
                )
            if a != "..." and output.count(a) > 1:
                raise ArgumentError(
                    f"einsum(): output subscript {a} appears more than once in the output"
                )
        result = tuple(b for a in output for b in (ellipsis if a == "..." else (a,)))
    while len(terms) > 1:
        i, j = cheapest(terms, result, sizes) if len(terms) > 2 else (0, 1)
        rest = [t for k, t in enumerate(terms) if k not in (i, j)]
        wanted = {*result, *(a for _, labels in rest for a in labels)}
        terms = [*rest, pair(terms[i], terms[j], wanted)]
    x, labels = summed(*terms[0], set(result))
    order = tuple(labels.index(a) for a in result)
    if order == tuple(range(len(order))):
        return x
    return apply(PermuteDims, x, axes=order)


def spelled(x: Any, labels: list[str], i: int) -> list[Any]:
    """The labels with an ellipsis spelled out, one per axis."""
    ndim = x._array.ndim
    named = len(labels) - labels.count("...")
    if ("..." not in labels and named != ndim) or named > ndim:
        tail = "" if "..." in labels else " and no ellipsis was given"
        raise ShapeError(
            f"einsum(): the number of subscripts in the equation ({named}) "
            f"{'is more than' if '...' in labels else 'does not match'} the number of dimensions "
            f"({ndim}) for operand {i}{tail}",
            [(f"operands[{i}]", x)],
        )
    extra = ndim - named
    return [b for a in labels for b in ([(extra - k,) for k in range(extra)]
                                        if a == "..." else [a])]  # fmt: skip


def one_axis_per_label(x: Any, labels: list[Any], sizes: dict[Any, int], i: int) -> Any:
    """Take diagonals for repeated labels, check sizes, drop axes of size 1 that broadcast."""
    for a in dict.fromkeys(labels):
        while labels.count(a) > 1:
            one = labels.index(a)
            two = labels.index(a, one + 1)
            shape = x._array.shape
            if shape[one] != shape[two]:
                raise ShapeError(
                    f"einsum(): subscript {a} is repeated for operand {i} but the sizes don't "
                    f"match, {shape[two]} != {shape[one]}",
                    [(f"operands[{i}]", x)],
                )
            x = apply(REGISTRY["diagonal"], x, offset=0, axis1=one, axis2=two)
            labels = [b for k, b in enumerate(labels) if k not in (one, two)] + [a]
    shape = x._array.shape
    for a, n in zip(labels, shape, strict=True):
        known = sizes.get(a, 1)
        if known != 1 and n not in (1, known):
            raise ShapeError(
                f"einsum(): subscript {a if type(a) is str else '...'} has size {n} for operand "
                f"{i} which does not broadcast with previously seen size {known}",
                [(f"operands[{i}]", x)],
            )
        sizes[a] = known if n == 1 else n
    return x, tuple(labels)


def summed(x: Any, labels: Axes, wanted: set[Any]) -> tuple[Any, Axes]:
    """Sum over the axes whose labels are not wanted."""
    gone = tuple(k for k, a in enumerate(labels) if a not in wanted)
    if gone:
        x = total(x, *gone)
    return x, tuple(a for a in labels if a in wanted)


def cheapest(terms: list[Any], result: Axes, sizes: dict[Any, int]) -> tuple[int, int]:
    """The pair whose product adds least to memory: smallest result, less what it replaces."""
    best: Any = None
    for j in range(len(terms)):
        for i in range(j):
            others = {a for k, (_, ls) in enumerate(terms) if k not in (i, j) for a in ls}
            union = {*terms[i][1], *terms[j][1]}
            kept = [sizes[a] for a in union if a in others or a in result]
            gain = spec.size_of(kept) - terms[i][0]._array.size - terms[j][0]._array.size
            key = (gain, spec.size_of([sizes[a] for a in union]))
            if best is None or key < best[0]:
                best = (key, (i, j))
    return best[1]  # type: ignore[no-any-return]


def pair(one: tuple[Any, Axes], two: tuple[Any, Axes], wanted: set[Any]) -> tuple[Any, Axes]:
    """The product of two terms, summed over their common labels that are not wanted."""
    (x, a), (y, b) = summed(*one, wanted | set(two[1])), summed(*two, wanted | set(one[1]))
    (x, a), (y, b) = without_ones(x, a, b, y), without_ones(y, b, a, x)
    common = [k for k in a if k in b]
    batch = [k for k in common if k in wanted]
    inner = [k for k in common if k not in wanted]
    left, right = [k for k in a if k not in b], [k for k in b if k not in a]
    size_a = dict(zip(a, x._array.shape, strict=True))
    size_b = dict(zip(b, y._array.shape, strict=True))
    out = (*batch, *left, *right)
    shape = [size_a[k] if k in size_a else size_b[k] for k in out]
    if not inner and not (left and right):  # nothing to sum: a plain product
        x = arranged(x, a, [*batch, *left])
        y = arranged(y, b, [*batch, *right])
        if left:
            y = reshaped(y, *y._array.shape, *(1,) * len(left))
        elif right:
            x = reshaped(x, *x._array.shape, *(1,) * len(right))
        return apply(Multiply, x, y), out
    nb, nl = spec.size_of([size_a[k] for k in batch]), spec.size_of([size_a[k] for k in left])
    nr, ni = spec.size_of([size_b[k] for k in right]), spec.size_of([size_a[k] for k in inner])
    x = arranged(x, a, [*batch, *left, *inner])
    y = arranged(y, b, [*batch, *inner, *right])
    if batch:
        z = product(reshaped(x, nb, nl, ni), reshaped(y, nb, ni, nr))
    else:
        z = product(reshaped(x, nl, ni), reshaped(y, ni, nr))
    return reshaped(z, *shape), out


def without_ones(x: Any, a: Axes, b: Axes, y: Any) -> tuple[Any, Axes]:
    """`x` without axes of size 1 that `y` has at another size: they only broadcast."""
    other = dict(zip(b, y._array.shape, strict=True))
    shape = x._array.shape
    kept = [i for i, k in enumerate(a) if not (shape[i] == 1 and other.get(k, 1) != 1)]
    if len(kept) == len(a):
        return x, a
    return reshaped(x, *(shape[i] for i in kept)), tuple(a[i] for i in kept)


def arranged(x: Any, labels: Axes, wanted: list[Any]) -> Any:
    """`x` with its axes in the wanted order."""
    axes = tuple(labels.index(k) for k in wanted)
    return x if axes == tuple(range(len(axes))) else apply(PermuteDims, x, axes=axes)
