"""Write the SQL that today's models and locks give: ``python scripts/freeze.py 0001``.

For the author of a new revision. Of the first it writes the whole schema, of a later one the
statements that no earlier revision holds; what has to be altered or dropped is written by hand. A
revision that has been released is never frozen again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import create_mock_engine
from sqlalchemy.schema import ExecutableDDLElement

from insurance_reviews.migrations.frozen import SEPARATOR
from insurance_reviews.plugin import facts, schema

VERSIONS = Path(__file__).resolve().parent.parent / "migrations" / "versions"


def main(revision: str) -> None:
    """Freeze ``revision`` for both engines."""
    assert facts.FACT_TABLES, "importing the facts hangs the locks on the metadata"
    for url in ("sqlite://", "postgresql+psycopg://"):
        statements: list[str] = []

        def keep(statement: ExecutableDDLElement, *_: object, **__: object) -> None:
            # The compiler doubles percent signs for psycopg; running the script does it again.
            compiled = str(statement.compile(dialect=engine.dialect)).replace("%%", "%")  # noqa: B023
            statements.append("\n".join(line.rstrip() for line in compiled.strip().splitlines()))  # noqa: B023

        engine = create_mock_engine(url, keep)
        schema.metadata.create_all(engine, checkfirst=False)
        target = VERSIONS / f"{revision}_{engine.dialect.name}.sql"
        known = _statements_before(revision, engine.dialect.name)
        statements = [each for each in statements if each not in known]
        target.write_text(SEPARATOR.join(statements) + "\n", encoding="utf-8")
        print(f"{target.name}: {len(statements)} statements")


def _statements_before(revision: str, dialect: str) -> set[str]:
    """What the revisions before ``revision`` hold."""
    earlier = [
        path for path in VERSIONS.glob(f"*_{dialect}.sql") if path.name.split("_")[0] < revision
    ]
    texts = [path.read_text(encoding="utf-8").removesuffix("\n") for path in earlier]
    return {statement for text in texts for statement in text.split(SEPARATOR)}


if __name__ == "__main__":
    main(*sys.argv[1:])
