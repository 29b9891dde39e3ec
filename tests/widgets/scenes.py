"""Every template in the states that matter: what the tests render and the gallery shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from insurance_reviews.widgets.cards import LinkCard
from insurance_reviews.widgets.desk_cards import (
    ComplianceCard,
    DeskCard,
    DeskReviewCard,
    DeskRow,
    FilterGroup,
    LogCard,
    ProductRow,
    ProductsCard,
    RegulatorCard,
    ReportCard,
    ReportedItem,
    WitnessCard,
)
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
from insurance_reviews.widgets.holder_cards import (
    AuthorCard,
    InvitationCard,
    InvitationMailCard,
    PersonalDataSpan,
    ReceiptCard,
    RemovalMailCard,
    ReplyMailCard,
)

from . import samples as s

Scene = tuple[str, Callable[[], dict[str, Any]]]

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


def _refused() -> dict[str, Any]:
    form = review_form(text="字" * 5_001, display_name="masked", author_key=KEY)
    form.validate()
    attach_errors(form, {"aspects.speed": "Please choose one of the options.", "invitation": "x"})
    return {"invitation": INVITATION, "form": form}


def _private() -> dict[str, Any]:
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


def _preview() -> dict[str, Any]:
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
    author_url="/reviews/r/x/author",
    log_origin=s.LOG,
    log_index=1042,
    log_url="/reviews/log/qingyan/",
    author_key=KEY,
)
AUTHOR = AuthorCard(s.FULL, "/reviews/r/x/follow-ups", "/reviews/r/x/withdrawal")


def _author(**changes: Any) -> dict[str, Any]:
    return {
        "author": replace(AUTHOR, **changes),
        "follow_up": FollowUpForm(None),
        "withdrawal": WithdrawalForm(None),
    }


def _author_refused() -> dict[str, Any]:
    follow_up = FollowUpForm(MultiDict({"author_key": "nonsense", "text": ""}))
    withdrawal = WithdrawalForm(MultiDict({"author_key": KEY}))
    follow_up.validate()
    withdrawal.validate()
    return {"author": AUTHOR, "follow_up": follow_up, "withdrawal": withdrawal}


def _link_refused() -> dict[str, Any]:
    form = LinkForm(MultiDict({"policy_no": "", "email": "not an address"}))
    form.validate()
    return {"form": form, "post_url": "/reviews/link"}


def _group(kind: str, *labels: str) -> FilterGroup:
    links = tuple(LinkCard(label, f"?{kind}={label}", label == labels[0]) for label in labels)
    return FilterGroup(kind, links)


DESK_FILTERS = (
    _group("reply", "unanswered", "answered", "all"),
    _group("stage", "all", "underwriting", "renewal", "claim"),
    _group("score", "all", "1", "2", "3", "4", "5"),
)
ROWS = (
    DeskRow(
        s.MASKED.id,
        "/d/1",
        s.AUTO,
        "claim",
        2,
        s.at(2025, 3, 21),
        "redacted",
        "定损员██说好当天回电，等了九天。后来才知道他把我的电话记成了███████████，还说是我留错了。",
        True,
        1,
    ),
    DeskRow(
        s.LONG.id,
        "/d/2",
        s.AUTO,
        "claim",
        2,
        s.at(2025, 3, 1),
        "text",
        "事情要从去年十一月说起。每一步我都留了记录，写在这里给后来的人参考。",
        False,
    ),
    DeskRow(s.GONE.id, "/d/3", s.AUTO, "claim", 1, s.at(2025, 4, 2), "removed", None, False, 2),
    DeskRow(s.STARS.id, "/d/4", s.AUTO, "renewal", 4, s.at(2025, 3, 20), "stars_only", None, False),
)
DESK = DeskCard("青檐财险", ROWS, DESK_FILTERS, 127, 37, "?after=4", "/reviews/desk/compliance")

ITEM = ReportedItem(
    "it_00000000000000000000000007",
    "review",
    "定损员██说好当天回电，等了九天。",
    "redacted",
    s.MASKED.url,
)
REPORT = ReportCard(
    id="rp_00000000000000000000000003",
    url="/reviews/desk/reports/rp_3",
    insurer_name="青檐财险",
    authority="国家金融监督管理总局浙江监管局",
    report_no="浙金监投〔2025〕0417号",
    filed_on=date(2025, 5, 16),
    ground="personal_data",
    items=(ITEM,),
    log_index=1160,
    reasons="原文写出了定损员的全名和一位第三人的手机号码：“……”。\n其余内容不涉及个人信息，不申请移除。",
    package_url="/reviews/api/v1/reviews/x/report-package",
)
ANSWERED = replace(
    REPORT, id="rp_4", report_no="沪金监访2025-1182", verdict="acknowledged", ground="defamation"
)
CONTESTED = replace(
    REPORT,
    id="rp_5",
    report_no="京金监2025-77",
    verdict="disputed",
    note="所述理由不足以移除整段文字。",
    items=(ITEM, replace(ITEM, kind="follow_up", state="removed", excerpt=None)),
)
REPORTS = (REPORT, ANSWERED, CONTESTED)
ITEMS = ((ITEM.item, "评价正文：三月底在高架上被追尾……"), ("it_8", "追评：半年后补一句……"))


def _desk_review(check: bool = False) -> dict[str, Any]:
    data = MultiDict({"extent": "passages", "filed_on": "2025-13-40"}) if check else None
    reply, report = ReplyForm(data), ReportForm(data, items=ITEMS)
    removal = RemovalForm(data, reports=[(REPORT.id, REPORT.report_no)], items=ITEMS)
    if check:
        for form in (reply, report, removal):
            form.validate()
    desk = DeskReviewCard(
        s.FULL, "/reviews/desk/", REPORTS, "/package", "/reply", "/report", "/removal"
    )
    return {"desk": desk, "reply_form": reply, "report_form": report, "removal_form": removal}


def _service_staff() -> dict[str, Any]:
    desk = DeskReviewCard(s.LONG, "/reviews/desk/", reply_url="/reply")
    return {"desk": desk, "reply_form": ReplyForm(None), "report_form": None, "removal_form": None}


LOG = LogCard(
    insurer_name="青檐财险",
    origin=s.LOG,
    size=4218,
    root_hash="Rcs0WbzNUBhAhGlSCqyIl5iFWxXKWK8yPkNV6mGGzVA=",
    checkpoint="log.example/qingyan\n4218\nRcs0WbzNUBhAhGlSCqyIl5iFWxXKWK8yPkNV6mGGzVA=\n\n"
    "— log.example/qingyan PWp0bWY7uWwZBgWVq8qVbXGwQ0YpTg9x0Xb6k3hVYtE9mJmPZs0m2r7v4a1QHkq8\n",
    signed_at=s.at(2025, 11, 23, 2),
    vkey="log.example/qingyan+3d6a746d+AWvV3QyY8iAkUhT3M3O1r0vZ3dGm8bQX7XeVh0m9Kq1c",
    checkpoint_url="/reviews/log/qingyan/checkpoint",
    key_url="/reviews/log/qingyan/key",
    entries_url="/reviews/log/qingyan/tile/entries/000",
    reviews_url="/reviews/api/v1/insurers/qingyan/reviews.jsonl",
    verify_command="insurance-reviews-verify https://shop.example/reviews/log/qingyan \\\n"
    "  --key 'log.example/qingyan+3d6a746d+AWvV3QyY8iAkUhT3M3O1r0vZ3dGm8bQX7XeVh0m9Kq1c'",
    witnesses=(WitnessCard("witness.example", s.at(2025, 11, 22, 20)),),
)
PRODUCTS = ProductsCard(
    (
        ProductRow(s.AUTO, Decimal("4.12"), 1286, "/reviews/log/qingyan/"),
        ProductRow(
            replace(s.AUTO, sku="qingyan-home", name="檐下家财险"), Decimal("3.50"), 1, "/l"
        ),
        ProductRow(s.MEDICAL, Decimal("4.47"), 903, "/reviews/log/judeng/"),
        ProductRow(s.CRITICAL, None, 0),
    )
)
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


def _scene(template: str, **context: Any) -> Scene:
    return template, lambda: context


SCENES: dict[str, Scene] = {
    "wall": _scene("wall_page.html", wall=s.WALL),
    "wall-filtered": _scene("wall_page.html", wall=s.FILTERED),
    "wall-nothing-found": _scene("wall_page.html", wall=s.NOTHING_FOUND),
    "wall-empty": _scene("wall_page.html", wall=s.EMPTY),
    "wall-endless": _scene("wall_page.html", wall=replace(s.WALL, reviews=(s.ENDLESS,))),
    "fragment-wall": _scene("wall.html", wall=s.WALL),
    "fragment-summary": _scene("summary.html", summary=s.SUMMARY),
    "fragment-summary-empty": _scene("summary.html", summary=s.NO_SUMMARY),
    "review": _scene("review_page.html", review=s.FULL),
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
    "products": _scene("products.html", products=PRODUCTS),
    "products-none": _scene("products.html", products=ProductsCard(())),
    "log": _scene("log.html", log=LOG),
    "log-unwitnessed": _scene("log.html", log=replace(LOG, witnesses=())),
    "error-404": _scene("error.html", status=404, detail=None, code=None),
    "error-403": _scene("error.html", status=403, detail=None, code="score-locked"),
    "error-500": _scene("error.html", status=500, detail=None, code=None),
    "error-422": _scene("error.html", status=422, detail="Please write something.", code="invalid"),
    "invitation": ("invitation.html", lambda: {"invitation": INVITATION, "form": review_form()}),
    "invitation-nameless": (
        "invitation.html",
        lambda: {
            "invitation": replace(INVITATION, masked_name=None, operator=None, stage="renewal"),
            "form": ReviewForm(None),
        },
    ),
    "invitation-refused": ("invitation.html", _refused),
    "invitation-private": ("invitation.html", _private),
    "preview": ("review_preview.html", _preview),
    "already-submitted": _scene(
        "already_submitted.html", review_url="/r", product=s.AUTO, author_url="/a"
    ),
    "invitation-expired": _scene(
        "invitation_expired.html", product=s.AUTO, expired_at=s.at(2025, 6, 26), wall_url="/w"
    ),
    "invitation-unknown": _scene("invitation_unknown.html", link_url="/reviews/link"),
    "receipt": _scene("receipt.html", receipt=RECEIPT),
    "receipt-later": _scene("receipt.html", receipt=replace(RECEIPT, author_key=None)),
    "author": ("author.html", _author),
    "author-withdrawn": (
        "author.html",
        lambda: _author(review=s.TAKEN_BACK, withdrawn=True),
    ),
    "author-stars": ("author.html", lambda: _author(review=s.STARS, has_text=False)),
    "author-refused": ("author.html", _author_refused),
    "link": ("link.html", lambda: {"form": LinkForm(None), "post_url": "/reviews/link"}),
    "link-refused": ("link.html", _link_refused),
    "link-sent": _scene("link_sent.html"),
    "desk": _scene("desk.html", desk=DESK),
    "desk-nothing": _scene("desk.html", desk=replace(DESK, rows=(), total=0, next_url=None)),
    "desk-review": ("desk_review.html", _desk_review),
    "desk-review-refused": ("desk_review.html", lambda: _desk_review(check=True)),
    "desk-review-service": ("desk_review.html", _service_staff),
    "compliance": _scene(
        "compliance.html",
        compliance=ComplianceCard(
            "青檐财险",
            REPORTS,
            (_group("status", "all", "open", "acknowledged", "disputed"),),
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
            REPORTS, (_group("insurer", "all", "青檐财险", "松磐人寿", "橘灯保险"),), 31, 5
        ),
    ),
    "regulator-none": _scene("regulator.html", regulator=RegulatorCard((), (), 0, 0)),
    "report": (
        "report.html",
        lambda: {
            "report": REPORT,
            "form": AcknowledgementForm(None),
            "post_url": "/ack",
            "back_url": "/reviews/regulator/",
        },
    ),
    "report-answered": _scene(
        "report.html", report=CONTESTED, form=None, post_url=None, back_url="/reviews/desk/"
    ),
    **{
        f"mail-{kind}-{part}": _scene(f"mail/{kind}.{part}", mail=card)
        for kind, card in (
            ("invitation", INVITATION_MAIL),
            ("removal", REMOVAL_MAIL),
            ("reply", REPLY_MAIL),
        )
        for part in ("subject.txt", "txt", "html")
    },
    "mail-nameless": _scene(
        "mail/invitation.html", mail=replace(INVITATION_MAIL, masked_name=None)
    ),
    "mail-redaction": _scene("mail/removal.html", mail=replace(REMOVAL_MAIL, redacted=True)),
}
