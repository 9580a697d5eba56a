"""Rows for products, einsum, solves, determinants, powers and norms."""

import numpy as np

from table import NUMBERS, call, case, const, error

f64 = np.zeros  # the shortest way to an operand


def regular(m, *shape):
    """Well-conditioned square matrices, (..., n, n), with a positive determinant."""
    n = shape[-1]
    return (m(*shape) * 0.3 + 2 * n * np.eye(n)).astype(m.dtype)


STACKS = ((2, 2), (3, 3), (1, 1), (0, 0), (2, 3, 3), (2, 1, 2, 2), (0, 2, 2), (1, 4, 4))


def squares(m):
    """At least twelve stacks of regular matrices, some of them not contiguous."""
    for shape in STACKS:
        yield regular(m, *shape)
    yield regular(m, 3, 3).T
    yield regular(m, 3, 3)[::-1, ::-1]
    yield regular(m, 2, 6, 6)[:, ::2, ::2]
    yield regular(m, 4, 3, 3)[::2]


NOT_SQUARE = error(f64((2, 3)), match="must be batches of square matrices")
NOT_MATRIX = error(f64(3), match="must have at least 2 dimensions")
INTEGERS = error(np.zeros((2, 2), np.int64), match="Expected a floating point or complex tensor")


@case(
    "matmul",
    dtypes=NUMBERS,
    reference=np.matmul,
    errors=[
        error(f64((2, 3)), f64((2, 3)), match=r"cannot be multiplied \(2x3 and 2x3\)"),
        error(f64(3), f64(()), match="at least 1D"),
        error(f64(3), f64(2), match="inconsistent tensor size"),
        error(f64((2, 2), np.float32), f64((2, 2)), match="same dtype"),
    ],
)
def matmul(m):
    yield call(m(2, 3), m(3, 4))
    yield call(m(3), m(3))
    yield call(m(2, 3), m(3))
    yield call(m(3), m(3, 2))
    yield call(m(2, 2, 3), m(3, 4))
    yield call(m(2, 2, 3), m(2, 3, 2))
    yield call(m(2, 1, 2, 3), m(4, 3, 2))
    yield call(m(3), m(2, 3, 2))
    yield call(m(2, 2, 3), m(3))
    yield call(m(2, 3), m(4, 3).T)
    yield call(m(2, 2, 3), m(4, 3).T)
    yield call(m(3, 2).T, m(3, 4)[:, ::-1])
    yield call(m(0, 3), m(3, 2))
    yield call(m(2, 0), m(0, 2))
    yield call(m(2, 0, 3), m(3, 2))
    yield call(m(4, 3)[::2], m(6, 2)[::-2])
    x = m(3, 3)
    yield call(x, x)


@case("Tensor.__matmul__", dtypes=NUMBERS, errors=[
    error(f64((2, 3)), f64((2, 3)), match="cannot be multiplied"),
    error(f64((2, 3)), f64(()), match="at least 1D"),
])  # fmt: skip
def matmul_operator(m):
    for a, b in (((1, 1), (1, 1)), ((2, 3), (3, 2)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)),
                 ((2, 2, 3), (3, 2)), ((2, 2, 3), (2, 3, 1)), ((1, 2, 3), (2, 3, 1)),
                 ((0, 2), (2, 3)), ((2, 0), (0, 3))):  # fmt: skip
        yield call(m(*a), m(*b))
    yield call(m(2, 3), m(5, 3).T)
    yield call(m(3, 2).T, m(4, 3).T)


def pairs(m, x, y):
    """Twelve pairs of shapes (n, k) and (k, l) put through `x` and `y`."""
    for n, k, p in ((1, 1, 1), (2, 3, 4), (3, 3, 3), (1, 4, 1), (4, 1, 4), (0, 2, 3), (2, 0, 3),
                    (2, 3, 0), (5, 2, 1), (2, 2, 2)):  # fmt: skip
        yield x(n, k), y(k, p)
    yield x(3, 2).swapaxes(-1, -2), y(3, 2)
    yield x(2, 3)[..., ::-1], y(6, 2)[..., ::2, :]


