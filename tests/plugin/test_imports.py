"""What a reading process does not load."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from flask import Flask
from insurance_reviews.plugin import InsuranceReviews
settings = {
    "INSURANCE_REVIEWS_DATABASE_URL": "sqlite:////nowhere/reviews.db",
    "INSURANCE_REVIEWS_PUBLIC_URL": "http://localhost",
    "INSURANCE_REVIEWS_STATE_DIR": "/nowhere/state",
    "INSURANCE_REVIEWS_POLICY_KEY": "00" * 32,
    "INSURANCE_REVIEWS_INVITATION_KEY": "11" * 32,
}
InsuranceReviews().init_app(Flask("host"), settings)
print(*sorted({"jieba", "alembic", "granian"} & set(sys.modules)))
"""


def test_mounting_loads_neither_segmenter_nor_migrations_nor_server() -> None:
    """They are heavy, and a process that only shows reviews never needs them."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
