"""torch._dynamo: the names programs set and ask for; nothing is compiled here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule._dynamo import config as config
from chainrule._dynamo import eval_frame as eval_frame
from chainrule.compiler import OptimizedModule as OptimizedModule
from chainrule.compiler import allow_in_graph as allow_in_graph
from chainrule.compiler import assume_constant_result as assume_constant_result
from chainrule.compiler import disable as disable
from chainrule.compiler import is_compiling as is_compiling
from chainrule.compiler import list_backends as list_backends
from chainrule.compiler import reset as reset


def optimize(backend: Any = "inductor", **options: Any) -> Callable[[Any], Any]:
    """A decorator that returns what it is given."""
    return lambda function: function


def mark_dynamic(t: Any, index: Any, **options: Any) -> None:
    """Nothing: there are no compiled shapes."""


mark_static = maybe_mark_dynamic = mark_dynamic


def graph_break(msg: str = "") -> None:
    """Nothing: there is no compiled graph to break."""
