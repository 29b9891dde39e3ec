"""A backup is the whole house; what comes back is the same log, on either engine, without the words
that were removed since."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select, text

from insurance_reviews.moderation import schema as floor
from insurance_reviews.moderation.errors import LogBehind
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.backup import locks
from insurance_reviews.plugin.backup.archive import (
    MANIFEST,
    PART,
    ArchiveReader,
    BackupError,
    Manifest,
    reading_archive,
)
from insurance_reviews.plugin.backup.journal import RemovedItems
from insurance_reviews.plugin.backup.layout import DERIVED, LOGGED, PLAIN
from insurance_reviews.plugin.backup.restore import Restored, owners_engine, restore_backup
from insurance_reviews.plugin.backup.save import save_backup
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.services.catalogue import issue_token
from insurance_reviews.plugin.services.policy_events import Holder
from support.backups import moved
from support.databases import ENGINES, DatabaseFactory
from support.world import TEXT, World

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.fixture
def another(database_factory: DatabaseFactory) -> Iterator[Callable[[str], str]]:
    """``another(engine)`` is the URL of one more migrated database."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(database_factory.fresh(name))


def live_on(world: World) -> None:
    """One of everything that can happen."""
    holder = Holder(name="王小明", email="wang@example.cn")
    world.record(world.event("boshan-motor", holder=holder))
    plain, starred = world.submit(), world.submit(text=None, product="chunhe-motor")
    assert starred.entry.index > 0
    removed, redacted, twice = (world.submit(text=TEXT, score=n) for n in (1, 2, 3))
    withdrawn = world.submit(product="boshan-medical", stage="renewal", aspects={"ease": 5})
    world.follow_up(plain)
    world.follow_up(withdrawn)
    for review in (plain, removed, withdrawn):
        world.pass_time(hours=5)
        world.reply(review)
    world.reply(plain, "再说一次。")
    report = world.report(removed)
    world.acknowledge(report.id, note="已收到，\u2028“同意”。")
    world.acknowledge(report.id, "disputed")
    world.remove(removed, report.id)
    world.remove(redacted, redacted=TEXT.replace("查勘员", "███"))
    world.remove(twice, redacted=TEXT.replace("查勘员", "███"))
    world.remove(twice, redacted=TEXT.replace("查勘员", "███").replace("自费药", "███"))
    world.withdraw(withdrawn)
    world.write(lambda session: issue_token(session, "insurer", "anxin", world.now, label="甲"))


def save(world: World, target: Path) -> Manifest:
    return save_backup(world.unit_of_work.engine, target, world.now)


def restore(world: World, source: Path, url: str, removed: set[str] | None = None) -> Restored:
    with reading_archive(source) as archive:
        return restore_backup(
            make_url(url),
            archive,
            removed or set(),
            world.now,
            state_dir=world.settings.state_dir,
            contact_days=180,
        )


Snapshot = dict[str, list[tuple[Any, ...]]]


def evidence(world: World) -> Snapshot:
    """Every row, but for the product's revision, which says only which page is fresh."""
    rows = world.snapshot()
    rows[schema.product_state.name] = [
        (sku, removals, withdrawals)
        for sku, _, removals, withdrawals in rows[schema.product_state.name]
    ]
    # Nobody speaks any more of what only a removed text spoke of.
    topics = schema.topic_count.name
    rows[topics] = [row for row in rows[topics] if row[-1]]
    return rows


def test_every_table_is_saved_or_computed() -> None:
    known = [*PLAIN, *(part.table for part in LOGGED), *DERIVED]
    assert len(known) == len(set(known))
    assert {table.name for table in known} == {
        table.name for table in schema.metadata.sorted_tables
    }


@pytest.mark.parametrize("target", ENGINES)
def test_what_comes_back_is_the_same_to_the_bit(
    world: World, another: Callable[[str], str], tmp_path: Path, target: str
) -> None:
    """On both engines and across; the log goes on where it stood, under the same keys."""
    live_on(world)
    manifest = save(world, tmp_path / "b.zip")
    assert manifest.engine == world.settings.database_url.get_backend_name()
    url = another(target)
    done = restore(world, tmp_path / "b.zip", url)
    assert done.rows == manifest.rows
    assert done.left_out == ()
    with moved(world, url) as again:
        assert evidence(again) == evidence(world)
        again.check()
        review = again.submit()
        again.remove(review)
        again.check()
    world.tamper("another database has gone on with this log")


