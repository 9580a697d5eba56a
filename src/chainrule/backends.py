"""torch.backends: switches of libraries that are not used here; programs may set and read them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from chainrule.backend import onednn
from chainrule.functional.options import check_device

__path__: list[str] = []  # a package to the import system: `import torch.backends.cudnn as cudnn`


class Backend(ModuleType):
    """One library's switches: attributes with defaults, and what it says of itself."""

    available = False

    def __setattr__(self, name: str, value: Any) -> None:  # any switch may be set
        super().__setattr__(name, value)

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
        for name, value in switches.items():
            setattr(self, name, value)
        try:
            yield
        finally:
            for name, value in old.items():
                setattr(self, name, value)


cudnn = Backend(
    "cudnn", "cuDNN, which is not here.", enabled=True, benchmark=False, deterministic=False,
    allow_tf32=True, benchmark_limit=10,
)  # fmt: skip


def attention_kernels(backend: Backend) -> None:
    """Functions that ask for and switch the kinds of attention kernel; all are one here."""
    enabled = backend.attention = dict.fromkeys(
        ("flash", "mem_efficient", "math", "cudnn", "overrideable"), True
    )
    for name in enabled:

        def is_enabled(name: str = name) -> bool:
            return enabled[name]

        def enable(on: bool, name: str = name) -> None:
            enabled[name] = bool(on)

        setattr(backend, f"{name}_sdp_enabled", is_enabled)
        setattr(backend, f"enable_{name}_sdp", enable)


cuda = Backend(
    "cuda", "CUDA, which is not here.",
    matmul=Backend("cuda.matmul", "Matrix products on a GPU.", allow_tf32=False,
                   allow_fp16_reduced_precision_reduction=True,
                   allow_bf16_reduced_precision_reduction=True, fp32_precision="none"),
)  # fmt: skip
attention_kernels(cuda)


class AttentionSwitch(Backend):
    """Whether attention in evaluation may take torch's fast path."""

    fast_path = True

    def get_fastpath_enabled(self) -> bool:
        """Whether it may."""
        return self.fast_path

    def set_fastpath_enabled(self, value: bool) -> None:
        """Say whether it may."""
        self.fast_path = bool(value)


mha = AttentionSwitch("mha", "Multi-head attention.")


class PlanCache:
    """torch.backends.cuda.cufft_plan_cache: plans on GPUs, of which there are none."""

    def __getitem__(self, device: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if name in ("size", "max_size", "clear"):
            check_device("cuda")
        raise AttributeError(name)


@contextlib.contextmanager
def sdp_kernel(
    enable_flash: bool = True,
    enable_math: bool = True,
    enable_mem_efficient: bool = True,
    enable_cudnn: bool = True,
) -> Iterator[None]:
    """Choose kinds of attention kernel for a block; all are one here."""
    names = {"flash": enable_flash, "math": enable_math, "mem_efficient": enable_mem_efficient,
             "cudnn": enable_cudnn}  # fmt: skip
    before = {n: getattr(cuda, f"{n}_sdp_enabled")() for n in names}
    for n, on in names.items():
        getattr(cuda, f"enable_{n}_sdp")(on)
    try:
        yield
    finally:
        for n, on in before.items():
            getattr(cuda, f"enable_{n}_sdp")(on)


cuda.cufft_plan_cache = PlanCache()
cuda.sdp_kernel = sdp_kernel
cuda.can_use_flash_attention = cuda.can_use_efficient_attention = lambda *args: False
cuda.can_use_cudnn_attention = cuda.is_flash_attention_available = lambda *args: False
cuda.preferred_linalg_library = cuda.preferred_blas_library = lambda backend=None: "default"
cudnn.is_acceptable = lambda tensor: False
cudnn.set_flags = lambda **switches: cudnn.__dict__.update(switches)

mps = Backend("mps", "Apple's GPUs, which are not used here.")
mps.is_macos_or_newer = lambda major, minor: False
cpu = Backend("cpu", "The processor.")
cpu.get_cpu_capability = lambda: "DEFAULT"
quantized = Backend("quantized", "Quantised kernels, which are not here.", engine="none",
                    supported_engines=["none"])  # fmt: skip
nnpack = Backend("nnpack", "NNPACK, which is not used here.")
miopen = Backend("miopen", "MIOpen, which is not here.", immediate=False)
cusparselt = Backend("cusparselt", "cuSPARSELt, which is not here.")
kleidiai = Backend("kleidiai", "KleidiAI, which is not used here.")


class OneDnn(Backend):
    """oneDNN, which computes convolutions and pooling where `libdnnl` is installed.

    >>> import chainrule as torch
    >>> with torch.backends.mkldnn.flags(enabled=False):
    ...     torch.backends.mkldnn.enabled
    False
    """

    VERBOSE_OFF, VERBOSE_ON, VERBOSE_ON_CREATION = 0, 1, 2

    @property
    def enabled(self) -> bool:
        """Whether it is used where it is there; CHAINRULE_ONEDNN=0 sets this to False at start."""
        return onednn.Library.enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        onednn.Library.enabled = bool(value)

    def is_available(self) -> bool:
        """Whether the library is there and can be used by this process; loads it to see."""
        if not onednn.Library.tried:
            onednn.load()
        return onednn.Library.handle is not None

    is_built = is_available

    def is_acl_available(self) -> bool:
        """Whether it runs on Arm's compute library: no."""
        return False

    def version(self) -> str | None:
        """The library's version; None without one."""
        found = onednn.Library.version if self.is_available() else None
        return None if found is None else ".".join(map(str, found))

    def reason(self) -> str:
        """Why the library is not used, or the empty string."""
        if not self.enabled:
            return "it is switched off"
        return "" if self.is_available() else onednn.Library.reason

    def set_flags(self, _enabled: Any = None, _deterministic: Any = None, _allow_tf32: Any = None,
                  _fp32_precision: Any = None) -> tuple[Any, ...]:  # fmt: skip
        """Set the switches that are not None; returns what they were."""
        names = ("enabled", "deterministic", "allow_tf32", "fp32_precision")
        old = tuple(getattr(self, name) for name in names)
        values = (_enabled, _deterministic, _allow_tf32, _fp32_precision)
        for name, value in zip(names, values, strict=True):
            if value is not None:
                setattr(self, name, value)
        return old

    @contextlib.contextmanager
    def verbose(self, level: int) -> Iterator[None]:
        """Let the library print what it runs, within a block."""
        if self.is_available():
            onednn.Library.handle.dnnl_set_verbose(int(level))
        try:
            yield
        finally:
            if onednn.Library.handle is not None:
                onednn.Library.handle.dnnl_set_verbose(0)


mkldnn = OneDnn("mkldnn", "oneDNN.", deterministic=False, allow_tf32=False,
                fp32_precision="none")  # fmt: skip
mkl = Backend("mkl", "Intel's MKL, which is not used here.")
openmp = Backend("openmp", "OpenMP, which is not used here.")
opt_einsum = Backend("opt_einsum", "Contraction paths.", enabled=True, strategy="auto")
