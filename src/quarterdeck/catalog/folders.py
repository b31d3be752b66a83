"""Finds catalogue files: an organisation's file stands for the shipped one of its name. Never writes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from quarterdeck.catalog.tables import CatalogError, Table, did_you_mean

MOST_BYTES = 256 * 1024
_KNOWN = (
    "acknowledgements.toml",
    "audiences.toml",
    "causes.toml",
    "closing.toml",
    "costs.toml",
    "engagement.toml",
    "executive_quiz.toml",
    "glossary.toml",
    "impact.toml",
    "matrix.toml",
    "regulatory.toml",
    "resolution_codes.toml",
    "severe.toml",
    "severities.toml",
    "types.toml",
)
_KNOWN_FOLDERS = ("mappings", "messages", "roles", "scenarios", "templates", "types")


def shipped() -> Traversable:
    """The data that comes with the product, wherever it is installed."""
    return resources.files("quarterdeck.catalog") / "data"


class Folders:
    """The shipped data with an organisation's folder laid over it, file by file, and over both `texts`: files that
    stand nowhere on this disk, by their name in the catalogue.
    """

    def __init__(self, own: Path | None = None, texts: Mapping[str, str] | None = None) -> None:
        if own is not None and not own.is_dir():
            raise CatalogError(str(own), "there is no such folder. Create it, or leave the setting empty.")
        self._own: Traversable | None = own
        self._shipped = shipped()
        self._texts = dict(texts or {})

    def table(self, name: str) -> Table:
        """The file as a table. Raises CatalogError when no layer has it."""
        return Table.parse(name, self.text(name))

    def text(self, name: str) -> str:
        """The file as it is written. Raises CatalogError when no layer has it."""
        if name in self._texts:
            return _bounded(name, self._texts[name])
        found = self._find(name)
        if found is None:
            raise CatalogError(name, f"there is no such file.{self._near(name)}")
        return _read(name, found)

    def has(self, name: str) -> bool:
        return name in self._texts or self._find(name) is not None

    def source(self, name: str) -> str:
        """Which layer a file comes from: saved, own, shipped, or "" for none."""
        if name in self._texts:
            return "saved"
        path = PurePosixPath(name).parts
        if self._own is not None and self._own.joinpath(*path).is_file():
            return "own"
        return "shipped" if self._shipped.joinpath(*path).is_file() else ""

    def names(self, folder: str) -> tuple[str, ...]:
        """The TOML files of a folder in both layers, as names without the ending, sorted."""
        return tuple(sorted({*_names(self._shipped, folder), *self.own_names(folder)}))

    def own_names(self, folder: str) -> tuple[str, ...]:
        """As `names`, the organisation's files only."""
        own = _names(self._own, folder) if self._own is not None else set()
        above = f"{folder}/"
        written = {
            n[len(above) : -5] for n in self._texts if n.startswith(above) and "/" not in n[len(above) :]
        }
        return tuple(sorted(own | written))

    def refuse_strangers(self) -> None:
        """Refuses a TOML file or folder of the organisation that would be left out in silence."""
        if self._own is None:
            return
        for entry in _visible(self._own):
            if entry.is_dir():
                _refuse_unless(entry.name in _KNOWN_FOLDERS, f"{entry.name}/", _KNOWN_FOLDERS)
            elif entry.name.endswith(".toml"):
                _refuse_unless(entry.name in _KNOWN, entry.name, _KNOWN)
        templates = self.names("templates")
        for above in ("roles", "messages"):
            for entry in _visible(self._own / above):
                known = tuple(f"{above}/{t}/" for t in templates)
                _refuse_unless(entry.name in templates, f"{above}/{entry.name}{'/' * entry.is_dir()}", known)

    def _find(self, name: str) -> Traversable | None:
        for layer in (self._own, self._shipped):
            if layer is None:
                continue
            entry = layer.joinpath(*PurePosixPath(name).parts)
            if entry.is_file():
                return entry
        return None

    def _near(self, name: str) -> str:
        path = PurePosixPath(name)
        return did_you_mean(path.stem, self.names(str(path.parent)))


def _visible(folder: Traversable) -> list[Traversable]:
    if not folder.is_dir():
        return []
    return sorted((e for e in folder.iterdir() if not e.name.startswith(".")), key=lambda e: e.name)


def _refuse_unless(fits: bool, name: str, known: tuple[str, ...]) -> None:
    if not fits:
        raise CatalogError(name, f"nothing reads this, it has no effect.{did_you_mean(name, known)}")


def _names(layer: Traversable, folder: str) -> set[str]:
    below = layer.joinpath(*PurePosixPath(folder).parts)
    if not below.is_dir():
        return set()
    return {e.name.removesuffix(".toml") for e in below.iterdir() if e.name.endswith(".toml") and e.is_file()}


def _bounded(name: str, text: str) -> str:
    size = len(text.encode())
    if size > MOST_BYTES:
        raise CatalogError(name, f"the file has {size} bytes. Keep it under {MOST_BYTES}.")
    return text.replace("\r\n", "\n")


def _read(name: str, entry: Traversable) -> str:
    raw = entry.read_bytes()
    if len(raw) > MOST_BYTES:
        raise CatalogError(name, f"the file has {len(raw)} bytes. Keep it under {MOST_BYTES}.")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise CatalogError(name, "the file is not UTF-8. Save it as UTF-8.") from error
