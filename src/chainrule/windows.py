"""Sliding windows as plain tuples: how many there are, and which elements each position meets.

A window of `kernel` positions, `dilation` apart, moves by `stride` over an axis that is extended
by `padding`, a pair (before, after).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from chainrule.errors import ShapeError
from chainrule.spec import Shape

Pairs = tuple[tuple[int, int], ...]
Tap = tuple[int, tuple[slice, ...], tuple[slice, ...]]


def spans(kernel: Shape, dilation: Shape) -> Shape:
    """The extent of a window with its gaps."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def output_size(
    size: Shape, kernel: Shape, stride: Shape, padding: Pairs, dilation: Shape
) -> Shape:
    """The number of windows along each axis."""
    out = []
    for n, k, s, (a, b), d in zip(size, kernel, stride, padding, dilation, strict=True):
        room = n + a + b - d * (k - 1) - 1
        if room < 0:
            padded = " x ".join(str(n + a + b) for n, (a, b) in zip(size, padding, strict=True))
            raise ShapeError(
                f"Calculated padded input size per channel: ({padded}). Kernel size: "
                f"({' x '.join(map(str, spans(kernel, dilation)))}). Kernel size can't be greater "
                "than actual input size",
                fix="Use a smaller kernel, or more padding.",
            )
        out.append(room // s + 1)
    return tuple(out)


def pool_size(
    size: Shape, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape, ceil: bool
) -> Shape:
    """The number of pooling windows; with `ceil` a last one may reach past the end."""
    out = []
    for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        count = (room + (s - 1 if ceil else 0)) // s + 1
        if ceil and (count - 1) * s >= n + p:  # a window that starts in the padding: none
            count -= 1
        if count < 1:
            raise ShapeError(
                f"Given input size: ({'x'.join(map(str, size))}). Calculated output size is too "
                f"small: a window of {spans(kernel, dilation)} does not fit",
                fix="Use a smaller kernel, or more padding.",
            )
        out.append(count)
    return tuple(out)


def axis_taps(
    n: int, kernel: int, stride: int, before: int, dilation: int, out: int
) -> list[tuple[int, slice, slice]]:
    """For each kernel position: the windows where it lies inside, and the elements it meets."""
    taps = []
    for k in range(kernel):
        start = k * dilation - before
        first = max(0, -(start // stride)) if start < 0 else 0
        last = min(out, (n - 1 - start) // stride + 1)
        if last > first:
            low = first * stride + start
            high = (last - 1) * stride + start + 1
            taps.append((k, slice(first, last), slice(low, high, stride)))
    return taps


def taps(
    size: Shape, kernel: Shape, stride: Shape, before: Shape, dilation: Shape, out: Shape
) -> Iterator[Tap]:
    """The same over several axes: (position in row-major order, windows, elements)."""
    axes = zip(size, kernel, stride, before, dilation, out, strict=True)
    for combination in product(*(axis_taps(*a) for a in axes)):
        code = 0
        for (k, _, _), n in zip(combination, kernel, strict=True):
            code = code * n + k
        yield code, tuple(w for _, w, _ in combination), tuple(e for _, _, e in combination)
