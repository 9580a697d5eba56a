"""Rows for matrix decompositions.

Signs of vectors are LAPACK's; where libraries choose them differently the samples stay small.
"""

import numpy as np

from cases.linalg import INTEGERS, NOT_MATRIX, NOT_SQUARE, regular
from table import call, case, const, error

f64 = np.zeros
ONE_TRIANGLE = "one triangle is read, the gradient is symmetric: differences see another function"


def positive(m, *shape):
    """Symmetric positive-definite matrices, (..., n, n)."""
    x = m(*shape)
    return (x @ x.swapaxes(-1, -2) + shape[-1] * np.eye(shape[-1])).astype(m.dtype)


def spread(m, *shape):
    """Symmetric matrices with eigenvalues well apart."""
    x = m(*shape, low=-0.3, high=0.3)
    return (x + x.swapaxes(-1, -2) + np.diag(2.0 * np.arange(shape[-1]) + 1)).astype(m.dtype)


def tall(m, *shape):
    """Matrices of full rank with singular values well apart."""
    x = m(*shape, low=-0.3, high=0.3)
    k = min(shape[-2:])
    x[..., :k, :k] += np.diag(2.0 * np.arange(k) + 1).astype(x.dtype)
    return x


SQUARES = ((1, 1), (2, 2), (3, 3), (2, 2, 2), (0, 0), (0, 2, 2), (1, 2, 3, 3), (4, 4))
MATRICES = ((1, 1), (2, 2), (3, 2), (2, 3), (3, 3), (1, 3), (3, 1), (2, 3, 2), (2, 2, 3))
TALL = ((1, 1), (2, 2), (3, 2), (3, 3), (3, 1), (2, 3, 2), (4, 2), (5, 2), (2, 2, 1))
NOT_POSITIVE = error(-np.eye(2), match="is not positive-definite")


def stacks(m, make):
    for s in SQUARES:
        yield make(m, *s)
    yield make(m, 3, 3).T
    yield make(m, 3, 3)[::-1, ::-1]
    yield make(m, 4, 2, 2)[::2]
    yield make(m, 2, 4, 4)[:, ::2, ::2]


@case("linalg.cholesky", differences=False, note=ONE_TRIANGLE, errors=[
    NOT_SQUARE, NOT_POSITIVE, error(-np.ones((3, 2, 2)), match=r"\(Batch element 0\)"),
])  # fmt: skip
def cholesky(m):
    for x in stacks(m, positive):
        yield call(x)
    yield call(positive(m, 3, 3), upper=True)


@case("cholesky", differences=False, note=ONE_TRIANGLE, errors=[NOT_SQUARE, NOT_POSITIVE])
def cholesky_old(m):
    yield from cholesky(m)


@case("linalg.cholesky_ex", differences=False, note=ONE_TRIANGLE, errors=[
    NOT_SQUARE, error(-np.eye(2), check_errors=True, match="is not positive-definite"),
])  # fmt: skip
def cholesky_ex(m):
    yield from cholesky(m)


def factors(m):
    for x in stacks(m, positive):
        yield np.linalg.cholesky(x).astype(m.dtype)


@case("cholesky_inverse", differences=False, note=ONE_TRIANGLE, errors=[NOT_SQUARE, INTEGERS])
def cholesky_inverse(m):
    for x in factors(m):
        yield call(x)
    yield call(np.linalg.cholesky(positive(m, 3, 3)).T, upper=True)


@case("cholesky_solve", differences=False, note=ONE_TRIANGLE, errors=[
    error(f64((2, 1)), f64((2, 3)), match="square matrices"),
    error(f64((3, 1)), f64((2, 2)), match="Incompatible"),
])  # fmt: skip
def cholesky_solve(m):
    for x in factors(m):
        yield call(m(*x.shape[:-1], 2), x)
    yield call(m(3, 2), np.linalg.cholesky(positive(m, 3, 3)).T, upper=True)
    yield call(m(2, 3, 1), np.linalg.cholesky(positive(m, 3, 3)))


@case("linalg.qr", errors=[
    NOT_MATRIX, INTEGERS, error(f64((2, 2)), mode="x", match="unrecognized mode 'x'"),
])  # fmt: skip
def qr(m):
    for s in MATRICES:
        yield call(tall(m, *s))
    yield call(tall(m, 3, 2).T)
    yield call(tall(m, 2, 3), mode="complete")
    yield call(const(tall(m, 3, 2)), mode="complete")
    yield call(const(tall(m, 3, 2)), mode="r")


@case("qr", errors=[NOT_MATRIX, INTEGERS])
def qr_old(m):
    for s in MATRICES:
        yield call(tall(m, *s))
    yield call(tall(m, 3, 2).T)
    yield call(const(tall(m, 3, 2)), some=False)
    yield call(tall(m, 4, 2)[::2])


@case("geqrf", grad=False, errors=[NOT_MATRIX, INTEGERS])
def geqrf(m):
    for s in MATRICES:
        yield call(tall(m, *s))
    yield call(tall(m, 3, 2).T)
    yield call(m(0, 2))
    yield call(tall(m, 4, 2)[::2])


