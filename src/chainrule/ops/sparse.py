"""Products of a sparse and a dense matrix.

Where the entries stand is metadata (a `Pattern`), their values are an array like any other: so
the product is bilinear in values and dense matrix, and differentiates into itself.
"""

from __future__ import annotations

from typing import Any

from chainrule.errors import ShapeError
from chainrule.ops.base import Bilinear, Linear
from chainrule.spec import Spec

Array = Any


class SparseMatmul(Bilinear):
    """out = A @ y, A having the values x at `pattern`.

    dL/dx[k] = g[row[k]] · y[column[k]].   dL/dy = A.T @ g.
    """

    name, inputs, promotes = "sparse_matmul", ("x", "y"), "same"
    grad_name = "SparseAddmm"

    @staticmethod
    def spec(x: Spec, y: Spec, *, pattern: Any) -> Spec:
        if len(y.shape) != 2 or y.shape[0] != pattern.shape[1]:
            raise ShapeError(
                f"mat1 and mat2 shapes cannot be multiplied ({pattern.shape[0]}x"
                f"{pattern.shape[1]} and {'x'.join(map(str, y.shape))})",
                fix="The dense matrix needs as many rows as the sparse one has columns.",
            )
        return Spec((pattern.shape[0], y.shape[1]), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array, *, pattern: Any) -> Array:
        return xp.sampled_products(g, y, pattern=pattern)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, *, pattern: Any) -> Array:
        return xp.sparse_matmul(x, g, pattern=pattern.t)


class SampledProducts(Bilinear):
    """out[k] = x[row[k]] · y[column[k]]: the entries of x @ y.T at `pattern`.

    dL/dx = G @ y and dL/dy = G.T @ x, G having the values g at `pattern`.
    """

    name, inputs, promotes = "sampled_products", ("x", "y"), "same"

    @staticmethod
    def spec(x: Spec, y: Spec, *, pattern: Any) -> Spec:
        if x.shape != (pattern.shape[0], x.shape[-1]) or y.shape != (
            pattern.shape[1],
            x.shape[-1],
        ):
            raise ShapeError("the pattern must have the shape of x @ y.T")
        return Spec((len(pattern.row),), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array, *, pattern: Any) -> Array:
        return xp.sparse_matmul(g, y, pattern=pattern)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, *, pattern: Any) -> Array:
        return xp.sparse_matmul(g, x, pattern=pattern.t)


class SparseEmbedding(Linear):
    """out[...] = weight[index[...]], with a gradient that holds the rows that were read only."""

    name, inputs, constant = "sparse_embedding", ("weight", "index"), ("index",)
    grad_name = "Embedding"

    @staticmethod
    def forward(xp: Any, weight: Array, index: Array, **how: Any) -> Array:
        return xp.embedding(weight, index, **how)

    @staticmethod
    def spec(weight: Spec, index: Spec, *, padding: int, by_count: bool) -> Spec:
        return Spec((*index.shape, *weight.shape[1:]), weight.dtype)

    @staticmethod
    def d_weight(
        xp: Any, g: Array, index: Array, weight_spec: Spec, *, padding: int, by_count: bool
    ) -> Any:
        rows = weight_spec.shape[0]
        return xp.sparse_rows(g, index, rows=rows, padding=padding, by_count=by_count)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, *, padding: int, by_count: bool) -> Array:
        return xp.embedding_rows(ts[0], values[1], padding=padding, by_count=by_count)


class SparseRows(Linear):
    """out = zeros with the rows of x added at `index`: the list of these rows over arrays, and the
    whole table when it is recorded.

    So only a gradient that is differentiated again is dense.
    """

    name, inputs, constant = "sparse_rows", ("x", "index"), ("index",)
    grad_name = "EmbeddingDense"

    @staticmethod
    def forward(xp: Any, x: Array, index: Array, **how: Any) -> Array:
        return xp.embedding_grad(x, index, **how)

    @staticmethod
    def spec(x: Spec, index: Spec, *, rows: int, padding: int, by_count: bool) -> Spec:
        return Spec((rows, *x.shape[index.ndim :]), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, index: Array, *, rows: int, padding: int, by_count: bool) -> Array:
        return xp.embedding_rows(g, index, padding=padding, by_count=by_count)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **how: Any) -> Array:
        return xp.embedding_grad(ts[0], values[1], **how)
