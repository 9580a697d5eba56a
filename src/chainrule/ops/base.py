"""What an op is: a stateless class that holds everything known about one primitive.

A rule's first argument `xp` is a namespace over the arrays it is given: NumPy arrays, Tensors,
lazy arrays.  Rules may use the names of `ops.vocabulary`, operators, `.shape`, `.dtype` and
`.ndim`; so one rule serves every mode.  Arrays are positional, metadata keyword-only.

    d_<input>(xp, g, ...)   gradient of one input from the upstream gradient `g`
    vjp(xp, g, needed, ...) instead: a tuple with the gradients of all inputs, where they share
                            work; `needed` says which are asked for, the others may be None
    tangent(xp, ts, ...)    forward mode; most ops need none: the kind of op gives it, or the
                            engine transposes the reverse rule
    spec(*specs, ...)       shape rule: Specs in, Spec (or a tuple of them) out

**A rule's parameters are its save list.**  After `g` (and `needed`) it names the inputs it reads
(`x`), outputs (`out`, or the names in `outputs`), and `x_spec` where shape and dtype are enough.
Nothing else is kept from forward to backward.  `d_x = zero` declares a gradient that is truly
zero; an input without rule has no derivative, and asking for it is an error that quotes
`no_derivative`.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, ClassVar

import numpy as np

from chainrule import spec as specs
from chainrule.backend import numpy as numpy_backend
from chainrule.errors import ShapeError
from chainrule.spec import Spec

Array = Any
Rule = Callable[..., Any]

REGISTRY: dict[str, type[Op]] = {}  # by the op's name in every namespace


def zero(xp: Any, g: Array, **static: Any) -> Array:
    """The rule of an input whose derivative is zero wherever it exists (sign, floor, ...)."""
    return xp.zeros_like(g)


class Op:
    """One primitive, never instantiated.  Subclasses are final: an op does not extend an op."""

    name: ClassVar[str] = ""  # its name in every namespace; set by each concrete op
    inputs: ClassVar[tuple[str, ...]] = ()  # a last name "*xs" takes all further arrays
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    constant: ClassVar[tuple[str, ...]] = ()  # inputs never differentiated: indices, conditions
    view: ClassVar[bool] = False  # the output shares the input's memory
    differentiable: ClassVar[bool] = True  # False: outputs are integers or booleans
    entangled: ClassVar[bool] = False  # a recorded gradient depends on the inputs, if by zero
    grad_name: ClassVar[str] = ""  # torch's name, as grad_fn prints it: "<name>Backward0"
    no_derivative: ClassVar[str] = "it is not known to this op"
    promotes: ClassVar[str | None] = None  # how operands are brought to one dtype: see Elementwise
    c: ClassVar[str | None] = None  # C expression over {x}, {y}; None means a library call

    rules: ClassVar[tuple[Rule | None, ...]] = ()
    reads: ClassVar[tuple[tuple[int, ...], ...]] = ()
    keep: ClassVar[tuple[Callable[[tuple[Any, ...]], Any], ...]] = ()
    vjp: ClassVar[Rule | None] = None
    vjp_reads: ClassVar[tuple[int, ...]] = ()
    reads_specs: ClassVar[bool] = False
    reads_values: ClassVar[bool] = False  # arrays, and not just specs: a backward pass frees them
    variadic: ClassVar[bool] = False
    single: ClassVar[bool] = False  # one input, always given
    raw: ClassVar[Callable[..., Any]]  # the forward over NumPy arrays, bound once

    @classmethod
    def forward(cls, xp: Any, *arrays: Array, **static: Any) -> Any:
        return getattr(xp, cls.name)(*arrays, **static)

    @classmethod
    def spec(cls, *inputs: Any, **static: Any) -> Any:
        raise NotImplementedError(f"{cls.__name__} has no shape rule")  # a test finds these

    def __init_subclass__(cls) -> None:
        if "name" in cls.__dict__:
            prepare(cls)


def prepare(cls: type[Op]) -> None:
    """Read the save lists off the rules, and enter the op in the registry.

    The values that rules may read stand in one tuple: inputs, outputs, None, specs of the inputs
    (the tail of a variadic op is one entry, a tuple).  `keep[mask]` picks from it what the rules
    of the inputs in `mask` read and puts None for the rest (None for all if they read nothing);
    the engine calls it once per node.
    """
    names = tuple(n.removeprefix("*") for n in cls.inputs)
    cls.variadic = any(n.startswith("*") for n in cls.inputs)
    cls.single = len(names) == 1 and not cls.variadic
    nothing = len(names) + len(cls.outputs)
    slots = (*names, *cls.outputs, None, *(f"{n}_spec" for n in names))
    slot = {n: i for i, n in enumerate(slots) if n is not None}
    raw_rules = [getattr(cls, f"d_{n}", None) for n in names]
    cls.rules = tuple(raw_rules)

    def parameters(rule: Rule | None) -> tuple[int, ...]:
        if rule is None:
            return ()
        code = getattr(rule, "__func__", rule).__code__  # inspect.signature costs 30 times as much
        bound = hasattr(rule, "__func__")  # a classmethod's own first parameter is the class
        found = code.co_varnames[2 + bound : code.co_argcount]  # after xp and g
        return tuple(slot[n] for n in found if n in slot)

    cls.reads = tuple(parameters(rule) for rule in cls.rules)
    cls.vjp_reads = parameters(cls.vjp)
    every = {k for reads in (*cls.reads, cls.vjp_reads) for k in reads}
    cls.reads_specs = any(k > nothing for k in every)
    cls.reads_values = any(k < nothing for k in every)
    width = len(slots) if cls.reads_specs else nothing + 1

    def picker(mask: int) -> Callable[[tuple[Any, ...]], Any]:
        read = {k for i in range(len(names)) if mask >> i & 1 for k in cls.reads[i]}
        needed = read | set(cls.vjp_reads)
        if not needed:
            return lambda values: None
        return itemgetter(*(k if k in needed else nothing for k in range(width)))

    cls.keep = tuple(picker(mask) for mask in range(1 << len(names)))
    REGISTRY[cls.name] = cls
    ufunc = getattr(numpy_backend, cls.name, None)
    if ufunc is not None and "forward" not in cls.__dict__:
        cls.raw = staticmethod(ufunc)
    else:
        cls.raw = staticmethod(lambda *a, _f=cls.forward, **s: _f(numpy_ns, *a, **s))


class Namespace:
    """The vocabulary over one backend: its own functions, else the op's forward in these terms."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.backend, name, None)
        if found is None:
            op = REGISTRY.get(name)
            if op is None:
                raise AttributeError(f"{name} is not in the vocabulary of rules")
            inherited: Any = Op.forward
            if getattr(op.forward, "__func__", None) is inherited.__func__:
                raise AttributeError(f"this backend has no {name}")
            found = lambda *a, _f=op.forward, **s: _f(self, *a, **s)
        setattr(self, name, found)
        return found


