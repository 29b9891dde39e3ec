"""A small demo shop, seeded once for all tests of this folder; each test gets a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from insurance_reviews.demo_shop.app import create_app
from insurance_reviews.demo_shop.place import Place
from insurance_reviews.demo_shop.preparing import prepare
from insurance_reviews.demo_shop.stories import Story, load

#: When the small shop was seeded, and when the tests visit it.
SEEDED = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
NOW = SEEDED + timedelta(hours=2)
PUBLIC_URL = "http://localhost"


def some_stories() -> Sequence[Story]:
    """Every story that removes or withdraws something, and a few of each product."""
    stories = load()
    telling = [one for one in stories if one.removals or one.withdrawn_after is not None]
    return [*telling, *(one for one in stories[::12] if one not in telling)]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The seeded folder. Take ``place``, unless you only read."""
    place = Place(tmp_path_factory.mktemp("demo") / "shop")
    stories = some_stories()
    prepare(place, PUBLIC_URL, stories=stories, reviews=len(stories) + 12, now=SEEDED)
    return place


@pytest.fixture
def place(seeded: Place, tmp_path: Path) -> Place:
    """A copy of the seeded folder for one test."""
    return Place(Path(shutil.copytree(seeded.folder, tmp_path / "shop")))


@pytest.fixture
def app(place: Place) -> Flask:
    """The shop on that copy, its clock a minute further at each look."""
    minutes = count()
    return create_app(
        place, public_url=PUBLIC_URL, clock=lambda: NOW + timedelta(minutes=next(minutes))
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser, without JavaScript."""
    return app.test_client()
