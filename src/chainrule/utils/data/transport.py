"""Messages between processes: pickles whose large arrays travel beside them, copied once each way.

Where the system has `memfd_create` (Linux), everything large is written into a nameless file in
memory whose descriptor goes through the socket; it is gone when both sides have closed it, however
they end.  So sending never waits for the receiver, and nothing is left behind by a killed process.
Elsewhere arrays follow the pickle through the connection.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import struct
from typing import Any

import numpy as np

LARGE = 1 << 15  # bytes; what is smaller goes through the socket itself
NAMELESS = hasattr(os, "memfd_create") and hasattr(socket, "send_fds")
HEAD = struct.Struct("<QI")  # bytes of the pickle if it is in the file (else 0), arrays


def send(connection: Any, message: Any) -> None:
    """Write a message; ends when all of it is on its way."""
    arrays: list[Any] = []

    def beside(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < LARGE:
            return True  # into the pickle
        arrays.append(raw)
        return False

    data = pickle.dumps(message, 5, buffer_callback=beside)
    sizes = struct.pack(f"<{len(arrays)}Q", *(a.nbytes for a in arrays))
    if not NAMELESS:
        connection.send_bytes(HEAD.pack(0, len(arrays)) + sizes + data)
        for array in arrays:
            connection.send_bytes(array)
        return
    aside = len(data) if len(data) >= LARGE else 0
    connection.send_bytes(HEAD.pack(aside, len(arrays)) + sizes + (b"" if aside else data))
    if aside or arrays:
        descriptor = os.memfd_create("chainrule-batch")
        try:
            for part in ([data] if aside else []) + arrays:
                write_all(descriptor, memoryview(part).cast("B"))
            with socket.socket(fileno=os.dup(connection.fileno())) as channel:
                socket.send_fds(channel, [b"f"], [descriptor])
        finally:
            os.close(descriptor)


def receive(connection: Any) -> Any:
    """Read a message.  Errors: EOFError or OSError when the other side is gone."""
    first = connection.recv_bytes()
    aside, count = HEAD.unpack_from(first)
    start = HEAD.size + 8 * count
    sizes = struct.unpack_from(f"<{count}Q", first, HEAD.size)
    arrays = [np.empty(size, np.uint8) for size in sizes]
    data: Any = memoryview(first)[start:]
    if not NAMELESS:
        for array in arrays:
            connection.recv_bytes_into(array)
    elif aside or arrays:
        with socket.socket(fileno=os.dup(connection.fileno())) as channel:
            channel.setblocking(True)
            _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not descriptors:
            raise EOFError("the other process ended in the middle of a message")
        try:
            place = 0
            if aside:
                data = bytearray(aside)
                place = read_all(descriptors[0], memoryview(data), place)
            for array in arrays:
                place = read_all(descriptors[0], memoryview(array), place)
        finally:
            os.close(descriptors[0])
    return pickle.loads(data, buffers=arrays)


def write_all(descriptor: int, data: memoryview) -> None:
    while data.nbytes:
        data = data[os.write(descriptor, data) :]


def read_all(descriptor: int, into: memoryview, place: int) -> int:
    while into.nbytes:
        n = os.preadv(descriptor, [into], place)
        if not n:
            raise EOFError("a message is shorter than it says")
        into, place = into[n:], place + n
    return place


def close(connection: Any) -> None:
    """End a connection, also where another process forked meanwhile holds a copy of it."""
    if NAMELESS:
        with (
            contextlib.suppress(OSError),
            socket.socket(fileno=os.dup(connection.fileno())) as channel,
        ):
            channel.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        connection.close()
