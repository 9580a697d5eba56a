"""Rows for the pathwise derivatives of gamma and Dirichlet samples; see test_distributions.py."""

import numpy as np

from table import FLOATS, call, case, error

GAMMA = ([1e-3, 0.5, 1.0, 3.0, 7.9, 8.1, 30.0, 1e4], [1e-6, 0.3, 0.79, 0.81, 2.0, 8.0, 33.0, 1.1e4])
BETA = [0.1, 1.0, 5.0, 7.0, 40.0]


@case("_standard_gamma_grad", dtypes=FLOATS, grad=False, rtol=1e-4, errors=[
    error(np.ones((2, 3)), np.ones(4), match=r"axis -1 has 3 and 4"),
    error(np.ones((2, 3)), np.ones((3, 3)), match=r"axis -2 has 2 and 3"),
])  # fmt: skip
def _(m):
    for alpha in GAMMA[0]:
        yield call(m.array([alpha] * 8), m.array(GAMMA[1]))
    yield call(m.array(2.0), m.array(1.5))
    yield call(m(0, 3), m(0, 3))
    yield call(m.array([[3.0] * 3] * 2), m.array([[1.0] * 3] * 2))
    yield call(m.array([2.0] * 3), m.array([0.1, 1.0, 5.0])[::-1])
    yield call(m.array([[9.0, 9.0]] * 3).T, m.array([[7.0, 9.0, 12.0]] * 2))


@case("_dirichlet_grad", dtypes=FLOATS, grad=False, rtol=2e-4, errors=[
    error(np.ones((2, 3)), np.ones(4), np.ones(4), match=r"axis -1 has"),
    error(np.ones((2, 3)), np.ones((3, 3)), np.ones((3, 3)), match=r"axis -2 has"),
])  # fmt: skip
def _(m):
    x = m.array([1e-5, 0.02, 0.3, 0.5, 0.7, 0.98, 0.9999])
    for alpha in BETA:
        for beta in BETA[::2]:
            yield call(x, m.array([alpha] * 7), m.array([alpha + beta] * 7))
    yield call(m.array(0.3), m.array(1.0), m.array(2.0))
    yield call(m(0, 3), m(0, 3), m(0, 3))
    yield call(x[::-1], m.array([2.0] * 7), m.array([5.0] * 7))
