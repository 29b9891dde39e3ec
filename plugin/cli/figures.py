"""The counters."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from ...moderation.log import all_logs
from ..current import get_state
from ..figures import mend_figures
from .common import in_app


@click.group("figures")
def figures_group() -> None:
    """Counters that are kept beside the facts."""


@figures_group.command("rebuild")
@in_app
def rebuild() -> None:
    """Count everything anew from the facts; writers wait meanwhile."""
    state = get_state()

    def mend(session: Session) -> int:
        for ref in all_logs(session):
            state.context.logs.hold(session, ref)
        return mend_figures(session)

    mended = state.work.write(mend)
    click.echo(f"{mended} counters were wrong" if mended else "every counter was right")
