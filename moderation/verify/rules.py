"""What entries owe each other: each rule is one query, and every row of it is a finding.

The database of the shop refuses the same by its locks; here nobody is believed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .findings import Findings
from .replay import Replay


class Rule(NamedTuple):
    """``query`` gives (entry, what is wrong) for every entry that breaks the rule."""

    code: str
    query: str


#: The authors of texts; replies have none.
_OWNED: Final = """text t JOIN review v ON v.id = t.review AND v.entry <= t.entry
  AND t.kind IN ('review', 'follow_up')"""


def _repeated(table: str, column: str, noun: str) -> str:
    return f"""
        SELECT entry, '{noun} ' || {column} || ' was already in entry ' || earlier FROM (
          SELECT entry, {column}, min(entry) OVER (PARTITION BY {column}) AS earlier FROM {table})
        WHERE earlier < entry"""


RULES: Final = (
    Rule("invitation-repeated", _repeated("invitation", "id", "the invitation")),
    Rule("review-repeated", _repeated("review", "id", "the review")),
    Rule("invitation-reused", _repeated("review", "invitation", "the invitation")),
    Rule("report-repeated", _repeated("report", "id", "the report")),
    Rule("item-repeated", _repeated("text", "item", "the text")),
    Rule("removal-repeated", _repeated("removal", "item", "the removal of")),
    Rule(
        "item-repeated",
        """SELECT t.entry, 'entry ' || t.entry || ' redacts a text into itself'
        FROM text t JOIN removal r ON r.entry = t.entry AND r.item = t.item""",
    ),
    Rule(
        "review-uninvited",
        """SELECT v.entry, 'no earlier entry invites ' || v.id || ' to ' || v.product || ', '
          || v.stage
        FROM review v WHERE NOT EXISTS (SELECT 1 FROM invitation i WHERE i.id = v.invitation
          AND i.entry < v.entry AND i.product = v.product AND i.stage = v.stage)""",
    ),
    Rule(
        "follow-up-unfounded",
        """SELECT f.entry, 'there is no earlier review ' || f.review FROM follow_up f
        WHERE NOT EXISTS (SELECT 1 FROM review v WHERE v.id = f.review AND v.entry < f.entry)""",
    ),
    Rule(
        "follow-up-after-withdrawal",
        """SELECT f.entry, 'the author had withdrawn in entry ' || min(r.entry)
        FROM removal r JOIN text t ON t.item = r.item AND t.kind IN ('review', 'follow_up')
        JOIN follow_up f ON f.review = t.review AND f.entry > r.entry
        WHERE r.author IS NOT NULL GROUP BY f.entry""",
    ),
    Rule(
        "reply-unfounded",
        """SELECT p.entry, 'there is no earlier review ' || p.review FROM reply p
        WHERE NOT EXISTS (SELECT 1 FROM review v WHERE v.id = p.review AND v.entry < p.entry)""",
    ),
    Rule(
        "reply-version",
        """SELECT entry, 'version ' || version || ' is number ' || number FROM (
          SELECT entry, version, row_number() OVER (PARTITION BY review ORDER BY entry) AS number
          FROM reply) WHERE version <> number""",
    ),
    Rule(
        "report-unfounded",
        """SELECT n.entry, 'there is no earlier text ' || n.item FROM report_item n
        WHERE NOT EXISTS (SELECT 1 FROM text t WHERE t.item = n.item AND t.entry < n.entry)""",
    ),
    Rule(
        "report-on-gone-text",
        """SELECT n.entry, n.item || ' was gone since entry ' || r.entry
        FROM report_item n JOIN removal r ON r.item = n.item AND r.entry < n.entry""",
    ),
    Rule(
        "report-number-repeated",
        """SELECT entry, report_no || ' was filed for ' || item || ' in entry ' || earlier FROM (
          SELECT m.entry, m.report_no, n.item,
            min(m.entry) OVER (PARTITION BY n.item, m.authority, m.report_no) AS earlier
          FROM report m JOIN report_item n ON n.entry = m.entry)
        WHERE earlier < entry""",
    ),
    Rule(
        # From the day before the newest text it names to the day after its entry: days of the log
        # are UTC, and the insurer's calendar may be a day ahead or behind.
        "report-date",
        """SELECT entry, 'it is dated ' || filed_on || ', its newest text is of ' || published
          || ', its entry of ' || logged FROM (
          SELECT m.entry, m.filed_on, date(m.at, 'unixepoch') AS logged, (
            SELECT date(max(t.at), 'unixepoch') FROM report_item n
            JOIN text t ON t.item = n.item AND t.entry < n.entry
            WHERE n.entry = m.entry) AS published
          FROM report m)
        WHERE filed_on < date(published, '-1 day') OR filed_on > date(logged, '+1 day')""",
    ),
    Rule(
        "acknowledgement-unfounded",
        """SELECT a.entry, 'there is no earlier report ' || a.report FROM acknowledgement a
        WHERE NOT EXISTS (SELECT 1 FROM report m WHERE m.id = a.report AND m.entry < a.entry)""",
    ),
    Rule(
        # A report's reasons and the notes of its answers are texts too, private from the start and
        # in no entry by name: so many removals of unknown texts a report explains, and no more.
        "removal-unfounded",
        """SELECT entry, 'there is no text ' || item FROM (
          SELECT r.entry, r.item, r.report, r.redacted, r.author,
            row_number() OVER (PARTITION BY r.report ORDER BY r.entry) AS number
          FROM removal r
          WHERE NOT EXISTS (SELECT 1 FROM text t WHERE t.item = r.item AND t.entry < r.entry)) x
        WHERE redacted IS NOT NULL OR author IS NOT NULL
          OR EXISTS (SELECT 1 FROM text t WHERE t.item = x.item)
          OR number > (SELECT count(DISTINCT m.id) FROM report m
            WHERE m.id = x.report AND m.entry < x.entry)
            + (SELECT count(*) FROM acknowledgement a
            WHERE a.report = x.report AND a.entry < x.entry AND a.note)""",
    ),
    Rule(
        "removal-unreported",
        """SELECT r.entry, 'no earlier report ' || r.report || ' names ' || r.item FROM removal r
        JOIN text t ON t.item = r.item AND t.entry < r.entry
        WHERE r.report IS NOT NULL AND NOT EXISTS (SELECT 1 FROM report_item n
          WHERE n.report = r.report AND n.item = r.item AND n.entry < r.entry)""",
    ),
    Rule(
        "removal-wrong-key",
        f"""SELECT r.entry, 'the key is not that of the author of ' || r.item FROM removal r
        WHERE r.author IS NOT NULL
          AND EXISTS (SELECT 1 FROM text t WHERE t.item = r.item AND t.entry < r.entry)
          AND NOT EXISTS (SELECT 1 FROM {_OWNED}
            WHERE t.item = r.item AND v.author = r.author)""",
    ),
)


def check_rules(replay: Replay, findings: Findings) -> None:
    """Hold every entry that was replayed to what came before it."""
    for rule in RULES:
        for entry, wrong in replay.ask(rule.query):
            findings.add(rule.code, f"entry {entry}: {wrong}", index=entry)
