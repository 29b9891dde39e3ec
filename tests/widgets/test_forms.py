"""Forms check shape, say what is wrong at the field, and never invent a value."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict
from wtforms.csrf.core import CSRF
from wtforms.form import BaseForm

from insurance_reviews.widgets.desk_forms import (
    AcknowledgementForm,
    RemovalForm,
    ReplyForm,
    ReportForm,
)
from insurance_reviews.widgets.forms import (
    FollowUpForm,
    LinkForm,
    ReviewForm,
    WithdrawalForm,
    attach_errors,
)
from insurance_reviews.widgets.i18n import Message
from insurance_reviews.widgets.render import Renderer

from .desks import REPORT
from .holders import ASPECTS, INVITATION, KEY

GOOD = {"score": "4", "display_name": "masked", "consent": "y"}


def form(**values: str) -> ReviewForm:
    """The claim form of somebody whose name is known."""
    return ReviewForm(MultiDict(values), aspects=ASPECTS, masked_name="王**")


def errors(checked: BaseForm) -> dict[str, list[str]]:
    """Errors by field, as plain words."""
    checked.validate()
    return {name: [str(error) for error in found] for name, found in checked.errors.items()}


def test_a_score_is_enough() -> None:
    """Words, aspects and keys are the writer's choice."""
    review = form(**GOOD)
    assert review.validate()
    assert review.score.data == 4
    assert review.aspect_scores == {}
    assert review.shown_name == "王**"
    assert review.wants == "publish"


def test_aspects_that_were_not_rated_are_left_out() -> None:
    """ "不评" is no score, and neither is one that nobody sent."""
    review = form(**GOOD, aspect_speed="5", aspect_guidance="")
    assert review.validate()
    assert review.aspect_scores == {"speed": 5}
    assert [key for key, _, _ in review.aspect_fields] == [
        "speed",
        "guidance",
        "outcome",
        "attitude",
    ]


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "4.5", "五", "1e1", "None"])
def test_only_one_to_five(score: str) -> None:
    """One message, whatever came instead."""
    assert list(errors(form(**{**GOOD, "score": score}))) == ["score"]
    assert len(errors(form(**{**GOOD, "score": score}))["score"]) == 1


def test_what_is_missing_is_named_once() -> None:
    """An empty form gets one sentence per field that it needs."""
    found = errors(form(text=""))
    assert {name: len(messages) for name, messages in found.items()} == {
        "score": 1,
        "display_name": 1,
        "consent": 1,
    }


def test_consent_is_given_by_ticking() -> None:
    """A value that says no is not consent."""
    assert "consent" in errors(form(**{**GOOD, "consent": "false"}))


@pytest.mark.parametrize(
    ("text", "fits"), [("字" * 5_000, True), ("😀" * 5_000, True), ("字" * 5_001, False)]
)
def test_the_limit_counts_code_points(text: str, fits: bool) -> None:
    """Not bytes, and not UTF-16 units as maxlength would."""
    assert ("text" not in errors(form(**GOOD, text=text))) is fits


def test_the_limit_is_written_as_the_counter_writes_it() -> None:
    """5,000 in one place and 5000 in the next looks like two limits."""
    [message] = errors(form(**GOOD, text="字" * 5_001))["text"]
    assert message == "At most 5,000 characters; this has 5,001."


def test_line_breaks_are_one_character() -> None:
    """Browsers send CRLF; it is stored, counted and committed as LF."""
    review = form(**GOOD, text="一\r\n" * 2_500)
    assert review.validate()
    assert review.text.data == "一\n" * 2_500


def test_keys_are_lower_case_hex_or_nothing() -> None:
    """What is no key is refused rather than mended."""
    empty = form(**GOOD, author="", author_key="")
    assert empty.validate()
    assert empty.author.data is None
    assert form(**GOOD, author=KEY).validate()
    for wrong in (KEY.upper(), KEY[:-1], KEY + "0", "g" * 64, "٣" * 64):
        assert list(errors(form(**GOOD, author=wrong))) == ["author"]


def test_without_a_name_there_is_no_choice_to_show_it() -> None:
    """The form offers anonymity only, and takes nothing else."""
    assert ReviewForm(None).display_name.data == "anonymous"
    nameless = ReviewForm(MultiDict({**GOOD, "display_name": "masked"}))
    assert list(errors(nameless)) == ["display_name"]
    assert ReviewForm(MultiDict({**GOOD, "display_name": "anonymous"})).shown_name is None


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ("publish", "publish"),
        ("preview", "preview"),
        ("edit", "edit"),
        ("", "publish"),
        ("x", "edit"),
    ],
)
def test_an_unknown_button_publishes_nothing(sent: str, wanted: str) -> None:
    """No button at all is a program or an old browser: it means to publish."""
    assert form(**GOOD, action=sent).wants == wanted
    assert form(**GOOD).wants == "publish"


