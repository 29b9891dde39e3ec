"""The insurer's desk: reply, and the compliance officer's way to deal with an unlawful text."""

from __future__ import annotations

from datetime import date
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from ...moderation.errors import InvalidInput, ModerationError
from ...widgets.cards import LinkCard
from ...widgets.desk_cards import ComplianceCard, DeskCard, DeskReviewCard, FilterGroup
from ...widgets.desk_forms import RemovalForm, ReplyForm, ReportForm
from ...widgets.forms import attach_errors
from ...widgets.i18n import N_, catalogue, translate
from ...widgets.words import ITEM_KINDS
from ..cards.desk import desk_row, excerpt, filter_group, present_texts, report_card
from ..cards.reviews import review_card
from ..current import get_state
from ..errors import NotFound, ReviewsError
from ..identity import Staff
from ..links import Links
from ..package import report_package
from ..problems import field_messages, problem_of
from ..queries.desk import (
    DeskQuery,
    FiledReport,
    count_unanswered,
    list_desk,
    list_reports,
)
from ..queries.reviews import PublishedReview, find_review
from ..responses import language
from ..schema import STAGES
from ..services.catalogue import insurer_name, list_products
from ..services.moderation import ReportInput, remove_text, report_review
from ..services.ownership import find_owned, items_of
from ..services.replies import publish_reply
from ..state import State
from .pages import render, see_other
from .staff import require_insurer, staff_form


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
            total=len(reviews),
            unanswered=count_unanswered(session, insurer),
            next_url=None if following is None else _desk_url(query, links, before=following),
            compliance_url=links.desk("compliance") if "compliance" in staff.roles else None,
        )
    return render(
        state, "desk.html", private=True, staff=staff, nav=_nav(staff, links, "desk"), desk=card
    )


def compliance() -> Response:
    """The insurer's reports and what became of them."""
    state = get_state()
    staff, insurer = require_insurer(state, "compliance")
    links = Links.paths(state.settings)
    status = request.args.get("status", "all")
    with state.work.reading() as session:
        reports = list_reports(session, insurer=insurer)
        shown = [report for report in reports if status in ("all", report_status(report))]
        cards = tuple(
            report_card(
                session, report, links, links.desk("reviews", report.reviews[0]), with_package=True
            )
            for report in shown
        )
        name = insurer_name(session, insurer)
    items = [item for card in cards for item in card.items]
    card = ComplianceCard(
        insurer_name=name,
        reports=cards,
        filters=(status_filter(links.desk("compliance"), status),),
        total=len(cards),
        removed=sum(item.state == "removed" for item in items),
        redacted=sum(item.state == "redacted" for item in items),
        unacknowledged=sum(report_status(report) == "open" for report in reports),
        desk_url=links.desk(),
    )
    nav = _nav(staff, links, "compliance")
    return render(state, "compliance.html", private=True, staff=staff, nav=nav, compliance=card)


def report_status(report: FiledReport) -> str:
    """ "open", "acknowledged" or "disputed"."""
    return report.acknowledgements[-1].verdict if report.acknowledgements else "open"


def status_filter(url: str, active: str) -> FilterGroup:
    """Links that filter reports by the regulator's answer."""
    known = ("all", "open", "acknowledged", "disputed")
    options = [(status, url if status == "all" else f"{url}?status={status}") for status in known]
    return filter_group("status", options, active if active in known else "all")


def desk_review(review: str) -> Response:
    """One review with everything that this member of staff may do about it."""
    state = get_state()
    staff, insurer = require_insurer(state, "reply", "compliance")
    return _review_page(state, staff, insurer, review)


def package(review: str) -> Response:
    """The report package as a download."""
    state = get_state()
    _, insurer = require_insurer(state, "compliance")
    with state.work.reading() as session:
        data = report_package(session, state.context, insurer, review)
    response = Response(data, content_type="application/json; charset=utf-8")
    name = f"report-package-{review}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def post_reply(review: str) -> Response:
    """Publish a reply, or its next version."""
    state = get_state()
    staff, insurer = require_insurer(state, "reply", "compliance")
    form = staff_form(state, ReplyForm, request.form)
    if form.validate():
        try:
            state.work.write(
                lambda session: publish_reply(
                    session, state.context, insurer, review, form.text.data or "", state.clock()
                )
            )
            return see_other(Links.paths(state.settings).desk("reviews", review))
        except InvalidInput as error:
            attach_errors(form, field_messages(error))
    return _review_page(state, staff, insurer, review, 422, reply=form)


def post_report(review: str) -> Response:
    """Record a report that was sent to the regulator."""
    state = get_state()
    staff, insurer = require_insurer(state, "compliance")
    form = staff_form(state, ReportForm, request.form, items=_item_choices(state, insurer, review))
    status = 422
    if form.validate():
        given = ReportInput(
            report_no=form.report_no.data or "",
            authority=form.authority.data or "",
            filed_on=cast(date, form.filed_on.data),
            ground=form.ground.data,
            reasons=form.reasons.data or "",
            items=tuple(form["items"].data),
        )
        try:
            state.work.write(
                lambda session: report_review(
                    session, state.context, insurer, review, given, state.clock()
                )
            )
            return see_other(Links.paths(state.settings).desk("reviews", review))
        except (ReviewsError, ModerationError) as error:
            status = _attach(form, error)
    return _review_page(state, staff, insurer, review, status, report=form)


