"""Datasets: files are read exactly, damaged and hostile ones refused; downloads resume."""

import contextlib
import fractions
import gzip
import hashlib
import http.server
import io
import os
import pickle
import struct
import tarfile
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest

import chainrule as torch
from chainrule import datasets
from chainrule.datasets import cifar, idx, mnist
from chainrule.datasets.download import Remote, unpack
from chainrule.datasets.pickles import read_pickle
from chainrule.errors import FileFormatError
from chainrule.utils.data import DataLoader


def idx_bytes(array):
    code = {v: k for k, v in idx.DTYPES.items()}
    name = array.dtype.newbyteorder(">").str.lstrip("|")
    head = struct.pack(f">HBB{array.ndim}I", 0, code[name], array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


IMAGES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
LABELS = np.array([3, 1, 4, 1, 5], np.uint8)


def write_mnist(folder, zipped=True, images=IMAGES, labels=LABELS):
    folder.mkdir(parents=True, exist_ok=True)
    for train in (True, False):
        n = len(images) if train else 2
        for name, array in ((mnist.IMAGES, images[:n]), (mnist.LABELS, labels[:n])):
            content = idx_bytes(array)
            if zipped:
                (folder / f"{name[train]}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name[train]).write_bytes(content)


# ---- Digits ----------------------------------------------------------------------------------


def test_digits():
    digits = datasets.Digits()
    assert len(digits) == 1797 and digits.classes == list("0123456789")
    assert digits.data.shape == (1797, 8, 8) and digits.data.dtype is torch.uint8
    assert digits.targets.dtype is torch.int64
    assert digits.data.max() == 16 and digits.data.long().sum() == 561718
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as scikit-learn describes them
    assert torch.bincount(digits.targets).tolist() == counts
    folder = Path(datasets.__file__).parent
    assert (folder / "digits.npz").stat().st_size < 100_000
    assert "CC BY 4.0" in (folder / "digits.txt").read_text()


def test_digits_in_batches():
    images, labels = next(iter(DataLoader(datasets.Digits(), 4)))
    assert images.shape == (4, 8, 8) and images.dtype is torch.uint8
    assert labels.tolist() == [0, 1, 2, 3]
    halved = datasets.Digits(transform=lambda x: x // 2, target_transform=str)
    assert halved[-1][1] == "8" and halved[-1][0].max() == 8
    assert halved.class_to_idx["7"] == 7 and "Number of datapoints: 1797" in repr(halved)


# ---- MNIST -----------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("inner", ["", "MNIST/raw"])
def test_mnist(tmp_path, zipped, inner):
    write_mnist(tmp_path / inner, zipped)
    train, test = (datasets.MNIST(tmp_path, train=t) for t in (True, False))
    assert train.data.dtype is torch.uint8 and train.data.tolist() == IMAGES.tolist()
    assert train.targets.dtype is torch.int64 and train.targets.tolist() == LABELS.tolist()
    assert len(test) == 2 and train.classes[3] == "3 - three"
    image, label = train[2]
    assert isinstance(image, np.ndarray) and image.tolist() == IMAGES[2].tolist() and label == 4


def test_mnist_in_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_HOME", str(tmp_path))
    write_mnist(tmp_path / "FashionMNIST" / "raw")
    assert datasets.FashionMNIST().classes[9] == "Ankle boot"
    with pytest.raises(RuntimeError, match="Dataset not found: MNIST needs") as error:
        datasets.MNIST()
    assert "train-images-idx3-ubyte.gz" in str(error.value)
    assert str(tmp_path / "MNIST" / "raw") in str(error.value) and "download=True" in str(
        error.value
    )


def test_fashion_is_not_mnist(tmp_path, monkeypatch):
    write_mnist(tmp_path)
    digest = hashlib.md5(IMAGES).hexdigest()
    monkeypatch.setattr(datasets.FashionMNIST, "foreign", (digest,))
    with pytest.raises(FileFormatError, match="these are MNIST's images"):
        datasets.FashionMNIST(tmp_path)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES, LABELS[:4], "there must be one label per image"),
        (IMAGES, LABELS + 7, "labels must be from 0 to 9"),
        (IMAGES[0], LABELS, "images must be uint8 of shape"),
        (IMAGES.astype(np.int16), LABELS, "images must be uint8 of shape"),
    ],
)
def test_mnist_checks_what_it_reads(tmp_path, images, labels, message):
    write_mnist(tmp_path, images=images, labels=labels)
    with pytest.raises(FileFormatError, match=message):
        datasets.MNIST(tmp_path)


