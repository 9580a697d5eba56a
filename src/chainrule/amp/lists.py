"""Which functions autocast runs in lower precision, in float32, or in the widest dtype given.

While autocast is on anywhere, these functions are replaced, in the namespaces where programs find
them, by forms that cast their arguments.  Off, they are the plain functions: nothing is checked.
"""

from __future__ import annotations

import functools
import importlib
import threading
from typing import Any

from chainrule import dtypes, spec
from chainrule.amp.state import state
from chainrule.autograd.mode import mode
from chainrule.tensor import Tensor

LOWER = {
    "chainrule": "mm matmul bmm addmm baddbmm addbmm chain_matmul einsum tensordot inner prelu cov "
    "corrcoef conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d",
    "Tensor": "mm matmul __matmul__ __rmatmul__ bmm addmm baddbmm addbmm inner prelu cov corrcoef",
    "chainrule.linalg": "matmul multi_dot vecdot",
    "chainrule.nn.functional": "linear conv1d conv2d conv3d conv_transpose1d conv_transpose2d "
    "conv_transpose3d scaled_dot_product_attention prelu multi_head_attention_forward",
}
FLOAT32 = {
    "chainrule": "prod cdist trace quantile nanquantile view_as_complex cholesky cholesky_inverse "
    "cholesky_solve inverse lu_solve orgqr ormqr pinverse svd qr polar stft istft triangular_solve "
    "ctc_loss cosine_embedding_loss hinge_embedding_loss kl_div margin_ranking_loss "
    "poisson_nll_loss triplet_margin_loss",
    "Tensor": "prod trace quantile nanquantile cholesky cholesky_inverse cholesky_solve inverse "
    "orgqr ormqr pinverse svd qr stft istft triangular_solve",
    "chainrule.linalg": "cholesky cholesky_ex cond eig eigh eigvals eigvalsh householder_product "
    "inv inv_ex lstsq lu_factor lu_factor_ex matrix_rank qr solve svd svdvals tensorinv "
    "tensorsolve",
    "chainrule.fft": "fft ifft fft2 ifft2 fftn ifftn rfft irfft rfft2 irfft2 rfftn irfftn hfft "
    "ihfft",
    "chainrule.nn.functional": "mse_loss l1_loss smooth_l1_loss huber_loss cross_entropy nll_loss "
    "binary_cross_entropy binary_cross_entropy_with_logits kl_div cosine_embedding_loss "
    "hinge_embedding_loss margin_ranking_loss triplet_margin_loss soft_margin_loss "
    "poisson_nll_loss multi_margin_loss multilabel_margin_loss ctc_loss avg_pool3d "
    "adaptive_max_pool3d adaptive_avg_pool3d grid_sample max_unpool1d max_unpool2d max_unpool3d "
    "fractional_max_pool2d fractional_max_pool3d pad",
}
WIDEST = {"chainrule": "cat concat concatenate stack index_copy", "Tensor": "index_copy"}
AS_GIVEN = {  # composed here of products, of something else in torch
    "chainrule": "bilinear", "chainrule.nn.functional": "bilinear interpolate upsample",
}  # fmt: skip
BFLOAT16, FLOAT16 = dtypes.bfloat16.dtype, dtypes.float16.dtype
NARROW = (BFLOAT16, FLOAT16)


def lowered(x: Any) -> Any:
    """A tensor of 16 or 32 bits in autocast's dtype; a parameter is cast once."""
    if type(x) in (tuple, list):
        return type(x)(map(lowered, x))
    if not isinstance(x, Tensor) or x.layout is not dtypes.strided:
        return x
    dtype, wanted = x._array.dtype, state.dtype
    if (dtype != spec.FLOAT32 and dtype not in NARROW) or dtype == wanted.dtype:
        return x
    if not (x._node is not None and x._node.op is None and state.cache_enabled and state.nesting):
        return x.to(wanted)
    key = (id(x), wanted, mode.recording)
    known = state.cache.get(key)
    if known is None:
        known = state.cache[key] = (x, x.to(wanted))
    return known[1]


