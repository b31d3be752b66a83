"""`quarterdeck webhook-keys`: makes what signs webhooks, and shows what a receiver checks with. Writes no file."""

from __future__ import annotations

import sys

import click

from .local import data_option


@click.command(
    epilog="""\b
Examples:
  quarterdeck webhook-keys
  quarterdeck webhook-keys --for https://hooks.example/pages
\b
Put secret or signing_key (or both) under [channels.webhook] in quarterdeck.toml and start serve again.
Each address has a secret and a public key of its own: give its receiver the secret, or the public key
alone. With that they can check and not sign."""
)
@data_option
@click.option("--for", "address", metavar="URL", help="Show what the receiver at this address checks with.")
def webhook_keys(address: str | None) -> None:
    """Make a secret and a signing key for webhooks, or show what one receiver checks with."""
    from quarterdeck.channels import webhook

    if address is None:
        secret, private, _ = webhook.new_keys()
        click.echo(f'secret = "{secret}"')
        click.echo(f'signing_key = "{private}"')
        click.echo("# for each receiver: quarterdeck webhook-keys --for ITS-ADDRESS")
        return
    from quarterdeck.boot.config import ConfigError, load
    from quarterdeck.core.kernel.refused import Refused

    try:
        values = load().channels.get(webhook.KIND, {})
        secret, private = str(values.get("secret", "")), str(values.get("signing_key", ""))
        if not secret and not private:
            click.echo("quarterdeck: [channels.webhook] has neither secret nor signing_key yet.", err=True)
            sys.exit(2)
        if secret:
            click.echo(f"secret      {webhook.secret_for(secret, address)}")
        if private:
            click.echo(f"public key  {webhook.public_key(webhook.key_for(private, address))}")
    except (ConfigError, Refused) as e:
        click.echo(f"quarterdeck: {e.message if isinstance(e, Refused) else e}", err=True)
        sys.exit(2)
