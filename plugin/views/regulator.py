"""The regulator's page: every report of every insurer, to be acknowledged or disputed."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ...moderation.errors import ModerationError
from ...widgets.desk_cards import RegulatorCard
from ...widgets.desk_forms import AcknowledgementForm
from ..cards.desk import report_card
from ..current import get_state
from ..errors import ReviewsError
from ..identity import Staff
from ..links import Links
from ..queries.reports import count_reports, find_report, list_reports
from ..services.moderation import acknowledge_report
from ..state import State
from .pages import render, see_other
from .refusals import attach_refusal
from .report_lists import asked_reports, next_url, status_filter
from .staff import require_staff, staff_form


def register(blueprint: Blueprint) -> None:
    """Add the regulator's pages."""
    blueprint.add_url_rule("/regulator/", "regulator", regulator)
    blueprint.add_url_rule("/regulator/reports/<report>", "regulator_report", get_report)
    blueprint.add_url_rule(
        "/regulator/reports/<report>", "post_acknowledgement", post_report, methods=["POST"]
    )


def regulator() -> Response:
    """Every insurer's reports, newest first. The figures are of all, the list is of those under the
    filter."""
    state = get_state()
    staff = require_staff(state, "regulator")
    links = Links.paths(state.settings)
    query = asked_reports()
    with state.work.reading() as session:
        page = list_reports(session, query)
        counts = count_reports(session)
    card = RegulatorCard(
        reports=tuple(
            report_card(report, links, links.regulator("reports", report.id), with_package=False)
            for report in page.reports
        ),
        filters=(status_filter(links.regulator(), query),),
        total=sum(counts.values()),
        unacknowledged=counts["open"],
        next_url=next_url(links.regulator(), query, page),
    )
    return render(state, "regulator.html", private=True, staff=staff, regulator=card)


def get_report(report: str) -> Response:
    """One report."""
    state = get_state()
    staff = require_staff(state, "regulator")
    return _page(state, staff, report, staff_form(state, AcknowledgementForm))


def post_report(report: str) -> Response:
    """Acknowledge or dispute it."""
    state = get_state()
    staff = require_staff(state, "regulator")
    form = staff_form(state, AcknowledgementForm, request.form)
    status = 422
    if form.validate():
        try:
            state.work.write(
                lambda session: acknowledge_report(
                    session,
                    state.context,
                    report,
                    form.verdict.data,
                    form.note.data,
                    state.clock(),
                )
            )
            return see_other(Links.paths(state.settings).regulator("reports", report))
        except (ReviewsError, ModerationError) as error:
            status = attach_refusal(form, error)
    return _page(state, staff, report, form, status)


def _page(
    state: State, staff: Staff, report_id: str, form: AcknowledgementForm, status: int = 200
) -> Response:
    links = Links.paths(state.settings)
    url = links.regulator("reports", report_id)
    with state.work.reading() as session:
        card = report_card(find_report(session, report_id), links, url, with_package=False)
    return render(
        state,
        "report.html",
        status,
        private=True,
        staff=staff,
        report=card,
        form=form,
        post_url=url,
        back_url=links.regulator(),
    )
