"""The fixed vocabulary in words: stages, aspects, grounds, verdicts, and the like.

Cards carry the keys; templates word them through these tables. A key that no table knows is shown
as it is, so that an aspect which a product configured without a label still appears.
"""

from __future__ import annotations

from .forms import SCORE_WORDS
from .i18n import N_

STAGES = {
    "underwriting": N_("Underwriting"),
    "renewal": N_("Renewal payment"),
    "claim": N_("Claim"),
}

# One key may mean another thing at another stage: "ease" is of buying here, of paying there.
ASPECTS = {
    ("underwriting", "clarity"): N_("Clarity of terms"),
    ("underwriting", "ease"): N_("Ease of buying"),
    ("underwriting", "attitude"): N_("Service attitude"),
    ("renewal", "reminder"): N_("Timely reminder"),
    ("renewal", "ease"): N_("Ease of paying"),
    ("renewal", "attitude"): N_("Service attitude"),
    ("claim", "speed"): N_("Speed of settlement"),
    ("claim", "guidance"): N_("Guidance through the steps"),
    ("claim", "outcome"): N_("Outcome"),
    ("claim", "attitude"): N_("Service attitude"),
}

# What reviews speak of, by what the search finds in them.
TOPICS = {
    "claim_speed": N_("Speed of claims"),
    "claim_documents": N_("Claim documents"),
    "refusal": N_("Refused claims"),
    "payout": N_("Amount paid"),
    "progress": N_("News of progress"),
    "service": N_("Customer service"),
    "terms": N_("Terms of the policy"),
    "exclusions": N_("Exclusions"),
    "health_notice": N_("Health declaration"),
    "buying": N_("Buying online"),
    "sales": N_("What the seller promised"),
    "price": N_("Price of renewal"),
    "debit": N_("Debits and reminders"),
    "surrender": N_("Surrender and refund"),
}

GROUNDS = {
    "personal_data": N_("Personal data of others"),
    "unlawful_content": N_("Unlawful content"),
    "defamation": N_("Defamation"),
    "court_order": N_("Court order"),
    "other": N_("Other"),
    "withdrawn": N_("Withdrawn by the author"),
}

# What the element says by itself, by the end of the attribute that words it on a page.
ELEMENT = {
    "failed": N_("The reviews could not be loaded."),
    "retry": N_("Try again"),
    "shown": N_("{n} reviews listed"),
}

SORTS = {
    "newest": N_("Newest"),
    "oldest": N_("Oldest"),
    "highest": N_("Highest"),
    "lowest": N_("Lowest"),
    "relevant": N_("Most relevant"),
}

PERSONAL_DATA = {
    "resident_id": N_("an ID card number"),
    "mobile": N_("a mobile number"),
    "bank_card": N_("a bank card number"),
    "email": N_("an e-mail address"),
    "policy_no": N_("your policy number"),
}

TEXT_STATES = {
    "text": N_("Text public"),
    "stars_only": N_("Stars only"),
    "redacted": N_("Passages redacted"),
    "removed": N_("Text removed"),
    "withdrawn": N_("Withdrawn by the author"),
}

ITEM_KINDS = {
    "review": N_("Review text"),
    "follow_up": N_("Follow-up"),
    "reply": N_("Reply"),
}

VERDICTS = {
    "acknowledged": N_("Acknowledged by the authority"),
    "disputed": N_("Disputed by the authority"),
}

FILTERS = {
    "reply": N_("Replies"),
    "stage": N_("Stage"),
    "score": N_("Stars"),
    "insurer": N_("Insurer"),
    "status": N_("Answer of the authority"),
}

FILTER_VALUES = {
    "all": N_("All"),
    "unanswered": N_("Not yet answered"),
    "answered": N_("Answered"),
    "open": N_("Not yet acknowledged"),
    "acknowledged": N_("Acknowledged"),
    "disputed": N_("Disputed"),
    **STAGES,
}

COMPARED = {
    "insurer": N_("Insurers"),
    "product": N_("Products"),
}

COMPARE_ORDERS = {
    "name": N_("By name"),
    "average": N_("By average"),
    "count": N_("By number of reviews"),
    "coverage": N_("By coverage"),
}

SCORES = dict(SCORE_WORDS)

#: The name that stands in the log where none was given: shown in the reader's language.
ANONYMOUS = "匿名用户"


def topic(key: str) -> str:
    """The msgid of a topic; an unknown one by its key."""
    return TOPICS.get(key, key)


def aspect(stage: str, key: str, label: str | None) -> str:
    """The msgid of an aspect, or the label that the product configured for it."""
    return label or ASPECTS.get((stage, key), key)
