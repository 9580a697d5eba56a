"""Rows for activations: values around every kink, every layout, and the arguments of each."""

import numpy as np

from table import FLOATS, NUMBERS, call, case, const, error

NOT_LONG = error(np.arange(3), match="not implemented for 'Long'")
NO_NAME = error(np.zeros(2), none_such=1, kind=TypeError, match="none_such")


def around(m, *kinks, **options):
    """Calls on 0-d, empty and strided arrays, ordinary and extreme values."""
    yield call(m(3, 4), **options)
    yield call(m(), **options)
    yield call(m(0), **options)
    yield call(m(0, 3), **options)
    yield call(m(2, 3, 4), **options)
    yield call(m(4, 3).T, **options)
    yield call(m(6)[::-1], **options)
    yield call(m(8)[::2], **options)
    yield call(m(3, 1, 2), **options)
    yield call(m(5, low=-30, high=30), **options)
    yield call(m(5, low=-1e-3, high=1e-3), **options)
    yield call(m(7, low=-8, high=8), **options)
    if kinks and m.floating:
        yield call(m.array(kinks), **options)


def row(name, *kinks, dtypes=FLOATS, errors=(), variants=({},), **options):
    def samples(m):
        for variant in variants:
            yield from around(m, *kinks, **variant)

    errors = (*errors, *((NOT_LONG,) if dtypes == FLOATS else ()), NO_NAME)
    case(f"nn.functional.{name}", dtypes=dtypes, errors=errors, differences=not kinks, **options)(
        samples
    )


BOOL = error(np.zeros(2, bool), match="(?i)bool")
row("relu", 0.0, -0.0, np.inf, -np.inf, np.nan, dtypes=NUMBERS, errors=[BOOL])
row("relu6", 0.0, 6.0, np.inf, -np.inf, dtypes=NUMBERS, errors=[BOOL])
row("leaky_relu", 0.0, np.inf, -np.inf, variants=({}, {"negative_slope": 0.3}))
row("elu", 0.0, np.inf, -np.inf, variants=({}, {"alpha": 0.5}))
row("selu", 0.0, np.inf, -np.inf)
row("celu", 0.0, np.inf, -np.inf, variants=({}, {"alpha": 0.5}))
row(
    "gelu",
    variants=({}, {"approximate": "tanh"}),
    errors=[error(np.zeros(2), approximate="x", match="none or tanh")],
)
row("silu")
row("mish")
row("softplus", variants=({}, {"beta": 2.0}, {"threshold": 5.0}))
row("softsign", dtypes=FLOATS[:1], errors=[
    error("a", kind=(TypeError, AttributeError), match="str"),
])  # fmt: skip
row(
    "softshrink",
    0.5,
    -0.5,
    0.0,
    variants=({}, {"lambd": 1.0}),
    errors=[error(np.zeros(2), -1.0, match="greater or equal to 0")],
)
row("hardshrink", 0.5, -0.5, 0.0, variants=({}, {"lambd": 1.0}))
row(
    "hardtanh",
    1.0,
    -1.0,
    0.0,
    dtypes=NUMBERS,
    variants=({}, {"min_val": -2, "max_val": 2}),
    errors=[error(np.zeros(2), 1.0, -1.0, kind=ValueError, match="cannot be greater")],
)
row("hardsigmoid", 3.0, -3.0, 0.0, rtol=5e-3, note="torch rounds 1/6 to float32 in float64 too")
row("hardswish", 3.0, -3.0, 0.0)
row("logsigmoid")


@case(
    "nn.functional.threshold",
    dtypes=NUMBERS,
    differences=False,
    errors=[
        error(np.zeros(2), kind=TypeError, match="threshold"),
        error(np.zeros(2), 1, kind=TypeError, match="value"),
    ],
)
def threshold(m):
    for sample in around(m, 1.0, 0.0):
        yield call(*sample.args, 1, 9)


@case(
    "nn.functional.prelu",
    differences=False,
    errors=[
        error(np.zeros((2, 3)), np.zeros(2), match="parameter numbers"),
        error(np.zeros(2), np.zeros(1, np.float32), match="(?i)promot|dtype"),
    ],
)
def prelu(m):
    yield call(m(2, 3), m(3))
    yield call(m(2, 3), m(1))
    yield call(m(2, 3, 4), m(3))
    yield call(m(2, 3, 4), m(1))
    yield call(m(2, 3, 2, 2), m(3))
    yield call(m(5), m(1))
    yield call(m(0, 3), m(3))
    yield call(m(3, 2).T, m(3))
    yield call(m(4, 3)[::2], m(3))
    yield call(m(4, 3)[::-1], m(1))
    yield call(m.array([[0.0, -1.0, 1.0]]), m(3))
    yield call(m(1, 1), m(1))


@case(
    "nn.functional.glu",
    errors=[
        error(np.zeros(3), match="must be even"),
        error(np.zeros((2, 2)), 4, kind=IndexError, match="Dimension out of range"),
    ],
)
def glu(m):
    for shape in ((4,), (2, 4), (3, 2), (2, 3, 6), (0, 4), (1, 2)):
        yield call(m(*shape))
        yield call(m(*shape[::-1]) if shape[0] % 2 else m(*shape), -1 if len(shape) < 2 else 0)


@case(
    "nn.functional.softmin",
    errors=[
        error(np.zeros(3), 1, kind=IndexError, match="Dimension out of range"),
        error(np.arange(3), 0, match="not implemented for 'Long'"),
    ],
)
def softmin(m):
    for shape in ((3,), (2, 3), (2, 1, 3), (0, 3), (), (4, 2)):
        yield call(m(*shape), 0)
        yield call(m(*shape), -1)


@case(
    "nn.functional.dropout",
    differences=False,
    errors=[
        error(np.zeros(2), 1.5, kind=ValueError, match="between 0 and 1"),
        error(np.zeros(2), -0.5, kind=ValueError, match="between 0 and 1"),
    ],
    note="with training the values are those of the generator: see test_random",
)
def dropout(m):
    for shape in ((3,), (2, 3), (2, 1, 3), (0, 3), (), (4, 2)):
        yield call(m(*shape), 0.5, False)
        yield call(m(*shape), 0.0)


@case(
    "nn.functional.one_hot",
    dtypes=("int64",),
    grad=False,
    errors=[
        error(const(np.array([0, -1])), match="non-negative"),
        error(const(np.array([0, 3])), 3, match="smaller than num_classes"),
        error(const(np.zeros(0, np.int64)), match="empty"),
    ],
)
def one_hot(m):
    for shape in ((3,), (2, 3), (), (1,), (4, 2), (2, 1, 2)):
        yield call(m.index(*shape, size=4))
        yield call(m.index(*shape, size=4), 5)
