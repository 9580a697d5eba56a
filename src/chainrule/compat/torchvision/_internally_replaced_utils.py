"""The download of weights, under the name that some programs import it by."""

from chainrule.hub import load_state_dict_from_url

__all__ = ["load_state_dict_from_url"]
