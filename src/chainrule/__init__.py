"""chainrule: automatic differentiation and deep learning whose gradients can be read.

`import chainrule as torch` is the supported way in: names, arguments, defaults and errors are
those of PyTorch 2.13.  Submodules (`nn`, `optim`, ...) load on first use.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import Any

from chainrule import autograd, dtypes, functional
from chainrule.autograd import enable_grad, inference_mode, no_grad, set_grad_enabled
from chainrule.autograd.anomaly_mode import is_anomaly_enabled
from chainrule.autograd.mode import is_grad_enabled, is_inference_mode_enabled
from chainrule.dtypes import (
    Size,
    bfloat16,
    bool,
    cdouble,
    cfloat,
    channels_last,
    channels_last_3d,
    complex64,
    complex128,
    contiguous_format,
    device,
    double,
    dtype,
    finfo,
    float,
    float8_e4m3fn,
    float8_e4m3fnuz,
    float8_e5m2,
    float8_e5m2fnuz,
    float8_e8m0fnu,
    float16,
    float32,
    float64,
    half,
    iinfo,
    int,
    int8,
    int16,
    int32,
    int64,
    layout,
    long,
    memory_format,
    preserve_format,
    short,
    sparse_bsc,
    sparse_bsr,
    sparse_coo,
    sparse_csc,
    sparse_csr,
    strided,
    uint8,
    uint16,
    uint32,
    uint64,
)
from chainrule.tensor import Tensor

VERSION = "0.1.0"

# Overflow and division by zero give inf and nan here without a word, as in torch; NumPy's own
# warnings stay as they are everywhere else.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"chainrule(\.|$)")

globals().update(functional.EXPORTS)

# Public names of modules that are loaded on first use, by the module that has them.
LATE = {"load": "serialization", "save": "serialization", "compile": "compiler"}
LATE |= {"GradScaler": "amp", "ScriptModule": "jit", "fork": "jit", "wait": "jit",
         "Future": "futures", "Stream": "cpu.streams", "Event": "cpu.streams"}  # fmt: skip
LATE |= dict.fromkeys(
    ("sparse_coo_tensor", "sparse_csr_tensor", "sparse_csc_tensor", "sparse_bsr_tensor",
     "sparse_bsc_tensor", "sparse_compressed_tensor", "spmm", "dsmm", "smm", "hspmm", "sspaddmm"),
    "sparse",
)  # fmt: skip
LATE |= dict.fromkeys(
    ("autocast", "is_autocast_enabled", "set_autocast_enabled", "is_autocast_cpu_enabled",
     "set_autocast_cpu_enabled", "get_autocast_dtype", "set_autocast_dtype",
     "get_autocast_cpu_dtype", "set_autocast_cpu_dtype", "get_autocast_gpu_dtype",
     "set_autocast_gpu_dtype", "is_autocast_cache_enabled", "set_autocast_cache_enabled",
     "clear_autocast_cache", "autocast_increment_nesting", "autocast_decrement_nesting"),
    "amp",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version_said()
    home = LATE.get(name)
    if home is not None:
        value = globals()[name] = getattr(importlib.import_module(f"chainrule.{home}"), name)
        return value
    if name.startswith("_foreach_"):
        return importlib.import_module("chainrule.functional.foreach").made(name)
    try:
        return importlib.import_module(f"chainrule.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"chainrule.{name}":
            raise
        raise AttributeError(f"module 'chainrule' has no attribute '{name}'") from None


def version_said() -> Any:
    """chainrule's version; torch's to a program that knows this module by the name `torch`."""
    if sys.modules.get("torch") is sys.modules[__name__]:
        return importlib.import_module("chainrule.version").__version__
    return VERSION


def __dir__() -> list[str]:
    import pkgutil

    modules = (m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return sorted({*globals(), *LATE, *modules})
