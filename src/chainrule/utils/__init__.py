"""Utilities around training: `data` has datasets, samplers and the DataLoader."""

from chainrule.utils import data

__all__ = ["data"]