def post_removal(review: str) -> Response:
    """Remove or redact a text on a report."""
    state = get_state()
    staff, insurer = require_insurer(state, "compliance")
    form = staff_form(
        state,
        RemovalForm,
        request.form,
        reports=_report_choices(state, insurer, review),
        items=_item_choices(state, insurer, review),
    )
    status = 422
    if form.validate():
        try:
            redacted = form.redacted(_words_of(state, review, form.item.data))
            state.work.write(
                lambda session: remove_text(
                    session,
                    state.context,
                    insurer,
                    review,
                    form.report.data,
                    state.clock(),
                    item=form.item.data,
                    redacted_text=redacted,
                )
            )
            return see_other(Links.paths(state.settings).desk("reviews", review))
        except (ReviewsError, ModerationError) as error:
            status = _attach(form, error)
        except ValueError as error:
            attach_errors(form, {"passages": error.args[0]})
    return _review_page(state, staff, insurer, review, status, removal=form)


def _attach(form: ReportForm | RemovalForm, error: ReviewsError | ModerationError) -> int:
    if isinstance(error, InvalidInput):
        attach_errors(form, field_messages(error))
    else:
        attach_errors(form, {"": problem_of(error).detail})
    return problem_of(error).status


def _review_page(
    state: State,
    staff: Staff,
    insurer: str,
    review_id: str,
    status: int = 200,
    *,
    reply: ReplyForm | None = None,
    report: ReportForm | None = None,
    removal: RemovalForm | None = None,
) -> Response:
    links = Links.paths(state.settings)
    with state.work.reading() as session:
        found, reports = _find(session, insurer, review_id)
        [product] = list_products(session, sku=found.product)
        cards = tuple(
            report_card(session, filed, links, links.desk("compliance"), with_package=False)
            for filed in reports
        )
    is_compliance = "compliance" in staff.roles
    page = links.desk("reviews", review_id)
    items = _item_choices(state, insurer, review_id)
    choices = _report_choices(state, insurer, review_id)
    card = DeskReviewCard(
        review=review_card(found, product, links, language(), state.settings.timezone),
        back_url=links.desk(),
        reports=cards if is_compliance else (),
        package_url=f"{page}/package" if is_compliance else None,
        reply_url=f"{page}/reply",
        report_url=f"{page}/report" if is_compliance and items else None,
        removal_url=f"{page}/removal" if is_compliance and items and choices else None,
    )
    return render(
        state,
        "desk_review.html",
        status,
        private=True,
        staff=staff,
        nav=_nav(staff, links, ""),
        desk=card,
        reply_form=reply or staff_form(state, ReplyForm),
        report_form=report or (staff_form(state, ReportForm, items=items) if items else None),
        removal_form=removal
        or (
            staff_form(state, RemovalForm, reports=choices, items=items)
            if items and choices
            else None
        ),
    )


def _find(
    session: Session, insurer: str, review_id: str
) -> tuple[PublishedReview, list[FiledReport]]:
    owned = find_owned(session, insurer, review_id)
    review = find_review(session, review_id)
    current = [text.state.item for _, text in present_texts(review)]
    reports = list_reports(session, items=[*items_of(session, owned), *current])
    return review, reports


def _item_choices(state: State, insurer: str, review_id: str) -> list[tuple[str, str]]:
    """(item, label) of the texts whose words still stand."""
    translations = catalogue(language())
    with state.work.reading() as session:
        review, _ = _find(session, insurer, review_id)
    return [
        (
            text.state.item,
            f"{translate(translations, ITEM_KINDS[kind])} · {excerpt(text.state.text)}",
        )
        for kind, text in present_texts(review)
    ]


def _report_choices(state: State, insurer: str, review_id: str) -> list[tuple[str, str]]:
    with state.work.reading() as session:
        _, reports = _find(session, insurer, review_id)
    return [(report.id, f"{report.report_no} · {report.authority}") for report in reports]


def _words_of(state: State, review_id: str, item: str) -> str:
    with state.work.reading() as session:
        review = find_review(session, review_id)
    for _, text in present_texts(review):
        if text.state.item == item:
            return text.state.text or ""
    raise NotFound("no such text")


def _desk_query(insurer: str) -> DeskQuery:
    stage, score = request.args.get("stage"), request.args.get("score", "")
    before = request.args.get("before", "")
    return DeskQuery(
        insurer=insurer,
        stage=stage if stage in STAGES else None,
        score=int(score) if score in {"1", "2", "3", "4", "5"} else None,
        unanswered=request.args.get("reply") == "unanswered",
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None,
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


def _nav(staff: Staff, links: Links, active: str) -> tuple[LinkCard, ...]:
    translations = catalogue(language())
    pages = [("desk", N_("Reviews"), links.desk())]
    if "compliance" in staff.roles:
        pages.append(("compliance", N_("Reports"), links.desk("compliance")))
    return tuple(
        LinkCard(translate(translations, label), url, name == active) for name, label, url in pages
    )
