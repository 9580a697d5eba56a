"""oneDNN where it is installed, and NumPy where it is not: the same results.

CHAINRULE_ONEDNN=1 makes a missing library a failure, =0 runs what holds without it.
"""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import chainrule as torch
from chainrule.backend import (
    libraries,
    numpy_batchnorm,
    numpy_conv,
    numpy_elementwise,
    numpy_nn,
    numpy_pool,
    onednn,
    onednn_conv,
    onednn_plan,
    onednn_pool,
)
from chainrule.windows import output_size

F = torch.nn.functional
mkldnn = torch.backends.mkldnn
HERE = onednn.ready()
needs_library = pytest.mark.skipif(not HERE, reason="libdnnl is not installed, or switched off")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


def test_the_environment_asks_for_it():
    asked = os.environ.get("CHAINRULE_ONEDNN", "")
    if asked == "1":
        assert HERE, mkldnn.reason()
    if asked == "0":
        assert not HERE and not mkldnn.enabled and mkldnn.reason() == "it is switched off"


# ---- finding the library, and doing without ------------------------------------------------


def in_child(code, **environment):
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True,
                          text=True, timeout=100, env={**os.environ, **environment})  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


CONV = """
import numpy as np, chainrule as torch
from chainrule.backend.onednn import Library
torch.nn.functional.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))
print(Library.tried)
y = torch.nn.functional.conv2d(torch.ones(2, 8, 32, 32), torch.ones(8, 8, 3, 3))
print(float(y[0, 0, 0, 0]), torch.backends.mkldnn.is_available(), torch.backends.mkldnn.reason())
"""


@pytest.mark.parametrize("what", ["missing", "broken", "another"])
def test_a_library_that_cannot_be_used_is_done_without(what, tmp_path):
    path = tmp_path / "libdnnl.so.3"
    if what == "broken":
        path.write_bytes(b"\x7fELF is not enough")
    if what == "another":  # a library, but not this one
        path = next(p for p in sys.modules["_ctypes"].__file__.split(os.pathsep))
    first, second = in_child(CONV, CHAINRULE_ONEDNN=str(path)).splitlines()
    assert first == "False"  # not looked for before there is work
    value, available, reason = second.split(" ", 2)
    assert (float(value), available) == (72.0, "False") and str(path) in reason


def test_another_major_version_is_refused():

    class Handle:
        pass

    handle = Handle()
    handle.dnnl_version = lambda: type("P", (), {"contents": onednn.Version(2, 7, 0)})
    with pytest.raises(OSError, match=r"version 2\.7 is not 3\.x"):
        onednn.start(handle)


def test_flags_switch_it():
    before = mkldnn.enabled
    with mkldnn.flags(enabled=False):
        assert not mkldnn.enabled and not onednn.ready()
    assert mkldnn.enabled == before
    assert mkldnn.set_flags(_enabled=False)[0] == before
    mkldnn.set_flags(_enabled=before)
    assert (mkldnn.version() is None) == (not mkldnn.is_available())


# ---- convolution -----------------------------------------------------------------------------


def cases(rank, count, seed=0):
    r = np.random.RandomState(seed + rank)
    for trial in range(count):
        groups = int(r.choice([1, 1, 2, 3]))
        channels, filters = groups * int(r.choice([1, 3, 8])), groups * int(r.choice([1, 2, 9]))
        if trial % 5 == 0:  # depthwise
            groups = filters = channels
        kernel, stride, dilation = (tuple(map(int, r.randint(1, high, rank))) for high in (4, 4, 3))
        padding = tuple((int(a), int(b)) for a, b in r.randint(0, 3, (rank, 2)))
        size = tuple(map(int, r.randint(6, 13, rank)))
        how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        x = r.randn(int(r.randint(1, 4)), channels, *size).astype("f")
        w = r.randn(filters, channels // groups, *kernel).astype("f")
        yield x, w, r.randn(filters).astype("f"), how, r


def same(a, b):
    assert a.shape == b.shape and a.dtype == b.dtype and b.flags.c_contiguous
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4 * max(1, np.abs(a).max()))


@needs_library
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_convolutions_are_those_of_numpy(rank):
    taken = 0
    for x, w, b, how, r in cases(rank, 25):
        y = numpy_conv.conv(x, w, b, **how)
        g, size, kernel = r.randn(*y.shape).astype("f"), x.shape[2:], w.shape[2:]
        b2 = r.randn(x.shape[1]).astype("f")
        pairs = [
            (y, onednn_conv.conv(x, w, b, **how)),
            (numpy_conv.conv(x, w, **how), onednn_conv.conv(x, w, **how)),
            (numpy_conv.conv_input_grad(g, w, b2, size=size, **how),
             onednn_conv.conv_input_grad(g, w, b2, size=size, **how)),
            (numpy_conv.conv_weight_grad(x, g, kernel=kernel, **how),
             onednn_conv.conv_weight_grad(x, g, kernel=kernel, **how)),
        ]  # fmt: skip
        for ours, its in pairs:
            if its is not None:
                taken += 1
                same(ours, its)
    assert taken > 80  # of 100


