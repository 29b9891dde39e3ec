"""Further keys of a log, and what witnesses sign under its checkpoints."""

from __future__ import annotations

from alembic import op

from insurance_reviews.migrations.frozen import refuse_to_drop_evidence, run_frozen

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("cosignature", "log_key")


def upgrade() -> None:
    run_frozen(revision)


def downgrade() -> None:
    # The tables may be empty; but the older release could not tell which keys a log announced.
    refuse_to_drop_evidence("insurance_reviews_log_entry")
    for table in TABLES:
        op.execute(f"DROP TABLE insurance_reviews_{table}")
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(
                "DO $$ DECLARE f regprocedure; BEGIN "
                "FOR f IN SELECT p.oid::regprocedure FROM pg_proc p "
                "WHERE p.pronamespace = 'insurance_reviews'::regnamespace "
                f"AND starts_with(p.proname, '{table}_') LOOP "
                "EXECUTE 'DROP FUNCTION ' || f; END LOOP; END $$"
            )
