"""What shoppers, staff, the regulator and verifiers read, from the rows as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from insurance_reviews.moderation.estimate import rounded
from insurance_reviews.plugin.errors import InvalidInput, NotFound
from insurance_reviews.plugin.queries import desk, export, reports
from insurance_reviews.plugin.queries.desk import DeskQuery, count_desk, list_desk
from insurance_reviews.plugin.queries.export import export_reviews
from insurance_reviews.plugin.queries.reports import (
    ReportPage,
    ReportQuery,
    count_removals,
    count_reports,
    find_report,
    list_reports,
    reports_about,
)
from insurance_reviews.plugin.queries.reviews import PublishedReview, find_review
from insurance_reviews.plugin.queries.summary import Summary, read_summary
from insurance_reviews.plugin.services import moderation
from insurance_reviews.plugin.services.reviews import Submitted
from support.world import World

STAGES = ("underwriting", "renewal", "claim")


def summary(world: World, product: str = "anxin-medical") -> Summary:
    return world.read(lambda session: read_summary(session, product, STAGES))


# --- figures --------------------------------------------------------------------------------------


def test_a_product_without_reviews_has_no_average(world: World) -> None:
    empty = summary(world)
    assert (empty.scores.count, empty.scores.average, empty.reply_rate) == (0, None, None)
    assert empty.median_hours is None
    assert [stage.coverage for stage in empty.stages.values()] == [None] * 3


def test_average_and_histogram_are_those_of_all_scores(world: World) -> None:
    for score in (1, 2, 2, 5):
        world.submit(score=score, text=None)
    world.submit(score=1, product="anxin-motor")
    found = summary(world)
    assert found.scores.histogram == {1: 1, 2: 2, 3: 0, 4: 0, 5: 1}
    assert found.scores.average == Decimal("2.50")


def test_stages_are_told_apart(world: World) -> None:
    world.submit(stage="underwriting", score=5, aspects={"clarity": 4})
    world.submit(stage="claim", score=1, aspects={"speed": 1, "outcome": 2})
    world.submit(stage="claim", score=2, aspects={"speed": 4})
    found = summary(world)
    assert {stage: str(of.scores.average) for stage, of in found.stages.items()} == {
        "underwriting": "5.00",
        "renewal": "None",
        "claim": "1.50",
    }
    claim = found.stages["claim"].aspects
    assert {key: (of.count, str(of.average)) for key, of in claim.items()} == {
        "speed": (2, "2.50"),
        "outcome": (1, "2.00"),
    }


def test_coverage_is_reviews_by_invitations(world: World) -> None:
    """Expired and unused invitations count: whoever was asked and did not answer."""
    for _ in range(2):
        world.invite()
    world.submit(text=None)
    found = summary(world).stages["claim"]
    assert (found.eligible, found.coverage) == (3, Decimal("0.3333"))


def test_the_median_is_the_lower_of_two_in_the_middle(world: World) -> None:
    reviewed = [world.submit(text=None) for _ in range(4)]
    for hours, review in zip((1, 2, 10, 40), reviewed, strict=True):
        world.pass_time(hours=hours)
        world.reply(review)
    found = summary(world)
    assert (found.replied, found.median_hours, found.reply_rate) == (4, 3, Decimal("1.0000"))


def test_every_visible_change_raises_the_revision(world: World) -> None:
    revisions = [summary(world).revision]

    def note() -> None:
        revisions.append(summary(world).revision)

    review = world.submit(text="李四很慢。")
    note()
    world.follow_up(review)
    note()
    world.reply(review)
    note()
    filed = world.report(review)
    note()
    world.acknowledge(filed.id)
    note()
    world.remove(review, filed.id, redacted="██很慢。")
    note()
    world.withdraw(review)
    note()
    assert revisions == sorted(set(revisions))


@pytest.mark.parametrize(
    ("total", "count", "step", "expected"),
    [
        (1, 2, "1", "1"),
        (1, 8, "0.01", "0.13"),
        (2, 3, "0.0001", "0.6667"),
        (10**15, 3, "0.01", "333333333333333.33"),
        (0, 5, "0.01", "0.00"),
    ],
)
def test_half_is_rounded_up(total: int, count: int, step: str, expected: str) -> None:
    assert str(rounded(total, count, step)) == expected


# --- one review -----------------------------------------------------------------------------------


def test_an_unknown_review_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.read(lambda session: find_review(session, "rv_none"))


def test_a_review_tells_what_became_of_its_words(world: World) -> None:
    review = world.submit(text="李四很慢。")
    filed = world.report(review, ground="defamation", report_no="某函7号")
    world.remove(review, filed.id, redacted="██很慢。")
    world.acknowledge(filed.id, "disputed")
    shown = world.read(lambda session: find_review(session, review.id))
    assert shown.text is not None
    tombstone = shown.text.state.tombstone
    assert tombstone is not None
    assert (tombstone.ground, tombstone.report_no, tombstone.verdict, tombstone.redacted) == (
        "defamation",
        "某函7号",
        "disputed",
        True,
    )
    assert shown.text.index == review.entry.index


# --- the desk -------------------------------------------------------------------------------------


def desk_pages(world: World, query: DeskQuery) -> Iterator[PublishedReview]:
    """All reviews of a query, by following its pages."""
    while True:
        shown, following = world.read(partial(list_desk, query=query))
        yield from shown
        if following is None:
            return
        query = replace(query, before=following)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two, so that few reviews make many pages."""
    monkeypatch.setattr(desk, "PAGE_SIZE", 2)
    monkeypatch.setattr(reports, "PAGE_SIZE", 2)
    monkeypatch.setattr(export, "BATCH", 2)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(
    "filters",
    [{}, {"stage": "claim"}, {"score": 1}, {"unanswered": True}, {"stage": "claim", "score": 1}],
    ids=str,
)
def test_staff_see_their_insurers_reviews_newest_first(
    world: World, filters: dict[str, object]
) -> None:
    made: list[Submitted] = []
    for number in range(7):
        product = ("anxin-medical", "anxin-motor")[number % 2]
        stage, score = ("claim", "renewal")[number % 3 == 0], (1, 5)[number % 4 == 0]
        made.append(world.submit(product=product, stage=stage, score=score, text=None))
    for review in made[:2]:
        world.reply(review)
    world.submit(product="boshan-medical", score=1)
    query = DeskQuery("anxin", **filters)  # type: ignore[arg-type]
    shown = list(desk_pages(world, query))
    expected = [
        review.id
        for number, review in reversed(list(enumerate(made)))
        if filters.get("stage") in (None, ("claim", "renewal")[number % 3 == 0])
        and filters.get("score") in (None, (1, 5)[number % 4 == 0])
        and not (filters.get("unanswered") and number < 2)
    ]
    assert [review.id for review in shown] == expected
    assert world.read(lambda session: count_desk(session, query)) == len(expected)


