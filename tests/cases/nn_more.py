"""Rows for the less travelled parts of nn.functional: attention, bags, margins, shuffles, pools."""

import numpy as np

from samples import one
from table import FLOATS, NUMBERS, call, case, const, error

Z = np.zeros
REDUCTIONS = ("mean", "sum", "none")
BAD_REDUCTION = "not a valid value"


@case("nn.functional.bilinear", errors=[
    error(Z((2, 3)), Z((3, 4)), Z((5, 3, 4)), match="batch dimensions do not match"),
    error(Z((2, 3)), Z((2, 5)), Z((5, 3, 4)), match="input2"),
    error(Z((2, 3)), Z((2, 4)), Z((5, 3, 4)), Z(3), match="5 and 3|bias"),
])  # fmt: skip
def bilinear(m):
    for batch in ((2,), (), (0,), (2, 3), (1,)):
        yield call(m(*batch, 3), m(*batch, 2), m(4, 3, 2), m(4))
        yield call(m(*batch, 3), m(*batch, 2), m(1, 3, 2))
    yield call(m(3, 2).T, m(4, 4)[::-2, ::2], m(2, 3, 4).T)
    x = m(2, 3)
    yield call(x, x, m(2, 3, 3))


@case("nn.functional.normalize", errors=[
    error(Z((2, 3)), dim=5, kind=IndexError, match="Dimension out of range"),
    error(np.arange(4), dim=0, match="floating point"),
])  # fmt: skip
def normalize(m):
    for p in (2.0, 1.0, 3.0):
        yield call(m(2, 3, low=0.5), p)
        yield call(m(2, 3, low=0.5), p, 0)
        yield call(m(4, 3, low=0.5).T, p, -1)
    yield call(m(3), dim=0)
    yield call(m(2, 3, 2), dim=(1, 2))
    yield call(m(0, 3))
    yield call(m(2, 3), eps=10.0)
    yield call(m(6)[::-2], dim=0)


@case("nn.functional.scaled_dot_product_attention", rtol=1e-4, errors=[
    error(Z((2, 3, 4)), Z((2, 3, 5)), Z((2, 3, 4)), match="cannot be multiplied|batch2"),
    error(Z((3, 4)), Z((3, 4)), Z((3, 4)), Z((3, 3)), is_causal=True, match="should not be set"),
    error(Z(4), Z(4), Z(4), match="2 dimensional"),
])  # fmt: skip
def scaled_dot_product_attention(m):
    for lead in ((), (2,), (2, 2), (1, 2)):
        yield call(m(*lead, 3, 4), m(*lead, 5, 4), m(*lead, 5, 2))
        yield call(m(*lead, 3, 4), m(*lead, 3, 4), m(*lead, 3, 4), is_causal=True)
    mask = const(np.array([[True, False, True], [True, True, False]]))
    yield call(m(2, 4), m(3, 4), m(3, 4), mask)
    yield call(m(2, 2, 4), m(2, 3, 4), m(2, 3, 4), m(2, 3))
    yield call(m(2, 4), m(3, 4), m(3, 4), scale=0.3)
    yield call(m(1, 4, 3, 2), m(1, 2, 3, 2), m(1, 2, 3, 2), enable_gqa=True)
    yield call(m(4, 2).T, m(4, 3).T, m(3, 4)[::-1])


@case("nn.functional.ctc_loss", differences=False, second=False, rtol=1e-4,
      note="the gradient takes log_probs to be normalised", errors=[
    error(Z((4, 1, 3)), const(np.array([[1]])), (5,), (1,), match="at most 4, but got value 5"),
    error(Z((4, 1, 3)), const(np.array([[1]])), (4,), (1,), blank=3, match="in label range"),
])  # fmt: skip
def ctc_loss(m):
    def log_probs(*shape):
        x = m(*shape)
        return (x - np.log(np.exp(x).sum(-1, keepdims=True))).astype(x.dtype)

    def lengths(*values):
        return const(np.array(values))

    for reduction in REDUCTIONS:
        targets = const(np.array([[1, 2], [2, 2]]))
        yield call(log_probs(6, 2, 3), targets, (6, 5), (2, 1), reduction=reduction)
        yield call(log_probs(6, 2, 3), targets, lengths(6, 6), lengths(2, 2), reduction=reduction)
        joined = const(np.array([1, 2, 1]))
        yield call(log_probs(5, 2, 4), joined, (5, 4), (1, 2), 3, reduction=reduction)
        short = log_probs(2, 1, 3), const(np.array([[1, 1]])), (2,), (2,)
        yield call(*short, reduction=reduction, zero_infinity=True)
    yield call(log_probs(5, 3), const(np.array([1, 2])), lengths(5), lengths(2))


