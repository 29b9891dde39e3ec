"""Cards as a busy shop would have them, and as an unkind world might."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import cast

from insurance_reviews.widgets.cards import (
    ActiveFilter,
    AspectChoice,
    AspectScore,
    DisclosureCard,
    Excerpt,
    HistogramBar,
    Hit,
    LinkCard,
    PageCard,
    ProductCard,
    ReplyCard,
    ReviewCard,
    SearchCard,
    SortLink,
    StageTab,
    SummaryCard,
    TextCard,
    Tombstone,
    TopicChip,
    WallCard,
)
from insurance_reviews.widgets.i18n import DEFAULT_LANGUAGE, LANGUAGES

LOG = "log.example/qingyan"

AUTO = ProductCard(
    "qingyan-auto", "归程车险", "qingyan", "青檐财险", "/reviews/products/qingyan-auto"
)
MEDICAL = ProductCard(
    "judeng-medical", "灯下百万医疗险", "judeng", "橘灯保险", "/reviews/products/judeng-medical"
)
CRITICAL = ProductCard(
    "songpan-critical",
    "松龄终身重疾险",
    "songpan",
    "松磐人寿",
    "/reviews/products/songpan-critical",
)

PAGE = PageCard(
    home=LinkCard("安选保险商城", "/"),
    languages=tuple(
        LinkCard(name, f"?lang={tag}", active=tag == DEFAULT_LANGUAGE, lang=tag)
        for tag, name in LANGUAGES.items()
    ),
)


def at(year: int, month: int, day: int, hour: int = 4) -> datetime:
    """A moment as the log gives it: UTC, on the hour."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def text(words: str | None, index: int, when: datetime, stone: Tombstone | None = None) -> TextCard:
    """A text with its fingerprint."""
    gone = words is None
    return TextCard(
        words,
        when,
        index,
        tombstone=stone,
        item="it_" + "abcdefghijklmnopqrstuvwxyz",
        salt=None if gone else "5a" * 32,
        commitment=None if gone else "c3" * 32,
    )


def review(
    number: int,
    stage: str,
    score: int,
    words: str | None,
    when: datetime,
    *,
    name: str | None = "王**",
    aspects: tuple[AspectScore, ...] = (),
    follow_ups: tuple[TextCard, ...] = (),
    reply: ReplyCard | None = None,
    stone: Tombstone | None = None,
    product: ProductCard = AUTO,
) -> ReviewCard:
    """A review; without words and tombstone it is stars only."""
    public_id = f"rv_{number:026d}"
    return ReviewCard(
        id=public_id,
        url=f"/reviews/r/{public_id}",
        product=product,
        stage=stage,  # type: ignore[arg-type]
        score=score,
        display_name=name,
        experienced_on=when.strftime("%Y-%m"),
        submitted_at=when,
        log_origin=LOG,
        log_index=number,
        receipt_url=f"/reviews/api/v1/reviews/{public_id}/receipt",
        aspects=aspects,
        text=None if words is None and stone is None else text(words, number, when, stone),
        follow_ups=follow_ups,
        reply=reply,
        author_url=f"/reviews/r/{public_id}/author",
        log_url="/reviews/log/qingyan/",
        verify_url=f"/reviews/r/{public_id}/verify",
        author="ab" * 32,
    )


REMOVED = Tombstone(
    date(2025, 5, 20),
    "personal_data",
    authority="国家金融监督管理总局浙江监管局",
    report_no="浙金监投〔2025〕0417号",
    acknowledged="acknowledged",
)
UNANSWERED = replace(REMOVED, acknowledged=None, ground="defamation", report_no="沪金监访2025-1182")
DISPUTED = replace(REMOVED, acknowledged="disputed", ground="other")
REDACTED = replace(REMOVED, redacted=True, acknowledged=None)
WITHDRAWN = Tombstone(date(2025, 6, 1), "withdrawn")

CLAIM_ASPECTS = (
    AspectScore("speed", 5),
    AspectScore("guidance", 4),
    AspectScore("outcome", 5),
    AspectScore("attitude", 5),
)

