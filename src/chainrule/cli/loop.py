"""The training loop: epochs, validation, best model, checkpoints, resuming in mid-epoch.

Nothing here is private to chainrule: it is the loop one would write with PyTorch.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

import chainrule as torch
from chainrule import nn, optim
from chainrule.cli import checkpoint, models, tasks
from chainrule.optim import lr_scheduler


@dataclasses.dataclass
class Settings:
    """Everything that decides the numbers of a run."""

    data: str = "digits"
    model: str = "mlp"
    optimizer: str = "adam"
    schedule: str = "cosine"
    lr: float = 3e-3
    weight_decay: float = 1e-4
    batch_size: int = 64
    epochs: int = 30
    width: int = 256
    root: str | None = None
    neighbours: int = 3
    seed: int = 0
    limit: int | None = None


def make_optimizer(settings: Settings, model: nn.Module) -> optim.Optimizer:
    p, lr, decay = model.parameters(), settings.lr, settings.weight_decay
    if models.kind_of(settings.model) == "gan":  # the momentum that both papers advise
        return optim.Adam(p, lr, betas=(0.5, 0.9))
    if settings.optimizer == "sgd":
        return optim.SGD(p, lr, weight_decay=decay)
    if settings.optimizer == "momentum":
        return optim.SGD(p, lr, momentum=0.9, weight_decay=decay)
    if settings.optimizer == "nesterov":
        return optim.SGD(p, lr, momentum=0.9, nesterov=True, weight_decay=decay)
    if settings.optimizer == "rmsprop":
        return optim.RMSprop(p, lr, weight_decay=decay)
    if settings.optimizer == "adamw":
        return optim.AdamW(p, lr, weight_decay=decay)
    return optim.Adam(p, lr, weight_decay=decay)


def make_schedule(settings: Settings, optimizer: optim.Optimizer) -> Any:
    """The schedules of the lectures; stepped once an epoch."""
    n = settings.epochs
    if settings.schedule == "step":  # x0.1 at 30, 60 and 90 % of the run
        marks = sorted({max(1, round(n * f)) for f in (0.3, 0.6, 0.9)})
        return lr_scheduler.MultiStepLR(optimizer, marks, gamma=0.1)
    if settings.schedule == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimizer, T_max=n)
    if settings.schedule == "linear":
        return lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=n)
    if settings.schedule == "inverse-sqrt":
        return lr_scheduler.LambdaLR(optimizer, lambda t: (t + 1) ** -0.5)
    return None


@contextlib.contextmanager
def stopping_between_steps(run: Run) -> Iterator[None]:
    """Let Ctrl-C end the run after the step it falls in, so that the checkpoint is whole.

    A second Ctrl-C stops at once.
    """

    def ask(*_: Any) -> None:
        if run.stop:
            raise KeyboardInterrupt
        run.stop = True

    try:
        before = signal.signal(signal.SIGINT, ask)
    except ValueError:  # not in the main thread: Ctrl-C does not arrive here
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Run:
    """A run in its folder: settings, progress, and how to continue it."""

    def __init__(self, settings: Settings, data: Any, folder: Path | None) -> None:
        self.settings, self.data, self.folder = settings, data, folder
        torch.manual_seed(settings.seed)
        self.model = models.build(settings.model, data, settings.width)
        self.task = tasks.task_of(settings, data)
        self.optimizer = make_optimizer(settings, self.model)
        self.scheduler = make_schedule(settings, self.optimizer)
        self.epoch = self.step = 0
        self.seen = self.sum_loss = self.sum_right = 0.0
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, torch.Tensor] = {}
        self.best_epoch, self.best_accuracy, self.best_loss = 0, -1.0, float("inf")
        self.epoch_start = torch.get_rng_state()
        self.resumed_at: torch.Tensor | None = None
        self.stop = False

    # ---- checkpoints ----------------------------------------------------------------------

    @property
    def checkpoint_path(self) -> Path:
        assert self.folder is not None
        return self.folder / "checkpoint.safetensors"

    def save(self) -> None:
        """Write a checkpoint, if this run has a folder."""
        if self.folder is None:
            return
        progress = {
            "settings": dataclasses.asdict(self.settings),
            "epoch": self.epoch,
            "step": self.step,
            "seen": self.seen,
            "sum_loss": self.sum_loss,
            "sum_right": self.sum_right,
            "history": self.history,
            "best_epoch": self.best_epoch,
            "best_accuracy": self.best_accuracy,
            "best_loss": self.best_loss,
        }
        random = {"epoch_start": self.epoch_start, "now": torch.get_rng_state()}
        checkpoint.save(
            self.checkpoint_path,
            self.model,
            self.best,
            self.optimizer,
            self.scheduler,
            progress,
            random,
        )

    def restore(self, saved: dict[str, Any]) -> None:
        """Continue from what `checkpoint.load` gave."""
        progress = saved["progress"]
        one_name = checkpoint.tied(self.model)
        others = {k: v for k, v in self.model.state_dict().items() if k not in one_name}
        self.model.load_state_dict(others | saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(saved["scheduler"])
        self.best = saved["best"]
        for name in (
            "epoch",
            "step",
            "seen",
            "sum_loss",
            "sum_right",
            "history",
            "best_epoch",
            "best_accuracy",
            "best_loss",
        ):
            setattr(self, name, progress[name])
        self.epoch_start, self.resumed_at = saved["random"]["epoch_start"], saved["random"]["now"]

    # ---- training -------------------------------------------------------------------------

    def train(self, quiet: bool = False) -> None:
        """Train to the last epoch; a KeyboardInterrupt leaves a checkpoint behind it."""
        settings, per_epoch = self.settings, self.task.steps
        total = settings.epochs * per_epoch
        bar = tqdm(
            total=total,
            initial=self.epoch * per_epoch + self.step,
            unit="batch",
            disable=quiet,
            dynamic_ncols=True,
            mininterval=0.2,
        )
        with bar, stopping_between_steps(self):
            try:
                while self.epoch < settings.epochs:
                    self.train_epoch(bar)
                    self.finish_epoch()
            except KeyboardInterrupt:
                self.save()
                raise

    def train_epoch(self, bar: Any) -> None:
        """One pass over the training split, or the rest of an interrupted one."""
        if self.resumed_at is None:
            self.epoch_start = torch.get_rng_state()
            self.seen = self.sum_loss = self.sum_right = 0.0
        else:
            torch.set_rng_state(self.epoch_start)
        batches = iter(self.task.batches())
        if self.resumed_at is not None:  # draw the same order again, and go to where it stopped
            for _ in range(self.step):
                next(batches)
            torch.set_rng_state(self.resumed_at)
            self.resumed_at = None
        self.model.train()
        for batch in batches:
            loss, right, count = self.task.step(self.model, self.optimizer, batch, self.step)
            self.step += 1
            self.seen += count
            self.sum_loss += loss * count
            self.sum_right += right
            if self.stop:
                raise KeyboardInterrupt
            bar.update()
            bar.set_description(f"epoch {self.epoch + 1}/{self.settings.epochs}", refresh=False)
            said = f"loss {self.sum_loss / self.seen:.4f}"
            if self.task.counts:
                said += f", accuracy {self.sum_right / self.seen:.1%}"
            bar.set_postfix_str(said, refresh=False)

    def finish_epoch(self) -> None:
        """Validate, keep the best model, step the schedule, write metrics and checkpoint."""
        rate = self.optimizer.param_groups[0]["lr"]
        score = self.task.validate(self.model)
        row = {"epoch": self.epoch + 1, "train_loss": self.sum_loss / self.seen,
               "validation_loss": score.loss, "lr": rate, "time": time.time()}  # fmt: skip
        if self.task.counts:
            row["train_accuracy"] = self.sum_right / self.seen
            row["validation_accuracy"] = score.accuracy
        self.history.append(row)
        better = (score.accuracy, -score.loss) > (self.best_accuracy, -self.best_loss)
        if better or self.task.latest:
            self.best_accuracy, self.best_loss = score.accuracy, score.loss
            self.best_epoch = self.epoch + 1
            self.best = {k: v.clone() for k, v in self.model.state_dict().items()}
        if self.scheduler is not None:
            self.scheduler.step()
        self.epoch, self.step = self.epoch + 1, 0
        if self.folder is not None:
            lines = "".join(json.dumps(row) + "\n" for row in self.history)
            (self.folder / "metrics.jsonl").write_text(lines)
        self.save()

    def load_best(self) -> None:
        """Put the weights that were best on validation back into the model."""
        if self.best:
            self.model.load_state_dict(self.best)