# ---- IDX -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "i4", "f4", "f8"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (0, 4), (1, 2, 1, 2)])
def test_idx_round_trip(tmp_path, dtype, shape):
    array = (np.arange(np.prod(shape)) - 2).astype(dtype).reshape(shape)
    content = idx_bytes(array)
    for name, data in (("raw", content), ("zipped.gz", gzip.compress(content))):
        (tmp_path / name).write_bytes(data)
        found = idx.read_idx(tmp_path / name)
        assert found.dtype == array.dtype and found.flags.writeable
        np.testing.assert_array_equal(found, array)


GOOD = idx_bytes(LABELS)
HUGE = struct.pack(">HBB3I", 0, 8, 3, 2**31, 2**31, 2**10)
DAMAGED = [
    (b"", "no IDX file"),
    (b"\0\0\x08", "no IDX file"),
    (b"\0\1" + GOOD[2:], "no IDX file"),
    (b"\0\0\x07" + GOOD[3:], "no IDX file"),
    (b"\0\0\x08\0", "no IDX file"),
    (b"\0\0\x08\xff" + GOOD[4:], "ends within its header"),
    (GOOD[:6], "ends within its header"),
    (GOOD[:-1], r"the shape \(5,\) needs 13 bytes, the file has 12"),
    (GOOD + b"x", r"the shape \(5,\) needs 13 bytes, the file has 14"),
    (HUGE, "needs 4722366482869645213712 bytes"),
    (gzip.compress(HUGE), "needs 4722366482869645213712 bytes, it can hold"),
    (gzip.compress(GOOD[:-1]), "5 bytes of values were announced, 4 are there"),
    (gzip.compress(GOOD + b"x"), "more values than the shape"),
    (gzip.compress(GOOD)[:-4], "damaged or cut off"),
    (gzip.compress(GOOD)[:-8] + b"\0" * 8, "damaged or cut off"),
    (gzip.compress(GOOD)[:20], "damaged or cut off"),
    (b"\x1f\x8bnonsense", "damaged or cut off"),
]


@pytest.mark.parametrize(("content", "message"), DAMAGED)
def test_damaged_idx(tmp_path, content, message):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(FileFormatError, match=message):
        idx.read_idx(tmp_path / "file")


def test_a_gzip_bomb_stays_packed(tmp_path, monkeypatch):
    """50 MB of zeros behind a header for 5 bytes: 6 of them are asked for."""
    bomb = zlib.compressobj(9, wbits=31)
    content = bomb.compress(GOOD + bytes(50_000_000)) + bomb.flush()
    (tmp_path / "file").write_bytes(content)
    asked = []
    read = gzip.GzipFile.read
    monkeypatch.setattr(gzip.GzipFile, "read", lambda f, n=-1: asked.append(n) or read(f, n))
    with pytest.raises(FileFormatError, match="more values"):
        idx.read_idx(tmp_path / "file")
    assert asked == [4, 4, 5, 1]


def test_every_cut_is_refused(tmp_path):
    path = tmp_path / "file"
    for content in (GOOD, gzip.compress(GOOD)):
        for n in range(len(content)):
            path.write_bytes(content[:n])
            with pytest.raises(FileFormatError):
                idx.read_idx(path)


# ---- CIFAR-10 --------------------------------------------------------------------------------

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 3072), dtype=np.uint8)


def write_cifar(folder, protocol=2, names=(*cifar.TRAIN, *cifar.TEST), labels=(1, 9, 0, 3)):
    folder.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        batch = {b"data": PIXELS + np.uint8(i), b"labels": list(labels), b"filenames": [b"a.png"]}
        (folder / name).write_bytes(pickle.dumps(batch, protocol))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_cifar(tmp_path, protocol):
    write_cifar(tmp_path / cifar.FOLDER, protocol)
    train, test = (datasets.CIFAR10(tmp_path, train=t) for t in (True, False))
    assert train.data.shape == (20, 32, 32, 3) and train.data.dtype == np.uint8
    assert train.targets == [1, 9, 0, 3] * 5 and test.targets == [1, 9, 0, 3]
    expected = PIXELS.reshape(4, 3, 32, 32).transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(train.data[:4], expected)
    np.testing.assert_array_equal(test.data, expected + np.uint8(5))
    assert train.classes[train[1][1]] == "truck"


