"""What compliance's and the regulator's list of reports share: filter, pages, addresses."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import request

from ...widgets.desk_cards import FilterGroup
from ..cards.desk import filter_group
from ..queries.reports import STATUSES, ReportPage, ReportQuery


def asked_reports(insurer: str | None = None) -> ReportQuery:
    """The query that the request's parameters ask for."""
    asked = request.args.get("status")
    status = next((status for status in STATUSES if status == asked), None)
    return ReportQuery(insurer=insurer, status=status, before=request.args.get("before"))


def status_filter(url: str, query: ReportQuery) -> FilterGroup:
    """Links that filter the list at ``url`` by the regulator's answer."""
    options = [("all", url), *((status, f"{url}?status={status}") for status in STATUSES)]
    return filter_group("status", options, query.status or "all")


def next_url(url: str, query: ReportQuery, page: ReportPage) -> str | None:
    """The address of the page after ``page``."""
    if page.next is None:
        return None
    kept = {"status": query.status} if query.status else {}
    return f"{url}?{urlencode({**kept, 'before': page.next})}"
