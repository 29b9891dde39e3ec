"""Regulator reports."""

from __future__ import annotations

import click

from ..current import get_state
from ..services.moderation import erase_private_words
from .common import in_app


@click.group("report")
def report_group() -> None:
    """Reports to the regulator."""


@report_group.command("erase-reasons")
@click.argument("insurer")
@click.argument("report")
@in_app
def erase_reasons(insurer: str, report: str) -> None:
    """Erase the reasons of REPORT and the notes of its answers; they quote what was removed."""
    state = get_state()
    erased = state.work.write(
        lambda session: erase_private_words(session, state.context, insurer, report, state.clock())
    )
    click.echo(f"{erased} texts erased; the report stands")