@case("mm", dtypes=NUMBERS, errors=[
    error(f64(3), f64((3, 2)), match="self must be a matrix"),
    error(f64((2, 3)), f64((2, 3)), match="cannot be multiplied"),
    error(np.zeros((2, 2), bool), np.zeros((2, 2), bool), match="not implemented for 'Bool'"),
])  # fmt: skip
def mm(m):
    for x, y in pairs(m, m, m):
        yield call(x, y)


@case("bmm", dtypes=NUMBERS, errors=[
    error(f64((2, 3)), f64((2, 3, 2)), match="batch1 must be a 3D tensor"),
    error(f64((3, 2, 2)), f64((2, 2, 2)), match="first two dimensions of batch2"),
])  # fmt: skip
def bmm(m):
    for x, y in pairs(m, lambda *s: m(2, *s), lambda *s: m(2, *s)):
        yield call(x, y)


@case("mv", dtypes=NUMBERS, errors=[
    error(f64((3, 2)), f64(3), match="size mismatch"),
    error(f64(3), f64(3), match="vector"),
])  # fmt: skip
def mv(m):
    for n, k in ((1, 1), (2, 3), (3, 2), (0, 2), (2, 0), (4, 1), (1, 4), (3, 3), (5, 2), (2, 2)):
        yield call(m(n, k), m(k))
    yield call(m(3, 2).T, m(3)[::-1])
    yield call(m(2, 3)[:, ::-1], m(6)[::2])


@case("dot", dtypes=NUMBERS, errors=[
    error(f64(3), f64(2), match="inconsistent tensor size"),
    error(f64((3, 1)), f64(3), match="1D tensors expected"),
    error(f64(3, np.float32), f64(3), match="same dtype"),
])  # fmt: skip
def dot(m):
    for n in (1, 2, 3, 0, 4, 5, 7, 8):
        yield call(m(n), m(n))
    yield call(m(6)[::2], m(3))
    yield call(m(3)[::-1], m(3)[::-1])
    x = m(3)
    yield call(x, x)
    yield call(m(2, 3)[:, 1], m(2))


@case("vdot", dtypes=NUMBERS, errors=[
    error(f64(3), f64(2), match="inconsistent tensor size"),
    error(f64((3, 1)), f64(3), match="1D tensors expected"),
])  # fmt: skip
def vdot(m):
    yield from dot(m)


@case("outer", dtypes=NUMBERS, reference=np.outer, errors=[
    error(f64((3, 3)), f64(3), match="Expected 1-D argument self, but got 2-D"),
    error(f64(3), f64(()), match="Expected 1-D argument vec2, but got 0-D"),
])  # fmt: skip
def outer(m):
    for n, k in ((1, 1), (2, 3), (3, 2), (0, 2), (2, 0), (4, 1), (1, 4), (3, 3), (5, 2)):
        yield call(m(n), m(k))
    yield call(m(6)[::2], m(3)[::-1])
    yield call(m(3, 2)[:, 0], m(2))
    x = m(3)
    yield call(x, x)


@case("inner", dtypes=NUMBERS, reference=np.inner, errors=[
    error(f64((2, 3)), f64((2, 2)), match="last dimension must match"),
    error(f64((2, 3)), f64(4), match="last dimension must match"),
])  # fmt: skip
def inner(m):
    for a, b in (((), ()), ((3,), ()), ((), (2, 3)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)),
                 ((2, 3), (4, 3)), ((2, 2, 3), (4, 3)), ((0, 3), (3,)), ((2, 0), (3, 0)),
                 ((1, 3), (2, 1, 3))):  # fmt: skip
        yield call(m(*a), m(*b))
    yield call(m(3, 2).T, m(6)[::2])


@case("tensordot", dtypes=NUMBERS, errors=[
    error(f64((2, 3)), f64((2, 3)), dims=1, match="contracted dimensions need to match"),
    error(f64((2, 3)), f64((2, 3)), dims=3, match="tensordot expects dims"),
    error(f64((2, 3)), f64((2, 3)), dims=([0], [0, 1]), match="same length"),
])  # fmt: skip
def tensordot(m):
    yield call(m(2, 3), m(2, 3))
    yield call(m(2, 3), m(3, 4), dims=1)
    yield call(m(2), m(3), dims=0)
    yield call(m(2, 3, 4), m(4, 3, 2), dims=([1, 2], [1, 0]))
    yield call(m(2, 3, 4), m(4, 2), dims=([0, 2], [1, 0]))
    yield call(m(2, 3), m(2, 3), dims=([-1], [-1]))
    yield call(m(2, 3), m(2, 3), dims=([0, 1], [0, 1]))
    yield call(m(), m(3), dims=0)
    yield call(m(0, 3), m(3, 2), dims=1)
    yield call(m(3, 0), m(0, 2), dims=1)
    yield call(m(3, 2).T, m(3, 2), dims=1)
    yield call(m(2, 3)[:, ::-1], m(2, 3, 2)[::-1], dims=([0, 1], [0, 1]))