def reflectors(m, *shape):
    return m(*shape, low=-1, high=1), m(*shape[:-2], min(shape[-2:]), low=0.5, high=1)


@case("linalg.householder_product", errors=[
    error(f64((2, 3)), f64(2), match="greater than or equal"),
    error(f64((3, 2)), f64(3), match="greater than or equal"),
])  # fmt: skip
def householder_product(m):
    for s in ((1, 1), (2, 2), (3, 2), (3, 3), (4, 1), (2, 3, 2), (2, 2, 2), (5, 3), (1, 3, 1),
              (3, 0), (4, 2)):  # fmt: skip
        yield call(*reflectors(m, *s))
    yield call(m(3, 3, low=-1, high=1), m(2, low=0.5, high=1))


@case("ormqr", rtol=1e-4, atol=1e-5, errors=[
    error(f64((3, 2)), f64(2), f64((2, 2)), match=r"must be equal to input.shape"),
    error(f64(3), f64(2), f64((3, 2)), match="at least 2 dimensions"),
])  # fmt: skip
def ormqr(m):
    for s in ((1, 1), (2, 2), (3, 2), (3, 3), (4, 1), (2, 3, 2), (5, 3)):
        a, tau = reflectors(m, *s)
        yield call(a, tau, m(*s[:-1], 2))
    for left in (True, False):
        for transpose in (True, False):
            a, tau = reflectors(m, 3, 2)
            yield call(a, tau, m(3, 2) if left else m(2, 3), left, transpose)
    a, tau = reflectors(m, 3, 2)
    yield call(a, tau, m(2, 3).T)


@case("linalg.eigh", differences=False, note=ONE_TRIANGLE, errors=[
    NOT_SQUARE, error(np.eye(2), UPLO="x", match="'L' or 'U'"),
])  # fmt: skip
def eigh(m):
    for s in ((1, 1), (2, 2), (3, 3), (2, 2, 2), (0, 0), (0, 2, 2), (1, 2, 3, 3)):
        yield call(spread(m, *s))
    for x in (spread(m, 3, 3).T, spread(m, 3, 3)[::-1, ::-1], spread(m, 4, 2, 2)[::2]):
        yield call(x)
    yield call(spread(m, 2, 2), UPLO="U")
    yield call(const(np.eye(2).astype(m.dtype)))


@case("linalg.eigvalsh", differences=False, note=ONE_TRIANGLE, errors=[
    NOT_SQUARE, error(np.eye(2), UPLO="x", match="'L' or 'U'"),
])  # fmt: skip
def eigvalsh(m):
    for x in stacks(m, spread):
        yield call(x)
    yield call(spread(m, 3, 3), UPLO="U")


@case("linalg.eig", grad=False, errors=[NOT_SQUARE, INTEGERS])
def eig(m):
    for a, b in ((1, 2), (2, 5), (3, 7), (-1, 4), (0, 1), (2, 9)):
        yield call(m.array([[a, 0.5], [0, b]]))
    yield call(m.array([[0, 1], [-1, 0]]))
    yield call(m.array([[2, 0], [0, 3]]))
    yield call(m.array([[7]]))
    yield call(m(0, 0))
    yield call(m(0, 2, 2))
    yield call(m.array([[1, 1], [0, 2]]))


@case("linalg.eigvals", grad=False, errors=[NOT_SQUARE, INTEGERS])
def eigvals(m):
    yield from eig(m)


@case("linalg.svd", errors=[
    NOT_MATRIX, INTEGERS, error(np.full((2, 2), np.nan), match="non-finite values"),
])  # fmt: skip
def svd(m):
    for s in TALL:
        yield call(tall(m, *s), full_matrices=False)
    yield call(tall(m, 3, 3))
    yield call(const(tall(m, 3, 1)))
    yield call(tall(m, 4, 2)[::-1][::-1], full_matrices=False)
    yield call(m(0, 2), full_matrices=False)


@case("svd", errors=[NOT_MATRIX, INTEGERS])
def svd_old(m):
    for s in TALL:
        yield call(tall(m, *s))
    yield call(const(tall(m, 1, 1)), some=False)
    yield call(const(tall(m, 3, 2)), compute_uv=False)
    yield call(m(0, 2))


@case("linalg.svdvals", errors=[NOT_MATRIX, INTEGERS])
def svdvals(m):
    for s in MATRICES:
        yield call(tall(m, *s))
    yield call(tall(m, 3, 2).T)
    yield call(m(0, 2))
    yield call(tall(m, 4, 2)[::2])


def mixed(m, *shape):
    """Full rank, with the largest element of the first column below the first row."""
    x = tall(m, *shape)
    return np.array(x[..., ::-1, :], order="C")


@case("linalg.lu_factor", errors=[
    NOT_MATRIX, error(f64((2, 2)), match="U.1,1. is zero"),
    error(np.eye(2), pivot=False, match="without pivoting is not implemented"),
])  # fmt: skip
def lu_factor(m):
    for s in MATRICES:
        yield call(mixed(m, *s))
    yield call(mixed(m, 3, 2).T)
    yield call(mixed(m, 4, 4))
    yield call(tall(m, 2, 4, 4)[:, ::2])


