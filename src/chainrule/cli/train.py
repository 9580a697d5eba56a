"""`chainrule train`: train a model on a dataset, keep the best on validation, write a report."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chainrule as torch
from chainrule.cli import checkpoint, data, models, report
from chainrule.cli.loop import Run, Settings
from chainrule.cli.tasks import evaluate
from chainrule.errors import ArgumentError, FileFormatError
from chainrule.models import KNearestNeighbors
from chainrule.serialization import save_file

OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")
SCHEDULES = ("constant", "step", "cosine", "linear", "inverse-sqrt")
LEARNING_RATES = {"sgd": 0.1, "momentum": 0.03, "nesterov": 0.03, "rmsprop": 1e-3}
SMALL_MODELS = ("mlp", "cnn", "linear", "svm", "two_layer", "three_layer", "vae")
SMALL = 1 << 22  # multiplications of the first layer, per batch
EPOCHS = {"digits": 40, "mnist": 8, "fashion-mnist": 10, "cifar10": 12, "text": 4, "copy": 30}
RATES = {"gan": 2e-4, "text": 1e-3, "vae": 1e-3, "sequence": 1e-3}  # by kind of model

EPILOG = """\
examples:
  chainrule train digits                       a small network on the digits that ship with it
  chainrule train mnist --model cnn --root DIR MNIST files in DIR, or downloaded with --download
  chainrule train text --model gpt --root FILE a language model of the letters of a text
  chainrule train digits --search 12           choose learning rate, decay and width on validation
  chainrule train --resume runs/digits-mlp     go on where a run was stopped

The model that is best on the validation split is kept, and judged once on the test split.
The folder of a run holds model.safetensors, metrics.jsonl, report.html and a checkpoint.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument(
        "dataset",
        nargs="?",
        choices=list(data.NAMES),
        metavar="DATA",
        help="the dataset, as --data",
    )
    parser.add_argument(
        "--data",
        choices=list(data.NAMES),
        help="; ".join(f"{k}: {v}" for k, v in data.NAMES.items()),
    )
    parser.add_argument(
        "--model",
        choices=list(models.NAMES),
        metavar="MODEL",
        help="one that `chainrule models` lists (default: mlp; gpt for text, ntm for copy)",
    )
    parser.add_argument(
        "--optimizer",
        choices=OPTIMIZERS,
        default="adam",
        help="how weights move (default: %(default)s)",
    )
    parser.add_argument(
        "--schedule",
        choices=SCHEDULES,
        default="cosine",
        help="how the learning rate changes over the epochs: step is x0.1 at 30, "
        "60 and 90 %% of them (default: %(default)s)",
    )
    parser.add_argument(
        "--lr",
        type=positive,
        metavar="RATE",
        help="learning rate (default: by optimizer, 0.003 for adam)",
    )
    parser.add_argument(
        "--weight-decay",
        type=not_negative,
        default=1e-4,
        metavar="D",
        help="L2 regularisation (default: %(default)s)",
    )
    parser.add_argument(
        "--batch-size",
        type=whole,
        default=64,
        metavar="N",
        help="images per step (default: %(default)s)",
    )
    parser.add_argument(
        "--epochs",
        type=whole,
        metavar="N",
        help="passes over the training split (default: 40 for digits, fewer for larger sets)",
    )
    parser.add_argument(
        "--width",
        type=whole,
        metavar="N",
        help="hidden units, width of the transformer, or channels (default: by model, 256 for "
        "mlp; cnn has an eighth as filters)",
    )
    parser.add_argument(
        "--k", type=whole, metavar="K", help="neighbours of knn (default: chosen on validation)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="S",
        help="of initial weights, shuffles and dropout (default: %(default)s)",
    )
    parser.add_argument("--limit", type=whole, metavar="N", help="use only N training images")
    parser.add_argument(
        "--search",
        type=whole,
        nargs="?",
        const=8,
        metavar="TRIALS",
        help="first try TRIALS random settings (default 8), a quarter of the "
        "epochs each, and go on with the best on validation",
    )
    parser.add_argument("--root", metavar="DIR", help="where the dataset's files are, or a text")
    parser.add_argument("--download", action="store_true", help="fetch the files if missing")
    parser.add_argument(
        "--out", metavar="DIR", help="folder of the run (default: runs/DATA-MODEL, numbered)"
    )
    parser.add_argument("--resume", metavar="DIR", help="go on with the run in this folder")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def positive(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be positive, not {text}")
    return value


def not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"must not be negative, not {text}")
    return value