@case("einsum", dtypes=NUMBERS, errors=[
    error("ij,jk", f64((2, 3)), f64((2, 3)), match="subscript j has size 2"),
    error("ij->q", f64((2, 3)), match="output subscript q does not appear"),
    error("ij,jk", f64((2, 3)), match="fewer operands"),
    error("ijk", f64((2, 3)), match="number of subscripts"),
    error("i1", f64((2, 3)), match="invalid subscript"),
])  # fmt: skip
def einsum(m):
    yield call("ij,jk->ik", m(2, 3), m(3, 2))
    yield call("ij,jk", m(2, 3), m(3, 2))
    yield call("ii", m(3, 3))
    yield call("ii->i", m(3, 3))
    yield call("ij->ji", m(2, 3))
    yield call("ij->", m(2, 3))
    yield call("i,j->ij", m(2), m(3))
    yield call("i,i->", m(3), m(3))
    yield call("bij,bjk->bik", m(2, 2, 3), m(2, 3, 2))
    yield call("...ij,...jk->...ik", m(2, 1, 2, 3), m(4, 3, 2))
    yield call("...,...", m(2, 3), m(3))
    yield call("bhid,bhjd->bhij", m(1, 2, 2, 3), m(1, 2, 3, 3))
    yield call("ijk,jil,kl->l", m(2, 3, 2), m(3, 2, 2), m(2, 2))
    yield call("i...->...", m(2, 3))
    yield call("ij,ij->ij", m(2, 3), m(1, 3))
    yield call("iij,jk->ik", m(2, 2, 3), m(3, 2))
    yield call("i,ij,j", m(2), m(2, 3), m(3))
    yield call("ij,jk->ki", m(3, 2).T, m(3, 2)[::-1])
    yield call("ij,jk->ik", m(0, 3), m(3, 2))
    yield call(m(2, 3), [0, 1], m(3, 2), [1, 2], [0, 2])
    yield call("", m())
    x = m(3, 3)
    yield call("ij,jk->ik", x, x)


@case("addmm", dtypes=NUMBERS, errors=[
    error(f64(2), f64((2, 3)), f64((3, 4)), match="must match the existing size"),
    error(f64(4), f64((2, 3)), f64((2, 4)), match="cannot be multiplied"),
])  # fmt: skip
def addmm(m):
    for x, y in pairs(m, m, m):
        yield call(m(x.shape[0], y.shape[1]), x, y)
    yield call(m(4), m(2, 3), m(3, 4), beta=2, alpha=3)
    yield call(m(), m(2, 3), m(3, 4))
    if m.floating:
        yield call(const(m.array([[np.nan] * 2] * 2)), m(2, 2), m(2, 2), beta=0)
        yield call(m(2, 1), m(2, 3), m(3, 4), beta=0.5, alpha=-0.5)


@case("addmv", dtypes=NUMBERS, errors=[
    error(f64(3), f64((2, 3)), f64(3), match="must match the existing size"),
    error(f64(2), f64((2, 3)), f64(2), match="size mismatch"),
])  # fmt: skip
def addmv(m):
    for n, k in ((1, 1), (2, 3), (3, 2), (0, 2), (2, 0), (4, 1), (1, 4), (3, 3)):
        yield call(m(n), m(n, k), m(k))
    yield call(m(), m(2, 3), m(3), alpha=2)
    yield call(m(1), m(2, 3), m(3), beta=2)
    yield call(m(2)[::-1], m(3, 2).T, m(6)[::2])
    yield call(m(2), m(2, 2), m(2), beta=0)


