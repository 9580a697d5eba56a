"""Generative adversarial networks of convolutions: DCGAN (Radford et al. 2015), and the critic and
gradient penalty of the improved Wasserstein GAN (Gulrajani et al. 2017)."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor


def doublings(size: int) -> int:
    """How often 4 is doubled to reach the size of an image."""
    n = size.bit_length() - 3
    if n < 1 or 4 << n != size:
        raise ArgumentError(f"images have 8, 16, 32, 64, ... pixels a side, not {size}")
    return n


def weights_init(m: nn.Module) -> None:
    """The paper's start: weights from N(0, 0.02), scales from N(1, 0.02)."""
    if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(m.weight, 0.0, 0.02)
    elif isinstance(m, nn.BatchNorm2d):
        nn.init.normal_(m.weight, 1.0, 0.02)
        nn.init.zeros_(m.bias)


class DCGANGenerator(nn.Module):
    """Noise (N, latent, 1, 1) to images (N, channels, size, size) in [-1, 1].

    >>> import chainrule as torch
    >>> torch.models.DCGANGenerator(latent=10, width=8, size=16)(torch.randn(2, 10, 1, 1)).shape
    torch.Size([2, 3, 16, 16])
    """

    def __init__(
        self, latent: int = 100, width: int = 64, channels: int = 3, size: int = 64
    ) -> None:
        super().__init__()
        n = doublings(size)
        now = width << (n - 1)
        layers: list[nn.Module] = [nn.ConvTranspose2d(latent, now, 4, 1, 0, bias=False),
                                   nn.BatchNorm2d(now), nn.ReLU(True)]  # fmt: skip
        for _ in range(n - 1):
            layers += [nn.ConvTranspose2d(now, now // 2, 4, 2, 1, bias=False),
                       nn.BatchNorm2d(now // 2), nn.ReLU(True)]  # fmt: skip
            now //= 2
        layers += [nn.ConvTranspose2d(now, channels, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)
        self.latent = latent
        self.apply(weights_init)

    def forward(self, z: Tensor) -> Tensor:
        return self.main(z)  # type: ignore[no-any-return]

    def sample(self, count: int) -> Tensor:
        """Images from fresh noise."""
        return self(torch.randn(count, self.latent, 1, 1))  # type: ignore[no-any-return]


class DCGANDiscriminator(nn.Module):
    """Images (N, channels, size, size) to one score each (N,): a logit, real when positive.

    Args:
        norm: the normalisation between layers; None for the critic of a Wasserstein GAN with
            gradient penalty, whose penalty is one for each image by itself.
    """

    def __init__(
        self, width: int = 64, channels: int = 3, size: int = 64, norm: Any = nn.BatchNorm2d
    ) -> None:
        super().__init__()
        n = doublings(size)
        layers: list[nn.Module] = [nn.Conv2d(channels, width, 4, 2, 1, bias=False),
                                   nn.LeakyReLU(0.2, inplace=True)]  # fmt: skip
        now = width
        for _ in range(n - 1):
            layers.append(nn.Conv2d(now, 2 * now, 4, 2, 1, bias=False))
            layers += [norm(2 * now)] if norm else []
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            now *= 2
        layers.append(nn.Conv2d(now, 1, 4, 1, 0, bias=False))
        self.main = nn.Sequential(*layers)
        self.apply(weights_init)

    def forward(self, x: Tensor) -> Tensor:
        return self.main(x).flatten()  # type: ignore[no-any-return]


class DCGAN(nn.Module):
    """Generator and discriminator, with the losses of both.

    >>> import chainrule as torch
    >>> gan = torch.models.DCGAN(latent=10, width=8, size=16)
    >>> d, g = gan.losses(torch.zeros(4, 3, 16, 16))
    >>> d.shape, g.shape
    (torch.Size([]), torch.Size([]))
    """

    critic_steps = 1

    def __init__(
        self, latent: int = 100, width: int = 64, channels: int = 3, size: int = 64
    ) -> None:
        super().__init__()
        self.generator = DCGANGenerator(latent, width, channels, size)
        self.discriminator = self.judge(width, channels, size)

    def judge(self, width: int, channels: int, size: int) -> DCGANDiscriminator:
        return DCGANDiscriminator(width, channels, size)

    def discriminator_loss(self, real: Tensor) -> Tensor:
        """Real images to 1, generated ones to 0."""
        fake = self.generator.sample(len(real)).detach()
        yes, no = self.discriminator(real), self.discriminator(fake)
        loss = nn.functional.binary_cross_entropy_with_logits
        return loss(yes, torch.ones_like(yes)) + loss(no, torch.zeros_like(no))  # type: ignore[no-any-return]

    def generator_loss(self, count: int) -> Tensor:
        """Generated images to 1."""
        score = self.discriminator(self.generator.sample(count))
        return nn.functional.binary_cross_entropy_with_logits(score, torch.ones_like(score))

    def losses(self, real: Tensor) -> tuple[Tensor, Tensor]:
        """The discriminator's loss and the generator's, for one batch of real images."""
        return self.discriminator_loss(real), self.generator_loss(len(real))


class WGANGP(DCGAN):
    """The improved Wasserstein GAN: a critic without batch normalisation, kept close to slope 1 by
    a penalty on the gradient of its score with respect to its input (a second derivative)."""

    critic_steps = 5

    def __init__(
        self, latent: int = 100, width: int = 64, channels: int = 3, size: int = 64,
        penalty: float = 10.0,
    ) -> None:  # fmt: skip
        super().__init__(latent, width, channels, size)
        self.penalty = penalty

    def judge(self, width: int, channels: int, size: int) -> DCGANDiscriminator:
        return DCGANDiscriminator(width, channels, size, norm=None)

    def discriminator_loss(self, real: Tensor) -> Tensor:
        """E[critic(fake)] - E[critic(real)] + penalty."""
        fake = self.generator.sample(len(real)).detach()
        gap = self.discriminator(fake).mean() - self.discriminator(real).mean()
        return gap + self.penalty * gradient_penalty(self.discriminator, real, fake)  # type: ignore[no-any-return]

    def generator_loss(self, count: int) -> Tensor:
        """-E[critic(fake)]."""
        return -self.discriminator(self.generator.sample(count)).mean()  # type: ignore[no-any-return]


def gradient_penalty(critic: Any, real: Tensor, fake: Tensor) -> Tensor:
    """E[(‖∂critic/∂x‖ - 1)²] at random points x between real and generated images."""
    mix = torch.rand(len(real), *[1] * (real.ndim - 1))
    x = (mix * real + (1 - mix) * fake).detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()  # type: ignore[no-any-return]