def whole(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value


def run(args: argparse.Namespace) -> int:
    started = time.perf_counter()
    if args.resume:
        folder = Path(args.resume)
        path = folder / "checkpoint.safetensors"
        if not path.exists():
            raise FileFormatError(
                f"there is no checkpoint in {folder}",
                fix="Give the folder that `chainrule train` wrote.",
            )
        saved = checkpoint.load(path)
        settings = Settings(**saved["progress"]["settings"])
    else:
        saved, settings = None, settings_of(args)
    loaded = load(settings, args)
    if settings.model == "knn":
        folder = new_folder(args.out, settings)
        return nearest_neighbours(args, settings, loaded, folder, started)
    if args.search and models.kind_of(settings.model) != "classifier":
        raise ArgumentError("--search chooses by accuracy, and this model has none")
    if args.search and saved is None:
        with threads_for(settings, loaded):
            settings = search(args.search, settings, loaded)
    if saved is None:
        folder = new_folder(args.out, settings)
    job = Run(settings, loaded, folder)
    if saved is not None:
        job.restore(saved)
        print(f"resuming {folder} at epoch {job.epoch + 1}, step {job.step}")
    weights = sum(p.numel() for p in job.model.parameters())
    print(
        f"{settings.model}: {weights:,} weights, {settings.optimizer}, "
        f"{settings.schedule} schedule from {settings.lr:g}"
    )
    try:
        with threads_for(settings, loaded):
            job.train(quiet=args.quiet)
    except KeyboardInterrupt:
        print(
            f"\nStopped in epoch {job.epoch + 1}. Nothing is lost; go on with\n"
            f"  chainrule train --resume {folder}",
            file=sys.stderr,
        )
        return 130
    job.load_best()
    if models.kind_of(settings.model) == "classifier":
        finish(job.model, settings, loaded, folder, job.history, started, job.best_epoch)
    else:
        finish_other(job, started)
    return 0


def load(settings: Settings, args: argparse.Namespace) -> Any:
    """The data of a run, and a line about it."""
    models.check(settings.model, settings.data)
    if settings.data == "copy":
        return data.Copy()
    if settings.data == "text":
        text = data.load_text(args.root or settings.root, settings.limit)
        print(f"text: {len(text.train):,} letters to learn from, {len(text.letters)} different")
        return text
    loaded = data.load(settings.data, args.root or settings.root, settings.limit, args.download)
    for split in (loaded.train, loaded.validation, loaded.test):
        split.adapt = models.adapt(settings.model, loaded)
    sizes = (len(loaded.train), len(loaded.validation), len(loaded.test))
    print("{}: {} training, {} validation, {} test images".format(settings.data, *sizes))
    return loaded


@contextlib.contextmanager
def threads_for(settings: Settings, loaded: Any) -> Iterator[None]:
    """One thread for small matrices: handing them out to several costs more than it saves."""
    before = torch.get_num_threads()
    small = settings.model in SMALL_MODELS and settings.data not in ("text", "copy")
    if small and math.prod(loaded.shape) * settings.width * settings.batch_size < SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings that the arguments ask for."""
    if args.dataset and args.data and args.dataset != args.data:
        raise ArgumentError(f"two datasets were named, {args.dataset} and {args.data}")
    name = args.dataset or args.data
    if args.model is None:
        args.model = {"text": "gpt", "copy": "ntm"}.get(name, "mlp")
    kind = models.kind_of(args.model)
    if name is None:
        name = {"text": "text", "sequence": "copy"}.get(kind, "digits")
    usual = RATES.get(kind, 3e-3) if args.optimizer == "adam" else 3e-3
    rate = args.lr or LEARNING_RATES.get(args.optimizer, usual)
    return Settings(
        data=name,
        model=args.model,
        optimizer=args.optimizer,
        schedule=args.schedule,
        lr=rate,
        weight_decay=args.weight_decay,
        batch_size=args.batch_size,
        epochs=args.epochs or EPOCHS[name],
        width=models.width_of(args.model, args.width),
        root=args.root,
        neighbours=args.k or 0,
        seed=args.seed,
        limit=args.limit,
    )


def new_folder(out: str | None, settings: Settings) -> Path:
    """An empty folder for the run; one that is there already is never written over."""
    if out is not None:
        folder = Path(out)
        if folder.exists() and any(folder.iterdir()):
            raise ArgumentError(
                f"{folder} is not empty",
                fix=f"Choose another --out, or go on with --resume {folder}.",
            )
    else:
        base = Path("runs") / f"{settings.data}-{settings.model}"
        folder, n = base, 2
        while folder.exists():
            folder, n = base.with_name(f"{base.name}-{n}"), n + 1
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def search(trials: int, settings: Settings, loaded: data.Data) -> Settings:
    """Random search on validation accuracy over learning rate, weight decay and width."""
    print(f"searching: {trials} settings, {max(1, settings.epochs // 4)} epochs each")
    draw = torch.Generator().manual_seed(settings.seed)
    tried = []
    for i in range(trials):
        u = torch.rand(3, generator=draw).tolist()
        trial = dataclasses.replace(
            settings,
            lr=float(f"{settings.lr * 10 ** (1.5 * u[0] - 1):.2g}"),
            weight_decay=float(f"{10 ** (3 * u[1] - 5):.1g}"),
            width=settings.width
            if settings.model not in ("mlp", "cnn", "two_layer", "three_layer")
            else (64, 128, 256, 512)[int(u[2] * 4)],
            epochs=max(1, settings.epochs // 4),
        )
        job = Run(trial, loaded, None)
        job.train(quiet=True)
        tried.append((job.best_accuracy, -job.best_loss, -i, trial))
        print(
            f"  {i + 1:2d}  lr {trial.lr:<8g} weight decay {trial.weight_decay:<7g} "
            f"width {trial.width:<4d} validation {job.best_accuracy:.1%}"
        )
    best = max(tried)[3]
    print(f"chosen: lr {best.lr:g}, weight decay {best.weight_decay:g}, width {best.width}")
    return dataclasses.replace(best, epochs=settings.epochs)


def nearest_neighbours(
    args: Any, settings: Settings, loaded: data.Data, folder: Path, started: float
) -> int:
    """K-nearest neighbours: choose K on validation, judge it once on the test split."""
    import json

    loss = models.loss_of("knn")
    history = []
    for k in [settings.neighbours] if settings.neighbours else [1, 3, 5, 7, 9]:
        score = evaluate(neighbours(loaded, k), loaded.validation, loss)
        history.append({"k": k, "validation_accuracy": score.accuracy})
        print(f"  K = {k}: validation {score.accuracy:.1%}")
    settings.neighbours = max(history, key=lambda row: (row["validation_accuracy"], -row["k"]))["k"]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in history))
    finish(neighbours(loaded, settings.neighbours), settings, loaded, folder, [], started, 0)
    return 0


def neighbours(loaded: data.Data, k: int) -> Any:
    model = KNearestNeighbors(k, len(loaded.classes))
    return model.fit(loaded.train.images, loaded.train.labels)


def finish_other(job: Run, started: float) -> None:
    """Judge a model that does not classify, write it, samples of it and a report."""
    settings, folder = job.settings, job.folder
    assert folder is not None
    scores = {"validation": job.task.validate(job.model)}
    if settings.data != "copy":
        scores["test"] = job.task.score(job.model, job.data.test)
    print(f"\nkept: weights of epoch {job.best_epoch}\n")
    for name, score in scores.items():
        right = f", {score.accuracy:.2%} of bits right" if job.task.counts else ""
        print(f"{name:<11} loss {score.loss:.4f}{right}")
    meta = {"model": settings.model, "data": settings.data, "width": str(settings.width)}
    save_file(checkpoint.tied(job.model), folder / "model.safetensors", metadata=meta)
    torch.manual_seed(settings.seed)
    report.write_other(folder / "report.html", job, scores)
    print(f"\n{time.perf_counter() - started:.1f} s; see {folder / 'report.html'}")


def finish(
    model: Any,
    settings: Settings,
    loaded: data.Data,
    folder: Path,
    history: list[Any],
    started: float,
    best_epoch: int,
) -> None:
    """Judge the chosen model on all splits, print the table, write model and report."""
    loss = models.loss_of(settings.model)
    scores = {}
    for name in ("train", "validation", "test"):
        scores[name] = evaluate(model, getattr(loaded, name), loss)
    knn = settings.model == "knn"
    what = f"K = {settings.neighbours}" if knn else f"weights of epoch {best_epoch}"
    print(f"\nbest on validation: {what}\n")
    print("split        images   accuracy" + ("" if knn else "     loss"))
    for name, score in scores.items():
        tail = "" if knn else f"   {score.loss:6.4f}"
        print(f"{name:<11} {len(getattr(loaded, name)):>7}   {score.accuracy:>8.2%}{tail}")
    if not knn:
        state = dict(model.state_dict())
        meta = {"model": settings.model, "data": settings.data, "width": str(settings.width)}
        save_file(state, folder / "model.safetensors", metadata=meta)
    report.write(folder / "report.html", model, settings, loaded, scores, history, best_epoch)
    print(f"\n{time.perf_counter() - started:.1f} s; see {folder / 'report.html'}")