def test_unanswered_reviews_are_counted_under_every_filter(world: World) -> None:
    answered = world.submit(score=1)
    world.reply(answered)
    world.reply(answered, "再说一次。")
    world.submit(score=1)
    world.submit(score=5, stage="renewal")
    counts = {
        (stage, score): world.read(
            partial(count_desk, query=DeskQuery("anxin", stage, score, unanswered=True))
        )
        for stage in (None, "claim", "renewal")
        for score in (None, 1, 5)
    }
    assert counts == {
        (None, None): 2,
        (None, 1): 1,
        (None, 5): 1,
        ("claim", None): 1,
        ("claim", 1): 1,
        ("claim", 5): 0,
        ("renewal", None): 1,
        ("renewal", 1): 0,
        ("renewal", 5): 1,
    }


# --- reports --------------------------------------------------------------------------------------


def report_pages(world: World, query: ReportQuery) -> Iterator[str]:
    """The ids of all reports of a query, by following its pages."""
    while True:
        page: ReportPage = world.read(partial(list_reports, query=query))
        yield from (report.id for report in page.reports)
        if page.next is None:
            return
        query = replace(query, before=page.next)


@pytest.mark.usefixtures("small_pages")
def test_reports_are_listed_once_newest_first(world: World) -> None:
    """Those of several logs within one hour too, where only log and entry tell them apart."""
    filed = []
    for number in range(6):
        product = ("anxin-medical", "boshan-motor")[number % 2]
        filed.append(world.report(world.submit(product=product)))
        if number == 3:
            world.pass_time(hours=2)
    shown = list(report_pages(world, ReportQuery()))
    assert sorted(shown) == sorted(report.id for report in filed)
    assert set(shown[:2]) == {filed[4].id, filed[5].id}
    ours = list(report_pages(world, ReportQuery(insurer="anxin")))
    assert ours == [report.id for report in reversed(filed) if report.entry.log.insurer == "anxin"]


