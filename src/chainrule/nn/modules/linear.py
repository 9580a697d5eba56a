"""Linear, Bilinear and Identity."""

from __future__ import annotations

import math
from typing import Any

from chainrule.errors import ChainruleError, ShapeError
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.nn.modules.fresh import parameter
from chainrule.nn.modules.module import Module


class Identity(Module):
    """Returns its input; takes any arguments, so that it can stand in for any layer.

    >>> import chainrule as torch
    >>> torch.nn.Identity(54, unused=True)(torch.tensor(1.))
    tensor(1.)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input


class Linear(Module):
    """x @ weight.T + bias.

    Args:
        in_features, out_features: sizes of the last axis of input and output.
        bias: whether there is one.

    Shapes: input (*, in_features), weight (out_features, in_features), output (*, out_features).

    >>> import chainrule as torch
    >>> layer = torch.nn.Linear(3, 2)
    >>> layer(torch.zeros(5, 3)).shape
    torch.Size([5, 2])
    """

    _formula = "x @ weight.T + bias"

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = parameter(out_features, in_features, device=device, dtype=dtype)
        if bias:
            self.bias = parameter(out_features, device=device, dtype=dtype)
        else:
            self.register_parameter("bias", None)
            self._formula = "x @ weight.T"
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias uniformly from ±1/√in_features."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Any) -> Any:
        return F.linear(input, self.weight, self.bias)

    def _explain(self, error: ChainruleError, *args: Any) -> None:
        (x,) = args
        if not isinstance(error, ShapeError) or not x.ndim or x.shape[-1] == self.in_features:
            return
        rows, columns = x.numel() // max(x.shape[-1], 1), x.shape[-1]
        error.rule = (
            "the last axis of x must equal in_features: mat1 and mat2 shapes cannot be multiplied "
            f"({rows}x{columns} and {self.in_features}x{self.out_features})"
        )
        note = f"in_features={self.in_features}"
        error.operands = [("x", x), ("weight", self.weight, note)]
        error.fix = (
            f"Pass inputs with {self.in_features} features, or build "
            f"Linear({columns}, {self.out_features})."
        )

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class NonDynamicallyQuantizableLinear(Linear):
    """A `Linear` that torch's quantisation leaves alone; `MultiheadAttention` has one."""


class Bilinear(Module):
    """x1ᵀ · weight[k] · x2 + bias[k] for each output k.

    Shapes: inputs (*, in1_features) and (*, in2_features), output (*, out_features).

    >>> import chainrule as torch
    >>> torch.nn.Bilinear(2, 3, 4)(torch.zeros(5, 2), torch.zeros(5, 3)).shape
    torch.Size([5, 4])
    """

    _formula = "x1 @ weight @ x2 + bias"

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got {in1_features}")
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features = out_features
        self.weight = parameter(
            out_features, in1_features, in2_features, device=device, dtype=dtype
        )
        if bias:
            self.bias = parameter(out_features, device=device, dtype=dtype)
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias uniformly from ±1/√in1_features."""
        bound = 1 / math.sqrt(self.weight.shape[1])
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Any, input2: Any) -> Any:
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
