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
PUBLISHED: dict[str, Any] = {  # V1, V2 where there is one; or a dict by name
    "alexnet": ("alexnet-owt-7be5be79.pth",),
    "vgg11": ("vgg11-8a719046.pth",),
    "vgg13": ("vgg13-19584684.pth",),
    "vgg16": {
        "IMAGENET1K_V1": "vgg16-397923af.pth",
        "IMAGENET1K_FEATURES": "vgg16_features-amdegroot-88682ab5.pth",
    },
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
    "densenet121": ("densenet121-a639ec97.pth",),
    "densenet161": ("densenet161-8d451a50.pth",),
    "densenet169": ("densenet169-b2777c0a.pth",),
    "densenet201": ("densenet201-c1103571.pth",),
    "inception_v3": ("inception_v3_google-0cc3c7bd.pth",),
    "squeezenet1_0": ("squeezenet1_0-b66bff10.pth",),
    "squeezenet1_1": ("squeezenet1_1-b8a52dc0.pth",),
    "mobilenet_v2": ("mobilenet_v2-b0353104.pth", "mobilenet_v2-7ebf99e0.pth"),
    "mobilenet_v3_large": ("mobilenet_v3_large-8738ca79.pth", "mobilenet_v3_large-5c1a4163.pth"),
    "mobilenet_v3_small": ("mobilenet_v3_small-047dcff4.pth",),
    "shufflenet_v2_x0_5": ("shufflenetv2_x0.5-f707e7126e.pth",),
    "shufflenet_v2_x1_0": ("shufflenetv2_x1-5666bf0f80.pth",),
    "shufflenet_v2_x1_5": ("shufflenetv2_x1_5-3c479a10.pth",),
    "shufflenet_v2_x2_0": ("shufflenetv2_x2_0-8be3c8ee.pth",),
    "efficientnet_b0": ("efficientnet_b0_rwightman-7f5810bc.pth",),
    "efficientnet_b1": ("efficientnet_b1_rwightman-bac287d4.pth", "efficientnet_b1-c27df63c.pth"),
    "efficientnet_b2": ("efficientnet_b2_rwightman-c35c1473.pth",),
    "efficientnet_b3": ("efficientnet_b3_rwightman-b3899882.pth",),
    "efficientnet_b4": ("efficientnet_b4_rwightman-23ab8bcd.pth",),
    "efficientnet_b5": ("efficientnet_b5_lukemelas-1a07897c.pth",),
    "efficientnet_b6": ("efficientnet_b6_lukemelas-24a108a5.pth",),
    "efficientnet_b7": ("efficientnet_b7_lukemelas-c5b4e57e.pth",),
    "efficientnet_v2_s": ("efficientnet_v2_s-dd5fe13b.pth",),
    "efficientnet_v2_m": ("efficientnet_v2_m-dc08266a.pth",),
    "efficientnet_v2_l": ("efficientnet_v2_l-59c71312.pth",),
    "vit_b_16": {
        "IMAGENET1K_V1": "vit_b_16-c867db91.pth",
        "IMAGENET1K_SWAG_E2E_V1": "vit_b_16_swag-9ac1b537.pth",
        "IMAGENET1K_SWAG_LINEAR_V1": "vit_b_16_lc_swag-4e70ced5.pth",
    },
    "vit_b_32": ("vit_b_32-d86f8d99.pth",),
    "vit_l_16": {
        "IMAGENET1K_V1": "vit_l_16-852ce7e3.pth",
        "IMAGENET1K_SWAG_E2E_V1": "vit_l_16_swag-4f3808c9.pth",
        "IMAGENET1K_SWAG_LINEAR_V1": "vit_l_16_lc_swag-4d563306.pth",
    },
    "vit_l_32": ("vit_l_32-c7638314.pth",),
    "vit_h_14": {
        "IMAGENET1K_SWAG_E2E_V1": "vit_h_14_swag-80465313.pth",
        "IMAGENET1K_SWAG_LINEAR_V1": "vit_h_14_lc_swag-c1eb923e.pth",
    },
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
    files = PUBLISHED[name]
    if isinstance(files, dict):
        default = next(iter(files))
    else:
        files = {f"IMAGENET1K_V{i}": file for i, file in enumerate(files, 1)}
        default = f"IMAGENET1K_V{len(files)}"
    members = {member: HOME + file for member, file in files.items()}
    return WeightsEnum(f"{CLASSES[name]}_Weights", {**members, "DEFAULT": members[default]})


SPELT = {
    "alexnet": "AlexNet", "googlenet": "GoogLeNet", "wide_resnet": "Wide_ResNet",
    "resnext": "ResNeXt", "resnet": "ResNet", "vgg": "VGG", "_bn": "_BN", "x4d": "X4D",
    "x8d": "X8D", "densenet": "DenseNet", "inception_v": "Inception_V",
    "squeezenet": "SqueezeNet", "mobilenet_v": "MobileNet_V", "_large": "_Large",
    "_small": "_Small", "shufflenet_v2_x": "ShuffleNet_V2_X", "efficientnet_b": "EfficientNet_B",
    "efficientnet_v2_s": "EfficientNet_V2_S", "efficientnet_v2_m": "EfficientNet_V2_M",
    "efficientnet_v2_l": "EfficientNet_V2_L", "vit_b": "ViT_B", "vit_l": "ViT_L",
    "vit_h": "ViT_H",
}  # fmt: skip


def spelt(name: str) -> str:
    """A model's name as the name of its weights is written."""
    for small, large in SPELT.items():
        name = name.replace(small, large)
    return name


CLASSES = {name: spelt(name) for name in PUBLISHED}
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
    state = weights.get_state_dict(progress=progress)
    rename = getattr(build, "published_key", None)
    if rename is not None:
        state = {rename(key): value for key, value in state.items()}
    model.load_state_dict(state)
    return model
