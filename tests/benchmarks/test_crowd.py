"""What the benchmarks measure on is as true as what people write."""

from __future__ import annotations

import pytest
from crowd import fill

from insurance_reviews.plugin.queries.wall import WallQuery, read_wall
from insurance_reviews.plugin.search.audit import audit_index
from support.world import World

SKU = "anxin-medical"


@pytest.fixture
def crowded(world: World) -> World:
    """A world whose logs and counters are checked at the end, with two transactions of reviews."""
    fill(world, SKU, 1_100, "a crowd")
    return world


def test_every_filter_finds_some_of_a_crowd_and_leaves_some_out(crowded: World) -> None:
    filters = {
        "followed up": WallQuery(SKU, followed_up=True),
        "replied": WallQuery(SKU, replied=True),
        "an aspect": WallQuery(SKU, aspect="speed:1"),
        "a topic": WallQuery(SKU, topic="refusal"),
        "without words": WallQuery(SKU, has_text=False),
        "a word": WallQuery(SKU, q="免赔额"),
        "a word of replies": WallQuery(SKU, q="三个工作日", replied=True),
    }
    found = {
        name: crowded.read(lambda session, query=query: read_wall(session, query))  # type: ignore[misc]
        for name, query in filters.items()
    }
    assert {name for name, page in found.items() if not page.reviews} == set()
    assert {name for name, page in found.items() if page.total == 1_100} == set()


def test_services_go_on_behind_a_crowd(crowded: World) -> None:
    review = crowded.submit(product=SKU)
    crowded.follow_up(review)
    crowded.reply(review)
    crowded.remove(review)
    page = crowded.read(lambda session: read_wall(session, WallQuery(SKU, sort="newest")))
    assert (page.total, page.reviews[0].id) == (1_101, review.id)


def test_the_index_knows_a_crowd_as_a_rebuild_would(crowded: World) -> None:
    folder = crowded.settings.state_dir
    assert crowded.read(lambda session: list(audit_index(session, folder, lambda *_: None))) == []
