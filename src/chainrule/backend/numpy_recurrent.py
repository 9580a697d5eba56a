"""Recurrent layers over NumPy arrays: the loops over time, each step in place.

A step's small arrays stay in the processor's cache; all that can be done for the whole sequence
at once is done outside the loop.  The backward loops compute what `ops.recurrent` says, in the
same order; a test holds them equal bit for bit.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.backend.blas import alone, product

Array = Any
Sizes = tuple[int, ...]
WIDE = np.dtype(np.float32)


@functools.lru_cache(maxsize=256)
def steps_of(batch_sizes: Sizes, reverse: bool) -> tuple[tuple[int, int], ...]:
    """(first row, number of rows) of each step, in the order in which a direction takes them.

    >>> steps_of((3, 3, 1), False)
    ((0, 3), (3, 3), (6, 1))
    >>> steps_of((3, 3, 1), True)
    ((6, 1), (3, 3), (0, 3))
    """
    steps, at = [], 0
    for count in batch_sizes:
        steps.append((at, count))
        at += count
    return tuple(reversed(steps)) if reverse else tuple(steps)


def widened(function: Any) -> Any:
    """Half floats are computed in float32 and rounded at the end."""

    @functools.wraps(function)
    @alone
    def call(*arrays: Array, **static: Any) -> Any:
        x = arrays[0]
        for other in arrays:
            if other is not None and other.dtype != x.dtype:
                raise TypeError("dtypes differ")
        if x.dtype.itemsize != 2:
            return function(*arrays, **static)
        wide = (None if a is None else a.astype(WIDE) for a in arrays)
        return tuple(out.astype(x.dtype) for out in function(*wide, **static))

    return call


def of_input(x: Array, w_ih: Array, *biases: Array | None) -> Array:
    """x @ w_ih.T and the biases, for all steps."""
    out = product(x, w_ih.T)
    given = [b for b in biases if b is not None]
    if given:
        out += given[0] if len(given) == 1 else given[0] + given[1]
    return out


def is_even(batch_sizes: Sizes) -> bool:
    """Whether every step has all sequences."""
    return batch_sizes[0] == batch_sizes[-1]


def check_state(h0: Array, batch_sizes: Sizes) -> None:
    if h0.shape[0] != batch_sizes[0]:
        raise ValueError("the state has another number of rows")


@widened
def rnn_layer(
    x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None,
    b_hh: Array | None = None, *, batch_sizes: Sizes, reverse: bool, relu: bool,
) -> tuple[Array, Array]:  # fmt: skip
    check_state(h0, batch_sizes)
    out = of_input(x, w_ih, b_ih, b_hh)
    even, h, w = is_even(batch_sizes), h0, w_hh.T
    state = h0 if even else h0.copy()
    buffer = np.empty((batch_sizes[0], w.shape[1]), x.dtype)
    for lo, n in steps_of(batch_sizes, reverse):
        a = out[lo : lo + n]
        part = buffer[:n]
        np.matmul(h if even else state[:n], w, out=part)
        a += part
        if relu:
            np.maximum(a, 0, out=a)
        else:
            np.tanh(a, out=a)
        if even:
            h = a
        else:
            state[:n] = a
    return out, h.copy() if even else state


@widened
def gru_layer(
    x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None,
    b_hh: Array | None = None, *, batch_sizes: Sizes, reverse: bool,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    check_state(h0, batch_sizes)
    gates = of_input(x, w_ih, b_ih)
    hidden = w_hh.shape[0] // 3
    out = np.empty((x.shape[0], hidden), x.dtype)
    ms = np.empty_like(out)
    even, h, w = is_even(batch_sizes), h0, w_hh.T
    state = h0 if even else h0.copy()
    buffer = np.empty((batch_sizes[0], 3 * hidden), x.dtype)
    for lo, n in steps_of(batch_sizes, reverse):
        all_gates = gates[lo : lo + n]
        rz, new = all_gates[:, : 2 * hidden], all_gates[:, 2 * hidden :]
        part, m, y = buffer[:n], ms[lo : lo + n], out[lo : lo + n]
        before = h if even else state[:n]
        np.matmul(before, w, out=part)
        if b_hh is not None:
            part += b_hh
        rz += part[:, : 2 * hidden]
        np.negative(rz, out=rz)
        np.exp(rz, out=rz)
        rz += 1
        np.reciprocal(rz, out=rz)
        m[...] = part[:, 2 * hidden :]
        np.multiply(rz[:, :hidden], m, out=y)
        new += y
        np.tanh(new, out=new)
        np.subtract(before, new, out=y)
        y *= rz[:, hidden:]
        y += new
        if even:
            h = y
        else:
            state[:n] = y
    return out, h.copy() if even else state, gates, ms


@widened
def lstm_layer(
    x: Array, h0: Array, c0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None,
    b_hh: Array | None = None, w_hr: Array | None = None, *, batch_sizes: Sizes, reverse: bool,
) -> tuple[Array, Array, Array, Array, Array, Array]:  # fmt: skip
    """Each gate has a block of its own: on columns of a wider array a ufunc takes 4 times as long.

    The exponential runs over all four parts nevertheless, as one piece; g's is not used.
    """
    check_state(h0, batch_sizes)
    total, hidden = x.shape[0], w_hh.shape[0] // 4
    if c0.shape != (h0.shape[0], hidden):
        raise ValueError("the cell state has another shape")
    sums = of_input(x, w_ih, b_ih, b_hh)
    gates = np.empty((4, total, hidden), x.dtype)
    cells = np.empty((total, hidden), x.dtype)
    tanhs = np.empty_like(cells)
    out = np.empty((total, h0.shape[1]), x.dtype)
    even, h, c, w = is_even(batch_sizes), h0, c0, w_hh.T
    if not even:
        h, c = h0.copy(), c0.copy()
    most = batch_sizes[0]
    buffer, small = np.empty((most, 4 * hidden), x.dtype), np.empty((most, hidden), x.dtype)
    parts = buffer.reshape(most, 4, hidden).transpose(1, 0, 2)
    for lo, n in steps_of(batch_sizes, reverse):
        hi = lo + n
        part, ig = buffer[:n], small[:n]
        np.matmul(h if even else h[:n], w, out=part)
        part += sums[lo:hi]
        i, f, g, o = gates[:, lo:hi]
        np.tanh(parts[2, :n], out=g)
        np.negative(part, out=part)
        np.exp(part, out=part)
        part += 1
        np.reciprocal(parts[:2, :n], out=gates[:2, lo:hi])
        np.reciprocal(parts[3, :n], out=o)
        np.multiply(i, g, out=ig)
        cell, y, tanh = cells[lo:hi], out[lo:hi], tanhs[lo:hi]
        np.multiply(f, c if even else c[:n], out=cell)
        cell += ig
        np.tanh(cell, out=tanh)
        if w_hr is None:
            np.multiply(o, tanh, out=y)
        else:
            np.matmul(np.multiply(o, tanh, out=ig), w_hr.T, out=y)
        if even:
            h, c = y, cell
        else:
            h[:n], c[:n] = y, cell
    if even:
        h, c = h.copy(), c.copy()
    return out, h, c, gates, cells, tanhs


def lstm_factors(gates: Array, before: Array, tanhs: Array) -> tuple[Array, Array]:
    """What `sweep_cells` multiplies with: see `ops.recurrent.lstm_factors`."""
    i, _, g, o = gates
    factor = np.empty_like(gates)
    for k in (slice(0, 2), slice(3, 4)):
        np.subtract(1, gates[k], out=factor[k])
        factor[k] *= gates[k]
    np.multiply(g, g, out=factor[2])
    np.subtract(1, factor[2], out=factor[2])
    for part, other in zip(factor, (g, before, i, tanhs), strict=True):
        part *= other
    through = np.multiply(tanhs, tanhs)
    np.subtract(1, through, out=through)
    through *= o
    return factor, through


@alone
def sweep(
    g_out: Array | None, dh: Array, factor: Array, extra: Array | None, w_hh: Array,
    carry: Array | None, batch_sizes: Sizes, reverse: bool,
) -> tuple[Array, Array]:  # fmt: skip
    """The recurrence backward of RNN and GRU: see `ops.recurrent.sweep`."""
    total, hidden = factor.shape[0], dh.shape[1]
    blocks, used = factor.shape[1] // hidden, w_hh.shape[0]
    gates = np.empty_like(factor)
    cut, spread = gates[:, gates.shape[1] - used :], gates.reshape(total, blocks, hidden)
    factors = factor.reshape(total, blocks, hidden)
    dh = dh.copy()
    buffer, new = np.empty_like(dh), np.empty_like(dh)
    for lo, n in reversed(steps_of(batch_sizes, reverse)):
        hi = lo + n
        d, at = dh[:n], new[:n]
        if g_out is not None:
            d += g_out[lo:hi]
        np.multiply(d[:, None], factors[lo:hi], out=spread[lo:hi])
        if extra is not None:
            gates[lo:hi] += extra[lo:hi]
        np.matmul(cut[lo:hi], w_hh, out=at)
        if carry is None:
            d[...] = at
        else:
            part = buffer[:n]
            np.multiply(d, carry[lo:hi], out=part)
            np.add(at, part, out=d)
    return gates, dh


@alone
def sweep_cells(
    g_out: Array | None, g_cells: Array | None, dh: Array, dc: Array, factor: Array,
    through: Array, extra: Array | None, f: Array, w_hh: Array, w_hr: Array | None,
    batch_sizes: Sizes, reverse: bool,
) -> tuple[Array, Array, Array, Array | None]:  # fmt: skip
    """The recurrence backward of LSTM: see `ops.recurrent.sweep_cells`."""
    total, hidden = through.shape
    gates = np.empty((total, 4 * hidden), through.dtype)
    parts = gates.reshape(total, 4, hidden).transpose(1, 0, 2)
    dh, dc = dh.copy(), dc.copy()
    outs = None if w_hr is None else np.empty((total, dh.shape[1]), dh.dtype)
    buffer = np.empty_like(dc)
    for lo, n in reversed(steps_of(batch_sizes, reverse)):
        hi = lo + n
        d, c, part = dh[:n], dc[:n], buffer[:n]
        if g_out is not None:
            d += g_out[lo:hi]
        m = d
        if outs is not None and w_hr is not None:
            outs[lo:hi] = d
            m = np.matmul(d, w_hr)
        np.multiply(m, through[lo:hi], out=part)
        c += part
        if g_cells is not None:
            c += g_cells[lo:hi]
        np.multiply(c, factor[:3, lo:hi], out=parts[:3, lo:hi])
        np.multiply(m, factor[3, lo:hi], out=parts[3, lo:hi])
        a = gates[lo:hi]
        if extra is not None:
            a += extra[lo:hi]
        np.matmul(a, w_hh, out=d)
        c *= f[lo:hi]
    return gates, dh, dc, outs
