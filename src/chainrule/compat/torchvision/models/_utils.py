"""A network cut off after some of its layers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from chainrule import nn
from chainrule.models.blocks import divisible as _make_divisible

__all__ = ["IntermediateLayerGetter", "_make_divisible"]


class IntermediateLayerGetter(nn.ModuleDict):
    """The results of some direct children of a model, by new names; later children are left out.

    Args:
        return_layers: the names of the children, and the names that their results get.

    >>> import chainrule as torch
    >>> net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 4))
    >>> {k: v.shape for k, v in IntermediateLayerGetter(net, {"0": "x"})(torch.zeros(2)).items()}
    {'x': torch.Size([3])}
    """

    def __init__(self, model: nn.Module, return_layers: dict[str, str]) -> None:
        children = dict(model.named_children())
        if not set(return_layers) <= set(children):
            raise ValueError("return_layers are not present in model")
        order = list(children)
        last = max((order.index(name) for name in return_layers), default=-1)
        super().__init__({name: children[name] for name in order[: last + 1]})
        self.return_layers = dict(return_layers)

    def forward(self, x: Any) -> Any:
        found: OrderedDict[str, Any] = OrderedDict()
        for name, child in self.items():
            x = child(x)
            if name in self.return_layers:
                found[self.return_layers[name]] = x
        return found
