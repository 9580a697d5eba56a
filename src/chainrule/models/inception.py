"""Inception V3 (Szegedy et al. 2015): convolutions taken apart into small and narrow ones."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import chainrule as torch
from chainrule import nn
from chainrule.models.googlenet import BasicConv2d
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor

F = nn.functional


class InceptionOutputs(NamedTuple):
    """What the network gives in training: the scores, and those of the auxiliary classifier."""

    logits: Tensor
    aux_logits: Tensor | None


class Branches(nn.Module):
    """Rows of convolutions side by side, by the names of their layers; and one of pooling."""

    rows: tuple[tuple[str, ...], ...] = ()

    def add(self, conv: Any, name: str, channels: int, out: int, kernel: Any, stride: int = 1,
            padding: Any = 0) -> int:  # fmt: skip
        """One convolution; gives its channels, for the next."""
        setattr(self, name, conv(channels, out, kernel_size=kernel, stride=stride, padding=padding))
        return out

    def pooled(self, x: Tensor) -> Tensor:
        """The row of pooling."""
        return self.branch_pool(F.avg_pool2d(x, kernel_size=3, stride=1, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        made = []
        for row in self.rows:
            y = x
            for name in row:
                y = getattr(self, name)(y)
            made.append(y)
        return torch.cat([*made, self.pooled(x)], 1)


class InceptionA(Branches):
    """1×1; 5×5; twice 3×3; pooling."""

    rows = (("branch1x1",), ("branch5x5_1", "branch5x5_2"),
            ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"))  # fmt: skip

    def __init__(self, in_channels: int, pool_features: int, conv_block: Any = None) -> None:
        super().__init__()
        conv, n = conv_block or BasicConv2d, in_channels
        self.add(conv, "branch1x1", n, 64, 1)
        c = self.add(conv, "branch5x5_1", n, 48, 1)
        self.add(conv, "branch5x5_2", c, 64, 5, padding=2)
        c = self.add(conv, "branch3x3dbl_1", n, 64, 1)
        c = self.add(conv, "branch3x3dbl_2", c, 96, 3, padding=1)
        self.add(conv, "branch3x3dbl_3", c, 96, 3, padding=1)
        self.add(conv, "branch_pool", n, pool_features, 1)


class InceptionB(Branches):
    """Half the resolution: 3×3; twice 3×3; pooling."""

    rows = (("branch3x3",), ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"))

    def __init__(self, in_channels: int, conv_block: Any = None) -> None:
        super().__init__()
        conv, n = conv_block or BasicConv2d, in_channels
        self.add(conv, "branch3x3", n, 384, 3, 2)
        c = self.add(conv, "branch3x3dbl_1", n, 64, 1)
        c = self.add(conv, "branch3x3dbl_2", c, 96, 3, padding=1)
        self.add(conv, "branch3x3dbl_3", c, 96, 3, 2)

    def pooled(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, kernel_size=3, stride=2)


class InceptionC(Branches):
    """1×1; 7×7 as 1×7 and 7×1; the same twice; pooling."""

    rows = (("branch1x1",), ("branch7x7_1", "branch7x7_2", "branch7x7_3"),
            tuple(f"branch7x7dbl_{i}" for i in range(1, 6)))  # fmt: skip

    def __init__(self, in_channels: int, channels_7x7: int, conv_block: Any = None) -> None:
        super().__init__()
        conv, n, c = conv_block or BasicConv2d, in_channels, channels_7x7
        wide, tall = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
        self.add(conv, "branch1x1", n, 192, 1)
        self.add(conv, "branch7x7_1", n, c, 1)
        self.add(conv, "branch7x7_2", c, c, *wide)
        self.add(conv, "branch7x7_3", c, 192, *tall)
        self.add(conv, "branch7x7dbl_1", n, c, 1)
        self.add(conv, "branch7x7dbl_2", c, c, *tall)
        self.add(conv, "branch7x7dbl_3", c, c, *wide)
        self.add(conv, "branch7x7dbl_4", c, c, *tall)
        self.add(conv, "branch7x7dbl_5", c, 192, *wide)
        self.add(conv, "branch_pool", n, 192, 1)


class InceptionD(InceptionB):
    """Half the resolution: 3×3; 7×7 taken apart, then 3×3; pooling."""

    rows = (("branch3x3_1", "branch3x3_2"), tuple(f"branch7x7x3_{i}" for i in range(1, 5)))

    def __init__(self, in_channels: int, conv_block: Any = None) -> None:
        Branches.__init__(self)
        conv, n = conv_block or BasicConv2d, in_channels
        self.add(conv, "branch3x3_1", n, 192, 1)
        self.add(conv, "branch3x3_2", 192, 320, 3, 2)
        self.add(conv, "branch7x7x3_1", n, 192, 1)
        self.add(conv, "branch7x7x3_2", 192, 192, (1, 7), 1, (0, 3))
        self.add(conv, "branch7x7x3_3", 192, 192, (7, 1), 1, (3, 0))
        self.add(conv, "branch7x7x3_4", 192, 192, 3, 2)


class InceptionE(Branches):
    """1×1; 1×3 beside 3×1; the same after a 3×3; pooling."""

    def __init__(self, in_channels: int, conv_block: Any = None) -> None:
        super().__init__()
        conv, n = conv_block or BasicConv2d, in_channels
        wide, tall = ((1, 3), 1, (0, 1)), ((3, 1), 1, (1, 0))
        self.add(conv, "branch1x1", n, 320, 1)
        self.add(conv, "branch3x3_1", n, 384, 1)
        self.add(conv, "branch3x3_2a", 384, 384, *wide)
        self.add(conv, "branch3x3_2b", 384, 384, *tall)
        self.add(conv, "branch3x3dbl_1", n, 448, 1)
        self.add(conv, "branch3x3dbl_2", 448, 384, 3, padding=1)
        self.add(conv, "branch3x3dbl_3a", 384, 384, *wide)
        self.add(conv, "branch3x3dbl_3b", 384, 384, *tall)
        self.add(conv, "branch_pool", n, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch3x3_1(x)
        z = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        return torch.cat(
            [
                self.branch1x1(x),
                self.branch3x3_2a(y),
                self.branch3x3_2b(y),
                self.branch3x3dbl_3a(z),
                self.branch3x3dbl_3b(z),
                self.pooled(x),
            ],
            1,
        )


class InceptionAux(nn.Module):
    """A small classifier on an inner layer, which brings gradient there in training."""

    def __init__(self, in_channels: int, num_classes: int, conv_block: Any = None) -> None:
        super().__init__()
        conv = conv_block or BasicConv2d
        self.conv0 = conv(in_channels, 128, kernel_size=1)
        self.conv1 = conv(128, 768, kernel_size=5)
        self.fc = nn.Linear(768, num_classes)
        self.conv1.stddev, self.fc.stddev = 0.01, 0.001

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(self.conv0(F.avg_pool2d(x, kernel_size=5, stride=3)))
        return self.fc(F.adaptive_avg_pool2d(x, (1, 1)).flatten(1))  # type: ignore[no-any-return]


class Inception3(nn.Module):
    """Inception V3 for images (N, 3, H, W), H and W at least 75, in the paper 299.

    In training with `aux_logits` the result is a named tuple (logits, aux_logits).

    >>> import chainrule as torch
    >>> net = torch.models.inception_v3(num_classes=5, init_weights=False).eval()
    >>> net(torch.zeros(1, 3, 75, 75)).shape
    torch.Size([1, 5])
    """

    def __init__(
        self, num_classes: int = 1000, aux_logits: bool = True, transform_input: bool = False,
        inception_blocks: Any = None, init_weights: bool | None = None, dropout: float = 0.5,
    ) -> None:  # fmt: skip
        super().__init__()
        blocks = inception_blocks or (BasicConv2d, InceptionA, InceptionB, InceptionC, InceptionD,
                                      InceptionE, InceptionAux)  # fmt: skip
        conv, a, b, c, d, e, aux = blocks
        if init_weights is None:
            warnings.warn(
                "The default weight initialization of inception_v3 will be changed in future "
                "releases of torchvision. If you wish to keep the old behavior (which leads to "
                "long initialization times due to scipy/scipy#11299), please set "
                "init_weights=True.", FutureWarning, stacklevel=4,
            )  # fmt: skip
            init_weights = True
        self.aux_logits, self.transform_input = aux_logits, transform_input
        self.Conv2d_1a_3x3 = conv(3, 32, kernel_size=3, stride=2)
        self.Conv2d_2a_3x3 = conv(32, 32, kernel_size=3)
        self.Conv2d_2b_3x3 = conv(32, 64, kernel_size=3, padding=1)
        self.maxpool1 = nn.MaxPool2d(kernel_size=3, stride=2)
        self.Conv2d_3b_1x1 = conv(64, 80, kernel_size=1)
        self.Conv2d_4a_3x3 = conv(80, 192, kernel_size=3)
        self.maxpool2 = nn.MaxPool2d(kernel_size=3, stride=2)
        self.Mixed_5b = a(192, pool_features=32)
        self.Mixed_5c = a(256, pool_features=64)
        self.Mixed_5d = a(288, pool_features=64)
        self.Mixed_6a = b(288)
        for name, width in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
            setattr(self, f"Mixed_{name}", c(768, channels_7x7=width))
        self.AuxLogits = aux(768, num_classes) if aux_logits else None
        self.Mixed_7a = d(768)
        self.Mixed_7b = e(1280)
        self.Mixed_7c = e(2048)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(p=dropout)
        self.fc = nn.Linear(2048, num_classes)
        for m in self.modules() if init_weights else ():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                std = float(getattr(m, "stddev", 0.1))
                nn.init.trunc_normal_(m.weight, mean=0.0, std=std, a=-2, b=2)
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.constant_(m.weight, 1)
                nn.init.constant_(m.bias, 0)

    def forward(self, x: Tensor) -> Any:
        if self.transform_input:  # from the statistics of ImageNet to those of the original
            scale = torch.tensor([0.229, 0.224, 0.225], dtype=x.dtype).view(3, 1, 1) / 0.5
            shift = (torch.tensor([0.485, 0.456, 0.406], dtype=x.dtype).view(3, 1, 1) - 0.5) / 0.5
            x = x * scale + shift
        x = self.maxpool1(self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))))
        x = self.maxpool2(self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x)))
        for name in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e"):
            x = getattr(self, f"Mixed_{name}")(x)
        aux = self.AuxLogits(x) if self.AuxLogits is not None and self.training else None
        x = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x)))
        x = self.fc(self.dropout(self.avgpool(x)).flatten(1))
        return InceptionOutputs(x, aux) if self.training and self.aux_logits else x


def inception_v3(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> Inception3:
    """Inception V3; with trained weights, `aux_logits=False` takes the auxiliary classifier off."""
    if not weights:
        return with_weights("inception_v3", weights, progress, Inception3, **kwargs)
    wanted = kwargs.pop("aux_logits", True)
    kwargs = {"transform_input": True, **kwargs, "aux_logits": True, "init_weights": False}
    model: Inception3 = with_weights("inception_v3", weights, progress, Inception3, **kwargs)
    if not wanted:
        model.aux_logits, model.AuxLogits = False, None
    return model
