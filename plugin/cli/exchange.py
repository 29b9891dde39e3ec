"""Policy events in, reviews out, as files."""

from __future__ import annotations

import json
from typing import BinaryIO, TextIO

import click

from ...moderation.errors import InvalidInput, ModerationError
from ..api.json_body import read_json
from ..api.models import PolicyEventBody
from ..current import get_state
from ..errors import ReviewsError
from ..projections import review_json
from ..queries.export import export_reviews
from ..services.catalogue import log_of
from ..services.policy_events import Holder, PolicyEvent, record_policy_event
from ..state import State
from .common import in_app, sentence, sentences


@click.command("export")
@click.argument("insurer")
@click.option("--from", "start", default=0, show_default=True, help="First entry of the log.")
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", show_default=True)
@in_app
def export_command(insurer: str, start: int, output: TextIO) -> None:
    """Write all reviews of INSURER in log order, one JSON object per line."""
    state = get_state()
    with state.work.reading() as session:
        ref = log_of(session, insurer)
    for review in export_reviews(state.work, ref, start):
        line = review_json(review, state.settings.timezone)
        output.write(json.dumps(line, ensure_ascii=False) + "\n")


@click.command("import")
@click.argument("storefront")
@click.argument("events", type=click.File("rb"))
@in_app
def import_command(storefront: str, events: BinaryIO) -> None:
    """Record policy events from a file of JSON lines, each as POST /policy-events takes it.

    Lines that were recorded before change nothing, so a file can be sent again after it was
    mended.
    """
    state = get_state()
    lines = [(number, line) for number, line in enumerate(events, 1) if line.strip()]
    created = refused = 0
    with click.progressbar(lines, label="policy events") as numbered:
        for number, line in numbered:
            try:
                created += _import(state, storefront, line)
            except InvalidInput as error:
                refused += 1
                click.echo(f"line {number}: {sentences(error)}", err=True)
            except (ReviewsError, ModerationError) as error:
                refused += 1
                click.echo(f"line {number}: {sentence(error)}", err=True)
    click.echo(f"{created} new, {len(lines) - created - refused} known, {refused} refused")
    if refused:
        raise click.ClickException("mend the refused lines and run it again")


def _import(state: State, storefront: str, line: bytes) -> bool:
    """Whether the line's event is new. Raises what a bad one deserves."""
    body = read_json(line.strip(), PolicyEventBody)
    holder = Holder() if body.holder is None else Holder(**body.holder.model_dump())
    event = PolicyEvent(
        body.policy_no, body.product, body.stage, body.occurrence, body.occurred_on, holder
    )
    invited = state.work.write(
        lambda session: record_policy_event(
            session, state.context, storefront, event, state.clock()
        )
    )
    return invited.created