@case("addr", dtypes=NUMBERS, errors=[
    error(f64((3, 3)), f64(2), f64(3), match="must match the existing size"),
    error(f64((3, 3)), f64((3, 1)), f64(3), match="Expected 1-D"),
])  # fmt: skip
def addr(m):
    for n, k in ((1, 1), (2, 3), (3, 2), (0, 2), (2, 0), (4, 1), (1, 4), (3, 3)):
        yield call(m(n, k), m(n), m(k))
    yield call(m(), m(2), m(3), alpha=2)
    yield call(m(3), m(2), m(3), beta=2)
    yield call(m(3, 2).T, m(4)[::2], m(3)[::-1])
    yield call(m(2, 2), m(2), m(2), beta=0)


@case("baddbmm", dtypes=NUMBERS, errors=[
    error(f64((2, 2, 3)), f64((2, 2, 3)), f64((2, 3, 2)), match="must match the existing size"),
    error(f64((2, 2, 2)), f64((2, 2, 3)), f64((1, 3, 2)), match="first two dimensions"),
])  # fmt: skip
def baddbmm(m):
    for x, y in pairs(m, lambda *s: m(2, *s), lambda *s: m(2, *s)):
        yield call(m(2, x.shape[1], y.shape[2]), x, y)
    yield call(m(1, 4), m(2, 2, 3), m(2, 3, 4), beta=2, alpha=3)
    yield call(m(2, 2, 4), m(2, 2, 3), m(2, 3, 4), beta=0)


@case("addbmm", dtypes=NUMBERS, errors=[
    error(f64((2, 3)), f64((2, 2, 3)), f64((2, 3, 2)), match="must match the existing size"),
    error(f64((2, 2)), f64((2, 2, 3)), f64((1, 3, 2)), match="first two dimensions"),
])  # fmt: skip
def addbmm(m):
    for x, y in pairs(m, lambda *s: m(2, *s), lambda *s: m(2, *s)):
        yield call(m(x.shape[1], y.shape[2]), x, y)
    yield call(m(2, 4), m(3, 2, 3), m(3, 3, 4), beta=2, alpha=3)
    yield call(m(2, 4), m(2, 2, 3), m(2, 3, 4), beta=0)


CHAINS = (
    ((2, 3), (3, 2)), ((1, 1), (1, 1)), ((2, 3), (3, 4), (4, 2)), ((4, 1), (1, 4), (4, 1)),
    ((2, 2), (2, 2), (2, 2), (2, 2)), ((0, 2), (2, 3)), ((2, 0), (0, 3)), ((1, 5), (5, 2), (2, 1)),
    ((3, 2), (2, 4), (4, 1), (1, 2)), ((2, 3), (3, 3)), ((5, 2), (2, 2)), ((1, 2), (2, 1)),
)  # fmt: skip


@case("chain_matmul", errors=[
    error(f64((2, 3)), f64((2, 3)), match="cannot be multiplied"),
    error(f64((2, 3)), f64(3), match="expected 2 instead"),
])  # fmt: skip
def chain_matmul(m):
    for shapes in CHAINS:
        yield call(*(m(*s) for s in shapes))


@case("linalg.multi_dot", errors=[
    error([f64((2, 3)), f64((2, 3))], match="cannot be multiplied"),
    error([f64((2, 3))], match="expected at least 2 tensors"),
    error([f64((2, 3)), f64(3), f64((3, 1))], match="must be 2D but got 1D"),
])  # fmt: skip
def multi_dot(m):
    for shapes in (*CHAINS, ((3,), (3, 2)), ((2, 3), (3,)), ((2,), (2, 3), (3,))):
        yield call([m(*s) for s in shapes])


@case("kron", dtypes=NUMBERS, errors=[
    error(f64(2), "a", kind=TypeError, match="Tensor"),
    error(f64(2), None, kind=TypeError, match="Tensor"),
])  # fmt: skip
def kron(m):
    for a, b in (((), ()), ((2,), (3,)), ((2, 2), (2, 2)), ((2,), (2, 3)), ((2, 3), ()),
                 ((1,), (1,)), ((0, 2), (2, 2)), ((2, 1, 2), (2, 2)), ((3, 1), (1, 3)),
                 ((2, 2), (1,))):  # fmt: skip
        yield call(m(*a), m(*b))
    yield call(m(3, 2).T, m(2)[::-1])
    x = m(2)
    yield call(x, x)


