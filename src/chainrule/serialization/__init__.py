"""Files: `torch.save` and `torch.load`, and safetensors (`save_file`, `load_file`)."""

from chainrule.serialization.locations import (
    LoadEndianness,
    check_module_version_greater_or_equal,
    default_restore_location,
    location_tag,
    normalize_storage_type,
    register_package,
    storage_to_tensor_type,
)
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
    "LoadEndianness",
    "add_safe_globals",
    "check_module_version_greater_or_equal",
    "clear_safe_globals",
    "default_restore_location",
    "get_safe_globals",
    "get_unsafe_globals_in_checkpoint",
    "load",
    "load_file",
    "load_metadata",
    "location_tag",
    "normalize_storage_type",
    "register_package",
    "safe_globals",
    "save",
    "save_file",
    "storage_to_tensor_type",
]
