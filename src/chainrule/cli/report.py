"""report.html: what a run did, in one file that needs no server, network or script."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as torch
from chainrule import VERSION, nn
from chainrule.cli import models, pictures
from chainrule.cli.data import Data
from chainrule.cli.loop import Settings
from chainrule.cli.tasks import Score
from chainrule.models.ntm import copy_task

STYLE = """
:root { --paper:#fbfaf7; --card:#fff; --ink:#1d2433; --soft:#667085; --line:#e4e2dc;
  --one:#2166ac; --two:#d6604d; --good:33,102,172; --bad:214,96,77; }
@media (prefers-color-scheme: dark) { :root { --paper:#14171d; --card:#1c2129; --ink:#e8eaf0;
  --soft:#98a2b3; --line:#2d343f; --one:#6baed6; --two:#f4a582; --good:107,174,214;
  --bad:244,165,130; } }
* { box-sizing:border-box } body { margin:0; background:var(--paper); color:var(--ink);
  font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif }
main { max-width:1120px; margin:0 auto; padding:32px 20px 64px }
h1 { font-size:26px; margin:0 0 2px } h2 { font-size:17px; margin:36px 0 10px }
p { margin:4px 0; color:var(--soft) } .lead { font-size:15px }
.facts { display:flex; flex-wrap:wrap; gap:12px; margin:20px 0 }
.fact { background:var(--card); border:1px solid var(--line); border-radius:10px;
  padding:12px 18px; min-width:120px } .fact b { display:block; font-size:24px; line-height:1.2 }
.fact span { color:var(--soft); font-size:13px }
.row { display:flex; flex-wrap:wrap; gap:16px } .row > figure { flex:1 1 420px }
figure { margin:0; background:var(--card); border:1px solid var(--line); border-radius:10px;
  padding:12px 14px } figcaption { font-weight:600; font-size:14px; margin-bottom:4px }
.key span { font-weight:400; margin-left:14px; color:var(--soft); font-size:13px }
.key i { display:inline-block; width:14px; height:3px; margin-right:5px; vertical-align:middle }
svg { display:block; width:100%; height:auto } .grid { stroke:var(--line); stroke-width:1 }
.tick { fill:var(--soft); font-size:11px } polyline { fill:none; stroke-width:2 }
.mark { stroke:var(--soft); stroke-width:1; stroke-dasharray:3 3 }
.small { flex:0 1 256px !important } .small figcaption { font-size:13px; overflow:hidden;
  text-overflow:ellipsis; white-space:nowrap } .small p { font-size:12px }
.confusion { border-collapse:collapse; background:var(--card); border:1px solid var(--line);
  border-radius:10px; font-variant-numeric:tabular-nums; font-size:13px }
.confusion th { padding:5px 8px; font-weight:600; color:var(--soft) }
.confusion td { min-width:40px; height:30px; padding:0 6px; text-align:center;
  border:1px solid var(--card) } .right { background:rgba(var(--good),calc(var(--s)*.75)) }
.wrong { background:rgba(var(--bad),calc(var(--s)*.9)) } td.recall { color:var(--soft) }
.tiles { display:flex; flex-wrap:wrap; gap:10px } .tile { background:var(--card);
  border:1px solid var(--line); border-radius:8px; padding:6px; text-align:center; font-size:12px;
  color:var(--soft) } .tile img { display:block; width:72px; height:72px; image-rendering:pixelated;
  border-radius:4px; margin-bottom:3px } .tile.tiny img { width:52px; height:52px; margin:0 }
.scroll { overflow-x:auto } footer { margin-top:40px; color:var(--soft); font-size:13px }
code { font:13px ui-monospace,Menlo,Consolas,monospace }
"""


def write(
    path: Path,
    model: Any,
    settings: Settings,
    data: Data,
    scores: dict[str, Score],
    history: list[dict[str, Any]],
    best_epoch: int,
) -> None:
    """Write the report of a finished run to `path`."""
    test = scores["test"]
    sections = [header(model, settings, data, scores, best_epoch)]
    if history:
        sections.append(curves(history, best_epoch))
    sections.append(mistakes(test, data))
    if isinstance(model, nn.Module) and settings.model != "knn":
        sections.append(templates(model, data))
        sections.append(histograms(model, settings, data))
    path.write_text(page(settings, sections), encoding="utf-8")


def page(settings: Settings, sections: list[str]) -> str:
    title = f"{settings.model} on {settings.data}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f"{''.join(sections)}<footer>Written by chainrule {VERSION}.</footer>"
        "</main></body></html>"
    )


def write_other(path: Path, job: Any, scores: dict[str, Score]) -> None:
    """The report of a model that does not classify: numbers, curves, and what it makes."""
    settings, model = job.settings, job.model
    facts = [(f"{s.loss:.4g}", f"{n} loss") for n, s in reversed(scores.items())]
    if job.task.counts:
        facts.insert(0, (f"{scores['validation'].accuracy:.1%}", "of the bits are right"))
    facts += [(f"{sum(p.numel() for p in model.parameters()):,}", "weights"),
              (str(job.best_epoch), f"epoch kept, of {settings.epochs}")]  # fmt: skip
    cards = "".join(
        f'<div class="fact"><b>{a}</b><span>{html.escape(b)}</span></div>' for a, b in facts
    )
    both = {part: [row[f"{part}_loss"] for row in job.history] for part in ("train", "validation")}
    both = {"discriminator": both["train"]} if job.task.latest else both
    sections = [
        f"<h1>{html.escape(settings.model)} on {html.escape(settings.data)}</h1>"
        f'<p class="lead">{html.escape(models.NAMES[settings.model])}; rate {settings.lr:g}, '
        f"batches of {settings.batch_size}, seed {settings.seed}</p>"
        f'<div class="facts">{cards}</div>',
        '<h2>Training</h2><div class="row">'
        + pictures.line_chart(both, "Loss", job.best_epoch)
        + "</div>",
        made(job),
    ]
    path.write_text(page(settings, sections), encoding="utf-8")


def made(job: Any) -> str:
    """What the model makes: images, or a text, or bits."""
    kind = models.kind_of(job.settings.model)
    if kind == "text":
        start = torch.zeros(1, 1, dtype=torch.long)
        text = job.data.read(job.model.generate(start, 800)[0, 1:])
        return f"<h2>A text it wrote</h2><figure><pre>{html.escape(text)}</pre></figure>"
    if kind in ("vae", "gan"):
        if kind == "vae":
            images = job.model.sample(64).view(64, *job.data.shape).numpy()
        else:
            with torch.no_grad():
                images = (job.model.generator.sample(64) * 0.5 + 0.5).numpy()
        tiles = "".join(
            f'<div class="tile tiny"><img alt="" src="{pictures.picture(i)}"></div>' for i in images
        )
        return f'<h2>Images it drew</h2><div class="tiles">{tiles}</div>'
    sequence, target = copy_task(1, job.data.length, job.data.bits)
    with torch.no_grad():
        _, scores = job.model.loss(sequence, target, with_scores=True)
    parts = [("to remember", target), ("what it said", scores.sigmoid())]
    tiles = "".join(
        f'<div class="tile"><img alt="" src="{pictures.picture(x[:, 0].T.unsqueeze(0).numpy())}">'
        f"{name}</div>" for name, x in parts
    )  # fmt: skip
    return f'<h2>One sequence</h2><div class="tiles">{tiles}</div>'


def header(
    model: Any, settings: Settings, data: Data, scores: dict[str, Score], best_epoch: int
) -> str:
    facts = [
        (f"{s.accuracy:.2%}", f"{n} accuracy, {len(getattr(data, n)):,} images")
        for n, s in reversed(scores.items())
    ]
    if isinstance(model, nn.Module) and settings.model != "knn":
        facts.append((f"{sum(p.numel() for p in model.parameters()):,}", "weights"))
        facts.append((str(best_epoch), f"best epoch of {settings.epochs}, on validation"))
        how = (
            f"{settings.optimizer}, {settings.schedule} schedule from {settings.lr:g}, weight "
            f"decay {settings.weight_decay:g}, batches of {settings.batch_size}, seed "
            f"{settings.seed}"
        )
    else:
        facts.append((str(settings.neighbours), "neighbours, chosen on validation"))
        how = "no training"
    cards = "".join(
        f'<div class="fact"><b>{a}</b><span>{html.escape(b)}</span></div>' for a, b in facts
    )
    return (
        f"<h1>{html.escape(settings.model)} on {html.escape(settings.data)}</h1>"
        f'<p class="lead">{html.escape(models.NAMES[settings.model])}; {html.escape(how)}</p>'
        f'<div class="facts">{cards}</div>'
    )


def curves(history: list[dict[str, Any]], best_epoch: int) -> str:
    def both(what: str) -> dict[str, list[float]]:
        return {
            part: [row[f"{part}_{what}"] for row in history] for part in ("train", "validation")
        }

    return (
        '<h2>Training</h2><div class="row">'
        + pictures.line_chart(both("loss"), "Loss", best_epoch)
        + pictures.line_chart(both("accuracy"), "Accuracy", best_epoch, percent=True)
        + "</div><p>The training lines are means over an epoch while the weights move, with "
        "dropout; the dashed line is the epoch that was kept.</p>"
    )


def mistakes(test: Score, data: Data) -> str:
    """The confusion matrix, and the wrong answers that the model was surest of."""
    scores, labels = test.scores.numpy(), data.test.labels.numpy()
    said = scores.argmax(1)
    n = len(data.classes)
    matrix = np.bincount(labels * n + said, minlength=n * n).reshape(n, n)
    wrong = np.flatnonzero(said != labels)
    margin = scores[wrong, said[wrong]] - scores[wrong, labels[wrong]]
    wrong = wrong[np.argsort(-margin, kind="stable")]
    images = data.test.images.numpy() * data.std + data.mean
    tiles = "".join(
        f'<div class="tile"><img alt="" src="{pictures.picture(images[i])}">'
        f"{html.escape(data.classes[said[i]])}, is {html.escape(data.classes[labels[i]])}</div>"
        for i in wrong[:48]
    )
    shown = f"the {min(48, len(wrong))} it was surest of" if len(wrong) > 48 else "surest first"
    return (
        "<h2>Confusion on the test split</h2><p>Rows are true classes, columns what the model "
        f'said.</p><div class="scroll">{pictures.confusion(matrix, data.classes)}</div>'
        f"<h2>Wrongly classified: {len(wrong)} of {len(labels)}</h2><p>{shown}</p>"
        f'<div class="tiles">{tiles}</div>'
    )


def templates(model: nn.Module, data: Data) -> str:
    """Each row of the first layer's weight as an image."""
    weight = next(p for p in model.parameters() if p.ndim in (2, 4)).detach().numpy()
    images = weight.reshape(len(weight), *data.shape) if weight.ndim == 2 else weight
    tiles = "".join(
        f'<div class="tile tiny"><img alt="template {i}" src="{pictures.template(w)}"></div>'
        for i, w in enumerate(images[:64])
    )
    more = f", the first 64 of {len(images)}" if len(images) > 64 else ""
    return (
        f"<h2>Templates of the first layer{more}</h2><p>What each unit looks for: red where "
        f'ink raises it, blue where ink lowers it.</p><div class="tiles">{tiles}</div>'
    )


def histograms(model: nn.Module, settings: Settings, data: Data) -> str:
    """Activations of every layer and gradients of every weight, on 500 training images."""
    seen: list[tuple[str, Any]] = []
    handles = []
    for name, layer in model.named_modules():
        if not list(layer.children()) and name:

            def keep(layer: Any, inputs: Any, output: Any, name: str = name) -> None:
                seen.append((f"{name} {type(layer).__name__}", output.detach().numpy()))

            handles.append(layer.register_forward_hook(keep))
    count = 500 if len(handles) < 60 else 50  # deep networks keep much
    model.eval()
    model.zero_grad()
    images = data.train.images[:count]
    scores = model(images if data.train.adapt is None else data.train.adapt(images))
    models.loss_of(settings.model)(scores, data.train.labels[:count]).backward()
    for handle in handles:
        handle.remove()
    activations = "".join(pictures.histogram(a, name, spread(a), "var(--one)") for name, a in seen)
    gradients = "".join(
        pictures.histogram(
            p.grad.numpy(), f"{name} {tuple(p.shape)}", spread(p.grad.numpy()), "var(--two)"
        )
        for name, p in model.named_parameters()
        if p.grad is not None
    )
    model.zero_grad()
    return (
        "<h2>Activations by layer</h2><p>On training images, with the kept weights; bars are "
        f'logarithmic counts.</p><div class="row">{activations}</div>'
        "<h2>Gradients by weight</h2><p>Of the loss over the same images.</p>"
        f'<div class="row">{gradients}</div>'
    )


def spread(values: np.ndarray) -> str:
    zero = float((values == 0).mean())
    text = f"mean {values.mean():.2g}, deviation {values.std():.2g}"
    return text + (f", {zero:.0%} zero" if zero >= 0.005 else "")
