"""Rows for creation and conversion."""

import numpy as np

from table import ALL, FLOATS, NUMBERS, call, case, error

PLAIN = {"dtypes": ("float32",), "grad": False}
NO_SIZE = [
    error(2.5, kind=TypeError, match="must be tuple of ints, not float"),
    error(-1, match="Dimension size must be non-negative"),
    error(2, device="cuda", kind=AssertionError, match="not compiled with CUDA"),
    error(2, dtype="dtype:int64", requires_grad=True, match="floating point"),
]
DTYPES = ("float64", "float16", "bfloat16", "int64", "int32", "uint8", "bool")


def sizes():
    for size in ((), (0,), (3,), (2, 3), (2, 0, 3), (1, 1, 1, 2)):
        yield size
        yield ([*size],)


for _name in ("zeros", "ones"):

    @case(_name, errors=NO_SIZE, **PLAIN)
    def filled(m):
        for size in sizes():
            if size:
                yield call(*size)
        yield call(size=(2, 2))
        for d in DTYPES:
            yield call(2, dtype=f"dtype:{d}")


@case(
    "full",
    errors=[
        error((2,), "a", kind=TypeError, match="fill_value"),
        error((2,), 300, dtype="dtype:uint8", match="without overflow"),
        error((2,), 1e300, match="without overflow"),
        error(2.5, 1, kind=TypeError, match="tuple of ints"),
    ],
    **PLAIN,
)
def full(m):
    for value in (1, 2.5, True, -3, float("nan"), float("inf"), 2j):
        yield call((2, 2), value)
    for d in ("float64", "float16", "bfloat16", "int64", "int32", "bool"):
        yield call((3,), 2.75, dtype=f"dtype:{d}")
    yield call((), 7)
    yield call([0, 2], 7)
    yield call((2,), -1, dtype="dtype:uint8")


@case(
    "eye",
    errors=[
        error(-1, match="n must be greater or equal to 0"),
        error(2, -2, match="m must be greater or equal to 0"),
        error(2.5, kind=TypeError, match="ints"),
    ],
    **PLAIN,
)
def eye(m):
    for size in ((0,), (1,), (3,), (2, 4), (4, 2), (0, 3), (3, 0)):
        yield call(*size)
    for d in DTYPES:
        yield call(2, dtype=f"dtype:{d}")


@case(
    "arange",
    errors=[
        error(1, 5, -1, match="inconsistent with step sign"),
        error(1, 5, 0, match="step must be nonzero"),
        error(0, float("nan"), match="unsupported range"),
        error(3, dtype="dtype:bool", kind=NotImplementedError, match="not implemented"),
    ],
    **PLAIN,
)
def arange(m):
    yield call(5)
    yield call(5.0)
    yield call(0)
    yield call(1, 5)
    yield call(1, 5, 2)
    yield call(5, 1, -1)
    yield call(1, 2, 0.25)
    yield call(0, 1, 0.1)
    yield call(0.3, 7.7, 0.37)
    yield call(-3.3, 40.1, 0.71, dtype="dtype:float64")
    yield call(9.1, -3, -0.3, dtype="dtype:float16")
    yield call(9.1, -3, -0.3, dtype="dtype:bfloat16")
    yield call(2.5, dtype="dtype:int64")
    yield call(0.5, 6.5, 2, dtype="dtype:int32")
    yield call(0, 10, 3, dtype="dtype:uint8")
    yield call(0, -5, -1, dtype="dtype:int8")
    yield call(start=1, end=4)
    yield call(end=3, step=2)


@case(
    "linspace",
    errors=[
        error(0, 1, -1, match="number of steps must be non-negative"),
        error(0, 1, 2.5, kind=TypeError, match="ints"),
        error(0, 1, 3, dtype="dtype:bool", kind=NotImplementedError, match="not implemented"),
    ],
    **PLAIN,
)
def linspace(m):
    for steps in (0, 1, 2, 3, 5, 18, 37):
        yield call(-1.3, 2.9, steps)
    for d in ("float64", "float16", "bfloat16", "int64", "int32", "uint8"):
        yield call(3, 11, 12, dtype=f"dtype:{d}")
    yield call(-3, 10, 7, dtype="dtype:int64")
    yield call(10, -3.5, 9)
    yield call(2, 2, 3)


@case(
    "logspace",
    errors=[
        error(0, 1, -1, match="number of steps must be non-negative"),
        error(0, 1, 3, dtype="dtype:bool", kind=NotImplementedError, match="not implemented"),
    ],
    **PLAIN,
)
def logspace(m):
    for steps in (0, 1, 2, 3, 5, 18):
        yield call(-1.3, 1.9, steps)
    yield call(0, 2, 3, base=2)
    yield call(0, 2, 3, 3.5)
    yield call(0, 2, 5, dtype="dtype:int64")
    yield call(0, 3, 4, base=2, dtype="dtype:int32")
    yield call(-1, 2, 7, dtype="dtype:float64")
    yield call(2, -1, 7, base=3.0)


def arrays(m):
    """Dense, empty, 0-d, strided, transposed."""
    yield m(3, 4)
    yield m()
    yield m(0)
    yield m(2, 0, 3)
    yield m(4, 3).T
    yield m(2, 3, 4).transpose(2, 0, 1)
    yield m(6)[::2]
    yield m(3, 6)[:, 1:4]