def raised(x: Any) -> Any:
    """A tensor of 16 bits as float32."""
    if type(x) in (tuple, list):
        return type(x)(map(raised, x))
    if isinstance(x, Tensor) and x.layout is dtypes.strided and x._array.dtype in NARROW:
        return x.to(dtypes.float32)
    return x


def widened(args: Any) -> Any:
    """All floating tensors in the widest of their dtypes."""
    given = [t for a in args for t in (a if type(a) in (tuple, list) else [a])]
    found = {t._array.dtype for t in given
             if isinstance(t, Tensor) and t._array.dtype.kind in "fV"}  # fmt: skip
    if len(found) < 2:
        return args
    wanted = dtypes.of(functools.reduce(spec.promote, found))

    def cast(a: Any) -> Any:
        if type(a) in (tuple, list):
            return type(a)(map(cast, a))
        return a.to(wanted) if isinstance(a, Tensor) and a._array.dtype in found else a

    return tuple(map(cast, args))


def in_lower_precision(function: Any) -> Any:
    @functools.wraps(function)
    def autocast_lower(*args: Any, **kwargs: Any) -> Any:
        if not state.on:
            return function(*args, **kwargs)
        args = tuple(map(lowered, args))
        kwargs = {k: v if k == "out" else lowered(v) for k, v in kwargs.items()}
        state.on = False
        try:
            return function(*args, **kwargs)
        finally:
            state.on = True

    return autocast_lower


def in_float32(function: Any) -> Any:
    padding = function.__name__ == "pad"

    @functools.wraps(function)
    def autocast_float32(*args: Any, **kwargs: Any) -> Any:
        if not state.on or (padding and mode_of_padding(*args, **kwargs) not in CAST_MODES):
            return function(*args, **kwargs)
        args = tuple(map(raised, args))
        kwargs = {k: v if k == "out" else raised(v) for k, v in kwargs.items()}
        state.on = False
        try:
            return function(*args, **kwargs)
        finally:
            state.on = True

    return autocast_float32


CAST_MODES = ("reflect", "replicate")


def mode_of_padding(input: Any, pad: Any, mode: str = "constant", value: Any = None) -> str:
    return mode


def in_widest(function: Any) -> Any:
    @functools.wraps(function)
    def autocast_widest(*args: Any, **kwargs: Any) -> Any:
        return function(*(widened(args) if state.on else args), **kwargs)

    return autocast_widest


def unchanged(function: Any) -> Any:
    @functools.wraps(function)
    def autocast_unchanged(*args: Any, **kwargs: Any) -> Any:
        was, state.on = state.on, False
        try:
            return function(*args, **kwargs)
        finally:
            state.on = was

    return autocast_unchanged


class Places:
    """Where functions were replaced: (namespace, name, plain function, casting function)."""

    found: list[tuple[Any, str, Any, Any]] = []
    active = 0  # in how many threads autocast is on
    lock = threading.Lock()


def find() -> None:
    """Look for the functions in their namespaces, once."""
    for lists, wrap in ((LOWER, in_lower_precision), (FLOAT32, in_float32), (WIDEST, in_widest),
                        (AS_GIVEN, unchanged)):  # fmt: skip
        for space, names in lists.items():
            where: Any = Tensor if space == "Tensor" else importlib.import_module(space)
            for name in names.split():
                plain = vars(where).get(name)
                if plain is not None:
                    Places.found.append((where, name, plain, wrap(plain)))


def count(change: int) -> None:
    """One more, or one less, thread with autocast on."""
    with Places.lock:
        before, Places.active = Places.active, Places.active + change
        if before == 0 and Places.active == 1:
            if not Places.found:
                find()
            for where, name, _, casting in Places.found:
                setattr(where, name, casting)
        elif Places.active == 0:
            for where, name, plain, _ in Places.found:
                setattr(where, name, plain)
