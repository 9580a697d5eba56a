"""The group of processes: one process, rank 0 of 1."""

from __future__ import annotations

import datetime
import enum
import os
import urllib.parse
from typing import Any

from chainrule.errors import ArgumentError, ChainruleError

default_pg_timeout = datetime.timedelta(minutes=30)
PLANNED = "Groups of several processes are planned; today one process works (world_size=1)."


class DistError(ChainruleError, RuntimeError):
    """An error of torch.distributed."""


class DistBackendError(DistError):
    """A backend that is not there, or failed."""


class DistNetworkError(DistError):
    """A connection that failed; there are none in a group of one."""


class DistStoreError(DistError):
    """A store that failed."""


class GroupStateError(ChainruleError, ValueError, RuntimeError, AssertionError):
    """The default group is there, or is not, when the call needs the opposite."""


class _ReduceOps(enum.Enum):
    SUM = 0
    AVG = 1
    PRODUCT = 2
    MIN = 3
    MAX = 4
    BAND = 5
    BOR = 6
    BXOR = 7
    PREMUL_SUM = 8

    def __repr__(self) -> str:
        return f"<RedOpType.{self.name}: {self.value}>"


class ReduceOp:
    """The ways to reduce: SUM, AVG, PRODUCT, MIN, MAX, BAND, BOR, BXOR.

    >>> from chainrule.distributed import ReduceOp
    >>> ReduceOp.SUM
    <RedOpType.SUM: 0>
    """

    RedOpType = _ReduceOps
    SUM, AVG, PRODUCT, MIN = (_ReduceOps(i) for i in range(4))
    MAX, BAND, BOR, BXOR, PREMUL_SUM = (_ReduceOps(i) for i in range(4, 9))


reduce_op = ReduceOp


class Backend(str):
    """The name of a backend, in small letters.

    Here every name stands for the same thing: one process that needs to reach no other.
    """

    UNDEFINED = "undefined"
    GLOO = "gloo"
    NCCL = "nccl"
    UCC = "ucc"
    MPI = "mpi"
    XCCL = "xccl"
    backend_list = [UNDEFINED, GLOO, NCCL, XCCL, UCC, MPI]

    def __new__(cls, name: str) -> Backend:
        if not isinstance(name, str):
            raise ArgumentError(f"Backend constructor parameter must be string-ish, got {name!r}")
        return str.__new__(cls, name.lower())


class ProcessGroup:
    """A group of processes; this process is its only member."""

    def __init__(self, backend: str = "gloo", name: str = "default") -> None:
        self.backend, self.group_name = backend, name

    def rank(self) -> int:
        """Always 0."""
        return 0

    def size(self) -> int:
        """Always 1."""
        return 1

    def name(self) -> str:
        """The backend's name."""
        return self.backend


class _World:
    """The default group, once it is there."""

    group: ProcessGroup | None = None
    made = 0


class _GroupMeta(type):
    @property
    def WORLD(cls) -> ProcessGroup | None:
        """The default group, or None."""
        return _World.group


class group(metaclass=_GroupMeta):
    """`group.WORLD` is the default group."""


class GroupMember(metaclass=_GroupMeta):
    """`GroupMember.WORLD` is the default group; `NON_GROUP_MEMBER` marks processes outside one."""

    NON_GROUP_MEMBER = -100


def is_available() -> bool:
    """Always True.

    >>> import chainrule.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> dist.get_rank(), dist.get_world_size()
    (0, 1)
    >>> dist.destroy_process_group()
    """
    return True


def is_initialized() -> bool:
    """Whether the default group is there."""
    return _World.group is not None


def is_gloo_available() -> bool:
    """Always True: a group of one needs no more than this process."""
    return True


def is_nccl_available() -> bool:
    """Always False."""
    return False


def is_mpi_available() -> bool:
    """Always False."""
    return False


def is_ucc_available() -> bool:
    """Always False."""
    return False


def is_xccl_available() -> bool:
    """Always False."""
    return False


def is_backend_available(backend: str) -> bool:
    """True for "gloo"."""
    return backend.lower() == "gloo"


def is_torchelastic_launched() -> bool:
    """Whether torchrun started this process."""
    return os.environ.get("TORCHELASTIC_RUN_ID") is not None


def get_default_backend_for_device(device: Any) -> str:
    """ "gloo", the backend for CPUs."""
    return "gloo"


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: Any = None,
    world_size: int = -1,
    rank: int = -1,
    store: Any = None,
    group_name: str = "",
    pg_options: Any = None,
    device_id: Any = None,
) -> None:
    """Make the default group of one process.

    Args:
        init_method: "env://" (the default) reads RANK and WORLD_SIZE; "tcp://" and "file://"
            need `rank` and `world_size`.

    Errors: a second time; without rank or world size; NCCL, which needs GPUs; more processes
    than one.
    """
    if _World.group is not None:
        raise GroupStateError("trying to initialize the default process group twice!",
                              fix="Call destroy_process_group() between them.")  # fmt: skip
    name = Backend(backend or "gloo")
    if name == "nccl":
        raise DistBackendError("Distributed package doesn't have NCCL built in",
                               fix="Use the backend 'gloo' on a CPU.")  # fmt: skip
    if name == "mpi":
        raise DistBackendError("Distributed package doesn't have MPI built in",
                               fix="Use the backend 'gloo' on a CPU.")  # fmt: skip
    if store is None:
        rank, world_size = rendezvous(init_method or "env://", rank, world_size)
    if rank < 0 or world_size < 1:
        raise ArgumentError("rank and world_size must be given",
                            [("rank", rank), ("world_size", world_size)])  # fmt: skip
    if world_size > 1:
        raise DistError(
            "a group of several processes is not here yet",
            [("rank", rank), ("world_size", world_size)],
            fix=PLANNED,
        )
    if rank != 0:
        raise ArgumentError("rank must be below world_size",
                            [("rank", rank), ("world_size", world_size)])  # fmt: skip
    _World.group = ProcessGroup("gloo" if ":" in name else name)


