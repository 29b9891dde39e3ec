"""A seeded folder: complete and consistent, or not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from insurance_reviews.demo_shop.app import create_app
from insurance_reviews.demo_shop.place import Place
from insurance_reviews.demo_shop.preparing import bring_up_to_date, prepare
from insurance_reviews.demo_shop.seeding.perform import demo_tokens
from insurance_reviews.demo_shop.seeding.plan import Act, Submit, make_plan
from insurance_reviews.demo_shop.stories import load
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.outbox import pending
from insurance_reviews.plugin.schema import review
from support.audit import audit

from .conftest import PUBLIC_URL, SEEDED, some_stories


def findings(app: Flask) -> list[str]:
    """What a full check of every log and counter finds."""
    with get_state(app).work.reading() as session:
        return audit(session)


def stored_scores(app: Flask) -> list[tuple[str, str, int, bool]]:
    """Every review in the order of the logs: product, stage, score, whether it has words."""
    with get_state(app).work.reading() as session:
        rows = session.execute(select(review).order_by(review.c.log, review.c.entry)).all()
    return [(row.product, row.stage, row.score, row.item is not None) for row in rows]


def test_logs_and_counters_are_consistent(app: Flask) -> None:
    """Removals, redactions, withdrawals and disputes among them."""
    assert findings(app) == []
    with get_state(app).work.reading() as session:
        assert pending(session) == 0


def test_the_same_seed_gives_the_same_reviews(app: Flask, tmp_path: Path) -> None:
    """Ids and keys are new each time; who gave which score where is not."""
    again = Place(tmp_path / "again")
    stories = some_stories()
    prepare(again, PUBLIC_URL, stories=stories, reviews=len(stories) + 12, now=SEEDED)
    assert stored_scores(app) == stored_scores(create_app(again, public_url=PUBLIC_URL))


@pytest.mark.parametrize("size", [(0, 3), (2, 2), (5, 9)])
def test_any_size_will_do(tmp_path: Path, size: tuple[int, int]) -> None:
    """Tests and impatient people seed less."""
    told, number = size
    stories = load()[:told]
    small = Place(tmp_path / "small")
    prepare(small, PUBLIC_URL, stories=stories, reviews=number, now=SEEDED)
    app = create_app(small, public_url=PUBLIC_URL)
    assert findings(app) == []
    plan = make_plan((SEEDED + timedelta(hours=8)).date(), stories, reviews=number)
    assert len(stored_scores(app)) == number == sum(isinstance(act.deed, Submit) for act in plan)


def test_an_interrupted_seeding_leaves_no_shop(tmp_path: Path) -> None:
    """The next start begins anew and succeeds."""
    place = Place(tmp_path / "shop")
    stories = load()[:3]

    def interrupted(acts: Sequence[Act]) -> Iterator[Act]:
        yield from acts[:4]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(place, PUBLIC_URL, stories=stories, reviews=3, now=SEEDED, progress=interrupted)
    assert not place.folder.exists()
    prepare(place, PUBLIC_URL, stories=stories, reviews=3, now=SEEDED)
    assert findings(create_app(place, public_url=PUBLIC_URL)) == []


def test_secrets_are_kept_and_only_their_owner_reads_them(seeded: Place) -> None:
    assert Place(seeded.folder).session_key == seeded.session_key
    assert (seeded.folder / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert seeded.folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_this_release_needs_no_migration(place: Place) -> None:
    before = {path: path.stat().st_mtime_ns for path in place.folder.rglob("reviews.sqlite")}
    bring_up_to_date(place)
    assert before == {path: path.stat().st_mtime_ns for path in before}


@pytest.mark.parametrize("token", demo_tokens())
def test_the_tokens_of_the_demo_work(app: Flask, token: str) -> None:
    """Each reaches what it is for: an empty body is refused for itself, not for the token."""
    path = {
        "storefront": "/policy-events",
        "insurer": "/reviews/rv_a/replies",
        "compliance": "/reviews/rv_a/removals",
        "regulator": "/regulator-reports/rp_a/acknowledgements",
    }[demo_tokens()[token][0]]
    url = f"/reviews/api/v1{path}"
    headers = {"Authorization": f"Bearer {token}"}
    client = app.test_client()
    assert client.post(url, json={"unknown": 1}, headers=headers).status_code == 422
    assert client.post(url, json={"unknown": 1}).status_code == 401
