"""Forward after an older backup: every entry as it was, and of the rest what can be known."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, make_url, select

from insurance_reviews.moderation import schema as floor
from insurance_reviews.moderation.log import check_kept
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.backup.archive import BackupError, reading_archive
from insurance_reviews.plugin.backup.filling import Forward
from insurance_reviews.plugin.backup.restore import Restored, restore_backup
from insurance_reviews.plugin.backup.save import save_backup
from insurance_reviews.plugin.backup.tail import ShownWords, read_tail
from insurance_reviews.plugin.errors import InvitationExpired
from insurance_reviews.plugin.projections import review_json
from insurance_reviews.plugin.queries.export import export_reviews
from insurance_reviews.plugin.services.catalogue import add_insurer, add_product
from support.backups import mirror, moved
from support.databases import DatabaseFactory
from support.world import TEXT, World


@pytest.fixture
def another(database_factory: DatabaseFactory, engine_name: str) -> Iterator[str]:
    """One more migrated database of the same engine."""
    with database_factory.fresh(engine_name) as url:
        yield url


def export(world: World, file: Path) -> Path:
    """The insurer's ``reviews.jsonl``, as somebody saved it."""
    reviews = export_reviews(world.unit_of_work, world.ref())
    lines = (
        json.dumps(review_json(r, world.settings.timezone), ensure_ascii=False) for r in reviews
    )
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


def restore(
    world: World, folder: Path, url: str, *, texts: Path | None = None, **options: Any
) -> Restored:
    words = ShownWords()
    if texts is not None:
        words.read(texts)
    with reading_archive(folder / "b.zip") as archive:
        tail = read_tail(str(mirror(world, folder / "mirror")), archive)
        forward = Forward([tail], words, **options)
        return restore_backup(
            make_url(url),
            archive,
            set(),
            world.now,
            state_dir=world.settings.state_dir,
            contact_days=180,
            forward=forward,
        )


def live_on(world: World) -> dict[str, Any]:
    """Everything that a log can hold, after the backup, about things before and after it."""
    before = [world.submit(text=TEXT) for _ in range(3)]
    open_invitation = world.invite()
    save_backup(world.unit_of_work.engine, world.settings.state_dir.parent / "b.zip", world.now)
    world.pass_time(hours=30)
    late = world.submit(open_invitation, text="用上了之前的邀请。")
    new = world.submit(aspects={"speed": 2}, stage="claim")
    world.submit(text=None)
    world.follow_up(new)
    world.follow_up(before[0])
    for review in (new, before[1], late):
        world.pass_time(hours=3)
        world.reply(review)
    report = world.report(before[1])
    world.acknowledge(report.id)
    world.acknowledge(report.id, "disputed", note="有异议。")
    world.remove(before[1], report.id)
    world.remove(new, redacted=TEXT.replace("查勘员", "███"))
    world.withdraw(before[2])
    unused = world.invite()
    return {"new": new, "unused": unused, "late": late}


LOG = (floor.log, floor.log_entry, floor.log_node, floor.removal, schema.review, schema.reply)


def test_the_log_is_whole_again_and_goes_on(world: World, another: str, tmp_path: Path) -> None:
    happened = live_on(world)
    done = restore(world, tmp_path, another, texts=export(world, tmp_path / "r.jsonl"))
    assert done.replayed > 15
    # Three invitations came after the backup; the one before it is known.
    assert done.stand_ins == 3
    with moved(world, another) as again:
        was, now = world.snapshot(), again.snapshot()
        for table in (*LOG, schema.follow_up, floor.log_key, floor.report_item):
            assert now[table.name] == was[table.name], table.name
        for table in (schema.review_count, schema.aspect_count, schema.reply_delay):
            assert now[table.name] == was[table.name], table.name
        # Lost are the reasons and notes, which were never public.
        assert len(done.lost) == 3
        assert sorted(again.findings()) == sorted(
            f"shop.example/reviews/log/anxin: the words of {item} are gone without a removal"
            for item in done.lost
        )
        public = select(floor.content.c.body).join(floor.item).where(floor.item.c.kind != "reasons")
        assert sorted(again.read(lambda s: s.scalars(public).all())) == sorted(
            world.read(lambda s: s.scalars(public).all())
        )
        with again.unit_of_work.reading() as session:
            check_kept(session, again.ref(), again.context.logs.kept)
        again.submit()
        again.reply(happened["late"], "继续。")
        # Whose policy is unknown cannot be invited by the old link, but by the shop.
        with pytest.raises(InvitationExpired):
            again.submit(happened["unused"])
    world.tamper("another database has gone on with this log")


