"""A oneDNN operation on arrays of given shapes, made once and kept: descriptors, layouts, memory.

Arrays are handed in and out row-major.  oneDNN chooses the layout it is fastest in (channels in
blocks of the vector length), and a plan converts on the way in and out: 5-10 % of a convolution's
time.  The converted arrays, and what an operation needs to note down, share one piece of memory
that stays in the cache from one operation to the next.
"""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.backend.onednn import OUT_OF_MEMORY, Failed, Library, check, wanted_threads

Array = Any
Shape = tuple[int, ...]
Pointer = ctypes.c_void_p

FLOAT32, BYTE, ANY = 3, 6, 1
UNIMPLEMENTED = 3
# Arguments of operations, by oneDNN's numbers.
SRC, DST, WEIGHTS, BIAS, WORKSPACE, SCRATCHPAD = 1, 17, 33, 41, 64, 80
DIFF_SRC, DIFF_DST, DIFF_WEIGHTS = 129, 145, 161
QUERY_ARGUMENT, QUERY_NAME = 255, 8

PLANS = 512  # kept; the one used longest ago goes first
KEPT_BYTES = 64 << 20  # of shared memory; a larger piece is given back after use
LINE = 64


class Argument(ctypes.Structure):
    _fields_ = [("number", ctypes.c_int), ("memory", Pointer)]


Dims: Any = ctypes.c_int64 * 12  # oneDNN's fixed-size list of sizes


def dims(values: Sequence[int]) -> Any:
    return Dims(*values)


def plain(shape: Shape, dtype: int = FLOAT32, order: Sequence[int] = ()) -> Pointer:
    """The descriptor of an array in memory order, or with its axes from slow to fast in `order`."""
    strides, step = [0] * len(shape), 1
    for axis in reversed(order or range(len(shape))):
        strides[axis] = step
        step *= shape[axis]
    out = Pointer()
    create = Library.handle.dnnl_memory_desc_create_with_strides
    check(create(ctypes.byref(out), len(shape), dims(shape), dtype, dims(strides)))
    return out


def free_choice(shape: Shape) -> Pointer:
    """The descriptor of a float32 array in whatever layout suits the operation."""
    out = Pointer()
    create = Library.handle.dnnl_memory_desc_create_with_tag
    check(create(ctypes.byref(out), len(shape), dims(shape), FLOAT32, ANY))
    return out


def descriptor(create: str, *arguments: Any) -> Pointer:
    """Call a function that describes a primitive and returns it through its first argument."""
    out = Pointer()
    check(getattr(Library.handle, create)(ctypes.byref(out), Library.engine, *arguments))
    return out


def name_of(primitive: Pointer) -> str:
    """Which implementation was chosen."""
    text = ctypes.c_char_p()
    query = Library.handle.dnnl_primitive_desc_query
    check(query(primitive, QUERY_NAME, 0, ctypes.byref(text)))
    return (text.value or b"").decode()


def fast(primitive: Pointer) -> Pointer:
    """The primitive, unless plain loops would run it: NumPy is faster than those."""
    if name_of(primitive).startswith(("ref", "simple")):
        Library.handle.dnnl_primitive_desc_destroy(primitive)
        raise Failed(UNIMPLEMENTED)
    return primitive


class Layouts:
    """Descriptors for as long as a primitive is being described."""

    def __init__(self) -> None:
        self.made: list[Pointer] = []

    def __enter__(self) -> Layouts:
        return self

    def __exit__(self, *error: Any) -> None:
        for layout in self.made:
            Library.handle.dnnl_memory_desc_destroy(layout)

    def any(self, shape: Shape) -> Pointer:
        self.made.append(free_choice(shape))
        return self.made[-1]

    def plain(self, shape: Shape) -> Pointer:
        self.made.append(plain(shape))
        return self.made[-1]

    def channels_last(self, shape: Shape) -> Pointer:
        self.made.append(plain(shape, order=(0, *range(2, len(shape)), 1)))
        return self.made[-1]


def address(array: Array) -> Pointer:
    return Pointer(array.__array_interface__["data"][0])


class Arena:
    """The piece of memory that all plans work in, one after another."""

    array: Array = None

    @classmethod
    def of(cls, size: int) -> Array:
        found = cls.array
        if found is None or found.nbytes < size:
            found = np.empty(size, np.uint8)
            if size <= KEPT_BYTES:
                cls.array = found
        return found


