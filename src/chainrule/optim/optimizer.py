"""What all optimisers share: parameter groups, state, hooks, saving and loading."""

from __future__ import annotations

import functools
import itertools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from chainrule.autograd import RemovableHandle, enable_grad
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor, from_array

required = object()  # as a default: a value that every parameter group must give
_hook_ids = itertools.count(1)
_all_step_pre_hooks: OrderedDict[int, Any] = OrderedDict()
_all_step_post_hooks: OrderedDict[int, Any] = OrderedDict()
HOOKS = ("step_pre", "step_post", "state_dict_pre", "state_dict_post", "load_state_dict_pre",
         "load_state_dict_post")  # fmt: skip


class Optimizer:
    """Base of all optimisers: changes parameters in place from their gradients.

    A subclass calls `super().__init__(params, defaults)` and defines `step(closure=None)`.
    Parameters are tensors, `(name, tensor)` pairs, or dicts: groups with options of their own.

    Errors: an empty list, tensors that are not leaves, parameters that stand in two groups.

    >>> import chainrule as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0., 0.], requires_grad=True)
    """

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise ArgumentError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {type(params).__name__}", [("params", params)], fix="Put it in a list.",
            )  # fmt: skip
        self.defaults = defaults
        self._make_hooks()
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups = list(params)
        if not groups:
            raise ArgumentError("optimizer got an empty parameter list",
                                fix="Does the model have parameters? A generator of them is used "
                                "up after one pass.")  # fmt: skip
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = hooked(cls.__dict__["step"])  # type: ignore[method-assign]

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change the parameters once.  A closure computes the loss and its gradients first."""
        raise NotImplementedError

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or fill them with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                grad = p._grad
                if grad is None:
                    continue
                if set_to_none:
                    p._grad = None
                    continue
                if grad.is_sparse:
                    grad.detach_().zero_()
                    continue
                grad._node = None
                if grad._array.flags.writeable and 0 not in grad._array.strides:
                    grad._array[...] = 0
                else:  # memory that autograd shares
                    grad._array = np.zeros(grad._array.shape, grad._array.dtype)

    # ---- groups ----------------------------------------------------------------------------

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimise further parameters, with options of their own: `{"params": ..., "lr": ...}`."""
        if not isinstance(param_group, dict):
            raise ArgumentError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, Tensor):
            params = [params]
        elif isinstance(params, set):
            raise ArgumentError(
                "optimizer parameters need to be organized in ordered collections, but the "
                "ordering of tensors in sets will change between runs. Please use a list instead."
            )
        params = list(params)
        names = [p[0] for p in params if isinstance(p, tuple)]
        if names:
            if len(names) != len(params):
                raise ArgumentError("all optimizer params should be with/without names. Some "
                                    "param names are missing")  # fmt: skip
            param_group["param_names"] = names
            params = [p[1] for p in params]
        param_group["params"] = params
        self._check_params(params)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ArgumentError("parameter group didn't specify a value of required "
                                    f"optimization parameter {name}")  # fmt: skip
            param_group.setdefault(name, default)
        known: set[int] = set()
        for group in self.param_groups:
            known.update(map(id, group["params"]))
            if ("param_names" in param_group) != ("param_names" in group):
                word = "with" if "param_names" in param_group else "without"
                raise ArgumentError(
                    "all optimizer param groups should be with/without names. cannot add param "
                    f"group {word} names to the optimizer"
                )
        if not known.isdisjoint(map(id, params)):
            raise ArgumentError("some parameters appear in more than one parameter group",
                                fix="Leave them out of one of the groups.")  # fmt: skip
        self.param_groups.append(param_group)

    def _check_params(self, params: list[Any]) -> None:
        for p in params:
            if not isinstance(p, Tensor):
                raise ArgumentError("optimizer can only optimize Tensors, but one of the params is "
                                    f"{type(p).__name__}")  # fmt: skip
            if not p.is_leaf and not getattr(p, "retains_grad", False):
                raise ArgumentError(
                    "can't optimize a non-leaf Tensor", [("tensor", p)],
                    fix="Optimise what it was computed from, or its .detach().requires_grad_().",
                )  # fmt: skip
        if len(set(map(id, params))) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this "
                "will cause an error; see github.com/pytorch/pytorch/issues/40967 for more "
                "information",
                stacklevel=4,
            )

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {k}: {group[k]}" for k in sorted(group) if k != "params"]
        return "\n".join([*lines, ")"])

    # ---- hooks -----------------------------------------------------------------------------

    def _make_hooks(self) -> None:
        for name in HOOKS:
            self.__dict__.setdefault(f"_optimizer_{name}_hooks", OrderedDict())

    def _hooks(self, name: str) -> list[Any]:
        return list(self.__dict__[f"_optimizer_{name}_hooks"].values())

    def _register(self, name: str, hook: Any, prepend: bool = False) -> RemovableHandle:
        hooks = self.__dict__[f"_optimizer_{name}_hooks"]
        handle = RemovableHandle(hooks, next(_hook_ids))
        hooks[handle.id] = hook
        if prepend:
            hooks.move_to_end(handle.id, last=False)
        return handle

    def register_step_pre_hook(self, hook: Any) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before each step; it may return new ones."""
        return self._register("step_pre", hook)

    def register_step_post_hook(self, hook: Any) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after each step."""
        return self._register("step_post", hook)

    def register_state_dict_pre_hook(self, hook: Any, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` before state_dict()."""
        return self._register("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook: Any, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` after state_dict(); it may return another."""
        return self._register("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Any, prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before load_state_dict(); it may return another."""
        return self._register("load_state_dict_pre", hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Any, prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer)` after load_state_dict()."""
        return self._register("load_state_dict_post", hook, prepend)

    # ---- saving and loading ------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """The state and the options, with numbers in place of parameters, as torch lays them out.

        >>> import chainrule as torch
        >>> torch.optim.SGD([torch.ones(2)], lr=0.1).state_dict()["param_groups"][0]["params"]
        [0]
        """
        for hook in self._hooks("state_dict_pre"):
            hook(self)
        number: dict[int, int] = {}
        groups = []
        start = 0
        for group in self.param_groups:
            packed = {k: v for k, v in group.items() if k != "params"}
            for i, p in enumerate(group["params"], start):
                number.setdefault(id(p), i)
            packed["params"] = [number[id(p)] for p in group["params"]]
            start += len(packed["params"])
            groups.append(packed)
        state = {number[id(k)] if isinstance(k, Tensor) else k: v for k, v in self.state.items()}
        result = {"state": state, "param_groups": groups}
        for hook in self._hooks("state_dict_post"):
            changed = hook(self, result)
            result = result if changed is None else changed
        return result

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what state_dict() gave.

        Errors: the groups must be as many, and as long, as this optimizer's.
        """
        state_dict = dict(state_dict)
        for hook in self._hooks("load_state_dict_pre"):
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        saved = deepcopy(state_dict["param_groups"])
        if len(saved) != len(self.param_groups):
            raise ArgumentError("loaded state dict has a different number of parameter groups: "
                                f"{len(saved)}, not {len(self.param_groups)}")  # fmt: skip
        pairs = list(zip(self.param_groups, saved, strict=True))
        if any(len(ours["params"]) != len(theirs["params"]) for ours, theirs in pairs):
            raise ArgumentError("loaded state dict contains a parameter group that doesn't match "
                                "the size of optimizer's group")  # fmt: skip
        numbers = chain.from_iterable(theirs["params"] for _, theirs in pairs)
        params = chain.from_iterable(ours["params"] for ours, _ in pairs)
        param_of = dict(zip(numbers, params, strict=True))
        state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in param_of:
                state[param_of[key]] = in_dtype_of(param_of[key], value)
            else:
                state[key] = value
        for ours, theirs in pairs:
            theirs["params"] = ours["params"]
            if "param_names" in ours:
                theirs.setdefault("param_names", ours["param_names"])
        self.__setstate__({"state": state, "param_groups": saved})
        for hook in self._hooks("load_state_dict_post"):
            hook(self)

    def __getstate__(self) -> dict[str, Any]:
        return {k: self.__dict__[k] for k in ("defaults", "state", "param_groups")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._make_hooks()
        for group in self.param_groups:
            for name, default in self.defaults.items():
                group.setdefault(name, default)


def in_dtype_of(param: Tensor, value: Any, key: Any = None) -> Any:
    """Loaded state in the parameter's dtype; the step count stays as it is."""
    if isinstance(value, Tensor):
        if key == "step" or param._array.dtype.kind not in "fV":
            return value
        return value.to(param.dtype)
    if isinstance(value, dict):
        return {k: in_dtype_of(param, v, k) for k, v in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return type(value)(in_dtype_of(param, v) for v in value)  # type: ignore[call-arg]
    return value


def hooked(step: Any) -> Any:
    """`step` with the hooks around it."""
    if getattr(step, "hooked", False):
        return step

    @functools.wraps(step)
    def call(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        before, after = self._optimizer_step_pre_hooks, self._optimizer_step_post_hooks  # type: ignore
        if not (before or after or _all_step_pre_hooks or _all_step_post_hooks):
            return step(self, *args, **kwargs)
        given: tuple[Any, ...] = (self, *args)
        for hook in (*_all_step_pre_hooks.values(), *before.values()):
            changed = hook(self, given, kwargs)
            if changed is not None:
                if not isinstance(changed, tuple) or len(changed) != 2:
                    raise ArgumentError(f"{hook} must return None or a tuple of (new_args, "
                                        f"new_kwargs), but got {changed}.")  # fmt: skip
                given, kwargs = changed
        out = step(*given, **kwargs)
        for hook in (*after.values(), *_all_step_post_hooks.values()):
            hook(self, given, kwargs)
        return out

    call.hooked = True  # type: ignore[attr-defined]
    return call


def register_optimizer_step_pre_hook(hook: Any) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` before the steps of all optimisers."""
    handle = RemovableHandle(_all_step_pre_hooks, next(_hook_ids))
    _all_step_pre_hooks[handle.id] = hook
    return handle


def register_optimizer_step_post_hook(hook: Any) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` after the steps of all optimisers."""
    handle = RemovableHandle(_all_step_post_hooks, next(_hook_ids))
    _all_step_post_hooks[handle.id] = hook
    return handle


def loss_of(closure: Any) -> Any:
    """What the closure returns, computed with gradients on; None without one."""
    if closure is None:
        return None
    with enable_grad():
        return closure()


def refuse_sparse(optimizer: Optimizer, p: Tensor) -> None:
    """Raise torch's error for a sparse gradient."""
    name = type(optimizer).__name__
    name = "Adam" if name == "AdamW" else name
    rest = ", please consider SparseAdam instead" if name == "Adam" else ""
    raise ArgumentError(f"{name} does not support sparse gradients{rest}", [("parameter", p)],
                        fix="SGD, Adagrad and SparseAdam take them.")  # fmt: skip


def number(value: Any) -> float:
    """An option as a float; learning rates may be tensors."""
    return value._array.item() if isinstance(value, Tensor) else value


def zeros_like(p: Tensor) -> Tensor:
    """A state tensor."""
    return from_array(np.zeros_like(p._array, subok=False))  # type: ignore[no-any-return]


def scalar(value: float = 0.0) -> Tensor:
    """A number in the state, kept as torch keeps it: a 0-d float32 tensor."""
    return from_array(np.array(value, np.float32))  # type: ignore[no-any-return]


def check(what: str, value: Any, fits: bool) -> None:
    """Raise torch's ValueError for an option outside its range."""
    if not fits:
        raise ArgumentError(f"Invalid {what}: {value}")


def check_common(
    lr: Any, eps: Any = 0.0, weight_decay: Any = 0.0, *, foreach: Any = None, fused: Any = None,
    differentiable: Any = False,
) -> None:  # fmt: skip
    """The checks that most optimisers share."""
    if isinstance(lr, Tensor) and lr._array.size != 1:
        raise ArgumentError("Tensor lr must be 1-element", [("lr", lr)])
    check("learning rate", lr, number(lr) >= 0.0)
    check("epsilon value", eps, eps >= 0.0)
    check("weight_decay value", weight_decay, number(weight_decay) >= 0.0)
    if fused and foreach:
        raise ArgumentError("`fused` and `foreach` cannot be `True` together.")
    if differentiable:
        if fused:
            raise ArgumentError("`fused` does not support `differentiable`")
        raise ArgumentError(
            "differentiable=True is not supported: a step here writes into the parameters' memory",
            fix="Write the update with tensor operations to differentiate through it.",
        )


__all__ = ["Optimizer", "register_optimizer_step_post_hook",
           "register_optimizer_step_pre_hook", "required"]  # fmt: skip