NOT_TENSOR = [
    error([1], kind=TypeError, match="must be Tensor, not list"),
    error(np.zeros(2), device="cuda", kind=AssertionError, match="CUDA"),
]
for _name in ("zeros_like", "ones_like"):

    @case(_name, dtypes=ALL, grad=False, errors=NOT_TENSOR)
    def filled_like(m):
        for x in arrays(m):
            yield call(x)
        for d in ("float64", "int64", "bool", "float16"):
            yield call(m(2, 3), dtype=f"dtype:{d}")
        yield call(m(2, 3).T, memory_format="dtype:contiguous_format")


@case(
    "full_like",
    dtypes=NUMBERS,
    grad=False,
    errors=[
        error([1], 2, kind=TypeError, match="must be Tensor, not list"),
        error(np.zeros(2), "a", kind=TypeError, match="must be Number"),
    ],
)
def full_like(m):
    for x in arrays(m):
        yield call(x, 3)
    yield call(m(2), 2.5)
    yield call(m(2), True)
    yield call(m(2), -1, dtype="dtype:uint8")
    yield call(m(2), 7, dtype="dtype:bool")


@case(
    "scalar_tensor",
    errors=[
        error("a", kind=TypeError, match="number"),
        error(300, dtype="dtype:uint8", match="without overflow"),
        error(1e300, match="without overflow"),
        error(2j, match="without overflow"),
    ],
    **PLAIN,
)
def scalar_tensor(m):
    for value in (0, 3, -2.5, True, float("inf"), float("nan"), 1e30, -0.0):
        yield call(value)
    for d in ("float64", "int64", "bool", "bfloat16"):
        yield call(2.5, dtype=f"dtype:{d}")


# ---- copies and casts ------------------------------------------------------------------------

WRONG_FORMAT = [
    error(np.zeros((2, 3)), memory_format="dtype:channels_last", match="required rank 4"),
    error(np.zeros((2, 3)), memory_format="dtype:channels_last_3d", match="required rank 5"),
]


@case("clone", dtypes=ALL, errors=WRONG_FORMAT)
def clone(m):
    for x in arrays(m):
        yield call(x)
    yield call(m(6)[::-1])
    yield call(np.broadcast_to(m(3, 1), (3, 2)).copy())
    yield call(m(4, 3).T, memory_format="dtype:contiguous_format")
    yield call(m(2, 3, 2, 2), memory_format="dtype:channels_last")


@case("Tensor.contiguous", dtypes=ALL, errors=WRONG_FORMAT)
def contiguous(m):
    for x in arrays(m):
        yield call(x)
    yield call(m(6)[::-1])
    yield call(m(2, 3, 4).T)
    yield call(m(2, 3, 2, 2), memory_format="dtype:channels_last")
    yield call(m(2, 3, 2, 2, 1), memory_format="dtype:channels_last_3d")


@case(
    "Tensor.to",
    dtypes=ALL,
    second=False,
    errors=[
        error(np.zeros(2), "cuda", kind=AssertionError, match="not compiled with CUDA"),
        error(np.zeros(2), "float32", match="Invalid device string"),
        error(np.zeros(2), device="cuda:0", kind=AssertionError, match="CUDA"),
    ],
    differences=False,
)
def to(m):
    for d in ("float64", "float32", "int64", "int32", "int8", "uint8", "bool"):
        yield call(m(3, 4), f"dtype:{d}")
    yield call(m(4, 3).T, "dtype:float64")
    yield call(m(), "dtype:float32")
    yield call(m(0), "dtype:float32")
    yield call(m(3), "cpu")
    yield call(m(3), "cpu", "dtype:float64")
    yield call(m(3), dtype="dtype:float64", copy=True)
    yield call(m(3), "dtype:float64", False, True)
    if m.floating:
        yield call(m.array([1.7, -1.7, 300.4, np.nan]), "dtype:int64")
        yield call(m.array([1.7, -1.7, 300.4, np.nan]), "dtype:uint8")
        yield call(m.array([1.7, -1.7, 300.4, np.nan, np.inf]), "dtype:bool")


for _name in (
    "float",
    "double",
    "half",
    "bfloat16",
    "int",
    "long",
    "short",
    "char",
    "byte",
    "bool",
):

    @case(
        f"Tensor.{_name}",
        dtypes=ALL,
        grad=_name in ("float", "double"),
        second=False,
        differences=False,
        errors=WRONG_FORMAT,
    )
    def cast(m):
        for x in arrays(m):
            yield call(x)
        yield call(m(6)[::-1])
        yield call(m(2, 3, 4).T)
        yield call(m(3, low=-200, high=200))
        yield call(m(1), memory_format="dtype:preserve_format")


@case(
    "Tensor.type_as",
    dtypes=FLOATS,
    second=False,
    differences=False,
    errors=[
        error(np.zeros(2), 3, kind=(AttributeError, TypeError), match="int"),
        error(np.zeros(2), "a", kind=(AttributeError, TypeError), match="str"),
    ],
)
def type_as(m):
    for x in arrays(m):
        yield call(x, np.zeros(1))
    for d in (np.float32, np.int64, np.bool_, np.uint8):
        yield call(m(2, 3), np.zeros(1, d))


@case(
    "vander",
    dtypes=NUMBERS,
    grad=False,
    note="torch 2.13 cannot differentiate its own; gradients are checked in test_creation",
    errors=[
        error(np.zeros((2, 2)), match="one-dimensional"),
        error(np.zeros(2), -1, match="non-negative"),
    ],
)
def vander(m):
    for n in (0, 1, 3, 5):
        yield call(m(n))
    for count in (0, 1, 2, 5):
        yield call(m(3), count)
        yield call(m(3), N=count, increasing=True)
    yield call(m(6)[::2], 3)
    yield call(m(4)[::-1], 3)
    yield call(m.array([0, 1, -1, 2]), 4, True)
