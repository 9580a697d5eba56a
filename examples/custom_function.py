"""An operation with its own derivative: log(1 + exp(x)), where autograd's would overflow.

Written naively the gradient at 1000 is NaN; the Function computes both without overflow, and its
backward can be differentiated again.  Run: python examples/custom_function.py
"""

import chainrule as torch


class Softplus(torch.autograd.Function):
    """log(1 + eˣ) = max(x, 0) + log(1 + e^-|x|), with derivative sigmoid(x)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0) + (-x.abs()).exp().log1p()

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(x)


def main():
    x = torch.tensor([-1000.0, -1.0, 0.0, 1.0, 1000.0], requires_grad=True)
    naive = (1 + x.exp()).log()
    (naive_grad,) = torch.autograd.grad(naive.sum(), x)
    ours = Softplus.apply(x)
    (grad,) = torch.autograd.grad(ours.sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(grad.sum(), x)
    for name, t in (("naive", naive), ("its gradient", naive_grad), ("Softplus", ours),
                    ("its gradient", grad), ("its second", second)):  # fmt: skip
        print(f"{name:14s}", t.detach())
    point = torch.tensor([-2.0, 0.3, 4.0], dtype=torch.float64, requires_grad=True)
    print("gradcheck", torch.autograd.gradcheck(Softplus.apply, point))
    return naive_grad, grad


if __name__ == "__main__":
    main()
