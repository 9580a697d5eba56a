"""Recurrent layers: one primitive is one direction of one layer, over all time steps.

The rows of `x` are packed: those of the first step, then those of the second, and so on, as
`batch_sizes` counts them (a padded batch has the same number at every step).  Step t works on the
first `batch_sizes[t]` rows of the state.  What does not depend on the order of time is done for all
steps at once: the product with the input weights before, the weight gradients after.

Between the two runs the recurrence backward, and it is linear: the gradient of a step's gates is
that of its state times factors known beforehand.  On raw arrays the backend runs it in place.
"""

from __future__ import annotations

from typing import Any

from chainrule.backend import numpy_recurrent
from chainrule.backend.numpy_recurrent import Sizes, steps_of
from chainrule.errors import DtypeError, ShapeError
from chainrule.ops.base import Op, is_array
from chainrule.spec import Spec

Array = Any


def check_layer(
    gates: int, x: Spec, h0: Spec, w_ih: Spec, w_hh: Spec, others: tuple[Spec | None, ...],
    batch_sizes: Sizes,
) -> int:  # fmt: skip
    """The hidden size, if all shapes fit together."""
    hidden = w_hh.shape[0] // gates
    if x.shape[1] != w_ih.shape[1]:
        raise ShapeError(
            f"input has inconsistent input_size: got {x.shape[1]} expected {w_ih.shape[1]}",
            fix=f"Pass inputs with {w_ih.shape[1]} features on the last axis.",
        )
    if h0.shape[1] != w_hh.shape[1]:
        raise ShapeError(
            f"hidden0 has inconsistent hidden_size: got {h0.shape[1]}, expected {w_hh.shape[1]}",
            fix=f"Pass a state with {w_hh.shape[1]} features on the last axis.",
        )
    if h0.shape[0] != max(batch_sizes):
        raise ShapeError(
            f"Input batch size {max(batch_sizes)} doesn't match hidden0 batch size {h0.shape[0]}",
            fix="The state has one row for each sequence of the batch.",
        )
    if w_ih.shape[0] != w_hh.shape[0]:
        raise ShapeError(f"weight_ih and weight_hh must both have {gates} * hidden_size rows")
    for other in (h0, w_ih, w_hh, *others):
        if other is not None and other.dtype != x.dtype:
            raise DtypeError(
                f"expected all arguments of one dtype, but got {x.dtype} and {other.dtype}",
                fix="Convert the input with .to(weight.dtype), or the module with .to(x.dtype).",
            )
    return hidden


def previous(xp: Any, states: Array, first: Array, batch_sizes: Sizes, reverse: bool) -> Array:
    """For each row the state that its step began with; `states` are those that steps ended with."""
    steps = steps_of(batch_sizes, reverse)
    if len(steps) == 1:
        return first
    if min(batch_sizes) == max(batch_sizes):
        n = len(batch_sizes) * batch_sizes[0]
        if reverse:
            return xp.concat(xp.slice(states, index=(slice(batch_sizes[0], n),)), first, axis=0)
        return xp.concat(first, xp.slice(states, index=(slice(0, n - batch_sizes[0]),)), axis=0)
    pieces: list[tuple[int, Array]] = []
    known, at = 0, 0  # rows of the step before, and where they start
    for lo, count in steps:
        both = min(count, known)
        if both:
            pieces.append((lo, xp.slice(states, index=(slice(at, at + both),))))
        if count > both:  # these sequences begin here
            pieces.append((lo + both, xp.slice(first, index=(slice(both, count),))))
        known, at = count, lo
    pieces.sort(key=lambda p: p[0])
    return xp.concat(*[p for _, p in pieces], axis=0)


def columns(xp: Any, x: Array, number: int) -> list[Array]:
    """x cut into `number` equal parts along its second axis."""
    width = x.shape[1] // number
    cuts = [(slice(None), slice(k * width, (k + 1) * width)) for k in range(number)]
    return [xp.slice(x, index=cut) for cut in cuts]


