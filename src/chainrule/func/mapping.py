"""vmap: a function of one sample, applied to a batch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import chainrule as torch
from chainrule.errors import ArgumentError


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """A function that maps `func` over a dimension of its arguments and stacks what it gives.

    The samples are computed one after another; results and gradients are torch's, its speed is
    not.

    Args:
        in_dims: the dimension to map over: one for all arguments, or nested as they are; None
            for arguments every sample shares.
        out_dims: where the batch dimension goes in the results.
        randomness: whether random functions may be called: "error", no; "different", each sample
            draws numbers of its own; "same", all samples get the numbers of the first.

    Errors: no argument to map over; sizes that differ; results that are no tensors; random
    functions without `randomness`.

    >>> import chainrule as torch
    >>> torch.vmap(torch.dot)(torch.ones(3, 2), torch.ones(3, 2))
    tensor([2., 2., 2.])
    """

    if randomness not in ("error", "different", "same"):
        raise ArgumentError(
            f"Only allowed values for randomness are 'error', 'different', or 'same'. "
            f"Got {randomness}"
        )

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        dims = in_dims if isinstance(in_dims, (tuple, list)) else [in_dims] * len(args)
        if len(dims) != len(args):
            raise ArgumentError(f"vmap: in_dims has {len(dims)} entries for {len(args)} arguments")
        sizes = {s for a, d in zip(args, dims, strict=True) for s in mapped_sizes(a, d)} | {
            s for v in kwargs.values() for s in mapped_sizes(v, 0)
        }
        if not sizes:
            raise ArgumentError(
                "vmap: at least one argument must be a Tensor to map over",
                fix="Give an in_dims entry that is not None.",
            )
        if len(sizes) > 1:
            raise ArgumentError(
                "vmap: Expected all tensors to have the same size in the mapped "
                f"dimension, got sizes {sorted(sizes)} for the mapped dimension"
            )
        draws = Draws(randomness)
        results = []
        for i in range(sizes.pop()):
            draws.begin()
            given = [sample(a, d, i) for a, d in zip(args, dims, strict=True)]
            results.append(func(*given, **{k: sample(v, 0, i) for k, v in kwargs.items()}))
        draws.end()
        return stacked(results, out_dims)

    return wrapper


class Draws:
    """What the samples of one vmap may draw from the default generator."""

    def __init__(self, randomness: str) -> None:
        self.randomness = randomness
        self.state: Any = None  # before the first sample

    def begin(self) -> None:
        """A sample is about to be computed."""
        if self.randomness == "different":
            return
        if self.state is None:
            self.state = torch.get_rng_state()
        elif self.randomness == "same":
            torch.set_rng_state(self.state)

    def end(self) -> None:
        """All samples are computed.

        Errors: one has drawn, and may not.
        """
        if self.randomness == "error" and not torch.equal(torch.get_rng_state(), self.state):
            raise ArgumentError(
                "vmap: called random operation while in randomness error mode.",
                fix="Use vmap(..., randomness='different') or randomness='same'.",
            )


def entries(tree: Any, dims: Any) -> list[tuple[Any, Any]] | None:
    """A container's children with their dims; None for a leaf."""
    if isinstance(tree, dict):
        return [(v, dims[k] if isinstance(dims, dict) else dims) for k, v in tree.items()]
    if isinstance(tree, (list, tuple)):
        nested = isinstance(dims, (list, tuple))
        return [(v, dims[i] if nested else dims) for i, v in enumerate(tree)]
    return None


def mapped_sizes(tree: Any, dims: Any) -> set[int]:
    """The sizes of the mapped dimensions of a tree of tensors."""
    children = entries(tree, dims)
    if children is not None:
        return {s for child, d in children for s in mapped_sizes(child, d)}
    return {tree.shape[dims]} if isinstance(tree, torch.Tensor) and dims is not None else set()


def sample(tree: Any, dims: Any, i: int) -> Any:
    """One sample of a tree of tensors."""
    children = entries(tree, dims)
    if children is not None:
        parts = [sample(child, d, i) for child, d in children]
        if isinstance(tree, dict):
            return type(tree)(zip(tree, parts, strict=True))
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return tree.select(dims, i) if isinstance(tree, torch.Tensor) and dims is not None else tree


def stacked(results: list[Any], dims: Any) -> Any:
    """The results of all samples as one, stacked tensor by tensor."""
    first = results[0]
    if isinstance(first, torch.Tensor):
        return first if dims is None else torch.stack(results, dims)
    if isinstance(first, dict):
        return type(first)(
            (k, stacked([r[k] for r in results], dims[k] if isinstance(dims, dict) else dims))
            for k in first
        )
    if isinstance(first, (list, tuple)):
        nested = isinstance(dims, (list, tuple))
        parts = [
            stacked([r[i] for r in results], dims[i] if nested else dims) for i in range(len(first))
        ]
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
    raise ArgumentError(f"vmap: the function must give tensors, got type {type(first).__name__}")
