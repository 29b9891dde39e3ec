"""Every template in the states that matter: what the tests render and the gallery shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from insurance_reviews.widgets.desk_cards import (
    ComplianceCard,
    ProductsCard,
    RegulatorCard,
)
from insurance_reviews.widgets.desk_forms import (
    AcknowledgementForm,
)
from insurance_reviews.widgets.forms import (
    LinkForm,
    ReviewForm,
)

from . import desks, embeds, figures, holders
from . import samples as s

Scene = tuple[str, Callable[[], dict[str, Any]]]


def _scene(template: str, **context: Any) -> Scene:
    return template, lambda: context


SCENES: dict[str, Scene] = {
    "wall": _scene("wall_page.html", wall=s.WALL),
    "wall-filtered": _scene("wall_page.html", wall=s.FILTERED),
    "wall-nothing-found": _scene("wall_page.html", wall=s.NOTHING_FOUND),
    "wall-found": _scene("wall_page.html", wall=s.FOUND),
    "wall-not-found": _scene("wall_page.html", wall=s.NOT_FOUND),
    "wall-empty": _scene("wall_page.html", wall=s.EMPTY),
    "wall-endless": _scene("wall_page.html", wall=replace(s.WALL, reviews=(s.ENDLESS,))),
    "fragment-wall": _scene("wall.html", wall=s.WALL),
    "fragment-summary": _scene("summary.html", summary=s.SUMMARY),
    "fragment-summary-empty": _scene("summary.html", summary=s.NO_SUMMARY),
    "fragment-summaries": _scene(
        "summaries.html", summaries=[("a", s.SUMMARY), ("unknown", None), ("b", s.NO_SUMMARY)]
    ),
    "wall-framed": _scene("frame_page.html", wall=s.WALL, origins=["https://shop.example"]),
    "review": _scene("review_page.html", review=s.FULL),
    "review-witnessed": _scene(
        "review_page.html", review=replace(s.FULL, witnessed=desks.WITNESSED)
    ),
    "review-removed": _scene("review_page.html", review=s.GONE),
    "review-unanswered": _scene(
        "review_page.html",
        review=replace(s.GONE, text=s.text(None, 9, s.at(2025, 4, 2), s.UNANSWERED)),
    ),
    "review-disputed": _scene(
        "review_page.html",
        review=replace(s.GONE, text=s.text(None, 9, s.at(2025, 4, 2), s.DISPUTED)),
    ),
    "review-stars": _scene("review_page.html", review=s.STARS),
    "products": _scene("products.html", products=desks.PRODUCTS),
    "products-none": _scene("products.html", products=ProductsCard(())),
    "compare": _scene("compare.html", compare=figures.COMPARE),
    "compare-alike": _scene("compare.html", compare=figures.ALIKE),
    "compare-apart": _scene("compare.html", compare=figures.APART),
    "compare-alone": _scene("compare.html", compare=figures.ALONE),
    "compare-nobody": _scene("compare.html", compare=figures.NOBODY),
    "log": _scene("log.html", log=desks.LOG),
    "log-unwitnessed": _scene("log.html", log=replace(desks.LOG, witnesses=(), unwitnessed=None)),
    "error-404": _scene("error.html", status=404, detail=None, code=None),
    "error-403": _scene("error.html", status=403, detail=None, code="score-locked"),
    "error-500": _scene("error.html", status=500, detail=None, code=None),
    "error-422": _scene("error.html", status=422, detail="Please write something.", code="invalid"),
    "invitation": (
        "invitation.html",
        lambda: {"invitation": holders.INVITATION, "form": holders.review_form()},
    ),
    "invitation-nameless": (
        "invitation.html",
        lambda: {
            "invitation": replace(
                holders.INVITATION, masked_name=None, operator=None, stage="renewal"
            ),
            "form": ReviewForm(None),
        },
    ),
    "invitation-refused": ("invitation.html", holders.refused),
    "invitation-private": ("invitation.html", holders.with_personal_data),
    "preview": ("review_preview.html", holders.previewed),
    "already-submitted": _scene(
        "already_submitted.html", review_url="/r", product=s.AUTO, author_url="/a"
    ),
    "invitation-expired": _scene(
        "invitation_expired.html", product=s.AUTO, expired_at=s.at(2025, 6, 26), wall_url="/w"
    ),
    "invitation-unknown": _scene("invitation_unknown.html", link_url="/reviews/link"),
    "receipt": _scene("receipt.html", receipt=holders.RECEIPT),
    "receipt-later": _scene("receipt.html", receipt=replace(holders.RECEIPT, author_key=None)),
    "verify": _scene("verify.html", verify=holders.VERIFY),
    "verify-gone": _scene("verify.html", verify=holders.GONE),
    "author": ("author.html", holders.author_page),
    "author-withdrawn": (
        "author.html",
        lambda: holders.author_page(review=s.TAKEN_BACK, withdrawn=True),
    ),
    "author-stars": ("author.html", lambda: holders.author_page(review=s.STARS, has_text=False)),
    "author-refused": ("author.html", holders.author_refused),
    "link": ("link.html", lambda: {"form": LinkForm(None), "post_url": "/reviews/link"}),
    "link-refused": ("link.html", holders.link_refused),
    "link-sent": _scene("link_sent.html"),
    "desk": _scene("desk.html", desk=desks.DESK),
    "desk-nothing": _scene("desk.html", desk=replace(desks.DESK, rows=(), total=0, next_url=None)),
    "desk-embed": _scene("embed_page.html", embed=embeds.EMBED),
    "desk-embed-nowhere": _scene("embed_page.html", embed=replace(embeds.EMBED, origins=())),
    "desk-embed-nothing": _scene(
        "embed_page.html", embed=replace(embeds.EMBED, shown=None, products=())
    ),
    "desk-review": ("desk_review.html", desks.desk_review),
    "desk-review-refused": ("desk_review.html", lambda: desks.desk_review(check=True)),
    "desk-review-service": ("desk_review.html", desks.service_staff),
    "compliance": _scene(
        "compliance.html",
        compliance=ComplianceCard(
            "青檐财险",
            desks.REPORTS,
            (desks.group("status", "all", "open", "acknowledged", "disputed"),),
            12,
            4,
            2,
            3,
            "/reviews/desk/",
            "?after=3",
        ),
    ),
    "regulator": _scene(
        "regulator.html",
        regulator=RegulatorCard(
            desks.REPORTS,
            (desks.group("insurer", "all", "青檐财险", "松磐人寿", "橘灯保险"),),
            31,
            5,
        ),
    ),
    "regulator-none": _scene("regulator.html", regulator=RegulatorCard((), (), 0, 0)),
    "report": (
        "report.html",
        lambda: {
            "report": desks.REPORT,
            "form": AcknowledgementForm(None),
            "post_url": "/ack",
            "back_url": "/reviews/regulator/",
        },
    ),
    "report-answered": _scene(
        "report.html", report=desks.CONTESTED, form=None, post_url=None, back_url="/reviews/desk/"
    ),
    **{
        f"mail-{kind}-{part}": _scene(f"mail/{kind}.{part}", mail=card)
        for kind, card in (
            ("invitation", holders.INVITATION_MAIL),
            ("removal", holders.REMOVAL_MAIL),
            ("reply", holders.REPLY_MAIL),
        )
        for part in ("subject.txt", "txt", "html")
    },
    "mail-nameless": _scene(
        "mail/invitation.html", mail=replace(holders.INVITATION_MAIL, masked_name=None)
    ),
    "mail-redaction": _scene(
        "mail/removal.html", mail=replace(holders.REMOVAL_MAIL, redacted=True)
    ),
}