@case("linalg.cross", dtypes=NUMBERS, errors=[
    error(f64((2, 2)), f64((2, 2)), match="must have length 3"),
    error(f64((2, 3)), f64(3), match="same number of dimensions"),
])  # fmt: skip
def linalg_cross(m):
    for a, b, d in (((3,), (3,), -1), ((2, 3), (2, 3), -1), ((3, 2), (3, 2), 0),
                    ((1, 3), (2, 3), 1), ((2, 3), (1, 3), -1), ((0, 3), (0, 3), -1),
                    ((3, 3), (3, 3), 0),
                    ((2, 3, 2), (2, 3, 2), 1), ((2, 1, 3), (1, 2, 3), 2)):  # fmt: skip
        yield call(m(*a), m(*b), dim=d)
    yield call(m(3, 2).T, m(2, 3)[::-1])
    yield call(m(2, 6)[:, ::2], m(2, 3))
    x = m(3)
    yield call(x, x)


@case("cross", dtypes=NUMBERS, errors=[
    error(f64((2, 2)), f64((2, 2)), match="no dimension of size 3 in input"),
    error(f64((2, 3)), f64((2, 2)), dim=1, match="must have length 3"),
])  # fmt: skip
def cross(m):
    yield from linalg_cross(m)
    yield call(m(3, 2), m(3, 2))
    yield call(m(2, 3), m(2, 3))


@case("trace", dtypes=NUMBERS, reference=np.trace, errors=[
    error(f64(2), match="trace: expected a matrix"),
    error(np.zeros((2, 2), bool), match="not implemented for 'Bool'"),
])  # fmt: skip
def trace(m):
    for s in ((1, 1), (2, 2), (3, 3), (2, 3), (3, 2), (0, 0), (0, 3), (1, 4), (4, 1), (5, 5)):
        yield call(m(*s))
    yield call(m(3, 2).T)
    yield call(m(3, 3)[::-1])


@case("linalg.vecdot", errors=[
    error(f64((2, 3)), f64(4), match="axis -1 has 3 and 4"),
    error(f64((2, 3)), f64((2, 3)), dim=2, kind=IndexError, match="Dimension out of range"),
])  # fmt: skip
def vecdot(m):
    for a, b, d in (((3,), (3,), -1), ((2, 3), (2, 3), -1), ((2, 3), (3,), -1), ((2, 3), (2, 3), 0),
                    ((0,), (0,), 0), ((2, 0), (2, 0), -1), ((2, 1, 3), (4, 3), -1), ((1,), (1,), 0),
                    ((3, 2), (1, 2), 0)):  # fmt: skip
        yield call(m(*a), m(*b), dim=d)
    yield call(m(3, 2).T, m(2, 3)[:, ::-1])
    yield call(m(6)[::2], m(3))
    x = m(3)
    yield call(x, x)


@case("linalg.vander", dtypes=NUMBERS, errors=[
    error(f64(3), N=1, match="N must be greater than 1"),
    error(f64(3), N=0, match="N must be greater than 1"),
])  # fmt: skip
def vander(m):
    for s, N in (((2,), None), ((3,), None), ((3,), 2), ((2,), 4), ((2, 3), None), ((2, 3), 2),
                 ((0, 2), None), ((), 3), ((1,), 2), ((4,), 3)):  # fmt: skip
        yield call(m(*s), N=N)
    yield call(m(6)[::2])
    yield call(m(3)[::-1])


@case("linalg.diagonal", dtypes=NUMBERS, errors=[
    error(f64(3), kind=IndexError, match="Dimension out of range"),
    error(f64((3, 3)), dim1=0, dim2=0, match="(identical|same)"),
])  # fmt: skip
def diagonal(m):
    for s, k in (((2, 2), 0), ((3, 3), 1), ((3, 3), -1), ((2, 3), 0), ((3, 2), 0), ((2, 3, 3), 0),
                 ((0, 0), 0), ((2, 2), 2), ((1, 4), 2), ((2, 2, 2, 2), 0)):  # fmt: skip
        yield call(m(*s), offset=k)
    yield call(m(2, 3, 4), dim1=0, dim2=2)
    yield call(m(3, 3).T[::-1])


# ---- determinants, inverses, solutions --------------------------------------------------


@case("linalg.det", errors=[NOT_SQUARE, NOT_MATRIX, INTEGERS])
def det(m):
    for x in squares(m):
        yield call(x)


