"""The application's tables: the catalogue, the policies, the reviews, and what may change.

Facts follow the floor's rules (:mod:`insurance_reviews.moderation.schema`). Mutable are only the
tables of the last section: counters, product revisions, outbox, holder contacts, tokens and
storefronts.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    event,
)

from ..moderation.schema import (
    PREFIX,
    BigInt,
    CanonicalJson,
    SmallInt,
    define,
    fact_columns,
    hex_32,
    item,
    metadata,
    one_of,
)

STAGES = ("underwriting", "renewal", "claim")

__all__ = ["STAGES", "metadata"]

# --- the catalogue -------------------------------------------------------------------------------

insurer = define(
    "insurer",
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("created_at", BigInt, nullable=False),
)

#: ``stages`` is a JSON array; ``aspects`` a JSON object, stage → [[key, zh, en], …], or NULL for
#: the default aspects.
product = define(
    "product",
    Column("sku", Text, primary_key=True),
    Column("insurer", Text, ForeignKey(insurer.c.slug), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("stages", Text, nullable=False),
    Column("aspects", Text),
    Column("created_at", BigInt, nullable=False),
    Index(None, "insurer"),
)

# --- policies and invitations ---------------------------------------------------------------------

#: ``number_hash`` is HMAC-SHA256(policy key, insurer ‖ 00 ‖ number): the number is never stored.
policy = define(
    "policy",
    Column("number_hash", Text, hex_32("number_hash"), primary_key=True),
    Column("insurer", Text, ForeignKey(insurer.c.slug), nullable=False),
)

policy_event = define(
    "policy_event",
    Column("id", Text, primary_key=True),
    Column("policy", Text, ForeignKey(policy.c.number_hash), nullable=False),
    Column("stage", Text, one_of("stage", *STAGES), nullable=False),
    Column("occurrence", Text, nullable=False),
    Column("product", Text, ForeignKey(product.c.sku), nullable=False),
    Column("occurred_on", Text, nullable=False),
    Column("storefront", Text, nullable=False),
    Column("created_at", BigInt, nullable=False),
    UniqueConstraint("policy", "stage", "occurrence"),
)

invitation = define(
    "invitation",
    *fact_columns(primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("product", Text, ForeignKey(product.c.sku), nullable=False),
    Column("stage", Text, one_of("stage", *STAGES), nullable=False),
    Column("event", Text, ForeignKey(policy_event.c.id), nullable=False, unique=True),
    Column("expires_at", BigInt, nullable=False),
)

# --- reviews, follow-ups, replies
# ------------------------------------------------------------------

review = define(
    "review",
    *fact_columns(primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("invitation", Text, ForeignKey(invitation.c.id), nullable=False, unique=True),
    Column("product", Text, ForeignKey(product.c.sku), nullable=False),
    Column("stage", Text, one_of("stage", *STAGES), nullable=False),
    Column("channel", Text, one_of("channel", "online"), nullable=False),
    Column(
        "score",
        SmallInt,
        CheckConstraint("score BETWEEN 1 AND 5", name="score_range"),
        nullable=False,
    ),
    Column("aspects", CanonicalJson, nullable=False),
    Column("item", Text, ForeignKey(item.c.id), unique=True),
    Column("commitment", Text, hex_32("commitment")),
    Column("author", Text, hex_32("author"), nullable=False),
    Column("experienced", Text, nullable=False),
    CheckConstraint("(item IS NULL) = (commitment IS NULL)", name="text_pair"),
    # One index per pair of filters, each ending in the entry: every order and every filter of the
    # wall is a range of one of them, read forwards or backwards.
    Index("ix_insurance_reviews_review_product", "product", "entry"),
    Index("ix_insurance_reviews_review_stage", "product", "stage", "entry"),
    Index("ix_insurance_reviews_review_score", "product", "score", "entry"),
    Index("ix_insurance_reviews_review_stage_score", "product", "stage", "score", "entry"),
    # A period of time is a range of entries, whose ends are found here.
    Index("ix_insurance_reviews_review_at", "product", "at", "entry"),
)

follow_up = define(
    "follow_up",
    *fact_columns(primary_key=True),
    Column("review", Text, ForeignKey(review.c.id), nullable=False),
    Column("item", Text, ForeignKey(item.c.id), nullable=False, unique=True),
    Column("commitment", Text, hex_32("commitment"), nullable=False),
    Index(None, "review"),
)

reply = define(
    "reply",
    *fact_columns(primary_key=True),
    Column("review", Text, ForeignKey(review.c.id), nullable=False),
    Column("version", SmallInt, nullable=False),
    Column("item", Text, ForeignKey(item.c.id), nullable=False, unique=True),
    Column("commitment", Text, hex_32("commitment"), nullable=False),
    UniqueConstraint("review", "version"),
)

# --- what may change
# -------------------------------------------------------------------------------

review_count = define(
    "review_count",
    Column("product", Text, ForeignKey(product.c.sku), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("score", SmallInt, primary_key=True),
    Column("has_text", SmallInt, primary_key=True),
    Column("n", BigInt, nullable=False),
)

aspect_count = define(
    "aspect_count",
    Column("product", Text, ForeignKey(product.c.sku), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("aspect", Text, primary_key=True),
    Column("n", BigInt, nullable=False),
    Column("total", BigInt, nullable=False),
)

invitation_count = define(
    "invitation_count",
    Column("product", Text, ForeignKey(product.c.sku), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("n", BigInt, nullable=False),
)

#: How many reviews got their first reply after so many hours: small enough to read a median from.
reply_delay = define(
    "reply_delay",
    Column("product", Text, ForeignKey(product.c.sku), primary_key=True),
    Column("hours", BigInt, primary_key=True),
    Column("n", BigInt, nullable=False),
)

#: ``revision`` grows with every visible change; ``removals`` and ``withdrawals`` count texts.
product_state = define(
    "product_state",
    Column("product", Text, ForeignKey(product.c.sku), primary_key=True),
    Column("revision", BigInt, nullable=False),
    Column("removals", BigInt, nullable=False),
    Column("withdrawals", BigInt, nullable=False),
)

#: How many texts went on a report, or passages of them, by the ground that it gave.
removal_count = define(
    "removal_count",
    Column("product", Text, ForeignKey(product.c.sku), primary_key=True),
    Column("ground", Text, primary_key=True),
    Column("n", BigInt, nullable=False),
)

#: By the month of the experience, ``YYYY-MM``, which the log holds.
month_count = define(
    "month_count",
    Column("product", Text, ForeignKey(product.c.sku), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("n", BigInt, nullable=False),
    Column("total", BigInt, nullable=False),
)

#: How many reviews speak of a topic, by the stars that they gave to it (``score``): those of the
#: aspect that rates the same matter, or the review's own. They tell what is critical and what is
#: praise, which is never guessed from the words.
topic_count = define(
    "topic_count",
    Column("product", Text, ForeignKey(product.c.sku), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("score", SmallInt, primary_key=True),
    Column("n", BigInt, nullable=False),
)

holder_contact = define(
    "holder_contact",
    Column("event", Text, ForeignKey(policy_event.c.id), primary_key=True),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("created_at", BigInt, nullable=False),
    Index(None, "created_at"),
)

storefront = define(
    "storefront",
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("origins", Text, nullable=False),
    Column("created_at", BigInt, nullable=False),
)

storefront_grant = define(
    "storefront_grant",
    Column("storefront", Text, ForeignKey(storefront.c.slug), primary_key=True),
    Column("insurer", Text, ForeignKey(insurer.c.slug), primary_key=True),
)

#: Only the SHA-256 of a token is stored. ``subject`` is a storefront, an insurer or an authority.
token = define(
    "token",
    Column("hash", Text, hex_32("hash"), primary_key=True),
    Column(
        "role",
        Text,
        one_of("role", "storefront", "insurer", "compliance", "regulator"),
        nullable=False,
    ),
    Column("subject", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", BigInt, nullable=False),
    Column("revoked_at", BigInt),
)

outbox = define(
    "outbox",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", Text),
    Column("created_at", BigInt, nullable=False),
    Column("due_at", BigInt, nullable=False),
    Column("attempts", SmallInt, nullable=False),
    Column("done_at", BigInt),
    Column("error", Text),
    Index(None, "done_at", "due_at"),
)

# --- the search index
# ------------------------------------------------------------------------------

# A review's place in the index is its ``key``: log · 2^40 + entry, so that keys lie in the order of
# each log. Nothing here is evidence: all of it is made of the facts and the words, and goes with
# the words.

#: One row per review: the facets by which it is found, words apart, as tokens.
search_document = define(
    "search_document",
    Column("key", BigInt, primary_key=True, autoincrement=False),
    Column("facets", Text, nullable=False),
)

#: One row per text that can be read: as it is searched, its words, and the topics it speaks of.
search_part = define(
    "search_part",
    Column("key", BigInt, ForeignKey(search_document.c.key), primary_key=True),
    Column("item", Text, ForeignKey(item.c.id), primary_key=True),
    Column("kind", Text, one_of("kind", "review", "follow_up", "reply"), nullable=False),
    Column("folded", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("topics", Text, nullable=False),
)

#: What the index was built with, and how far a rebuilding has come. One row.
search_state = define(
    "search_state",
    Column(
        "id", SmallInt, CheckConstraint("id = 1", name="one"), primary_key=True, autoincrement=False
    ),
    Column("segmenter", Text, nullable=False),
    Column("target", Text),
    Column("position", BigInt),
)

#: The inverted index itself, which each engine keeps in its own way: documents (``rowid`` on
#: SQLite, ``key`` on PostgreSQL) by tokens. Positions are not kept: a phrase is looked for in
#: ``search_part.folded``.
SEARCH_INDEX = f"{PREFIX}search_index"
_SEARCH_INDEX = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {SEARCH_INDEX} USING fts5"
        "(tokens, content='', detail='none', columnsize=0, tokenize='ascii')",
    ),
    "postgresql": (
        f"CREATE TABLE {SEARCH_INDEX} (key BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL)",
        # Newly written rows wait in a short list that every search reads through.
        f"CREATE INDEX ix_{SEARCH_INDEX}_tokens ON {SEARCH_INDEX} USING gin (tokens) "
        "WITH (fastupdate = on, gin_pending_list_limit = 256)",
    ),
}
for _dialect, _statements in _SEARCH_INDEX.items():
    for _statement in _statements:
        event.listen(
            metadata,
            "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
