"""Rows of the recurrent layers, their cells, and padded sequences."""

import numpy as np

from table import FLOATS, call, case, const, error

GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}
Z = np.zeros


def weights(m, gates, size, hidden, layers=1, directions=1, bias=True, out=None):
    """The weights of all layers and directions, in torch's order; `out` is a projection's size."""
    found, state = [], out or hidden
    for layer in range(layers):
        for _ in range(directions):
            width = size if layer == 0 else state * directions
            shapes = [(gates * hidden, width), (gates * hidden, state)]
            shapes += [(gates * hidden,)] * 2 if bias else []
            shapes += [(out, hidden)] if out else []
            found += [m(*s, low=-1, high=1) for s in shapes]
    return found


def states(m, name, count, batch, hidden, out=None):
    h = m(count, batch, out or hidden, low=-1, high=1)
    return (h, m(count, batch, hidden, low=-1, high=1)) if name == "lstm" else h


def sequence(m, name, x, hidden=2, layers=1, directions=1, bias=True, first=False, out=None):
    batch = x.shape[0 if first else 1]
    hx = states(m, name, layers * directions, batch, hidden, out)
    params = weights(m, GATES[name], x.shape[2], hidden, layers, directions, bias, out)
    return call(x, hx, params, bias, layers, 0.0, False, directions == 2, first)


def packed(m, name, sizes, size=2, hidden=2, layers=1, directions=1):
    hx = states(m, name, layers * directions, sizes[0], hidden)
    params = weights(m, GATES[name], size, hidden, layers, directions)
    steps = const(np.array(sizes))
    return call(m(sum(sizes), size), steps, hx, params, True, layers, 0.0, False, directions == 2)


def refused(name, x, h):
    hx = (Z(h), Z(h)) if name == "lstm" else Z(h)
    gates = GATES[name]
    return (Z(x), hx, [Z((gates * 2, 3)), Z((gates * 2, 2))], False, 1, 0.0, False, False, False)


for _name in GATES:

    @case(_name, dtypes=FLOATS, rtol=1e-4, atol=1e-5, errors=[  # oneDNN rounds saturated gates
        error(*refused(_name, (0, 1, 3), (1, 1, 2)), match="sequence length to be larger than 0"),
        error(*refused(_name, (2, 1, 4), (1, 1, 2)), match="mat|input"),
    ])  # fmt: skip
    def layer(m, name=_name):
        yield sequence(m, name, m(3, 2, 3))
        yield sequence(m, name, m(3, 2, 3), bias=False)
        yield sequence(m, name, m(1, 2, 3))
        yield sequence(m, name, m(5, 1, 1), hidden=1)
        yield sequence(m, name, m(2, 3, 2), first=True)
        yield sequence(m, name, m(3, 2, 2), directions=2)
        yield sequence(m, name, m(3, 2, 2), layers=2, directions=2)
        yield sequence(m, name, m(3, 2, 2), layers=2, bias=False)
        yield sequence(m, name, m(2, 3, 2).transpose(1, 0, 2))
        yield sequence(m, name, m(4, 2, 2)[::-1])
        yield sequence(m, name, m(2, 1, 2, low=-300, high=300))
        yield packed(m, name, (3, 2, 2, 1))
        yield packed(m, name, (2, 2), directions=2)
        yield packed(m, name, (3, 1, 1), directions=2)
        if name == "lstm":
            yield sequence(m, name, m(3, 2, 2), hidden=3, out=2)
            yield sequence(m, name, m(3, 1, 2), hidden=3, directions=2, bias=False, out=2)


def step(m, name, x, hidden=3, bias=True):
    shape = (*x.shape[:-1], hidden)
    hx = (m(*shape), m(*shape)) if name == "lstm" else m(*shape)
    return call(x, hx, *weights(m, GATES[name], x.shape[-1], hidden, bias=bias))


def wrong_step(name, x, h):
    gates = GATES[name]
    return Z(x), (Z(h), Z(h)) if name == "lstm" else Z(h), Z((gates * 2, 3)), Z((gates * 2, 2))


for _name in GATES:

    @case(f"{_name}_cell", dtypes=FLOATS, rtol=1e-4, errors=[
        error(*wrong_step(_name, (2, 4), (2, 2)), match="input_size: got 4 expected 3"),
        error(*wrong_step(_name, (2, 3), (2, 1)), match="hidden_size: got 1, expected 2"),
        error(*wrong_step(_name, (2, 3), (1, 2)), match="Input batch size 2 doesn't match"),
    ])  # fmt: skip
    def cell(m, name=_name):
        yield step(m, name, m(2, 3))
        yield step(m, name, m(2, 3), bias=False)
        yield step(m, name, m(1, 1), hidden=1)
        yield step(m, name, m(4, 2), hidden=2)
        yield step(m, name, m(3, 2).T)
        yield step(m, name, m(3, 2)[::-1])
        yield step(m, name, m(2, 3, low=-200, high=200))
        yield step(m, name, m(0, 3))
        yield step(m, name, m(1, 5), hidden=2, bias=False)
        yield step(m, name, m.array([[0.0, 0.0]]))
        yield step(m, name, m.array([[30.0, -30.0]]))
        yield step(m, name, m(3, 4)[:, ::2])


@case("nn.utils.rnn.pad_sequence", errors=[
    error([], match="received an empty list"),
    error([Z(2)], padding_side="up", match="padding_side to be one of left or right, but got up"),
    error([Z((2, 3)), Z((2, 4))], match="size"),
])  # fmt: skip
def pad_sequence(m):
    for first in (False, True):
        for side in ("right", "left"):
            yield call([m(3), m(1), m(2)], first, padding_side=side)
            yield call([m(1, 2), m(3, 2)], first, 1.0, padding_side=side)
            yield call([m(2, 2), m(2, 2)], first, padding_side=side)
        yield call([m(3, 2)[::-1], m(2, 2).T], batch_first=first, padding_value=-1.0)
    yield call([m(0, 2), m(2, 2)])
    yield call((m(4),), True)
