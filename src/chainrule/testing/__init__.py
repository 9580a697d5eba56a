"""torch.testing: comparing tensors as tests do."""

from __future__ import annotations

from chainrule.testing._comparison import assert_allclose, assert_close
from chainrule.testing._creation import make_tensor

__all__ = ["assert_allclose", "assert_close", "make_tensor"]
