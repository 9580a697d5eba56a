"""In-place functions that torch also has at the top: `torch.sin_(x)` is `x.sin_()`."""

from __future__ import annotations

from chainrule.functional import (  # noqa: F401  (they attach the methods)
    arithmetic,
    complex,
    exponential,
    rounding,
    special,
    trigonometry,
)
from chainrule.functional.border import EXPORTS
from chainrule.tensor import Tensor

NAMES = (
    "abs_", "neg_", "negative_", "square_", "sqrt_", "rsqrt_", "reciprocal_", "exp_", "exp2_",
    "expm1_", "log_", "log2_", "log10_", "log1p_", "sin_", "cos_", "tan_", "asin_", "acos_",
    "atan_", "arcsin_", "arccos_", "arctan_", "sinh_", "cosh_", "tanh_", "asinh_", "acosh_",
    "atanh_", "arcsinh_", "arccosh_", "arctanh_", "sinc_", "deg2rad_", "rad2deg_", "floor_",
    "ceil_", "round_", "trunc_", "fix_", "frac_", "clamp_", "clip_", "clamp_min_", "clamp_max_",
    "nan_to_num_", "ldexp_", "gcd_", "lcm_", "xlogy_", "sigmoid_", "logit_", "erf_", "erfc_",
    "i0_", "conj_physical_",
)  # fmt: skip

for _name in NAMES:
    EXPORTS[_name] = getattr(Tensor, _name)
