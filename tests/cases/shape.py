"""Rows for shapes and views: the same elements, seen otherwise."""

import numpy as np

from table import NUMBERS, call, case, error

RANGE = r"Dimension out of range"
X = np.zeros((3, 4))


def layouts(m):
    """Arrays of every rank and layout."""
    return [
        m(3, 4), m(), m(1), m(0), m(2, 0, 3), m(4, 3).T, m(6)[::-1], m(6)[::2], m(2, 1, 3),
        m(2, 3, 2).transpose(1, 2, 0), m(3, 4)[1:, ::2], m(7),
    ]  # fmt: skip


def matrices(m):
    """Arrays of at least two dimensions, in every layout."""
    return [
        m(3, 4), m(4, 3), m(1, 1), m(0, 3), m(2, 0), m(4, 3).T, m(6, 2)[::-1], m(6, 4)[::2, ::2],
        m(2, 3, 3), m(2, 3, 2).transpose(1, 2, 0), m(1, 4), m(2, 2, 3, 2),
    ]  # fmt: skip


def cubes(m):
    """Arrays of three dimensions, in every layout."""
    return [
        m(2, 3, 4), m(1, 1, 1), m(2, 0, 3), m(3, 2, 4).transpose(1, 0, 2),
        m(2, 3, 4).transpose(2, 1, 0), m(4, 3, 2)[::-1], m(4, 3, 4)[::2, :, ::2], m(1, 3, 4),
        m(3, 1, 4), m(3, 4, 1), m(2, 2, 2), m(0, 0, 0),
    ]  # fmt: skip


def with_args(name, arrays, *choices, errors, **options):
    """A row: every array with every choice of arguments."""

    @case(name, errors=errors, **options)
    def samples(m):
        for x in arrays(m):
            for args in choices:
                yield call(x, *args)


def by_size(name, shape_of, errors, **options):
    """A row: every array with arguments computed from it."""

    @case(name, errors=errors, **options)
    def samples(m):
        for x in layouts(m):
            yield call(x, *shape_of(x))


BAD_SIZES = [
    error(X, (5, -1), match=r"shape '\[5, -1\]' is invalid for input of size 12"),
    error(X, (-1, -1), match="only one dimension can be inferred"),
    error(X, (-2, 6), match="invalid shape dimension -2"),
    error(np.zeros(0), (0, -1), match="cannot reshape tensor of 0 elements"),
]
by_size("reshape", lambda x: ((x.size, 1),), BAD_SIZES, dtypes=NUMBERS)
by_size("Tensor.reshape", lambda x: (1, x.size), BAD_SIZES)
by_size("Tensor.reshape_as", lambda x: (np.zeros((1, x.size)),), [
    error(X, np.zeros(5), match="invalid for input of size 12"),
    error(X, np.zeros(()), match="invalid for input of size 12"),
])  # fmt: skip


@case(
    "Tensor.view",
    errors=[
        *BAD_SIZES,
        error(np.zeros((4, 3)).T, -1, match=r"not compatible.*Use \.reshape"),
        error(np.zeros((4, 3)).T, 12, match=r"axes 0 and 1 do not follow each other"),
    ],
)
def view(m):
    x = m(3, 4)
    for size in ((12,), (-1,), ((2, 6),), (2, -1), (2, 3, 2), (1, 3, 4, 1), (3, 4)):
        yield call(x, *size)
    yield call(m(), 1)
    yield call(m(1), ())
    yield call(m(0), 3, 0)
    yield call(m(6)[::2], 3, 1)
    yield call(m(2, 3, 2).transpose(2, 0, 1), 2, 2, 3, 1)
    yield call(m(6, 4)[::2], 3, 2, 2)
    yield call(m(3, 4), "dtype:int32")
    yield call(m(2, 8), "dtype:uint8")


