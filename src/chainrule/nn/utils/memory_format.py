"""Weights of convolutions in channels-last order, which is a matter of strides here."""

from __future__ import annotations

from typing import Any

from chainrule.nn.modules.conv import Conv2d, Conv3d, ConvTranspose2d, ConvTranspose3d


def convert(module: Any, memory_format: Any, kinds: tuple[Any, ...]) -> Any:
    for inner in module.modules():
        if isinstance(inner, kinds):
            weight = inner.weight
            weight.data = weight.detach().clone().contiguous(memory_format=memory_format)
    return module


def convert_conv2d_weight_memory_format(module: Any, memory_format: Any) -> Any:
    """The weights of all 2-d convolutions in a module in this memory format.

    >>> import chainrule as torch
    >>> layer, last = torch.nn.Conv2d(2, 3, 3), torch.channels_last
    >>> torch.nn.utils.convert_conv2d_weight_memory_format(layer, last).weight.shape
    torch.Size([3, 2, 3, 3])
    """
    return convert(module, memory_format, (Conv2d, ConvTranspose2d))


def convert_conv3d_weight_memory_format(module: Any, memory_format: Any) -> Any:
    """The weights of all 3-d convolutions in a module in this memory format.

    >>> import chainrule as torch
    >>> layer, last = torch.nn.Conv3d(2, 3, 2), torch.channels_last_3d
    >>> torch.nn.utils.convert_conv3d_weight_memory_format(layer, last).weight.shape
    torch.Size([3, 2, 2, 2, 2])
    """
    return convert(module, memory_format, (Conv3d, ConvTranspose3d))
