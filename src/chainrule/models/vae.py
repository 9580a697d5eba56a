"""The variational autoencoder (Kingma and Welling 2013) of linear layers."""

from __future__ import annotations

import chainrule as torch
from chainrule import nn
from chainrule.tensor import Tensor


class VAE(nn.Module):
    """Images in [0, 1], flattened (N, features), to a normal distribution of codes and back.

    The code is mean + deviation · noise, so the gradient reaches the encoder through both.

    >>> import chainrule as torch
    >>> net = torch.models.VAE(64, hidden=20, latent=3)
    >>> logits, mu, logvar = net(torch.rand(2, 1, 8, 8))
    >>> logits.shape, mu.shape
    (torch.Size([2, 64]), torch.Size([2, 3]))
    """

    def __init__(self, features: int = 784, hidden: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.latent = latent
        self.encoder = nn.Sequential(nn.Linear(features, hidden), nn.ReLU())
        self.mu = nn.Linear(hidden, latent)
        self.logvar = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, features)
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance of the code, (N, latent) each."""
        h = self.encoder(x.flatten(1))
        return self.mu(h), self.logvar(h)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mu, logvar = self.encode(x)
        z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
        return self.decoder(z), mu, logvar

    def loss(self, x: Tensor) -> Tensor:
        """Reconstruction and KL divergence from N(0, 1), in nats per image."""
        logits, mu, logvar = self(x)
        again = nn.functional.binary_cross_entropy_with_logits(
            logits, x.flatten(1), reduction="sum"
        )
        divergence = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum()
        return (again + divergence) / len(x)

    @torch.no_grad()
    def sample(self, count: int) -> Tensor:
        """Images (count, features) in [0, 1] from codes drawn from N(0, 1)."""
        return self.decoder(torch.randn(count, self.latent)).sigmoid()  # type: ignore[no-any-return]
