"""Starts the watch: `python -m quarterdeck_lifeline`."""

import sys

from .watch import main

sys.exit(main())
