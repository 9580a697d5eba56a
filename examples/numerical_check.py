"""Checking a gradient with central differences: slow and approximate, but hard to get wrong.

The error shrinks with the square of the step until rounding takes over.
Run: python examples/numerical_check.py
"""

import chainrule as torch


def numerical_gradient(f, x, h):
    """(f(x + h) - f(x - h)) / 2h for each element."""
    g = torch.zeros_like(x)
    with torch.no_grad():
        for i in range(x.numel()):
            step = torch.zeros_like(x).flatten()
            step[i] = h
            step = step.reshape(x.shape)
            g.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * h)
    return g


def f(x):
    return (x.sin() * x.exp()).sum() / (1 + (x * x).sum())


class Wrong(torch.autograd.Function):
    """sin, with a sign lost in its derivative."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return -g * x.cos()


def main():
    torch.manual_seed(0)
    x = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    (analytic,) = torch.autograd.grad(f(x), x)
    errors = []
    for power in (1, 2, 3, 4, 5, 6, 8, 10):
        h = 10.0**-power
        errors.append((numerical_gradient(f, x, h) - analytic).abs().max().item())
        print(f"h = 1e-{power:<2d}   largest difference {errors[-1]:.1e}")
    print("gradcheck of f:", torch.autograd.gradcheck(f, x))
    wrong = torch.autograd.gradcheck(Wrong.apply, x, raise_exception=False)
    print("gradcheck of a wrong derivative:", wrong)
    return errors, wrong


if __name__ == "__main__":
    main()
