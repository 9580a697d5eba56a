"""Rows for linear maps, convolution, pooling, normalisation and embedding."""

import numpy as np

from table import call, case, const, error

Z = np.zeros


@case(
    "nn.functional.linear",
    errors=[
        error(Z((2, 5)), Z((4, 3)), match="the last axis of x must equal in_features"),
        error(Z((2, 3)), Z((4, 3)), Z(5), match="out_features = 4"),
        error(Z((2, 3), np.float32), Z((4, 3)), match="same dtype"),
    ],
)
def linear(m):
    yield call(m(2, 3), m(4, 3), m(4))
    yield call(m(2, 3), m(4, 3))
    yield call(m(3), m(4, 3), m(4))
    yield call(m(2, 5, 3), m(4, 3), m(4))
    yield call(m(2, 1, 2, 3), m(1, 3), m(1))
    yield call(m(0, 3), m(4, 3), m(4))
    yield call(m(2, 0), m(4, 0), m(4))
    yield call(m(3, 2).T, m(4, 3), m(4))
    yield call(m(2, 3), m(3, 4).T, m(4))
    yield call(m(4, 3)[::-2], m(4, 3), m(8)[::2])
    yield call(m(2, 3), m(3))
    yield call(m(1, 1), m(1, 1), m(1))
    x = m(3, 3)
    yield call(x, x)


CONV_ERRORS = [
    error(Z((1, 2, 5, 5)), Z((4, 3, 3, 3)), match="to have 3 channels, but got 2 channels"),
    error(Z((1, 3, 2, 2)), Z((4, 3, 3, 3)), match="Kernel size can't be greater"),
    error(Z((1, 3, 5, 5)), Z((4, 3, 3, 3)), stride=0, match="non-positive stride"),
    error(Z((1, 3, 5, 5), np.float32), Z((4, 3, 3, 3)), match="should be the same"),
    error(Z((3, 5)), Z((4, 3, 3, 3)), match="Expected 3D|weight must have"),
]


def conv_errors(rank):
    weight = Z((4, 3) + (3,) * rank)
    return [
        error(Z((1, 2) + (5,) * rank), weight, match="to have 3 channels, but got 2 channels"),
        error(Z((1, 3) + (2,) * rank), weight, match="Kernel size can't be greater"),
        CONV_ERRORS[-1],
    ]


@case("nn.functional.conv2d", errors=CONV_ERRORS, rtol=1e-4)
def conv2d(m):
    yield call(m(2, 3, 5, 6), m(4, 3, 3, 3), m(4))
    yield call(m(2, 3, 5, 6), m(4, 3, 3, 3))
    yield call(m(3, 5, 6), m(4, 3, 3, 3), m(4))
    yield call(m(2, 3, 5, 6), m(4, 3, 3, 2), stride=(2, 1), padding=(1, 2))
    yield call(m(2, 3, 7, 7), m(4, 3, 3, 3), dilation=2, padding=1)
    yield call(m(2, 4, 5, 5), m(6, 2, 3, 3), groups=2)
    yield call(m(2, 3, 5, 5), m(6, 1, 3, 3), m(6), groups=3, padding="same")
    yield call(m(2, 3, 5, 5), m(4, 3, 2, 4), padding="same")
    yield call(m(2, 3, 5, 5), m(4, 3, 3, 3), padding="valid")
    yield call(m(2, 3, 4, 4), m(5, 3, 1, 1), m(5))
    yield call(m(2, 3, 5, 5), m(5, 3, 1, 1), stride=2)
    yield call(m(0, 3, 5, 5), m(4, 3, 3, 3), m(4))
    yield call(m(5, 6, 3, 2).T, m(4, 3, 3, 3))
    yield call(m(2, 3, 5, 6)[:, :, ::-1], m(4, 3, 3, 3)[::-1])
    yield call(m(1, 1, 3, 3), m(1, 1, 3, 3))


@case("nn.functional.conv1d", errors=conv_errors(1), rtol=1e-4)
def conv1d(m):
    for options in ({}, {"stride": 2}, {"padding": 1}, {"dilation": 2}, {"padding": "same"}):
        yield call(m(2, 3, 7), m(4, 3, 3), m(4), **options)
        yield call(m(3, 7), m(4, 3, 2), **options)
    yield call(m(2, 4, 7), m(6, 2, 3), groups=2)
    yield call(m(7, 4, 2).T, m(8, 1, 3)[::-1], groups=4)


