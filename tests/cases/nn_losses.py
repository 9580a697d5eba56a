"""Rows for losses and distances."""

import numpy as np

from table import call, case, const, error

Z = np.zeros
REDUCTIONS = ("mean", "sum", "none")
BAD_REDUCTION = error(
    Z((2, 3)), Z((2, 3)), reduction="max", kind=ValueError, match="not a valid value"
)
LABEL = error(
    Z((2, 3)), const(np.array([0, 3])), kind=IndexError, match=r"Target 3 is out of bounds.*\[1\]"
)
SIZES_DIFFER = error(Z((2, 3)), Z((2, 4)), match="must match|axis -1 has [34] and [34]")
SIZES = error(Z((2, 3)), const(np.array([0])), kind=ValueError, match="batch_size")


def labelled(m):
    for reduction in REDUCTIONS:
        yield call(m(4, 3), m.index(4, size=3), reduction=reduction)
        yield call(m(4, 3), m.index(4, size=3), const(m(3, low=0.5)), reduction=reduction)
        yield call(m(4, 3), m.index(4, size=3), ignore_index=1, reduction=reduction)
        yield call(m(2, 3, 2, 2), m.index(2, 2, 2, size=3), reduction=reduction)
    yield call(m(3), m.index(size=3))
    yield call(m(3, 4).T, m.index(4, size=3))
    yield call(m(1, 2), m.index(1, size=2))


@case("nn.functional.cross_entropy", errors=[LABEL, SIZES])
def cross_entropy(m):
    yield from labelled(m)
    for reduction in REDUCTIONS:
        yield call(m(4, 3), m.index(4, size=3), label_smoothing=0.2, reduction=reduction)
        yield call(m(4, 3), m(4, 3, low=0), reduction=reduction)
    yield call(m(2, 3, low=-1000, high=1000), m.index(2, size=3))


case("nn.functional.nll_loss", errors=[LABEL, SIZES])(labelled)


def pairs(m, scalar=True, **options):
    for reduction in REDUCTIONS:
        yield call(m(3), m(3), reduction=reduction, **options)
        yield call(m(2, 3), m(2, 3), reduction=reduction, **options)
        yield call(m(3, 2).T, m(2, 3), reduction=reduction, **options)
        yield call(m(4)[::-1], m(8)[::2], reduction=reduction, **options)
    if scalar:
        yield call(m(), m(), **options)
    yield call(m(1), m(1), **options)


def pair_row(name, *variants, scalar=True, **options):
    def samples(m):
        for variant in variants or ({},):
            yield from pairs(m, scalar, **variant)

    errors = (BAD_REDUCTION, error(Z(2), kind=TypeError, match="target"))
    case(f"nn.functional.{name}", errors=errors, **options)(samples)


pair_row("mse_loss")
pair_row("l1_loss")
pair_row("smooth_l1_loss", {}, {"beta": 0.5})
pair_row("huber_loss", {}, {"delta": 0.5})
pair_row("poisson_nll_loss")
pair_row("multilabel_soft_margin_loss", scalar=False)


def signs(m, *shape):
    return const(m.array(np.where(m.random.uniform(size=shape) > 0.5, 1, -1)))


@case("nn.functional.soft_margin_loss", errors=[BAD_REDUCTION, SIZES_DIFFER])
def soft_margin_loss(m):
    for reduction in REDUCTIONS:
        for shape in ((3,), (2, 3), (), (1, 1)):
            yield call(m(*shape), signs(m, *shape), reduction=reduction)


@case("nn.functional.hinge_embedding_loss", errors=[BAD_REDUCTION, SIZES_DIFFER])
def hinge_embedding_loss(m):
    for reduction in REDUCTIONS:
        for shape in ((3,), (2, 3), (), (1, 1)):
            yield call(m(*shape), signs(m, *shape), reduction=reduction)


@case(
    "nn.functional.margin_ranking_loss",
    errors=[
        error(Z((2, 3)), Z(3), Z(3), match="same dimension"),
        error(Z(2), Z(2), Z(2), reduction="max", kind=ValueError, match="not a valid value"),
    ],
)
def margin_ranking_loss(m):
    for reduction in REDUCTIONS:
        for shape in ((3,), (2, 3)):
            yield call(m(*shape), m(*shape), signs(m, *shape), reduction=reduction)
            yield call(m(*shape), m(*shape), signs(m, *shape), 0.5, reduction=reduction)


