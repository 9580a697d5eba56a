"""The `*_copy` functions: what a view function gives, in memory of its own."""

from __future__ import annotations

from typing import Any

from chainrule.autograd.record import apply
from chainrule.functional.border import EXPORTS, with_out
from chainrule.ops.shape import Copy, Slice
from chainrule.tensor import Tensor

EXAMPLES = {
    "permute": "torch.permute_copy(torch.zeros(2, 3), (1, 0)).shape\n    torch.Size([3, 2])",
    "expand": "torch.expand_copy(torch.zeros(3), (2, 3)).shape\n    torch.Size([2, 3])",
    "squeeze": "torch.squeeze_copy(torch.zeros(1, 3)).shape\n    torch.Size([3])",
    "unsqueeze": "torch.unsqueeze_copy(torch.zeros(3), 0).shape\n    torch.Size([1, 3])",
    "transpose": "torch.transpose_copy(torch.zeros(2, 3), 0, 1).shape\n    torch.Size([3, 2])",
    "t": "torch.t_copy(torch.zeros(2, 3)).shape\n    torch.Size([3, 2])",
    "view": "torch.view_copy(torch.zeros(6), (2, 3)).shape\n    torch.Size([2, 3])",
    "diagonal": "torch.diagonal_copy(torch.zeros(2, 3)).shape\n    torch.Size([2])",
    "as_strided": "torch.as_strided_copy(torch.arange(3), (2,), (2,))\n    tensor([0, 2])",
    "narrow": "torch.narrow_copy(torch.arange(3), 0, 1, 2)\n    tensor([1, 2])",
    "select": "torch.select_copy(torch.arange(3), 0, 1)\n    tensor(1)",
    "unfold": "torch.unfold_copy(torch.arange(4), 0, 2, 2).shape\n    torch.Size([2, 2])",
    "detach": "torch.detach_copy(torch.ones(2))\n    tensor([1., 1.])",
    "alias": "torch.alias_copy(torch.ones(2))\n    tensor([1., 1.])",
}


def copying(name: str, example: str) -> Any:
    """`torch.<name>_copy`, and the method where torch has one."""
    if name == "alias":

        def call(input: Tensor) -> Tensor:
            return apply(Copy, apply(Slice, input, index=(Ellipsis,)))
    else:

        def call(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
            view = getattr(Tensor, name)(input, *args, **kwargs)
            return apply(Copy, view)

    call.__name__ = call.__qualname__ = f"{name}_copy"
    what = "The tensor itself" if name == "alias" else f"What `{name}` gives"
    call.__doc__ = (
        f"{what}, in memory of its own.\n\n"
        f"    >>> import chainrule as torch\n    >>> {example}\n    "
    )
    return call


for _name, _example in EXAMPLES.items():
    _call = copying(_name, _example)
    EXPORTS[_call.__name__] = with_out(_call)
Tensor.narrow_copy = copying("narrow", EXAMPLES["narrow"])  # type: ignore[method-assign]
