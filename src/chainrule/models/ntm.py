"""The Neural Turing Machine (Graves, Wayne, Danihelka 2014).

A controller reads and writes a memory through soft addresses, so everything, addressing included,
has a gradient.  An address is found by content, blended with the one before, shifted, sharpened.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import chainrule as torch
from chainrule import nn
from chainrule.tensor import Tensor


class State(NamedTuple):
    """What the machine carries from one time step to the next."""

    memory: Tensor  # (batch, slots, width)
    address: Tensor  # (heads, batch, slots)
    reads: Tensor  # (batch, heads that read * width)
    controller: tuple[Tensor, Tensor]


class Head(nn.Module):
    """Turns the controller's output into an address, and for writing also erase and add vectors."""

    def __init__(self, hidden: int, width: int, shifts: int, writes: bool) -> None:
        super().__init__()
        self.sizes = [width, 1, 1, 2 * shifts + 1, 1, *([width, width] if writes else [])]
        self.shifts = shifts
        self.fc = nn.Linear(hidden, sum(self.sizes))
        nn.init.xavier_uniform_(self.fc.weight, gain=1.4)
        nn.init.normal_(self.fc.bias, std=0.01)

    def forward(self, h: Tensor, memory: Tensor, before: Tensor) -> tuple[Tensor, Any]:
        key, strength, gate, shift, sharpness, *rest = self.fc(h).split(self.sizes, dim=1)
        F = nn.functional
        near = F.cosine_similarity(key.tanh().unsqueeze(1), memory, dim=2, eps=1e-8)
        content = (F.softplus(strength) * near).softmax(1)
        gate = gate.sigmoid()
        blended = gate * content + (1 - gate) * before
        turns = shift.softmax(1)
        moved = sum(
            turns[:, i : i + 1] * blended.roll(i - self.shifts, 1) for i in range(turns.shape[1])
        )
        sharp = (moved + 1e-8) ** (1 + F.softplus(sharpness))
        return sharp / sharp.sum(1, keepdim=True), rest


class NTM(nn.Module):
    """A machine with an LSTM controller: a sequence (T, N, inputs) to scores (T, N, outputs).

    Args:
        inputs, outputs: width of what goes in and out at each step.
        hidden: units of the controller.
        slots, width: the memory's measures.
        heads: how many read heads, and as many write heads.
        shifts: how far an address can move in one step.

    >>> import chainrule as torch
    >>> machine = torch.models.NTM(9, 8, hidden=20, slots=16, width=6)
    >>> machine(torch.zeros(5, 2, 9))[0].shape
    torch.Size([5, 2, 8])
    """

    def __init__(
        self, inputs: int = 9, outputs: int = 8, hidden: int = 100, slots: int = 128,
        width: int = 20, heads: int = 1, shifts: int = 1,
    ) -> None:  # fmt: skip
        super().__init__()
        self.slots, self.width, self.heads = slots, width, heads
        self.controller = nn.LSTMCell(inputs + heads * width, hidden)
        self.readers = nn.ModuleList(Head(hidden, width, shifts, False) for _ in range(heads))
        self.writers = nn.ModuleList(Head(hidden, width, shifts, True) for _ in range(heads))
        self.h0 = nn.Parameter(torch.randn(1, hidden) * 0.05)
        self.c0 = nn.Parameter(torch.randn(1, hidden) * 0.05)
        self.r0 = nn.Parameter(torch.randn(1, heads * width) * 0.01)
        self.fc = nn.Linear(hidden + heads * width, outputs)
        nn.init.xavier_uniform_(self.fc.weight)
        nn.init.normal_(self.fc.bias, std=0.01)

    def initial(self, batch: int) -> State:
        """The state before the first step: a nearly empty memory, all heads at slot 0."""
        address = torch.zeros(2 * self.heads, batch, self.slots)
        address[:, :, 0] = 1
        memory = torch.full((batch, self.slots, self.width), 1e-6)
        start = (self.h0.expand(batch, -1), self.c0.expand(batch, -1))
        return State(memory, address, self.r0.expand(batch, -1), start)

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """One step: (N, inputs) to scores (N, outputs)."""
        memory, before, reads, controller = state
        controller = self.controller(torch.cat([x, reads], 1), controller)
        h = controller[0]
        addresses, found = [], []
        for i, reader in enumerate(self.readers):
            address, _ = reader(h, memory, before[i])
            addresses.append(address)
            found.append((address.unsqueeze(1) @ memory).squeeze(1))
        for i, writer in enumerate(self.writers, self.heads):
            address, (erase, add) = writer(h, memory, before[i])
            addresses.append(address)
            where = address.unsqueeze(2)
            memory = memory * (1 - where * erase.sigmoid().unsqueeze(1))
            memory = memory + where * add.tanh().unsqueeze(1)
        reads = torch.cat(found, 1)
        scores = self.fc(torch.cat([h, reads], 1))
        return scores, State(memory, torch.stack(addresses), reads, controller)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        state = state or self.initial(x.shape[1])
        scores = []
        for now in x:
            score, state = self.step(now, state)
            scores.append(score)
        return torch.stack(scores), state

    def loss(self, sequence: Tensor, target: Tensor, with_scores: bool = False) -> Any:
        """Read `sequence` (T, N, inputs), then say `target` (S, N, outputs) from memory."""
        _, state = self(sequence)
        scores, _ = self(torch.zeros(len(target), *sequence.shape[1:]), state)
        loss = nn.functional.binary_cross_entropy_with_logits(scores, target)
        return (loss, scores) if with_scores else loss


def copy_task(batch: int, length: int, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Random bits (T, N, bits) to remember: the input, with a mark at its end, and the target."""
    target = torch.randint(0, 2, (length, batch, bits)).float()
    sequence = torch.zeros(length + 1, batch, bits + 1)
    sequence[:length, :, :bits] = target
    sequence[length, :, bits] = 1
    return sequence, target
