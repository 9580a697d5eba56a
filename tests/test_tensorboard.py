"""SummaryWriter: files with right checksums and fields, read back with the project's own reader."""

import pathlib
import struct
import zlib

import numpy as np
import pytest

import chainrule as torch
from chainrule.utils.tensorboard import SummaryWriter, messages, wire


def events(folder):
    found = []
    for path in sorted(pathlib.Path(folder).rglob("events*")):
        found += [wire.parsed(r) for r in wire.records(path.read_bytes())]
    return found


def values(folder):
    """{tag: [(step, value's fields)]}"""
    found = {}
    for event in events(folder):
        for summary in event.get(5, []):
            for value in wire.parsed(summary).get(1, []):
                fields = wire.parsed(value)
                entry = (event.get(2, [None])[0], fields)
                found.setdefault(fields[1][0].decode(), []).append(entry)
    return found


def test_checksums_of_all_lengths():
    rng = np.random.default_rng(0)
    for n in (0, 1, 9, 8191, 8192, 8193, 20000, 65536):
        data = rng.integers(0, 256, n, np.uint8).tobytes()
        assert wire.crc32c(data) == crc_slowly(data)
    assert wire.crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C


def crc_slowly(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = wire.WORDS[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def test_a_damaged_file_is_noticed():
    data = wire.record(b"hello")
    assert wire.records(data) == [b"hello"]
    with pytest.raises(ValueError, match="checksum"):
        wire.records(data.replace(b"hello", b"hallo"))


@pytest.mark.parametrize("n", [0, 1, 127, 128, 1 << 40, -1])
def test_integers(n):
    assert wire.parsed(wire.integer(3, n)) == {3: [n % (1 << 64)]}


def test_scalars(tmp_path):
    with SummaryWriter(tmp_path, purge_step=7, filename_suffix=".me") as writer:
        writer.add_scalar("loss", torch.tensor(0.5), 3)
        writer.add_scalar("loss", 2, walltime=12.0)
        writer.add_scalar("exact", np.float64(0.25), 1, new_style=True)
        writer.add_scalars("both", {"a": 1.0, "b": 2.0}, 4)
        assert writer.get_logdir() == str(tmp_path)
    found = values(tmp_path)
    assert [(s, struct.unpack("<f", v[2][0])[0]) for s, v in found["loss"]] == [(3, 0.5), (None, 2)]
    assert np.frombuffer(wire.parsed(found["exact"][0][1][8][0])[5][0], np.float32) == 0.25
    assert len(found["both"]) == 2 and (tmp_path / "both_a").is_dir()
    whole = next(tmp_path.glob("*.me")).read_bytes()
    _, first, session, *_ = map(wire.parsed, wire.records(whole))
    assert first[3] == [b"brain.Event:2"] and first[2] == [7] and session[7] == [b"\x08\x01"]
    with pytest.raises(ValueError, match="scalar should be 0D"):
        SummaryWriter(tmp_path).add_scalar("x", torch.ones(2))


def test_default_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    SummaryWriter(comment="_lr1").close()
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.endswith("_lr1")


def test_histograms_count_everything(tmp_path):
    x = torch.linspace(-3, 5, 1000)
    with SummaryWriter(tmp_path) as writer:
        writer.add_histogram("h", x)
        writer.add_histogram("ten", x, bins=10)
        with pytest.raises(ValueError, match="no element"):
            writer.add_histogram("none", torch.ones(0))
    for tag in ("h", "ten"):
        h = wire.parsed(values(tmp_path)[tag][0][1][5][0])
        limits, counts = (np.frombuffer(h[k][0]) for k in (6, 7))
        assert counts.sum() == 1000 and len(limits) == len(counts)
        low, high, n, total = (struct.unpack("<d", h[k][0])[0] for k in (1, 2, 3, 4))
        assert (low, high, n) == (-3, 5, 1000) and abs(total - 1000) < 1e-2


@pytest.mark.parametrize(
    "shape, layout, size",
    [((3, 4, 5), "CHW", (4, 5)), ((4, 5, 3), "HWC", (4, 5)), ((4, 5), "HW", (4, 5)),
     ((1, 4, 5), "CHW", (4, 5)), ((10, 3, 4, 5), "NCHW", (8, 40)), ((2, 4, 5, 1), "NHWC", (4, 10))],
)  # fmt: skip
def test_images(tmp_path, shape, layout, size):
    with SummaryWriter(tmp_path) as writer:
        writer.add_image("x", torch.rand(*shape), 1, dataformats=layout)
        with pytest.raises(ValueError, match="dataformats"):
            writer.add_image("x", torch.rand(3, 4), dataformats="CHW")
    image = wire.parsed(values(tmp_path)["x"][0][1][4][0])
    assert (image[1][0], image[2][0], image[3][0]) == (*size, 3)
    data = image[4][0]
    assert struct.unpack(">II", data[16:24]) == (size[1], size[0])
    start = data.index(b"IDAT") + 4
    raw = zlib.decompressobj().decompress(data[start:])
    assert len(raw) == size[0] * (1 + 3 * size[1])


def test_numbers_from_zero_to_one_and_bytes_are_scaled_as_torch_does():
    from chainrule.utils.tensorboard.arrays import picture

    half = picture(torch.full((3, 1, 1), 0.5), "CHW")
    assert half.ravel().tolist() == [127] * 3
    assert picture(torch.full((3, 1, 1), 9, dtype=torch.uint8), "CHW").ravel().tolist() == [9] * 3


def test_the_rest_is_written(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_text("t", "hello *x*", 4)
        writer.add_pr_curve("pr", [0, 1, 1, 0], [0.1, 0.9, 0.4, 0.6], num_thresholds=5)
        writer.add_audio("s", torch.sin(torch.arange(100.0)), sample_rate=8000)
        writer.add_tensor("w", torch.ones(2, 3))
        writer.add_custom_scalars({"c": {"m": ["Margin", ["x", "y", "z"]]}})
        writer.add_custom_scalars_multilinechart(["a", "b"])
        writer.add_hparams(
            {"lr": 0.1, "opt": "sgd", "on": True, "no": None}, {"acc": 0.5}, None, "r"
        )
        writer.add_embedding(torch.eye(3), ["a", "b", "c"], torch.rand(3, 3, 4, 4), 5)
        writer.add_image_with_boxes("b", torch.zeros(3, 9, 9), torch.tensor([[1, 1, 5, 5]]))
        writer.flush()
    found = values(tmp_path)
    assert wire.parsed(found["t/text_summary"][0][1][8][0])[8] == [b"hello *x*"]
    curve = np.frombuffer(wire.parsed(found["pr"][0][1][8][0])[5][0], np.float32).reshape(6, 5)
    assert curve[0].tolist() == [2, 2, 1, 1, 0] and curve[4].tolist() == [0.5, *curve[4, 1:]]
    assert wire.parsed(found["s"][0][1][6][0])[4][0].startswith(b"RIFF")
    assert {"_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info",
            "acc", "custom_scalars__config__"} <= set(found)  # fmt: skip
    own = tmp_path / "00005" / "default"
    assert sorted(p.name for p in own.iterdir()) == ["metadata.tsv", "sprite.png", "tensors.tsv"]
    assert 'tensor_name: "default:00005"' in (tmp_path / "projector_config.pbtxt").read_text()


def test_a_graph_names_modules_and_their_operations(tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh())
    with SummaryWriter(tmp_path) as writer:
        writer.add_graph(model, torch.ones(1, 2))
    graph = next(e[4][0] for e in events(tmp_path) if 4 in e)
    nodes = {n[1][0].decode(): n for n in map(wire.parsed, wire.parsed(graph)[1])}
    assert nodes["Sequential/Tanh[1]/tanh"][3] == [b"Sequential/Linear[0]/linear"]
    assert "Sequential/0/weight" in nodes and nodes["output/0"][3] == [b"Sequential/Tanh[1]/tanh"]


def test_a_closed_writer_opens_another_file(tmp_path):
    writer = SummaryWriter(tmp_path)
    writer.close()
    writer.add_scalar("later", 1.0)
    writer.close()
    assert len(list(tmp_path.iterdir())) == 2 and "later" in values(tmp_path)


def test_bins_are_torchs():
    bins = messages.default_bins()
    assert len(bins) == 1549 and bins[774] == 0.0 and bins[775] == 1e-12
