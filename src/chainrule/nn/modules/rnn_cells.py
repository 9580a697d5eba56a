"""RNNCell, LSTMCell and GRUCell: one step of a recurrent layer."""

from __future__ import annotations

import math
from typing import Any

from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.recurrent import run_cell, zero_state
from chainrule.nn import init
from chainrule.nn.modules.fresh import parameter
from chainrule.nn.modules.module import Module
from chainrule.tensor import Tensor


class RNNCellBase(Module):
    """What the three cells share: their weights.

    Args:
        input_size, hidden_size: sizes of the last axis of input and state.
        bias: whether there are biases.
        num_chunks: parts of the weights' rows: 4 for LSTM, 3 for GRU, 1 for RNN.
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows, where = num_chunks * hidden_size, {"device": device, "dtype": dtype}
        self.weight_ih = parameter(rows, input_size, **where)
        self.weight_hh = parameter(rows, hidden_size, **where)
        if bias:
            self.bias_ih = parameter(rows, **where)
            self.bias_hh = parameter(rows, **where)
        else:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights and biases uniformly from ±1/√hidden_size."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return text if nonlinearity == "tanh" else f"{text}, nonlinearity={nonlinearity}"

    def _step(self, kind: str, input: Tensor, states: Any, labels: tuple[str, ...]) -> Any:
        ndim = input._array.ndim
        if ndim != 1 and ndim != 2:
            raise ShapeError(
                f"{self._get_name()}: Expected input to be 1D or 2D, got {ndim}D instead",
                [("input", input)],
            )
        if states is None:
            zeros = zero_state(input, *input._array.shape[:-1], self.hidden_size)
            states = (zeros,) * len(labels)
        else:
            for label, state in zip(labels, states, strict=True):
                if state._array.ndim not in (1, 2):
                    raise ShapeError(
                        f"{self._get_name()}: Expected {label} to be 1D or 2D, got "
                        f"{state._array.ndim}D instead",
                        [(label, state)],
                    )
        weights = (self.weight_ih, self.weight_hh)
        if self.bias_ih is not None:
            weights = (*weights, self.bias_ih, self.bias_hh)
        return run_cell(kind, input, tuple(states), weights)


class RNNCell(RNNCellBase):
    """h' = tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh).

    Args:
        input_size, hidden_size: sizes of the last axis of input and state.
        bias: whether there are biases.
        nonlinearity: "tanh" or "relu".

    Shapes: input (N, input_size) or (input_size), state and result (N, hidden_size) or
    (hidden_size); the state is zero if not given.

    >>> import chainrule as torch
    >>> cell = torch.nn.RNNCell(3, 4)
    >>> cell(torch.zeros(2, 3)).shape
    torch.Size([2, 4])
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh",
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        if self.nonlinearity not in ("tanh", "relu"):
            raise ArgumentError(f"Unknown nonlinearity: {self.nonlinearity}")
        kind = "RNN_TANH" if self.nonlinearity == "tanh" else "RNN_RELU"
        return self._step(kind, input, None if hx is None else (hx,), ("hidden",))


class LSTMCell(RNNCellBase):
    """One step of an LSTM: from (h, c) to (h', c').

    i, f, o = sigmoid and g = tanh of the four parts of x @ weight_ih.T + bias_ih + h @
    weight_hh.T + bias_hh;  c' = f * c + i * g;  h' = o * tanh(c').

    Args:
        input_size, hidden_size: sizes of the last axis of input and states.
        bias: whether there are biases.

    Shapes: input (N, input_size) or (input_size), states (N, hidden_size) or (hidden_size); zero
    if not given.

    >>> import chainrule as torch
    >>> cell = torch.nn.LSTMCell(3, 4)
    >>> h, c = cell(torch.zeros(2, 3))
    >>> h, c = cell(torch.zeros(2, 3), (h, c))
    >>> h.shape, c.shape
    (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        return self._step("LSTM", input, hx, ("hx[0]", "hx[1]"))


class GRUCell(RNNCellBase):
    """One step of a gated recurrent unit: from h to h'.

    r, z = sigmoid of the first two of the three parts of x @ weight_ih.T + bias_ih plus those of
    h @ weight_hh.T + bias_hh;  n = tanh(third part of x + r * third part of h);
    h' = (1 - z) * n + z * h.

    Args:
        input_size, hidden_size: sizes of the last axis of input and state.
        bias: whether there are biases.

    Shapes: as those of `RNNCell`.

    >>> import chainrule as torch
    >>> torch.nn.GRUCell(3, 4)(torch.zeros(3)).shape
    torch.Size([4])
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        return self._step("GRU", input, None if hx is None else (hx,), ("hidden",))
