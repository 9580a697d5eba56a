"""Between dtypes, devices, Python and NumPy."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import chainrule as torch


def test_to_returns_itself_if_nothing_changes():
    x, y = torch.ones(2), torch.ones(1, dtype=torch.float64)
    same = (x.to(torch.float32), x.to("cpu"), x.to(torch.device("cpu")), x.to(x), x.to(), x.cpu(),
            x.float(), x.to(None), x.to(dtype=None), x.to("cpu", torch.float32))  # fmt: skip
    assert all(s is x for s in same)
    assert x.to(torch.float32, copy=True) is not x and x.to(torch.float32, False, True) is not x
    for other in (x.to(y), x.to("cpu", torch.float64, non_blocking=True), x.to(torch.float64, True),
                  x.to(device="cpu", dtype=torch.float64), x.double(), x.to(float)):  # fmt: skip
        assert other.dtype is torch.float64
    with pytest.raises(RuntimeError, match="Invalid device string"):
        x.to("float32")
    for call in (lambda: x.to("cuda"), x.cuda, lambda: x.to("cuda:0", torch.float64)):
        with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
            call()


def test_casts_are_differentiable():
    x = torch.tensor([1.5, 2.5], requires_grad=True)
    x.double().half().to(torch.bfloat16).float().sum().backward()
    assert x.grad.tolist() == [1, 1] and x.grad.dtype is torch.float32
    assert not x.long().requires_grad


def test_floats_to_integers():
    x = torch.tensor([1.7, -1.7, 300.0, np.nan])
    assert x.byte().tolist() == [1, 255, 44, 0] and x.char().tolist() == [1, -1, 44, 0]
    assert torch.tensor([3e10]).int().tolist() == [-(2**31)]
    assert torch.tensor([np.nan, 0, -2]).bool().tolist() == [True, False, True]
    with pytest.warns(UserWarning, match="discards the imaginary part"):
        assert torch.tensor([1 + 2j]).float().tolist() == [1]


def test_type_names():
    x = torch.tensor([1, 2])
    assert x.type() == torch.typename(x) == "torch.LongTensor"
    kinds = (torch.float32, "torch.FloatTensor", torch.FloatTensor)
    assert all(x.type(t).dtype is torch.float32 for t in kinds)
    assert x.type_as(torch.ones(1)).dtype is torch.float32
    with pytest.raises(ValueError, match="invalid type: 'foo'"):
        x.type("foo")


def test_numpy_refuses_what_requires_grad():
    x = torch.ones(2, requires_grad=True)
    words = r"Can't call numpy\(\) on Tensor that requires grad. Use tensor.detach\(\).numpy\(\)"
    for call in (x.numpy, lambda: np.asarray(x), lambda: np.sin(x)):
        with pytest.raises(RuntimeError, match=words):
            call()
    assert x.detach().numpy().tolist() == x.numpy(force=True).tolist() == [1, 1]
    with pytest.raises(TypeError, match="BFloat16"):
        torch.ones(1, dtype=torch.bfloat16).numpy()


def test_numpy_shares_memory_but_not_shape():
    x = torch.zeros(2, 3)
    a = x.numpy()
    a[0, 0] = 4
    a.shape = (3, 2)
    assert x[0, 0].item() == 4 and x.shape == (2, 3)
    assert np.asarray(x, dtype=np.int32).dtype == np.int32
    assert isinstance(np.sqrt(x), torch.Tensor)


def test_one_element_becomes_a_number():
    x = torch.tensor([[2.5]])
    assert (x.item(), float(x), int(x), complex(x), bool(x)) == (2.5, 2.5, 2, 2.5 + 0j, True)
    assert [1, 2, 3][torch.tensor(1)] == 2 and torch.tensor(True).__index__() == 1
    assert type(torch.tensor(1.5, dtype=torch.bfloat16).item()) is float
    assert torch.tensor([[1.5]], dtype=torch.bfloat16).tolist() == [[1.5]]
    assert torch.tensor(3).tolist() == 3


REFUSED = [
    (lambda x: x.item(), RuntimeError, "a Tensor with 2 elements cannot be converted to Scalar"),
    (lambda x: float(x), ValueError, "only one element tensors can be converted"),
    (lambda x: bool(x), RuntimeError, "more than one value is ambiguous"),
    (lambda x: bool(x[:0]), RuntimeError, "no values is ambiguous"),
    (lambda x: x.__index__(), TypeError, "only integer tensors of a single element"),
    (lambda x: (x[0] * 1.0).__index__(), TypeError, "only integer tensors"),
    (lambda x: int(torch.tensor(float("nan"))), ValueError, "NaN"),
    (lambda x: int(torch.tensor(float("inf"))), OverflowError, "infinity"),
    (lambda x: float(torch.tensor(1j)), RuntimeError, "without overflow"),
    (lambda x: len(x[0]), TypeError, "0-d tensor"),
    (lambda x: x.size(2), IndexError, r"range of \[-1, 0\], but got 2"),
    (lambda x: x[0].size(0), IndexError, "tensor has no dimensions"),
    (lambda x: x.pin_memory(), RuntimeError, "accelerator"),
]


@pytest.mark.parametrize(("call", "kind", "match"), REFUSED)
def test_what_cannot_be_converted(call, kind, match):
    with pytest.raises(kind, match=match):
        call(torch.tensor([1, 2]))


def test_backward_after_item_names_the_line_of_item():
    x = torch.ones(1, requires_grad=True)
    value = (x * 2).item()
    with pytest.raises(RuntimeError, match=r"item\(\) was called at .*test_conversion.py"):
        torch.tensor(value).backward()


def test_float_of_a_graph_warns():
    x = torch.ones(1, requires_grad=True)
    with pytest.warns(UserWarning, match="requires_grad=True to a scalar"):
        float(x * 2)


def test_deepcopy_and_pickle():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    x.tag = ["mine"]
    y = copy.deepcopy(x)
    assert y.requires_grad and y.grad.tolist() == [2, 4] and y.tag == ["mine"]
    assert y.tag is not x.tag and y.data_ptr() != x.data_ptr()
    a, b = copy.deepcopy([x, x])
    assert a is b
    z = pickle.loads(pickle.dumps(x))
    assert z.requires_grad and z.tolist() == [1, 2] and z.tag == ["mine"] and z.grad is None
    assert copy.copy(x).data_ptr() == x.data_ptr()
    with pytest.raises(RuntimeError, match="graph leaves"):
        copy.deepcopy(x * 2)
    things = (torch.float32, torch.Size([2]), torch.device("cuda:1"))
    assert pickle.loads(pickle.dumps(things)) == things
    for dtype in (torch.bfloat16, torch.bool, torch.complex64):
        t = torch.ones(2, dtype=dtype)
        assert pickle.loads(pickle.dumps(t)).dtype is dtype


def test_questions():
    x = torch.zeros(2, 3, dtype=torch.float64)
    assert x.numel() == x.nelement() == torch.numel(x) == 6 and x.dim() == x.ndimension() == 2
    assert x.size() == (2, 3) and x.size(-1) == x.size(dim=1) == 3
    assert x.element_size() == x.itemsize == 8 and x.nbytes == x.untyped_storage().nbytes() == 48
    assert x.is_floating_point() and not x.is_complex() and x.is_signed()
    assert x.is_cpu and not (x.is_cuda or x.is_sparse or x.is_quantized or x.is_mps or x.is_meta)
    assert x.get_device() == -1 and x.layout is torch.strided and x.device == torch.device("cpu")
    assert torch.is_tensor(x) and not torch.is_tensor(3) and torch.is_nonzero(torch.tensor(2))
    assert x.is_same_size(torch.ones(2, 3)) and not x.is_same_size(torch.ones(3, 2))
    assert x[1].storage_offset() == 3 and x[1].data_ptr() == x.data_ptr() + 24
    assert x.is_set_to(x[:]) and not x.is_set_to(x[0])
    assert [r.tolist() for r in reversed(torch.tensor([1, 2]))] == [2, 1]


def test_promotion():
    i, f = torch.tensor([1]), torch.ones(1)
    assert torch.result_type(i, 1.0) is torch.float32
    assert torch.result_type(f.double(), f) is torch.float64
    assert torch.promote_types(torch.int32, torch.float16) is torch.float16
    assert torch.can_cast(torch.float64, torch.float32)
    assert not torch.can_cast(torch.float32, torch.int64)
    with pytest.raises(TypeError, match=r"must be torch\.dtype"):
        torch.promote_types(1, torch.int8)


def test_there_is_no_gpu_and_it_says_so():
    assert not torch.cuda.is_available() and torch.cuda.device_count() == 0
    assert torch.cuda.manual_seed_all(1) is None and torch.cuda.memory_allocated() == 0
    with pytest.raises(AssertionError, match="not compiled with CUDA"):
        torch.cuda.current_device()
    assert not torch.backends.mps.is_available() and not torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.benchmark = False
    assert torch.version.cuda is None and torch.version.__version__.startswith("2.13")
    with pytest.raises(AssertionError):
        torch.set_default_device("cuda")
    with torch.device("cpu"):
        assert torch.zeros(1).device.type == "cpu"


def test_settings_are_kept():
    threads = torch.get_num_threads()
    assert threads >= 1
    torch.set_num_threads(1)
    assert torch.get_num_threads() == 1
    torch.set_num_threads(threads)
    with pytest.raises(RuntimeError, match="positive integer"):
        torch.set_num_threads(0)
    torch.use_deterministic_algorithms(True, warn_only=True)
    assert torch.get_deterministic_debug_mode() == 1
    torch.use_deterministic_algorithms(False)
    assert not torch.are_deterministic_algorithms_enabled()
    torch.set_float32_matmul_precision("high")
    assert torch.get_float32_matmul_precision() == "high"
    torch.set_float32_matmul_precision("highest")


def test_small_types():
    assert torch.device("cuda:1") == torch.device("cuda", 1) == torch.device(type="cuda", index=1)
    assert repr(torch.device("cpu", 0)) == "device(type='cpu', index=0)"
    assert repr(torch.Size([2, 3]) + (1,)) == "torch.Size([2, 3, 1])"
    with pytest.raises(TypeError, match="item 0 is 'float'"):
        torch.Size([2.5])
    assert repr(torch.iinfo(torch.int32)) == (
        "iinfo(min=-2.14748e+09, max=2.14748e+09, dtype=int32)"
    )
    assert repr(torch.finfo(torch.bfloat16)) == (
        "finfo(resolution=0.01, min=-3.38953e+38, max=3.38953e+38, eps=0.0078125, "
        "smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=bfloat16)"
    )
    assert {"nn", "zeros", "Tensor", "float32"} <= set(dir(torch))


def test_backends_are_a_package_whose_modules_can_be_imported():
    import chainrule.backends.cudnn as cudnn

    assert cudnn is torch.backends.cudnn
    assert list(torch.backends.__path__) == []  # what an alias of the package asks for
