"""What Python asks of a tensor (bool, float, len, copy, pickle), and torch's questions about it."""

from __future__ import annotations

import copy
import math
import warnings
from sys import _getframe
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.mode import mode
from chainrule.errors import ArgumentError, DeviceError, DimensionError, GraphError
from chainrule.functional.border import EXPORTS
from chainrule.graph import user_frame
from chainrule.tensor import Tensor, from_array

Array = Any

# ---- numbers ---------------------------------------------------------------------------------


def item(self: Tensor) -> Any:
    """The value of a tensor of one element as a Python number.  A number has no graph.

    Errors: more than one element, or none.

    >>> import chainrule as torch
    >>> torch.tensor([2.5]).item()
    2.5
    """
    array = self._array
    if array.size != 1:
        raise ArgumentError(f"a Tensor with {array.size} elements cannot be converted to Scalar",
                            [("tensor", self)], fix="Reduce it, or use tolist().")  # fmt: skip
    if self._node is not None:
        mode.item = user_frame(_getframe(1))
    return array.item() if array.dtype.kind != "V" else float(array.ravel()[0])


def tolist(self: Tensor) -> Any:
    """The values as nested lists of Python numbers; a number for a 0-d tensor.

    >>> import chainrule as torch
    >>> torch.tensor([[1, 2], [3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    array = self._array
    return (array if array.dtype.kind != "V" else array.astype(np.float32)).tolist()


def scalar(self: Tensor) -> Any:
    """The one element, for float() and its kin."""
    array = self._array
    if array.size != 1:
        raise ArgumentError("only one element tensors can be converted to Python scalars",
                            [("tensor", self)], fix="Reduce it, or use tolist().")  # fmt: skip
    node = self._node
    if node is not None:
        mode.item = user_frame(_getframe(2))
    return array.item() if array.dtype.kind != "V" else float(array.ravel()[0])


def __bool__(self: Tensor) -> bool:
    """The truth of one element; more, or none, have no truth."""
    array = self._array
    if array.size != 1:
        what = "more than one value" if array.size else "no values"
        raise ArgumentError(f"Boolean value of Tensor with {what} is ambiguous",
                            [("tensor", self)], fix="Use .any() or .all().")  # fmt: skip
    return bool(array)


def __float__(self: Tensor) -> float:
    value = scalar(self)
    if isinstance(value, complex):
        if value.imag:
            raise ArgumentError("value cannot be converted to type double without overflow",
                                [("tensor", self)], fix="Take .real first.")  # fmt: skip
        value = value.real
    if self._node is not None and self._node.op is not None:
        warnings.warn(
            "Converting a tensor with requires_grad=True to a scalar may lead to unexpected "
            "behavior.\nConsider using tensor.detach() first.", UserWarning, stacklevel=2,
        )  # fmt: skip
    return float(value)


def __int__(self: Tensor) -> int:
    value = scalar(self)
    return int(value.real if isinstance(value, complex) else value)


def __complex__(self: Tensor) -> complex:
    return complex(scalar(self))


def __index__(self: Tensor) -> int:
    array = self._array
    if array.size != 1 or array.dtype.kind not in "biu":
        raise ArgumentError(
            "only integer tensors of a single element can be converted to an index",
            [("tensor", self)],
            fix="Convert it: int(x.item()).",
        )
    return int(array.item())


def __reversed__(self: Tensor) -> Tensor:
    if self._array.ndim == 0:
        return self
    return self.flip(0)  # type: ignore[no-any-return]


# ---- copies ----------------------------------------------------------------------------------

OWN = frozenset(("_array", "_node", "_grad", "_cut", "_base", "_steps", "_views", "_untracked"))


def attributes(self: Tensor) -> dict[str, Any]:
    """What the user, or a subclass, has set on this tensor."""
    return {k: v for k, v in self.__dict__.items() if k not in OWN and k != "_post_accumulate"}


def __deepcopy__(self: Tensor, memo: Any) -> Tensor:
    """A copy with memory, gradient and attributes of its own.

    Errors: results of recorded operations cannot be copied with their graph.
    """
    if id(self) in memo:
        return memo[id(self)]  # type: ignore[no-any-return]
    if not self.is_leaf:
        raise GraphError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
            "protocol at the moment.",
            [("tensor", self)],
            fix="Copy x.detach(), or use x.clone() to stay in the graph.",
        )
    out: Tensor = from_array(np.array(self._array, order="K"), type(self))
    memo[id(self)] = out
    finish_copy(out, self._node is not None, copy.deepcopy(attributes(self), memo))
    if self._grad is not None:
        out._grad = copy.deepcopy(self._grad, memo)
    return out


def __copy__(self: Tensor) -> Tensor:
    """Another tensor object over the same memory."""
    out: Tensor = from_array(self._array, type(self))
    finish_copy(out, self._node is not None, attributes(self))
    return out


def finish_copy(out: Tensor, requires_grad: bool, extra: dict[str, Any]) -> None:
    out.__dict__.update(extra)
    if requires_grad:
        out.requires_grad_()


def rebuild(cls: Any, array: Array, requires_grad: bool, extra: dict[str, Any]) -> Tensor:
    """What a pickle calls."""
    out: Tensor = from_array(array, cls)
    finish_copy(out, requires_grad, extra)
    return out


def __reduce_ex__(self: Tensor, protocol: Any) -> Any:
    """Pickles hold values, requires_grad and attributes; not the graph, not the gradient."""
    return rebuild, (type(self), self._array, self._node is not None, attributes(self))


# ---- questions -------------------------------------------------------------------------------


def size(self: Tensor, dim: Any = None) -> Any:
    """The shape, or one of its sizes.

    >>> import chainrule as torch
    >>> x = torch.zeros(2, 3)
    >>> x.size(), x.size(-1)
    (torch.Size([2, 3]), 3)
    """
    shape = self._array.shape
    if dim is None:
        return dtypes.Size(shape)
    if not shape:
        raise DimensionError(f"Dimension specified as {dim} but tensor has no dimensions",
                             [("tensor", self)])  # fmt: skip
    try:
        return shape[dim]
    except IndexError:
        spec.normalize_axis(int(dim), len(shape))
        raise
    except TypeError:
        raise ArgumentError(f"size(): argument 'dim' must be int, not {type(dim).__name__}") \
            from None  # fmt: skip


def numel(input: Tensor) -> int:
    """The number of elements.

    >>> import chainrule as torch
    >>> torch.numel(torch.zeros(2, 3))
    6
    """
    return input._array.size  # type: ignore[no-any-return]


def is_floating_point(input: Tensor) -> bool:
    """Whether the dtype is floating."""
    return input._array.dtype.kind in "fV"


def is_complex(input: Tensor) -> bool:
    """Whether the dtype is complex."""
    return input._array.dtype.kind == "c"


def is_signed(input: Tensor) -> bool:
    """Whether the dtype has negative numbers."""
    return input._array.dtype.kind not in "ub"


def is_nonzero(input: Tensor) -> bool:
    """Whether the one element of `input` is not zero."""
    return __bool__(input)


def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether both have one shape."""
    return input._array.shape == other._array.shape