def rows(xp: Any, x: Array, lo: int, count: int) -> Array:
    return xp.slice(x, index=(slice(lo, lo + count),))


def kept(xp: Any, new: Array, old: Array) -> Array:
    """`old` with its first rows replaced by `new`."""
    if new.shape[0] == old.shape[0]:
        return new
    return xp.concat(new, rows(xp, old, new.shape[0], old.shape[0] - new.shape[0]), axis=0)


def weight_grad(xp: Any, g: Array, x: Array) -> Array:
    return xp.matmul(xp.swapaxes(g, axis1=0, axis2=1), x)


def sweep(
    xp: Any, g_out: Array | None, dh: Array, factor: Array, extra: Array | None, w_hh: Array,
    carry: Array | None, batch_sizes: Sizes, reverse: bool,
) -> tuple[Array, Array]:  # fmt: skip
    """The gates' gradients of all steps, and that of the first state, for RNN and GRU.

    Step by step backward: d = dh + g_out, gates = d * factor + extra (the blocks of `factor` are
    as wide as d), dh = the last gates @ w_hh + d * carry.
    """
    if is_array(factor) and factor.dtype.kind == "f":
        return numpy_recurrent.sweep(g_out, dh, factor, extra, w_hh, carry, batch_sizes, reverse)
    blocks, used = factor.shape[1] // dh.shape[1], w_hh.shape[0]
    found: list[tuple[int, Array]] = []
    for lo, n in reversed(steps_of(batch_sizes, reverse)):
        d = rows(xp, dh, 0, n)
        if g_out is not None:
            d = d + rows(xp, g_out, lo, n)
        f = rows(xp, factor, lo, n)
        gates = d * f if blocks == 1 else xp.concat(*[d] * blocks, axis=1) * f
        if extra is not None:
            gates = gates + rows(xp, extra, lo, n)
        found.append((lo, gates))
        width = gates.shape[1]
        new = xp.matmul(xp.slice(gates, index=(slice(None), slice(width - used, width))), w_hh)
        if carry is not None:
            new = new + d * rows(xp, carry, lo, n)
        dh = kept(xp, new, dh)
    found.sort(key=lambda p: p[0])
    return xp.concat(*[p for _, p in found], axis=0), dh


def sweep_cells(
    xp: Any, g_out: Array | None, g_cells: Array | None, dh: Array, dc: Array, factor: Any,
    through: Array, extra: Array | None, f: Array, w_hh: Array, w_hr: Array | None,
    batch_sizes: Sizes, reverse: bool,
) -> tuple[Array, Array, Array, Array | None]:  # fmt: skip
    """The same for LSTM: also the first cell's gradient, and with `w_hr` those of all outputs.

    d = dh + g_out, m = d (@ w_hr), c = dc + m * through + g_cells, gates = [c, c, c, m] * the
    four of `factor` + extra, dh = gates @ w_hh, dc = c * f.
    """
    if is_array(through) and through.dtype.kind == "f":
        return numpy_recurrent.sweep_cells(
            g_out, g_cells, dh, dc, factor, through, extra, f, w_hh, w_hr, batch_sizes, reverse
        )
    found: list[tuple[int, Array, Array]] = []
    for lo, n in reversed(steps_of(batch_sizes, reverse)):
        d = rows(xp, dh, 0, n)
        if g_out is not None:
            d = d + rows(xp, g_out, lo, n)
        m = d if w_hr is None else xp.matmul(d, w_hr)
        c = m * rows(xp, through, lo, n) + rows(xp, dc, 0, n)
        if g_cells is not None:
            c = c + rows(xp, g_cells, lo, n)
        parts = zip((c, c, c, m), factor, strict=True)
        gates = xp.concat(*[v * rows(xp, by, lo, n) for v, by in parts], axis=1)
        if extra is not None:
            gates = gates + rows(xp, extra, lo, n)
        found.append((lo, gates, d))
        dh = kept(xp, xp.matmul(gates, w_hh), dh)
        dc = kept(xp, c * rows(xp, f, lo, n), dc)
    found.sort(key=lambda p: p[0])
    outs = None if w_hr is None else xp.concat(*[p[2] for p in found], axis=0)
    return xp.concat(*[p[1] for p in found], axis=0), dh, dc, outs


