"""Utilities around training: `data` has datasets, samplers and the DataLoader."""

from chainrule.utils import data

__all__ = ["data"]


def __getattr__(name: str) -> object:
    """Modules here load on first use."""
    import importlib

    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
        raise AttributeError(f"module 'chainrule.utils' has no attribute '{name}'") from None
