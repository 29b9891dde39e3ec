"""Why texts were removed: a counter by product and ground."""

from __future__ import annotations

from alembic import op

from insurance_reviews.migrations.frozen import run_frozen

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_P = "insurance_reviews_"
#: A redacted item leads back to the one that was published first, and that to its product.
_COUNT = f"""
INSERT INTO {_P}removal_count (product, ground, n)
WITH RECURSIVE origin (item, first) AS (
  SELECT r.item, r.item FROM {_P}removal r
  WHERE NOT EXISTS (SELECT 1 FROM {_P}removal b WHERE b.redacted_item = r.item)
  UNION ALL
  SELECT r.redacted_item, o.first FROM {_P}removal r JOIN origin o ON o.item = r.item
  WHERE r.redacted_item IS NOT NULL
), published (item, product) AS (
  SELECT v.item, v.product FROM {_P}review v WHERE v.item IS NOT NULL
  UNION ALL
  SELECT f.item, v.product FROM {_P}follow_up f JOIN {_P}review v ON v.id = f.review
  UNION ALL
  SELECT p.item, v.product FROM {_P}reply p JOIN {_P}review v ON v.id = p.review
)
SELECT published.product, why.ground, count(*)
FROM {_P}removal r
JOIN origin ON origin.item = r.item
JOIN {_P}report why ON why.id = r.report
JOIN published ON published.item = origin.first
GROUP BY published.product, why.ground
"""


def upgrade() -> None:
    """What was removed until now is counted at once."""
    run_frozen(revision)
    op.execute(_COUNT)


def downgrade() -> None:
    """No evidence: the facts say it, too."""
    op.execute(f"DROP TABLE {_P}removal_count")
