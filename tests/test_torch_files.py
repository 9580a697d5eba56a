"""torch.save and torch.load: torch's own files, ours, and files made to do harm."""

from __future__ import annotations

import collections
import contextlib
import io
import os
import pathlib
import pickle
import struct
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.errors import FileFormatError

FILES = pathlib.Path(__file__).parent / "recorded" / "files"


def around(obj, **options):
    file = io.BytesIO()
    torch.save(obj, file, **options)
    file.seek(0)
    return torch.load(file, weights_only=False)


def check_content(found):
    base = found["base"]
    assert list(found["model"]) == ["weight", "bias"]
    assert found["model"]._metadata == {"": {"version": 1}}
    assert found["optimizer"]["param_groups"][0]["lr"] == 0.001
    assert float(found["optimizer"]["state"][0]["step"]) == 1
    assert isinstance(found["parameter"], nn.Parameter) and found["parameter"].requires_grad
    assert found["parameter"].tolist() == found["model"]["weight"].tolist()
    assert found["view"].tolist() == [2, 4, 6] and found["view"].stride() == (2,)
    base[2] = -5  # a view shares the memory of its base
    assert found["view"][0] == -5
    assert found["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert found["turned"].stride() == (1, 3)
    for name, dtype in {"half": torch.float16, "bfloat": torch.bfloat16}.items():
        assert found[name].dtype is dtype and found[name].tolist() == [1.5, -2.0]
    assert found["complex"].tolist() == [1 - 2j]
    assert found["unsigned"].dtype is torch.uint16 and found["unsigned"].tolist() == [1, 65535]
    assert found["flags"].tolist() == [True, False] and found["empty"].shape == (0, 3)
    assert found["number"].item() == 3 and found["number"].dtype is torch.int64
    assert found["leaf"].requires_grad and found["leaf"].is_leaf
    assert found["dtype"] is torch.float32 and found["device"] == torch.device("cpu")
    assert found["size"] == (1, 2) and type(found["size"]) is torch.Size
    assert found["marked"].note == "kept" and isinstance(found["marked"], nn.Parameter)
    assert isinstance(found["buffer"], nn.Buffer)
    assert found["set"] == {1, 2} and found["counter"] == collections.Counter("aab")
    assert found["bytes"] == b"\x00\xff" and found["lists"]["b"] == []
    assert found["options"].lr == 0.1 and found["none"] is None and found["large"] == 2**70
    assert found["array"].tolist() == [[0, 1], [2, 3]] and found["big"].tolist() == [1, 2]
    assert found["scalar"] == 2.5 and found["texts"].tolist() == ["a", "bc"]


@pytest.mark.parametrize("name", ["zip", "legacy"])
def test_files_of_torch(name):
    check_content(torch.load(FILES / f"{name}.pt"))
    check_content(torch.load(io.BytesIO((FILES / f"{name}.pt").read_bytes()), map_location="cpu"))


@pytest.mark.parametrize("options", [{}, {"_use_new_zipfile_serialization": False},
                                     {"pickle_protocol": 4}, {"pickle_protocol": 5}])  # fmt: skip
def test_files_of_ours(options):
    check_content(around(torch.load(FILES / "zip.pt"), **options))


def test_module_of_torch_and_of_ours():
    with pytest.raises(pickle.UnpicklingError, match=r"torch\.nn\.modules.container.Sequential"):
        torch.load(FILES / "module.pt")
    net = torch.load(FILES / "module.pt", weights_only=False)
    x = torch.randn(2, 1, 5, 5, generator=torch.Generator().manual_seed(1))
    want = net.eval()(x)
    assert torch.equal(around(net)(x), want)
    torch.manual_seed(0)
    fresh = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())
    assert torch.equal(fresh[0].weight, net[0].weight) and repr(fresh) == repr(net)


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.act = nn.Linear(2, 2), nn.functional.relu

    def forward(self, x):
        return self.act(self.layer(x))


def test_a_module_class_of_the_program():
    net = Own()
    again = around(net)
    assert type(again) is Own and again.act is nn.functional.relu
    assert torch.equal(again(torch.ones(1, 2)), net(torch.ones(1, 2)))
    adam = around(torch.optim.Adam(net.parameters(), lr=0.5))
    assert adam.param_groups[0]["lr"] == 0.5 and len(adam.param_groups[0]["params"]) == 2


