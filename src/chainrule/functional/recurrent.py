"""Recurrent layers and cells as functions: torch.lstm, gru, rnn_tanh, rnn_relu and their cells.

`run_layers` is what the modules call too: layer after layer, direction after direction, each one
primitive of `ops.recurrent` over packed rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS, op
from chainrule.ops.base import REGISTRY
from chainrule.ops.recurrent import GruLayer, LstmLayer, RnnLayer
from chainrule.tensor import Tensor, from_array

KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "LSTM": (LstmLayer, {}),
    "GRU": (GruLayer, {}),
    "RNN_TANH": (RnnLayer, {"relu": False}),
    "RNN_RELU": (RnnLayer, {"relu": True}),
}


def grouped(weights: Any, has_biases: bool, projected: bool) -> list[tuple[Any, ...]]:
    """A flat list of weights as the last arguments of the primitive, for each direction."""
    each = 2 + 2 * has_biases + projected
    found = []
    for k in range(0, len(weights), each):
        w = tuple(weights[k : k + each])
        found.append((*w[:2], None, None, w[2]) if projected and not has_biases else w)
    return found


def run_layers(
    kind: str, x: Tensor, batch_sizes: tuple[int, ...], states: tuple[Any, ...],
    groups: list[tuple[Any, ...]], directions: int, dropout: float, train: bool,
) -> tuple[Tensor, tuple[Tensor, ...]]:  # fmt: skip
    """All layers over packed rows `x`.

    Args:
        states: h0 (and c0), each of shape (layers * directions, batch, size).
        groups: the weights of each direction of each layer.

    Returns:
        The rows of the last layer, and the last states, of the shapes of `states`.
    """
    primitive, static = KINDS[kind]
    split = [parts_of(s) for s in states]
    finals: list[list[Tensor]] = [[] for _ in states]
    last = len(groups) - directions
    for k in range(0, len(groups), directions):
        outs = []
        for j in range(k, k + directions):
            out, *rest = apply(
                primitive, x, *[s[j] for s in split], *groups[j],
                batch_sizes=batch_sizes, reverse=j > k, **static,
            )  # fmt: skip
            outs.append(out)
            for final, state in zip(finals, rest):  # noqa: B905  (what else it kept comes after)
                final.append(state)
        x = outs[0] if directions == 1 else apply(REGISTRY["concat"], *outs, axis=1)
        if dropout and train and k < last:
            x = EXPORTS["dropout"](x, dropout, True)
    if len(groups) == 1:
        expand = REGISTRY["expand_dims"]
        return x, tuple([apply(expand, f[0], axis=0) for f in finals])
    return x, tuple([apply(REGISTRY["stack"], *f, axis=0) for f in finals])


def parts_of(state: Tensor) -> Any:
    """A state's parts, one for each direction of each layer."""
    count = state._array.shape[0]
    if state._node is None:
        return [from_array(a) for a in state._array]
    return apply(op("unbind"), state, axis=0, count=count)


def over_time(
    kind: str, input: Tensor, states: tuple[Any, ...], groups: list[tuple[Any, ...]],
    directions: int, dropout: float, train: bool, batch_first: bool,
) -> tuple[Tensor, tuple[Tensor, ...]]:  # fmt: skip
    """`run_layers` on a padded batch: (time, batch, size), or with batch and time exchanged."""
    if batch_first:
        input = input.transpose(0, 1)
    steps, batch, width = input._array.shape
    if steps == 0:
        raise ArgumentError(
            "Expected sequence length to be larger than 0 in RNN", [("input", input)],
            fix="Pass at least one time step.",
        )  # fmt: skip
    reshape = REGISTRY["reshape"]
    x = apply(reshape, input, shape=(steps * batch, width))
    x, finals = run_layers(kind, x, (batch,) * steps, states, groups, directions, dropout, train)
    out = apply(reshape, x, shape=(steps, batch, x._array.shape[1]))
    return out.transpose(0, 1) if batch_first else out, finals


