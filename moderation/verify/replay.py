"""What the entries say together, kept in a temporary SQLite file that is gone afterwards.

Every row carries the entry it comes from, so that "as of size *n*" is ``entry < n``. Memory does
not grow with the log: the file does.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from .. import canonical
from ..commitment import author_of
from .entries import Leaf, check_entry, is_time
from .findings import Findings

Values = Sequence[object] | Mapping[str, object]

#: Rows that wait in memory for one ``executemany``, and the bytes of the entries they come from.
BATCH: Final = 2_000
BATCH_BYTES: Final = 1_000_000
#: Keys that one log may announce: all that the database holds of them is in memory, too.
MOST_KEYS: Final = 200

_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -8000;
CREATE TABLE invitation (entry INTEGER PRIMARY KEY, id TEXT, product TEXT, stage TEXT);
CREATE TABLE review (entry INTEGER PRIMARY KEY, at INTEGER, id TEXT, invitation TEXT, product TEXT,
  stage TEXT, score INTEGER, aspects TEXT, item TEXT, author TEXT, experienced TEXT);
CREATE TABLE follow_up (entry INTEGER PRIMARY KEY, at INTEGER, review TEXT, item TEXT);
CREATE TABLE reply (entry INTEGER PRIMARY KEY, at INTEGER, review TEXT, version INTEGER, item TEXT);
CREATE TABLE text (entry INTEGER, at INTEGER, item TEXT, commitment TEXT, redacts TEXT, first TEXT,
  kind TEXT, review TEXT);
CREATE TABLE report (entry INTEGER PRIMARY KEY, at INTEGER, id TEXT, authority TEXT,
  report_no TEXT, filed_on TEXT, ground TEXT);
CREATE TABLE report_item (entry INTEGER, report TEXT, item TEXT);
CREATE TABLE acknowledgement (entry INTEGER PRIMARY KEY, report TEXT, verdict TEXT, note INTEGER);
CREATE TABLE removal (entry INTEGER PRIMARY KEY, at INTEGER, item TEXT, report TEXT, author TEXT,
  redacted TEXT, masks TEXT);
"""
#: Made after the first reading: rows go in faster without them.
_INDEXES: Final = """
CREATE INDEX IF NOT EXISTS invitation_id ON invitation (id, product, stage);
CREATE INDEX IF NOT EXISTS invitation_product ON invitation (product);
CREATE INDEX IF NOT EXISTS review_id ON review (id);
CREATE INDEX IF NOT EXISTS review_product ON review (product, entry);
CREATE INDEX IF NOT EXISTS review_invitation ON review (invitation);
CREATE INDEX IF NOT EXISTS follow_up_review ON follow_up (review);
CREATE INDEX IF NOT EXISTS reply_review ON reply (review);
CREATE INDEX IF NOT EXISTS text_item ON text (item);
CREATE INDEX IF NOT EXISTS text_review ON text (review);
CREATE INDEX IF NOT EXISTS text_open ON text (entry) WHERE first IS NULL;
CREATE INDEX IF NOT EXISTS report_id ON report (id);
CREATE INDEX IF NOT EXISTS report_item_entry ON report_item (entry);
CREATE INDEX IF NOT EXISTS report_item_item ON report_item (item);
CREATE INDEX IF NOT EXISTS acknowledgement_report ON acknowledgement (report);
CREATE INDEX IF NOT EXISTS removal_item ON removal (item);
"""
#: A redaction belongs where the text belongs that it redacts. Each run resolves one more link of
#: every chain; none leads forwards, so there are no circles.
_INHERIT: Final = """
UPDATE text SET first = p.first, kind = p.kind, review = p.review FROM text p
WHERE text.first IS NULL AND p.item = text.redacts AND p.entry < text.entry AND p.first IS NOT NULL
"""


