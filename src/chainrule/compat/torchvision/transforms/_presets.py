"""What makes an image ready for a network with published weights, as it was in their training."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.transforms import functional as F
from chainrule.compat.torchvision.transforms.interpolation import InterpolationMode
from chainrule.models.weights import CLASSES
from chainrule.tensor import Tensor

BILINEAR, BICUBIC = InterpolationMode.BILINEAR, InterpolationMode.BICUBIC


class ImageClassification(torch.nn.Module):
    """Resize, crop the middle, floats in [0, 1], normalise: for a picture or a tensor.

    >>> import chainrule as torch
    >>> ImageClassification(crop_size=8, resize_size=8)(torch.zeros(3, 9, 9)).shape
    torch.Size([3, 8, 8])
    """

    def __init__(
        self, *, crop_size: int, resize_size: int = 256, mean: Any = (0.485, 0.456, 0.406),
        std: Any = (0.229, 0.224, 0.225), interpolation: Any = BILINEAR,
        antialias: bool | None = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.crop_size, self.resize_size = [crop_size], [resize_size]
        self.mean, self.std = list(mean), list(std)
        self.interpolation, self.antialias = interpolation, antialias

    def forward(self, img: Any) -> Tensor:
        img = F.resize(img, self.resize_size, self.interpolation, antialias=self.antialias)
        img = F.center_crop(img, self.crop_size)
        if not isinstance(img, Tensor):
            img = F.pil_to_tensor(img)
        return F.normalize(F.convert_image_dtype(img, torch.float32), self.mean, self.std)

    def __repr__(self) -> str:
        said = {name: getattr(self, name) for name in ("crop_size", "resize_size", "mean", "std",
                                                       "interpolation")}  # fmt: skip
        lines = "".join(f"\n    {name}={value}" for name, value in said.items())
        return f"ImageClassification({lines}\n)"


# Crop, size before it, interpolation, where they are not 224, 256 (for V2 232) and bilinear.
PREPARED: dict[str, tuple[int, int, InterpolationMode]] = {
    "inception_v3": (299, 342, BILINEAR), "resnext101_64x4d": (224, 232, BILINEAR),
    "shufflenet_v2_x1_5": (224, 232, BILINEAR), "shufflenet_v2_x2_0": (224, 232, BILINEAR),
    "efficientnet_b0": (224, 256, BICUBIC), "efficientnet_b1": (240, 256, BICUBIC),
    "efficientnet_b1 V2": (240, 255, BILINEAR), "efficientnet_b2": (288, 288, BICUBIC),
    "efficientnet_b3": (300, 320, BICUBIC), "efficientnet_b4": (380, 384, BICUBIC),
    "efficientnet_b5": (456, 456, BICUBIC), "efficientnet_b6": (528, 528, BICUBIC),
    "efficientnet_b7": (600, 600, BICUBIC), "efficientnet_v2_s": (384, 384, BILINEAR),
    "efficientnet_v2_m": (480, 480, BILINEAR), "efficientnet_v2_l": (480, 480, BICUBIC),
    "vit_l_16": (224, 242, BILINEAR), "vit_b_16 E2E": (384, 384, BICUBIC),
    "vit_l_16 E2E": (512, 512, BICUBIC), "vit_h_14 E2E": (518, 518, BICUBIC),
    "vit_b_16 LINEAR": (224, 224, BICUBIC), "vit_l_16 LINEAR": (224, 224, BICUBIC),
    "vit_h_14 LINEAR": (224, 224, BICUBIC),
}  # fmt: skip
MODEL_OF = {f"{spelt}_Weights": name for name, spelt in CLASSES.items()}


def for_weights(weights: Any, **changes: Any) -> ImageClassification:
    """What makes an image ready for a model with these weights."""
    name = MODEL_OF[type(weights).__name__]
    kind = next((k for k in ("E2E", "LINEAR", "V2") if k in weights.name), "")
    usual = (224, 232 if kind == "V2" else 256, BILINEAR)
    crop, size, mode = PREPARED.get(f"{name} {kind}") or PREPARED.get(name if kind == "" else "",
                                                                      usual)  # fmt: skip
    how: dict[str, Any] = {"crop_size": crop, "resize_size": size, "interpolation": mode}
    if name == "efficientnet_v2_l":
        how |= {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}
    if weights.name == "IMAGENET1K_FEATURES":
        how |= {"mean": (0.48235, 0.45882, 0.40784), "std": (1 / 255,) * 3}
    return ImageClassification(**{**how, **changes})