@case("linalg.lu_factor_ex", errors=[
    NOT_MATRIX, error(f64((2, 2)), check_errors=True, match="is zero"),
])  # fmt: skip
def lu_factor_ex(m):
    yield from lu_factor(m)
    yield call(const(m.array([[0, 0], [0, 1]])))


@case("lu", errors=[NOT_MATRIX, error(f64((2, 2)), match="is zero")])
def lu_old(m):
    for sample in lu_factor(m):
        yield call(*sample.args)
    yield call(mixed(m, 2, 2), get_infos=True)


@case("linalg.lu", errors=[
    NOT_MATRIX, error(np.eye(2), pivot=False, match="without pivoting is not implemented"),
])  # fmt: skip
def lu(m):
    yield from lu_factor(m)
    yield call(mixed(m, 5, 5))


PIVOTS = const(np.array([2, 2], np.int32))


@case("lu_unpack", errors=[
    error(f64(2), np.ones(2, np.int32), match="at least 2 dimensions"),
    error(np.eye(2), np.ones(2, np.int64), match="int32"),
])  # fmt: skip
def lu_unpack(m):
    for s in ((2, 2), (3, 2), (2, 3), (2, 4), (4, 2), (2, 5), (5, 2), (2, 1 + 1)):
        yield call(m(*s), PIVOTS)
    yield call(m(2, 2), PIVOTS, unpack_data=False)
    yield call(m(2, 2), PIVOTS, unpack_pivots=False)
    yield call(m(3, 2).T, PIVOTS)
    yield call(m(2, 3, 3), const(np.array([[3, 3, 3], [1, 2, 3]], np.int32)))


@case("linalg.lu_solve", errors=[
    error(f64((2, 3)), np.ones(2, np.int32), f64((2, 1)), match="square matrices"),
    error(np.eye(2), np.ones(2, np.int32), f64((3, 1)), match="Incompatible"),
])  # fmt: skip
def lu_solve(m):
    for k in (1, 2, 3):
        for adjoint in (False, True):
            yield call(regular(m, 2, 2), PIVOTS, m(2, k), adjoint=adjoint)
            yield call(regular(m, 2, 2), PIVOTS, m(k, 2), left=False, adjoint=adjoint)
    yield call(regular(m, 2, 2), PIVOTS, m(3, 2, 1))


@case("lu_solve", errors=[
    error(f64((2, 1)), f64((2, 3)), np.ones(2, np.int32), match="square matrices"),
    error(f64((3, 1)), np.eye(2), np.ones(2, np.int32), match="Incompatible"),
])  # fmt: skip
def lu_solve_old(m):
    for k in (1, 2, 3, 4):
        yield call(m(2, k), regular(m, 2, 2), PIVOTS)
        yield call(m(2, 2, k), regular(m, 2, 2, 2), const(np.array([[1, 2], [2, 2]], np.int32)))
        yield call(m(k, 2).T, regular(m, 2, 2).T, PIVOTS)


def indefinite(m, *shape):
    """Symmetric matrices of both signs, some of which need blocks of two."""
    x = m(*shape)
    x = x + x.swapaxes(-1, -2)
    x[..., 0, 0] = 0 if shape[-1] > 1 else 1
    return x.astype(m.dtype)


@case("linalg.ldl_factor", grad=False, errors=[NOT_SQUARE, INTEGERS])
def ldl_factor(m):
    for s in ((1, 1), (2, 2), (3, 3), (4, 4), (2, 3, 3), (5, 5), (1, 2, 2), (0, 2, 2)):
        yield call(indefinite(m, *s))
    yield call(positive(m, 3, 3))
    yield call(positive(m, 2, 2))
    yield call(m.array([[0, 1], [1, 0]]))
    yield call(indefinite(m, 3, 3).T)


@case("linalg.ldl_factor_ex", grad=False, errors=[
    NOT_SQUARE, error(f64((2, 2)), check_errors=True, match="is zero"),
])  # fmt: skip
def ldl_factor_ex(m):
    yield from ldl_factor(m)
    yield call(m.array([[0, 0], [0, 0]]))


@case("linalg.ldl_solve", grad=False, errors=[
    error(f64((2, 3)), np.ones(2, np.int32), f64((2, 1)), match="square matrices"),
    error(np.eye(2), np.ones(2, np.int32), f64(2), match="at least 2 dimensions"),
])  # fmt: skip
def ldl_solve(m):
    blocks = m.array([[0, 0, 0], [2, 0, 0], [1.5, 0.5, -3]])
    for k in (1, 2, 3, 4):
        yield call(blocks, const(np.array([-3, -3, 3], np.int32)), m(3, k))
        yield call(positive(m, 2, 2), PIVOTS, m(2, k))
        yield call(positive(m, 2, 2, 2), const(np.array([[1, 2], [2, 2]], np.int32)), m(2, 2, k))
