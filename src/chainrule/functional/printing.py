"""How tensors look: columns aligned, four digits, long ones summarised.

All elements get one format, chosen from the finite nonzero ones: whole floats print as `2.`;
scientific notation is used when the largest is over 1000 times the smallest, over 1e8, or (unless
all are whole) the smallest is under 1e-4.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS
from chainrule.graph import grad_name
from chainrule.tensor import Tensor

Array = Any


class Options:
    """What `set_printoptions` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


OPTIONS = Options()
PROFILES = {"default": (4, 1000, 3, 80), "short": (2, 1000, 2, 80), "full": (4, math.inf, 3, 80)}


def set_printoptions(
    precision: int | None = None, threshold: float | None = None, edgeitems: int | None = None,
    linewidth: int | None = None, profile: str | None = None, sci_mode: bool | None = None,
) -> None:  # fmt: skip
    """Set how tensors print.

    Args:
        precision: digits after the point (4).
        threshold: number of elements from which on tensors are summarised (1000).
        edgeitems: elements shown at each end of a summarised dimension (3).
        linewidth: columns per line (80).
        profile: "default", "short" or "full" sets the four above.
        sci_mode: True or False; None, which any call without it restores, decides by the values.

    >>> import chainrule as torch
    >>> torch.set_printoptions(precision=2)
    >>> torch.tensor([1.12345])
    tensor([1.12])
    >>> torch.set_printoptions(profile="default")
    """
    if profile is not None:
        if profile not in PROFILES:
            raise ArgumentError(f"profile is one of {', '.join(PROFILES)}, not {profile!r}")
        (OPTIONS.precision, OPTIONS.threshold, OPTIONS.edgeitems,
         OPTIONS.linewidth) = PROFILES[profile]  # fmt: skip
    if precision is not None:
        OPTIONS.precision = precision
    if threshold is not None:
        OPTIONS.threshold = threshold
    if edgeitems is not None:
        OPTIONS.edgeitems = edgeitems
    if linewidth is not None:
        OPTIONS.linewidth = linewidth
    OPTIONS.sci_mode = sci_mode


class RealFormat:
    """One width and notation for all elements of a bool, integer or floating array."""

    def __init__(self, array: Array) -> None:
        self.floating = array.dtype.kind in "f"
        self.whole, self.scientific, self.width = True, False, 1
        if array.size == 0:
            return
        if not self.floating:
            values = [str(v) for v in (array.ravel() if array.dtype.kind == "b" else
                                       (array.min(), array.max()))]  # fmt: skip
            self.width = max(map(len, values))
            return
        values = array[np.isfinite(array) & (array != 0)]
        if values.size:
            self.choose(values)

    def choose(self, values: Array) -> None:
        wide = np.abs(values.astype(np.float64))
        low, high = float(wide.min()), float(wide.max())
        self.whole = bool(np.all(values == np.ceil(values)))
        self.scientific = high / low > 1000 or high > 1e8 or (not self.whole and low < 1e-4)
        if OPTIONS.sci_mode is not None:
            self.scientific = OPTIONS.sci_mode
        digits = OPTIONS.precision
        if self.scientific:
            widths = (len(f"{v:.{digits}e}") for v in values.tolist())
        elif self.whole:
            widths = (len(f"{v:.0f}") + 1 for v in values.tolist())
        else:
            widths = (len(f"{v:.{digits}f}") for v in values.tolist())
        self.width = max(self.width, *widths)

    def text(self, value: Any) -> str:
        if not self.floating:
            shown = str(value)
        elif self.scientific:
            shown = f"{value:{self.width}.{OPTIONS.precision}e}"
        elif self.whole:
            shown = f"{value:.0f}"
            if math.isfinite(value):
                shown += "."
        else:
            shown = f"{value:.{OPTIONS.precision}f}"
        return shown.rjust(self.width)

    @property
    def columns(self) -> int:
        return self.width + 2


class ComplexFormat:
    """Real and imaginary parts, each with its own format."""

    def __init__(self, array: Array) -> None:
        self.real, self.imaginary = RealFormat(array.real), RealFormat(array.imag)

    def text(self, value: Any) -> str:
        imaginary = self.imaginary.text(value.imag).lstrip() + "j"
        sign = "" if imaginary[0] in "+-" else "+"
        return f"{self.real.text(value.real)}{sign}{imaginary}"

    @property
    def columns(self) -> int:
        return self.real.width + 2 + self.imaginary.width + 1


