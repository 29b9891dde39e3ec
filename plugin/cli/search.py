"""The search index."""

from __future__ import annotations

import click

from ..current import get_state
from ..search.rebuild import Status, read_status
from ..search.rebuild import rebuild as rebuild_index
from ..state import State
from .common import in_app


@click.group("search")
def search_group() -> None:
    """The index by which reviews are found."""


@search_group.command("status")
@in_app
def status() -> None:
    """Say what the index holds and with what it was built; exit with 1 when it needs rebuilding."""
    with get_state().work.reading() as session:
        found = read_status(session)
    click.echo(f"{found.documents} of {found.reviews} reviews are in the index")
    if found.state is not None:
        click.echo(f"built with {found.state.built_with}")
    if not found.is_complete:
        raise click.ClickException(f"{_why(found)}: run flask reviews search rebuild")


@search_group.command("rebuild")
@click.option("--from-nothing", is_flag=True, help="Write every review again: for a damaged index.")
@in_app
def rebuild(from_nothing: bool) -> None:
    """Bring the index to what is written; everything goes on meanwhile, and a rebuilding that was
    interrupted goes on where it stopped."""
    run_rebuild(get_state(), anew=from_nothing)


def complete_index(state: State) -> None:
    """Rebuild the index if it is not complete: after a migration, for instance."""
    with state.work.reading() as session:
        complete = read_status(session).is_complete
    if not complete:
        run_rebuild(state)


def run_rebuild(state: State, *, anew: bool = False) -> None:
    """Rebuild with a progress bar."""
    with click.progressbar(length=1, label="indexing", show_pos=True) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        wrong = rebuild_index(state.work, state.context, show, anew=anew)
    click.echo(f"{wrong} reviews were indexed anew" if wrong else "every review was indexed right")


def _why(found: Status) -> str:
    if found.documents != found.reviews:
        return "reviews are missing from the index"
    if found.state is not None and found.state.target is not None:
        return "a rebuilding was interrupted"
    return f"the index would now be built with {found.running}"
