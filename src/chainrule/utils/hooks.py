"""What `register_..._hook` returns: a handle that takes the hook away again."""

from __future__ import annotations

from chainrule.autograd import RemovableHandle

__all__ = ["RemovableHandle"]
