"""Products added to something: addmm, addmv, addr, addbmm, baddbmm, and chains of products."""

from __future__ import annotations

import itertools
from typing import Any

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.border import EXPORTS, public, store
from chainrule.functional.linalg import (
    alike,
    bmm,
    mm,
    mv,
    product,
    rank,
    reshaped,
    total,
)
from chainrule.functional.tensor_products import outer
from chainrule.ops.arithmetic import Add, Multiply
from chainrule.tensor import Tensor


def scaled_sum(x: Any, y: Any, beta: Any, alpha: Any) -> Any:
    """beta * x + alpha * y in the shape of y; x is not looked at if beta is 0."""
    shape = y._array.shape
    if y._array.dtype.kind in "iu":
        beta, alpha = int(beta), int(alpha)
    elif y._array.dtype.kind == "b":
        beta, alpha = bool(beta), bool(alpha)
    if alpha != 1:
        y = apply(Multiply, y, alpha)
    if x._array.shape != shape:
        try:
            fits = spec.broadcast_shapes(x._array.shape, shape) == shape
        except ShapeError:
            fits = False
        if not fits:
            raise ShapeError(
                f"The expanded size of the tensor {shape} must match the existing size "
                f"{tuple(x._array.shape)} at non-singleton dimensions.  Target sizes: "
                f"{list(shape)}.  Tensor sizes: {list(x._array.shape)}",
                [("input", x)],
            )
    if beta == 0:
        return y
    if beta != 1:
        x = apply(Multiply, x, beta)
    return apply(Add, x, y)


@public(inplace=True)
def addmm(
    input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1, out_dtype: Any = None
) -> Tensor:
    """`beta * input + alpha * (mat1 @ mat2)`.  With beta = 0, `input` is ignored, NaN and all.

    Shapes: (n, k) @ (k, m); `input` broadcasts to (n, m).
    Gradient: beta g for `input`, alpha g y' and alpha x' g for the matrices.

    >>> import chainrule as torch
    >>> torch.addmm(torch.zeros(2), torch.eye(2), torch.ones(2, 2), alpha=3)
    tensor([[3., 3.],
            [3., 3.]])
    """
    alike(input, mat1, "self and mat1 must have the same dtype, but got {}")
    return scaled_sum(input, mm(mat1, mat2), beta, alpha)  # type: ignore[no-any-return]


@public(inplace=True)
def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * (mat @ vec)`.  With beta = 0, `input` is ignored.

    Shapes: (n, k) @ (k); `input` broadcasts to (n).
    Gradient: beta g for `input`, alpha times that of mv for the others.

    >>> import chainrule as torch
    >>> torch.addmv(torch.ones(2), torch.eye(2), torch.tensor([1., 2.]))
    tensor([2., 3.])
    """
    alike(input, mat, "addmv input tensors must have the same dtype, but got {}")
    return scaled_sum(input, mv(mat, vec), beta, alpha)  # type: ignore[no-any-return]


@public(inplace=True)
def addr(input: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * outer(vec1, vec2)`.  With beta = 0, `input` is ignored.

    Shapes: (n) and (m); `input` broadcasts to (n, m).
    Gradient: beta g for `input`, alpha times that of outer for the vectors.

    >>> import chainrule as torch
    >>> torch.addr(torch.ones(2, 2), torch.tensor([1., 2.]), torch.tensor([1., 0.]))
    tensor([[2., 1.],
            [3., 1.]])
    """
    return scaled_sum(input, outer(vec1, vec2), beta, alpha)  # type: ignore[no-any-return]


@public(inplace=True)
def baddbmm(
    input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1, out_dtype: Any = None
) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)` for stacks.  With beta = 0, `input` is ignored.

    Shapes: (b, n, k) @ (b, k, m); `input` broadcasts to (b, n, m).
    Gradient: beta g for `input`, alpha times that of bmm for the stacks.

    >>> import chainrule as torch
    >>> torch.baddbmm(torch.ones(1), torch.ones(1, 1, 2), torch.ones(1, 2, 1))
    tensor([[[3.]]])
    """
    alike(input, batch1, "Input dtypes must be the same, got: {}")
    return scaled_sum(input, bmm(batch1, batch2), beta, alpha)  # type: ignore[no-any-return]