FULL = review(
    1042,
    "claim",
    5,
    "三月底在高架上被追尾，对方全责却不肯报保险。打了报案电话，二十分钟后查勘员到了现场，拍完照就帮着"
    "联系拖车。\n\n最省心的是代位求偿：我以为要自己去跟对方扯皮，结果资料交上去第四天钱就到账了，"
    "8,460 元一分不少。中间只被要求补过一次行驶证照片。",
    at(2025, 4, 12),
    aspects=CLAIM_ASPECTS,
    follow_ups=(
        text(
            "半年后补一句：今年续保没有因为这次理赔涨价，客服主动说明了原因。",
            1377,
            at(2025, 10, 9),
        ),
    ),
    reply=ReplyCard(
        2,
        text(
            "谢谢您把经过写得这么清楚。代位求偿的流程我们整理成了一页说明，"
            "见 https://www.example.com/subrogation 。以后遇到同样情况，报案时说一声即可启动。",
            1101,
            at(2025, 4, 15),
        ),
        (text("感谢您的认可，我们会继续努力！", 1050, at(2025, 4, 13)),),
    ),
)
GONE = review(
    1038,
    "claim",
    1,
    None,
    at(2025, 4, 2),
    name=None,
    aspects=(AspectScore("speed", 1), AspectScore("attitude", 1)),
    stone=REMOVED,
)
MASKED = review(
    1031,
    "claim",
    2,
    "定损员██说好当天回电，等了九天。后来才知道他把我的电话记成了███████████，"
    "还说是我留错了。钱最后赔了，但这九天我天天请假跑修理厂。",
    at(2025, 3, 21),
    name="欧阳**",
    stone=REDACTED,
    reply=ReplyCard(
        1,
        text(
            "您好，号码登记有误确实是我们的责任，已向您当面致歉，并改了登记后的回读流程。",
            1040,
            at(2025, 4, 4),
        ),
    ),
)
STARS = review(
    1029,
    "renewal",
    4,
    None,
    at(2025, 3, 20),
    name="匿名用户",
    aspects=(AspectScore("reminder", 4),),
)
SHORT = review(1027, "underwriting", 3, "条款太长，看了两遍才看懂。", at(2025, 3, 18), name="L**")
TAKEN_BACK = review(1020, "underwriting", 2, None, at(2025, 3, 10), name=None, stone=WITHDRAWN)
LONG = review(
    1012,
    "claim",
    2,
    "事情要从去年十一月说起。" + "每一步我都留了记录，写在这里给后来的人参考。" * 30,
    at(2025, 3, 1),
)
ENDLESS = review(1009, "claim", 3, "好" * 4_990 + "。完结撒花", at(2025, 2, 27))
ENGLISH = review(
    1003,
    "claim",
    4,
    "The adjuster came the same day and spoke English with my parents, which we had not expected.\n"
    "One star less because the form asks for a Chinese ID card.",
    at(2025, 2, 20),
    name="J**",
)
STRANGE = review(
    1001,
    "underwriting",
    5,
    "\u202eتجربة ممتازة 👍🏽👨\u200d👩\u200d👧\u200d👦 \u200b\u200b零宽\u200b字符 "
    + "W" * 180
    + " <b>不是粗体</b> & \"引号\" 'x' {{ 7 * 7 }}",
    at(2025, 2, 18),
    name="\u202eمحمد**",
)
REVIEWS = (FULL, GONE, MASKED, STARS, SHORT, TAKEN_BACK, LONG, ENGLISH, STRANGE)

DISCLOSURE = DisclosureCard(
    operator="安选保险商城",
    independent=True,
    removals=4,
    withdrawals=2,
    log_url="/reviews/log/qingyan/",
    reviews_url="/reviews/api/v1/insurers/qingyan/reviews.jsonl",
    witnessed_on=date(2025, 11, 22),
    witnesses=("witness.regulator.example/w1", "association.example"),
    grounds=(("personal_data", 3), ("court_order", 1)),
)


def bars(
    counts: tuple[int, int, int, int, int], active: int | None = None
) -> tuple[HistogramBar, ...]:
    """The histogram of so many fives, fours, threes, twos and ones."""
    total = max(sum(counts), 1)
    return tuple(
        HistogramBar(
            score,
            count,
            Decimal(round(count * 1000 / total)) / 10,
            f"?score={score}",
            active=score == active,
        )
        for score, count in zip((5, 4, 3, 2, 1), counts, strict=True)
    )


