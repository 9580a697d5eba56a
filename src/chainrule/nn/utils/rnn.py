"""Batches of sequences of different lengths: padded to the longest, or packed without padding.

Packed rows stand step by step: first the first rows of all sequences, longest sequence first, then
the second rows of those that have one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS
from chainrule.tensor import Tensor, from_array


class PackedSequence_(NamedTuple):
    data: Any
    batch_sizes: Any
    sorted_indices: Any
    unsorted_indices: Any


class PackedSequence(PackedSequence_):
    """Sequences of different lengths without padding; made by `pack_sequence` and its like.

    Attributes:
        data: (rows, *), the rows of the first step, then of the second, and so on.
        batch_sizes: the number of rows of each step.
        sorted_indices: which sequence of the batch each of the sorted ones was; None if they came
            longest first.
        unsorted_indices: the inverse.

    >>> import chainrule as torch
    >>> from chainrule.nn.utils.rnn import pack_sequence
    >>> packed = pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])])
    >>> packed.data, packed.batch_sizes
    (tensor([1, 4, 2, 3]), tensor([2, 1, 1]))
    """

    def __new__(
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None,
        unsorted_indices: Any = None,
    ) -> Any:  # fmt: skip
        if batch_sizes is None:  # one pair: (data, batch_sizes)
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Its data in another dtype or on another device, as `Tensor.to` takes them."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._with(data)

    def _with(self, data: Any) -> Any:
        return type(self)(data, self.batch_sizes, self.sorted_indices, self.unsorted_indices)

    def cpu(self, *args: Any, **kwargs: Any) -> Any:
        """Its data in the CPU's memory, where it is."""
        return self

    def cuda(self, *args: Any, **kwargs: Any) -> Any:
        """Its data on a GPU."""
        return self._with(self.data.cuda(*args, **kwargs))

    def pin_memory(self) -> Any:
        """Its data in pinned memory."""
        return self._with(self.data.pin_memory())

    def double(self) -> Any:
        """Its data as float64."""
        return self._with(self.data.double())

    def float(self) -> Any:
        """Its data as float32."""
        return self._with(self.data.float())

    def half(self) -> Any:
        """Its data as float16."""
        return self._with(self.data.half())

    def long(self) -> Any:
        """Its data as int64."""
        return self._with(self.data.long())

    def int(self) -> Any:
        """Its data as int32."""
        return self._with(self.data.int())

    def short(self) -> Any:
        """Its data as int16."""
        return self._with(self.data.short())

    def char(self) -> Any:
        """Its data as int8."""
        return self._with(self.data.char())

    def byte(self) -> Any:
        """Its data as uint8."""
        return self._with(self.data.byte())

    @property
    def is_cuda(self) -> bool:
        """Whether its data is on a GPU."""
        return bool(self.data.is_cuda)

    def is_pinned(self) -> bool:
        """Whether its data is in pinned memory."""
        return bool(self.data.is_pinned())


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes this one.

    >>> import chainrule as torch
    >>> torch.nn.utils.rnn.invert_permutation(torch.tensor([2, 0, 1]))
    tensor([1, 2, 0])
    """
    if permutation is None:
        return None
    given = permutation._array
    out = np.empty_like(given)
    out[given] = np.arange(len(given))
    return from_array(out)  # type: ignore[no-any-return]


def places(batch_sizes: Any, steps: int) -> Any:
    """For each packed row its place in a padded batch of `steps` (step * batch + sequence)."""
    batch = int(batch_sizes[0])
    mask = np.arange(batch) < np.asarray(batch_sizes)[:, None]
    full = np.zeros((steps, batch), bool)
    full[: len(mask)] = mask
    return full, np.flatnonzero(full)


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack a padded batch.

    Args:
        input: (T, B, *), or (B, T, *) if batch_first.
        lengths: of each sequence, a list or tensor.
        enforce_sorted: the sequences come longest first; False sorts them.

    Gradient: each packed row's goes to where it came from; padding gets zero.

    >>> import chainrule as torch
    >>> x = torch.tensor([[1, 2, 0], [3, 4, 5]])
    >>> packed = torch.nn.utils.rnn.pack_padded_sequence(
    ...     x, [2, 3], batch_first=True, enforce_sorted=False)
    >>> packed.data, packed.batch_sizes, packed.sorted_indices
    (tensor([3, 1, 4, 2, 5]), tensor([2, 2, 1]), tensor([1, 0]))
    """
    numbers = lengths._array if isinstance(lengths, Tensor) else np.asarray(lengths)
    numbers = numbers.astype(np.int64)
    sorted_indices = None
    if not enforce_sorted:
        order = np.argsort(-numbers, kind="stable")
        numbers, sorted_indices = numbers[order], from_array(order)
        input = input.index_select(0 if batch_first else 1, sorted_indices)
    if batch_first:
        input = input.transpose(0, 1)
    check_lengths(input, numbers)
    batch_sizes = (np.arange(numbers[0])[:, None] < numbers).sum(1)
    rows = input.reshape(-1, *input.shape[2:])
    if batch_sizes[-1] == batch_sizes[0]:
        data = rows[: int(batch_sizes.sum())]
    else:
        _, index = places(batch_sizes, input._array.shape[0])
        data = rows.index_select(0, from_array(index))
    return PackedSequence(data, from_array(batch_sizes), sorted_indices, None)  # type: ignore


