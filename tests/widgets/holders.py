"""What policyholders see, filled in: forms, receipts, mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from insurance_reviews.widgets.forms import (
    FollowUpForm,
    LinkForm,
    ReviewForm,
    WithdrawalForm,
    attach_errors,
)
from insurance_reviews.widgets.holder_cards import (
    AuthorCard,
    CheckedLog,
    InvitationCard,
    InvitationMailCard,
    PersonalDataSpan,
    ReceiptCard,
    RemovalMailCard,
    ReplyMailCard,
    VerifyCard,
)

from . import samples as s

KEY = "3f9a" * 16
ASPECTS = (("speed", None), ("guidance", None), ("outcome", None), ("attitude", None))
PRIVATE = "赔款打到我卡里了，有问题打我电话 138 0013 8000，或者写信到 wang@example.cn。"

INVITATION = InvitationCard(
    id="iv_00000000000000000000000042",
    product=s.AUTO,
    stage="claim",
    occurred_on=date(2025, 3, 28),
    expires_at=s.at(2025, 6, 26),
    published_on=("shop.example/reviews/products/qingyan-auto",),
    post_url="/reviews/i/token",
    log_url="/reviews/log/qingyan/",
    masked_name="王**",
    operator="安选保险商城",
)


def review_form(**values: str) -> ReviewForm:
    """The form as a browser sends it; without values as it first appears."""
    if not values:
        return ReviewForm(None, aspects=ASPECTS, masked_name="王**", data={"author_key": KEY})
    return ReviewForm(MultiDict(values), aspects=ASPECTS, masked_name="王**")


def refused() -> dict[str, Any]:
    """What a service and the form itself refuse, at their fields."""
    form = review_form(text="字" * 5_001, display_name="masked", author_key=KEY)
    form.validate()
    attach_errors(form, {"aspects.speed": "Please choose one of the options.", "invitation": "x"})
    return {"invitation": INVITATION, "form": form}


def with_personal_data() -> dict[str, Any]:
    """The warning, with the passages marked."""
    form = review_form(
        score="4",
        text=PRIVATE,
        display_name="masked",
        consent="y",
        author_key=KEY,
        aspect_speed="5",
    )
    form.validate()
    spans = (
        PersonalDataSpan(PRIVATE.index("138"), PRIVATE.index("，或者"), "mobile"),
        PersonalDataSpan(PRIVATE.index("wang"), len(PRIVATE) - 1, "email"),
    )
    return {"invitation": INVITATION, "form": form, "personal_data": spans}


def previewed() -> dict[str, Any]:
    """A review about to be published."""
    form = review_form(
        score="5",
        text=s.FULL.text.text if s.FULL.text and s.FULL.text.text else "",
        display_name="masked",
        consent="y",
        author_key=KEY,
        aspect_speed="5",
        aspect_outcome="4",
        action="preview",
    )
    form.validate()
    return {"invitation": INVITATION, "form": form}


RECEIPT = ReceiptCard(
    review_id=s.FULL.id,
    invitation=INVITATION.id,
    product=s.AUTO,
    stage="claim",
    score=5,
    submitted_at=s.at(2025, 4, 12),
    permalink=s.FULL.url,
    receipt_url=s.FULL.receipt_url,
    file_url=f"{s.FULL.url}/receipt.json",
    file_name=f"{s.FULL.id}.receipt.json",
    file='{"version": 1, "text": "<b>\\n\\"", "author_key": null}\n',
    verify_url=f"https://shop.example{s.FULL.url}/verify",
    author_url="/reviews/r/x/author",
    log_origin=s.LOG,
    log_index=1042,
    log_url="/reviews/log/qingyan/",
    author_key=KEY,
)

GONE = VerifyCard(
    review_id=s.FULL.id,
    permalink=s.FULL.url,
    logs=(CheckedLog(s.LOG, "/reviews/log/qingyan/", f"https://{s.LOG}/"),),
    review_data_url=f"/reviews/api/v1/reviews/{s.FULL.id}",
    file_url=f"{s.FULL.url}/receipt.json",
    file_name=f"{s.FULL.id}.receipt.json",
    verify_url=f"{s.FULL.url}/verify",
    timezone="Asia/Shanghai",
)
VERIFY = replace(GONE, product=s.AUTO, stage="claim", vkey=f"{s.LOG}+0011aabb+AQID")
AUTHOR = AuthorCard(s.FULL, "/reviews/r/x/follow-ups", "/reviews/r/x/withdrawal")


def author_page(**changes: Any) -> dict[str, Any]:
    """An author's page before anything was sent."""
    return {
        "author": replace(AUTHOR, **changes),
        "follow_up": FollowUpForm(None),
        "withdrawal": WithdrawalForm(None),
    }


def author_refused() -> dict[str, Any]:
    """Both of an author's forms, refused."""
    follow_up = FollowUpForm(MultiDict({"author_key": "nonsense", "text": ""}))
    withdrawal = WithdrawalForm(MultiDict({"author_key": KEY}))
    follow_up.validate()
    withdrawal.validate()
    return {"author": AUTHOR, "follow_up": follow_up, "withdrawal": withdrawal}


def link_refused() -> dict[str, Any]:
    """A request for a link that lacks everything."""
    form = LinkForm(MultiDict({"policy_no": "", "email": "not an address"}))
    form.validate()
    return {"form": form, "post_url": "/reviews/link"}


INVITATION_MAIL = InvitationMailCard(
    s.AUTO,
    "claim",
    date(2025, 3, 28),
    s.at(2025, 6, 26),
    "https://shop.example/reviews/i/" + "aXZf" * 19,
    INVITATION.published_on,
    "安选保险商城",
    "王**",
)
REMOVAL_MAIL = RemovalMailCard(
    s.GONE,
    s.REMOVED.authority or "",
    s.REMOVED.report_no or "",
    "personal_data",
    date(2025, 5, 20),
    False,
    "安选保险商城",
)
REPLY_MAIL = ReplyMailCard(
    s.FULL, s.FULL.reply.text.text or "" if s.FULL.reply else "", "安选保险商城"
)