@needs_library
def test_any_memory_order_goes_in():
    r = np.random.RandomState(0)
    x = r.randn(12, 14, 4, 2).astype("f").transpose(3, 2, 0, 1)
    w = r.randn(3, 3, 4, 8).astype("f").transpose(3, 2, 0, 1)[:, :, ::-1]
    how = {"stride": (1, 2), "padding": ((1, 1), (0, 0)), "dilation": (1, 1), "groups": 1}
    same(numpy_conv.conv(x, w, **how), onednn_conv.conv(x, w, **how))


@needs_library
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_layers_agree_with_and_without(dtype):
    def grads(enabled):
        torch.manual_seed(0)
        nn = torch.nn
        net = nn.Sequential(
            nn.Conv2d(8, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.MaxPool2d(2), nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False),
            nn.AvgPool2d(3, 2, 1), nn.Conv2d(8, 8, 5, groups=8),
        ).to(dtype)  # fmt: skip
        x = torch.randn(4, 8, 32, 32).to(dtype).requires_grad_()
        with mkldnn.flags(enabled=enabled):
            y = net(x)
            y.float().pow(2).sum().backward()
        return [
            t.detach().float().numpy() for t in (y, x.grad, *(p.grad for p in net.parameters()))
        ]

    rough = 0.1 if dtype is torch.bfloat16 else 1e-3
    for with_it, without in zip(grads(True), grads(False), strict=True):
        bound = rough * max(1e-3, np.abs(without).max())
        np.testing.assert_allclose(with_it, without, rtol=0, atol=bound)


@needs_library
def test_second_derivatives_go_through_it():
    def second(enabled):
        torch.manual_seed(1)
        x = torch.randn(2, 8, 24, 24, requires_grad=True)
        w = torch.randn(8, 8, 3, 3, requires_grad=True)
        with mkldnn.flags(enabled=enabled):
            y = F.conv2d(x, w, padding=1).tanh().sum()
            gx, gw = torch.autograd.grad(y, (x, w), create_graph=True)
            return torch.autograd.grad(gx.pow(2).sum() + gw.pow(2).mean(), (x, w))

    for a, b in zip(second(True), second(False), strict=True):
        same(b.numpy(), np.ascontiguousarray(a.numpy()))


@pytest.mark.parametrize("enabled", [True, False])
def test_empty_batches_and_wrong_shapes(enabled):
    with mkldnn.flags(enabled=enabled and mkldnn.enabled):
        w = torch.randn(64, 32, 3, 3)
        assert F.conv2d(torch.randn(0, 32, 40, 40), w).shape == (0, 64, 38, 38)
        with pytest.raises(RuntimeError, match="expected input"):
            F.conv2d(torch.randn(2, 31, 40, 40), w)
        with pytest.raises(RuntimeError, match="bias"):
            F.conv2d(torch.randn(2, 32, 40, 40), w, torch.randn(3))
        with pytest.raises(RuntimeError, match="greater than actual input size"):
            F.conv2d(torch.randn(2, 32, 2, 2000), w)


@needs_library
def test_a_failure_of_the_library_is_made_up_for(monkeypatch):
    onednn_plan.forget()
    x, w = torch.randn(2, 16, 32, 32), torch.randn(16, 16, 3, 3)
    expected = F.conv2d(x, w)
    for number in (onednn_plan.OUT_OF_MEMORY, onednn_plan.UNIMPLEMENTED, 5):

        def fail(*_, number=number):
            raise onednn.Failed(number)

        for place in ("run", "step"):
            onednn_plan.forget()
            with monkeypatch.context() as patch:
                patch.setattr(onednn_plan.Plan, place, fail)
                same(expected.numpy(), F.conv2d(x, w).numpy())
    onednn_plan.forget()


@needs_library
def test_plans_are_kept_and_bounded(monkeypatch):
    onednn_plan.forget()
    monkeypatch.setattr(onednn_plan, "PLANS", 3)
    w = torch.randn(16, 16, 3, 3)
    for size in (30, 31, 32, 33, 33, 34):
        F.conv2d(torch.randn(2, 16, size, size), w)
    assert len(onednn_plan.Plans.kept) == 3
    assert {key[1][2] for key in onednn_plan.Plans.kept} == {32, 33, 34}
    onednn_plan.forget()


