"""Files: `torch.save` and `torch.load`, and safetensors (`save_file`, `load_file`)."""

from chainrule.serialization.safetensors import load_file, load_metadata, save_file
from chainrule.serialization.torch_files import (
    DEFAULT_PROTOCOL,
    add_safe_globals,
    clear_safe_globals,
    get_safe_globals,
    get_unsafe_globals_in_checkpoint,
    load,
    safe_globals,
    save,
)

__all__ = [
    "DEFAULT_PROTOCOL",
    "add_safe_globals",
    "clear_safe_globals",
    "get_safe_globals",
    "get_unsafe_globals_in_checkpoint",
    "load",
    "load_file",
    "load_metadata",
    "safe_globals",
    "save",
    "save_file",
]