@case("Tensor.view_as", errors=[
    error(X, np.zeros(5), match="invalid for input of size 12"),
    error(np.zeros((4, 3)).T, np.zeros(12), match="not compatible"),
])  # fmt: skip
def view_as(m):
    for shape in ((12,), (2, 6), (6, 2), (1, 12), (12, 1), (2, 3, 2), (3, 4), (4, 3), (1, 3, 4)):
        yield call(m(3, 4), np.zeros(shape))
    yield call(m(), np.zeros(1))
    yield call(m(0), np.zeros((0, 2)))
    yield call(m(6)[::2], np.zeros((3, 1)))


with_args("flatten", layouts, (), errors=[
    error(X, 1, 0, match="start_dim cannot come after end_dim"),
    error(X, 3, kind=IndexError, match=RANGE),
])  # fmt: skip
with_args("Tensor.flatten", cubes, (1,), (0, 1), (-2, -1), errors=[
    error(X, 2, kind=IndexError, match=RANGE), error(X, 0, -3, kind=IndexError, match=RANGE),
])  # fmt: skip
with_args("ravel", layouts, (), errors=[
    error(X, 1, kind=TypeError, match="argument"), error(kind=TypeError, match="argument"),
])  # fmt: skip


@case("unflatten", errors=[
    error(X, 1, (3, 2), match="don't multiply up to the size of dim 1"),
    error(X, 1, (), match="sizes must be non-empty"),
    error(X, 2, (2, 2), kind=IndexError, match=RANGE),
])  # fmt: skip
def unflatten(m):
    for sizes in ((2, 2), (4,), (1, 4), (4, 1), (-1, 2), (2, -1), (1, 2, 2)):
        yield call(m(3, 4), 1, sizes)
    yield call(m(6)[::-1], 0, (2, 3))
    yield call(m(12)[::2], -1, (3, 2))
    yield call(m(4, 3).T, 1, (2, 2))
    yield call(m(0), 0, (0, 3))
    yield call(m(2, 6, 2), 1, (3, -1))


with_args("squeeze", layouts, (), errors=[
    error(X, 2, kind=IndexError, match=RANGE), error(X, -3, kind=IndexError, match=RANGE),
])  # fmt: skip
with_args("Tensor.squeeze", cubes, (0,), (-1,), ((0, 2),), ((1,),), errors=[
    error(X, (0, 5), kind=IndexError, match=RANGE), error(X, (0, 0), match="more than once"),
])  # fmt: skip
with_args("unsqueeze", layouts, (0,), (-1,), errors=[
    error(X, 3, kind=IndexError, match=RANGE), error(X, -4, kind=IndexError, match=RANGE),
])  # fmt: skip
NONE = [
    error(3.5, kind=AttributeError, match="ndim"),
    error("a", kind=AttributeError, match="ndim"),
]
for _name in ("atleast_1d", "atleast_2d", "atleast_3d"):
    with_args(_name, layouts, (), errors=NONE)

# ---- order of dimensions

with_args("permute", cubes, ((2, 0, 1),), ((0, -1, 1),), errors=[
    error(X, (0, 0), match="duplicate dims"),
    error(X, (0,), match="does not match the length of the desired ordering"),
    error(X, (0, 2), kind=IndexError, match=RANGE),
])  # fmt: skip
with_args("Tensor.permute", cubes, (2, 0, 1), errors=[
    error(X, 0, 0, match="duplicate dims"), error(X, 0, match="does not match the length"),
])  # fmt: skip
SWAP = [error(X, 0, 2, kind=IndexError, match=RANGE), error(X, -3, 0, kind=IndexError, match=RANGE)]
for _name in ("transpose", "swapaxes", "swapdims"):
    with_args(_name, matrices, (0, 1), errors=SWAP)
with_args("t", lambda m: [x for x in layouts(m) if x.ndim < 3] + matrices(m)[:5], (), errors=[
    error(np.zeros((2, 2, 2)), match="expects a tensor with <= 2 dimensions"),
    error(np.zeros((1, 2, 2)), match="self is 3D"),
])  # fmt: skip
for _name in ("Tensor.mT", "Tensor.mH", "adjoint"):
    with_args(_name, matrices, (), errors=[
        error(np.zeros(2), match="only supported on matrices or batches"),
        error(np.zeros(()), match="Got 0-D tensor"),
    ])  # fmt: skip