def blocks(xp: Any, gates: Array) -> list[Array]:
    """i, f, g, o from an array (4, rows, hidden)."""
    return [xp.slice(gates, index=(k, ...)) for k in range(4)]


def slopes(i: Array, f: Array, g: Array, o: Array) -> tuple[Array, Array, Array, Array]:
    """The derivatives of i, f, g, o by their sums."""
    return (1 - i) * i, (1 - f) * f, 1 - g * g, (1 - o) * o


def lstm_factors(xp: Any, gates: Array, before: Array, tanhs: Array) -> tuple[Any, Array]:
    """What a step's gradients are multiplied with: of the cell (and state) to the gates' sums,
    and of the state to the cell."""
    if is_array(gates) and gates.dtype.kind == "f":
        return numpy_recurrent.lstm_factors(gates, before, tanhs)
    i, f, g, o = blocks(xp, gates)
    d_i, d_f, d_g, d_o = slopes(i, f, g, o)
    return (d_i * g, d_f * before, d_g * i, d_o * tanhs), (1 - tanhs * tanhs) * o


def input_grads(
    xp: Any, needed: tuple[bool, ...], at: tuple[int, ...], x: Array, h: Any, w_ih: Array,
    of_x: Array, of_h: Array,
) -> dict[int, Array]:  # fmt: skip
    """Gradients of x, w_ih, w_hh, b_ih and b_hh, which stand at the places `at`.

    `of_x` and `of_h` are the gradients of x @ w_ih.T and h @ w_hh.T; h() gives all states.
    """
    asked = {k: i < len(needed) and needed[i] for k, i in zip("xihab", at, strict=True)}
    place, grads = dict(zip("xihab", at, strict=True)), {}
    if asked["x"]:
        grads[place["x"]] = xp.matmul(of_x, w_ih)
    if asked["i"]:
        grads[place["i"]] = weight_grad(xp, of_x, x)
    if asked["h"]:
        grads[place["h"]] = weight_grad(xp, of_h, h())
    if asked["a"]:
        grads[place["a"]] = xp.sum(of_x, axis=(0,), keepdims=False)
    if asked["b"]:
        same = of_x is of_h and asked["a"]
        grads[place["b"]] = grads[place["a"]] if same else xp.sum(of_h, axis=(0,), keepdims=False)
    return grads


class RnnLayer(Op):
    """out[t] = tanh or relu of x[t] @ w_ih.T + b_ih + out[t-1] @ w_hh.T + b_hh, out[-1] = h0.

    `hn` holds for each sequence the state after its last step.  With d the gradient of out[t]:
    gates = d * (1 - out[t]**2), or d where out[t] > 0, and d of the step before gets gates @ w_hh.
    """

    name, inputs = "rnn_layer", ("x", "h0", "w_ih", "w_hh", "b_ih", "b_hh")
    outputs, entangled, grad_name = ("out", "hn"), True, "Rnn"

    @staticmethod
    def spec(
        x: Spec, h0: Spec, w_ih: Spec, w_hh: Spec, b_ih: Spec | None = None,
        b_hh: Spec | None = None, *, batch_sizes: Sizes, reverse: bool, relu: bool,
    ) -> Any:  # fmt: skip
        hidden = check_layer(1, x, h0, w_ih, w_hh, (b_ih, b_hh), batch_sizes)
        return Spec((x.shape[0], hidden), x.dtype), h0

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], x: Array, h0: Array, w_ih: Array, w_hh: Array,
        out: Array, *, batch_sizes: Sizes, reverse: bool, relu: bool,
    ) -> Any:  # fmt: skip
        g_out, g_hn = g
        factor = xp.astype(out > 0, dtype=out.dtype) if relu else 1 - out * out
        dh = xp.zeros_like(h0) if g_hn is None else g_hn
        gates, dh = sweep(xp, g_out, dh, factor, None, w_hh, None, batch_sizes, reverse)

        def states() -> Array:
            return previous(xp, out, h0, batch_sizes, reverse)

        grads = input_grads(xp, needed, (0, 2, 3, 4, 5), x, states, w_ih, gates, gates)
        grads[1] = dh
        return tuple(grads.get(i) for i in range(len(needed)))


