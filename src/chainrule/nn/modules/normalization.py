"""Normalisation within a sample: layer, RMS, group, and across channels."""

from __future__ import annotations

from typing import Any

from chainrule.errors import ArgumentError
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.nn.modules.fresh import parameter
from chainrule.nn.modules.module import Module


def as_shape(shape: Any) -> tuple[int, ...]:
    """The last axes that are normalised, given as an int or ints."""
    return (shape,) if isinstance(shape, int) else tuple(shape)


class LayerNorm(Module):
    """(x - mean) / √(var + eps) · weight + bias over the last axes.

    Args:
        normalized_shape: the sizes of those axes, or the size of the last one.
        elementwise_affine: whether there are weight and bias; `bias=False` leaves only weight.

    Shapes: input and output (*, normalized_shape).
    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.

    >>> import chainrule as torch
    >>> torch.nn.LayerNorm(2)(torch.tensor([[1., 3.]])).detach().round().tolist()
    [[-1.0, 1.0]]
    """

    _formula = "(x - mean) / sqrt(var + eps) * weight + bias"

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True,
        bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.normalized_shape = as_shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        for name, there in (("weight", elementwise_affine), ("bias", elementwise_affine and bias)):
            made = parameter(*self.normalized_shape, device=device, dtype=dtype) if there else None
            self.register_parameter(name, made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Any) -> Any:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """x / √(mean(x²) + eps) · weight over the last axes.

    Args:
        eps: None takes the spacing of the input's dtype at 1.

    Source: Zhang and Sennrich 2019, arXiv:1910.07467.

    >>> import chainrule as torch
    >>> torch.nn.RMSNorm(2)(torch.tensor([3., 3.])).detach()
    tensor([1., 1.])
    """

    _formula = "x / sqrt(mean(x**2) + eps) * weight"

    def __init__(
        self, normalized_shape: Any, eps: float | None = None, elementwise_affine: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.normalized_shape = as_shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        if elementwise_affine:
            self.weight = parameter(*self.normalized_shape, device=device, dtype=dtype)
        else:
            self.register_parameter("weight", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, x: Any) -> Any:
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(Module):
    """Normalise each sample over groups of its channels, then scale and shift each channel.

    Shapes: input and output (N, C, *), with C = num_channels divisible by num_groups.
    Source: Wu and He 2018, arXiv:1803.08494.

    >>> import chainrule as torch
    >>> torch.nn.GroupNorm(2, 4)(torch.zeros(3, 4, 5)).shape
    torch.Size([3, 4, 5])
    """

    _formula = "(x - mean) / sqrt(var + eps) * weight + bias"

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True,
        device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        if num_channels % num_groups != 0:
            raise ArgumentError(
                f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})"
            )
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps, self.affine = eps, affine
        for name, there in (("weight", affine), ("bias", affine and bias)):
            made = parameter(num_channels, device=device, dtype=dtype) if there else None
            self.register_parameter(name, made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Any) -> Any:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """Divide by (k + alpha · mean of squares over `size` neighbouring channels) ** beta.

    Source: Krizhevsky, Sutskever and Hinton 2012 (AlexNet).

    >>> import chainrule as torch
    >>> torch.nn.LocalResponseNorm(2)(torch.zeros(1, 4, 3, 3)).shape
    torch.Size([1, 4, 3, 3])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Any:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(Module):
    """Lua torch's local response norm over channels: an odd window, alpha divided by `size`.

    >>> import chainrule as torch
    >>> torch.nn.CrossMapLRN2d(3)(torch.zeros(1, 4, 3, 3)).shape
    torch.Size([1, 4, 3, 3])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Any:
        if input.ndim != 4:
            raise ArgumentError(f"CrossMapLRN2d: Expected input to be 4D, got {input.ndim}D.")
        side, channels = (self.size - 1) // 2, input.shape[1]
        square = F.pad(input * input, (0, 0, 0, 0, side, side))
        total = sum(square[:, i : i + channels] for i in range(2 * side + 1))
        late = min(side + 1, channels)  # from here on the first channel counts too, as in Lua
        first = square[:, side : side + 1].expand(-1, channels - late, -1, -1)
        total = total + F.pad(first, (0, 0, 0, 0, late, 0))
        return input * (total * (self.alpha / self.size) + self.k) ** -self.beta

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
