"""Attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.nn.functional.convolution import linear
from chainrule.nn.functional.dropout import dropout
from chainrule.ops.softmax import Softmax
from chainrule.tensor import Tensor, from_array


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None,
    dropout_p: float = 0.0, is_causal: bool = False, scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:  # fmt: skip
    """softmax(query @ key.T * scale + mask) @ value.

    Args:
        attn_mask: booleans that say what takes part, or numbers to add to the scores.
        is_causal: each query sees only keys up to its own place.
        scale: 1 / sqrt(E) if None.
        enable_gqa: fewer key and value heads, each shared by several query heads.

    Shapes: query (..., L, E), key (..., S, E), value (..., S, V); the result is (..., L, V).

    >>> import chainrule as torch
    >>> x = torch.eye(2).unsqueeze(0)
    >>> torch.nn.functional.scaled_dot_product_attention(x, x, x, is_causal=True)
    tensor([[[1.0000, 0.0000],
             [0.3302, 0.6698]]])
    """
    q, k, v = query._array, key._array, value._array
    if not q.dtype == k.dtype == v.dtype:
        raise ArgumentError("Expected query, key, and value to have the same dtype",
                            [("query", query), ("key", key), ("value", value)])  # fmt: skip
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ShapeError("Expected query, key, and value to all be at least 2 dimensional",
                         [("query", query), ("key", key), ("value", value)])  # fmt: skip
    if attn_mask is not None and is_causal:
        raise ArgumentError("Explicit attn_mask should not be set when is_causal=True")
    if enable_gqa:
        key, value = (t.repeat_interleave(q.shape[-3] // t._array.shape[-3], -3)
                      for t in (key, value))  # fmt: skip
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None and q.shape[-1] else (scale or 1.0)
    weights = _weights(query, key, attn_mask, is_causal, factor)
    if dropout_p > 0:
        weights = dropout(weights, dropout_p)
    return weights @ value


def _weights(query: Tensor, key: Tensor, mask: Any, causal: bool, factor: float) -> Tensor:
    """The softmax of masked scores; a query that sees nothing gets zeros."""
    scores = (query * factor) @ key.transpose(-2, -1)
    if causal:
        rows, columns = scores._array.shape[-2:]
        mask = from_array(np.tri(rows, columns, dtype=bool))
    if mask is None:
        return apply(Softmax, scores, axis=scores._array.ndim - 1)
    blind = None
    if mask._array.dtype.kind == "b":
        scores = scores.masked_fill(from_array(~mask._array), -math.inf)
        blind = ~mask._array.any(-1, keepdims=True)
    else:
        scores = scores + mask
        blind = np.isneginf(scores._array).all(-1, keepdims=True)
    if not blind.any():
        return apply(Softmax, scores, axis=scores._array.ndim - 1)
    hidden = from_array(np.broadcast_to(blind, scores._array.shape))
    open_scores = scores.masked_fill(hidden, 0.0)
    return apply(Softmax, open_scores, axis=scores._array.ndim - 1).masked_fill(hidden, 0.0)


def _added(mask: Any, name: str, like: Tensor) -> Any:
    """A mask as numbers to add: booleans that are true forbid."""
    if mask is None:
        return None
    if mask._array.dtype.kind == "b":
        dtype = like._array.dtype
        return from_array(np.where(mask._array, -np.inf, 0).astype(dtype))
    if mask._array.dtype.kind not in "fV":
        raise ArgumentError(f"only bool and floating types of {name} are supported",
                            [(name, mask)])  # fmt: skip
    return mask


def _projected(query: Any, key: Any, value: Any, width: int, weight: Any, bias: Any,
               separate: Any) -> Any:  # fmt: skip
    """Queries, keys and values after their linear maps; one product where inputs are shared."""
    if separate is not None:
        biases = (None,) * 3 if bias is None else bias.chunk(3)
        inputs = (query, key, value)
        return [linear(x, w, b) for x, w, b in zip(inputs, separate, biases, strict=True)]
    if query is key and key is value:
        return linear(query, weight, bias).chunk(3, -1)
    parts = [width, width, width]
    biases = (None,) * 3 if bias is None else bias.split(parts)
    rows = weight.split(parts)
    return [linear(x, w, b) for x, w, b in zip((query, key, value), rows, biases, strict=True)]


def multi_head_attention_forward(
    query: Tensor, key: Tensor, value: Tensor, embed_dim_to_check: int, num_heads: int,
    in_proj_weight: Tensor | None, in_proj_bias: Tensor | None, bias_k: Tensor | None,
    bias_v: Tensor | None, add_zero_attn: bool, dropout_p: float, out_proj_weight: Tensor,
    out_proj_bias: Tensor | None, training: bool = True, key_padding_mask: Tensor | None = None,
    need_weights: bool = True, attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False, q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None, v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None, static_v: Tensor | None = None,
    average_attn_weights: bool = True, is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:  # fmt: skip
    """What `nn.MultiheadAttention` computes: project, attend in heads, project back.

    Shapes: query (L, N, E) or (L, E), key and value (S, N, E) or (S, E); the result has the
    shape of query, the weights are (N, L, S) or, a head each, (N, heads, L, S).
    Vaswani et al. 2017.

    >>> import chainrule as torch
    >>> x, w = torch.ones(2, 1, 2), torch.eye(2)
    >>> out, weights = torch.nn.functional.multi_head_attention_forward(
    ...     x, x, x, 2, 1, torch.cat([w, w, w]), None, None, None, False, 0., w, None)
    >>> weights
    tensor([[[0.5000, 0.5000],
             [0.5000, 0.5000]]])
    """
    cat = EXPORTS["cat"]
    batched = query._array.ndim == 3
    if query._array.ndim not in (2, 3):
        raise ShapeError("query should be unbatched 2D or batched 3D tensor but received "
                         f"{query._array.ndim}-D query tensor", [("query", query)])  # fmt: skip
    if not batched:
        same = query is key and key is value
        query = query.unsqueeze(1)
        key, value = (query, query) if same else (key.unsqueeze(1), value.unsqueeze(1))
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    length, batch, width = query._array.shape
    if width != embed_dim_to_check:
        raise ShapeError(f"was expecting embedding dimension of {embed_dim_to_check}, but got "
                         f"{width}", [("query", query)])  # fmt: skip
    if width % num_heads:
        raise ShapeError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    if is_causal and attn_mask is None:
        raise ArgumentError("Need attn_mask if specifying the is_causal hint.")
    depth = width // num_heads
    mask = _added(attn_mask, "attn_mask", query)
    padding = _added(key_padding_mask, "key_padding_mask", query)
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    q, k, v = _projected(query, key, value, width, in_proj_weight, in_proj_bias, separate)
    if mask is not None and mask._array.ndim == 2:
        mask = mask.unsqueeze(0)

    def wider(m: Any) -> Any:
        """A mask with one more key that everything sees."""
        return None if m is None else cat([m, m.new_zeros((*m.shape[:-1], 1))], -1)

    if bias_k is not None and bias_v is not None:
        k = cat([k, bias_k.expand(1, batch, width)])
        v = cat([v, bias_v.expand(1, batch, width)])
        mask, padding = wider(mask), wider(padding)
    q = q.reshape((length, batch * num_heads, depth)).transpose(0, 1)
    k = k.reshape((-1, batch * num_heads, depth)).transpose(0, 1) if static_k is None else static_k
    v = v.reshape((-1, batch * num_heads, depth)).transpose(0, 1) if static_v is None else static_v
    if add_zero_attn:
        blank = k.new_zeros((batch * num_heads, 1, depth))
        k, v = cat([k, blank], 1), cat([v, blank], 1)
        mask, padding = wider(mask), wider(padding)
    source = k._array.shape[1]
    if padding is not None:
        if padding._array.shape != (batch, source):
            raise ShapeError(f"expecting key_padding_mask shape of {(batch, source)}, but got "
                             f"{padding._array.shape}")  # fmt: skip
        padding = padding.reshape((batch, 1, 1, source)).expand(batch, num_heads, 1, source)
        padding = padding.reshape((batch * num_heads, 1, source))
        mask = padding if mask is None else mask + padding
    scores = (q * math.sqrt(1 / depth)) @ k.transpose(1, 2)
    if mask is not None:
        scores = scores + mask
    weights = apply(Softmax, scores, axis=2)
    if training and dropout_p > 0:
        weights = dropout(weights, dropout_p)
    out = (weights @ v).transpose(0, 1).reshape((length * batch, width))
    out = linear(out, out_proj_weight, out_proj_bias)
    out = out.reshape((length, batch, out._array.shape[1]))
    if not batched:
        out = out.squeeze(1)
    if not need_weights:
        return out, None
    weights = weights.reshape((batch, num_heads, length, source))
    if average_attn_weights:
        weights = weights.mean(1)
    return out, weights if batched else weights.squeeze(0)
