"""RNN, LSTM and GRU: stacks of recurrent layers in one or two directions."""

from __future__ import annotations

import math
import numbers
import warnings
from typing import Any

from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.recurrent import grouped, over_time, run_layers, zero_state
from chainrule.nn import init
from chainrule.nn.modules.fresh import parameter
from chainrule.nn.modules.module import Module
from chainrule.nn.modules.rnn_cells import GRUCell, LSTMCell, RNNCell, RNNCellBase
from chainrule.nn.utils.rnn import PackedSequence
from chainrule.tensor import Tensor

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


class RNNBase(Module):
    """What RNN, LSTM and GRU share: the weights of all layers and directions, and how to run them.

    Args:
        mode: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU".
        input_size, hidden_size: sizes of the last axis of input and state.
        num_layers: layers, each on the outputs of the one below.
        bias: whether there are biases.
        batch_first: input and output are (batch, time, size) instead of (time, batch, size).
        dropout: probability of dropping elements of the outputs of all layers but the last.
        bidirectional: a second direction, from the last step to the first.
        proj_size: outputs of an LSTM are projected to this size.

    Weights, for layer k: `weight_ih_l<k>`, `weight_hh_l<k>`, `bias_ih_l<k>`, `bias_hh_l<k>` and
    with proj_size `weight_hr_l<k>`; those of the second direction end in `_reverse`.
    """

    def __init__(
        self, mode: str, input_size: int, hidden_size: int, num_layers: int = 1,
        bias: bool = True, batch_first: bool = False, dropout: float = 0.0,
        bidirectional: bool = False, proj_size: int = 0, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_sizes(input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size)
        if mode not in GATES:
            raise ArgumentError(f"Unrecognized RNN mode: {mode}")
        self.mode = mode
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        rows, out = GATES[mode] * hidden_size, proj_size or hidden_size
        ends = ("", "_reverse") if bidirectional else ("",)
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            width = input_size if layer == 0 else out * len(ends)
            shapes = {"weight_ih": (rows, width), "weight_hh": (rows, out)}
            if bias:
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}  # type: ignore[dict-item]
            if proj_size:
                shapes["weight_hr"] = (proj_size, hidden_size)
            for end in ends:
                names = {f"{kind}_l{layer}{end}": shape for kind, shape in shapes.items()}
                for name, shape in names.items():
                    setattr(self, name, parameter(*shape, device=device, dtype=dtype))
                self._all_weights.append(list(names))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights and biases uniformly from ±1/√hidden_size."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing to do: on a GPU torch puts all weights into one block."""

    @property
    def all_weights(self) -> list[list[Any]]:
        """The weights of each direction of each layer.

        >>> import chainrule as torch
        >>> [w.shape[0] for w in torch.nn.LSTM(2, 3).all_weights[0]]
        [12, 12, 12, 12]
        """
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    @property
    def _flat_weights_names(self) -> list[str]:
        return [name for names in self._all_weights for name in names]

    @property
    def _flat_weights(self) -> list[Any]:
        return [getattr(self, name) for name in self._flat_weights_names]

    @_flat_weights.setter
    def _flat_weights(self, weights: Any) -> None:
        for name, weight in zip(self._flat_weights_names, weights, strict=True):
            if getattr(self, name, None) is not weight:
                setattr(self, name, weight)

    def __getstate__(self) -> dict[str, Any]:
        """As torch keeps it: with the names of the weights and the weights in a list."""
        names = self._flat_weights_names
        return super().__getstate__() | {
            "_flat_weights_names": names, "_flat_weights": self._flat_weights,
        }  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        lists = ("_flat_weights_names", "_flat_weights", "_flat_weight_refs")
        super().__setstate__({k: v for k, v in state.items() if k not in lists})

    def _state_shapes(self, batch: int) -> list[tuple[int, int, int]]:
        count = len(self._all_weights)
        sizes = [self.proj_size or self.hidden_size]
        if self.mode == "LSTM":
            sizes.append(self.hidden_size)
        return [(count, batch, size) for size in sizes]

    def get_expected_hidden_size(self, input: Tensor, batch_sizes: Any) -> tuple[int, int, int]:
        """The shape that the first state must have."""
        if batch_sizes is not None:
            batch = int(batch_sizes[0])
        else:
            batch = input.shape[0 if self.batch_first else 1]
        return self._state_shapes(batch)[0]

    def check_input(self, input: Tensor, batch_sizes: Any) -> None:
        """Raise unless dtype, dimensions and size of the input fit the weights."""
        weight = getattr(self, self._all_weights[0][0])
        if input._array.dtype != weight._array.dtype:
            raise ArgumentError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). "
                f"Convert input: input.to({weight.dtype}), or convert model: "
                f"model.to({input.dtype})",
                [("input", input)],
            )
        wanted = 3 if batch_sizes is None else 2
        if input._array.ndim != wanted:
            raise ShapeError(f"input must have {wanted} dimensions, got {input._array.ndim}",
                             [("input", input)])  # fmt: skip
        if input._array.shape[-1] != self.input_size:
            raise ShapeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                f"{input._array.shape[-1]}",
                [("input", input, f"input_size={self.input_size}")],
                fix=f"Pass inputs with {self.input_size} features on the last axis.",
            )

    def _check_states(self, states: tuple[Any, ...], shapes: list[tuple[int, int, int]]) -> None:
        for i, (state, shape) in enumerate(zip(states, shapes, strict=True)):
            if state._array.shape != shape:
                label = f"hidden[{i}]" if len(shapes) > 1 else "hidden"
                raise ShapeError(
                    f"Expected {label} size {shape}, got {list(state._array.shape)}",
                    [("hx", state)],
                    fix="Its axes are layers times directions, batch (also with batch_first), "
                    "size.",
                )

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Any) -> None:
        """Raise unless input and state fit this module."""
        self.check_input(input, batch_sizes)
        batch = self.get_expected_hidden_size(input, batch_sizes)[1]
        states = hidden if self.mode == "LSTM" else (hidden,)
        self._check_states(states, self._state_shapes(batch))

    def _states_of(self, hx: Any) -> tuple[Any, ...]:
        if self.mode != "LSTM":
            return (hx,)
        if isinstance(hx, Tensor) or len(hx) != 2:
            raise ArgumentError("LSTM needs a pair of states, (h_0, c_0)", [("hx", hx)])
        return tuple(hx)

    def _run(self, input: Any, hx: Any) -> tuple[Any, tuple[Tensor, ...]]:
        """The outputs, padded or packed as the input is, and the last states."""
        weights = [w for names in self._all_weights for w in names]
        d = self.__dict__
        found = [d[w] if w in d else getattr(self, w) for w in weights]
        groups = grouped(found, self.bias, self.proj_size > 0)
        directions = 2 if self.bidirectional else 1
        how = (groups, directions, self.dropout, self.training)
        if isinstance(input, PackedSequence):
            return self._run_packed(input, hx, how)
        ndim = input.dim()
        if ndim != 2 and ndim != 3:
            tail = "D tensor" if self.mode.startswith("RNN") else "D"
            raise ShapeError(
                f"{self._get_name()}: Expected input to be 2D or 3D, got {ndim}{tail} instead",
                [("input", input)],
            )
        if ndim == 2:
            input = input.unsqueeze(0 if self.batch_first else 1)
        self.check_input(input, None)
        shapes = self._state_shapes(input._array.shape[0 if self.batch_first else 1])
        if hx is None:
            states = tuple([zero_state(input, *shape) for shape in shapes])
        else:
            states = self._states_of(hx)
            check_dimensions(states, ndim)
            if ndim == 2:
                states = tuple([s.unsqueeze(1) for s in states])
            self._check_states(states, shapes)
        out, finals = over_time(self.mode, input, states, *how, self.batch_first)
        if ndim == 2:
            out = out.squeeze(0 if self.batch_first else 1)
            finals = tuple([f.squeeze(1) for f in finals])
        return out, finals

    def _run_packed(self, packed: Any, hx: Any, how: Any) -> tuple[Any, tuple[Tensor, ...]]:
        input, batch_sizes, sorted_indices, unsorted_indices = packed
        self.check_input(input, batch_sizes)
        sizes = tuple(batch_sizes._array.tolist())
        shapes = self._state_shapes(sizes[0])
        if hx is None:
            states = tuple([zero_state(input, *shape) for shape in shapes])
        else:
            states = self._states_of(hx)
            self._check_states(states, shapes)
            states = tuple([permuted(s, sorted_indices) for s in states])
        out, finals = run_layers(self.mode, input, sizes, states, *how)
        finals = tuple([permuted(f, unsorted_indices) for f in finals])
        return PackedSequence(out, batch_sizes, sorted_indices, unsorted_indices), finals

    def permute_hidden(self, hx: Any, permutation: Any) -> Any:
        """A state with the sequences of the batch in another order."""
        if self.mode == "LSTM":
            return tuple(permuted(s, permutation) for s in hx)
        return permuted(hx, permutation)

    def extra_repr(self) -> str:
        shown = [f"{self.input_size}, {self.hidden_size}"]
        defaults = (("proj_size", 0), ("num_layers", 1), ("bias", True), ("batch_first", False),
                    ("dropout", 0), ("bidirectional", False))  # fmt: skip
        for name, default in defaults:
            if getattr(self, name) != default:
                shown.append(f"{name}={getattr(self, name)}")
        return ", ".join(shown)


