"""The facts of this application, and the locks that hold each row to its log entry."""

from __future__ import annotations

from ..moderation.facts import FACT_TABLES as FLOOR_FACT_TABLES
from ..moderation.facts import FactTable
from ..moderation.locks import (
    Guard,
    Speaker,
    append_only,
    fact_guards,
    floor_guards,
    install,
)
from ..moderation.locks.forms import score_object
from . import schema

INVITATION = FactTable(
    schema.invitation,
    "invitation.issued",
    {"id": "invitation", "product": "product", "stage": "stage"},
)
REVIEW = FactTable(
    schema.review,
    "review.submitted",
    {
        "id": "review",
        "invitation": "invitation",
        "product": "product",
        "stage": "stage",
        "channel": "channel",
        "score": "score",
        "aspects": "aspects",
        "item": "item",
        "commitment": "commitment",
        "author": "author",
        "experienced": "experienced",
    },
)
FOLLOW_UP = FactTable(
    schema.follow_up,
    "followup.published",
    {"review": "review", "item": "item", "commitment": "commitment"},
)
REPLY = FactTable(
    schema.reply,
    "reply.published",
    {"review": "review", "version": "version", "item": "item", "commitment": "commitment"},
)
#: Every table of facts of this house, for the checks.
FACT_TABLES = (*FLOOR_FACT_TABLES, INVITATION, REVIEW, FOLLOW_UP, REPLY)


def guards() -> list[Guard]:
    """The locks of the whole database, the floor's first."""
    plain = (schema.insurer, schema.product, schema.policy, schema.policy_event)
    return [
        *floor_guards(),
        *(guard for table in plain for guard in append_only(table)),
        *fact_guards(INVITATION),
        Guard("invitation", "event", "INSERT", "IR020", "the policy event differs", _event_differs),
        *fact_guards(REVIEW),
        Guard(
            "review", "invited", "INSERT", "IR021", "the invitation differs", _invitation_differs
        ),
        Guard("review", "aspects", "INSERT", "IR022", "the aspects are not scores", _aspects_wrong),
        Guard(
            "review", "text", "INSERT", "IR023", "the text is another item", _review_text_differs
        ),
        *fact_guards(FOLLOW_UP),
        Guard("follow_up", "author", "INSERT", "IR024", "the author is another", _other_author),
        Guard("follow_up", "open", "INSERT", "IR025", "the author has withdrawn", _withdrawn),
        *fact_guards(REPLY, successive=True),
        Guard(
            "reply", "review", "INSERT", "IR027", "the review is of another log", _review_elsewhere
        ),
        Guard(
            "reply", "version", "INSERT", "IR026", "the version is not the next", _not_next_version
        ),
        Guard("reply", "text", "INSERT", "IR023", "the text is another item", _reply_text_differs),
    ]


def _event_differs(say: Speaker) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('policy_event')} e "
        f"JOIN {say.rows('product')} p ON p.sku = e.product "
        f"JOIN {say.rows('log')} l ON l.insurer = p.insurer "
        f"WHERE e.id = NEW.event AND e.product = NEW.product AND e.stage = NEW.stage "
        f"AND l.id = NEW.log)"
    )


def _invitation_differs(say: Speaker) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('invitation')} i "
        f"JOIN {say.rows('policy_event')} e ON e.id = i.event "
        f"WHERE i.id = NEW.invitation AND i.log = NEW.log AND i.product = NEW.product "
        f"AND i.stage = NEW.stage AND substr(e.occurred_on, 1, 7) = NEW.experienced)"
    )


def _aspects_wrong(say: Speaker) -> str:
    """A JSON object of whole numbers from 1 to 5; with anything else the row could mean two
    leaves."""
    return f"NEW.aspects <> {score_object('NEW.aspects', say)}"


def _review_text_differs(say: Speaker) -> str:
    return f"NEW.item IS NOT NULL AND {_text_differs(say, 'review')}"


def _reply_text_differs(say: Speaker) -> str:
    return _text_differs(say, "reply")


def _text_differs(say: Speaker, kind: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('item')} i WHERE i.id = NEW.item "
        f"AND i.kind = '{kind}' AND i.log = NEW.log AND i.entry = NEW.entry)"
    )


def _other_author(say: Speaker) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('item')} i "
        f"JOIN {say.rows('review')} r ON r.id = NEW.review AND r.log = NEW.log "
        f"WHERE i.id = NEW.item AND i.kind = 'follow_up' AND i.entry = NEW.entry "
        f"AND i.log = NEW.log AND i.author = r.author)"
    )


def _withdrawn(say: Speaker) -> str:
    """No follow-up after a withdrawal, of the review's own text or of an earlier follow-up."""
    removal = say.table("removal")
    return (
        f"EXISTS (WITH RECURSIVE chain(item) AS ("
        f"SELECT r.item FROM {say.rows('review')} r WHERE r.id = NEW.review "
        f"UNION SELECT f.item FROM {say.rows('follow_up')} f WHERE f.review = NEW.review "
        f"UNION SELECT w.redacted_item FROM {removal} w JOIN chain ON w.item = chain.item) "
        f"SELECT 1 FROM {removal} w JOIN chain ON w.item = chain.item "
        f"WHERE w.author_key IS NOT NULL)"
    )


def _review_elsewhere(say: Speaker) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('review')} r "
        f"WHERE r.id = NEW.review AND r.log = NEW.log)"
    )


def _not_next_version(say: Speaker) -> str:
    return (
        f"NEW.version <> 1 + (SELECT count(*) FROM {say.rows('reply')} p "
        f"WHERE p.review = NEW.review)"
    )


# ``create_all`` makes the locks with the tables; a migration carries its frozen copy.
install(schema.metadata, guards())
