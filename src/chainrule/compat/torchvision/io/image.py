"""torchvision.io's image functions, under their module name."""

from chainrule.compat.torchvision.io import *  # noqa: F403
