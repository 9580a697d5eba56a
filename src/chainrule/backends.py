"""torch.backends: switches of libraries that are not used here; programs may set and read them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

__path__: list[str] = []  # a package to the import system: `import torch.backends.cudnn as cudnn`


class Backend(ModuleType):
    """One library's switches: attributes with defaults, and what it says of itself."""

    available = False

    def __init__(self, name: str, doc: str, **switches: Any) -> None:
        super().__init__(f"{__name__}.{name}", doc)
        self.__dict__.update(switches)
        sys.modules[self.__name__] = self

    def is_available(self) -> bool:
        """Whether the library is used here."""
        return self.available

    def is_built(self) -> bool:
        """Whether the library is part of this installation."""
        return self.available

    def version(self) -> Any:
        """Its version; None, for it is not there."""
        return None

    @contextlib.contextmanager
    def flags(self, **switches: Any) -> Iterator[None]:
        """Set switches within a block."""
        old = {k: getattr(self, k) for k in switches}
        self.__dict__.update(switches)
        try:
            yield
        finally:
            self.__dict__.update(old)


cudnn = Backend(
    "cudnn", "cuDNN, which is not here.", enabled=True, benchmark=False, deterministic=False,
    allow_tf32=True, benchmark_limit=10,
)  # fmt: skip
cuda = Backend(
    "cuda", "CUDA, which is not here.",
    matmul=Backend("cuda.matmul", "Matrix products on a GPU.", allow_tf32=False,
                   allow_fp16_reduced_precision_reduction=True,
                   allow_bf16_reduced_precision_reduction=True, fp32_precision="none"),
    flash_sdp_enabled=lambda: False, mem_efficient_sdp_enabled=lambda: False,
    math_sdp_enabled=lambda: True, enable_flash_sdp=lambda enabled: None,
    enable_mem_efficient_sdp=lambda enabled: None, enable_math_sdp=lambda enabled: None,
)  # fmt: skip
mps = Backend("mps", "Apple's GPUs, which are not used here.")
mkldnn = Backend("mkldnn", "oneDNN.", enabled=True, allow_tf32=False)
mkl = Backend("mkl", "Intel's MKL, which is not used here.")
openmp = Backend("openmp", "OpenMP, which is not used here.")
opt_einsum = Backend("opt_einsum", "Contraction paths.", enabled=True, strategy="auto")
