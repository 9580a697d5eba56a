"""What the datasets of images share: where they lie, their transforms, how they print."""

from __future__ import annotations

import os
from typing import Any

from chainrule.utils.data import Dataset


class StandardTransform:
    """A transform of inputs and one of targets, as one of pairs."""

    def __init__(self, transform: Any = None, target_transform: Any = None) -> None:
        self.transform, self.target_transform = transform, target_transform

    def __call__(self, input: Any, target: Any) -> tuple[Any, Any]:
        input = input if self.transform is None else self.transform(input)
        target = target if self.target_transform is None else self.target_transform(target)
        return input, target

    def __repr__(self) -> str:
        lines = [type(self).__name__]
        for head, part in (("Transform: ", self.transform),
                           ("Target transform: ", self.target_transform)):  # fmt: skip
            if part is not None:
                first, *rest = repr(part).splitlines()
                lines += [head + first, *(" " * len(head) + line for line in rest)]
        return "\n".join(lines)


class VisionDataset(Dataset[Any]):
    """A dataset of images; subclasses define `__getitem__` and `__len__`.

    Args:
        root: the folder of its files.
        transforms: of pairs (input, target); or instead of it:
        transform, target_transform: of the inputs, of the targets.
    """

    _repr_indent = 4

    def __init__(
        self, root: Any = None, transforms: Any = None, transform: Any = None,
        target_transform: Any = None,
    ) -> None:  # fmt: skip
        self.root = os.path.expanduser(root) if isinstance(root, str) else root
        separate = transform is not None or target_transform is not None
        if transforms is not None and separate:
            raise ValueError("Only transforms or transform/target_transform can be passed as "
                             "argument")  # fmt: skip
        self.transform, self.target_transform = transform, target_transform
        self.transforms = StandardTransform(transform, target_transform) if separate else transforms

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index)")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must define __len__()")

    def transformed(self, image: Any, target: Any) -> tuple[Any, Any]:
        """A sample after the transforms of its image and its target."""
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def __repr__(self) -> str:
        body = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            body.append(f"Root location: {self.root}")
        body += self.extra_repr().splitlines()
        if self.transforms is not None:
            body.append(repr(self.transforms))
        indented = (" " * self._repr_indent + line for line in body)
        return "\n".join([f"Dataset {type(self).__name__}", *indented])

    def extra_repr(self) -> str:
        """More lines for `repr`."""
        return ""


class Split(VisionDataset):
    """A dataset that says which part it is."""

    train: bool

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train is True else 'Test'}"


def verify_str_arg(value: Any, arg: str, valid_values: Any) -> str:
    """Refuse a string that is none of the valid ones."""
    if not isinstance(value, str):
        raise ValueError(f"Expected type str for argument {arg}, but got type {type(value)}.")
    if value not in valid_values:
        there = "'" + "', '".join(valid_values) + "'"
        raise ValueError(
            f"Unknown value '{value}' for argument {arg}. Valid values are {{{there}}}."
        )
    return value
