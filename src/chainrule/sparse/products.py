"""Matrix products with sparse operands."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.autograd.record import apply
from chainrule.backend.numpy_sparse import Pattern
from chainrule.errors import ArgumentError, ShapeError
from chainrule.ops.sparse import SampledProducts, SparseMatmul
from chainrule.sparse.arithmetic import add
from chainrule.sparse.construction import added_rows, coalesce, to_coo, to_dense, to_layout
from chainrule.sparse.tensor import (
    NAMES,
    CompressedTensor,
    CooTensor,
    SparseTensor,
    coo,
    coordinates,
)
from chainrule.tensor import Tensor, from_array


def check_sizes(a: Any, b: Any) -> None:
    """Raise unless the matrices a and b can be multiplied."""
    x, y = tuple(a.shape), tuple(b.shape)
    if len(x) != 2 or len(y) != 2 or x[1] != y[0]:
        raise ShapeError(
            f"mat1 and mat2 shapes cannot be multiplied ({'x'.join(map(str, x))} and "
            f"{'x'.join(map(str, y))})", [("mat1", a), ("mat2", b)],
        )  # fmt: skip


def sparse_times_dense(a: Any, b: Tensor) -> Tensor:
    """A dense matrix."""
    check_sizes(a, b)
    if isinstance(a, CompressedTensor) and NAMES[a._layout][1]:
        a = to_coo(a)
    return apply(SparseMatmul, a._v, b, pattern=a.pattern())  # type: ignore[no-any-return]


def dense_times_sparse(a: Tensor, b: Any) -> Tensor:
    """A dense matrix: (b.T @ a.T).T"""
    check_sizes(a, b)
    x = to_coo(b)
    return apply(SparseMatmul, x._v, a.t(), pattern=x.pattern().t).t()  # type: ignore[no-any-return]


def sparse_times_sparse(a: Any, b: Any) -> Any:
    """A sparse matrix: every entry of a meets the entries of b in the row it names.

    Gradient: at the entries of a and of b.
    """
    check_sizes(a, b)
    layout = a.layout
    x, y = coalesce(to_coo(a)), coalesce(to_coo(b))
    counts = np.bincount(y._i[0], minlength=y._size[0])
    starts = np.cumsum(counts) - counts
    each = counts[x._i[1]]
    left = np.repeat(np.arange(len(each)), each)
    within = np.arange(len(left)) - np.repeat(np.cumsum(each) - each, each)
    right = starts[x._i[1]][left] + within
    key = x._i[0][left] * b._size[1] + y._i[1][right]
    distinct, place = np.unique(key, return_inverse=True)
    terms = x._v[from_array(left)] * y._v[from_array(right)]
    size = (a._size[0], b._size[1])
    values = added_rows(terms, place.reshape(-1), len(distinct))
    return to_layout(coo(coordinates(distinct, size), values, size, True), layout)


def mm(input: Any, mat2: Any, reduce: str | None = None, *, out: Any = None) -> Any:
    """The product of two matrices, of which any may be sparse.

    Args:
        reduce: with a CSR matrix, "sum", "mean", "amax" or "amin" of the terms.

    Gradient: g @ mat2.T at the entries of a sparse input, input.T @ g for a dense mat2.

    >>> import chainrule as torch
    >>> torch.sparse.mm(torch.eye(2).to_sparse(), torch.tensor([[1., 2.], [3., 4.]]))
    tensor([[1., 2.],
            [3., 4.]])
    """
    if reduce is not None:
        return reduced_product(input, mat2, reduce)
    if isinstance(input, SparseTensor):
        if isinstance(mat2, SparseTensor):
            return sparse_times_sparse(input, mat2)
        return sparse_times_dense(input, mat2)
    if isinstance(mat2, SparseTensor):
        return dense_times_sparse(input, mat2)
    return input.mm(mat2)


def reduced_product(a: Any, b: Tensor, reduce: str) -> Tensor:
    """`mm` with another reduction than the sum, of the terms of each row."""
    if reduce not in ("sum", "mean", "amax", "amin"):
        raise ArgumentError("reduce argument must be one of 'sum', 'mean', 'amax' or 'amin', got "
                            f"{reduce!r}")  # fmt: skip
    check_sizes(a, b)
    if reduce == "sum":
        return sparse_times_dense(a, b)
    pattern, rows = a.pattern(), a._size[0]
    counts = np.bincount(pattern.row, minlength=rows)
    if reduce == "mean":
        scale = np.maximum(counts, 1).astype(b._array.dtype)[:, None]
        return sparse_times_dense(a, b) / from_array(scale)
    terms = a._v[:, None] * b[from_array(pattern.column)]
    place = from_array(np.broadcast_to(pattern.row[:, None], terms._array.shape))
    start = from_array(np.zeros((rows, b._array.shape[1]), terms._array.dtype))
    return start.scatter_reduce(0, place, terms, reduce, include_self=False)  # type: ignore[no-any-return]


def matmul(input: Any, other: Any) -> Any:
    """`mm` for matrices; a vector on either side becomes a matrix and back."""
    if input.ndim == 2 and other.ndim == 1:
        return mm(input, dense(other).unsqueeze(1)).squeeze(1)
    if input.ndim == 1 and other.ndim == 2:
        return mm(dense(input).unsqueeze(0), other).squeeze(0)
    if input.ndim == 3 and other.ndim == 3 and isinstance(input, SparseTensor):
        return bmm(input, other)
    return mm(input, other)


def dense(x: Any) -> Tensor:
    return to_dense(x) if isinstance(x, SparseTensor) else x


def mv(input: Any, vec: Any) -> Any:
    """A matrix times a vector."""
    return matmul(input, vec)


def bmm(input: CooTensor, mat2: Tensor) -> Tensor:
    """A batch of sparse matrices times a batch of dense ones: one block-diagonal product."""
    (b, n, m), k = input._size, mat2._array.shape[2]
    i = input._i
    pattern = Pattern(i[0] * n + i[1], i[0] * m + i[2], (b * n, b * m))
    out = apply(SparseMatmul, input._v, mat2.reshape(b * m, k), pattern=pattern)
    return out.reshape(b, n, k)  # type: ignore[no-any-return]


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1,
          out: Any = None) -> Any:  # fmt: skip
    """beta * input + alpha * (mat1 @ mat2), with mat1 or mat2 sparse.

    >>> import chainrule as torch
    >>> torch.sparse.addmm(torch.ones(2, 2), torch.eye(2).to_sparse(), torch.ones(2, 2))
    tensor([[2., 2.],
            [2., 2.]])
    """
    product = mm(mat1, mat2)
    if alpha != 1:
        product = product * alpha
    if beta == 0 and not isinstance(product, SparseTensor):
        return product
    base = input if beta == 1 else input * beta
    return add(base, product) if isinstance(product, SparseTensor) else base + product


def smm(input: Any, mat2: Tensor) -> Any:
    """The product of a sparse and a dense matrix, as a sparse one.

    >>> import chainrule as torch
    >>> torch.smm(torch.eye(2).to_sparse(), torch.ones(2, 1)).to_dense()
    tensor([[1.],
            [1.]])
    """
    return sspaddmm(coo(np.zeros((2, 0), np.int64), input._v[:0],
                        (input._size[0], mat2._array.shape[1]), True), input, mat2)  # fmt: skip


def sspaddmm(input: Any, mat1: Any, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1,
             out: Any = None) -> Any:  # fmt: skip
    """beta * input + alpha * (mat1 @ mat2), all but mat2 sparse, as a sparse matrix.

    >>> import chainrule as torch
    >>> x = torch.eye(2).to_sparse()
    >>> torch.sspaddmm(x, x, torch.ones(2, 2)).to_dense()
    tensor([[2., 1.],
            [1., 2.]])
    """
    check_sizes(mat1, mat2)
    product = sparse_times_dense(mat1, mat2) * alpha
    rows = np.unique(to_coo(mat1)._i[0])
    width = product._array.shape[1]
    index = np.stack([np.repeat(rows, width), np.tile(np.arange(width), len(rows))])
    values = product[from_array(index[0]), from_array(index[1])]
    head = input if beta == 1 else input * beta
    return into(add(head, coo(index.astype(np.int64), values, product._array.shape)), out)


def hspmm(mat1: Any, mat2: Tensor, *, out: Any = None) -> Any:
    """The product of a sparse and a dense matrix, sparse in its rows only.

    >>> import chainrule as torch
    >>> torch.hspmm(torch.eye(2).to_sparse(), torch.ones(2, 1)).indices()
    tensor([[0, 1]])
    """
    product = sparse_times_dense(mat1, mat2)
    rows = np.unique(to_coo(mat1)._i[0])
    return into(coo(rows.reshape(1, -1).astype(np.int64), product[from_array(rows)],
                    product._array.shape, True), out)  # fmt: skip


def into(result: Any, out: Any) -> Any:
    """A sparse result, or the sparse tensor given as `out=` with its entries."""
    if out is None:
        return result
    out._v, out._size, out._i = result._v, result._size, result._i
    return out


def sampled_addmm(input: Any, mat1: Tensor, mat2: Tensor, *, beta: Any = 1.0, alpha: Any = 1.0,
                  out: Any = None) -> Any:  # fmt: skip
    """alpha * (mat1 @ mat2) at the entries of `input`, plus beta times these.

    >>> import chainrule as torch
    >>> x = torch.eye(2).to_sparse_csr()
    >>> torch.sparse.sampled_addmm(x, torch.ones(2, 3), torch.ones(3, 2)).values()
    tensor([4., 4.])
    """
    if not isinstance(input, CompressedTensor) or input._layout is not dtypes.sparse_csr:
        raise ArgumentError("sampled_addmm: Expected self to be a CSR tensor",
                            [("input", input)], fix="Use .to_sparse_csr().")  # fmt: skip
    check_sizes(mat1, mat2)
    if (mat1._array.shape[0], mat2._array.shape[1]) != input._size:
        raise ShapeError("sampled_addmm: self.shape must be that of mat1 @ mat2",
                         [("input", input), ("mat1", mat1), ("mat2", mat2)])  # fmt: skip
    products = apply(SampledProducts, mat1, mat2.t(), pattern=input.pattern())
    if alpha != 1:
        products = products * alpha
    return input._with(products + input._v * beta if beta != 0 else products)


def spsolve(input: Any, other: Tensor, *, left: bool = True) -> Tensor:
    """The solution x of input @ x = other, with a sparse square matrix.

    >>> import chainrule as torch
    >>> torch.sparse.spsolve(torch.eye(2).to_sparse_csr(), torch.ones(2))
    tensor([1., 1.])
    """
    from chainrule import linalg

    matrix = to_dense(input)
    return linalg.solve(matrix if left else matrix.t(), other)


def linear(input: Any, weight: Tensor, bias: Tensor | None = None) -> Any:
    """input @ weight.T + bias for a sparse input."""
    product = mm(input, weight.t())
    return product if bias is None else product + bias
