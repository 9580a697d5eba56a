"""Neural networks: modules, their functions, initialisation, and helpers for gradients.

>>> import chainrule as torch
>>> net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
>>> sum(p.numel() for p in net.parameters())
13
"""

from chainrule.nn import (
    attention,
    common_types,
    functional,
    grad,
    init,
    modules,
    parallel,
    parameter,
    utils,
)
from chainrule.nn.modules import *  # noqa: F403
from chainrule.nn.modules import __all__ as _layers
from chainrule.nn.parallel import DataParallel
from chainrule.nn.parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

__all__ = [
    *_layers, "Buffer", "DataParallel", "Parameter", "UninitializedBuffer",
    "UninitializedParameter", "attention", "common_types", "functional", "grad", "init", "modules",
    "parallel", "parameter", "utils",
]  # fmt: skip
