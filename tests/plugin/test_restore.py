"""The commands, and what a restore learns of removals from elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import make_url, select

from insurance_reviews import migrations
from insurance_reviews.moderation.schema import content
from insurance_reviews.plugin import erasure
from insurance_reviews.plugin.backup.archive import BackupError, reading_archive
from insurance_reviews.plugin.backup.removals import removed_items
from insurance_reviews.plugin.cli.backup import backup_command, erase_command, restore_command
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.erasure import waiting_erasures
from insurance_reviews.plugin.hardening.harden import harden
from insurance_reviews.plugin.schema import review as review_table
from insurance_reviews.plugin.services.reviews import Submitted
from insurance_reviews.plugin.unit_of_work import UnitOfWork
from support.backups import mirror
from support.databases import DatabaseFactory
from support.host import Host, mounted
from support.live import serve
from support.raw import raw_bytes
from support.world import context_for, settings_for

Run = Callable[..., Result]
RARE = "qvzxkwjpyqbd"


def command(app: Flask, which: Any, *arguments: str) -> Result:
    return CliRunner().invoke(which, arguments, obj=ScriptInfo(create_app=lambda: app))


def said(result: Result, code: int = 0) -> str:
    assert "Traceback" not in result.output
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


@contextmanager
def application(host: Host, url: str, state: Path) -> Iterator[Flask]:
    """The same shop on the database at ``url``, with keys and checkpoints in ``state``."""
    settings = settings_for(url, state)
    work = UnitOfWork(make_engine(url))
    world = replace(host.world, settings=settings, context=context_for(settings), unit_of_work=work)
    try:
        with mounted(world) as other:
            yield other.app
    finally:
        work.engine.dispose()


@pytest.fixture
def fresh_host(host: Host, database_factory: DatabaseFactory) -> Iterator[Callable[..., Flask]]:
    """``fresh_host(state_dir)`` is the same shop on a new, empty database."""
    engine = host.world.settings.database_url.get_backend_name()
    with ExitStack() as stack:
        url = stack.enter_context(database_factory.fresh(engine))
        here = host.world.settings.state_dir
        yield lambda state=here: stack.enter_context(application(host, url, state))


def words(app: Flask) -> list[str]:
    with app.app_context(), get_state().work.reading() as session:
        return list(session.scalars(select(content.c.body)))


def lose_after_a_removal(host: Host, source: Path) -> Submitted:
    """A backup, and then a removal that it does not know of."""
    world = host.world
    gone = world.submit(text=f"理赔员 {RARE} 很慢。", confirm_personal_data=True)
    world.submit(text="留下的话。")
    said(command(host.app, backup_command, str(source)))
    world.remove(gone)
    return gone


def test_there_and_back(host: Host, fresh_host: Callable[..., Flask], tmp_path: Path) -> None:
    """The ordinary case, without thinking: into a folder, and back on the same host."""
    host.world.submit()
    folder = tmp_path / "backups"
    folder.mkdir()
    output = said(command(host.app, backup_command, str(folder)))
    [made] = folder.iterdir()
    assert made.name == "insurance-reviews-20260302T093000Z.zip"
    assert "sha256 " in output
    assert "shop.example/reviews/log/anxin: 3 entries" in output
    assert "keys (mode 0600)" in output
    assert "exists" in said(command(host.app, backup_command, str(made)), 1)
    output = said(command(fresh_host(), restore_command, str(made)))
    assert "/log/anxin stands where it was signed last" in output
    assert "the service can start" in output
    assert "did not return" not in output


def test_the_journal_is_asked_by_itself(
    host: Host, fresh_host: Callable[..., Flask], tmp_path: Path
) -> None:
    """And the command fails, because the logs cannot go on: it says by how much."""
    lose_after_a_removal(host, tmp_path / "b.zip")
    app = fresh_host()
    output = said(command(app, restore_command, str(tmp_path / "b.zip")), 1)
    assert "1 texts were removed since and did not return" in output
    assert "Error: restored, but nothing can be written yet" in output
    assert "(2 entries are missing: see docs/backup.md)" in output
    assert [body for body in words(app) if RARE in body] == []
    assert len(words(app)) == 1


def test_without_state_dir_somebody_has_to_say_what_was_removed(
    host: Host, fresh_host: Callable[..., Flask], tmp_path: Path
) -> None:
    """What nobody knows of cannot be left out; and it must not come back by an oversight."""
    source, state = tmp_path / "b.zip", tmp_path / "new"
    lose_after_a_removal(host, source)
    app = fresh_host(state)
    output = said(command(app, restore_command, str(source)), 1)
    assert "nobody can say what was removed since" in output
    assert "anxin" in output
    assert words(app) == []
    # Another insurer's log, and a copy that ends before the backup, know nothing of this one.
    others = [mirror(host.world, tmp_path / slug, slug) for slug in ("boshan", "chunhe")]
    sources = [f"--removals-from={folder}" for folder in others]
    output = said(command(app, restore_command, str(source), *sources), 1)
    assert "from shop.example/reviews/log/anxin:" in output
    output = said(command(app, restore_command, str(source), "--nothing-was-removed"), 1)
    assert "cannot read the signing key" in output
    assert len([body for body in words(app) if RARE in body]) == 1


def test_a_mirror_that_is_older_than_the_backup_knows_too_little(
    host: Host, tmp_path: Path
) -> None:
    host.world.submit()
    folder = mirror(host.world, tmp_path / "mirror")
    said(command(host.app, backup_command, str(tmp_path / "older.zip")))
    lose_after_a_removal(host, tmp_path / "b.zip")
    with reading_archive(tmp_path / "b.zip") as archive:
        assert removed_items(str(folder), archive).logs == frozenset()
        older = removed_items(str(tmp_path / "older.zip"), archive).logs
        assert not any(origin.endswith("/anxin") for origin in older)
        newer = removed_items(str(mirror(host.world, folder)), archive).logs
        assert [origin.rpartition("/")[2] for origin in newer] == ["anxin"]


def test_nothing_is_said_of_a_log_of_which_nothing_was_kept(
    host: Host, fresh_host: Callable[..., Flask], tmp_path: Path
) -> None:
    """A new machine with the keys and the journal: others may hold newer checkpoints."""
    source, state = tmp_path / "b.zip", tmp_path / "new"
    lose_after_a_removal(host, source)
    for name in ("keys", "erased"):
        shutil.copytree(host.world.settings.state_dir / name, state / name)
    app = fresh_host(state)
    output = said(command(app, restore_command, str(source)))
    assert "1 texts were removed since" in output
    assert "/log/anxin: no checkpoint was kept here" in output
    assert "stands where" not in output
    assert "can start" not in output
    host.world.tamper("the restored log may go on: nobody here knows of the lost entries")


def test_journals_of_several_hosts_are_put_together(
    host: Host, fresh_host: Callable[..., Flask], tmp_path: Path
) -> None:
    """As docs/backup.md says: one file behind the other, whatever the order."""
    source, state = tmp_path / "b.zip", tmp_path / "new"
    gone = lose_after_a_removal(host, source)
    shutil.copytree(host.world.settings.state_dir / "keys", state / "keys")
    journal = state / "erased" / "anxin.items"
    journal.parent.mkdir()
    item = host.world.read(lambda s: s.scalar(select(_review_item(gone))))
    journal.write_text(f"it_aaaaaaaaaaaaaaaaaaaaaaaaaa\n{item}\n{item}\n")
    app = fresh_host(state)
    assert "1 texts were removed" in said(command(app, restore_command, str(source)))
    assert [body for body in words(app) if RARE in body] == []
    host.world.tamper("the restored log may go on: nobody here knows of the lost entries")


def test_every_source_knows_of_the_removal(host: Host, tmp_path: Path) -> None:
    source = tmp_path / "b.zip"
    gone = lose_after_a_removal(host, source)
    # A redaction, too: its words are another item's, but the old ones must go.
    redacted = host.world.submit(text="李四很慢。")
    host.world.remove(redacted, redacted="██很慢。")
    said(command(host.app, backup_command, str(tmp_path / "newer.zip")))
    url = host.world.settings.database_url.render_as_string(hide_password=False)
    items = {
        host.world.read(lambda s: s.scalar(select(_review_item(gone)))),
        host.world.read(lambda s: s.scalar(select(_review_item(redacted)))),
    }
    with reading_archive(source) as archive:
        assert removed_items(url, archive).items == items
        assert removed_items(str(tmp_path / "newer.zip"), archive).items == items
        assert removed_items(str(mirror(host.world, tmp_path / "mirror")), archive).items == items
        with serve(host.app) as address:
            assert removed_items(f"{address}/reviews/log/anxin/", archive).items == items
            # Another insurer's log is signed too, and knows of nothing.
            assert removed_items(f"{address}/reviews/log/boshan", archive).items == set()


def _review_item(review: Submitted) -> Any:
    table = review_table
    return select(table.c.item).where(table.c.id == review.id).scalar_subquery()


def test_a_source_is_named_on_the_command_line(
    host: Host, fresh_host: Callable[..., Flask], tmp_path: Path
) -> None:
    source = tmp_path / "b.zip"
    lose_after_a_removal(host, source)
    state = tmp_path / "new"
    shutil.copytree(host.world.settings.state_dir / "keys", state / "keys")
    slugs = ("anxin", "boshan", "chunhe")
    folders = [mirror(host.world, tmp_path / slug, slug) for slug in slugs]
    app = fresh_host(state)
    sources = [f"--removals-from={folder}" for folder in folders]
    output = said(command(app, restore_command, str(source), *sources))
    assert "1 texts were removed since" in output
    assert [body for body in words(app) if RARE in body] == []
    host.world.tamper("the restored log may go on: nobody here knows of the lost entries")


def test_the_way_forward_on_the_command_line(
    host: Host, fresh_host: Callable[..., Flask], tmp_path: Path
) -> None:
    """An older backup, the mirror of the log and a saved export: the log goes on."""
    source = tmp_path / "b.zip"
    lose_after_a_removal(host, source)
    host.world.submit(text="备份之后的话。")
    exported = tmp_path / "reviews.jsonl"
    shown = host.client().get("/reviews/api/v1/insurers/anxin/reviews.jsonl")
    exported.write_bytes(shown.get_data())
    folder = mirror(host.world, tmp_path / "mirror")
    app = fresh_host()
    options = ["--replay", str(folder), "--texts", str(exported)]
    output = said(command(app, restore_command, str(source), *options))
    assert (
        "4 entries came from the log; of 1 invitations the policy is unknown now, and the words "
        "of 1 texts are lost"
    ) in output
    assert "/log/anxin stands where it was signed last" in output
    assert sorted("备份之后" in body for body in words(app)) == [False, True]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "checkpoint").unlink(), "has no checkpoint"),
        (lambda folder: shutil.rmtree(folder / "tile"), "has no tile/entries/000.p/"),
        (lambda folder: _flip(folder), "not those that its checkpoint was signed for"),
        (lambda folder: (folder / "checkpoint").write_text("nothing"), "of no log in the backup"),
        (
            lambda folder: next(folder.glob("tile/entries/*/*")).write_bytes(b""),
            "is no bundle of entries",
        ),
    ],
    ids=["no checkpoint", "no entries", "flipped", "no note", "no bundle"],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_mirror_that_proves_nothing_is_refused(
    host: Host, tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    source = tmp_path / "b.zip"
    lose_after_a_removal(host, source)
    folder = mirror(host.world, tmp_path / "mirror")
    spoil(folder)
    with reading_archive(source) as archive, pytest.raises(BackupError, match=said):
        removed_items(str(folder), archive)


def _flip(folder: Path) -> None:
    [bundle] = folder.glob("tile/entries/*/*")
    data = bytearray(bundle.read_bytes())
    data[-5] ^= 1
    bundle.write_bytes(data)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_source_that_is_nothing_is_refused(host: Host, tmp_path: Path) -> None:
    source = tmp_path / "b.zip"
    lose_after_a_removal(host, source)
    (tmp_path / "text").write_text("no backup")
    with reading_archive(source) as archive:
        for nothing, said in {
            "nowhere": "no database URL",
            str(tmp_path / "text"): "no backup",
            f"sqlite:///{tmp_path}/none.db": "there is no",
            f"sqlite:///{tmp_path}/text": "cannot be read from there",
            "http://127.0.0.1:9/log/anxin": "the mirror cannot be read",
        }.items():
            with pytest.raises(BackupError, match=said):
                removed_items(nothing, archive)


def test_erasure_by_hand_closes_the_jobs(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    world = host.world
    gone = world.submit(text=f"理赔员 {RARE} 很慢。", confirm_personal_data=True)
    world.remove(gone)
    url = world.settings.database_url.render_as_string(hide_password=False)
    assert RARE.encode() in raw_bytes(url)

    def fail(*_: Any) -> None:
        raise erasure.ErasureIncomplete("somebody still reads")

    with monkeypatch.context() as busy:
        busy.setattr(erasure, "_erase_sqlite", fail)
        busy.setattr(erasure, "_erase_postgresql", fail)
        assert "Error: somebody still reads" in said(command(host.app, erase_command), 1)
    assert len(world.read(waiting_erasures)) == 1
    assert "1 erasures" in said(command(host.app, erase_command, "--admin-url", url))
    assert world.read(waiting_erasures) == []
    assert RARE.encode() not in raw_bytes(url)
    assert "no database URL" in said(command(host.app, erase_command, "--admin-url", "x"), 2)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_hardened_database_is_restored_by_its_administrator(
    host: Host, database_factory: DatabaseFactory, tmp_path: Path
) -> None:
    """The application's own role may not, and is told what to do. It may erase: that changes
    nothing that stands."""
    source = tmp_path / "b.zip"
    host.world.remove(host.world.submit())
    said(command(host.app, backup_command, str(source)))
    with database_factory.empty("postgresql") as admin:
        migrations.upgrade(admin)
        # It goes with the server, which this test process has to itself.
        role = "restoring_shop"
        plain = make_url(admin).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {role} LOGIN")
        harden(admin, role, "insurance_reviews_owner")
        url = make_url(admin).set(username=role).render_as_string(hide_password=False)
        with application(host, url, host.world.settings.state_dir) as app:
            refused = said(command(app, restore_command, str(source)), 1)
            assert "only the owner of the tables can restore" in refused
            done = said(command(app, restore_command, str(source), "--admin-url", admin))
            assert "the service can start" in done
            assert "1 erasures" in said(command(app, erase_command))
            assert "0 erasures" in said(command(app, erase_command, "--admin-url", admin))
