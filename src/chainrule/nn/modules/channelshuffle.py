"""ChannelShuffle, under the module name that torch gives it."""

from chainrule.nn.modules.pixelshuffle import ChannelShuffle as ChannelShuffle
