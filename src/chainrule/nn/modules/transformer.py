"""The Transformer: encoder, decoder, and their layers.

Source: Vaswani et al. 2017, arXiv:1706.03762; `norm_first`: Xiong et al. 2020, arXiv:2002.04745.
"""

from __future__ import annotations

import copy
import warnings
from typing import Any

from chainrule import backends
from chainrule.autograd.mode import mode
from chainrule.errors import ArgumentError, ShapeError
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.nn.modules.activation import GELU, ReLU
from chainrule.nn.modules.attention import MultiheadAttention, square_subsequent_mask
from chainrule.nn.modules.container import ModuleList
from chainrule.nn.modules.dropout import Dropout
from chainrule.nn.modules.linear import Linear
from chainrule.nn.modules.module import Module
from chainrule.nn.modules.normalization import LayerNorm

_generate_square_subsequent_mask = square_subsequent_mask


def _get_clones(module: Any, N: int) -> ModuleList:
    return ModuleList([copy.deepcopy(module) for _ in range(N)])


def _get_activation_fn(activation: str) -> Any:
    if activation == "relu":
        return F.relu
    if activation == "gelu":
        return F.gelu
    raise ArgumentError(f"activation should be relu/gelu, not {activation}")


def _get_seq_len(src: Any, batch_first: bool) -> int:
    shape = src.shape
    return int(shape[0 if len(shape) == 2 or not batch_first else 1])


def _detect_is_causal_mask(mask: Any, is_causal: bool | None = None, size: Any = None) -> bool:
    """Whether `mask` is the causal one: as said, or found by looking."""
    if is_causal is not None or mask is None:
        return is_causal is True
    expected = square_subsequent_mask(mask.shape[-2] if size is None else size, dtype=mask.dtype)
    return tuple(mask.shape) == tuple(expected.shape) and bool((mask == expected).all())


