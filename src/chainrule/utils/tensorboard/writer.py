"""SummaryWriter: what training reports, in event files that TensorBoard reads."""

from __future__ import annotations

import itertools
import os
import socket
import time
import weakref
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.utils.tensorboard import messages
from chainrule.utils.tensorboard.arrays import (
    array_of,
    figure_pixels,
    gif,
    number,
    picture,
    precision_recall,
    wav,
)
from chainrule.utils.tensorboard.embedding import write_embedding
from chainrule.utils.tensorboard.tracing import traced
from chainrule.utils.tensorboard.wire import record

_files = itertools.count()


class Buffer:
    """Records on their way to a file; a forked child's copy of them is never written."""

    def __init__(self, path: str) -> None:
        self.file = open(path, "wb", buffering=0)  # noqa: SIM115  (closed by close())
        self.waiting: list[bytes] = []
        self.owner = os.getpid()

    def flush(self) -> None:
        if self.waiting and os.getpid() == self.owner:
            self.file.write(b"".join(self.waiting))
            self.waiting.clear()

    def close(self) -> None:
        self.flush()
        self.file.close()


class FileWriter:
    """One event file, which is made at once; what is written is flushed now and then."""

    def __init__(self, log_dir: Any, max_queue: int = 10, flush_secs: float = 120,
                 filename_suffix: str = "") -> None:  # fmt: skip
        self.log_dir = os.fspath(log_dir)
        os.makedirs(self.log_dir, exist_ok=True)
        name = (f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}."
                f"{os.getpid()}.{next(_files)}{filename_suffix}")  # fmt: skip
        self.path = os.path.join(self.log_dir, name)
        self.buffer = Buffer(self.path)
        self.finalizer = weakref.finalize(self, self.buffer.close)
        self.max_queue, self.flush_secs = max_queue, flush_secs
        self.waiting, self.flushed = 0, time.monotonic()
        self.write(messages.event(messages.file_version()))
        self.flush()

    def write(self, event: bytes) -> None:
        """Add an Event."""
        self.buffer.waiting.append(record(event))
        self.waiting += 1
        if self.waiting >= self.max_queue or time.monotonic() - self.flushed > self.flush_secs:
            self.flush()

    def get_logdir(self) -> str:
        """The folder of the file."""
        return self.log_dir

    def add_summary(self, *values: bytes, step: Any = None, walltime: Any = None) -> None:
        """Add an Event with values."""
        self.write(messages.event(messages.summary(*values), step, walltime))

    def flush(self) -> None:
        """Hand what was written to the system."""
        self.buffer.flush()
        self.waiting, self.flushed = 0, time.monotonic()

    def close(self) -> None:
        """Close the file."""
        self.finalizer()


