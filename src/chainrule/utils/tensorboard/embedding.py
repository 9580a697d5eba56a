"""The files of TensorBoard's projector: vectors, their labels and pictures, and a list of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.utils.tensorboard.arrays import array_of
from chainrule.utils.tensorboard.messages import png


def write_embedding(
    folder: Path, vectors: Any, metadata: Any, pictures: Any, step: Any, tag: str, header: Any
) -> None:
    """Write one embedding below `folder`, and add it to `projector_config.pbtxt`."""
    matrix = array_of(vectors)
    if matrix.ndim != 2:
        raise ArgumentError("mat should be 2D, where mat.size(0) is the number of data points",
                            [("mat", vectors)])  # fmt: skip
    count = "default" if step is None else f"{step:05d}"
    place = f"{count}/{tag}" if step is not None else f"00000/{tag}"
    own = folder / place
    own.mkdir(parents=True, exist_ok=True)
    (own / "tensors.tsv").write_text(
        "".join("\t".join(str(v) for v in row) + "\n" for row in matrix)
    )
    entry = [f'tensor_name: "{tag}:{count}"', f'tensor_path: "{place}/tensors.tsv"']
    if metadata is not None:
        if len(metadata) != len(matrix):
            raise ArgumentError("#labels should equal with #data points: "
                                f"{len(metadata)} and {len(matrix)}")  # fmt: skip
        rows = ["\t".join(map(str, row)) if header else str(row) for row in metadata]
        if header:
            rows.insert(0, "\t".join(header))
        (own / "metadata.tsv").write_text("\n".join(rows) + "\n", encoding="utf8")
        entry.append(f'metadata_path: "{place}/metadata.tsv"')
    if pictures is not None:
        batch = array_of(pictures)
        if len(batch) != len(matrix):
            raise ArgumentError("#images should equal with #data points: "
                                f"{len(batch)} and {len(matrix)}")  # fmt: skip
        side = math.ceil(math.sqrt(len(batch)))
        _, c, h, w = batch.shape
        sheet = np.zeros((side * h, side * w, c), np.float32)
        scale = 1 if batch.dtype == np.uint8 else 255
        for i, one in enumerate(batch):
            y, x = divmod(i, side)
            sheet[y * h : y * h + h, x * w : x * w + w] = one.transpose(1, 2, 0)
        (own / "sprite.png").write_bytes(png((sheet * scale).clip(0, 255).astype(np.uint8)))
        entry += ["sprite {", f'image_path: "{place}/sprite.png"',
                  f"single_image_dim: {w}", f"single_image_dim: {h}", "}"]  # fmt: skip
    text = "embeddings {\n" + "\n".join(entry) + "\n}\n"
    with open(folder / "projector_config.pbtxt", "a", encoding="utf8") as file:
        file.write(text)
