"""Collective operations in a group of one: what a member gets is what it gave."""

from __future__ import annotations

from typing import Any

from chainrule.autograd import no_grad
from chainrule.distributed.groups import ReduceOp, current, only
from chainrule.errors import ArgumentError, ShapeError


class Work:
    """A collective under way; here it has always finished."""

    def __init__(self, result: Any = None) -> None:
        self._result = result

    def wait(self, timeout: Any = None) -> bool:
        """True at once."""
        return True

    def is_completed(self) -> bool:
        """Always True."""
        return True

    def is_success(self) -> bool:
        """Always True."""
        return True

    def exception(self) -> None:
        """None: nothing failed."""

    def result(self) -> Any:
        """What it gave."""
        return self._result

    def get_future(self) -> Any:
        """A finished future with the result."""
        from chainrule.futures import Future

        future = Future()
        future.set_result(self._result)
        return future


def done(result: Any, async_op: bool) -> Work | None:
    return Work(result) if async_op else None


def copy(target: Any, source: Any) -> None:
    if target.shape != source.shape:
        raise ShapeError("the output must have the input's shape",
                         [("output", target), ("input", source)])  # fmt: skip
    if target is not source:
        with no_grad():
            target.copy_(source)


def sole(tensors: Any, name: str) -> Any:
    """The one element of a list with an entry for each member."""
    if not isinstance(tensors, (list, tuple)) or len(tensors) != 1:
        raise ArgumentError(f"{name} must be a list with one entry for each of the 1 members",
                            [(name, tensors)])  # fmt: skip
    return tensors[0]


def all_reduce(tensor: Any, op: Any = ReduceOp.SUM, group: Any = None,
               async_op: bool = False) -> Work | None:  # fmt: skip
    """Reduce over all members: the tensor stays as it is."""
    current(group)
    return done([tensor], async_op)


def all_reduce_coalesced(tensors: Any, op: Any = ReduceOp.SUM, group: Any = None,
                         async_op: bool = False) -> Work | None:  # fmt: skip
    """Reduce several tensors over all members: they stay as they are."""
    current(group)
    return done(tensors, async_op)


def reduce(tensor: Any, dst: Any = None, op: Any = ReduceOp.SUM, group: Any = None,
           async_op: bool = False, group_dst: Any = None) -> Work | None:  # fmt: skip
    """Reduce to one member: the tensor stays as it is."""
    current(group)
    only(dst)
    return done([tensor], async_op)


def broadcast(tensor: Any, src: Any = None, group: Any = None, async_op: bool = False,
              group_src: Any = None) -> Work | None:  # fmt: skip
    """Copy a member's tensor to all: it stays as it is.

    Errors: a member that is not there.
    """
    current(group)
    only(src)
    return done([tensor], async_op)


def all_gather(tensor_list: Any, tensor: Any, group: Any = None,
               async_op: bool = False) -> Work | None:  # fmt: skip
    """Every member's tensor, into a list of one."""
    current(group)
    copy(sole(tensor_list, "tensor_list"), tensor)
    return done(tensor_list, async_op)


def all_gather_coalesced(output_tensor_lists: Any, input_tensor_list: Any, group: Any = None,
                         async_op: bool = False) -> Work | None:  # fmt: skip
    """Every member's tensors, into lists of one."""
    current(group)
    for out, tensor in zip(output_tensor_lists, input_tensor_list, strict=True):
        copy(sole(out, "output"), tensor)
    return done(output_tensor_lists, async_op)


def all_gather_into_tensor(output_tensor: Any, input_tensor: Any, group: Any = None,
                           async_op: bool = False) -> Work | None:  # fmt: skip
    """Every member's tensor, one after another in one tensor."""
    current(group)
    copy(output_tensor.view(input_tensor.shape), input_tensor)
    return done(output_tensor, async_op)


def reduce_scatter(output: Any, input_list: Any, op: Any = ReduceOp.SUM, group: Any = None,
                   async_op: bool = False) -> Work | None:  # fmt: skip
    """Reduce a list over all members, and give each its entry."""
    current(group)
    copy(output, sole(input_list, "input_list"))
    return done(output, async_op)