def test_a_backup_of_a_restored_database_is_the_same(
    world: World, another: Callable[[str], str], tmp_path: Path
) -> None:
    live_on(world)
    first = save(world, tmp_path / "1.zip")
    url = another(OTHER[first.engine])
    restore(world, tmp_path / "1.zip", url)
    with moved(world, url) as again:
        second = save(again, tmp_path / "2.zip")
    assert second.tables == first.tables
    assert second.logs == first.logs


def test_writers_go_on_while_a_backup_is_made(
    world: World, another: Callable[[str], str], tmp_path: Path
) -> None:
    """It holds one state: every table as of the same moment."""
    live_on(world)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            world.submit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        manifests = [save(world, tmp_path / f"{number}.zip") for number in range(5)]
    finally:
        stop.set()
        writer.join()
    assert manifests[-1].logs[0].size > manifests[0].logs[0].size
    url = another("sqlite")
    restore(world, tmp_path / "4.zip", url)


def test_a_lock_that_was_set_aside_is_back(
    world: World, another: Callable[[str], str], tmp_path: Path
) -> None:
    """To the letter: a new connection compares our schema with the shipped one."""
    live_on(world)
    save(world, tmp_path / "b.zip")
    for name in ENGINES:
        url = another(name)
        before = triggers(url)
        assert len(before) > 40
        restore(world, tmp_path / "b.zip", url)
        assert triggers(url) == before


def triggers(url: str) -> list[Any]:
    engine = make_engine(url)
    queries = {
        "sqlite": "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name",
        "postgresql": "SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal "
        "ORDER BY tgname",
    }
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(queries[engine.dialect.name]))]
    engine.dispose()
    return found


# --- what was removed does not return ------------------------------------------------------------


def test_removed_texts_do_not_return_from_an_older_backup(
    world: World, another: Callable[[str], str], tmp_path: Path
) -> None:
    """The journal beside the database knows them, although the backup still has the words."""
    kept, removed, redacted, withdrawn = (world.submit() for _ in range(4))
    items = {world.item_of(review): review for review in (removed, redacted, withdrawn)}
    save(world, tmp_path / "b.zip")
    world.remove(removed)
    world.remove(redacted, redacted=TEXT.replace("查勘员", "███"))
    world.withdraw(withdrawn)
    journal = RemovedItems(world.settings.state_dir).read("anxin")
    assert journal == set(items)
    url = another(world.settings.database_url.get_backend_name())
    done = restore(world, tmp_path / "b.zip", url, set(journal))
    assert set(done.left_out) == set(items)
    with moved(world, url) as again:
        present = again.read(lambda session: session.scalars(select(floor.content.c.item)).all())
        assert set(present) == {world.item_of(kept)}
        assert sorted(again.findings()) == sorted(
            f"shop.example/reviews/log/anxin: the words of {item} are gone without a removal"
            for item in items
        )
        # What was signed meanwhile is missing, so nobody signs.
        with pytest.raises(LogBehind):
            again.submit()


def test_the_journal_changes_nothing_about_a_newer_backup(
    world: World, another: Callable[[str], str], tmp_path: Path
) -> None:
    live_on(world)
    save(world, tmp_path / "b.zip")
    journal = RemovedItems(world.settings.state_dir)
    known = journal.read("anxin") | journal.read("boshan")
    assert len(known) >= 5
    url = another("sqlite")
    assert restore(world, tmp_path / "b.zip", url, set(known)).left_out == ()
    with moved(world, url) as again:
        assert evidence(again) == evidence(world)
        again.check()


def test_contacts_whose_time_is_over_do_not_return(
    world: World, another: Callable[[str], str], tmp_path: Path
) -> None:
    for name in ("甲", "乙"):
        world.record(world.event(holder=Holder(name=name, email="a@example.cn")))
        world.pass_time(days=100)
    save(world, tmp_path / "b.zip")
    url = another("sqlite")
    restore(world, tmp_path / "b.zip", url)
    with moved(world, url) as again:
        names = again.read(lambda s: s.scalars(select(schema.holder_contact.c.name)).all())
    assert names == ["乙"]


