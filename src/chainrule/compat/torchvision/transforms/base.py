"""What transforms share: a `repr` that lists their arguments, and draws from torch's stream."""

from __future__ import annotations

import numbers
import random
from collections.abc import Sequence
from enum import Enum
from typing import Any

import chainrule as torch
from chainrule import nn


class Shown:
    """Prints as Name(a=..., b=...), the attributes that `shown` names."""

    shown: tuple[str, ...] = ()
    joint = ", "

    def __repr__(self) -> str:
        said = (getattr(self, name) for name in self.shown)
        said = (v.value if isinstance(v, Enum) else v for v in said)
        pairs = (f"{name}={value}" for name, value in zip(self.shown, said, strict=True))
        return f"{type(self).__name__}({self.joint.join(pairs)})"


class Transform(Shown, nn.Module):
    """A transform that is a module."""


class MaybeTransform(Transform):
    """A change that is made with probability p.

    Args:
        p: how often.
    """

    shown = ("p",)

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def change(self, img: Any) -> Any:
        """The change itself; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} must define change(img)")

    def forward(self, img: Any) -> Any:
        return self.change(img) if chance(self.p) else img


def chance(p: float) -> bool:
    """Whether a draw from torch's stream is below p."""
    return bool(torch.rand(1) < p)


def uniform(low: float, high: float) -> float:
    """A number from torch's stream, uniform from low to high."""
    return float(torch.empty(1).uniform_(float(low), float(high)).item())


def whole(low: int, high: int) -> int:
    """An integer from torch's stream, from low to high - 1."""
    return int(torch.randint(low, high, size=(1,)).item())


def listed(self: Any, transforms: Any, first: str = "") -> str:
    lines = "".join(f"\n    {t}" for t in transforms)
    return f"{type(self).__name__}({first}{lines}\n)"


class Compose:
    """Transforms one after another.

    >>> from chainrule.compat.torchvision import transforms
    >>> transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    Compose(
        ToTensor()
        Normalize(mean=(0.5,), std=(0.5,))
    )
    """

    def __init__(self, transforms: Any) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        for t in self.transforms:
            img = t(img)
        return img

    def __repr__(self) -> str:
        return listed(self, self.transforms)


class Lambda(Shown):
    """A function as a transform."""

    def __init__(self, lambd: Any) -> None:
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {type(lambd).__name__!r}")
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        return self.lambd(img)


class RandomTransforms:
    """Several transforms to choose from."""

    def __init__(self, transforms: Any) -> None:
        if not isinstance(transforms, Sequence):
            raise TypeError("Argument transforms should be a sequence")
        self.transforms = transforms

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __call__(img)")

    def __repr__(self) -> str:
        return listed(self, self.transforms)


class RandomApply(nn.Module):
    """Transforms one after another, all of them with probability p, or none."""

    def __init__(self, transforms: Any, p: float = 0.5) -> None:
        super().__init__()
        self.transforms, self.p = transforms, p

    def forward(self, img: Any) -> Any:
        if self.p < torch.rand(1):
            return img
        for t in self.transforms:
            img = t(img)
        return img

    def __repr__(self) -> str:
        return listed(self, self.transforms, f"\n    p={self.p}")


class RandomOrder(RandomTransforms):
    """Transforms in an order drawn from Python's own random stream."""

    def __call__(self, img: Any) -> Any:
        order = list(range(len(self.transforms)))
        random.shuffle(order)
        for i in order:
            img = self.transforms[i](img)
        return img


class RandomChoice(RandomTransforms):
    """One of several transforms, with weights p, drawn from Python's own random stream."""

    def __init__(self, transforms: Any, p: Any = None) -> None:
        super().__init__(transforms)
        if p is not None and not isinstance(p, Sequence):
            raise TypeError("Argument p should be a sequence")
        self.p = p

    def __call__(self, *args: Any) -> Any:
        return random.choices(self.transforms, weights=self.p)[0](*args)

    def __repr__(self) -> str:
        return f"{super().__repr__()}(p={self.p})"


def as_size(size: Any, error_msg: str = "") -> Any:
    """A size as a pair; a sequence of two stays what it is."""
    if isinstance(size, numbers.Number):
        return int(size), int(size)  # type: ignore[call-overload]
    if isinstance(size, Sequence) and len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError(error_msg or "Please provide only two dimensions (h, w) for size.")
    return size


def check_length(x: Any, name: str, lengths: tuple[int, ...]) -> None:
    message = f"{name} should be a sequence of length {' or '.join(map(str, lengths))}."
    if not isinstance(x, Sequence):
        raise TypeError(message)
    if len(x) not in lengths:
        raise ValueError(message)


def as_angles(x: Any, name: str, lengths: tuple[int, ...] = (2,)) -> list[float]:
    """A range of angles; one number means from -x to x."""
    if isinstance(x, numbers.Number):
        if x < 0:  # type: ignore[operator]
            raise ValueError(f"If {name} is a single number, it must be positive.")
        x = [-x, x]  # type: ignore[operator]
    else:
        check_length(x, name, lengths)
    return [float(d) for d in x]


def as_fill(fill: Any) -> Any:
    if fill is None:
        return 0
    if not isinstance(fill, (Sequence, numbers.Number)):
        raise TypeError("Fill should be either a sequence or a number.")
    return fill


def fill_for(img: Any, fill: Any, channels: int) -> Any:
    """The fill as the functions take it: for tensors a list of floats."""
    if not isinstance(img, torch.Tensor):
        return fill
    return [float(fill)] * channels if isinstance(fill, (int, float)) else [float(f) for f in fill]