class _Layer(Module):
    """What both kinds of layer share: the feed-forward part, norms, dropouts, and activation."""

    __constants__ = ["norm_first"]
    _attentions: tuple[str, ...] = ()

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: Any = F.relu, layer_norm_eps: float = 1e-5, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        place = {"device": device, "dtype": dtype}
        for name in self._attentions:
            attention = MultiheadAttention(d_model, nhead, dropout=dropout, bias=bias,
                                           batch_first=batch_first, **place)  # fmt: skip
            setattr(self, name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias, **place)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias, **place)
        self.norm_first = norm_first
        count = len(self._attentions) + 1
        for i in range(1, count + 1):
            norm = LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **place)
            setattr(self, f"norm{i}", norm)
        for i in range(1, count + 1):
            setattr(self, f"dropout{i}", Dropout(dropout))
        if isinstance(activation, str):
            activation = _get_activation_fn(activation)
        self._note_activation(activation)
        self.activation = activation

    def _note_activation(self, activation: Any) -> None:
        """For the encoder's layer, which says whether it is one of the common two."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if not hasattr(self, "activation"):
            self.activation = F.relu

    def _attend(self, which: str, x: Any, memory: Any, mask: Any, padding: Any,
                is_causal: bool) -> Any:  # fmt: skip
        attention = getattr(self, which)
        return attention(x, memory, memory, attn_mask=mask, key_padding_mask=padding,
                         need_weights=False, is_causal=is_causal)[0]  # fmt: skip

    def _feed_forward(self, x: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_Layer):
    """Self-attention and a feed-forward net, each with dropout, residual sum and layer norm.

    Args:
        d_model, nhead: width and number of heads.
        dim_feedforward: width of the net's hidden layer.
        activation: 'relu', 'gelu', or a function.
        norm_first: normalise before each part instead of after each sum.

    Shapes: src (S, N, E), (N, S, E) with batch_first, or (S, E); the result is the same.

    >>> import chainrule as torch
    >>> layer = torch.nn.TransformerEncoderLayer(8, 2, 16)
    >>> layer(torch.zeros(5, 3, 8)).shape
    torch.Size([5, 3, 8])
    """

    _attentions = ("self_attn",)

    def _note_activation(self, activation: Any) -> None:
        self.activation_relu_or_gelu = 0
        if activation is F.relu or isinstance(activation, ReLU):
            self.activation_relu_or_gelu = 1
        elif activation is F.gelu or isinstance(activation, GELU):
            self.activation_relu_or_gelu = 2

    def forward(
        self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:  # fmt: skip
        padding = F._canonical_mask(src_key_padding_mask, "src_key_padding_mask",
                                    F._none_or_dtype(src_mask), "src_mask", src.dtype)  # fmt: skip
        mask = F._canonical_mask(src_mask, "src_mask", None, "", src.dtype, False)
        x = src
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), mask, padding, is_causal)
            return x + self._ff_block(self.norm2(x))
        x = self.norm1(x + self._sa_block(x, mask, padding, is_causal))
        return self.norm2(x + self._ff_block(x))

    def _sa_block(self, x: Any, attn_mask: Any, key_padding_mask: Any,
                  is_causal: bool = False) -> Any:  # fmt: skip
        out = self._attend("self_attn", x, x, attn_mask, key_padding_mask, is_causal)
        return self.dropout1(out)

    def _ff_block(self, x: Any) -> Any:
        return self.dropout2(self._feed_forward(x))


class TransformerDecoderLayer(_Layer):
    """Self-attention, attention to the encoder's output, and a feed-forward net.

    Arguments as in `TransformerEncoderLayer`.

    Shapes: tgt (T, N, E), memory (S, N, E), with batch_first the axis N first; the result has the
    shape of tgt.

    >>> import chainrule as torch
    >>> layer = torch.nn.TransformerDecoderLayer(8, 2, 16)
    >>> layer(torch.zeros(5, 3, 8), torch.zeros(7, 3, 8)).shape
    torch.Size([5, 3, 8])
    """

    _attentions = ("self_attn", "multihead_attn")

    def forward(
        self, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None,
        tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False, memory_is_causal: bool = False,
    ) -> Any:  # fmt: skip
        own = (tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        other = (memory_mask, memory_key_padding_mask, memory_is_causal)
        x = tgt
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), *own)
            x = x + self._mha_block(self.norm2(x), memory, *other)
            return x + self._ff_block(self.norm3(x))
        x = self.norm1(x + self._sa_block(x, *own))
        x = self.norm2(x + self._mha_block(x, memory, *other))
        return self.norm3(x + self._ff_block(x))

    def _sa_block(self, x: Any, attn_mask: Any, key_padding_mask: Any,
                  is_causal: bool = False) -> Any:  # fmt: skip
        out = self._attend("self_attn", x, x, attn_mask, key_padding_mask, is_causal)
        return self.dropout1(out)

    def _mha_block(self, x: Any, mem: Any, attn_mask: Any, key_padding_mask: Any,
                   is_causal: bool = False) -> Any:  # fmt: skip
        out = self._attend("multihead_attn", x, mem, attn_mask, key_padding_mask, is_causal)
        return self.dropout2(out)

    def _ff_block(self, x: Any) -> Any:
        return self.dropout3(self._feed_forward(x))


class TransformerEncoder(Module):
    """A stack of copies of one encoder layer.

    Args:
        norm: a module applied to the result.
        enable_nested_tensor: in evaluation without gradients, padded places of the stack's result
            are zero, as torch's packed computation leaves them.
        mask_check: do so only if the padding is at the ends.

    Shapes: as the layer's.

    >>> import chainrule as torch
    >>> layer = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    >>> torch.nn.TransformerEncoder(layer, 2)(torch.zeros(3, 5, 8)).shape
    torch.Size([3, 5, 8])
    """

    __constants__ = ["norm"]

    def __init__(
        self, encoder_layer: Any, num_layers: int, norm: Any = None,
        enable_nested_tensor: bool = True, mask_check: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.layers = _get_clones(encoder_layer, num_layers)
        self.num_layers, self.norm = num_layers, norm
        self.enable_nested_tensor = self.use_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check
        why = why_not_packed(encoder_layer) if enable_nested_tensor else ""
        if why:
            warnings.warn(
                "enable_nested_tensor is True, but self.use_nested_tensor is False because "
                f"encoder_layer{why}",
                stacklevel=2,
            )
            self.use_nested_tensor = False

    def forward(
        self, src: Any, mask: Any = None, src_key_padding_mask: Any = None,
        is_causal: bool | None = None,
    ) -> Any:  # fmt: skip
        padding = F._canonical_mask(src_key_padding_mask, "src_key_padding_mask",
                                    F._none_or_dtype(mask), "mask", src.dtype)  # fmt: skip
        mask = F._canonical_mask(mask, "mask", None, "", src.dtype, False)
        first = self.layers[0]
        hidden = self._padded_places(src, mask, padding, first)
        causal = _detect_is_causal_mask(
            mask, is_causal, _get_seq_len(src, first.self_attn.batch_first)
        )
        out = src
        for layer in self.layers:
            out = layer(out, src_mask=mask, is_causal=causal, src_key_padding_mask=padding)
        if hidden is not None:
            out = out.masked_fill(hidden, 0.0)
        return out if self.norm is None else self.norm(out)

    def _padded_places(self, src: Any, mask: Any, padding: Any, first: Any) -> Any:
        """Where torch's packed computation leaves zeros; None where it is not used."""
        if (
            padding is None or mask is not None or src.ndim != 3 or first.training
            or not getattr(self, "use_nested_tensor", False)
            or not backends.mha.get_fastpath_enabled()
        ):  # fmt: skip
            return None
        if mode.recording and (src.requires_grad or any(p.requires_grad for p in packed(first))):
            return None
        hidden = padding.isneginf()
        if getattr(self, "mask_check", True) and bool((hidden[:, :-1] & ~hidden[:, 1:]).any()):
            return None  # some padding is not at the end
        return hidden.unsqueeze(-1)