class Plain:
    def __init__(self, x):
        self.x = x

    def __setstate__(self, state):
        self.x = state["x"]


def test_classes_the_user_trusts():
    file = io.BytesIO()
    torch.save(Plain(3), file)
    with pytest.raises(pickle.UnpicklingError, match=r"Plain.*\n.*add_safe_globals"):
        torch.load(io.BytesIO(file.getvalue()), weights_only=False)
    asked = torch.serialization.get_unsafe_globals_in_checkpoint(io.BytesIO(file.getvalue()))
    assert [name.rpartition(".")[2] for name in asked] == ["Plain"]
    with torch.serialization.safe_globals([Plain]):
        assert torch.load(io.BytesIO(file.getvalue())).x == 3
    assert torch.serialization.get_safe_globals() == []


def test_shared_memory_is_kept_once_and_shared():
    base = torch.arange(1000.0)
    file = io.BytesIO()
    torch.save([base, base[10:], base.view(10, 100), base.t()], file)
    assert len(file.getvalue()) < 6000
    file.seek(0)
    a, b, c, _ = torch.load(file)
    a[10] = -1
    assert b[0] == -1 and c[0, 10] == -1


def test_mapped(tmp_path):
    path = tmp_path / "x.pt"
    torch.save({"a": torch.arange(1000), "b": torch.ones(3)}, path)
    before = path.read_bytes()
    found = torch.load(path, mmap=True)
    assert found["a"].tolist() == list(range(1000))
    found["b"].mul_(5)
    assert found["b"].tolist() == [5, 5, 5] and path.read_bytes() == before
    out = tmp_path / "y.pt"
    torch.save(found["b"], out)
    assert out.stat().st_size < 2000  # not the whole mapped file
    with pytest.raises(ValueError, match="path"):
        torch.load(io.BytesIO(before), mmap=True)


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.pt"
    torch.save({"a": 1}, path)
    with pytest.raises(Exception, match=r"(?i)pickle"):
        torch.save({"a": torch.ones(3), "f": lambda: 0}, path)
    assert torch.load(path) == {"a": 1} and os.listdir(tmp_path) == ["x.pt"]
    with pytest.raises(RuntimeError, match="Parent directory"):
        torch.save(1, tmp_path / "no" / "x.pt")


