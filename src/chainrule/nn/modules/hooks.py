"""Hooks on modules: around forward, and on the gradients that pass through.

A module without hooks never comes here: `Module.__call__` reads one attribute, `_hooked`.
"""

from __future__ import annotations

import warnings
from typing import Any

from chainrule.autograd import RemovableHandle
from chainrule.autograd.function import Function
from chainrule.autograd.mode import mode
from chainrule.errors import ArgumentError, GraphError
from chainrule.tensor import Tensor

KINDS = (
    "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks",
    "_state_dict_hooks", "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
)  # fmt: skip
EXTRA = (
    "_forward_hooks_with_kwargs", "_forward_hooks_always_called", "_forward_pre_hooks_with_kwargs",
)  # fmt: skip

_keys = iter(range(1, 1 << 62))


class ModuleHandle(RemovableHandle):
    """Takes a hook away, and what was noted about it."""

    def __init__(self, hooks: dict[int, Any], key: int, notes: tuple[dict[int, Any], ...]) -> None:
        super().__init__(hooks, key)
        self.notes = notes

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        for d in (self.hooks, *self.notes):
            d.pop(self.id, None)


def enter(hooks: dict[int, Any], hook: Any, prepend: bool, **notes: Any) -> ModuleHandle:
    """Put a hook into a dict, at its front if `prepend`; `notes` are (dict, flag) pairs."""
    key = next(_keys)
    if prepend:
        rest = list(hooks.items())
        hooks.clear()
        hooks[key] = hook
        hooks.update(rest)
    else:
        hooks[key] = hook
    for where, flag in notes.values():
        if flag:
            where[key] = True
    return ModuleHandle(hooks, key, tuple(where for where, _ in notes.values()))


