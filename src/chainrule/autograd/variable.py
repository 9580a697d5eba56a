"""`Variable`, of the time when a tensor alone had no gradient; programs still call it."""

from __future__ import annotations

import warnings
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor


class VariableMeta(type):
    """Every tensor is an instance of Variable."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=VariableMeta):
    """`Variable(data, requires_grad=False)`: a leaf tensor with the memory of `data`.

    Errors: TypeError where data is no tensor.

    >>> import chainrule as torch
    >>> from chainrule.autograd import Variable
    >>> w = Variable(torch.ones(2), requires_grad=True)
    >>> (w * w).sum().backward()
    >>> w.grad
    tensor([2., 2.])
    >>> isinstance(torch.ones(2), Variable)
    True
    """

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: Any = None) -> Any:
        if volatile is not None:
            warnings.warn(
                "volatile was removed and now has no effect. Use `with torch.no_grad():` instead.",
                stacklevel=2,
            )
        if data is None:
            data = Tensor()
        elif not isinstance(data, Tensor):
            raise ArgumentError(
                f"Variable data has to be a tensor, but got {type(data).__name__}",
                fix="Write torch.tensor(data, requires_grad=...).",
            )
        found: Any = data.detach()  # type: ignore[attr-defined]
        if type(found) is not Tensor:
            found = found.as_subclass(Tensor)
        return found.requires_grad_() if requires_grad else found