class Replay:
    """The state that the entries read so far lead to. Entries are given in order, from 0."""

    def __init__(self, database: sqlite3.Connection, findings: Findings, origin: str) -> None:
        self.database = database
        self.origin = origin
        self.size = 0
        self.insurer: str | None = None
        #: The keys of ``key.rotated`` entries, oldest first, with the index of each.
        self.rotated: list[tuple[int, str]] = []
        self._findings = findings
        self._at = 0
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._waiting = self._bytes = 0
        database.executescript(_SCHEMA)

    def add(self, data: bytes) -> None:
        """Take the next entry, and say what is wrong with it by itself."""
        index, self.size = self.size, self.size + 1
        try:
            leaf = canonical.loads(data)
        except canonical.NotCanonicalError as error:
            self._findings.add("leaf-not-canonical", f"entry {index}: {error}", index=index)
            return
        if (fault := check_entry(leaf)) is not None:
            code, part = fault
            self._findings.add(code, f"entry {index}: {part}", index=index)
            return
        if not is_time(leaf["at"], self._at):
            self._findings.add(
                "entry-time",
                f"entry {index} has the time {leaf['at']}",
                index=index,
                log=leaf["at"],
            )
        else:
            self._at = leaf["at"]
        if (index == 0) != (leaf["type"] == "log.opened"):
            self._findings.add("log-opened", f"entry {index} is {leaf['type']}", index=index)
        self._store(index, leaf)
        self._bytes += len(data)
        if self._bytes >= BATCH_BYTES:
            self._write()

    def flush(self) -> None:
        """Write what waits, and put it in order: before anything is asked."""
        self._write()
        self.database.executescript(_INDEXES)
        while self.database.execute(_INHERIT).rowcount:
            pass

    def ask(self, query: str, values: Values = ()) -> sqlite3.Cursor:
        """The rows of a query over the tables above."""
        return self.database.execute(query, values)

    def one(self, query: str, values: Values = ()) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self.database.execute(query, values).fetchone()
        return row

    def _store(self, index: int, leaf: Leaf) -> None:
        match leaf["type"]:
            case "review.submitted":
                self._review(index, leaf)
            case "invitation.issued":
                self._row("invitation", index, leaf["invitation"], leaf["product"], leaf["stage"])
            case "followup.published":
                self._row("follow_up", index, leaf["at"], leaf["review"], leaf["item"])
                self._text(index, leaf, "follow_up")
            case "reply.published":
                version = leaf["version"]
                self._row("reply", index, leaf["at"], leaf["review"], version, leaf["item"])
                self._text(index, leaf, "reply")
            case "report.filed":
                self._report(index, leaf)
            case "report.acknowledged":
                note = int(leaf["note"] is not None)
                self._row("acknowledgement", index, leaf["report"], leaf["verdict"], note)
            case "text.removed":
                self._removal(index, leaf)
            case "key.rotated":
                self._key(index, leaf["key"])
            case "log.opened":
                self._opened(index, leaf)

    def _review(self, index: int, leaf: Leaf) -> None:
        self._row(
            "review",
            index,
            leaf["at"],
            leaf["review"],
            leaf["invitation"],
            leaf["product"],
            leaf["stage"],
            leaf["score"],
            json.dumps(leaf["aspects"]),
            leaf["item"],
            leaf["author"],
            leaf["experienced"],
        )
        if leaf["item"] is not None:
            self._text(index, leaf, "review")

    def _text(self, index: int, leaf: Leaf, kind: str) -> None:
        item = leaf["item"]
        self._row(
            "text", index, leaf["at"], item, leaf["commitment"], None, item, kind, leaf["review"]
        )

    def _report(self, index: int, leaf: Leaf) -> None:
        self._row(
            "report",
            index,
            leaf["at"],
            leaf["report"],
            leaf["authority"],
            leaf["report_no"],
            leaf["filed_on"],
            leaf["ground"],
        )
        for item in leaf["items"]:
            self._row("report_item", index, leaf["report"], item)

    def _removal(self, index: int, leaf: Leaf) -> None:
        key, redacted = leaf["author_key"], leaf["redacted"]
        self._row(
            "removal",
            index,
            leaf["at"],
            leaf["item"],
            leaf["report"],
            None if key is None else author_of(key),
            None if redacted is None else redacted["item"],
            None if redacted is None else json.dumps(redacted["masks"]),
        )
        if redacted is not None:
            new, commitment = redacted["item"], redacted["commitment"]
            self._row("text", index, leaf["at"], new, commitment, leaf["item"], None, None, None)

    def _key(self, index: int, key: str) -> None:
        if key.partition("+")[0] != self.origin:
            self._findings.add(
                "key-rotated", f"entry {index} names the key of another log", index=index, log=key
            )
        elif any(key == earlier for _, earlier in self.rotated):
            self._findings.add("key-rotated", f"entry {index} repeats a key", index=index, log=key)
        elif len(self.rotated) >= MOST_KEYS:
            self._findings.add(
                "key-rotated", f"entry {index} names one key more than {MOST_KEYS}", index=index
            )
        else:
            self.rotated.append((index, key))

    def _opened(self, index: int, leaf: Leaf) -> None:
        if index == 0:
            self.insurer = leaf["insurer"]
        if leaf["origin"] != self.origin:
            self._findings.add(
                "log-opened",
                f"entry {index} opens another log, {leaf['origin']}",
                index=index,
                log=leaf["origin"],
            )

    def _row(self, table: str, *values: Any) -> None:
        self._rows.setdefault(table, []).append(values)
        self._waiting += 1
        if self._waiting >= BATCH:
            self._write()

    def _write(self) -> None:
        for table, rows in self._rows.items():
            marks = ",".join("?" * len(rows[0]))
            self.database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        self._rows.clear()
        self._waiting = self._bytes = 0


@contextmanager
def replaying(findings: Findings, origin: str) -> Iterator[Replay]:
    """A replay in a temporary file."""
    with tempfile.TemporaryDirectory(prefix="insurance-reviews-verify-") as folder:
        # Autocommit: nothing is ever rolled back, and the file dies with its folder.
        database = sqlite3.connect(Path(folder) / "replay.sqlite", isolation_level=None)
        try:
            yield Replay(database, findings, origin)
        finally:
            database.close()