def two_dims(m):
    return [x for x in matrices(m) if x.ndim == 2] + [m(2, 5), m(5, 1), m(1, 5), m(5, 5), m(2, 2)]


with_args(
    "Tensor.T",
    two_dims,
    (),
    errors=[
        error(3, kind=AttributeError, match="'T'"),
        error("a", kind=AttributeError, match="'T'"),
    ],
)
with_args(
    "Tensor.H",
    two_dims,
    (),
    errors=[
        error(np.zeros((2, 2, 2)), match="consider using tensor.mH"),
        error(np.zeros(2), match="only supported on matrices"),
    ],
)
for _name in ("movedim", "moveaxis"):
    with_args(_name, cubes, (0, -1), ((0, 2), (1, 0)), errors=[
        error(X, (0, 1), (0,), match="should contain the same number of dims"),
        error(X, (0, 0), (0, 1), match="repeated dim in `source`"),
        error(X, 0, 2, kind=IndexError, match=RANGE),
    ])  # fmt: skip

# ---- repetition

EXPAND = [
    error(X, (3, 5), match=r"expanded size of the tensor \(5\) must match the existing size \(4\)"),
    error(X, (4,), match="must be greater or equal to the number of dimensions"),
    error(X, (-1, 3, 4), match="isn't allowed in a leading, non-existing dimension 0"),
]


def expansions(m):
    for shape, size in (
        ((3, 1), (3, 4)), ((1,), (5,)), ((), (2, 2)), ((1, 3), (-1, 3)), ((1, 3), (4, -1)),
        ((3,), (2, 3)), ((3, 1), (2, -1, 2)), ((0,), (2, 0)), ((1,), (0,)), ((2, 1, 3), (2, 2, 3)),
    ):  # fmt: skip
        yield call(m(*shape), size)
    yield call(m(3, 1).T, (2, 3))
    yield call(m(3)[::-1], (2, 3))


for _name in ("Tensor.expand", "broadcast_to", "expand_copy"):
    case(_name, errors=EXPAND)(expansions)


@case("Tensor.expand_as", errors=[
    error(X, np.zeros((3, 5)), match="expanded size"), error(X, np.zeros(4), match="number of"),
])  # fmt: skip
def expand_as(m):
    for sample in expansions(m):
        shape = np.broadcast_shapes(sample.args[0].shape, [max(n, 1) for n in sample.args[1]])
        if -1 not in sample.args[1] and 0 not in sample.args[1]:
            yield call(sample.args[0], np.zeros(shape))
    for shape in ((1, 1), (1, 4), (3, 1), (3, 4), (4,), (1,), ()):
        yield call(m(*shape), np.zeros((3, 4)))


@case("broadcast_tensors", errors=[
    error(X, np.zeros(3), match="axis -1 has 4 and 3"),
    error(X, np.zeros((2, 4)), match="axis -2 has 3 and 2"),
])  # fmt: skip
def broadcast_tensors(m):
    for shapes in (
        ((3, 1), (4,)), ((2,), (2,)), ((), (3,)), ((1,), (0,)), ((2, 1, 3), (4, 1)), ((3,),),
        ((1, 1), (1, 1)), ((3, 1), (1, 3), (1,)), ((2, 2), ()), ((0, 1), (1, 3)),
    ):  # fmt: skip
        yield call(*(m(*s) for s in shapes))
    yield call(m(4, 3).T, m(4))
    yield call(m(6)[::-1], m(2, 1))


REPEAT = [
    error(X, (2,), match="can not be smaller than number of dimensions"),
    error(X, (-1, 1), match="negative dimension"),
]
with_args("Tensor.repeat", matrices, (2, 1, 1, 2), errors=REPEAT)
with_args("tile", layouts, ((2,),), ((2, 1, 2),), errors=[
    error(X, (-1, 1), match="negative dimension"), error(X, ("a",), kind=TypeError, match="ints"),
])  # fmt: skip


