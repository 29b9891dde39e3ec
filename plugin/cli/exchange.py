"""Policy events in, reviews out, as files."""

from __future__ import annotations

import json
from typing import TextIO

import click

from ...moderation.errors import InvalidInput
from ..api.json_body import read_json
from ..api.models import PolicyEventBody
from ..current import get_state
from ..errors import ReviewsError
from ..problems import field_messages, problem_of
from ..projections import review_json
from ..queries.export import export_reviews
from ..services.catalogue import log_of
from ..services.policy_events import Holder, PolicyEvent, record_policy_event
from ..state import State
from .common import refusals


@click.command("export")
@click.argument("insurer")
@click.option("--from", "start", default=0, show_default=True, help="First entry of the log.")
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", show_default=True)
@refusals
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
@click.argument("events", type=click.File("r", encoding="utf-8"))
def import_command(storefront: str, events: TextIO) -> None:
    """Record policy events from a file of JSON lines, each as POST /policy-events takes it.

    Lines that were recorded before change nothing, so a file can be sent again after it was mended.
    """
    state = get_state()
    lines = events.read().splitlines()
    created = refused = 0
    with click.progressbar(list(enumerate(lines, 1)), label="policy events") as numbered:
        for number, line in numbered:
            problem, is_new = _import(state, storefront, line)
            created += is_new
            if problem is not None:
                refused += 1
                click.echo(f"line {number}: {problem}", err=True)
    click.echo(f"{created} new, {len(lines) - created - refused} known, {refused} refused")
    if refused:
        raise click.ClickException("mend the refused lines and run it again")


def _import(state: State, storefront: str, line: str) -> tuple[str | None, bool]:
    try:
        body = read_json(line.encode(errors="surrogatepass"), PolicyEventBody)
    except InvalidInput as error:
        return _sentences(error), False
    except ReviewsError as error:
        return problem_of(error).detail, False
    holder = Holder() if body.holder is None else Holder(**body.holder.model_dump())
    event = PolicyEvent(
        body.policy_no, body.product, body.stage, body.occurrence, body.occurred_on, holder
    )
    try:
        invited = state.work.write(
            lambda session: record_policy_event(
                session, state.context, storefront, event, state.clock()
            )
        )
    except InvalidInput as error:
        return _sentences(error), False
    except ReviewsError as error:
        return problem_of(error).detail, False
    return None, invited.created


def _sentences(error: InvalidInput) -> str:
    return "; ".join(f"{name}: {message}" for name, message in field_messages(error).items())
