"""DistributedDataParallel in a group of one process: gradients need no exchange."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.nn.modules.module import Module


class DistributedDataParallel(Module):
    """Calls `module`, whose names are prefixed with `module.` in the state_dict, as in torch.

    Errors: there is no default process group; device_ids, which need GPUs; nothing to train.
    """

    def __init__(
        self,
        module: Any,
        device_ids: Any = None,
        output_device: Any = None,
        dim: int = 0,
        broadcast_buffers: bool = True,
        init_sync: bool = True,
        process_group: Any = None,
        bucket_cap_mb: Any = None,
        find_unused_parameters: bool = False,
        check_reduction: bool = False,
        gradient_as_bucket_view: bool = False,
        static_graph: bool = False,
        delay_all_reduce_named_params: Any = None,
        param_to_hook_all_reduce: Any = None,
        mixed_precision: Any = None,
        device_mesh: Any = None,
        skip_all_reduce_unused_params: bool = False,
        bucket_cap_mb_list: Any = None,
        batched_grad_copy: bool = False,
        forward_sync_buffers: bool = True,
    ) -> None:
        super().__init__()
        import importlib  # by name: the group is another part's, and stands below this one

        groups = importlib.import_module("chainrule.distributed.groups")
        self.process_group = groups.current(process_group)
        if not any(p.requires_grad for p in module.parameters()):
            raise ArgumentError("DistributedDataParallel is not needed when a module doesn't have "
                                "any parameter that requires a gradient.")  # fmt: skip
        if device_ids or output_device is not None:
            raise ArgumentError(
                "DistributedDataParallel device_ids and output_device arguments only work with "
                "single-device/multiple-device GPU modules or CPU modules, but got device_ids "
                f"{device_ids}, output_device {output_device}, and module parameters on cpu",
                fix="Leave device_ids away on a CPU.",
            )
        self.module, self.dim = module, dim
        self.device_ids, self.output_device = None, None
        self.broadcast_buffers = broadcast_buffers
        self.find_unused_parameters = find_unused_parameters
        self.static_graph = static_graph
        self.require_backward_grad_sync = True

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the module gives."""
        return self.module(*inputs, **kwargs)

    @contextlib.contextmanager
    def no_sync(self) -> Iterator[None]:
        """Gradients gather without being exchanged; there is nobody to exchange with."""
        before, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before

    @contextlib.contextmanager
    def join(self, divide_by_initial_world_size: bool = True, enable: bool = True,
             throw_on_early_termination: bool = False) -> Iterator[None]:  # fmt: skip
        """A context that does nothing: the only member waits for nobody."""
        yield

    def register_comm_hook(self, state: Any, hook: Any) -> None:
        """Kept for programs that call it: nothing is communicated."""

    def train(self, mode: bool = True) -> Any:
        """Choose training or evaluation."""
        super().train(mode)
        return self