@case(
    "nn.functional.binary_cross_entropy",
    errors=[
        error(Z((3, 1)), Z(3), kind=ValueError, match=r"\[3\].*\[3, 1\]"),
        error(Z(2) + 2, Z(2), match="between 0 and 1"),
    ],
    rtol=1e-4,
)
def binary_cross_entropy(m):
    def p(*shape):
        return m(*shape, low=0.05, high=0.95)

    for reduction in REDUCTIONS:
        for shape in ((3,), (2, 3), (), (1, 1)):
            yield call(p(*shape), const(p(*shape)), reduction=reduction)
    yield call(p(2, 3), const(p(2, 3)), const(p(3)))


@case(
    "nn.functional.binary_cross_entropy_with_logits",
    errors=[
        error(Z((3, 1)), Z(3), kind=ValueError, match="must be the same as input size"),
        BAD_REDUCTION,
    ],
)
def binary_cross_entropy_with_logits(m):
    for reduction in REDUCTIONS:
        for shape in ((3,), (2, 3), (), (1, 1)):
            yield call(m(*shape), const(m(*shape, low=0, high=1)), reduction=reduction)
    yield call(m(2, 3), const(m(2, 3, low=0, high=1)), const(m(3)))
    yield call(m(2, 3), const(m(2, 3, low=0, high=1)), pos_weight=const(m(3, low=1)))
    yield call(m(4, low=-200, high=200), const(m(4, low=0, high=1)))


@case("nn.functional.kl_div", errors=[
    BAD_REDUCTION,
    error(Z((2, 3)), Z((2, 4)), reduction="sum", match="axis -1 has [34] and [34]"),
])  # fmt: skip
def kl_div(m):
    for reduction in ("batchmean", "sum", "none"):
        for shape in ((3,), (2, 3), (2, 2, 2)):
            yield call(m(*shape), m(*shape, low=0.1), reduction=reduction)
            yield call(m(*shape), m(*shape), reduction=reduction, log_target=True)


@case(
    "nn.functional.multi_margin_loss",
    errors=[
        error(Z((2, 3)), const(np.array([0, 3])), kind=(IndexError, RuntimeError), match="out of"),
        error(Z((2, 3)), const(np.array([0, 1])), p=3, kind=ValueError, match="p == 1 and p == 2"),
    ],
    second=False,
)
def multi_margin_loss(m):
    for reduction in REDUCTIONS:
        yield call(m(4, 3), m.index(4, size=3), reduction=reduction)
        yield call(m(4, 3), m.index(4, size=3), p=2, reduction=reduction)
        yield call(m(4, 3), m.index(4, size=3), margin=0.5, reduction=reduction)
        yield call(m(4, 3), m.index(4, size=3), weight=const(m(3)), reduction=reduction)


@case(
    "nn.functional.cosine_similarity",
    errors=[
        error(Z((2, 3)), Z((2, 4)), match="axis -1"),
        error(Z((2, 3)), Z((2, 3)), 4, kind=IndexError, match="Dimension out of range"),
    ],
)
def cosine_similarity(m):
    for dim in (0, 1, -1):
        yield call(m(3, 4), m(3, 4), dim)
        yield call(m(3, 4), m(4), dim)
        yield call(m(4, 3).T, m(3, 4), dim)
        yield call(m(2, 3, 4), m(3, 4), dim)


@case(
    "nn.functional.pairwise_distance",
    errors=[
        error(Z((2, 3)), Z((2, 4)), match="axis -1"),
        error(Z((2, 3)), Z((4, 3)), match="axis -2"),
    ],
)
def pairwise_distance(m):
    for p in (2.0, 1.0, 3.0):
        yield call(m(3, 4), m(3, 4), p)
        yield call(m(3, 4), m(4), p)
        yield call(m(4), m(4), p)
        yield call(m(3, 4), m(3, 4), p, keepdim=True)