def test_delivered_jobs_stay_behind(world: World, tmp_path: Path) -> None:
    live_on(world)
    world.write(lambda session: session.execute(schema.outbox.update().values(done_at=1)))
    save(world, tmp_path / "b.zip")
    with reading_archive(tmp_path / "b.zip") as archive:
        assert list(archive.rows("outbox")) == []


# --- refusals ------------------------------------------------------------------------------------


@pytest.fixture
def saved(world: World, tmp_path: Path) -> Path:
    live_on(world)
    save(world, tmp_path / "b.zip")
    return tmp_path / "b.zip"


def test_a_backup_is_private_and_complete_or_not_there(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b.zip"
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
        with pytest.raises(BackupError, match="No space left"):
            save(world, target)
    assert [path.name for path in tmp_path.iterdir() if "b.zip" in path.name] == []
    save(world, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    before = target.read_bytes()
    with pytest.raises(BackupError, match="exists"):
        save(world, target)
    assert target.read_bytes() == before
    assert not list(tmp_path.glob(f"*{PART}"))


def test_what_came_meanwhile_is_not_overwritten(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b.zip"
    link = os.link

    def late(part: Path, to: Path) -> None:
        target.write_text("another backup")
        link(part, to)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(BackupError, match="cannot be written"):
        save(world, target)
    assert target.read_text() == "another backup"


def test_a_file_system_without_links_will_do(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    manifest = save(world, tmp_path / "b.zip")
    with reading_archive(tmp_path / "b.zip") as archive:
        assert archive.manifest == manifest


def test_no_key_is_in_a_backup(world: World, saved: Path) -> None:
    private = (world.settings.state_dir / "keys" / "anxin.key").read_text("ascii").strip()
    with zipfile.ZipFile(saved) as archive:
        text_of_all = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (private, private.split("+", 4)[4], world.settings.policy_key.hex()):
        assert secret.encode() not in text_of_all


def test_a_damaged_backup_is_refused(world: World, saved: Path, tmp_path: Path) -> None:
    data = saved.read_bytes()
    damaged = tmp_path / "damaged.zip"
    for wrong in (b"", data[: len(data) // 2], data[:-100], b"no zip at all"):
        damaged.write_bytes(wrong)
        with pytest.raises(BackupError), reading_archive(damaged):
            pass
    with pytest.raises(BackupError, match="there is no"), reading_archive(tmp_path / "nothing"):
        pass
    for place in range(100, len(data) // 2, len(data) // 23):
        flipped = bytearray(data)
        flipped[place] ^= 0x40
        damaged.write_bytes(flipped)
        try:
            with reading_archive(damaged) as archive:
                assert read_all(archive) == read_all_of(saved), "only what nobody reads may differ"
        except BackupError:
            pass


def read_all(archive: ArchiveReader) -> list[Any]:
    return [list(archive.rows(name)) for name in archive.manifest.tables]


def read_all_of(source: Path) -> list[Any]:
    with reading_archive(source) as archive:
        return read_all(archive)


Change = Callable[[dict[str, list[Any]], dict[str, Any]], object]


def rewritten(source: Path, target: Path, change: Change) -> Path:
    """The backup with its rows or its manifest changed, and all hashes made right again."""
    with zipfile.ZipFile(source) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        tables = {
            name: [json.loads(line) for line in archive.read(f"tables/{name}.jsonl").splitlines()]
            for name in manifest["tables"]
        }
    change(tables, manifest)
    with zipfile.ZipFile(target, "w") as archive:
        for name, rows in tables.items():
            data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
            archive.writestr(f"tables/{name}.jsonl", data)
            manifest["tables"][name] = {"rows": len(rows), "sha256": sha256(data).hexdigest()}
        archive.writestr(MANIFEST, json.dumps(manifest))
    return target


def _score(tables: dict[str, list[Any]], _: Any) -> None:
    tables["review"][0][2]["score"] = 5 if tables["review"][0][2]["score"] != 5 else 4


def _words(tables: dict[str, list[Any]], _: Any) -> None:
    tables["content"][0][2]["body"] = '{"name":"欧阳**","text":"一切都好。"}'


def _redacted_words(tables: dict[str, list[Any]], _: Any) -> None:
    for _, _, row in tables["content"]:
        if "█" in row["body"]:
            row["body"] = row["body"].replace("█", "▓")


def _report_elsewhere(tables: dict[str, list[Any]], _: Any) -> None:
    tables["report_item"][0][2]["item"] = tables["report_item"][1][2]["item"]


TAMPERINGS: dict[str, tuple[Change, str]] = {
    "score": (_score, "differs from its log entry"),
    "words": (_words, "not those committed to"),
    "redaction": (_redacted_words, "not those committed to"),
    "report": (_report_elsewhere, "no report names this text"),
    "lost review": (
        lambda t, _: t["review"].pop(),
        "FOREIGN KEY|foreign key|IR|without a row|is another item",
    ),
    "lost entry": (lambda t, _: t["log_entry"].pop(), "differs from its log entry"),
    "lost words": (lambda t, _: t["content"].pop(0), "gone without a removal"),
    "lost checkpoints": (lambda t, _: t["log_checkpoint"].clear(), "not signed"),
    "another root": (
        lambda _, m: m["logs"][0].update(root="00" * 32),
        "not the .* entries that were saved",
    ),
    "no row": (lambda t, _: t["review"][0].pop(), "none of ours"),
    "another column": (lambda t, _: t["insurer"][0].update(secret=1), "other columns"),
    "no number": (lambda t, _: t["review"][0][2].update(score="five"), "refuses"),
}


def test_a_backup_that_was_tampered_with_leaves_the_database_empty(
    world: World, saved: Path, another: Callable[[str], str], tmp_path: Path
) -> None:
    """Although its hashes are right: the locks and the check know better."""
    url = another(world.settings.database_url.get_backend_name())
    before = triggers(url)
    with moved(world, url) as again:
        for name, (change, said) in TAMPERINGS.items():
            bad = rewritten(saved, tmp_path / f"{name}.zip", change)
            with pytest.raises(BackupError, match=said):
                restore(world, bad, url)
            assert not any(again.snapshot().values()), name
    restore(world, saved, url)
    assert triggers(url) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _, m: m.update(format="other/2"), "another format"),
        (lambda _, m: m.pop("logs"), "manifest"),
        (lambda _, m: m.update(schema="0001"), "schema 0001"),
    ],
    ids=["format", "manifest", "schema"],
)
def test_a_backup_of_another_kind_is_refused(
    world: World, saved: Path, tmp_path: Path, change: Change, said: str
) -> None:
    bad = rewritten(saved, tmp_path / "bad.zip", change)
    url = world.settings.database_url.render_as_string(hide_password=False)
    with pytest.raises(BackupError, match=said):
        restore(world, bad, url)


def test_an_interrupted_restore_leaves_the_database_empty(
    world: World, saved: Path, another: Callable[[str], str]
) -> None:
    url = another(world.settings.database_url.get_backend_name())
    before = triggers(url)

    def interrupt(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with reading_archive(saved) as archive, pytest.raises(KeyboardInterrupt):
        restore_backup(
            make_url(url),
            archive,
            set(),
            world.now,
            state_dir=world.settings.state_dir,
            contact_days=180,
            progress=interrupt,
        )
    with moved(world, url) as again:
        assert not any(again.snapshot().values())
    assert triggers(url) == before


def test_a_database_with_rows_is_not_restored_into(world: World, saved: Path) -> None:
    url = world.settings.database_url.render_as_string(hide_password=False)
    before = world.snapshot()
    with pytest.raises(BackupError, match="not empty"):
        restore(world, saved, url)
    assert world.snapshot() == before


def test_a_database_without_schema_is_neither_saved_nor_restored_into(
    world: World, saved: Path, empty_database_url: str, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="db upgrade"):
        restore(world, saved, empty_database_url)
    engine = make_engine(empty_database_url)
    with pytest.raises(BackupError, match="db upgrade"):
        save_backup(engine, tmp_path / "c.zip", world.now)
    engine.dispose()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_missing_lock_is_missed(world: World, saved: Path, tmp_path: Path) -> None:
    url = tmp_path / "copy.db"
    with closing(sqlite3.connect(world.settings.database_url.database or "")) as source:
        source.execute("VACUUM INTO ?", [str(url)])
    with closing(sqlite3.connect(url)) as copy:
        copy.execute(f"DROP TRIGGER {floor.PREFIX}report_item_named")
        copy.commit()
    owner = owners_engine(make_url(f"sqlite:///{url}"))
    with (
        owner.begin() as connection,
        pytest.raises(BackupError, match="doctor"),
        locks.without_comparisons(connection),
    ):
        pass
    owner.dispose()
