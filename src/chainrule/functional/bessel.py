"""Bessel and Airy functions, and orthogonal polynomials: `torch.special.<name>`."""

from __future__ import annotations

from typing import Any

from chainrule.autograd.record import apply
from chainrule.functional.border import require_tensor, with_out
from chainrule.ops.special import (
    I0,
    I1,
    AiryAi,
    BesselJ0,
    BesselJ1,
    BesselY0,
    BesselY1,
    ModifiedBesselK0,
    ModifiedBesselK1,
    Orthogonal,
    ScaledK0,
    ScaledK1,
    SphericalJ0,
)
from chainrule.tensor import Tensor


@with_out
def bessel_j0(input: Any) -> Tensor:
    """The Bessel function of the first kind, order 0.

    >>> import chainrule as torch
    >>> torch.special.bessel_j0(torch.tensor([0.5, 1., 2.]))
    tensor([0.9385, 0.7652, 0.2239])
    """
    return apply(BesselJ0, input)  # type: ignore[no-any-return]


@with_out
def bessel_j1(input: Any) -> Tensor:
    """The Bessel function of the first kind, order 1.

    >>> import chainrule as torch
    >>> torch.special.bessel_j1(torch.tensor([0.5, 1., 2.]))
    tensor([0.2423, 0.4401, 0.5767])
    """
    return apply(BesselJ1, input)  # type: ignore[no-any-return]


@with_out
def bessel_y0(input: Any) -> Tensor:
    """The Bessel function of the second kind, order 0; -inf at 0, NaN below.

    >>> import chainrule as torch
    >>> torch.special.bessel_y0(torch.tensor([0.5, 1., 2.]))
    tensor([-0.4445,  0.0883,  0.5104])
    """
    return apply(BesselY0, input)  # type: ignore[no-any-return]


@with_out
def bessel_y1(input: Any) -> Tensor:
    """The Bessel function of the second kind, order 1; -inf at 0, NaN below.

    >>> import chainrule as torch
    >>> torch.special.bessel_y1(torch.tensor([0.5, 1., 2.]))
    tensor([-1.4715, -0.7812, -0.1070])
    """
    return apply(BesselY1, input)  # type: ignore[no-any-return]


@with_out
def modified_bessel_i0(input: Any) -> Tensor:
    """The modified Bessel function of the first kind, order 0.

    >>> import chainrule as torch
    >>> torch.special.modified_bessel_i0(torch.tensor([0.5, 1., 2.]))
    tensor([1.0635, 1.2661, 2.2796])
    """
    return apply(I0, input)  # type: ignore[no-any-return]


@with_out
def modified_bessel_i1(input: Any) -> Tensor:
    """The modified Bessel function of the first kind, order 1.

    >>> import chainrule as torch
    >>> torch.special.modified_bessel_i1(torch.tensor([0.5, 1., 2.]))
    tensor([0.2579, 0.5652, 1.5906])
    """
    return apply(I1, input)  # type: ignore[no-any-return]


@with_out
def modified_bessel_k0(input: Any) -> Tensor:
    """The modified Bessel function of the second kind, order 0.

    >>> import chainrule as torch
    >>> torch.special.modified_bessel_k0(torch.tensor([0.5, 1., 2.]))
    tensor([0.9244, 0.4210, 0.1139])
    """
    return apply(ModifiedBesselK0, input)  # type: ignore[no-any-return]


@with_out
def modified_bessel_k1(input: Any) -> Tensor:
    """The modified Bessel function of the second kind, order 1.

    >>> import chainrule as torch
    >>> torch.special.modified_bessel_k1(torch.tensor([0.5, 1., 2.]))
    tensor([1.6564, 0.6019, 0.1399])
    """
    return apply(ModifiedBesselK1, input)  # type: ignore[no-any-return]


@with_out
def scaled_modified_bessel_k0(x: Any) -> Tensor:
    """`exp(x) * modified_bessel_k0(x)`.

    >>> import chainrule as torch
    >>> torch.special.scaled_modified_bessel_k0(torch.tensor([0.5, 1., 2.]))
    tensor([1.5241, 1.1445, 0.8416])
    """
    return apply(ScaledK0, x)  # type: ignore[no-any-return]


@with_out
def scaled_modified_bessel_k1(x: Any) -> Tensor:
    """`exp(x) * modified_bessel_k1(x)`.

    >>> import chainrule as torch
    >>> torch.special.scaled_modified_bessel_k1(torch.tensor([0.5, 1., 2.]))
    tensor([2.7310, 1.6362, 1.0335])
    """
    return apply(ScaledK1, x)  # type: ignore[no-any-return]


@with_out
def spherical_bessel_j0(x: Any) -> Tensor:
    """`sin(x) / x`, and 1 at 0.

    >>> import chainrule as torch
    >>> torch.special.spherical_bessel_j0(torch.tensor([0.5, 1., 2.]))
    tensor([0.9589, 0.8415, 0.4546])
    """
    return apply(SphericalJ0, x)  # type: ignore[no-any-return]


@with_out
def airy_ai(x: Any) -> Tensor:
    """The Airy function Ai.

    >>> import chainrule as torch
    >>> torch.special.airy_ai(torch.tensor([0.5, 1., 2.]))
    tensor([0.2317, 0.1353, 0.0349])
    """
    return apply(AiryAi, x)  # type: ignore[no-any-return]


