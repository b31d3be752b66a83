"""`quarterdeck status delete`: a status page that has served its time goes for good, after a look at what goes."""

from __future__ import annotations

from typing import Any

import click

from .remote import REFUSED, connect, stop


@click.command(
    epilog="""\b
Examples:
  quarterdeck status delete old-shop --plan
  quarterdeck status delete old-shop --farewell "The shop has closed, and this page with it."
\b
It takes the API key of an administrator. Nothing brings the page back."""
)
@click.argument("page")
@click.option("--farewell", default="", help="Tell its subscribers this by one last mail. Default: nothing.")
@click.option("--reason", default="", help="Why, for the audit log.")
@click.option("--plan", "only_plan", is_flag=True, help="Show what would go and stop.")
@click.option(
    "--yes", metavar="KEY", default="", help="The page's key once more, instead of being asked for it."
)
def delete(page: str, farewell: str, reason: str, only_plan: bool, yes: str) -> None:
    """Delete a status page for good. PAGE is its key."""
    remote = connect()
    at = f"/status-pages/{page}/deletion"
    found = remote.get(at)
    _show(found)
    if found["reasons"]:
        stop("The page is still needed. Nothing was deleted.", REFUSED)
    if only_plan:
        return
    typed = yes or click.prompt(f"Type {page} to delete it for good", default="", show_default=False)
    row = remote.put(at, {"key": typed, "farewell": farewell, "reason": reason})
    click.echo(f"{row['title']} is deleted.")
    for target in row["targets"]:
        click.echo(f"  Its files are being taken away from {target['name']}.")


def _show(found: dict[str, Any]) -> None:
    for text in found["goes"]:
        click.echo(f"- {text}")
    for text in found["stays"]:
        click.echo(f"= {text}")
    for text in found["reasons"]:
        click.echo(f"! {text}")
    click.echo("- goes   = stays   ! stands against it")
    if found["told"]:
        click.echo(f"Subscribers whom --farewell would reach: {found['told']}")