@case("nn.functional.conv3d", errors=conv_errors(3), rtol=1e-4)
def conv3d(m):
    for options in (
        {},
        {"stride": 2},
        {"padding": 1},
        {"dilation": (1, 2, 1)},
        {"stride": (1, 2, 1)},
    ):
        yield call(m(2, 2, 4, 5, 4), m(3, 2, 2, 2, 2), m(3), **options)
        yield call(m(2, 4, 5, 4), m(3, 2, 2, 1, 2), **options)
    yield call(m(1, 4, 3, 3, 3), m(4, 2, 2, 2, 2), groups=2)
    yield call(m(1, 2, 3, 3, 3), m(3, 2, 1, 1, 1))


def transposed(m, size, kernel):
    rank = len(size)
    for options in (
        {}, {"stride": 2}, {"padding": 1}, {"dilation": 2}, {"stride": 2, "output_padding": 1}
    ):  # fmt: skip
        yield call(m(2, 3, *size), m(3, 2, *kernel), m(2), **options)
        yield call(m(3, *size), m(3, 2, *kernel), **options)
    yield call(m(2, 4, *size), m(4, 3, *kernel), m(6), groups=2)
    yield call(m(1, 3, *size), m(3, 2, *(1,) * rank))


def transpose_errors(rank):
    weight = Z((4, 3) + (3,) * rank)
    return [
        error(Z((1, 2) + (5,) * rank), weight, match="to have 4 channels, but got 2 channels"),
        error(Z((1, 4) + (5,) * rank), weight, output_padding=1, match="output padding must be"),
    ]


case("nn.functional.conv_transpose2d", errors=transpose_errors(2), rtol=1e-4)(
    lambda m: transposed(m, (4, 3), (3, 3))
)
case("nn.functional.conv_transpose1d", errors=transpose_errors(1), rtol=1e-4)(
    lambda m: transposed(m, (4,), (3,))
)
case("nn.functional.conv_transpose3d", errors=transpose_errors(3), rtol=1e-4)(
    lambda m: transposed(m, (2, 3, 2), (2, 3, 3))
)


@case(
    "nn.functional.unfold",
    errors=[
        error(Z((1, 1, 2, 2)), 3, match="Kernel size can't be greater"),
        error(Z(3), 1, match="Expected 3D or 4D"),
    ],
)
def unfold(m):
    for options in ({}, {"stride": 2}, {"padding": 1}, {"dilation": 2}):
        yield call(m(2, 3, 5, 6), 2, **options)
        yield call(m(3, 5, 6), (2, 3), **options)
        yield call(m(6, 5, 3).T, (1, 2), **options)


@case(
    "nn.functional.fold",
    errors=[
        error(Z((1, 5, 4)), (3, 3), 2, match="divisible by the product of kernel_size"),
        error(Z((1, 4, 5)), (3, 3), 2, match="sliding blocks"),
    ],
)
def fold(m):
    for channels in (1, 2, 3):
        yield call(m(2, channels * 4, 12), (4, 5), 2)
        yield call(m(channels * 4, 12), (4, 5), 2)
        yield call(m(2, channels * 4, 6), (4, 6), 2, stride=2)
        yield call(m(2, channels * 4, 30), (4, 5), 2, padding=1)


def pools(m, rank):
    size = (6, 7, 5)[:rank]
    for options in ({}, {"stride": 1}, {"padding": 1}, {"ceil_mode": True}, {"stride": 3}):
        yield call(m(2, 3, *size), 2, **options)
        yield call(m(3, *size), (3, 2, 2)[:rank], **options)
    yield call(m(*size[::-1], 2).T, 2)
    yield call(m(2, 4, *size)[:, ::-2], 2)


