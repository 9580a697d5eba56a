"""Checkpointing: save little in the forward pass, and run it again when backward needs the rest."""

from __future__ import annotations

import contextlib
import enum
import itertools
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import chainrule as torch
from chainrule.autograd.function import Function
from chainrule.autograd.graph import saved_tensors_hooks
from chainrule.autograd.mode import mode
from chainrule.errors import ArgumentError, GraphError
from chainrule.tensor import Tensor

__all__ = [
    "SAC_IGNORED_OPS",
    "CheckpointError",
    "CheckpointFunction",
    "CheckpointPolicy",
    "SelectiveCheckpointContext",
    "check_backward_validity",
    "checkpoint",
    "checkpoint_sequential",
    "create_selective_checkpoint_contexts",
    "detach_variable",
    "get_device_states",
    "noop_context_fn",
    "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop",
    "set_device_states",
]  # fmt: skip

EXPLICIT = (
    "torch.utils.checkpoint{}: the use_reentrant parameter should be passed explicitly. "
    "use_reentrant=False is recommended; the default is still True."
)


class CheckpointError(GraphError):
    """The second run did not save what the first did."""


class Settings:
    """Defaults that the context managers below change for a block."""

    early_stop = True
    debug = False


def noop_context_fn() -> tuple[Any, Any]:
    """Two contexts that do nothing: for the forward pass, and for running it again."""
    return contextlib.nullcontext(), contextlib.nullcontext()


@contextlib.contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """In this block: whether the second run stops as soon as it has saved all that is needed."""
    before, Settings.early_stop = Settings.early_stop, enable
    try:
        yield
    finally:
        Settings.early_stop = before


@contextlib.contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """In this block: whether errors list what both runs saved (None leaves it to the call)."""
    before, Settings.debug = Settings.debug, bool(enabled)
    try:
        yield
    finally:
        Settings.debug = before


class CheckpointPolicy(enum.Enum):
    """What a policy of selective checkpointing says of an operation's result."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3
    MUST_CPU_OFFLOAD = 4
    PREFER_CPU_OFFLOAD = 5


class SelectiveCheckpointContext:
    """What a policy of selective checkpointing is told beside the operation."""

    def __init__(self, *, is_recompute: bool, op_output: Any = None) -> None:
        self.is_recompute, self.op_output = is_recompute, op_output


SAC_IGNORED_OPS: set[Any] = set()


def create_selective_checkpoint_contexts(
    policy_fn_or_list: Any, allow_cache_entry_mutation: bool = False
) -> tuple[Any, Any]:
    """Two contexts for `checkpoint(context_fn=...)`.

    The policy is not asked: everything is computed again, which changes memory and time and no
    result.

    Errors: a policy that is neither a function nor a list of operations.
    """
    if not (callable(policy_fn_or_list) or isinstance(policy_fn_or_list, list)):
        raise ArgumentError("policy_fn_or_list must be either a function or a list of ops.")
    return noop_context_fn()


def get_device_states(*args: Any) -> tuple[list[Any], list[Any]]:
    """The random states of the devices of some tensors: none, for all are on the CPU."""
    return [], []


def set_device_states(devices: Any, states: Any, *, device_type: str | None = None) -> None:
    """Nothing: there are no devices but the CPU."""


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The tensors of a tuple without graph, but with the same `requires_grad`.

    >>> import chainrule as torch
    >>> y = torch.ones(1, requires_grad=True) * 2
    >>> torch.utils.checkpoint.detach_variable((y, 3))
    (tensor([2.], requires_grad=True), 3)
    """
    if not isinstance(inputs, tuple):
        raise ArgumentError(
            f"Only tuple of tensors is supported. Got Unsupported input type: "
            f"{type(inputs).__name__}"
        )
    return tuple(
        x.detach().requires_grad_(x.requires_grad) if isinstance(x, Tensor) else x for x in inputs
    )


