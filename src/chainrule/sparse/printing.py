"""How sparse tensors look: their indices and values as dense tensors, then size and layout."""

from __future__ import annotations

from typing import Any

from chainrule import spec
from chainrule.functional.printing import OPTIONS, body
from chainrule.graph import grad_name
from chainrule.sparse.tensor import NAMES, CooTensor, SparseTensor


def part(name: str, array: Any) -> str:
    """`name=tensor(...)` of an index or value array, indented by where its numbers stand."""
    prefix = f"{name}=tensor("
    column = len("tensor(") + len(prefix)
    text = prefix + ("[]" if array.size == 0 else body(array, column))
    if array.size == 0:
        text += f", size={tuple(array.shape)}"
    elif array.dtype == "int32" and name != "values":
        text += ", dtype=torch.int32"
    return text + ")"


def text_of(self: Any, *, tensor_contents: Any = None) -> str:
    """The tensor as torch prints it."""
    indent = " " * len("tensor(")
    values = self._v._array
    suffixes = [f"size={tuple(self._size)}", f"nnz={values.shape[0]}"]
    floating = spec.Defaults.floating
    usual = (floating, spec.complex_of(floating), spec.INT64, spec.BOOL)
    if self.dtype.dtype not in usual:
        suffixes.append(f"dtype={self.dtype}")
    suffixes.append(f"layout={self.layout}")
    if isinstance(self, CooTensor):
        lines = [part("indices", self._i), part("values", values)]
    else:
        first, second = (("crow_indices", "col_indices") if NAMES[self._layout][0] == 0 else
                         ("ccol_indices", "row_indices"))  # fmt: skip
        lines = [part(first, self._outer), part(second, self._inner), part("values", values)]
    node = self._node
    if node is not None:
        suffixes.append("requires_grad=True" if node.op is None else f"grad_fn=<{shown(node)}>")
    text = "tensor(" + (",\n" + indent).join(lines)
    if isinstance(self, CooTensor):
        text += ",\n" + indent + suffixes.pop(0)
    column = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if column + len(suffix) + 2 > OPTIONS.linewidth:
            text += ",\n" + indent + suffix
            column = len(indent) + len(suffix)
        else:
            text += ", " + suffix
            column += len(suffix) + 2
    return text + ")"


def shown(node: Any) -> str:
    return grad_name(node)


SparseTensor.__repr__ = SparseTensor.__str__ = text_of  # type: ignore