for rank in (1, 2, 3):
    errors = [
        error(Z((1,) + (3,) * rank), 2, padding=2, match="at most half"),
        error(Z((1,) + (3,) * rank), 5, match="too small"),
        error(Z(()), 2, match="Expected"),
    ]
    case(f"nn.functional.max_pool{rank}d", errors=errors)(lambda m, r=rank: pools(m, r))
    case(f"nn.functional.avg_pool{rank}d", errors=errors)(lambda m, r=rank: pools(m, r))

    def adaptive(m, r=rank):
        size = (6, 7, 5)[:r]
        for out in (1, 2, 3, size, (4, 3, 5)[:r], (None, *(2,) * (r - 1)) if r > 1 else 5):
            yield call(m(2, 3, *size), out)
            yield call(m(3, *size), out)

    errors = [
        error(Z(()), 2, match="Expected"),
        error(Z((1,) + (3,) * rank), (1, 2, 3, 4), kind=(RuntimeError, ValueError), match="output"),
    ]
    case(f"nn.functional.adaptive_avg_pool{rank}d", errors=errors)(adaptive)
    case(f"nn.functional.adaptive_max_pool{rank}d", errors=errors)(adaptive)


def normalized(m):
    for shape, last in (((2, 3), (3,)), ((2, 3, 4), (4,)), ((2, 3, 4), (3, 4)), ((5,), (5,))):
        yield call(m(*shape), last)
        yield call(m(*shape), last, m(*last))
        yield call(m(*shape), last, m(*last), m(*last), 0.1)


@case(
    "nn.functional.layer_norm",
    errors=[
        error(Z((2, 3)), (4,), match=r"expected input with shape \[\*, 4\]"),
        error(Z((2, 3)), (3,), Z(4), match="same shape as normalized_shape"),
    ],
)
def layer_norm(m):
    yield from normalized(m)
    yield call(m(4, 3).T, (4,))
    yield call(m(0, 3), (3,), m(3), m(3))


@case(
    "nn.functional.rms_norm",
    errors=[
        error(Z((2, 3)), (4,), match=r"expected input with shape \[\*, 4\]"),
        error(Z((2, 3)), (3,), Z(4), match="same shape as normalized_shape"),
    ],
)
def rms_norm(m):
    for sample in normalized(m):
        yield call(*sample.args[:3])


@case(
    "nn.functional.batch_norm",
    errors=[
        error(Z((1, 3)), None, None, training=True, kind=ValueError, match="more than 1 value"),
        error(Z((2, 3)), None, None, kind=(RuntimeError, ValueError), match="to be defined"),
        error(Z((2, 3)), None, None, Z(4), training=True, match="should contain 3 elements"),
    ],
)
def batch_norm(m):
    for shape in ((4, 3), (2, 3, 4), (2, 3, 2, 2), (2, 3, 2, 1, 2)):
        stats = const(m(3)), const(m(3, low=0.5))
        yield call(m(*shape), None, None, training=True)
        yield call(m(*shape), None, None, m(3), m(3), True)
        yield call(m(*shape), *stats, m(3), m(3), False)
        yield call(m(*shape), *stats)


@case(
    "nn.functional.group_norm",
    atol=2e-5,
    errors=[
        error(Z((2, 3)), 2, match="divisible by num_groups"),
        error(Z((2, 4)), 2, Z(3), match="vector of size equal"),
    ],
)
def group_norm(m):
    for shape in ((2, 4), (2, 4, 3), (2, 4, 2, 2), (1, 4, 5)):
        yield call(m(*shape), 2)
        yield call(m(*shape), 1, m(4))
        yield call(m(*shape), 2, m(4), m(4))


@case(
    "nn.functional.instance_norm",
    errors=[
        error(Z((2, 3, 1)), kind=ValueError, match="more than 1 spatial element"),
        error(Z((2, 3, 4)), weight=Z(2), match="should contain 3 elements"),
    ],
)
def instance_norm(m):
    for shape in ((2, 3, 4), (1, 3, 5), (2, 3, 2, 2), (2, 3, 2, 2, 1)):
        yield call(m(*shape))
        yield call(m(*shape), weight=m(3), bias=m(3))
        yield call(m(*shape), eps=0.1)


@case(
    "nn.functional.embedding",
    differences=False,
    note="padding_idx and scale_grad_by_freq change the gradient on purpose",
    errors=[
        error(const(np.array([0, 4])), Z((4, 2)), kind=IndexError, match=r"input\[1\] is 4"),
        error(const(np.array([-1])), Z((4, 2)), kind=IndexError, match="out of range"),
        error(const(np.array([0.5])), Z((4, 2)), match="Long, Int"),
    ],
)
def embedding(m):
    for shape in ((3,), (2, 3), (), (0,), (2, 1, 2), (7,)):
        yield call(m.index(*shape, size=4), m(4, 2))
        yield call(m.index(*shape, size=4), m(4, 3), padding_idx=1)
    yield call(m.index(6, size=4), m(4, 2), scale_grad_by_freq=True)
    yield call(m.index(3, size=4), m(2, 4).T)