def check_lengths(input: Tensor, lengths: Any) -> None:
    """Raise unless `lengths` can be those of the sequences in `input` (T, B, *)."""
    shape = input._array.shape
    if not input._array.size:
        raise ArgumentError("Cannot pack empty tensors.", [("input", input)])
    if len(lengths) != shape[1]:
        raise ArgumentError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(lengths)} "
            f"(batch_size={shape[1]})",
            [("input", input)],
            fix="With input (B, T, *) pass batch_first=True.",
        )
    if (lengths <= 0).any():
        raise ArgumentError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' "
            "that is <= 0"
        )
    if (lengths[1:] > lengths[:-1]).any():
        raise ArgumentError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. "
            "You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to "
            "sidestep this requirement if you do not need ONNX exportability."
        )
    if lengths[0] > shape[0]:
        raise ArgumentError(
            f"the longest sequence has {lengths[0]} steps, but the input has only {shape[0]}",
            [("input", input)],
        )


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The padded batch of packed sequences, and their lengths.

    Args:
        batch_first: the result is (B, T, *) instead of (T, B, *).
        padding_value: what stands behind the ends.
        total_length: pad to this T instead of the longest sequence's.

    Gradient: that of each row to its packed row.

    >>> import chainrule as torch
    >>> from chainrule.nn.utils.rnn import pack_sequence, pad_packed_sequence
    >>> packed = pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])])
    >>> pad_packed_sequence(packed, batch_first=True)
    (tensor([[1, 2, 3],
            [4, 0, 0]]), tensor([3, 1]))
    """
    data, batch_sizes, _, unsorted_indices = sequence
    sizes = batch_sizes._array
    steps, batch = len(sizes), int(sizes[0])
    if total_length is not None:
        if total_length < steps:
            raise ArgumentError(
                "Expected total_length to be at least the length of the longest sequence in "
                f"input, but got total_length={total_length} and max sequence length being {steps}"
            )
        steps = total_length
    mask, index = places(sizes, steps)
    if not mask.all():
        row = data.new_full((1, *data.shape[1:]), padding_value)
        source = np.full(mask.shape, len(index))
        source.reshape(-1)[index] = np.arange(len(index))
        data = EXPORTS["cat"]((data, row)).index_select(0, from_array(source.reshape(-1)))
    out = data.reshape(steps, batch, *data.shape[1:])
    lengths = mask.sum(0)
    if unsorted_indices is not None:
        out = out.index_select(1, unsorted_indices)
        lengths = lengths[unsorted_indices._array]
    return out.transpose(0, 1) if batch_first else out, from_array(lengths)


def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:  # fmt: skip
    """Sequences (L, *) as one tensor (T, B, *), padded to the longest.

    Args:
        batch_first: the result is (B, T, *).
        padding_value: what fills the rest.
        padding_side: "right" or "left".

    Gradient: that of each row to its sequence.

    >>> import chainrule as torch
    >>> a, b = torch.tensor([1, 2, 3]), torch.tensor([4])
    >>> torch.nn.utils.rnn.pad_sequence([a, b], batch_first=True, padding_value=-1)
    tensor([[ 1,  2,  3],
            [ 4, -1, -1]])
    """
    if not isinstance(sequences, (Iterable, Tensor)):
        raise ArgumentError(
            "pad_sequence: Expected iterable for input sequences, but got arg of type: "
            f"{type(sequences)}"
        )
    if padding_side not in ("left", "right"):
        raise ArgumentError(
            f"Expected padding_side to be one of left or right, but got {padding_side}."
        )
    parts = list(sequences.unbind(0) if isinstance(sequences, Tensor) else sequences)
    if not parts:
        raise ArgumentError("received an empty list of sequences")
    first = parts[0]
    longest = max(p.shape[0] for p in parts)
    tail, padded = first.shape[1:], []
    for part in parts:
        missing = longest - part.shape[0]
        if part.shape[1:] != tail:
            raise ArgumentError(
                "all sequences must have the same size on every axis but the first",
                [("sequences[0]", first), ("another", part)],
            )
        if part._array.dtype != first._array.dtype:
            part = part.to(first.dtype)
        if missing:
            filling = first.new_full((missing, *tail), padding_value)
            both = (filling, part) if padding_side == "left" else (part, filling)
            part = EXPORTS["cat"](both)
        padded.append(part)
    return EXPORTS["stack"](padded, 0 if batch_first else 1)  # type: ignore[no-any-return]


def unpad_sequence(
    padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False
) -> list[Tensor]:
    """The sequences of a padded batch, each cut to its length.

    >>> import chainrule as torch
    >>> x = torch.tensor([[1, 2, 0], [3, 4, 5]])
    >>> torch.nn.utils.rnn.unpad_sequence(x, torch.tensor([2, 3]), batch_first=True)
    [tensor([1, 2]), tensor([3, 4, 5])]
    """
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    numbers = lengths.tolist() if isinstance(lengths, Tensor) else list(lengths)
    return [s[:n] for s, n in zip(padded_sequences.unbind(0), numbers, strict=True)]


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Pack a list of sequences (L, *).

    Args:
        enforce_sorted: they come longest first; False sorts them.

    >>> import chainrule as torch
    >>> a, b = torch.tensor([1]), torch.tensor([2, 3])
    >>> torch.nn.utils.rnn.pack_sequence([a, b], enforce_sorted=False).data
    tensor([2, 1, 3])
    """
    lengths = [s.shape[0] for s in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences that were packed, in their first order.

    >>> import chainrule as torch
    >>> from chainrule.nn.utils.rnn import pack_sequence, unpack_sequence
    >>> unpack_sequence(pack_sequence([torch.tensor([1, 2]), torch.tensor([3])]))
    [tensor([1, 2]), tensor([3])]
    """
    return unpad_sequence(*pad_packed_sequence(packed_sequences, True), True)


__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]
