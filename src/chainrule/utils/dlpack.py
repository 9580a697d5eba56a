"""torch.utils.dlpack: tensors to and from other libraries, sharing memory."""

from __future__ import annotations

import enum
from typing import Any

import chainrule as torch


class DLDeviceType(enum.IntEnum):
    """DLPack's numbers of kinds of devices."""

    kDLCPU = 1
    kDLCUDA = 2
    kDLCUDAHost = 3
    kDLOpenCL = 4
    kDLVulkan = 7
    kDLMetal = 8
    kDLVPI = 9
    kDLROCM = 10
    kDLROCMHost = 11
    kDLExtDev = 12
    kDLCUDAManaged = 13
    kDLOneAPI = 14
    kDLWebGPU = 15
    kDLHexagon = 16
    kDLMAIA = 17


def to_dlpack(tensor: Any) -> Any:
    """A DLPack capsule of a tensor's memory."""
    return tensor.__dlpack__()


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: Any = None) -> Any:
    """A tensor over another library's memory.

    >>> import numpy as np
    >>> from chainrule.utils.dlpack import from_dlpack
    >>> from_dlpack(np.ones(2, np.float32))
    tensor([1., 1.])
    """
    return torch.from_dlpack(ext_tensor)
