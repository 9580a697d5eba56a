"""Where storages lie, how versions compare, and other small parts of torch.serialization."""

from __future__ import annotations

import enum
import warnings
from collections.abc import Callable
from typing import Any

from chainrule.errors import ArgumentError, DeviceError
from chainrule.functional.border import EXPORTS

Tagger = Callable[[Any], str | None]
Mover = Callable[[Any, str], Any]


class LoadEndianness(enum.Enum):
    """The order of the bytes of numbers in files that do not say it."""

    NATIVE = 1
    LITTLE = 2
    BIG = 3


def on_cpu(storage: Any) -> str | None:
    return "cpu" if storage.device.type == "cpu" else None


def stay(storage: Any, location: str) -> Any:
    return storage if location == "cpu" else None


REGISTRY: list[tuple[int, Tagger, Mover]] = [(10, on_cpu, stay)]


def register_package(priority: int, tagger: Tagger, deserializer: Mover) -> None:
    """Add a way to tag storages with a location and to bring them back there.

    `location_tag` and `default_restore_location` ask the ways in the order of their priorities.
    """
    REGISTRY.append((priority, tagger, deserializer))
    REGISTRY.sort(key=lambda row: row[0])


def location_tag(storage: Any) -> str:
    """The word for where a storage lies.

    >>> import chainrule as torch
    >>> torch.serialization.location_tag(torch.ones(1).untyped_storage())
    'cpu'
    """
    for _, tagger, _ in REGISTRY:
        found = tagger(storage)
        if found:
            return found
    raise DeviceError(f"don't know how to determine data location of {type(storage).__name__}",
                      fix="Call register_package first.")  # fmt: skip


def default_restore_location(storage: Any, location: str) -> Any:
    """A storage brought to a location.

    Errors: locations that no registered way knows; there is the CPU.
    """
    for _, _, mover in REGISTRY:
        found = mover(storage, location)
        if found is not None:
            return found
    raise DeviceError(
        f"don't know how to restore data location of {type(storage).__name__} (tagged with "
        f"{location})", fix="Load with map_location='cpu'.",
    )  # fmt: skip


def normalize_storage_type(storage_type: Any) -> Any:
    """The tensor class at the top of `torch` that goes with a storage class.

    >>> import chainrule as torch
    >>> torch.serialization.normalize_storage_type(torch.FloatStorage)
    <class 'torch.FloatTensor'>
    """
    return EXPORTS[storage_type.__name__.replace("Storage", "Tensor")]


def storage_to_tensor_type(storage: Any) -> Any:
    """The tensor class that goes with a storage.

    >>> import chainrule as torch
    >>> torch.serialization.storage_to_tensor_type(torch.FloatStorage(2))
    <class 'torch.FloatTensor'>
    """
    return EXPORTS[storage.pickle_storage_type().replace("Storage", "Tensor")]


def check_module_version_greater_or_equal(
    module: Any, req_version_tuple: tuple[Any, ...], error_if_malformed: bool = True
) -> bool:
    """Whether a module's `__version__` is at least this one.

    Errors: a version that cannot be compared; a warning if `error_if_malformed` is False.

    >>> import numpy, chainrule as torch
    >>> torch.serialization.check_module_version_greater_or_equal(numpy, (1, 0))
    True
    """
    try:
        parts = module.__version__.split(".")
        have = tuple(type(r)(parts[i]) for i, r in enumerate(req_version_tuple))
        return bool(have >= req_version_tuple)
    except Exception as error:
        message = (f"'{module.__name__}' module version string is malformed "
                   f"'{module.__version__}' and cannot be compared with tuple "
                   f"{req_version_tuple}")  # fmt: skip
        if error_if_malformed:
            raise ArgumentError(message) from error
        warnings.warn(message + ", but continuing assuming that requirement is met", stacklevel=2)
        return True
