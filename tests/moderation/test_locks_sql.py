"""What the locks compute in SQL is what Python computes."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.commitment import AUTHOR_DOMAIN, author_of
from insurance_reviews.moderation.locks.forms import score_object, string_list
from insurance_reviews.moderation.locks.speaker import speaker
from insurance_reviews.moderation.locks.sqlite_sha256 import sha256_of_key
from insurance_reviews.moderation.plain_text import TextFault, clean
from support.databases import ENGINES, DatabaseFactory


@pytest.fixture(scope="module", params=ENGINES)
def connection(
    request: pytest.FixtureRequest, database_factory: DatabaseFactory
) -> Iterator[Connection]:
    """One connection for all examples of a property."""
    with database_factory.empty(request.param) as url:
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            yield connection


def legal(raw: str) -> str | None:
    try:
        return clean(raw, longest=10_000)
    except TextFault:
        return None


legal_texts = st.text(max_size=40).map(legal).filter(lambda found: found is not None)
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)


@given(legal_texts, st.integers(-(2**53) + 1, 2**53 - 1))
@settings(deadline=None)
def test_a_leaf_that_sql_writes_is_canonical(
    connection: Connection, value: str, number: int
) -> None:
    """Any text that may stand in a report's authority or number, quotes and emoji included."""
    say = speaker(connection.dialect.name)
    expression = say.json_object(
        {
            "report_no": ("text", "CAST(:value AS TEXT)"),
            "at": ("integer", "CAST(:number AS BIGINT)"),
            "authority": ("text", "CAST(:value AS TEXT)"),
            "note": ("text", "CAST(NULL AS TEXT)"),
        }
    )
    found = connection.scalar(text(f"SELECT {expression}"), {"value": value, "number": number})
    expected = {"report_no": value, "authority": value, "at": number, "note": None}
    assert str(found).encode() == canonical.dumps(expected)


@given(texts.map(lambda found: unicodedata.normalize("NFC", found)))
@settings(deadline=None)
def test_control_characters_can_only_be_refused(connection: Connection, value: str) -> None:
    """What no text of ours may hold makes a leaf differ, never another one equal."""
    say = speaker(connection.dialect.name)
    expression = say.json_object({"name": ("text", "CAST(:value AS TEXT)")})
    found = str(connection.scalar(text(f"SELECT {expression}"), {"value": value}))
    if legal(value) == value:
        assert found.encode() == canonical.dumps({"name": value})
    else:
        assert found == canonical.dumps({"name": value}).decode() or not is_json(found)


def is_json(found: str) -> bool:
    try:
        json.loads(found)
    except ValueError:
        return False
    return True


ids = st.text("abcdefghijklmnopqrstuvwxyz234567_", min_size=1, max_size=29)


@given(st.lists(ids, min_size=1, max_size=5))
@settings(deadline=None)
def test_a_canonical_list_is_written_as_it_is(connection: Connection, names: list[str]) -> None:
    say = speaker(connection.dialect.name)
    written = canonical.dumps(names).decode()
    expression = string_list("CAST(:json AS TEXT)", say)
    assert connection.scalar(text(f"SELECT {expression}"), {"json": written}) == written


aspects = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True), st.integers(1, 5), max_size=6
)


@given(aspects)
@settings(deadline=None)
def test_canonical_scores_are_written_as_they_are(
    connection: Connection, scores: dict[str, int]
) -> None:
    """The order of keys too, whatever the database's collation."""
    say = speaker(connection.dialect.name)
    written = canonical.dumps(scores).decode()
    expression = score_object("CAST(:json AS TEXT)", say)
    assert connection.scalar(text(f"SELECT {expression}"), {"json": written}) == written


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        yield connection


@given(st.binary(min_size=32, max_size=32))
@settings(deadline=None, max_examples=50)
def test_sqlite_hashes_an_author_key(sqlite: sqlite3.Connection, key: bytes) -> None:
    statement = f"SELECT {sha256_of_key(AUTHOR_DOMAIN, '?1')}"
    (found,) = sqlite.execute(statement, [key.hex()]).fetchone()
    assert found == author_of(key.hex())


@pytest.mark.parametrize("length", [0, 1, 22, 23, 24, 31, 32, 33, 86, 87, 88, 150])
def test_sqlite_hashes_any_domain(sqlite: sqlite3.Connection, length: int) -> None:
    """Messages that end before, at and after the bounds of SHA-256's blocks and padding."""
    domain, key = bytes(range(1, length + 1)), bytes(range(32))
    (found,) = sqlite.execute(f"SELECT {sha256_of_key(domain, '?1')}", [key.hex()]).fetchone()
    assert found == hashlib.sha256(domain + key).hexdigest()
