"""torch.utils.model_zoo: the old name of torch.hub's downloads."""

from chainrule.hub import download_url_to_file as _download_url_to_file
from chainrule.hub import load_state_dict_from_url as load_url

__all__ = ["_download_url_to_file", "load_url"]
