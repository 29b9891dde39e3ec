"""What staff, the regulator and readers of the log see, filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from insurance_reviews.widgets.cards import LinkCard, WitnessedCard
from insurance_reviews.widgets.desk_cards import (
    DeskCard,
    DeskReviewCard,
    DeskRow,
    FilterGroup,
    LogCard,
    ProductRow,
    ProductsCard,
    ReportCard,
    ReportedItem,
    WitnessCard,
)
from insurance_reviews.widgets.desk_forms import (
    RemovalForm,
    ReplyForm,
    ReportForm,
)

from . import samples as s


def group(kind: str, *labels: str) -> FilterGroup:
    """A filter whose first link is the active one."""
    links = tuple(LinkCard(label, f"?{kind}={label}", label == labels[0]) for label in labels)
    return FilterGroup(kind, links)


DESK_FILTERS = (
    group("reply", "unanswered", "answered", "all"),
    group("stage", "all", "underwriting", "renewal", "claim"),
    group("score", "all", "1", "2", "3", "4", "5"),
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


def desk_review(check: bool = False) -> dict[str, Any]:
    """All that a compliance officer can do; with `check`, all of it refused."""
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


def service_staff() -> dict[str, Any]:
    """Staff who may reply, and no more."""
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
    witnesses=(
        WitnessCard("witness.regulator.example/w1", s.at(2025, 11, 22, 20), 4211),
        WitnessCard("association.example", None, None),
    ),
    unwitnessed=7,
    witnessed_url="/reviews/log/qingyan/witnessed",
)
WITNESSED = WitnessedCard(
    first_at=s.at(2025, 11, 12, 9),
    first_by=("association.example",),
    last_at=s.at(2025, 11, 22, 20),
    last_by=("association.example", "witness.regulator.example/w1"),
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
