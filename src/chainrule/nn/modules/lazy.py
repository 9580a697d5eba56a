"""Layers that learn their input's size from the first input: `LazyLinear(10)`, `LazyConv2d(...)`.

Until then their parameters are uninitialised; after it the layer is an ordinary one.
"""

from __future__ import annotations

from typing import Any

from chainrule import dtypes
from chainrule.autograd.mode import no_grad
from chainrule.errors import ArgumentError, ShapeError
from chainrule.nn.modules.batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d, _NormBase
from chainrule.nn.modules.conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    _ConvNd,
)
from chainrule.nn.modules.fresh import filled
from chainrule.nn.modules.instancenorm import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from chainrule.nn.modules.linear import Linear
from chainrule.nn.parameter import UninitializedBuffer, UninitializedParameter, is_lazy


class LazyModuleMixin:
    """What makes a module lazy: hooks that size its parameters by the first input or state_dict.

    A subclass defines `initialize_parameters(*inputs)` and, if it is to change its class then,
    `cls_to_become`.
    """

    cls_to_become: Any = None

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._load_hook = self._register_load_state_dict_pre_hook(self._lazy_load_hook)
        self._initialize_hook = self.register_forward_pre_hook(
            self._infer_parameters, with_kwargs=True
        )

    def _save_to_state_dict(self: Any, destination: Any, prefix: str, keep_vars: bool) -> None:
        skip = self._non_persistent_buffers_set
        buffers = [(n, b) for n, b in self._buffers.items() if n not in skip]
        for name, value in [*self._parameters.items(), *buffers]:
            if value is not None:
                kept = keep_vars or is_lazy(value)
                destination[prefix + name] = value if kept else value.detach()

    def _lazy_load_hook(self: Any, state_dict: Any, prefix: str, *rest: Any) -> None:
        """Give uninitialised parameters the sizes that the state_dict has."""
        for name, value in [*self._parameters.items(), *self._buffers.items()]:
            given = state_dict.get(prefix + name)
            if is_lazy(value) and given is not None and not is_lazy(given):
                with no_grad():
                    value.materialize(given.shape)

    def initialize_parameters(self: Any, *args: Any, **kwargs: Any) -> None:
        """Materialise all parameters, with sizes taken from the inputs."""
        raise NotImplementedError(
            f"initialize_parameters is not implemented for {type(self).__name__}"
        )

    def has_uninitialized_params(self: Any) -> bool:
        """Whether parameters or buffers still have no shape."""
        values = [*self._parameters.values(), *self._buffers.values()]
        return any(is_lazy(value) for value in values)

    def _infer_parameters(self: Any, module: Any, args: Any, kwargs: Any = None) -> None:
        module.initialize_parameters(*args, **(kwargs or {}))
        if module.has_uninitialized_params():
            raise ArgumentError(f"module {self._get_name()} has not been fully initialized")
        module._initialize_hook.remove()
        module._load_hook.remove()
        del module._initialize_hook, module._load_hook
        if module.cls_to_become is not None:
            module.__class__ = module.cls_to_become

    def _replicate_for_data_parallel(self: Any) -> None:
        raise ArgumentError(
            "Modules with uninitialized parameters can't be used with `DataParallel`. Run a dummy "
            "forward pass to correctly initialize the modules"
        )


def uninitialized(there: bool, place: dict[str, Any]) -> Any:
    return UninitializedParameter(**place) if there else None


