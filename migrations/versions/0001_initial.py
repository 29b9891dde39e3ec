"""The first schema: logs, facts, words, locks and counters."""

from __future__ import annotations

from alembic import op

from insurance_reviews.migrations.frozen import refuse_to_drop_evidence, run_frozen

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = [
    "outbox",
    "token",
    "storefront_grant",
    "storefront",
    "holder_contact",
    "product_state",
    "reply_delay",
    "invitation_count",
    "aspect_count",
    "review_count",
    "reply",
    "follow_up",
    "review",
    "invitation",
    "policy_event",
    "policy",
    "product",
    "removal",
    "acknowledgement",
    "report_item",
    "report",
    "content",
    "item",
    "log_checkpoint",
    "log_node",
    "log_entry",
    "log",
    "insurer",
]


def upgrade() -> None:
    run_frozen(revision)


def downgrade() -> None:
    refuse_to_drop_evidence("insurance_reviews_log_entry")
    for table in TABLES:
        op.execute(f"DROP TABLE insurance_reviews_{table}")
    if op.get_bind().dialect.name == "postgresql":
        # The version table lives in the schema as well, so the schema itself stays.
        op.execute(
            "DO $$ DECLARE f regprocedure; BEGIN "
            "FOR f IN SELECT p.oid::regprocedure FROM pg_proc p "
            "WHERE p.pronamespace = 'insurance_reviews'::regnamespace LOOP "
            "EXECUTE 'DROP FUNCTION ' || f; END LOOP; END $$"
        )
