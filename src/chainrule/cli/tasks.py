"""What a step and a validation are, for each kind of model: the part of training that differs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.cli import models
from chainrule.cli.data import Split
from chainrule.models.ntm import copy_task


@dataclasses.dataclass
class Score:
    loss: float
    accuracy: float
    scores: torch.Tensor


def evaluate(model: Any, split: Split, loss_function: Any) -> Score:
    """Mean loss, accuracy and all scores on a split."""
    if isinstance(model, nn.Module):
        model.eval()
    with torch.no_grad():
        scores = torch.cat([model(images) for images, _ in split.batches(500)])
        loss = loss_function(scores, split.labels).item()
        right = (scores.argmax(1) == split.labels).float().mean().item()
    return Score(loss, right, scores)


class Task:
    """A kind of learning.

    `steps` is their number in an epoch; `counts` says whether accuracy has a meaning, `latest`
    that the last weights are kept, because no number says which are best.
    """

    counts = latest = False

    def __init__(self, settings: Any, data: Any) -> None:
        self.settings, self.data = settings, data

    @property
    def steps(self) -> int:
        return -(-len(self.data.train) // self.settings.batch_size)

    def batches(self) -> Iterable[Any]:
        """The batches of one epoch, drawn from the default generator."""
        return self.data.train.batches(self.settings.batch_size, shuffle=True)  # type: ignore[no-any-return]

    def loss(self, model: Any, batch: Any) -> Any:
        """The loss of a batch, a scalar to differentiate; every kind of learning defines it."""
        raise NotImplementedError(f"{type(self).__name__} must define loss(model, batch)")

    def step(self, model: Any, optimizer: Any, batch: Any, index: int) -> tuple[float, float, int]:
        """Move the weights once; returns (mean loss, right answers, examples).  `index` counts the
        steps of the epoch."""
        loss = self.loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item(), 0.0, len(batch[0])

    def validate(self, model: Any) -> Score:
        """Loss (and accuracy) on the validation split."""
        return self.score(model, getattr(self.data, "validation", None))

    def score(self, model: Any, split: Any) -> Score:
        """The mean loss over a split; each batch weighs as much as it is long."""
        model.eval()
        total = count = 0.0
        with torch.no_grad():
            for batch in split.batches(500):
                total += self.loss(model, batch).item() * len(batch[0])
                count += len(batch[0])
        return Score(total / count, 0.0, torch.zeros(0))


class Classify(Task):
    """Images to classes."""

    counts = True

    def __init__(self, settings: Any, data: Any) -> None:
        super().__init__(settings, data)
        self.loss_function = models.loss_of(settings.model)

    def step(self, model: Any, optimizer: Any, batch: Any, index: int) -> tuple[float, float, int]:
        images, labels = batch
        scores = model(images)
        loss = self.loss_function(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item(), float((scores.argmax(1) == labels).sum()), len(labels)

    def score(self, model: Any, split: Any) -> Score:
        return evaluate(model, split, self.loss_function)


class Reconstruct(Task):
    """Images to a code and back."""

    def loss(self, model: Any, batch: Any) -> Any:
        return model.loss(batch[0])


class Adversarial(Task):
    """Generator against discriminator.  The loss that is shown is the discriminator's."""

    latest = True

    def step(self, model: Any, optimizer: Any, batch: Any, index: int) -> tuple[float, float, int]:
        images = batch[0]
        optimizer.zero_grad()
        loss = model.discriminator_loss(images)
        loss.backward()
        optimizer.step()  # the generator has no gradient here, so it stays
        if (index + 1) % model.critic_steps == 0:
            model.discriminator.requires_grad_(False)
            optimizer.zero_grad()
            model.generator_loss(len(images)).backward()
            optimizer.step()
            model.discriminator.requires_grad_(True)
        return loss.item(), 0.0, len(images)

    def score(self, model: Any, split: Any) -> Score:
        """The gap between the brightness of generated and real images, pixel by pixel: no measure
        of beauty, but a net that collapsed or diverged shows in it."""
        state = torch.get_rng_state()
        torch.manual_seed(0)
        model.eval()
        with torch.no_grad():
            real = torch.cat([images for images, _ in split.batches(500)])
            gap = (model.generator.sample(256).mean(0) - real.mean(0)).abs().mean().item()
        model.train()
        torch.set_rng_state(state)
        return Score(gap, 0.0, torch.zeros(0))


class Language(Task):
    """Letters to the letter that follows."""

    @property
    def steps(self) -> int:
        batch = self.settings.batch_size * self.data.context
        return max(1, min(500, len(self.data.train) // batch))

    def batches(self) -> Iterable[Any]:
        for _ in range(self.steps):
            yield self.data.draw(self.data.train, self.settings.batch_size)

    def loss(self, model: Any, batch: Any) -> Any:
        return model.loss(*batch)

    def score(self, model: Any, split: Any) -> Score:
        model.eval()
        inputs, targets = self.data.pieces(split)
        total = 0.0
        with torch.no_grad():
            for i in range(0, len(inputs), 64):
                part = inputs[i : i + 64]
                total += model.loss(part, targets[i : i + 64]).item() * len(part)
        return Score(total / len(inputs), 0.0, torch.zeros(0))


class Remember(Task):
    """Bits to the same bits, later; accuracy is the share of bits that are right."""

    counts = True
    steps = 100  # type: ignore[assignment]

    def batches(self) -> Iterable[Any]:
        for _ in range(self.steps):
            length = int(torch.randint(1, self.data.length + 1, ()))
            yield copy_task(self.settings.batch_size, length, self.data.bits)

    def step(self, model: Any, optimizer: Any, batch: Any, index: int) -> tuple[float, float, int]:
        optimizer.zero_grad()
        loss, right = self.judge(model, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        count = batch[1].shape[1]
        return loss.item(), right * count, count

    def judge(self, model: Any, batch: Any) -> tuple[Any, float]:
        sequence, target = batch
        loss, scores = model.loss(sequence, target, with_scores=True)
        return loss, float(((scores > 0) == (target > 0)).float().mean())

    def score(self, model: Any, split: Any) -> Score:
        state = torch.get_rng_state()
        torch.manual_seed(0)
        batch = copy_task(64, self.data.length, self.data.bits)
        torch.set_rng_state(state)
        model.eval()
        with torch.no_grad():
            loss, right = self.judge(model, batch)
        return Score(loss.item(), right, torch.zeros(0))


KINDS = {"classifier": Classify, "vae": Reconstruct, "gan": Adversarial, "text": Language,
         "sequence": Remember}  # fmt: skip


def task_of(settings: Any, data: Any) -> Task:
    """The task of the settings' model."""
    return KINDS[models.kind_of(settings.model)](settings, data)
