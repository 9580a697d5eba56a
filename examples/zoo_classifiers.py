"""Every classifier of `chainrule models`, trained for a few steps on real digits.

    python examples/zoo_classifiers.py                 all of them; the large ones take minutes
    python examples/zoo_classifiers.py resnet18 svm    some

The digits ship with chainrule and are enlarged where a network asks for it.  Printed are the loss
before the first step and before the last; for nearest neighbours, errors of guessing and of it.
"""

import sys
import warnings

import chainrule as torch
from chainrule import models, nn
from chainrule.models.registry import MODELS

F = nn.functional
OWN = ("randwire", "linear", "svm", "two_layer", "three_layer")


def digits(count, size, channels):
    data = torch.datasets.Digits()
    images = data.data[:count].float().unsqueeze(1) / 16
    if size > 8:
        images = F.interpolate(images, (size, size), mode="bilinear")
    return images.expand(-1, channels, -1, -1).contiguous(), data.targets[:count]


def build(name):
    entry = MODELS[name]
    options = {"features": 64} if entry.flat else {}
    if name == "randwire":
        options = {"channels": 1, "width": 8, "nodes": 8, "small": True}
    elif "cifar" in name:
        options = {"channels": 1}
    elif name == "googlenet":
        options = {"aux_logits": False, "init_weights": True}
    return models.get_model(name, num_classes=10, **options)


def classifier(name, steps):
    small = name in OWN or "cifar" in name
    least = MODELS[name].smallest
    images, labels = digits(16, 8 if small else max(32, least + least % 2), 1 if small else 3)
    model = build(name)
    loss = getattr(model, "loss", F.cross_entropy)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2 if MODELS[name].flat else 1e-4)
    losses = []
    for _ in range(steps):
        scores = model(images)
        value = loss(scores[0] if isinstance(scores, tuple) else scores, labels)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def neighbours(steps):
    images, labels = digits(500, 8, 1)
    knn = models.KNearestNeighbors(3).fit(images[:400], labels[:400])
    return [0.9, (knn(images[400:]).argmax(1) != labels[400:]).float().mean().item()]


def main(names=None, steps=4):
    found = {}
    for name in names or ["knn", *models.list_models("classifier")]:
        torch.manual_seed(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found[name] = neighbours(steps) if name == "knn" else classifier(name, steps)
        print(f"{name:<18} {found[name][0]:8.4f} -> {found[name][-1]:.4f}", flush=True)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