def reduce_scatter_tensor(output: Any, input: Any, op: Any = ReduceOp.SUM, group: Any = None,
                          async_op: bool = False) -> Work | None:  # fmt: skip
    """Reduce a tensor over all members, and give each its part."""
    current(group)
    copy(output, input.view(output.shape))
    return done(output, async_op)


def gather(tensor: Any, gather_list: Any = None, dst: Any = None, group: Any = None,
           async_op: bool = False, group_dst: Any = None) -> Work | None:  # fmt: skip
    """Every member's tensor, into a list at one member."""
    current(group)
    only(dst)
    copy(sole(gather_list, "gather_list"), tensor)
    return done(gather_list, async_op)


def scatter(tensor: Any, scatter_list: Any = None, src: Any = None, group: Any = None,
            async_op: bool = False, group_src: Any = None) -> Work | None:  # fmt: skip
    """One member's list, an entry to each member."""
    current(group)
    only(src)
    copy(tensor, sole(scatter_list, "scatter_list"))
    return done(tensor, async_op)


def all_to_all(output_tensor_list: Any, input_tensor_list: Any, group: Any = None,
               async_op: bool = False) -> Work | None:  # fmt: skip
    """Each member sends an entry to each other."""
    current(group)
    copy(sole(output_tensor_list, "output_tensor_list"),
         sole(input_tensor_list, "input_tensor_list"))  # fmt: skip
    return done(output_tensor_list, async_op)


def all_to_all_single(output: Any, input: Any, output_split_sizes: Any = None,
                      input_split_sizes: Any = None, group: Any = None,
                      async_op: bool = False) -> Work | None:  # fmt: skip
    """Each member sends a part of its tensor to each other."""
    current(group)
    copy(output, input)
    return done(output, async_op)


def barrier(group: Any = None, async_op: bool = False, device_ids: Any = None) -> Work | None:
    """Wait for all members: they are here."""
    current(group)
    return done(None, async_op)


def monitored_barrier(group: Any = None, timeout: Any = None, wait_all_ranks: bool = False) -> None:
    """Wait for all members: they are here."""
    current(group)


# ---- Python objects ----------------------------------------------------------------------------


def all_gather_object(object_list: Any, obj: Any, group: Any = None) -> None:
    """Every member's object, into a list of one."""
    current(group)
    sole(object_list, "object_list")
    object_list[0] = obj


def gather_object(obj: Any, object_gather_list: Any = None, dst: Any = None, group: Any = None,
                  group_dst: Any = None) -> None:  # fmt: skip
    """Every member's object, into a list at one member."""
    current(group)
    only(dst)
    sole(object_gather_list, "object_gather_list")
    object_gather_list[0] = obj


def broadcast_object_list(object_list: Any, src: Any = None, group: Any = None, device: Any = None,
                          group_src: Any = None) -> None:  # fmt: skip
    """Copy a member's objects to all: they stay as they are."""
    current(group)
    only(src)


def scatter_object_list(scatter_object_output_list: Any, scatter_object_input_list: Any = None,
                        src: Any = None, group: Any = None,
                        group_src: Any = None) -> None:  # fmt: skip
    """One member's objects, one to each member."""
    current(group)
    only(src)
    scatter_object_output_list[0] = sole(scatter_object_input_list, "scatter_object_input_list")


# ---- from one to another -----------------------------------------------------------------------


def alone(*args: Any, **kwargs: Any) -> Any:
    """An error: there is no other member to talk to."""
    current(kwargs.get("group"))
    raise ArgumentError("there is no other process in a group of one to send to or receive from",
                        fix="Send and receive only where get_world_size() is above 1.")  # fmt: skip


send = recv = isend = irecv = send_object_list = recv_object_list = alone


class P2POp:
    """A send or receive to be started with others.  There is no other member here."""

    def __init__(self, op: Any, tensor: Any, peer: Any = None, group: Any = None, tag: int = 0,
                 group_peer: Any = None) -> None:  # fmt: skip
        self.op, self.tensor, self.peer, self.group, self.tag = op, tensor, peer, group, tag


def batch_isend_irecv(p2p_op_list: Any) -> list[Work]:
    """Start several sends and receives; none can be in a group of one."""
    return [p.op(p.tensor, p.peer, group=p.group) for p in p2p_op_list]
