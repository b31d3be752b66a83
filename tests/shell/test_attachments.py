"""Files of the record: what is taken, how it is given back, who may have it, and that backups carry it."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quarterdeck.app import casebook
from quarterdeck.app.incidents import attachments
from quarterdeck.boot import backup_files
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import log, models
from quarterdeck.web import edge
from quarterdeck.web.edge_health import Figures
from support.attacks import org, signed_in
from support.rest import HOST, Organisation

__all__ = ["org"]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path):
    before = settings.QUARTERDECK_ATTACHMENTS
    settings.QUARTERDECK_ATTACHMENTS = tmp_path / "attachments"
    yield tmp_path / "attachments"
    settings.QUARTERDECK_ATTACHMENTS = before


def send(client: Client, incident: str, name: str, content: bytes):
    return client.post(
        f"/incidents/{incident}/files",
        {"file": SimpleUploadedFile(name, content), "text": "What it shows"},
        headers={"HX-Request": "true"},
    )


def test_a_file_is_attached_on_the_page_told_on_the_timeline_and_given_back_to_be_saved(
    org: Organisation, folder: Path
) -> None:
    incident = org.declare("ana")
    ana = signed_in(org, "ana")
    assert send(ana, incident, "graph.png", PNG).status_code == 302
    (row,) = models.AttachmentRow.objects.all()
    assert (row.incident_id, row.name, row.media_type, row.size_bytes) == (
        incident, "graph.png", "image/png", len(PNG),
    )  # fmt: skip
    line = models.TimelineRow.objects.get(incident_id=incident, kind="file")
    assert "graph.png" in line.title and line.text == "What it shows"
    got = ana.get(f"/incidents/{incident}/files/{row.id}")
    assert got.content == PNG
    assert got["Content-Disposition"] == 'attachment; filename="graph.png"'
    assert got["X-Content-Type-Options"] == "nosniff" and "sandbox" in got["Content-Security-Policy"]
    shown = ana.get(f"/incidents/{incident}/files/{row.id}/image")
    assert (shown.content, shown["Content-Type"]) == (PNG, "image/png")
    assert (
        f"/incidents/{incident}/files/{row.id}" in ana.get(f"/incidents/{incident}/record").content.decode()
    )
    assert log.verify(incident) is None
    assert [p.name for p in folder.glob("*/*")] == [row.sha256]


def test_the_same_content_is_kept_once(org: Organisation, folder: Path) -> None:
    one, other = org.declare("ana"), org.declare("ana")
    for incident, name in ((one, "a.png"), (one, "a.png"), (one, "b.png"), (other, "a.png")):
        attachments.attach(org.act("ana"), incident, name, PNG)
    assert models.AttachmentRow.objects.count() == 3
    assert len(list(folder.glob("*/*"))) == 1


def zipped(name: str, content: bytes = b"x", link: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = (0o120777 if link else 0o100644) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.svg", SVG, "file.type"),
        ("x.png", SVG, "file.type"),
        ("x.txt", b"\xef\xbb\xbf \n<!DOCTYPE html><script>1</script>", "file.type"),
        ("x.exe", b"MZ\x90\x00\x03" + b"\x00" * 60, "file.type"),
        ("x.bin", b"\x7fELF\x02\x01\x01\x00", "file.type"),
        ("x.png", PNG[:16], "file.type"),
        ("x.png", PNG[:16] + b"\xff\xff\xff\xff\xff\xff\xff\xff" + PNG[24:], "file.type"),
        ("x.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "file.type"),
        ("x", b"", "file.empty"),
        ("x.zip", zipped("../../etc/passwd"), "file.archive"),
        ("x.zip", zipped("/etc/passwd"), "file.archive"),
        ("x.zip", zipped("C:\\evil"), "file.archive"),
        ("x.zip", zipped("link", b"/etc/passwd", link=True), "file.archive"),
        ("x.zip", zipped("zeros", b"\x00" * 5_000_000), "file.archive"),
        ("x.zip", b"PK\x03\x04 damaged", "file.archive"),
    ],
)
def test_what_could_harm_is_refused_whatever_it_is_called(
    org: Organisation, folder: Path, name: str, content: bytes, code: str
) -> None:
    incident = org.declare("ana")
    with pytest.raises(Refused) as refused:
        attachments.attach(org.act("ana"), incident, name, content)
    assert refused.value.code == code
    assert not models.AttachmentRow.objects.exists() and not list(folder.glob("*/*"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("photo\u202egnp.exe", "photognp.exe.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\ana\\shot.PNG", "shot.PNG"),
        ("a\r\nSet-Cookie: x=1.png", "a Set-Cookie_ x=1.png"),
        ("", "file.png"),
        ("..", "file.png"),
        ("x" * 900 + ".png", "x" * 119 + "…" + ".png"),
    ],
)
def test_names_are_harmless_and_end_as_their_content_is(org: Organisation, given: str, kept: str) -> None:
    incident = org.declare("ana")
    attachments.attach(org.act("ana"), incident, given, PNG)
    name = models.AttachmentRow.objects.get().name
    assert name == kept or (len(given) > 200 and len(name) <= 130 and name.endswith(".png"))


def test_text_that_is_no_picture_is_never_shown_only_saved(org: Organisation) -> None:
    incident = org.declare("ana")
    attachments.attach(org.act("ana"), incident, "app.log", b"2026-11-22 GET /<script>alert(1)</script>\n")
    file = models.AttachmentRow.objects.get().id
    ana = signed_in(org, "ana")
    assert ana.get(f"/incidents/{incident}/files/{file}/image").status_code == 404
    got = ana.get(f"/incidents/{incident}/files/{file}")
    assert got["Content-Type"].startswith("text/plain") and got["Content-Disposition"].startswith(
        "attachment"
    )


@pytest.mark.requirement("R-293")
def test_files_of_a_restricted_incident_are_for_its_members(org: Organisation) -> None:
    incident = org.declare("ana", restricted=True)
    attachments.attach(org.act("ana"), incident, "graph.png", PNG)
    file = models.AttachmentRow.objects.get().id
    for handle in ("root", "ben", "ole"):
        client = signed_in(org, handle)
        for part in (f"files/{file}", f"files/{file}/image", "record", "at"):
            assert client.get(f"/incidents/{incident}/{part}").status_code == 404, part
        assert send(client, incident, "x.png", PNG).status_code in (403, 404)
        assert client.post(f"/incidents/{incident}/record/export").status_code == 404
    assert models.AttachmentRow.objects.count() == 1


def test_a_file_of_one_incident_is_not_had_through_another(org: Organisation) -> None:
    hidden, open_ = org.declare("ana", restricted=True), org.declare("ana")
    attachments.attach(org.act("ana"), hidden, "graph.png", PNG)
    file = models.AttachmentRow.objects.get().id
    assert signed_in(org, "ben").get(f"/incidents/{open_}/files/{file}").status_code == 404
    assert org.call("ben").get(f"/incidents/{open_}/files/{file}/content").status == 404


def test_the_interface_attaches_lists_and_gives_back(org: Organisation) -> None:
    incident = org.declare("ana")
    ana = org.call("ana")
    made = ana.client.post(
        f"/api/v1/incidents/{incident}/files",
        {"file": SimpleUploadedFile("pool.csv", b"at,used\n14:02,20\n"), "text": "the pool"},
        headers={"Authorization": ana.headers["Authorization"], "host": HOST},
    )
    assert made.status_code == 201, made.content
    file = made.json()
    assert (file["name"], file["media_type"], file["text"]) == ("pool.csv", "text/plain", "the pool")
    assert [f["id"] for f in ana.get(f"/incidents/{incident}/files").json["items"]] == [file["id"]]
    got = ana.client.get(
        f"/api/v1/incidents/{incident}/files/{file['id']}/content",
        headers={"Authorization": ana.headers["Authorization"], "host": HOST},
    )
    assert got.content == b"at,used\n14:02,20\n" and got["X-Content-Type-Options"] == "nosniff"


def test_content_that_was_changed_on_disk_is_not_given_out(org: Organisation, folder: Path) -> None:
    incident = org.declare("ana")
    attachments.attach(org.act("ana"), incident, "graph.png", PNG)
    (place,) = folder.glob("*/*")
    place.write_bytes(b"something else")
    file = models.AttachmentRow.objects.get().id
    with pytest.raises(Refused, match=r"file\.lost"):
        attachments.find(incident, file, org.act("ana").who)


def test_a_body_of_200_mb_is_refused_before_it_is_read(org: Organisation) -> None:
    """Neither a length that is claimed nor one that is kept quiet makes the server take it in."""

    async def bridge(scope, receive, send) -> None:
        raise AssertionError("nothing of it reaches a page")

    pages = edge.Pages(bridge, 1, 1, 1 << 20, b"busy", Figures(), upload_limit=25 << 20)

    def asked(path: str, *headers: tuple[bytes, bytes]) -> tuple[int, int]:
        taken, told = 0, []

        async def receive():
            nonlocal taken
            taken += 1 << 20
            return {"type": "http.request", "body": b"x" * (1 << 20), "more_body": taken < 200 << 20}

        async def send(message) -> None:
            told.append(message)

        scope = {"type": "http", "method": "POST", "path": path, "headers": list(headers)}
        asyncio.run(pages(scope, receive, send))
        return told[0]["status"], taken

    cookie, length = (b"cookie", b"x=y"), (b"content-length", b"209715200")
    assert asked("/incidents/INC-1/files", cookie, length) == (413, 0)
    status, taken = asked("/incidents/INC-1/files", cookie)
    assert status == 413 and taken <= 27 << 20
    # Somebody who does not even say who they are gets no further than with any form.
    status, taken = asked("/api/v1/incidents/INC-1/files")
    assert status == 413 and taken <= 2 << 20


def test_backups_carry_every_file_once_and_restoring_brings_it_back(
    org: Organisation, folder: Path, tmp_path: Path
) -> None:
    incident = org.declare("ana")
    attachments.attach(org.act("ana"), incident, "graph.png", PNG)
    (kept,) = folder.glob("*/*")
    first, second = tmp_path / "one", tmp_path / "two"
    assert backup_files.new_bytes(folder, None) == len(PNG)
    backup_files.copy(folder, first, None)
    backup_files.copy(folder, second, first)
    assert backup_files.new_bytes(folder, first) == 0
    name = f"attachments/{kept.parent.name}/{kept.name}"
    assert (first / name).samefile(second / name) and not (first / name).samefile(kept)
    assert backup_files.known_digest(second, name) == kept.name
    kept.unlink()
    backup_files.put_back(second, folder)
    file = models.AttachmentRow.objects.get().id
    assert attachments.find(incident, file, org.act("ana").who).content == PNG


def test_read_tables_with_files_and_marks_are_rebuilt_unchanged(org: Organisation) -> None:
    incident = org.declare("ana")
    ana = org.call("ana")
    attachments.attach(org.act("ana"), incident, "graph.png", PNG)
    entry = ana.post(f"/incidents/{incident}/entries", {"text": "Ask the bank"}).json["entry"]
    assert ana.put(f"/incidents/{incident}/entries/{entry}/followup").status == 204

    def rows() -> list[object]:
        kinds = (models.AttachmentRow, models.TimelineRow, models.IncidentRow)
        return [list(m._default_manager.order_by("pk").values()) for m in kinds]

    before = rows()
    casebook.rebuild(incident, org.now)
    assert rows() == before
    assert models.TimelineRow.objects.get(entry_id=entry, kind="note").followup
