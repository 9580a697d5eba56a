"""Collating: from a list of samples to one batch of the same structure."""

from __future__ import annotations

import collections.abc
import copy
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.errors import ArgumentError, ShapeError
from chainrule.tensor import Tensor


def default_collate(batch: Any) -> Any:
    """Put samples together: tensors, arrays and numbers become a tensor with a new first axis.

    Inside dicts, lists, tuples and named tuples the same happens entry by entry (plain tuples
    become lists); strings and bytes stay a sequence of strings and bytes.

    Errors: TypeError for samples of any other type; RuntimeError for lists of different lengths,
    or tensors of different shapes.

    >>> from chainrule.utils.data import default_collate
    >>> default_collate([(1, "one"), (2, "two")])
    [tensor([1, 2]), ('one', 'two')]
    >>> default_collate([{"x": 0.5}, {"x": 1.5}])
    {'x': tensor([0.5000, 1.5000], dtype=torch.float64)}
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return torch.stack(list(batch), 0)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SUOV":
            raise refused(first.dtype)
        return torch.stack([torch.as_tensor(x) for x in batch], 0)
    if isinstance(first, np.generic) and not isinstance(first, (np.str_, np.bytes_)):
        if first.dtype.kind in "OV":
            raise refused(first.dtype)
        return torch.as_tensor(np.array(batch))
    if isinstance(first, float):
        return torch.tensor(batch, dtype=torch.float64)
    if isinstance(first, int):
        return torch.tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, collections.abc.Mapping):
        columns = {key: default_collate([sample[key] for sample in batch]) for key in first}
        return like(first, columns)
    if isinstance(first, collections.abc.Sequence):
        lengths = {len(sample) for sample in batch}
        if len(lengths) > 1:
            raise ShapeError("each element in list of batch should be of equal size, but the "
                             f"samples have {', '.join(map(str, sorted(lengths)))} entries",
                             fix="Pad the samples, or pass a collate_fn that does.")  # fmt: skip
        entries = [default_collate(column) for column in zip(*batch, strict=True)]
        return entries if type(first) is tuple else like(first, entries)
    raise refused(type(first))


def default_convert(data: Any) -> Any:
    """Turn the NumPy arrays inside a sample into tensors; everything else stays what it is.

    >>> import numpy as np
    >>> from chainrule.utils.data import default_convert
    >>> default_convert({"x": np.array([1, 2]), "name": "a"})
    {'x': tensor([1, 2]), 'name': 'a'}
    """
    if isinstance(data, (Tensor, str, bytes)):
        return data
    if isinstance(data, (np.ndarray, np.generic)):
        return data if data.dtype.kind in "SUOV" else torch.as_tensor(data)
    if isinstance(data, collections.abc.Mapping):
        return like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, collections.abc.Sequence):
        entries = [default_convert(value) for value in data]
        return entries if type(data) is tuple else like(data, entries)
    return data


def like(sample: Any, entries: Any) -> Any:
    """The entries in a container of the sample's type, or a plain one if that cannot be built."""
    kind = type(sample)
    if kind is dict or kind is list:
        return entries
    if hasattr(sample, "_fields"):
        return kind(*entries)
    try:
        if isinstance(sample, collections.abc.MutableMapping):
            clone = copy.copy(sample)  # keeps what a subclass holds beside its entries
            clone.update(entries)
            return clone
        return kind(entries)
    except TypeError:
        return entries


def refused(kind: Any) -> ArgumentError:
    return ArgumentError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {kind}",
        fix="Pass DataLoader a collate_fn that knows how to put these together.",
    )