def python2_batch():
    """A batch as Python 2's cPickle wrote it in the original files: protocol 2, plain strings."""
    raw = PIXELS.tobytes()

    def string(text):
        return b"U" + bytes([len(text)]) + text

    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + string(b"b")
        + b"\x87R(K\x01K\x04M\x00\x0c\x86cnumpy\ndtype\n" + string(b"u1") + b"K\0K\x01\x87R(K\x03"
        + string(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89T"
        + struct.pack("<i", len(raw)) + raw + b"tb"
    )  # fmt: skip
    labels = b"](K\x01K\x09K\x00K\x03e"
    return b"\x80\x02}(" + string(b"data") + array + string(b"labels") + labels + b"u."


def test_cifar_as_python_2_wrote_it(tmp_path):
    for name in cifar.TEST:
        (tmp_path / name).write_bytes(python2_batch())
    test = datasets.CIFAR10(tmp_path, train=False)
    assert test.targets == [1, 9, 0, 3]
    np.testing.assert_array_equal(test.data.transpose(0, 3, 1, 2).reshape(4, 3072), PIXELS)


def test_missing_batches_are_named(tmp_path):
    write_cifar(tmp_path, names=cifar.TRAIN[:2])
    with pytest.warns(UserWarning, match="data_batch_3, data_batch_4, data_batch_5 not found"):
        assert len(datasets.CIFAR10(tmp_path)) == 8
    with pytest.raises(RuntimeError, match="Dataset not found: CIFAR10 needs test_batch"):
        datasets.CIFAR10(tmp_path, train=False)


class Evil:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def forbidden(path):
    Path(path).touch()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_do_not_run(tmp_path, protocol):
    mark = tmp_path / "mark"
    for function, *args in (
        (os.mkdir, str(mark)), (eval, f"open({str(mark)!r}, 'w')"), (open, str(mark), "w"),
        (np.save, str(mark), [1]), (np.memmap, str(mark), "u1", "w+", 0, (4,)),
    ):  # fmt: skip
        (tmp_path / "file").write_bytes(pickle.dumps({b"data": Evil(function, *args)}, protocol))
        with pytest.raises(FileFormatError, match=r"refused, because the pickle asks for \w+"):
            read_pickle(tmp_path / "file", 10**6)
    assert not list(tmp_path.glob("mark*"))


HOSTILE = {
    "a class of this program": pickle.dumps(fractions.Fraction(1, 2)),
    "an array of objects": pickle.dumps(np.array([None, 1], object)),
    "an array of records": pickle.dumps(np.zeros(2, [("a", "u1")])),
    "another codec": pickle.dumps(Evil(__import__("codecs").encode, "x", "rot13"), 2),
    "persistent": b"Pabc\n.",
    "extension": b"\x82\x01.",
    "string of gigabytes": b"\x80\x04\x8e\xff\xff\xff\xff\xff\0\0\0.",
    "cut off": pickle.dumps({b"data": PIXELS})[:-100],
    "empty": b"",
    "text": b"hello",
    "more shape than data": pickle.dumps(PIXELS, 2).replace(b"K\x04M\x00\x0c", b"K\x04M\x00\x7f"),
    "builds on the stand-in": b"\x80\x02cnumpy\nndarray\n}U\x05arrayK\x01sb.",
    "calls the stand-in": b"\x80\x02cnumpy\ndtype\n(tR.",
    "negative shape": pickle.dumps(PIXELS, 2).replace(b"K\x04M\x00\x0c", b"J\xff\xff\xff\xffK\x01"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_pickles(tmp_path, case):
    (tmp_path / "file").write_bytes(HOSTILE[case])
    with pytest.raises(FileFormatError):
        read_pickle(tmp_path / "file", 10**6)


def test_shape_and_data_of_an_array_must_agree(tmp_path):
    (tmp_path / "file").write_bytes(HOSTILE["more shape than data"])
    with pytest.raises(FileFormatError, match=r"an array of shape \(4, 32512\) with 12288 bytes"):
        read_pickle(tmp_path / "file", 10**6)


def test_a_memo_costs_what_is_in_it(tmp_path):
    """An index of 2^31 in the memo is not a table of 2^31 entries."""
    (tmp_path / "file").write_bytes(b"\x80\x02]r\xff\xff\xff\x7f.")
    assert read_pickle(tmp_path / "file", 1000) == []


def test_pickles_of_plain_data(tmp_path):
    plain = {"a": [1, 2.5, None, True, "text", b"bytes", (1, (2,))], 3: {4, 5}}
    for protocol in range(3, pickle.HIGHEST_PROTOCOL + 1):
        (tmp_path / "file").write_bytes(pickle.dumps(plain | {3: [4, 5]}, protocol))
        assert read_pickle(tmp_path / "file", 1000) == plain | {3: [4, 5]}
    with pytest.raises(FileFormatError, match="is more than the 10 expected"):
        read_pickle(tmp_path / "file", 10)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ([1], "a dict was expected, not list"),
        ({b"labels": [1]}, "'data' must be uint8"),
        ({b"data": PIXELS[:, :9], b"labels": [1] * 4}, "'data' must be uint8"),
        ({b"data": PIXELS.astype("f4"), b"labels": [1] * 4}, "'data' must be uint8"),
        ({b"data": PIXELS}, "'labels' must be a list of ints"),
        ({b"data": PIXELS, b"labels": ["a"] * 4}, "'labels' must be a list of ints"),
        ({b"data": PIXELS, b"labels": [1]}, "one label per image"),
        ({b"data": PIXELS, b"labels": [1, 2, 3, 10]}, "labels must be from 0 to 9"),
    ],
)
def test_cifar_checks_what_it_reads(tmp_path, batch, message):
    (tmp_path / "test_batch").write_bytes(pickle.dumps(batch))
    with pytest.raises(FileFormatError, match=message):
        datasets.CIFAR10(tmp_path, train=False)


