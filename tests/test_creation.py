"""Making tensors: what is inferred, shared, laid out and refused, beyond the rows of the table."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import chainrule as torch
from chainrule.functional import EXPORTS

INFERRED = [
    ([True, False], torch.bool), ([True, 2], torch.int64), ([1, 2.5], torch.float32),
    ([True, 2.5], torch.float32), ([1, 2j], torch.complex64), (3, torch.int64),
    (2.0, torch.float32), ([], torch.float32), ([[], []], torch.float32),
    (np.float64(1), torch.float64), ([np.float64(1)], torch.float64),
    ([np.float32(1), 2.0], torch.float32), ([np.int32(1)], torch.int32),
    ([np.int32(1), 2], torch.int64), (range(3), torch.int64), ((1.0, 2), torch.float32),
    ([np.array([1, 2]), np.array([3, 4])], torch.int64), ([np.float16(1)], torch.float16),
    (np.ones(2, np.uint8), torch.uint8), ([[np.bool_(True)]], torch.bool),
]  # fmt: skip


@pytest.mark.parametrize(("data", "dtype"), INFERRED, ids=lambda v: repr(v)[:30])
def test_dtype_is_inferred_as_in_torch(data, dtype):
    x = torch.tensor(data)
    assert x.dtype is dtype
    np.testing.assert_array_equal(x.numpy(), np.array(data))


RAGGED = [
    ([[1, 2], [3]], ValueError, r"length 2 at dim 1 \(got 1\).*data\[1\]"),
    ([[1, 2], 3], TypeError, r"not a sequence.*data\[1\] is 3"),
    ([1, [2, 3]], TypeError, "'list' object"),
    ([[[1], [2]], [[3]]], ValueError, r"length 2 at dim 1 \(got 1\).*data\[1\]"),
    ([[[1], [2]], [[3], []]], ValueError, r"length 1 at dim 2 \(got 0\).*data\[1\]\[1\]"),
    ("a", TypeError, "invalid data type 'str'"), (["a"], ValueError, "too many dimensions 'str'"),
    (None, RuntimeError, "Could not infer dtype of NoneType"),
    ([None], RuntimeError, "Could not infer dtype of NoneType"),
    ({1: 2}, RuntimeError, "Could not infer dtype of dict"),
    (2**63, ValueError, "Overflow when unpacking long"),
    ([1, 2**70], ValueError, "Overflow when unpacking long"),
    (np.array(["a"]), TypeError, "can't convert np.ndarray of type numpy.str_"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "kind", "match"), RAGGED, ids=lambda v: repr(v)[:30])
def test_what_is_no_tensor_is_refused_and_said_where(data, kind, match):
    with pytest.raises(kind, match=match):
        torch.tensor(data)


def test_tensors_within_lists_are_numbers():
    x = torch.ones(2, requires_grad=True)
    assert torch.tensor([x[0], 2 * x[1], 3]).tolist() == [1, 2, 3]
    assert torch.tensor([torch.ones(1, dtype=torch.float64), 2]).dtype is torch.float64
    with pytest.raises(ValueError, match="only one element tensors"):
        torch.tensor([torch.ones(2), torch.ones(2)])


def test_values_that_do_not_fit():
    assert torch.tensor([-1], dtype=torch.uint8).tolist() == [255]
    assert torch.tensor([1.9, -1.9], dtype=torch.int32).tolist() == [1, -1]
    assert torch.tensor([2, 0], dtype=torch.bool).tolist() == [True, False]
    assert torch.tensor([1e50]).isinf().item()
    with pytest.raises(RuntimeError, match="without overflow"):
        torch.tensor([300], dtype=torch.uint8)
    with pytest.raises(RuntimeError, match="floating point"):
        torch.tensor(1, requires_grad=True)


def test_copying_a_tensor_warns():
    with pytest.warns(UserWarning, match=r"sourceTensor.detach\(\).clone\(\)"):
        y = torch.tensor(torch.ones(2))
    assert y.tolist() == [1, 1]
    with pytest.warns(UserWarning, match="new_tensor"):
        torch.ones(1).new_tensor(torch.ones(1))


def test_from_numpy_shares_memory_and_says_what_it_cannot_take():
    a = np.zeros(3)
    x = torch.from_numpy(a)
    x += 1
    a[0] = 5
    assert x.tolist() == [5, 1, 1] and a.tolist() == [5, 1, 1]
    a.shape = (3, 1)
    assert x.shape == (3,)
    with pytest.raises(TypeError, match=r"expected np\.ndarray"):
        torch.from_numpy([1])
    with pytest.raises(ValueError, match="byte order"):
        torch.from_numpy(np.ones(2, ">f4"))
    with pytest.raises(TypeError, match="can't convert"):
        torch.from_numpy(np.array([1, 2], object))
    a.flags.writeable = False
    with pytest.warns(UserWarning, match="not writable"):
        torch.from_numpy(a)


def test_as_tensor_and_asarray_share_what_they_can():
    x, a = torch.ones(2, requires_grad=True), np.ones(2)
    assert torch.as_tensor(x) is x and torch.asarray(x) is x
    assert torch.as_tensor(a).data_ptr() == torch.from_numpy(a).data_ptr()
    y = torch.as_tensor(x, dtype=torch.float64)
    y.sum().backward()
    assert x.grad.tolist() == [1, 1] and x.grad.dtype is torch.float32
    assert torch.asarray(a, copy=True).data_ptr() != a.__array_interface__["data"][0]
    assert not torch.asarray(x, requires_grad=False).requires_grad
    with pytest.raises(ValueError, match="can't alias arbitrary sequence"):
        torch.asarray([1], copy=False)
    with pytest.raises(ValueError, match="can't alias tensor with dtype"):
        torch.asarray(a, dtype=torch.float32, copy=False)


def test_frombuffer():
    data = bytearray(range(8))
    x = torch.frombuffer(data, dtype=torch.int16, count=2, offset=2)
    assert x.tolist() == [0x0302, 0x0504]
    data[2] = 9
    assert x[0].item() == 0x0309
    for options, match in (
        ({"offset": 9}, "no greater than buffer length"),
        ({"count": 5}, "must not be greater than actual"),
        ({"offset": 1}, "multiple of element size"),
        ({"count": 0}, "must not be 0"),
    ):
        with pytest.raises(ValueError, match=match):
            torch.frombuffer(data, dtype=torch.int16, **options)
    with pytest.warns(UserWarning, match="not writable"):
        torch.frombuffer(b"ab", dtype=torch.uint8)


def test_dlpack_both_ways():
    a = np.arange(3.0)
    x = torch.from_dlpack(a)
    x[0] = 7
    assert a[0] == 7
    assert np.from_dlpack(x).tolist() == [7, 1, 2]
    with pytest.raises(BufferError, match="require gradient"):
        torch.ones(1, requires_grad=True).__dlpack__()
    with pytest.raises(TypeError, match="__dlpack__"):
        torch.from_dlpack(3)


def test_out_writes_into_the_tensor_given():
    out = torch.empty(3)
    assert torch.ones(3, out=out) is out and out.tolist() == [1, 1, 1]
    assert torch.arange(3, out=out).dtype is torch.float32
    empty = torch.empty(0)
    assert torch.zeros(2, 2, out=empty).shape == (2, 2)


def test_options_every_factory_takes():
    for name in ("zeros", "ones", "empty", "eye", "arange"):
        x = getattr(torch, name)(2, dtype=torch.float64, device="cpu", layout=torch.strided,
                                 pin_memory=False, requires_grad=True)  # fmt: skip
        assert x.dtype is torch.float64 and x.requires_grad and x.is_leaf
        with pytest.raises(AssertionError, match="CUDA"):
            getattr(torch, name)(2, device=torch.device("cuda", 0))
        with pytest.raises(RuntimeError, match="accelerator"):
            getattr(torch, name)(2, pin_memory=True)
        with pytest.raises(RuntimeError, match="strided"):
            getattr(torch, name)(2, layout=torch.sparse_coo)
        with pytest.raises(TypeError):
            getattr(torch, name)(2, frobnicate=True)
        with pytest.raises(TypeError, match=r"torch\.dtype"):
            getattr(torch, name)(2, dtype="float32")


def test_new_methods_keep_the_dtype():
    x = torch.ones(2, dtype=torch.float64)
    assert x.new_zeros(2, 3).dtype is x.new_ones((2,)).dtype is x.new_empty(1).dtype
    assert x.new_full((2,), 7).tolist() == [7, 7]
    assert x.new_tensor([1, 2]).dtype is torch.float64
    assert x.new_zeros(1, dtype=torch.int8).dtype is torch.int8
    assert x.new([1, 2]).tolist() == [1, 2] and x.new(2, 3).shape == (2, 3)
    assert torch.ones(1, dtype=torch.int64).new_full((1,), 2.7).tolist() == [2]


def test_memory_order():
    x = torch.from_numpy(np.zeros((2, 3, 4), np.float32).transpose(2, 0, 1))
    assert torch.ones_like(x).stride() == (1, 12, 4)
    assert x.clone().stride() == x.to(torch.float64).stride() == (1, 12, 4)
    assert x.contiguous().stride() == (6, 3, 1) and not x.is_contiguous()
    assert torch.ones_like(x, memory_format=torch.contiguous_format).stride() == (6, 3, 1)
    y = torch.ones(2, 3, 4, 5).to(memory_format=torch.channels_last)
    assert y.stride() == (60, 1, 15, 3) and y.is_contiguous(memory_format=torch.channels_last)
    assert torch.empty(2, 3, 5, 4, memory_format=torch.channels_last).stride() == (60, 1, 12, 3)
    assert torch.empty_strided((2, 3), (1, 2)).stride() == (1, 2)
    assert torch.empty_permuted((2, 3, 5), (0, 2, 1)).stride() == (15, 1, 3)
    with pytest.raises(RuntimeError, match="dimensionality of sizes"):
        torch.empty_strided((2, 3), (1,))
    with pytest.raises(RuntimeError, match="Duplicate dim"):
        torch.empty_permuted((2, 3), (0, 0))


def test_old_constructors():
    assert torch.FloatTensor([1, 2]).tolist() == [1.0, 2.0]
    assert torch.LongTensor([1.5, 2]).tolist() == [1, 2]
    assert torch.DoubleTensor(2, 3).shape == (2, 3) and torch.IntTensor().shape == (0,)
    assert isinstance(torch.ones(1), torch.FloatTensor)
    assert not isinstance(torch.ones(1), torch.LongTensor)
    for name in ("HalfTensor", "BFloat16Tensor", "ByteTensor", "CharTensor", "ShortTensor",
                 "BoolTensor", "UInt16Tensor", "UInt32Tensor", "UInt64Tensor",
                 "ComplexFloatTensor", "ComplexDoubleTensor"):  # fmt: skip
        made = getattr(torch, name)([1, 0])
        assert made.type() == f"torch.{name}" and made.tolist() == [1, 0]
    assert torch.Tensor(2, 3).shape == (2, 3)
    assert torch.Tensor([1, 2]).dtype is torch.float32
    assert torch.Tensor(torch.Size([2, 3])).shape == (2, 3)
    with pytest.raises(TypeError, match="must be a sequence"):
        torch.Tensor(2.5)
    with pytest.raises(ValueError, match="length 2 at dim 1"):
        torch.Tensor([[1, 2], [3]])
    with pytest.raises(TypeError, match="dtype"):
        torch.FloatTensor(torch.ones(2, dtype=torch.float64))


def test_empty_like():
    x = torch.zeros(2, 3, dtype=torch.int16).T
    made = torch.empty_like(x)
    assert made.shape == (3, 2) and made.dtype is torch.int16 and made.stride() == x.stride()
    made = torch.empty_like(x, dtype=torch.float32, requires_grad=True)
    assert made.dtype is torch.float32 and made.requires_grad
    with pytest.raises(TypeError, match="must be Tensor"):
        torch.empty_like([1])


def test_range_is_deprecated():
    with pytest.warns(UserWarning, match="deprecated"):
        assert torch.range(0, 1, 0.25).tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_default_dtype():
    torch.set_default_dtype(torch.float64)
    try:
        made = (torch.zeros(1), torch.tensor(1.5), torch.arange(1.0), torch.scalar_tensor(1))
        assert {x.dtype for x in made} == {torch.float64}
        assert torch.get_default_dtype() is torch.float64
        assert torch.tensor(1j).dtype is torch.complex128
    finally:
        torch.set_default_dtype(torch.float32)
    with pytest.raises(TypeError, match="only floating-point types"):
        torch.set_default_dtype(torch.int32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.set_default_tensor_type("torch.FloatTensor")


def test_every_public_function_says_what_it_does():
    for name, function in EXPORTS.items():
        if callable(function) and not isinstance(function, type):
            assert function.__doc__, name


def test_vander_is_differentiable():
    x = torch.tensor([0.0, 0.5, -2.0], dtype=torch.float64, requires_grad=True)
    for increasing in (False, True):
        assert torch.autograd.gradcheck(lambda x, up=increasing: torch.vander(x, 4, up), x)
        assert torch.autograd.gradgradcheck(lambda x, up=increasing: torch.vander(x, 4, up), x)