@case("det", errors=[NOT_SQUARE, NOT_MATRIX])
def det_old(m):
    for x in squares(m):
        yield call(x)
    yield call(-regular(m, 3, 3))


@case("linalg.slogdet", errors=[NOT_SQUARE, INTEGERS])
def slogdet(m):
    for x in squares(m):
        yield call(x)
    yield call(-regular(m, 3, 3))


@case("slogdet", errors=[NOT_SQUARE, INTEGERS])
def slogdet_old(m):
    yield from slogdet(m)


@case("logdet", errors=[NOT_SQUARE, INTEGERS])
def logdet(m):
    for x in squares(m):
        yield call(x)


SINGULAR = error(f64((2, 2)), match="singular")


@case("linalg.inv", errors=[NOT_SQUARE, NOT_MATRIX, INTEGERS, SINGULAR,
                            error(f64((2, 2, 2)), match=r"\(Batch element 0\)")])  # fmt: skip
def inv(m):
    for x in squares(m):
        yield call(x)


@case("inverse", errors=[NOT_SQUARE, SINGULAR])
def inverse(m):
    yield from inv(m)


@case("linalg.inv_ex", errors=[NOT_SQUARE, error(f64((2, 2)), check_errors=True, match="singular")])
def inv_ex(m):
    yield from inv(m)


@case("linalg.pinv", errors=[NOT_MATRIX, INTEGERS,
                             error(f64((2, 3)), hermitian=True, match="square")])  # fmt: skip
def pinv(m):
    for s in ((2, 2), (3, 2), (2, 3), (1, 3), (3, 1), (2, 3, 2), (2, 2, 3), (0, 2), (2, 0)):
        x = m(*s)
        k = min(s[-2:])
        x[..., :k, :k] += 6 * np.eye(k, dtype=x.dtype)
        yield call(x)
    yield call(regular(m, 3, 3).T)
    yield call(regular(m, 2, 2), rtol=1e-6)
    yield call(regular(m, 2, 2), atol=1e-6)


@case("pinverse", errors=[NOT_MATRIX, INTEGERS])
def pinverse(m):
    for sample in pinv(m):
        yield call(*sample.args)


BAD_SYSTEMS = [
    error(f64((2, 3)), f64(2), match="square matrices"),
    error(np.eye(2), f64((3, 2)), match="Incompatible shapes of A and B"),
    error(f64((2, 2)), f64(2), match="solver failed because the input matrix is singular"),
    error(np.eye(2), f64(2, np.float32), match="same dtype"),
]


@case("linalg.solve", errors=BAD_SYSTEMS)
def solve(m):
    for n, k in ((1, 1), (2, 1), (3, 2), (2, 3), (0, 1), (2, 0)):
        yield call(regular(m, n, n), m(n, k))
    yield call(regular(m, 3, 3), m(3))
    yield call(regular(m, 2, 3, 3), m(2, 3))
    yield call(regular(m, 2, 3, 3), m(3, 2))
    yield call(regular(m, 2, 2), m(4, 2, 3))
    yield call(regular(m, 2, 1, 2, 2), m(3, 2, 1))
    yield call(regular(m, 3, 3), m(2, 3), left=False)
    yield call(regular(m, 3, 3).T, m(6, 2)[::-2])


@case("linalg.solve_ex", errors=BAD_SYSTEMS[:2])
def solve_ex(m):
    yield from solve(m)


@case("linalg.solve_triangular", errors=[
    error(f64((2, 3)), f64((2, 1)), upper=True, match="square matrices"),
    error(np.eye(2), f64((3, 2)), upper=True, match="Incompatible shapes"),
    error(np.eye(2), f64(2), upper=True, match="at least 2 dimensions"),
])  # fmt: skip
def solve_triangular(m):
    for n, k in ((1, 1), (2, 1), (3, 2), (0, 1), (2, 0)):
        yield call(regular(m, n, n), m(n, k), upper=True)
        yield call(regular(m, n, n), m(n, k), upper=False)
    yield call(regular(m, 2, 3, 3), m(3, 2), upper=False)
    yield call(regular(m, 2, 2), m(3, 2, 2), upper=True)
    yield call(regular(m, 3, 3), m(2, 3), upper=True, left=False)
    yield call(m(3, 3), m(3, 2), upper=True, unitriangular=True)
    yield call(m(3, 3), m(2, 3), upper=False, unitriangular=True, left=False)
    yield call(regular(m, 3, 3).T, m(6, 2)[::-2], upper=False)


