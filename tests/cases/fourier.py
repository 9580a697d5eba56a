"""Rows for Fourier transforms: torch.fft, and the short-time ones."""

import numpy as np

from cases.complex import of_complex
from table import FLOATS, call, case, const, error

NO_POINTS = error(np.zeros(3), n=0, match="Invalid number of data points")
NO_NORM = error(np.zeros(3), norm="x", match="Invalid normalization mode")
NOT_REAL = error(np.zeros(3, np.complex64), match="expects a real input tensor")
TWICE = error(np.zeros((2, 2)), dim=(0, 0), match="dims must be unique")


def lines(m, make):
    """Along one axis: every layout, lengths even and odd, cut and filled up, every norm."""
    yield call(make(m, 4))
    yield call(make(m, 5))
    yield call(make(m, 2, 6), norm="ortho")
    yield call(make(m, 2, 6), norm="forward")
    yield call(make(m, 2, 6), norm="backward", dim=0)
    yield call(make(m, 3, 4), n=6)
    yield call(make(m, 3, 4), n=3, dim=0)
    yield call(make(m, 3, 4), n=2, dim=1)
    yield call(make(m, 0, 3))
    yield call(make(m, 2, 3, 2), dim=1)
    yield call(make(m, 2, 3, 2), 7, 1, "ortho")
    yield call(make(m, 5), n=5, dim=-1)


def several(m, make):
    """Along several axes."""
    yield call(make(m, 3, 4))
    yield call(make(m, 2, 3, 4))
    yield call(make(m, 2, 3, 4), dim=(0, 2))
    yield call(make(m, 2, 3, 4), dim=(2, 1))
    yield call(make(m, 2, 3, 4), s=(4, 3), dim=(0, 1))
    yield call(make(m, 3, 4), s=(2, 5))
    yield call(make(m, 3, 4), norm="ortho")
    yield call(make(m, 3, 4), norm="forward")
    yield call(make(m, 3, 5), norm="backward")
    yield call(make(m, 0, 3, 4), dim=(1, 2))
    yield call(make(m, 3, 4), s=(-1, 3))
    yield call(make(m, 3, 4), (3, 2), (0, 1), "ortho")


def real(m, *shape):
    return m(*shape)


for _name, _samples, _make in [
    ("fft", lines, real), ("ifft", lines, real), ("rfft", lines, real), ("ihfft", lines, real),
    ("irfft", lines, of_complex), ("hfft", lines, of_complex),
    ("fftn", several, real), ("ifftn", several, of_complex), ("fft2", several, real),
    ("ifft2", several, real), ("rfftn", several, real), ("rfft2", several, real),
    ("ihfftn", several, real), ("ihfft2", several, real), ("irfftn", several, of_complex),
    ("irfft2", several, of_complex), ("hfftn", several, of_complex),
    ("hfft2", several, of_complex),
]:  # fmt: skip
    _errors = [NO_NORM, NO_POINTS if _samples is lines else TWICE]
    if _name.startswith(("rfft", "ihfft")):
        _errors.append(NOT_REAL)
    if _name.endswith("2"):
        _errors[0] = error(np.zeros((2, 2)), norm="x", match="Invalid normalization mode")

    @case(f"fft.{_name}", dtypes=FLOATS, errors=_errors)
    def transforms(m, _samples=_samples, _make=_make):
        yield from _samples(m, _make)


for _name in ("fftshift", "ifftshift"):

    @case(f"fft.{_name}", errors=[
        error(np.zeros(3), 1, kind=IndexError, match="out of range"),
        error(np.zeros(3), (0, -2), kind=IndexError, match="out of range"),
    ])  # fmt: skip
    def shifts(m):
        for shape in ((4,), (5,), (1,), (0,), (3, 4), (2, 3, 4), (2, 1), (7,)):
            yield call(m(*shape))
        yield call(m(3, 4), 0)
        yield call(m(3, 4), dim=-1)
        yield call(m(2, 3, 4), dim=(0, 2))
        yield call(m(4, 3).T, dim=(1,))


def window(m, n):
    return m(n, low=0.5, high=1.5)


