"""What pages and the log show of witnesses: the date, by whom, how far, and that nobody has yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from insurance_reviews.moderation import cosignatures
from insurance_reviews.moderation.cosignatures import Witnessed
from insurance_reviews.moderation.receipts import latest_checkpoint
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import (
    CosignatureVerifier,
    Cosigner,
    cosignature_line,
)
from insurance_reviews.moderation.tlog.note import Verifier, open_note
from insurance_reviews.plugin.services.witnesses import record_cosignature
from support.answers import check_headers, check_refusal
from support.host import PREFIX, Host, mounted
from support.pages import Browser

LOG = f"{PREFIX}/log/anxin"
FIRST, SECOND = (Cosigner(f"witness.example/w{n}", bytes([n]) * 32) for n in (1, 2))
#: In Shanghai this is the next day.
EVENING = int(datetime(2026, 3, 2, 18, 20, 30, tzinfo=UTC).timestamp())


def cosign(host: Host, witness: Cosigner, at: int, insurer: str = "anxin") -> int:
    """``witness`` cosigns the newest checkpoint; its size."""
    world, ref = host.world, host.world.ref(insurer)
    note = world.read(lambda s: latest_checkpoint(s, ref))
    checkpoint = Checkpoint.of_own_note(note)
    line = cosignature_line(checkpoint.format(), witness, at)
    found = Witnessed(witness.name, checkpoint.size, at)
    world.write(lambda s: record_cosignature(s, world.context, ref, found, line))
    return checkpoint.size


def text(host: Host, path: str, lang: str = "zh-CN") -> str:
    return Browser(host.client()).open(f"{PREFIX}{path}?lang={lang}").text


def names(note: str, host: Host) -> list[str]:
    """Whose signatures a note bears, all checked."""
    log = Verifier.parse(host.world.context.logs.keys.signer("anxin").verifier_key())
    witnesses = [CosignatureVerifier.parse(key.verifier_key()) for key in (FIRST, SECOND)]
    return [signature.name for signature in open_note(note, log, *witnesses).verified]


def test_the_checkpoint_has_the_lines_that_came_so_far(host: Host) -> None:
    client = host.client()
    host.world.submit()
    check_refusal(client.get(f"{LOG}/witnessed"), 404)
    cosign(host, SECOND, EVENING)
    cosign(host, FIRST, EVENING + 1)
    cosigned = client.get(f"{LOG}/checkpoint").text
    origin = host.world.ref().origin
    assert names(cosigned, host) == [origin, FIRST.name, SECOND.name]
    assert client.get(f"{LOG}/witnessed").text == cosigned
    host.world.submit()
    newest = client.get(f"{LOG}/checkpoint").text
    assert names(newest, host) == [origin]
    assert Checkpoint.of_own_note(newest).size == 5
    assert client.get(f"{LOG}/witnessed").text == cosigned


@pytest.mark.parametrize("path", ["checkpoint", "witnessed"])
def test_notes_are_open_and_fresh(host: Host, path: str) -> None:
    client = host.client()
    cosign(host, FIRST, EVENING)
    answer = client.get(f"{LOG}/{path}")
    check_headers(answer)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    same = {"If-None-Match": answer.headers["ETag"]}
    again = client.get(f"{LOG}/{path}", headers=same)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    # A line more is another note, of the same size.
    cosign(host, SECOND, EVENING)
    assert client.get(f"{LOG}/{path}", headers=same).status_code == 200


def test_the_wall_says_when_and_by_whom(host: Host) -> None:
    """A date where the readers are; and that nobody outside has, as long as that is so."""
    for path in ("/products/anxin-medical", "/products/anxin-motor"):
        assert "目前还没有外部机构为它见证。" in text(host, path)
        assert "Nobody outside has witnessed it yet." in text(host, path, "en")
    cosign(host, SECOND, EVENING)
    cosign(host, FIRST, EVENING + 60)
    assert ("最近一次外部见证：2026年3月3日，witness.example/w2、witness.example/w1。") in text(
        host, "/products/anxin-motor"
    )
    assert (
        "Witnessed from outside, last on March 3, 2026: witness.example/w2, witness.example/w1."
    ) in text(host, "/products/anxin-motor", "en")
    assert "目前还没有外部机构为它见证。" in text(host, "/products/boshan-motor")
    host.world.submit()
    cosign(host, FIRST, EVENING + 86_400)
    assert "2026年3月4日，witness.example/w1。" in text(host, "/products/anxin-medical")


def test_the_permalink_says_when_exactly(host: Host) -> None:
    cosign(host, FIRST, EVENING - 60)
    review = host.world.submit()
    path = f"/r/{review.id}"
    assert "首次见证 尚未" in text(host, path)
    cosign(host, SECOND, EVENING)
    assert "最近见证" not in text(host, path)
    host.world.submit()
    cosign(host, FIRST, EVENING + 3600)
    host.world.submit()
    cosign(host, FIRST, EVENING + 7200)
    shown = text(host, path)
    assert "首次见证 2026-03-03 02:20 UTC+08:00 witness.example/w2" in shown
    assert "最近见证 2026-03-03 04:20 UTC+08:00 witness.example/w1" in shown
    html = host.client().get(f"{PREFIX}{path}").text
    exact = datetime.fromtimestamp(EVENING, ZoneInfo("Asia/Shanghai")).isoformat()
    assert f'datetime="{exact}"' in html


def test_the_log_s_page_lists_every_witness(host: Host) -> None:
    host.world.submit()
    assert "暂无。" in text(host, "/log/anxin/")
    size = cosign(host, FIRST, EVENING)
    host.world.submit()
    cosign(host, SECOND, EVENING + 60)
    host.world.submit(text=None)
    shown = text(host, "/log/anxin/", "en")
    assert f"witness.example/w1 2026-03-03 02:20 UTC+08:00 · the first {size} entries" in shown
    assert "witness.example/w2 2026-03-03 02:21 UTC+08:00 · the first 5 entries" in shown
    assert "Not witnessed yet 2 entries" in shown
    page = Browser(host.client()).open(f"{LOG}/?lang=en")
    [link] = [link for link in page.links if link.endswith("/witnessed")]
    assert page.browser.open(link).status == 200


def test_a_witness_that_has_been_silent_for_long_is_listed(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking for its last word among all others would take the longer the more there are."""
    monkeypatch.setattr(cosignatures, "RECENT", 2)
    for witness in (FIRST, SECOND, SECOND):
        host.world.submit()
        cosign(host, witness, EVENING)
    ref = host.world.ref()
    found = host.world.read(lambda s: cosignatures.recent_witnesses(s, ref))
    assert [one.name for one in found] == [SECOND.name]


@pytest.fixture
def statements(host: Host) -> Iterator[list[str]]:
    """What the application asks its database."""
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    engine = host.state.work.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "path", ["/products/anxin-medical", "/r/{review}", "/log/anxin/witnessed", "/log/anxin/"]
)
def test_one_statement_for_each_page(host: Host, statements: list[str], path: str) -> None:
    review = host.world.submit()
    cosign(host, FIRST, EVENING)
    statements.clear()
    host.client().get(PREFIX + path.format(review=review.id))
    asked = [statement for statement in statements if "cosignature" in statement]
    # The log's page shows the newest checkpoint with its lines, too.
    assert len(asked) == (2 if path.endswith("anxin/") else 1), asked


def test_a_witness_that_we_ask_in_vain_is_listed(host: Host) -> None:
    cosign(host, FIRST, EVENING)
    told = [f"{key.verifier_key()} https://w.example" for key in (FIRST, SECOND)]
    with mounted(host.world, witnesses=told) as other:
        shown = text(other, "/log/anxin/")
    assert "witness.example/w1 2026-03-03 02:20 UTC+08:00 · 前 1 条" in shown
    assert "witness.example/w2 近期没有见证" in shown