@case("Tensor.sum_to_size", errors=[
    error(X, (2, 4), match="is not expandable to size"),
    error(X, (1, 1, 3, 4), match="is not expandable to size"),
])  # fmt: skip
def sum_to_size(m):
    for size in ((1, 4), (3, 1), (1, 1), (4,), (1,), (), (3, 4)):
        yield call(m(3, 4), size)
    yield call(m(), ())
    yield call(m(2, 0), (1, 0))
    yield call(m(2, 0), (2, 1))
    yield call(m(4, 3).T, (1, 4))
    yield call(m(6)[::-1], (1,))


@case("repeat_interleave", errors=[
    error(X, -1, match="Repeats must be non-negative"),
    error(X, 2, 2, kind=IndexError, match=RANGE),
])  # fmt: skip
def repeat_interleave(m):
    for x in layouts(m):
        yield call(x, 2)
    yield call(m(3, 4), 2, 1)
    yield call(m(3, 4), 0, 0)
    yield call(m(3, 4), m.index(3, size=3), 0)
    yield call(m(3, 4), m.index(4, size=3), -1)
    yield call(m(3, 4), m.index(1, size=3), 0)


# ---- views with arithmetic of their own

DIAGONAL = [
    error(X, 0, 0, 0, match="diagonal dimensions cannot be identical"),
    error(X, 0, 0, 2, kind=IndexError, match=RANGE),
]
for _name in ("diagonal", "diagonal_copy"):
    with_args(_name, matrices, (), (1,), (-1, 1, 0), (9,), errors=DIAGONAL)
with_args("diag_embed", lambda m: [x for x in layouts(m) if x.ndim], (), (1,), (-2, 0, -1), errors=[
    error(X, 0, 1, 1, match="diagonal dimensions cannot be identical"),
    error(X, 0, 0, 3, kind=IndexError, match=RANGE),
])  # fmt: skip
with_args("diag", lambda m: [x for x in layouts(m) if x.ndim in (1, 2)], (), (1,), (-2,), errors=[
    error(np.zeros((2, 2, 2)), match=r"Supports 1D or 2D tensors\. Got 3D"),
    error(np.zeros(()), match="Got 0D"),
])  # fmt: skip
with_args("diagflat", layouts, (), (1,), errors=[
    error(X, "a", kind=(TypeError, ValueError), match="a"), error(kind=TypeError, match="argument"),
])  # fmt: skip
UNFOLD = [
    error(X, 0, 4, 1, match="maximum size for tensor at dimension 0 is 3 but size is 4"),
    error(X, 0, 2, 0, match="step is 0 but must be > 0"),
    error(X, 0, -1, 1, match="size is -1 but must be >= 0"),
]
for _name in ("Tensor.unfold", "unfold_copy"):
    with_args(_name, lambda m: [m(6), m(6)[::-1], m(12)[::2], m(6, 2), m(2, 6).T, m(5, 3)],
              (0, 3, 1), (0, 2, 2), (0, 1, 3), errors=UNFOLD)  # fmt: skip

STRIDED = [
    error(X, (2, 2), (100, 1), match="out of bounds for storage of size"),
    error(X, (2,), (1, 1), match="mismatch in length of strides and shape"),
    error(X, (2,), (-1,), match="Negative strides are not supported"),
    error(X, (2,), (1,), -1, match="invalid storage offset -1"),
]
for _name in ("as_strided", "as_strided_copy"):

    @case(_name, errors=STRIDED)
    def as_strided(m):
        for size, stride, offset in (
            ((2, 2), (4, 1), 0), ((3, 3), (1, 1), 0), ((4,), (0,), 5), ((), (), 3), ((0,), (1,), 0),
            ((2, 3, 2), (1, 2, 3), 1), ((12,), (1,), 0), ((3,), (5,), 1), ((2, 2), (1, 4), 2),
            ((1, 5), (9, 2), 3), ((2, 1), (6, 1), 4), ((4, 3), (1, 4), 0),
        ):  # fmt: skip
            yield call(m(3, 4), size, stride, offset)


