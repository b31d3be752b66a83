"""`quarterdeck import`: a status page of another product, from a file or a public address, by way of REST."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from quarterdeck.channels.safe_http import SafeClient, Unreached
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.imports import SOURCES

from .remote import UNREACHABLE, connect, stop

_PUBLIC = ("components", "incidents", "scheduled-maintenances")
_MOST_BYTES = 8 << 20


@click.command("import")
@click.argument("source", type=click.Choice(list(SOURCES)))
@click.argument("file_or_url")
@click.option("--page", required=True, help="The key of your page that takes it.")
@click.option(
    "--plan",
    "how",
    flag_value="plan",
    default=True,
    help="Only say what would be taken (this is so unless you say --apply).",
)
@click.option("--apply", "how", flag_value="apply", help="Take it.")
def take(source: str, file_or_url: str, page: str, how: str) -> None:
    """Take over a status page: components, incidents with their updates, maintenances.

    FILE_OR_URL is a file with what its API answers, or the address of a public Statuspage or Uptime Kuma page.
    """
    name, content = _content(source, file_or_url)
    remote = connect()
    row = remote.send_file("/status-page-imports", name, content, page=page, source=source)
    for kind, counts in sorted(row["counts"].items()):
        told = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items()))
        click.echo(f"{kind}: {told}")
    for told in row["lines"]:
        if told["why"] and told["verdict"] != "ok":
            click.echo(f"  {told['verdict']}: {told['kind']} {told['name']}: {told['why']}")
    if how == "apply":
        row = remote.put(f"/status-page-imports/{row['id']}/taken")
        click.echo(f"Taken: {row['taken']['components']} components, {row['taken']['posts']} updates.")
    else:
        click.echo("Nothing was written. Say --apply to take it.")


def _content(source: str, file_or_url: str) -> tuple[str, bytes]:
    if not file_or_url.startswith(("https://", "http://")):
        path = Path(file_or_url)
        if not path.is_file():
            raise click.BadParameter(f"{file_or_url} is no file and no address.", param_hint="FILE_OR_URL")
        return path.name, path.read_bytes()
    root = file_or_url.rstrip("/")
    if source == "statuspage":
        found: dict[str, Any] = {}
        for part in _PUBLIC:
            found |= _fetched(f"{root}/api/v2/{part}.json")
        return "page.json", json.dumps(found).encode()
    if source == "kuma":
        base, _, slug = root.rpartition("/status/")
        return "page.json", json.dumps(_fetched(f"{base}/api/status-page/{slug}")).encode()
    raise click.BadParameter("Its API takes a key. Save what it answers in a file.", param_hint="FILE_OR_URL")


def _fetched(url: str) -> dict[str, Any]:
    """One public document. Addresses inside are asked only where QUARTERDECK_ALLOW_TARGETS names them."""
    allowed = [a.strip() for a in os.environ.get("QUARTERDECK_ALLOW_TARGETS", "").split(",") if a.strip()]
    try:
        answer = SafeClient(allow=allowed).request("GET", url, read_bytes=_MOST_BYTES)
    except (Refused, Unreached) as e:
        stop(f"{url} cannot be read: {e.message if isinstance(e, Refused) else e.why}", UNREACHABLE)
    try:
        value = json.loads(answer.body) if answer.status == 200 else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        stop(f"{url} answered {answer.status}, and no page that can be read. Save it in a file.", UNREACHABLE)
    return value
