"""torchvision's version that this package answers for."""

from chainrule.compat.torchvision import __version__

cuda = None
git_version = "chainrule"
__all__ = ["__version__", "cuda", "git_version"]
