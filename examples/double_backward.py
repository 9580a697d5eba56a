"""Gradients of gradients: Hessian-vector products and a gradient penalty.

`create_graph=True` records the backward pass itself, so that it can be differentiated again.
Run: python examples/double_backward.py
"""

import chainrule as torch
from chainrule import nn


def hessian_vector_product(loss, x, v):
    """H·v without H: the gradient of (∂loss/∂x · v)."""
    (g,) = torch.autograd.grad(loss, x, create_graph=True)
    (hv,) = torch.autograd.grad((g * v).sum(), x)
    return hv


def gradient_penalty(critic, real, fake, weight=10.0):
    """The improved Wasserstein GAN's: gradients at points in between should have norm 1."""
    share = torch.rand(len(real), 1)
    between = (share * real + (1 - share) * fake).requires_grad_()
    (g,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return weight * ((g.norm(dim=1) - 1) ** 2).mean()


def main(steps=60):
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    v = torch.tensor([1.0, 0.0, -1.0], dtype=torch.float64)
    hv = hessian_vector_product((x**3).sum() + x[0] * x[1], x, v)
    print("Hessian-vector product", hv, "expected", [6.0, 1.0, -18.0])

    torch.manual_seed(0)
    critic = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)
    real, fake = torch.randn(64, 2) + 2, torch.randn(64, 2)
    penalties = []
    for step in range(steps):
        penalty = gradient_penalty(critic, real, fake)
        loss = critic(fake).mean() - critic(real).mean() + penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        penalties.append(penalty.item())
        if step % 10 == 0:
            print(f"step {step:3d}   critic loss {loss.item():7.3f}   penalty {penalties[-1]:.3f}")
    return hv, penalties


if __name__ == "__main__":
    main()
