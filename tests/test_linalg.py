"""Linear algebra where the op table does not reach: large, singular, ambiguous in sign."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as torch

RANDOM = np.random.RandomState(7)


def array(*shape):
    return RANDOM.standard_normal(shape)


def close(ours, theirs, tolerance=1e-9):
    np.testing.assert_allclose(ours.detach().numpy(), theirs, tolerance, tolerance)


@pytest.mark.parametrize("n", [40, 100])
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("unitriangular", [False, True])
def test_triangular_solve_reads_one_triangle_block_by_block(n, upper, unitriangular):
    a, b = array(2, n, n) / n + np.eye(n), array(n, 3)
    x = torch.linalg.solve_triangular(
        torch.tensor(a), torch.tensor(b), upper=upper, unitriangular=unitriangular
    )
    part = np.triu(a) if upper else np.tril(a)
    if unitriangular:
        part[:, range(n), range(n)] = 1
    close(x, np.linalg.solve(part, np.broadcast_to(b, (2, n, 3))))


def test_triangular_solve_with_a_zero_pivot_gives_infinities():
    x = torch.linalg.solve_triangular(torch.zeros(2, 2), torch.ones(2, 1), upper=True)
    assert np.isinf(x.numpy()[1, 0])


@pytest.mark.parametrize(
    "shape", [(100, 100), (9, 1), (90, 70), (70, 90), (3, 50, 50), (1, 1), (0, 0)]
)
def test_lu_is_a_factorisation_with_multipliers_of_at_most_one(shape):
    a = torch.tensor(array(*shape))
    P, L, U = torch.linalg.lu(a)
    close(P @ L @ U, a.numpy())
    assert np.abs(L.numpy()).max(initial=0) <= 1
    assert np.array_equal(U.numpy(), np.triu(U.numpy()))
    close(P.mT @ P, np.broadcast_to(np.eye(shape[-2]), P.shape))


@pytest.mark.parametrize("shape", [(4, 4), (3, 6), (6, 3), (2, 5, 3), (2, 3, 5)])
def test_svd_is_a_factorisation_with_orthonormal_factors(shape):
    a = torch.tensor(array(*shape))
    for full in (False, True):
        u, s, vh = torch.linalg.svd(a, full_matrices=full)
        k = s.shape[-1]
        close((u[..., :k] * s.unsqueeze(-2)) @ vh[..., :k, :], a.numpy())
        for q in (u, vh.mT):
            close(q.mT @ q, np.broadcast_to(np.eye(q.shape[-1]), (q.mT @ q).shape))


@pytest.mark.parametrize("n", [3, 8, 30])
def test_eigh_reads_one_triangle_and_diagonalises(n):
    a = array(2, n, n)
    for side, triangle in (("L", np.tril), ("U", np.triu)):
        part = triangle(a)
        whole = part + part.swapaxes(-1, -2) - part * np.eye(n)
        values, vectors = torch.linalg.eigh(torch.tensor(a), side)
        close((vectors * values.unsqueeze(-2)) @ vectors.mT, whole)


@pytest.mark.parametrize("matrix", [
    [[1, 2], [2, 4]], [[0, 0], [0, 0]], [[1, 2, 3], [2, 4, 6], [1, 0, 1]],
    [[1, 2, 3], [2, 4, 6], [3, 6, 9]],
])  # fmt: skip
def test_det_has_its_gradient_at_singular_matrices_too(matrix):
    x = torch.tensor(matrix, dtype=torch.float64, requires_grad=True)
    torch.linalg.det(x).backward()
    a, step = np.array(matrix, float), 1e-6
    for i, j in np.ndindex(a.shape):
        way = np.zeros(a.shape)
        way[i, j] = step
        slope = (np.linalg.det(a + way) - np.linalg.det(a - way)) / (2 * step)
        assert abs(float(x.grad[i, j]) - slope) < 1e-8


@pytest.mark.parametrize("equation, shapes", [
    ("ij,jk,kl->il", ((3, 4), (4, 5), (5, 2))),
    ("bij,bkj,bkl->bil", ((2, 3, 4), (2, 5, 4), (2, 5, 3))),
    ("ijkl,lk->ji", ((2, 3, 4, 5), (5, 4))),
    ("aab,bcc,c->a", ((3, 3, 2), (2, 4, 4), (4,))),
    ("i,j,k,l->lkji", ((2,), (3,), (2,), (3,))),
    ("...i,...i->...", ((2, 1, 4), (3, 4))),
    ("ijk->kij", ((2, 3, 4),)),
    ("iii->i", ((3, 3, 3),)),
])  # fmt: skip
def test_einsum_is_numpys(equation, shapes):
    operands = [array(*s) for s in shapes]
    ours = torch.einsum(equation, *map(torch.tensor, operands))
    close(ours, np.einsum(equation, *operands))


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 5.0])
def test_matrix_exp_of_commuting_parts_multiplies(scale):
    a = torch.tensor(array(4, 4) * scale / 4)
    whole = torch.linalg.matrix_exp(a)
    close(whole @ torch.linalg.matrix_exp(-a), np.eye(4), 1e-7)
    half = torch.linalg.matrix_exp(a / 2)
    np.testing.assert_allclose((half @ half).numpy(), whole.numpy(), 1e-9, 1e-9 * abs(whole).max())


def test_half_precision_products_are_those_of_float32_rounded_once():
    for dtype in (torch.float16, torch.bfloat16):
        x = torch.tensor(array(5, 7)).to(dtype)
        y = torch.tensor(array(7, 3)).to(dtype)
        assert (x @ y).dtype is dtype
        assert ((x @ y) == (x.float() @ y.float()).to(dtype)).all()


def test_the_gradient_of_a_transposed_weight_arrives_row_major():
    x, w = torch.tensor(array(6, 4)), torch.tensor(array(5, 4), requires_grad=True)
    (x @ w.T).sum().backward()
    assert w.grad.is_contiguous()
    close(w.grad, np.ones((5, 6)) @ x.numpy())


@pytest.mark.parametrize("name", ["inv", "det", "solve", "cholesky", "eigh", "lu_factor", "qr"])
def test_half_precision_is_refused_by_decompositions_with_a_way_out(name):
    call = getattr(torch.linalg, name)
    x = torch.eye(2).half()
    with pytest.raises(RuntimeError, match="Low precision dtypes not supported"):
        call(x, x) if name == "solve" else call(x)


def test_singular_systems_are_named_in_a_stack():
    a = torch.stack([torch.eye(2), torch.zeros(2, 2)])
    with pytest.raises(torch.linalg.LinAlgError, match=r"\(Batch element 1\).*singular"):
        torch.linalg.inv(a)
    with pytest.raises(torch.linalg.LinAlgError, match=r"\(Batch element 1\).*positive-definite"):
        torch.linalg.cholesky(a)
    inverse, info = torch.linalg.inv_ex(a)
    assert info.tolist() == [0, 1] and inverse[0].tolist() == [[1, 0], [0, 1]]
    factor, info = torch.linalg.cholesky_ex(a)
    assert info.tolist() == [0, 1] and factor[0].tolist() == [[1, 0], [0, 1]]


def test_qr_without_q_or_with_a_square_one_says_why_it_has_no_gradient():
    x = torch.tensor(array(3, 2), requires_grad=True)
    for mode in ("r", "complete"):
        with pytest.raises(RuntimeError, match="not differentiable when mode='complete'"):
            torch.linalg.qr(x, mode=mode)[1].sum().backward()
