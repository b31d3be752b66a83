"""Files of the record: taken in, kept once under the SHA-256 of their content, given back to readers of the incident.

Contents stand in a folder beside the store and are never changed, run or unpacked; the log holds their hash.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.conf import settings

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import record as core
from quarterdeck.core.incidents.authority import must_read
from quarterdeck.core.incidents.filetypes import SHOWN, ZIP, name_of, picture, sniff
from quarterdeck.core.incidents.parts import Attachment
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, need
from ..casebook import Case

# A zip that grows by more than this when unpacked is made to harm whoever unpacks it.
_MOST_GROWTH, _MOST_UNPACKED, _MOST_INSIDE = 200, 2 << 30, 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """A file with its content. `shown`: a picture that a page may show; everything else is only downloaded."""

    file: Attachment
    content: bytes
    shown: bool


def limit_bytes() -> int:
    """The largest file that is taken."""
    limit: int = settings.QUARTERDECK.attachments.limit_mib << 20
    return limit


def attach(
    act: Act, incident_id: str, name: str, content: bytes, *, text: str = "", entry_id: str = ""
) -> Case:
    """Put a file into the record. Refuses what is too large or of a kind that is not taken."""
    need(act, "incident.act")
    must_read(casebook.load(incident_id, act.who).incident, act.who)
    if len(content) > limit_bytes():
        raise too_large(len(content))
    kind = sniff(content)
    if kind == ZIP:
        _check_zip(content)
    digest = hashlib.sha256(content).hexdigest()
    decided = {
        "entry_id": entry_id or new_id(), "name": name_of(name, kind), "media_type": kind,
        "size_bytes": len(content), "sha256": digest, "text": clean(text, 2000),
    }  # fmt: skip
    # First the content, then the word of it: a log that names a file which is not there would be worse than a file
    # that nothing names.
    _keep(digest, content)
    case = casebook.change(act, incident_id, lambda i, t: core.attach_file(i, act.who, **decided))  # type: ignore[arg-type]
    if not _place(digest).exists():  # the same content was taken back elsewhere at this moment
        _keep(digest, content)
    return case


def too_large(size_bytes: int) -> Refused:
    message = (
        f"The file has {size_bytes / 1_000_000:.1f} MB; {limit_bytes() >> 20} MiB are taken. "
        "Cut it, pack it, or put it where a link can lead to it."
    )
    return bad("file.large", message, file=message)


def find(incident_id: str, file_id: str, who: Who) -> Found:
    """A file of an incident, for whoever may read that. The content is compared with its hash on the way out."""
    case = casebook.load(incident_id, who)
    file = case.incident.attachments.get(file_id)
    if file is None:
        raise missing("file.unknown", "There is no such file in this incident. Reload its timeline.")
    if file.taken_back_at is not None:
        raise missing(
            "file.taken_back",
            f"This file was taken back: {file.taken_back_reason} Its hash is in the record.",
        )
    content = content_of(file.sha256)
    if content is None:
        raise missing(
            "file.lost",
            "The content of this file is not on this machine. Ask whoever runs Quarterdeck: it is in the folder of "
            "attachments of another node, or in a backup.",
        )
    shown = file.media_type in SHOWN and sniff(content) == file.media_type and picture(content) is not None
    return Found(file, content, shown)


def content_of(sha256: str) -> bytes | None:
    """What is kept under a hash; None where it is missing or not what it was."""
    try:
        content = _place(sha256).read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def remove_unless_used(sha256: str) -> bool:
    """Remove a content from this disk, unless a file that was not taken back has it. Whether one was removed."""
    if models.AttachmentRow.objects.filter(sha256=sha256, taken_back_at=None).exists():
        return False
    place = _place(sha256)
    if not place.exists():
        return False
    place.unlink(missing_ok=True)
    return True


def _keep(digest: str, content: bytes) -> None:
    place = _place(digest)
    if content_of(digest) is not None:
        return
    place.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.parent.mkdir(exist_ok=True, mode=0o700)
    draft = place.with_name(f".{digest}.{os.getpid()}.{new_id()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
            f.write(content)
            f.flush()
            os.fsync(f.fileno())
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _place(digest: str) -> Path:
    folder: Path = settings.QUARTERDECK_ATTACHMENTS
    return folder / digest[:2] / digest


def _check_zip(content: bytes) -> None:
    """Refuses archives that are made to harm whoever unpacks them; nothing of one is unpacked here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise _bad_zip("is damaged") from None
    if len(inside) > _MOST_INSIDE:
        raise _bad_zip(f"holds {len(inside)} files")
    total = sum(i.file_size for i in inside)
    if total > _MOST_UNPACKED or total > _MOST_GROWTH * max(len(content), 1):
        raise _bad_zip("would grow out of all measure when it is unpacked")
    for one in inside:
        name = PurePosixPath(one.filename.replace("\\", "/"))
        is_link = (one.external_attr >> 16) & 0o170000 == 0o120000
        if name.is_absolute() or ".." in name.parts or ":" in one.filename[:3] or is_link:
            raise _bad_zip("has names or links that lead out of the folder it is unpacked into")


def _bad_zip(why: str) -> Refused:
    message = f"This archive {why}, so it is not taken. Attach the files one by one."
    return bad("file.archive", message, file=message)
