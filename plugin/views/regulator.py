"""The regulator's page: every report of every insurer, to be acknowledged or disputed."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ...moderation.errors import InvalidInput, ModerationError
from ...widgets.desk_cards import RegulatorCard
from ...widgets.desk_forms import AcknowledgementForm
from ...widgets.forms import attach_errors
from ..cards.desk import report_card
from ..current import get_state
from ..errors import NotFound, ReviewsError
from ..identity import Staff
from ..links import Links
from ..problems import field_messages, problem_of
from ..queries.desk import list_reports
from ..services.moderation import acknowledge_report
from ..state import State
from .desk import report_status, status_filter
from .pages import render, see_other
from .staff import require_staff, staff_form


def register(blueprint: Blueprint) -> None:
    """Add the regulator's pages."""
    blueprint.add_url_rule("/regulator/", "regulator", regulator)
    blueprint.add_url_rule("/regulator/reports/<report>", "regulator_report", get_report)
    blueprint.add_url_rule(
        "/regulator/reports/<report>", "post_acknowledgement", post_report, methods=["POST"]
    )


def regulator() -> Response:
    """All reports, newest first."""
    state = get_state()
    staff = require_staff(state, "regulator")
    links = Links.paths(state.settings)
    status = request.args.get("status", "all")
    with state.work.reading() as session:
        reports = list_reports(session)
        cards = tuple(
            report_card(
                session, report, links, links.regulator("reports", report.id), with_package=False
            )
            for report in reports
            if status in ("all", report_status(report))
        )
    card = RegulatorCard(
        reports=cards,
        filters=(status_filter(links.regulator(), status),),
        total=len(cards),
        unacknowledged=sum(report_status(report) == "open" for report in reports),
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
        except InvalidInput as error:
            attach_errors(form, field_messages(error))
        except (ReviewsError, ModerationError) as error:
            attach_errors(form, {"": problem_of(error).detail})
            status = problem_of(error).status
    return _page(state, staff, report, form, status)


def _page(
    state: State, staff: Staff, report_id: str, form: AcknowledgementForm, status: int = 200
) -> Response:
    links = Links.paths(state.settings)
    url = links.regulator("reports", report_id)
    with state.work.reading() as session:
        reports = list_reports(session, report_id=report_id)
        if not reports:
            raise NotFound("no such report")
        card = report_card(session, reports[0], links, url, with_package=False)
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
