"""Derivatives of functions as functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import chainrule as torch
from chainrule.autograd import functional
from chainrule.errors import ArgumentError

Argnums = int | tuple[int, ...]


def each(tree: Any, function: Callable[[Any], Any]) -> Any:
    """A function applied to every tensor of nested lists, tuples and dictionaries."""
    if isinstance(tree, torch.Tensor):
        return function(tree)
    if isinstance(tree, dict):
        return type(tree)((k, each(v, function)) for k, v in tree.items())
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(each(v, function) for v in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(each(v, function) for v in tree)
    return tree


def tensors(tree: Any) -> list[Any]:
    """The tensors of a tree, in order."""
    found: list[Any] = []
    each(tree, lambda t: found.append(t) or t)
    return found


def watched(t: Any) -> Any:
    """The same values as a tensor whose gradient can be asked for."""
    return t.view_as(t) if t.requires_grad else t.detach().requires_grad_()


def grad_and_value(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that gives `(gradient, value)` of a scalar function.

    >>> import chainrule as torch
    >>> torch.func.grad_and_value(lambda x: x ** 2)(torch.tensor(3.))
    (tensor(6.), tensor(9.))
    """
    several = isinstance(argnums, tuple)
    numbers = argnums if isinstance(argnums, tuple) else (argnums,)

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        outer = any(t.requires_grad for t in tensors((args, kwargs)))
        given = list(args)
        for i in numbers:
            given[i] = each(args[i], watched)
        with torch.enable_grad():
            out = func(*given, **kwargs)
            value, aux = out if has_aux else (out, None)
            if not isinstance(value, torch.Tensor) or value.ndim:
                raise ArgumentError(
                    "Expected f(*args) to return a scalar tensor",
                    [("f(*args)", value)],
                    fix="Sum it, or use jacrev.",
                )
            at = [given[i] for i in numbers]
            leaves = tensors(at)
            if value.requires_grad:
                found = torch.autograd.grad(value, leaves, create_graph=True, allow_unused=True)
            else:
                found = (None,) * len(leaves)
        parts = iter(
            torch.zeros_like(t) if g is None else g for t, g in zip(leaves, found, strict=True)
        )
        gradients = each(at, lambda t: next(parts))
        result = (tuple(gradients) if several else gradients[0], value)
        if not outer:
            result = each(result, lambda t: t.detach())
            aux = each(aux, lambda t: t.detach())
        return (result[0], (result[1], aux)) if has_aux else result

    return wrapper


def grad(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that gives the gradient of a scalar function; it can be differentiated again.

    >>> import chainrule as torch
    >>> torch.func.grad(torch.func.grad(torch.sin))(torch.tensor(0.5))
    tensor(-0.4794)
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapper


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """`(value, pull)`: what the function gives, and the function from cotangents to gradients.

    >>> import chainrule as torch
    >>> value, pull = torch.func.vjp(torch.exp, torch.tensor(0.))
    >>> value, pull(torch.tensor(2.))
    (tensor(1.), (tensor(2.),))
    """
    outer = any(t.requires_grad for t in tensors(primals))
    given = each(primals, watched)
    with torch.enable_grad():
        out = func(*given)
    value, aux = out if has_aux else (out, None)
    leaves = tensors(given)

    def pull(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        pairs = [
            (v, c)
            for v, c in zip(tensors(value), tensors(cotangents), strict=True)
            if v.requires_grad
        ]
        again = outer or any(t.requires_grad for t in tensors(cotangents))
        found = torch.autograd.grad(
            [v for v, _ in pairs],
            leaves,
            [c for _, c in pairs],
            retain_graph=True,
            create_graph=again,
            allow_unused=True,
        )
        parts = iter(
            torch.zeros_like(t) if g is None else g for t, g in zip(leaves, found, strict=True)
        )
        return each(given, lambda t: next(parts))

    shown = value if outer else each(value, lambda t: t.detach())
    return (shown, pull, aux) if has_aux else (shown, pull)


def jvp(
    func: Callable[..., Any],
    primals: Any,
    tangents: Any,
    *,
    strict: bool = False,
    has_aux: bool = False,
) -> Any:
    """`(value, tangent)`: what the function gives, and how it changes along `tangents`.

    >>> import chainrule as torch
    >>> torch.func.jvp(torch.exp, (torch.tensor(0.),), (torch.tensor(2.),))
    (tensor(1.), tensor(2.))
    """
    value = func(*primals)
    if has_aux:
        value, aux = value
        out = functional.jvp(lambda *xs: func(*xs)[0], tuple(primals), tuple(tangents))[1]
        return value, out, aux
    outer = any(t.requires_grad for t in tensors((primals, tangents)))
    return value, functional.jvp(func, tuple(primals), tuple(tangents), create_graph=outer)[1]


def jacrev(
    func: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    chunk_size: Any = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """A function that gives the Jacobian, output shape first.

    >>> import chainrule as torch
    >>> torch.func.jacrev(torch.sin)(torch.zeros(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    several = isinstance(argnums, tuple)
    numbers = argnums if isinstance(argnums, tuple) else (argnums,)

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        kept: list[Any] = []

        def of(*chosen: Any) -> Any:
            given = list(args)
            for i, x in zip(numbers, chosen, strict=True):
                given[i] = x
            out = func(*given, **kwargs)
            if has_aux:
                kept.append(each(out[1], lambda t: t.detach()))
                return out[0]
            return out

        outer = any(t.requires_grad for t in tensors((args, kwargs)))
        jacobian = functional.jacobian(of, tuple(args[i] for i in numbers), create_graph=outer)
        if not several:
            single = isinstance(jacobian[0], torch.Tensor)
            jacobian = jacobian[0] if single else tuple(row[0] for row in jacobian)
        return (jacobian, kept[0]) if has_aux else jacobian

    return wrapper


def jacfwd(
    func: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    chunk_size: Any = None,
    randomness: str = "error",
) -> Callable[..., Any]:
    """A function that gives the Jacobian, output shape first; the same as `jacrev`'s."""
    return jacrev(func, argnums, has_aux)


def hessian(func: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """A function that gives the matrix of second derivatives.

    >>> import chainrule as torch
    >>> torch.func.hessian(lambda x: (x ** 3).sum())(torch.tensor([1., 2.]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        def of(x: Any) -> Any:
            given = list(args)
            given[argnums] = x
            return func(*given, **kwargs)

        outer = any(t.requires_grad for t in tensors((args, kwargs)))
        return functional.hessian(of, args[argnums], create_graph=outer)

    return wrapper
