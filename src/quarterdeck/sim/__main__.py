"""`python -m quarterdeck.sim`: run one seed, or seeds without end, and say what was found."""

from __future__ import annotations

import sys

from .start import set_up

if __name__ == "__main__":
    set_up()
    from .command import main

    sys.exit(main(sys.argv[1:]))
