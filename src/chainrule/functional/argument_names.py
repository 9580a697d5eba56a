"""Further names under which torch takes some arguments: `torch.det(input=A)`, `hsplit(sections=2)`.

The functions themselves use the better name; `ALSO` says what else it is called.
"""

from __future__ import annotations

import functools
from typing import Any

from chainrule.functional.border import EXPORTS
from chainrule.tensor import Tensor

MATRIX = {"input": "A"}
PARTS = {"sections": "indices_or_sections", "indices": "indices_or_sections"}
ALSO: dict[str, dict[str, str]] = {
    "det": MATRIX, "inverse": MATRIX, "matrix_exp": MATRIX, "matrix_power": MATRIX,
    "cholesky_inverse": {"input": "L"}, "cholesky_solve": {"input": "B", "input2": "L"},
    "lu_solve": {"input": "b"}, "triangular_solve": {"input": "b"},
    "orgqr": {"input2": "tau"}, "ormqr": {"input2": "tau", "input3": "other"},
    "hsplit": PARTS, "vsplit": PARTS, "dsplit": PARTS,
    "tensor_split": {"tensor_indices_or_sections": "indices_or_sections"},
    "unsafe_split": {"input": "tensor"},
    "isin": {"element": "elements", "test_element": "test_elements"},
    "resize_as_": {"the_template": "other"}, "map_": {"other": "tensor"},
    "record_stream": {"s": "stream"},
}  # fmt: skip


def also_called(function: Any, names: dict[str, str]) -> Any:
    """The function, which takes these keywords too."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {names.get(k, k): v for k, v in kwargs.items()}
        return function(*args, **kwargs)

    call.names = names  # type: ignore[attr-defined]
    return call


for _name, _names in ALSO.items():
    if _name in EXPORTS:
        EXPORTS[_name] = also_called(EXPORTS[_name], _names)
    if hasattr(Tensor, _name):
        setattr(Tensor, _name, also_called(getattr(Tensor, _name), _names))
