"""The floor's tables: the logs, the erasable words, the reports and the removals.

Tables are SQLAlchemy Core, not mapped classes: every row here is a fact that is written once and
never changed, so there is no object state to track (``docs/adr/0003-core-tables.md``). On SQLite
they are STRICT and WITHOUT ROWID: a type is what it says, and no hidden row number exists by
which ``INSERT OR REPLACE`` could reach a row. On PostgreSQL they live in the schema
``insurance_reviews``, which the connection's ``search_path`` names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.sql.schema import SchemaItem

PREFIX = "insurance_reviews_"
#: The PostgreSQL schema that holds every table, function and trigger of ours.
SCHEMA = "insurance_reviews"

#: 64-bit integers; SQLite's STRICT tables know them as INTEGER.
BigInt = BigInteger().with_variant(Integer, "sqlite")
#: 16-bit integers; SQLite's STRICT tables know them as INTEGER.
SmallInt = SmallInteger().with_variant(Integer, "sqlite")


class CanonicalJson(Text):
    """A column that holds canonical JSON as text and enters a log entry unquoted."""


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def define(name: str, *items: SchemaItem) -> Table:
    """A table of ours, with the prefix and SQLite's strict form."""
    return Table(PREFIX + name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=False)


def fact_columns(
    *, primary_key: bool = False
) -> Sequence[Column[Any] | ForeignKeyConstraint | UniqueConstraint]:
    """The columns by which a fact points to its log entry, NOT NULL and UNIQUE together.

    With ``primary_key`` they are the table's primary key, so that rows lie in the order of the log.
    """
    columns = (
        Column("log", Integer, nullable=False, primary_key=primary_key),
        Column("entry", BigInt, nullable=False, primary_key=primary_key),
        Column("at", BigInt, nullable=False),
        ForeignKeyConstraint(
            ["log", "entry"], [f"{PREFIX}log_entry.log", f"{PREFIX}log_entry.idx"]
        ),
    )
    return columns if primary_key else (*columns, UniqueConstraint("log", "entry"))