class GruLayer(Op):
    """out[t] = (1 - z) * n + z * out[t-1] with n = tanh(x_n + r * m), out[-1] = h0.

    x_r, x_z, x_n are the parts of x[t] @ w_ih.T + b_ih, h_r, h_z, m those of out[t-1] @ w_hh.T +
    b_hh, r = sigmoid(x_r + h_r), z = sigmoid(x_z + h_z); `gates` keeps r, z, n.  With d the
    gradient of out[t]: of n's sum a = d * (1 - z) * (1 - n**2), of z's d * (out[t-1] - n) * z' and
    of r's a * m * r', of m a * r.  Source: Cho et al. 2014, with r inside the product.
    """

    name, inputs = "gru_layer", ("x", "h0", "w_ih", "w_hh", "b_ih", "b_hh")
    outputs, entangled, grad_name = ("out", "hn", "gates", "m"), True, "Gru"

    @staticmethod
    def spec(
        x: Spec, h0: Spec, w_ih: Spec, w_hh: Spec, b_ih: Spec | None = None,
        b_hh: Spec | None = None, *, batch_sizes: Sizes, reverse: bool,
    ) -> Any:  # fmt: skip
        hidden = check_layer(3, x, h0, w_ih, w_hh, (b_ih, b_hh), batch_sizes)
        out = Spec((x.shape[0], hidden), x.dtype)
        return out, h0, Spec((x.shape[0], 3 * hidden), x.dtype), out

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], x: Array, h0: Array, w_ih: Array, w_hh: Array,
        out: Array, gates: Array, m: Array, *, batch_sizes: Sizes, reverse: bool,
    ) -> Any:  # fmt: skip
        g_out, g_hn, g_gates, g_m = g
        before = previous(xp, out, h0, batch_sizes, reverse)
        r, z, n = columns(xp, gates, 3)
        slope_n = 1 - n * n
        slope_r, slope_z = r * (1 - r), z * (1 - z)
        a = slope_n * (1 - z)
        through_r = m * slope_r
        factor = xp.concat(a, a * through_r, (before - n) * slope_z, a * r, axis=1)
        extra = None
        if g_gates is not None or g_m is not None:
            zero = xp.zeros_like(out)
            g_r, g_z, g_n = (zero,) * 3 if g_gates is None else columns(xp, g_gates, 3)
            e = g_n * slope_n
            to_m = e * r if g_m is None else e * r + g_m
            extra = xp.concat(e, e * through_r + g_r * slope_r, g_z * slope_z, to_m, axis=1)
        dh = xp.zeros_like(h0) if g_hn is None else g_hn
        found, dh = sweep(xp, g_out, dh, factor, extra, w_hh, z, batch_sizes, reverse)
        of_n, of_r, of_z, _ = columns(xp, found, 4)
        of_x = xp.concat(of_r, of_z, of_n, axis=1)
        of_h = xp.slice(found, index=(slice(None), slice(out.shape[1], found.shape[1])))
        grads = input_grads(xp, needed, (0, 2, 3, 4, 5), x, lambda: before, w_ih, of_x, of_h)
        grads[1] = dh
        return tuple(grads.get(i) for i in range(len(needed)))