def test_errors_of_the_service_reach_their_fields() -> None:
    """By the API's names; what has no field is shown above the form."""
    review = form(**GOOD, aspect_speed="5")
    review.validate()
    attach_errors(
        review,
        {
            "text": Message(
                "At most %(most)s characters; this has %(length)s.", {"most": 1, "length": 2}
            ),
            "aspects.speed": "no",
            "invitation": "gone",
        },
    )
    page = Renderer(overrides=None, asset_url=str).render(
        "invitation.html", "zh-CN", invitation=INVITATION, form=review
    )
    assert "最多 1 字，现在是 2 字。" in page
    assert 'href="#review-aspect_speed"' in page
    assert review.form_errors == ["gone"]


def test_other_holders_forms() -> None:
    """Each names what it lacks."""
    assert set(errors(FollowUpForm(MultiDict({"x": ""})))) == {"author_key", "text"}
    assert set(errors(WithdrawalForm(MultiDict({"author_key": "short"})))) == {
        "author_key",
        "confirm",
    }
    assert WithdrawalForm(MultiDict({"author_key": f" {KEY}\n", "confirm": "y"})).validate()
    assert set(errors(LinkForm(MultiDict({"policy_no": " ", "email": "a b@c"})))) == {
        "policy_no",
        "email",
    }
    assert LinkForm(MultiDict({"policy_no": "P1", "email": "a@b"})).validate()


def test_a_report_names_its_texts() -> None:
    """Only texts of this review can be chosen, and at least one is."""
    full = {
        "report_no": "沪2025-1",
        "authority": "监管局",
        "filed_on": "2025-05-16",
        "ground": "defamation",
        "reasons": "…",
    }
    items = [("it_1", "正文"), ("it_2", "追评")]
    assert list(errors(ReportForm(MultiDict(full), items=items))) == ["items"]
    assert list(errors(ReportForm(MultiDict({**full, "items": "it_9"}), items=items))) == ["items"]
    chosen = ReportForm(
        MultiDict([*full.items(), ("items", "it_1"), ("items", "it_2")]), items=items
    )
    assert chosen.validate()
    assert chosen["items"].data == ["it_1", "it_2"]
    for wrong in ({"filed_on": "2025-02-30"}, {"ground": "boredom"}, {"report_no": "  "}):
        assert set(
            errors(ReportForm(MultiDict({**full, "items": "it_1", **wrong}), items=items))
        ) == set(wrong)


def test_a_removal_masks_passages_or_takes_all() -> None:
    """Passages are needed only where passages go."""
    choices = {"reports": [("rp_1", "沪2025-1")], "items": [("it_1", "正文")]}
    sent = {"report": "rp_1", "item": "it_1", "confirm": "y"}
    assert list(errors(RemovalForm(MultiDict({**sent, "extent": "passages"}), **choices))) == [
        "passages"
    ]
    whole = RemovalForm(MultiDict({**sent, "extent": "whole"}), **choices)
    assert whole.validate()
    assert whole.redacted("张三来了") is None
    some = RemovalForm(MultiDict({**sent, "extent": "passages", "passages": "张三\r\n"}), **choices)
    assert some.validate()
    assert some.redacted("张三来了，张三走了") == "██来了，██走了"
    assert list(
        errors(RemovalForm(MultiDict({**sent, "extent": "whole", "report": "rp_2"}), **choices))
    ) == ["report"]


def test_desk_forms_show_their_csrf_token() -> None:
    """The view switches it on; the templates show it wherever there is one, without an id."""

    class Fixed(CSRF):
        def generate_csrf_token(self, csrf_token_field: object) -> str:
            return "token"

    meta = {"csrf": True, "csrf_class": Fixed}
    page = Renderer(overrides=None, asset_url=str).render(
        "report.html",
        "en",
        report=REPORT,
        form=AcknowledgementForm(None, meta=meta),
        post_url="/ack",
        back_url="/",
    )
    assert '<input name="csrf_token" type="hidden" value="token">' in page
    assert "csrf_token" in ReplyForm(None, meta=meta)