@case("nn.functional.embedding_bag", errors=[
    error(const(np.array([0, 1])), Z((3, 2)), kind=ValueError, match="1D Tensor but got None"),
    error(const(np.array([[0, 1]])), Z((3, 2)), const(np.array([0])), kind=ValueError,
          match="offsets has to be None"),
    error(const(np.array([0, 1])), Z((3, 2)), const(np.array([1])), match="has to be 0"),
    error(const(np.array([[0, 1]])), Z((3, 2)), mode="x", kind=ValueError, match="mode has to be"),
])  # fmt: skip
def embedding_bag(m):
    offsets = const(np.array([0, 2, 2, 5]))
    for mode in ("mean", "sum", "max"):
        yield call(m.index(2, 3, size=4), m(4, 2), mode=mode)
        yield call(m.index(6, size=4), m(4, 2), offsets, mode=mode)
        yield call(m.index(5, size=4), m(4, 2), offsets, mode=mode, include_last_offset=True)
        yield call(m.index(2, 3, size=4), m(4, 2), mode=mode, padding_idx=1)
    yield call(m.index(2, 3, size=4), m(4, 2), mode="sum", per_sample_weights=m(2, 3))
    yield call(m.index(1, 1, size=4), m(2, 4).T)


def triplets(m, **options):
    for reduction in REDUCTIONS:
        yield call(m(3, 4), m(3, 4), m(3, 4), reduction=reduction, **options)
        yield call(m(3, 4), m(3, 4), m(3, 4), margin=3.0, reduction=reduction, **options)
        yield call(m(4, 3).T, m(3, 4), m(6, 4)[::2], swap=True, reduction=reduction, **options)
    yield call(m(4), m(4), m(4), **options)
    yield call(m(2, 3), m(1, 3), m(2, 3), **options)
    yield call(m(2, 2, 3), m(2, 2, 3), m(2, 2, 3), **options)


TRIPLET_ERRORS = [
    error(Z((2, 3)), Z(3), Z((2, 3)), match="same number of dimensions"),
    error(Z(2), Z(2), Z(2), margin=-1, kind=ValueError, match="margin must be greater than 0"),
    error(Z(2), Z(2), Z(2), reduction="max", kind=ValueError, match=BAD_REDUCTION),
]


@case("nn.functional.triplet_margin_loss", errors=TRIPLET_ERRORS)
def triplet_margin_loss(m):
    yield from triplets(m)
    for p in (1, 3):
        yield call(m(3, 4), m(3, 4), m(3, 4), p=p)


def squares(x, y):
    return ((x - y) * (x - y)).sum(-1)


@case("nn.functional.triplet_margin_with_distance_loss", errors=TRIPLET_ERRORS)
def triplet_margin_with_distance_loss(m):
    yield from triplets(m)
    yield from triplets(m, distance_function=squares)


@case("nn.functional.cosine_embedding_loss", errors=[
    error(Z((2, 3)), Z((2, 4)), Z(2), match="3 and 4|must match"),
    error(Z((2, 3)), Z((2, 3)), Z(2), reduction="max", kind=ValueError, match=BAD_REDUCTION),
])  # fmt: skip
def cosine_embedding_loss(m):
    signs = const(m.array([1, -1, 1, -1]))
    for reduction in REDUCTIONS:
        yield call(m(4, 3), m(4, 3), signs, reduction=reduction)
        yield call(m(4, 3), m(4, 3), signs, 0.5, reduction=reduction)
        yield call(m(3, 4).T, m(8, 3)[::-2], signs, -0.5, reduction=reduction)
        yield call(m(3), m(3), const(m.array(-1)), reduction=reduction)


@case("nn.functional.gaussian_nll_loss", errors=[
    error(Z(2), Z(2), Z(2) - 1, kind=ValueError, match="negative entry"),
    error(Z(2), Z(2), Z(2) + 1, reduction="max", kind=ValueError, match="max is not valid"),
])  # fmt: skip
def gaussian_nll_loss(m):
    for reduction in REDUCTIONS:
        for full in (False, True):
            options = {"full": full, "reduction": reduction}
            yield call(m(3, 2), m(3, 2), m(3, 2, low=0.1), **options)
            yield call(m(3, 2), m(3, 2), m(3, low=0.1), **options)
            yield call(m(2, 3).T, m(3, 2), m(3, 1, low=0.1), **options)


