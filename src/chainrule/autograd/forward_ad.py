"""torch.autograd.forward_ad: tangents that travel with tensors through a computation.

The computation is recorded, and `unpack_dual` reads the tangent off the record: the product of
the Jacobian and the tangents of its inputs, as the derivative of a vector-Jacobian product.  So
inside a level a dual tensor requires gradients, and what is computed from it under `no_grad` has
no tangent.
"""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import numpy as np

from chainrule.autograd import grad
from chainrule.autograd.mode import enable_grad
from chainrule.errors import DtypeError, GraphError, ShapeError
from chainrule.spec import is_differentiable
from chainrule.tensor import Tensor, from_array

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual",
           "unpack_dual"]  # fmt: skip


class Level(threading.local):
    """The duals made since the level was entered; None outside any level."""

    duals: list[tuple[Tensor, Tensor]] | None = None


LEVEL = Level()


class UnpackedDualTensor(NamedTuple):
    """What `unpack_dual` gives: a tensor and its tangent, which may be None."""

    primal: Tensor
    tangent: Tensor | None


def enter_dual_level() -> int:
    """Begin a level; its number is 0, as there is one at a time.

    Errors: a level is open.
    """
    if LEVEL.duals is not None:
        raise GraphError("Nested forward mode AD is not supported at the moment",
                         fix="Use torch.func.jvp, which nests.")  # fmt: skip
    LEVEL.duals = []
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """End the level; its tangents are gone.

    Errors: no level is open.
    """
    if LEVEL.duals is None:
        raise GraphError("Dual level must be a positive number: no level was entered.",
                         fix="Call enter_dual_level() first.")  # fmt: skip
    LEVEL.duals = None


class dual_level:
    """A block in which tensors may have tangents.

    >>> import chainrule as torch
    >>> import chainrule.autograd.forward_ad as fwAD
    >>> with fwAD.dual_level():
    ...     x = fwAD.make_dual(torch.tensor([1., 2.]), torch.tensor([1., 0.]))
    ...     fwAD.unpack_dual(x * x).tangent
    tensor([2., 0.])
    """

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *exc: Any) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """The same values with a tangent.

    Shapes: both alike.
    Gradient: that of the tensor; the tangent's own gradient is kept too.
    Errors: outside a level; integers.
    """
    if LEVEL.duals is None:
        raise GraphError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to "
            "enter_dual_level() first.", fix="Work in a `with dual_level():` block.",
        )  # fmt: skip
    for name, value in (("primal", tensor), ("tangent", tangent)):
        if not is_differentiable(value._array.dtype):
            raise DtypeError(f"Expected {name} to be floating point or complex, but got: "
                             f"{value.dtype}", [(name, value)])  # fmt: skip
    if tensor._array.shape != tangent._array.shape:
        raise ShapeError(
            "Trying to set a forward gradient that has a different size than that of the original "
            f"Tensor, this is not supported. Tensor is of size {list(tensor.shape)} while the "
            f"given forward gradient is of size {list(tangent.shape)}.",
            [("tensor", tensor), ("tangent", tangent)],
        )
    with enable_grad():
        dual = tensor.view_as(tensor) if tensor.requires_grad else tensor.detach().requires_grad_()
    LEVEL.duals.append((dual, tangent))
    return dual  # type: ignore[no-any-return]


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """A tensor and its tangent: None if it depends on no dual.

    Gradient: the tangent can be differentiated where the tensors it is made of require it.
    """
    duals = LEVEL.duals or []
    if tensor._node is None or not duals:
        return UnpackedDualTensor(tensor, None)
    for dual, tangent in duals:
        if dual is tensor:
            return UnpackedDualTensor(tensor.detach(), tangent)
    with enable_grad():
        seed = from_array(np.zeros_like(tensor._array)).requires_grad_()
        rows = grad(tensor, [d for d, _ in duals], seed, create_graph=True, allow_unused=True)
        pairs = [(row, t) for row, (_, t) in zip(rows, duals, strict=True) if row is not None]
        used = [(row, t) for row, t in pairs if row._node is not None]
        if not pairs:
            return UnpackedDualTensor(tensor, None)
        found: Any = None
        if used:
            (found,) = grad([r for r, _ in used], [seed], [t for _, t in used],
                            create_graph=True, allow_unused=True)  # fmt: skip
        tangent = from_array(np.zeros_like(tensor._array)) if found is None else found
    if not any(t.requires_grad for pair in duals for t in pair[1:]) and all(
        d._node is None or d._node.op is None for d, _ in duals
    ):  # nothing but the duals themselves could be differentiated
        return UnpackedDualTensor(tensor.detach(), tangent.detach())
    return UnpackedDualTensor(tensor, tangent)