@public(inplace=True)
def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * sum of batch1[i] @ batch2[i]`.  With beta = 0, `input` is ignored.

    Shapes: (b, n, k) @ (b, k, m); `input` broadcasts to (n, m).
    Gradient: beta g for `input`, alpha times that of bmm, the same g for each i, for the stacks.

    >>> import chainrule as torch
    >>> torch.addbmm(torch.zeros(1), torch.ones(3, 1, 2), torch.ones(3, 2, 1))
    tensor([[6.]])
    """
    alike(input, batch1, "Input dtypes must be the same, got: {}")
    return scaled_sum(input, total(bmm(batch1, batch2), 0), beta, alpha)  # type: ignore[no-any-return]


def chain_order(sizes: list[int]) -> list[list[int]]:
    """Where to split each chain of matrices so that multiplying takes the fewest operations."""
    n = len(sizes) - 1
    cost = [[0] * n for _ in range(n)]
    split = [[0] * n for _ in range(n)]
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            costs = {
                k: cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                for k in range(i, j)
            }
            split[i][j] = min(costs, key=costs.__getitem__)
            cost[i][j] = costs[split[i][j]]
    return split


def multi_dot(tensors: Any, *, out: Any = None) -> Tensor:
    """The product of several matrices, in the order that takes the fewest operations.

    Shapes: (n, k), (k, l), ..., the first and last may be vectors.
    Gradient: that of the products.

    >>> import chainrule as torch
    >>> torch.linalg.multi_dot([torch.ones(2, 3), torch.ones(3, 4), torch.ones(4)])
    tensor([12., 12.])
    """
    tensors = list(tensors)
    if len(tensors) < 2:
        raise ArgumentError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    last = len(tensors) - 1
    for i, t in enumerate(tensors):
        ndim = t._array.ndim
        if ndim != 2 and not (ndim == 1 and i in (0, last)):
            where = {
                0: "the first tensor must be 1D or 2D",
                last: "the last tensor must be 1D or 2D",
            }
            rule = where.get(i, f"tensor {i} must be 2D")
            raise ShapeError(f"multi_dot(): {rule} but got {ndim}D", [(f"tensors[{i}]", t)])
    row, column = tensors[0]._array.ndim == 1, tensors[last]._array.ndim == 1
    if row:
        tensors[0] = reshaped(tensors[0], 1, tensors[0]._array.size)
    if column:
        tensors[last] = reshaped(tensors[last], tensors[last]._array.size, 1)
    for i, (x, y) in enumerate(itertools.pairwise(tensors)):
        if x._array.shape[1] != y._array.shape[0]:
            raise ShapeError(
                f"multi_dot(): tensors {i} and {i + 1} with shapes {list(x._array.shape)} and "
                f"{list(y._array.shape)} cannot be multiplied",
                [(f"tensors[{i}]", x), (f"tensors[{i + 1}]", y)],
            )
        alike(x, y, "multi_dot(): all tensors must have the same dtype, but got: {}")
    split = chain_order([t._array.shape[0] for t in tensors] + [tensors[last]._array.shape[1]])
    todo: list[tuple[int, int, bool]] = [(0, last, False)]
    values: list[Any] = []
    while todo:  # post-order, without recursion
        i, j, ready = todo.pop()
        if i == j:
            values.append(tensors[i])
        elif ready:
            right, left = values.pop(), values.pop()
            values.append(product(left, right))
        else:
            k = split[i][j]
            todo += [(i, j, True), (k + 1, j, False), (i, k, False)]
    result = values[0]
    n, m = result._array.shape
    if row or column:
        result = reshaped(result, *([] if row else [n]), *([] if column else [m]))
    return result if out is None else store(result, out)  # type: ignore[no-any-return]


def chain_matmul(*matrices: Any, out: Any = None) -> Tensor:
    """The product of several matrices; the older name of `torch.linalg.multi_dot`.

    Shapes: (n, k), (k, l), ...
    Gradient: that of the products.

    >>> import chainrule as torch
    >>> torch.chain_matmul(torch.ones(1, 3), torch.ones(3, 1))
    tensor([[3.]])
    """
    if len(matrices) == 1 and isinstance(matrices[0], (list, tuple)):
        matrices = tuple(matrices[0])
    if not matrices:
        raise ArgumentError("chain_matmul(): Expected one or more matrices")
    for i, t in enumerate(matrices):
        rank(t, 2, f"Tensor dimension is {getattr(t, 'ndim', 0)}, expected 2 instead (number {i})")
    if len(matrices) == 1:
        return matrices[0]  # type: ignore[no-any-return]
    return multi_dot(matrices, out=out)


EXPORTS["chain_matmul"] = chain_matmul