@case("stft", errors=[
    error(np.zeros(8), 4, match="requires the return_complex parameter"),
    error(np.zeros(8), 4, window=np.ones(3), return_complex=True, match="expected a 1D window"),
    error(np.zeros(8), 9, center=False, return_complex=True, match="expected 0 < n_fft"),
    error(np.zeros(8), 4, 0, return_complex=True, match="hop_length"),
])  # fmt: skip
def stft(m):
    yes = {"return_complex": True}
    yield call(m(8), 4, **yes)
    yield call(m(8), 4, window=window(m, 4), **yes)
    yield call(m(2, 9), 4, 2, window=window(m, 4), **yes)
    yield call(m(2, 9), 4, 3, center=False, window=window(m, 4), **yes)
    yield call(m(9), 6, 2, 4, window(m, 4), **yes)
    yield call(m(9), 5, 2, 3, **yes)
    yield call(m(8), 4, normalized=True, window=window(m, 4), **yes)
    yield call(m(8), 4, onesided=False, window=window(m, 4), **yes)
    yield call(m(8), 4, pad_mode="constant", window=window(m, 4), **yes)
    yield call(m(8), 4, pad_mode="replicate", window=window(m, 4), **yes)
    yield call(m(8), 4, window=window(m, 4), return_complex=False)
    yield call(m(3, 8), 4, 1, center=False, **yes)


@case("istft", errors=[
    error(np.zeros((3, 3)), 4, match="requires a complex-valued input tensor"),
    error(np.zeros((3, 3), np.complex64), 6, match="frequency dimension"),
    error(np.zeros((3, 3), np.complex64), 4, window=np.zeros(4, "f4"),
          match="window overlap add min"),
])  # fmt: skip
def istft(m):
    def frames(*shape):
        return of_complex(m, *shape)

    yield call(frames(3, 5), 4, window=window(m, 4))
    yield call(frames(2, 3, 5), 4, window=window(m, 4))
    yield call(frames(3, 5), 4, 2, window=window(m, 4))
    yield call(frames(3, 5), 4, 2, 3, window(m, 3))
    yield call(frames(3, 5), 5, 2, window=window(m, 5))
    yield call(frames(4, 5), 4, window=window(m, 4), onesided=False)
    yield call(frames(4, 5), 4, window=window(m, 4), onesided=False, return_complex=True)
    yield call(frames(3, 5), 4, window=window(m, 4), center=False)
    yield call(frames(3, 5), 4, window=window(m, 4), normalized=True)
    yield call(frames(3, 5), 4, window=window(m, 4), length=4)
    yield call(frames(3, 5), 4, window=window(m, 4), length=3)
    yield call(const(frames(5, 3).array.T), 4, window=window(m, 4))


def hashed(m):
    for shape in ((3, 4), (1,), (5,), (2, 3, 2), (2, 1), ()):
        yield call(m(*shape))
    yield call(m(3, 4), 0)
    yield call(m(3, 4), -1, keepdim=True)
    yield call(m(2, 3, 2), (0, 2))
    yield call(m(0, 3), 1)
    yield call(m(4, 3).T)
    yield call(m(6)[::-1])


case("hash_tensor", dtypes=("float64", "float32", "int64", "bool"), grad=False, errors=[
    error(np.zeros(0), match="Expected reduction dim to be specified"),
    error(np.zeros(3), mode=1, match="mode"),
])(hashed)  # fmt: skip


def sampled(m, rank):
    modes = [(mode, padding, align) for mode in (0, 1) for padding in (0, 1, 2)
             for align in (False, True)]  # fmt: skip
    for mode, padding, align in modes:
        where = m(2, *(2,) * rank, rank, low=-0.9, high=0.9)
        yield call(m(2, 1, *(3,) * rank), where, mode, padding, align)


KINKS = "bilinear interpolation has kinks at the pixels"
for _name, _ranks in (("grid_sampler", 2), ("grid_sampler_2d", 2), ("grid_sampler_3d", 3)):

    @case(_name, second=False, note=KINKS, errors=[
        error(np.zeros((1, 1)), np.zeros((1, 1)), 0, 0, False, match="grid"),
        error(np.zeros((1, 1, *(2,) * _ranks)), np.zeros((2, *(1,) * _ranks, _ranks)), 0, 0, False,
              match="same batch size"),
    ])  # fmt: skip
    def samplers(m, _ranks=_ranks):
        yield from sampled(m, _ranks)