def is_conj(input: Tensor) -> bool:
    """Always False: conjugation is carried out at once here."""
    return False


def is_neg(input: Tensor) -> bool:
    """Always False: negation is carried out at once here."""
    return False


def is_inference(input: Tensor) -> bool:
    """Always False: tensors made in `inference_mode` are ordinary ones here."""
    return False


for _function in (
    numel, is_floating_point, is_complex, is_signed, is_nonzero, is_same_size, is_conj, is_neg,
    is_inference,
):  # fmt: skip
    EXPORTS[_function.__name__] = _function
    setattr(Tensor, _function.__name__, _function)


def is_tensor(obj: Any) -> bool:
    """Whether `obj` is a tensor.

    >>> import chainrule as torch
    >>> torch.is_tensor(torch.ones(1)), torch.is_tensor(1)
    (True, False)
    """
    return isinstance(obj, Tensor)


def typename(obj: Any) -> str:
    """The old type name of a tensor; module and class of anything else.

    >>> import chainrule as torch
    >>> torch.typename(torch.tensor([1]))
    'torch.LongTensor'
    """
    if isinstance(obj, Tensor):
        return obj.type()  # type: ignore[no-any-return]
    kind = obj if isinstance(obj, type) or hasattr(obj, "__qualname__") else type(obj)
    module = getattr(kind, "__module__", "") or ""
    name = getattr(kind, "__qualname__", type(kind).__name__)
    return name if module in ("builtins", "") else f"{module}.{name}"


