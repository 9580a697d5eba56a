"""Public functions with torch's names.  Importing this package attaches the Tensor's methods."""

from chainrule import ops
from chainrule.functional import arithmetic, creation, reduction
from chainrule.functional.border import EXPORTS

__all__ = ["EXPORTS", "arithmetic", "creation", "ops", "reduction"]
