"""Pruning: parameters with a mask of zeros, by size, at random, by channel, or as given.

A pruned `weight` becomes the parameter `weight_orig` and the buffer `weight_mask`; `weight` itself
is their product, made anew before each forward.
"""

from __future__ import annotations

import numbers
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from chainrule.errors import ArgumentError, DimensionError
from chainrule.functional.border import EXPORTS
from chainrule.nn.utils.convert_parameters import parameters_to_vector


class BasePruningMethod(ABC):
    """A way to choose what is pruned: subclasses define `compute_mask` and `PRUNING_TYPE`.

    Types: "unstructured" (single elements), "structured" (slices along `dim`), "global".
    """

    PRUNING_TYPE = ""
    _tensor_name: Any = None

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask for `t`, which leaves out what `default_mask` leaves out already."""

    def apply_mask(self, module: Any) -> Any:
        """The original times the mask."""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned")
        mask = getattr(module, self._tensor_name + "_mask")
        original = getattr(module, self._tensor_name + "_orig")
        return mask.to(dtype=original.dtype) * original

    @classmethod
    def apply(
        cls, module: Any, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any
    ) -> Any:
        """Prune a parameter now, and before each forward; on top of what was pruned before."""
        method = cls._joined(module, name, cls(*args, **kwargs))
        original = getattr(module, name)
        if importance_scores is not None and importance_scores.shape != original.shape:
            raise AssertionError(
                "importance_scores should have the same shape as parameter "
                f"{name} of {module}, got {importance_scores.shape} vs {original.shape}"
            )
        first = not isinstance(method, PruningContainer)
        if first:
            module.register_parameter(name + "_orig", original)
            del module._parameters[name]
            default = EXPORTS["ones_like"](original)
        else:
            default = getattr(module, name + "_mask").detach().clone()
        scores = original if importance_scores is None else importance_scores
        try:
            mask = method.compute_mask(scores.detach(), default_mask=default)
            module.register_buffer(name + "_mask", mask)
            setattr(module, name, method.apply_mask(module))
            module.register_forward_pre_hook(method)
        except Exception:
            if first:
                module.register_parameter(name, getattr(module, name + "_orig"))
                del module._parameters[name + "_orig"]
            raise
        return method

    @staticmethod
    def _joined(module: Any, name: str, method: Any) -> Any:
        """The method, put into a container with the ones already at this parameter."""
        method._tensor_name = name
        hooks = module._forward_pre_hooks
        known = [k for k, hook in hooks.items()
                 if isinstance(hook, BasePruningMethod) and hook._tensor_name == name]  # fmt: skip
        if len(known) > 1:
            raise AssertionError(
                f"Avoid adding multiple pruning hooks to the same tensor {name} of module "
                f"{module}. Use a PruningContainer."
            )
        if not known:
            return method
        old = hooks.pop(known[0])
        container = old if isinstance(old, PruningContainer) else PruningContainer(old)
        container.add_pruning_method(method)
        return container

    def prune(self, t: Any, default_mask: Any = None, importance_scores: Any = None) -> Any:
        """A pruned copy of a tensor."""
        if importance_scores is not None and importance_scores.shape != t.shape:
            raise AssertionError(
                "importance_scores should have the same shape as tensor t, got "
                f"{importance_scores.shape} vs {t.shape}"
            )
        scores = t if importance_scores is None else importance_scores
        default = EXPORTS["ones_like"](t) if default_mask is None else default_mask
        return t * self.compute_mask(scores, default_mask=default)

    def remove(self, module: Any) -> None:
        """Make the pruning permanent: one parameter again, with zeros in it."""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned before pruning can be removed")
        name = self._tensor_name
        weight = self.apply_mask(module)
        if hasattr(module, name):
            delattr(module, name)
        original = module._parameters[name + "_orig"]
        original.data = weight.data
        del module._parameters[name + "_orig"], module._buffers[name + "_mask"]
        setattr(module, name, original)


class PruningContainer(BasePruningMethod):
    """Pruning methods one after another at the same parameter."""

    def __init__(self, *args: Any) -> None:
        self._pruning_methods: tuple[Any, ...] = ()
        if len(args) == 1:
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: Any) -> None:
        """Put a method at the end."""
        if method is not None and not isinstance(method, BasePruningMethod):
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method is not None and self._tensor_name != method._tensor_name:
            raise ArgumentError(
                "Can only add pruning methods acting on the parameter named "
                f"'{self._tensor_name}' to PruningContainer {self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._pruning_methods)

    def __getitem__(self, idx: Any) -> Any:
        return self._pruning_methods[idx]

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The last method's mask for what the ones before have left."""
        method = self._pruning_methods[-1]
        n = t.ndim
        index: Any
        if method.PRUNING_TYPE == "unstructured":
            index = default_mask == 1
        elif method.PRUNING_TYPE == "structured":
            if not hasattr(method, "dim"):
                raise AttributeError(
                    'Pruning methods of PRUNING_TYPE "structured" need to have the attribute '
                    "`dim` defined."
                )
            dim = method.dim + n if method.dim < 0 else method.dim
            if dim < 0:
                raise DimensionError(f"Index is out of bounds for tensor with dimensions {n}")
            kept = default_mask.sum(dim=[d for d in range(n) if d != dim]) != 0
            index = (*(slice(None),) * dim, kept)
        elif method.PRUNING_TYPE == "global":
            index = (slice(None),) * n
        else:
            raise ArgumentError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        mask = default_mask.to(dtype=t.dtype).clone()
        part = method.compute_mask(t[index], default_mask=default_mask[index])
        mask[index] = part.to(dtype=mask.dtype)
        return mask