class LstmLayer(Op):
    """out[t] = o * tanh(cells[t]) with cells[t] = f * cells[t-1] + i * g, cells[-1] = c0.

    i, f, o are the sigmoid and g the tanh of the parts of x[t] @ w_ih.T + b_ih + out[t-1] @
    w_hh.T + b_hh; `gates` keeps i, f, g, o.  With `w_hr`, out[t] is further multiplied by w_hr.T.
    With d the gradient of out[t] and c that of cells[t], c += d * o * (1 - tanh(cells[t])**2):
    of the sums, i's is c * g * i', f's c * cells[t-1] * f', g's c * i * g', o's d * tanh(cells[t])
    * o'; cells[t-1] gets c * f.  Source: Hochreiter and Schmidhuber 1997, Gers et al. 2000.
    """

    name, inputs = "lstm_layer", ("x", "h0", "c0", "w_ih", "w_hh", "b_ih", "b_hh", "w_hr")
    outputs = ("out", "hn", "cn", "gates", "cells", "tanhs")
    entangled, grad_name = True, "Lstm"

    @staticmethod
    def spec(
        x: Spec, h0: Spec, c0: Spec, w_ih: Spec, w_hh: Spec, b_ih: Spec | None = None,
        b_hh: Spec | None = None, w_hr: Spec | None = None, *, batch_sizes: Sizes, reverse: bool,
    ) -> Any:  # fmt: skip
        others = (c0, b_ih, b_hh, w_hr)
        hidden = check_layer(4, x, h0, w_ih, w_hh, others, batch_sizes)
        if c0.shape != (h0.shape[0], hidden):
            raise ShapeError(
                f"hidden1 has inconsistent hidden_size: got {c0.shape[-1]}, expected {hidden}",
                fix=f"Pass a cell state of shape ({h0.shape[0]}, {hidden}).",
            )
        total = x.shape[0]
        return (
            Spec((total, h0.shape[1]), x.dtype), h0, c0,
            Spec((4, total, hidden), x.dtype), *(Spec((total, hidden), x.dtype),) * 2,
        )  # fmt: skip

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], x: Array, h0: Array, c0: Array, w_ih: Array,
        w_hh: Array, w_hr: Array, out: Array, gates: Array, cells: Array, tanhs: Array, *,
        batch_sizes: Sizes, reverse: bool,
    ) -> Any:  # fmt: skip
        g_out, g_hn, g_cn, g_gates, g_cells, g_tanhs = g
        before = previous(xp, cells, c0, batch_sizes, reverse)
        factor, through = lstm_factors(xp, gates, before, tanhs)
        extra = None
        if g_gates is not None:
            pairs = zip(blocks(xp, g_gates), slopes(*blocks(xp, gates)), strict=True)
            extra = xp.concat(*[a * slope for a, slope in pairs], axis=1)
        if g_tanhs is not None:
            to_cells = g_tanhs * (1 - tanhs * tanhs)
            g_cells = to_cells if g_cells is None else g_cells + to_cells
        _, f, _, o = blocks(xp, gates)
        dh = xp.zeros_like(h0) if g_hn is None else g_hn
        dc = xp.zeros_like(c0) if g_cn is None else g_cn
        found, dh, dc, of_out = sweep_cells(
            xp, g_out, g_cells, dh, dc, factor, through, extra, f, w_hh, w_hr, batch_sizes, reverse
        )

        def states() -> Array:
            return previous(xp, out, h0, batch_sizes, reverse)

        grads = input_grads(xp, needed, (0, 3, 4, 5, 6), x, states, w_ih, found, found)
        grads[1], grads[2] = dh, dc
        if w_hr is not None and needed[7]:
            grads[7] = weight_grad(xp, of_out, o * tanhs)
        return tuple(grads.get(k) for k in range(len(needed)))
