"""The vocabulary over Tensors: the same rules, recorded.  This gives higher-order derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.autograd.record import apply
from chainrule.backend import numpy as backend
from chainrule.ops import base
from chainrule.tensor import Tensor, from_array


class TensorNamespace:
    """`tensor_ns.matmul(x, y)` applies the op called matmul to Tensors, and records it."""

    def __getattr__(self, name: str) -> Any:
        op = base.REGISTRY.get(name)
        if op is not None:

            def call(*arrays: Any, **static: Any) -> Any:
                return apply(op, *arrays, **static)

        else:  # creation functions make constants
            make = getattr(backend, name)

            def call(*arrays: Any, **static: Any) -> Any:
                raw = [x._array if isinstance(x, Tensor) else x for x in arrays]
                return from_array(np.asarray(make(*raw, **static)))

        call.__name__ = name
        setattr(self, name, call)
        return call


tensor_ns = TensorNamespace()