class Identity(BasePruningMethod):
    """Prunes nothing, but makes the parameter's mask."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask as it was."""
        return default_mask


class _Counted(BasePruningMethod):
    """Methods that prune an amount: a share in [0, 1], or a number of units."""

    def __init__(self, amount: Any) -> None:
        if not isinstance(amount, numbers.Real):
            raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
        whole = isinstance(amount, numbers.Integral)
        if amount < 0 or (not whole and amount > 1.0):
            raise ArgumentError(
                f"amount={amount} should either be a float in the range [0, 1] or a non-negative "
                "integer"
            )
        self.amount = amount

    def number(self, size: int) -> int:
        """How many of `size` units to prune."""
        if not isinstance(self.amount, numbers.Integral):
            return round(self.amount * size)  # type: ignore[no-any-return]
        if self.amount > size:
            raise ArgumentError(
                f"amount={self.amount} should be smaller than the number of parameters to "
                f"prune={size}"
            )
        return int(self.amount)


class _Unstructured(_Counted):
    PRUNING_TYPE = "unstructured"

    def lowest(self, t: Any, count: int) -> Any:
        """The flat indices of the `count` elements to prune."""
        raise NotImplementedError

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Zeros at the elements to prune."""
        count = self.number(t.numel())
        mask = default_mask.clone()
        if count:
            mask.view(-1)[self.lowest(t, count)] = 0
        return mask


class RandomUnstructured(_Unstructured):
    """Prunes single elements at random."""

    def lowest(self, t: Any, count: int) -> Any:
        """Those for which the largest numbers are drawn."""
        return EXPORTS["topk"](EXPORTS["rand_like"](t).view(-1), k=count).indices


class L1Unstructured(_Unstructured):
    """Prunes the elements of smallest magnitude."""

    def lowest(self, t: Any, count: int) -> Any:
        """Those of smallest magnitude."""
        return EXPORTS["topk"](t.abs().reshape(-1), k=count, largest=False).indices


class _Structured(_Counted):
    PRUNING_TYPE = "structured"

    def __init__(self, amount: Any, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    def kept(self, t: Any, size: int, count: int) -> Any:
        """An index of the slices along `dim` that stay."""
        raise NotImplementedError

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Zeros in the slices to prune."""
        if t.ndim <= 1:
            raise ArgumentError(
                "Structured pruning can only be applied to multidimensional tensors. Found tensor "
                f"of shape {t.shape} with {t.ndim} dims"
            )
        if self.dim >= t.ndim:
            raise DimensionError(f"Invalid index {self.dim} for tensor of size {t.shape}")
        size = t.shape[self.dim]
        count = self.number(size)
        kept = self.kept(t, size, count)
        if count == 0:
            return default_mask
        mask = EXPORTS["zeros_like"](t)
        mask[(*(slice(None),) * (self.dim % t.ndim), kept)] = 1
        return mask * default_mask.to(dtype=mask.dtype)


class RandomStructured(_Structured):
    """Prunes whole slices at random."""

    def kept(self, t: Any, size: int, count: int) -> Any:
        """Those whose drawn number is above the count-th smallest."""
        if count == 0:
            return None
        drawn = EXPORTS["rand"](size)
        return drawn > EXPORTS["kthvalue"](drawn, k=count).values


