"""Convolutional networks as workloads: a residual net and the two nets of a DCGAN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def resnet20(module: Any, batch: int = 64) -> Callable[[], Any]:
    """A step of the CIFAR ResNet-20 on batch x 3 x 32 x 32: batch norm, SGD with momentum."""
    nn, F = module.nn, module.nn.functional

    class Block(nn.Module):
        def __init__(self, channels: int, filters: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(filters)
            self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(filters)
            self.shortcut = nn.Sequential()
            if stride != 1 or channels != filters:
                self.shortcut = nn.Sequential(
                    nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters)
                )

        def forward(self, x: Any) -> Any:
            out = F.relu(self.bn1(self.conv1(x)))
            out = self.bn2(self.conv2(out))
            out += self.shortcut(x)
            return F.relu(out)

    module.manual_seed(0)
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    channels = 16
    for filters, stride in ((16, 1), (32, 2), (64, 2)):
        for i in range(3):
            layers.append(Block(channels, filters, stride if i == 0 else 1))
            channels = filters
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    optimizer = module.optim.SGD(net.parameters(), 0.1, momentum=0.9, weight_decay=1e-4)
    x, y = module.randn(batch, 3, 32, 32), module.randint(0, 10, (batch,))
    loss_function = nn.CrossEntropyLoss()

    def run() -> None:
        optimizer.zero_grad()
        loss_function(net(x), y).backward()
        optimizer.step()

    return run


def dcgan(module: Any, batch: int = 64, width: int = 64) -> Callable[[], Any]:
    """A step of a DCGAN at 32 x 32 (Radford et al. 2015): both nets, Adam."""
    nn = module.nn
    module.manual_seed(0)

    def up(channels: int, filters: int, stride: int, padding: int) -> list[Any]:
        conv = nn.ConvTranspose2d(channels, filters, 4, stride, padding, bias=False)
        return [conv, nn.BatchNorm2d(filters), nn.ReLU(True)]

    def down(channels: int, filters: int) -> list[Any]:
        conv = nn.Conv2d(channels, filters, 4, 2, 1, bias=False)
        return [conv, nn.BatchNorm2d(filters), nn.LeakyReLU(0.2, True)]

    generator = nn.Sequential(
        *up(100, width * 4, 1, 0), *up(width * 4, width * 2, 2, 1), *up(width * 2, width, 2, 1),
        nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Conv2d(3, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True),
        *down(width, width * 2), *down(width * 2, width * 4),
        nn.Conv2d(width * 4, 1, 4, 1, 0, bias=False), nn.Sigmoid(),
    )  # fmt: skip
    criterion = nn.BCELoss()
    for_d = module.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    for_g = module.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    images = module.randn(batch, 3, 32, 32).clamp(-1, 1)

    def run() -> None:
        discriminator.zero_grad()
        real = discriminator(images).view(-1)
        criterion(real, module.full((batch,), 1.0)).backward()
        fake = generator(module.randn(batch, 100, 1, 1))
        found = discriminator(fake.detach()).view(-1)
        criterion(found, module.full((batch,), 0.0)).backward()
        for_d.step()
        generator.zero_grad()
        found = discriminator(fake).view(-1)
        criterion(found, module.full((batch,), 1.0)).backward()
        for_g.step()

    return run
