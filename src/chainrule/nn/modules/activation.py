"""Activations: one elementwise function each, or one over an axis (softmax, GLU, maxout)."""

from __future__ import annotations

from typing import Any

from chainrule.errors import ArgumentError, ShapeError
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.nn.modules.attention import MultiheadAttention as MultiheadAttention
from chainrule.nn.modules.fresh import parameter
from chainrule.nn.modules.module import Module


def shown(**values: Any) -> str:
    """Arguments as an activation's repr shows them; `inplace` only if it is set."""
    return ", ".join(f"{k}={v}" for k, v in values.items() if k != "inplace" or v)


class _InPlace(Module):
    """An activation whose only argument is whether it overwrites its input."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        return shown(inplace=self.inplace)


class ReLU(_InPlace):
    """max(x, 0); the gradient at 0 is 0.

    >>> import chainrule as torch
    >>> torch.nn.ReLU()(torch.tensor([-1., 2.]))
    tensor([0., 2.])
    """

    def forward(self, input: Any) -> Any:
        return F.relu(input, inplace=self.inplace)


class ReLU6(_InPlace):
    """min(max(x, 0), 6).

    >>> import chainrule as torch
    >>> torch.nn.ReLU6()(torch.tensor([-1., 2., 8.]))
    tensor([0., 2., 6.])
    """

    def forward(self, input: Any) -> Any:
        return F.relu6(input, self.inplace)


class SELU(_InPlace):
    """scale · (max(0, x) + min(0, alpha · (eˣ - 1))), with constants that keep mean and variance.

    Source: Klambauer et al. 2017, arXiv:1706.02515.

    >>> import chainrule as torch
    >>> torch.nn.SELU()(torch.tensor([0., 1.]))
    tensor([0.0000, 1.0507])
    """

    def forward(self, input: Any) -> Any:
        return F.selu(input, self.inplace)


class SiLU(_InPlace):
    """x · sigmoid(x).

    >>> import chainrule as torch
    >>> torch.nn.SiLU()(torch.tensor([0., 1.]))
    tensor([0.0000, 0.7311])
    """

    def forward(self, input: Any) -> Any:
        return F.silu(input, inplace=self.inplace)


class Mish(_InPlace):
    """x · tanh(softplus(x)).

    Source: Misra 2019, arXiv:1908.08681.

    >>> import chainrule as torch
    >>> torch.nn.Mish()(torch.tensor([0., 1.]))
    tensor([0.0000, 0.8651])
    """

    def forward(self, input: Any) -> Any:
        return F.mish(input, inplace=self.inplace)


class Hardsigmoid(_InPlace):
    """min(max(x + 3, 0), 6) / 6.

    >>> import chainrule as torch
    >>> torch.nn.Hardsigmoid()(torch.tensor([-4., 0., 4.]))
    tensor([0.0000, 0.5000, 1.0000])
    """

    def forward(self, input: Any) -> Any:
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self) -> str:
        return ""


class Hardswish(_InPlace):
    """x · min(max(x + 3, 0), 6) / 6.

    Source: Howard et al. 2019, arXiv:1905.02244.

    >>> import chainrule as torch
    >>> torch.nn.Hardswish()(torch.tensor([-4., 0., 4.])).tolist()
    [-0.0, 0.0, 4.0]
    """

    def forward(self, input: Any) -> Any:
        return F.hardswish(input, self.inplace)

    def extra_repr(self) -> str:
        return ""


class LeakyReLU(Module):
    """x where it is positive, else negative_slope · x.

    >>> import chainrule as torch
    >>> torch.nn.LeakyReLU(0.1)(torch.tensor([-1., 2.]))
    tensor([-0.1000,  2.0000])
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Any) -> Any:
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        return shown(negative_slope=self.negative_slope, inplace=self.inplace)


class PReLU(Module):
    """x where it is positive, else weight · x, with a learned slope for all or each channel.

    Source: He et al. 2015, arXiv:1502.01852.

    >>> import chainrule as torch
    >>> torch.nn.PReLU()(torch.tensor([-4., 2.])).detach()
    tensor([-1.,  2.])
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = parameter(num_parameters, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """All slopes at `init`."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """LeakyReLU whose slope is drawn from [lower, upper) for each element in training mode.

    In evaluation mode the slope is (lower + upper) / 2.

    >>> import chainrule as torch
    >>> torch.nn.RReLU(0.1, 0.3).eval()(torch.tensor([-1., 2.]))
    tensor([-0.2000,  2.0000])
    """

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Any) -> Any:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return shown(lower=self.lower, upper=self.upper, inplace=self.inplace)


class ELU(Module):
    """x where it is positive, else alpha · (eˣ - 1).

    Source: Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289.

    >>> import chainrule as torch
    >>> torch.nn.ELU()(torch.tensor([-1., 2.]))
    tensor([-0.6321,  2.0000])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Any) -> Any:
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        return shown(alpha=self.alpha, inplace=self.inplace)


