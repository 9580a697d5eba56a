"""torch.utils.dlpack: tensors to and from other libraries, sharing memory."""

from __future__ import annotations

from typing import Any

import chainrule as torch


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