# ---- downloads -------------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.files`; `server.breaks` many answers end halfway."""

    def do_GET(self):
        server = self.server
        server.requests.append((self.path, self.headers.get("Range")))
        content = server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = 0
        if (wanted := self.headers.get("Range")) and server.ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        body = content[start:]
        if server.announces:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if server.breaks:
            server.breaks -= 1
            body = body[: len(body) // 2]
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.requests, server.breaks = {}, [], 0
    server.ranges = server.announces = True
    server.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


CONTENT = np.random.default_rng(1).bytes(300_000)


def remote(server, *names, content=CONTENT):
    urls = [server.url + name for name in names or ["file"]]
    return Remote(urls, len(content), hashlib.md5(content).hexdigest())


def test_download(tmp_path, server, capsys):
    server.files["/file"] = CONTENT
    path = tmp_path / "folder" / "file"
    remote(server).fetch(path)
    assert path.read_bytes() == CONTENT and os.listdir(path.parent) == ["file"]
    assert "file" in capsys.readouterr().err  # the progress bar


@pytest.mark.parametrize("announces", [True, False])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_goes_on(tmp_path, server, ranges, announces):
    server.files["/file"], server.ranges, server.announces = CONTENT, ranges, announces
    server.breaks = 2
    remote(server).fetch(tmp_path / "file", progress=False)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert [r for _, r in server.requests] == [
        None, "bytes=150000-", "bytes=225000-" if ranges else "bytes=150000-",
    ]  # fmt: skip


def test_a_later_call_goes_on(tmp_path, server):
    server.files["/file"], server.breaks = CONTENT, 3
    with pytest.raises(FileFormatError, match="file could not be downloaded") as error:
        remote(server).fetch(tmp_path / "file", progress=False)
    assert "the connection ended after 262500 of 300000 bytes" in str(error.value)
    assert os.listdir(tmp_path) == ["file.part"]
    remote(server).fetch(tmp_path / "file", progress=False)
    assert server.requests[-1] == ("/file", "bytes=262500-")
    assert (tmp_path / "file").read_bytes() == CONTENT and os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("left", [b"x" * 1000, b"x" * 300_000, b"x" * 400_000, CONTENT, b""])
def test_what_an_earlier_call_left(tmp_path, server, left):
    """A part that is another file's, too long, whole or empty."""
    server.files["/file"] = CONTENT
    (tmp_path / "file.part").write_bytes(left)
    remote(server).fetch(tmp_path / "file", progress=False)
    assert (tmp_path / "file").read_bytes() == CONTENT and os.listdir(tmp_path) == ["file"]


def test_mirrors(tmp_path, server):
    wrong = bytes(len(CONTENT))
    server.files |= {"/wrong": wrong, "/short": CONTENT[:-1], "/long": CONTENT * 2}
    server.files["/right"] = CONTENT
    names = ["missing", "wrong", "short", "long", "right"]
    remote(server, *names).fetch(tmp_path / "file", progress=False)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert [path for path, _ in server.requests] == [f"/{name}" for name in names]


def test_no_mirror_has_it(tmp_path, server):
    server.files |= {"/wrong": bytes(len(CONTENT)), "/long": CONTENT * 2}
    with pytest.raises(FileFormatError, match="file could not be downloaded") as error:
        remote(server, "missing", "wrong", "long").fetch(tmp_path / "file", progress=False)
    message = str(error.value)
    assert "HTTP 404" in message and "MD5 sum" in message and "600000 bytes" in message
    assert f"put the file, got elsewhere, at {tmp_path / 'file'}" in message
    assert not (tmp_path / "file").exists()


def test_an_endless_answer_is_cut_off(tmp_path, server):
    server.files["/file"], server.announces = CONTENT * 50, False
    with pytest.raises(FileFormatError, match="more than the 300000 bytes"):
        remote(server).fetch(tmp_path / "file", progress=False)
    assert (tmp_path / "file.part").stat().st_size <= 300_000


def test_offline(tmp_path):
    nobody = Remote(["http://127.0.0.1:9/file"], 5, "")
    with pytest.raises(RuntimeError, match="Check the network and try again"):
        nobody.fetch(tmp_path / "file", progress=False)


def test_mnist_downloads_what_is_missing(tmp_path, server, monkeypatch):
    write_mnist(tmp_path / "served")
    files = {}
    for path in (tmp_path / "served").iterdir():
        content = path.read_bytes()
        server.files[f"/{path.name}"] = content
        files[path.name.removesuffix(".gz")] = len(content), hashlib.md5(content).hexdigest()
    monkeypatch.setattr(datasets.MNIST, "files", files)
    monkeypatch.setattr(datasets.MNIST, "mirrors", (server.url,))
    for _ in range(2):
        assert datasets.MNIST(tmp_path / "root", download=True).data.tolist() == IMAGES.tolist()
    assert len(server.requests) == 4
    assert len(list((tmp_path / "root" / "MNIST" / "raw").iterdir())) == 4


NAMES = {f"{cifar.FOLDER}/{name}" for name in cifar.TRAIN + cifar.TEST}


def archive_of(folder, *more):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        tar.add(folder, cifar.FOLDER)
        for member, data in more:
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return content.getvalue()


def test_cifar_downloads_and_unpacks(tmp_path, server, monkeypatch):
    write_cifar(tmp_path / "served")
    outside = tarfile.TarInfo("../outside")
    link = tarfile.TarInfo(f"{cifar.FOLDER}/test_batch")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
    content = archive_of(tmp_path / "served", (outside, b"x"), (link, b""))
    server.files["/file"] = content
    size_and_sum = len(content), hashlib.md5(content).hexdigest()
    monkeypatch.setattr(datasets.CIFAR10, "archive", size_and_sum)
    monkeypatch.setattr(datasets.CIFAR10, "mirrors", (f"{server.url}file",))
    for _ in range(2):
        assert len(datasets.CIFAR10(tmp_path / "root", download=True)) == 20
    assert len(server.requests) == 1
    assert len(datasets.CIFAR10(tmp_path / "root", train=False)) == 4
    assert sorted(os.listdir(tmp_path / "root" / cifar.FOLDER)) == [*cifar.TRAIN, *cifar.TEST]
    assert not (tmp_path / "outside").exists()


def test_damaged_archive(tmp_path):
    write_cifar(tmp_path / "served")
    whole = archive_of(tmp_path / "served")
    for content in (whole[: len(whole) // 2], b"nonsense", whole[:-9] + bytes(9)):
        (tmp_path / "archive").write_bytes(content)
        with pytest.raises(FileFormatError, match="the archive is damaged"):
            unpack(tmp_path / "archive", tmp_path / "out", NAMES, 10**6)
        assert not any(path.is_file() for path in tmp_path.glob("out/*/*"))


def test_unpacking_leaves_out_what_is_too_large(tmp_path):
    write_cifar(tmp_path / "served")
    (tmp_path / "archive").write_bytes(archive_of(tmp_path / "served"))
    unpack(tmp_path / "archive", tmp_path / "out", NAMES, 100)
    assert not (tmp_path / "out").exists()