PARTS = [
    error(X, 0, 2, 2, match=r"start \(2\) \+ length \(2\) exceeds dimension size \(3\)"),
    error(X, 0, 0, -1, match="length must be non-negative"),
    error(X, 2, 0, 1, kind=IndexError, match=RANGE),
]
for _name in ("narrow", "narrow_copy"):
    with_args(_name, matrices, (-1, 0, 0), errors=PARTS)
with_args("Tensor.narrow", lambda m: [m(5), m(5, 2), m(10)[::2], m(5)[::-1]], (0, 1, 3), (0, -2, 2),
          (0, 5, 0), errors=PARTS)  # fmt: skip
SELECT = [
    error(X, 0, 3, kind=IndexError, match="index 3 out of range for tensor of size"),
    error(np.zeros(()), 0, 0, kind=IndexError, match="cannot be applied to a 0-dim tensor"),
    error(X, 2, 0, kind=IndexError, match=RANGE),
]
for _name in ("select", "select_copy"):
    with_args(_name, lambda m: [x for x in cubes(m) if 0 not in x.shape] + [m(3), m(3)[::-1]],
              (0, 0), (-1, -1), errors=SELECT)  # fmt: skip
with_args("slice_copy", lambda m: [m(5), m(5, 2), m(10)[::2], m(5)[::-1]], (0, 1, 4), (0, None, 3),
          (0, -3, 9, 2), errors=[error(X, 0, 0, 2, -1, match="slice step must be positive"),
                                 error(X, 2, kind=IndexError, match=RANGE)])  # fmt: skip

FIT = "expected src to have a size equal to the slice of self"


@case("select_scatter", errors=[
    error(X, np.zeros(3), 0, 0, match=FIT), error(X, np.zeros(4), 0, 3, kind=IndexError, match="3"),
])  # fmt: skip
def select_scatter(m):
    for x in [x for x in cubes(m) if 0 not in x.shape] + [m(3, 4), m(3)]:
        yield call(x, m(*x.shape[1:]), 0, 0)
        yield call(x, m(*x.shape[:-1]), -1, -1)


@case("slice_scatter", errors=[
    error(X, np.zeros((3, 4)), 0, 0, 2, match=FIT), error(X, X, 2, kind=IndexError, match=RANGE),
])  # fmt: skip
def slice_scatter(m):
    for x in matrices(m):
        n = x.shape[0]
        yield call(x, m(len(range(0, n, 2)), *x.shape[1:]), 0, 0, n, 2)


@case("diagonal_scatter", errors=[
    error(X, np.zeros(2), match=FIT),
    error(X, np.zeros(3), 0, 1, 1, match="cannot be identical"),
])  # fmt: skip
def diagonal_scatter(m):
    for x in matrices(m):
        yield call(x, m(*np.diagonal(x).shape))
        yield call(x, m(*np.diagonal(x, 1).shape), 1)


@case("as_strided_scatter", errors=[
    error(X, np.zeros(2), (2,), (100,), match="out of bounds"),
    error(X, np.zeros(3), (2,), (1,), match=FIT),
], note="torch's gradient of input is g where it was overwritten, and 0 elsewhere: not tested",
   grad=False)  # fmt: skip
def as_strided_scatter(m):
    for size, stride, offset in (
        ((2, 2), (4, 1), 0), ((), (), 3), ((0,), (1,), 0), ((12,), (1,), 0), ((3,), (5,), 1),
        ((2, 2), (1, 4), 2), ((1, 5), (9, 2), 2), ((2, 1), (6, 1), 4), ((4, 3), (1, 4), 0),
        ((2,), (3,), 0), ((2,), (11,), 0), ((1, 1, 1), (1, 1, 1), 11),
    ):  # fmt: skip
        yield call(m(3, 4), m(*size), size, stride, offset)


