"""LDL' factorisation of symmetric indefinite matrices (Bunch and Kaufman 1977), as LAPACK keeps it.

`np.linalg` has none; this is LAPACK's unblocked algorithm on the lower triangle, one matrix after
another.  A pivot p > 0 says that rows k and p were exchanged; two equal pivots -p, -p that columns
k and k + 1 are a 2 by 2 block of D, whose second row was exchanged with p.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.spec import size_of

Array = Any
_ALPHA = (1 + 17**0.5) / 8  # bounds the growth of elements


def ldl_factor(x: Array) -> tuple[Array, Array]:
    n, count = x.shape[-1], size_of(x.shape[:-2])
    ld = np.tril(x).reshape(count, n, n)
    pivots = np.zeros((count, n), np.int32)
    with np.errstate(all="ignore"):
        for one, places in zip(ld, pivots, strict=True):
            k = 0
            while k < n:
                k += eliminate(one, places, k)
    return ld.reshape(x.shape), pivots.reshape(x.shape[:-1])


def sizes(x: Array) -> Array:
    """What LAPACK chooses pivots by: of complex numbers |real| + |imag|."""
    return np.abs(x.real) + np.abs(x.imag) if x.dtype.kind == "c" else np.abs(x)


def choose(a: Array, k: int) -> tuple[int, int]:
    """The row to exchange with, and the size of the block, 1 or 2."""
    n, diagonal = len(a), sizes(a[k, k])
    if k == n - 1:
        return k, 1
    low = k + 1 + int(sizes(a[k + 1 :, k]).argmax())
    column = sizes(a[low, k])
    if max(diagonal, column) == 0 or np.isnan(diagonal) or diagonal >= _ALPHA * column:
        return k, 1
    row = max(sizes(a[low, k:low]).max(), sizes(a[low + 1 :, low]).max(initial=0))
    if diagonal >= _ALPHA * column * (column / row):
        return k, 1
    return low, 1 if sizes(a[low, low]) >= _ALPHA * row else 2


def eliminate(a: Array, pivots: Array, k: int) -> int:
    """One step at column k; how many columns it took."""
    other, size = choose(a, k)
    here = k + size - 1
    if other != here:
        exchange_rows(a[other + 1 :, here], a[other + 1 :, other])
        exchange_rows(a[here + 1 : other, here], a[other, here + 1 : other])
        a[here, here], a[other, other] = a[other, other], a[here, here]
        if size == 2:
            a[k + 1, k], a[other, k] = a[other, k], a[k + 1, k]
    rest = slice(k + size, None)
    if size == 1:
        pivots[k] = other + 1
        if a[k, k] != 0:
            scaled = a[rest, k] / a[k, k]
            a[rest, rest] -= np.tril(np.outer(scaled, a[rest, k]))
            a[rest, k] = scaled
        return 1
    pivots[k : k + 2] = -(other + 1)
    block = a[k : k + 2, k : k + 2].copy()
    block[0, 1] = block[1, 0]
    both = a[rest, k : k + 2].copy()
    if both.size:
        scaled = np.linalg.solve(block, both.T).T
        a[rest, rest] -= np.tril(scaled @ both.T)
        a[rest, k : k + 2] = scaled
    return 2


def exchange_rows(x: Array, y: Array) -> None:
    """Exchange the elements of two views."""
    held = x.copy()
    x[...] = y
    y[...] = held


def ldl_solve(ld: Array, pivots: Array, b: Array) -> Array:
    batch = np.broadcast_shapes(ld.shape[:-2], b.shape[:-2])
    count, n = size_of(batch), ld.shape[-1]
    x = np.array(np.broadcast_to(b, (*batch, *b.shape[-2:]))).reshape(count, n, b.shape[-1])
    factors = np.broadcast_to(ld, (*batch, n, n)).reshape(count, n, n)
    places = np.broadcast_to(pivots, (*batch, n)).reshape(count, n)
    with np.errstate(all="ignore"):
        for a, p, one in zip(factors, places, x, strict=True):
            substitute(a, p, one)
    return x.reshape(*batch, *b.shape[-2:])


def substitute(a: Array, pivots: Array, x: Array) -> None:
    """Solve L D L' X = B in place, one matrix."""
    n, k = len(a), 0
    steps = []
    while k < n:  # L, then D
        size = 1 if pivots[k] > 0 else 2
        here, other = k + size - 1, abs(int(pivots[k])) - 1
        steps.append((k, size, here, other))
        if other != here:
            exchange_rows(x[here], x[other])
        rest = slice(k + size, None)
        x[rest] -= a[rest, k : k + size] @ x[k : k + size]
        if size == 1:
            x[k] /= a[k, k]
        else:
            block = a[k : k + 2, k : k + 2].copy()
            block[0, 1] = block[1, 0]
            x[k : k + 2] = np.linalg.solve(block, x[k : k + 2])
        k += size
    for k, size, here, other in reversed(steps):  # L'
        rest = slice(k + size, None)
        x[k : k + size] -= a[rest, k : k + size].T @ x[rest]
        if other != here:
            exchange_rows(x[here], x[other])
