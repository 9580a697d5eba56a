"""Augmentations of drawn kinds and strengths: AutoAugment, RandAugment, TrivialAugment, AugMix."""

from __future__ import annotations

import math
from enum import Enum
from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.transforms import functional as F
from chainrule.compat.torchvision.transforms.base import Transform, fill_for
from chainrule.compat.torchvision.transforms.interpolation import InterpolationMode

NEAREST = InterpolationMode.NEAREST


class AutoAugmentPolicy(Enum):
    """The dataset that a policy was searched for on."""

    IMAGENET = "imagenet"
    CIFAR10 = "cifar10"
    SVHN = "svhn"


# 25 pairs each of kind, probability in tenths, and strength from 0 to 9 (Cubuk et al. 2018, tables
# 7 to 9).
POLICIES = {
    "imagenet": """
        Posterize 4 8 Rotate 6 9; Solarize 6 5 AutoContrast 6 -; Equalize 8 - Equalize 6 -;
        Posterize 6 7 Posterize 6 6; Equalize 4 - Solarize 2 4; Equalize 4 - Rotate 8 8;
        Solarize 6 3 Equalize 6 -; Posterize 8 5 Equalize 10 -; Rotate 2 3 Solarize 6 8;
        Equalize 6 - Posterize 4 6; Rotate 8 8 Color 4 0; Rotate 4 9 Equalize 6 -;
        Equalize 0 - Equalize 8 -; Invert 6 - Equalize 10 -; Color 6 4 Contrast 10 8;
        Rotate 8 8 Color 10 2; Color 8 8 Solarize 8 7; Sharpness 4 7 Invert 6 -;
        ShearX 6 5 Equalize 10 -; Color 4 0 Equalize 6 -; Equalize 4 - Solarize 2 4;
        Solarize 6 5 AutoContrast 6 -; Invert 6 - Equalize 10 -; Color 6 4 Contrast 10 8;
        Equalize 8 - Equalize 6 -""",
    "cifar10": """
        Invert 1 - Contrast 2 6; Rotate 7 2 TranslateX 3 9; Sharpness 8 1 Sharpness 9 3;
        ShearY 5 8 TranslateY 7 9; AutoContrast 5 - Equalize 9 -; ShearY 2 7 Posterize 3 7;
        Color 4 3 Brightness 6 7; Sharpness 3 9 Brightness 7 9; Equalize 6 - Equalize 5 -;
        Contrast 6 7 Sharpness 6 5; Color 7 7 TranslateX 5 8; Equalize 3 - AutoContrast 4 -;
        TranslateY 4 3 Sharpness 2 6; Brightness 9 6 Color 2 8; Solarize 5 2 Invert 0 -;
        Equalize 2 - AutoContrast 6 -; Equalize 2 - Equalize 6 -; Color 9 9 Equalize 6 -;
        AutoContrast 8 - Solarize 2 8; Brightness 1 3 Color 7 0; Solarize 4 5 AutoContrast 9 -;
        TranslateY 9 9 TranslateY 7 9; AutoContrast 9 - Solarize 8 3; Equalize 8 - Invert 1 -;
        TranslateY 7 9 AutoContrast 9 -""",
    "svhn": """
        ShearX 9 4 Invert 2 -; ShearY 9 8 Invert 7 -; Equalize 6 - Solarize 6 6;
        Invert 9 - Equalize 6 -; Equalize 6 - Rotate 9 3; ShearX 9 4 AutoContrast 8 -;
        ShearY 9 8 Invert 4 -; ShearY 9 5 Solarize 2 6; Invert 9 - AutoContrast 8 -;
        Equalize 6 - Rotate 9 3; ShearX 9 4 Solarize 3 3; ShearY 8 8 Invert 7 -;
        Equalize 9 - TranslateY 6 6; Invert 9 - Equalize 6 -; Contrast 3 3 Rotate 8 4;
        Invert 8 - TranslateY 0 2; ShearY 7 6 Solarize 4 8; Invert 6 - Rotate 8 4;
        ShearY 3 7 TranslateX 9 3; ShearX 1 6 Invert 6 -; Solarize 7 2 TranslateY 6 7;
        ShearY 8 4 Invert 8 -; ShearX 7 9 TranslateY 8 3; ShearY 8 5 AutoContrast 7 -;
        ShearX 7 2 Invert 1 -""",
}
SIGNED = ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color",
          "Contrast", "Sharpness")  # fmt: skip


