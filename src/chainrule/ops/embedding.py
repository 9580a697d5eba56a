"""Rows of a table by index, and the transpose: rows added into a table."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Linear
from chainrule.spec import Spec

Array = Any


class Embedding(Linear):
    """out[...] = weight[index[...]].   dL/dweight = g added at its rows, but not at `padding`.

    With `by_count`, each row's gradient is divided by how often the row occurs.
    """

    name, inputs, constant = "embedding", ("weight", "index"), ("index",)

    @staticmethod
    def spec(weight: Spec, index: Spec, *, padding: int, by_count: bool) -> Spec:
        return Spec((*index.shape, *weight.shape[1:]), weight.dtype)

    @staticmethod
    def d_weight(
        xp: Any, g: Array, index: Array, weight_spec: Spec, *, padding: int, by_count: bool
    ) -> Array:
        rows = weight_spec.shape[0]
        return xp.embedding_grad(g, index, rows=rows, padding=padding, by_count=by_count)

    @classmethod  # the transpose of the rule: a row without gradient does not move
    def tangent(cls, xp: Any, ts: Any, values: Any, *, padding: int, by_count: bool) -> Array:
        return xp.embedding_rows(ts[0], values[1], padding=padding, by_count=by_count)


class EmbeddingGrad(Linear):
    """out = zeros with each row of g added at its index; rows at `padding` are left out."""

    name, inputs, constant = "embedding_grad", ("x", "index"), ("index",)
    grad_name = "EmbeddingDense"

    @staticmethod
    def spec(x: Spec, index: Spec, *, rows: int, padding: int, by_count: bool) -> Spec:
        return Spec((rows, *x.shape[index.ndim :]), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, index: Array, *, rows: int, padding: int, by_count: bool) -> Array:
        return xp.embedding_rows(g, index, padding=padding, by_count=by_count)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **how: Any) -> Array:
        return xp.embedding_grad(ts[0], values[1], **how)


class EmbeddingRows(Linear):
    """out[...] = x[index[...]], 0 at `padding`, divided by counts if asked: the exact transpose."""

    name, inputs, constant = "embedding_rows", ("x", "index"), ("index",)

    @staticmethod
    def spec(x: Spec, index: Spec, *, padding: int, by_count: bool) -> Spec:
        return Spec((*index.shape, *x.shape[1:]), x.dtype)

    @staticmethod
    def d_x(
        xp: Any, g: Array, index: Array, x_spec: Spec, *, padding: int, by_count: bool
    ) -> Array:
        rows = x_spec.shape[0]
        return xp.embedding_grad(g, index, rows=rows, padding=padding, by_count=by_count)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **how: Any) -> Array:
        return xp.embedding_rows(ts[0], values[1], **how)
