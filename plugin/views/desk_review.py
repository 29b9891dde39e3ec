"""One review at the insurer's desk, with everything that this member of staff may do about it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response
from sqlalchemy.orm import Session

from ...widgets.cards import LinkCard
from ...widgets.desk_cards import DeskReviewCard
from ...widgets.desk_forms import RemovalForm, ReplyForm, ReportForm
from ...widgets.i18n import N_, translate
from ...widgets.words import ITEM_KINDS
from ..cards.desk import excerpt, present_texts, report_card
from ..cards.reviews import review_card
from ..current import get_state
from ..errors import NotFound
from ..identity import Staff
from ..links import Links
from ..package import report_package
from ..queries.reports import FiledReport, reports_about
from ..queries.reviews import PublishedReview, find_review
from ..responses import language
from ..services.catalogue import Product, find_product
from ..services.ownership import find_owned, items_of
from ..state import State
from .pages import render
from .staff import require_insurer, staff_form

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Case:
    """A review of the insurer, and every report about one of its texts."""

    review: PublishedReview
    product: Product
    reports: list[FiledReport]

    def item_choices(self) -> Choices:
        """(item, label) of the texts whose words still stand."""
        translations = get_state().renderer.catalogue(language())
        return [
            (
                text.state.item,
                f"{translate(translations, ITEM_KINDS[kind])} · {excerpt(text.state.text)}",
            )
            for kind, text in present_texts(self.review)
        ]

    def report_choices(self) -> Choices:
        """(report, label) of the reports on which a text may go."""
        return [(report.id, f"{report.report_no} · {report.authority}") for report in self.reports]

    def words_of(self, item: str) -> str:
        """The words of a text that still stands. Raises :class:`NotFound`."""
        for _, text in present_texts(self.review):
            if text.state.item == item:
                return text.state.text or ""
        raise NotFound("no such text")


def find_case(session: Session, insurer: str, review_id: str) -> Case:
    """The review ``review_id`` of ``insurer``. Raises :class:`NotFound`."""
    owned = find_owned(session, insurer, review_id)
    review = find_review(session, review_id)
    current = [text.state.item for _, text in present_texts(review)]
    reports = reports_about(session, [*items_of(session, owned), *current])
    return Case(review, find_product(session, review.product), reports)


def desk_review(review: str) -> Response:
    """The review's page."""
    state = get_state()
    staff, insurer = require_insurer(state, "reply", "compliance")
    return review_page(state, staff, insurer, review)


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


def review_page(
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
    """The page as it stands now; the forms are those that were sent and refused."""
    links = Links.paths(state.settings)
    with state.work.reading() as session:
        case = find_case(session, insurer, review_id)
    page = links.desk("reviews", review_id)
    is_compliance = "compliance" in staff.roles
    items = case.item_choices() if is_compliance else []
    choices = case.report_choices() if items else []
    card = DeskReviewCard(
        review=review_card(case.review, case.product, links, language(), state.settings.timezone),
        back_url=links.desk(),
        reports=tuple(
            report_card(filed, links, links.desk("compliance"), with_package=False)
            for filed in case.reports
            if is_compliance
        ),
        package_url=f"{page}/package" if is_compliance else None,
        reply_url=f"{page}/reply",
        report_url=f"{page}/report" if items else None,
        removal_url=f"{page}/removal" if choices else None,
    )
    if report is None and items:
        report = staff_form(state, ReportForm, items=items)
    if removal is None and choices:
        removal = staff_form(state, RemovalForm, reports=choices, items=items)
    return render(
        state,
        "desk_review.html",
        status,
        private=True,
        staff=staff,
        nav=desk_nav(staff, links, ""),
        desk=card,
        reply_form=reply or staff_form(state, ReplyForm),
        report_form=report,
        removal_form=removal,
    )


def desk_nav(staff: Staff, links: Links, active: str) -> tuple[LinkCard, ...]:
    """The desk's pages, the one that is open marked."""
    translations = get_state().renderer.catalogue(language())
    pages = [("desk", N_("Reviews"), links.desk())]
    if "compliance" in staff.roles:
        pages.append(("compliance", N_("Reports"), links.desk("compliance")))
    pages.append(("embed", N_("Embedding"), links.desk("embed")))
    return tuple(
        LinkCard(translate(translations, label), url, name == active) for name, label, url in pages
    )