@case("nn.functional.multilabel_margin_loss", errors=[
    error(Z((2, 3)), const(np.array([[0, 1], [1, 1]])), match="inconsistent target size"),
    error(Z(3), const(np.array([0, 1, 3])), match="is out of range"),
    error(Z(3), Z(3), match="Long but found"),
])  # fmt: skip
def multilabel_margin_loss(m):
    labels = const(np.array([[3, 0, -1, 1], [-1, 1, 1, 1], [2, 1, 0, 3]]))
    for reduction in REDUCTIONS:
        yield call(m(3, 4), labels, reduction=reduction)
        yield call(m(4, 3).T, labels, reduction=reduction)
        yield call(m(6, 4)[::-2], labels, reduction=reduction)
        yield call(m(4), const(labels.array[0]), reduction=reduction)


@case("nn.functional.pdist", errors=[
    error(Z(3), match="2D tensors"),
    error(Z((3, 2)), -1.0, match="non-negative p"),
])  # fmt: skip
def pdist(m):
    for p in (2.0, 1.0, 3.0, np.inf):
        yield call(m(4, 3), p)
        yield call(m(3, 4).T, p)
        yield call(m(2, 2), p)
    yield call(m(1, 3))
    yield call(m(6, 2)[::-2])


def svm(scores, target, margin=1.0, reduction="mean"):
    rows = np.arange(len(target))
    hinge = np.maximum(scores - scores[rows, target][:, None] + margin, 0)
    hinge[rows, target] = 0
    loss = hinge.sum(1)
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss


@case("nn.functional.svm_loss", reference=svm, note="the lectures' loss; torch has none", errors=[
    error(Z((2, 3)), const(np.array([0, 3])), kind=IndexError, match="out of"),
    error(Z((2, 3)), const(np.array([0])), match="inconsistent target size"),
])  # fmt: skip
def svm_loss(m):
    for reduction in REDUCTIONS:
        yield call(m(4, 3), m.index(4, size=3), reduction=reduction)
        yield call(m(4, 3), m.index(4, size=3), 0.5, reduction=reduction)
        yield call(m(3, 4).T, m.index(4, size=3), reduction=reduction)
        yield call(m(1, 2), m.index(1, size=2), reduction=reduction)


