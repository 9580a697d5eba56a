"""The named tuples that functions with several results return, printing as torch's do."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any


class Named(tuple):  # type: ignore[type-arg]
    """A tuple whose items also have names, such as `values` and `indices`."""

    __slots__ = ()
    fields: tuple[str, ...] = ()

    def __new__(cls, items: Iterable[Any]) -> Any:
        return tuple.__new__(cls, items)

    def __repr__(self) -> str:
        pairs = zip(self.fields, self, strict=True)
        body = ",\n".join(f"{name}={item!r}" for name, item in pairs)
        return f"torch.return_types.{type(self).__name__}(\n{body})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (tuple(self),)


def named(name: str, *fields: str) -> type[Named]:
    """The result type called `name`."""
    body: dict[str, Any] = {f: property(itemgetter(i)) for i, f in enumerate(fields)}
    body |= {"__slots__": (), "fields": fields, "n_fields": len(fields), "__module__": __name__}
    body["__doc__"] = f"What torch.{name} returns: {', '.join(fields)}."
    return type(name, (Named,), body)


max = named("max", "values", "indices")
min = named("min", "values", "indices")
median = named("median", "values", "indices")
nanmedian = named("nanmedian", "values", "indices")
mode = named("mode", "values", "indices")
kthvalue = named("kthvalue", "values", "indices")
topk = named("topk", "values", "indices")
sort = named("sort", "values", "indices")
cummax = named("cummax", "values", "indices")
cummin = named("cummin", "values", "indices")
aminmax = named("aminmax", "min", "max")
histogram = named("histogram", "hist", "bin_edges")
histogramdd = named("histogramdd", "hist", "bin_edges")
frexp = named("frexp", "mantissa", "exponent")
geqrf = named("geqrf", "a", "tau")
lu_unpack = named("lu_unpack", "P", "L", "U")
qr = named("qr", "Q", "R")
slogdet = named("slogdet", "sign", "logabsdet")
svd = named("svd", "U", "S", "V")
triangular_solve = named("triangular_solve", "solution", "cloned_coefficient")
_lu_with_info = named("_lu_with_info", "LU", "pivots", "info")
linalg_cholesky_ex = named("linalg_cholesky_ex", "L", "info")
linalg_eig = named("linalg_eig", "eigenvalues", "eigenvectors")
linalg_eigh = named("linalg_eigh", "eigenvalues", "eigenvectors")
linalg_inv_ex = named("linalg_inv_ex", "inverse", "info")
linalg_ldl_factor = named("linalg_ldl_factor", "LD", "pivots")
linalg_ldl_factor_ex = named("linalg_ldl_factor_ex", "LD", "pivots", "info")
linalg_lstsq = named("linalg_lstsq", "solution", "residuals", "rank", "singular_values")
linalg_lu = named("linalg_lu", "P", "L", "U")
linalg_lu_factor = named("linalg_lu_factor", "LU", "pivots")
linalg_lu_factor_ex = named("linalg_lu_factor_ex", "LU", "pivots", "info")
linalg_qr = named("linalg_qr", "Q", "R")
linalg_slogdet = named("linalg_slogdet", "sign", "logabsdet")
linalg_solve_ex = named("linalg_solve_ex", "result", "info")
linalg_svd = named("linalg_svd", "U", "S", "Vh")
