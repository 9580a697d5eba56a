"""A small GPT as a workload: characters in, the next character out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def gpt(
    module: Any, layers: int = 4, width: int = 128, heads: int = 4, context: int = 64,
    batch: int = 12, vocabulary: int = 65,
) -> Callable[[], Any]:  # fmt: skip
    """A step of a character GPT without dropout (Radford et al. 2019): cross entropy, AdamW."""
    nn, F = module.nn, module.nn.functional

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.c_attn = nn.Linear(width, 3 * width)
            self.c_proj = nn.Linear(width, width)

        def forward(self, x: Any) -> Any:
            n, t, c = x.size()
            q, k, v = (
                part.view(n, t, heads, c // heads).transpose(1, 2)
                for part in self.c_attn(x).split(width, dim=2)
            )
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.c_proj(y.transpose(1, 2).contiguous().view(n, t, c))

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln_1, self.attn, self.ln_2 = nn.LayerNorm(width), Attention(), nn.LayerNorm(width)
            self.mlp = nn.Sequential(
                nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
            )

        def forward(self, x: Any) -> Any:
            x = x + self.attn(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
            self.h = nn.ModuleList([Block() for _ in range(layers)])
            self.ln_f = nn.LayerNorm(width)
            self.lm_head = nn.Linear(width, vocabulary, bias=False)
            self.wte.weight = self.lm_head.weight
            for name, p in self.named_parameters():
                if p.dim() > 1:
                    scale = math.sqrt(2 * layers) if name.endswith("c_proj.weight") else 1
                    nn.init.normal_(p, 0.0, 0.02 / scale)

        def forward(self, index: Any, targets: Any) -> Any:
            x = self.wte(index) + self.wpe(module.arange(index.size(1)))
            for block in self.h:
                x = block(x)
            logits = self.lm_head(self.ln_f(x))
            return F.cross_entropy(logits.view(-1, vocabulary), targets.view(-1))

    module.manual_seed(1337)
    net = GPT()
    optimizer = module.optim.AdamW(net.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1)
    index = module.randint(0, vocabulary, (batch, context))
    targets = module.randint(0, vocabulary, (batch, context))

    def run() -> float:
        optimizer.zero_grad(set_to_none=True)
        loss = net(index, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return run