def strengths(bins: int, size: Any, wide: bool = False) -> dict[str, Any]:
    """By kind, the strengths that there are to choose from; None for kinds without."""
    h, w = size
    most = {"ShearX": 0.3, "ShearY": 0.3, "TranslateX": 150.0 / 331.0 * w,
            "TranslateY": 150.0 / 331.0 * h, "Rotate": 30.0}  # fmt: skip
    if wide:
        most = {"ShearX": 0.99, "ShearY": 0.99, "TranslateX": 32.0, "TranslateY": 32.0,
                "Rotate": 135.0}  # fmt: skip
    most |= dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), 0.99 if wide else 0.9)
    bits = torch.arange(bins) / ((bins - 1) / (6 if wide else 4))
    return {
        **{kind: torch.linspace(0.0, value, bins) for kind, value in most.items()},
        "Posterize": 8 - bits.round().int(),
        "Solarize": torch.linspace(255.0, 0.0, bins),
        "AutoContrast": None,
        "Equalize": None,
    }


def augmented(img: Any, kind: str, amount: float, interpolation: Any, fill: Any) -> Any:
    """The image after one change."""
    how = {"interpolation": interpolation, "fill": fill}
    if kind in ("ShearX", "ShearY"):
        degrees = math.degrees(math.atan(amount))
        shear = [degrees, 0.0] if kind == "ShearX" else [0.0, degrees]
        return F.affine(img, 0.0, [0, 0], 1.0, shear, center=[0, 0], **how)
    if kind in ("TranslateX", "TranslateY"):
        move = [int(amount), 0] if kind == "TranslateX" else [0, int(amount)]
        return F.affine(img, 0.0, move, 1.0, [0.0, 0.0], **how)
    if kind == "Rotate":
        return F.rotate(img, amount, **how)
    factors = {"Brightness": F.adjust_brightness, "Color": F.adjust_saturation,
               "Contrast": F.adjust_contrast, "Sharpness": F.adjust_sharpness}  # fmt: skip
    if kind in factors:
        return factors[kind](img, 1.0 + amount)
    if kind == "Posterize":
        return F.posterize(img, int(amount))
    if kind == "Solarize":
        return F.solarize(img, amount)
    plain = {"AutoContrast": F.autocontrast, "Equalize": F.equalize, "Invert": F.invert}
    return plain[kind](img) if kind in plain else img


def fill_of(img: Any, fill: Any) -> Any:
    return None if fill is None else fill_for(img, fill, F.get_dimensions(img)[0])


