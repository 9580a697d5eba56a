"""torch.onnx: the questions programs ask; there is no exporter here."""

from __future__ import annotations

import enum
from typing import Any, NoReturn

from chainrule.errors import NotHereError


class TrainingMode(enum.Enum):
    """In which mode a model is exported."""

    EVAL = 0
    PRESERVE = 1
    TRAINING = 2


class OperatorExportTypes(enum.Enum):
    """How operators are exported."""

    ONNX = 0
    ONNX_ATEN = 1
    ONNX_ATEN_FALLBACK = 2
    ONNX_FALLTHROUGH = 3


def is_in_onnx_export() -> bool:
    """Always False."""
    return False


def export(*args: Any, **kwargs: Any) -> NoReturn:
    """Errors: there is no exporter here."""
    raise NotHereError(
        "torch.onnx.export is not in chainrule",
        fix="Save the weights (torch.save), and export from a torch installation.",
    )


def register_custom_op_symbolic(symbolic_name: str, symbolic_fn: Any, opset_version: int) -> None:
    """Kept for programs that call it on import; nothing is exported."""


def unregister_custom_op_symbolic(symbolic_name: str, opset_version: int) -> None:
    """Kept for programs that call it; nothing is exported."""
