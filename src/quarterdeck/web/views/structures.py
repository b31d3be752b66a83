"""Response structures in the settings: list, a template as chart and tables, the editor, files in and out."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.act import Act, need
from quarterdeck.app.catalog import catalogue, planned_files, saved_files, structure_bundles, structures
from quarterdeck.app.comms import message_texts
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import may
from quarterdeck.core.incidents.structure import Catalog, Template
from quarterdeck.core.incidents.structure_diff import difference
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import counted, line
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.present import message_texts as present_texts
from quarterdeck.web.present import process
from quarterdeck.web.present import structures as present
from quarterdeck.web.routes import route

_AT = "/settings/structures"
MOST_VERSIONS = 20


def index(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    open_ = models.IncidentRow.objects.exclude(phase__in=("closed", "dismissed", "merged")).filter(
        restricted=False
    )
    running = dict(open_.values_list("template").annotate(n=Count("id")).values_list("template", "n"))
    found = structures.check({})
    context = present.groups(structures.files(doing), catalogue.current(), running) | {
        "tab": "structures",
        "edits": may(doing.who, "settings.edit"),
        "findings": present.findings(found.findings),
        "problem": saved_files.problem(),
    }
    return render(request, "settings/structures.html", context)


def template_page(request: HttpRequest, key: str) -> HttpResponse:
    doing = act(request)
    template = _template(catalogue.current(), key)
    rows = saved_files.versions(key)[:MOST_VERSIONS]
    directory = Directory(doing.at)
    older = {r.version: saved_files.content(r) for r in rows}
    versions = []
    for row, before in zip(rows, [*rows[1:], None], strict=False):
        told = difference(older[before.version], older[row.version]) if before else ()
        versions.append(
            {"version": row.version, "at": row.saved_at, "note": row.note,
             "by": directory.name(row.saved_by) if row.saved_by else "", "differences": present.differences(told)}
        )  # fmt: skip
    context = (
        _shown(request, doing, catalogue.current(), template)
        | {
            "tab": "structures",
            "template": {"key": key, "title": template.title, "version": template.version},
            "chart": present.chart(template),
            "tables": present.tables(template),
            "versions": versions,
            "edits": may(doing.who, "settings.edit"),
            "unified": template.unified_command,
            "texts": present_texts.listed(template),
        }
        | process.box("template", key, doing.who, doing.at)
    )
    return render(request, "settings/structure.html", context)


def _shown(request: HttpRequest, doing: Act, catalog: Catalog, template: Template) -> dict[str, Any]:
    """The question "who would be called", and its answer."""
    asked = request.POST if request.method == "POST" else request.GET
    kind = asked.get("type", "")
    kind = (
        kind if catalog.type(kind) else next((t.key for t in catalog.types if t.template == template.key), "")
    )
    severity = asked.get("severity", "")
    rank = int(severity) if severity in [*"12345"] else 1
    service = asked.get("service", "")[:60]
    return {
        "asked": {"type": kind, "severity": rank, "service": service},
        "types": [(t.key, t.title) for t in catalog.types],
        "ranks": [(s.rank, s.label) for s in catalog.severities],
        "services": list(models.Service.objects.order_by("name").values_list("key", "name")[:200]),
        "called": present.called(catalog, template, kind, rank, service, doing.at),
    }


def edit(request: HttpRequest) -> HttpResponse:
    """The editor of one or several files. `check` shows what they would mean, `save` puts them in force."""
    doing = act(request)
    if request.method != "POST":
        path = request.GET.get("file", "")
        found = structures.file(doing, path)
        text = found.text or (message_texts.start(path) if path.startswith("messages/") else "")
        return _editor(request, doing, [(found.path, text, found.base)], {})
    need(doing, "settings.edit")
    post = request.POST
    given = list(zip(post.getlist("path"), post.getlist("text"), post.getlist("base"), strict=False))
    if not given:
        raise bad("files.count", "There is no file in this form. Open one from the list.")
    error: Refused | None = None
    if post.get("act") == "save":
        try:
            texts, bases = {p: t for p, t, _ in given}, {p: b for p, _, b in given}
            later = local_time(post.get("effective_at", ""), "effective_at")
            if later is not None:
                made = planned_files.plan(doing, texts, post.get("note", ""), bases, later)
                return done(
                    request, f"/notices/{made.id}", "Announced; it is put in force then.", "structures"
                )
            changed = structures.put_in_force(doing, texts, post.get("note", ""), bases)
        except Refused as refused:
            error = refused
        else:
            said = (
                f"{counted(len(changed), 'file')} in force."
                if changed
                else "Nothing differs, nothing was saved."
            )
            return done(request, _after(given[0][0]), said, "structures")
    return _editor(
        request,
        doing,
        given,
        {
            "error": error,
            "note": line(post.get("note", ""), 300),
            "checked": True,
            "effective_at": post.get("effective_at", "")[:20],
        },
    )


def _after(path: str) -> str:
    part = path.split("/")
    if part[0] == "templates":
        return f"{_AT}/templates/{part[1].removesuffix('.toml')}"
    return f"{_AT}/templates/{part[1]}" if part[0] in ("roles", "messages") else _AT


def _editor(
    request: HttpRequest, doing: Act, given: list[tuple[str, str, str]], more: dict[str, Any]
) -> HttpResponse:
    checked = structures.check({p: t for p, t, _ in given}) if more.get("checked") else None
    files = [_edited(doing, path, text, base, checked) for path, text, base in given]
    single = files[0] if len(files) == 1 else None
    context: dict[str, Any] = {
        "tab": "structures",
        "files": files,
        "single": single,
        "edits": may(doing.who, "settings.edit"),
        "findings": present.findings(checked.findings, checked.blocking) if checked else [],
        "blocked": bool(checked and (checked.blocking or checked.catalog is None)),
        "history": _history(single["path"], doing) if single else [],
        "texts": [t for path, text, _ in given if (t := present_texts.preview(path, text))],
        "fields": present_texts.fields(path for path, _, _ in given),
    } | more  # fmt: skip
    preview = _previewed(checked.catalog if checked else None, given)
    if preview is not None and checked and checked.catalog:
        before = catalogue.current().template(preview.key)
        context |= _shown(request, doing, checked.catalog, preview) | {
            "preview": {"title": preview.title, "version": preview.version},
            "chart": present.chart(preview),
            "tables": present.tables(preview),
            "differences": present.differences(difference(before, preview) if before else ()),
        }
    status = {"conflict": 409, "forbidden": 403}.get(more["error"].kind, 422) if more.get("error") else 200
    return render(request, "settings/structure_edit.html", context, status=status)


def _edited(
    doing: Act, path: str, text: str, base: str, checked: structures.Checked | None
) -> dict[str, Any]:
    now = structures.file(doing, path)
    lines = text.replace("\r\n", "\n")
    return {
        "path": path,
        "kind": now.kind,
        **present.about(path, catalogue.current()),
        "source": present.SOURCES[now.source],
        "saved": now.source == "saved",
        "text": lines,
        "base": base or now.base,
        "stale": bool(base) and base != now.base,
        "diff": structures.changed_lines(now.text, lines) if checked else [],
        "findings": present.findings([f for f in checked.findings if f.where == path]) if checked else [],
        "download": f"{_AT}/file?{urlencode({'file': path})}",
    }


def _previewed(catalog: Catalog | None, given: list[tuple[str, str, str]]) -> Template | None:
    """The template that these files are about."""
    for path, _, _ in given:
        part = path.split("/")
        key = part[1].removesuffix(".toml") if part[0] in ("templates", "roles") else ""
        if catalog and key and (found := catalog.template(key)):
            return found
    return None


def _history(path: str, doing: Act) -> list[dict[str, Any]]:
    rows = structures.history(path, doing.who)
    names = Directory(doing.at).name
    texts = [r.text for r in rows]
    found = []
    for n, row in enumerate(rows[:20]):
        before = texts[n + 1] if n + 1 < len(texts) else ""
        diff = structures.changed_lines(before, row.text) if before and not row.withdrawn else []
        found.append({"version": row.version, "at": row.saved_at, "by": names(row.saved_by), "note": row.note,
                      "withdrawn": row.withdrawn, "diff": diff})  # fmt: skip
    return found


def upload(request: HttpRequest) -> HttpResponse:
    """Files from outside, shown with what they would change before anything is saved."""
    doing = act(request)
    need(doing, "settings.edit")
    error: Refused | None = None
    template = request.POST.get("template", "")
    if request.method == "POST":
        given = [
            (f.name or "", f.read(structure_bundles.MOST_BYTES + 1)) for f in request.FILES.getlist("file")
        ]
        try:
            found = structure_bundles.unpack(given, template)
        except Refused as refused:
            error = refused
        else:
            now = {path: structures.file(doing, path).base for path in found}
            return _editor(request, doing, [(p, t, now[p]) for p, t in found.items()], {"checked": True})
    context = {
        "tab": "structures",
        "error": error,
        "template": template,
        "templates": [(t.key, t.title) for t in catalogue.current().templates],
    }
    return render(request, "settings/structure_upload.html", context, status=422 if error else 200)


@posts
def withdraw(request: HttpRequest) -> HttpResponse:
    path = request.POST.get("path", "")
    structures.withdraw(act(request), path, request.POST.get("note", ""))
    return done(request, f"{_AT}/edit?{urlencode({'file': path})}", "The file on the disk is in force again.")


def download(request: HttpRequest) -> HttpResponse:
    found = structures.file(act(request), request.GET.get("file", ""))
    if not found.source:
        raise missing("file.unknown", "There is no such file yet.")
    answer = HttpResponse(found.text, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{quote(found.path.replace("/", "."))}"'
    return answer


def download_all(request: HttpRequest, key: str) -> HttpResponse:
    answer = HttpResponse(structure_bundles.pack(act(request), key), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{quote(key)}-structure.zip"'
    return answer


def _template(catalog: Catalog, key: str) -> Template:
    found = catalog.template(key)
    if found is None:
        raise missing("template.unknown", "There is no such template. Choose one from the list.")
    return found


_READ, _EDIT = "settings.read", "settings.edit"
ROUTES = [
    route("settings/structures", index, name="structures", permission=_READ),
    route("settings/structures/edit", edit, name="structure-edit", permission=_READ),
    route("settings/structures/import", upload, name="structure-import", permission=_EDIT),
    route("settings/structures/withdraw", withdraw, name="structure-withdraw", permission=_EDIT),
    route("settings/structures/file", download, name="structure-file", permission=_READ),
    route("settings/structures/templates/<str:key>", template_page, name="structure", permission=_READ),
    route(
        "settings/structures/templates/<str:key>/download",
        download_all,
        name="structure-zip",
        permission=_READ,
    ),
]
