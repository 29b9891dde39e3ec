"""Whether PostgreSQL's tables still demand what this release's do: columns, keys, checks.

Compared are names, columns and kinds, which every version of PostgreSQL tells alike. Only the
condition of a CHECK is text; the few forms that ours have are brought into one wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.schema import Constraint

from ...migrations import VERSION_TABLE
from ...moderation.schema import SCHEMA
from ..schema import SEARCH_INDEX, metadata


class Named(NamedTuple):
    """A column or constraint: of which kind and table, and its name."""

    kind: str
    table: str
    name: str

    def __str__(self) -> str:
        return f"the {self.kind} {self.name} of {self.table}"


#: What is demanded of each, in words of our own.
Demands = Mapping[Named, str]

# What makes a constraint demand less than it says comes as "loose". NOT ENFORCED is known from
# PostgreSQL 18 on, so it is asked for in a way that every version understands. NOT NULL is asked
# of the columns, because it is a constraint from that version on only.
_CONSTRAINTS = text(
    """
    SELECT c.relname, k.conname, k.contype::text,
      ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
        ORDER BY u.place) AS columns,
      f.relname AS target, ARRAY(SELECT a.attname::text
        FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number
        ORDER BY u.place) AS target_columns,
      pg_get_expr(k.conbin, k.conrelid) AS condition,
      NOT k.convalidated OR k.condeferrable OR to_jsonb(k) ->> 'conenforced' = 'false'
        OR f.relnamespace <> c.relnamespace
        OR k.contype = 'f' AND (k.confupdtype, k.confdeltype, k.confmatchtype) <> ('a', 'a', 's')
        OR k.contype IN ('p', 'u') AND NOT (i.indisunique AND i.indisvalid AND i.indisready)
      AS loose
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    LEFT JOIN pg_class f ON f.oid = k.confrelid AND k.contype = 'f'
    LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relname <> :versions
      AND k.contype NOT IN ('n', 't')
    """
)
_COLUMNS = text(
    """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
      a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> '' AS filled
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relname <> :versions
      AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    """
)
# Each foreign key is looked after by two triggers on either table, which are not listed with the
# others.
_OFF = text(
    """
    SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    LEFT JOIN pg_trigger t ON t.tgconstraint = k.oid AND t.tgenabled IN ('O', 'A')
    WHERE k.contype = 'f' AND c.relnamespace = to_regnamespace(:schema)
    GROUP BY c.relname, k.conname HAVING count(t.oid) <> 4 ORDER BY 1, 2
    """
)
_UNIQUE = text(
    """
    SELECT c.relname, x.relname AS index FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE c.relnamespace = to_regnamespace(:schema) AND i.indisunique
      AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
    ORDER BY 1, 2
    """
)


def constraint_differences(connection: Connection) -> Iterator[str]:
    """What is missing, added, changed or switched off, in sentences."""
    found, wanted = dict(_found(connection)), shipped()
    for name in sorted(wanted.keys() - found.keys()):
        yield f"{name} is missing"
    for name in sorted(found.keys() - wanted.keys()):
        yield f"{name} is not ours"
    for name in sorted(found.keys() & wanted.keys()):
        if found[name] != wanted[name]:
            yield f"{name} was changed"
    for row in connection.execute(_OFF, {"schema": SCHEMA}):
        yield f"the foreign key {row.conname} of {row.relname} is switched off"
    for row in connection.execute(_UNIQUE, {"schema": SCHEMA}):
        yield f"the unique index {row.index} of {row.relname} is not ours"


def _found(connection: Connection) -> Iterator[tuple[Named, str]]:
    ours = {"schema": SCHEMA, "versions": VERSION_TABLE}
    for row in connection.execute(_COLUMNS, ours):
        demand = _column(row.type, row.attnotnull)
        if row.filled:
            demand += ", filled in by the database"
        yield Named("column", row.relname, row.attname), demand
    for row in connection.execute(_CONSTRAINTS, ours):
        match row.contype:
            case "p":
                demand = f"PRIMARY KEY {_list(row.columns)}"
            case "u":
                demand = f"UNIQUE {_list(row.columns)}"
            case "f":
                demand = _foreign_key(row.columns, row.target, row.target_columns)
            case "c":
                demand = plain_condition(row.condition)
            case other:
                demand = other
        if row.loose:
            demand += ", not always"
        yield Named("constraint", row.relname, row.conname), demand


@cache
def shipped() -> Demands:
    """What a migrated database demands; a test holds the tables equal to the migrations."""
    demands = {
        # The one table that is none of SQLAlchemy's: SQLite has it as a virtual one.
        Named("column", SEARCH_INDEX, "key"): _column("bigint", True),
        Named("column", SEARCH_INDEX, "tokens"): _column("tsvector", True),
        Named("constraint", SEARCH_INDEX, f"{SEARCH_INDEX}_pkey"): "PRIMARY KEY (key)",
    }
    for table in metadata.sorted_tables:
        demands.update(_demands(table))
    return demands


def _demands(table: Table) -> Iterator[tuple[Named, str]]:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    constraints = [*table.constraints]
    for column in table.columns:
        kind = column.type.compile(dialect).lower()
        yield Named("column", table.name, column.name), _column(kind, not column.nullable)
        constraints += column.constraints
    for constraint in constraints:
        name = str(dialect.identifier_preparer.format_constraint(constraint))
        yield Named("constraint", table.name, name), _demand(constraint)


def _demand(constraint: Constraint) -> str:
    match constraint:
        case PrimaryKeyConstraint():
            return f"PRIMARY KEY {_list([column.name for column in constraint.columns])}"
        case UniqueConstraint():
            return f"UNIQUE {_list([column.name for column in constraint.columns])}"
        case ForeignKeyConstraint():
            return _foreign_key(
                [element.parent.name for element in constraint.elements],
                constraint.referred_table.name,
                [element.column.name for element in constraint.elements],
            )
        case CheckConstraint():
            return plain_condition(str(constraint.sqltext))
    raise TypeError(f"no words for {constraint!r}")


def _column(kind: str, is_required: bool) -> str:
    return f"{kind} NOT NULL" if is_required else kind


def _foreign_key(columns: list[str], target: str, target_columns: list[str]) -> str:
    return f"FOREIGN KEY {_list(columns)} REFERENCES {target} {_list(target_columns)}"


def _list(names: list[str]) -> str:
    return f"({', '.join(names)})"


_BETWEEN = re.compile(r"(\w+(?:\(\w+\))?) BETWEEN (\d+) AND (\d+)")
_IN = re.compile(r"(\w+) IN \(([^)]*)\)")
_TYPE = re.compile(r"::\w+")
_BRACKETS = re.compile(r"[()\s]+")


def plain_condition(condition: str) -> str:
    """The condition of a CHECK as PostgreSQL keeps it, without types and brackets: BETWEEN is two
    comparisons there, and IN an array."""
    condition = _BETWEEN.sub(r"\1 >= \2 AND \1 <= \3", condition)
    condition = _IN.sub(_any, condition)
    return _BRACKETS.sub(" ", _TYPE.sub("", condition)).strip()


def _any(found: re.Match[str]) -> str:
    column, values = found.groups()
    return f"{column} = ANY (ARRAY[{values}])" if "," in values else f"{column} = {values}"