class SummaryWriter:
    """Writes what training reports, for TensorBoard to show; TensorBoard need not be installed.

    Args:
        log_dir: the folder; `runs/<date>_<host><comment>` unless given.
        comment: added to that name.
        purge_step: where an earlier run broke off: TensorBoard hides its steps from here on.
        max_queue, flush_secs: after how many reports, or seconds, they are handed to the system.
        filename_suffix: added to the file's name.

    >>> import os, tempfile
    >>> from chainrule.utils.tensorboard import SummaryWriter
    >>> folder = tempfile.mkdtemp()
    >>> with SummaryWriter(folder) as writer:
    ...     for step in range(3):
    ...         writer.add_scalar("loss", 1 / (step + 1), step)
    >>> os.listdir(folder)[0].startswith("events.out.tfevents.")
    True
    """

    def __init__(self, log_dir: Any = None, comment: str = "", purge_step: int | None = None,
                 max_queue: int = 10, flush_secs: float = 120,
                 filename_suffix: str = "") -> None:  # fmt: skip
        if not log_dir:
            now = datetime.now().strftime("%b%d_%H-%M-%S")
            log_dir = os.path.join("runs", f"{now}_{socket.gethostname()}{comment}")
        self.log_dir = os.fspath(log_dir)
        self.purge_step = purge_step
        self.max_queue, self.flush_secs = max_queue, flush_secs
        self.filename_suffix = filename_suffix
        self.file_writer: FileWriter | None = None
        self.all_writers: dict[str, FileWriter] | None = None
        self._charts: dict[str, Any] = {}
        self._get_file_writer()

    def _get_file_writer(self) -> FileWriter:
        if self.file_writer is None or self.all_writers is None:
            self.file_writer = self._open(self.log_dir)
            self.all_writers = {self.log_dir: self.file_writer}
            if self.purge_step is not None:
                self.file_writer.write(messages.event(messages.file_version(), self.purge_step))
                self.file_writer.write(messages.event(messages.session_start(), self.purge_step))
                self.purge_step = None
        return self.file_writer

    def _open(self, folder: str) -> FileWriter:
        return FileWriter(folder, self.max_queue, self.flush_secs, self.filename_suffix)

    def _add(self, value: bytes, step: Any, walltime: Any) -> None:
        step = None if step is None else int(number(step, "global_step"))
        self._get_file_writer().add_summary(value, step=step, walltime=walltime)

    def get_logdir(self) -> str:
        """The folder that event files are written to."""
        return self.log_dir

    def add_scalar(self, tag: str, scalar_value: Any, global_step: Any = None,
                   walltime: Any = None, new_style: bool = False,
                   double_precision: bool = False) -> None:  # fmt: skip
        """A number, which becomes a point of the curve `tag`."""
        value = number(scalar_value)
        make = messages.scalar_tensor if new_style or double_precision else messages.scalar
        self._add(make(tag, value), global_step, walltime)

    def add_scalars(self, main_tag: str, tag_scalar_dict: dict[str, Any], global_step: Any = None,
                    walltime: Any = None) -> None:  # fmt: skip
        """Several curves in one plot; each is a run of its own, in a folder beside the file."""
        self._get_file_writer()
        assert self.all_writers is not None
        walltime = time.time() if walltime is None else walltime
        for tag, value in tag_scalar_dict.items():
            folder = f"{self.log_dir}/{main_tag.replace('/', '_')}_{tag}"
            writer = self.all_writers.get(folder)
            if writer is None:
                writer = self.all_writers[folder] = self._open(folder)
            step = None if global_step is None else int(number(global_step, "global_step"))
            point = messages.scalar(main_tag, number(value))
            writer.add_summary(point, step=step, walltime=walltime)

    def add_tensor(self, tag: str, tensor: Any, global_step: Any = None,
                   walltime: Any = None) -> None:  # fmt: skip
        """A tensor as it is, in float32."""
        value = messages.wire.block(1, tag) + messages.tensor(array_of(tensor))
        self._add(value + messages.metadata("tensor"), global_step, walltime)

    def add_histogram(self, tag: str, values: Any, global_step: Any = None,
                      bins: Any = "tensorflow", walltime: Any = None,
                      max_bins: Any = None) -> None:  # fmt: skip
        """How values are distributed; `bins` as in `numpy.histogram`, or "tensorflow"."""
        edges = messages.default_bins() if bins == "tensorflow" else bins
        self._add(messages.histogram_of(tag, array_of(values), edges), global_step, walltime)

    def add_histogram_raw(self, tag: str, min: Any, max: Any, num: Any, sum: Any, sum_squares: Any,
                          bucket_limits: Any, bucket_counts: Any, global_step: Any = None,
                          walltime: Any = None) -> None:  # fmt: skip
        """A histogram that was counted already: upper limits of the bins, and their counts."""
        limits, counts = array_of(bucket_limits), array_of(bucket_counts)
        if len(limits) != len(counts):
            raise ArgumentError("len(bucket_limits) != len(bucket_counts), see the document.")
        numbers = [number(x) for x in (min, max, num, sum, sum_squares)]
        self._add(messages.histogram(tag, *numbers, limits, counts), global_step, walltime)

    def add_image(self, tag: str, img_tensor: Any, global_step: Any = None, walltime: Any = None,
                  dataformats: str = "CHW") -> None:  # fmt: skip
        """A picture: uint8 from 0 to 255, or numbers from 0 to 1.

        Shapes: (3, H, W), unless `dataformats` says otherwise, such as "HWC", "HW".
        """
        pixels = picture(img_tensor, dataformats)
        value = messages.image(tag, *pixels.shape, messages.png(pixels))
        self._add(value, global_step, walltime)

    def add_images(self, tag: str, img_tensor: Any, global_step: Any = None, walltime: Any = None,
                   dataformats: str = "NCHW") -> None:  # fmt: skip
        """Several pictures in one, eight in a row."""
        if isinstance(img_tensor, (list, tuple)):
            img_tensor = np.stack([array_of(x) for x in img_tensor])
        self.add_image(tag, img_tensor, global_step, walltime, dataformats)

    def add_image_with_boxes(self, tag: str, img_tensor: Any, box_tensor: Any,
                             global_step: Any = None, walltime: Any = None, rescale: float = 1,
                             dataformats: str = "CHW", labels: Any = None) -> None:  # fmt: skip
        """A picture with red frames around boxes (x1, y1, x2, y2); labels are not drawn."""
        pixels = picture(img_tensor, dataformats).copy()
        for x1, y1, x2, y2 in array_of(box_tensor).astype(int).reshape(-1, 4):
            box = pixels[max(y1, 0) : y2 + 1, max(x1, 0) : x2 + 1]
            box[:1] = box[-1:] = box[:, :1] = box[:, -1:] = (255, 0, 0)
        value = messages.image(tag, *pixels.shape, messages.png(pixels))
        self._add(value, global_step, walltime)

    def add_figure(self, tag: str, figure: Any, global_step: Any = None, close: bool = True,
                   walltime: Any = None) -> None:  # fmt: skip
        """A matplotlib figure, or a list of them, as a picture; closes it unless told not to."""
        pixels = figure_pixels(figure, close)
        self.add_image(tag, pixels, global_step, walltime, "NCHW" if pixels.ndim == 4 else "CHW")

    def add_video(self, tag: str, vid_tensor: Any, global_step: Any = None, fps: float = 4,
                  walltime: Any = None) -> None:  # fmt: skip
        """A film as a GIF, which needs Pillow.

        Shapes: (N, T, C, H, W).
        """
        encoded, height, width, channels = gif(vid_tensor, fps)
        value = messages.image(tag, height, width, channels, encoded)
        self._add(value, global_step, walltime)

    def add_audio(self, tag: str, snd_tensor: Any, global_step: Any = None,
                  sample_rate: int = 44100, walltime: Any = None) -> None:  # fmt: skip
        """A sound: samples from -1 to 1.

        Shapes: (L,) or (1, L).
        """
        encoded, frames = wav(snd_tensor, sample_rate)
        self._add(messages.audio(tag, sample_rate, 1, frames, encoded), global_step, walltime)

    def add_text(self, tag: str, text_string: str, global_step: Any = None,
                 walltime: Any = None) -> None:  # fmt: skip
        """A text, which TensorBoard shows as Markdown."""
        self._add(messages.text(tag, text_string), global_step, walltime)

    def add_graph(self, model: Any, input_to_model: Any = None, verbose: bool = False,
                  use_strict_trace: bool = True) -> None:  # fmt: skip
        """The operations of one call of a module, grouped by its submodules."""
        if input_to_model is None:
            raise ArgumentError("add_graph calls the model: it needs input_to_model")
        body = messages.graph_field(traced(model, input_to_model))
        self._get_file_writer().write(messages.event(body))

    def add_embedding(self, mat: Any, metadata: Any = None, label_img: Any = None,
                      global_step: Any = None, tag: str = "default",
                      metadata_header: Any = None) -> None:  # fmt: skip
        """Vectors for TensorBoard's projector, with labels and pictures.

        Shapes: mat (N, D); metadata N labels; label_img (N, C, H, W).
        """
        folder = Path(self._get_file_writer().get_logdir())
        write_embedding(folder, mat, metadata, label_img, global_step, tag, metadata_header)

    def add_pr_curve(self, tag: str, labels: Any, predictions: Any, global_step: Any = None,
                     num_thresholds: int = 127, weights: Any = None,
                     walltime: Any = None) -> None:  # fmt: skip
        """Precision against recall of a binary classifier: labels 0 or 1, predictions in [0, 1]."""
        count = min(num_thresholds, 127)
        curve = precision_recall(labels, predictions, count, weights)
        self._add(messages.pr_curve(tag, curve), global_step, walltime)

    def add_pr_curve_raw(self, tag: str, true_positive_counts: Any, false_positive_counts: Any,
                         true_negative_counts: Any, false_negative_counts: Any, precision: Any,
                         recall: Any, global_step: Any = None, num_thresholds: int = 127,
                         weights: Any = None, walltime: Any = None) -> None:  # fmt: skip
        """The same from counts per threshold."""
        rows = (true_positive_counts, false_positive_counts, true_negative_counts,
                false_negative_counts, precision, recall)  # fmt: skip
        curve = np.stack([array_of(r)[:127] for r in rows])
        self._add(messages.pr_curve(tag, curve), global_step, walltime)

    def add_custom_scalars(self, layout: dict[str, Any]) -> None:
        """Which curves share a chart: {category: {chart: ["Multiline" or "Margin", [tags]]}}."""
        self._add(messages.layout(layout), None, None)

    def add_custom_scalars_multilinechart(self, tags: Any, category: str = "default",
                                          title: str = "untitled") -> None:  # fmt: skip
        """One chart with several curves."""
        self.add_custom_scalars({category: {title: ["Multiline", tags]}})

    def add_custom_scalars_marginchart(self, tags: Any, category: str = "default",
                                       title: str = "untitled") -> None:  # fmt: skip
        """One chart with a curve between two others: tags for value, lower, upper."""
        self.add_custom_scalars({category: {title: ["Margin", tags]}})

    def add_hparams(self, hparam_dict: dict[str, Any], metric_dict: dict[str, Any],
                    hparam_domain_discrete: Any = None, run_name: Any = None,
                    global_step: Any = None) -> None:  # fmt: skip
        """The hyperparameters of a run and what came of them, in a run of its own below."""
        if type(hparam_dict) is not dict or type(metric_dict) is not dict:
            raise ArgumentError("hparam_dict and metric_dict should be dictionary.")
        values = {}
        for k, v in hparam_dict.items():
            if v is None:
                continue
            plain = v if isinstance(v, (bool, int, float, str)) else number(v, k)
            values[k] = plain
        name = str(time.time()) if not run_name else str(run_name)
        parts = messages.hparams(values, list(metric_dict), hparam_domain_discrete or {}, 0.0)
        with SummaryWriter(os.path.join(self.log_dir, name)) as writer:
            for part in parts:
                writer._get_file_writer().add_summary(part)
            for k, v in metric_dict.items():
                writer.add_scalar(k, v, global_step)

    def flush(self) -> None:
        """Hand everything reported so far to the system."""
        for writer in (self.all_writers or {}).values():
            writer.flush()

    def close(self) -> None:
        """Close all files; a later report opens a new one."""
        for writer in (self.all_writers or {}).values():
            writer.close()
        self.file_writer = self.all_writers = None

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()