@case("triangular_solve", errors=[
    error(f64((2, 1)), f64((2, 3)), match="square matrices"),
    error(f64(2), np.eye(2), match="at least 2 dimensions"),
])  # fmt: skip
def triangular_solve(m):
    for n, k in ((1, 1), (2, 1), (3, 2), (4, 1), (2, 3)):
        yield call(m(n, k), regular(m, n, n))
        yield call(m(n, k), regular(m, n, n), upper=False)
    yield call(m(2, 3, 2), regular(m, 2, 3, 3))
    yield call(m(3, 2), regular(m, 3, 3), transpose=True)
    yield call(m(3, 2), m(3, 3), unitriangular=True)


@case("linalg.lstsq", errors=[
    error(f64((3, 2)), f64((2, 2)), match=r"input.size\(-2\) should match other.size"),
    error(f64((3, 2)), f64((3, 2)), driver="magic", match="should be one of"),
], second=False, note="the residuals are numbers of another scale")  # fmt: skip
def lstsq(m):
    for s, k in (((2, 2), 1), ((3, 2), 1), ((4, 2), 3), ((2, 3), 1), ((1, 1), 1), ((3, 1), 2)):
        x = m(*s)
        n = min(s)
        x[:n, :n] += 6 * np.eye(n, dtype=x.dtype)
        yield call(x, m(s[0], k))
        yield call(x, m(s[0], k), driver="gelsd")
    yield call(regular(m, 2, 3, 3), m(2, 3, 1))


# ---- powers and exponentials --------------------------------------------------------------


@case("linalg.matrix_exp", errors=[NOT_SQUARE, NOT_MATRIX, INTEGERS])
def matrix_exp(m):
    for s in ((1, 1), (2, 2), (3, 3), (2, 2, 2), (0, 0), (0, 2, 2), (1, 1, 3, 3), (4, 4)):
        yield call(m(*s, low=-1, high=1))
    yield call(m(2, 2, low=-4, high=4))
    yield call(m(3, 3, low=-1, high=1).T)
    yield call(m(4, 4, low=-1, high=1)[::2, ::2])
    yield call(m.array([[0, 1], [0, 0]]))


@case("matrix_exp", errors=[NOT_SQUARE, NOT_MATRIX])
def matrix_exp_old(m):
    yield from matrix_exp(m)


@case("linalg.matrix_power", errors=[
    error(f64((2, 3)), 2, match="square matrices"),
    error(f64((2, 2)), -1, match="singular"),
])  # fmt: skip
def matrix_power(m):
    for n in (0, 1, 2, 3, 5, 8, -1, -2):
        yield call((regular(m, 2, 2) / 4).astype(m.dtype), n)
    yield call(m(2, 3, 3, low=-1, high=1), 3)
    yield call(m(0, 0), 2)
    yield call(m(3, 3, low=-1, high=1).T, 2)
    yield call(m(0, 2, 2), 3)


@case("matrix_power", errors=[
    error(f64((2, 3)), 2, match="square matrices"),
    error(f64((2, 2)), -1, match="singular"),
])  # fmt: skip
def matrix_power_old(m):
    yield from matrix_power(m)


@case("linalg.tensorinv", errors=[
    error(f64((2, 3)), ind=1, match="prod"),
    error(np.eye(2), ind=0, match="strictly positive"),
])  # fmt: skip
def tensorinv(m):
    for rows, columns in (((2,), (2,)), ((1,), (1,)), ((2, 2), (4,)), ((4,), (2, 2)),
                          ((2, 3), (6,)), ((2, 2), (2, 2)), ((3,), (3,)), ((1, 2), (2, 1)),
                          ((2, 1), (2,)),
                          ((4,), (4,)), ((1, 1), (1,)), ((2,), (1, 2))):  # fmt: skip
        n = int(np.prod(rows))
        yield call(regular(m, n, n).reshape(*rows, *columns), ind=len(rows))


