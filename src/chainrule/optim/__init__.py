"""Optimisers and learning-rate schedules, with torch's names, options and state."""

from typing import Any

from chainrule.optim import lr_scheduler, optimizer
from chainrule.optim.adam import Adam, Adamax, AdamW, NAdam, RAdam
from chainrule.optim.lbfgs import LBFGS
from chainrule.optim.matrix import Adafactor, Muon
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.rmsprop import Adadelta, Adagrad, RMSprop
from chainrule.optim.rprop import ASGD, Rprop
from chainrule.optim.sgd import SGD
from chainrule.optim.sparse_adam import SparseAdam

__all__ = [
    "ASGD", "LBFGS", "SGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Muon",
    "NAdam", "Optimizer", "RAdam", "RMSprop", "Rprop", "SparseAdam", "lr_scheduler", "optimizer",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """`swa_utils`, which needs modules, on first use."""
    if name == "swa_utils":
        import importlib

        return importlib.import_module("chainrule.optim.swa_utils")
    raise AttributeError(f"module 'chainrule.optim' has no attribute {name!r}")
