"""The fields and validators our forms share: shape only, with messages worded when shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple

from wtforms import DateField, Field
from wtforms.form import BaseForm
from wtforms.validators import StopValidation, ValidationError

from .i18n import N_, Message

TEXT_LIMIT = 5_000
Choices = Sequence[tuple[Any, str]]
_NO_SUCH_CHOICE = Message(N_("Please choose one of the options."))
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_HEX32 = re.compile(r"[0-9a-f]{64}\Z")


def newlines(value: str | None) -> str | None:
    """Browsers send line breaks as CRLF; texts are counted, shown and committed with LF."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if value else value


def stripped(value: str | None) -> str | None:
    """Single-line input without the blanks that copying brings along."""
    return value.strip() if value else value


class Required:
    """Something other than blanks; a box that is ticked; a choice that is made.

    Not WTForms' InputRequired, which is content with blanks that a filter strips, nor its
    DataRequired, which replaces a better message about what was sent.
    """

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __init__(self, msgid: str) -> None:
        self.message = Message(msgid)

    def __call__(self, form: BaseForm, field: Field) -> None:
        if field.errors:
            raise StopValidation()
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation(self.message)


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
                    # Grouped as the counter beside the field has them, in all our languages.
                    {"most": f"{self.most:,}", "length": f"{length:,}"},
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


class Option(NamedTuple):
    """One choice as the templates draw it."""

    value: object
    label: str
    selected: bool


class ChoiceField(Field):
    """One of some choices, drawn as radios by the templates. `choices` are (value, msgid).

    Not WTForms' RadioField: there, choosing nothing is an error of its own beside the validators',
    and the shape of its choices changes from release to release.
    """

    def __init__(
        self,
        label: str,
        validators: list[Any] | None = None,
        *,
        choices: Choices = (),
        coerce: Callable[[Any], Any] = str,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.choices = list(choices)
        self.coerce = coerce

    def iter_choices(self) -> Iterator[Option]:
        """The choices, and which of them is chosen."""
        for value, label in self.choices:
            yield Option(value, label, self.coerce(value) == self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            # Not the default: radios that were not sent were not chosen.
            self.data = self.coerce(valuelist[0]) if valuelist else None
        except (ValueError, TypeError) as exc:
            self.data = None
            raise ValueError(_NO_SUCH_CHOICE) from exc

    def pre_validate(self, form: BaseForm) -> None:
        known = [self.coerce(value) for value, _ in self.choices]
        if self.data not in (None, "", *known):
            raise StopValidation(_NO_SUCH_CHOICE)


class MenuField(ChoiceField):
    """One of some choices, drawn as a drop-down list."""


class ChecksField(ChoiceField):
    """Any number of some choices, drawn as check boxes; `data` is a list of values."""

    def iter_choices(self) -> Iterator[Option]:
        for value, label in self.choices:
            yield Option(value, label, value in (self.data or ()))

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = list(valuelist)

    def pre_validate(self, form: BaseForm) -> None:
        if not {value for value, _ in self.choices}.issuperset(self.data or ()):
            raise StopValidation(_NO_SUCH_CHOICE)


class DayField(DateField):
    """A bare date as ``<input type="date">`` sends it: YYYY-MM-DD."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        try:
            # fromisoformat alone takes 20260302 and 2026-W10-1, too.
            if not _DAY.match(valuelist[0]):
                raise ValueError(valuelist[0])
            self.data = date.fromisoformat(valuelist[0])
        except ValueError as exc:
            self.data = None
            raise ValueError(Message(N_("Please give a date as YYYY-MM-DD."))) from exc


def score_or_none(value: str | int) -> int | None:
    """Coerces a score; "" is "not rated". Stricter than int(), which takes "٣" and "0_5" too."""
    if value == "":
        return None
    if str(value) not in ("1", "2", "3", "4", "5"):
        raise ValueError(value)
    return int(value)


__all__ = [
    "TEXT_LIMIT",
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
