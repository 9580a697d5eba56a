"""The names that op rules use, over NumPy arrays.

A ufunc stands here as NumPy has it.  Everything else takes arrays first and metadata by keyword,
and handles one case exactly: axes are tuples of non-negative ints, shapes are tuples.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import (
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    copysign,
    cosh,
    divide,
    equal,
    exp2,
    fmax,
    fmin,
    greater,
    greater_equal,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    log2,
    log10,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    multiply,
    negative,
    not_equal,
    ones_like,
    reciprocal,
    sinh,
    sqrt,
    subtract,
    tan,
    zeros_like,
)

from chainrule.backend import memory
from chainrule.backend.libraries import (
    avg_pool,
    avg_pool_grad,
    conv,
    conv_input_grad,
    conv_weight_grad,
    max_pool,
    max_pool_codes,
    window_place,
)  # fmt: skip
from chainrule.backend.numpy_attention import attend, softmax_grad
from chainrule.backend.numpy_bessel import (
    airy_ai,
    bessel_j0,
    bessel_j1,
    bessel_y0,
    bessel_y1,
    i0,
    i0e,
    i1,
    i1e,
    modified_bessel_k0,
    modified_bessel_k1,
    orthogonal,
    scaled_modified_bessel_k0,
    scaled_modified_bessel_k1,
    spherical_bessel_j0,
)  # fmt: skip
from chainrule.backend.numpy_cast import astype, copy
from chainrule.backend.numpy_complex import conj, imag, real, view_as_complex, view_as_real
from chainrule.backend.numpy_conv import col2im, im2col
from chainrule.backend.numpy_decompositions import (
    cholesky,
    cholesky_inverse,
    cholesky_solve,
    eig,
    eigh,
    exchange,
    geqrf,
    lstsq,
    lu_factor,
    matrix_rank,
    pinv,
    qr,
    qr_parts,
    svd,
)  # fmt: skip
from chainrule.backend.numpy_elementwise import (
    absolute,
    angle,
    ceil,
    clamp,
    clamp_max,
    clamp_min,
    clip,
    complex_from,
    expm1,
    floor,
    floor_divide,
    fmod,
    frexp,
    gcd,
    heaviside,
    hypot,
    isclose,
    lcm,
    left_shift,
    lerp,
    log1p,
    logaddexp,
    logaddexp2,
    mask,
    nan_to_num,
    nextafter,
    power,
    power_by,
    relu,
    remainder,
    right_shift,
    rint,
    round_to,
    rsqrt,
    sigmoid,
    sigmoid_grad,
    sign,
    signbit,
    sinc,
    tanh_grad,
    trunc,
    trunc_divide,
    where,
)  # fmt: skip
from chainrule.backend.numpy_fourier import fourier, half_fourier, real_fourier
from chainrule.backend.numpy_gelu import gelu, gelu_tanh
from chainrule.backend.numpy_indexing import (
    continue_edges,
    gather,
    index,
    index_put,
    index_scatter,
    scatter,
    scatter_add,
    scatter_extreme,
    scatter_prod,
)  # fmt: skip
from chainrule.backend.numpy_ldl import ldl_factor, ldl_solve
from chainrule.backend.numpy_linalg import (
    cofactor,
    det,
    eye,
    inv,
    matmul,
    matrix_exp,
    slogdet,
    solve,
    solve_triangular,
)  # fmt: skip
from chainrule.backend.numpy_nn import (
    binary_cross_entropy,
    class_pick,
    class_put,
    cross_entropy,
    elu,
    embedding,
    embedding_grad,
    embedding_rows,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    huber_error,
    leaky_relu,
    linear,
    logistic_loss,
    logsigmoid,
    minus_one_hot,
    mish,
    prelu,
    silu,
    softplus,
    softshrink,
    squared_error,
    standardize,
    standardize_by,
    standardize_grad,
    standardize_rms,
    threshold,
    tied,
    xlogx,
)  # fmt: skip
from chainrule.backend.numpy_pathwise import (
    dirichlet,
    dirichlet_grad,
    standard_gamma,
    standard_gamma_grad,
)
from chainrule.backend.numpy_pool import (
    adaptive_avg_pool,
    adaptive_avg_pool_grad,
    best_in,
    fractional_best,
    plane_assign,
    plane_gather,
    plane_scatter,
    window_select,
)  # fmt: skip
from chainrule.backend.numpy_recurrent import gru_layer, lstm_layer, rnn_layer
from chainrule.backend.numpy_reduction import (
    all,
    amax,
    amin,
    any,
    count_nonzero,
    cummax_index,
    cummin_index,
    cumprod,
    cumsum,
    euclidean,
    linear_recurrence,
    log_softmax,
    logcumsumexp,
    logsumexp,
    max_all,
    mean,
    median_all,
    min_all,
    nanmedian_all,
    p_norm,
    prod,
    softmax,
    std,
    sum,
    var,
)  # fmt: skip
from chainrule.backend.numpy_shape import (
    as_strided,
    broadcast_to,
    diagonal,
    diagonal_scatter,
    expand_dims,
    flip,
    roll,
    split,
    squeeze,
    stack,
    strided_scatter,
    tril,
    triu,
    unbind,
    unfold,
    unfold_scatter,
    view_dtype,
    write_view,
)  # fmt: skip
from chainrule.backend.numpy_sorting import (
    add_along_axis,
    argkth,
    argmax,
    argmedian,
    argmin,
    argmode,
    argsort,
    argtopk,
    choose,
    isin,
    searchsorted,
    take_along_axis,
)  # fmt: skip
from chainrule.backend.numpy_sparse import SparseArray, sampled_products, sparse_matmul, sparse_rows
from chainrule.backend.numpy_special import (
    digamma,
    entr,
    erf,
    erfc,
    erfcx,
    erfinv,
    igamma,
    igammac,
    lgamma,
    log_ndtr,
    logit,
    ndtr,
    ndtri,
    polygamma,
    xlog1py,
    xlogy,
    zeta,
)  # fmt: skip
from chainrule.backend.threads import threaded

Array = Any


def asarray(x: Any, *, dtype: Any = None) -> Array:
    return np.asarray(x, dtype=dtype)


def zeros(*, shape: tuple[int, ...], dtype: Any) -> Array:
    return np.zeros(shape, dtype)


def full(*, shape: tuple[int, ...], value: Any, dtype: Any) -> Array:
    return np.full(shape, value, dtype)


def arange(*, stop: int, dtype: Any) -> Array:
    return np.arange(stop, dtype=dtype)


def reshape(x: Array, *, shape: tuple[int, ...]) -> Array:
    return x.reshape(shape)


def permute_dims(x: Array, *, axes: tuple[int, ...]) -> Array:
    return x.transpose(axes)


def swapaxes(x: Array, *, axis1: int, axis2: int) -> Array:
    return x.swapaxes(axis1, axis2)


def concat(*xs: Array, axis: int) -> Array:
    out = np.concatenate(xs, axis)
    if out.flags.c_contiguous or (out.ndim == 4 and out.transpose(0, 2, 3, 1).flags.c_contiguous):
        return out  # row by row, or channels last
    return np.ascontiguousarray(out)


def slice(x: Array, *, index: tuple[Any, ...]) -> Array:
    return x[index]


def slice_scatter(g: Array, *, shape: tuple[int, ...], index: tuple[Any, ...]) -> Array:
    """Zeros of `shape` with `g` at `index`: the transpose of `slice`."""
    out = np.zeros(shape, g.dtype)
    out[index] = g
    return out


# Functions that compute enough per element to be worth a second core on large arrays.
exp, log, tanh = threaded(np.exp), threaded(np.log), threaded(np.tanh)
sin, cos = threaded(np.sin), threaded(np.cos)
sigmoid, sigmoid_grad, tanh_grad = threaded(sigmoid), threaded(sigmoid_grad), threaded(tanh_grad)

memory.keep_freed_memory()