def check_backward_validity(inputs: Any) -> None:
    """Warn if no input requires gradients: then the reentrant form has none at all."""
    if not any(isinstance(x, Tensor) and x.requires_grad for x in inputs):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None",
                      stacklevel=3)  # fmt: skip


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """`function(*args, **kwargs)`, whose saved values are computed again in backward.

    Args:
        use_reentrant: True runs a second backward inside the first and needs an input that
            requires gradients; False keeps the graph and only packs what it saves, works with
            `autograd.grad`, keyword arguments and nesting, and is recommended.
        preserve_rng_state: draw the same random numbers again (True unless given).
        context_fn: gives two context managers, for the first and for the second run.
        determinism_check: "default" compares shapes and dtypes of both runs, "none" nothing.
        early_stop: end the second run when all that was saved is there.
        debug: list what both runs saved when they differ.

    Errors: CheckpointError (a RuntimeError) if the second run saves something else.

    >>> import chainrule as torch
    >>> from chainrule.utils.checkpoint import checkpoint
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> checkpoint(lambda x: (x * x).exp(), x, use_reentrant=False).sum().backward()
    >>> x.grad
    tensor([  5.4366, 218.3926])
    """
    if use_reentrant is None:
        warnings.warn(EXPLICIT.format(""), stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ArgumentError("Unexpected keyword arguments: " + ",".join(kwargs),
                                fix="Pass use_reentrant=False; it takes keywords.")  # fmt: skip
        if context_fn is not noop_context_fn or debug:
            raise ArgumentError("Passing `context_fn` or `debug` is only supported when "
                                "use_reentrant=False.")  # fmt: skip
        return CheckpointFunction.apply(function, preserve, *args)
    if determinism_check not in ("default", "none"):
        raise ArgumentError("determinism_check should be one of ['default', 'none'] but got "
                            f"{determinism_check}")  # fmt: skip
    first, again = context_fn()
    region = Region(function, args, kwargs, preserve, again)
    region.compare = determinism_check == "default"
    region.early = early_stop and Settings.early_stop
    region.debug = debug or Settings.debug
    if not torch.is_grad_enabled():
        return function(*args, **kwargs)
    with first, saved_tensors_hooks(region.pack, region.unpack):
        return function(*args, **kwargs)


class Enough(Exception):
    """Ends the second run early."""


class Holder:
    """Stands for one saved tensor: its number, and what it was like."""

    __slots__ = ("__weakref__", "dtype", "number", "shape")

    def __init__(self, number: int, shape: Any, dtype: Any) -> None:
        self.number, self.shape, self.dtype = number, shape, dtype

    def __repr__(self) -> str:
        return f"{tuple(self.shape)} {self.dtype}"


class Region:
    """One checkpointed call: how to run it again, and what that saved."""

    compare = early = debug = False

    def __init__(self, function: Any, args: Any, kwargs: Any, preserve: bool, context: Any) -> None:
        self.function, self.args, self.kwargs = function, args, kwargs
        self.context = context
        self.random = torch.get_rng_state() if preserve else None
        self.autocast = torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")
        self.holders: list[Any] = []  # weak: what the graph dropped is not computed again
        self.found: dict[int, Tensor] = {}

    def pack(self, tensor: Tensor) -> Holder:
        holder = Holder(len(self.holders), tensor.shape, tensor.dtype)
        self.holders.append(weakref.ref(holder))
        return holder

    def unpack(self, holder: Holder) -> Tensor:
        if holder.number not in self.found:
            self.run_again()
        if mode.recording:  # kept for another pass over the same graph
            return self.found[holder.number]
        return self.found.pop(holder.number)

    def run_again(self) -> None:
        numbers = itertools.count()
        total = len(self.holders)
        last = max((i for i, h in enumerate(self.holders) if h() is not None), default=-1)

        def pack(tensor: Tensor) -> None:
            i = next(numbers)
            if i < total and self.holders[i]() is not None:
                self.found[i] = tensor.detach()
            if self.early and i == last:
                raise Enough

        count = 0
        with contextlib.ExitStack() as stack:
            stack.enter_context(torch.random.fork_rng(enabled=self.random is not None))
            if self.random is not None:
                torch.set_rng_state(self.random)
            on, dtype = self.autocast
            stack.enter_context(torch.autocast("cpu", dtype=dtype, enabled=on))
            stack.enter_context(torch.enable_grad())
            stack.enter_context(self.context)
            stack.enter_context(saved_tensors_hooks(pack, refuse))
            with contextlib.suppress(Enough):
                self.function(*self.args, **self.kwargs)
        count = next(numbers)
        if last >= count or (not self.early and count != total):
            raise CheckpointError(
                "A different number of tensors was saved during the original forward and "
                f"recomputation: {total} and {count}{self.listed()}",
                fix="The function must do the same both times: look for state it changes, and "
                "random numbers that are not torch's.",
            )
        if self.compare:
            self.check()

    def check(self) -> None:
        """Raise if what was computed again has another shape or dtype."""
        wrong = []
        for i, ref in enumerate(self.holders):
            holder, value = ref(), self.found.get(i)
            if holder is None or value is None:
                continue
            if holder.shape != value.shape or holder.dtype != value.dtype:
                wrong.append((i, holder, value))
        if wrong:
            rows = [(f"tensor {i}", value, f"saved as {holder!r}") for i, holder, value in wrong]
            raise CheckpointError(
                "Recomputed values for the following tensors have different metadata than during "
                f"the forward pass.{self.listed()}", rows,
                fix="The function must do the same both times.",
            )  # fmt: skip

    def listed(self) -> str:
        if not self.debug:
            return ""
        first = ", ".join(repr(h()) for h in self.holders)
        second = ", ".join(f"{i}: {tuple(t.shape)} {t.dtype}" for i, t in self.found.items())
        return f"; first: {first}; again: {second}"


def refuse(kept: Any) -> Any:
    raise CheckpointError("a value that was computed again was asked for by its own second run")


class CheckpointFunction(Function):
    """The reentrant form: forward without a graph; backward runs it again, with one."""

    @staticmethod
    def forward(ctx: Any, run_function: Any, preserve_rng_state: bool, *args: Any) -> Any:
        """Run the function, and keep its inputs."""
        check_backward_validity(args)
        ctx.function = run_function
        ctx.random = torch.get_rng_state() if preserve_rng_state else None
        ctx.autocast = torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")
        ctx.places = [i for i, x in enumerate(args) if isinstance(x, Tensor)]
        ctx.others = [None if isinstance(x, Tensor) else x for x in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        with torch.no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Run it again and go backward through that."""
        if mode.partial:
            raise GraphError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or "
                "passing an `inputs` parameter to .backward().",
                fix="Pass use_reentrant=False.",
            )
        args = list(ctx.others)
        for i, x in zip(ctx.places, ctx.saved_tensors, strict=True):
            args[i] = x
        inputs = detach_variable(tuple(args))
        on, dtype = ctx.autocast
        with (
            torch.random.fork_rng(enabled=ctx.random is not None),
            torch.enable_grad(),
            torch.autocast("cpu", dtype=dtype, enabled=on),
        ):
            if ctx.random is not None:
                torch.set_rng_state(ctx.random)
            outputs = ctx.function(*inputs)
        outputs = (outputs,) if isinstance(outputs, Tensor) else outputs
        pairs = [
            (o, g) for o, g in zip(outputs, grads, strict=True)
            if isinstance(o, Tensor) and o.requires_grad
        ]  # fmt: skip
        if not pairs:
            raise GraphError("none of output has requires_grad=True, this checkpoint() is not "
                             "necessary")  # fmt: skip
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return (None, None, *[x.grad if isinstance(x, Tensor) else None for x in inputs])


def checkpoint_sequential(
    functions: Any,
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """Run modules one after another in segments, each but the last of them checkpointed.

    Args:
        functions: an `nn.Sequential`, or a list of functions.
        segments: how many parts to cut them into.

    >>> import chainrule as torch
    >>> from chainrule.utils.checkpoint import checkpoint_sequential
    >>> x = torch.tensor([0.5], requires_grad=True)
    >>> y = checkpoint_sequential([torch.sin, torch.exp, torch.cos], 2, x, use_reentrant=False)
    >>> y.backward()
    >>> x.grad
    tensor([-1.4160])
    """
    if use_reentrant is None:
        warnings.warn(EXPLICIT.format(".checkpoint_sequential"), stacklevel=2)
        use_reentrant = True
    if kwargs:
        raise ArgumentError("Unexpected keyword arguments: " + ",".join(kwargs))
    if isinstance(functions, torch.nn.Sequential):
        functions = list(functions.children())

    def segment(start: int, end: int) -> Callable[[Any], Any]:
        def forward(x: Any) -> Any:
            for function in functions[start:end]:
                x = function(x)
            return x

        return forward

    size = len(functions) // segments
    start = 0
    for _ in range(segments - 1):
        input = checkpoint(segment(start, start + size), input, use_reentrant=use_reentrant,
                           preserve_rng_state=preserve_rng_state)  # fmt: skip
        start += size
    return segment(start, len(functions))(input)
