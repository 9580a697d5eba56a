"""torchvision's names: its transforms' numbers, its datasets' files, its grids, boxes, models."""

import gzip
import io
import json
import pathlib
import pickle
import random
import struct
import subprocess
import sys
import zipfile
import zlib

import numpy as np
import pytest

import chainrule as torch
from chainrule.compat import torchvision
from chainrule.compat.torchvision import datasets, models, ops, transforms, utils
from chainrule.compat.torchvision.transforms import functional as F
from chainrule.errors import MissingExtraError
from vision_cases import CASES, NETWORKS, SEEDS, outputs

RECORDED = np.load(pathlib.Path(__file__).parent / "recorded" / "torchvision.npz")
TOLD = json.loads(str(RECORDED["told"]))
PIXELS = RECORDED["image"]


def given(kind):
    """The image of the recording, as a picture or a tensor."""
    if kind == "picture":
        return pytest.importorskip("PIL.Image").fromarray(PIXELS)
    planes = PIXELS.transpose(2, 0, 1).copy()
    return torch.from_numpy(planes if kind == "bytes" else (planes / 255).astype(np.float32))


# ---- transforms ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize("name", CASES)
def test_transforms_give_what_torchvision_gives(name, kind):
    assert repr(CASES[name](transforms)) == TOLD["repr"][name]
    for seed in SEEDS[kind]:
        key = f"{name}/{kind}/{seed}"
        torch.manual_seed(seed)
        random.seed(seed)
        transform = CASES[name](transforms)
        if key in TOLD["errors"]:
            with pytest.raises((TypeError, ValueError, RuntimeError, AttributeError)):
                transform(given(kind))
        else:
            made = np.array(transform(given(kind)))
            wanted = RECORDED[key]
            assert made.dtype == wanted.dtype
            if made.dtype == np.uint8:
                away = np.abs(made.astype(int) - wanted)
                assert away.max() <= (
                    kind == "bytes" or name == "augmix"
                )  # a half may round so or so
                assert (away > 0).mean() < 0.01
            else:
                np.testing.assert_allclose(made, wanted, rtol=1e-5, atol=2e-5)
        assert torch.rand(1).item() == TOLD["next"][key]


def test_pictures_and_tensors_there_and_back():
    pytest.importorskip("PIL")
    picture = F.to_pil_image(PIXELS)
    assert (picture.mode, picture.size) == ("RGB", (14, 10))
    np.testing.assert_array_equal(np.array(picture), PIXELS)
    scaled = F.to_tensor(picture)
    assert scaled.dtype == torch.float32 and scaled.shape == (3, 10, 14)
    np.testing.assert_array_equal(np.array(F.to_pil_image(scaled)), PIXELS)
    grey = F.to_pil_image(torch.tensor([[0.0, 1.0]]))
    assert grey.mode == "L" and np.array(grey).tolist() == [[0, 255]]
    for mode, dtype in (("I", torch.int32), ("F", torch.float32), ("1", torch.float32)):
        assert F.to_tensor(picture.convert(mode)).dtype == dtype
    with pytest.raises(ValueError, match="Only modes"):
        F.to_pil_image(PIXELS, mode="CMYK")


@pytest.mark.parametrize("make, message", [
    (lambda t: t.Resize((1, 2, 3)), "1 or 2 values"),
    (lambda t: t.Pad(1, padding_mode="odd"), "Padding mode should be"),
    (lambda t: t.ColorJitter(hue=0.7), "hue values should be between"),
    (lambda t: t.GaussianBlur(4), "odd and positive"),
    (lambda t: t.RandomErasing(2.0), "probability should be between 0 and 1"),
    (lambda t: t.RandomRotation(-3), "it must be positive"),
    (lambda t: t.RandomAffine(0, scale=(0, 1)), "scale values should be positive"),
    (lambda t: t.CenterCrop((1, 2, 3)), "only two dimensions"),
])  # fmt: skip
def test_wrong_arguments_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make(transforms)


def test_wrong_images_are_refused():
    with pytest.raises(TypeError, match="img should be PIL Image"):
        F.hflip("not an image")
    with pytest.raises(TypeError, match="Input tensor should be a float tensor"):
        F.normalize(given("bytes"), [0.5], [0.5])
    with pytest.raises(ValueError, match="division by zero"):
        F.normalize(given("floats"), [0.5], [0.0])
    with pytest.raises(TypeError, match="permitted channel values"):
        F.adjust_hue(torch.zeros(2, 4, 4), 0.1)
    with pytest.raises(ValueError, match="larger than input image size"):
        transforms.RandomCrop(99)(given("floats"))
    with pytest.raises(TypeError, match="pic should be PIL Image or ndarray"):
        F.to_tensor(given("floats"))


def test_crops_and_linear_transformation():
    x = given("floats")
    five, ten = transforms.FiveCrop(5)(x), transforms.TenCrop(5)(x)
    assert torch.equal(five[3], x[:, -5:, -5:]) and torch.equal(ten[5], x.flip(-1)[:, :5, :5])
    n = x.numel()
    matrix, mean = torch.eye(n) * 2, torch.ones(n)
    assert torch.equal(transforms.LinearTransformation(matrix, mean)(x), (x - 1) * 2)


def test_the_second_interface_has_its_names():
    from chainrule.compat.torchvision.transforms import v2

    assert v2.RandomCrop is transforms.RandomCrop
    x = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])(PIXELS)
    assert torch.equal(x, given("floats"))
    assert v2.functional.get_size(x) == [10, 14]


# ---- without Pillow ------------------------------------------------------------------------------


