"""Attention with scores and masks that the program gives as functions of positions.

`score_mod(score, batch, head, q, kv)` changes scores, `mask_mod(batch, head, q, kv)` says which
count.  Both are called once, with index tensors that broadcast to (batch, heads, queries, keys).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

import chainrule as torch
from chainrule.errors import ArgumentError, ShapeError
from chainrule.tensor import Tensor

__all__ = [
    "AuxOutput", "AuxRequest", "BlockMask", "FlexKernelOptions", "and_masks", "create_block_mask",
    "create_mask", "flex_attention", "noop_mask", "or_masks",
]  # fmt: skip

Mod = Callable[..., Tensor]


class AuxRequest(NamedTuple):
    """What `flex_attention` shall return beside its result."""

    lse: bool = False
    max_scores: bool = False


class AuxOutput(NamedTuple):
    """What it returns: per query the logarithm of the sum of exponentials, the largest score."""

    lse: Tensor | None = None
    max_scores: Tensor | None = None


class FlexKernelOptions(TypedDict, total=False):
    """Options of torch's GPU kernels: accepted, without effect."""

    BACKEND: str
    BLOCK_M: int
    BLOCK_N: int


def noop_mask(batch: Tensor, head: Tensor, token_q: Tensor, token_kv: Tensor) -> Tensor:
    """Every query sees every key."""
    return torch.ones((), dtype=torch.bool)


def combined(join: Any, mods: tuple[Mod, ...]) -> Mod:
    if not all(callable(m) for m in mods):
        raise ArgumentError(f"All inputs should be callable mask_mods: {mods}")

    def mask(b: Tensor, h: Tensor, q_idx: Tensor, kv_idx: Tensor) -> Tensor:
        return functools.reduce(join, (m(b, h, q_idx, kv_idx) for m in mods))  # type: ignore

    return mask


def or_masks(*mask_mods: Mod) -> Mod:
    """A mask function: what any of several allows."""
    return combined(lambda a, b: a | b, mask_mods)


def and_masks(*mask_mods: Mod) -> Mod:
    """A mask function: what all of several allow.

    >>> import chainrule as torch
    >>> from chainrule.nn.attention.flex_attention import and_masks, create_mask
    >>> band = and_masks(lambda b, h, q, k: q >= k, lambda b, h, q, k: q - k < 2)
    >>> create_mask(band, None, None, 3, 3)[0, 0].int()
    tensor([[1, 0, 0],
            [1, 1, 0],
            [0, 1, 1]], dtype=torch.int32)
    """
    return combined(lambda a, b: a & b, mask_mods)


def positions(B: int, H: int, Q: int, K: int) -> tuple[Tensor, ...]:
    """The indices that the functions are called with; together they broadcast to (B, H, Q, K)."""
    sizes = (B, H, Q, K)
    return tuple(
        torch.arange(n, dtype=torch.int32).view([n if i == d else 1 for i in range(4)])
        for d, n in enumerate(sizes)
    )


def create_mask(
    mod_fn: Mod, B: int | None, H: int | None, Q_LEN: int, KV_LEN: int, device: Any = None
) -> Tensor:
    """A mask function's values as a tensor; for a score function, the scores it makes of zeros.

    Shapes: (B or 1, H or 1, Q_LEN, KV_LEN).
    """
    at = positions(B or 1, H or 1, Q_LEN, KV_LEN)
    shape = (B or 1, H or 1, Q_LEN, KV_LEN)
    code = getattr(mod_fn, "__code__", None)
    scores = code is not None and code.co_argcount == 5
    out = mod_fn(torch.zeros(shape), *at) if scores else mod_fn(*at)
    return out.expand(shape)  # type: ignore[no-any-return]