def largest(x, pieces, dim=-1):
    dim %= x.ndim
    shape = (*x.shape[:dim], x.shape[dim] // pieces, pieces, *x.shape[dim + 1 :])
    return x.reshape(shape).max(dim + 1)


@case("nn.functional.maxout", reference=largest, note="torch has none", errors=[
    error(Z((2, 3)), 2, match="must be a multiple of pieces=2"),
    error(Z((2, 4)), 2, 3, kind=IndexError, match="Dimension out of range"),
])  # fmt: skip
def maxout(m):
    for pieces in (1, 2, 3):
        yield call(m(6), pieces)
        yield call(m(2, 6), pieces)
        yield call(m(6, 2), pieces, 0)
        yield call(m(6, 2).T, pieces)
        yield call(m(2, 6, 3)[::-1], pieces, 1)


def pictures(m, *channels, size=(2, 3)):
    for c in channels:
        yield m(c, *size)
        yield m(2, c, *size)
        yield m(0, c, *size)
        yield m(*size[::-1], c).T
        yield m(2, 2 * c, *size)[:, ::-2]
        yield m(1, 2, c, *size)


@case("nn.functional.pixel_shuffle", dtypes=NUMBERS, errors=[
    error(Z((3, 2, 2)), 2, match="divisible by the square of upscale_factor"),
    error(Z((2, 2)), 2, match="at least 3 dimensions"),
    error(Z((4, 2, 2)), 0, match="positive upscale_factor"),
])  # fmt: skip
def pixel_shuffle(m):
    for x in pictures(m, 4, 8, 12):
        if x.size:  # torch has no gradient for nothing
            yield call(x, 2)
    yield call(m(9, 1, 2), 3)


@case("nn.functional.pixel_unshuffle", dtypes=NUMBERS, errors=[
    error(Z((1, 3, 2)), 2, match="divisible by downscale_factor"),
    error(Z((2, 2)), 2, match="at least 3 dimensions"),
    error(Z((1, 2, 2)), 0, match="positive downscale_factor"),
])  # fmt: skip
def pixel_unshuffle(m):
    for x in pictures(m, 1, 2, 3, size=(4, 2)):
        if x.size:  # of nothing torch gives back its input
            yield call(x, 2)
    yield call(m(1, 3, 6), 3)


@case("nn.functional.channel_shuffle", dtypes=NUMBERS, errors=[
    error(Z((1, 3, 2)), 2, match="must be divisible by groups"),
    error(Z(2), 2, match="> 2 dims"),
    error(Z((1, 4, 2)), 0, match="must be positive"),
])  # fmt: skip
def channel_shuffle(m):
    for groups in (1, 2, 3):
        for shape in ((1, 6, 2), (2, 6, 1, 2), (0, 6, 2)):
            yield call(m(*shape), groups)
        yield call(m(2, 6, 2).T, 2)
        yield call(m(2, 12, 2)[:, ::-2], groups)


@case("nn.functional.local_response_norm", rtol=1e-4, errors=[
    error(Z((2, 3)), 2, kind=ValueError, match="3D or higher"),
    error(Z((1, 2, 3)), 0, match="greater than zero"),
])  # fmt: skip
def local_response_norm(m):
    for size in (1, 2, 3):
        yield call(m(2, 4, 3), size)
        yield call(m(2, 4, 2, 2), size, 0.5, 0.6, 2.0)
        yield call(m(1, 3, 2, 1, 2), size, alpha=1.0)
        yield call(m(3, 4, 2).T, size)


def unpool(m, rank):
    """Maxima and where they go, no place twice."""

    def distinct(*shape):
        cells = np.arange(int(np.prod(shape[-rank:]))).reshape(shape[-rank:]) * 2
        return const(np.broadcast_to(cells, shape).copy())

    size = (3, 2, 1)[:rank]
    for lead in ((1,), (2, 1), (1, 2)):
        yield call(m(*lead, *size), distinct(*lead, *size), 2)
        yield call(m(*lead, *size), distinct(*lead, *size), (2,) * rank, (2,) * rank)
        yield call(m(*lead, *size), distinct(*lead, *size), 3, 2)
        yield call(m(*size[::-1], *lead[::-1]).T, distinct(*lead, *size), 2)


for _rank in (1, 3):
    _one = (1,) * (_rank + 2)
    case(f"nn.functional.max_unpool{_rank}d", second=False, errors=[
        error(Z(_one), const(np.full(_one, 99)), 2, match="invalid max index"),
        error(Z(_one), const(np.zeros((*_one[1:], 2), np.int64)), 2, match="same as"),
    ])(lambda m, r=_rank: unpool(m, r))  # fmt: skip


def fractional(m, rank, **options):
    def draws(n):
        return const(m(n, 2, rank, low=0, high=1))

    size = (5, 5, 6)[-rank:]
    for out in (1, 2, 3, (2, 3, 2)[:rank]):
        yield call(m(2, 2, *size), 2, out, _random_samples=draws(2), **options)
        yield call(m(1, 2, *size), (2, 1, 2)[:rank], out, _random_samples=draws(1), **options)
        yield call(m(2, *size), 1, out, _random_samples=draws(1), **options)


def too_large(rank):
    x = Z((1, 1) + (3,) * rank)
    return [error(x, 2, kind=(ValueError, RuntimeError), match="output_size or an output_ratio"),
            error(x, 2, 3, match="too large")]  # fmt: skip


case("nn.functional.fractional_max_pool3d", errors=too_large(3))(lambda m: fractional(m, 3))
for _rank in (2, 3):
    case(f"nn.functional.fractional_max_pool{_rank}d_with_indices", errors=too_large(_rank))(
        lambda m, r=_rank: fractional(m, r)
    )


def lp_pools(m, rank):
    size = (4, 3, 3)[:rank]
    for p in (1, 2, 3):
        yield call(m(2, 2, *size, low=0.5), p, 2)
        yield call(m(2, *size, low=0.5), p, 2)
        yield call(m(1, 2, *size, low=0.5), p, 2, 1)
        yield call(m(1, 2, *size, low=0.5), p, 2, ceil_mode=True)


for _rank in (1, 3):
    case(f"nn.functional.lp_pool{_rank}d", second=False, errors=[
        error(Z((1,) + (3,) * _rank), 2, 5, match="too small|smaller than"),
        error(Z(()), 2, 2, match="(?i)expected"),
    ])(lambda m, r=_rank: lp_pools(m, r))  # fmt: skip


def pooled(m, rank, adaptive):
    size = (5, 4, 3)[:rank]
    for out in (1, 2, 3) if adaptive else ((2,) * rank, (2, 1, 2)[:rank], (3, 2, 3)[:rank]):
        yield call(m(2, 2, *size), out)
        yield call(m(2, *size), out)
        yield call(m(*size[::-1], 2).T, out)
        yield call(m(1, 4, *size)[:, ::-2], out)


for _rank in (1, 2, 3):
    _window = (
        "max_pool",
        [
            error(Z((1,) + (3,) * _rank), 2, padding=2, match="at most half"),
            error(Z((1,) + (3,) * _rank), 5, match="too small"),
        ],
    )
    _cut = (
        "adaptive_max_pool",
        [
            error(Z(()), 2, match="(?i)expected"),
            error(
                Z((1,) + (3,) * _rank), (1,) * 4, kind=(RuntimeError, ValueError), match="output"
            ),
        ],
    )
    for _adaptive, (_name, _errors) in enumerate((_window, _cut)):
        case(f"nn.functional.{_name}{_rank}d_with_indices", errors=_errors)(
            lambda m, r=_rank, a=_adaptive: pooled(m, r, a)
        )


@case("nn.functional.affine_grid", rtol=1e-4, errors=[
    error(Z((1, 2, 3)), (1, 1, 0, 2), align_corners=False, kind=ValueError,
          match="non-zero, positive output size"),
    error(np.zeros((1, 2, 3), np.int64), (1, 1, 2, 2), align_corners=False, kind=ValueError,
          match="floating point type"),
    error(Z((1, 2, 3)), (1, 1), align_corners=False, kind=NotImplementedError,
          match="only supports 4D and 5D sizes"),
])  # fmt: skip
def affine_grid(m):
    for align in (False, True):
        for size in ((1, 1, 2, 3), (2, 1, 3, 2), (2, 3, 1, 1), (2, 1, 4, 1)):
            yield call(m(size[0], 2, 3), size, align)
        for size in ((1, 1, 2, 3, 2), (2, 1, 1, 2, 1)):
            yield call(m(size[0], 3, 4), size, align)
    yield call(m(3, 2, 2).T, (2, 1, 2, 2), False)


def resized(m):
    yield call(m(1, 2, 2, 3), (3, 4))
    yield call(m(2, 1, 3, 2), scale_factor=2)
    yield call(m(1, 1, 3, 4), 2)
    yield call(m(3, 2, 1, 2).T, (4, 2))
    yield call(m(1, 4, 2, 2)[:, ::-2], 3)
    yield call(m(1, 1, 1, 1), 2)
    yield call(m(1, 1, 2, 2), (1, 1))
    yield call(m(1, 1, 4, 4), (3, 4))
    yield call(m(1, 2, 3, 3), scale_factor=(1, 2))
    yield call(m(1, 1, 2, 5), (2, 5))
    yield call(m(1, 1, 5, 2), (2, 5))
    yield call(m(2, 2, 2, 2), size=4)


RESIZE_ERRORS = [
    error(Z((1, 1, 2, 2)), kind=ValueError, match="either size or scale_factor"),
    error(Z((1, 2)), 3, kind=(ValueError, NotImplementedError), match="Only 3D, 4D and 5D"),
]
for _name in ("upsample", "upsample_bilinear", "upsample_nearest"):
    case(f"nn.functional.{_name}", errors=RESIZE_ERRORS, rtol=1e-4)(resized)


@case("nn.functional.linear_cross_entropy", errors=[
    error(Z((2, 3)), Z((4, 5)), const(np.array([0, 1])), match="multiplied|in_features"),
    error(Z((2, 3)), Z((4, 3)), const(np.array([0, 4])), kind=IndexError, match="out of bounds"),
])  # fmt: skip
def linear_cross_entropy(m):
    for reduction in REDUCTIONS:
        labels = m.index(4, size=3)
        yield call(m(4, 2), m(3, 2), labels, reduction=reduction)
        yield call(m(4, 2), m(3, 2), labels, linear_bias=m(3), reduction=reduction)
        yield call(m(2, 4).T, m(6, 2)[::-2], labels, reduction=reduction)
        yield call(m(4, 2), m(3, 2), labels, label_smoothing=0.2, reduction=reduction)


@case("nn.functional.rrelu", differences=False, note="without training: the mean slope", errors=[
    error(Z(2), 0.5, 0.2, match="less than or equal to the upper"),
    error(np.arange(3), match="not implemented for 'Long'"),
])  # fmt: skip
def rrelu(m):
    yield from one(m, corners=[0.0, -0.0, np.inf, -np.inf])
    yield call(m(3), 0.2, 0.4)


PAD_ERRORS = [
    error(Z(2), (1,), match="divisible by 2"),
    error(Z(2), (1, 1, 1, 1), match="two times the input dimension"),
    error(Z((1, 2)), (2, 2), "reflect", match="less than the corresponding input dimension"),
    error(Z((1, 2)), (1, 1), "x", kind=NotImplementedError, match="Unrecognised padding mode"),
]


@case("nn.functional.pad", dtypes=NUMBERS, errors=PAD_ERRORS)
def pad(m):
    for shape, sides in (((4,), (1, 2)), ((2, 3), (1, 0)), ((2, 3), (1, 2, 0, 1)), ((), ())):
        yield call(m(*shape), sides)
        yield call(m(*shape), sides, "constant", 2)
    yield call(m(3, 4).T, (-1, 2))
    yield call(m(0, 2), (1, 1))
    for mode in ("reflect", "replicate", "circular"):
        yield call(m(1, 2, 4), (1, 2), mode)
        yield call(m(1, 2, 3, 4), (1, 2, 0, 1), mode)
        yield call(m(2, 4, 3).T, (1, 0), mode)


SOFTMAX_ERRORS = [
    error(Z(3), 1, kind=IndexError, match="Dimension out of range"),
    error(np.arange(3), 0, match="not implemented for 'Long'"),
]
for _name in ("softmax", "log_softmax"):

    @case(f"nn.functional.{_name}", errors=SOFTMAX_ERRORS)
    def soft(m):
        for dim in (0, 1, -1):
            yield call(m(2, 3), dim)
            yield call(m(3, 2).T, dim)
            yield call(m(2, 3, 2)[::-1], dim)
            yield call(m(2, 3, low=-200, high=200), dim)
        yield call(m(), 0)
        yield call(m(0, 3), 1)
        yield call(m(3), dtype="dtype:float64", dim=0)


for _name in ("sigmoid", "tanh", "tanhshrink"):

    @case(f"nn.functional.{_name}", dtypes=FLOATS, errors=[
        error(Z(2), none_such=1, kind=TypeError, match="none_such"),
        error("a", kind=(TypeError, AttributeError), match="str"),
    ])  # fmt: skip
    def curve(m):
        yield from one(m, corners=[0.0, -0.0, 30, -30])


def attention(m, query, key, heads, *, bias=True, **options):
    e = query.shape[-1]
    given = m(3 * e, e, low=-1, high=1), m(3 * e) if bias else None
    out = m(e, e, low=-1, high=1), m(e) if bias else None
    value = m(*key.shape)
    return call(query, key, value, e, heads, *given, None, None, False, 0.0, *out, **options)


def attends(e, heads, query=(2, 4)):
    return (Z(query), Z((2, 4)), Z((2, 4)), e, heads, Z((12, 4)), Z(12), None, None, False, 0.0,
            Z((4, 4)), Z(4))  # fmt: skip


@case("nn.functional.multi_head_attention_forward", rtol=1e-4, errors=[
    error(*attends(5, 1), kind=(AssertionError, ValueError), match="embedding dim"),
    error(*attends(4, 3), kind=(AssertionError, ValueError), match="not divisible by num_heads"),
])  # fmt: skip
def multi_head_attention_forward(m):
    for heads in (1, 2, 4):
        yield attention(m, m(3, 4), m(2, 4), heads)
        yield attention(m, m(3, 2, 4), m(2, 2, 4), heads, bias=False)
        yield attention(m, m(3, 1, 4), m(3, 1, 4), heads, average_attn_weights=False)
        yield attention(m, m(3, 2, 4), m(2, 2, 4), heads, need_weights=False)
    x = m(3, 2, 4)
    yield attention(m, x, x, 2)
    ahead = const(np.triu(np.ones((3, 3), bool), 1))
    yield attention(m, m(3, 2, 4), m(3, 2, 4), 2, attn_mask=ahead)
    padding = const(np.array([[False, True, True], [False, False, True]]))
    yield attention(m, m(2, 2, 4), m(3, 2, 4), 2, key_padding_mask=padding)
    yield call(*attention(m, m(2, 2, 4), m(3, 2, 4), 2).args[:7], m(1, 1, 4), m(1, 1, 4), True, 0.0,
               m(4, 4), m(4))  # fmt: skip
