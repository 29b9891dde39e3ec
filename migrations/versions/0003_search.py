"""The search index, topics, and figures by month."""

from __future__ import annotations

from alembic import op

from insurance_reviews.migrations.frozen import run_frozen

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PREFIX = "insurance_reviews_"
TABLES = (
    "search_index",
    "search_part",
    "search_document",
    "search_state",
    "topic_count",
    "month_count",
)


def upgrade() -> None:
    """The months are counted at once; ``flask reviews search rebuild`` reads the words."""
    run_frozen(revision)
    op.execute(
        f"INSERT INTO {_PREFIX}month_count (product, stage, month, n, total) "
        f"SELECT product, stage, experienced, count(*), sum(score) FROM {_PREFIX}review "
        "GROUP BY product, stage, experienced"
    )


def downgrade() -> None:
    """Nothing of this is evidence: all of it is computed from the rest."""
    for table in TABLES:
        op.execute(f"DROP TABLE {_PREFIX}{table}")
    op.execute(f"DROP INDEX ix_{_PREFIX}review_at")