class Plan:
    """One primitive and the conversions around it."""

    def __init__(self, primitive: Pointer, roles: Sequence[Any]) -> None:
        """`roles`: for each array its argument's number, its shape, whether it is an output, and
        its dtype's number unless that is float32."""
        lib = Library.handle
        self.owned: list[tuple[str, Pointer]] = [("dnnl_primitive_desc_destroy", primitive)]
        self.outside: list[Pointer] = []  # the callers' arrays, in the order of `roles`
        self.inside: list[tuple[Pointer, int]] = []  # memory in the arena, and its offset
        self.before: list[Any] = []  # conversions
        self.after: list[Any] = []
        self.size = 0
        used = []
        for number, shape, is_output, *dtype in roles:
            mine = plain(shape, *dtype)
            self.owned.append(("dnnl_memory_desc_destroy", mine))
            memory = self.memory(mine)
            self.outside.append(memory)
            its = Pointer(lib.dnnl_primitive_desc_query_md(primitive, QUERY_ARGUMENT, number))
            if not lib.dnnl_memory_desc_equal(mine, its):
                converted = self.in_arena(its)
                if is_output:
                    self.after.append(self.conversion(its, converted, mine, memory))
                else:
                    self.before.append(self.conversion(mine, memory, its, converted))
                memory = converted
            used.append((number, memory))
        scratch = Pointer(lib.dnnl_primitive_desc_query_md(primitive, QUERY_ARGUMENT, SCRATCHPAD))
        if scratch.value and lib.dnnl_memory_desc_get_size(scratch):
            used.append((SCRATCHPAD, self.in_arena(scratch)))
        self.main = self.step(primitive, used)

    def memory(self, layout: Pointer) -> Pointer:
        out = Pointer()
        create = Library.handle.dnnl_memory_create
        check(create(ctypes.byref(out), layout, Library.engine, None))
        self.owned.append(("dnnl_memory_destroy", out))
        return out

    def in_arena(self, layout: Pointer) -> Pointer:
        out = self.memory(layout)
        self.inside.append((out, self.size))
        size = Library.handle.dnnl_memory_desc_get_size(layout)
        self.size += -(-size // LINE) * LINE + LINE
        return out

    def step(self, primitive: Pointer, used: Sequence[tuple[int, Pointer]]) -> Any:
        made = Pointer()
        check(Library.handle.dnnl_primitive_create(ctypes.byref(made), primitive))
        self.owned.append(("dnnl_primitive_destroy", made))
        arguments = (Argument * len(used))(*(Argument(n, m) for n, m in used))
        return made, len(used), arguments

    def conversion(self, a: Pointer, x: Pointer, b: Pointer, y: Pointer) -> Any:
        out = Pointer()
        create = Library.handle.dnnl_reorder_primitive_desc_create
        engine = Library.engine
        check(create(ctypes.byref(out), a, engine, b, engine, None))
        self.owned.append(("dnnl_primitive_desc_destroy", out))
        return self.step(out, ((SRC, x), (DST, y)))

    def run(self, arrays: Sequence[Array]) -> None:
        """Compute, on row-major arrays in the order of the roles.  The caller holds the lock."""
        lib, stream = Library.handle, Library.stream
        set_address = lib.dnnl_memory_set_data_handle
        for memory, array in zip(self.outside, arrays, strict=True):
            check(set_address(memory, address(array)))
        if self.size:
            arena = Arena.of(self.size + LINE)
            start = -(-arena.__array_interface__["data"][0] // LINE) * LINE
            for memory, offset in self.inside:
                check(set_address(memory, Pointer(start + offset)))
        execute = lib.dnnl_primitive_execute
        Library.used = True
        for made, count, arguments in (*self.before, self.main, *self.after):
            check(execute(made, stream, count, arguments))

    def __del__(self) -> None:
        lib = Library.handle
        if lib is not None:
            for destroy, thing in reversed(self.owned):
                getattr(lib, destroy)(thing)


class Plans:
    """The plans that are kept, by operation and shapes; None where oneDNN has nothing good."""

    kept: OrderedDict[Any, Plan | None] = OrderedDict()


def scratchpad_attribute() -> Pointer:
    """Primitives made with this let the caller provide working memory: ours is shared."""
    out = Pointer()
    check(Library.handle.dnnl_primitive_attr_create(ctypes.byref(out)))
    check(Library.handle.dnnl_primitive_attr_set_scratchpad_mode(out, 1))
    return out


def run(key: Any, make: Callable[[Pointer], Plan], arrays: Sequence[Array]) -> bool:
    """Run the plan of `key`, made on first need; False if oneDNN cannot or should not."""
    with Library.lock:
        if Library.handle is None:
            return False
        key = (*key, wanted_threads())
        kept = Plans.kept
        if key in kept:
            plan = kept[key]
            kept.move_to_end(key)
        else:
            try:
                plan = make_plan(make)
            except Failed as error:
                if error.status == OUT_OF_MEMORY:
                    return False  # it may well fit the next time
                plan = None
            kept[key] = plan
            if len(kept) > PLANS:
                kept.popitem(last=False)
        if plan is None:
            return False
        try:
            plan.run(arrays)
        except Failed:
            kept[key] = None
            return False
        return True


def make_plan(make: Callable[[Pointer], Plan]) -> Plan:
    attribute = scratchpad_attribute()
    try:
        return make(attribute)
    finally:
        Library.handle.dnnl_primitive_attr_destroy(attribute)


def forget() -> None:
    """Drop all plans and the shared memory."""
    with Library.lock:
        Plans.kept.clear()
        Arena.array = None
