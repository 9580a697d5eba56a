"""Nothing that is public goes untested: each function has a row in the op table, or a reason."""

import inspect
import pathlib
import re

import numpy as np
import pytest

import chainrule as torch
import framework
import table
from chainrule.functional import neural
from chainrule.functional.border import EXPORTS

TABLE = table.load()
SPACES = {"": EXPORTS, "linalg.": torch.linalg, "special.": torch.special,
          "nn.functional.": torch.nn.functional}  # fmt: skip

# Where functions are tested that no row can hold: name -> (reason, test file beside this one).
ELSEWHERE = {
    name: (reason, file)
    for (reason, file), names in {
        ("draws random numbers", "test_random.py"):
            "Generator default_generator manual_seed seed initial_seed get_rng_state set_rng_state",
        ("draws random numbers", "draws.py"):
            "rand randn randint randperm rand_like randn_like randint_like normal bernoulli "
            "multinomial poisson binomial",
        ("drops at random", "test_dropout.py"):
            "alpha_dropout feature_alpha_dropout nn.functional.alpha_dropout dropout dropout_ "
            "nn.functional.feature_alpha_dropout nn.functional.dropout1d nn.functional.dropout2d "
            "nn.functional.dropout3d nn.functional.gumbel_softmax",
        ("takes no tensor", "test_creation.py"):
            "range empty empty_strided empty_permuted empty_like tensor from_numpy as_tensor "
            "asarray frombuffer from_dlpack FloatTensor DoubleTensor HalfTensor BFloat16Tensor "
            "ByteTensor CharTensor ShortTensor IntTensor LongTensor BoolTensor UInt16Tensor "
            "UInt32Tensor UInt64Tensor ComplexFloatTensor ComplexDoubleTensor set_default_dtype "
            "get_default_dtype set_default_tensor_type",
        ("answers a question", "test_settings.py"):
            "numel is_floating_point is_complex is_signed is_nonzero is_same_size is_conj is_neg "
            "is_inference is_tensor is_storage typename get_device is_distributed result_type "
            "promote_types can_cast broadcast_shapes is_vulkan_available compiled_with_cxx11_abi",
        ("says what is not here", "test_compat.py"):
            "solve eig symeig lstsq matrix_rank get_device_module OutOfMemoryError "
            "AcceleratorError has_cuda has_cudnn has_mps has_mkldnn has_mkl has_openmp "
            "has_lapack has_spectral",
        ("maps a function", "test_compat.py"): "vmap",
        ("calls nn.functional", "test_native.py"):
            "binary_cross_entropy_with_logits cosine_embedding_loss ctc_loss hinge_embedding_loss "
            "kl_div margin_ranking_loss poisson_nll_loss triplet_margin_loss adaptive_max_pool1d "
            "affine_grid_generator alpha_dropout_ feature_alpha_dropout_ feature_dropout "
            "feature_dropout_ native_dropout native_channel_shuffle conv_tbc convolution "
            "embedding_bag embedding_renorm_ nn.functional.conv_tbc "
            "nn.functional.native_channel_shuffle",
        ("is made of functions with rows", "test_native.py"):
            "norm_except_dim frobenius_norm nuclear_norm segment_reduce cond as_strided_ "
            "view_as_complex_copy view_as_real_copy indices_copy values_copy crow_indices_copy "
            "col_indices_copy ccol_indices_copy row_indices_copy dequantize to_dlpack",
        ("is a number", "test_native.py"):
            "sym_int sym_float sym_not sym_max sym_min sym_sum sym_sqrt sym_ite SymInt SymFloat "
            "SymBool",
        ("is a storage", "test_native.py"):
            "UntypedStorage TypedStorage Storage FloatStorage DoubleStorage HalfStorage "
            "BFloat16Storage LongStorage IntStorage ShortStorage CharStorage ByteStorage "
            "BoolStorage ComplexFloatStorage ComplexDoubleStorage from_file",
        ("is a setting", "test_native.py"):
            "set_anomaly_enabled is_anomaly_check_nan_enabled DisableTorchFunction "
            "DisableTorchFunctionSubclass legacy_contiguous_format",
        ("takes no tensor", "test_fourier.py"):
            "hann_window hamming_window blackman_window bartlett_window kaiser_window",
        ("draws random numbers", "test_fourier.py"): "svd_lowrank pca_lowrank",
        ("is a number", "test_settings.py"): "e pi inf nan newaxis",
        ("is a setting", "test_settings.py"):
            "get_default_device set_default_device set_num_threads get_num_threads "
            "set_num_interop_threads get_num_interop_threads set_flush_denormal set_warn_always "
            "use_deterministic_algorithms are_deterministic_algorithms_enabled "
            "is_deterministic_algorithms_warn_only_enabled set_deterministic_debug_mode "
            "get_deterministic_debug_mode set_float32_matmul_precision is_warn_always_enabled "
            "get_float32_matmul_precision",
        ("is a setting", "test_printing.py"): "set_printoptions",
        ("acts on the graph", "test_inplace.py"): "detach detach_ fill_ zero_ resize_as_",
    }.items()
    for name in names.split()
}  # fmt: skip


