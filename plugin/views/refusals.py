"""What a service refuses, shown in the form that asked for it."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import Form

from ...moderation.errors import InvalidInput, ModerationError
from ...widgets.forms import attach_errors
from ..errors import ReviewsError
from ..problems import field_messages, problem_of


def attach_refusal(
    form: Form, error: ReviewsError | ModerationError, fields: Mapping[str, str] | None = None
) -> int:
    """Put ``error`` beside the fields it is about, and return the answer's status.

    ``fields`` names the field of an error's code; what belongs to no field stands over the form.
    """
    if isinstance(error, InvalidInput):
        attach_errors(form, field_messages(error))
    else:
        attach_errors(form, {(fields or {}).get(error.code, ""): problem_of(error).detail})
    return problem_of(error).status
