"""The fields and validators our forms share: shape only, with messages worded when shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from wtforms import DateField, Field, RadioField, SelectField, SelectMultipleField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, InputRequired, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from .i18n import N_, Message

TEXT_LIMIT = 5_000
Choices = Sequence[tuple[Any, str]]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_HEX32 = re.compile(r"[0-9a-f]{64}\Z")


def newlines(value: str | None) -> str | None:
    """Browsers send line breaks as CRLF; texts are counted, shown and committed with LF."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if value else value


def stripped(value: str | None) -> str | None:
    """Single-line input without the blanks that copying brings along."""
    return value.strip() if value else value


class Required(InputRequired):
    """InputRequired whose message the templates can translate."""

    def __init__(self, msgid: str = N_("Please fill this in.")) -> None:
        super().__init__(Message(msgid))


class Agreed(DataRequired):
    """A box that must be ticked; ``consent=false`` is no consent."""

    def __init__(self, msgid: str) -> None:
        super().__init__(Message(msgid))


class EmailShape:
    """Something@host; whether it exists, only a mail tells."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        if not _EMAIL.match(field.data or ""):
            raise ValidationError(Message(N_("This does not look like an e-mail address.")))


class Limit:
    """At most `most` code points. Not ``maxlength``: that counts UTF-16 units and cuts a pasted
    text off in silence."""

    def __init__(self, most: int = TEXT_LIMIT) -> None:
        self.most = most

    def __call__(self, form: BaseForm, field: Field) -> None:
        length = len(field.data or "")
        if length > self.most:
            raise ValidationError(
                Message(
                    N_("At most %(most)s characters; this has %(length)s."),
                    {"most": self.most, "length": length},
                )
            )


class Hex32:
    """32 bytes in lower-case hex, or nothing. `msgid` is what the writer reads otherwise."""

    def __init__(self, msgid: str) -> None:
        self.msgid = msgid

    def __call__(self, form: BaseForm, field: Field) -> None:
        if not field.data:
            field.data = None
            raise StopValidation()
        if not _HEX32.match(field.data):
            raise ValidationError(Message(self.msgid))


class _Quiet(SelectField):
    """Unlike WTForms' own, choosing nothing is left to the validators, so that a required choice
    gives one message, and an optional one none."""

    def pre_validate(self, form: BaseForm) -> None:
        known = {self.coerce(choice[0]) for choice in cast(Choices, self.choices or ())}
        if self.data is not None and self.data not in known:
            raise StopValidation(Message(N_("Please choose one of the options.")))

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as exc:
            self.data = None
            raise ValueError(Message(N_("Please choose one of the options."))) from exc


class ChoiceField(_Quiet, RadioField):
    """Radios, one of which may be chosen."""


class MenuField(_Quiet):
    """A drop-down list."""


class ChecksField(SelectMultipleField):
    """Check boxes, of which several may be ticked."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: BaseForm) -> None:
        known = {choice[0] for choice in cast(Choices, self.choices or ())}
        if not known.issuperset(self.data or ()):
            raise StopValidation(Message(N_("Please choose one of the options.")))


class DayField(DateField):
    """A bare date as ``<input type="date">`` sends it: YYYY-MM-DD."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        try:
            self.data = date.fromisoformat(valuelist[0])
        except ValueError as exc:
            self.data = None
            raise ValueError(Message(N_("Please give a date as YYYY-MM-DD."))) from exc


def score_or_none(value: object) -> int | None:
    """Coerces a score; "" (and "None", which WTForms makes of None) is "not rated"."""
    return None if value in (None, "", "None") else int(str(value))


__all__ = [
    "TEXT_LIMIT",
    "Agreed",
    "ChecksField",
    "ChoiceField",
    "DayField",
    "EmailShape",
    "Hex32",
    "Limit",
    "MenuField",
    "Required",
    "newlines",
    "score_or_none",
    "stripped",
]
