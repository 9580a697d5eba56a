"""An LSTM learns a nursery rhyme letter by letter, and recites it.

Run: python examples/char_lstm.py
"""

import chainrule as torch
import chainrule.nn.functional as F
from chainrule import nn

RHYME = """the itsy bitsy spider climbed up the water spout.
down came the rain and washed the spider out.
out came the sun and dried up all the rain,
and the itsy bitsy spider climbed up the spout again.
"""


class Reader(nn.Module):
    """Letters as vectors, two LSTM layers over them, and for each place scores of the next."""

    def __init__(self, letters, width=64):
        super().__init__()
        self.embedding = nn.Embedding(letters, 16)
        self.lstm = nn.LSTM(16, width, num_layers=2, batch_first=True)
        self.head = nn.Linear(width, letters)

    def forward(self, x, state=None):
        out, state = self.lstm(self.embedding(x), state)
        return self.head(out), state


def recite(model, letters, start, length):
    """The likeliest letter after `start`, and after that, and so on."""
    text, state = start, None
    x = torch.tensor([[letters.index(c) for c in start]])
    with torch.no_grad():
        while len(text) < length:
            scores, state = model(x, state)
            x = scores[:, -1:].argmax(2)
            text += letters[x.item()]
    return text


def main(steps=200, length=32, batch=8):
    torch.manual_seed(0)
    letters = sorted(set(RHYME))
    data = torch.tensor([letters.index(c) for c in RHYME])
    model = Reader(len(letters))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for step in range(steps):
        starts = torch.randint(0, len(data) - length - 1, (batch,))
        x = torch.stack([data[i : i + length] for i in starts])
        y = torch.stack([data[i + 1 : i + length + 1] for i in starts])
        scores, _ = model(x)
        loss = F.cross_entropy(scores.reshape(-1, len(letters)), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if step % 20 == 0 or step == steps - 1:
            print(f"step {step:3d}   loss {losses[-1]:.4f}")
    text = recite(model, letters, "the itsy", 100)
    print(text)
    return losses, text


if __name__ == "__main__":
    main()
