"""make_tensor: random tensors for tests."""

from __future__ import annotations

from typing import Any

import chainrule as torch


def make_tensor(
    *shape: Any,
    dtype: Any,
    device: Any = "cpu",
    low: Any = None,
    high: Any = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Any:
    """A tensor with values drawn evenly from [low, high): -9 to 9 unless told otherwise.

    >>> import chainrule as torch
    >>> torch.testing.make_tensor(2, 3, dtype=torch.float32).shape
    torch.Size([2, 3])
    """
    size = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    if noncontiguous and size:
        size = (*size[:-1], 2 * size[-1])
    if dtype is torch.bool:
        out = torch.randint(0, 2, size).to(dtype)
    elif dtype.is_floating_point or dtype.is_complex:
        a, b = -9 if low is None else low, 9 if high is None else high
        out = torch.rand(size, dtype=torch.float64) * (b - a) + a
        if dtype.is_complex:
            out = torch.complex(out, torch.rand(size, dtype=torch.float64) * (b - a) + a)
        out = out.to(dtype)
    else:
        least = 0 if not dtype.is_signed else -9
        out = torch.randint(
            least if low is None else int(low), 10 if high is None else int(high), size
        )
        out = out.to(dtype)
    if exclude_zero:
        out[out == 0] = 1
    if noncontiguous and size:
        out = out[..., ::2]
    return out.requires_grad_(requires_grad) if requires_grad else out
