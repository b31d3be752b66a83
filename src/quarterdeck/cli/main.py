"""`quarterdeck`: one command, its subcommands loaded only when asked for (so that --help answers at once)."""

from __future__ import annotations

import importlib

import click

# Name -> (module, attribute, one line for the list). The module is loaded when the command runs or explains
# itself.
COMMANDS = {
    "serve": ("quarterdeck.cli.serve", "serve", "Run Quarterdeck here: web, engine, auditor and lifeline."),
    "demo": ("quarterdeck.cli.demo", "demo", "Run it with the story of a made-up company, ready to look at."),
    "doctor": ("quarterdeck.cli.doctor", "doctor", "Check this installation and say what to do next."),
    "selftest": (
        "quarterdeck.cli.selftest",
        "selftest",
        "Break a shadow of it, and prove that no page is lost.",
    ),
    "user": ("quarterdeck.cli.user", "user", "Create, list and disable people who may sign in."),
    "migrate": ("quarterdeck.cli.store", "migrate", "Bring the store's tables up to this release."),
    "backup": ("quarterdeck.cli.backup", "backup", "Copy everything while it is in use, and prove the copy."),
    "restore": ("quarterdeck.cli.backup", "restore", "Put a backup back, or try one out."),
    "engine": ("quarterdeck.cli.engine", "engine", "Pause the engine, see what waits, resume."),
    "catalog": ("quarterdeck.cli.catalog", "catalog", "Check types, severities, templates and role cards."),
    "rules": ("quarterdeck.cli.rules", "rules", "Rules of automation: list, try dry, switch, move."),
    "keys": ("quarterdeck.cli.keys", "keys", "Replace the installation's own keys, or accept new ones."),
    "migrate-store": (
        "quarterdeck.cli.migrate_store",
        "migrate_store",
        "Move to PostgreSQL, or back to SQLite.",
    ),
    "declare": ("quarterdeck.cli.respond", "declare", "Declare an incident."),
    "ack": ("quarterdeck.cli.respond", "ack", "Acknowledge what waits for you."),
    "snooze": ("quarterdeck.cli.passing", "snooze", "Let an alert sleep until a time."),
    "reassign": ("quarterdeck.cli.passing", "reassign", "Pass an alert on to somebody else."),
    "escalate": ("quarterdeck.cli.passing", "escalate", "Call the next step of an alert's policy now."),
    "page": ("quarterdeck.cli.respond", "page", "Page people, whoever is on call, or a commander."),
    "who": ("quarterdeck.cli.respond", "who", "Say who is on call, and whose a service is."),
    "status": ("quarterdeck.cli.respond", "status", "Say what is open, or who does what in one incident."),
    "status publish": (
        "quarterdeck.cli.status_publish",
        "publish",
        "Post on a status page while Quarterdeck is down.",
    ),
    "status delete": (
        "quarterdeck.cli.status_delete",
        "delete",
        "Delete a status page that has served its time.",
    ),
    "say": ("quarterdeck.cli.room", "say", "Type a line into an incident: a note, or a /command."),
    "catch-up": ("quarterdeck.cli.room", "catch_up", "An incident in ten lines."),
    "attach": ("quarterdeck.cli.room", "attach", "Put a file into an incident's record."),
    "replay": ("quarterdeck.cli.room", "replay", "An incident as it looked at an instant."),
    "maintenance": (
        "quarterdeck.cli.maintenance",
        "maintenance",
        "Plan, start, extend, finish planned work.",
    ),
    "drill": ("quarterdeck.cli.drill", "drill", "Practise with people: plan, steer, read what it showed."),
    "export": (
        "quarterdeck.cli.export",
        "export",
        "Write an incident's signed record, report or log to a file.",
    ),
    "mail-in": (
        "quarterdeck.cli.mail_in",
        "mail_in",
        "Take one mail from a mail server: replies answer pages.",
    ),
    "import-page": (
        "quarterdeck.cli.import_page",
        "import_page",
        "Take over a status page of another product.",
    ),
    "inquiries": ("quarterdeck.cli.desk", "inquiries", "Who asks: list, take, answer, escalate."),
    "consents": ("quarterdeck.cli.desk", "consents", "Texts that ask for your name: list, give, refuse."),
    "contacts": ("quarterdeck.cli.contacts", "contacts", "Lists of contacts into an audience."),
    "webhook-keys": ("quarterdeck.cli.webhook_keys", "webhook_keys", "Make the keys that sign webhooks."),
    "verify": ("quarterdeck.cli.store", "verify", "Prove the log, or an exported record."),
}

EPILOG = """\b
First steps:
  quarterdeck demo                 look around: http://127.0.0.1:8080, login printed
  quarterdeck serve                your own; the first start prints a link to set it up
  quarterdeck doctor               what is missing, and the next step for each
\b
For responders, from any machine (QUARTERDECK_URL, QUARTERDECK_API_KEY):
  quarterdeck declare "Checkout is down" --severity 1
  quarterdeck ack                  quarterdeck who --service checkout
\b
Settings come from the environment or <data>/quarterdeck.toml:
  QUARTERDECK_DATA=/srv/quarterdeck          where everything is kept (default ./data)
  QUARTERDECK_PUBLIC_URL=https://ops.example the address people use
  DATABASE_URL=postgres://user:pw@host/name  PostgreSQL instead of one file
"""


class Lazy(click.Group):
    """A group whose commands are imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if " ".join(args[:2]) in COMMANDS and len(args) > 1:
            args = [" ".join(args[:2]), *args[2:]]
        if args and args[0] not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else " See quarterdeck --help."
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.group(cls=Lazy, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quarterdeck", prog_name="quarterdeck")
def main() -> None:
    """Incident command: an alert comes in, the right person is paged, somebody leads, everybody is told."""
