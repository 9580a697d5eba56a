"""What users hand to a SummaryWriter, as arrays: scalars, pictures in any layout, curves."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, MissingExtraError, ShapeError
from chainrule.tensor import Tensor


def array_of(x: Any) -> Any:
    """A NumPy array of a tensor, array, number, or list of these."""
    if isinstance(x, Tensor):
        array = x.detach()._array
        return array.astype(np.float32) if array.dtype.kind == "V" else array
    if isinstance(x, (list, tuple)):
        return np.array([array_of(v) for v in x])
    return np.asarray(x)


def number(x: Any, what: str = "scalar_value") -> float:
    """The one number that a scalar is."""
    array = array_of(x)
    if array.size != 1:
        raise ShapeError(f"scalar should be 0D: {what} has more than one element", [(what, x)],
                         fix="Reduce it first, for example with .mean().")  # fmt: skip
    return float(array.reshape(()))


def picture(x: Any, layout: str) -> Any:
    """uint8 pixels (height, width, channels) of a picture, or of a batch beside and below."""
    array = array_of(x)
    layout = layout.upper()
    if (
        len(layout) != array.ndim
        or len(set(layout)) != len(layout)
        or not set(layout) <= set("NCHW")
    ):
        raise ShapeError(
            f"size of input tensor and input format are different: the tensor has {array.ndim} "
            f"dimensions, dataformats is {layout!r}", [("image", array)],
            fix="Say which dimension is which, such as dataformats='HWC'.",
        )  # fmt: skip
    if "N" in layout:
        order = [layout.index(c) for c in "NHWC"] if "C" in layout else None
        batch = array.transpose(order) if order else (
            array.transpose([layout.index(c) for c in "NHW"])[..., None]
        )  # fmt: skip
        array = grid(batch)
    elif "C" in layout:
        array = array.transpose([layout.index(c) for c in "HWC"])
    else:
        array = array.transpose([layout.index(c) for c in "HW"])[..., None]
    if array.shape[2] == 1:
        array = np.repeat(array, 3, axis=2)
    scale = 1 if array.dtype == np.uint8 else 255
    return (array.astype(np.float32) * scale).clip(0, 255).astype(np.uint8)


def grid(batch: Any, columns: int = 8) -> Any:
    """Pictures (n, h, w, c) in rows of at most 8."""
    n, h, w, c = batch.shape
    if c == 1:
        batch = np.repeat(batch, 3, axis=3)
        c = 3
    columns = min(n, columns)
    rows = -(-n // columns)
    out = np.zeros((h * rows, w * columns, c), batch.dtype)
    for i, one in enumerate(batch):
        y, x = divmod(i, columns)
        out[y * h : (y + 1) * h, x * w : (x + 1) * w] = one
    return out


def figure_pixels(figure: Any, close: bool) -> Any:
    """A matplotlib figure, or several, as uint8 (channels, height, width), or a batch of these."""
    try:
        import importlib

        agg = importlib.import_module("matplotlib.backends.backend_agg")
        plt = importlib.import_module("matplotlib.pyplot")
    except ImportError:
        raise MissingExtraError("add_figure needs matplotlib",
                                fix="pip install matplotlib") from None  # fmt: skip

    def draw(one: Any) -> Any:
        canvas = agg.FigureCanvasAgg(one)
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())[..., :3].transpose(2, 0, 1).copy()
        if close:
            plt.close(one)
        return pixels

    return np.stack([draw(f) for f in figure]) if isinstance(figure, list) else draw(figure)


def precision_recall(labels: Any, predictions: Any, thresholds: int, weights: Any) -> Any:
    """True and false positives, true and false negatives, precision and recall per threshold."""
    labels, predictions = array_of(labels).reshape(-1), array_of(predictions).reshape(-1)
    weights = 1.0 if weights is None else array_of(weights).reshape(-1)
    where = np.floor(predictions * (thresholds - 1)).astype(np.int64).clip(0, thresholds - 1)
    truth = labels.astype(np.float64)
    above = [
        np.bincount(where, counted, thresholds)[::-1].cumsum()[::-1]
        for counted in (truth * weights, (1 - truth) * weights)
    ]
    tp, fp = above
    tn, fn = fp[0] - fp, tp[0] - tp
    precision, recall = tp / np.maximum(1e-7, tp + fp), tp / np.maximum(1e-7, tp + fn)
    return np.stack((tp, fp, tn, fn, precision, recall))


def wav(sound: Any, rate: int) -> tuple[bytes, int]:
    """A 16-bit WAV file of samples in [-1, 1], and how many frames it has."""
    import io
    import wave

    samples = array_of(sound).squeeze()
    if samples.ndim != 1:
        raise ArgumentError("input tensor should be 1 dimensional.", [("snd_tensor", sound)])
    data = (samples.clip(-1, 1) * np.iinfo(np.int16).max).astype("<i2").tobytes()
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data)
    return out.getvalue(), len(samples)


def gif(video: Any, fps: float) -> tuple[bytes, int, int, int]:
    """A film (batch, time, channels, height, width) as a GIF, its height, width and channels."""
    try:
        import importlib
        import io

        pil = importlib.import_module("PIL.Image")
    except ImportError:
        raise MissingExtraError("add_video needs Pillow", fix="pip install pillow") from None
    film = array_of(video)
    scale = 1 if film.dtype == np.uint8 else 255
    film = (film.astype(np.float32) * scale).clip(0, 255).astype(np.uint8)
    frames = [grid(film[:, t].transpose(0, 2, 3, 1)) for t in range(film.shape[1])]
    pictures = [pil.fromarray(frame) for frame in frames]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:],
                     duration=1000 / fps, loop=0)  # fmt: skip
    return out.getvalue(), *frames[0].shape