class AutoAugment(Transform):
    """One of 25 searched pairs of changes, drawn for each image: bytes, as picture or tensor.

    Source: Cubuk et al. 2018, AutoAugment.
    """

    shown = ("policy", "fill")

    def __init__(
        self, policy: AutoAugmentPolicy = AutoAugmentPolicy.IMAGENET, interpolation: Any = NEAREST,
        fill: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if not isinstance(policy, AutoAugmentPolicy):
            raise ValueError(f"The provided policy {policy} is not recognized.")
        self.policy, self.interpolation, self.fill = policy, interpolation, fill
        words = [pair.split() for pair in POLICIES[policy.value].split(";")]
        self.policies = [
            tuple((pair[i], int(pair[i + 1]) / 10, None if pair[i + 2] == "-" else int(pair[i + 2]))
                  for i in (0, 3))
            for pair in words
        ]  # fmt: skip

    @staticmethod
    def get_params(transform_num: int) -> tuple[int, Any, Any]:
        """Which pair, and for each of its changes a draw from [0, 1) and a sign."""
        which = int(torch.randint(transform_num, (1,)).item())
        return which, torch.rand((2,)), torch.randint(2, (2,))

    def forward(self, img: Any) -> Any:
        fill = fill_of(img, self.fill)
        which, draws, signs = self.get_params(len(self.policies))
        table = strengths(10, F.get_dimensions(img)[1:])
        for i, (kind, p, strength) in enumerate(self.policies[which]):
            if not draws[i] <= p:
                continue
            amount = 0.0 if strength is None else float(table[kind][strength])
            if kind in SIGNED and signs[i] == 0:
                amount = -amount
            img = augmented(img, kind, amount, self.interpolation, fill)
        return img

    def __repr__(self) -> str:
        return f"AutoAugment(policy={self.policy}, fill={self.fill})"


class RandAugment(Transform):
    """`num_ops` changes of drawn kinds, all of one strength.

    Source: Cubuk et al. 2019, RandAugment.
    """

    def __init__(
        self, num_ops: int = 2, magnitude: int = 9, num_magnitude_bins: int = 31,
        interpolation: Any = NEAREST, fill: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_ops, self.magnitude = num_ops, magnitude
        self.num_magnitude_bins = num_magnitude_bins
        self.interpolation, self.fill = interpolation, fill

    def drawn(self, table: dict[str, Any]) -> tuple[str, float]:
        """A kind and its strength."""
        kind = ("Identity", *table)[int(torch.randint(len(table) + 1, (1,)).item())]
        amounts = table.get(kind)
        amount = 0.0 if amounts is None else float(amounts[self.strength(len(amounts))])
        negative = kind in SIGNED and bool(torch.randint(2, (1,)))
        return kind, -amount if negative else amount

    def strength(self, count: int) -> int:
        """Which of the strengths."""
        return self.magnitude

    def forward(self, img: Any) -> Any:
        fill = fill_of(img, self.fill)
        table = strengths(self.num_magnitude_bins, F.get_dimensions(img)[1:])
        for _ in range(self.num_ops):
            img = augmented(img, *self.drawn(table), self.interpolation, fill)
        return img

    def __repr__(self) -> str:
        return (f"RandAugment(num_ops={self.num_ops}, magnitude={self.magnitude}, "
                f"num_magnitude_bins={self.num_magnitude_bins}, "
                f"interpolation={self.interpolation}, fill={self.fill})")  # fmt: skip


class TrivialAugmentWide(RandAugment):
    """One change of drawn kind and strength, from wide ranges.

    Source: Müller and Hutter 2021, TrivialAugment.
    """

    def __init__(
        self, num_magnitude_bins: int = 31, interpolation: Any = NEAREST, fill: Any = None
    ) -> None:
        super().__init__(1, 0, num_magnitude_bins, interpolation, fill)

    def strength(self, count: int) -> int:
        return int(torch.randint(count, (1,), dtype=torch.long))

    def forward(self, img: Any) -> Any:
        fill = fill_of(img, self.fill)
        table = strengths(self.num_magnitude_bins, F.get_dimensions(img)[1:], wide=True)
        return augmented(img, *self.drawn(table), self.interpolation, fill)

    def __repr__(self) -> str:
        return (f"TrivialAugmentWide(num_magnitude_bins={self.num_magnitude_bins}, "
                f"interpolation={self.interpolation}, fill={self.fill})")  # fmt: skip


class AugMix(Transform):
    """The image mixed with `mixture_width` chains of drawn changes of it, in drawn shares.

    Args:
        severity: how strong the changes can be, from 1 to 10.
        chain_depth: how many changes in a chain; -1 draws from 1 to 3.
        alpha: of the Dirichlet distributions of the shares.
        all_ops: change brightness, colour, contrast and sharpness too.

    Source: Hendrycks et al. 2019, AugMix.
    """

    shown = ("severity", "mixture_width", "chain_depth", "alpha", "all_ops")

    def __init__(
        self, severity: int = 3, mixture_width: int = 3, chain_depth: int = -1, alpha: float = 1.0,
        all_ops: bool = True, interpolation: Any = InterpolationMode.BILINEAR, fill: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if not 1 <= severity <= 10:
            raise ValueError(f"The severity must be between [1, 10]. Got {severity} instead.")
        self.severity, self.mixture_width, self.chain_depth = severity, mixture_width, chain_depth
        self.alpha, self.all_ops = alpha, all_ops
        self.interpolation, self.fill = interpolation, fill

    def strengths(self, size: Any) -> dict[str, Any]:
        """By kind, the strengths that there are to choose from; None for kinds without."""
        table = strengths(10, size)
        h, w = size
        table["TranslateX"] = torch.linspace(0.0, w / 3.0, 10)
        table["TranslateY"] = torch.linspace(0.0, h / 3.0, 10)
        table["Posterize"] = table["Posterize"] - 4
        late = [k for k in ("Brightness", "Color", "Contrast", "Sharpness") if k in table]
        taken = {k: table.pop(k) for k in late}
        return {**table, **taken} if self.all_ops else table

    def forward(self, orig_img: Any) -> Any:
        fill = fill_of(orig_img, self.fill)
        img = orig_img if isinstance(orig_img, torch.Tensor) else F.pil_to_tensor(orig_img)
        batch = img if img.ndim >= 4 else img[(None,) * (4 - img.ndim)]
        table, n = self.strengths(list(img.shape[-2:])), len(batch)

        def shares(count: int) -> Any:
            return torch._sample_dirichlet(torch.tensor([self.alpha] * count).expand(n, -1))

        own = shares(2)
        parts = shares(self.mixture_width) * own[:, 1:]
        by_image = [n] + [1] * (batch.ndim - 1)
        mix = own[:, 0].view(by_image) * batch
        for i in range(self.mixture_width):
            changed = batch
            depth = self.chain_depth
            for _ in range(depth if depth > 0 else int(torch.randint(1, 4, (1,)).item())):
                kind = list(table)[int(torch.randint(len(table), (1,)).item())]
                amounts = table[kind]
                amount = 0.0
                if amounts is not None:
                    amount = float(amounts[int(torch.randint(self.severity, (1,)))])
                if kind in SIGNED and bool(torch.randint(2, (1,))):
                    amount = -amount
                changed = augmented(changed, kind, amount, self.interpolation, fill)
            mix = mix + parts[:, i].view(by_image) * changed
        made = mix.view(img.shape).to(img.dtype)
        return made if isinstance(orig_img, torch.Tensor) else F.to_pil_image(made)

    def __repr__(self) -> str:
        return (f"{super().__repr__()[:-1]}, interpolation={self.interpolation}, "
                f"fill={self.fill})")  # fmt: skip