class LnStructured(_Structured):
    """Prunes the slices of smallest n-norm."""

    def __init__(self, amount: Any, n: Any, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def kept(self, t: Any, size: int, count: int) -> Any:
        """Those of largest norm."""
        rest = [d for d in range(t.ndim) if d != self.dim % t.ndim]
        norm = EXPORTS["norm"](t, p=self.n, dim=rest)
        return EXPORTS["topk"](norm, k=size - count, largest=True).indices


class CustomFromMask(BasePruningMethod):
    """Prunes where a given mask is zero."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The given mask times the one before."""
        if default_mask.shape != self.mask.shape:
            raise AssertionError(
                f"default_mask shape {default_mask.shape} must match self.mask shape "
                f"{self.mask.shape}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)


def identity(module: Any, name: str) -> Any:
    """Make the mask of a parameter without pruning anything.

    >>> import chainrule as torch
    >>> list(torch.nn.utils.prune.identity(torch.nn.Linear(2, 1), "bias").state_dict())
    ['weight', 'bias_orig', 'bias_mask']
    """
    Identity.apply(module, name)
    return module


def random_unstructured(module: Any, name: str, amount: Any) -> Any:
    """Prune elements at random: a share (float) or a number (int) of them.

    >>> import chainrule as torch
    >>> layer = torch.nn.utils.prune.random_unstructured(torch.nn.Linear(4, 2), "weight", 0.5)
    >>> layer.weight_mask.sum()
    tensor(4.)
    """
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: Any, name: str, amount: Any, importance_scores: Any = None) -> Any:
    """Prune the elements of smallest magnitude, or of smallest score.

    >>> import chainrule as torch
    >>> layer = torch.nn.utils.prune.l1_unstructured(torch.nn.Linear(4, 2), "weight", 2)
    >>> int((layer.weight == 0).sum())
    2
    """
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module: Any, name: str, amount: Any, dim: int) -> Any:
    """Prune slices along `dim` at random.

    >>> import chainrule as torch
    >>> layer = torch.nn.utils.prune.random_structured(torch.nn.Linear(4, 3), "weight", 1, dim=0)
    >>> int((layer.weight == 0).all(1).sum())
    1
    """
    RandomStructured.apply(module, name, amount, dim=dim)
    return module


def ln_structured(
    module: Any, name: str, amount: Any, n: Any, dim: int, importance_scores: Any = None
) -> Any:
    """Prune the slices along `dim` of smallest n-norm.

    >>> import chainrule as torch
    >>> layer = torch.nn.utils.prune.ln_structured(torch.nn.Linear(4, 3), "weight", 1, n=2, dim=0)
    >>> int((layer.weight == 0).all(1).sum())
    1
    """
    LnStructured.apply(module, name, amount, n, dim=dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: Any, name: str, mask: Any) -> Any:
    """Prune where `mask` is zero.

    >>> import chainrule as torch
    >>> layer = torch.nn.Linear(2, 1, bias=False)
    >>> _ = torch.nn.utils.prune.custom_from_mask(layer, "weight", torch.tensor([[1, 0]]))
    >>> layer.weight[0, 1].item() == 0
    True
    """
    CustomFromMask.apply(module, name, mask=mask)
    return module


def global_unstructured(
    parameters: Any, pruning_method: Any, importance_scores: Any = None, **kwargs: Any
) -> None:
    """Prune across several parameters, (module, name) pairs, as if they were one.

    >>> import chainrule as torch
    >>> from chainrule.nn.utils import prune
    >>> a, b = torch.nn.Linear(4, 2), torch.nn.Linear(4, 2)
    >>> pairs = [(a, "weight"), (b, "weight")]
    >>> prune.global_unstructured(pairs, prune.L1Unstructured, amount=6)
    >>> int(a.weight_mask.sum() + b.weight_mask.sum())
    10
    """
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    parameters = list(parameters)
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    joined = parameters_to_vector(
        [scores.get((module, name), getattr(module, name)) for module, name in parameters]
    )
    masks = [getattr(module, name + "_mask", None) for module, name in parameters]
    default = parameters_to_vector([
        EXPORTS["ones_like"](getattr(module, name)) if mask is None else mask
        for (module, name), mask in zip(parameters, masks, strict=True)
    ])  # fmt: skip
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    method._tensor_name = "temp"
    final = PruningContainer(method).compute_mask(joined.detach(), default)
    start = 0
    for module, name in parameters:
        value = getattr(module, name)
        part = final[start : start + value.numel()].view_as(value)
        custom_from_mask(module, name, mask=part)
        start += value.numel()


def remove(module: Any, name: str) -> Any:
    """Make the pruning of a parameter permanent.

    Errors: ValueError where it is not pruned.

    >>> import chainrule as torch
    >>> layer = torch.nn.utils.prune.identity(torch.nn.Linear(2, 1), "weight")
    >>> sorted(torch.nn.utils.prune.remove(layer, "weight").state_dict())
    ['bias', 'weight']
    """
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ArgumentError(
        f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed"
    )


def is_pruned(module: Any) -> bool:
    """Whether a module or one inside it is pruned.

    >>> import chainrule as torch
    >>> torch.nn.utils.prune.is_pruned(torch.nn.Linear(2, 1))
    False
    """
    return any(
        isinstance(hook, BasePruningMethod)
        for _, inner in module.named_modules()
        for hook in inner._forward_pre_hooks.values()
    )
