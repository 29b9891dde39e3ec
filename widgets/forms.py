"""Holders' forms: the review, the follow-up, the withdrawal, "send me my link again".

Forms check shape; services check meaning and answer with errors by field, which
:func:`attach_errors` puts where the writer sees them. The invitation token in the address is the
authority of a review form and the author key that of an author's form, so none has a CSRF token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from wtforms import BooleanField, EmailField, Form, HiddenField, StringField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import Optional

from .fields import (
    TEXT_LIMIT,
    ChoiceField,
    EmailShape,
    Hex32,
    Limit,
    Required,
    newlines,
    score_or_none,
    stripped,
)
from .i18n import N_

Action = Literal["publish", "preview", "edit"]

SCORE_WORDS = (
    (1, N_("Very dissatisfied")),
    (2, N_("Dissatisfied")),
    (3, N_("Neutral")),
    (4, N_("Satisfied")),
    (5, N_("Very satisfied")),
)
_ASPECT = "aspect_"


def attach_errors(form: BaseForm, errors: Mapping[str, str]) -> None:
    """Shows a service's errors at their fields.

    Keys are field names of the API ("text", "aspects.speed", …). An error whose field the form
    does not have is shown at the top of the form, so that none is lost.
    """
    for name, message in errors.items():
        field_name = _ASPECT + name.removeprefix("aspects.") if "." in name else name
        if field_name in form:
            field = form[field_name]
            field.errors = [*field.errors, message]
        else:
            form.form_errors.append(message)


class ReviewForm(Form):
    """The review of one policy event.

    `aspects` are (key, label) of the stage, label None where the catalogue words the key;
    `masked_name` is what the writer's name would be shown as, None when the shop gave none.
    """

    score = ChoiceField(
        N_("Overall rating"),
        [Required(N_("Please choose one to five stars."))],
        choices=SCORE_WORDS,
        coerce=score_or_none,
    )
    text = TextAreaField(N_("Your experience"), [Limit()], filters=[newlines])
    display_name = ChoiceField(
        N_("Name shown"),
        [Required(N_("Please choose the name to be shown."))],
        choices=[("masked", N_("My masked name")), ("anonymous", N_("Anonymous"))],
        default="masked",
    )
    author = HiddenField(validators=[Hex32(N_("The key made by your browser is unusable."))])
    author_key = HiddenField(validators=[Hex32(N_("The key of this form is unusable."))])
    consent = BooleanField(
        N_("I agree to this publication."),
        [Required(N_("A review can only be sent if you agree to its publication."))],
    )
    confirm_personal_data = BooleanField(N_("I have checked this; publish it as it is."))
    action = StringField(default="publish")

    def __init__(
        self,
        formdata: Any = None,
        *,
        aspects: Sequence[tuple[str, str | None]] = (),
        masked_name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._aspects = tuple(aspects)
        self.masked_name = masked_name
        super().__init__(formdata, **kwargs)

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        """Binds one optional field per aspect, then reads the input.

        A stage's aspects differ by product, so they cannot stand in the class; WTForms lets a
        bound form grow fields only through its base class, before it reads the input.
        """
        for key, label in self._aspects:
            unbound: Any = ChoiceField(
                label or key,
                [Optional()],
                choices=[("", N_("Not rated")), *SCORE_WORDS],
                coerce=score_or_none,
            )
            BaseForm.__setitem__(self, _ASPECT + key, unbound)
        if self.masked_name is None:
            self.display_name.choices = [("anonymous", N_("Anonymous"))]
            self.display_name.default = "anonymous"
        super().process(formdata, *args, **kwargs)

    @property
    def wants(self) -> Action:
        """Which of the form's buttons was pressed; anything unknown publishes nothing."""
        match self.action.data:
            case None | "" | "publish":
                return "publish"
            case "preview":
                return "preview"
            case _:
                return "edit"

    @property
    def aspect_fields(self) -> list[tuple[str, str | None, ChoiceField]]:
        """(key, configured label or None, field), in the stage's order."""
        return [
            (key, label, cast(ChoiceField, self[_ASPECT + key])) for key, label in self._aspects
        ]

    @property
    def aspect_scores(self) -> dict[str, int]:
        """The aspects that the writer rated."""
        rated = ((key, field.data) for key, _, field in self.aspect_fields)
        return {key: score for key, score in rated if score is not None}

    @property
    def shown_name(self) -> str | None:
        """The masked name when the writer chose it, None for anonymous."""
        return self.masked_name if self.display_name.data == "masked" else None


def _author_key() -> StringField:
    return StringField(
        N_("Author key"),
        [
            Required(N_("Please paste the author key from your receipt.")),
            Hex32(N_("An author key has 64 characters, 0-9 and a-f.")),
        ],
        filters=[stripped],
    )


class FollowUpForm(Form):
    """Words added later by the same author. Stars cannot be added or changed."""

    text = TextAreaField(
        N_("Your follow-up"), [Required(N_("Please write something.")), Limit()], filters=[newlines]
    )
    author_key = _author_key()
    confirm_personal_data = BooleanField(N_("I have checked this; publish it as it is."))


class WithdrawalForm(Form):
    """The author takes the texts back. The stars stay."""

    author_key = _author_key()
    confirm = BooleanField(
        N_("I understand that my words go for ever and my stars stay."),
        [Required(N_("Please confirm that you have understood this."))],
    )


class LinkForm(Form):
    """ "Send me my link again". Answered alike whether or not the policy exists."""

    policy_no = StringField(
        N_("Policy number"),
        [Required(N_("Please give your policy number.")), Limit(64)],
        filters=[stripped],
    )
    email = EmailField(
        N_("E-mail"),
        [
            Required(N_("Please give the e-mail address you bought with.")),
            EmailShape(),
            Limit(254),
        ],
        filters=[stripped],
    )


__all__ = [
    "SCORE_WORDS",
    "TEXT_LIMIT",
    "Action",
    "FollowUpForm",
    "LinkForm",
    "ReviewForm",
    "WithdrawalForm",
    "attach_errors",
]
