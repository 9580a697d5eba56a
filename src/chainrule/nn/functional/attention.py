"""Attention."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.nn.functional.convolution import linear
from chainrule.nn.functional.dropout import dropout
from chainrule.ops.attention import Attend
from chainrule.ops.softmax import Softmax
from chainrule.tensor import Tensor, from_array


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None,
    dropout_p: float = 0.0, is_causal: bool = False, *, scale: float | None = None,
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
    named = [("query", query), ("key", key), ("value", value)]
    if not q.dtype == k.dtype == v.dtype:
        raise DtypeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{query.dtype} key.dtype: {key.dtype} and value.dtype: {value.dtype} instead.", named,
        )  # fmt: skip
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ShapeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{q.ndim} key.dim: {k.ndim} and value.dim: {v.ndim} instead.", named,
        )  # fmt: skip
    if attn_mask is not None:
        if is_causal:
            raise ArgumentError(
                "_scaled_dot_product_attention: Explicit attn_mask should not be set when "
                "is_causal=True"
            )
        kind = attn_mask._array.dtype
        if kind.kind not in "bfV":
            raise DtypeError(
                "Expected attn_mask dtype to be bool or float or to match query dtype, but got "
                f"attn_mask.dtype: {attn_mask.dtype} and query.dtype: {query.dtype} instead.",
                [("attn_mask", attn_mask), ("query", query)],
            )
        if kind.kind != "b" and kind != q.dtype:
            attn_mask = attn_mask.to(query.dtype)
    if enable_gqa:
        heads = [t._array.shape[-3] if t._array.ndim > 2 else 1 for t in (query, key, value)]
        if heads[0] % heads[1] or heads[0] % heads[2]:
            raise ShapeError(
                "Number of heads in key and value must divide the number of heads in query", named
            )
        key, value = (
            t if n == heads[0] else t.repeat_interleave(heads[0] // n, -3)
            for t, n in zip((key, value), heads[1:], strict=True)
        )
    factor = scale
    if factor is None:
        factor = 1 / math.sqrt(q.shape[-1]) if q.shape[-1] else 1.0
    if dropout_p > 0:
        masked = (query, key, value) if attn_mask is None else (query, key, value, attn_mask)
        weights = apply(Attend, *masked, scale=float(factor), causal=bool(is_causal))[1]
        return dropout(weights, dropout_p) @ value
    inputs = (query, key, value) if attn_mask is None else (query, key, value, attn_mask)
    return apply(Attend, *inputs, scale=float(factor), causal=bool(is_causal))[0]


def _none_or_dtype(input: Tensor | None) -> Any:
    return None if input is None else input.dtype


def _canonical_mask(
    mask: Tensor | None, mask_name: str, other_type: Any, other_name: str, target_type: Any,
    check_other: bool = True,
) -> Tensor | None:  # fmt: skip
    """A mask as numbers to add: booleans that are true forbid."""
    if mask is None:
        return None
    if mask._array.dtype.kind not in "bfV":
        raise AssertionError(f"only bool and floating types of {mask_name} are supported")
    if check_other and other_type is not None and mask.dtype != other_type:
        warnings.warn(
            f"Support for mismatched {mask_name} and {other_name} is deprecated. Use same type "
            "for both instead.",
            stacklevel=2,
        )
    if mask._array.dtype.kind == "b":
        return EXPORTS["zeros_like"](mask, dtype=target_type).masked_fill_(mask, -math.inf)
    return mask


def _mha_shape_check(
    query: Tensor, key: Tensor, value: Tensor, key_padding_mask: Any, attn_mask: Any,
    num_heads: int,
) -> bool:  # fmt: skip
    """Whether the inputs are batched; raise where numbers of axes do not fit."""
    q, k, v = (t._array.ndim for t in (query, key, value))
    if q not in (2, 3):
        raise AssertionError(
            "query should be unbatched 2D or batched 3D tensor but received "
            f"{q}-D query tensor"
        )  # fmt: skip
    batched = q == 3
    for_query = "For batched (3-D) `query`" if batched else "For unbatched (2-D) `query`"
    if k != q or v != q:
        raise AssertionError(
            f"{for_query}, expected `key` and `value` to be {q}-D but found {k}-D and {v}-D "
            "tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask._array.ndim != q - 1:
        raise AssertionError(
            f"{for_query}, expected `key_padding_mask` to be `None` or {q - 1}-D but found "
            f"{key_padding_mask._array.ndim}-D tensor instead"
        )
    if attn_mask is not None:
        if attn_mask._array.ndim not in (2, 3):
            raise AssertionError(
                f"{for_query}, expected `attn_mask` to be `None`, 2-D or 3-D but found "
                f"{attn_mask._array.ndim}-D tensor instead"
            )
        expected = (num_heads, query._array.shape[0], key._array.shape[0])
        if not batched and attn_mask._array.ndim == 3 and attn_mask._array.shape != expected:
            raise AssertionError(
                f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}"
            )
    return batched


def _projected(query: Any, key: Any, value: Any, width: int, weight: Any, bias: Any,
               separate: Any) -> Any:  # fmt: skip
    """Queries, keys and values after their linear maps; one product where inputs are shared."""
    if separate is not None:
        biases = (None,) * 3 if bias is None else bias.chunk(3)
        inputs = (query, key, value)
        return [linear(x, w, b) for x, w, b in zip(inputs, separate, biases, strict=True)]
    if query is key and key is value:
        return linear(query, weight, bias).chunk(3, -1)
    if key is value:
        q_bias, kv_bias = (None, None) if bias is None else bias.split([width, 2 * width])
        q_rows, kv_rows = weight.split([width, 2 * width])
        return [linear(query, q_rows, q_bias), *linear(key, kv_rows, kv_bias).chunk(2, -1)]
    biases = (None,) * 3 if bias is None else bias.chunk(3)
    rows = weight.chunk(3)
    return [linear(x, w, b) for x, w, b in zip((query, key, value), rows, biases, strict=True)]


def _static(given: Tensor, name: str, heads: int, depth: int) -> Tensor:
    shape = given._array.shape
    if shape[0] != heads:
        raise AssertionError(f"expecting {name}.size(0) of {heads}, but got {shape[0]}")
    if shape[2] != depth:
        raise AssertionError(f"expecting {name}.size(2) of {depth}, but got {shape[2]}")
    return given


def _wider(mask: Tensor | None) -> Tensor | None:
    """A mask with one more key that everything sees."""
    if mask is None:
        return None
    more = from_array(np.zeros((*mask._array.shape[:-1], 1), mask._array.dtype))
    return EXPORTS["cat"]([mask, more], -1)  # type: ignore[no-any-return]


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

    Args:
        key_padding_mask: (N, S), true (or minus infinity) where a key is padding.
        attn_mask: (L, S) or (N * heads, L, S), true (or minus infinity) where not to look.
        need_weights: also return the weights, which costs the fused attention.
        is_causal: attn_mask is the causal one; a hint.

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
    batched = _mha_shape_check(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        same, paired = query is key and key is value, key is value
        query = query.unsqueeze(1)
        key = query if same else key.unsqueeze(1)
        value = key if paired else value.unsqueeze(1)
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    length, batch, width = query._array.shape
    padding = _canonical_mask(key_padding_mask, "key_padding_mask", _none_or_dtype(attn_mask),
                              "attn_mask", query.dtype)  # fmt: skip
    if is_causal and attn_mask is None:
        raise ArgumentError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module "
            "method `generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and padding is None and not need_weights:
        mask = None
    else:
        mask = _canonical_mask(attn_mask, "attn_mask", None, "", query.dtype, False)
        is_causal = is_causal and padding is None
    if width != embed_dim_to_check:
        raise AssertionError(
            f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}"
        )
    depth = width // num_heads
    if depth * num_heads != width:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    if use_separate_proj_weight:
        if key._array.shape[:2] != value._array.shape[:2]:
            raise AssertionError(
                f"key's sequence and batch dims {key.shape[:2]} do not match value's "
                f"{value.shape[:2]}"
            )
    elif key._array.shape != value._array.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    q, k, v = _projected(query, key, value, width, in_proj_weight, in_proj_bias, separate)
    source = key._array.shape[0]
    heads = batch * num_heads
    if mask is not None:
        flat = mask._array.ndim == 2
        expected = (length, source) if flat else (heads, length, source)
        if mask._array.shape != expected:
            raise ShapeError(
                f"The shape of the {mask._array.ndim}D attn_mask is {mask.shape}, but should be "
                f"{expected}."
            )
        mask = mask.unsqueeze(0) if flat else mask
    if (bias_k is None) != (bias_v is None):
        raise AssertionError("bias_k and bias_v must both be set, or neither")
    if bias_k is not None and bias_v is not None:
        if static_k is not None or static_v is not None:
            raise AssertionError("bias cannot be added to static key or value.")
        k = cat([k, bias_k.repeat(1, batch, 1)])
        v = cat([v, bias_v.repeat(1, batch, 1)])
        mask, padding = _wider(mask), _wider(padding)

    def by_head(x: Tensor) -> Tensor:
        return x.reshape((x._array.shape[0], heads, depth)).transpose(0, 1)

    q = by_head(q)
    k = by_head(k) if static_k is None else _static(static_k, "static_k", heads, depth)
    v = by_head(v) if static_v is None else _static(static_v, "static_v", heads, depth)
    if add_zero_attn:
        blank = from_array(np.zeros((heads, 1, depth), k._array.dtype))
        k, v = cat([k, blank], 1), cat([v, blank], 1)
        mask, padding = _wider(mask), _wider(padding)
    source = k._array.shape[1]
    if padding is not None:
        rows, columns = padding._array.shape
        if rows != batch:
            raise AssertionError(f"Expected key_padded_mask.shape[0] to be {batch}, but got {rows}")
        if columns != source:
            raise AssertionError(
                f"Expected key_padded_mask.shape[1] to be {source}, but got {columns}"
            )
        padding = padding.reshape((batch, 1, 1, source)).expand(batch, num_heads, 1, source)
        padding = padding.reshape((heads, 1, source))
        mask = padding if mask is None else mask + padding
    if not training:
        dropout_p = 0.0
    if not need_weights:
        if mask is not None:
            one = mask._array.shape[0] == 1
            mask = mask.unsqueeze(0) if one else mask.reshape((batch, num_heads, -1, source))
        q, k, v = (t.reshape((batch, num_heads, -1, depth)) for t in (q, k, v))
        attended = scaled_dot_product_attention(q, k, v, mask, dropout_p, is_causal)
        flat_out = attended.permute(2, 0, 1, 3).reshape((batch * length, width))
    else:
        scores = (q * math.sqrt(1.0 / depth)) @ k.transpose(1, 2)
        if mask is not None:
            scores = scores + mask
        weights = apply(Softmax, scores, axis=2)
        if dropout_p > 0:
            weights = dropout(weights, dropout_p)
        flat_out = (weights @ v).transpose(0, 1).reshape((length * batch, width))
    out = linear(flat_out, out_proj_weight, out_proj_bias)
    out = out.reshape((length, batch, out._array.shape[1]))
    if not batched:
        out = out.squeeze(1)
    if not need_weights:
        return out, None
    weights = weights.reshape((batch, num_heads, length, source))
    if average_attn_weights:
        weights = weights.mean(1)
    return out, weights if batched else weights.squeeze(0)
