"""Whatever bounds what one request looks at, every review that a query leaves is shown once.

The bounds are made for a million reviews. Here they are so small that every page runs into them,
and brute force over the texts is the oracle.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from insurance_reviews.plugin.queries import wall_search
from insurance_reviews.plugin.queries.wall import SORTS, Sort, WallPage, WallQuery, read_wall
from insurance_reviews.plugin.schema import STAGES
from insurance_reviews.plugin.search import find, rarity, statements, tokens
from insurance_reviews.plugin.search.analysis import analyse
from insurance_reviews.plugin.search.fold import fold
from insurance_reviews.plugin.search.terms import parse
from insurance_reviews.plugin.search.topics import topics_at
from support.databases import ENGINES, DatabaseFactory
from support.world import World, built_world

SKU, OTHER = "anxin-medical", "anxin-motor"
ALL_SORTS: tuple[Sort, ...] = (*SORTS, "relevant")
PIECES = ("理赔", "慢", "快", "拒赔", "免赔额", "客服", "态度", "条款", "claim ", "，", "A")
QUERIES = (
    "赔",
    "理赔",
    "理赔慢",
    "免赔额",
    "赔慢拒",
    '"claim 理"',
    "客服态度",
    "理赔 -慢",
    "赔 -免赔额",
    "-拒赔",
    "快 慢",
    "没有这样",
)


@dataclass
class Fact:
    """A review as brute force sees it."""

    id: str
    entry: int
    stage: str
    score: int
    aspects: Mapping[str, int]
    month: str
    has_text: bool
    own: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    followed_up: bool = False

    def texts(self) -> list[str]:
        return [fold(text) for text in [*self.own, *self.replies[-1:]]]


@dataclass
class Crowd:
    """A world, and all that is known of one of its products."""

    world: World
    facts: list[Fact] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(11))

    def text(self) -> str:
        return "".join(self.chance.choices(PIECES, k=self.chance.randint(1, 7))) + "。"

    def add(self, *, text: str | None, stage: str | None = None, score: int | None = None) -> Fact:
        stage = stage or self.chance.choice(STAGES)
        score = score or self.chance.choice([1, 1, 2, 4, 5])
        rated = {"attitude": self.chance.randint(1, 5)} if self.chance.random() < 0.5 else {}
        review = self.world.submit(product=SKU, stage=stage, score=score, text=text, aspects=rated)
        fact = Fact(
            review.id,
            review.entry.index,
            stage,
            score,
            rated,
            self.world.now.strftime("%Y-%m"),
            text is not None,
            [] if text is None else [text],
        )
        if self.chance.random() < 0.3:
            fact.own.append(self.text())
            fact.followed_up = True
            self.world.follow_up(review, fact.own[-1])
        for _ in range(self.chance.choice([0, 0, 1, 2])):
            fact.replies.append(self.text())
            self.world.reply(review, fact.replies[-1])
        self.facts.append(fact)
        return fact

    def expected(self, query: WallQuery) -> list[Fact]:
        """What brute force finds, the oldest first."""
        return [fact for fact in self.facts if self._is_left(query, fact)]

    def _is_left(self, query: WallQuery, fact: Fact) -> bool:
        terms = parse(query.q or "")
        texts = fact.texts()
        aspect, _, stars = (query.aspect or "").partition(":")
        return all(
            [
                query.stage in (None, fact.stage),
                query.score in (None, fact.score),
                all(any(term in text for text in texts) for term in terms.wanted),
                not any(term in text for term in terms.unwanted for text in texts),
                query.topic is None or query.topic in self._topics(fact),
                not aspect or aspect in fact.aspects,
                not stars or fact.aspects.get(aspect) == int(stars),
                query.replied in (None, bool(fact.replies)),
                query.followed_up in (None, fact.followed_up),
                query.has_text in (None, fact.has_text),
                query.since is None or fact.month >= query.since,
                query.until is None or fact.month <= query.until,
            ]
        )

    def _topics(self, fact: Fact) -> set[str]:
        state_dir = self.world.settings.state_dir
        found = {topic for text in fact.own for topic in analyse(state_dir, text).topics}
        return set(topics_at(fact.stage, sorted(found)))


@pytest.fixture(scope="module", params=ENGINES)
def crowd(
    request: pytest.FixtureRequest,
    database_factory: DatabaseFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Crowd]:
    """Some dozens of reviews over four months and many places, among those of another product."""
    with (
        pytest.MonkeyPatch.context() as patch,
        database_factory.fresh(request.param) as url,
        built_world(url, tmp_path_factory.mktemp("crowd") / "state") as world,
    ):
        # Stored in the index, so the same for all that is asked of it.
        patch.setattr(tokens, "PLACE", 8)
        crowd = Crowd(world)
        for number in range(60):
            if number % 15 == 14:
                world.pass_time(days=30)
            if number % 4 == 3:
                world.submit(product=OTHER, text=crowd.text())
            elif number in (5, 33):
                crowd.add(text="理赔慢拒。")
            else:
                crowd.add(text=crowd.text() if number % 7 else None)
        yield crowd


@contextmanager
def bounds(**given: int) -> Iterator[None]:
    """Bounds of this size, and none of what was known of the tokens."""
    homes = {
        "RARE": rarity,
        "WALKED": statements,
        "RANKED": wall_search,
        "RANKED_CHARACTERS": wall_search,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setattr(homes.get(name, find), name, value)
        rarity._known.clear()
        yield
    rarity._known.clear()


#: Each from so small that nothing fits to so large that everything does.
some_bounds = st.fixed_dictionaries(
    {
        "RARE": st.sampled_from([-1, 4, 10_000]),
        "NEAR": st.integers(1, 5),
        "LOOKED": st.sampled_from([2, 12, 5_000]),
        "LOOKED_CHARACTERS": st.sampled_from([15, 60, 1_000_000]),
        "COUNTED": st.sampled_from([3, 9, 1_000]),
        "LOOKED_TO_COUNT": st.sampled_from([1, 7, 1_500]),
        "COUNTED_STRETCHES": st.integers(1, 4),
        "WALKED": st.sampled_from([3, 20, 8_192]),
        "RANKED": st.sampled_from([2, 7, 500]),
        "RANKED_CHARACTERS": st.sampled_from([30, 90, 300_000]),
        "_FIRST_CHUNK": st.integers(1, 4),
        "_CHUNK": st.integers(2, 9),
        "_CHARACTERS_AT_ONCE": st.sampled_from([1, 50, 100_000]),
    }
)
MONTHS = ("2026-02", "2026-03", "2026-04", "2026-05", "2026-06")


def nothing_or(*values: object) -> st.SearchStrategy[object]:
    return st.none() | st.sampled_from(values)


searches = st.builds(
    lambda **given: replace(
        WallQuery(SKU),
        **(given if given["q"] or given["sort"] != "relevant" else {**given, "q": "赔"}),
    ),
    q=nothing_or(*QUERIES),
    sort=st.sampled_from(ALL_SORTS),
    limit=st.integers(2, 7),
    stage=nothing_or(*STAGES),
    score=nothing_or(1, 2, 5),
    topic=nothing_or("service", "refusal", "claim_speed"),
    aspect=nothing_or("attitude", "attitude:3"),
    replied=nothing_or(True, False),
    followed_up=nothing_or(True, False),
    has_text=nothing_or(True, False),
    since=nothing_or(*MONTHS[:3]),
    until=nothing_or(*MONTHS[2:]),
)
#: Fewer filters at once, so that more than a handful is left.
wide_searches = st.builds(
    lambda query, **kept: replace(query, **kept),
    searches,
    stage=st.none(),
    score=st.none(),
    aspect=st.none(),
    since=st.none(),
    replied=st.none(),
)
#: Brute force tells what is wrong at once; shrinking it would take minutes.
examples = settings(max_examples=20, deadline=None, phases=[Phase.generate])


def page(world: World, query: WallQuery) -> WallPage:
    return world.read(lambda session: read_wall(session, query))


def pages(world: World, query: WallQuery) -> Iterator[tuple[str | None, WallPage]]:
    """All pages with the cursors that opened them."""
    for _ in range(2_000):
        found = page(world, query)
        assert len(found.reviews) <= query.limit
        yield query.after, found
        if found.next is None:
            return
        assert found.next != query.after
        query = replace(query, after=found.next)
    raise AssertionError("the pages do not end")


def shown(world: World, query: WallQuery) -> list[str]:
    return [review.id for _, found in pages(world, query) for review in found.reviews]


ORDERS: Mapping[Sort, Callable[[Fact], tuple[int, ...]]] = {
    "newest": lambda fact: (-fact.entry,),
    "oldest": lambda fact: (fact.entry,),
    "highest": lambda fact: (-fact.score, -fact.entry),
    "lowest": lambda fact: (fact.score, -fact.entry),
}


@given(searches | wide_searches, some_bounds)
@settings(examples, max_examples=60)
def test_the_pages_show_what_brute_force_finds(
    crowd: Crowd, query: WallQuery, bound: dict[str, int]
) -> None:
    expected = crowd.expected(query)
    with bounds(**bound):
        found = shown(crowd.world, query)
    if query.sort in ORDERS:
        assert found == [fact.id for fact in sorted(expected, key=ORDERS[query.sort])]
    else:
        assert sorted(found) == sorted(fact.id for fact in expected)


@given(searches | wide_searches, some_bounds)
@examples
def test_a_total_is_exact_or_not_too_high(
    crowd: Crowd, query: WallQuery, bound: dict[str, int]
) -> None:
    number = len(crowd.expected(query))
    with bounds(**bound):
        first = page(crowd.world, query)
    if first.total_is_exact:
        assert first.total == number
    else:
        assert first.total <= number


@given(searches | wide_searches)
@examples
def test_a_total_within_the_bounds_is_exact(crowd: Crowd, query: WallQuery) -> None:
    """Even where common tokens keep a page near: counting goes on."""
    with bounds(RARE=-1, NEAR=2, COUNTED_STRETCHES=100):
        first = page(crowd.world, query)
    assert (first.total, first.total_is_exact) == (len(crowd.expected(query)), True)


@given(wide_searches, some_bounds, st.integers(0, 12))
@examples
def test_what_arrives_between_pages_loses_and_repeats_nothing(
    crowd: Crowd, query: WallQuery, bound: dict[str, int], moment: int
) -> None:
    before = {fact.id for fact in crowd.expected(query)}
    found: list[str] = []
    with bounds(**bound):
        for number, (_, each) in enumerate(pages(crowd.world, query)):
            found += [review.id for review in each.reviews]
            if number == moment:
                for _ in range(3):
                    crowd.add(text="理赔慢拒赔，免赔额，客服态度claim 理快", stage=query.stage)
    assert len(found) == len(set(found))
    assert before <= set(found) <= {fact.id for fact in crowd.expected(query)}


@given(st.sampled_from(QUERIES), st.integers(2, 5), some_bounds)
@examples
def test_the_pages_of_a_ranking_are_parts_of_one(
    crowd: Crowd, q: str, limit: int, bound: dict[str, int]
) -> None:
    """What is ranked together is in the cursor: however many pages it takes, they are cut from the
    same order."""
    query = WallQuery(SKU, q=q, sort="relevant", limit=limit)
    if not parse(q).wanted:
        return
    rankings: dict[str | None, list[str]] = defaultdict(list)
    begin = None
    with bounds(**{**bound, "RANKED": min(bound["RANKED"], 40)}):
        for after, found in pages(crowd.world, query):
            if after is None or after.endswith("-0"):
                begin = after
            rankings[begin] += [review.id for review in found.reviews]
        for begin, parts in rankings.items():
            whole = page(crowd.world, replace(query, limit=50, after=begin))
            assert [review.id for review in whole.reviews] == parts


def test_the_most_relevant_page_of_what_is_not_ranked_at_once_goes_on(crowd: Crowd) -> None:
    with bounds(RANKED=3, LOOKED=5_000):
        found = [
            (after, [review.id for review in each.reviews])
            for after, each in pages(crowd.world, WallQuery(SKU, q="赔", sort="relevant", limit=2))
        ]
    assert [len(ids) for _, ids in found[:4]] == [2, 1, 2, 1]
    newest, oldest = (int(part) for part in (found[1][0] or "").split("-")[1:3])
    assert newest > oldest
    assert found[2][0] == f"r-{oldest - 1}-0-0"


@pytest.mark.parametrize("sort", ALL_SORTS)
def test_a_page_that_may_look_at_little_is_short_and_has_a_next(crowd: Crowd, sort: Sort) -> None:
    """Its tokens are in many texts, and it is in few."""
    query = WallQuery(SKU, q="理赔慢拒", sort=sort, limit=7)
    with bounds(LOOKED=2, _FIRST_CHUNK=1, _CHUNK=1, RARE=10_000):
        found = [each for _, each in pages(crowd.world, query)]
    assert any(len(each.reviews) < 7 and each.next for each in found)
    with bounds(LOOKED=5_000, LOOKED_CHARACTERS=1, _FIRST_CHUNK=1, _CHUNK=1, RARE=10_000):
        found = [each for _, each in pages(crowd.world, query)]
    assert any(len(each.reviews) < 7 and each.next for each in found)


@pytest.mark.parametrize("newest_first", [True, False])
def test_common_tokens_are_walked_and_then_looked_up(
    crowd: Crowd, newest_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL; SQLite has one way."""
    asked: list[int] = []
    ways = statements._ways

    def noted(*given: object, **named: object) -> object:
        found = ways(*given, **named)  # type: ignore[arg-type]
        asked.append(len(found))
        return found

    monkeypatch.setattr(statements, "_ways", noted)
    sort: Sort = "newest" if newest_first else "oldest"
    with bounds(RARE=-1, NEAR=3, WALKED=3):
        ids = shown(crowd.world, WallQuery(SKU, q="赔", sort=sort, limit=3))
    expected = [fact.id for fact in crowd.expected(WallQuery(SKU, q="赔"))]
    assert ids == (expected[::-1] if newest_first else expected)
    is_sqlite = crowd.world.settings.database_url.get_backend_name() == "sqlite"
    assert (2 in asked) is not is_sqlite


def test_counting_ends(crowd: Crowd) -> None:
    number = len(crowd.expected(WallQuery(SKU, q="赔")))
    assert number > 5
    with bounds(COUNTED=5):
        for query in (WallQuery(SKU, q="赔"), WallQuery(SKU, since="2026-01")):
            found = page(crowd.world, query)
            assert (found.total, found.total_is_exact) == (5, False)
    with bounds(COUNTED=number):
        found = page(crowd.world, WallQuery(SKU, q="赔"))
        assert (found.total, found.total_is_exact) == (number, True)
