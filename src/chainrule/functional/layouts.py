"""Methods about sparse layouts.  `sparse` is imported when one of them is first called."""

from __future__ import annotations

from typing import Any

from chainrule.functional.neural import later
from chainrule.tensor import Tensor

MODULES = {
    "construction": "to_sparse to_sparse_coo to_sparse_csr to_sparse_csc to_sparse_bsr "
    "to_sparse_bsc",
    "methods": "indices values _indices _values _nnz is_coalesced _coalesced_ crow_indices "
    "col_indices ccol_indices row_indices",
    "selection": "sparse_mask",
}


def to_dense(self: Tensor, dtype: Any = None, *, masked_grad: Any = None) -> Tensor:
    """A dense tensor is dense already; `dtype` converts it.

    >>> import chainrule as torch
    >>> torch.ones(2).to_dense()
    tensor([1., 1.])
    """
    return self if dtype is None else self.to(dtype)  # type: ignore[no-any-return]


def sparse_dim(self: Tensor) -> int:
    """How many dimensions are sparse: none."""
    return 0


def dense_dim(self: Tensor) -> int:
    """How many dimensions are dense: all."""
    return self._array.ndim  # type: ignore[no-any-return]


def coalesce(self: Tensor) -> Any:
    """Of sparse tensors only.  Errors: this one is dense."""
    return later("coalesce_method", "chainrule.sparse.methods")(self)


for _method in (to_dense, sparse_dim, dense_dim, coalesce):
    setattr(Tensor, _method.__name__, _method)
for _module, _names in MODULES.items():
    for _name in _names.split():
        setattr(Tensor, _name, later(_name, f"chainrule.sparse.{_module}"))