def edges(array: Array) -> Array:
    """The elements that a summary shows, for choosing the format."""
    for axis, n in enumerate(array.shape):
        if n > 2 * OPTIONS.edgeitems:
            keep = [*range(OPTIONS.edgeitems), *range(n - OPTIONS.edgeitems, n)]
            array = np.take(array, keep, axis)
    return array


def body(array: Array, indent: int) -> str:
    """The bracketed numbers; `indent` is the column they start in."""
    if array.dtype.kind == "V":
        array = array.astype(np.float32)
    summarize = array.size > OPTIONS.threshold
    sample = edges(array) if summarize else array
    fmt: Any = ComplexFormat(sample) if array.dtype.kind == "c" else RealFormat(sample)
    return block(array, indent, fmt, summarize)


def block(array: Array, indent: int, fmt: Any, summarize: bool) -> str:
    """One dimension of `array`, the inner ones within; the depth is at most NumPy's 64."""
    if array.ndim == 0:
        return fmt.text(array.item())
    edge = OPTIONS.edgeitems
    shorten = summarize and len(array) > 2 * edge
    if array.ndim == 1:
        if shorten:
            head, tail = array[:edge].tolist(), array[len(array) - edge :].tolist()
            shown = [*map(fmt.text, head), " ...", *map(fmt.text, tail)]
        else:
            shown = [fmt.text(v) for v in array.tolist()]
        per_line = max(1, (OPTIONS.linewidth - indent) // fmt.columns)
        lines = [", ".join(shown[i : i + per_line]) for i in range(0, len(shown), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    if shorten:
        parts = [block(a, indent + 1, fmt, summarize) for a in array[:edge]]
        parts.append("...")
        parts += [block(a, indent + 1, fmt, summarize) for a in array[len(array) - edge :]]
    else:
        parts = [block(a, indent + 1, fmt, summarize) for a in array]
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(parts) + "]"


def text_of(self: Tensor, contents: str | None = None) -> str:
    """The tensor as torch prints it."""
    array = self._array
    plain = type(self).__name__ in ("Tensor", "Parameter")
    prefix = "tensor(" if plain else f"{type(self).__name__}("
    suffixes = []
    floating = spec.Defaults.floating
    if array.size == 0:
        shown = "[]"
        if array.ndim != 1:
            suffixes.append(f"size={tuple(array.shape)}")
        if array.dtype != floating:
            suffixes.append(f"dtype={self.dtype}")
    else:
        shown = body(array, len(prefix)) if contents is None else contents
        if array.dtype not in (floating, spec.complex_of(floating), spec.INT64, spec.BOOL):
            suffixes.append(f"dtype={self.dtype}")
    node = self._node
    if node is not None:
        if node.op is None:
            suffixes.append("requires_grad=True")
        else:
            suffixes.append(f"grad_fn=<{grad_name(node)}>")
    whole = prefix + shown
    column = len(whole) - whole.rfind("\n") + 1
    parts = [prefix, shown]
    for suffix in suffixes:
        if column + len(suffix) + 2 > OPTIONS.linewidth:
            parts.append(",\n" + " " * len(prefix) + suffix)
            column = len(prefix) + len(suffix)
        else:
            parts.append(", " + suffix)
            column += len(suffix) + 2
    return "".join(parts) + ")"


def __repr__(self: Tensor, *, tensor_contents: str | None = None) -> str:
    """The values, then what differs from the defaults: size, dtype, graph.

    >>> import chainrule as torch
    >>> torch.ones(2, dtype=torch.float64, requires_grad=True)
    tensor([1., 1.], dtype=torch.float64, requires_grad=True)
    """
    return text_of(self, tensor_contents)


def __format__(self: Tensor, format_spec: str) -> str:
    """A 0-d tensor formats as its number."""
    if self._array.ndim == 0 and type(self) is Tensor:
        return format(self._array.item() if self._array.dtype.kind != "V" else float(self._array),
                      format_spec)  # fmt: skip
    return object.__format__(self, format_spec)


EXPORTS["set_printoptions"] = set_printoptions
Tensor.__repr__ = Tensor.__str__ = __repr__  # type: ignore
Tensor.__format__ = __format__  # type: ignore
