"""A language model of LSTM layers."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor


class LSTMLanguageModel(nn.Module):
    """Embedding, LSTM, linear: token numbers (N, T) to scores of the next (N, T, vocabulary).

    Args:
        tie_weights: score tokens with the matrix that embeds them (then `embedding == hidden`).

    >>> import chainrule as torch
    >>> net = torch.models.LSTMLanguageModel(vocab_size=11, embedding=8, hidden=8)
    >>> scores, state = net(torch.zeros(2, 5, dtype=torch.long))
    >>> scores.shape
    torch.Size([2, 5, 11])
    """

    def __init__(
        self, vocab_size: int = 65, embedding: int = 128, hidden: int = 128, layers: int = 2,
        dropout: float = 0.0, tie_weights: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if tie_weights and embedding != hidden:
            raise ArgumentError("tied weights need an embedding as wide as the hidden state, not "
                                f"{embedding} and {hidden}")  # fmt: skip
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(vocab_size, embedding)
        self.rnn = nn.LSTM(embedding, hidden, layers, dropout=dropout if layers > 1 else 0.0,
                           batch_first=True)  # fmt: skip
        self.decoder = nn.Linear(hidden, vocab_size)
        if tie_weights:
            self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.uniform_(self.decoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, tokens: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        y, state = self.rnn(self.drop(self.encoder(tokens)), state)
        return self.decoder(self.drop(y)), state

    def loss(self, tokens: Tensor, targets: Tensor) -> Tensor:
        """The mean cross-entropy of `targets` (N, T) after `tokens` (N, T), in nats."""
        return nn.functional.cross_entropy(self(tokens)[0].flatten(0, 1), targets.flatten())

    @torch.no_grad()
    def generate(self, tokens: Tensor, count: int, temperature: float = 1.0) -> Tensor:
        """`count` tokens more than (N, T), each drawn from the model's distribution."""
        was = self.training
        self.eval()
        scores, state = self(tokens)
        for _ in range(count):
            drawn = torch.multinomial((scores[:, -1] / temperature).softmax(-1), 1)
            tokens = torch.cat([tokens, drawn], 1)
            scores, state = self(drawn, state)
        self.train(was)
        return tokens
