"""Window functions, frequencies, low-rank decompositions: what no row of the op table can hold."""

import numpy as np
import pytest

import chainrule as torch


def test_windows_have_their_closed_forms():
    k = np.arange(7)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * k / 7)
    np.testing.assert_allclose(torch.hann_window(7).numpy(), hann, atol=1e-6)
    np.testing.assert_allclose(
        torch.hann_window(7, periodic=False).numpy(), np.hanning(7), 1e-5, 1e-6
    )
    np.testing.assert_allclose(torch.hamming_window(7, False).numpy(), np.hamming(7), 1e-5)
    np.testing.assert_allclose(torch.blackman_window(7, False).numpy(), np.blackman(7), 1e-5, 1e-6)
    np.testing.assert_allclose(torch.bartlett_window(8, False).numpy(), np.bartlett(8), 1e-5)
    np.testing.assert_allclose(torch.kaiser_window(7, False, 5.0).numpy(), np.kaiser(7, 5), 1e-5)


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "bartlett", "kaiser"])
def test_windows_of_length_0_and_1(name):
    make = getattr(torch, f"{name}_window")
    assert make(0).shape == (0,)
    assert make(1, dtype=torch.float64).tolist() == [1]
    assert make(4, requires_grad=True).requires_grad
    with pytest.raises(RuntimeError, match="requires non-negative window_length"):
        make(-1)
    with pytest.raises(RuntimeError, match="expects floating point dtypes"):
        make(3, dtype=torch.int64)


def test_signal_windows_are_those_of_torch_when_periodic():
    windows = torch.signal.windows
    for name in ("hann", "hamming", "blackman", "bartlett"):
        ours = getattr(windows, name)(9, sym=False, dtype=torch.float64)
        old = getattr(torch, f"{name}_window")(9, dtype=torch.float64)
        np.testing.assert_allclose(ours.numpy(), old.numpy(), atol=1e-14)
    np.testing.assert_allclose(
        windows.gaussian(3, std=2).numpy(), np.exp([-1 / 8, 0, -1 / 8]), 1e-6
    )
    with pytest.raises(ValueError, match="must be positive"):
        windows.gaussian(3, std=0)
    with pytest.raises(ValueError, match="Center must be None"):
        windows.exponential(3, center=1)


def test_frequencies_are_numpys():
    for n in (1, 4, 5):
        np.testing.assert_allclose(torch.fft.fftfreq(n, 0.5).numpy(), np.fft.fftfreq(n, 0.5))
        np.testing.assert_allclose(torch.fft.rfftfreq(n, 0.5).numpy(), np.fft.rfftfreq(n, 0.5))
    assert torch.fft.fftfreq(4, dtype=torch.float64).dtype == torch.float64


def test_single_precision_stays_single():
    assert torch.fft.fft(torch.ones(4)).dtype == torch.complex64
    assert torch.fft.rfft(torch.ones(4, dtype=torch.float64)).dtype == torch.complex128
    assert torch.fft.fft(torch.ones(4, dtype=torch.int64)).dtype == torch.complex64


def test_istft_inverts_stft():
    x, w = torch.randn(2, 30), torch.hann_window(8)
    y = torch.istft(torch.stft(x, 8, window=w, return_complex=True), 8, window=w, length=30)
    np.testing.assert_allclose(y.numpy(), x.numpy(), atol=1e-5)


def test_low_rank_decompositions_find_a_low_rank():
    torch.manual_seed(0)
    left, right = torch.randn(20, 3), torch.randn(3, 8)
    A = left @ right
    for U, S, V in (torch.svd_lowrank(A, q=3), torch.svd_lowrank(A.T, q=3)):
        whole = (U * S) @ V.T
        np.testing.assert_allclose(
            whole.numpy(), (A if whole.shape == A.shape else A.T).numpy(), atol=1e-4
        )
    U, S, V = torch.pca_lowrank(A, q=2, niter=12)
    exact = np.linalg.svd((A - A.mean(0)).numpy())[1][:2]
    np.testing.assert_allclose(S.numpy(), exact, 1e-3)
    with pytest.raises(ValueError, match="must be non-negative integer"):
        torch.pca_lowrank(A, q=9)


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("name", ["fft", "ifft"])
def test_transforms_of_real_signals_mirror_exactly(name, n):
    x = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    out = getattr(torch.fft, name)(x, n)
    np.testing.assert_allclose(
        out.detach().numpy(), getattr(np.fft, name)(x.detach().numpy(), n), atol=1e-12
    )
    assert not out[:, 0].imag.any()
    assert n % 2 or not out[:, n // 2].imag.any()
    assert torch.equal(out[:, 1:], out[:, 1:].conj().flip(1))
    assert torch.autograd.gradcheck(lambda t: getattr(torch.fft, name)(t, n), (x,))