class LazyLinear(LazyModuleMixin, Linear):
    """`Linear` whose in_features is the size of the first input's last axis.

    >>> import chainrule as torch
    >>> layer = torch.nn.LazyLinear(2)
    >>> layer.weight
    <UninitializedParameter>
    >>> layer(torch.zeros(4, 3)).shape, layer
    (torch.Size([4, 2]), Linear(in_features=3, out_features=2, bias=True))
    """

    cls_to_become = Linear

    def __init__(
        self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        place = {"device": device, "dtype": dtype}
        super().__init__(0, 0, False)
        self.weight = uninitialized(True, place)
        self.out_features = out_features
        if bias:
            self.bias = uninitialized(True, place)

    def reset_parameters(self) -> None:
        """As `Linear` does, once the sizes are known."""
        if not self.has_uninitialized_params() and self.in_features != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any) -> None:
        """Take in_features from the input, and draw weight and bias."""
        if self.has_uninitialized_params():
            with no_grad():
                self.in_features = input.shape[-1]
                self.weight.materialize((self.out_features, self.in_features))
                if self.bias is not None:
                    self.bias.materialize((self.out_features,))
                self.reset_parameters()
        if self.in_features == 0:  # the sizes came from a state_dict
            self.in_features = self.weight.shape[-1]


