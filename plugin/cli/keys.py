"""The signing keys of the logs."""

from __future__ import annotations

import click

from ...moderation.log_keys import retire_keys, rotate_key
from ..current import get_state
from ..services.catalogue import log_of
from .common import in_app


@click.group("key")
def key_group() -> None:
    """Signing keys of the insurers' logs."""


@key_group.command("rotate")
@click.argument("insurer")
@in_app
def rotate(insurer: str) -> None:
    """Make a new signing key for INSURER and announce it in the log.

    From then on both keys sign, so that those who know the older one can follow.
    """
    state = get_state()
    key = state.work.write(
        lambda session: rotate_key(
            session, state.context.logs, log_of(session, insurer), state.clock()
        )
    )
    click.echo(f"announced {key}")
    click.echo(
        "Both keys sign from now on. Copy the key file to every host that writes, give verifiers "
        "and witnesses time to follow (a month, say), then run: "
        f"flask reviews key retire {insurer}"
    )


@key_group.command("retire")
@click.argument("insurer")
@click.confirmation_option(prompt="Whoever knows only the older keys can no longer check. Go on?")
@in_app
def retire(insurer: str) -> None:
    """Destroy the keys of INSURER before the newest one; only that signs from then on."""
    state = get_state()
    with state.work.reading() as session:
        count = retire_keys(session, state.context.logs.keys, log_of(session, insurer))
    click.echo(f"{count} keys destroyed" if count else "there was one key only")
