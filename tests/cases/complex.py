"""Rows for the parts of numbers, real and complex."""

import numpy as np

from samples import NO_NUMBERS, one, two
from table import ALL, FLOATS, case, const, error

ODD = [0.0, -0.0, np.inf, -np.inf, np.nan]


@case("angle", dtypes=ALL, differences=False, errors=NO_NUMBERS)
def angle(m):
    yield from one(m, corners=ODD if m.floating else ())


NOT_TENSOR = [error("a", kind=(TypeError, AttributeError), match="str"),
              error(None, kind=(TypeError, AttributeError), match="NoneType")]  # fmt: skip
for _name in ("real", "conj", "conj_physical"):

    @case(_name, dtypes=ALL, errors=NOT_TENSOR)
    def itself(m):
        yield from one(m, corners=ODD if m.floating else ())


for _name in ("complex", "polar"):

    @case(_name, dtypes=FLOATS, errors=[
        error(np.arange(3), np.arange(3), match="Expected both inputs to be Half, Float or Double"),
        error(np.zeros((2, 3)), np.zeros(4), match=r"axis -1 has 3 and 4"),
    ])  # fmt: skip
    def pairs(m):
        yield from two(m, 0.2, 3)


def of_complex(m, *shape):
    """Complex numbers; they are not differentiated here but in test_complex.py."""
    return const(np.asarray(m(*shape) + 1j * m(*shape)))
