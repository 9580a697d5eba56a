"""PNG files, written without Pillow.

Source: ISO/IEC 15948; a file is a signature and chunks of length, kind, content and CRC.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}  # channels: colour type


def png(pixels: Any) -> bytes:
    """The file of an image (H, W), or (H, W, C) with 1 to 4 channels, in uint8.

    >>> import numpy as np
    >>> png(np.zeros((2, 2), np.uint8))[:4]
    b'\\x89PNG'
    """
    pixels = np.ascontiguousarray(pixels, np.uint8)
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    height, width, channels = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], 1)

    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", width, height, 8, COLOURS[channels], 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)) + chunk(b"IEND", b""))  # fmt: skip