@needs_library
def test_threads_share_it():
    how = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    r = np.random.RandomState(0)
    inputs = [(r.randn(2, 16, 20 + i % 3, 24).astype("f"), r.randn(16, 16, 3, 3).astype("f"))
              for i in range(6)]  # fmt: skip
    expected = [numpy_conv.conv(x, w, **how) for x, w in inputs]
    wrong = []

    def work(i):
        for _ in range(20):
            out = libraries.conv(*inputs[i], **how)
            if not np.allclose(out, expected[i], atol=1e-3):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


FORK = """
import os, signal, warnings
import chainrule as torch
warnings.simplefilter("ignore")
x, w = torch.randn(4, 16, 32, 32), torch.randn(16, 16, 3, 3)
y = torch.nn.functional.conv2d(x, w)
assert torch.backends.mkldnn.is_available()
pid = os.fork()
if pid == 0:
    signal.alarm(60)
    again = torch.nn.functional.conv2d(x, w)
    assert torch.allclose(again, y, atol=1e-4)
    assert not torch.backends.mkldnn.is_available()
    assert "forked" in torch.backends.mkldnn.reason()
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
assert torch.allclose(torch.nn.functional.conv2d(x, w), y, atol=1e-4)
print("both")
"""


@needs_library
@needs_fork
def test_a_forked_process_does_without():
    assert in_child(FORK).strip() == "both"


# ---- pooling ---------------------------------------------------------------------------------


