"""`quarterdeck user`: logins from the server itself, for the first one and for the day nobody can get in."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from quarterdeck.core.kernel.refused import Refused

from .local import data_option, local


@click.group(
    epilog="""\b
Examples:
  quarterdeck user create ana@example.com --name "Ana Ruiz" --admin
  quarterdeck user list
  quarterdeck user password ana@example.com
  quarterdeck user disable ana@example.com"""
)
def user() -> None:
    """Create, list and disable people who may sign in."""


@user.command()
@data_option
@click.argument("email", required=False)
@click.option("--name", help="As colleagues know them (default: from the address).")
@click.option("--admin", is_flag=True, help="May change everything.")
@click.option(
    "--role",
    type=click.Choice(["administrator", "responder", "observer", "executive"]),
    default="responder",
    show_default=True,
)
@click.option("--timezone", default="UTC", show_default=True, help="Such as Europe/Paris.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(
    email: str | None, name: str | None, admin: bool, role: str, timezone: str, password_stdin: bool
) -> None:
    """Add somebody who may sign in. Asks for the address, if it is not given, and for the password twice."""
    _ready()
    from quarterdeck.app.people import accounts

    if email is None:
        if password_stdin:
            raise click.UsageError(
                "Give the address: quarterdeck user create you@example.com --password-stdin"
            )
        email = click.prompt("E-mail address")
    password = _password(password_stdin)
    with _plainly():
        person = accounts.create(
            accounts.operator(datetime.now(UTC)),
            email,
            name or email.partition("@")[0].replace(".", " ").title(),
            role="administrator" if admin else role,
            password=password,
            timezone=timezone,
        )
    click.echo(f"Created {person.name} <{person.email}>, {person.role}.")


@user.command(name="list")
@data_option
@click.option("--all", "everybody", is_flag=True, help="Also the disabled ones.")
def list_people(everybody: bool) -> None:
    """Everybody, with what they may do and whether they can sign in."""
    _ready()
    from quarterdeck.store.models import Person

    people = Person.objects.all() if everybody else Person.objects.filter(is_active=True)
    for p in people:
        state = "disabled" if not p.is_active else "password" if p.has_usable_password() else "no password"
        click.echo(f"{p.role:14} {state:12} {p.name} <{p.email}>")
    if not people:
        click.echo("Nobody yet. Create the first: quarterdeck user create you@example.com --admin")


@user.command()
@data_option
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(email: str, password_stdin: bool) -> None:
    """Set somebody's password. Their sessions end."""
    _ready()
    from quarterdeck.app.people import accounts

    person = _find(email)
    given = _password(password_stdin)
    with _plainly():
        accounts.set_password(accounts.operator(datetime.now(UTC)), person.id, given)
    click.echo(f"{person.name} has a new password; their sessions have ended.")


@user.command("forget-second-factor")
@data_option
@click.argument("email")
def forget_second_factor(email: str) -> None:
    """Take away the codes and passkeys of somebody who lost them. Their password lets them in."""
    _ready()
    from quarterdeck.app.people import accounts, second_factors

    person = _find(email)
    with _plainly():
        gone = second_factors.forget(accounts.operator(datetime.now(UTC)), person.id)
    click.echo(
        f"{person.name} signs in with the password alone now."
        if gone
        else f"{person.name} has no second factor."
    )


@user.command()
@data_option
@click.argument("email")
def disable(email: str) -> None:
    """Keep somebody from signing in and from being paged. Nothing they did is lost."""
    _switch(email, active=False)


@user.command()
@data_option
@click.argument("email")
def enable(email: str) -> None:
    """Let a disabled person in again."""
    _switch(email, active=True)


@user.command()
@data_option
@click.argument("email")
@click.option("--name", default="command line", show_default=True, help="What will use it.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it lives.")
def key(email: str, name: str, days: int) -> None:
    """Make an API key that acts as this person. It is shown once."""
    _ready()
    from quarterdeck.app.people import accounts, keys

    person = _find(email)
    with _plainly():
        _, made = keys.create_api_key(accounts.operator(datetime.now(UTC)), name, days, person_id=person.id)
    click.echo(made)


def _switch(email: str, *, active: bool) -> None:
    _ready()
    from quarterdeck.app.people import accounts

    person = _find(email)
    with _plainly():
        accounts.set_active(accounts.operator(datetime.now(UTC)), person.id, active)
    click.echo(f"{person.name} is {'enabled' if active else 'disabled'}.")


def _ready() -> None:
    local(existing=True)
    from quarterdeck.boot.migrate import pending

    if pending():
        click.echo("The store is not up to date. Run: quarterdeck migrate", err=True)
        sys.exit(2)


def _find(email: str):  # type: ignore[no-untyped-def]
    from quarterdeck.store.models import Person

    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        click.echo(f"Nobody has the address {email}. See: quarterdeck user list --all", err=True)
        sys.exit(1)
    return person


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return click.get_text_stream("stdin").readline().rstrip("\n")
    asked: str = click.prompt(
        "Password (15 characters or more are best)", hide_input=True, confirmation_prompt=True
    )
    return asked


class _plainly:  # noqa: N801 - reads as a word where it stands
    """Ends the program with the words of a refusal."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Refused):
            click.echo(error.message, err=True)
            sys.exit(1)
