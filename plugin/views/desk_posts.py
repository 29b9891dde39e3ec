"""What the insurer's staff send: replies, reports, removals."""

from __future__ import annotations

from datetime import date
from typing import cast

from flask import Response, request

from ...moderation.errors import InvalidInput, ModerationError
from ...widgets.desk_forms import RemovalForm, ReplyForm, ReportForm
from ...widgets.forms import attach_errors
from ..current import get_state
from ..errors import ReviewsError
from ..links import Links
from ..problems import field_messages
from ..services.moderation import ReportInput, report_review
from ..submitting import reply, take_down
from .desk_review import find_case, review_page
from .pages import see_other
from .refusals import attach_refusal
from .staff import require_insurer, staff_form


def post_reply(review: str) -> Response:
    """Publish a reply, or its next version."""
    state = get_state()
    staff, insurer = require_insurer(state, "reply", "compliance")
    form = staff_form(state, ReplyForm, request.form)
    if form.validate():
        try:
            reply(state, insurer, review, form.text.data or "", state.clock())
            return see_other(Links.paths(state.settings).desk("reviews", review))
        except InvalidInput as error:
            attach_errors(form, field_messages(error))
    return review_page(state, staff, insurer, review, 422, reply=form)


def post_report(review: str) -> Response:
    """Record a report that was sent to the regulator."""
    state = get_state()
    staff, insurer = require_insurer(state, "compliance")
    with state.work.reading() as session:
        case = find_case(session, insurer, review)
    form = staff_form(state, ReportForm, request.form, items=case.item_choices())
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
            status = attach_refusal(form, error)
    return review_page(state, staff, insurer, review, status, report=form)


def post_removal(review: str) -> Response:
    """Remove or redact a text on a report."""
    state = get_state()
    staff, insurer = require_insurer(state, "compliance")
    with state.work.reading() as session:
        case = find_case(session, insurer, review)
    form = staff_form(
        state,
        RemovalForm,
        request.form,
        reports=case.report_choices(),
        items=case.item_choices(),
    )
    status = 422
    if form.validate():
        try:
            redacted = form.redacted(case.words_of(form.item.data))
            take_down(
                state,
                insurer,
                review,
                form.report.data,
                state.clock(),
                item=form.item.data,
                redacted_text=redacted,
            )
            return see_other(Links.paths(state.settings).desk("reviews", review))
        except (ReviewsError, ModerationError) as error:
            status = attach_refusal(form, error)
        except ValueError as error:
            attach_errors(form, {"passages": error.args[0]})
    return review_page(state, staff, insurer, review, status, removal=form)
