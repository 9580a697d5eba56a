"""RNN, LSTM, GRU, their cells and packed sequences, beyond what the tables check."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.backend import numpy_recurrent
from chainrule.nn.utils.rnn import (
    PackedSequence,
    invert_permutation,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)

KINDS = [
    (nn.LSTM, {}), (nn.LSTM, {"proj_size": 2}), (nn.GRU, {}), (nn.RNN, {}),
    (nn.RNN, {"nonlinearity": "relu"}),
]  # fmt: skip
kinds = pytest.mark.parametrize(("kind", "options"), KINDS)
CELLS = {nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell, nn.RNN: nn.RNNCell}


def sine(*shape):
    """Numbers that are the same in every run."""
    return torch.sin(torch.arange(float(np.prod(shape)))).reshape(shape)


def states(h):
    return h if isinstance(h, tuple) else (h,)


# ---- layers --------------------------------------------------------------------------------


@kinds
def test_a_layer_is_its_cell_step_by_step(kind, options):
    if "proj_size" in options:
        return
    torch.manual_seed(0)
    layer, x = kind(3, 4, **options).double(), sine(5, 2, 3).double()
    cell = CELLS[kind](3, 4, **options).double()
    for mine, its in zip(cell.parameters(), layer.parameters(), strict=True):
        mine.data.copy_(its)
    out, last = layer(x)
    state = None
    for t in range(5):
        state = cell(x[t], state)
        np.testing.assert_allclose(states(state)[0].tolist(), out[t].tolist(), rtol=1e-12)
    for mine, its in zip(states(state), states(last), strict=True):
        np.testing.assert_allclose(mine.tolist(), its[0].tolist(), rtol=1e-12)
    out.sum().backward()
    layered = [p.grad.clone() for p in layer.parameters()]
    state, total = None, 0
    for t in range(5):
        state = cell(x[t], state)
        total = total + states(state)[0].sum()
    total.backward()
    for p, g in zip(cell.parameters(), layered, strict=True):
        np.testing.assert_allclose(p.grad.tolist(), g.tolist(), rtol=1e-10)


@kinds
def test_a_packed_batch_is_each_sequence_alone(kind, options):
    torch.manual_seed(1)
    layer = kind(3, 4, num_layers=2, bidirectional=True, **options).double()
    lengths = [2, 5, 1]
    x = sine(5, 3, 3).double().requires_grad_()
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    out, last = layer(packed)
    padded, found = pad_packed_sequence(out)
    assert found.tolist() == lengths
    for k, n in enumerate(lengths):
        alone, its = layer(x[:n, k])
        np.testing.assert_allclose(padded[:n, k].tolist(), alone.tolist(), rtol=1e-12)
        assert (padded[n:, k] == 0).all()
        for a, b in zip(states(last), states(its), strict=True):
            np.testing.assert_allclose(a[:, k].tolist(), b.tolist(), rtol=1e-12)
    (g,) = torch.autograd.grad((padded**2).sum(), x)
    alone = sum((layer(x[:n, k])[0] ** 2).sum() for k, n in enumerate(lengths))
    (h,) = torch.autograd.grad(alone, x)
    np.testing.assert_allclose(g.tolist(), h.tolist(), rtol=1e-9, atol=1e-14)


@kinds
def test_batch_first_and_without_batch(kind, options):
    layer = kind(3, 4, batch_first=True, **options)
    x = sine(2, 5, 3)
    out, last = layer(x)
    for k in range(2):
        alone, its = layer(x[k])
        assert torch.allclose(out[k], alone, atol=1e-6)
        for a, b in zip(states(last), states(its), strict=True):
            assert torch.allclose(a[:, k], b, atol=1e-6)
    layer.batch_first = False
    other, _ = layer(x.transpose(0, 1))
    assert torch.equal(other.transpose(0, 1), out)


@kinds
@pytest.mark.parametrize("sizes", [(2, 2, 2), (3, 1, 1)])
def test_derivatives_of_first_and_second_order(kind, options, sizes):
    torch.manual_seed(2)
    layer = kind(2, 3, bidirectional=True, **options).double()
    x = (sine(sum(sizes), 2).double() + 0.3).requires_grad_()
    counts = torch.tensor(sizes)

    def run(x, *weights):
        packed = PackedSequence(x, counts)
        out, last = layer(packed)
        return (out.data, *states(last))

    inputs = (x, *layer.parameters())
    assert torch.autograd.gradcheck(run, inputs)
    assert torch.autograd.gradgradcheck(run, (x, *list(layer.parameters())[:4]))


def test_dropout_between_layers_only_in_training():
    torch.manual_seed(0)
    layer = nn.GRU(2, 8, num_layers=2, dropout=0.5)
    x = sine(3, 2, 2)
    a, b = layer(x)[0], layer(x)[0]
    assert not torch.equal(a, b)
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last"):
        nn.LSTM(2, 3, dropout=0.2)


def test_state_carries_on_where_it_stopped():
    layer, x = nn.LSTM(3, 4, 2), sine(6, 2, 3)
    whole, last = layer(x)
    first, h = layer(x[:2])
    second, h = layer(x[2:], h)
    assert torch.allclose(torch.cat([first, second]), whole, atol=1e-6)
    assert torch.allclose(h[0], last[0], atol=1e-6) and torch.allclose(h[1], last[1], atol=1e-6)


def test_last_states_have_memory_of_their_own():
    layer, x = nn.RNN(2, 3), sine(2, 1, 2)
    with torch.no_grad():
        out, h = layer(x)
        h += 1
        assert not torch.equal(out[-1], h[0])
    h0 = torch.zeros(1, 1, 3)
    layer(x, h0)
    assert (h0 == 0).all()


def test_weights_by_name_and_in_lists():
    layer = nn.LSTM(2, 3, num_layers=2, bidirectional=True, proj_size=1)
    assert list(layer.state_dict())[:6] == [
        "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_hr_l0",
        "weight_ih_l0_reverse",
    ]  # fmt: skip
    assert len(layer.all_weights) == 4 and len(layer.all_weights[0]) == 5
    assert layer.all_weights[1][0] is layer.weight_ih_l0_reverse
    assert layer._flat_weights[0] is layer.weight_ih_l0
    assert layer.weight_ih_l1.shape == (12, 2)
    assert layer.flatten_parameters() is None
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(other.weight_hh_l1, layer.weight_hh_l1)
        assert torch.equal(other(sine(2, 1, 2))[0], layer(sine(2, 1, 2))[0])


def test_weights_may_be_replaced_by_computed_tensors():
    layer = nn.LSTM(2, 3)  # as programs do that drop recurrent weights
    raw = nn.Parameter(layer.weight_hh_l0.detach() * 2)
    del layer._parameters["weight_hh_l0"]
    layer.weight_hh_l0 = raw * 0.5
    layer(sine(4, 1, 2))[0].sum().backward()
    assert raw.grad is not None and raw.grad.abs().sum() > 0


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_half_precision(kind):
    layer, x = kind(3, 4), sine(5, 2, 3)
    full = layer(x)[0].detach()
    half, h = layer.bfloat16()(x.bfloat16())
    assert half.dtype == torch.bfloat16 == states(h)[0].dtype
    assert torch.allclose(half.float(), full, atol=0.02)
    half.float().sum().backward()
    assert layer.weight_ih_l0.grad.dtype == torch.bfloat16


def test_saturated_gates_give_no_nan():
    layer = nn.LSTM(1, 2)
    x = torch.full((6, 1, 1), 1e30, requires_grad=True)
    out, _ = layer(x)
    out.sum().backward()
    assert out.isfinite().all() and x.grad.isfinite().all()


def test_a_sequence_is_its_steps():
    x, h = np.sin(np.arange(30.0)).reshape(10, 3), np.zeros((2, 4))
    w = [np.cos(np.arange(16.0 * k)).reshape(16, k) for k in (3, 4)]
    long = numpy_recurrent.lstm_layer(x, h, h, *w, batch_sizes=(2,) * 5, reverse=False)
    state, cell = h, h
    for t in range(5):
        _, state, cell, *_ = numpy_recurrent.lstm_layer(
            x[2 * t : 2 * t + 2], state, cell, *w, batch_sizes=(2,), reverse=False
        )
    np.testing.assert_allclose(long[1], state, rtol=1e-12)
    np.testing.assert_allclose(long[2], cell, rtol=1e-12)


@pytest.mark.parametrize(("call", "match"), [
    (lambda: nn.LSTM(3, 4)(torch.zeros(2, 1, 5)), "Expected 3, got 5"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(2, 1, 1, 3)), "LSTM: Expected input to be 2D or 3D, got 4D"),
    (lambda: nn.RNN(3, 4)(torch.zeros(3)), "RNN: Expected input to be 2D or 3D, got 1D tensor"),
    (lambda: nn.GRU(3, 4)(torch.zeros(0, 1, 3)), "sequence length to be larger than 0"),
    (lambda: nn.GRU(3, 4)(torch.zeros(2, 1, 3).double()), "does not match weight dtype"),
    (lambda: nn.GRU(3, 4)(torch.zeros(2, 1, 3), torch.zeros(1, 2, 4)),
     r"Expected hidden size \(1, 1, 4\), got \[1, 2, 4\]"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(2, 1, 3), (torch.zeros(1, 1, 4), torch.zeros(1, 1, 5))),
     r"Expected hidden\[1\] size \(1, 1, 4\), got \[1, 1, 5\]"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(2, 1, 3), torch.zeros(1, 1, 4)), "a pair of states"),
    (lambda: nn.GRU(3, 4)(torch.zeros(2, 1, 3), torch.zeros(1, 4)),
     "For batched 3-D input, hx should also be 3-D but got 2-D"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(2, 3), (torch.zeros(1, 1, 4),) * 2),
     r"For unbatched 2-D input, hx and cx should also be 2-D but got \(3-D, 3-D\)"),
    (lambda: nn.LSTM(3, 4, dropout=2), r"number in range \[0, 1\]"),
    (lambda: nn.LSTM(3.0, 4), "input_size should be of type int, got: float"),
    (lambda: nn.LSTM(3, 0), "hidden_size must be greater than zero"),
    (lambda: nn.LSTM(3, 4, 0), "num_layers must be greater than zero"),
    (lambda: nn.LSTM(3, 4, proj_size=4), "proj_size has to be smaller"),
    (lambda: nn.LSTM(3, 4, proj_size=-1), "positive integer or zero"),
    (lambda: nn.LSTM(3, 4, bias=1), "bias should be of type bool"),
    (lambda: nn.GRU(3, 4, proj_size=2), "only supported for LSTM"),
    (lambda: nn.RNN(3, 4, nonlinearity="x"), "Unknown nonlinearity 'x'"),
    (lambda: nn.RNNBase("X", 3, 4), "Unrecognized RNN mode: X"),
    (lambda: nn.RNNCell(3, 4, nonlinearity="x")(torch.zeros(1, 3)), "Unknown nonlinearity: x"),
    (lambda: nn.LSTMCell(3, 4)(torch.zeros(1, 1, 3)), "LSTMCell: Expected input to be 1D or 2D"),
    (lambda: nn.GRUCell(3, 4)(torch.zeros(1, 3), torch.zeros(1, 1, 4)),
     "GRUCell: Expected hidden to be 1D or 2D, got 3D"),
    (lambda: nn.GRUCell(3, 4)(torch.zeros(2, 3), torch.zeros(1, 4)),
     "Input batch size 2 doesn't match hidden0 batch size 1"),
])  # fmt: skip
def test_refuses(call, match):
    with pytest.raises((RuntimeError, ValueError), match=match):
        call()


# ---- padded and packed sequences -----------------------------------------------------------


def test_packing_and_back():
    a, b, c = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0, 5.0]), torch.tensor([6.0])
    packed = pack_sequence([a, b, c], enforce_sorted=False)
    assert packed.data.tolist() == [3, 1, 6, 4, 2, 5]
    assert packed.batch_sizes.tolist() == [3, 2, 1]
    assert packed.sorted_indices.tolist() == [1, 0, 2] == packed.unsorted_indices.tolist()
    padded, lengths = pad_packed_sequence(packed, True, -1.0, total_length=4)
    assert padded.tolist() == [[1, 2, -1, -1], [3, 4, 5, -1], [6, -1, -1, -1]]
    assert lengths.tolist() == [2, 3, 1]
    assert [s.tolist() for s in unpack_sequence(packed)] == [[1, 2], [3, 4, 5], [6]]
    again = unpad_sequence(pad_sequence([a, b, c]), lengths)
    assert [s.tolist() for s in again] == [[1, 2], [3, 4, 5], [6]]


def test_gradients_go_through_packing():
    x = sine(4, 3, 2).requires_grad_()
    packed = pack_padded_sequence(x, torch.tensor([4, 2, 1]))
    padded, _ = pad_packed_sequence(packed, padding_value=7.0, total_length=5)
    (padded * 2).sum().backward()
    expected = torch.zeros(4, 3, 2)
    for k, n in enumerate([4, 2, 1]):
        expected[:n, k] = 2
    assert torch.equal(x.grad, expected)


def test_a_packed_sequence_is_a_named_tuple_with_moves():
    packed = pack_sequence([torch.zeros(2, 3), torch.zeros(1, 3)])
    data, sizes, sorted_indices, unsorted_indices = packed
    assert data is packed.data and sizes.tolist() == [2, 1]
    assert sorted_indices is None and unsorted_indices is None
    assert packed.to(torch.float32) is packed and packed.cpu() is packed
    for name in ("double", "half", "long", "int", "short", "char", "byte"):
        assert isinstance(getattr(packed, name)(), PackedSequence)
    assert packed.to("cpu", torch.float64).data.dtype == torch.float64 == packed.double().data.dtype
    assert not packed.is_cuda and not packed.is_pinned()
    pair = PackedSequence((data, sizes))
    assert pair.data is data and pair.batch_sizes is sizes
    order = torch.tensor([1, 0])
    assert PackedSequence(data, sizes, order).unsorted_indices.tolist() == [1, 0]
    assert invert_permutation(None) is None
    assert "PackedSequence(data=tensor" in repr(packed)


@pytest.mark.parametrize(("call", "match"), [
    (lambda: pack_padded_sequence(torch.zeros(4, 3), [2, 3, 1]), "sorted in decreasing order"),
    (lambda: pack_padded_sequence(torch.zeros(4, 3), [4, 2, 0]), "greater than 0"),
    (lambda: pack_padded_sequence(torch.zeros(4, 3), [4, 2]), r"but got 2 \(batch_size=3\)"),
    (lambda: pack_padded_sequence(torch.zeros(4, 3), [5, 2, 1]), "has 5 steps"),
    (lambda: pack_padded_sequence(torch.zeros(0, 3), [1, 1, 1]), "Cannot pack empty"),
    (lambda: pad_packed_sequence(pack_sequence([torch.zeros(3)]), total_length=2),
     "total_length=2 and max sequence length being 3"),
    (lambda: pad_sequence(3), "Expected iterable for input sequences"),
])  # fmt: skip
def test_refuses_what_cannot_be_packed(call, match):
    with pytest.raises((RuntimeError, ValueError), match=match):
        call()


def test_lengths_of_mixed_dtypes_become_the_firsts():
    assert pad_sequence([torch.ones(2, dtype=torch.int64), torch.ones(1)]).dtype == torch.int64
    assert pad_sequence(torch.ones(3, 2)).shape == (2, 3)


def test_functions_stand_in_VF_too():
    assert torch._VF.gru is torch.gru and "lstm_cell" in dir(torch._VF)
    with pytest.raises(AttributeError, match="no attribute 'none_such'"):
        torch._VF.none_such  # noqa: B018
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeError, match="need as many groups"):
            w = [torch.zeros(3, 2), torch.zeros(3, 3)]
            torch.rnn_tanh(torch.zeros(1, 1, 2), torch.zeros(2, 1, 3), w, False, 2, 0, False, 0, 0)