TABS = (
    StageTab(None, 1286, Decimal("4.12"), "?", active=True),
    StageTab(
        "underwriting", 702, Decimal("4.31"), "?stage=underwriting", False, 1640, Decimal("42.8")
    ),
    StageTab("renewal", 271, Decimal("4.40"), "?stage=renewal", False, 655, Decimal("41.4")),
    StageTab("claim", 313, Decimal("3.45"), "?stage=claim", False, 498, Decimal("62.9")),
)
SORTS = (
    SortLink("newest", "?", active=True),
    SortLink("oldest", "?sort=oldest"),
    SortLink("highest", "?sort=highest"),
    SortLink("lowest", "?sort=lowest"),
)

TOPICS = (
    TopicChip("claim_speed", 318, 201, 74, "?topic=claim_speed"),
    TopicChip("service", 297, 240, 31, "?topic=service"),
    TopicChip("claim_documents", 154, 61, 58, "?topic=claim_documents"),
    TopicChip("refusal", 46, 3, 39, "?topic=refusal"),
    TopicChip("debit", 12, 12, 0, "?topic=debit"),
)
SEARCH = SearchCard(action="/reviews/products/qingyan-auto")
WALL = WallCard(
    product=AUTO,
    average=Decimal("4.12"),
    count=1286,
    histogram=bars((688, 301, 143, 68, 86)),
    tabs=TABS,
    sorts=SORTS,
    reviews=REVIEWS,
    total=1286,
    write_url="/reviews/link",
    disclosure=DISCLOSURE,
    next_url="?after=1001",
    topics=TOPICS,
    search=SEARCH,
)
FILTERED = replace(
    WALL,
    histogram=bars((688, 301, 143, 68, 86), active=2),
    tabs=(replace(TABS[0], active=False), *TABS[1:3], replace(TABS[3], active=True)),
    reviews=(MASKED, LONG),
    total=2,
    filters=(
        ActiveFilter("stage", "claim", "?score=2"),
        ActiveFilter("score", "2", "?stage=claim"),
    ),
    clear_url="?",
    next_url=None,
    first_url="?stage=claim&score=2",
)
LONG_TEXT, MASKED_TEXT = cast(TextCard, LONG.text), cast(TextCard, MASKED.text)
FOUND = replace(
    FILTERED,
    reviews=(
        replace(
            LONG,
            text=replace(
                LONG_TEXT,
                hits=(Hit(4, 6), Hit(120, 122)),
                excerpt=Excerpt((LONG_TEXT.text or "")[80:200], (Hit(40, 42),), False, False),
            ),
        ),
        replace(MASKED, text=replace(MASKED_TEXT, hits=(Hit(2, 4),))),
    ),
    filters=(
        *FILTERED.filters,
        ActiveFilter("q", "理赔 “二十天”", "?stage=claim"),
        ActiveFilter("topic", "refusal", "?"),
        ActiveFilter("aspect", "speed", "?", stars=2),
        ActiveFilter("replied", "yes", "?"),
        ActiveFilter("since", "2025-03", "?"),
    ),
    topics=(replace(TOPICS[3], active=True), *TOPICS[:3]),
    search=replace(
        SEARCH,
        kept=(("stage", "claim"), ("score", "2"), ("topic", "refusal")),
        query="理赔 “二十天”",
        replied="yes",
        aspect="speed:2",
        since="2025-03",
        stage="claim",
        aspects=tuple(AspectChoice(key) for key in ("speed", "guidance", "outcome", "attitude")),
    ),
)
NOT_FOUND = replace(FOUND, reviews=(), total=0, first_url=None)
NOTHING_FOUND = replace(FILTERED, reviews=(), total=0, first_url=None)
EMPTY = WallCard(
    product=CRITICAL,
    average=None,
    count=0,
    histogram=bars((0, 0, 0, 0, 0)),
    tabs=tuple(StageTab(tab.stage, 0, None, tab.url, tab.active) for tab in TABS),
    sorts=SORTS,
    reviews=(),
    total=0,
    write_url="/reviews/link",
    disclosure=replace(
        DISCLOSURE,
        independent=False,
        operator="松磐人寿",
        removals=0,
        withdrawals=0,
        witnessed_on=None,
        witnesses=(),
    ),
)
SUMMARY = SummaryCard(AUTO, Decimal("4.12"), 1286, AUTO.url)
NO_SUMMARY = SummaryCard(CRITICAL, None, 0, CRITICAL.url)