@case(
    "nn.functional.max_unpool2d",
    second=False,
    errors=[
        error(Z((1, 1, 1)), const(np.full((1, 1, 1), 9)), 2, match="invalid max index"),
        error(Z((1, 1, 1)), const(np.zeros((1, 1, 2), np.int64)), 2, match="same as"),
    ],
)
def max_unpool2d(m):
    def distinct(*shape):
        cells = np.arange(shape[-1] * shape[-2]).reshape(shape[-2:]) * 3
        return const(np.broadcast_to(cells, shape).copy())

    for shape in ((1, 2, 3), (2, 1, 2, 2), (2, 3, 1, 2), (1, 1, 1, 1)):
        yield call(m(*shape), distinct(*shape), 2)
        yield call(m(*shape), distinct(*shape), (2, 2), (2, 2))
        yield call(m(*shape), distinct(*shape), 3, 2)


@case(
    "nn.functional.fractional_max_pool2d",
    errors=[
        error(Z((1, 1, 3, 3)), 2, match="output_size or an output_ratio"),
        error(Z((1, 1, 3, 3)), 2, 3, match="too large"),
    ],
)
def fractional_max_pool2d(m):
    def sample(n):
        return const(m(n, 3, 2, low=0, high=1))

    for out in (1, 2, 3, (2, 4)):
        yield call(m(2, 3, 6, 7), 2, out, _random_samples=sample(2))
        yield call(m(1, 3, 8, 6), (2, 1), out, _random_samples=sample(1))
        yield call(m(2, 3, 7, 7), 3, out, return_indices=True, _random_samples=sample(2))


@case(
    "nn.functional.grid_sample",
    rtol=1e-4,
    differences=False,
    errors=[
        error(Z((1, 1, 2, 2)), Z((1, 2, 2, 2)), mode="x", kind=ValueError, match="expected mode"),
        error(Z((1, 1, 2, 2)), Z((2, 2, 2, 2)), align_corners=False, match="same batch size"),
    ],
)
def grid_sample(m):
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            for align in (False, True):
                grid = m(2, 2, 3, 2, low=-1.4, high=1.4)
                yield call(m(2, 2, 3, 4), grid, mode, padding, align)


@case(
    "nn.functional.interpolate",
    rtol=1e-4,
    errors=[
        error(Z((1, 1, 2)), kind=ValueError, match="size or scale_factor"),
        error(Z((1, 1, 2)), 3, mode="x", kind=(ValueError, NotImplementedError), match="mode"),
    ],
)
def interpolate(m):
    for mode in ("nearest", "nearest-exact", "area"):
        yield call(m(2, 2, 5), 7, mode=mode)
        yield call(m(2, 2, 4, 5), scale_factor=1.5, mode=mode)
    for align in (False, True):
        yield call(m(2, 2, 5), 7, mode="linear", align_corners=align)
        yield call(m(2, 2, 4, 5), (3, 8), mode="bilinear", align_corners=align)
        yield call(m(2, 2, 4, 5), scale_factor=2.5, mode="bicubic", align_corners=align)
        yield call(m(1, 2, 2, 3, 2), (3, 2, 4), mode="trilinear", align_corners=align)
    yield call(m(1, 2, 6, 5), (3, 4), mode="bilinear", antialias=True)


@case(
    "nn.functional.lp_pool2d",
    second=False,
    errors=[
        error(Z((1, 3, 3)), 2, 5, match="too small"),
        error(Z(()), 2, 2, kind=(RuntimeError, ValueError, IndexError), match="Expected"),
    ],
)
def lp_pool2d(m):
    for p in (1, 2, 3):
        yield call(m(2, 3, 4, 5, low=0.5), p, 2)
        yield call(m(3, 4, 5, low=0.5), p, (2, 3))
        yield call(m(2, 3, 4, 5, low=0.5), p, 2, 1)
        yield call(m(2, 3, 5, 5, low=0.5), p, 2, ceil_mode=True)
