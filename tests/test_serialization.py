"""safetensors files: round trips, atomic writes, and files that are not what they say."""

from __future__ import annotations

import json
import os
import struct

import numpy as np
import pytest

import chainrule as torch
from chainrule.errors import FileFormatError
from chainrule.serialization import load_file, load_metadata, save_file
from chainrule.serialization.safetensors import load, save

DTYPES = ("float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8",
          "uint16", "uint32", "uint64", "bool", "complex64")  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.safetensors"


def test_round_trip_of_every_dtype_and_layout(path):
    tensors = {d: torch.arange(6).reshape(2, 3).to(getattr(torch, d)) for d in DTYPES}
    tensors |= {
        "empty": torch.empty(0, 3), "number": torch.tensor(3.0), "turned": torch.ones(2, 3).t(),
        "grad": torch.ones(2, requires_grad=True), "part": torch.arange(10)[2:8:2],
    }  # fmt: skip
    save_file(tensors, path, {"format": "pt"})
    back = load_file(path)
    assert back.keys() == tensors.keys() and load_metadata(path) == {"format": "pt"}
    for name, t in tensors.items():
        assert back[name].dtype is t.dtype and back[name].shape == t.shape
        assert back[name].tolist() == t.tolist() and not back[name].requires_grad
        assert back[name].is_contiguous()
    assert load(save(tensors)).keys() == tensors.keys()


def test_other_programs_read_and_write_the_same_files(path):
    from safetensors import numpy as reference

    save_file({"w": torch.ones(2, 3)}, path)
    np.testing.assert_array_equal(reference.load_file(path)["w"], np.ones((2, 3)))
    reference.save_file({"v": np.arange(3)}, path)
    assert load_file(path)["v"].tolist() == [0, 1, 2]


def test_a_failed_write_leaves_the_old_file(path, monkeypatch):
    save_file({"w": torch.ones(2)}, path)
    before = path.read_bytes()

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save_file({"w": torch.zeros(3)}, path)
    assert path.read_bytes() == before and os.listdir(path.parent) == [path.name]


def test_a_write_keeps_the_permissions(path):
    save_file({"w": torch.ones(2)}, path)
    path.chmod(0o640)
    save_file({"w": torch.ones(3)}, path)
    assert path.stat().st_mode & 0o777 == 0o640


def file_of(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


GOOD = file_of({"w": entry()}, bytes(8))
CORRUPT = {
    "empty": b"",
    "short": GOOD[:5],
    "cut header": GOOD[:20],
    "cut data": GOOD[:-1],
    "tail": GOOD + b"x",
    "huge header": b"\xff" * 100,
    "no JSON": file_of(b"[{]"),
    "no object": file_of([1]),
    "no UTF-8": file_of(b"\xff\xfe{}"),
    "deep": file_of(b"[" * 200_000),
    "unknown dtype": file_of({"w": entry("F7")}, bytes(8)),
    "missing key": file_of({"w": {"dtype": "F32"}}, bytes(8)),
    "no entry": file_of({"w": 3}, bytes(8)),
    "negative size": file_of({"w": entry(shape=(-2,))}, bytes(8)),
    "float size": file_of({"w": entry(shape=(2.0,))}, bytes(8)),
    "wrong size": file_of({"w": entry(shape=(3,))}, bytes(8)),
    "absurd size": file_of({"w": entry(shape=(1 << 60, 1 << 60))}, bytes(8)),
    "beyond the end": file_of({"w": entry(offsets=(8, 16))}, bytes(8)),
    "overlap": file_of({"a": entry(), "b": entry()}, bytes(8)),
    "gap": file_of({"a": entry(offsets=(8, 16))}, bytes(16)),
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT)
def test_corrupt_files_are_refused(content, path):
    path.write_bytes(content)
    with pytest.raises(FileFormatError):
        load_file(path)
    with pytest.raises(FileFormatError):
        load(content)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileFormatError, match=r"No such file: .*nothing"):
        load_file(tmp_path / "nothing")
    with pytest.raises(FileFormatError, match="is a directory"):
        load_file(tmp_path)


def test_what_cannot_be_saved(path):
    w = torch.ones(2)
    for tensors, match in (
        ({"a": 3}, "expected a Tensor but received int"),
        ({1: w}, "Key `1` is invalid"),
        ({"a": w, "b": w}, "share memory.*'a', 'b'"),
        ({"a": torch.ones(1, dtype=torch.complex128)}, "cannot hold torch.complex128"),
    ):
        with pytest.raises(ValueError, match=match):
            save_file(tensors, path)
    with pytest.raises(ValueError, match="metadata is text"):
        save_file({"a": w}, path, {"epoch": 3})
    assert not path.exists()