def packed(layer: Any) -> list[Any]:
    """The parameters that decide whether torch computes the layer packed."""
    parts = (layer.norm1, layer.norm2, layer.linear1, layer.linear2, layer.self_attn.out_proj)
    attention = [layer.self_attn.in_proj_weight, layer.self_attn.in_proj_bias]
    return [*attention, *(p for part in parts for p in (part.weight, part.bias) if p is not None)]


def why_not_packed(layer: Any) -> str:
    """Why torch does not compute such layers packed; empty if it does."""
    if not isinstance(layer, TransformerEncoderLayer):
        return " was not TransformerEncoderLayer"
    attention = layer.self_attn
    reasons = (
        (layer.norm_first, ".norm_first was True"),
        (not attention.batch_first, ".self_attn.batch_first was not True(use batch_first for "
         "better inference performance)"),
        (not attention._qkv_same_embed_dim, ".self_attn._qkv_same_embed_dim was not True"),
        (attention.in_proj_bias is None, ".self_attn was passed bias=False"),
        (not layer.activation_relu_or_gelu, ".activation_relu_or_gelu was not True"),
        (layer.norm1.eps != layer.norm2.eps, ".norm1.eps was not equal to encoder_layer.norm2.eps"),
        (attention.num_heads % 2 == 1, ".self_attn.num_heads is odd"),
    )  # fmt: skip
    return next((text for holds, text in reasons if holds), "")


class TransformerDecoder(Module):
    """A stack of copies of one decoder layer, all attending to the same memory.

    Shapes: as the layer's.

    >>> import chainrule as torch
    >>> layer = torch.nn.TransformerDecoderLayer(8, 2, 16)
    >>> torch.nn.TransformerDecoder(layer, 2)(torch.zeros(5, 3, 8), torch.zeros(7, 3, 8)).shape
    torch.Size([5, 3, 8])
    """

    __constants__ = ["norm"]

    def __init__(self, decoder_layer: Any, num_layers: int, norm: Any = None) -> None:
        super().__init__()
        self.layers = _get_clones(decoder_layer, num_layers)
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None,
        tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None, memory_is_causal: bool = False,
    ) -> Any:  # fmt: skip
        length = _get_seq_len(tgt, self.layers[0].self_attn.batch_first)
        causal = _detect_is_causal_mask(tgt_mask, tgt_is_causal, length)
        out = tgt
        for layer in self.layers:
            out = layer(
                out, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=causal,
                memory_is_causal=memory_is_causal,
            )  # fmt: skip
        return out if self.norm is None else self.norm(out)


class Transformer(Module):
    """Encoder and decoder, with Xavier-uniform initial matrices.

    Args:
        custom_encoder, custom_decoder: modules to use instead.

    Shapes: src (S, N, E), tgt (T, N, E), with batch_first the axis N first; the result has the
    shape of tgt.

    >>> import chainrule as torch
    >>> model = torch.nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    >>> model(torch.zeros(3, 7, 8), torch.zeros(3, 5, 8)).shape
    torch.Size([3, 5, 8])
    """

    def __init__(
        self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6,
        num_decoder_layers: int = 6, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: Any = F.relu, custom_encoder: Any = None, custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5, batch_first: bool = False, norm_first: bool = False,
        bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        place = {"device": device, "dtype": dtype}
        layer = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first,
                 norm_first, bias)  # fmt: skip
        norm = {"eps": layer_norm_eps, "bias": bias, **place}
        if custom_encoder is None:
            custom_encoder = TransformerEncoder(
                TransformerEncoderLayer(*layer, **place), num_encoder_layers,
                LayerNorm(d_model, **norm),
            )  # fmt: skip
        self.encoder = custom_encoder
        if custom_decoder is None:
            custom_decoder = TransformerDecoder(
                TransformerDecoderLayer(*layer, **place), num_decoder_layers,
                LayerNorm(d_model, **norm),
            )  # fmt: skip
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(
        self, src: Any, tgt: Any, src_mask: Any = None, tgt_mask: Any = None,
        memory_mask: Any = None, src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None, tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:  # fmt: skip
        axis = 0 if self.batch_first else 1
        if src.ndim == 3 and src.shape[axis] != tgt.shape[axis]:
            raise ShapeError("the batch number of src and tgt must be equal",
                             [("src", src), ("tgt", tgt)])  # fmt: skip
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise ShapeError("the feature number of src and tgt must be equal to d_model",
                             [("src", src), ("tgt", tgt)])  # fmt: skip
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask,
                              is_causal=src_is_causal)  # fmt: skip
        return self.decoder(
            tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )  # fmt: skip

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Any:
        """Minus infinity above the diagonal, zero elsewhere.

        >>> import chainrule as torch
        >>> torch.nn.Transformer.generate_square_subsequent_mask(2)
        tensor([[0., -inf],
                [0., 0.]])
        """
        return square_subsequent_mask(sz, device, dtype)

    def _reset_parameters(self) -> None:
        for p in self.parameters():
            if p.ndim > 1:
                init.xavier_uniform_(p)
