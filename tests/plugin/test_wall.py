"""The wall shows every review exactly once, in every order, under every filter, page by page."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insurance_reviews.plugin.errors import InvalidInput
from insurance_reviews.plugin.queries.reviews import PublishedReview
from insurance_reviews.plugin.queries.wall import SORTS, WallPage, WallQuery, read_wall
from insurance_reviews.plugin.schema import STAGES
from support.databases import ENGINES, DatabaseFactory
from support.world import World, built_world

PRODUCT = "anxin-medical"


@pytest.fixture(scope="module", params=ENGINES)
def crowd(
    request: pytest.FixtureRequest,
    database_factory: DatabaseFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """Many reviews of one product, among those of another one of the same log."""
    chance = random.Random(7)
    with (
        database_factory.fresh(request.param) as url,
        built_world(url, tmp_path_factory.mktemp("crowd") / "state") as world,
    ):
        for number in range(40):
            review = world.submit(
                product=PRODUCT if number % 4 else "anxin-motor",
                stage=chance.choice(STAGES),
                score=chance.choice([1, 1, 2, 4, 5]),
                text=f"第{number}条。" if number % 3 else None,
            )
            if number % 5 == 0:
                world.follow_up(review)
            if number % 7 == 0:
                world.reply(review)
        yield world


def page(world: World, query: WallQuery) -> WallPage:
    return world.read(lambda session: read_wall(session, query))


def walk(world: World, query: WallQuery) -> Iterator[PublishedReview]:
    """All reviews of a query, by following its pages."""
    while True:
        found = page(world, query)
        assert len(found.reviews) <= query.limit
        yield from found.reviews
        if found.next is None:
            return
        query = replace(query, after=found.next)


def everything(world: World) -> list[PublishedReview]:
    return list(walk(world, WallQuery(PRODUCT, limit=50)))


queries = st.builds(
    WallQuery,
    product=st.just(PRODUCT),
    stage=st.none() | st.sampled_from(STAGES),
    score=st.none() | st.integers(1, 5),
    sort=st.sampled_from(SORTS),
    limit=st.integers(1, 12),
)
examples = settings(max_examples=40, deadline=None)


@given(queries)
@examples
def test_every_review_that_the_filters_leave_is_shown_once(crowd: World, query: WallQuery) -> None:
    expected = {
        review.id
        for review in everything(crowd)
        if query.stage in (None, review.stage) and query.score in (None, review.score)
    }
    shown = [review.id for review in walk(crowd, query)]
    assert (len(shown), set(shown)) == (len(expected), expected)


@given(queries)
@examples
def test_the_total_is_what_the_filters_leave(crowd: World, query: WallQuery) -> None:
    assert page(crowd, query).total == len(list(walk(crowd, query)))


@given(queries)
@examples
def test_the_order_is_the_one_that_was_asked_for(crowd: World, query: WallQuery) -> None:
    shown = [(review.score, review.index) for review in walk(crowd, query)]
    keys = {
        "newest": lambda key: -key[1],
        "oldest": lambda key: key[1],
        "highest": lambda key: (-key[0], -key[1]),
        "lowest": lambda key: (key[0], -key[1]),
    }
    assert shown == sorted(shown, key=keys[query.sort])


@given(queries, st.integers(0, 4), st.sampled_from([1, 3, 5]))
@settings(examples, max_examples=12)
def test_no_review_is_lost_or_shown_twice_while_others_arrive(
    crowd: World, query: WallQuery, moment: int, score: int
) -> None:
    """Pages follow keys, not numbers: what comes in meanwhile shifts nothing."""
    before = {review.id for review in walk(crowd, replace(query, limit=50))}
    shown = []
    for number, review in enumerate(walk(crowd, query)):
        if number == moment:
            crowd.submit(product=PRODUCT, stage=query.stage or "claim", score=score, text=None)
        shown.append(review.id)
    assert len(shown) == len(set(shown))
    assert before <= set(shown)


def test_newest_first_by_default(crowd: World) -> None:
    indices = [review.index for review in everything(crowd)]
    assert indices == sorted(indices, reverse=True)


def test_a_page_shows_everything_that_belongs_to_its_reviews(crowd: World) -> None:
    reviews = everything(crowd)
    assert {review.product for review in reviews} == {PRODUCT}
    assert any(review.follow_ups for review in reviews)
    assert any(review.replies for review in reviews)
    assert any(review.text is None for review in reviews)


@pytest.mark.parametrize("sort", SORTS)
def test_an_empty_wall_has_one_empty_page(crowd: World, sort: str) -> None:
    found = page(crowd, WallQuery("chunhe-motor", sort=sort))  # type: ignore[arg-type]
    assert (found.reviews, found.next, found.total) == ((), None, 0)


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        ("newest", ""),
        ("newest", "x"),
        ("newest", "o-5"),
        ("newest", "n5-5"),
        ("newest", "n--5"),
        ("newest", "n-05"),
        ("newest", "n-5\n"),
        ("newest", "n-５"),
        ("newest", "n-" + "9" * 19),
        ("oldest", "n-5"),
        ("highest", "h-5"),
        ("highest", "h6-5"),
        ("highest", "h0-5"),
        ("highest", "l5-5"),
        ("lowest", "h5-5"),
        ("lowest", "' OR 1=1 --"),
    ],
)
def test_a_cursor_of_another_order_or_none_is_refused(crowd: World, sort: str, cursor: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        page(crowd, WallQuery(PRODUCT, sort=sort, after=cursor))  # type: ignore[arg-type]
    assert refusal.value.faults["after"].code == "cursor"


@pytest.mark.parametrize("cursor", ["n-0", "n-" + "9" * 18])
def test_a_cursor_beyond_the_ends_is_no_error(crowd: World, cursor: str) -> None:
    assert page(crowd, WallQuery(PRODUCT, after=cursor)).total > 0
