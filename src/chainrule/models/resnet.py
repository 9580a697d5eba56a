"""Residual networks: ResNet 18-152 (He et al. 2015), ResNeXt (Xie et al. 2017), wide ResNets.

A block adds its input to what it computes, so the gradient of the loss reaches every block's input
through the addition unchanged; that is why networks of a hundred layers train.
"""

from __future__ import annotations

from typing import Any

from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor


def conv3x3(channels: int, out: int, stride: int = 1, groups: int = 1, dilation: int = 1) -> Any:
    return nn.Conv2d(channels, out, 3, stride, dilation, dilation, groups, bias=False)


def conv1x1(channels: int, out: int, stride: int = 1) -> Any:
    return nn.Conv2d(channels, out, 1, stride, bias=False)


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and the shortcut around them."""

    expansion = 1

    def __init__(
        self, inplanes: int, planes: int, stride: int = 1, downsample: Any = None,
        groups: int = 1, base_width: int = 64, dilation: int = 1, norm_layer: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        if groups != 1 or base_width != 64:
            raise ArgumentError("BasicBlock only supports groups=1 and base_width=64")
        if dilation > 1:
            raise NotImplementedError("Dilation > 1 not supported in BasicBlock")
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = norm(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = norm(planes)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)  # type: ignore[no-any-return]


class Bottleneck(nn.Module):
    """1×1, 3×3 (in groups, for ResNeXt), 1×1 convolution, and the shortcut around them."""

    expansion = 4

    def __init__(
        self, inplanes: int, planes: int, stride: int = 1, downsample: Any = None,
        groups: int = 1, base_width: int = 64, dilation: int = 1, norm_layer: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = norm(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = norm(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = norm(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)  # type: ignore[no-any-return]


class ResNet(nn.Module):
    """A residual network for images (N, 3, H, W), H and W about 224.

    Args:
        block: BasicBlock or Bottleneck.
        layers: how many blocks in each of the four stages.
        zero_init_residual: start every block as the identity.
        groups, width_per_group: ResNeXt's and the wide networks' measures.
        replace_stride_with_dilation: for stages 2 to 4, keep the resolution instead of halving.

    >>> import chainrule as torch
    >>> from chainrule import models
    >>> net = models.resnet18(num_classes=10)
    >>> net(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 10])
    """

    def __init__(
        self, block: Any, layers: list[int], num_classes: int = 1000,
        zero_init_residual: bool = False, groups: int = 1, width_per_group: int = 64,
        replace_stride_with_dilation: Any = None, norm_layer: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._norm_layer = norm_layer or nn.BatchNorm2d
        self.inplanes, self.dilation = 64, 1
        dilate = replace_stride_with_dilation or (False, False, False)
        if len(dilate) != 3:
            raise ArgumentError("replace_stride_with_dilation should be None or a 3-element tuple, "
                                f"got {replace_stride_with_dilation}")  # fmt: skip
        self.groups, self.base_width = groups, width_per_group
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = self._norm_layer(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], 2, dilate[0])
        self.layer3 = self._make_layer(block, 256, layers[2], 2, dilate[1])
        self.layer4 = self._make_layer(block, 512, layers[3], 2, dilate[2])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.constant_(m.weight, 1)
                nn.init.constant_(m.bias, 0)
        if zero_init_residual:
            for m in self.modules():
                last = getattr(m, "bn3", getattr(m, "bn2", None)) if m is not self else None
                if last is not None:
                    nn.init.constant_(last.weight, 0)

    def _make_layer(
        self, block: Any, planes: int, blocks: int, stride: int = 1, dilate: bool = False
    ) -> Any:
        norm, before = self._norm_layer, self.dilation
        if dilate:
            self.dilation, stride = self.dilation * stride, 1
        out = planes * block.expansion
        shortcut = None
        if stride != 1 or self.inplanes != out:
            shortcut = nn.Sequential(conv1x1(self.inplanes, out, stride), norm(out))
        parts = [block(self.inplanes, planes, stride, shortcut, self.groups, self.base_width,
                       before, norm)]  # fmt: skip
        self.inplanes = out
        parts += [
            block(out, planes, groups=self.groups, base_width=self.base_width,
                  dilation=self.dilation, norm_layer=norm)
            for _ in range(1, blocks)
        ]  # fmt: skip
        return nn.Sequential(*parts)

    def _forward_impl(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Tensor:
        return self._forward_impl(x)


TABLE: dict[str, tuple[Any, list[int], dict[str, int], str]] = {
    "resnet18": (BasicBlock, [2, 2, 2, 2], {}, "ResNet of 18 layers"),
    "resnet34": (BasicBlock, [3, 4, 6, 3], {}, "ResNet of 34 layers"),
    "resnet50": (Bottleneck, [3, 4, 6, 3], {}, "ResNet of 50 layers, in bottlenecks"),
    "resnet101": (Bottleneck, [3, 4, 23, 3], {}, "ResNet of 101 layers"),
    "resnet152": (Bottleneck, [3, 8, 36, 3], {}, "ResNet of 152 layers"),
    "resnext50_32x4d": (Bottleneck, [3, 4, 6, 3], {"groups": 32, "width_per_group": 4},
                        "ResNeXt: 32 groups of 4 channels"),
    "resnext101_32x8d": (Bottleneck, [3, 4, 23, 3], {"groups": 32, "width_per_group": 8},
                         "ResNeXt: 32 groups of 8 channels"),
    "resnext101_64x4d": (Bottleneck, [3, 4, 23, 3], {"groups": 64, "width_per_group": 4},
                         "ResNeXt: 64 groups of 4 channels"),
    "wide_resnet50_2": (Bottleneck, [3, 4, 6, 3], {"width_per_group": 128},
                        "ResNet-50 twice as wide inside"),
    "wide_resnet101_2": (Bottleneck, [3, 4, 23, 3], {"width_per_group": 128},
                         "ResNet-101 twice as wide inside"),
}  # fmt: skip


def _builder(name: str) -> Any:
    block, layers, options, summary = TABLE[name]

    def build(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> ResNet:
        return with_weights(name, weights, progress, ResNet, block, layers, **options, **kwargs)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"""{summary}.

    Args:
        weights: None, or trained ones by name ("IMAGENET1K_V1"), which are downloaded once.
        kwargs: for `ResNet`, such as `num_classes`.
    """
    return build


resnet18, resnet34, resnet50, resnet101, resnet152 = map(
    _builder, ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
)
resnext50_32x4d, resnext101_32x8d, resnext101_64x4d = map(
    _builder, ("resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d")
)
wide_resnet50_2, wide_resnet101_2 = map(_builder, ("wide_resnet50_2", "wide_resnet101_2"))