def test_reports_are_listed_by_their_latest_answer(world: World) -> None:
    waiting, agreed, changed = (world.report(world.submit()).id for _ in range(3))
    world.acknowledge(agreed)
    world.acknowledge(changed)
    world.acknowledge(changed, "disputed")
    listed = {
        status: list(report_pages(world, ReportQuery(status=status))) for status in reports.STATUSES
    }
    assert listed == {"open": [waiting], "acknowledged": [agreed], "disputed": [changed]}
    assert world.read(count_reports) == {"open": 1, "acknowledged": 1, "disputed": 1}
    assert world.read(lambda session: count_reports(session, "boshan")) == {
        "open": 0,
        "acknowledged": 0,
        "disputed": 0,
    }


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-2", "1-2-3-4", "-1-2-3", "01-2-3", "1-2-３"])
def test_a_cursor_that_is_none_of_ours_is_refused(world: World, cursor: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        world.read(lambda session: list_reports(session, ReportQuery(before=cursor)))
    assert refusal.value.faults["before"].code == "cursor"


def test_a_report_tells_what_became_of_its_texts(world: World) -> None:
    review = world.submit(text="李四很慢。")
    world.follow_up(review)
    items = [text.item for text in world.own(review).texts]
    filed = world.report(review, items, reasons="涉及姓名。")
    world.remove(review, filed.id, redacted="██很慢。")
    world.acknowledge(filed.id, "disputed", "请补充。")
    found = world.read(lambda session: find_report(session, filed.id))
    assert {text.item: (text.kind, text.review) for text in found.texts} == {
        items[0]: ("review", review.id),
        items[1]: ("follow_up", review.id),
    }
    assert {text.item: text.state.text for text in found.texts}[items[0]] == "██很慢。"
    assert found.reasons == "涉及姓名。"
    assert [(answer.verdict, answer.note) for answer in found.acknowledgements] == [
        ("disputed", "请补充。")
    ]


def test_a_report_about_a_redacted_text_leads_to_its_review(world: World) -> None:
    review = world.submit(text="李四很慢。")
    world.remove(review, redacted="██很慢。")
    filed = world.report(review)
    found = world.read(lambda session: find_report(session, filed.id))
    assert [(text.kind, text.review) for text in found.texts] == [("review", review.id)]


def test_an_unknown_report_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.read(lambda session: find_report(session, "rp_none"))


def test_reports_about_a_text_are_found_by_it(world: World) -> None:
    review = world.submit()
    item = world.item_of(review)
    filed = [world.report(review).id for _ in range(2)]
    found = world.read(lambda session: reports_about(session, [item]))
    assert [report.id for report in found] == list(reversed(filed))


def test_removals_are_counted_by_texts(world: World) -> None:
    """A text that was redacted again and again is one; a withdrawal is the author's."""
    redacted, removed, withdrawn = (world.submit(text="李四很慢。") for _ in range(3))
    world.remove(redacted, redacted="██很慢。")
    world.remove(redacted, redacted="██很█。")
    world.remove(removed)
    world.withdraw(withdrawn)
    counts = world.read(lambda session: count_removals(session, "anxin"))
    assert (counts.removed, counts.redacted) == (1, 1)


def test_reasons_that_were_erased_are_no_removed_text(world: World) -> None:
    """They were never public; the figure is about what shoppers could read."""
    filed = world.report(world.submit())
    world.write(
        lambda session: moderation.erase_private_words(
            session, world.context, "anxin", filed.id, world.now
        )
    )
    counts = world.read(lambda session: count_removals(session, "anxin"))
    assert (counts.removed, counts.redacted) == (0, 0)
    assert world.read(lambda session: find_report(session, filed.id)).reasons is None


# --- for verifiers --------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("number", [0, 1, 2, 3, 5])
def test_all_reviews_of_a_log_are_exported_in_its_order(world: World, number: int) -> None:
    made = [world.submit(text=None) for _ in range(number)]
    world.submit(product="boshan-motor")
    shown = list(export_reviews(world.unit_of_work, world.ref()))
    assert [review.id for review in shown] == [review.id for review in made]


@pytest.mark.usefixtures("small_pages")
def test_an_export_goes_on_where_it_stopped(world: World) -> None:
    made = [world.submit(text=None) for _ in range(5)]
    start = made[2].entry.index + 1
    shown = export_reviews(world.unit_of_work, world.ref(), start)
    assert [review.id for review in shown] == [review.id for review in made[3:]]


@pytest.mark.usefixtures("small_pages")
def test_reviews_that_arrive_meanwhile_are_exported_too(world: World) -> None:
    world.submit(text=None)
    world.submit(text=None)
    shown = []
    for number, review in enumerate(export_reviews(world.unit_of_work, world.ref())):
        if number == 0:
            world.submit(text=None)
        shown.append(review.id)
    assert len(shown) == len(set(shown)) == 3
