"""The generator: torch's Mersenne Twister, its seeding, its state in torch's own bytes.

A `Generator` gives raw 32-bit words and keeps what torch keeps beside them: the seed, and the
second number of a Box-Muller pair.  `backend/numpy_random.py` turns words into numbers and
`functional/random.py` into tensors.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.backend import numpy_random as transforms
from chainrule.errors import ArgumentError, DeviceError
from chainrule.functional.border import EXPORTS
from chainrule.tensor import Tensor, from_array

Array = Any
DEFAULT_SEED = 67280421310721  # of a generator that was never seeded
STATE = struct.Struct("<QiiQ")  # seed, words left before the next twist, seeded, next word
NORMALS = struct.Struct("<dddiifi")  # unused, cached normal, unused, valid; float normal, valid
STATE_BYTES = STATE.size + 624 * 8 + NORMALS.size


class Generator:
    """A source of random numbers; the same seed gives the same numbers as torch's on CPU.

    Errors: there are generators for `device='cpu'` only.

    >>> import chainrule as torch
    >>> g = torch.Generator().manual_seed(1337)
    >>> torch.randint(0, 100, (4,), generator=g)
    tensor([15, 57, 92,  0])
    """

    device = dtypes.device("cpu")

    def __init__(self, device: Any = "cpu") -> None:
        self.device = dtypes.device(device)
        if self.device.type != "cpu":
            raise DeviceError(f"there are no random generators for device '{self.device}'",
                              fix="Use torch.Generator(device='cpu').")  # fmt: skip
        self._bits: Any = None  # NumPy's MT19937, made when the first word is drawn
        self._seed = DEFAULT_SEED
        self._fresh = True  # seeded and not drawn from: torch writes this state differently
        self._normal: float | None = None  # the second of a pair of normal numbers
        self._normal32: float | None = None  # kept from a loaded state; nothing here reads it

    def get_offset(self) -> int:
        """Errors: generators on the CPU have no offset."""
        raise DeviceError("CPU Generator does not use offset", fix="Use get_state().")

    def set_offset(self, offset: int) -> Any:
        """Errors: generators on the CPU have no offset."""
        raise DeviceError("CPU Generator does not use offset", fix="Use set_state().")

    # ---- seeds and states ------------------------------------------------------------------

    def manual_seed(self, seed: int) -> Generator:
        """Start again from `seed`, an integer from -2^63 to 2^64 - 1.  Returns the generator."""
        seed = int(seed)
        if not -(1 << 63) <= seed < 1 << 64:
            raise ArgumentError(
                f"Overflow when unpacking long: the seed {seed} does not fit into 64 bits",
                fix="Use a seed from -2**63 to 2**64 - 1.",
            )
        self._seed = seed % (1 << 64)
        if self._bits is not None:
            self._reseed()
        self._fresh = True
        self._normal = self._normal32 = None
        return self

    def seed(self) -> int:
        """Start again from a seed that the operating system makes up; returns it."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little") >> 11)
        return self._seed

    def initial_seed(self) -> int:
        """The seed this generator was started from."""
        return self._seed

    def get_state(self) -> Tensor:
        """The state as a uint8 tensor, byte for byte what torch would give."""
        key, position = self._words().state["state"].values()
        left, following = (1, 0) if self._fresh else (625 - position, position)
        head = STATE.pack(self._seed, left, 1, following)
        normal, normal32 = self._normal, self._normal32
        tail = NORMALS.pack(0.0, normal or 0.0, 0.0, normal is not None, 0,
                            normal32 or 0.0, normal32 is not None)  # fmt: skip
        state = np.frombuffer(head + key.astype("<u8").tobytes() + tail, np.uint8).copy()
        return from_array(state)  # type: ignore[no-any-return]

    def set_state(self, new_state: Any) -> Generator:
        """Go on from a state that get_state() gave, here or in torch."""
        array = new_state._array if isinstance(new_state, Tensor) else None
        if array is None or array.dtype != np.uint8:
            raise ArgumentError("RNG state must be a torch.ByteTensor", [("new_state", new_state)])
        if array.size != STATE_BYTES:
            raise ArgumentError(
                "RNG state is wrong size", [("new_state", new_state)],
                fix=f"Pass what get_state() gave: {STATE_BYTES} bytes.",
            )  # fmt: skip
        data = array.tobytes()
        seed, left, seeded, following = STATE.unpack_from(data)
        key = np.frombuffer(data, "<u8", 624, STATE.size).astype(np.uint32)
        _, normal, _, valid, _, normal32, valid32 = NORMALS.unpack_from(data, STATE.size + 4992)
        self._seed, self._fresh = seed, left == 1 and following == 0
        if not seeded or not 0 <= following <= 624 or not 1 <= left <= 624:
            raise ArgumentError("RNG state is not a valid state of this generator",
                                fix="Pass what get_state() gave.")  # fmt: skip
        position = 624 if left == 1 else following
        self._words(seeding=False).state = {
            "bit_generator": "MT19937",
            "state": {"key": key, "pos": position},
        }
        self._normal = normal if valid else None
        self._normal32 = normal32 if valid32 & 0xFF else None
        return self

    def clone_state(self) -> Generator:
        """Another generator that will give the same numbers."""
        return Generator(self.device).set_state(self.get_state())

    graphsafe_get_state = clone_state

    def graphsafe_set_state(self, state: Generator) -> Generator:
        """Go on from where another generator stands."""
        return self.set_state(state.get_state())

    def __reduce__(self) -> Any:
        return _restored, (self.get_state()._array,)

    def __repr__(self) -> str:
        return f"<torch._C.Generator object at {id(self):#x}>"

    # ---- words -----------------------------------------------------------------------------

    def _words(self, seeding: bool = True) -> Any:
        """NumPy's bit generator in this generator's state (numpy.random costs 20 ms to import)."""
        if self._bits is None:
            self._bits = np.random.MT19937(0)
            if seeding:
                self._reseed()
        return self._bits

    def _reseed(self) -> None:
        np.random.RandomState(self._bits).seed(self._seed & 0xFFFFFFFF)

    def draw(self, n: int) -> Array:
        """The next n 32-bit words."""
        self._fresh = self._fresh and n == 0
        return (self._bits or self._words()).random_raw(n).astype(np.uint32)

    def draw64(self, n: int) -> Array:
        """The next 2n words as n of 64 bits, the first of each pair high."""
        self._fresh = self._fresh and n == 0
        words = (self._bits or self._words()).random_raw(2 * n)
        high = words[0::2] << np.uint64(32)
        high |= words[1::2]
        return high

    def uniform53(self, n: int) -> Array:
        """n float64 in [0, 1)."""
        return transforms.uniform53(self.draw64(n))

    def normals(self, n: int) -> Array:
        """n normal float64, drawn in pairs; half of a pair that is left over waits for next time.

        This is how torch fills fewer than 16 elements, and memory that is not contiguous.
        """
        out = np.empty(n)
        start = 0
        if n and self._normal is not None:
            out[0], start = self._normal, 1
            self._normal = None
        missing = n - start
        pairs = (missing + 1) // 2
        if pairs:
            u = self.uniform53(2 * pairs)
            first, second = transforms.polar(u[0::2], u[1::2])
            out[start::2] = first
            out[start + 1 :: 2] = second[: missing // 2]
            if missing % 2:
                self._normal = float(second[-1])
        return out

    @contextlib.contextmanager
    def stream(self, block: int = 1024) -> Iterator[Any]:
        """A function that gives one uniform float64 a call, for methods that reject.

        `block` says about how many will be wanted.  Drawing ahead pays from some hundreds on:
        reading and writing the generator's state costs as much as 200 single draws.
        """
        bits = self._words()
        if block < 200:
            self._fresh = False
            word = bits.random_raw
            yield lambda: (((word() & 0x1FFFFF) << 32) | word()) * 2.0**-53
            return
        before, used = bits.state, 0

        def uniforms() -> Iterator[float]:
            nonlocal before, used
            while True:
                before = bits.state
                for used, u in enumerate(self.uniform53(block).tolist(), 1):  # noqa: B007
                    yield u

        try:
            yield uniforms().__next__
        finally:  # give back what was drawn ahead
            bits.state = before
            self.draw(2 * used)


def _restored(state: Array) -> Generator:
    return Generator().set_state(from_array(state))


default_generator = Generator()


def of(generator: Any) -> Generator:
    """The generator to draw from, for an argument `generator=`."""
    if generator is None:
        return default_generator
    if not isinstance(generator, Generator):
        raise ArgumentError(f"generator must be a torch.Generator, not {type(generator).__name__}")
    return generator


def manual_seed(seed: int) -> Generator:
    """Seed the default generator; returns it.

    >>> import chainrule as torch
    >>> _ = torch.manual_seed(1337)
    >>> torch.rand(2)
    tensor([0.0783, 0.4956])
    """
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Seed the default generator with a number that the operating system makes up; returns it."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed that the default generator was started from.

    >>> import chainrule as torch
    >>> _ = torch.manual_seed(7)
    >>> torch.initial_seed()
    7
    """
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The state of the default generator as a uint8 tensor in torch's own layout.

    >>> import chainrule as torch
    >>> state = torch.get_rng_state()
    >>> a = torch.rand(3)
    >>> torch.set_rng_state(state)
    >>> bool((torch.rand(3) == a).all())
    True
    """
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Let the default generator go on from a state that get_rng_state() gave.

    >>> import chainrule as torch
    >>> torch.set_rng_state(torch.get_rng_state())
    """
    default_generator.set_state(new_state)


@contextlib.contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, **ignored: Any) -> Iterator[None]:
    """Draw inside without effect on the numbers drawn afterwards.

    >>> import chainrule as torch
    >>> state = torch.get_rng_state()
    >>> with torch.random.fork_rng():
    ...     _ = torch.rand(1000)
    >>> bool((torch.get_rng_state() == state).all())
    True
    """
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)


EXPORTS.update(
    Generator=Generator, default_generator=default_generator, manual_seed=manual_seed, seed=seed,
    initial_seed=initial_seed, get_rng_state=get_rng_state, set_rng_state=set_rng_state,
)  # fmt: skip
