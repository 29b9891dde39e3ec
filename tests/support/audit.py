"""The full check of everything: of every log against every row, and of every counter."""

from __future__ import annotations

from sqlalchemy.orm import Session

from insurance_reviews.moderation.check import check_log
from insurance_reviews.moderation.log import all_logs
from insurance_reviews.plugin.facts import FACT_TABLES
from insurance_reviews.plugin.figures import check_figures


def audit(session: Session) -> list[str]:
    """What is wrong with the database: nothing, we hope."""
    logs = all_logs(session)
    found = [told for ref in logs for told in check_log(session, ref, FACT_TABLES).findings]
    return found + check_figures(session)