def per_block(mask: Tensor, rows: int, columns: int) -> Tensor:
    """How many entries of each block count: (B, H, Q, K) gives (B, H, blocks, blocks)."""
    B, H, Q, K = mask.shape
    more = (0, -K % columns, 0, -Q % rows)
    padded = torch.nn.functional.pad(mask.to(torch.int32), more)
    split = padded.view(B, H, (Q + more[3]) // rows, rows, (K + more[1]) // columns, columns)
    return split.sum((3, 5))  # type: ignore[no-any-return]


def ordered(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """The number of blocks in each row, and their columns before those of the others."""
    there = blocks.to(torch.int32)
    columns = torch.argsort(there, dim=-1, descending=True, stable=True)
    return there.sum(-1, dtype=torch.int32), columns.to(torch.int32)


def listed(count: Tensor, columns: Tensor, n: int) -> Tensor:
    """The reverse of `ordered`: which blocks are there, as booleans over `n` columns."""
    first = torch.arange(columns.shape[-1]) < count[..., None]
    out = torch.zeros((*columns.shape[:-1], n), dtype=torch.int32)
    return out.scatter_add(-1, columns.long(), first.to(torch.int32)) > 0  # type: ignore


class BlockMask:
    """A mask kept block by block: blocks that count in part, and those that count in full.

    >>> import chainrule as torch
    >>> from chainrule.nn.attention.flex_attention import create_block_mask
    >>> m = create_block_mask(lambda b, h, q, k: q >= k, None, None, 256, 256)
    >>> m.to_dense()[0, 0]
    tensor([[1, 0],
            [1, 1]], dtype=torch.int32)
    """

    def __init__(
        self, seq_lengths: tuple[int, int], kv_num_blocks: Tensor, kv_indices: Tensor,
        full_kv_num_blocks: Any = None, full_kv_indices: Any = None, q_num_blocks: Any = None,
        q_indices: Any = None, full_q_num_blocks: Any = None, full_q_indices: Any = None,
        BLOCK_SIZE: Any = (128, 128), mask_mod: Mod = noop_mask, **options: Any,
    ) -> None:  # fmt: skip
        if kv_indices.ndim < 2:
            raise ShapeError("BlockMask must have at least 2 dimensions",
                             [("kv_indices", kv_indices)])  # fmt: skip
        self.seq_lengths, self.mask_mod = tuple(seq_lengths), mask_mod
        self.kv_num_blocks, self.kv_indices = kv_num_blocks, kv_indices
        self.full_kv_num_blocks, self.full_kv_indices = full_kv_num_blocks, full_kv_indices
        self.q_num_blocks, self.q_indices = q_num_blocks, q_indices
        self.full_q_num_blocks, self.full_q_indices = full_q_num_blocks, full_q_indices
        self.BLOCK_SIZE = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else BLOCK_SIZE

    @classmethod
    def from_kv_blocks(
        cls, kv_num_blocks: Tensor, kv_indices: Tensor, full_kv_num_blocks: Any = None,
        full_kv_indices: Any = None, BLOCK_SIZE: Any = 128, mask_mod: Any = None,
        seq_lengths: Any = None, compute_q_blocks: bool = True,
    ) -> BlockMask:  # fmt: skip
        """A block mask from each row's number of blocks and their columns."""
        size = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else tuple(BLOCK_SIZE)
        rows, n = kv_indices.shape[-2:]
        lengths = seq_lengths or (rows * size[0], n * size[1])
        turned: tuple[Any, ...] = (None, None, None, None)
        if compute_q_blocks:
            turned = ordered(listed(kv_num_blocks, kv_indices, n).transpose(-2, -1))
            if full_kv_num_blocks is not None:
                full = listed(full_kv_num_blocks, full_kv_indices, n)
                turned += ordered(full.transpose(-2, -1))
            else:
                turned += (None, None)
        return cls(lengths, kv_num_blocks, kv_indices, full_kv_num_blocks, full_kv_indices,
                   *turned, size, mask_mod or noop_mask)  # fmt: skip

    @property
    def shape(self) -> tuple[int, ...]:
        """Batch and heads (1 where all are alike), queries, keys."""
        return (*self.kv_indices.shape[:-2], *self.seq_lengths)

    def numel(self) -> int:
        """The number of pairs of queries and keys."""
        return math.prod(self.shape)

    def blocks(self) -> tuple[Tensor, Tensor]:
        """Which blocks count in part, and which in full."""
        n = self.kv_indices.shape[-1]
        part = listed(self.kv_num_blocks, self.kv_indices, n)
        if self.full_kv_num_blocks is None:
            return part, torch.zeros_like(part)
        return part, listed(self.full_kv_num_blocks, self.full_kv_indices, n)

    def to_dense(self) -> Tensor:
        """1 for each block that counts, in part or in full."""
        part, full = self.blocks()
        return (part | full).to(torch.int32)  # type: ignore[no-any-return]

    def entries(self) -> Tensor:
        """The mask entry by entry: (batch or 1, heads or 1, queries, keys)."""
        Q, K = self.seq_lengths
        wide = [
            b.repeat_interleave(self.BLOCK_SIZE[0], -2).repeat_interleave(self.BLOCK_SIZE[1], -1)
            for b in self.blocks()
        ]
        part, full = (w[..., :Q, :K] for w in wide)
        batch, heads = part.shape[:2]
        return full | (part & create_mask(self.mask_mod, batch, heads, Q, K))  # type: ignore

    def sparsity(self) -> float:
        """The percentage of pairs outside of the blocks that count."""
        block = self.BLOCK_SIZE[0] * self.BLOCK_SIZE[1]
        return 100 * (1 - self.to_dense().sum().item() * block / self.numel())

    def to(self, device: Any) -> BlockMask:
        """This mask: it is on the CPU."""
        torch.empty(0).to(device)  # raises where there is no such device
        return self

    def as_tuple(self, flatten: bool = True) -> tuple[Any, ...]:
        """What it was made of."""
        lengths = self.seq_lengths if flatten else (self.seq_lengths,)
        sizes = self.BLOCK_SIZE if flatten else (self.BLOCK_SIZE,)
        return (*lengths, self.kv_num_blocks, self.kv_indices, self.full_kv_num_blocks,
                self.full_kv_indices, self.q_num_blocks, self.q_indices, self.full_q_num_blocks,
                self.full_q_indices, *sizes, self.mask_mod)  # fmt: skip

    def to_string(self, grid_size: Any = (20, 20), limit: int = 4) -> str:
        """The blocks as a picture, for the first batches and heads."""
        dense = self.to_dense().flatten(0, -3)
        rows = ["\n".join("".join("██" if c else "  " for c in row) for row in one.tolist())
                for one in dense[:limit]]  # fmt: skip
        return "\n\n".join(rows)

    def __repr__(self) -> str:
        head = f"BlockMask(shape={self.shape}, sparsity={self.sparsity():.2f}%,"
        return f"{head}\n{self.to_string()}\n)"


def create_block_mask(
    mask_mod: Mod, B: int | None, H: int | None, Q_LEN: int, KV_LEN: int, device: Any = None,
    BLOCK_SIZE: int | tuple[int, int] = 128, _compile: bool = False,
    separate_full_blocks: bool = True, compute_dq_write_order: bool = False,
    dq_kv_order: bool = True,
) -> BlockMask:  # fmt: skip
    """A mask function's values, kept block by block."""
    size = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else tuple(BLOCK_SIZE)
    count = per_block(create_mask(mask_mod, B, H, Q_LEN, KV_LEN, device), *size)
    there, full = count > 0, count == size[0] * size[1]
    part = ordered(there & ~full if separate_full_blocks else there)
    whole = ordered(full) if separate_full_blocks else (None, None)
    return BlockMask.from_kv_blocks(*part, *whole, size, mask_mod, (Q_LEN, KV_LEN))


def flex_attention(
    query: Tensor, key: Tensor, value: Tensor, score_mod: Any = None, block_mask: Any = None,
    scale: float | None = None, enable_gqa: bool = False, return_lse: bool = False,
    kernel_options: Any = None, *, return_aux: AuxRequest | None = None,
) -> Any:  # fmt: skip
    """Softmax attention whose scores `score_mod` changes and whose pairs `block_mask` chooses.

    Shapes: query (B, H, L, E), key (B, H, S, E), value (B, H, S, V) give (B, H, L, V); with
    `enable_gqa` key and value may have fewer heads, of which each serves several of the query.
    A query that sees no key gives 0.
    Gradient: of the formula, also for tensors that `score_mod` reads.

    >>> import chainrule as torch
    >>> from chainrule.nn.attention.flex_attention import flex_attention
    >>> x = torch.eye(2)[None, None]
    >>> flex_attention(x, x, x, lambda score, b, h, q, k: score - 1000. * (q < k))
    tensor([[[[1.0000, 0.0000],
              [0.3302, 0.6698]]]])
    """
    if any(t.ndim != 4 for t in (query, key, value)):
        raise ShapeError("query, key and value must have 4 dimensions",
                         [("query", query), ("key", key), ("value", value)])  # fmt: skip
    B, H, L, E = query.shape
    if key.shape[1] != H:
        if not enable_gqa or H % key.shape[1]:
            raise ShapeError(
                f"Expect query and key/value to have the same number of heads but got Hq={H} and "
                f"Hkv={key.shape[1]}.", [("query", query), ("key", key)],
                fix="Try setting enable_gqa=True for GQA.",
            )  # fmt: skip
        times = H // key.shape[1]
        key, value = (t.repeat_interleave(times, 1) for t in (key, value))
    S = key.shape[2]
    scores = (query @ key.transpose(-2, -1)) * (1 / math.sqrt(E) if scale is None else scale)
    if score_mod is not None:
        scores = score_mod(scores, *positions(B, H, L, S)).expand(B, H, L, S)
    if block_mask is not None:
        if tuple(block_mask.seq_lengths) != (L, S):
            raise ShapeError(
                f"block_mask was created for block_mask.shape={block_mask.shape} but got q_len={L} "
                f"and kv_len={S}.", fix="Create a new block mask for these lengths.",
            )  # fmt: skip
        scores = scores.masked_fill(~block_mask.entries(), -math.inf)
    lse = scores.logsumexp(-1)
    base = lse.masked_fill(lse == -math.inf, 0.0)
    out = (scores - base[..., None]).exp().to(value.dtype) @ value
    if return_aux is not None:
        return out, AuxOutput(lse if return_aux.lse else None,
                              scores.amax(-1) if return_aux.max_scores else None)  # fmt: skip
    return (out, lse) if return_lse else out
