"""DenseNet (Huang et al. 2016): every layer reads the outputs of all layers before it."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor


class DenseLayer(nn.Module):
    """A bottleneck of 1×1 and a convolution of 3×3, which adds `growth` channels."""

    def __init__(
        self, channels: int, growth: int, bn_size: int, drop_rate: float, save_memory: bool
    ) -> None:
        super().__init__()
        inner = bn_size * growth
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(channels, inner, kernel_size=1, stride=1, bias=False)
        self.norm2 = nn.BatchNorm2d(inner)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(inner, growth, kernel_size=3, stride=1, padding=1, bias=False)
        self.drop_rate, self.memory_efficient = float(drop_rate), save_memory

    def bottleneck(self, *before: Tensor) -> Tensor:
        return self.conv1(self.relu1(self.norm1(torch.cat(before, 1))))

    def forward(self, before: Any) -> Tensor:
        before = [before] if isinstance(before, Tensor) else before
        if self.memory_efficient and any(x.requires_grad for x in before):
            from chainrule.utils.checkpoint import checkpoint

            inner = checkpoint(self.bottleneck, *before, use_reentrant=False)
        else:
            inner = self.bottleneck(*before)
        new = self.conv2(self.relu2(self.norm2(inner)))
        if self.drop_rate > 0:
            new = nn.functional.dropout(new, p=self.drop_rate, training=self.training)
        return new  # type: ignore[no-any-return]


class DenseBlock(nn.ModuleDict):
    """Layers that each read the block's input and all outputs so far."""

    def forward(self, x: Tensor) -> Tensor:
        made = [x]
        for layer in self.values():
            made.append(layer(made))
        return torch.cat(made, 1)


def transition(channels: int, out: int) -> nn.Module:
    """Between blocks: fewer channels, half the resolution."""
    return nn.Sequential(OrderedDict(
        norm=nn.BatchNorm2d(channels), relu=nn.ReLU(inplace=True),
        conv=nn.Conv2d(channels, out, kernel_size=1, stride=1, bias=False),
        pool=nn.AvgPool2d(kernel_size=2, stride=2),
    ))  # fmt: skip


class DenseNet(nn.Module):
    """A densely connected network for images (N, 3, H, W), H and W at least 29.

    Args:
        growth_rate: channels that each layer adds.
        block_config: how many layers in each of the blocks.
        bn_size: channels in the bottlenecks, by `growth_rate`.
        memory_efficient: compute the bottlenecks again in the backward pass instead of keeping
            them.

    >>> import chainrule as torch
    >>> net = torch.models.DenseNet(8, (2, 2), 16, num_classes=5)
    >>> net(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 5])
    """

    def __init__(
        self, growth_rate: int = 32, block_config: Any = (6, 12, 24, 16),
        num_init_features: int = 64, bn_size: int = 4, drop_rate: float = 0,
        num_classes: int = 1000, memory_efficient: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        channels = num_init_features
        self.features = nn.Sequential(OrderedDict(
            conv0=nn.Conv2d(3, channels, kernel_size=7, stride=2, padding=3, bias=False),
            norm0=nn.BatchNorm2d(channels), relu0=nn.ReLU(inplace=True),
            pool0=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        ))  # fmt: skip
        for i, count in enumerate(block_config, 1):
            block = DenseBlock()
            for j in range(1, count + 1):
                block[f"denselayer{j}"] = DenseLayer(channels, growth_rate, bn_size, drop_rate,
                                                     memory_efficient)  # fmt: skip
                channels += growth_rate
            self.features.add_module(f"denseblock{i}", block)
            if i < len(block_config):
                self.features.add_module(f"transition{i}", transition(channels, channels // 2))
                channels //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight)
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.constant_(m.weight, 1)
                nn.init.constant_(m.bias, 0)
            elif isinstance(m, nn.Linear):
                nn.init.constant_(m.bias, 0)

    @staticmethod
    def published_key(key: str) -> str:
        """The name here of a weight in the published files, which say norm.1 for norm1."""
        return re.sub(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)", r"\1\2", key)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.relu(self.features(x), inplace=True)
        x = nn.functional.adaptive_avg_pool2d(x, (1, 1))
        return self.classifier(x.flatten(1))  # type: ignore[no-any-return]


TABLE: dict[str, tuple[int, tuple[int, ...], int]] = {
    "densenet121": (32, (6, 12, 24, 16), 64),
    "densenet161": (48, (6, 12, 36, 24), 96),
    "densenet169": (32, (6, 12, 32, 32), 64),
    "densenet201": (32, (6, 12, 48, 32), 64),
}


def _builder(name: str) -> Any:
    def build(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> DenseNet:
        return with_weights(name, weights, progress, DenseNet, *TABLE[name], **kwargs)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"""DenseNet of {name[8:]} layers; `weights` as for the other image models."""
    return build


densenet121, densenet161, densenet169, densenet201 = map(_builder, TABLE)
