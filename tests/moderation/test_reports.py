"""Reports to the regulator: about texts that stand, once per number, with a date that can be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from insurance_reviews.moderation.errors import (
    AlreadyAcknowledged,
    InvalidInput,
    ReportExists,
    TextRemoved,
    UnknownItem,
    UnknownReport,
)
from insurance_reviews.moderation.ids import new_id
from insurance_reviews.moderation.reports import (
    MAX_AUTHORITY,
    MAX_ITEMS,
    MAX_REASONS,
    MAX_REPORT_NO,
    Report,
    ReportDraft,
    file_report,
)
from insurance_reviews.moderation.schema import acknowledgement, report, report_item
from support.world import AUTHORITY, World


def draft(world: World, items: list[str], **changed: Any) -> ReportDraft:
    values: dict[str, Any] = {
        "items": items,
        "authority": AUTHORITY,
        "report_no": "沪金监函〔2026〕900号",
        "filed_on": world.today,
        "ground": "defamation",
        "reasons": "捏造事实。",
        **changed,
    }
    return ReportDraft(**values)


def file(world: World, given: ReportDraft, insurer: str = "anxin") -> Report:
    ref = world.ref(insurer)
    return world.write(
        lambda session: file_report(session, world.context.logs, ref, given, world.now)
    )


def named(world: World, report_id: str) -> list[str]:
    statement = select(report_item.c.item).where(report_item.c.report == report_id)
    return sorted(world.read(lambda session: session.scalars(statement).all()))


def faults_of(world: World, items: list[str], **changed: Any) -> dict[str, str]:
    """Field → code of the refusal, with nothing written."""
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        file(world, draft(world, items, **changed))
    assert world.snapshot() == before
    return {name: fault.code for name, fault in refusal.value.faults.items()}


def test_one_report_may_name_texts_of_several_reviews(world: World) -> None:
    items = [world.item_of(world.submit()) for _ in range(3)]
    filed = file(world, draft(world, items))
    assert named(world, filed.id) == sorted(items)


def test_a_text_that_is_named_twice_is_named_once(world: World) -> None:
    item = world.item_of(world.submit())
    assert named(world, file(world, draft(world, [item, item])).id) == [item]


def test_one_number_may_cover_several_reviews_one_after_the_other(world: World) -> None:
    first, second = (world.item_of(world.submit()) for _ in range(2))
    reports = [file(world, draft(world, [item])) for item in (first, second)]
    assert reports[0].id != reports[1].id


def test_one_number_covers_a_text_once_at_one_authority(world: World) -> None:
    """The refusal tells which report it was."""
    item, other = (world.item_of(world.submit()) for _ in range(2))
    first = file(world, draft(world, [item]))
    before = world.snapshot()
    with pytest.raises(ReportExists) as refusal:
        file(world, draft(world, [item, other]))
    assert refusal.value.report == first.id
    assert world.snapshot() == before


def test_another_authority_may_use_the_same_number(world: World) -> None:
    item = world.item_of(world.submit())
    file(world, draft(world, [item]))
    assert file(world, draft(world, [item], authority="上海市公安局")).id


def test_another_insurer_may_use_the_same_number(world: World) -> None:
    ours = world.item_of(world.submit())
    theirs = world.item_of(world.submit(product="boshan-motor"))
    file(world, draft(world, [ours]))
    assert file(world, draft(world, [theirs]), "boshan").id


def test_white_space_around_a_number_is_no_other_number(world: World) -> None:
    item = world.item_of(world.submit())
    file(world, draft(world, [item]))
    with pytest.raises(ReportExists):
        file(world, draft(world, [item], report_no=" 沪金监函〔2026〕900号\t"))


def test_follow_ups_and_replies_can_be_reported(world: World) -> None:
    review = world.submit()
    world.follow_up(review)
    world.reply(review)
    follow_up = world.own(review).texts[1].item
    assert named(world, file(world, draft(world, [follow_up])).id) == [follow_up]


@pytest.mark.parametrize("days", [2, 30, 10_000])
def test_a_report_from_the_future_is_refused(world: World, days: int) -> None:
    item = world.item_of(world.submit())
    filed_on = world.today + timedelta(days=days)
    assert faults_of(world, [item], filed_on=filed_on) == {"filed_on": "date-range"}


def test_a_report_from_before_the_text_is_refused(world: World) -> None:
    world.pass_time(days=20)
    item = world.item_of(world.submit())
    filed_on = world.today - timedelta(days=2)
    assert faults_of(world, [item], filed_on=filed_on) == {"filed_on": "date-range"}


def test_the_newest_of_the_texts_counts(world: World) -> None:
    old = world.item_of(world.submit())
    world.pass_time(days=20)
    new = world.item_of(world.submit())
    between = world.today - timedelta(days=10)
    assert file(world, draft(world, [old], filed_on=between)).id
    assert faults_of(world, [old, new], filed_on=between) == {"filed_on": "date-range"}


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_dates_differ_by_a_day_around_the_world(world: World, days: int) -> None:
    """A date has no time zone: what is today here may be tomorrow there."""
    item = world.item_of(world.submit())
    filed_on = world.today + timedelta(days=days)
    assert file(world, draft(world, [item], filed_on=filed_on)).id


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("report_no", "", "required"),
        ("report_no", " \t", "required"),
        ("report_no", "9" * (MAX_REPORT_NO + 1), "too-long"),
        ("report_no", "一\n二", "one-line"),
        ("report_no", "一\x00二", "character"),
        ("authority", "", "required"),
        ("authority", "局" * (MAX_AUTHORITY + 1), "too-long"),
        ("authority", "\ud800", "character"),
        ("reasons", "", "required"),
        ("reasons", "理" * (MAX_REASONS + 1), "too-long"),
        ("ground", "dislike", "choice"),
        ("ground", "", "choice"),
    ],
)
def test_a_bad_field_is_named(world: World, field: str, value: str, code: str) -> None:
    item = world.item_of(world.submit())
    assert faults_of(world, [item], **{field: value}) == {field: code}


def test_all_bad_fields_are_named_at_once(world: World) -> None:
    assert faults_of(world, [], report_no="", authority="", reasons="", ground="?") == {
        "items": "required",
        "report_no": "required",
        "authority": "required",
        "reasons": "required",
        "ground": "choice",
    }


def test_a_report_names_so_many_texts_and_no_more(world: World) -> None:
    items = [new_id("it") for _ in range(MAX_ITEMS + 1)]
    assert faults_of(world, items) == {"items": "too-many"}


def test_a_report_about_a_text_that_is_gone_is_refused(world: World) -> None:
    review = world.submit()
    item = world.item_of(review)
    world.remove(review)
    before = world.snapshot()
    with pytest.raises(TextRemoved):
        file(world, draft(world, [item]))
    assert world.snapshot() == before


def test_a_withdrawn_text_cannot_be_reported(world: World) -> None:
    review = world.submit()
    item = world.item_of(review)
    world.withdraw(review)
    with pytest.raises(TextRemoved):
        file(world, draft(world, [item]))


def test_after_a_redaction_the_redacted_text_is_what_can_be_reported(world: World) -> None:
    review = world.submit(text="李四很慢。")
    original = world.item_of(review)
    world.remove(review, redacted="██很慢。")
    with pytest.raises(TextRemoved):
        file(world, draft(world, [original]))
    assert file(world, draft(world, [world.item_of(review)])).id


@pytest.mark.parametrize("insurer", ["boshan", "chunhe"])
def test_another_insurers_text_is_unknown(world: World, insurer: str) -> None:
    item = world.item_of(world.submit())
    with pytest.raises(UnknownItem):
        file(world, draft(world, [item]), insurer)


@pytest.mark.parametrize("item", ["it_none", "", "' OR 1=1 --"])
def test_an_item_that_is_none_is_unknown(world: World, item: str) -> None:
    with pytest.raises(UnknownItem):
        file(world, draft(world, [item]))


def test_the_reasons_of_a_report_cannot_be_reported(world: World) -> None:
    """They are the insurer's own, and private."""
    filed = world.report(world.submit())
    statement = select(report.c.reasons_item).where(report.c.id == filed.id)
    reasons = str(world.read(lambda session: session.scalar(statement)))
    with pytest.raises(UnknownItem):
        file(world, draft(world, [reasons]))