numpy_ns = Namespace(numpy_backend)


class Elementwise(Op):
    """out[i] depends only on the inputs at i: the Jacobian is diagonal, so tangents are free.

    `promotes` says how operands come to one dtype: "same" promotes them as torch does, "float"
    also turns integers into the default float, "compare" promotes and gives bool, None leaves them.
    """

    promotes: ClassVar[str | None] = "same"

    @classmethod
    def spec(cls, *xs: Spec, **static: Any) -> Spec:
        dtype = specs.result_type(xs)
        if cls.promotes == "float" and not specs.is_inexact(dtype):
            dtype = specs.Defaults.floating
        if cls.promotes == "compare":
            dtype = specs.BOOL
        return Spec(specs.broadcast_shapes(*(x.shape for x in xs)), dtype)

    @classmethod
    def tangent(
        cls, xp: Any, ts: tuple[Array | None, ...], values: tuple[Any, ...], **static: Any
    ) -> Array:
        pairs = zip(ts, cls.rules, cls.reads, strict=True)
        return add_all(
            rule(xp, t, *(values[k] for k in reads), **static)
            for t, rule, reads in pairs
            if t is not None and rule is not None
        )


class Linear(Op):
    """Linear in all its differentiable inputs together: the tangent is the forward itself."""

    @classmethod
    def tangent(
        cls, xp: Any, ts: tuple[Array | None, ...], values: tuple[Any, ...], **static: Any
    ) -> Array:
        return cls.forward(xp, *ts, **static)


class Bilinear(Op):
    """Linear in x for fixed y and in y for fixed x: the product rule gives tangents."""

    @classmethod
    def tangent(
        cls, xp: Any, ts: tuple[Array | None, ...], values: tuple[Any, ...], **static: Any
    ) -> Array:
        (tx, ty), (x, y) = ts, values[:2]
        pairs = [(tx, y)] * (tx is not None) + [(x, ty)] * (ty is not None)
        return add_all(cls.forward(xp, a, b, **static) for a, b in pairs)


class Reduction(Op):
    """One number from all elements along `axis`, a tuple of non-negative ints."""

    c_init: ClassVar[str | None] = None  # C start value, and update over {acc}, {x}
    c_step: ClassVar[str | None] = None

    @classmethod
    def spec(cls, x: Spec, *, axis: tuple[int, ...], keepdims: bool) -> Spec:
        return Spec(specs.reduced_shape(x.shape, axis, keepdims), x.dtype)


def add_all(terms: Any) -> Any:
    """The sum of at least one term."""
    iterator = iter(terms)
    total = next(iterator)
    for term in iterator:
        total = total + term
    return total


def is_complex(x: Array) -> bool:
    """Whether the dtype is complex; other libraries' dtypes have no `kind`, and are not."""
    return getattr(x.dtype, "kind", "") == "c"


def conjugate(xp: Any, x: Array) -> Array:
    """The complex conjugate; a real array itself."""
    return xp.conj(x) if is_complex(x) else x


def real_part(xp: Any, x: Array) -> Array:
    """The real part; a real array itself."""
    return xp.real(x) if is_complex(x) else x


def unreduce(xp: Any, v: Array, shape: tuple[int, ...], axis: tuple[int, ...]) -> Array:
    """A reduction's output with its axes put back at size 1, so that it broadcasts to `shape`."""
    return xp.reshape(v, shape=specs.reduced_shape(shape, axis, True))


def unbroadcast(xp: Any, g: Array, shape: tuple[int, ...]) -> Array:
    """Sum `g` down to `shape`: the transpose of broadcasting.  The engine does it for all ops."""
    if g.shape == shape:
        return g
    lead = len(g.shape) - len(shape)
    if lead < 0:
        raise ShapeError(f"a rule gave a gradient of shape {g.shape} for an input of {shape}")
    inner = (lead + i for i, s in enumerate(shape) if s == 1 != g.shape[lead + i])
    summed = xp.sum(g, axis=(*range(lead), *inner), keepdims=True)
    return xp.reshape(summed, shape=shape)


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)
