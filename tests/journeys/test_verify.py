"""A stranger checks a shop from outside, through the whole life of its reviews."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert
from sqlalchemy.orm import Session

from insurance_reviews.moderation.cosignatures import newest_checkpoint
from insurance_reviews.moderation.log_keys import retire_keys, rotate_key
from insurance_reviews.moderation.schema import cosignature
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import Cosigner, cosignature_line
from insurance_reviews.moderation.verify.command import main
from insurance_reviews.moderation.verify.report import as_text
from insurance_reviews.plugin.services.reviews import Submitted
from support.host import API, PREFIX, Host
from support.live import serve
from support.verifying import SITE, Liar, app_fetch, check, keep, key_of
from support.world import TEXT, World

REDACTED = "████后查勘员才来，定损时没有说明自费药不赔。"


def live(world: World) -> dict[str, Submitted]:
    """Everything that can happen to reviews of one insurer happens; the reviews by their fate."""
    reviews = {
        "redacted": world.submit(
            score=2, aspects={"speed": 1, "attitude": 3}, display_name="欧阳娜娜"
        ),
        "stars": world.submit(score=5, text=None),
        "stands": world.submit(product="anxin-motor", stage="underwriting", score=4),
        "removed": world.submit(score=3),
        "withdrawn": world.submit(score=1, display_name="John"),
    }
    world.invite(stage="renewal")
    world.submit(product="boshan-motor", score=1)
    world.pass_time(hours=5)
    world.reply(reviews["redacted"])
    world.reply(reviews["redacted"], "补充：已经赔付。")
    world.reply(reviews["stars"], "谢谢。")
    world.follow_up(reviews["redacted"])
    world.follow_up(reviews["withdrawn"])
    world.pass_time(hours=30)
    report = world.report(reviews["redacted"])
    removal = world.remove(reviews["redacted"], report.id, redacted=REDACTED)
    world.acknowledge(report.id, "disputed", "原文并无不当。")
    world.acknowledge(report.id, "acknowledged")
    again = world.report(reviews["redacted"], [removal.redacted_item or ""])
    further = f"█████{REDACTED[5:]}"
    world.remove(reviews["redacted"], again.id, item=removal.redacted_item, redacted=further)
    world.remove(reviews["removed"])
    world.withdraw(reviews["withdrawn"])
    return reviews


def test_an_honest_shop_is_clean_through_the_whole_life_of_its_reviews(
    host: Host, tmp_path: Path
) -> None:
    state, kept = tmp_path / "state.json", []
    steps: list[Callable[[], object]] = [list, lambda: live(host.world), host.world.submit]
    for step, happens in enumerate(steps):
        happens()
        kept.append(keep(host, tmp_path / f"{step}.checkpoint"))
        outcome = check(host, state=state, kept=kept)
        assert outcome.exit_code == 0, as_text(outcome)
    assert outcome.counts["reviews"] == 6
    assert check(host, insurer="boshan").exit_code == 0
    assert check(host, insurer="chunhe").exit_code == 0


def test_a_trend_of_years_is_that_of_the_log(host: Host) -> None:
    """Months count in the trend of all stages and in that of their own; old ones are left out."""
    world = host.world
    for month in ("2020-01", "2024-03", "2024-04", "2025-12", "2026-02"):
        world.submit(world.invite(occurred_on=date.fromisoformat(f"{month}-01")))
    for stage, month in (("renewal", "2025-12"), ("underwriting", "2024-03")):
        world.submit(
            world.invite(stage=stage, occurred_on=date.fromisoformat(f"{month}-01")), score=1
        )
    months = host.client().get(f"{API}/products/anxin-medical/summary").get_json()["months"]
    assert [month["month"] for month in months] == ["2024-03", "2024-04", "2025-12", "2026-02"]
    outcome = check(host)
    assert outcome.exit_code == 0, as_text(outcome)


def test_a_new_key_is_learnt_while_both_keys_sign(host: Host, tmp_path: Path) -> None:
    world, state = host.world, tmp_path / "state.json"
    first, ref, logs = key_of(host), world.ref(), world.context.logs
    before = live(world)["stands"]
    receipts = [receipt_of(host, before, tmp_path / "first.tlog-proof")]
    second = world.write(lambda session: rotate_key(session, logs, ref, world.now))
    receipts.append(receipt_of(host, world.submit(), tmp_path / "both.tlog-proof"))
    outcome = check(host, key=first, state=state)
    assert (outcome.exit_code, outcome.learnt) == (0, [second]), as_text(outcome)
    world.write(lambda session: retire_keys(session, logs.keys, ref))
    receipts.append(receipt_of(host, world.submit(), tmp_path / "second.tlog-proof"))
    assert check(host, key=first, state=state).exit_code == 0
    assert check(host, key=first).codes == ["checkpoint-key"]
    for keys in ([first, second], [second]):
        outcome = check(host, key=keys[0], more_keys=keys[1:], receipts=receipts)
        assert outcome.exit_code == 0, as_text(outcome)
        assert [verdict.status for verdict in outcome.receipts] == ["stands"] * 3
    # The receipts of the first key's time are kept checkpoints too.
    assert check(host, key=second, kept=receipts).exit_code == 0


def receipt_of(host: Host, review: Submitted, path: Path) -> Path:
    """The bare proof that everybody can fetch."""
    response = host.client().get(f"{API}/reviews/{review.id}/receipt")
    path.write_bytes(response.get_data())
    return path


def test_a_receipt_tells_what_became_of_a_review(host: Host, tmp_path: Path) -> None:
    reviews = live(host.world)
    names = ["redacted", "removed", "stands", "stars", "withdrawn"]
    paths = [receipt_of(host, reviews[name], tmp_path / f"{name}.tlog-proof") for name in names]
    outcome = check(host, receipts=paths)
    assert outcome.exit_code == 0, as_text(outcome)
    expected = ["redacted", "removed", "stands", "stands", "withdrawn"]
    assert [verdict.status for verdict in outcome.receipts] == expected


Change = Callable[[dict[str, Any]], object]

LIES: dict[str, tuple[str, Change, str]] = {
    "a better score": (
        "reviews.jsonl",
        lambda review: review.update(score=5) if review["score"] == 2 else None,
        "review-differs",
    ),
    "no bad review": ("reviews.jsonl", lambda review: review["score"] != 2, "review-hidden"),
    "nicer words": (
        "reviews.jsonl",
        lambda review: review.update(text="很满意。") if review["text"] else None,
        "text-differs",
    ),
    "another name": (
        "reviews.jsonl",
        lambda review: review.update(display_name="李**") if review["text"] else None,
        "text-differs",
    ),
    "a text that is gone": (
        "reviews.jsonl",
        lambda review: review.update(text=None, salt=None) if review["text"] else None,
        "text-gone",
    ),
    "a nicer reply": (
        "reviews.jsonl",
        lambda review: review["reply"].update(text="我们道歉。") if review["reply"] else None,
        "replies-differ",
    ),
    "a nicer follow-up": (
        "reviews.jsonl",
        lambda review: [text.update(text="解决了。") for text in review["follow_ups"]] and None,
        "text-differs",
    ),
    "a follow-up hidden": (
        "/reviews?",
        lambda page: [review.update(follow_ups=[]) for review in page["items"]] and None,
        "follow-ups-differ",
    ),
    "a better average": (
        "/summary",
        lambda summary: summary.update(average=5.0) if summary["count"] else None,
        "figures-differ",
    ),
    "a surer average": (
        "/summary",
        lambda summary: summary["interval"].update(low=4.9) if summary["interval"] else None,
        "figures-differ",
    ),
    "a large sample": (
        "/summary",
        lambda summary: summary.update(small_sample=False),
        "figures-differ",
    ),
    "a better month": (
        "/summary",
        lambda summary: [month.update(average=5.0) for month in summary["months"]] and None,
        "figures-differ",
    ),
    "a bad month left out": (
        "/summary",
        lambda summary: summary["stages"]["claim"].update(months=[]),
        "figures-differ",
    ),
    "a better reply time": (
        "/summary",
        lambda summary: summary["replies"].update(median_hours=0),
        "figures-differ",
    ),
    "fewer removals": ("/summary", lambda summary: summary.update(removals=0), "figures-differ"),
    "the best first": (
        "/reviews?",
        lambda page: page["items"].sort(key=lambda review: -review["score"]),
        "wall-differs",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_shop_may_show_instead_is_found(lasting_host: Host, lie: str) -> None:
    world = lasting_host.world
    if world.snapshot()["insurance_reviews_review"] == []:
        live(world)
    part, change, code = LIES[lie]
    between = Liar(app_fetch(lasting_host.app)).about_json(part, change)
    outcome = check(lasting_host, between)
    assert (outcome.exit_code, code in outcome.codes) == (1, True), as_text(outcome)


def test_the_command_asks_a_real_server(host: Host, tmp_path: Path) -> None:
    reviews = live(host.world)
    receipt = receipt_of(host, reviews["stands"], tmp_path / "mine.tlog-proof")
    with serve(host.app) as address:
        arguments = [f"{address}{PREFIX}/log/anxin/", "--key", key_of(host)]
        state = ["--state", str(tmp_path / "state.json"), "--receipt", str(receipt), "--json"]
        result = CliRunner().invoke(main, [*arguments, *state])
    assert result.exit_code == 0, result.output
    outcome = json.loads(result.output)
    assert outcome["receipts"][0]["status"] == "stands"
    assert outcome["log"]["url"].startswith("http://127.0.0.1")
    assert SITE not in result.output


def test_witnesses_close_the_blind_window(host: Host, tmp_path: Path) -> None:
    """What a witness has cosigned holds the log; what came later is counted."""
    world, ref = host.world, host.world.ref()
    witness = Cosigner("witness.example/w1", b"w" * 32)
    policy = tmp_path / "policy"
    policy.write_text(f"witness W {witness.verifier_key()}\nquorum W\n")
    assert check(host, policy=policy).codes == ["not-witnessed"]
    live(world)

    def cosign(session: Session) -> int:
        note = newest_checkpoint(session, ref)
        text = note.partition("\n\n")[0] + "\n"
        line, size = cosignature_line(text, witness, at=1), Checkpoint.parse(text).size
        session.execute(
            insert(cosignature),
            {"log": ref.id, "size": size, "name": witness.name, "at": 1, "line": line},
        )
        return size

    size = world.write(cosign)
    outcome = check(host, policy=policy)
    assert (outcome.exit_code, outcome.witnessed) == (0, (size, {"W": "1970-01-01T00:00:01Z"}))
    world.submit()
    outcome = check(host, policy=policy)
    assert (outcome.exit_code, outcome.witnessed) == (0, (size, {"W": "1970-01-01T00:00:01Z"}))
    assert "the 2 newest entries are not witnessed yet" in as_text(outcome)


def test_a_shop_that_is_written_to_is_never_accused(host: Host) -> None:
    """Reviews, replies, follow-ups, reports and removals go on while the verifier reads."""
    world, stop = host.world, Event()

    def write() -> None:
        while not stop.is_set():
            review = world.submit(product="anxin-motor", score=2)
            world.reply(review)
            world.follow_up(review)
            world.remove(review, redacted="█" * len(TEXT))
            world.withdraw(review)

    with ThreadPoolExecutor(1) as writer:
        writing = writer.submit(write)
        try:
            outcomes = [check(host) for _ in range(4)]
        finally:
            stop.set()
        writing.result()
    for outcome in outcomes:
        assert outcome.codes == [], as_text(outcome)
        assert {code for code, _ in outcome.findings.unchecked} <= {"log-busy"}
    assert check(host).exit_code == 0
