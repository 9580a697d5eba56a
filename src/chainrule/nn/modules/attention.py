"""Multi-head attention."""

from __future__ import annotations

from typing import Any

from chainrule.functional.border import EXPORTS
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.nn.modules.fresh import parameter
from chainrule.nn.modules.linear import NonDynamicallyQuantizableLinear
from chainrule.nn.modules.module import Module


class MultiheadAttention(Module):
    """Attention in several heads: each projects, attends, and the results are projected together.

    Args:
        embed_dim: the width of queries and outputs, shared evenly by the heads.
        dropout: the probability that a weight is set to zero, while training.
        add_bias_kv: a learned key and value more in each sequence.
        add_zero_attn: a key and value of zeros more in each sequence.
        kdim, vdim: widths of keys and values; embed_dim if None.
        batch_first: sequences are (N, L, E) instead of (L, N, E).

    Shapes: query (L, N, E) or (L, E), key (S, N, kdim), value (S, N, vdim); the output has the
    shape of query, the weights are (N, L, S), or (N, heads, L, S) if not averaged.
    Source: Vaswani et al. 2017, arXiv:1706.03762.

    >>> import chainrule as torch
    >>> attention = torch.nn.MultiheadAttention(4, 2, batch_first=True)
    >>> x = torch.zeros(3, 5, 4)
    >>> out, weights = attention(x, x, x)
    >>> out.shape, weights.shape
    (torch.Size([3, 5, 4]), torch.Size([3, 5, 5]))
    """

    __constants__ = ["batch_first"]
    _formula = "softmax(q @ k.T / sqrt(d)) @ v in heads"

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True,
        add_bias_kv: bool = False, add_zero_attn: bool = False, kdim: int | None = None,
        vdim: int | None = None, batch_first: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "embed_dim and num_heads must be greater than 0, got "
                f"embed_dim={embed_dim} and num_heads={num_heads} instead"
            )
        place = {"device": device, "dtype": dtype}
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads, self.dropout, self.batch_first = num_heads, dropout, batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")
        widths = (("q_proj_weight", embed_dim), ("k_proj_weight", self.kdim),
                  ("v_proj_weight", self.vdim))  # fmt: skip
        if self._qkv_same_embed_dim:
            self.in_proj_weight = parameter(3 * embed_dim, embed_dim, **place)
            for name, _ in widths:
                self.register_parameter(name, None)
        else:
            for name, width in widths:
                setattr(self, name, parameter(embed_dim, width, **place))
            self.register_parameter("in_proj_weight", None)
        if bias:
            self.in_proj_bias = parameter(3 * embed_dim, **place)
        else:
            self.register_parameter("in_proj_bias", None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, **place)
        if add_bias_kv:
            self.bias_k = parameter(1, 1, embed_dim, **place)
            self.bias_v = parameter(1, 1, embed_dim, **place)
        else:
            self.bias_k = self.bias_v = None
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        if self._qkv_same_embed_dim:
            init.xavier_uniform_(self.in_proj_weight)
        else:
            for weight in (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.constant_(self.in_proj_bias, 0.0)
            init.constant_(self.out_proj.bias, 0.0)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def __setstate__(self, state: dict[str, Any]) -> None:
        state.setdefault("_qkv_same_embed_dim", True)
        super().__setstate__(state)

    def forward(
        self, query: Any, key: Any, value: Any, key_padding_mask: Any = None,
        need_weights: bool = True, attn_mask: Any = None, average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:  # fmt: skip
        padding = F._canonical_mask(key_padding_mask, "key_padding_mask",
                                    F._none_or_dtype(attn_mask), "attn_mask",
                                    query.dtype)  # fmt: skip
        mask = F._canonical_mask(attn_mask, "attn_mask", None, "", query.dtype, False)
        flip = self.batch_first and query.ndim == 3
        if flip:
            same, paired = query is key, key is value
            query = query.transpose(1, 0)
            key = query if same else key.transpose(1, 0)
            value = key if paired else value.transpose(1, 0)
        separate = {} if self._qkv_same_embed_dim else {
            "use_separate_proj_weight": True, "q_proj_weight": self.q_proj_weight,
            "k_proj_weight": self.k_proj_weight, "v_proj_weight": self.v_proj_weight,
        }  # fmt: skip
        out, weights = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight,
            self.in_proj_bias, self.bias_k, self.bias_v, self.add_zero_attn, self.dropout,
            self.out_proj.weight, self.out_proj.bias, training=self.training,
            key_padding_mask=padding, need_weights=need_weights, attn_mask=mask,
            average_attn_weights=average_attn_weights, is_causal=is_causal, **separate,
        )  # fmt: skip
        return (out.transpose(1, 0) if flip else out), weights

    def merge_masks(self, attn_mask: Any, key_padding_mask: Any, query: Any) -> tuple[Any, Any]:
        """Both masks as one, and its kind: 1 for padding only, 2 with attn_mask, None for none."""
        if attn_mask is None:
            return (None, None) if key_padding_mask is None else (key_padding_mask, 1)
        batch, length, _ = query.shape
        if attn_mask.ndim == 3:
            merged = attn_mask.view(batch, -1, length, length)
        else:
            merged = attn_mask.view(1, 1, length, length).expand(batch, self.num_heads, -1, -1)
        if key_padding_mask is not None:
            padding = key_padding_mask.view(batch, 1, 1, length)
            merged = merged + padding.expand(-1, self.num_heads, -1, -1)
        return merged, 2


def square_subsequent_mask(size: int, device: Any = None, dtype: Any = None) -> Any:
    """Minus infinity above the diagonal, zero elsewhere: each place sees those up to itself."""
    full = EXPORTS["full"]((size, size), float("-inf"), dtype=dtype, device=device)
    return EXPORTS["triu"](full, diagonal=1)
