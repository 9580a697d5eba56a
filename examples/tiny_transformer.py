"""A Transformer learns to reverse sequences: an encoder reads them, a decoder writes them.

Weights, batches and dropout follow torch's random stream, so the losses are torch's.
Run: python examples/tiny_transformer.py
"""

import chainrule as torch
from chainrule import nn

START, SYMBOLS, LENGTH = 0, 10, 6


class Reverser(nn.Module):
    """Symbols and places embedded, a Transformer between, and scores of the next symbol."""

    def __init__(self, width=32):
        super().__init__()
        self.symbol = nn.Embedding(SYMBOLS + 1, width)
        self.place = nn.Embedding(LENGTH, width)
        self.body = nn.Transformer(width, 4, 1, 1, 64, dropout=0.05, batch_first=True)
        self.head = nn.Linear(width, SYMBOLS + 1)
        self.register_buffer("mask", self.body.generate_square_subsequent_mask(LENGTH))

    def embed(self, x):
        return self.symbol(x) + self.place(torch.arange(x.shape[1]))

    def forward(self, source, target):
        n = target.shape[1]
        mask = self.mask[:n, :n]
        out = self.body(self.embed(source), self.embed(target), tgt_mask=mask, tgt_is_causal=True)
        return self.head(out)


def batch(n):
    """Sequences, what the decoder is given, and what it should say."""
    source = torch.randint(1, SYMBOLS + 1, (n, LENGTH))
    reverse = source.flip(1)
    begin = torch.full((n, 1), START)
    return source, torch.cat([begin, reverse[:, :-1]], 1), reverse


def write(model, source):
    """The decoder's words, one after another, each from those before it."""
    said = torch.full((len(source), 1), START)
    with torch.no_grad():
        for _ in range(LENGTH):
            best = model(source, said)[:, -1].argmax(-1, keepdim=True)
            said = torch.cat([said, best], 1)
    return said[:, 1:]


def main(steps=400, n=64):
    torch.manual_seed(0)
    model = Reverser()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for step in range(steps):
        source, given, wanted = batch(n)
        scores = model(source, given)
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), wanted.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % 50 == 0 or step == steps - 1:
            print(f"step {step:4d}   loss {losses[-1]:.5f}")
    model.eval()
    source, _, wanted = batch(200)
    right = (write(model, source) == wanted).float().mean().item()
    print(f"right symbols: {right:.3f}")
    return losses, right


if __name__ == "__main__":
    main()
