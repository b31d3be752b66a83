"""`quarterdeck contacts`: a list into an audience and out again, over the REST interface."""

from __future__ import annotations

import time
from pathlib import Path

import click

from .remote import connect, stop

_REFUSED = 1


@click.group()
def contacts() -> None:
    """Lists of contacts into an audience."""


@contacts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--audience", required=True, help="Its key, such as customers_all.")
@click.option("--source", required=True, help="Where the consent of these people is from.")
@click.option("--list", "segment", default="", help="Put them on this list, too.")
@click.option("--yes", is_flag=True, help="Take it without asking.")
@click.option("--no-wait", is_flag=True, help="Do not wait until it is taken: it goes on by itself.")
def take(file: Path, audience: str, source: str, segment: str, yes: bool, no_wait: bool) -> None:
    """Read a CSV file and take it. Rows that cannot be taken are left out, each with its reason."""
    remote = connect()
    fields = {"audience": audience, "source": source, "segment": segment}
    row = remote.send_file("/audience-imports", file.name, file.read_bytes(), **fields)
    click.echo(f"{row['total']} rows read, import {row['id']}.")
    if not yes:
        click.confirm(f"Take them into {audience}?", abort=True)
    at = f"/audience-imports/{row['id']}"
    row = remote.put(f"{at}/start")
    while not no_wait and row["state"] == "running":
        time.sleep(1.0)
        row = remote.get(at)
    click.echo(
        f"{row['state']}: {row['added']} new, {row['changed']} changed, {row['same']} the same, "
        f"{row['withheld']} stay unsubscribed, {row['refused']} refused."
    )
    for fault in remote.get(f"{at}/faults", limit=20)["items"]:
        click.echo(f"  row {fault['row']}: {fault['text']} {fault['value']}")
    if row["state"] == "dropped":
        stop("It was dropped before its end.", _REFUSED)