for _name, _args in (("permute_copy", ((2, 1, 0),)), ("transpose_copy", (0, 2)),
                     ("squeeze_copy", (1,)), ("unsqueeze_copy", (1,))):  # fmt: skip
    with_args(_name, cubes, _args, errors=[
        error(X, 7, 7, kind=(IndexError, TypeError), match="."),
        error(X, 7, kind=(IndexError, TypeError, RuntimeError), match="."),
    ])  # fmt: skip
with_args("t_copy", lambda m: [x for x in layouts(m) if x.ndim < 3] + matrices(m)[:5], (), errors=[
    error(np.zeros((2, 2, 2)), match="expects a tensor with <= 2 dimensions"),
    error(np.zeros((1, 2, 2)), match="self is 3D"),
])  # fmt: skip
with_args("alias_copy", layouts, (), errors=[
    error(X, 1, kind=TypeError, match="argument"), error(kind=TypeError, match="argument"),
])  # fmt: skip
by_size("view_copy", lambda x: (x.shape,), [
    error(X, (5,), match="invalid for input of size 12"), error(X, (-1, -1), match="only one"),
])  # fmt: skip

# ---- elements elsewhere

FLIP = [
    error(X, (0, 0), match="appears multiple times"),
    error(X, (2,), kind=IndexError, match=RANGE),
]
with_args("flip", cubes, ((0,),), ((0, -1),), ((),), errors=FLIP)
with_args("fliplr", matrices, (), errors=[
    error(np.zeros(2), match="must be >= 2-d"), error(np.zeros(()), match="must be >= 2-d"),
])  # fmt: skip
with_args("flipud", matrices, (), errors=[
    error(np.zeros(()), match="must be >= 1-d"), error(np.ones(()), match="must be >= 1-d"),
])  # fmt: skip
with_args("rot90", matrices, (), (2,), (-1, (1, 0)), (4,), errors=[
    error(X, 1, (0, 0), match="rotation dims to be different"),
    error(X, 1, (0,), match="expected total rotation dims == 2"),
])  # fmt: skip
with_args("roll", lambda m: [x for x in layouts(m) if x.ndim], (1,), (-2, 0), ((1, -1), (0, -1)),
          errors=[error(X, (1, 2), match="shifts and dimensions must align"),
                  error(X, 1, 2, kind=IndexError, match=RANGE)])  # fmt: skip
for _name in ("tril", "triu"):
    with_args(_name, matrices, (), (1,), (-2,), (9,), errors=[
        error(np.zeros(2), match="must have at least 2 dimensions"),
        error(np.zeros(()), match="must have at least 2 dimensions"),
    ], dtypes=NUMBERS)  # fmt: skip
for _name in ("tril_indices", "triu_indices"):

    @case(_name, dtypes=("float64",), grad=False, errors=[
        error(-1, 2, match="row must be non-negative"), error(2, -1, match="col must be"),
    ])  # fmt: skip
    def triangle(m):
        for row, col, offset in ((3, 3, 0), (3, 4, 1), (4, 3, -1), (0, 3, 0), (3, 0, 0), (1, 1, 0),
                                 (1, 1, 1), (2, 5, 3), (5, 2, -3), (3, 3, 9), (3, 3, -9),
                                 (2, 2, 1)):  # fmt: skip
            yield call(row, col, offset)


@case("fill", errors=[
    error(X, np.zeros(2), match="0-dim"), error(X, "a", kind=TypeError, match="number"),
])  # fmt: skip
def fill(m):
    for x in layouts(m):
        yield call(x, 2.5)
    yield call(m(3), m())


with_args("constant_pad_nd", lambda m: [x for x in layouts(m) if x.ndim and x.size],
          ((1, 2),), ((-1, 1), 2.5), ((0, 0),), errors=[
    error(X, (1,), match="must be divisible by 2"),
    error(X, (1, 1, 1, 1, 1, 1), match="two times the input dimension"),
])  # fmt: skip
