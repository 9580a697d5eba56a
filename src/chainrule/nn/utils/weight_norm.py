"""Weight normalisation: a weight as its length times its direction.

Source: T. Salimans, D. Kingma, Weight normalization, 2016.
"""

from __future__ import annotations

from typing import Any

from chainrule.errors import ArgumentError, GraphError
from chainrule.nn.parameter import Parameter


def norm_except(v: Any, dim: int) -> Any:
    """The 2-norm over all dimensions but `dim`, which keep length 1; over all of them for -1."""
    if dim == -1:
        return v.norm()
    return v.norm(2, [d for d in range(v.ndim) if d != dim], keepdim=True)


class WeightNorm:
    """The hook that makes the weight anew before each forward."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module: Any) -> Any:
        """g · v / ‖v‖, with gradients to both."""
        g, v = getattr(module, self.name + "_g"), getattr(module, self.name + "_v")
        return v * (g / norm_except(v, self.dim if self.dim == -1 else self.dim % v.ndim))

    @staticmethod
    def apply(module: Any, name: str, dim: int | None) -> WeightNorm:
        """Replace the parameter by two, and enter the hook."""
        for hook in module._forward_pre_hooks.values():
            if isinstance(hook, WeightNorm) and hook.name == name:
                raise GraphError(
                    f"Cannot register two weight_norm hooks on the same parameter {name}",
                    fix="Call remove_weight_norm first.",
                )
        hook = WeightNorm(name, dim)
        weight = getattr(module, name)
        del module._parameters[name]
        length = norm_except(weight, hook.dim if hook.dim == -1 else hook.dim % weight.ndim)
        module.register_parameter(name + "_g", Parameter(length.data))
        module.register_parameter(name + "_v", Parameter(weight.data))
        setattr(module, name, hook.compute_weight(module))
        module.register_forward_pre_hook(hook)
        return hook

    def remove(self, module: Any) -> None:
        """One parameter again, with the values that the two give."""
        weight = self.compute_weight(module)
        delattr(module, self.name)
        del module._parameters[self.name + "_g"], module._parameters[self.name + "_v"]
        setattr(module, self.name, Parameter(weight.data))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Train the length and the direction of a module's weight: parameters `weight_g`, `weight_v`.

    Args:
        dim: every slice along it has a length of its own; None means one for the whole weight.

    Errors: RuntimeError where the parameter is normalised already.

    >>> import chainrule as torch
    >>> layer = torch.nn.utils.weight_norm(torch.nn.Linear(3, 2))
    >>> {name: list(p.shape) for name, p in layer.named_parameters()}
    {'bias': [2], 'weight_g': [2, 1], 'weight_v': [2, 3]}
    """
    WeightNorm.apply(module, name, dim)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Make one parameter of the two again.

    Errors: ValueError where there is no such hook.

    >>> import chainrule as torch
    >>> layer = torch.nn.utils.weight_norm(torch.nn.Linear(3, 2))
    >>> sorted(dict(torch.nn.utils.remove_weight_norm(layer).named_parameters()))
    ['bias', 'weight']
    """
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, WeightNorm) and hook.name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ArgumentError(f"weight_norm of '{name}' not found in {module}")
