"""Health and metrics, for those who run it."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from ...moderation.errors import LogBehind
from .. import schema
from ..current import get_state
from ..database import is_migrated
from ..fingerprint import SchemaChanged
from ..outbox import pending
from ..responses import json_response


def register(blueprint: Blueprint) -> None:
    """Add health and metrics."""
    blueprint.add_url_rule("/healthz", "healthz", healthz)
    blueprint.add_url_rule("/metrics", "metrics", metrics)


def healthz() -> Response:
    """200 only when the database is there and migrated, and the host says that it is ready."""
    state = get_state()
    problem = None
    try:
        if not is_migrated(state.work.engine):
            problem = "not migrated: run flask reviews db upgrade"
        else:
            state.start_guard.check()
    except (LogBehind, SchemaChanged) as error:
        problem = str(error)
    except SQLAlchemyError:
        problem = "the database cannot be reached"
    if problem is None and not state.ready():
        problem = "starting"
    body = {"status": "ok"} if problem is None else {"status": "unavailable", "problem": problem}
    return json_response(body, 200 if problem is None else 503, {"Cache-Control": "no-store"})


def metrics() -> Response:
    """Counters in the text format of Prometheus."""
    state = get_state()
    with state.work.reading() as session:
        reviews = session.execute(
            select(
                schema.product.c.insurer,
                schema.review_count.c.stage,
                func.sum(schema.review_count.c.n),
            )
            .join(schema.product)
            .group_by(schema.product.c.insurer, schema.review_count.c.stage)
            .order_by(schema.product.c.insurer, schema.review_count.c.stage)
        ).all()
        waiting = pending(session)
    lines = ["# TYPE insurance_reviews_reviews_total counter"]
    lines += [
        f'insurance_reviews_reviews_total{{insurer="{insurer}",stage="{stage}"}} {count}'
        for insurer, stage, count in reviews
    ]
    lines += ["# TYPE insurance_reviews_outbox_pending gauge"]
    lines += [f"insurance_reviews_outbox_pending {waiting}"]
    return Response(
        "\n".join(lines) + "\n",
        content_type="text/plain; version=0.0.4; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )
