"""The insurer's desk: its reviews, and compliance's list of reports."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, request

from ...widgets.desk_cards import ComplianceCard, DeskCard, FilterGroup
from ..cards.desk import desk_row, filter_group, report_card
from ..current import get_state
from ..errors import Fault, InvalidInput
from ..links import Links
from ..queries.desk import DeskQuery, count_desk, count_unanswered, list_desk
from ..queries.reports import count_removals, count_reports, list_reports
from ..responses import language
from ..schema import STAGES
from ..services.catalogue import insurer_name, list_products
from .desk_posts import post_removal, post_reply, post_report
from .desk_review import desk_nav, desk_review, package
from .pages import render
from .report_lists import asked_reports, next_url, status_filter
from .staff import require_insurer


def register(blueprint: Blueprint) -> None:
    """Add the desk's pages."""
    add = blueprint.add_url_rule
    add("/desk/", "desk", desk)
    add("/desk/compliance", "compliance", compliance)
    add("/desk/reviews/<review>", "desk_review", desk_review)
    add("/desk/reviews/<review>/package", "desk_package", package)
    add("/desk/reviews/<review>/reply", "desk_reply", post_reply, methods=["POST"])
    add("/desk/reviews/<review>/report", "desk_report", post_report, methods=["POST"])
    add("/desk/reviews/<review>/removal", "desk_removal", post_removal, methods=["POST"])


def desk() -> Response:
    """The insurer's reviews, newest first."""
    state = get_state()
    staff, insurer = require_insurer(state, "reply", "compliance")
    query = _desk_query(insurer)
    links = Links.paths(state.settings)
    with state.work.reading() as session:
        products = {product.sku: product for product in list_products(session, insurer=insurer)}
        reviews, following = list_desk(session, query)
        card = DeskCard(
            insurer_name=insurer_name(session, insurer),
            rows=tuple(
                desk_row(review, products[review.product], links, language()) for review in reviews
            ),
            filters=_desk_filters(query, links),
            total=count_desk(session, query),
            unanswered=count_unanswered(session, insurer),
            next_url=None if following is None else _desk_url(query, links, before=following),
            compliance_url=links.desk("compliance") if "compliance" in staff.roles else None,
        )
    return render(
        state, "desk.html", private=True, staff=staff, nav=desk_nav(staff, links, "desk"), desk=card
    )


def compliance() -> Response:
    """The insurer's reports and what became of them. The figures are of all, the list is of those
    under the filter."""
    state = get_state()
    staff, insurer = require_insurer(state, "compliance")
    links = Links.paths(state.settings)
    url = links.desk("compliance")
    query = asked_reports(insurer)
    with state.work.reading() as session:
        page = list_reports(session, query)
        counts = count_reports(session, insurer)
        removals = count_removals(session, insurer)
        name = insurer_name(session, insurer)
    card = ComplianceCard(
        insurer_name=name,
        reports=tuple(
            report_card(
                report, links, links.desk("reviews", report.texts[0].review), with_package=True
            )
            for report in page.reports
        ),
        filters=(status_filter(url, query),),
        total=sum(counts.values()),
        removed=removals.removed,
        redacted=removals.redacted,
        unacknowledged=counts["open"],
        desk_url=links.desk(),
        next_url=next_url(url, query, page),
    )
    nav = desk_nav(staff, links, "compliance")
    return render(state, "compliance.html", private=True, staff=staff, nav=nav, compliance=card)


def _desk_query(insurer: str) -> DeskQuery:
    stage, score = request.args.get("stage"), request.args.get("score", "")
    before = request.args.get("before")
    if before is not None and not (before.isascii() and before.isdigit() and len(before) < 18):
        raise InvalidInput({"before": Fault("cursor")})
    return DeskQuery(
        insurer=insurer,
        stage=stage if stage in STAGES else None,
        score=int(score) if score in {"1", "2", "3", "4", "5"} else None,
        unanswered=request.args.get("reply") == "unanswered",
        before=None if before is None else int(before),
    )


def _desk_url(query: DeskQuery, links: Links, **changes: object) -> str:
    parameters = {
        "reply": "unanswered" if query.unanswered else None,
        "stage": query.stage,
        "score": query.score,
        **changes,
    }
    kept = {name: value for name, value in parameters.items() if value is not None}
    return links.desk() + (f"?{urlencode(kept)}" if kept else "")


def _desk_filters(query: DeskQuery, links: Links) -> tuple[FilterGroup, ...]:
    def group(kind: str, values: tuple[str, ...], active: str | None) -> FilterGroup:
        options = [("all", _desk_url(query, links, **{kind: None}))]
        options += [(value, _desk_url(query, links, **{kind: value})) for value in values]
        return filter_group(kind, options, active or "all")

    return (
        group("reply", ("unanswered",), "unanswered" if query.unanswered else None),
        group("stage", STAGES, query.stage),
        group("score", ("1", "2", "3", "4", "5"), str(query.score) if query.score else None),
    )