@pytest.fixture
def bare(monkeypatch):
    for name in [n for n in sys.modules if n == "PIL" or n.startswith("PIL.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)


def test_without_pillow_arrays_take_the_place_of_pictures(bare, tmp_path):
    write_mnist(tmp_path / "MNIST" / "raw", 5)
    data = datasets.MNIST(tmp_path, transform=transforms.ToTensor())
    image, label = data[2]
    assert image.shape == (1, 28, 28) and image.dtype == torch.float32 and label == 2
    assert isinstance(datasets.MNIST(tmp_path)[0][0], np.ndarray)
    with pytest.raises(MissingExtraError, match=r"(?s)Pillow.*chainrule.vision"):
        transforms.RandomHorizontalFlip(1.0)(datasets.MNIST(tmp_path)[0][0])
    with pytest.raises(ImportError, match="Pillow"):
        utils.save_image(torch.zeros(3, 2, 2), tmp_path / "x.jpg")


# ---- datasets ------------------------------------------------------------------------------------


def idx(array):
    code = {"uint8": 8, "int64": 8}[str(array.dtype)]
    head = struct.pack(">HBB", 0, code, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(np.uint8).tobytes()


def write_mnist(folder, n, stems=("train", "t10k"), end=""):
    folder.mkdir(parents=True, exist_ok=True)
    images = np.random.RandomState(1).randint(0, 256, (n, 28, 28)).astype(np.uint8)
    for stem in stems:
        (folder / f"{stem}-images-idx3-ubyte{end}").write_bytes(idx(images))
        (folder / f"{stem}-labels-idx1-ubyte{end}").write_bytes(idx(np.arange(n) % 10))
    return images


def test_mnist_and_its_like(tmp_path):
    pytest.importorskip("PIL")
    images = write_mnist(tmp_path / "MNIST" / "raw", 7)
    data = datasets.MNIST(str(tmp_path), train=False, target_transform=lambda y: y + 10)
    assert len(data) == 7 and torch.equal(data.data, torch.from_numpy(images))
    assert data.targets.dtype == torch.int64
    picture, label = data[3]
    assert (picture.mode, picture.size, label) == ("L", (28, 28), 13)
    np.testing.assert_array_equal(np.array(picture), images[3])
    assert repr(data).splitlines()[:4] == [
        "Dataset MNIST", "    Number of datapoints: 7", f"    Root location: {tmp_path}",
        "    Split: Test",
    ]  # fmt: skip
    assert data.class_to_idx["2 - two"] == 2 and data.raw_folder == str(tmp_path / "MNIST" / "raw")
    with pytest.warns(UserWarning, match="test_data has been renamed data"):
        assert data.test_data is data.data
    for kind in (datasets.KMNIST, datasets.FashionMNIST):
        write_mnist(tmp_path / kind.__name__ / "raw", 3)
        assert kind(tmp_path).data.shape == (3, 28, 28)

    class Own(datasets.MNIST):
        pass

    with pytest.raises(RuntimeError, match=r"(?s)Dataset not found: Own.*raw"):
        Own(tmp_path / "empty")
    write_mnist(tmp_path / "Own" / "raw", 2)
    assert len(Own(tmp_path)) == 2


def test_emnist_is_taken_out_of_its_archive(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "gzip.zip", "w") as archive:
        for what, values in (("images-idx3", np.zeros((2, 28, 28), np.uint8)),
                             ("labels-idx1", np.array([1, 26], np.uint8))):  # fmt: skip
            name = f"gzip/emnist-letters-train-{what}-ubyte.gz"
            archive.writestr(name, gzip.compress(idx(values)))

    def fetch(url, root, filename, md5):
        folder = pathlib.Path(root)
        folder.mkdir(parents=True)
        (folder / filename).write_bytes((tmp_path / "gzip.zip").read_bytes())

    monkeypatch.setattr("chainrule.compat.torchvision.datasets.mnist.download_url", fetch)
    data = datasets.EMNIST(tmp_path, split="letters", download=True)
    assert data.targets.tolist() == [1, 26] and data.classes[26] == "z"
    with pytest.raises(ValueError, match="Unknown value 'word' for argument split"):
        datasets.EMNIST(tmp_path, split="word")


def test_cifar_is_read_and_not_run(tmp_path):
    pytest.importorskip("PIL")
    pixels = np.random.RandomState(0).randint(0, 256, (4, 3072)).astype(np.uint8)
    ten, hundred = tmp_path / "cifar-10-batches-py", tmp_path / "cifar-100-python"
    ten.mkdir()
    hundred.mkdir()
    (ten / "test_batch").write_bytes(pickle.dumps({"data": pixels, "labels": [3, 1, 4, 1]}))
    fine = {"data": pixels, "fine_labels": [3, 1, 99, 1], "coarse_labels": [0, 0, 0, 0]}
    (hundred / "train").write_bytes(pickle.dumps(fine))
    names = [f"class {i}" for i in range(100)]
    (hundred / "meta").write_bytes(pickle.dumps({"fine_label_names": names}))
    data = datasets.CIFAR10(tmp_path, train=False)
    picture, label = data[2]
    assert (picture.mode, picture.size, label) == ("RGB", (32, 32), 4)
    np.testing.assert_array_equal(np.array(picture)[0, 0], pixels[2, ::1024])
    data = datasets.CIFAR100(tmp_path)
    assert data.data.shape == (4, 32, 32, 3) and data.targets == [3, 1, 99, 1]
    assert data.class_to_idx["class 99"] == 99 and repr(data).endswith("Split: Train")
    (hundred / "train").write_bytes(pickle.dumps({"data": print}))
    with pytest.raises(RuntimeError, match="refused"):
        datasets.CIFAR100(tmp_path)


def test_stl10_and_folds(tmp_path):
    pytest.importorskip("PIL")
    folder = tmp_path / "stl10_binary"
    folder.mkdir()
    images = np.random.RandomState(0).randint(0, 256, (3, 3, 96, 96)).astype(np.uint8)
    images.tofile(folder / "train_X.bin")
    np.array([1, 10, 5], np.uint8).tofile(folder / "train_y.bin")
    images[:1].tofile(folder / "unlabeled_X.bin")
    (folder / "fold_indices.txt").write_text("2 0 \n1 \n")
    assert datasets.STL10(tmp_path).labels.tolist() == [0, 9, 4]
    data = datasets.STL10(tmp_path, "train+unlabeled", folds=0)
    assert data.labels.tolist() == [4, 0, -1]
    picture, _ = data[0]
    np.testing.assert_array_equal(np.array(picture), images[2].transpose(2, 1, 0))
    with pytest.raises(RuntimeError, match="Dataset not found"):
        datasets.STL10(tmp_path, "test")
    with pytest.raises(RuntimeError, match="Dataset not found"):
        datasets.SVHN(tmp_path)


def test_image_folder(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    for name in ("dog/b.png", "dog/a/1.bmp", "cat/x.PNG"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(PIXELS).save(tmp_path / name)
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    data = datasets.ImageFolder(tmp_path, transforms.ToTensor())
    assert data.classes == ["cat", "dog"] and data.targets == [0, 1, 1]
    assert [p.removeprefix(f"{tmp_path}/") for p, _ in data.imgs] == [
        "cat/x.PNG", "dog/b.png", "dog/a/1.bmp",
    ]  # fmt: skip
    assert torch.equal(data[1][0], given("floats"))
    assert repr(data).splitlines()[3] == "    StandardTransform"
    (tmp_path / "fish").mkdir()
    with pytest.raises(FileNotFoundError, match="Found no valid file for the classes fish"):
        datasets.ImageFolder(tmp_path)
    assert len(datasets.ImageFolder(tmp_path, allow_empty=True)) == 3
    with pytest.raises(FileNotFoundError, match="Couldn't find any class folder"):
        datasets.ImageFolder(tmp_path / "fish")


def test_celeba_reads_its_lists(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    folder = tmp_path / "celeba"
    (folder / "img_align_celeba").mkdir(parents=True)
    names = [f"{i:06}.jpg" for i in range(1, 5)]
    Image.fromarray(PIXELS).save(folder / "img_align_celeba" / names[2])

    def rows(*columns):
        return "".join(
            f"{n}  {' '.join(map(str, c))}\n" for n, c in zip(names, columns, strict=True)
        )

    (folder / "list_eval_partition.txt").write_text(rows([0], [1], [0], [2]))
    (folder / "identity_CelebA.txt").write_text(rows([7], [8], [9], [7]))
    (folder / "list_attr_celeba.txt").write_text(
        "4\nBald Young \n" + rows([1, -1], [1, 1], [-1, 1], [1, 1]))  # fmt: skip
    for name in ("list_bbox_celeba.txt", "list_landmarks_align_celeba.txt"):
        (folder / name).write_text("4\nx y\n" + rows([1, 2], [3, 4], [5, 6], [7, 8]))
    data = datasets.CelebA(tmp_path, target_type=["attr", "identity", "landmarks"])
    assert len(data) == 2 and data.attr_names[:2] == ["Bald", "Young"]
    image, (attr, identity, landmarks) = data[1]
    assert image.size == (14, 10) and attr.tolist() == [0, 1] and int(identity) == 9
    assert landmarks.tolist() == [5, 6]
    assert datasets.CelebA(tmp_path, "all", [])[2][1] is None
    assert repr(data).splitlines()[3:] == [
        "    Target type: ['attr', 'identity', 'landmarks']", "    Split: train",
    ]  # fmt: skip
    with pytest.raises(RuntimeError, match="Dataset not found"):
        datasets.CelebA(tmp_path / "empty")


def test_imagenet_knows_the_names_of_its_folders(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    with pytest.raises(RuntimeError, match="not unpacked"):
        datasets.ImageNet(tmp_path)
    for wnid in ("n02", "n01"):
        (tmp_path / "val" / wnid).mkdir(parents=True)
        Image.fromarray(PIXELS).save(tmp_path / "val" / wnid / "1.png")
    names = {"n01": ("tench", "Tinca tinca"), "n02": ("goldfish",)}
    torch.save((names, ["n02", "n01"]), tmp_path / "meta.bin")
    data = datasets.ImageNet(tmp_path, "val")
    assert data.wnids == ["n01", "n02"] and data.classes[0] == ("tench", "Tinca tinca")
    assert data.class_to_idx == {"tench": 0, "Tinca tinca": 0, "goldfish": 1}
    assert data[1][1] == 1 and repr(data).endswith("Split: val")


def test_fake_data_is_the_same_every_time():
    pytest.importorskip("PIL")
    data = datasets.FakeData(3, (3, 8, 9), transform=transforms.ToTensor())
    torch.manual_seed(0)
    first = data[1]
    assert torch.rand(1).item() == pytest.approx(0.4962565899)
    assert torch.equal(first[0], data[1][0]) and first[1] == data[1][1]
    with pytest.raises(IndexError):
        data[3]


# ---- grids and files -----------------------------------------------------------------------------


def unpng(data):
    """The pixels of a PNG file as written here: filter 0 in every row."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place, found = 8, {}
    while place < len(data):
        (length,), kind = struct.unpack(">I", data[place : place + 4]), data[place + 4 : place + 8]
        content = data[place + 8 : place + 8 + length]
        (crc,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        assert crc == zlib.crc32(kind + content)
        found[kind] = content
        place += 12 + length
    w, h, depth, colour = struct.unpack(">IIBB", found[b"IHDR"][:10])
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    rows = np.frombuffer(zlib.decompress(found[b"IDAT"]), np.uint8).reshape(h, 1 + w * channels)
    assert depth == 8 and not rows[:, 0].any()
    return rows[:, 1:].reshape(h, w, channels)


def test_a_grid_and_its_file_without_pillow(bare, tmp_path):
    images = torch.arange(2 * 1 * 2 * 3).view(2, 1, 2, 3) / 12
    grid = utils.make_grid(images, padding=1, pad_value=1.0)
    assert grid.shape == (3, 4, 9) and torch.equal(grid[0, 1:3, 1:4], images[0, 0])
    assert torch.equal(grid[2, 1:3, 5:8], images[1, 0]) and bool((grid[:, 0] == 1).all())
    utils.save_image(images, tmp_path / "x.png", padding=1, pad_value=1.0)
    wanted = (grid.numpy() * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    np.testing.assert_array_equal(unpng((tmp_path / "x.png").read_bytes()),
                                  wanted.transpose(1, 2, 0))  # fmt: skip
    buffer = io.BytesIO()
    utils.save_image(images, buffer, format="png")
    assert buffer.getvalue()[:4] == b"\x89PNG"


def test_grids_are_normalised_by_image_or_together():
    x = torch.tensor([0.0, 2.0, -4.0, 4.0]).view(2, 1, 1, 2)
    whole = utils.make_grid(x, padding=0, normalize=True)
    assert whole[0].tolist() == [[0.5, 0.75, 0.0, 1.0]]
    each = utils.make_grid(x, padding=0, normalize=True, scale_each=True)
    assert each[0].tolist() == [[0.0, 1.0, 0.0, 1.0]]
    given_range = utils.make_grid(x, padding=0, normalize=True, value_range=(0, 1))
    assert given_range[0].tolist() == [[0.0, 1.0, 0.0, 1.0]] and x.flatten()[1] == 2
    assert utils.make_grid(torch.zeros(5, 3, 4, 4), nrow=3).shape == (3, 14, 20)
    assert utils.make_grid([torch.zeros(1, 4, 4)]).shape == (3, 4, 4)
    with pytest.raises(TypeError, match="tensor or list of tensors expected"):
        utils.make_grid([1, 2])


def test_images_are_saved_and_read(tmp_path):
    pytest.importorskip("PIL")
    from chainrule.compat.torchvision import io as tv_io

    x = given("bytes")
    tv_io.write_png(x, tmp_path / "x.png")
    assert torch.equal(tv_io.read_image(str(tmp_path / "x.png")), x)
    grey = tv_io.read_image(tmp_path / "x.png", tv_io.ImageReadMode.GRAY)
    assert grey.shape == (1, 10, 14)
    assert torch.equal(tv_io.decode_image(tv_io.encode_png(x)), x)
    assert tv_io.decode_jpeg(tv_io.encode_jpeg(x)).shape == x.shape
    boxes = utils.draw_bounding_boxes(x, torch.tensor([[1, 2, 8, 7]]), colors="red")
    assert boxes[:, 2, 1].tolist() == [255, 0, 0] and torch.equal(boxes[:, 0], x[:, 0])


# ---- boxes and losses ----------------------------------------------------------------------------


def boxes_of(n, seed):
    corners = np.random.RandomState(seed).rand(n, 4).astype(np.float32)
    corners[:, 2:] += corners[:, :2]
    return torch.from_numpy(corners)


def test_boxes_and_their_overlap():
    a, b = boxes_of(6, 0), boxes_of(5, 1)
    iou = ops.box_iou(a, b)
    for i, (x0, y0, x1, y1) in enumerate(a.tolist()):
        for j, (u0, v0, u1, v1) in enumerate(b.tolist()):
            inside = max(0, min(x1, u1) - max(x0, u0)) * max(0, min(y1, v1) - max(y0, v0))
            union = (x1 - x0) * (y1 - y0) + (u1 - u0) * (v1 - v0) - inside
            assert float(iou[i, j]) == pytest.approx(inside / union, abs=1e-6)
    for fmt in ("xywh", "cxcywh"):
        other = ops.box_convert(a, "xyxy", fmt)
        np.testing.assert_allclose(ops.box_convert(other, fmt, "xyxy"), a, atol=1e-6)
        np.testing.assert_allclose(ops.box_area(other, fmt), ops.box_area(a), atol=1e-6)
    assert torch.allclose(ops.generalized_box_iou(a, a).diagonal(), torch.ones(6))
    with pytest.raises(ValueError, match="Unsupported Bounding Box"):
        ops.box_convert(a, "xyxy", "polar")


def test_overlap_by_distance_and_boxes_around_masks():
    a = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
    b = torch.tensor([[2.0, 0.0, 4.0, 2.0], [0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.0]])
    np.testing.assert_allclose(ops.distance_box_iou(a, b)[0], [-4 / 20, 1, 0.5 - 0.25 / 8],
                               rtol=1e-6)  # fmt: skip
    v = 4 / np.pi**2 * (np.arctan(1) - np.arctan(2)) ** 2
    alpha = v / (0.5 + v)
    assert float(ops.complete_box_iou(a, b)[0, 2]) == pytest.approx(0.5 - 0.25 / 8 - alpha * v)
    mask = torch.zeros(2, 5, 6, dtype=torch.bool)
    mask[0, 1:3, 2:5] = mask[1, 4, 0] = True
    assert ops.masks_to_boxes(mask).tolist() == [[2, 1, 4, 2], [0, 4, 0, 4]]


def test_suppression_keeps_the_best_of_those_that_overlap():
    boxes, scores = boxes_of(40, 2), torch.rand(40)
    kept = ops.nms(boxes, scores, 0.3).tolist()
    iou = ops.box_iou(boxes, boxes)
    assert scores[kept].tolist() == sorted(scores[kept].tolist(), reverse=True)
    for i in range(40):
        better = [j for j in kept if scores[j] > scores[i] and iou[i, j] > 0.3]
        assert (i in kept) == (not better)
    classes = torch.arange(40)
    assert len(ops.batched_nms(boxes, scores, classes, 0.3)) == 40
    assert len(ops.nms(boxes[:0], scores[:0], 0.3)) == 0


def test_the_focal_loss_without_focus_is_cross_entropy():
    logits = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    targets = (torch.rand(4, 3) > 0.5).double()
    plain = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets)
    loss = ops.sigmoid_focal_loss(logits, targets, alpha=-1, gamma=0, reduction="mean")
    assert loss.item() == pytest.approx(plain.item())
    assert torch.autograd.gradcheck(lambda x: ops.sigmoid_focal_loss(x, targets), logits)


# ---- models and imports --------------------------------------------------------------------------


def test_models_by_name():
    assert len(models.list_models()) == 50 and "vit_b_16" in models.list_models()
    assert models.list_models(include=["vgg*"], exclude="*_bn") == ["vgg11", "vgg13", "vgg16",
                                                                    "vgg19"]  # fmt: skip
    assert not hasattr(models, "GPT") and callable(models.alexnet)
    assert models.get_weight("ResNet50_Weights.IMAGENET1K_V2").url.endswith("11ad3fa6.pth")
    assert models.get_model_weights("vit_h_14").DEFAULT.name == "IMAGENET1K_SWAG_E2E_V1"
    with pytest.raises(ValueError, match="Unknown model"):
        models.get_model("resnet20")
    ready = models.Inception_V3_Weights.DEFAULT.transforms()
    assert ready(torch.zeros(3, 350, 400, dtype=torch.uint8)).shape == (3, 299, 299)
    assert "resize_size=[342]" in repr(ready)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_give_what_those_of_torchvision_give(name):
    for made, wanted in zip(outputs(torch, models, name), TOLD["networks"][name], strict=True):
        np.testing.assert_allclose(made, wanted, rtol=2e-3, atol=2e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "shufflenet_v2_x0_5", "efficientnet_b0"])
def test_new_models_give_gradients_to_every_weight(name):
    torch.manual_seed(0)
    net = models.get_model(name, num_classes=4)
    net(torch.randn(2, 3, 64, 64)).square().sum().backward()
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in net.parameters())


def test_densenet_recomputes_its_bottlenecks_to_save_memory():
    grads = []
    for save in (False, True):
        torch.manual_seed(0)
        net = models.DenseNet(4, (2, 2), 8, num_classes=3, memory_efficient=save)
        net(torch.ones(2, 3, 32, 32)).sum().backward()
        grads.append([p.grad.clone() for p in net.parameters()])
    for a, b in zip(*grads, strict=True):
        assert torch.allclose(a, b, atol=1e-6)


SCRIPT = """
import torch, torchvision
import torchvision.transforms as T
import torchvision.transforms.functional as TF
from torchvision import datasets, models, transforms, utils
from torchvision.models.alexnet import AlexNet
from torchvision.models.resnet import BasicBlock, ResNet
from torchvision.models.utils import load_state_dict_from_url
from torchvision.transforms import v2
assert T.functional is TF and callable(models.alexnet) and models.resnet.ResNet is ResNet
assert isinstance(models.resnet18(), ResNet) and not hasattr(torchvision, "nothing")
x = T.Compose([T.RandomCrop(4), T.Normalize((0.5,), (0.5,))])(torch.zeros(1, 8, 8))
print(x.shape, torchvision.__version__)
"""


def test_programs_import_it_as_torchvision(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "chainrule", "run", "script.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split("\n")[0] == "torch.Size([1, 4, 4]) 0.28.0", done.stderr


def test_every_name_is_there():
    for module in (transforms, transforms.functional, datasets, models, ops, utils):
        assert all(hasattr(module, name) for name in module.__all__), module
    assert set(torchvision.PARTS) <= set(dir(torchvision))
