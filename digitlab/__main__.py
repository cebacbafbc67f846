"""``python -m digitlab``."""

import sys

from digitlab.command import main

sys.exit(main())
