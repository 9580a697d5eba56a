"""A GPT: a decoder-only transformer language model, with the parameter names of GPT-2."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor


@dataclass
class GPTConfig:
    """The measures of a GPT; the defaults are a character model that trains in minutes."""

    vocab_size: int = 65
    block_size: int = 64
    n_layer: int = 4
    n_head: int = 4
    n_embd: int = 128
    dropout: float = 0.0
    bias: bool = False


class Attention(nn.Module):
    """Causal self-attention of several heads: (N, T, C) to (N, T, C)."""

    def __init__(self, c: GPTConfig) -> None:
        super().__init__()
        self.c_attn = nn.Linear(c.n_embd, 3 * c.n_embd, bias=c.bias)
        self.c_proj = nn.Linear(c.n_embd, c.n_embd, bias=c.bias)
        self.resid_dropout = nn.Dropout(c.dropout)
        self.n_head, self.dropout = c.n_head, c.dropout

    def forward(self, x: Tensor) -> Tensor:
        n, t, c = x.shape
        heads = self.c_attn(x).view(n, t, 3, self.n_head, c // self.n_head)
        q, k, v = heads.permute(2, 0, 3, 1, 4).unbind(0)
        y = nn.functional.scaled_dot_product_attention(
            q, k, v, dropout_p=self.dropout if self.training else 0.0, is_causal=True
        )
        y = y.transpose(1, 2).reshape(n, t, c)
        return self.resid_dropout(self.c_proj(y))  # type: ignore[no-any-return]


class MLP(nn.Module):
    """Linear to four times the width, GELU, linear back."""

    def __init__(self, c: GPTConfig) -> None:
        super().__init__()
        self.c_fc = nn.Linear(c.n_embd, 4 * c.n_embd, bias=c.bias)
        self.c_proj = nn.Linear(4 * c.n_embd, c.n_embd, bias=c.bias)
        self.dropout = nn.Dropout(c.dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.c_proj(nn.functional.gelu(self.c_fc(x))))  # type: ignore[no-any-return]


class Block(nn.Module):
    """Attention, then the MLP, each on the normalised input and added to it."""

    def __init__(self, c: GPTConfig) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(c.n_embd, bias=c.bias)
        self.attn = Attention(c)
        self.ln_2 = nn.LayerNorm(c.n_embd, bias=c.bias)
        self.mlp = MLP(c)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))  # type: ignore[no-any-return]


class GPT(nn.Module):
    """A language model: token numbers (N, T) to scores of the next token (N, T, vocabulary).

    The matrix that scores tokens is the one that embeds them.

    >>> import chainrule as torch
    >>> net = torch.models.GPT(torch.models.GPTConfig(vocab_size=11, block_size=8, n_layer=1))
    >>> net(torch.zeros(2, 8, dtype=torch.long)).shape
    torch.Size([2, 8, 11])
    """

    def __init__(self, config: GPTConfig | None = None, **sizes: Any) -> None:
        super().__init__()
        c = self.config = config or GPTConfig(**sizes)
        if c.n_embd % c.n_head:
            raise ArgumentError(f"{c.n_head} heads do not divide a width of {c.n_embd}")
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(c.vocab_size, c.n_embd),
            "wpe": nn.Embedding(c.block_size, c.n_embd),
            "drop": nn.Dropout(c.dropout),
            "h": nn.ModuleList(Block(c) for _ in range(c.n_layer)),
            "ln_f": nn.LayerNorm(c.n_embd, bias=c.bias),
        })  # fmt: skip
        self.lm_head = nn.Linear(c.n_embd, c.vocab_size, bias=False)
        self.transformer["wte"].weight = self.lm_head.weight
        for name, p in self.named_parameters():
            if name.endswith("c_proj.weight"):  # 2 n_layer additions to the residual stream
                nn.init.normal_(p, 0.0, 0.02 / math.sqrt(2 * c.n_layer))
            elif p.ndim > 1:
                nn.init.normal_(p, 0.0, 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(self, tokens: Tensor) -> Tensor:
        parts, t = self.transformer, tokens.shape[1]
        if t > self.config.block_size:
            raise ArgumentError(f"a text of {t} tokens is longer than the context of "
                                f"{self.config.block_size}")  # fmt: skip
        x = parts["drop"](parts["wte"](tokens) + parts["wpe"](torch.arange(t)))
        for block in parts["h"]:
            x = block(x)
        return self.lm_head(parts["ln_f"](x))  # type: ignore[no-any-return]

    def loss(self, tokens: Tensor, targets: Tensor) -> Tensor:
        """The mean cross-entropy of `targets` (N, T) after `tokens` (N, T), in nats."""
        return nn.functional.cross_entropy(self(tokens).flatten(0, 1), targets.flatten())

    @torch.no_grad()
    def generate(
        self, tokens: Tensor, count: int, temperature: float = 1.0, top_k: int | None = None
    ) -> Tensor:
        """`count` tokens more than (N, T), each drawn from the model's distribution."""
        was = self.training
        self.eval()
        for _ in range(count):
            scores = self(tokens[:, -self.config.block_size :])[:, -1] / temperature
            if top_k is not None:
                least = scores.topk(min(top_k, scores.shape[-1])).values[:, -1:]
                scores = scores.masked_fill(scores < least, float("-inf"))
            drawn = torch.multinomial(scores.softmax(-1), 1)
            tokens = torch.cat([tokens, drawn], 1)
        self.train(was)
        return tokens