class Hooks:
    """The registering methods of a module."""

    _hooked = False  # whether calls must take the slow path

    def register_forward_pre_hook(
        self, hook: Any, *, prepend: bool = False, with_kwargs: bool = False
    ) -> ModuleHandle:
        """Call `hook(module, args)` before forward; what it returns replaces the arguments.

        Args:
            prepend: run before the hooks already there.
            with_kwargs: call `hook(module, args, kwargs)`, which returns None or both.

        >>> import chainrule as torch
        >>> m = torch.nn.Identity()
        >>> handle = m.register_forward_pre_hook(lambda module, args: args[0] * 2)
        >>> m(torch.tensor(3.))
        tensor(6.)
        """
        self.__dict__["_hooked"] = True
        d = self.__dict__
        notes = (d["_forward_pre_hooks_with_kwargs"], with_kwargs)
        return enter(d["_forward_pre_hooks"], hook, prepend, kwargs=notes)

    def register_forward_hook(
        self,
        hook: Any,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> ModuleHandle:
        """Call `hook(module, args, output)` after forward; what it returns replaces the output.

        Args:
            prepend: run before the hooks already there.
            with_kwargs: call `hook(module, args, kwargs, output)`.
            always_call: call it also when forward raised.

        >>> import chainrule as torch
        >>> m, seen = torch.nn.Identity(), []
        >>> handle = m.register_forward_hook(lambda module, args, out: seen.append(out.shape))
        >>> _ = m(torch.zeros(2, 3))
        >>> seen
        [torch.Size([2, 3])]
        """
        self.__dict__["_hooked"] = True
        d = self.__dict__
        return enter(
            d["_forward_hooks"], hook, prepend,
            kwargs=(d["_forward_hooks_with_kwargs"], with_kwargs),
            always=(d["_forward_hooks_always_called"], always_call),
        )  # fmt: skip

    def register_full_backward_pre_hook(self, hook: Any, prepend: bool = False) -> ModuleHandle:
        """Call `hook(module, grad_output)` when the gradients of the outputs are known.

        What it returns replaces them for the module's own backward pass.

        >>> import chainrule as torch
        >>> m, x = torch.nn.Identity(), torch.ones(2, requires_grad=True)
        >>> handle = m.register_full_backward_pre_hook(lambda module, g: (g[0] * 10,))
        >>> m(x).sum().backward()
        >>> x.grad
        tensor([10., 10.])
        """
        self.__dict__["_hooked"] = True
        return enter(self.__dict__["_backward_pre_hooks"], hook, prepend)

    def register_full_backward_hook(self, hook: Any, prepend: bool = False) -> ModuleHandle:
        """Call `hook(module, grad_input, grad_output)` when the inputs' gradients are known.

        What it returns replaces `grad_input`.

        >>> import chainrule as torch
        >>> m, x = torch.nn.Identity(), torch.ones(2, requires_grad=True)
        >>> handle = m.register_full_backward_hook(lambda module, gi, go: (gi[0] + 1,))
        >>> m(x).sum().backward()
        >>> x.grad
        tensor([2., 2.])
        """
        self.__dict__["_hooked"] = True
        return enter(self.__dict__["_backward_hooks"], hook, prepend)

    def register_backward_hook(self, hook: Any) -> ModuleHandle:
        """torch's old name of `register_full_backward_hook`, which it is here."""
        return self.register_full_backward_hook(hook)


class GlobalHooks:
    """Hooks on all modules: what `register_module_forward_hook` and its like fill."""

    forward: dict[int, Any] = {}
    forward_with_kwargs: dict[int, bool] = {}
    forward_always: dict[int, bool] = {}
    forward_pre: dict[int, Any] = {}
    backward: dict[int, Any] = {}
    backward_pre: dict[int, Any] = {}
    registration: dict[str, dict[int, Any]] = {"_parameters": {}, "_buffers": {}, "_modules": {}}


def register_module_forward_pre_hook(hook: Any) -> ModuleHandle:
    """Call `hook(module, args)` before the forward of every module."""
    Hooks._hooked = True
    return enter(GlobalHooks.forward_pre, hook, False)


def register_module_forward_hook(
    hook: Any, *, with_kwargs: bool = False, always_call: bool = False
) -> ModuleHandle:
    """Call `hook(module, args, output)` after the forward of every module."""
    Hooks._hooked = True
    return enter(
        GlobalHooks.forward, hook, False,
        kwargs=(GlobalHooks.forward_with_kwargs, with_kwargs),
        always=(GlobalHooks.forward_always, always_call),
    )  # fmt: skip


def register_module_full_backward_pre_hook(hook: Any) -> ModuleHandle:
    """Call `hook(module, grad_output)` in the backward pass of every module."""
    Hooks._hooked = True
    return enter(GlobalHooks.backward_pre, hook, False)


def register_module_full_backward_hook(hook: Any) -> ModuleHandle:
    """Call `hook(module, grad_input, grad_output)` in the backward pass of every module."""
    Hooks._hooked = True
    return enter(GlobalHooks.backward, hook, False)


def register_module_parameter_registration_hook(hook: Any) -> ModuleHandle:
    """Call `hook(module, name, parameter)` whenever a module gets one; it may return another."""
    return enter(GlobalHooks.registration["_parameters"], hook, False)


def register_module_buffer_registration_hook(hook: Any) -> ModuleHandle:
    """Call `hook(module, name, buffer)` whenever a module gets one; it may return another."""
    return enter(GlobalHooks.registration["_buffers"], hook, False)


def register_module_module_registration_hook(hook: Any) -> ModuleHandle:
    """Call `hook(module, name, submodule)` whenever a module gets one; it may return another."""
    return enter(GlobalHooks.registration["_modules"], hook, False)


def registered(module: Any, registry: str, name: str, value: Any) -> Any:
    """What the registration hooks make of a new member."""
    for hook in list(GlobalHooks.registration[registry].values()):
        replaced = hook(module, name, value)
        value = value if replaced is None else replaced
    return value


def hooked_call(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`module.forward(*args, **kwargs)` with all hooks around it."""
    ran: set[Any] = set()
    try:
        return _hooked_call(module, args, kwargs, ran)
    except Exception:
        for key, hook, with_kwargs, always in forward_hooks(module):
            if always and key not in ran:  # the failure is raised, whatever these do
                try:
                    call_forward_hook(hook, module, args, kwargs, None, with_kwargs)
                except Exception as error:
                    warnings.warn(
                        "module forward hook with ``always_call=True`` raised an exception that "
                        f"was silenced as another error was raised in forward: {error}"
                    )
        raise


def forward_hooks(module: Any) -> list[tuple[Any, Any, bool, bool]]:
    """All hooks after forward, global ones first, as (key, hook, with_kwargs, always)."""
    every = GlobalHooks
    found = [
        (("global", k), h, k in every.forward_with_kwargs, k in every.forward_always)
        for k, h in every.forward.items()
    ]
    with_kwargs = module._forward_hooks_with_kwargs
    always = module._forward_hooks_always_called
    return found + [(k, h, k in with_kwargs, k in always) for k, h in module._forward_hooks.items()]


def call_forward_hook(
    hook: Any, module: Any, args: Any, kwargs: Any, result: Any, with_kwargs: bool
) -> Any:
    if with_kwargs:
        return hook(module, args, kwargs, result)
    return hook(module, args, result)


def _hooked_call(module: Any, args: Any, kwargs: Any, ran: set[Any]) -> Any:
    for hook in list(GlobalHooks.forward_pre.values()):
        replaced = hook(module, args)
        if replaced is not None:
            args = replaced if isinstance(replaced, tuple) else (replaced,)
    for key, hook in list(module._forward_pre_hooks.items()):
        if key in module._forward_pre_hooks_with_kwargs:
            replaced = hook(module, args, kwargs)
            if replaced is not None:
                if not (isinstance(replaced, tuple) and len(replaced) == 2):
                    raise ArgumentError(
                        "forward pre-hook must return None or a tuple of (new_args, new_kwargs), "
                        f"but got {replaced}."
                    )
                args, kwargs = replaced
        else:
            replaced = hook(module, args)
            if replaced is not None:
                args = replaced if isinstance(replaced, tuple) else (replaced,)
    relay = None
    after = [*GlobalHooks.backward.values(), *module._backward_hooks.values()]
    before = [*GlobalHooks.backward_pre.values(), *module._backward_pre_hooks.values()]
    if after or before:
        relay = GradientWatch(module, after, before)
        args = relay.inputs(args)
    result = module.forward(*args, **kwargs)
    for key, hook, with_kwargs, _ in forward_hooks(module):
        ran.add(key)
        replaced = call_forward_hook(hook, module, args, kwargs, result, with_kwargs)
        if replaced is not None:
            result = replaced
    return result if relay is None else relay.outputs(result)


class BackwardHookFunction(Function):
    """Hands tensors through, and reports their gradients on the way back."""

    @staticmethod
    def forward(ctx: Any, report: Any, *tensors: Tensor) -> Any:
        ctx.report = report
        ctx.set_materialize_grads(False)
        return tensors if len(tensors) > 1 else tensors[0]

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return (None, *ctx.report(grads))


class GradientWatch:
    """One call of a module whose gradients its backward hooks want to see."""

    def __init__(self, module: Any, after: list[Any], before: list[Any]) -> None:
        self.module, self.after, self.before = module, after, before
        self.places: tuple[list[int], list[int]] = ([], [])  # of tensors among inputs, outputs
        self.counts = [0, 0]
        self.grad_outputs: Any = None
        self.at_inputs = False

    def relayed(self, side: int, values: tuple[Any, ...], report: Any) -> tuple[Any, ...]:
        """`values` with its tensors passed through the hook function, if gradients flow."""
        tensors = [v for v in values if isinstance(v, Tensor)]
        self.counts[side] = len(values)
        if not mode.recording or not any(t._node is not None for t in tensors):
            return values
        self.places[side][:] = [i for i, v in enumerate(values) if isinstance(v, Tensor)]
        passed = BackwardHookFunction.apply(report, *tensors)
        passed = passed if isinstance(passed, tuple) else (passed,)
        new = list(values)
        for i, t in zip(self.places[side], passed, strict=True):
            new[i] = t
        return tuple(new)

    def inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The positional arguments, watched."""
        if not self.after:
            return args
        args = self.relayed(0, args, self.input_grads)
        self.at_inputs = bool(self.places[0])
        return args

    def outputs(self, result: Any) -> Any:
        """The output, or each tensor of a tuple or list of outputs, watched."""
        if isinstance(result, Tensor):
            return self.relayed(1, (result,), self.output_grads)[0]
        if isinstance(result, (tuple, list)):
            watched = self.relayed(1, tuple(result), self.output_grads)
            if hasattr(result, "_fields"):
                return type(result)(*watched)
            return type(result)(watched)
        warnings.warn(
            "For backward hooks to be called, module output should be a Tensor or a tuple of "
            f"Tensors but received {type(result)}"
        )
        return result

    def full(self, side: int, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """Gradients at their places among all values; None for what has none."""
        every: list[Any] = [None] * self.counts[side]
        for i, g in zip(self.places[side], grads, strict=True):
            every[i] = g
        return tuple(every)

    def output_grads(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """The outputs' gradients are known: run the pre-hooks."""
        known = self.full(1, grads)
        for hook in self.before:
            known = replacement(hook(self.module, known), known)
        self.grad_outputs = known
        if not self.at_inputs:  # nothing upstream will report
            for hook in self.after:
                replaced = hook(self.module, (None,) * self.counts[0], known)
                if replaced is not None and any(r is not None for r in as_tuple(replaced)):
                    raise GraphError(
                        "Backward hook for Modules where no input requires gradient should "
                        "always return None or None for all gradients."
                    )
        return tuple(known[i] for i in self.places[1])

    def input_grads(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs' gradients are known: run the hooks."""
        known = self.full(0, grads)
        for hook in self.after:
            known = replacement(hook(self.module, known, self.grad_outputs), known)
        return tuple(known[i] for i in self.places[0])


def as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def replacement(returned: Any, known: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a backward hook returned in place of `known`, or `known`."""
    if returned is None:
        return known
    new = as_tuple(returned)
    if len(new) != len(known):
        raise GraphError(
            f"Backward hook returned an invalid number of grad_input, got {len(new)}, but "
            f"expected {len(known)}"
        )
    return new