EXPORTS["is_tensor"], EXPORTS["typename"] = is_tensor, typename


def first_byte(array: Array) -> int:
    """The lowest address of an array's memory."""
    return int(np.lib.array_utils.byte_bounds(array)[0])


def owner_of(self: Tensor) -> Array:
    from chainrule.storage import owner

    return owner(self._array)


def data_ptr(self: Tensor) -> int:
    """The address of the first element."""
    return self._array.__array_interface__["data"][0]  # type: ignore[no-any-return]


def storage_offset(self: Tensor) -> int:
    """How many elements lie between the beginning of the memory and the first element."""
    own = owner_of(self)
    return (data_ptr(self) - first_byte(own)) // max(self._array.itemsize, 1)


def stride(self: Tensor, dim: Any = None) -> Any:
    """The distance in memory, in elements, between neighbours along each dimension, or one.

    >>> import chainrule as torch
    >>> torch.zeros(2, 3).stride()
    (3, 1)
    """
    array = self._array
    n = array.itemsize
    steps = tuple(s // n for s in array.strides)
    if 0 in array.shape or 1 in array.shape:  # NumPy's strides are arbitrary there
        steps = meaningful(array.shape, steps)
    return steps if dim is None else steps[spec.normalize_axis(int(dim), len(steps))]


def meaningful(shape: tuple[int, ...], steps: tuple[int, ...]) -> tuple[int, ...]:
    """Strides where sizes of 0 and 1 leave them open: those of row-major order if it fits."""
    dense, step = [], 1
    for n in reversed(shape):
        dense.append(step)
        step *= max(n, 1)
    dense.reverse()
    fits = all(n < 2 or a == b for n, a, b in zip(shape, steps, dense, strict=True))
    return tuple(dense) if fits or 0 in shape else steps


def is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether both are the same view of the same memory."""
    a, b = self._array, tensor._array
    same = a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype
    return same and data_ptr(self) == data_ptr(tensor)


def pin_memory(self: Tensor, device: Any = None) -> Tensor:
    """Page-locked memory for transfers to a GPU.

    Errors: there is none here.
    """
    raise DeviceError("Cannot access accelerator device when none is available.",
                      fix="Leave pin_memory away, or ask torch.cuda.is_available().")  # fmt: skip


def apply_(self: Tensor, callable: Any) -> Tensor:
    """Replace each element by `callable(element)`; slow, for experiments."""
    if self._node is not None:
        raise GraphError("Can't call apply_() on Variable that requires grad. Use "
                         "var.detach().apply_() instead.")  # fmt: skip
    flat = [callable(v) for v in self._array.ravel().tolist()]
    return self.copy_(from_array(np.array(flat).astype(self._array.dtype).reshape(self.shape)))


def map_(self: Tensor, tensor: Tensor, callable: Any) -> Tensor:
    """Replace each element by `callable(element, element of the other)`; slow."""
    if self._node is not None or tensor._node is not None:
        raise GraphError("Can't call map_() on Variable that requires grad. Use "
                         "var.detach().map_() instead.")  # fmt: skip
    other = np.broadcast_to(tensor._array, self._array.shape).ravel().tolist()
    flat = [callable(a, b) for a, b in zip(self._array.ravel().tolist(), other, strict=True)]
    return self.copy_(from_array(np.array(flat).astype(self._array.dtype).reshape(self.shape)))


def map2_(self: Tensor, x: Tensor, y: Tensor, callable: Any) -> Tensor:
    """Replace each element by `callable` of it and the elements of two others; slow."""
    if any(t._node is not None for t in (self, x, y)):
        raise GraphError("Can't call map2_() on Variable that requires grad. Use "
                         "var.detach().map2_() instead.")  # fmt: skip
    shape = self._array.shape
    others = [np.broadcast_to(t._array, shape).ravel().tolist() for t in (x, y)]
    flat = [callable(*v) for v in zip(self._array.ravel().tolist(), *others, strict=True)]
    return self.copy_(from_array(np.array(flat).astype(self._array.dtype).reshape(self.shape)))


def dim_order(self: Tensor, ambiguity_check: Any = False) -> tuple[int, ...]:
    """The dimensions from the slowest in memory to the fastest.

    >>> import chainrule as torch
    >>> torch.zeros(2, 3).t().dim_order()
    (1, 0)
    """
    steps, shape = self._array.strides, self._array.shape
    if ambiguity_check is True and (1 in shape or len(set(steps)) < len(steps)):
        raise GraphError("The tensor does not have unique dim order, or cannot map to exact one of "
                         "the given memory formats.", [("tensor", self)])  # fmt: skip
    return tuple(sorted(range(len(shape)), key=lambda d: -steps[d]))


def module_load(self: Tensor, other: Tensor, assign: bool = False) -> Tensor:
    """What `Module.load_state_dict` puts in this parameter's place if tensors are swapped.

    >>> import chainrule as torch
    >>> torch.zeros(2).module_load(torch.ones(2))
    tensor([1., 1.])
    """
    return other.detach() if assign else self.copy_(other).detach()


def get_device(input: Tensor) -> int:
    """-1: the number of the CPU among devices."""
    return -1


def is_distributed(input: Tensor) -> bool:
    """Always False."""
    return False


def detach(input: Tensor) -> Tensor:
    """The same memory without graph: `Tensor.detach()`."""
    return input.detach()  # type: ignore[no-any-return]


def detach_(input: Tensor) -> Tensor:
    """Forget a tensor's graph: `Tensor.detach_()`."""
    return input.detach_()  # type: ignore[no-any-return]


for _function in (get_device, is_distributed, detach, detach_):
    EXPORTS[_function.__name__] = _function

METHODS: dict[str, Any] = {
    "nelement": numel,
    "dim": lambda self: self._array.ndim,
    "ndimension": lambda self: self._array.ndim,
    "element_size": lambda self: self._array.itemsize,
    "const_data_ptr": data_ptr,
    "get_device": get_device,
    "is_pinned": lambda self, device=None: False,
    "is_distributed": is_distributed,
    "has_names": lambda self: False,
}
DOCS = {
    "nelement": "The number of elements.",
    "dim": "The number of dimensions.",
    "ndimension": "The number of dimensions.",
    "element_size": "Bytes per element.",
    "is_pinned": "False: there is no page-locked memory without a GPU.",
    "has_names": "False: dimensions have no names.",
}
for _name, _method in METHODS.items():
    if _method.__name__ == "<lambda>":
        _method.__name__, _method.__doc__ = _name, DOCS[_name]
    setattr(Tensor, _name, _method)
for _method in (
    item, tolist, __bool__, __float__, __int__, __complex__, __index__, __reversed__,
    __deepcopy__, __copy__, __reduce_ex__, size, data_ptr, storage_offset, stride,
    is_set_to, pin_memory, apply_, map_, map2_,
    dim_order, module_load,
):  # fmt: skip
    setattr(Tensor, _method.__name__, _method)

FLAGS = {
    "is_cpu": True, "is_cuda": False, "is_sparse": False, "is_sparse_csr": False,
    "is_quantized": False, "is_meta": False, "is_mkldnn": False, "is_mps": False,
    "is_xpu": False, "is_vulkan": False, "is_ipu": False, "is_xla": False, "is_nested": False,
    "is_mtia": False, "is_maia": False, "name": None, "output_nr": 0,
}  # fmt: skip
for _name, _value in FLAGS.items():
    setattr(Tensor, _name, property(lambda self, _value=_value: _value, doc=f"{_value}."))

EXPORTS.update(e=math.e, pi=math.pi, inf=math.inf, nan=math.nan, newaxis=None)