def pool_cases(rank, count):
    r = np.random.RandomState(rank)
    for trial in range(count):
        kernel = tuple(map(int, r.randint(1, 5, rank)))
        how = {
            "kernel": kernel, "stride": tuple(map(int, r.randint(1, 4, rank))),
            "padding": tuple(int(r.randint(0, k // 2 + 1)) for k in kernel),
            "ceil": bool(trial % 2),
        }  # fmt: skip
        lead = [(2, 3), (2, 16), (5,)][trial % 3]
        size = tuple(map(int, r.randint(7, 13, rank)))
        yield np.round(r.randn(*lead, *size), 1).astype("f"), how, r


@needs_library
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_pooling_is_that_of_numpy(rank):
    taken = 0
    for x, how, r in pool_cases(rank, 40):
        largest = {**how, "dilation": (1,) * rank}
        codes = numpy_pool.max_pool_codes(x, **largest)
        g = r.randn(*codes.shape).astype("f")
        average = {**how, "include": bool(r.rand() < 0.5), "divisor": None}
        place = {k: v for k, v in largest.items() if k != "ceil"} | {"size": x.shape[-rank:]}
        spread = {**average, "size": x.shape[-rank:]}
        for name, arrays, static in (
            ("max_pool", (x,), largest), ("max_pool_codes", (x,), largest),
            ("window_place", (g, codes), place), ("avg_pool", (x,), average),
            ("avg_pool_grad", (g,), spread),
        ):  # fmt: skip
            its = getattr(onednn_pool, name)(*arrays, **static)
            if its is not None:
                taken += 1
                ours = getattr(numpy_pool, name)(*arrays, **static)
                assert ours.shape == its.shape and ours.dtype == its.dtype
                np.testing.assert_allclose(ours, its, rtol=1e-5, atol=1e-5)
    assert taken > 150  # of 200


@pytest.mark.parametrize("enabled", [True, False])
def test_max_pooling_of_infinities_and_nan(enabled):
    with mkldnn.flags(enabled=enabled and mkldnn.enabled):
        for value in (np.nan, -np.inf):
            x = torch.zeros(1, 4, 64, 64)
            x[0, 0] = float(value)
            x.requires_grad_()
            y = F.max_pool2d(x, 2)
            np.testing.assert_array_equal(y.detach()[0, 0].numpy(), np.full((32, 32), value))
            y.backward(torch.ones_like(y))
            place = (1, 1) if np.isnan(value) else (0, 0)
            assert x.grad[0, 0, place[0], place[1]] == 1 and x.grad.sum() == 4096


def window_codes(x, kernel, stride):
    """Straight from the definition, for windows without padding along one axis."""
    out = []
    for start in range(0, x.shape[-1] - kernel + 1, stride):
        window = x[..., start : start + kernel]
        undefined = kernel - 1 - np.isnan(window)[..., ::-1].argmax(-1)
        out.append(np.where(np.isnan(window).any(-1), undefined, window.argmax(-1)))
    return np.stack(out, -1)


@pytest.mark.parametrize("kernel", [2, 3, 300])
def test_codes_name_the_first_largest_or_the_last_nan(kernel):
    r = np.random.RandomState(0)
    x = r.randint(-3, 3, (4, 2 * kernel + 5)).astype("f")
    x[0] = -np.inf
    x[1, ::3] = np.nan
    codes = numpy_pool.max_pool_codes(x, kernel=(kernel,), stride=(2,), padding=(0,),
                                      dilation=(1,), ceil=False)  # fmt: skip
    np.testing.assert_array_equal(codes, window_codes(x, kernel, 2))


# ---- what large arrays take in NumPy -----------------------------------------------------------


@pytest.mark.parametrize("shape", [(6, 8, 9, 11), (3, 4, 1100), (40, 16, 16, 16), (2, 3, 9, 8, 30)])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_batch_norm_in_few_passes(shape, offset, affine, dtype):
    r = np.random.RandomState(0)
    x = (r.randn(*shape) * 3 + offset).astype(dtype)
    g, axis = r.randn(*shape).astype(dtype), (0, *range(2, len(shape)))
    kept = (1, shape[1], *(1,) * (len(shape) - 2))
    w, b = ((r.rand(*kept) + 0.5).astype(dtype) for _ in range(2)) if affine else (None, None)
    assert numpy_batchnorm.suits(x, axis)
    out, mean, rstd = numpy_nn.standardize(x, w, b, axis=axis, eps=1e-5)
    dx, dw, db = numpy_nn.standardize_grad(g, x, w, mean, rstd, axis=axis, needs_x=True)
    v, u, factor = x.astype(float), g.astype(float), 1.0 if w is None else w.astype(float)
    m = v.mean(axis, keepdims=True)
    s = 1 / np.sqrt(v.var(axis, keepdims=True) + 1e-5)
    n = (v - m) * s
    along = (u * n).mean(axis, keepdims=True)
    bound = {"rtol": 1e-3, "atol": 2e-3} if dtype == "f4" else {"rtol": 1e-7, "atol": 1e-7}
    np.testing.assert_allclose(out, n * factor + (0 if b is None else b), **bound)
    np.testing.assert_allclose(mean, m, **bound)
    np.testing.assert_allclose(rstd, s, **bound)
    np.testing.assert_allclose(
        dx, s * factor * (u - u.mean(axis, keepdims=True) - n * along), **bound
    )
    scale = np.sqrt(x.size / shape[1])
    np.testing.assert_allclose(dw / scale, (u * n).sum(axis) / scale, **bound)
    np.testing.assert_allclose(db / scale, u.sum(axis) / scale, **bound)
    assert {a.dtype for a in (out, mean, rstd, dx, dw, db)} == {np.dtype(dtype)}


def test_batch_norm_in_evaluation_of_large_images():
    r = np.random.RandomState(0)
    x = r.randn(5, 6, 20, 21).astype("f")
    mean, rstd, w, b = (r.rand(1, 6, 1, 1).astype("f") for _ in range(4))
    out = numpy_nn.standardize_by(x, mean, rstd, w, b)
    np.testing.assert_allclose(out, (x - mean) * rstd * w + b, rtol=1e-4, atol=1e-5)
    assert out.dtype == x.dtype


def test_batch_norm_passes_nan_on():
    x = torch.randn(8, 4, 16, 16)
    x[0, 1, 0, 0] = float("nan")
    y = F.batch_norm(x, None, None, training=True)
    assert y[:, 1].isnan().all() and not y[:, [0, 2, 3]].isnan().any()


def test_large_selections_are_those_of_small_ones():
    r = np.random.RandomState(0)
    for dtype in ("f2", "f4", "f8", "i4", "i8"):
        x, y = ((r.randn(70001) * 10).astype(dtype) for _ in range(2))
        if x.dtype.kind == "f":
            x[:4] = [np.nan, -np.nan, -0.0, -np.inf]
        keep = x > y
        expected = np.where(keep, x, y)
        assert numpy_elementwise.where(keep, x, y).tobytes() == expected.tobytes()
        np.testing.assert_array_equal(numpy_elementwise.relu(x), np.maximum(x, 0))
        if dtype in ("f4", "f8"):  # half floats round once, after a product in float32
            slope = x.dtype.type(0.2)
            np.testing.assert_array_equal(
                numpy_nn.leaky_relu(x, slope=0.2)[1:], np.where(x > 0, x, x * slope)[1:]
            )


def test_output_sizes_leave_the_rest_of_an_axis():
    assert output_size((7,), (3,), (2,), ((0, 1),), (1,)) == (3,)
