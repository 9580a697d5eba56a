"""The version of PyTorch whose API this is, under the names programs ask for."""

from __future__ import annotations

from chainrule import VERSION
from chainrule.torch_version import TorchVersion

__version__ = TorchVersion("2.13.0")
debug = False
cuda: str | None = None
hip: str | None = None
xpu: str | None = None
git_version = f"chainrule {VERSION}"