def rendezvous(method: str, rank: int, world_size: int) -> tuple[int, int]:
    """Rank and world size from an address, the arguments and the environment."""
    address = urllib.parse.urlparse(method)
    query = urllib.parse.parse_qs(address.query)
    rank = int(query.get("rank", [rank])[0])
    world_size = int(query.get("world_size", [world_size])[0])
    if address.scheme == "env":
        if rank < 0:
            rank = int(from_environment("RANK"))
        if world_size < 0:
            world_size = int(from_environment("WORLD_SIZE"))
        if world_size > 1:
            for name in ("MASTER_ADDR", "MASTER_PORT"):
                from_environment(name)
    elif address.scheme not in ("tcp", "file"):
        raise GroupStateError(f"No rendezvous handler for {address.scheme}://",
                              fix="Use env://, tcp:// or file://.")  # fmt: skip
    return rank, world_size


def from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise GroupStateError(
            "Error initializing torch.distributed using env:// rendezvous: environment variable "
            f"{name} expected, but not set",
            fix="Start it as torchrun does: RANK=0 WORLD_SIZE=1 LOCAL_RANK=0.",
        )
    return value


def destroy_process_group(group: Any = None) -> None:
    """Dissolve the default group.

    Errors: there is none.
    """
    if _World.group is None:
        raise GroupStateError("Process group cannot be None: there is no default group")
    if group is None or group is _World.group:
        _World.group = None


def current(group: Any = None) -> ProcessGroup:
    """The group that is meant.

    Errors: the default group is not there.
    """
    if _World.group is None:
        raise GroupStateError(
            "Default process group has not been initialized, please make sure to call "
            "init_process_group."
        )
    return group if isinstance(group, ProcessGroup) else _World.group


def get_rank(group: Any = None) -> int:
    """0, this process; -1 outside the group."""
    current(group)
    return -1 if group == GroupMember.NON_GROUP_MEMBER else 0


def get_world_size(group: Any = None) -> int:
    """1; -1 outside the group."""
    current(group)
    return -1 if group == GroupMember.NON_GROUP_MEMBER else 1


def get_backend(group: Any = None) -> Backend:
    """The name of the group's backend."""
    return Backend(current(group).backend)


def get_node_local_rank(fallback_rank: int | None = None) -> int:
    """LOCAL_RANK of the environment."""
    value = os.environ.get("LOCAL_RANK", fallback_rank)
    if value is None:
        raise GroupStateError("LOCAL_RANK is not in the environment. Consider passing "
                              "fallback_rank to allow `get_node_local_rank` to work.")  # fmt: skip
    return int(value)


def get_global_rank(group: Any, group_rank: int) -> int:
    """The rank in the default group of a rank in another: 0.

    Errors: ranks that are not there.
    """
    return only(group_rank)


def get_group_rank(group: Any, global_rank: int) -> int:
    """The rank in a group of a rank in the default one: 0.

    Errors: ranks that are not there.
    """
    return only(global_rank)


def get_process_group_ranks(group: Any) -> list[int]:
    """[0]."""
    current(group)
    return [0]


def only(rank: Any) -> int:
    """0, if that is the rank that is meant."""
    if rank not in (0, None):
        raise ArgumentError(f"invalid root rank: {rank}; the group has rank 0 only")
    return 0


def new_group(ranks: Any = None, timeout: Any = None, backend: Any = None, pg_options: Any = None,
              use_local_synchronization: bool = False, group_desc: Any = None,
              device_id: Any = None) -> Any:  # fmt: skip
    """A group of this process; without it, NON_GROUP_MEMBER.

    Errors: ranks that are not there.
    """
    default = current()
    for rank in ranks or ():
        only(rank)
    if ranks is not None and not len(ranks):
        return GroupMember.NON_GROUP_MEMBER
    _World.made += 1
    return ProcessGroup(backend or default.backend, str(_World.made))


def new_subgroups(group_size: int | None = None, *args: Any, **kwargs: Any) -> Any:
    """The group of this process, and the list of all groups."""
    one = new_group([0])
    return one, [one]


def new_subgroups_by_enumeration(ranks_per_subgroup_list: Any, *args: Any, **kwargs: Any) -> Any:
    """The group of this process, and the list of all groups."""
    groups = [new_group(ranks) for ranks in ranks_per_subgroup_list]
    return (groups[0] if groups else None), groups


def split_group(parent_pg: Any = None, split_ranks: Any = None, **kwargs: Any) -> Any:
    """The group of this process."""
    return new_group([0])
