"""GoogLeNet (Szegedy et al. 2014), with batch normalisation and two auxiliary classifiers."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import chainrule as torch
from chainrule import nn
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor


class GoogLeNetOutputs(NamedTuple):
    """What the network gives in training: the scores, and those of the auxiliary classifiers."""

    logits: Tensor
    aux_logits2: Tensor | None
    aux_logits1: Tensor | None


class BasicConv2d(nn.Module):
    """Convolution without bias, batch normalisation, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, **kwargs: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=False, **kwargs)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.relu(self.bn(self.conv(x)), inplace=True)


class Inception(nn.Module):
    """Four branches side by side: 1×1; 1×1 then 3×3, twice; pooling then 1×1."""

    def __init__(
        self, in_channels: int, ch1x1: int, ch3x3red: int, ch3x3: int, ch5x5red: int, ch5x5: int,
        pool_proj: int,
    ) -> None:  # fmt: skip
        super().__init__()
        n = in_channels
        self.branch1 = BasicConv2d(n, ch1x1, kernel_size=1)
        self.branch2 = nn.Sequential(
            BasicConv2d(n, ch3x3red, kernel_size=1),
            BasicConv2d(ch3x3red, ch3x3, kernel_size=3, padding=1),
        )
        self.branch3 = nn.Sequential(
            BasicConv2d(n, ch5x5red, kernel_size=1),
            BasicConv2d(ch5x5red, ch5x5, kernel_size=3, padding=1),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1, ceil_mode=True),
            BasicConv2d(n, pool_proj, kernel_size=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class InceptionAux(nn.Module):
    """A small classifier on an inner layer, which brings gradient there in training."""

    def __init__(self, in_channels: int, num_classes: int, dropout: float = 0.7) -> None:
        super().__init__()
        self.conv = BasicConv2d(in_channels, 128, kernel_size=1)
        self.fc1 = nn.Linear(2048, 1024)
        self.fc2 = nn.Linear(1024, num_classes)
        self.dropout = nn.Dropout(p=dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(nn.functional.adaptive_avg_pool2d(x, (4, 4))).flatten(1)
        x = nn.functional.relu(self.fc1(x), inplace=True)
        return self.fc2(self.dropout(x))  # type: ignore[no-any-return]


BLOCKS: dict[str, tuple[int, ...] | int] = {  # a number is a pooling of that size
    "3a": (192, 64, 96, 128, 16, 32, 32), "3b": (256, 128, 128, 192, 32, 96, 64), "maxpool3": 3,
    "4a": (480, 192, 96, 208, 16, 48, 64), "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64), "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128), "maxpool4": 2,
    "5a": (832, 256, 160, 320, 32, 128, 128), "5b": (832, 384, 192, 384, 48, 128, 128),
}  # fmt: skip


class GoogLeNet(nn.Module):
    """Nine inception blocks for images (N, 3, H, W).

    In training with `aux_logits` the result is a named tuple (logits, aux_logits2, aux_logits1).

    >>> import chainrule as torch
    >>> net = torch.models.googlenet(num_classes=5, init_weights=False).eval()
    >>> net(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 5])
    """

    def __init__(
        self, num_classes: int = 1000, aux_logits: bool = True, transform_input: bool = False,
        init_weights: bool | None = None, blocks: Any = None, dropout: float = 0.2,
        dropout_aux: float = 0.7,
    ) -> None:  # fmt: skip
        super().__init__()
        conv, inception, aux = blocks or (BasicConv2d, Inception, InceptionAux)
        if init_weights is None:
            warnings.warn(
                "The default weight initialization of GoogleNet will be changed in future "
                "releases of torchvision. If you wish to keep the old behavior (which leads to "
                "long initialization times due to scipy/scipy#11299), please set "
                "init_weights=True.", FutureWarning, stacklevel=4,
            )  # fmt: skip
            init_weights = True
        self.aux_logits, self.transform_input = aux_logits, transform_input
        self.conv1 = conv(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = conv(64, 64, kernel_size=1)
        self.conv3 = conv(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        for name, sizes in BLOCKS.items():
            if isinstance(sizes, int):
                setattr(self, name, nn.MaxPool2d(sizes, stride=2, ceil_mode=True))
            else:
                setattr(self, "inception" + name, inception(*sizes))
        self.aux1 = aux(512, num_classes, dropout=dropout_aux) if aux_logits else None
        self.aux2 = aux(528, num_classes, dropout=dropout_aux) if aux_logits else None
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(p=dropout)
        self.fc = nn.Linear(1024, num_classes)
        if init_weights:
            for m in self.modules():
                if isinstance(m, (nn.Conv2d, nn.Linear)):
                    nn.init.trunc_normal_(m.weight, mean=0.0, std=0.01, a=-2, b=2)
                elif isinstance(m, nn.BatchNorm2d):
                    nn.init.constant_(m.weight, 1)
                    nn.init.constant_(m.bias, 0)

    def forward(self, x: Tensor) -> Any:
        if self.transform_input:  # from the statistics of ImageNet to those of the original
            scale = torch.tensor([0.229, 0.224, 0.225], dtype=x.dtype).view(3, 1, 1) / 0.5
            shift = (torch.tensor([0.485, 0.456, 0.406], dtype=x.dtype).view(3, 1, 1) - 0.5) / 0.5
            x = x * scale + shift
        x = self.maxpool2(self.conv3(self.conv2(self.maxpool1(self.conv1(x)))))
        inner: dict[str, Any] = {}
        watched = {"4a": self.aux1, "4d": self.aux2} if self.training else {}
        for name, sizes in BLOCKS.items():
            x = getattr(self, name if isinstance(sizes, int) else "inception" + name)(x)
            aux = watched.get(name)
            inner[name] = None if aux is None else aux(x)
        x = self.fc(self.dropout(self.avgpool(x).flatten(1)))
        if self.training and self.aux_logits:
            return GoogLeNetOutputs(x, inner["4d"], inner["4a"])
        return x


def googlenet(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> GoogLeNet:
    """GoogLeNet; with trained weights the auxiliary classifiers are left out, unless asked for."""
    if not weights:
        return with_weights("googlenet", None, progress, GoogLeNet, **kwargs)  # type: ignore[no-any-return]
    wanted = kwargs.pop("aux_logits", False)
    kwargs = {"transform_input": True, **kwargs, "aux_logits": True, "init_weights": False}
    model: GoogLeNet = with_weights("googlenet", weights, progress, GoogLeNet, **kwargs)
    if not wanted:
        model.aux_logits, model.aux1, model.aux2 = False, None, None
    return model
