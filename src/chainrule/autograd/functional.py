"""Functions of functions: Jacobians, Hessians and their products with vectors.

All are built from reverse mode.  A Jacobian times a vector comes from transposing twice: the
vector-Jacobian product is linear in the upstream gradient, so its own vjp is the jvp.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.autograd import grad
from chainrule.autograd.mode import enable_grad
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, GraphError
from chainrule.ops.base import REGISTRY
from chainrule.tensor import Tensor, from_array

Array = Any
Func = Callable[..., Any]


def fresh(inputs: Any, create_graph: bool, what: str = "inputs") -> tuple[bool, tuple[Tensor, ...]]:
    """Whether a tuple was given, and the inputs as tensors that gradients are taken by.

    They are leaves of their own, or views of the user's if the result is to be differentiated.
    """
    many = isinstance(inputs, (tuple, list))
    given = tuple(inputs) if many else (inputs,)
    out = []
    for i, x in enumerate(given):
        if not isinstance(x, Tensor):
            raise ArgumentError(f"The {what} given are of type {type(x).__name__} at position {i}; "
                                "tensors or a tuple of them are needed.")  # fmt: skip
        if create_graph and x.requires_grad:
            out.append(apply(REGISTRY["copy"], x))
        else:
            out.append(from_array(x._array).requires_grad_())
    return many, tuple(out)


def run(func: Func, inputs: tuple[Tensor, ...], scalar: str = "") -> tuple[bool, Any]:
    """The outputs of `func` as a tuple, and whether it returned one."""
    out = func(*inputs)
    many = isinstance(out, (tuple, list))
    outs = tuple(out) if many else (out,)
    for o in outs:
        if not isinstance(o, Tensor):
            raise ArgumentError("The outputs of the user-provided function must be a Tensor or a "
                                f"tuple of Tensors, not {type(o).__name__}.")  # fmt: skip
    if scalar and (many or outs[0]._array.size != 1):
        raise GraphError(
            "The Tensor returned by the function given to " + scalar + " should contain a single "
            "element", [("output", outs[0])], fix="Reduce it, for example with .sum().",
        )  # fmt: skip
    return many, outs


def check_strict(tensors: Any, inputs: Any, strict: bool, what: str) -> None:
    """With strict=True, raise where a result does not depend on an input."""
    if not strict:
        return
    for i, t in enumerate(tensors):
        if t is None or (what == "outputs" and not t.requires_grad):
            subject = f"Output {i}" if what == "outputs" else f"The gradient for input {i}"
            raise GraphError(
                f"{subject} of the user-provided function does not require gradients: it is "
                "independent of the inputs. This is not allowed in strict mode."
            )


def products(
    outs: Any, inputs: Any, vectors: Any, create_graph: bool, strict: bool = False
) -> tuple[Tensor, ...]:
    """The vector-Jacobian product, zeros where nothing depends."""
    pairs = [(o, v) for o, v in zip(outs, vectors, strict=True) if o.requires_grad]
    found: tuple[Any, ...] = (None,) * len(inputs)
    if pairs:
        found = grad(
            [o for o, _ in pairs], inputs, [v for _, v in pairs], retain_graph=True,
            create_graph=create_graph, allow_unused=True,
        )  # fmt: skip
    check_strict(found, inputs, strict, "gradients")
    return tuple(
        from_array(np.zeros_like(x._array)) if g is None else g
        for g, x in zip(found, inputs, strict=True)
    )


def vectors_for(v: Any, like: Any, what: str) -> tuple[Tensor, ...]:
    """The vector of a product, checked against what it multiplies."""
    if v is None:
        if len(like) == 1 and like[0]._array.size == 1:
            return (from_array(np.ones_like(like[0]._array)),)
        raise GraphError(f"The vector v can only be None if {what} a single Tensor with a single "
                         "element.")  # fmt: skip
    given = tuple(v) if isinstance(v, (tuple, list)) else (v,)
    if len(given) != len(like):
        raise GraphError(f"v is a tuple of invalid length: should be {len(like)} but got "
                         f"{len(given)}.")  # fmt: skip
    for i, (a, b) in enumerate(zip(given, like, strict=True)):
        if a._array.shape != b._array.shape:
            entry = f"Entry {i} in " if len(like) > 1 else ""
            raise GraphError(
                f"{entry}v has invalid size: should be {b.shape} but got {a.shape}.",
                [("v", a), ("its counterpart", b)],
            )
    return given


def detached(values: Any, create_graph: bool) -> tuple[Tensor, ...]:
    if create_graph:
        return tuple(values)
    return tuple(from_array(t._array) for t in values)


def shaped(values: Any, many: bool) -> Any:
    return tuple(values) if many else values[0]


def vjp(
    func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> Any:
    """`func(inputs)` and v times its Jacobian.

    Shapes: `v` like the outputs; the product like the inputs.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.])
    >>> torch.autograd.functional.vjp(lambda x: x * x, x, torch.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    with enable_grad():
        in_many, xs = fresh(inputs, create_graph)
        out_many, outs = run(func, xs)
        check_strict(outs, xs, strict, "outputs")
        vs = vectors_for(v, outs, "the user-provided function returns")
        found = products(outs, xs, vs, create_graph, strict)
    return (shaped(detached(outs, create_graph), out_many),
            shaped(detached(found, create_graph), in_many))  # fmt: skip


def jvp(
    func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> Any:
    """`func(inputs)` and its Jacobian times v.

    Shapes: `v` like the inputs; the product like the outputs.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.])
    >>> torch.autograd.functional.jvp(lambda x: x * x, x, torch.tensor([1., 0.]))
    (tensor([1., 4.]), tensor([2., 0.]))
    """
    with enable_grad():
        _, xs = fresh(inputs, create_graph)
        vs = vectors_for(v, xs, "the input to the user-provided function is")
        out_many, outs = run(func, xs)
        check_strict(outs, xs, strict, "outputs")
        found = transposed(outs, xs, vs, create_graph, strict)
    return (shaped(detached(outs, create_graph), out_many),
            shaped(detached(found, create_graph), out_many))  # fmt: skip


def transposed(
    outs: Any, xs: Any, vs: Any, create_graph: bool, strict: bool = False
) -> tuple[Tensor, ...]:
    """The Jacobian times `vs`: the vjp of the vjp, which is linear in the upstream gradient."""
    seeds = tuple(from_array(np.zeros_like(o._array)).requires_grad_() for o in outs)
    rows = products(outs, xs, seeds, True, strict)
    return products(rows, seeds, vs, create_graph)


def hvp(
    func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> Any:
    """`func(inputs)`, a scalar, and its Hessian times v.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.])
    >>> torch.autograd.functional.hvp(lambda x: (x ** 3).sum(), x, torch.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    with enable_grad():
        in_many, xs = fresh(inputs, create_graph)
        vs = vectors_for(v, xs, "the input to the user-provided function is")
        _, outs = run(func, xs, "hvp")
        check_strict(outs, xs, strict, "outputs")
        first = products(outs, xs, (from_array(np.ones_like(outs[0]._array)),), True, strict)
        found = transposed(first, xs, vs, create_graph)
    return (shaped(detached(outs, create_graph), False),
            shaped(detached(found, create_graph), in_many))  # fmt: skip


def vhp(
    func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> Any:
    """`func(inputs)`, a scalar, and v times its Hessian: the same as `hvp`, at less cost.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.])
    >>> torch.autograd.functional.vhp(lambda x: (x ** 3).sum(), x, torch.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    with enable_grad():
        in_many, xs = fresh(inputs, create_graph)
        vs = vectors_for(v, xs, "the input to the user-provided function is")
        _, outs = run(func, xs, "vhp")
        check_strict(outs, xs, strict, "outputs")
        first = products(outs, xs, (from_array(np.ones_like(outs[0]._array)),), True, strict)
        found = products(first, xs, vs, create_graph)
    return (shaped(detached(outs, create_graph), False),
            shaped(detached(found, create_graph), in_many))  # fmt: skip


def jacobian(
    func: Func, inputs: Any, create_graph: bool = False, strict: bool = False,
    vectorize: bool = False, strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The Jacobian of `func` at `inputs`.

    Shapes: output's shape, then input's; nested tuples (outputs, then inputs) where there are
    several.

    >>> import chainrule as torch
    >>> torch.autograd.functional.jacobian(lambda x: x * x, torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    with enable_grad():
        in_many, xs = fresh(inputs, create_graph)
        out_many, outs = run(func, xs)
        check_strict(outs, xs, strict, "outputs")
        table = []
        for out in outs:
            rows = []
            for k in range(out._array.size):
                seed = np.zeros(out._array.shape, out._array.dtype)
                seed.reshape(-1)[k] = 1
                rows.append(products((out,), xs, (from_array(seed),), create_graph, strict))
            table.append(tuple(
                stacked([row[j] for row in rows], out, x, create_graph) for j, x in enumerate(xs)
            ))  # fmt: skip
    return shaped([shaped(row, in_many) for row in table], out_many)


def stacked(rows: list[Tensor], out: Tensor, x: Tensor, create_graph: bool) -> Tensor:
    """Gradients of each element of `out` as one tensor."""
    shape = (*out._array.shape, *x._array.shape)
    if not create_graph or not rows:
        whole = np.array([r._array for r in rows], x._array.dtype).reshape(shape)
        return from_array(whole)  # type: ignore[no-any-return]
    reshape, concat = REGISTRY["reshape"], REGISTRY["concat"]
    parts = [apply(reshape, r, shape=(1, *x._array.shape)) for r in rows]
    return apply(reshape, apply(concat, *parts, axis=0), shape=shape)  # type: ignore[no-any-return]


def hessian(
    func: Func, inputs: Any, create_graph: bool = False, strict: bool = False,
    vectorize: bool = False, outer_jacobian_strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The matrix of second derivatives of a scalar function.

    Shapes: input's shape twice; nested tuples where there are several inputs.

    >>> import chainrule as torch
    >>> torch.autograd.functional.hessian(lambda x: (x ** 3).sum(), torch.tensor([1., 2.]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    many = isinstance(inputs, (tuple, list))

    def gradient(*args: Tensor) -> Any:
        _, outs = run(func, args, "hessian")
        check_strict(outs, args, strict, "outputs")
        return products(outs, args, (from_array(np.ones_like(outs[0]._array)),), True, strict)

    given = tuple(inputs) if many else (inputs,)
    table = jacobian(gradient, given, create_graph=create_graph, strict=strict)
    return table if many else table[0][0]