def test_without_an_export_the_words_are_lost_and_the_scores_stay(
    world: World, another: str, tmp_path: Path
) -> None:
    live_on(world)
    done = restore(world, tmp_path, another)
    with moved(world, another) as again:
        count = select(func.count(), func.sum(schema.review.c.score))
        assert again.read(lambda s: s.execute(count).one()) == world.read(
            lambda s: s.execute(count).one()
        )
        present = again.read(lambda s: set(s.scalars(select(floor.content.c.item))))
        assert present.isdisjoint(done.lost)
        assert len(done.lost) > 3


def test_an_export_that_is_not_what_was_committed_to_is_not_believed(
    world: World, another: str, tmp_path: Path
) -> None:
    live_on(world)
    texts = export(world, tmp_path / "r.jsonl")
    texts.write_text(texts.read_text("utf-8").replace("用上了", "没用上"), "utf-8")
    done = restore(world, tmp_path, another, texts=texts)
    assert len(done.lost) == 4
    with moved(world, another) as again:
        bodies = again.read(lambda s: s.scalars(select(floor.content.c.body)).all())
    assert not [body for body in bodies if "用上" in body]
    (tmp_path / "no.jsonl").write_text("[]\n")
    with pytest.raises(BackupError, match="no export of reviews"):
        ShownWords().read(tmp_path / "no.jsonl")


def test_what_nobody_knows_is_refused(world: World, another: str, tmp_path: Path) -> None:
    """A product of after the backup has no name in the log; nothing is restored."""
    world.submit()
    save_backup(world.unit_of_work.engine, tmp_path / "b.zip", world.now)
    world.write(lambda session: add_product(session, "anxin-new", "anxin", "新品", world.now))
    world.submit(product="anxin-new")
    with pytest.raises(BackupError, match="the product anxin-new, which came after"):
        restore(world, tmp_path, another)
    with moved(world, another) as again:
        assert not any(again.snapshot().values())


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_mirror_of_something_else_is_refused(world: World, another: str, tmp_path: Path) -> None:
    old = tmp_path / "old"
    world.submit()
    mirror(world, old)
    world.submit()
    save_backup(world.unit_of_work.engine, tmp_path / "b.zip", world.now)
    world.write(lambda s: add_insurer(s, world.context, "dahe", "大河人寿", world.now))
    with reading_archive(tmp_path / "b.zip") as archive:
        with pytest.raises(BackupError, match="older than the backup"):
            read_tail(str(old), archive)
        with pytest.raises(BackupError, match="of no log in the backup"):
            read_tail(str(mirror(world, tmp_path / "dahe", "dahe")), archive)
    world.submit()
    with pytest.raises(BackupError, match="another log than the one that was signed here"):
        restore(world, tmp_path, another, signed={"anxin": {world.submit().entry.index: b"x"}})
    # The same, without an opinion of this host's.
    restore(world, tmp_path, another)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_fork_is_not_replayed(
    world: World, database_factory: DatabaseFactory, tmp_path: Path
) -> None:
    """Two histories under one key: the mirror's begins otherwise than the backup's."""
    with database_factory.fresh("sqlite") as fork:
        save_backup(world.unit_of_work.engine, tmp_path / "start.zip", world.now)
        with reading_archive(tmp_path / "start.zip") as archive:
            restore_backup(
                make_url(fork),
                archive,
                set(),
                world.now,
                state_dir=world.settings.state_dir,
                contact_days=1,
            )
        state = tmp_path / "other"
        shutil.copytree(world.settings.state_dir / "keys", state / "keys")
        with moved(world, fork, state) as forked:
            forked.submit()
            forked.submit()
            world.submit()
            save_backup(world.unit_of_work.engine, tmp_path / "b.zip", world.now)
            folder = mirror(forked, tmp_path / "fork")
        with (
            reading_archive(tmp_path / "b.zip") as archive,
            pytest.raises(BackupError, match="forked log"),
        ):
            read_tail(str(folder), archive)
