"""What users hold: an array, its place in the graph, and its gradient.

Only data and bookkeeping live here.  Operators and methods come from `functional`, backward from
`autograd`; both attach themselves to this class when they are imported.
"""

from __future__ import annotations

import weakref
from sys import _getframe
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import dtypes, spec, storage
from chainrule.backend.numpy_sparse import SparseArray
from chainrule.errors import ArgumentError, DtypeError, GraphError
from chainrule.graph import Node, shown, user_frame

Array = Any
new = object.__new__


class Tensor:
    """An n-dimensional array that remembers how it was computed.

    Build one with `torch.tensor(data)`; `Tensor(2, 3)` is torch's old constructor for
    uninitialised memory, `Tensor([1, 2])` for float data.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2., 3.], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4., 6.])
    """

    # Defaults stand on the class, so that making a result sets two attributes only.
    _array: Array
    _node: Node | None = None  # None: no gradient flows
    _grad: Tensor | None = None
    _cut: Any = None  # (what, where): why there is no graph, for the error of backward()
    _base: Tensor | None = None  # the tensor this is a view of, and how to get here from it
    _steps: tuple[Any, ...] = ()
    _views: list[Any] | None = None  # weak references to the views of this one
    _untracked = False  # from .data: writes do not count
    _resting: Node | None = None  # the leaf's node while it does not require gradients
    __array_priority__ = 1000  # numpy_array * tensor is ours

    # ---- facts ---------------------------------------------------------------------------

    @property
    def shape(self) -> dtypes.Size:
        """The sizes of all dimensions, as `torch.Size`."""
        return tuple.__new__(dtypes.Size, self._array.shape)  # the numbers need no check

    @property
    def dtype(self) -> dtypes.dtype:
        """The element type."""
        return dtypes.of(self._array.dtype)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim  # type: ignore[no-any-return]

    @property
    def device(self) -> dtypes.device:
        """Where the memory is."""
        return dtypes.CPU

    @property
    def layout(self) -> dtypes.layout:
        """Always `torch.strided`."""
        return dtypes.strided

    @property
    def itemsize(self) -> int:
        """Bytes per element."""
        return self._array.itemsize  # type: ignore[no-any-return]

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self._array.nbytes  # type: ignore[no-any-return]

    # ---- the graph -----------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if value and self._node is not None and self._node.op is not None:
            raise GraphError(
                "you can only change requires_grad flags of leaf variables.", [("tensor", self)],
                fix="It requires gradients already; leave the assignment away.",
            )  # fmt: skip
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Start, or stop, recording operations on this tensor.  Returns it.

        Errors: only floating and complex tensors can require gradients; only a leaf can stop.
        """
        node = self._node
        if requires_grad:
            if node is None:
                self._node = leaf(self)
                if self._resting is not None:  # graphs made before, and hooks, know this one
                    fresh, node = self._node, self._resting
                    node.shape, node.dtype, node.tensor = fresh.shape, fresh.dtype, fresh.tensor
                    self._node, self._resting = node, None
        elif node is not None:
            if node.op is not None:
                raise GraphError(
                    "you can only change requires_grad flags of leaf variables.",
                    fix="If you want to use a computed variable in a subgraph that doesn't require "
                    "differentiation use var_no_grad = var.detach().",
                )
            node.tensor = None  # a backward through older graphs passes it by
            self._node, self._resting = None, node
        return self

    @property
    def is_leaf(self) -> bool:
        """True unless a recorded operation made this tensor."""
        return self._node is None or self._node.op is None

    @property
    def grad_fn(self) -> Node | None:
        """The graph node that made this tensor; None for a leaf."""
        node = self._node
        return None if node is None or node.op is None else shown(node)

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward() accumulated here; None before the first."""
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            check_assigned(self, value)
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def data(self) -> Tensor:
        """The same memory without graph; writes through it are not seen by autograd."""
        out = from_array(self._array)
        out._cut = ("`.data`", user_frame(_getframe(1)))
        out._untracked = True
        return out

    @data.setter
    def data(self, value: Tensor) -> None:
        self._array = value._array
        if self._node is not None and self._node.op is None:
            self._node.shape, self._node.dtype = self._array.shape, self._array.dtype

    @property
    def _version(self) -> int:
        return storage.version(self._array)

    def _as_gradient(self, g: Any) -> Tensor:
        """What the reverse pass found for this tensor, as a Tensor of its layout."""
        if isinstance(g, Tensor):
            return g
        if type(g) is SparseArray:
            return g.tensor()  # type: ignore[no-any-return]
        return from_array(np.asarray(g))  # type: ignore[no-any-return]

    def _is_view(self) -> bool:
        return self._base is not None

    __hash__ = object.__hash__

    if TYPE_CHECKING:  # methods are attached by `functional` and `autograd`

        def __getattr__(self, name: str) -> Any: ...


def from_array(array: Array, cls: type[Tensor] = Tensor, node: Node | None = None) -> Any:
    """Wrap an array without copying it."""
    t = new(cls)
    t._array = array
    t._node = node
    return t


def check_assigned(tensor: Tensor, grad: Any) -> None:
    """Raise unless `grad` may become the gradient of `tensor`."""
    if not isinstance(grad, Tensor):
        raise ArgumentError(
            "assigned grad expected to be a Tensor or None but got grad of type "
            f"{type(grad).__name__}"
        )
    both = [("tensor", tensor), ("grad", grad)]
    if grad is tensor:
        raise GraphError("can't assign Variable as its own grad", both,
                         fix="Assign a .clone(), or None.")  # fmt: skip
    have, want = grad._array, tensor._array
    if have.shape != want.shape:
        raise GraphError(
            f"attempting to assign a gradient of size '{list(have.shape)}' to a tensor of size "
            f"'{list(want.shape)}'. Please ensure that the gradient and the tensor are the same "
            "size", both,
        )  # fmt: skip
    if have.dtype != want.dtype:
        raise GraphError(
            f"attempting to assign a gradient with dtype '{have.dtype}' to a tensor with dtype "
            f"'{want.dtype}'. Please ensure that the gradient and the tensor have the same dtype",
            both, fix=f"Convert it: grad.to({tensor.dtype}).",
        )  # fmt: skip


def leaf(tensor: Tensor) -> Node:
    """A fresh leaf node for a tensor that starts to require gradients."""
    array = tensor._array
    if not spec.is_differentiable(array.dtype):
        raise DtypeError(
            "only Tensors of floating point and complex dtype can require gradients",
            [("tensor", tensor)],
            fix="Convert it first: x.float().requires_grad_().",
        )
    node = Node(None, (), None, {}, array.shape, array.dtype)
    node.tensor = weakref.ref(tensor)
    return node


def register_view(view: Tensor, source: Tensor, op: Any, static: dict[str, Any]) -> None:
    """Remember of which tensor `view` is a view, and tell that tensor about it."""
    base = source._base
    if base is None:
        base = source
    view._base, view._steps = base, (*source._steps, (op, static))
    if source._untracked:
        view._untracked = True
    views = base._views
    if views is None:
        base._views = [weakref.ref(view)]
    else:
        n = len(views)
        if n > 15 and n & (n - 1) == 0:  # at powers of two, forget the dead: amortised O(1)
            views[:] = [r for r in views if r() is not None]
        views.append(weakref.ref(view))
