"""Rows for torch.masked: the shapes of masks, rows without any element, every option."""

import numpy as np

from table import FLOATS, call, case, const, error

TOO_MANY = error(np.zeros(3), mask=np.ones((2, 3), bool), kind=IndexError,
                 match="mask dimensionality higher")  # fmt: skip


def masks(m, *shape):
    """A mask with at least one element in every line."""
    keep = m.mask(*shape).array.copy()
    if keep.ndim and keep.size:
        keep[..., :2] = True
        keep[:2] = True
        if keep.ndim == 3:
            keep[:, :2] = True
    return const(keep)


def reduced(m, low=-3.0, dims=((), (0,), (1,)), **options):
    yield call(m(3, 4, low=low), mask=masks(m, 3, 4), **options)
    yield call(m(3, 4, low=low), 0, mask=masks(m, 3, 4), **options)
    yield call(m(3, 4, low=low), 1, mask=masks(m, 4), **options)
    yield call(m(3, 4, low=low), -1, keepdim=True, mask=masks(m, 3, 4), **options)
    yield call(m(3, 4, low=low), 1, **options)
    yield call(m(3, 4, low=low), **options)
    yield call(m(5, low=low), 0, mask=masks(m, 5), **options)
    yield call(m(2, 3, 4, low=low), 1, mask=masks(m, 2, 3, 4), **options)
    yield call(m(2, 3, 4, low=low), 2, mask=masks(m, 3, 1), **options)
    yield call(m(4, 3, low=low).T, 0, mask=masks(m, 3, 4), **options)
    yield call(m(6, low=low)[::2], 0, mask=masks(m, 3), **options)
    yield call(m(2, 3, low=low), 0, mask=const(np.ones((2, 3), np.bool_)), **options)


FAR = error(np.zeros(3), 1, kind=IndexError, match="out of range")
for _name in ("sum", "prod", "amax", "amin", "mean", "var", "std", "logsumexp"):

    @case(f"masked.{_name}", dtypes=FLOATS, errors=[TOO_MANY, FAR])
    def reductions(m):
        yield from reduced(m, low=0.5)


for _name in ("argmax", "argmin"):

    @case(f"masked.{_name}", dtypes=FLOATS, grad=False, errors=[TOO_MANY, FAR])
    def positions(m):
        yield from reduced(m)


@case("masked.median", dtypes=FLOATS, errors=[TOO_MANY, FAR])
def median(m):
    for sample in reduced(m):
        if len(sample.args) > 1:
            yield sample
    yield call(m(3, 3), 0)
    yield call(m(7), mask=masks(m, 7))


@case("masked.norm", dtypes=FLOATS, errors=[TOO_MANY, error(np.zeros(3), 2, 1, kind=IndexError,
                                                           match="out of range")])  # fmt: skip
def norm(m):
    for k, sample in enumerate(reduced(m, low=0.5)):
        order = (1, 2, 3, np.inf, 0.5)[k % 5]
        yield call(sample.args[0], order, *sample.args[1:], **sample.kwargs)


for _name in ("softmax", "log_softmax", "softmin", "cumsum", "cumprod"):

    @case(f"masked.{_name}", dtypes=FLOATS, errors=[
        error(np.zeros(3), 0, mask=np.ones((2, 3), bool), kind=IndexError,
              match="mask dimensionality higher"),
        FAR,
    ], differences="log" not in _name, note="-inf where masked")  # fmt: skip
    def along(m):
        for shape, dim in (((3, 4), 0), ((3, 4), 1), ((3, 4), -1), ((5,), 0), ((2, 3, 4), 1),
                           ((1,), 0), ((2, 1), 1), ((7,), -1)):  # fmt: skip
            yield call(m(*shape), dim, mask=masks(m, *shape))
        yield call(m(3, 4), 1, mask=masks(m, 4))
        yield call(m(3, 4), 1)
        yield call(m(4, 3).T, 0, mask=masks(m, 3, 4))
        yield call(m(6)[::-1], 0, mask=masks(m, 6))


@case("masked.normalize", dtypes=FLOATS, errors=[
    error(np.zeros(3), 2, 0, mask=np.ones((2, 3), bool), kind=IndexError,
          match="mask dimensionality higher"),
    error(np.zeros(3), 2, 1, kind=IndexError, match="out of range"),
])  # fmt: skip
def normalize(m):
    for k, (shape, dim) in enumerate([((3, 4), 0), ((3, 4), 1), ((5,), 0), ((2, 3, 4), 1),
                                      ((2, 3), -1), ((7,), 0)] * 2):  # fmt: skip
        x = m(*shape, low=0.5)
        yield call(x, (2.0, 1.0, 3.0)[k % 3], dim, mask=masks(m, *shape))


@case("masked.logaddexp", dtypes=FLOATS, errors=[
    error(np.zeros(3), np.zeros(3), input_mask=np.ones((2, 3), bool), kind=IndexError,
          match="mask dimensionality higher"),
    error(np.zeros((2, 3)), np.zeros(4), match="axis -1 has 3 and 4"),
], second=False, note="torch's second derivative is nan beside -inf")  # fmt: skip
def logaddexp(m):
    for shape in ((3, 4), (5,), (1,), (2, 3, 2), (0,), (7,)):
        yield call(m(*shape), m(*shape), input_mask=masks(m, *shape))
        yield call(m(*shape), m(*shape), other_mask=masks(m, *shape))
