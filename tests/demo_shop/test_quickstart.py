"""``docs/quickstart.md`` does what it says: its commands are run against a served shop."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from insurance_reviews.demo_shop.app import create_app
from insurance_reviews.demo_shop.place import Place
from insurance_reviews.demo_shop.seeding.perform import demo_tokens
from support.checkout import ROOT

from .conftest import PUBLIC_URL

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

QUICKSTART = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
MARK = "-- next step --"


@pytest.fixture
def answers(place: Place, live_server: Callable[[WSGIApplication], str]) -> list[str]:
    """What each block of commands prints, pasted one after the other into one shell."""
    server = live_server(create_app(place, public_url=PUBLIC_URL))
    blocks = re.findall(r"```sh\n(.*?)```", QUICKSTART, flags=re.DOTALL)
    script = f"\necho; echo '{MARK}'\n".join(blocks).replace("http://127.0.0.1:8000", server)
    done = subprocess.run(
        ["sh", "-eu"], input=script, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.split(MARK)


def test_the_commands_lead_from_an_event_to_a_score_that_stands(answers: list[str]) -> None:
    _, invited, sent, seen, said, locked, refused, removed, disputed, left = answers
    assert '"used":false' in invited
    assert '"author_key":' in sent
    assert "材料交了三次，第四十天才到账。" in seen
    assert "c2sp.org/tlog-proof@v1" in seen
    assert '"version":1' in said
    assert '"code":"score-locked"' in locked
    assert '"code":"regulator-report-required"' in refused
    assert '"format":"insurance-reviews/report-package/v1"' in removed
    assert '"redacted_item":null' in removed
    assert '"verdict":"disputed"' in disputed
    score, text, tombstone, _ = left.strip().split("\n")
    assert (score, text) == ("2", "None")
    assert "'acknowledged': 'disputed'" in tombstone


def test_every_token_of_the_demo_is_listed() -> None:
    assert set(re.findall(r"`(demo-[a-z-]+)`", QUICKSTART)) == set(demo_tokens())
