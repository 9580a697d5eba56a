"""TensorBoard's messages as functions from values to bytes; the numbers are its field numbers."""

from __future__ import annotations

import struct
import time
import zlib
from typing import Any

import numpy as np

from chainrule.utils.tensorboard import wire

DT_FLOAT, DT_STRING = 1, 7
HPARAM_STRING, HPARAM_BOOL, HPARAM_FLOAT = 1, 2, 3


def event(body: bytes, step: Any = None, walltime: float | None = None) -> bytes:
    """An Event around a field of it."""
    head = wire.double(1, time.time() if walltime is None else walltime)
    return head + (b"" if step is None else wire.integer(2, step)) + body


def file_version() -> bytes:
    return wire.block(3, "brain.Event:2")


def graph_field(graph: bytes) -> bytes:
    return wire.block(4, graph)


def session_start() -> bytes:
    return wire.block(7, wire.integer(1, 1))


def summary(*values: bytes) -> bytes:
    """The Event's field with a Summary of some values."""
    return wire.block(5, b"".join(wire.block(1, v) for v in values))


def scalar(tag: str, value: float) -> bytes:
    return wire.block(1, tag) + wire.single(2, value)


def metadata(plugin: str, content: bytes = b"", description: str = "") -> bytes:
    """Which part of TensorBoard shows a value."""
    data = wire.block(1, wire.block(1, plugin) + (wire.block(2, content) if content else b""))
    return wire.block(9, data + (wire.block(3, description) if description else b""))


def shape_of(sizes: Any) -> bytes:
    return wire.block(2, b"".join(wire.block(2, wire.integer(1, n)) for n in sizes))


def tensor(values: Any) -> bytes:
    """A Value's field with a float tensor."""
    array = np.asarray(values, np.float32)
    return wire.block(8, wire.integer(1, DT_FLOAT) + shape_of(array.shape) + wire.singles(5, array))


def text_tensor(values: list[bytes], sizes: Any) -> bytes:
    body = wire.integer(1, DT_STRING) + shape_of(sizes)
    return wire.block(8, body + b"".join(wire.block(8, v) for v in values))


def scalar_tensor(tag: str, value: float) -> bytes:
    return wire.block(1, tag) + tensor(value) + metadata("scalars")


def text(tag: str, value: str) -> bytes:
    body = wire.block(1, f"{tag}/text_summary") + text_tensor([value.encode()], [1])
    return body + metadata("text", wire.integer(1, 0))


def histogram(tag: str, low: float, high: float, count: float, total: float, squares: float,
              limits: Any, counts: Any) -> bytes:  # fmt: skip
    body = b"".join(wire.double(i, x) for i, x in enumerate((low, high, count, total, squares), 1))
    return wire.block(1, tag) + wire.block(
        5, body + wire.doubles(6, limits) + wire.doubles(7, counts)
    )


def histogram_of(tag: str, values: Any, bins: Any) -> bytes:
    """A histogram without the empty bins at its ends (one empty bin stays before the first)."""
    values = np.asarray(values, np.float64).reshape(-1)
    if not values.size:
        raise ValueError("The input has no element.")
    counts, limits = np.histogram(values, bins=bins)
    filled = np.flatnonzero(counts)
    if not filled.size:
        raise ValueError("The histogram is empty, please file a bug report.")
    first, last = filled[0], filled[-1]
    limits = limits[first : last + 2]
    kept = counts[first - 1 : last + 1] if first else np.concatenate([[0], counts[: last + 1]])
    return histogram(tag, values.min(), values.max(), values.size, values.sum(),
                     values.dot(values), limits, kept)  # fmt: skip


def default_bins() -> list[float]:
    """Bins that grow by a tenth from 1e-12 to 1e20, on both sides of zero."""
    positive = []
    v = 1e-12
    while v < 1e20:
        positive.append(v)
        v *= 1.1
    return [-x for x in reversed(positive)] + [0.0] + positive


def image(tag: str, height: int, width: int, channels: int, encoded: bytes) -> bytes:
    body = wire.integer(1, height) + wire.integer(2, width) + wire.integer(3, channels)
    return wire.block(1, tag) + wire.block(4, body + wire.block(4, encoded))


