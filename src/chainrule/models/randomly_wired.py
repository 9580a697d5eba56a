"""Randomly wired networks (Xie, Kirillov, Girshick, He 2019): the wiring is drawn, not designed.

A random undirected graph becomes a directed acyclic one by the order of its nodes; each node adds
its inputs with learned weights, then applies ReLU, a separable 3×3 convolution and batch norm.
"""

from __future__ import annotations

import random
from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor

Edges = set[tuple[int, int]]


def erdos_renyi(nodes: int, rng: random.Random, p: float = 0.2) -> Edges:
    """Every pair is an edge with probability p."""
    return {(a, b) for b in range(nodes) for a in range(b) if rng.random() < p}


def barabasi_albert(nodes: int, rng: random.Random, m: int = 5) -> Edges:
    """Each new node joins m nodes, chosen in proportion to their degree."""
    edges: Edges = set()
    ends: list[int] = []
    for new in range(m, nodes):
        targets: set[int] = set(range(m)) if new == m else set()
        while len(targets) < m:
            targets.add(rng.choice(ends))
        for old in targets:
            edges.add((old, new))
            ends += [old, new]
    return edges


def watts_strogatz(nodes: int, rng: random.Random, k: int = 4, p: float = 0.75) -> Edges:
    """A ring of k neighbours, each edge rewired with probability p."""
    near = {i: {(i + d) % nodes for d in range(-(k // 2), k // 2 + 1) if d} for i in range(nodes)}
    for d in range(1, k // 2 + 1):
        for i in range(nodes):
            old = (i + d) % nodes
            if rng.random() < p and len(near[i]) < nodes - 1:
                free = [j for j in range(nodes) if j != i and j not in near[i]]
                new = rng.choice(free)
                near[i].discard(old)
                near[old].discard(i)
                near[i].add(new)
                near[new].add(i)
    return {(min(a, b), max(a, b)) for a, around in near.items() for b in around}


WIRINGS = {"ws": watts_strogatz, "er": erdos_renyi, "ba": barabasi_albert}


class Node(nn.Module):
    """Weighted sum of the inputs, ReLU, separable convolution, batch normalisation."""

    def __init__(self, inputs: int, channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inputs)) if inputs > 1 else None
        self.depthwise = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels, out, 1, bias=False)
        self.bn = nn.BatchNorm2d(out)

    def forward(self, inputs: list[Tensor]) -> Tensor:
        if self.weight is None:
            x = inputs[0]
        else:
            share = self.weight.sigmoid()
            x = sum((share[i] * v for i, v in enumerate(inputs[1:], 1)), share[0] * inputs[0])
        return self.bn(self.pointwise(self.depthwise(nn.functional.relu(x))))  # type: ignore[no-any-return]


class Stage(nn.Module):
    """A drawn graph: nodes without inputs read the stage's input at stride 2; the outputs of nodes
    that nothing reads are averaged."""

    def __init__(self, edges: Edges, nodes: int, channels: int, out: int, stride: int = 2) -> None:
        super().__init__()
        self.inputs = [sorted(a for a, b in edges if b == i) for i in range(nodes)]
        read = {a for a, _ in edges}
        self.outputs = [i for i in range(nodes) if i not in read]
        self.nodes = nn.ModuleList(
            Node(len(sources), out, out) if sources else Node(1, channels, out, stride)
            for sources in self.inputs
        )

    def forward(self, x: Tensor) -> Tensor:
        made: list[Tensor] = []
        for node, sources in zip(self.nodes, self.inputs, strict=True):
            made.append(node([made[i] for i in sources] if sources else [x]))
        ends = [made[i] for i in self.outputs]
        return sum(ends[1:], ends[0]) / len(ends)


class RandomlyWired(nn.Module):
    """A network of drawn stages for images (N, channels, H, W).

    Args:
        wiring: "ws" (Watts-Strogatz), "er" (Erdős-Rényi) or "ba" (Barabási-Albert).
        nodes: per stage.
        width: channels of the first stage; each later one has twice as many.
        stages: how many drawn stages.
        seed: of the wiring; the weights follow `manual_seed`.
        small: keep the resolution in the stem, for images of 32 or fewer pixels.

    >>> import chainrule as torch
    >>> net = torch.models.RandomlyWired(nodes=6, width=8, num_classes=10, small=True)
    >>> net(torch.zeros(2, 3, 16, 16)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self, num_classes: int = 1000, wiring: str = "ws", nodes: int = 32, width: int = 78,
        stages: int = 3, seed: int = 0, channels: int = 3, small: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if wiring not in WIRINGS:
            raise ArgumentError(f"no wiring is called {wiring!r}",
                                fix=f"There are {', '.join(WIRINGS)}.")  # fmt: skip
        rng = random.Random(seed)
        half = max(width // 2, 1)
        self.stem = nn.Sequential(
            nn.Conv2d(channels, half, 3, 1 if small else 2, 1, bias=False), nn.BatchNorm2d(half)
        )
        parts, last = [], half
        for i in range(stages):
            edges = WIRINGS[wiring](nodes, rng)
            parts.append(Stage(edges, nodes, last, width * 2**i, 1 if small and not i else 2))
            last = width * 2**i
        self.stages = nn.Sequential(*parts)
        head = max(last, min(1280, 4 * last))
        self.head = nn.Sequential(
            nn.ReLU(), nn.Conv2d(last, head, 1, bias=False), nn.BatchNorm2d(head), nn.ReLU()
        )
        self.fc = nn.Linear(head, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.head(self.stages(self.stem(x))).mean((2, 3)))  # type: ignore[no-any-return]


def randwire_small(num_classes: int = 1000, wiring: str = "ws", **kwargs: Any) -> RandomlyWired:
    """The paper's small regime: 32 nodes a stage, 78 channels."""
    return RandomlyWired(num_classes, wiring, **kwargs)
