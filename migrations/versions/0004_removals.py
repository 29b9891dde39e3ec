"""Why texts were removed, by product and ground; and topics by the stars for the matter itself."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby

from alembic import op
from sqlalchemy import Connection, text

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


#: Topic → the aspect that rates the same matter.
_JUDGED_BY = {
    "claim_speed": "speed",
    "refusal": "outcome",
    "payout": "outcome",
    "progress": "guidance",
    "service": "attitude",
    "terms": "clarity",
    "buying": "ease",
    "debit": "reminder",
}
_SPOKEN = text(f"""
SELECT v.id, v.product, v.stage, v.score, v.aspects, p.topics
FROM {_P}search_part p
JOIN {_P}review v ON v.entry = p.key % 1099511627776 AND v.log = p.key / 1099511627776
WHERE p.kind <> 'reply' AND p.topics <> ''
ORDER BY p.key
""")
_COUNTER = text(f"""
INSERT INTO {_P}topic_count (product, stage, topic, score, n)
VALUES (:product, :stage, :topic, :score, :n)
""")


def upgrade() -> None:
    """What was removed until now is counted at once, and what people speak of anew."""
    run_frozen(revision)
    op.execute(_COUNT)
    _count_topics(op.get_bind())


def _count_topics(connection: Connection) -> None:
    counted: Counter[tuple[str, str, str, int]] = Counter()
    rows = connection.execute(_SPOKEN)
    for _, texts in groupby(rows, key=lambda row: row.id):
        parts = list(texts)
        about, aspects = parts[0], json.loads(parts[0].aspects)
        for topic in {topic for part in parts for topic in part.topics.split()}:
            rating = aspects.get(_JUDGED_BY.get(topic, ""), about.score)
            counted[about.product, about.stage, topic, rating] += 1
    connection.execute(text(f"DELETE FROM {_P}topic_count"))
    names = ("product", "stage", "topic", "score")
    if counted:
        connection.execute(
            _COUNTER,
            [{**dict(zip(names, key, strict=True)), "n": n} for key, n in sorted(counted.items())],
        )


def downgrade() -> None:
    """No evidence: the facts say it, too."""
    op.execute(f"DROP TABLE {_P}removal_count")
