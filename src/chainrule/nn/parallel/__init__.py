"""Data parallelism on one device: the wrapped module does the work."""

from __future__ import annotations

from chainrule.nn.parallel.data_parallel import DataParallel, data_parallel
from chainrule.nn.parallel.distributed import DistributedDataParallel
from chainrule.nn.parallel.parallel_apply import parallel_apply
from chainrule.nn.parallel.scatter_gather import gather, scatter, scatter_kwargs

__all__ = [
    "DataParallel", "DistributedDataParallel", "data_parallel", "gather", "parallel_apply",
    "replicate", "scatter", "scatter_kwargs",
]  # fmt: skip


def replicate(network: object, devices: object, detach: bool = False) -> list[object]:
    """One copy of a module for each device: the module itself for the CPU."""
    return [network for _ in devices]  # type: ignore[attr-defined]


class DistributedDataParallelCPU(DistributedDataParallel):
    """The old name of DistributedDataParallel for CPUs."""
