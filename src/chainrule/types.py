"""torch.types: names for annotations."""

from __future__ import annotations

import builtins
import os
from collections.abc import Sequence
from typing import Any, TypeAlias

from chainrule import dtypes
from chainrule.dtypes import Size
from chainrule.tensor import Tensor

_bool = builtins.bool
_int = builtins.int
_float = builtins.float
_complex = builtins.complex
_dtype = dtypes.dtype
_device = dtypes.device
_layout = dtypes.layout
_size: TypeAlias = Size | list[int] | tuple[int, ...]
_symsize: TypeAlias = Size | Sequence[int]
_dispatchkey: TypeAlias = str

Number: TypeAlias = int | float | bool
Device: TypeAlias = dtypes.device | str | int | None
FileLike: TypeAlias = str | os.PathLike[str] | Any
IntLikeType: TypeAlias = int
FloatLikeType: TypeAlias = float
BoolLikeType: TypeAlias = bool
TensorOrTensors: TypeAlias = Tensor | Sequence[Tensor]
Storage: TypeAlias = Any

__all__ = ["Device", "FileLike", "Number", "Storage"]