def public(space):
    """Names and functions of one namespace."""
    members = space if isinstance(space, dict) else vars(space)
    return {
        name: value
        for name, value in members.items()
        if not name.startswith("_") and not inspect.ismodule(value)
        and (isinstance(space, dict) or (callable(value) and not inspect.isclass(value)))
    }  # fmt: skip


def having_rows():
    """The functions that rows call, by identity: aliases are the very same object.

    Below any wrapping: importing `sparse` or `amp` puts wrappers around some.
    """
    found = set()
    for name, case in TABLE.items():
        method = name.removeprefix("Tensor.")
        function = EXPORTS.get(method) if method != name else case.function(torch)
        found.add(id(inspect.unwrap(function)))
    return found


NAMES = [(p, name, f) for p, space in SPACES.items() for name, f in public(space).items()]


def has_row(prefix, name, function, tested):
    if prefix + name in TABLE or id(inspect.unwrap(function)) in tested:
        return True
    if not prefix and name in neural.SAME:  # these call the function of nn.functional
        return has_row("nn.functional.", name, getattr(torch.nn.functional, name), tested)
    # f_ is made of f: see the test of in-place forms below
    return name.endswith("_") and (prefix + name[:-1] in TABLE or name[:-1] in TABLE)


def test_every_public_function_has_a_row_or_a_reason():
    tested = having_rows()
    lacking = [p + n for p, n, f in NAMES if not has_row(p, n, f, tested)]
    missing = [name for name in lacking if name not in ELSEWHERE]
    assert not missing, missing


def test_reasons_are_true():
    known = {p + n for p, n, _ in NAMES}
    for name, (_, file) in ELSEWHERE.items():
        assert name in known, f"{name} is not public"
        assert name not in TABLE, f"{name} has a row"
        last = name.rpartition(".")[2]
        text = (pathlib.Path(__file__).parent / file).read_text()
        assert re.search(rf"\b{last}\b", text), f"{file} does not test {name}"


def test_error_cases_differ():
    same = [n for n, c in TABLE.items() if len({repr((e.args, e.kwargs)) for e in c.errors}) < 2]
    assert not same, same


SPECIAL = {
    "dropout_",
    "alpha_dropout_",
    "feature_alpha_dropout_",
    "feature_dropout_",
    "embedding_renorm_",
    "as_strided_",
    "fill_",
    "zero_",
    "detach_",
    "index_put_",
    "resize_as_",
    "rrelu_",
}
INPLACE = [(p + n, f) for p, n, f in NAMES if n.endswith("_") and n not in SPECIAL]


@pytest.mark.parametrize(("name", "function"), INPLACE, ids=[n for n, _ in INPLACE])
def test_in_place_form_writes_what_the_function_returns(name, function):
    case = TABLE.get(name[:-1]) or TABLE.get(f"nn.functional.{name[:-1]}")
    case = case or TABLE[name.rpartition(".")[2][:-1]]
    written = 0
    for dtype in case.dtypes:
        for key, sample in enumerate(case.calls(dtype)):
            leaves = []
            args = framework.tensors(torch, sample.args, leaves, case.grad, {})
            kwargs = framework.tensors(torch, sample.kwargs, [], False, {})
            if kwargs.get("out") is not None or not isinstance(args[0], torch.Tensor):
                continue
            out = case.function(torch)(*args, **kwargs)
            if out.shape != args[0].shape or out.dtype is not args[0].dtype:
                continue
            target = args[0] * 1 if args[0].requires_grad else args[0].clone()
            before = target._version
            assert function(target, *args[1:], **kwargs) is target, f"{key}: not its own tensor"
            if out is not args[0]:
                assert target._version > before, f"{key}: the write was not counted"
            np.testing.assert_array_equal(target.detach().numpy(), out.detach().numpy())
            for ours, want in zip(framework.gradients(torch, "w", [target], leaves),
                                  framework.gradients(torch, "w", [out], leaves),
                                  strict=True):  # fmt: skip
                np.testing.assert_array_equal(ours, want)
            written += 1
    assert written >= 4, "too few samples keep shape and dtype"
