"""Backups, the way back from them, and erasure by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from ...moderation.errors import KeyFileError, LogBehind
from ...moderation.log import all_logs, compare_kept, without_log
from ..backup.archive import ArchiveReader, BackupError, file_hash, reading_archive
from ..backup.filling import Forward
from ..backup.journal import RemovedItems
from ..backup.removals import removed_items
from ..backup.restore import restore_backup
from ..backup.save import Progress, save_backup
from ..backup.tail import ShownWords, read_tail
from ..current import get_state
from ..erasure import ErasureIncomplete, erase, remember, waiting_erasures
from ..outbox import mark_done
from ..state import State
from .common import in_app


def _url(_: click.Context, __: click.Parameter, value: str | None) -> URL | None:
    try:
        return None if value is None else make_url(value)
    except ArgumentError as error:
        raise click.BadParameter("no database URL") from error


_admin_url = click.option(
    "--admin-url",
    callback=_url,
    metavar="URL",
    help="PostgreSQL: a superuser's or the owner's address of the same database.",
)


@contextmanager
def _progress(label: str) -> Iterator[Progress]:
    with click.progressbar(length=1, label=label) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield show


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@in_app
def backup_command(target: Path) -> None:
    """Write the whole database to the new file TARGET, or to a new file in the folder TARGET.

    Writers go on meanwhile. The keys are not in it.
    """
    state = get_state()
    if target.is_dir():
        target /= f"insurance-reviews-{state.clock():%Y%m%dT%H%M%SZ}.zip"
    try:
        with _progress("saving") as show:
            manifest = save_backup(state.work.engine, target, state.clock(), show)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{target}: {manifest.rows} rows, {target.stat().st_size} bytes")
    click.echo(f"sha256 {file_hash(target)}")
    for mark in manifest.logs:
        click.echo(f"{mark.origin}: {mark.size} entries")
    click.echo(
        f"Not in it, to be copied apart: {state.settings.state_dir / 'keys'} (mode 0600), and the "
        "settings POLICY_KEY and INVITATION_KEY. It holds words of people: keep it as private as "
        "the database, and no longer than 30 days."
    )


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--removals-from",
    "sources",
    multiple=True,
    metavar="SOURCE",
    help="Where else removals after the backup are known: a database URL, a newer backup, the "
    "address of a log or a folder that mirrors it. May be repeated.",
)
@click.option(
    "--replay",
    "mirrors",
    multiple=True,
    metavar="LOG",
    help="Go forward with the entries after the backup, from the address of a log or a folder that "
    "mirrors it. May be repeated.",
)
@click.option(
    "--texts",
    "exports",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The words of the replayed entries: a saved reviews.jsonl. May be repeated.",
)
@click.option(
    "--nothing-was-removed",
    is_flag=True,
    help="Say that no text was removed since the backup, where nothing else can say it.",
)
@_admin_url
@in_app
def restore_command(
    source: Path,
    sources: tuple[str, ...],
    mirrors: tuple[str, ...],
    exports: tuple[Path, ...],
    nothing_was_removed: bool,
    admin_url: URL | None,
) -> None:
    """Bring the backup SOURCE into the empty, migrated database.

    Texts that were removed after the backup was made do not return: they are known from the
    journal in STATE_DIR. Where that is not there, another source has to know of them. The service
    must not run meanwhile.
    """
    state = get_state()
    try:
        with reading_archive(source) as archive:
            forward = _forward(state, archive, mirrors, exports)
            removed = _removed(state, archive, sources, forward, nothing_was_removed)
            with _progress("restoring") as show:
                restored = restore_backup(
                    admin_url or state.settings.database_url,
                    archive,
                    removed,
                    state.clock(),
                    state_dir=state.settings.state_dir,
                    contact_days=state.settings.contact_days,
                    forward=forward,
                    progress=show,
                )
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{restored.rows} rows of {archive.manifest.made_at} are back, and checked")
    if restored.left_out:
        click.echo(f"{len(restored.left_out)} texts were removed since and did not return")
    if restored.replayed:
        click.echo(
            f"{restored.replayed} entries came from the log; of {restored.stand_ins} invitations "
            f"the policy is unknown now, and the words of {len(restored.lost)} texts are lost"
        )
        for tail in forward.tails:
            state.context.logs.kept.save(tail.mark.insurer, tail.size, tail.note)
    click.echo(
        "Tokens that were revoked since are valid again: see flask reviews token list. Mail that "
        "waited then is sent again."
    )
    _say_where_the_logs_stand(state, forward.signed)


def _removed(
    state: State,
    archive: ArchiveReader,
    sources: tuple[str, ...],
    forward: Forward,
    nothing_was_removed: bool,
) -> set[str]:
    """All that is known to have been removed since. Raises :class:`BackupError` where nobody can
    know it, because the backup would bring the words back."""
    journal = RemovedItems(state.settings.state_dir)
    marks = archive.manifest.logs
    found = {item for mark in marks for item in journal.read(mark.insurer)}
    known = {tail.mark.origin for tail in forward.tails}
    for source in sources:
        removals = removed_items(source, archive)
        found |= removals.items
        known |= removals.logs
    # Where the backup has all that was ever signed, nothing can have been removed since.
    known |= {
        mark.origin
        for mark in marks
        if forward.signed.get(mark.insurer) == {mark.size: bytes.fromhex(mark.root)}
    }
    unknown = [mark.origin for mark in marks if mark.origin not in known]
    if unknown and not journal.exists() and not nothing_was_removed:
        raise BackupError(
            f"nobody can say what was removed since {archive.manifest.made_at} from "
            f"{', '.join(unknown)}: there is no journal of removals in {state.settings.state_dir}, "
            "and what was lawfully removed must not return. Bring the journal (erased/), name the "
            "log, a mirror, a newer backup or the old database with --removals-from, go forward "
            "with --replay, or say that there was nothing with --nothing-was-removed "
            "(docs/backup.md)"
        )
    return found


def _forward(
    state: State, archive: ArchiveReader, mirrors: tuple[str, ...], exports: tuple[Path, ...]
) -> Forward:
    words = ShownWords()
    for export in exports:
        words.read(export)
    signed = {}
    for mark in archive.manifest.logs:
        if (kept := state.context.logs.kept.read(mark.insurer)) is not None:
            signed[mark.insurer] = {kept.size: kept.root}
    return Forward([read_tail(mirror, archive) for mirror in mirrors], words, signed)


def _say_where_the_logs_stand(state: State, signed: Mapping[str, object]) -> None:
    """Compare with what was signed, and with the keys at hand; fail when the logs cannot go on.
    ``signed`` has the insurers of whose logs a checkpoint was kept here before."""
    problems: list[str] = []
    compared: list[str] = []
    unknown: list[str] = []
    kept = state.context.logs.kept.all()
    with state.work.reading() as session:
        logs = all_logs(session)
        for ref in logs:
            try:
                compare_kept(session, ref, kept.get(ref.insurer))
                state.context.logs.keys.signers(ref.insurer)
                (compared if ref.insurer in signed else unknown).append(ref.origin)
            except LogBehind as error:
                missing = max(error.kept_size - error.size, 0)
                problems.append(f"{error} ({missing} entries are missing: see docs/backup.md)")
            except KeyFileError as error:
                problems.append(str(error))
    problems += [
        f"{lost.origin} is not there at all, and {lost.size} entries of it were signed"
        for lost in without_log(logs, kept)
    ]
    if problems:
        raise click.ClickException(
            "restored, but nothing can be written yet: " + "; ".join(problems)
        )
    for origin in compared:
        click.echo(f"{origin} stands where it was signed last")
    for origin in unknown:
        click.echo(
            f"{origin}: no checkpoint was kept here, so there is nothing to compare it with. "
            "Others may hold newer ones: check with insurance-reviews-verify and a receipt or a "
            "witness's checkpoint before anybody writes (docs/backup.md)"
        )
    if not unknown:
        click.echo("the service can start")


@click.command("erase")
@_admin_url
@in_app
def erase_command(admin_url: URL | None) -> None:
    """Write the tables that held removed words anew, so that nothing of them is left in the files.

    The worker does so after each removal while the files are small. Run this nightly when they are
    not, or when only the owner of the tables may.
    """
    state = get_state()
    with state.work.reading() as session:
        jobs = waiting_erasures(session)
    remember(state.settings.state_dir, jobs)
    try:
        done = erase(admin_url or state.settings.database_url)
    except ErasureIncomplete as error:
        raise click.ClickException(str(error)) from error
    for job in jobs:
        state.work.write(lambda session: mark_done(session, job, state.clock()))  # noqa: B023
    click.echo(f"written anew: {', '.join(done.tables)} ({done.size} bytes); {len(jobs)} erasures")