def _sequence(kind: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """torch's two signatures: with `batch_first` at the end, or with `batch_sizes` second."""
    input, second = args[:2]
    packed = isinstance(second, Tensor) and second._array.dtype.kind == "i"
    hx, params, has_biases, num_layers, dropout, train, bidirectional = args[
        1 + packed : 8 + packed
    ]
    states = (hx,) if isinstance(hx, Tensor) else tuple(hx)
    if len(states) != (2 if kind == "LSTM" else 1):
        raise ArgumentError("lstm expects two hidden states")
    directions = 2 if bidirectional else 1
    projected = kind == "LSTM" and states[0].shape[2] != states[1].shape[2]
    groups = grouped(list(params), has_biases, projected)
    if len(groups) != num_layers * directions:
        raise ArgumentError(
            f"{num_layers} layers in {directions} directions need as many groups of weights, but "
            f"there are {len(groups)}",
            fix="For each layer and direction pass w_ih, w_hh and, with biases, b_ih, b_hh.",
        )
    if packed:
        sizes = tuple(second._array.tolist())
        out, finals = run_layers(kind, input, sizes, states, groups, directions, dropout, train)
    else:
        out, finals = over_time(
            kind, input, states, groups, directions, dropout, train, bool(args[8])
        )
    return (out, *finals)


def lstm(
    input: Tensor, hx: Any, params: Any, has_biases: bool, num_layers: int, dropout: float,
    train: bool, bidirectional: Any, batch_first: Any = False,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """A stack of LSTM layers with the weights given; `nn.LSTM` keeps them.

    torch's second signature is for packed rows: (data, batch_sizes, hx, params, has_biases,
    num_layers, dropout, train, bidirectional).

    Shapes: input (T, N, I), or (N, T, I) if batch_first; hx two of (layers * directions, N, H);
    params for each layer and direction w_ih (4H, I), w_hh (4H, H) and, with biases, b_ih, b_hh
    (4H).  Output (T, N, directions * H) and the last hidden and cell states.

    Gradient: that of every step, back through time.

    >>> import chainrule as torch
    >>> w = [torch.zeros(8, 3), torch.zeros(8, 2)]
    >>> h = torch.zeros(1, 5, 2)
    >>> out, hn, cn = torch.lstm(torch.ones(4, 5, 3), (h, h), w, False, 1, 0., False, False, False)
    >>> out.shape, cn.shape
    (torch.Size([4, 5, 2]), torch.Size([1, 5, 2]))
    """
    args = (input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
    return _sequence("LSTM", args)  # type: ignore[return-value]


def gru(
    input: Tensor, hx: Any, params: Any, has_biases: bool, num_layers: int, dropout: float,
    train: bool, bidirectional: Any, batch_first: Any = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """A stack of GRU layers with the weights given; `nn.GRU` keeps them.

    Arguments as those of `lstm`, with one state and three gates.

    >>> import chainrule as torch
    >>> w, h = [torch.zeros(6, 3), torch.zeros(6, 2)], torch.ones(1, 1, 2)
    >>> torch.gru(torch.ones(2, 1, 3), h, w, False, 1, 0., False, False, False)[1]
    tensor([[[0.2500, 0.2500]]])
    """
    args = (input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
    return _sequence("GRU", args)  # type: ignore[return-value]


def rnn_tanh(
    input: Tensor, hx: Any, params: Any, has_biases: bool, num_layers: int, dropout: float,
    train: bool, bidirectional: Any, batch_first: Any = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """A stack of plain recurrent layers with tanh and the weights given.

    Arguments as those of `lstm`, with one state and no gates.

    >>> import chainrule as torch
    >>> w, h = [torch.ones(1, 1), torch.ones(1, 1)], torch.zeros(1, 1, 1)
    >>> torch.rnn_tanh(torch.ones(2, 1, 1), h, w, False, 1, 0., False, False, False)[1]
    tensor([[[0.9427]]])
    """
    args = (input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
    return _sequence("RNN_TANH", args)  # type: ignore[return-value]


def rnn_relu(
    input: Tensor, hx: Any, params: Any, has_biases: bool, num_layers: int, dropout: float,
    train: bool, bidirectional: Any, batch_first: Any = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """A stack of plain recurrent layers with ReLU and the weights given.

    >>> import chainrule as torch
    >>> w, h = [torch.ones(1, 1), torch.ones(1, 1)], torch.zeros(1, 1, 1)
    >>> torch.rnn_relu(torch.ones(2, 1, 1), h, w, False, 1, 0., False, False, False)[1]
    tensor([[[2.]]])
    """
    args = (input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
    return _sequence("RNN_RELU", args)  # type: ignore[return-value]


def run_cell(kind: str, input: Tensor, states: tuple[Any, ...], weights: tuple[Any, ...]) -> Any:
    """One step on (N, I) or (I); the new states."""
    primitive, static = KINDS[kind]
    single = input._array.ndim == 1
    if single:
        expand = op("expand_dims")
        input = apply(expand, input, axis=0)
        states = tuple([apply(expand, s, axis=0) if s.ndim == 1 else s for s in states])
    elif any(s._array.ndim == 1 for s in states):
        states = tuple([apply(op("expand_dims"), s, axis=1) for s in states])
    found = apply(
        primitive, input, *states, *weights, batch_sizes=(input._array.shape[0],), reverse=False,
        **static,
    )[1 : 1 + len(states)]  # fmt: skip
    if single:
        found = tuple([apply(op("squeeze"), s, axis=(0,)) for s in found])
    return found if len(found) > 1 else found[0]


def zero_state(x: Tensor, *shape: int) -> Tensor:
    """A state of zeros, in the dtype of x."""
    return from_array(np.zeros(shape, x._array.dtype))  # type: ignore[no-any-return]


def _weights(w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> tuple[Any, ...]:
    return (w_ih, w_hh) if b_ih is None and b_hh is None else (w_ih, w_hh, b_ih, b_hh)


def lstm_cell(
    input: Tensor, hx: Any, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM: the new hidden and cell state.

    Shapes: input (N, I), hx two of (N, H), w_ih (4H, I), w_hh (4H, H), biases (4H).

    >>> import chainrule as torch
    >>> h = torch.ones(1, 1)
    >>> torch.lstm_cell(torch.ones(1, 2), (h, h), torch.zeros(4, 2), torch.zeros(4, 1))[1]
    tensor([[0.5000]])
    """
    if len(hx) != 2:
        raise ArgumentError("lstm_cell expects two hidden states")
    return run_cell("LSTM", input, tuple(hx), _weights(w_ih, w_hh, b_ih, b_hh))  # type: ignore


def gru_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
) -> Tensor:
    """One step of a GRU: the new state.

    Shapes: input (N, I), hx (N, H), w_ih (3H, I), w_hh (3H, H), biases (3H).

    >>> import chainrule as torch
    >>> torch.gru_cell(torch.ones(1, 2), torch.ones(1, 1), torch.zeros(3, 2), torch.zeros(3, 1))
    tensor([[0.5000]])
    """
    return run_cell("GRU", input, (hx,), _weights(w_ih, w_hh, b_ih, b_hh))  # type: ignore


def rnn_tanh_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
) -> Tensor:
    """tanh(input @ w_ih.T + b_ih + hx @ w_hh.T + b_hh).

    >>> import chainrule as torch
    >>> torch.rnn_tanh_cell(torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1))
    tensor([[0.9640]])
    """
    return run_cell("RNN_TANH", input, (hx,), _weights(w_ih, w_hh, b_ih, b_hh))  # type: ignore


def rnn_relu_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
) -> Tensor:
    """max(0, input @ w_ih.T + b_ih + hx @ w_hh.T + b_hh).

    >>> import chainrule as torch
    >>> torch.rnn_relu_cell(torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1))
    tensor([[2.]])
    """
    return run_cell("RNN_RELU", input, (hx,), _weights(w_ih, w_hh, b_ih, b_hh))  # type: ignore


for _function in (lstm, gru, rnn_tanh, rnn_relu, lstm_cell, gru_cell, rnn_tanh_cell,
                  rnn_relu_cell):  # fmt: skip
    EXPORTS[_function.__name__] = _function
