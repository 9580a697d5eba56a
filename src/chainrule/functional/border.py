"""The border between torch's API and the ops: names, `out=`, methods, in-place forms.

A public function is written once, with torch's argument names, over `apply`; `public` then makes
of it what torch has: `torch.f` (with `out=`), `Tensor.f`, and `Tensor.f_` writing in place.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.inplace import check_writable, write
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError
from chainrule.graph import tick
from chainrule.ops.base import REGISTRY
from chainrule.tensor import Tensor, from_array

EXPORTS: dict[str, Any] = {}  # what `chainrule.<name>` is
NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}  # torch takes these too


def op(name: str) -> Any:
    """The op called `name`."""
    return REGISTRY[name]


def public(
    function: Any = None, *, method: bool = True, inplace: bool = False, out: bool = True,
    top: bool = True, names: tuple[str, ...] = (), fast: Any = None,
) -> Any:  # fmt: skip
    """Publish a function whose first argument is a tensor.

    Args:
        method: also as `Tensor.<name>`.
        inplace: also as `Tensor.<name>_`, which writes the result into its first argument.
        out: `torch.<name>` takes `out=`.
        top: as `torch.<name>`; False for what torch has as a method only.
        names: further names for the same function (`absolute` for `abs`).
        fast: what the function does nothing but call, as `unary` makes it: the method is this
            itself, one call less.
    """
    if function is None:
        return functools.partial(
            public, method=method, inplace=inplace, out=out, top=top, names=names, fast=fast
        )
    plain = with_numpy_names(function)
    for name in (function.__name__, *names):
        if top:
            EXPORTS[name] = with_out(plain) if out else plain
        if method:
            setattr(Tensor, name, functools.update_wrapper(fast, function) if fast else plain)
        if inplace:
            setattr(Tensor, f"{name}_", in_place(plain, name))
    return EXPORTS[function.__name__] if top else plain


def operator(op: Any, swap: bool = False) -> Any:
    """The operator that applies `op` (its operands swapped), or leaves what is no operand alone."""

    def call(x: Any, y: Any) -> Any:
        if not isinstance(y, (Tensor, int, float, complex, np.generic, np.ndarray)):
            return NotImplemented
        return apply(op, y, x) if swap else apply(op, x, y)

    call.__name__ = op.name
    return call


def with_numpy_names(function: Any) -> Any:
    """Let `axis=` and `keepdims=` stand for `dim=` and `keepdim=`, where the function has these."""
    code = getattr(function, "__wrapped__", function).__code__  # faster than inspect.signature
    if "dim" not in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        return function

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {NUMPY_NAMES.get(k, k): v for k, v in kwargs.items()}
        return function(*args, **kwargs)

    return call


def with_out(function: Any) -> Any:
    """Let the function take `out=`: tensors that get its results and are returned."""

    @functools.wraps(function)
    def call(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        try:
            result = function(*args, **kwargs)
        except AttributeError:
            refuse_non_tensor(function, args)
            raise
        return result if out is None else store(result, out)

    return call


def refuse_non_tensor(function: Any, args: tuple[Any, ...]) -> None:
    """After a failure: say so if the first argument is no tensor, as torch does."""
    if args and not isinstance(args[0], Tensor):
        import inspect  # 5 ms of import time

        name = inspect.unwrap(function).__code__.co_varnames[0]
        raise ArgumentError(
            f"{function.__name__}(): argument '{name}' (position 1) must be Tensor, not "
            f"{type(args[0]).__name__}",
            fix="Make one with torch.tensor(...) or torch.from_numpy(...).",
        ) from None


def store(result: Any, out: Any) -> Any:
    """Write a result into what the user gave as `out=`."""
    if isinstance(result, tuple):
        stored = [store(r, o) for r, o in zip(result, out, strict=True)]
        return type(result)(stored)
    if out._node is not None or result._node is not None:
        raise ArgumentError(
            "functions with out=... arguments don't support automatic differentiation, but one "
            "of the arguments requires grad.",
            fix="Leave out= away, or call it under torch.no_grad().",
        )
    if out._array.shape != result._array.shape:
        if spec.category(result._array.dtype) > spec.category(out._array.dtype):
            raise DtypeError(f"result type {result.dtype} can't be cast to {out.dtype}",
                             [("out", out)])  # fmt: skip
        out._array = np.array(result._array, dtype=out._array.dtype)
        return out
    return write(out, result)


def in_place(function: Any, name: str) -> Callable[..., Tensor]:
    """The method that writes the function's result into its first argument."""

    def call(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_writable(self)
        since = tick()
        result = function(self, *args, **kwargs)
        if result is self:  # floor of integers, conj of real numbers: nothing to write
            return self
        return write(self, result, since)

    call.__name__ = f"{name}_"
    call.__doc__ = f"In-place {name}(): writes the result into this tensor and returns it."
    return call


def require_tensors(where: str, input: Any, other: Any) -> None:
    """Raise unless both operands are tensors: torch takes no numbers here."""
    for position, value in enumerate((input, other), 1):
        if not isinstance(value, Tensor):
            raise ArgumentError(
                f"{where}(): argument {position} must be Tensor, not {type(value).__name__}",
                [("input", input), ("other", other)],
                fix="Wrap the number in torch.tensor(...).",
            )


def require_tensor(where: str, *operands: Any) -> None:
    """Raise unless one of the operands is a tensor."""
    if not any(isinstance(value, Tensor) for value in operands):
        raise ArgumentError(
            f"{where}() received an invalid combination of arguments - got "
            f"({', '.join(type(v).__name__ for v in operands)}), but expected a Tensor",
            [("input", operands[0])],
        )


def as_tensor_operand(value: Any, like: Tensor) -> Tensor:
    """A tensor of a number, for functions that need one: its dtype as torch would choose."""
    if isinstance(value, Tensor):
        return value
    dtype = spec.result_type([like._array, value])
    return from_array(np.asarray(value).astype(dtype))  # type: ignore[no-any-return]


__all__ = ["EXPORTS", "apply", "as_tensor_operand", "op", "operator", "public",
           "require_tensor", "require_tensors"]  # fmt: skip
