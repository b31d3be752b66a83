"""The data folder: made for its owner alone, or a sentence why it cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

from .config import Config, ConfigError

STORE = "quarterdeck.db"


def make(data: Path) -> None:
    """The folder, made if it is missing; only its owner may look into a new one. Raises ConfigError."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError):
        raise ConfigError(
            f"{data} cannot be the data folder: a file is in the way. Name a folder with --data or QUARTERDECK_DATA."
        ) from None
    except OSError as e:
        raise ConfigError(f"The data folder {data} cannot be made ({e.strerror}). {_HINT}") from None
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigError(f"The data folder {data} cannot be written by this user. {_HINT}")


_HINT = "Give this user the right to write there, or name another folder with --data or QUARTERDECK_DATA."


def holds_store(config: Config) -> bool:
    """Whether there is an installation to work on: a database elsewhere, or its file in the data folder."""
    try:
        return bool(config.database_url) or (config.data / STORE).exists()
    except OSError as e:
        raise ConfigError(f"The data folder {config.data} cannot be read ({e.strerror}). {_HINT}") from None
