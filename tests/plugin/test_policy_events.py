"""A policy event is recorded once and issues one invitation, whoever sends it how often."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from insurance_reviews.plugin import schema
from insurance_reviews.plugin.errors import EventConflict, InvalidInput, NotFound
from insurance_reviews.plugin.outbox import due_jobs
from insurance_reviews.plugin.services.policy_events import Holder, PolicyEvent
from support.world import CORNER_SHOP, World


def rows(world: World, table: Any) -> int:
    return world.read(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


def faults_of(world: World, event: PolicyEvent) -> dict[str, str]:
    """Field → code of the refusal, with nothing written."""
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        world.record(event)
    assert world.snapshot() == before
    return {name: fault.code for name, fault in refusal.value.faults.items()}


def test_an_event_issues_an_invitation(world: World) -> None:
    invited = world.record(world.event())
    assert invited.created
    assert invited.token is not None
    assert invited.expires_at == (
        world.now + timedelta(days=world.settings.invitation_days)
    ).replace(microsecond=0)


def test_the_same_event_again_changes_nothing(world: World) -> None:
    event = world.event()
    first = world.record(event)
    before = world.snapshot()
    world.pass_time(days=3)
    again = world.record(event)
    assert (again.event, again.created, again.token) == (first.event, False, first.token)
    assert world.snapshot() == before


@pytest.mark.parametrize(
    "spelling", ["PA 2026-0001", "pa20260001", "ＰＡ２０２６０００１", "P.A_2026/0001"]
)
def test_one_policy_number_has_many_spellings(world: World, spelling: str) -> None:
    first = world.record(world.event(policy_no="PA20260001"))
    assert world.record(world.event(policy_no=spelling)).event == first.event


@pytest.mark.parametrize(
    "changed", [{"stage": "renewal"}, {"occurrence": "2"}, {"policy_no": "PB1"}]
)
def test_another_stage_occurrence_or_policy_is_another_event(
    world: World, changed: dict[str, str]
) -> None:
    event = {"policy_no": "PA1", "stage": "claim", "occurrence": "1"}
    first = world.record(world.event(**event))
    assert world.record(world.event(**{**event, **changed})).event != first.event


def test_the_same_number_at_another_insurer_is_another_policy(world: World) -> None:
    first = world.record(world.event("anxin-medical", policy_no="PA1"))
    assert world.record(world.event("boshan-medical", policy_no="PA1")).event != first.event


@pytest.mark.parametrize("changed", [{"product": "anxin-motor"}, {"occurred_on": date(2026, 1, 1)}])
def test_the_same_event_with_another_product_or_date_is_a_conflict(
    world: World, changed: dict[str, Any]
) -> None:
    world.record(world.event(policy_no="PA1"))
    before = world.snapshot()
    with pytest.raises(EventConflict):
        world.record(world.event(**{"policy_no": "PA1", **changed}))
    assert world.snapshot() == before


def test_a_used_invitation_is_not_given_out_again(world: World) -> None:
    event = world.event()
    world.submit(world.record(event).token)
    again = world.record(event)
    assert (again.created, again.token, again.expires_at) == (False, None, None)


def test_another_shop_does_not_get_the_invitation(world: World) -> None:
    """It learns the event's id, which it could have made itself."""
    event = world.event()
    first = world.record(event)
    again = world.record(event, storefront=CORNER_SHOP)
    assert (again.event, again.created, again.token) == (first.event, False, None)


@pytest.mark.parametrize("product", ["boshan-motor", "no-such-product", "", "' OR 1=1"])
def test_a_product_not_granted_and_one_that_is_none_look_alike(world: World, product: str) -> None:
    before = world.snapshot()
    with pytest.raises(NotFound, match="no such product"):
        world.record(world.event(product), storefront=CORNER_SHOP)
    assert world.snapshot() == before


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("policy_no", "", "required"),
        ("policy_no", " - ", "required"),
        ("policy_no", "9" * 65, "too-long"),
        ("policy_no", "PA\n1", "one-line"),
        ("policy_no", "PA\x001", "character"),
        ("occurrence", "", "required"),
        ("occurrence", "1" * 65, "too-long"),
        ("stage", "complaint", "choice"),
        ("stage", "", "choice"),
    ],
)
def test_a_bad_field_is_named(world: World, field: str, value: str, code: str) -> None:
    assert faults_of(world, world.event(**{field: value})) == {field: code}


@pytest.mark.parametrize("days", [-3651, 2, 365])
def test_an_event_of_the_far_past_or_the_future_is_a_typing_error(world: World, days: int) -> None:
    event = world.event(occurred_on=world.today + timedelta(days=days))
    assert faults_of(world, event) == {"occurred_on": "date-range"}


@pytest.mark.parametrize("days", [-3650, 0, 1])
def test_the_bounds_of_the_date_are_taken(world: World, days: int) -> None:
    assert world.record(world.event(occurred_on=world.today + timedelta(days=days))).created


@pytest.mark.parametrize(
    ("holder", "faults"),
    [
        (Holder(email="nobody"), {"holder.email": "email"}),
        (Holder(email="@b"), {"holder.email": "email"}),
        (Holder(email="a b@c"), {"holder.email": "email"}),
        (Holder(email="a@" + "b" * 260), {"holder.email": "too-long"}),
        (Holder(name="王\n明"), {"holder.name": "one-line"}),
        (Holder(name="王" * 65), {"holder.name": "too-long"}),
        (Holder(phone="1" * 33), {"holder.phone": "too-long"}),
        (
            Holder(name="\x00", phone="\x00"),
            {"holder.name": "character", "holder.phone": "character"},
        ),
    ],
    ids=ascii,
)
def test_a_bad_contact_is_named(world: World, holder: Holder, faults: dict[str, str]) -> None:
    assert faults_of(world, world.event(holder=holder)) == faults


def test_a_stage_that_the_product_has_not_is_refused(world: World) -> None:
    from insurance_reviews.plugin.services import catalogue

    world.write(
        lambda session: catalogue.add_product(
            session, "travel", "anxin", "旅行险", world.now, stages=["underwriting", "claim"]
        )
    )
    assert faults_of(world, world.event("travel", stage="renewal")) == {"stage": "choice"}


def test_contacts_are_kept_apart_and_only_where_there_are_some(world: World) -> None:
    world.record(world.event())
    assert rows(world, schema.holder_contact) == 0
    world.record(world.event(holder=Holder(name="王小明")))
    assert rows(world, schema.holder_contact) == 1


def test_a_mail_is_queued_for_whoever_has_an_address(world: World) -> None:
    world.record(world.event(holder=Holder(name="王小明", phone="13800138000")))
    world.record(world.event(holder=Holder(email="wang@shop.example")))
    jobs = world.read(lambda session: due_jobs(session, world.now))
    assert [job.kind for job in jobs] == ["invitation"]


def test_neither_number_nor_person_is_in_the_log_or_the_queue(world: World) -> None:
    """Only the number's HMAC is stored, and only the contact's own table names anybody."""
    holder = Holder(name="欧阳娜娜", email="ouyang@shop.example", phone="13800138000")
    world.record(world.event(policy_no="PA777888999", holder=holder))
    tables = world.snapshot()
    del tables[schema.holder_contact.name]
    written = repr(tables)
    secrets = ("777888999", "欧阳娜娜", "ouyang@shop.example", "13800138000")
    assert [secret for secret in secrets if secret in written] == []
    leaves = b"".join(row[2] for row in tables["insurance_reviews_log_entry"])
    assert [secret for secret in secrets if secret.encode() in leaves] == []
