"""torch._foreach_*: one operation on each tensor of a list, as optimisers written by hand use it.

`torch._foreach_add_(params, updates, alpha=-lr)` is a loop over `p.add_(u, alpha=-lr)`: a list, or
a list of numbers, gives each tensor its own operand, anything else is shared.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from chainrule.autograd.mode import no_grad
from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS
from chainrule.tensor import Tensor

NAMES = (
    "abs acos asin atan ceil cos cosh erf erfc exp expm1 floor frac lgamma log log10 log1p log2 "
    "neg reciprocal round rsqrt sigmoid sign sin sinh sqrt tan tanh trunc"
)
ONE = NAMES.split(" ")
TWO = ("add", "sub", "mul", "div", "pow", "clamp_max", "clamp_min", "maximum", "minimum",
       "addcdiv", "addcmul", "lerp")  # fmt: skip
OWN = {"clone": "clone", "max": "max", "norm": "norm", "mm": "mm"}  # without in-place forms
LIMITS = {"maximum": "clamp_min", "minimum": "clamp_max"}


def paired(name: str, tensors: Any, operand: Any) -> Any:
    """One operand per tensor: those of a list, or the same for all."""
    if isinstance(operand, (list, tuple)):
        if len(operand) != len(tensors):
            raise ArgumentError(
                f"_foreach_{name}: Tensor lists must have the same number of tensors, got "
                f"{len(tensors)} and {len(operand)}"
            )
        return operand
    if isinstance(operand, Tensor) and operand._array.ndim == 1 and name.startswith("addc"):
        return operand.tolist()  # a tensor of numbers
    return [operand] * len(tensors)


@functools.cache
def made(name: str) -> Callable[..., Any]:
    """The function `torch.<name>`.

    >>> import chainrule as torch
    >>> torch._foreach_add([torch.ones(1), torch.zeros(1)], [torch.ones(1), torch.ones(1)], alpha=2)
    (tensor([3.]), tensor([2.]))
    >>> x = [torch.ones(2)]
    >>> _ = torch._foreach_mul_(x, 3.0)
    >>> x
    [tensor([3., 3.])]
    """
    short = name.removeprefix("_foreach_")
    base = short.removesuffix("_")
    writes = short != base
    if base not in (*ONE, *TWO, *OWN, "zero", "copy") or (writes and base in OWN):
        raise AttributeError(f"module 'chainrule' has no attribute '{name}'")

    def call(self: Any, *operands: Any, **options: Any) -> Any:
        for word in ("other", "scalar", "scalars", "exponent", "tensors1", "tensor1", "tensor2",
                     "weight", "src", "mat2"):  # fmt: skip
            if word in options:
                operands += (options.pop(word),)
        if base in ("addcdiv", "addcmul") and len(operands) == 3:
            options["value"] = operands[2]
            operands = operands[:2]
        lists = [paired(base, self, o) for o in operands]
        named = {k: paired(base, self, v) if k == "value" else [v] * len(self)
                 for k, v in options.items()}  # fmt: skip
        results = []
        for i, t in enumerate(self):
            args = [values[i] for values in lists]
            kwargs = {k: v[i] for k, v in named.items()}
            results.append(one(t, base, writes, args, kwargs))
        return self if writes else tuple(results)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"`{base}` of each tensor of a list{', in place' if writes else ''}."
    return call


def one(t: Tensor, base: str, writes: bool, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """The operation on one tensor."""
    if base in LIMITS and not isinstance(args[0], Tensor):
        base = LIMITS[base]
    if base == "pow" and not isinstance(t, Tensor):
        return EXPORTS["pow"](t, *args)
    if writes and base in ("maximum", "minimum"):
        with no_grad():
            return t.copy_(getattr(t, base)(*args))
    return getattr(t, f"{base}_" if writes else base)(*args, **kwargs)
