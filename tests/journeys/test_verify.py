"""A stranger checks a shop from outside, through the whole life of its reviews."""

from __future__ import annotations

from pathlib import Path

from insurance_reviews.moderation.verify.report import as_json, as_text
from support.host import Host
from support.verifying import check, keep
from support.world import World


def live(world: World) -> None:
    """Everything that can happen to reviews of one insurer happens."""
    first = world.submit(
        score=2, aspects={"speed": 1, "attitude": 3}, display_name="欧阳娜娜", author=None
    )
    world.invite(stage="renewal")
    stars = world.submit(score=5, text=None)
    world.submit(product="anxin-motor", stage="underwriting", score=4, aspects={"clarity": 5})
    world.submit(product="boshan-motor", score=1)
    world.pass_time(hours=5)
    world.reply(first)
    world.reply(first, "补充：已经赔付。")
    world.reply(stars, "谢谢。")
    world.follow_up(first)
    world.pass_time(hours=30)
    report = world.report(first)
    redacted = world.remove(
        first, report.id, redacted="█" * 4 + "后查勘员才来，定损时没有说明自费药不赔。"
    )
    world.acknowledge(report.id, "disputed", "原文并无不当。")
    world.acknowledge(report.id, "acknowledged")
    assert redacted.redacted_item
    again = world.report(first, [redacted.redacted_item])
    world.remove(first, again.id, item=redacted.redacted_item)
    gone = world.submit(score=3)
    world.remove(gone)
    withdrawn = world.submit(score=1, display_name="John")
    world.follow_up(withdrawn)
    world.pass_time(hours=1)
    world.withdraw(withdrawn)


def test_a_shop_that_shows_what_was_signed_is_clean(host: Host, tmp_path: Path) -> None:
    live(host.world)
    outcome = check(host, state=tmp_path / "state.json")
    assert outcome.exit_code == 0, as_text(outcome)
    print(as_text(outcome))
    assert as_json(outcome)["result"] == "clean"
    host.world.submit()
    kept = keep(host, tmp_path / "kept")
    outcome = check(host, state=tmp_path / "state.json", kept=[kept])
    assert outcome.exit_code == 0, as_text(outcome)