def audio(tag: str, rate: float, channels: int, frames: int, encoded: bytes) -> bytes:
    body = wire.single(1, rate) + wire.integer(2, channels) + wire.integer(3, frames)
    body += wire.block(4, encoded) + wire.block(5, "audio/wav")
    return wire.block(1, tag) + wire.block(6, body)


def pr_curve(tag: str, data: Any) -> bytes:
    thresholds = np.asarray(data).shape[1]
    body = wire.block(1, tag) + tensor(data)
    return body + metadata("pr_curves", wire.integer(2, thresholds))


def png(pixels: Any) -> bytes:
    """A PNG file of uint8 pixels (height, width, 1 or 3 or 4)."""
    height, width, channels = pixels.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = np.zeros((height, 1 + width * channels), np.uint8)  # each begins with its filter, none
    rows[:, 1:] = pixels.reshape(height, -1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def attribute(key: str, value: bytes) -> bytes:
    """An entry of a graph node's attributes."""
    return wire.block(5, wire.block(1, key) + wire.block(2, value))


def graph_node(name: str, op: str, inputs: list[str], shape: Any = None, note: str = "") -> bytes:
    """A node of a GraphDef."""
    body = wire.block(1, name) + wire.block(2, op) + b"".join(wire.block(3, i) for i in inputs)
    if note:
        body += attribute("attr", wire.block(2, note))
    if shape is not None:
        dims = b"".join(wire.block(2, wire.integer(1, n)) for n in shape)
        body += attribute("_output_shapes", wire.block(1, wire.block(7, dims)))
    return wire.block(1, body)


def graph(nodes: list[bytes]) -> bytes:
    return b"".join(nodes) + wire.block(4, wire.integer(1, 22))


def hparam_value(value: Any) -> bytes:
    """A google.protobuf.Value."""
    if isinstance(value, bool):
        return wire.integer(4, value)
    if isinstance(value, (int, float)):
        return wire.double(2, value)
    return wire.block(3, str(value))


def hparams(
    values: dict[str, Any], metrics: list[str], domains: dict[str, Any], start: float
) -> tuple[bytes, bytes, bytes]:
    """The three values that declare a run's hyperparameters: experiment, start, end."""
    infos = b""
    for name, value in values.items():
        kind = (HPARAM_BOOL if isinstance(value, bool) else
                HPARAM_FLOAT if isinstance(value, (int, float)) else HPARAM_STRING)  # fmt: skip
        body = wire.block(1, name) + wire.integer(4, kind)
        if name in domains:
            listed = b"".join(wire.block(1, hparam_value(v)) for v in domains[name])
            body += wire.block(5, listed)
        infos += wire.block(4, body)
    for tag in metrics:
        infos += wire.block(5, wire.block(1, wire.block(2, tag)))
    given = b"".join(
        wire.block(1, wire.block(1, k) + wire.block(2, hparam_value(v))) for k, v in values.items()
    )
    parts = {"experiment": wire.block(2, infos), "session_start_info": wire.block(3, given),
             "session_end_info": wire.block(4, wire.integer(1, 1))}  # fmt: skip
    first, second, third = (
        wire.block(1, f"_hparams_/{name}") + metadata("hparams", wire.integer(1, 0) + body)
        for name, body in parts.items()
    )
    return first, second, third


def layout(categories: dict[str, Any]) -> bytes:
    """The layout of custom scalars: {category: {chart: ["Multiline" or "Margin", [tags]]}}."""
    body = b""
    for category, charts in categories.items():
        inside = wire.block(1, category)
        for title, (kind, tags) in charts.items():
            if kind == "Margin":
                keys = zip((1, 2, 3), tags, strict=True)
                series = b"".join(wire.block(k, t) for k, t in keys)
                content = wire.block(3, wire.block(1, series))
            else:
                content = wire.block(2, b"".join(wire.block(1, t) for t in tags))
            inside += wire.block(2, wire.block(1, title) + content)
        body += wire.block(2, inside)
    value = wire.block(1, "custom_scalars__config__") + text_tensor([body], [])
    return value + metadata("custom_scalars")
