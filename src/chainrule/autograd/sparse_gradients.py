"""Gradients that hold few rows, in the leaves' `.grad`."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.backend.numpy_sparse import SparseArray
from chainrule.tensor import Tensor, from_array


def add_sparse(tensor: Tensor, known: Any, g: Any) -> None:
    """`add_grad` where one of the two may be sparse."""
    if known is None:
        tensor._grad = g.tensor()
        return
    if type(g) is SparseArray:  # nothing is recorded here
        tensor._grad = known + g.tensor()
    elif known.is_sparse:
        tensor._grad = from_array(np.array(g, order="C")) + known
    else:
        known.add_(from_array(g))
