"""Padding: the input made larger at the edges of its last axes."""

from __future__ import annotations

from typing import Any

from chainrule.nn import functional as F
from chainrule.nn.modules.module import Module
from chainrule.nn.modules.utils import _ntuple


class _Pad(Module):
    """What all paddings share: how much on which side, last axis first."""

    _ndim = 0
    _mode = ""

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = _ntuple(2 * self._ndim)(padding)

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    """Padding with one value."""

    _mode = "constant"

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_ConstantPad):
    """Padding with zeros."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class CircularPad1d(_Pad):
    """Pads the last axis with the other end of the axis.

    Args:
        padding: how much on all sides, or (left, right).

    >>> import chainrule as torch
    >>> torch.nn.CircularPad1d(1)(torch.tensor([[1., 2., 3.]]))
    tensor([[3., 1., 2., 3., 1.]])
    """

    _ndim = 1
    _mode = "circular"


class CircularPad2d(_Pad):
    """Pads the last two axes with the other end of the axis.

    Args:
        padding: how much on all sides, or (left, right, top, bottom).

    >>> import chainrule as torch
    >>> torch.nn.CircularPad2d((1, 1, 2, 0))(torch.ones(1, 1, 3, 3)).shape
    torch.Size([1, 1, 5, 5])
    """

    _ndim = 2
    _mode = "circular"


class CircularPad3d(_Pad):
    """Pads the last three axes with the other end of the axis.

    Args:
        padding: how much on all sides, or (left, right, top, bottom, front, back).

    >>> import chainrule as torch
    >>> torch.nn.CircularPad3d(1)(torch.ones(1, 1, 2, 2, 2)).shape
    torch.Size([1, 1, 4, 4, 4])
    """

    _ndim = 3
    _mode = "circular"


class ConstantPad1d(_ConstantPad):
    """Pads the last axis with a constant.

    Args:
        padding: how much on all sides, or (left, right).

    >>> import chainrule as torch
    >>> torch.nn.ConstantPad1d(1, 9.)(torch.tensor([[1., 2., 3.]]))
    tensor([[9., 1., 2., 3., 9.]])
    """

    _ndim = 1


class ConstantPad2d(_ConstantPad):
    """Pads the last two axes with a constant.

    Args:
        padding: how much on all sides, or (left, right, top, bottom).

    >>> import chainrule as torch
    >>> torch.nn.ConstantPad2d((1, 1, 2, 0), 9.)(torch.ones(1, 1, 3, 3)).shape
    torch.Size([1, 1, 5, 5])
    """

    _ndim = 2


class ConstantPad3d(_ConstantPad):
    """Pads the last three axes with a constant.

    Args:
        padding: how much on all sides, or (left, right, top, bottom, front, back).

    >>> import chainrule as torch
    >>> torch.nn.ConstantPad3d(1, 9.)(torch.ones(1, 1, 2, 2, 2)).shape
    torch.Size([1, 1, 4, 4, 4])
    """

    _ndim = 3


class ReflectionPad1d(_Pad):
    """Pads the last axis with the input mirrored at its edge, which is not repeated.

    Args:
        padding: how much on all sides, or (left, right).

    >>> import chainrule as torch
    >>> torch.nn.ReflectionPad1d(1)(torch.tensor([[1., 2., 3.]]))
    tensor([[2., 1., 2., 3., 2.]])
    """

    _ndim = 1
    _mode = "reflect"


class ReflectionPad2d(_Pad):
    """Pads the last two axes with the input mirrored at its edge, which is not repeated.

    Args:
        padding: how much on all sides, or (left, right, top, bottom).

    >>> import chainrule as torch
    >>> torch.nn.ReflectionPad2d((1, 1, 2, 0))(torch.ones(1, 1, 3, 3)).shape
    torch.Size([1, 1, 5, 5])
    """

    _ndim = 2
    _mode = "reflect"


class ReflectionPad3d(_Pad):
    """Pads the last three axes with the input mirrored at its edge, which is not repeated.

    Args:
        padding: how much on all sides, or (left, right, top, bottom, front, back).

    >>> import chainrule as torch
    >>> torch.nn.ReflectionPad3d(1)(torch.ones(1, 1, 2, 2, 2)).shape
    torch.Size([1, 1, 4, 4, 4])
    """

    _ndim = 3
    _mode = "reflect"


class ReplicationPad1d(_Pad):
    """Pads the last axis with the value at the edge.

    Args:
        padding: how much on all sides, or (left, right).

    >>> import chainrule as torch
    >>> torch.nn.ReplicationPad1d(1)(torch.tensor([[1., 2., 3.]]))
    tensor([[1., 1., 2., 3., 3.]])
    """

    _ndim = 1
    _mode = "replicate"


class ReplicationPad2d(_Pad):
    """Pads the last two axes with the value at the edge.

    Args:
        padding: how much on all sides, or (left, right, top, bottom).

    >>> import chainrule as torch
    >>> torch.nn.ReplicationPad2d((1, 1, 2, 0))(torch.ones(1, 1, 3, 3)).shape
    torch.Size([1, 1, 5, 5])
    """

    _ndim = 2
    _mode = "replicate"


class ReplicationPad3d(_Pad):
    """Pads the last three axes with the value at the edge.

    Args:
        padding: how much on all sides, or (left, right, top, bottom, front, back).

    >>> import chainrule as torch
    >>> torch.nn.ReplicationPad3d(1)(torch.ones(1, 1, 2, 2, 2)).shape
    torch.Size([1, 1, 4, 4, 4])
    """

    _ndim = 3
    _mode = "replicate"


class ZeroPad1d(_ZeroPad):
    """Pads the last axis with zeros.

    Args:
        padding: how much on all sides, or (left, right).

    >>> import chainrule as torch
    >>> torch.nn.ZeroPad1d(1)(torch.tensor([[1., 2., 3.]]))
    tensor([[0., 1., 2., 3., 0.]])
    """

    _ndim = 1


class ZeroPad2d(_ZeroPad):
    """Pads the last two axes with zeros.

    Args:
        padding: how much on all sides, or (left, right, top, bottom).

    >>> import chainrule as torch
    >>> torch.nn.ZeroPad2d((1, 1, 2, 0))(torch.ones(1, 1, 3, 3)).shape
    torch.Size([1, 1, 5, 5])
    """

    _ndim = 2


class ZeroPad3d(_ZeroPad):
    """Pads the last three axes with zeros.

    Args:
        padding: how much on all sides, or (left, right, top, bottom, front, back).

    >>> import chainrule as torch
    >>> torch.nn.ZeroPad3d(1)(torch.ones(1, 1, 2, 2, 2)).shape
    torch.Size([1, 1, 4, 4, 4])
    """

    _ndim = 3
