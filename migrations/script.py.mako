"""${message}"""

from __future__ import annotations

from insurance_reviews.migrations.frozen import run_frozen

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen("${up_revision}")


def downgrade() -> None:
    raise RuntimeError("this revision cannot be taken back")
