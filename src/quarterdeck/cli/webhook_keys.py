"""`quarterdeck webhook-keys`: makes what signs webhooks, and what receivers check with. Writes no file."""

from __future__ import annotations

import click


@click.command(
    epilog="""\b
Example:
  quarterdeck webhook-keys
\b
Put secret or signing_key (or both) under [channels.webhook] in quarterdeck.toml and start serve again.
Give receivers the secret, or the public key alone: with that they can check and not sign."""
)
def webhook_keys() -> None:
    """Make a secret, a signing key and its public key for webhooks, and print them once."""
    from quarterdeck.channels.webhook import new_keys

    secret, private, public = new_keys()
    click.echo(f'secret = "{secret}"')
    click.echo(f'signing_key = "{private}"')
    click.echo(f"# for receivers: {public}")
