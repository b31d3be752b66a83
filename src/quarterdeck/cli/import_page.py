"""`quarterdeck import-page`: a status page of another product, planned before anything is written."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

from .remote import REFUSED, connect, stop

PRODUCTS = ("statuspage", "cachet", "instatus", "kuma")
_SHOWN = 40
_MARK = {"ok": "+", "change": "~", "there": "=", "cannot": "!"}


@click.command("import-page")
@click.argument("source")
@click.option("--from", "product", type=click.Choice(PRODUCTS), required=True, help="Whose page it is.")
@click.option("--page", required=True, help="The key of the page here that takes it.")
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The other product's key.",
)
@click.option("--allow", multiple=True, help="Hosts or networks inside that SOURCE may be at.")
@click.option("--yes", is_flag=True, help="Take it without asking.")
@click.option("--plan", "only_plan", is_flag=True, help="Show the plan and stop.")
def import_page(
    source: str,
    product: str,
    page: str,
    key_file: Path | None,
    allow: tuple[str, ...],
    yes: bool,
    only_plan: bool,
) -> None:
    """SOURCE is a JSON file, or the address of the other product's interface (see docs/integrations.md)."""
    remote = connect()
    name, content = _document(source, product, key_file, allow)
    row = remote.send_file("/page-imports", name, content, page=page, product=product)
    at = f"/page-imports/{row['id']}"
    _show(remote.get(f"{at}/plan"))
    if only_plan or not (yes or click.confirm(f"Take it into {page}?")):
        remote.delete(at)
        click.echo("Nothing was taken.")
        return
    row = remote.put(f"{at}/start")
    for sentence in _came(row["counts"]):
        click.echo(sentence)


def _came(counts: dict[str, int]) -> list[str]:
    """What was taken, and what was not, of "kind verdict": how many."""
    taken: Counter[str] = Counter()
    rest: Counter[str] = Counter()
    for name, n in counts.items():
        kind, _, verdict = name.rpartition(" ")
        if verdict in ("ok", "change"):
            taken[kind] += n
        elif verdict in ("there", "cannot"):
            rest["there already" if verdict == "there" else "left out"] += n
    found = ", ".join(f"{n} {kind}{_many(kind, n)}" for kind, n in taken.items()) or "nothing new"
    return [f"Taken: {found}.", *(f"{what.capitalize()}: {n}." for what, n in rest.items())]


def _many(kind: str, n: int) -> str:
    return "s" if n != 1 and kind != "maintenance" else ""


def _document(source: str, product: str, key_file: Path | None, allow: tuple[str, ...]) -> tuple[str, bytes]:
    if not source.startswith(("http://", "https://")):
        path = Path(source)
        try:
            return path.name, path.read_bytes()
        except OSError as e:
            stop(f"{source} cannot be read: {e.strerror}.", REFUSED)
    from quarterdeck.channels.page_sources import gather
    from quarterdeck.channels.safe_http import SafeClient
    from quarterdeck.core.kernel.refused import Refused

    key = key_file.read_text(encoding="utf-8").strip() if key_file else ""
    try:
        found = gather(product, source, key, SafeClient(allow=allow))
    except Refused as e:
        stop(e.message, REFUSED)
    return f"{product}.json", json.dumps(found).encode()


def _show(plan: dict[str, Any]) -> None:
    for line in plan["lines"][:_SHOWN]:
        why = f"  ({line['why']})" if line["why"] else ""
        click.echo(f"{_MARK[line['verdict']]} {line['kind']:12} {line['what']}{why}")
    if plan["total"] > _SHOWN:
        click.echo(f"  and {plan['total'] - _SHOWN} more")
    click.echo("+ taken   ~ taken with a change   = there already   ! left out")
