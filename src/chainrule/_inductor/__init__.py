"""torch._inductor: settings of a compiler that is not here."""

from chainrule._inductor import config as config
