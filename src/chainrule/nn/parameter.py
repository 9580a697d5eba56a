"""Parameters and buffers: tensors that a module keeps."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.errors import ArgumentError, GraphError
from chainrule.tensor import Tensor, from_array, leaf


class Parameter(Tensor):
    """A tensor that a module trains: assigned to a module it appears in `parameters()`.

    Args:
        data: the tensor whose memory it takes; None gives an empty one.
        requires_grad: whether gradients are recorded, also when made under `no_grad`.

    >>> import chainrule as torch
    >>> w = torch.nn.Parameter(torch.tensor([1., 2.]))
    >>> w
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> w.grad
    tensor([2., 4.])
    """

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        if data is None:
            array = np.empty(0, spec.Defaults.floating)
        elif isinstance(data, Tensor):
            array = data._array
        else:
            raise ArgumentError(
                f"a Parameter holds a tensor, not {type(data).__name__}",
                fix="Write Parameter(torch.tensor(data)).",
            )
        return made(cls, array, requires_grad)

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    __str__ = __repr__

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        known = memo.get(id(self))
        if known is None:
            known = made(type(self), np.array(self._array, order="K"), self._node is not None)
            memo[id(self)] = known
        return known

    def __reduce_ex__(self, protocol: Any) -> Any:
        return made, (type(self), self._array, self._node is not None)


class Buffer(Tensor):
    """A tensor that a module keeps but does not train: running statistics, masks, tables.

    Args:
        data: the tensor whose memory it takes.
        persistent: whether it is part of `state_dict()`.

    >>> import chainrule as torch
    >>> m = torch.nn.Module()
    >>> m.mean = torch.nn.Buffer(torch.zeros(2))
    >>> list(m.state_dict())
    ['mean']
    """

    persistent = True

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        array = np.empty(0, spec.Defaults.floating) if data is None else data._array
        buffer = from_array(array, cls)
        buffer.persistent = persistent
        if data is not None and data._node is not None:
            buffer._node = data._node if data._node.op is not None else leaf(buffer)
        return buffer

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        known = memo.get(id(self))
        if known is None:
            known = memo[id(self)] = from_array(np.array(self._array, order="K"), type(self))
            known.persistent = self.persistent
        return known


def made(cls: Any, array: Any, requires_grad: bool) -> Any:
    """A Parameter over an array; also how pickles make one."""
    parameter = from_array(array, cls)
    if requires_grad:
        parameter._node = leaf(parameter)
    return parameter


class UninitializedTensorMixin:
    """A parameter or buffer whose shape is still to be found; `materialize` gives it one."""

    cls_to_become: Any = None
    _array: Any

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Become an ordinary one of this shape, its values still to be set."""
        wanted = self._array.dtype if dtype is None else dtype.dtype
        self._array = np.empty(tuple(shape), wanted)
        self.__class__ = self.cls_to_become
        node = getattr(self, "_node", None)
        if node is not None:
            node.shape, node.dtype = self._array.shape, self._array.dtype

    @property
    def shape(self) -> Any:
        """There is none yet: an error that says what to do."""
        raise GraphError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually "
            "happens in `load_state_dict` when trying to load an uninitialized parameter into an "
            "initialized one. Call `forward` to initialize the parameters before accessing their "
            "attributes."
        )

    def share_memory_(self) -> Any:
        """Refused, for there is no memory yet."""
        raise GraphError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to "
            "initialize the parameters before calling `module.share_memory()`."
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__

    def _place(self) -> tuple[Any, ...]:
        tensor: Any = self
        return tensor.requires_grad, tensor.device, tensor.dtype

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        known = memo.get(id(self))
        if known is None:
            known = memo[id(self)] = type(self)(*self._place())  # type: ignore[call-arg]
        return known

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), self._place()


def is_lazy(param: Any) -> bool:
    """Whether a parameter or buffer is still without shape."""
    return isinstance(param, UninitializedTensorMixin)


def unshaped(cls: Any, requires_grad: bool, dtype: Any) -> Any:
    return made(cls, np.empty(0, spec.Defaults.floating if dtype is None else dtype.dtype),
                requires_grad)  # fmt: skip


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A parameter without shape, until `materialize` gives it one.

    >>> import chainrule as torch
    >>> p = torch.nn.UninitializedParameter()
    >>> p.materialize((2, 3))
    >>> type(p).__name__, p.shape
    ('Parameter', torch.Size([2, 3]))
    """

    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return unshaped(cls, requires_grad, dtype)


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer without shape, until `materialize` gives it one.

    >>> import chainrule as torch
    >>> torch.nn.UninitializedBuffer()
    <UninitializedBuffer>
    """

    cls_to_become = Tensor
    persistent = True

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: Any = None,
        persistent: bool = True,
    ) -> Any:  # fmt: skip
        buffer = unshaped(cls, requires_grad, dtype)
        buffer.persistent = persistent
        return buffer
