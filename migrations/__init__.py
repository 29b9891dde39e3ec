"""Our migrations, beside the host's: own version table, own PostgreSQL schema, own history.

``upgrade(url)`` brings a database to the newest revision, ``current(url)`` and ``head()`` tell
where it is and should be. A host that runs Alembic itself adds nothing to its own environment:
the location is ``insurance_reviews.migrations:`` and the two histories never meet.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config

LOCATION = "insurance_reviews.migrations:"
VERSION_TABLE = "insurance_reviews_alembic_version"
SCHEMA = "insurance_reviews"
#: Between two statements of a frozen script; a trigger holds semicolons.
SEPARATOR = "\n-- next\n"


def upgrade(
    url: str, revision: str = "head", *, maintenance: str | None = None, role: str | None = None
) -> None:
    """Migrate the database at ``url`` (SQLAlchemy form) to ``revision``.

    On PostgreSQL ``role`` makes the changes, and ``maintenance`` is the setting that the migrating
    session turns on (see ``plugin/hardening/fence.py``).
    """
    # Alembic is imported where it is used: serving never needs it.
    from alembic import command

    config = _config(url)
    config.attributes.update(maintenance=maintenance, role=role)
    command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate back to ``revision``. Raises ``RuntimeError`` where that would drop evidence."""
    from alembic import command

    command.downgrade(_config(url), revision)


def head() -> str:
    """The newest revision that this release knows."""
    from alembic.script import ScriptDirectory

    revision = ScriptDirectory.from_config(_config("sqlite://")).get_current_head()
    assert revision is not None, "a release has at least its first revision"
    return revision


def current(url: str) -> str | None:
    """The revision of the database at ``url``, or ``None`` before the first migration. Where
    somebody wrote several into it, all of them, which no release is at."""
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import create_engine

    engine = create_engine(url)
    schema = SCHEMA if engine.dialect.name == "postgresql" else None
    options = {"version_table": VERSION_TABLE, "version_table_schema": schema}
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection, opts=options).get_current_heads()
            return ", ".join(sorted(found)) or None
    finally:
        engine.dispose()


def shipped_statements(engine_name: str) -> Iterator[str]:
    """The frozen statements of all revisions for an engine, in order, without loading Alembic."""
    scripts = sorted(
        script.name
        for script in (files(__package__) / "versions").iterdir()
        if script.name.endswith(f"_{engine_name}.sql")
    )
    for name in scripts:
        script = files(__package__) / "versions" / name
        yield from script.read_text(encoding="utf-8").split(SEPARATOR)


def _config(url: str) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", LOCATION)
    config.attributes["url"] = url
    return config
