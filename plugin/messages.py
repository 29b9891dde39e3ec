"""What the refusals say to people: one sentence per stable code, worded by the catalogue.

Every problem has a status, a title and a detail that says what to do; every fault of a field a
sentence with the values that it mentions. ``docs/errors.md`` lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..moderation.errors import Fault
from ..widgets.i18n import N_, Message


@dataclass(frozen=True, slots=True)
class Problem:
    """How a code is answered: HTTP status, title, and what to do."""

    status: int
    title: str
    detail: str


FAULTS: Mapping[str, str] = {
    "required": N_("This is missing: please give it."),
    "too-long": N_("At most %(limit)s characters; this has %(length)s."),
    "too-many": N_("At most %(limit)s."),
    "full": N_("There are %(limit)s here already: no more can be published."),
    "too-small": N_("This must not be below %(limit)s."),
    "too-large": N_("This must not be above %(limit)s."),
    "repeated": N_("This is given more than once: please give it once."),
    "character": N_("The character %(code_point)s cannot be taken: please remove it."),
    "combining-marks": N_("More than %(limit)s combining marks in a row: please remove some."),
    "one-line": N_("Please write this on one line."),
    "score": N_("A score is a whole number from 1 to 5."),
    "choice": N_("Please use one of: %(choices)s."),
    "date-range": N_("The date must be from %(first)s to %(last)s."),
    "date": N_("A date is written as 2026-05-31."),
    "month": N_("A month is written as 2026-05."),
    "period": N_("A period cannot end before it begins."),
    "query-needed": N_("This order needs words to look for: please give q as well."),
    "email": N_("This does not look like an e-mail address."),
    "hex-32": N_("This must be 64 lower-case hexadecimal digits."),
    "cursor": N_("This cursor is not of this list: start again without it."),
    "unknown-field": N_("There is no such field: please remove it."),
    "redaction": N_("This is no redaction of the text: only █ may take a character's place."),
    "passage": N_("This passage does not stand in the text: please copy it exactly."),
    "taken": N_("This is taken: please choose another."),
    "form": N_("This must have the form %(pattern)s."),
    "origin": N_("An origin is written as https://shop.example."),
    "consent": N_("A review can only be sent if you agree to its publication."),
}

#: The sentences of the fault "type", by what is expected.
TYPES: Mapping[str, str] = {
    "text": N_("This must be text, in quotation marks."),
    "integer": N_("This must be a whole number, without quotation marks."),
    "boolean": N_("This must be true or false."),
    "object": N_("This must be a JSON object."),
    "array": N_("This must be a JSON array."),
}

_LOG_IN_DOUBT = Problem(
    503,
    N_("The log is being checked"),
    N_("Nothing was stored. The operator must restore the log before anything is signed."),
)

PROBLEMS: Mapping[str, Problem] = {
    "not-found": Problem(
        404,
        N_("Not found"),
        N_("There is nothing at this address. Check it, or start at the index."),
    ),
    "method-not-allowed": Problem(
        405,
        N_("Not possible with this method"),
        N_("Use one of the methods that the Allow header lists."),
    ),
    "unauthorized": Problem(
        401,
        N_("Not authorised"),
        N_("Send a valid token as “Authorization: Bearer …” that reaches this far."),
    ),
    "forbidden": Problem(403, N_("Not allowed"), N_("Sign in with a role that may do this.")),
    "csrf": Problem(
        403,
        N_("This form has expired"),
        N_("Nothing was changed. Go back, reload the page and send the form again."),
    ),
    "invitation-unknown": Problem(
        404,
        N_("Unknown invitation"),
        N_("This link is not one of ours. Ask for your link again; the mail may have cut it."),
    ),
    "invitation-used": Problem(
        409,
        N_("Already submitted"),
        N_("The review of this invitation has been submitted. It can be read, but not sent twice."),
    ),
    "invitation-expired": Problem(
        410, N_("Invitation expired"), N_("The time for this review is over.")
    ),
    "event-conflict": Problem(
        409,
        N_("Another event"),
        N_(
            "This event of the policy is on record with another product or date. "
            "Use a new occurrence."
        ),
    ),
    "invalid": Problem(
        422, N_("Please correct some fields"), N_("Nothing was stored. The fields are listed here.")
    ),
    "personal-data": Problem(
        422,
        N_("Personal data in the text"),
        N_(
            "Nothing was stored. Take the passages out, or send it again "
            "with confirm_personal_data."
        ),
    ),
    "score-locked": Problem(
        403,
        N_("Scores are for ever"),
        N_("No review can be changed or deleted. Texts can be removed after a regulator report."),
    ),
    "regulator-report-required": Problem(
        409,
        N_("Report to the regulator first"),
        N_("A text can be removed only on a report to the regulator that names this very text."),
    ),
    "no-text": Problem(
        409, N_("There is no text"), N_("This review has stars only, and they stay.")
    ),
    "text-removed": Problem(
        409, N_("The text is gone already"), N_("There are no words left here to act on.")
    ),
    "report-exists": Problem(
        409,
        N_("Already reported"),
        N_("This report number is on record for this text at this authority."),
    ),
    "report-unknown": Problem(
        404, N_("Unknown report"), N_("There is no report with this number.")
    ),
    "item-unknown": Problem(
        404, N_("Unknown text"), N_("No text with this id stands under this review.")
    ),
    "already-acknowledged": Problem(
        409, N_("Already answered"), N_("This answer to the report is on record.")
    ),
    "author-key-mismatch": Problem(
        403,
        N_("Not the author's key"),
        N_("Use the key that was shown with the receipt. Nobody, not even we, can replace it."),
    ),
    "withdrawn": Problem(
        409, N_("Withdrawn"), N_("The author took the words back; nothing can be added any more.")
    ),
    "busy": Problem(
        503, N_("Busy"), N_("Nothing was stored. Please send it again in a few seconds.")
    ),
    "rate-limited": Problem(
        429, N_("Too many requests"), N_("Nothing was stored. Please try again a little later.")
    ),
    "body-too-large": Problem(
        413, N_("Too large"), N_("A request may have at most 64 kB. Nothing was stored.")
    ),
    "content-type": Problem(
        415,
        N_("Unknown content type"),
        N_("Send the body as application/json in UTF-8. Nothing was stored."),
    ),
    "json": Problem(400, N_("Not JSON"), N_("The body cannot be read as JSON in UTF-8.")),
    "bad-request": Problem(400, N_("Bad request"), N_("The request cannot be understood.")),
    "log-behind": _LOG_IN_DOUBT,
    "log-unsigned": _LOG_IN_DOUBT,
    "key-file": Problem(
        503, N_("The log cannot sign"), N_("Nothing was stored. The operator must restore its key.")
    ),
    "unavailable": Problem(
        503,
        N_("Not available at the moment"),
        N_(
            "The database cannot be reached. If you were sending something, look first whether it "
            "has arrived, then send it again."
        ),
    ),
    "internal": Problem(
        500,
        N_("Something went wrong"),
        N_("It is our fault and has been recorded. Try again later."),
    ),
}


def fault_message(fault: Fault) -> Message:
    """The sentence for a fault, worded when a template shows it."""
    if fault.code == "type":
        return Message(TYPES[str(fault.params["expected"])])
    return Message(FAULTS[fault.code], fault.params)
