"""What a review costs beside a durable one-row INSERT on the same engine."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator

from measure import compare
from places import ENGINES, PRODUCTS, Places, invite
from report import Figure
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert
from sqlalchemy.orm import Session

from insurance_reviews.moderation.ids import new_id
from insurance_reviews.plugin.database import writing
from insurance_reviews.plugin.services.reviews import ReviewInput, Submitted, submit_review
from support.sessions import unauthorized
from support.world import World

#: 61 characters, about what people write.
TEXT = (
    "报案三天后查勘员才来，定损时没有说明自费药不赔，资料前后交了三次，"
    "最后一次还是自己跑到柜台去补的，整整等了一个半月才到账。"
)
GOALS = {"sqlite": 4.0, "postgresql": 6.0}
MOST_ROUND_TRIPS = 7

#: What the base inserts into: a key, a number and a text, as plain as a table of reviews can be.
#: Its name is one of those that an application connection may write to on SQLite.
_base = Table(
    "insurance_reviews_search_index_bench",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("score", Integer, nullable=False),
    Column("text", Text, nullable=False),
)


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """The ratio on both engines, and the round trips under the lock on PostgreSQL."""
    rounds, turns = (3, 30) if quick else (9, 150)
    for engine, title in ENGINES.items():
        with places.world(engine) as world:
            yield _ratio(world, engine, f"one submission, {title}", rounds, turns)
            if engine == "postgresql":
                yield _round_trips(world)
            world.check()


def given(token: str) -> ReviewInput:
    """A review with everything in it."""
    return ReviewInput(token, 4, {"speed": 2, "attitude": 5}, TEXT, display_name="欧阳小明")


def submit(world: World, token: str) -> Submitted:
    """A submission as the adapters make it."""
    return world.write(lambda s: submit_review(s, world.context, given(token), world.now))


def _ratio(world: World, engine: str, title: str, rounds: int, turns: int) -> Figure:
    tokens = iter(invite(world, [PRODUCTS["anxin"]], rounds * turns + turns))
    connect = writing(world.unit_of_work.engine)
    with connect.begin() as connection, unauthorized(connection):
        _base.create(connection)
    statement = insert(_base)

    def base() -> None:
        with connect.begin() as connection:
            connection.execute(statement, {"id": new_id("rv"), "score": 4, "text": TEXT})

    compared = compare(
        {"base": base, "ours": lambda: submit(world, next(tokens))},
        "base",
        rounds=rounds,
        turns=turns,
        title=title,
    )
    ours, goal = compared["ours"], GOALS[engine]
    return Figure(
        title,
        ours.seconds * 1e3,
        "ms",
        ours.ratio,
        ours.low,
        ours.high,
        goal=f"≤ {goal:g} ×",
        number=5,
        note=f"durable INSERT {compared['base'].seconds * 1e3:.2f} ms",
    )


def _round_trips(world: World) -> Figure:
    """Count what libpq itself reports: the server says ReadyForQuery once per round trip.

    Counted from the statement that takes the log's lock, whose own answer is the first, to the
    COMMIT that gives it back.
    """
    token = invite(world, [PRODUCTS["anxin"]], 1)[0]
    for warm in invite(world, [PRODUCTS["anxin"]], 10):
        submit(world, warm)  # psycopg prepares a statement when it has seen it five times

    def work(session: Session) -> str:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        with tempfile.TemporaryFile("w+") as trace:
            driver.pgconn.trace(trace.fileno())
            submit_review(session, world.context, given(token), world.now)
            driver.pgconn.untrace()
            trace.seek(0)
            return trace.read()

    trips = count_round_trips(world.write(work)) + 1  # the COMMIT, after ``work``
    return Figure(
        "round trips under the lock, PostgreSQL",
        trips,
        "",
        goal=f"≤ {MOST_ROUND_TRIPS}",
        number=5,
    )


def count_round_trips(trace: str) -> int:
    """The ReadyForQuery messages in libpq's trace from the lock's statement on."""
    held = trace.partition("pg_advisory_xact_lock")[2]
    return len(re.findall(r"^.*\tB\t\d+\tReadyForQuery", held, flags=re.MULTILINE))
