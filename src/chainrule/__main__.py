"""`python -m chainrule` is `chainrule`."""

import sys

from chainrule.cli import main

sys.exit(main())