@with_out
def chebyshev_polynomial_t(input: Any, n: Any) -> Tensor:
    """The Chebyshev polynomial of the first kind, of degree `n`, at `input`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.chebyshev_polynomial_t(torch.tensor([0.5, 1.]), 3)
    tensor([-1.,  1.])
    """
    require_tensor("chebyshev_polynomial_t", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="chebyshev_polynomial_t", shifted=False
    )


@with_out
def chebyshev_polynomial_u(input: Any, n: Any) -> Tensor:
    """The Chebyshev polynomial of the second kind, of degree `n`, at `input`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.chebyshev_polynomial_u(torch.tensor([0.5, 1.]), 3)
    tensor([-1.,  4.])
    """
    require_tensor("chebyshev_polynomial_u", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="chebyshev_polynomial_u", shifted=False
    )


@with_out
def chebyshev_polynomial_v(input: Any, n: Any) -> Tensor:
    """The Chebyshev polynomial of the third kind, of degree `n`, at `input`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.chebyshev_polynomial_v(torch.tensor([0.5, 1.]), 3)
    tensor([-1.,  1.])
    """
    require_tensor("chebyshev_polynomial_v", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="chebyshev_polynomial_v", shifted=False
    )


@with_out
def chebyshev_polynomial_w(input: Any, n: Any) -> Tensor:
    """The Chebyshev polynomial of the fourth kind, of degree `n`, at `input`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.chebyshev_polynomial_w(torch.tensor([0.5, 1.]), 3)
    tensor([-1.,  7.])
    """
    require_tensor("chebyshev_polynomial_w", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="chebyshev_polynomial_w", shifted=False
    )


@with_out
def hermite_polynomial_h(input: Any, n: Any) -> Tensor:
    """The physicists' Hermite polynomial, of degree `n`, at `input`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.hermite_polynomial_h(torch.tensor([0.5, 1.]), 3)
    tensor([-5., -4.])
    """
    require_tensor("hermite_polynomial_h", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="hermite_polynomial_h", shifted=False
    )


@with_out
def hermite_polynomial_he(input: Any, n: Any) -> Tensor:
    """The probabilists' Hermite polynomial, of degree `n`, at `input`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.hermite_polynomial_he(torch.tensor([0.5, 1.]), 3)
    tensor([-1.3750, -2.0000])
    """
    require_tensor("hermite_polynomial_he", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="hermite_polynomial_he", shifted=False
    )


@with_out
def laguerre_polynomial_l(input: Any, n: Any) -> Tensor:
    """The Laguerre polynomial, of degree `n`, at `input`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.laguerre_polynomial_l(torch.tensor([0.5, 1.]), 3)
    tensor([-0.1458, -0.6667])
    """
    require_tensor("laguerre_polynomial_l", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="laguerre_polynomial_l", shifted=False
    )


@with_out
def legendre_polynomial_p(input: Any, n: Any) -> Tensor:
    """The Legendre polynomial, of degree `n`, at `input`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.legendre_polynomial_p(torch.tensor([0.5, 1.]), 3)
    tensor([-0.4375,  1.0000])
    """
    require_tensor("legendre_polynomial_p", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="legendre_polynomial_p", shifted=False
    )


@with_out
def shifted_chebyshev_polynomial_t(input: Any, n: Any) -> Tensor:
    """The Chebyshev polynomial of the first kind, shifted to [0, 1]; its degree is `n`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.shifted_chebyshev_polynomial_t(torch.tensor([0.5, 1.]), 3)
    tensor([-0., 1.])
    """
    require_tensor("shifted_chebyshev_polynomial_t", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="chebyshev_polynomial_t", shifted=True
    )


@with_out
def shifted_chebyshev_polynomial_u(input: Any, n: Any) -> Tensor:
    """The Chebyshev polynomial of the second kind, shifted to [0, 1]; its degree is `n`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.shifted_chebyshev_polynomial_u(torch.tensor([0.5, 1.]), 3)
    tensor([-0., 4.])
    """
    require_tensor("shifted_chebyshev_polynomial_u", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="chebyshev_polynomial_u", shifted=True
    )


@with_out
def shifted_chebyshev_polynomial_v(input: Any, n: Any) -> Tensor:
    """The Chebyshev polynomial of the third kind, shifted to [0, 1]; its degree is `n`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.shifted_chebyshev_polynomial_v(torch.tensor([0.5, 1.]), 3)
    tensor([1., 1.])
    """
    require_tensor("shifted_chebyshev_polynomial_v", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="chebyshev_polynomial_v", shifted=True
    )


@with_out
def shifted_chebyshev_polynomial_w(input: Any, n: Any) -> Tensor:
    """The Chebyshev polynomial of the fourth kind, shifted to [0, 1]; its degree is `n`.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.special.shifted_chebyshev_polynomial_w(torch.tensor([0.5, 1.]), 3)
    tensor([-1.,  7.])
    """
    require_tensor("shifted_chebyshev_polynomial_w", input, n)
    return apply(  # type: ignore[no-any-return]
        Orthogonal, input, n, family="chebyshev_polynomial_w", shifted=True
    )
