"""Gradients of convolutions from the gradient of their output, without a graph."""

from __future__ import annotations

from typing import Any

from chainrule.autograd import enable_grad, grad
from chainrule.functional.border import EXPORTS
from chainrule.nn import functional as F


def backward(rank: int, input: Any, weight: Any, grad_output: Any, which: int,
             how: tuple[Any, ...]) -> Any:  # fmt: skip
    """The gradient of a convolution with respect to its input (0) or weight (1)."""
    with enable_grad():
        operands = [input.detach(), weight.detach()]
        operands[which].requires_grad_()
        stride, padding, dilation, groups = how
        out = getattr(F, f"conv{rank}d")(*operands, None, stride, padding, dilation, groups)
        return grad(out, operands[which], grad_output)[0]


def made(rank: int, which: int) -> Any:
    """One of the public functions."""
    if which == 0:

        def call(
            input_size: Any, weight: Any, grad_output: Any, stride: Any = 1, padding: Any = 0,
            dilation: Any = 1, groups: int = 1,
        ) -> Any:  # fmt: skip
            how = (stride, padding, dilation, groups)
            blank = EXPORTS["zeros"](tuple(input_size), dtype=grad_output.dtype)
            return backward(rank, blank, weight, grad_output, 0, how)
    else:

        def call(
            input: Any, weight_size: Any, grad_output: Any, stride: Any = 1, padding: Any = 0,
            dilation: Any = 1, groups: int = 1,
        ) -> Any:  # fmt: skip
            how = (stride, padding, dilation, groups)
            blank = EXPORTS["zeros"](tuple(weight_size), dtype=grad_output.dtype)
            return backward(rank, input, blank, grad_output, 1, how)

    what = ("input", "weight")[which]
    call.__name__ = call.__qualname__ = f"conv{rank}d_{what}"
    call.__doc__ = f"""The gradient of `conv{rank}d` with respect to its {what}, of this size.

    >>> import chainrule as torch
    >>> one = torch.ones({", ".join("1" * (rank + 2))})
    >>> torch.nn.grad.conv{rank}d_{what}({"one.shape, one" if which == 0 else "one, one.shape"}, one).shape
    torch.Size([{", ".join("1" * (rank + 2))}])
    """  # noqa: E501
    return call


conv1d_input, conv1d_weight = made(1, 0), made(1, 1)
conv2d_input, conv2d_weight = made(2, 0), made(2, 1)
conv3d_input, conv3d_weight = made(3, 0), made(3, 1)