def test_the_log_tells_nothing_of_the_reasons_but_that_there_are_some(world: World) -> None:
    filed = world.report(world.submit(), reasons="涉及查勘员隐私的一段话")
    assert "隐私".encode() not in filed.entry.leaf


# --- what the regulator answers -------------------------------------------------------------------


def verdicts(world: World, report_id: str) -> list[str]:
    statement = (
        select(acknowledgement.c.verdict)
        .where(acknowledgement.c.report == report_id)
        .order_by(acknowledgement.c.entry)
    )
    return list(world.read(lambda session: session.scalars(statement).all()))


def test_the_regulator_may_change_its_mind_in_public(world: World) -> None:
    """A later verdict stands beside the first."""
    filed = world.report(world.submit())
    for verdict in ("disputed", "acknowledged", "disputed"):
        world.acknowledge(filed.id, verdict)
    assert verdicts(world, filed.id) == ["disputed", "acknowledged", "disputed"]


def test_the_same_verdict_twice_is_refused(world: World) -> None:
    filed = world.report(world.submit())
    world.acknowledge(filed.id, "disputed")
    before = world.snapshot()
    with pytest.raises(AlreadyAcknowledged):
        world.acknowledge(filed.id, "disputed", "再说一次")
    assert world.snapshot() == before


def test_a_note_is_private_and_committed_to(world: World) -> None:
    filed = world.report(world.submit())
    entry = world.acknowledge(filed.id, "disputed", "请补充证据。")
    assert "证据".encode() not in entry.leaf
    assert b'"note":null' not in entry.leaf


def test_a_verdict_after_the_removal_is_recorded_too(world: World) -> None:
    """The text is gone; that the regulator objects is still to be seen."""
    review = world.submit()
    filed = world.report(review)
    world.remove(review, filed.id)
    world.acknowledge(filed.id, "disputed")
    assert verdicts(world, filed.id) == ["disputed"]


def test_an_unknown_report_has_no_verdict(world: World) -> None:
    with pytest.raises(UnknownReport):
        world.acknowledge(new_id("rp"))


@pytest.mark.parametrize(
    ("verdict", "note", "faults"),
    [
        ("applauded", None, {"verdict": "choice"}),
        ("", "", {"verdict": "choice"}),
        ("disputed", "注" * (MAX_REASONS + 1), {"note": "too-long"}),
        ("no", "\x07", {"verdict": "choice", "note": "character"}),
    ],
)
def test_a_bad_verdict_is_refused_by_field(
    world: World, verdict: str, note: str | None, faults: dict[str, str]
) -> None:
    filed = world.report(world.submit())
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        world.acknowledge(filed.id, verdict, note)
    assert {name: fault.code for name, fault in refusal.value.faults.items()} == faults
    assert world.snapshot() == before
