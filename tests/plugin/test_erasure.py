"""What was removed is gone from the files: no word, no name, no salt, at no place of them."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text

from insurance_reviews.moderation.schema import content
from insurance_reviews.plugin import erasure
from insurance_reviews.plugin.backup.journal import RemovedItems
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.erasure import ErasureIncomplete, erase, waiting_erasures
from insurance_reviews.plugin.outbox import mark_done
from insurance_reviews.plugin.schema import SEARCH_INDEX
from insurance_reviews.plugin.services.moderation import erase_private_words
from insurance_reviews.plugin.services.reviews import Submitted
from support.raw import raw_bytes
from support.world import World

LENGTHS = (0, 30, 120, 400, 1_200, 4_900)


@dataclass
class Written:
    """A review, and byte strings that occur nowhere but in its words."""

    review: Submitted
    text: str
    traces: list[bytes]


class Writer:
    """Writes texts of rare words, which no engine can compress."""

    def __init__(self, world: World, seed: int = 1) -> None:
        self.world = world
        self._random = random.Random(seed)

    def word(self, length: int = 14) -> str:
        return "".join(self._random.choices(string.ascii_lowercase, k=length))

    def review(self, length: int) -> Written:
        """A review of about ``length`` Chinese characters between three rare words."""
        filling = [
            "".join(map(chr, self._random.choices(range(0x4E00, 0x9FA5), k=length // 2)))
        ] * 2
        words = [self.word() for _ in range(3)]
        written = f"{words[0]} {filling[0]} {words[1]} {filling[1][::-1]} {words[2]}"
        name = "Q" + self.word()
        review = self.world.submit(text=written, display_name=name, confirm_personal_data=True)
        return Written(review, written, [word.encode() for word in words])

    def reviews(self, count: int) -> list[Written]:
        found = [self.review(self._random.choice(LENGTHS)) for _ in range(count)]
        for one in found:
            one.traces.append(self.salt(one.review))
        return found

    def salt(self, review: Submitted) -> bytes:
        item = self.world.item_of(review)
        salt = self.world.read(
            lambda session: session.scalar(select(content.c.salt).where(content.c.item == item))
        )
        assert salt is not None
        return bytes(salt)


def traces(written: list[Written]) -> set[bytes]:
    return {trace for one in written for trace in one.traces}


def left(world: World, wanted: set[bytes]) -> set[bytes]:
    """Which of ``wanted`` occur in the files."""
    raw = raw_bytes(world.settings.database_url.render_as_string(hide_password=False))
    return {trace for trace in wanted if trace in raw}


def jobs(world: World) -> list[dict[str, str]]:
    return [dict(job.payload) for job in world.read(waiting_erasures)]


def test_nothing_of_a_removed_text_is_left_in_the_files(world: World) -> None:
    """By each of the three ways, among many texts of every length, after pages were split."""
    writer = Writer(world)
    written = writer.reviews(150)
    gone, redacted, kept = written[:40], written[40:44], written[44:]
    for one in gone[:36]:
        world.withdraw(one.review)
    for one in gone[36:]:
        world.remove(one.review)
    for one in redacted:
        # What stays are the first rare word and what follows it.
        end = len(one.text) - 14
        blot = one.text[:end] + "█" * 14
        world.remove(one.review, redacted=blot)
        one.traces[:] = one.traces[2:]
    assert left(world, traces(gone)), "before the erasure they can be found, or nothing is proven"
    erase(world.settings.database_url)
    assert left(world, traces(gone + redacted)) == set()
    assert left(world, traces(kept)), "what still stands is found, or the search looks nowhere"


def test_reasons_and_follow_ups_go_as_well(world: World) -> None:
    writer = Writer(world)
    one = writer.reviews(1)[0]
    reasons, added, note = (writer.word() for _ in range(3))
    world.follow_up(one.review, added, confirm_personal_data=True)
    report = world.report(one.review, reasons=reasons).id
    world.acknowledge(report, note=note)
    world.remove(one.review, report)
    world.withdraw(one.review)
    world.write(
        lambda session: erase_private_words(session, world.context, "anxin", report, world.now)
    )
    words = {word.encode() for word in (reasons, added, note)} | traces([one])
    assert left(world, words)
    erase(world.settings.database_url)
    assert left(world, words) == set()


def test_no_token_of_a_removed_text_is_left_in_the_index(world: World) -> None:
    """Characters and pairs are tokens of the index, stored apart from the text. These characters
    are in no dictionary and in no other text."""
    rare = "\U00020bb7\U0002070e\U00020731\U00020779"
    Writer(world).reviews(20)
    review = world.submit(text=f"理赔{rare}很慢")
    tokens = {character.encode() for character in rare}
    assert left(world, tokens), "before the erasure they can be found, or nothing is proven"
    world.withdraw(review)
    erase(world.settings.database_url)
    assert left(world, tokens) == set()


@contextmanager
def reading(world: World, table: str) -> Iterator[Callable[[], None]]:
    """Somebody who reads ``table`` and does not end the transaction; the call ends it."""
    engine = make_engine(world.settings.database_url)
    with closing(engine.connect()) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(text(f"SELECT count(*) FROM insurance_reviews_{table}"))
        yield connection.rollback
    engine.dispose()


@pytest.mark.parametrize("table", ["content", "insurer"])
def test_who_still_reads_the_old_state_is_named_and_waited_for(
    world: World, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "WAIT_FOR_READERS", 200)
    monkeypatch.setattr(erasure, "LOCK_TIMEOUT", "200ms")
    one = Writer(world).reviews(1)[0]
    with reading(world, table) as stop:
        world.withdraw(one.review)
        with pytest.raises(ErasureIncomplete, match=r"still reads|in use|still visible"):
            erase(world.settings.database_url)
        assert left(world, traces([one])), "it was right to complain"
        stop()
        erase(world.settings.database_url)
    assert left(world, traces([one])) == set()


def test_writers_go_on_afterwards(world: World) -> None:
    world.withdraw(world.submit())
    done = erase(world.settings.database_url)
    assert done.engine == world.settings.database_url.get_backend_name()
    assert done.size > 0
    assert world.submit().entry.index > 0


def test_large_files_wait_for_a_quiet_hour(world: World) -> None:
    with pytest.raises(ErasureIncomplete, match="flask reviews erase"):
        erase(world.settings.database_url, limit=1000)


def test_an_erasure_is_queued_with_each_removal(world: World) -> None:
    """In its transaction; the ids are in the journal at once, and words are in neither."""
    first, second, third = (world.submit() for _ in range(3))
    world.follow_up(second)
    expected = [[world.item_of(first)], [t.item for t in world.own(second).texts]]
    expected.append([world.item_of(third)])
    world.remove(first)
    world.withdraw(second)
    world.remove(third, redacted="█" + "报案三天后查勘员才来，定损时没有说明自费药不赔。"[1:])
    queued = [job["items"].split() for job in jobs(world)]
    assert sorted(queued) == sorted(sorted(items) for items in expected)
    assert {job["insurer"] for job in jobs(world)} == {"anxin"}
    journal = RemovedItems(world.settings.state_dir)
    assert journal.read("anxin") == {item for items in expected for item in items}
    assert journal.read("boshan") == set()


def test_what_is_rolled_back_is_not_remembered(world: World) -> None:
    review = world.submit()
    with pytest.raises(RuntimeError), _failing_commits(world):
        world.withdraw(review)
    assert jobs(world) == []
    assert RemovedItems(world.settings.state_dir).read("anxin") == set()


@contextmanager
def _failing_commits(world: World) -> Iterator[None]:
    """Every write fails after its work is done."""
    write = world.unit_of_work.write

    def failing(work: Callable[..., object]) -> object:
        def then_fail(session: object) -> None:
            work(session)
            raise RuntimeError("the disk is full")

        return write(then_fail)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world, "unit_of_work", _Writing(failing))
        yield


@dataclass
class _Writing:
    write: Callable[..., object]


def test_the_waiting_jobs_are_closed_by_hand(world: World) -> None:
    world.withdraw(world.submit())
    waiting = world.read(waiting_erasures)
    assert len(waiting) == 1
    for job in waiting:
        world.write(lambda session: mark_done(session, job, world.now))  # noqa: B023
    assert world.read(waiting_erasures) == []


def test_the_journal_survives_a_torn_line(tmp_path: Path) -> None:
    journal = RemovedItems(tmp_path)
    journal.add("anxin", ["it_a", "it_b"])
    path = tmp_path / "erased" / "anxin.items"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("it_a\nit_b\nit_", "ascii")
    journal.add("anxin", ["it_b", "it_c"])
    assert journal.read("anxin") == {"it_a", "it_b", "it_", "it_c"}
    assert path.read_text("ascii") == "it_a\nit_b\nit_\nit_c\n"


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_who_may_not_rewrite_the_tables_is_told_so(world: World) -> None:
    """PostgreSQL only warns, and leaves everything as it was. The right can be given."""
    one = Writer(world).reviews(1)[0]
    world.withdraw(one.review)
    url = world.settings.database_url
    visitor = url.set(username="erasure_visitor")
    admin = psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    )
    with closing(admin):
        admin.execute("CREATE ROLE erasure_visitor LOGIN")
        admin.execute("GRANT USAGE ON SCHEMA insurance_reviews TO erasure_visitor")
        with pytest.raises(ErasureIncomplete, match="--admin-url"):
            erase(visitor)
        assert left(world, traces([one]))
        tables = [*(table.name for table in erasure.ERASED_TABLES), SEARCH_INDEX]
        names = ", ".join(tables)
        admin.execute("SET search_path = insurance_reviews")
        admin.execute(f"GRANT MAINTAIN ON {names} TO erasure_visitor")
        erase(visitor)
        assert left(world, traces([one])) == set()
        admin.execute("DROP OWNED BY erasure_visitor")
        admin.execute("DROP ROLE erasure_visitor")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_look_at_the_file_finds_what_a_page_split_left_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row of words is recognised wherever it lies; a deleted one fails the erasure."""
    written = Writer(world).reviews(30)
    file = Path(world.settings.database_url.database or "")
    erase(world.settings.database_url)
    items = {world.item_of(one.review) for one in written}
    assert erasure.rows_of_words(file) >= items
    world.withdraw(written[0].review)
    monkeypatch.setattr(
        erasure, "rows_of_words", lambda path, find=erasure.rows_of_words: find(path) | {"it_left"}
    )
    with pytest.raises(ErasureIncomplete, match="it_left"):
        erase(world.settings.database_url)
