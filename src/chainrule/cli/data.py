"""Datasets as three splits of tensors, scaled to mean 0 and standard deviation 1."""

from __future__ import annotations

import dataclasses
from typing import Any

import chainrule as torch
from chainrule import datasets
from chainrule.errors import ChainruleError, FileFormatError
from chainrule.utils.data import DataLoader, TensorDataset

NAMES = {
    "digits": "1,797 handwritten digits of 8x8, shipped with chainrule",
    "mnist": "70,000 handwritten digits of 28x28",
    "fashion-mnist": "70,000 pieces of clothing of 28x28",
    "cifar10": "60,000 photographs of 32x32 in colour",
    "text": "the file --root names, or chainrule's own source; for gpt and lstm",
    "copy": "random bits to repeat, drawn as they are needed; for ntm",
}
FASHION = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "boot",
)
CIFAR = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclasses.dataclass
class Split:
    """Images (N, C, H, W) in float32 and labels (N,) in int64."""

    images: torch.Tensor
    labels: torch.Tensor
    adapt: Any = None  # what is done with a batch of images before the model sees it

    def __len__(self) -> int:
        return len(self.labels)

    def batches(self, size: int, shuffle: bool = False) -> Any:
        loader = DataLoader(TensorDataset(self.images, self.labels), size, shuffle=shuffle)
        if self.adapt is None:
            return loader
        return ((self.adapt(images), labels) for images, labels in loader)


@dataclasses.dataclass
class Data:
    """A dataset ready for training; `mean` and `std` turn images back into pixels of 0 to 1."""

    name: str
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    mean: float
    std: float

    @property
    def shape(self) -> tuple[int, int, int]:
        return tuple(self.train.images.shape[1:])  # type: ignore[return-value]


@dataclasses.dataclass
class Text:
    """A text as numbers of its letters; the last tenth is for validation, the tenth before for
    test."""

    name: str
    letters: str
    train: torch.Tensor
    validation: torch.Tensor
    test: torch.Tensor
    context: int = 64

    def draw(self, part: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """`count` random pieces of `context` letters, (count, context), and the letters after."""
        starts = torch.randint(len(part) - self.context, (count, 1))
        at = starts + torch.arange(self.context)
        return part[at], part[at + 1]

    def pieces(self, part: torch.Tensor, most: int = 512) -> tuple[torch.Tensor, torch.Tensor]:
        """The same pieces each time, one after another."""
        count = min(most, (len(part) - 1) // self.context)
        end = count * self.context
        shape = (count, self.context)
        return part[:end].view(shape), part[1 : end + 1].view(shape)

    def read(self, numbers: torch.Tensor) -> str:
        return "".join(self.letters[i] for i in numbers.tolist())


@dataclasses.dataclass
class Copy:
    """Random bits to repeat from memory, of length 1 to `length`."""

    name: str = "copy"
    bits: int = 8
    length: int = 10


def load_text(root: str | None, limit: int | None, context: int = 64) -> Text:
    """The text in a file, or the source of this package."""
    import pathlib

    if root is None:
        home = pathlib.Path(torch.__file__ or "").parent
        whole = "".join(p.read_text("utf-8") for p in sorted((home / "ops").glob("*.py")))
    else:
        path = pathlib.Path(root)
        files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
        if not files or not files[0].exists():
            raise FileFormatError(f"there is no text at {root}",
                                  fix="Name a file with --root.")  # fmt: skip
        try:
            whole = "".join(p.read_text("utf-8") for p in files)
        except UnicodeDecodeError:
            raise FileFormatError(f"{root} is no text in UTF-8") from None
    whole = whole[:limit]
    if len(whole) < 20 * (context + 1):
        raise FileFormatError(f"{len(whole)} letters are too few",
                              fix=f"{20 * (context + 1)} are the least.")  # fmt: skip
    letters = "".join(sorted(set(whole)))
    number = {c: i for i, c in enumerate(letters)}
    numbers = torch.tensor([number[c] for c in whole])
    tenth = len(numbers) // 10
    return Text("text", letters, numbers[: -2 * tenth], numbers[-tenth:],
                numbers[-2 * tenth : -tenth], context)  # fmt: skip


def load(name: str, root: str | None, limit: int | None, download: bool) -> Data:
    """The dataset called `name`, split and scaled.

    The split is drawn once, with a seed of its own, so that every run of every model is judged on
    the same images.  Where the dataset has a test part, that is the test split.
    """
    if name == "digits":
        whole = datasets.Digits()
        images, labels = whole.data, whole.targets
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
        images, labels = images[order].float() / 16, labels[order]
        held = len(labels) // 5
        test = images[:held], labels[:held]
        images, labels = images[held:], labels[held:]
        kept = len(labels) // 8
        classes: tuple[str, ...] = tuple("0123456789")
    else:
        kind = {
            "mnist": datasets.MNIST,
            "fashion-mnist": datasets.FashionMNIST,
            "cifar10": datasets.CIFAR10,
        }[name]
        try:
            train = kind(root, train=True, download=download)
            held_out = kind(root, train=False, download=download)
        except ChainruleError as error:  # the same advice, as one gives it on a command line
            error.fix = error.fix.replace("download=True", "--download")
            raise
        images, labels = pixels(train)
        test = pixels(held_out)
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
        images, labels = images[order], labels[order]
        kept = len(labels) // 10
        classes = {"fashion-mnist": FASHION, "cifar10": CIFAR}.get(name, tuple("0123456789"))
    if limit is not None:
        images, labels = images[: limit + kept], labels[: limit + kept]
    if images.ndim == 3:
        images, test = images.unsqueeze(1), (test[0].unsqueeze(1), test[1])
    mean, std = float(images[kept:].mean()), float(images[kept:].std())

    def scaled(x: torch.Tensor, y: torch.Tensor) -> Split:
        return Split((x - mean) / std, y)

    return Data(
        name,
        classes,
        scaled(images[kept:], labels[kept:]),
        scaled(images[:kept], labels[:kept]),
        scaled(*test),
        mean,
        std,
    )


def pixels(dataset: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (N, C, H, W) or (N, H, W) from 0 to 1, and labels."""
    images = torch.as_tensor(dataset.data).float() / 255
    if images.ndim == 4 and images.shape[-1] == 3:
        images = images.permute(0, 3, 1, 2).contiguous()
    return images, torch.as_tensor(dataset.targets).long()