@case("linalg.tensorsolve", errors=[
    error(f64((2, 3)), f64(2), match="prod"),
    error(f64((4, 6, 8)), f64(3), match="prod"),
])  # fmt: skip
def tensorsolve(m):
    for rows, columns in (((2,), (2,)), ((1,), (1,)), ((2, 2), (4,)), ((4,), (2, 2)),
                          ((2, 3), (6,)), ((2, 2), (2, 2)), ((3,), (3,)), ((1, 2), (2, 1)),
                          ((2, 1), (2,)),
                          ((4,), (4,)), ((1, 1), (1,)), ((2,), (1, 2))):  # fmt: skip
        n = int(np.prod(rows))
        yield call(regular(m, n, n).reshape(*rows, *columns), m(*rows))
    yield call(regular(m, 4, 4).reshape(2, 2, 4).swapaxes(0, 1).copy(), m(2, 2), dims=(2,))


# ---- norms ----------------------------------------------------------------------------------


@case("linalg.vector_norm", errors=[
    error(np.zeros(2, np.int64), match="Expected a floating point or complex tensor"),
    error(f64(0), ord=float("inf"), match="identity"),
    error(f64((2, 2)), dim=3, kind=IndexError, match="Dimension out of range"),
])  # fmt: skip
def vector_norm(m):
    for p in (2, 1, 3, 0, 0.5, float("inf"), float("-inf")):
        yield call(m(2, 3), ord=p, dim=1)
    yield call(m())
    yield call(m(0))
    yield call(m(2, 3))
    yield call(m(2, 3, 2), dim=(0, 2), keepdim=True)
    yield call(m(3, 2).T[::-1], dim=0)
    yield call(m(3), dtype="dtype:float64")


@case("linalg.matrix_norm", errors=[
    error(f64((2, 2)), 3, match="Order 3 not supported"),
    error(f64(2), match="at least 2 dimensions"),
    error(f64((2, 2)), dim=(0, 0), match="dims must be different"),
])  # fmt: skip
def matrix_norm(m):
    for p in ("fro", "nuc", 2, -2, 1, -1, float("inf"), float("-inf")):
        yield call(m(3, 2), p)
        yield call(m(2, 2, 3), p, keepdim=True)
    yield call(m(2, 3, 2), 1, dim=(0, 2))
    yield call(m(2, 3, 2), "nuc", dim=(0, 1))
    yield call(m(3, 2).T[::-1], 2)


@case("linalg.norm", errors=[
    error(f64((2, 2, 2)), ord=2, match="the input must be 1D or 2D. Got 3D"),
    error(f64((2, 2)), ord="foo", match="Order foo not supported"),
    error(np.zeros((2, 2), np.int64), match="Expected a floating point"),
])  # fmt: skip
def norm(m):
    for p in (None, 2, 1, 3, 0, float("inf"), float("-inf")):
        yield call(m(3), p)
    for p in (None, "fro", "nuc", 2, 1, float("inf")):
        yield call(m(3, 2), p)
    yield call(m(2, 3, 2))
    yield call(m(2, 3, 2), 2, dim=1)
    yield call(m(2, 3, 2), "fro", dim=(0, 2), keepdim=True)


@case("linalg.cond", errors=[
    error(f64((2, 3)), 1, match="square matrices"),
    error(f64((2, 2)), 3, match="invalid norm type"),
])  # fmt: skip
def cond(m):
    for p in (None, 2, -2, 1, -1, "fro", "nuc", float("inf"), float("-inf")):
        x = regular(m, 3, 3)
        x[0, 0] += 3  # columns and rows apart, so that no norm has a tie
        x[1, 1] += 6
        yield call(x, p)
    yield call(m(3, 2))
    yield call(m(2, 2, 3))
    yield call(m(3, 2).T)


@case("linalg.matrix_rank", grad=False, errors=[NOT_MATRIX, INTEGERS])
def matrix_rank(m):
    for s in ((2, 2), (3, 2), (2, 3, 3), (0, 2), (2, 0), (1, 1)):
        yield call(m(*s))
    yield call(m.array([[1, 2], [2, 4]]))
    yield call(m.array([[0, 0], [0, 0]]))
    yield call(m.array([[3, 0], [0, 1]]), tol=2.0)
    yield call(m.array([[3, 0], [0, 1]]), atol=2.0)
    yield call(m.array([[3, 0], [0, 1]]), rtol=0.5)
    yield call(m.array([[3, 1], [1, 1]]), hermitian=True)