def one_of(column: str, *values: str) -> CheckConstraint:
    """A CHECK that ``column`` holds one of ``values``."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def hex_32(column: str) -> CheckConstraint:
    """A CHECK that ``column`` has the length of 32 bytes in hexadecimal (or is NULL)."""
    return CheckConstraint(f"length({column}) = 64", name=f"{column}_length")


log = define(
    "log",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("insurer", Text, nullable=False, unique=True),
    Column("origin", Text, nullable=False, unique=True),
    Column("at", BigInt, nullable=False),
    Column("verifier_key", Text, nullable=False),
)

log_entry = define(
    "log_entry",
    Column("log", Integer, ForeignKey(log.c.id), primary_key=True),
    Column("idx", BigInt, CheckConstraint("idx >= 0", name="idx_range"), primary_key=True),
    Column(
        "leaf",
        LargeBinary,
        CheckConstraint("length(leaf) BETWEEN 1 AND 65535", name="leaf_length"),
        nullable=False,
    ),
)

#: Complete subtrees: node (level, idx) covers the entries idx·2^level up to (idx + 1)·2^level - 1.
log_node = define(
    "log_node",
    Column("log", Integer, ForeignKey(log.c.id), primary_key=True),
    Column("level", SmallInt, primary_key=True),
    Column("idx", BigInt, primary_key=True),
    Column(
        "hash",
        LargeBinary,
        CheckConstraint("length(hash) = 32", name="hash_length"),
        nullable=False,
    ),
)

log_checkpoint = define(
    "log_checkpoint",
    Column("log", Integer, ForeignKey(log.c.id), primary_key=True),
    Column("size", BigInt, primary_key=True),
    Column(
        "root",
        LargeBinary,
        CheckConstraint("length(root) = 32", name="root_length"),
        nullable=False,
    ),
    Column("note", Text, nullable=False),
)

#: The keys that followed the first one, each announced by its entry ``key.rotated``.
log_key = define(
    "log_key",
    *fact_columns(primary_key=True),
    Column("key", Text, nullable=False),
    UniqueConstraint("log", "key"),
)

#: What witnesses put under our checkpoints: ``line`` is the note's signature line, newline and all,
#: ``at`` the time in it, in seconds UTC.
cosignature = define(
    "cosignature",
    Column("log", Integer, primary_key=True),
    Column("size", BigInt, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("at", BigInt, nullable=False),
    Column("line", Text, nullable=False),
    ForeignKeyConstraint(["log", "size"], [log_checkpoint.c.log, log_checkpoint.c.size]),
)

#: What was written, for ever: which entry, which kind, which commitment and whose key may
#: withdraw it.
item = define(
    "item",
    Column("id", Text, primary_key=True),
    Column("log", Integer, nullable=False),
    Column("entry", BigInt, nullable=False),
    Column(
        "kind",
        Text,
        one_of("kind", "review", "follow_up", "reply", "reasons", "redacted"),
        nullable=False,
    ),
    Column("commitment", Text, hex_32("commitment"), nullable=False),
    Column("author", Text, hex_32("author")),
    ForeignKeyConstraint(["log", "entry"], [log_entry.c.log, log_entry.c.idx]),
    UniqueConstraint("log", "entry"),
)

#: The words themselves: the only rows of evidence that may be deleted, each on its removal.
content = define(
    "content",
    Column("item", Text, ForeignKey(item.c.id), primary_key=True),
    Column(
        "salt",
        LargeBinary,
        CheckConstraint("length(salt) = 32", name="salt_length"),
        nullable=False,
    ),
    Column("body", Text, nullable=False),
)

report = define(
    "report",
    Column("id", Text, primary_key=True),
    *fact_columns(),
    Column("items", CanonicalJson, nullable=False),
    Column("authority", Text, nullable=False),
    Column("report_no", Text, nullable=False),
    Column("filed_on", Text, nullable=False),
    Column(
        "ground",
        Text,
        one_of("ground", "personal_data", "unlawful_content", "defamation", "court_order", "other"),
        nullable=False,
    ),
    Column("reasons", Text, hex_32("reasons"), nullable=False),
    Column("reasons_item", Text, ForeignKey(item.c.id), nullable=False),
)

report_item = define(
    "report_item",
    Column("report", Text, ForeignKey(report.c.id), primary_key=True),
    Column("item", Text, ForeignKey(item.c.id), primary_key=True),
    Column("log", Integer, ForeignKey(log.c.id), nullable=False),
    Column("authority", Text, nullable=False),
    Column("report_no", Text, nullable=False),
    UniqueConstraint("log", "authority", "report_no", "item"),
    Index(None, "item"),
)

acknowledgement = define(
    "acknowledgement",
    *fact_columns(primary_key=True),
    Column("report", Text, ForeignKey(report.c.id), nullable=False),
    Column("verdict", Text, one_of("verdict", "acknowledged", "disputed"), nullable=False),
    Column("note", Text, hex_32("note")),
    Column("note_item", Text, ForeignKey(item.c.id)),
    Index(None, "report"),
    CheckConstraint("(note IS NULL) = (note_item IS NULL)", name="note_pair"),
)

removal = define(
    "removal",
    Column("item", Text, ForeignKey(item.c.id), primary_key=True),
    *fact_columns(),
    Column("report", Text, ForeignKey(report.c.id)),
    Column("author_key", Text, hex_32("author_key")),
    Column("redacted", CanonicalJson),
    Column("redacted_item", Text, ForeignKey(item.c.id), unique=True),
    CheckConstraint("(report IS NULL) <> (author_key IS NULL)", name="one_authority"),
    CheckConstraint("(redacted IS NULL) = (redacted_item IS NULL)", name="redacted_pair"),
    CheckConstraint("author_key IS NULL OR redacted IS NULL", name="withdrawal_whole"),
)
