"""Settings, questions and constants: what takes or gives no array."""

import math

import pytest

import chainrule as torch
from chainrule.errors import ArgumentError


def test_questions():
    x = torch.zeros(2, 3)
    assert torch.is_tensor(x) and not torch.is_tensor([1]) and torch.numel(x) == 6
    assert torch.is_floating_point(x) and not torch.is_complex(x) and torch.is_signed(x)
    assert not torch.is_signed(x.byte()) and not torch.is_floating_point(x.int())
    assert torch.is_same_size(x, x + 1) and not torch.is_same_size(x, x.T)
    assert torch.is_nonzero(torch.ones(1)) and not torch.is_nonzero(torch.zeros(()))
    with pytest.raises(RuntimeError, match="more than one"):
        torch.is_nonzero(x)
    assert not (torch.is_conj(x) or torch.is_neg(x) or torch.is_inference(x))
    assert torch.is_storage(x.untyped_storage()) and not torch.is_storage(x)
    assert torch.typename(x) == "torch.FloatTensor" and torch.get_device(x) == -1
    assert not torch.is_distributed(x) and not torch.is_vulkan_available()
    assert isinstance(torch.compiled_with_cxx11_abi(), bool)


def test_promotion_and_broadcasting():
    i, f = torch.tensor([1]), torch.ones(1)
    assert torch.result_type(i, 1.5) is torch.result_type(f, i) is torch.float32
    assert torch.promote_types(torch.uint8, torch.int8) is torch.int16
    assert torch.can_cast(torch.int32, torch.float16)
    assert not torch.can_cast(torch.float32, torch.int8)
    assert torch.broadcast_shapes((2, 1), (3,), ()) == (2, 3)
    assert isinstance(torch.broadcast_shapes((2,)), torch.Size)
    with pytest.raises(RuntimeError):
        torch.broadcast_shapes((2,), (3,))


def test_constants():
    assert (torch.pi, torch.e, torch.inf) == (math.pi, math.e, math.inf)
    assert math.isnan(torch.nan) and torch.newaxis is None


def test_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    assert torch.get_num_threads() == 1
    torch.set_num_threads(before)
    torch.set_num_interop_threads(1)
    assert torch.get_num_interop_threads() >= 1


def test_switches():
    assert isinstance(torch.set_flush_denormal(False), bool)
    torch.set_warn_always(True)
    assert torch.is_warn_always_enabled()
    torch.set_warn_always(False)
    assert not torch.is_warn_always_enabled()
    assert torch.get_default_device() == torch.device("cpu")
    torch.set_default_device("cpu")
    torch.set_default_device(None)


def test_determinism():
    torch.use_deterministic_algorithms(True, warn_only=True)
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert torch.get_deterministic_debug_mode() == 1
    torch.set_deterministic_debug_mode("error")
    assert torch.get_deterministic_debug_mode() == 2
    torch.set_deterministic_debug_mode(0)
    assert not torch.are_deterministic_algorithms_enabled()


def test_matmul_precision():
    assert torch.get_float32_matmul_precision() == "highest"
    torch.set_float32_matmul_precision("medium")
    assert torch.get_float32_matmul_precision() == "medium"
    torch.set_float32_matmul_precision("highest")
    with pytest.raises(ArgumentError):
        torch.set_float32_matmul_precision("low")
