"""Tensors whose printed form is recorded from torch: edge cases by hand, and random ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

inf, nan = np.inf, np.nan
EDGES: dict[str, Any] = {
    "scalar": 1.5, "whole": 2.0, "int": 3, "true": True, "nan": nan, "inf": -inf, "tiny": 1e-10,
    "bools": [True, False], "empty": [], "whole and inf": [1.0, inf, -inf, nan],
    "only nan": [nan, nan], "zeros": [0.0, -0.0], "fractions": [0.1, -2.25, 100.125],
    "ratio 1000": [1000.0, 1.0], "ratio above 1000": [1001.0, 1.0],
    "fractional ratio": [1000.5, 1.0], "below 1e-4": [9e-5, 1e-4], "at 1e-4": [1e-4, 2e-4],
    "above 1e8": [2e8, 3e8], "at 1e8": [1e8, 1e8], "below 1e8": [99999999.0] * 2,
    "nan and fraction": [nan, 0.5, 3.0], "big ints": [2**62, 1], "negative ints": [-5, 10, 0],
    "half zero": [0.0, 0.5], "rows": [[1.0, 2.5], [-3.0, 4.0]], "cube": [[[1, 2], [3, 4]]] * 2,
    "long line": [0.5] * 30, "exact line": [1.0] * 23, "complex": [1 + 2j, 1e5j],
    "complex whole": [1 - 0j, complex(inf)], "complex nan": complex(nan, 1),
}  # fmt: skip
SETTINGS: list[dict[str, Any]] = [
    {"precision": 2}, {"precision": 8}, {"linewidth": 40}, {"linewidth": 200}, {"edgeitems": 1},
    {"threshold": 10}, {"threshold": 10, "edgeitems": 1}, {"sci_mode": True},
    {"sci_mode": False}, {"profile": "short"}, {"profile": "full"},
]  # fmt: skip
DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int8", "uint8", "bool")
SHAPES = (
    (), (0,), (0, 3), (2, 0), (1,), (5,), (3, 4), (12, 7), (2, 3, 4), (2, 2, 2, 3), (9, 9),
    (1, 1, 1), (31,),
)  # fmt: skip
LONG = ((1001,), (1000,), (40, 40), (3, 400), (400, 3), (8, 8, 8, 8), (1, 1500))


def tensor(torch: Any, array: np.ndarray, dtype: str) -> Any:
    t = torch.from_numpy(array)
    return t if str(t.dtype) == f"torch.{dtype}" else t.to(getattr(torch, dtype))


def texts(torch: Any) -> Iterator[tuple[str, str]]:
    """(name, printed form), with the settings back at their defaults in the end."""
    for name, data in EDGES.items():
        yield name, repr(torch.tensor(data))
    for dtype in DTYPES:
        yield f"{dtype} empty", repr(torch.zeros(0, 2, dtype=getattr(torch, dtype)))
        yield f"{dtype} empty 1-d", repr(torch.zeros(0, dtype=getattr(torch, dtype)))
    random = np.random.RandomState(0)
    for i in range(160):
        dtype = DTYPES[random.randint(len(DTYPES))]
        long = i % 20 == 0
        shape = LONG[(i // 20) % len(LONG)] if long else SHAPES[random.randint(len(SHAPES))]
        scale = 10.0 ** random.randint(-6, 10) if dtype in ("float32", "float64") else 30.0
        array = np.asarray(random.uniform(-1, 1, shape) * scale)
        if random.randint(4) == 0:
            array = np.asarray(array * 10.0 ** random.randint(-3, 3, shape))
        if random.randint(4) == 0:
            array = np.asarray(np.round(array))
        if random.randint(6) == 0 and dtype[0] in "fb" and dtype != "bool":
            array = np.asarray(np.where(random.uniform(size=shape) < 0.3, nan, array))
        if dtype in ("uint8", "bool"):
            array = np.asarray(np.abs(array))
        t = tensor(torch, array, dtype)
        options = SETTINGS[i % len(SETTINGS)] if i % 3 == 0 else {}
        if dtype.startswith(("float", "bfloat")) and i % 4 == 0:
            t.requires_grad_()
            t = t * 1 if i % 8 == 0 else t
        torch.set_printoptions(**options)
        try:
            yield f"random {i} {dtype} {shape} {options}", repr(t)
        finally:
            torch.set_printoptions(profile="default")
