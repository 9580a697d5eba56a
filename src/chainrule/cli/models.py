"""The models that `chainrule train` can train: those of `chainrule models`, and two of its own."""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.cli.data import Data, Text
from chainrule.errors import ArgumentError
from chainrule.models.registry import MODELS, WEIGHTS
from chainrule.nn import functional as F

OWN = {
    "mlp": "two hidden layers of ReLU with dropout",
    "cnn": "two blocks of convolution, batch norm, ReLU and pooling",
}
NAMES = OWN | {name: entry.summary for name, entry in MODELS.items()}
WIDTHS = {"gpt": 128, "lstm": 128, "ntm": 100, "dcgan": 32, "wgan_gp": 32, "randwire": 16,
          "two_layer": 100, "three_layer": 100}  # fmt: skip
COLOUR = ("alexnet", "googlenet", "vgg", "resn", "wide_")  # three channels, whatever the image has


def kind_of(name: str) -> str:
    """What a model learns: see `chainrule.models.registry.Entry`."""
    return "classifier" if name in OWN else MODELS[name].kind


def width_of(name: str, width: int | None) -> int:
    return width or WIDTHS.get(name, 256)


def build(name: str, data: Any, width: int) -> nn.Module:
    """A model for the data it is to learn."""
    kind = kind_of(name)
    if kind == "text":
        return language_model(name, data, width)
    if kind == "sequence":
        return MODELS[name].build(data.bits + 1, data.bits, hidden=width, slots=32, width=12)  # type: ignore[no-any-return]
    channels, height, wide = data.shape
    if kind == "vae":
        return MODELS[name].build(channels * height * wide, hidden=width, latent=16)  # type: ignore[no-any-return]
    if kind == "gan":
        return MODELS[name].build(latent=64, width=width, channels=channels, size=height)  # type: ignore[no-any-return]
    return classifier(name, data, width)


def language_model(name: str, text: Text, width: int) -> nn.Module:
    if name == "gpt":
        heads = next(h for h in (4, 2, 1) if width % h == 0)
        return MODELS[name].build(vocab_size=len(text.letters), block_size=text.context,
                                  n_embd=width, n_head=heads)  # type: ignore[no-any-return]  # fmt: skip
    return MODELS[name].build(len(text.letters), width, width)  # type: ignore[no-any-return]


def classifier(name: str, data: Data, width: int) -> nn.Module:
    """A model for images of `data.shape` (channels, height, width) and its classes."""
    channels, height, wide = data.shape
    features, classes = channels * height * wide, len(data.classes)
    if name == "mlp":
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(features, width),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(width, width // 2),
            nn.ReLU(),
            nn.Linear(width // 2, classes),
        )
    if name == "cnn":
        filters = max(8, width // 8)
        return nn.Sequential(
            nn.Conv2d(channels, filters, 3, padding=1),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(filters, 2 * filters, 3, padding=1),
            nn.BatchNorm2d(2 * filters),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.2),
            nn.Linear(2 * filters * (height // 4) * (wide // 4), classes),
        )
    entry = MODELS[name]
    options: dict[str, Any] = {}
    if name in ("linear", "svm"):
        options = {"features": features}
    elif entry.flat:
        options = {"features": features, "hidden": width}
    elif name == "googlenet":
        options = {"aux_logits": False, "init_weights": True}
    elif name == "randwire":
        options = {"channels": channels, "width": width, "nodes": 8, "small": height <= 64}
    elif name.startswith("cifar_"):
        options = {"channels": channels}
    return entry.build(num_classes=classes, **options)  # type: ignore[no-any-return]


def adapt(name: str, data: Data) -> Any:
    """What is done with each batch of images before the model sees it, or None."""
    import chainrule as torch

    if kind_of(name) == "gan":
        size = max(8, 1 << (data.shape[1] - 1).bit_length())
        if size == data.shape[1] == data.shape[2]:
            return lambda x: (x * data.std + data.mean) * 2 - 1
        return lambda x: F.interpolate((x * data.std + data.mean) * 2 - 1, (size, size))
    if kind_of(name) == "vae":
        return lambda x: (x * data.std + data.mean).clamp(0, 1)
    if name in OWN or MODELS[name].flat or kind_of(name) != "classifier":
        return None
    least, grey = MODELS[name].smallest, name.startswith(COLOUR) and data.shape[0] == 1
    small = min(data.shape[1:]) < least
    if not grey and not small:
        return None

    def fit(x: torch.Tensor) -> torch.Tensor:
        x = x.expand(-1, 3, -1, -1) if grey else x
        return F.interpolate(x, (least + least % 2, least + least % 2)) if small else x

    return fit


def loss_of(name: str) -> Any:
    """The loss a classifier is trained with: scores (N, C) and labels (N,) to a scalar."""
    return F.multi_margin_loss if name == "svm" else F.cross_entropy


def check(model: str, data: str) -> None:
    """That a model can learn from a dataset."""
    kind = kind_of(model)
    wanted = {"text": ("text",), "sequence": ("copy",)}.get(kind)
    if wanted is None and data in ("text", "copy"):
        raise ArgumentError(f"{model} learns from images, and {data} has none",
                            fix="Name digits, mnist, fashion-mnist or cifar10.")  # fmt: skip
    if wanted is not None and data not in wanted:
        raise ArgumentError(f"{model} does not learn from images",
                            fix=f"Try chainrule train {wanted[0]} --model {model}.")  # fmt: skip


# ---- chainrule models --------------------------------------------------------------------------


def add_arguments(parser: Any) -> None:
    parser.add_argument("kind", nargs="?", choices=sorted({e.kind for e in MODELS.values()}),
                        help="only the models of this kind")  # fmt: skip
    parser.epilog = (
        "chainrule train DATA --model NAME trains one; chainrule.models.get_model(NAME) builds one."
    )


def run(args: Any) -> int:
    """Print the list."""
    rows = [("NAME", "KIND", "WEIGHTS", "WHAT IT IS", "SOURCE")]
    for name, entry in MODELS.items():
        if args.kind in (None, entry.kind):
            size = f"{WEIGHTS[name]:,}" if name in WEIGHTS else "by data"
            rows.append((name, entry.kind, size, entry.summary, entry.source))
    if args.kind in (None, "classifier"):
        rows[1:1] = [(n, "classifier", "by data", what, "") for n, what in OWN.items()]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for a, b, c, d, e in rows:
        line = f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:<{widths[3]}}  {e}"
        print(line.rstrip())
    return 0
