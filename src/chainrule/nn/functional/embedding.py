"""Rows of a table by index, and one-hot vectors."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chainrule.autograd.mode import mode
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, OutOfRangeError, ShapeError
from chainrule.ops.embedding import Embedding, EmbeddingGrad
from chainrule.ops.sparse import SparseEmbedding
from chainrule.storage import note_write
from chainrule.tensor import Tensor, from_array


def check_index(index: Tensor, rows: int, what: str) -> None:
    """Raise unless `index` holds integers from 0 to rows - 1; negative ones look huge unsigned."""
    array = index._array
    if array.dtype.kind not in "iu":
        raise DtypeError(
            f"Expected tensor for argument #1 'indices' to have one of the following scalar types: "
            f"Long, Int; but got {array.dtype} instead (while checking arguments for {what})",
            [("input", index)],
            fix="Convert it with .long().",
        )
    if array.size and array.view(f"u{array.dtype.itemsize}").max() >= rows:
        bad = np.argwhere((array < 0) | (array >= rows))[0]
        value, place = int(array[tuple(bad)]), tuple(int(i) for i in bad)
        raise OutOfRangeError(
            f"index out of range in self: input[{', '.join(map(str, place))}] is {value}, and the "
            f"table has {rows} rows",
            [("input", index)],
            fix=f"Indices go from 0 to {rows - 1}; build the table with more rows.",
        )


def embedding(
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Tensor:  # fmt: skip
    """The rows of `weight` that `input` names.

    Args:
        padding_idx: this row gets no gradient.
        sparse: the gradient of `weight` is a sparse tensor of the rows that were named.
        max_norm: rows that are used and longer are shortened to it, in place, without gradient.
        scale_grad_by_freq: divide a row's gradient by how often it is named.

    Shapes: input of integers, weight (rows, features); the result is (*input.shape, features).
    Gradient: g added up at the rows named.
    Errors: an index outside the table.

    >>> import chainrule as torch
    >>> table = torch.tensor([[1., 2.], [3., 4.]])
    >>> torch.nn.functional.embedding(torch.tensor([1, 0]), table)
    tensor([[3., 4.],
            [1., 2.]])
    """
    if weight._array.ndim != 2:
        raise ShapeError("'weight' must be 2-D", [("weight", weight)])
    rows = weight._array.shape[0]
    padding = -1
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise ArgumentError("Padding_idx must be within num_embeddings",
                                [("padding_idx", padding_idx), ("weight", weight)])  # fmt: skip
        padding = padding_idx % rows
    check_index(input, rows, "embedding")
    if max_norm is not None:
        shorten(weight, input._array, max_norm, norm_type)
    op: Any = Embedding
    if sparse:
        from chainrule import sparse as _sparse  # noqa: F401  (gradients become its tensors)

        op = SparseEmbedding
    return apply(op, weight, input, padding=padding, by_count=bool(scale_grad_by_freq))


def shorten(weight: Tensor, index: Any, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are named and too long, in place."""
    rows = np.unique(index)
    chosen = weight._array[rows]
    norms = (np.abs(chosen) ** norm_type).sum(1, keepdims=True) ** (1 / norm_type)
    weight._array[rows] = np.where(norms > max_norm, chosen * (max_norm / (norms + 1e-7)), chosen)
    was, mode.recording = mode.recording, False
    note_write(weight._array, None)
    mode.recording = was


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """int64 vectors with a 1 at the class and 0 elsewhere.

    Args:
        num_classes: the length; one more than the largest class if -1.

    >>> import chainrule as torch
    >>> torch.nn.functional.one_hot(torch.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    index = tensor._array
    if index.dtype != np.int64:
        raise DtypeError("one_hot is only applicable to index tensor of type LongTensor.",
                         [("tensor", tensor)], fix="Convert it with .long().")  # fmt: skip
    if index.size == 0:
        if num_classes <= 0:
            raise ArgumentError("Can not infer total number of classes from empty tensor.")
        return from_array(np.zeros((*index.shape, num_classes), np.int64))
    if index.min() < 0:
        raise OutOfRangeError("Class values must be non-negative.", [("tensor", tensor)])
    largest = int(index.max())
    if num_classes == -1:
        num_classes = largest + 1
    elif num_classes < 1:
        raise ArgumentError("num_classes should be positive", [("num_classes", num_classes)])
    elif largest >= num_classes:
        raise OutOfRangeError(
            f"Class values must be smaller than num_classes: {largest} is not below {num_classes}"
        )
    return from_array((index[..., None] == np.arange(num_classes)).astype(np.int64))


def embedding_bag(
    input: Tensor, weight: Tensor, offsets: Tensor | None = None, max_norm: float | None = None,
    norm_type: float = 2, scale_grad_by_freq: bool = False, mode: str = "mean",
    sparse: bool = False, per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False, padding_idx: int | None = None,
) -> Tensor:  # fmt: skip
    """The sum, mean or maximum of the rows in each bag of indices.

    Args:
        offsets: where each bag starts in a 1-D input; a 2-D input has one bag a row.
        mode: "sum", "mean" or "max".
        per_sample_weights: factors for the rows, with mode "sum".
        padding_idx: this index does not count.

    >>> import chainrule as torch
    >>> table = torch.tensor([[1., 2.], [3., 4.]])
    >>> torch.nn.functional.embedding_bag(torch.tensor([[0, 1]]), table)
    tensor([[2., 3.]])
    """
    if weight._array.dtype.kind in "iu" and input._array.dtype.kind in "fV":
        warnings.warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage "
            "`embedding_bag(weight, input, ...)` is deprecated, and should now be "
            "`embedding_bag(input, weight, ...)`.", stacklevel=2,
        )  # fmt: skip
        input, weight = weight, input
    index, rows = input._array, weight._array.shape[0]
    if mode not in ("sum", "mean", "max"):
        raise ArgumentError("mode has to be one of sum, mean or max", [("mode", mode)])
    if index.ndim == 2:
        if offsets is not None:
            raise ArgumentError("if input is 2D, then offsets has to be None, as input is treated "
                                "is a mini-batch of fixed length sequences.")  # fmt: skip
        bags, length = index.shape
        ends = np.arange(bags + 1) * length
    elif index.ndim == 1:
        if offsets is None:
            raise ArgumentError("offsets has to be a 1D Tensor but got None")
        if offsets._array.ndim != 1:
            raise ArgumentError("offsets has to be a 1D Tensor", [("offsets", offsets)])
        if offsets._array.size and offsets._array[0] != 0:
            raise ShapeError(
                "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start "
                f"from position 0. However, got {offsets._array[0]}", [("offsets", offsets)],
            )  # fmt: skip
        ends = offsets._array if include_last_offset else np.append(offsets._array, index.size)
        bags = len(ends) - 1
    else:
        raise ShapeError(
            f"input has to be 1D or 2D Tensor, but got Tensor of dimension {index.ndim}"
        )
    if per_sample_weights is not None:
        if mode != "sum":
            raise ArgumentError("embedding_bag: per_sample_weights was not None. "
                                "per_sample_weights is only supported for mode='sum' "
                                f"(got mode='{mode}').")  # fmt: skip
        if per_sample_weights._array.shape != index.shape:
            raise ShapeError("embedding_bag: If per_sample_weights is not None, then it must "
                             "have the same shape as the input",
                             [("input", input), ("weights", per_sample_weights)])  # fmt: skip
    padding = -1 if padding_idx is None else padding_idx % rows
    flat = from_array(index.reshape(-1))
    found = embedding(flat, weight, None if padding < 0 else padding, max_norm, norm_type,
                      scale_grad_by_freq, sparse and mode != "max")  # fmt: skip
    keep = index.reshape(-1) != padding
    bag_of = np.repeat(np.arange(bags), np.diff(ends))
    counts = np.bincount(bag_of[keep], minlength=bags)
    dtype, width = weight._array.dtype, weight._array.shape[1]
    if mode == "max":
        members = np.zeros((bags, max(int(counts.max(initial=0)), 1)), np.int64)
        real = np.zeros(members.shape, bool)
        rank = np.concatenate([np.arange(c) for c in counts]) if bags else np.zeros(0, int)
        members[bag_of[keep], rank.astype(int)] = np.flatnonzero(keep)
        real[bag_of[keep], rank.astype(int)] = True
        best = np.where(real[..., None], found._array[members], -np.inf).argmax(1)
        chosen = np.take_along_axis(members[..., None], best[:, None], 1)[:, 0]
        out = found.gather(0, from_array(chosen)) if found._array.size else found.new_zeros(
            (bags, width))  # fmt: skip
        return out * from_array((counts > 0).astype(dtype)[:, None])
    if per_sample_weights is not None:
        found = found * per_sample_weights.reshape((-1, 1))
    drop = from_array(np.where(keep, bag_of, bags))
    table = apply(EmbeddingGrad, found, drop, rows=bags + 1, padding=bags, by_count=False)[:bags]
    if mode == "mean":
        table = table / from_array(np.maximum(counts, 1).astype(dtype)[:, None])
    return table
