"""What storefronts, insurers and regulators do, each with a token."""

from __future__ import annotations

from ..package import report_package
from ..projections import log_json, time_json
from ..services.moderation import ReportInput, acknowledge_report, report_review
from ..services.policy_events import Holder, PolicyEvent, record_policy_event
from ..submitting import reply, take_down
from . import shapes
from .endpoint import Answer, Call, Endpoint
from .models import AcknowledgementBody, PolicyEventBody, RemovalBody, ReplyBody, ReportBody

PRIVATE = {"Cache-Control": "no-store"}
STAFF = ("insurer", "compliance")


def post_policy_event(call: Call) -> Answer:
    body: PolicyEventBody = call.body
    holder = Holder() if body.holder is None else Holder(**body.holder.model_dump())
    event = PolicyEvent(
        policy_no=body.policy_no,
        product=body.product,
        stage=body.stage,
        occurrence=body.occurrence,
        occurred_on=body.occurred_on,
        holder=holder,
    )
    invited = call.write(
        lambda session: record_policy_event(
            session, call.state.context, call.subject, event, call.now
        )
    )
    invitation = None
    if invited.token is not None and invited.expires_at is not None:
        invitation = {
            "token": invited.token,
            "url": f"{call.state.settings.base_url}/i/{invited.token}",
            "expires_at": time_json(int(invited.expires_at.timestamp())),
        }
    return Answer(
        {"event": invited.event, "invitation": invitation},
        201 if invited.created else 200,
        headers=PRIVATE,
    )


def post_reply(call: Call) -> Answer:
    body: ReplyBody = call.body
    replied = reply(call.state, call.subject, call.path["review"], body.text, call.now)
    log = log_json(replied.entry.log.origin, replied.entry.index)
    answer = {"review": call.path["review"], "version": replied.version, "log": log}
    return Answer(answer, 201, headers=PRIVATE)


def get_report_package(call: Call) -> Answer:
    with call.state.work.reading() as session:
        package = report_package(session, call.state.context, call.subject, call.path["review"])
    name = f"report-package-{call.path['review']}.json"
    return Answer(
        package,
        media_type="application/json; charset=utf-8",
        headers={**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'},
    )


def post_regulator_report(call: Call) -> Answer:
    body: ReportBody = call.body
    given = ReportInput(
        report_no=body.report_no,
        authority=body.authority,
        filed_on=body.filed_on,
        ground=body.ground,
        reasons=body.reasons,
        items=tuple(body.items or ()),
    )
    report = call.write(
        lambda session: report_review(
            session, call.state.context, call.subject, call.path["review"], given, call.now
        )
    )
    log = log_json(report.entry.log.origin, report.entry.index)
    return Answer({"id": report.id, "log": log}, 201, headers=PRIVATE)


def post_acknowledgement(call: Call) -> Answer:
    body: AcknowledgementBody = call.body
    entry = call.write(
        lambda session: acknowledge_report(
            session, call.state.context, call.path["report"], body.verdict, body.note, call.now
        )
    )
    log = log_json(entry.log.origin, entry.index)
    answer = {"report": call.path["report"], "verdict": body.verdict, "log": log}
    return Answer(answer, 201, headers=PRIVATE)


def post_removal(call: Call) -> Answer:
    body: RemovalBody = call.body
    removal = take_down(
        call.state,
        call.subject,
        call.path["review"],
        body.report,
        call.now,
        item=body.item,
        redacted_text=body.redacted_text,
    )
    answer = {
        "review": call.path["review"],
        "item": removal.item,
        "redacted_item": removal.redacted_item,
        "log": log_json(removal.entry.log.origin, removal.entry.index),
    }
    return Answer(answer, 201, headers=PRIVATE)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/policy-events",
        "recordPolicyEvent",
        "Something happened to a policy: invite its holder",
        post_policy_event,
        status=201,
        roles=("storefront",),
        body=PolicyEventBody,
        answer=shapes.INVITED,
        errors=("invalid", "not-found", "event-conflict"),
    ),
    Endpoint(
        "POST",
        "/reviews/<review>/replies",
        "reply",
        "Reply in public, or amend the reply",
        post_reply,
        status=201,
        roles=STAFF,
        body=ReplyBody,
        answer=shapes.REPLIED,
        errors=("invalid", "not-found"),
    ),
    Endpoint(
        "GET",
        "/reviews/<review>/report-package",
        "getReportPackage",
        "What to send to the regulator: the texts, the score, the proof; always the same bytes",
        get_report_package,
        roles=("compliance",),
        answer=shapes.PACKAGE,
        errors=("not-found",),
    ),
    Endpoint(
        "POST",
        "/reviews/<review>/regulator-reports",
        "fileReport",
        "Record a report that was sent to the regulator",
        post_regulator_report,
        status=201,
        roles=("compliance",),
        body=ReportBody,
        answer=shapes.REPORTED,
        errors=("invalid", "not-found", "item-unknown", "no-text", "text-removed", "report-exists"),
    ),
    Endpoint(
        "POST",
        "/regulator-reports/<report>/acknowledgements",
        "acknowledgeReport",
        "The regulator's answer to a report",
        post_acknowledgement,
        status=201,
        roles=("regulator",),
        body=AcknowledgementBody,
        answer=shapes.ACKNOWLEDGED,
        errors=("invalid", "report-unknown", "already-acknowledged"),
    ),
    Endpoint(
        "POST",
        "/reviews/<review>/removals",
        "removeText",
        "Remove or redact a text, on a report that names it",
        post_removal,
        status=201,
        roles=("compliance",),
        body=RemovalBody,
        answer=shapes.REMOVAL,
        errors=(
            "invalid",
            "not-found",
            "item-unknown",
            "no-text",
            "text-removed",
            "regulator-report-required",
        ),
    ),
)
