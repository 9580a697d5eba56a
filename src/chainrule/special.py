"""torch.special: special functions, all elementwise but the softmax family.

>>> import chainrule as torch
>>> torch.special.entr(torch.tensor([0., 0.5]))
tensor([0.0000, 0.3466])
"""

from __future__ import annotations

from chainrule.functional import EXPORTS
from chainrule.functional.bessel import (
    airy_ai,
    bessel_j0,
    bessel_j1,
    bessel_y0,
    bessel_y1,
    chebyshev_polynomial_t,
    chebyshev_polynomial_u,
    chebyshev_polynomial_v,
    chebyshev_polynomial_w,
    hermite_polynomial_h,
    hermite_polynomial_he,
    laguerre_polynomial_l,
    legendre_polynomial_p,
    modified_bessel_i0,
    modified_bessel_i1,
    modified_bessel_k0,
    modified_bessel_k1,
    scaled_modified_bessel_k0,
    scaled_modified_bessel_k1,
    shifted_chebyshev_polynomial_t,
    shifted_chebyshev_polynomial_u,
    shifted_chebyshev_polynomial_v,
    shifted_chebyshev_polynomial_w,
    spherical_bessel_j0,
)
from chainrule.functional.special import (
    entr,
    erfcx,
    i0e,
    i1,
    i1e,
    log_ndtr,
    ndtr,
    ndtri,
    xlog1py,
    zeta,
)

digamma = EXPORTS["digamma"]
erf = EXPORTS["erf"]
erfc = EXPORTS["erfc"]
erfinv = EXPORTS["erfinv"]
exp2 = EXPORTS["exp2"]
expit = EXPORTS["sigmoid"]
expm1 = EXPORTS["expm1"]
gammainc = EXPORTS["igamma"]
gammaincc = EXPORTS["igammac"]
gammaln = EXPORTS["lgamma"]
i0 = EXPORTS["i0"]
log1p = EXPORTS["log1p"]
log_softmax = EXPORTS["log_softmax"]
logit = EXPORTS["logit"]
logsumexp = EXPORTS["logsumexp"]
multigammaln = EXPORTS["mvlgamma"]
polygamma = EXPORTS["polygamma"]
psi = EXPORTS["digamma"]
round = EXPORTS["round"]
sinc = EXPORTS["sinc"]
softmax = EXPORTS["softmax"]
xlogy = EXPORTS["xlogy"]

__all__ = [
    "airy_ai",
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "chebyshev_polynomial_t",
    "chebyshev_polynomial_u",
    "chebyshev_polynomial_v",
    "chebyshev_polynomial_w",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammainc",
    "gammaincc",
    "gammaln",
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
    "log1p",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "round",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u",
    "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
    "sinc",
    "softmax",
    "spherical_bessel_j0",
    "xlog1py",
    "xlogy",
    "zeta",
]
