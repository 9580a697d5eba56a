"""torch.sparse: tensors that keep only some of their entries.

`torch.sparse_coo_tensor`, `torch.sparse_csr_tensor` and `Tensor.to_sparse` make them.  Gradients
flow through their values, and through a product to both factors.

>>> import chainrule as torch
>>> adjacency = torch.sparse_coo_tensor([[0, 1], [1, 0]], [1., 1.], (2, 2))
>>> adjacency @ torch.tensor([[1.], [2.]])
tensor([[2.],
        [1.]])
"""

from __future__ import annotations

from typing import Any

from chainrule.sparse import printing
from chainrule.sparse.attach import attach
from chainrule.sparse.construction import (
    check_sparse_tensor_invariants,
    sparse_bsc_tensor,
    sparse_bsr_tensor,
    sparse_compressed_tensor,
    sparse_coo_tensor,
    sparse_csc_tensor,
    sparse_csr_tensor,
)
from chainrule.sparse.legacy import TYPES
from chainrule.sparse.products import addmm, hspmm, mm, sampled_addmm, smm, spsolve, sspaddmm
from chainrule.sparse.reductions import log_softmax, softmax, spdiags, sum
from chainrule.sparse.tensor import SparseTensor

attach()
spmm = dsmm = mm
globals().update(TYPES)


def as_sparse_gradcheck(gradcheck: Any) -> Any:
    """`gradcheck` for functions of sparse tensors: their values are what is varied."""

    def call(function: Any, inputs: Any, **options: Any) -> Any:
        given = [inputs] if not isinstance(inputs, (tuple, list)) else list(inputs)
        options.pop("masked", None)
        plain = [x._v.detach().requires_grad_(x.requires_grad) if isinstance(x, SparseTensor)
                 else x for x in given]  # fmt: skip

        def dense(*args: Any) -> Any:
            full = [x._with(v) if isinstance(x, SparseTensor) else v
                    for x, v in zip(given, args, strict=True)]  # fmt: skip
            out = function(*full)
            return out.to_dense() if isinstance(out, SparseTensor) else out

        return gradcheck(dense, tuple(plain), **options)

    return call


__all__ = [
    "addmm", "as_sparse_gradcheck", "check_sparse_tensor_invariants", "dsmm", "hspmm",
    "log_softmax", "mm", "printing", "sampled_addmm", "smm", "softmax", "sparse_bsc_tensor",
    "sparse_bsr_tensor", "sparse_compressed_tensor", "sparse_coo_tensor", "sparse_csc_tensor",
    "sparse_csr_tensor", "spdiags", "spmm", "spsolve", "sspaddmm", "sum", *TYPES,
]  # fmt: skip
