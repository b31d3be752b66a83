"""`python -m quarterdeck.sim`: run one seed, or seeds without end, and say what was found. Exit code 1 when anything was."""

from __future__ import annotations

import os
import sys
import tempfile


def set_up() -> None:
    """Bring Django up with the product's settings, without a folder of data. Before anything else is imported."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.boot.settings")
    os.environ["QUARTERDECK_DATA"] = tempfile.mkdtemp(prefix="quarterdeck-sim-")
    for name in ("DATABASE_URL", "QUARTERDECK_CONFIG"):
        os.environ.pop(name, None)
    import django

    django.setup()


if __name__ == "__main__":
    set_up()
    from quarterdeck.sim.command import main

    sys.exit(main(sys.argv[1:]))