class CELU(Module):
    """max(0, x) + min(0, alpha · (e^(x/alpha) - 1)).

    Source: Barron 2017, arXiv:1704.07483.

    >>> import chainrule as torch
    >>> torch.nn.CELU(2.)(torch.tensor([-2., 2.]))
    tensor([-1.2642,  2.0000])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Any) -> Any:
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        return shown(alpha=self.alpha, inplace=self.inplace)


class GELU(Module):
    """x · Φ(x), with the normal distribution function Φ; `approximate='tanh'` estimates it.

    Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.

    >>> import chainrule as torch
    >>> torch.nn.GELU()(torch.tensor([0., 1.]))
    tensor([0.0000, 0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """log(1 + e^(beta·x)) / beta; x itself where beta·x is above the threshold.

    >>> import chainrule as torch
    >>> torch.nn.Softplus()(torch.tensor([0., 30.]))
    tensor([ 0.6931, 30.0000])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Any) -> Any:
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return shown(beta=self.beta, threshold=self.threshold)


class Softshrink(Module):
    """x moved towards 0 by lambd; 0 within lambd of it.

    >>> import chainrule as torch
    >>> torch.nn.Softshrink()(torch.tensor([-1., 0.2, 2.]))
    tensor([-0.5000,  0.0000,  1.5000])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Hardshrink(Module):
    """x, but 0 within lambd of 0.

    >>> import chainrule as torch
    >>> torch.nn.Hardshrink()(torch.tensor([-1., 0.2, 2.]))
    tensor([-1.,  0.,  2.])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Hardtanh(Module):
    """x clipped to [min_val, max_val].

    >>> import chainrule as torch
    >>> torch.nn.Hardtanh()(torch.tensor([-2., 0.5, 2.]))
    tensor([-1.0000,  0.5000,  1.0000])
    """

    def __init__(
        self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False,
        min_value: float | None = None, max_value: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if self.max_val < self.min_val:
            raise ArgumentError("max_val must not be below min_val",
                                [("min_val", self.min_val), ("max_val", self.max_val)])  # fmt: skip

    def forward(self, input: Any) -> Any:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        return shown(min_val=self.min_val, max_val=self.max_val, inplace=self.inplace)


class Threshold(Module):
    """x where it is above the threshold, else `value`.

    >>> import chainrule as torch
    >>> torch.nn.Threshold(0.1, 20)(torch.tensor([0., 1.]))
    tensor([20.,  1.])
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input: Any) -> Any:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        return shown(threshold=self.threshold, value=self.value, inplace=self.inplace)


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ).

    >>> import chainrule as torch
    >>> torch.nn.Sigmoid()(torch.tensor(0.))
    tensor(0.5000)
    """

    def forward(self, input: Any) -> Any:
        return F.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent.

    >>> import chainrule as torch
    >>> torch.nn.Tanh()(torch.tensor(0.))
    tensor(0.)
    """

    def forward(self, input: Any) -> Any:
        return F.tanh(input)


class LogSigmoid(Module):
    """log(sigmoid(x)), without overflow.

    >>> import chainrule as torch
    >>> torch.nn.LogSigmoid()(torch.tensor(0.))
    tensor(-0.6931)
    """

    def forward(self, input: Any) -> Any:
        return F.logsigmoid(input)


class Softsign(Module):
    """x / (1 + |x|).

    >>> import chainrule as torch
    >>> torch.nn.Softsign()(torch.tensor([-1., 3.]))
    tensor([-0.5000,  0.7500])
    """

    def forward(self, input: Any) -> Any:
        return F.softsign(input)


class Tanhshrink(Module):
    """x - tanh(x).

    >>> import chainrule as torch
    >>> torch.nn.Tanhshrink()(torch.tensor(1.))
    tensor(0.2384)
    """

    def forward(self, input: Any) -> Any:
        return F.tanhshrink(input)


class GLU(Module):
    """The first half of an axis times the sigmoid of the second.

    Source: Dauphin et al. 2016, arXiv:1612.08083.

    >>> import chainrule as torch
    >>> torch.nn.GLU()(torch.tensor([4., 0.]))
    tensor([2.])
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax(Module):
    """exp(x) divided by its sum over an axis.

    >>> import chainrule as torch
    >>> torch.nn.Softmax(dim=0)(torch.zeros(2))
    tensor([0.5000, 0.5000])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """log(softmax(x)) over an axis, without overflow.

    >>> import chainrule as torch
    >>> torch.nn.LogSoftmax(dim=0)(torch.zeros(2))
    tensor([-0.6931, -0.6931])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        return F.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmin(Module):
    """softmax(-x) over an axis.

    >>> import chainrule as torch
    >>> torch.nn.Softmin(dim=0)(torch.zeros(2))
    tensor([0.5000, 0.5000])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        return F.softmin(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax2d(Module):
    """Softmax over the channels of (N, C, H, W) or (C, H, W).

    >>> import chainrule as torch
    >>> torch.nn.Softmax2d()(torch.zeros(2, 1, 1)).flatten()
    tensor([0.5000, 0.5000])
    """

    def forward(self, input: Any) -> Any:
        if input.ndim not in (3, 4):
            raise ShapeError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return F.softmax(input, -3)


class Maxout(Module):
    """The maximum over groups of `pieces` neighbouring features: a learned activation.

    Shapes: input (*, C), output (*, C / pieces), along `dim`.
    Gradient: g goes to the winner; ties share it.
    Source: Goodfellow et al. 2013, arXiv:1302.4389.

    >>> import chainrule as torch
    >>> torch.nn.Maxout(2)(torch.tensor([1., 3., -2., -5.]))
    tensor([ 3., -2.])
    """

    def __init__(self, pieces: int, dim: int = -1) -> None:
        super().__init__()
        if pieces < 1:
            raise ArgumentError("pieces must be at least 1", [("pieces", pieces)])
        self.pieces, self.dim = pieces, dim

    def forward(self, input: Any) -> Any:
        dim = self.dim % max(input.ndim, 1)
        if not input.ndim or input.shape[dim] % self.pieces:
            raise ShapeError(
                f"the size of axis {self.dim} must be a multiple of pieces={self.pieces}",
                [("x", input)],
                fix="Make the layer before it wider.",
            )
        shape = input.shape
        groups = (*shape[:dim], shape[dim] // self.pieces, self.pieces, *shape[dim + 1 :])
        return input.reshape(groups).amax(dim + 1)

    def extra_repr(self) -> str:
        return f"pieces={self.pieces}, dim={self.dim}"
