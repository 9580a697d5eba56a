"""Trained weights by name: where they are published, and how a model gets them.

The file names carry the first eight digits of the file's SHA-256, which is checked after the
download; the files are read without running what is in them, as all files are.
"""

from __future__ import annotations

import enum
import warnings
from typing import Any

from chainrule.errors import ArgumentError

HOME = "https://download.pytorch.org/models/"
PUBLISHED: dict[str, tuple[str, ...]] = {  # V1, V2 where there is one
    "alexnet": ("alexnet-owt-7be5be79.pth",),
    "vgg11": ("vgg11-8a719046.pth",),
    "vgg13": ("vgg13-19584684.pth",),
    "vgg16": ("vgg16-397923af.pth",),
    "vgg19": ("vgg19-dcbb9e9d.pth",),
    "vgg11_bn": ("vgg11_bn-6002323d.pth",),
    "vgg13_bn": ("vgg13_bn-abd245e5.pth",),
    "vgg16_bn": ("vgg16_bn-6c64b313.pth",),
    "vgg19_bn": ("vgg19_bn-c79401a0.pth",),
    "googlenet": ("googlenet-1378be20.pth",),
    "resnet18": ("resnet18-f37072fd.pth",),
    "resnet34": ("resnet34-b627a593.pth",),
    "resnet50": ("resnet50-0676ba61.pth", "resnet50-11ad3fa6.pth"),
    "resnet101": ("resnet101-63fe2227.pth", "resnet101-cd907fc2.pth"),
    "resnet152": ("resnet152-394f9c45.pth", "resnet152-f82ba261.pth"),
    "resnext50_32x4d": ("resnext50_32x4d-7cdf4587.pth", "resnext50_32x4d-1a0047aa.pth"),
    "resnext101_32x8d": ("resnext101_32x8d-8ba56ff5.pth", "resnext101_32x8d-110c445d.pth"),
    "resnext101_64x4d": ("resnext101_64x4d-173b62eb.pth",),
    "wide_resnet50_2": ("wide_resnet50_2-95faca4d.pth", "wide_resnet50_2-9ba9bcbe.pth"),
    "wide_resnet101_2": ("wide_resnet101_2-32ee1156.pth", "wide_resnet101_2-d733dc28.pth"),
}


class WeightsEnum(enum.Enum):
    """Published weights of one model; a member's value is its address."""

    @property
    def url(self) -> str:
        return str(self.value)

    def get_state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """The tensors, downloaded once."""
        from chainrule.hub import load_state_dict_from_url

        return load_state_dict_from_url(self.url, *args, check_hash=True, **kwargs)


def enumeration(name: str) -> Any:
    """The weights of a model as an enumeration: IMAGENET1K_V1, IMAGENET1K_V2, DEFAULT."""
    members = {f"IMAGENET1K_V{i + 1}": HOME + file for i, file in enumerate(PUBLISHED[name])}
    members["DEFAULT"] = list(members.values())[-1]
    return WeightsEnum(f"{CLASSES[name]}_Weights", members)


CLASSES = {
    name: name.replace("alexnet", "AlexNet").replace("googlenet", "GoogLeNet")
    .replace("wide_resnet", "Wide_ResNet").replace("resnext", "ResNeXt")
    .replace("resnet", "ResNet").replace("vgg", "VGG").replace("_bn", "_BN")
    .replace("x4d", "X4D").replace("x8d", "X8D")
    for name in PUBLISHED
}  # fmt: skip
ENUMS = {f"{CLASSES[name]}_Weights": enumeration(name) for name in PUBLISHED}


def with_weights(
    name: str, weights: Any, progress: bool, build: Any, *args: Any, **kwargs: Any
) -> Any:
    """A model, with published weights if some are named."""
    pretrained = kwargs.pop("pretrained", None)
    if isinstance(weights, bool):
        pretrained, weights = weights, None
    if pretrained is not None:
        warnings.warn("The parameter 'pretrained' is deprecated, please use 'weights' instead.",
                      UserWarning, stacklevel=4)  # fmt: skip
        weights = "IMAGENET1K_V1" if pretrained else None
    if weights is None:
        return build(*args, **kwargs)
    kinds = ENUMS[f"{CLASSES[name]}_Weights"]
    if isinstance(weights, str):
        try:
            weights = kinds[weights.rpartition(".")[2]]
        except KeyError:
            there = ", ".join(kinds.__members__)
            raise ArgumentError(f"{name} has no weights {weights!r}",
                                fix=f"There are {there}.") from None  # fmt: skip
    if not isinstance(weights, kinds):
        raise TypeError(f"Expected Weight class {kinds.__name__} but received {weights!r}.")
    model = build(*args, **kwargs)
    model.load_state_dict(weights.get_state_dict(progress=progress))
    return model
