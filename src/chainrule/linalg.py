"""`torch.linalg`: linear algebra on matrices and stacks of matrices.

>>> import chainrule as torch
>>> A = torch.tensor([[2., 0.], [0., 4.]], requires_grad=True)
>>> torch.linalg.solve(A, torch.tensor([2., 4.])).sum().backward()
>>> A.grad
tensor([[-0.5000, -0.5000],
        [-0.2500, -0.2500]])
"""

from __future__ import annotations

from chainrule.errors import LinAlgError
from chainrule.functional.decompositions import (
    cholesky,
    cholesky_ex,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    householder_product,
    qr,
    svd,
    svdvals,
)
from chainrule.functional.least_squares import lstsq, pinv, tensorinv, tensorsolve
from chainrule.functional.linalg import matmul
from chainrule.functional.matrix_norms import (
    cond,
    cross,
    diagonal,
    matrix_norm,
    matrix_rank,
    norm,
    vander,
    vecdot,
    vector_norm,
)
from chainrule.functional.scaled_products import multi_dot
from chainrule.functional.solvers import (
    det,
    inv,
    inv_ex,
    matrix_exp,
    matrix_power,
    slogdet,
    solve,
    solve_ex,
    solve_triangular,
)
from chainrule.functional.triangular_factors import (
    ldl_factor,
    ldl_factor_ex,
    ldl_solve,
    lu,
    lu_factor,
    lu_factor_ex,
    lu_solve,
)

__all__ = [
    "LinAlgError",
    "cholesky",
    "cholesky_ex",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "householder_product",
    "inv",
    "inv_ex",
    "ldl_factor",
    "ldl_factor_ex",
    "ldl_solve",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_factor_ex",
    "lu_solve",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_ex",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensorinv",
    "tensorsolve",
    "vander",
    "vecdot",
    "vector_norm",
]
