"""The lectures' two-layer network, trained by hand-written NumPy and by autograd.

Both start from the same weights and print the same losses.  Run: python examples/two_layer_net.py
"""

import numpy as np

import chainrule as torch


def by_hand(x, y, w1, w2, steps, lr=1e-4):
    """Forward and backward written out, as on the slide."""
    losses = []
    for _ in range(steps):
        h = 1 / (1 + np.exp(-x.dot(w1)))
        y_pred = h.dot(w2)
        losses.append(np.square(y_pred - y).sum())
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h.T.dot(grad_y_pred)
        grad_h = grad_y_pred.dot(w2.T)
        grad_w1 = x.T.dot(grad_h * h * (1 - h))
        w1 = w1 - lr * grad_w1
        w2 = w2 - lr * grad_w2
    return losses


def by_autograd(x, y, w1, w2, steps, lr=1e-4):
    """Forward only; `backward()` finds the rest."""
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    w1, w2 = torch.tensor(w1, requires_grad=True), torch.tensor(w2, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((torch.sigmoid(x @ w1) @ w2 - y) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            for w in (w1, w2):
                w -= lr * w.grad
                w.grad = None
        losses.append(loss.item())
    return losses


def main(steps=500, n=64, d_in=1000, hidden=100, d_out=10):
    random = np.random.RandomState(0)
    x, y = random.randn(n, d_in), random.randn(n, d_out)
    w1, w2 = random.randn(d_in, hidden), random.randn(hidden, d_out)
    hand = by_hand(x, y, w1, w2, steps)
    auto = by_autograd(x, y, w1, w2, steps)
    for step in range(0, steps, max(steps // 10, 1)):
        print(f"step {step:4d}   by hand {hand[step]:14.6f}   autograd {auto[step]:14.6f}")
    return hand, auto


if __name__ == "__main__":
    main()
