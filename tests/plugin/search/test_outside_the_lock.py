"""Texts are analysed while others write: cutting words takes longer than writing them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL
from sqlalchemy.orm import Session

from insurance_reviews.plugin.search import analysis
from insurance_reviews.plugin.search.analysis import Analysis
from insurance_reviews.plugin.services import moderation, reviews
from support.api import Api
from support.host import PREFIX, Host
from support.pages import Browser

TEXT = "报案三天后查勘员才来，拒赔。"


def is_locked(url: URL) -> bool:
    """Whether a second writer would have to wait."""
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "", timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            other.execute("ROLLBACK")
            return False
    given = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(given)) as other:
        [row] = other.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall()
        return bool(row[0])


@pytest.fixture
def analysed(host: Host, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each text that is analysed, whether the lock was held meanwhile."""
    found: list[bool] = []
    url = host.world.settings.database_url

    def analyse(state_dir: Path, text: str) -> Analysis:
        found.append(is_locked(url))
        return analysis.analyse(state_dir, text)

    for module in (reviews, moderation):
        monkeypatch.setattr(module, "analyse", analyse)
    return found


def test_the_probe_sees_a_lock(host: Host, analysed: list[bool]) -> None:
    """Otherwise the tests below would show nothing."""
    world = host.world
    ref = world.ref()

    def work(session: Session) -> None:
        world.context.logs.hold(session, ref)
        reviews.prepare_text(world.context, TEXT)

    world.write(work)
    assert analysed == [True]


def test_no_text_from_the_api_is_analysed_under_the_lock(host: Host, analysed: list[bool]) -> None:
    api = Api(host)
    body = {"invitation": host.world.invite(), "score": 2, "text": TEXT}
    submitted = api.post("/reviews", body).get_json()
    path = f"/reviews/{submitted['id']}"
    body = {"author_key": submitted["author_key"], "text": "还在等"}
    assert api.post(f"{path}/follow-ups", body).status_code == 201
    answer = api.post(f"{path}/replies", {"text": "抱歉"}, token="insurer-anxin")
    assert answer.status_code == 201
    assert analysed == [False] * 3
    filed = {
        "report_no": "1",
        "authority": "国家金融监督管理总局上海监管局",
        "filed_on": "2026-03-02",
        "ground": "other",
        "reasons": "见附件",
    }
    answer = api.post(f"{path}/regulator-reports", filed, token="compliance-anxin")
    analysed.clear()
    body = {"report": answer.get_json()["id"], "redacted_text": TEXT.replace("查勘员", "███")}
    assert api.post(f"{path}/removals", body, token="compliance-anxin").status_code == 201
    assert analysed == [False]


def test_no_text_from_a_page_is_analysed_under_the_lock(host: Host, analysed: list[bool]) -> None:
    world = host.world
    review = world.submit(text=TEXT)
    report = world.report(review).id
    item = world.item_of(review)
    analysed.clear()
    author = Browser(host.client()).open(f"{PREFIX}/r/{review.id}/author")
    sent = author.submit("follow-up", author_key=review.author_key, text="还在等")
    assert sent.path == f"{PREFIX}/r/{review.id}"
    desk = f"{PREFIX}/desk/reviews/{review.id}"
    boss = Browser(host.client("compliance-anxin"))
    assert boss.open(desk).submit("reply", text="抱歉").path == desk
    masked = {"extent": "passages", "passages": "查勘员", "confirm": "y"}
    sent = boss.open(desk).submit("removal", report=report, item=item, **masked)
    assert (sent.status, sent.path) == (200, desk)
    assert analysed == [False] * 3
