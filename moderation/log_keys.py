"""The keys of a log in public: the one it opened with, and those it announced since.

A rotation is an entry like any other, ``key.rotated``, under a checkpoint that the older key signs
too. Who trusted the older key learns the newer one from the log itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .keys import KeyRing
from .log import LogRef, Logs
from .prepared import insertion
from .schema import log, log_key
from .tlog.note import Note, Verifier

_log_key = insertion(log_key)


def announced_keys(session: Session, ref: LogRef) -> Sequence[str]:
    """Every verifier key of the log, the newest last."""
    first = session.scalars(select(log.c.verifier_key).where(log.c.id == ref.id))
    later = session.scalars(
        select(log_key.c.key).where(log_key.c.log == ref.id).order_by(log_key.c.entry)
    )
    return [*first, *later]


def newest_key(session: Session, ref: LogRef) -> str:
    """The verifier key that the log announced last."""
    return announced_keys(session, ref)[-1]


def signing_key(session: Session, ref: LogRef, note: str) -> str:
    """The newest of the log's verifier keys that signed the checkpoint ``note``."""
    signed = {(line.name, line.key_id) for line in Note.parse(note).unverified}
    for key in reversed(announced_keys(session, ref)):
        verifier = Verifier.parse(key)
        if (verifier.name, verifier.key_id) in signed:
            return key
    raise AssertionError("a log signs with keys that it announced")


def rotate_key(session: Session, logs: Logs, ref: LogRef, now: datetime) -> str:
    """Make a new key and announce it; the new verifier key.

    From here on checkpoints carry the signatures of both keys, until :func:`retire_keys`. A
    rotation that was interrupted is taken up where it stopped.
    """
    logs.hold(session, ref)
    known = announced_keys(session, ref)
    key = logs.keys.renew(ref.insurer, known.__contains__).verifier_key()
    with logs.writing(session, ref, now) as log:
        entry = log.append("key.rotated", {"key": key})
        _log_key.run(session, {**entry.columns, "key": key})
    return key


def retire_keys(session: Session, keys: KeyRing, ref: LogRef) -> int:
    """Destroy the keys before the newest announced one; how many. The overlap ends here."""
    return keys.retire(ref.insurer, announced_keys(session, ref).__contains__)