class _LazyConv(LazyModuleMixin, _ConvNd):
    """What the lazy convolutions share."""

    def __init__(self, *args: Any, bias: bool, device: Any, dtype: Any, **sizes: Any) -> None:
        (out_channels,) = args
        place = {"device": device, "dtype": dtype}
        super().__init__(0, 0, bias=False, device=device, dtype=dtype, **sizes)
        self.weight = uninitialized(True, place)
        self.out_channels = out_channels
        if bias:
            self.bias = uninitialized(True, place)

    def reset_parameters(self) -> None:
        """As the ordinary convolution does, once the sizes are known."""
        if not self.has_uninitialized_params() and self.in_channels != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any, *args: Any, **kwargs: Any) -> None:
        """Take in_channels from the input, and draw weight and bias."""
        if self.has_uninitialized_params():
            self.in_channels = self._channels_of(input)
            if self.in_channels % self.groups != 0:
                raise ArgumentError("in_channels must be divisible by groups")
            first, second = self.out_channels, self.in_channels
            if self.transposed:
                first, second = second, first
            self.weight.materialize((first, second // self.groups, *self.kernel_size))
            if self.bias is not None:
                self.bias.materialize((self.out_channels,))
            self.reset_parameters()

    def _channels_of(self, input: Any) -> int:
        n = self._ndim
        if input.ndim not in (n + 1, n + 2):
            raise ShapeError(
                f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to "
                f"{type(self).__name__}, but got input of size: {list(input.shape)}",
                [("input", input)],
            )
        return int(input.shape[1 if input.ndim == n + 2 else 0])


class _LazyConvolution(_LazyConv):
    def __init__(
        self, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        dilation: Any = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros",
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            out_channels, kernel_size=kernel_size, stride=stride, padding=padding,
            dilation=dilation, groups=groups, bias=bias, padding_mode=padding_mode, device=device,
            dtype=dtype,
        )  # fmt: skip


class _LazyTransposed(_LazyConv):
    def __init__(
        self, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        output_padding: Any = 0, groups: int = 1, bias: bool = True, dilation: Any = 1,
        padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            out_channels, kernel_size=kernel_size, stride=stride, padding=padding,
            output_padding=output_padding, groups=groups, bias=bias, dilation=dilation,
            padding_mode=padding_mode, device=device, dtype=dtype,
        )  # fmt: skip


class LazyConv1d(_LazyConvolution, Conv1d):  # type: ignore[misc]
    """`Conv1d` whose in_channels is that of the first input.

    >>> import chainrule as torch
    >>> torch.nn.LazyConv1d(4, 3)(torch.zeros(1, 2, 8)).shape
    torch.Size([1, 4, 6])
    """

    cls_to_become = Conv1d


class LazyConv2d(_LazyConvolution, Conv2d):  # type: ignore[misc]
    """`Conv2d` whose in_channels is that of the first input.

    >>> import chainrule as torch
    >>> torch.nn.LazyConv2d(4, 3)(torch.zeros(1, 2, 8, 8)).shape
    torch.Size([1, 4, 6, 6])
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazyConvolution, Conv3d):  # type: ignore[misc]
    """`Conv3d` whose in_channels is that of the first input.

    >>> import chainrule as torch
    >>> torch.nn.LazyConv3d(4, 2)(torch.zeros(1, 2, 3, 3, 3)).shape
    torch.Size([1, 4, 2, 2, 2])
    """

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyTransposed, ConvTranspose1d):  # type: ignore[misc]
    """`ConvTranspose1d` whose in_channels is that of the first input.

    >>> import chainrule as torch
    >>> torch.nn.LazyConvTranspose1d(4, 3)(torch.zeros(1, 2, 6)).shape
    torch.Size([1, 4, 8])
    """

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyTransposed, ConvTranspose2d):  # type: ignore[misc]
    """`ConvTranspose2d` whose in_channels is that of the first input.

    >>> import chainrule as torch
    >>> torch.nn.LazyConvTranspose2d(4, 3)(torch.zeros(1, 2, 6, 6)).shape
    torch.Size([1, 4, 8, 8])
    """

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyTransposed, ConvTranspose3d):  # type: ignore[misc]
    """`ConvTranspose3d` whose in_channels is that of the first input.

    >>> import chainrule as torch
    >>> torch.nn.LazyConvTranspose3d(4, 2)(torch.zeros(1, 2, 2, 2, 2)).shape
    torch.Size([1, 4, 3, 3, 3])
    """

    cls_to_become = ConvTranspose3d


class _LazyNormBase(LazyModuleMixin, _NormBase):
    """What the lazy normalisations share."""

    def __init__(
        self, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Any = None, dtype: Any = None, *,
        bias: bool = True,
    ) -> None:  # fmt: skip
        place = {"device": device, "dtype": dtype}
        super().__init__(0, eps, momentum, False, False, device, dtype, bias=False)
        self.affine, self.track_running_stats = affine, track_running_stats
        if self.affine:
            self.weight = uninitialized(True, place)
            if bias:
                self.bias = uninitialized(True, place)
        if track_running_stats:
            self.running_mean = UninitializedBuffer(**place)
            self.running_var = UninitializedBuffer(**place)
            self.num_batches_tracked = filled(value=0, device=device, dtype=dtypes.int64)

    def reset_parameters(self) -> None:
        """As the ordinary layer does, once the size is known."""
        if not self.has_uninitialized_params() and self.num_features != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any) -> None:
        """Take num_features from the input."""
        if self.has_uninitialized_params():
            self.num_features = input.shape[1]
            for value in (self.weight, self.bias, self.running_mean, self.running_var):
                if is_lazy(value):
                    value.materialize((self.num_features,))
            self.reset_parameters()
        elif self.num_features == 0 and self.weight is not None:  # sized by a state_dict
            self.num_features = self.weight.shape[0]


def lazy_norm(kind: Any, base: Any, dims: str) -> Any:
    """The lazy form of a normalisation."""
    name = f"Lazy{kind.__name__}"
    doc = f"""`{kind.__name__}` whose num_features is the first input's number of channels.

    >>> import chainrule as torch
    >>> torch.nn.{name}()(torch.zeros({dims})).shape
    torch.Size([{dims}])
    """
    return type(name, (base, kind), {"cls_to_become": kind, "__doc__": doc, "__module__": __name__})


LazyBatchNorm1d = lazy_norm(BatchNorm1d, _LazyNormBase, "2, 3, 4")
LazyBatchNorm2d = lazy_norm(BatchNorm2d, _LazyNormBase, "2, 3, 4, 4")
LazyBatchNorm3d = lazy_norm(BatchNorm3d, _LazyNormBase, "2, 3, 4, 4, 4")
LazyInstanceNorm1d = lazy_norm(InstanceNorm1d, _LazyNormBase, "2, 3, 4")
LazyInstanceNorm2d = lazy_norm(InstanceNorm2d, _LazyNormBase, "2, 3, 4, 4")
LazyInstanceNorm3d = lazy_norm(InstanceNorm3d, _LazyNormBase, "2, 3, 4, 4, 4")
