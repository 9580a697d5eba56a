"""The models by name: what each is, how it is built, and what it is trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.models import (
    cifar_resnet,
    classifiers,
    densenet,
    efficientnet,
    gan,
    gpt,
    lstm_lm,
    mobilenet,
    ntm,
    randomly_wired,
    resnet,
    shufflenet,
    squeezenet,
    vae,
    vgg,
    vision_transformer,
)
from chainrule.models.alexnet import alexnet
from chainrule.models.googlenet import googlenet
from chainrule.models.inception import inception_v3


@dataclass(frozen=True)
class Entry:
    """A model of the list.

    Args:
        build: makes it; takes the keywords that `keywords_for` gives.
        kind: "classifier" (images to classes), "neighbours", "text", "vae", "gan" or "sequence".
        summary: one line.
        source: who described it, and when.
        smallest: the smallest image side it takes.
        flat: whether it takes flattened images, with `features` of them.
    """

    build: Callable[..., Any]
    kind: str
    summary: str
    source: str
    smallest: int = 1
    flat: bool = False


MODELS: dict[str, Entry] = {
    "linear": Entry(classifiers.LinearClassifier, "classifier", "linear softmax classifier",
                    "", flat=True),
    "svm": Entry(classifiers.SVM, "classifier", "linear classifier with the hinge loss",
                 "Weston and Watkins 1999", flat=True),
    "knn": Entry(classifiers.KNearestNeighbors, "neighbours", "k-nearest neighbours",
                 "Fix and Hodges 1951"),
    "two_layer": Entry(classifiers.TwoLayerNet, "classifier", "one hidden layer", "", flat=True),
    "three_layer": Entry(classifiers.ThreeLayerNet, "classifier", "two hidden layers", "",
                         flat=True),
    "alexnet": Entry(alexnet, "classifier", "five convolutions, three linear layers",
                     "Krizhevsky et al. 2012", 63),
    "googlenet": Entry(googlenet, "classifier", "nine inception blocks",
                       "Szegedy et al. 2014", 15),
}  # fmt: skip
for _depth in (11, 13, 16, 19):
    for _suffix, _what in (("", ""), ("_bn", " with batch normalisation")):
        _name = f"vgg{_depth}{_suffix}"
        MODELS[_name] = Entry(getattr(vgg, _name), "classifier", f"{_depth} layers{_what}",
                              "Simonyan and Zisserman 2014", 32)  # fmt: skip
for _name, (_, _, _, _summary) in resnet.TABLE.items():
    _source = "Xie et al. 2017" if "resnext" in _name else "He et al. 2015"
    _source = "Zagoruyko and Komodakis 2016" if "wide" in _name else _source
    MODELS[_name] = Entry(getattr(resnet, _name), "classifier", _summary, _source, 1)
for _depth in (20, 32, 44, 56, 110):
    MODELS[f"cifar_resnet{_depth}"] = Entry(
        getattr(cifar_resnet, f"resnet{_depth}"), "classifier",
        f"the ResNet of {_depth} layers for 32×32 images", "He et al. 2015",
    )  # fmt: skip
MODELS["inception_v3"] = Entry(inception_v3, "classifier", "convolutions taken apart",
                               "Szegedy et al. 2015", 75)  # fmt: skip
for _module, _names, _summary, _source, _least in (
    (densenet, densenet.TABLE, "every layer reads all before it", "Huang et al. 2016", 29),
    (squeezenet, ("squeezenet1_0", "squeezenet1_1"), "eight fire blocks, few weights",
     "Iandola et al. 2016", 21),
    (mobilenet, ("mobilenet_v2",), "separable convolutions, inverted bottlenecks",
     "Sandler et al. 2018", 1),
    (mobilenet, mobilenet.BLOCKS, "inverted bottlenecks with squeeze and excitation",
     "Howard et al. 2019", 1),
    (shufflenet, shufflenet.CHANNELS, "half of the channels pass by", "Ma et al. 2018", 1),
    (efficientnet, (f"efficientnet_{_kind}" for _kind in efficientnet.SCALES),
     "width, depth and resolution grown together", "Tan and Le 2019", 1),
    (vision_transformer, vision_transformer.SIZES, "a transformer on patches of 224 pixels",
     "Dosovitskiy et al. 2020", 224),
):  # fmt: skip
    for _name in _names:
        MODELS[_name] = Entry(getattr(_module, _name), "classifier", _summary, _source, _least)
MODELS |= {
    "randwire": Entry(randomly_wired.RandomlyWired, "classifier", "randomly wired stages",
                      "Xie et al. 2019"),
    "ntm": Entry(ntm.NTM, "sequence", "Neural Turing Machine with an LSTM controller",
                 "Graves et al. 2014"),
    "gpt": Entry(gpt.GPT, "text", "decoder-only transformer", "Radford et al. 2019"),
    "lstm": Entry(lstm_lm.LSTMLanguageModel, "text", "LSTM language model",
                  "Zaremba et al. 2014"),
    "dcgan": Entry(gan.DCGAN, "gan", "convolutional GAN", "Radford et al. 2015", 8),
    "wgan_gp": Entry(gan.WGANGP, "gan", "Wasserstein GAN with gradient penalty",
                     "Gulrajani et al. 2017", 8),
    "vae": Entry(vae.VAE, "vae", "variational autoencoder", "Kingma and Welling 2013"),
}  # fmt: skip


# How many weights each has as built without arguments; the others follow their data.
WEIGHTS = {
    "alexnet": 61_100_840, "googlenet": 13_004_888, "vgg11": 132_863_336,
    "vgg11_bn": 132_868_840, "vgg13": 133_047_848, "vgg13_bn": 133_053_736, "vgg16": 138_357_544,
    "vgg16_bn": 138_365_992, "vgg19": 143_667_240, "vgg19_bn": 143_678_248,
    "resnet18": 11_689_512, "resnet34": 21_797_672, "resnet50": 25_557_032,
    "resnet101": 44_549_160, "resnet152": 60_192_808, "resnext50_32x4d": 25_028_904,
    "resnext101_32x8d": 88_791_336, "resnext101_64x4d": 83_455_272,
    "inception_v3": 27_161_264, "densenet121": 7_978_856, "densenet161": 28_681_000,
    "densenet169": 14_149_480, "densenet201": 20_013_928, "squeezenet1_0": 1_248_424,
    "squeezenet1_1": 1_235_496, "mobilenet_v2": 3_504_872, "mobilenet_v3_large": 5_483_032,
    "mobilenet_v3_small": 2_542_856, "shufflenet_v2_x0_5": 1_366_792,
    "shufflenet_v2_x1_0": 2_278_604, "shufflenet_v2_x1_5": 3_503_624,
    "shufflenet_v2_x2_0": 7_393_996, "efficientnet_b0": 5_288_548,
    "efficientnet_b1": 7_794_184, "efficientnet_b2": 9_109_994, "efficientnet_b3": 12_233_232,
    "efficientnet_b4": 19_341_616, "efficientnet_b5": 30_389_784, "efficientnet_b6": 43_040_704,
    "efficientnet_b7": 66_347_960, "efficientnet_v2_s": 21_458_488,
    "efficientnet_v2_m": 54_139_356, "efficientnet_v2_l": 118_515_272, "vit_b_16": 86_567_656,
    "vit_b_32": 88_224_232, "vit_l_16": 304_326_632, "vit_l_32": 306_535_400,
    "vit_h_14": 632_045_800,
    "wide_resnet50_2": 68_883_240, "wide_resnet101_2": 126_886_696, "cifar_resnet20": 269_722,
    "cifar_resnet32": 464_154, "cifar_resnet44": 658_586, "cifar_resnet56": 853_018,
    "cifar_resnet110": 1_727_962, "randwire": 5_560_693, "ntm": 62_880, "gpt": 804_096,
    "lstm": 280_897, "dcgan": 6_342_272, "wgan_gp": 6_340_480, "vae": 652_824,
}  # fmt: skip


def list_models(kind: str | None = None) -> list[str]:
    """The names of all models, or of one kind.

    >>> from chainrule import models
    >>> models.list_models("text")
    ['gpt', 'lstm']
    """
    return [name for name, entry in MODELS.items() if kind in (None, entry.kind)]


def get_model(name: str, **kwargs: Any) -> Any:
    """Build a model by name.

    >>> from chainrule import models
    >>> type(models.get_model("vae", features=64)).__name__
    'VAE'
    """
    entry = MODELS.get(name)
    if entry is None:
        import difflib

        near = difflib.get_close_matches(name, MODELS, 3)
        raise ArgumentError(f"Unknown model {name}",
                            fix=f"Did you mean {' or '.join(near)}?" if near else
                            "chainrule models lists them.")  # fmt: skip
    return entry.build(**kwargs)
