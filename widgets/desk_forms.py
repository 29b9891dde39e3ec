"""Staff's forms: reply, regulator report, removal, acknowledgement.

Staff have sessions, so the view switches CSRF on when it makes the form (``meta={"csrf": True,
…}``); the templates render a ``csrf_token`` field wherever a form has one.
"""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form, StringField, TextAreaField
from wtforms.validators import ValidationError

from .fields import (
    ChecksField,
    ChoiceField,
    Choices,
    DayField,
    Limit,
    MenuField,
    Required,
    newlines,
    stripped,
)
from .i18n import N_, Message
from .text import mask

GROUND_WORDS = (
    ("personal_data", N_("Personal data of others")),
    ("unlawful_content", N_("Unlawful content")),
    ("defamation", N_("Defamation")),
    ("court_order", N_("Court order")),
    ("other", N_("Other")),
)


class ReplyForm(Form):
    """The insurer's public reply; sending again adds a version."""

    text = TextAreaField(
        N_("Reply"), [Required(N_("Please write something.")), Limit()], filters=[newlines]
    )


class ReportForm(Form):
    """A report to the regulator that has been filed. `items` are (item id, label) of the review's
    texts that still stand."""

    report_no = StringField(
        N_("Report number"),
        [
            Required(N_("Please give the number under which the authority received the report.")),
            Limit(64),
        ],
        filters=[stripped],
    )
    authority = StringField(
        N_("Authority"),
        [Required(N_("Please name the authority.")), Limit(120)],
        filters=[stripped],
    )
    filed_on = DayField(N_("Filed on"), [Required(N_("Please give the date of filing."))])
    ground = MenuField(
        N_("Ground"), [Required(N_("Please choose a ground."))], choices=GROUND_WORDS
    )
    reasons = TextAreaField(
        N_("Reasons"), [Required(N_("Please give the reasons.")), Limit()], filters=[newlines]
    )
    items = ChecksField(N_("Texts concerned"), [Required(N_("Please choose at least one text."))])

    def __init__(self, formdata: Any = None, *, items: Choices = (), **kwargs: Any) -> None:
        self._items = list(items)
        super().__init__(formdata, **kwargs)

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        """Gives the field its choices before it reads the input."""
        self.items.choices = self._items
        super().process(formdata, *args, **kwargs)


class RemovalForm(Form):
    """A removal on a report: the whole text, or passages of it.

    `reports` and `items` are (id, label). Nobody has to type blocks: staff paste the passages, one
    per line, and :meth:`redacted` masks them.
    """

    report = MenuField(N_("Regulator report"), [Required(N_("Please choose the report."))])
    item = MenuField(N_("Text"), [Required(N_("Please choose the text."))])
    extent = ChoiceField(
        N_("Extent"),
        [Required(N_("Please choose how much goes."))],
        choices=[
            ("passages", N_("Only these passages")),
            ("whole", N_("The whole text")),
        ],
        default="passages",
    )
    passages = TextAreaField(N_("Passages, one per line"), [Limit()], filters=[newlines])
    confirm = BooleanField(
        N_("I understand that this cannot be undone and that the score stays."),
        [Required(N_("Please confirm that you have understood this."))],
    )

    def __init__(
        self,
        formdata: Any = None,
        *,
        reports: Choices = (),
        items: Choices = (),
        **kwargs: Any,
    ) -> None:
        self._reports, self._items = list(reports), list(items)
        super().__init__(formdata, **kwargs)

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        """Gives the fields their choices before they read the input."""
        self.report.choices = self._reports
        self.item.choices = self._items
        super().process(formdata, *args, **kwargs)

    def validate_passages(self, field: Any) -> None:
        """Redacting nothing is no redaction."""
        if self.extent.data == "passages" and not (field.data or "").strip():
            raise ValidationError(Message(N_("Please paste at least one passage.")))

    def redacted(self, text: str) -> str | None:
        """`text` with the passages masked, or None when the whole text is to go.

        Raises ValueError, with a :class:`Message` as its argument, when a passage is not in it.
        """
        if self.extent.data == "whole":
            return None
        return mask(text, (self.passages.data or "").split("\n"))


class AcknowledgementForm(Form):
    """The regulator's answer to a report."""

    verdict = ChoiceField(
        N_("Answer"),
        [Required(N_("Please choose an answer."))],
        choices=[
            ("acknowledged", N_("Acknowledge: the report was received and is in order")),
            ("disputed", N_("Dispute: the report was not received, or does not justify this")),
        ],
    )
    note = TextAreaField(N_("Note (not public)"), [Limit()], filters=[newlines])


__all__ = [
    "GROUND_WORDS",
    "AcknowledgementForm",
    "RemovalForm",
    "ReplyForm",
    "ReportForm",
]
