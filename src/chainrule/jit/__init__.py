"""torch.jit as transparent wrappers: scripted and traced code runs as the Python it is."""

from __future__ import annotations

from typing import Final as Final

from chainrule.futures import Future as Future
from chainrule.jit.marks import (
    Attribute,
    Error,
    TracerWarning,
    TracingCheckError,
    _overload,
    _overload_method,
    annotate,
    enable_onednn_fusion,
    export,
    fork,
    fuser,
    ignore,
    interface,
    is_scripting,
    is_tracing,
    isinstance,
    onednn_fusion_enabled,
    optimized_execution,
    script_if_tracing,
    set_fusion_strategy,
    strict_fusion,
    unused,
    wait,
)
from chainrule.jit.modules import (
    RecursiveScriptModule,
    ScriptFunction,
    ScriptModule,
    TopLevelTracedModule,
    TracedModule,
    freeze,
    load,
    optimize_for_inference,
    run_frozen_optimizations,
    save,
    script,
    script_method,
    trace,
    trace_module,
)

__all__ = [
    "Attribute", "Error", "Final", "Future", "RecursiveScriptModule", "ScriptFunction",
    "ScriptModule", "TopLevelTracedModule", "TracedModule", "TracerWarning", "TracingCheckError",
    "_overload", "_overload_method", "annotate", "enable_onednn_fusion", "export", "fork",
    "freeze", "fuser", "ignore", "interface", "is_scripting", "is_tracing", "isinstance", "load",
    "onednn_fusion_enabled", "optimize_for_inference", "optimized_execution",
    "run_frozen_optimizations", "save", "script", "script_if_tracing", "script_method",
    "set_fusion_strategy", "strict_fusion", "trace", "trace_module", "unused", "wait",
]  # fmt: skip