def test_a_killed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.pt"
    torch.save({"a": 1}, path)
    code = (
        "import os, chainrule as torch\n"
        "from chainrule.serialization import archive\n"
        "archive.Writer.close = lambda self: os._exit(9)\n"
        f"torch.save({{'a': torch.ones(100)}}, {str(path)!r})\n"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 9
    assert torch.load(path) == {"a": 1}


def test_map_location(tmp_path):
    path = tmp_path / "x.pt"
    torch.save(torch.ones(2), path)
    seen = []
    torch.load(path, map_location=lambda storage, loc: seen.append((storage.nbytes(), loc)))
    assert seen == [(8, "cpu")]
    assert torch.load(path, map_location={"cuda:0": "cpu"}).tolist() == [1, 1]
    assert torch.load(path, map_location=torch.device("cpu")).tolist() == [1, 1]
    with pytest.raises(RuntimeError, match=r"torch.cuda.is_available\(\) is False"):
        torch.load(path, map_location="cuda:0")


def test_what_is_no_file_of_torch(tmp_path):
    with pytest.raises(FileNotFoundError):
        torch.load(tmp_path / "none.pt")
    path = tmp_path / "x.pt"
    path.write_bytes(b"")
    with pytest.raises(EOFError):
        torch.load(path)
    path.write_bytes(b"hello, this is text")
    with pytest.raises(FileFormatError, match="no file of torch"):
        torch.load(path)
    with pytest.raises(AttributeError, match="seek"):
        torch.load(3)


# ---- files made to do harm -------------------------------------------------------------------

RAN = []


def harm(*args):
    RAN.append(args)


class Calls:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def archive(data, records=(), compress=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compress) as z:
        z.writestr("archive/data.pkl", data)
        z.writestr("archive/byteorder", "little")
        for name, content in records:
            z.writestr(f"archive/{name}", content)
        z.writestr("archive/version", "3\n")
    return file.getvalue()


def g(module, name):
    return b"c" + f"{module}\n{name}\n".encode()


def tensor(storage=b"FloatStorage", count=2, offset=0, size=(2,), stride=(1,), key="0"):
    """A pickle of one tensor with any numbers in it."""
    body = pickle.dumps(("storage", key, "cpu", count), 2)  # only for its numbers
    assert body
    number = lambda n: b"\x8a\x09" + n.to_bytes(9, "little", signed=True)
    several = lambda t: b"(" + b"".join(map(number, t)) + b"t"
    text = lambda s: b"X" + struct.pack("<I", len(s)) + s.encode()
    return (
        b"\x80\x02" + g("torch._utils", "_rebuild_tensor_v2") + b"((" + text("storage")
        + g("torch", storage.decode()) + text(key) + text("cpu") + number(count) + b"tQ"
        + number(offset) + several(size) + several(stride) + b"\x89"
        + g("collections", "OrderedDict") + b")RtR."
    )  # fmt: skip


def rejected(data, match=None, **options):
    RAN.clear()
    with pytest.raises((FileFormatError, pickle.UnpicklingError), match=match):
        torch.load(io.BytesIO(data), **options)
    assert not RAN


EXECUTABLE = {
    "system": Calls(os.system, "touch /nonexistent/x"),
    "eval": Calls(eval, "1"),
    "exec": Calls(exec, "1"),
    "getattr": Calls(getattr, "x", "upper"),
    "import": Calls(__import__, "os"),
    "popen": Calls(subprocess.Popen, ["true"]),
    "harm": Calls(harm, 1),
    "open": Calls(open, "x"),
    "bytearray": Calls(bytearray, 10**12),
    "bytes": Calls(bytes, 10**12),
    "partial": __import__("functools").partial(harm, 1),
    "load": Calls(torch.load, "x"),
    "list of range": Calls(list, range(10**12)),
    "module call": Calls(nn.Linear, 10**6, 10**6),
    "allocation": Calls(torch.zeros, 10**12),
    "objects": np.array([harm], object),
}


@pytest.mark.parametrize("name", EXECUTABLE)
@pytest.mark.parametrize("weights_only", [True, False])
@pytest.mark.parametrize("protocol", [2, 4])
def test_pickles_that_run_something(name, weights_only, protocol):
    data = pickle.dumps({"x": EXECUTABLE[name]}, protocol)
    rejected(archive(data), "refused", weights_only=weights_only)
    five = b"".join(pickle.dumps(p, 2) for p in (0x1950A86A20F9469CFC6C, 1001, {}))
    rejected(five + data + pickle.dumps([], 2), "refused", weights_only=weights_only)


@pytest.mark.parametrize("data", [
    b"\x80\x02(S'echo'\nios\nsystem\n.",  # INST
    b"\x80\x02(cos\nsystem\nS'echo'\no.",  # OBJ
    b"\x80\x02\x82\x01.",  # EXT1
    b"\x80\x02ctorch.nn.modules.linear\nLinear\n)\x81}X\x01\x00\x00\x00aK\x01sb(K\x01tR.",
    b"\x80\x02cbuiltins\nlist\n}X\x08\x00\x00\x00__dict__K\x01sb.",
    b"\x80\x02c__main__\n__dict__\n.",
    b"\x80\x02cchainrule.serialization\nos\n.",
    b"\x80\x02ctorch\nos\n.", b"\x80\x02ctorch.serialization.torch_files\nos.system\n.",
    b"\x80\x04\x8c\x05torch\x8c\x0b__builtins__\x93.",
])  # fmt: skip
def test_opcodes_that_run_something(data):
    rejected(archive(data), weights_only=False)
    rejected(archive(data))


@pytest.mark.parametrize("numbers", [
    {"count": 10**15}, {"count": 3}, {"count": -1}, {"offset": 1}, {"offset": -1},
    {"size": (3,)}, {"size": (-1,)}, {"stride": (2,)}, {"stride": (-1,)},
    {"size": (2**62, 2), "stride": (0, 1)}, {"size": (2, 2), "stride": (1,)},
    {"size": (2,), "stride": (2**62,)}, {"key": "1"}, {"key": "../0"},
    {"storage": b"DoubleStorage"}, {"storage": b"Tensor"}, {"storage": b"Linear"},
])  # fmt: skip
def test_tensors_with_wrong_numbers(numbers):
    good = archive(tensor(), [("data/0", struct.pack("<2f", 1, 2))])
    assert torch.load(io.BytesIO(good)).tolist() == [1, 2]
    rejected(archive(tensor(**numbers), [("data/0", struct.pack("<2f", 1, 2))]))


def test_legacy_storage_larger_than_the_file():
    five = b"".join(pickle.dumps(p, 2) for p in (0x1950A86A20F9469CFC6C, 1001, {}))
    rejected(five + tensor(count=10**14, size=(10**14,)) + pickle.dumps(["0"], 2), "more than the")


def test_every_cut_is_noticed():
    for name in ("zip", "legacy"):
        whole = (FILES / f"{name}.pt").read_bytes()
        for end in [*range(1, 40), *range(40, len(whole), 97), len(whole) - 1]:
            rejected(whole[:end])


def test_every_changed_byte_is_data_or_noticed():
    """A flipped byte gives another value or an error of ours; never a crash or another error."""
    for name in ("zip", "legacy"):
        whole = (FILES / f"{name}.pt").read_bytes()
        for at in range(0, min(len(whole), 5000), 11):
            changed = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
            with contextlib.suppress(FileFormatError, pickle.UnpicklingError):
                torch.load(io.BytesIO(changed))


def test_zip_bombs_and_overlaps():
    zeros = b"\0" * 10_000_000
    data = archive(tensor(count=2_500_000, size=(2_500_000,)), [("data/0", zeros)],
                   zipfile.ZIP_DEFLATED)  # fmt: skip
    rejected(data, "compressed")
    good = bytearray(archive(tensor(), [("data/0", b"\0" * 8), ("data/1", b"\0" * 8)]))
    first = good.index(b"PK\x03\x04", good.index(b"data/0") - 60)
    entry = good.rindex(b"PK\x01\x02", 0, good.rindex(b"data/1"))
    start = good.rindex(b"PK\x03\x04", 0, good.index(b"data/0"))
    assert first >= 0
    good[entry + 42 : entry + 46] = struct.pack("<I", start)  # data/1 where data/0 is
    rejected(bytes(good), "overlaps")
    huge = bytearray(archive(tensor(), [("data/0", b"\0" * 8)]))
    entry = huge.rindex(b"PK\x01\x02", 0, huge.rindex(b"data/0"))
    huge[entry + 20 : entry + 28] = struct.pack("<II", 2**31, 2**31)
    rejected(bytes(huge), "beyond the end")
    twice = archive(tensor(), [("data/0", b"\0" * 8)])
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = archive(tensor(), [("data/0", b"\0" * 8), ("data/0", b"\1" * 8)])
    rejected(twice, "twice")


def test_deep_nesting_is_an_error_not_a_crash():
    data = b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."
    assert len(torch.load(io.BytesIO(archive(data)))) == 1


def test_a_torchscript_archive_is_named():
    rejected(archive(b"\x80\x02N.", [("constants.pkl", b"")]), "TorchScript")


class Vocabulary:
    """A class of the program's own, without methods that pickle would call."""

    def __init__(self):
        self.words, self.weights = ["a", "b"], torch.ones(2)

    def __getattr__(self, name):
        assert name.startswith("__"), f"asked for {name} while a file was read"
        raise AttributeError(name)


class Runs(Vocabulary):
    def __setstate__(self, state):
        raise AssertionError("called while a file was read")


def saved(thing):
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    return file


def test_objects_of_the_programs_plain_classes_are_attributes():
    found = torch.load(saved({"vocabulary": Vocabulary()}), weights_only=False)["vocabulary"]
    assert type(found) is Vocabulary
    assert found.words == ["a", "b"] and found.weights.tolist() == [1, 1]
    with pytest.raises(pickle.UnpicklingError, match="Vocabulary"):
        torch.load(saved(Vocabulary()))
    with pytest.raises(pickle.UnpicklingError, match="Runs"):  # pickle would call its method
        torch.load(saved(Runs()), weights_only=False)


def test_classes_of_installed_packages_are_not_plain():
    data = pickle.dumps(textwrap.TextWrapper(), protocol=2)
    file = saved(1)
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, data if name.endswith("data.pkl") else old.read(name))
    changed.seek(0)
    with pytest.raises(pickle.UnpicklingError, match="TextWrapper"):
        torch.load(changed, weights_only=False)


def test_ranges_slices_and_the_ellipsis():
    assert torch.load(saved([range(3), slice(1), ...])) == [range(3), slice(1), ...]
