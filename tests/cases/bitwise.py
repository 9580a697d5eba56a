"""Rows for operations on bits."""

import numpy as np

from samples import one, two
from table import call, case, error

FLOAT = [error(np.zeros(3), np.zeros(3), match="only implemented on|not implemented")]
WHOLE = [
    error(np.zeros((2, 3), int), np.zeros(4, int), match=r"axis -1 has 3 and 4"),
    error(2, 3, kind=TypeError, match="expected a Tensor"),
]

for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):

    @case(_name, dtypes=("int64", "bool"), grad=False, errors=FLOAT + WHOLE,
          reference=getattr(np, _name))  # fmt: skip
    def bits(m):
        yield from two(m, -9, 9)
        yield call(m(4), 3)
        yield call(m(4), True)


for _name in ("bitwise_left_shift", "bitwise_right_shift"):

    @case(_name, dtypes=("int64", "int32"), grad=False, errors=FLOAT + WHOLE)
    def shift(m):
        yield from two(m, -9, 9, 0, 6)
        yield call(m(4), 2)
        yield call(m.array([1, -1, 8, -8]), m.array([40, 31, 3, 1]))


@case("bitwise_not", dtypes=("int64", "bool"), grad=False, reference=np.bitwise_not, errors=[
    error(np.zeros(3), match="only implemented on|not implemented"),
    error("a", kind=TypeError, match="number or a tensor"),
])  # fmt: skip
def bitwise_not(m):
    yield from one(m, -9, 9)
