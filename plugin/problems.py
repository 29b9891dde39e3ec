"""Refusals as answers: RFC 9457 problem+json for programs, a page for people, one table for
both."""

from __future__ import annotations

from gettext import NullTranslations
from typing import Any

from ..moderation.errors import InvalidInput, ModerationError, ReportExists
from ..widgets.i18n import Message, translate
from .errors import (
    BadRequest,
    InvitationExpired,
    InvitationUsed,
    PersonalDataFound,
    ReviewsError,
)
from .messages import PROBLEMS, Problem, fault_message

TYPE = "urn:insurance-reviews:problem:"
Refusal = ReviewsError | ModerationError


def problem_of(error: Refusal) -> Problem:
    """Status, title and detail for a refusal."""
    return PROBLEMS[error.code]


def retry_after(error: Refusal) -> int | None:
    """Seconds for a Retry-After header, where the refusal passes by itself."""
    seconds: int | None = getattr(error, "retry_after", None)
    return seconds


def problem_json(error: Refusal, translations: NullTranslations, base_url: str) -> dict[str, Any]:
    """The body of the problem answer as ``translations`` word it; evidence comes as further
    members."""
    problem = problem_of(error)
    body: dict[str, Any] = {
        "type": TYPE + error.code,
        "title": translate(translations, problem.title),
        "status": error.status if isinstance(error, BadRequest) else problem.status,
        "code": error.code,
        "detail": translate(translations, problem.detail),
    }
    match error:
        case InvalidInput():
            body["errors"] = [
                {
                    "field": name,
                    "code": fault.code,
                    "detail": translate(translations, fault_message(fault)),
                }
                for name, fault in error.faults.items()
            ]
        case PersonalDataFound():
            body["spans"] = [
                {"kind": span.kind, "start": span.start, "end": span.end} for span in error.spans
            ]
            body["text"] = error.text
        case InvitationUsed():
            body["review"] = f"{base_url}/r/{error.review}"
        case InvitationExpired():
            body["expired_at"] = error.expired_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        case ReportExists():
            body["report"] = error.report
    return body


def field_messages(error: InvalidInput) -> dict[str, Message]:
    """The sentences for a form, by field."""
    return {name: fault_message(fault) for name, fault in error.faults.items()}
