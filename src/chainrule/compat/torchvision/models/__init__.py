# ruff: noqa: F401
"""torchvision's networks for images: those of `chainrule.models`, by torchvision's names.

>>> from chainrule.compat.torchvision import models
>>> models.get_model("squeezenet1_1", num_classes=10).num_classes
10
>>> models.list_models(include="resnet*5*")
['resnet152', 'resnet50']
"""

from __future__ import annotations

import fnmatch
from typing import Any

from chainrule import models as zoo
from chainrule.compat.torchvision.models import (  # before the functions of the same names
    _utils,
    alexnet,
    densenet,
    efficientnet,
    googlenet,
    inception,
    mobilenet,
    mobilenetv2,
    mobilenetv3,
    resnet,
    shufflenetv2,
    squeezenet,
    utils,
    vgg,
    vision_transformer,
)
from chainrule.compat.torchvision.transforms import _presets
from chainrule.models.registry import MODELS
from chainrule.models.weights import CLASSES, ENUMS, WeightsEnum

WeightsEnum.transforms = _presets.for_weights  # the layers below know no pictures
CLASSES_OF_NETWORKS = """AlexNet DenseNet EfficientNet GoogLeNet GoogLeNetOutputs Inception3
InceptionOutputs MobileNetV2 MobileNetV3 ResNet ShuffleNetV2 SqueezeNet VGG
VisionTransformer""".split()  # noqa: SIM905
NETWORKS = [n for n in zoo.__all__ if n in CLASSES or n in ENUMS or n in CLASSES_OF_NETWORKS]
globals().update({name: getattr(zoo, name) for name in NETWORKS})


def get_model_builder(name: str) -> Any:
    """The function that makes a model, by its name."""
    name = name.lower()
    if name not in CLASSES:
        raise ValueError(f"Unknown model {name}")
    return MODELS[name].build


def get_model(name: str, **config: Any) -> Any:
    """A model by its name; `config` for the function that makes it."""
    return get_model_builder(name)(**config)


def list_models(module: Any = None, include: Any = None, exclude: Any = None) -> list[str]:
    """The names of the models, or of those that fit shell patterns."""
    names = set(CLASSES) if module is None else {n for n in CLASSES if hasattr(module, n)}
    if include:
        wanted = [include] if isinstance(include, str) else include
        names = {n for n in names if any(fnmatch.fnmatch(n, p) for p in wanted)}
    if exclude:
        unwanted = [exclude] if isinstance(exclude, str) else exclude
        names = {n for n in names if not any(fnmatch.fnmatch(n, p) for p in unwanted)}
    return sorted(names)


def get_model_weights(name: Any) -> Any:
    """The enumeration of a model's published weights, by its name or the function that makes it."""
    name = name if isinstance(name, str) else name.__name__
    get_model_builder(name)
    return ENUMS[f"{CLASSES[name.lower()]}_Weights"]


def get_weight(name: str) -> Any:
    """Published weights by their full name: "ResNet50_Weights.IMAGENET1K_V2"."""
    kinds, _, member = name.partition(".")
    if kinds not in ENUMS or member not in ENUMS[kinds].__members__:
        raise ValueError(
            f"The weight enum '{kinds}' for the specific method couldn't be retrieved."
        )
    return ENUMS[kinds][member]


__all__ = [*NETWORKS, "WeightsEnum", "get_model", "get_model_builder", "get_model_weights",
           "get_weight", "list_models"]  # fmt: skip
