"""chainrule: automatic differentiation and deep learning whose gradients can be read.

`import chainrule as torch` is the supported way in: names, arguments, defaults and errors are
those of PyTorch 2.13.  Submodules (`nn`, `optim`, ...) load on first use.
"""

from __future__ import annotations

import importlib
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
    sparse_coo,
    sparse_csr,
    strided,
    uint8,
    uint16,
    uint32,
    uint64,
)
from chainrule.tensor import Tensor

__version__ = "0.1.0"

# Overflow and division by zero give inf and nan here without a word, as in torch; NumPy's own
# warnings stay as they are everywhere else.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"chainrule(\.|$)")

globals().update(functional.EXPORTS)


def __getattr__(name: str) -> Any:
    try:
        return importlib.import_module(f"chainrule.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"chainrule.{name}":
            raise
        raise AttributeError(f"module 'chainrule' has no attribute '{name}'") from None


def __dir__() -> list[str]:
    import pkgutil

    modules = (m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return sorted({*globals(), *modules})
