"""torch.func: transformations of functions."""

from __future__ import annotations

from chainrule.func.call import functional_call, stack_module_state
from chainrule.func.derivatives import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, vjp
from chainrule.func.linear import (
    functionalize,
    linearize,
    rearrange,
    replace_all_batch_norm_modules_,
)
from chainrule.func.mapping import vmap

__all__ = [
    "functional_call",
    "functionalize",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "rearrange",
    "replace_all_batch_norm_modules_",
    "stack_module_state",
    "vjp",
    "vmap",
]
