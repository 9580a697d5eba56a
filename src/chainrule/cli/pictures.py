"""Small pictures for HTML: line charts, histograms, a confusion matrix as SVG, images as PNG."""

from __future__ import annotations

import base64
import html
import math
import struct
import zlib
from collections.abc import Sequence

import numpy as np

COLOURS = ("var(--one)", "var(--two)")


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, about `count` of them."""
    span = (high - low) or abs(high) or 1.0
    step = 10.0 ** math.floor(math.log10(span / count))
    step *= min((m for m in (1, 2, 5, 10) if span / (step * m) <= count), default=10)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def line_chart(
    series: dict[str, Sequence[float]], title: str, mark: int = 0, percent: bool = False
) -> str:
    """Lines over epochs 1, 2, ...; `mark` is an epoch to point at."""
    width, height, left, right, top, bottom = 520, 280, 52, 16, 16, 34
    values = [v for line in series.values() for v in line if math.isfinite(v)]
    n = max(map(len, series.values()))
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if not percent:
        low = min(0.0, low)
    pad = (high - low) * 0.05 or 0.01
    low, high = (low - pad if low else 0.0), min(high + pad, 1.0) if percent else high + pad

    def x(i: float) -> float:
        return left + (width - left - right) * (i - 1) / max(1, n - 1)

    def y(v: float) -> float:
        return top + (height - top - bottom) * (high - v) / (high - low)

    parts = [f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{html.escape(title)}">']
    for v in ticks(low, high):
        label = (
            f"{v:.0%}" if percent and (high - low) > 0.05 else f"{v:.1%}" if percent else f"{v:g}"
        )
        parts.append(
            f'<line class="grid" x1="{left}" x2="{width - right}" y1="{y(v):.1f}" '
            f'y2="{y(v):.1f}"/><text class="tick" x="{left - 7}" y="{y(v) + 4:.1f}" '
            f'text-anchor="end">{label}</text>'
        )
    for i in ticks(1, n, 8):
        if i == int(i) and i >= 1:
            parts.append(
                f'<text class="tick" x="{x(i):.1f}" y="{height - 14}" '
                f'text-anchor="middle">{int(i)}</text>'
            )
    if mark:
        parts.append(
            f'<line class="mark" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="{top}" '
            f'y2="{height - bottom}"><title>best on validation: epoch {mark}</title>'
            "</line>"
        )
    for (_, line), colour in zip(series.items(), COLOURS, strict=False):
        points = " ".join(
            f"{x(i):.1f},{y(v):.1f}" for i, v in enumerate(line, 1) if math.isfinite(v)
        )
        parts.append(f'<polyline points="{points}" style="stroke:{colour}"/>')
        if len(line) == 1:
            parts.append(
                f'<circle cx="{x(1):.1f}" cy="{y(line[0]):.1f}" r="3" style="fill:{colour}"/>'
            )
    parts.append(
        f'<text class="tick" x="{(left + width - right) / 2}" y="{height - 1}" '
        'text-anchor="middle">epoch</text></svg>'
    )
    key = "".join(
        f'<span><i style="background:{c}"></i>{html.escape(name)}</span>'
        for name, c in zip(series, COLOURS, strict=False)
    )
    return (
        f'<figure><figcaption>{html.escape(title)}<span class="key">{key}</span></figcaption>'
        f"{''.join(parts)}</figure>"
    )


def histogram(values: np.ndarray, title: str, note: str, colour: str) -> str:
    """How a layer's numbers are spread, on a logarithmic count axis."""
    width, height, base = 240, 84, 70
    values = values[np.isfinite(values)].ravel()
    if values.size == 0:
        return ""
    bound = float(np.abs(values).max()) or 1.0
    low = -bound if values.min() < 0 else 0.0
    counts, _ = np.histogram(values, bins=40, range=(low, bound))
    tall = np.log1p(counts) / max(np.log1p(counts.max()), 1e-9)
    bars = "".join(
        f'<rect x="{i * 6:.1f}" y="{base - 64 * t:.1f}" width="5" height="{64 * t:.1f}" '
        f'style="fill:{colour}"/>'
        for i, t in enumerate(tall)
        if t > 0
    )
    middle = f'<text class="tick" x="{width / 2}" y="82" text-anchor="middle">0</text>'
    return (
        f'<figure class="small"><figcaption>{html.escape(title)}</figcaption>'
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{html.escape(title)}">'
        f'{bars}<line class="grid" x1="0" x2="{width}" y1="{base}" y2="{base}"/>'
        f'<text class="tick" x="0" y="82">{low:.2g}</text>{middle if low < 0 else ""}'
        f'<text class="tick" x="{width}" y="82" text-anchor="end">{bound:.2g}</text></svg>'
        f"<p>{html.escape(note)}</p></figure>"
    )


def confusion(matrix: np.ndarray, names: Sequence[str]) -> str:
    """Counts of (true, predicted); rows are true classes, shaded by their share of the row."""
    head = "".join(f"<th>{html.escape(n)}</th>" for n in names)
    rows = []
    for i, name in enumerate(names):
        total = max(1, int(matrix[i].sum()))
        cells = []
        for j, count in enumerate(matrix[i]):
            share = count / total
            kind = "right" if i == j else "wrong"
            strength = 0 if not count else max(0.12, share if i == j else min(1.0, share * 6))
            text = f"{count}" if count else ""
            cells.append(
                f'<td class="{kind}" style="--s:{strength:.2f}" title="true '
                f'{html.escape(name)}, predicted {html.escape(names[j])}">{text}</td>'
            )
        recall = matrix[i, i] / total
        rows.append(
            f"<tr><th>{html.escape(name)}</th>{''.join(cells)}"
            f'<td class="recall">{recall:.0%}</td></tr>'
        )
    return (
        f'<table class="confusion"><tr><th></th>{head}<th class="recall">right</th></tr>'
        f"{''.join(rows)}</table>"
    )


def png(pixels: np.ndarray) -> str:
    """A data URI of an image: (H, W) or (H, W, 3), from 0 to 1."""
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    data = (np.clip(np.nan_to_num(pixels), 0, 1) * 255 + 0.5).astype(np.uint8)
    height, width = data.shape[:2]
    rows = b"".join(b"\0" + data[i].tobytes() for i in range(height))

    def chunk(kind: bytes, body: bytes) -> bytes:
        whole = kind + body
        return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9))
    return "data:image/png;base64," + base64.b64encode(file + chunk(b"IEND", b"")).decode()


def picture(image: np.ndarray) -> str:
    """A data URI of (C, H, W) from 0 to 1 with one or three channels."""
    return png(image[0] if image.shape[0] == 1 else image.transpose(1, 2, 0))


def template(weights: np.ndarray) -> str:
    """A data URI of weights (C, H, W): blue is negative, red positive, white zero."""
    if weights.shape[0] == 3:
        bound = np.abs(weights).max() or 1.0
        return picture(weights / (2 * bound) + 0.5)
    w = weights.mean(0)
    w = w / (np.abs(w).max() or 1.0)
    red, blue = np.array([0.78, 0.18, 0.16]), np.array([0.13, 0.40, 0.67])
    strong = np.where(w[..., None] > 0, red, blue)
    return png(1 + np.abs(w)[..., None] * (strong - 1))