class RNN(RNNBase):
    """Layers of h[t] = tanh(x[t] @ weight_ih.T + bias_ih + h[t-1] @ weight_hh.T + bias_hh).

    Args:
        input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional: as in
            `RNNBase`.
        nonlinearity: "tanh" or "relu"; by position it comes after num_layers.

    Shapes: input (T, N, input_size), (N, T, input_size) if batch_first, (T, input_size), or a
    PackedSequence; h_0 (num_layers * directions, N, hidden_size), zeros if not given.  Output
    (T, N, directions * hidden_size) of the last layer, and the last states, of the shape of h_0.

    >>> import chainrule as torch
    >>> rnn = torch.nn.RNN(3, 4, num_layers=2, nonlinearity="relu")
    >>> out, h = rnn(torch.zeros(5, 2, 3))
    >>> out.shape, h.shape
    (torch.Size([5, 2, 4]), torch.Size([2, 2, 4]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        refuse_projection(kwargs)
        if len(args) > 3:
            nonlinearity = args[3]
            args = args[:3] + args[4:]
        else:
            nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ArgumentError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        out, finals = self._run(input, hx)
        return out, finals[0]


class LSTM(RNNBase):
    """Layers of long short-term memory.

    i, f, o = sigmoid and g = tanh of the four parts of x[t] @ weight_ih.T + bias_ih + h[t-1] @
    weight_hh.T + bias_hh;  c[t] = f * c[t-1] + i * g;  h[t] = o * tanh(c[t]), with proj_size then
    h[t] @ weight_hr.T.

    Args:
        input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size:
            as in `RNNBase`.

    Shapes: input (T, N, input_size), (N, T, input_size) if batch_first, (T, input_size), or a
    PackedSequence; h_0 (num_layers * directions, N, proj_size or hidden_size) and c_0 (..., N,
    hidden_size), zeros if not given.  Output (T, N, directions * size of h) of the last layer, and
    the last states, of the shapes of h_0 and c_0.

    Source: Hochreiter and Schmidhuber 1997; the forget gate from Gers et al. 2000.

    >>> import chainrule as torch
    >>> lstm = torch.nn.LSTM(3, 4, batch_first=True, bidirectional=True)
    >>> out, (h, c) = lstm(torch.zeros(2, 5, 3))
    >>> out.shape, h.shape
    (torch.Size([2, 5, 8]), torch.Size([2, 2, 4]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def get_expected_cell_size(self, input: Tensor, batch_sizes: Any) -> tuple[int, int, int]:
        """The shape that the first cell state must have."""
        count, batch, _ = self.get_expected_hidden_size(input, batch_sizes)
        return count, batch, self.hidden_size

    def forward(self, input: Any, hx: Any = None) -> Any:
        return self._run(input, hx)


class GRU(RNNBase):
    """Layers of gated recurrent units.

    r, z = sigmoid of the first two of the three parts of x[t] @ weight_ih.T + bias_ih plus those
    of h[t-1] @ weight_hh.T + bias_hh;  n = tanh(third part of x + r * third part of h);
    h[t] = (1 - z) * n + z * h[t-1].

    Args:
        input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional: as in
            `RNNBase`.

    Shapes: as those of `RNN`.  Source: Cho et al. 2014.

    >>> import chainrule as torch
    >>> gru = torch.nn.GRU(3, 4)
    >>> out, h = gru(torch.zeros(5, 3))
    >>> out.shape, h.shape
    (torch.Size([5, 4]), torch.Size([1, 4]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        refuse_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input: Any, hx: Any = None) -> Any:
        out, finals = self._run(input, hx)
        return out, finals[0]


def refuse_projection(kwargs: dict[str, Any]) -> None:
    if "proj_size" in kwargs:
        raise ArgumentError("proj_size argument is only supported for LSTM, not RNN or GRU")


def permuted(state: Tensor, permutation: Any) -> Tensor:
    return state if permutation is None else state.index_select(1, permutation)


def check_dimensions(states: tuple[Any, ...], ndim: int) -> None:
    """Raise unless the states have a batch axis exactly if the input has."""
    if all(s.dim() == ndim for s in states):
        return
    kind = "batched 3-D" if ndim == 3 else "unbatched 2-D"
    if len(states) == 1:
        names, got = "hx", f"{states[0].dim()}-D tensor"
    else:
        names, got = "hx and cx", f"({states[0].dim()}-D, {states[1].dim()}-D) tensors"
    raise ShapeError(f"For {kind} input, {names} should also be {ndim}-D but got {got}",
                     [(f"hx[{i}]", s) for i, s in enumerate(states)])  # fmt: skip


def check_sizes(
    input_size: Any, hidden_size: Any, num_layers: Any, bias: Any, batch_first: Any, dropout: Any,
    proj_size: Any,
) -> None:  # fmt: skip
    """Raise unless the arguments of a constructor make sense."""
    number = isinstance(dropout, numbers.Number) and not isinstance(dropout, bool)
    if not number or not 0 <= dropout <= 1:
        raise ArgumentError(
            "dropout should be a number in range [0, 1] representing the probability of an element "
            "being zeroed"
        )
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout "
            f"expects num_layers greater than 1, but got dropout={dropout} and "
            f"num_layers={num_layers}",
            stacklevel=4,
        )
    for name, flag in (("bias", bias), ("batch_first", batch_first)):
        if not isinstance(flag, bool):
            raise ArgumentError(f"{name} should be of type bool, got: {type(flag).__name__}")
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size)):
        if not isinstance(size, int):
            raise ArgumentError(f"{name} should be of type int, got: {type(size).__name__}")
        if size <= 0:
            raise ArgumentError(f"{name} must be greater than zero")
    if num_layers <= 0:
        raise ArgumentError("num_layers must be greater than zero")
    if proj_size < 0:
        raise ArgumentError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ArgumentError("proj_size has to be smaller than hidden_size")


__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNBase", "RNNCell", "RNNCellBase"]
