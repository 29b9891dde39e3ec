"""How each engine says what the guards need: names, canonical JSON and JSON members.

PostgreSQL's ``to_json(text)::text`` gives RFC 8785's escapes for Chinese, quotes, control
characters and emoji alike (measured on 18).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from ..schema import PREFIX, SCHEMA

#: How an expression stands in JSON: as a string, as a number, or as the JSON that it already is.
Kind = Literal["text", "integer", "json"]
#: From an expression to its JSON, as SQL.
Writer = Callable[[str], str]


class Speaker(Protocol):
    """The words of one engine. Expressions go in and come out as SQL text."""

    dialect: str
    prefix: str

    def table(self, name: str) -> str: ...

    def rows(self, name: str) -> str:
        """A table as a guard reads it: without tables that somebody made inherit from it."""
        ...

    def function(self, name: str) -> str: ...

    def literal(self, value: str) -> str:
        """``value``, which holds no quote, as a text of a known type."""
        ...

    def same(self, left: str, right: str) -> str:
        """Equality in which NULL equals NULL."""
        ...

    def json_object(self, members: Mapping[str, tuple[Kind, str]]) -> str:
        """The canonical JSON object of ``members``, key → (kind, expression), in the keys'
        order."""
        ...

    def utf8(self, expression: str) -> str:
        """A text as the bytes that a leaf holds."""
        ...

    def leaf_member(self, leaf: str, *path: str) -> str:
        """A member of a leaf (bytes), as text or NULL."""
        ...

    def leaf_integer(self, leaf: str, key: str) -> str:
        """A top member of a leaf as a number; NULL unless it is a whole one."""
        ...

    def member(self, json: str, *path: str) -> str:
        """A member of a JSON text, as text or NULL."""
        ...

    def array_holds(self, json: str, value: str) -> str:
        """Whether a JSON text is an array that holds the string ``value``."""
        ...


class SqliteSpeaker:
    """SQLite 3.38 and later.

    Under ``PRAGMA trusted_schema=OFF`` SQLite 3.40 refuses its scalar JSON functions inside
    triggers, but not its table-valued ones. So JSON is read with ``json_each`` and written by
    concatenation.
    """

    dialect = "sqlite"
    prefix = PREFIX

    def table(self, name: str) -> str:
        return PREFIX + name

    def rows(self, name: str) -> str:
        return self.table(name)

    def function(self, name: str) -> str:
        raise NotImplementedError("SQLite has no stored functions")

    def literal(self, value: str) -> str:
        return f"'{value}'"

    def same(self, left: str, right: str) -> str:
        return f"{left} IS {right}"

    def json_object(self, members: Mapping[str, tuple[Kind, str]]) -> str:
        forms: Mapping[Kind, Writer] = {
            "text": _quoted,
            "integer": "CAST({} AS TEXT)".format,
            "json": "{}".format,
        }
        return _concatenated(members, forms)

    def utf8(self, expression: str) -> str:
        return f"CAST({expression} AS BLOB)"

    def leaf_member(self, leaf: str, *path: str) -> str:
        return self.member(f"CAST({leaf} AS TEXT)", *path)

    def leaf_integer(self, leaf: str, key: str) -> str:
        return (
            f"(SELECT value FROM json_each(CAST({leaf} AS TEXT)) "
            f"WHERE key = '{key}' AND type = 'integer')"
        )

    def member(self, json: str, *path: str) -> str:
        *parents, key = path
        root = f", '$.{'.'.join(parents)}'" if parents else ""
        return f"(SELECT value FROM json_each({json}{root}) WHERE key = '{key}')"

    def array_holds(self, json: str, value: str) -> str:
        return f"EXISTS (SELECT 1 FROM json_each({json}) WHERE value = {value})"


def _quoted(expression: str) -> str:
    """RFC 8785 section 3.2.2.2. A control character without a short escape has no place in our
    rows; left as it is, it makes the row differ from its leaf."""
    for character, escape in (
        ("'\\'", "'\\\\'"),
        ("'\"'", "'\\\"'"),
        ("char(8)", "'\\b'"),
        ("char(9)", "'\\t'"),
        ("char(10)", "'\\n'"),
        ("char(12)", "'\\f'"),
        ("char(13)", "'\\r'"),
    ):
        expression = f"replace({expression}, {character}, {escape})"
    return f"'\"' || {expression} || '\"'"


def _concatenated(members: Mapping[str, tuple[Kind, str]], forms: Mapping[Kind, Writer]) -> str:
    """The object as a concatenation, its keys in RFC 8785's order."""
    written = (
        f"'{',' if number else '{'}\"{key}\":' || coalesce({forms[kind](value)}, 'null')"
        for number, (key, (kind, value)) in enumerate(sorted(members.items()))
    )
    return "\n  || ".join(written) + " || '}'"


class PostgresqlSpeaker:
    """PostgreSQL 15 and later."""

    dialect = "postgresql"
    prefix = PREFIX

    def table(self, name: str) -> str:
        return f"{SCHEMA}.{PREFIX}{name}"

    def rows(self, name: str) -> str:
        return f"ONLY {self.table(name)}"

    def function(self, name: str) -> str:
        return f"{SCHEMA}.{name}"

    def literal(self, value: str) -> str:
        return f"'{value}'::text"

    def same(self, left: str, right: str) -> str:
        return f"{left} IS NOT DISTINCT FROM {right}"

    def json_object(self, members: Mapping[str, tuple[Kind, str]]) -> str:
        forms: Mapping[Kind, Writer] = {
            "text": "to_json({})::text".format,
            "integer": "{}::text".format,
            "json": "{}".format,
        }
        return _concatenated(members, forms)

    def utf8(self, expression: str) -> str:
        return f"convert_to({expression}, 'UTF8')"

    def leaf_member(self, leaf: str, *path: str) -> str:
        return self.member(f"convert_from({leaf}, 'UTF8')", *path)

    def leaf_integer(self, leaf: str, key: str) -> str:
        text = self.leaf_member(leaf, key)
        return f"(CASE WHEN {text} ~ '^[0-9]{{1,15}}$' THEN {text}::bigint END)"

    def member(self, json: str, *path: str) -> str:
        return f"({json}::jsonb #>> '{{{','.join(path)}}}')"

    def array_holds(self, json: str, value: str) -> str:
        return f"{json}::jsonb @> to_jsonb({value})"


def speaker(dialect: str) -> Speaker:
    """The speaker for a SQLAlchemy dialect name."""
    if dialect == "sqlite":
        return SqliteSpeaker()
    if dialect == "postgresql":
        return PostgresqlSpeaker()
    raise ValueError(f"no locks for {dialect!r}: use SQLite or PostgreSQL")
