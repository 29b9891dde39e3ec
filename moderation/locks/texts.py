"""The locks of the erasable words: they come once, stay as they are, and go only on their
removal."""

from __future__ import annotations

from .. import facts, schema
from ..commitment import AUTHOR_DOMAIN
from ..redaction import BLOT
from .floor import POSTGRESQL_ONLY
from .forms import masks_of, redaction_object
from .generate import fact_guards, no_replace
from .guard import Guard, always
from .speaker import Speaker
from .sqlite_sha256 import sha256_of_key


def removal_guards() -> list[Guard]:
    """Locks of removals: on a report that names the text, or with its author's key."""
    return [
        *fact_guards(facts.REMOVAL),
        Guard("removal", "reported", "INSERT", "IR010", "no report names this text", _not_reported),
        Guard(
            "removal",
            "author",
            "INSERT",
            "IR011",
            "the key is not the author''s",
            _author_key_wrong,
        ),
        Guard(
            "removal",
            "redacted",
            "INSERT",
            "IR006",
            "the redacted item differs",
            _redacted_item_differs,
        ),
        Guard(
            "removal", "masks", "INSERT", "IR017", "the masks are not in order", _masks_disorderly
        ),
    ]


def _not_reported(say: Speaker) -> str:
    """A report names its items; it also covers its own reasons and the notes of its answers.

    The removal stands in the log of the text, or that log would show a text that is gone.
    """
    return (
        f"NEW.report IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {say.rows('report_item')} n "
        f"WHERE n.report = NEW.report AND n.item = NEW.item AND n.log = NEW.log) "
        f"AND NOT EXISTS (SELECT 1 FROM {say.rows('report')} r "
        f"WHERE r.id = NEW.report AND r.reasons_item = NEW.item AND r.log = NEW.log) "
        f"AND NOT EXISTS (SELECT 1 FROM {say.rows('acknowledgement')} a "
        f"WHERE a.report = NEW.report AND a.note_item = NEW.item AND a.log = NEW.log)"
    )


def _author_key_wrong(say: Speaker) -> str:
    author = f"(SELECT author FROM {say.rows('item')} WHERE id = NEW.item AND log = NEW.log)"
    if say.dialect == "sqlite":
        form = "NEW.author_key GLOB '*[^0-9a-f]*'"
        digest = sha256_of_key(AUTHOR_DOMAIN, "NEW.author_key")
    else:
        form = "NEW.author_key !~ '^[0-9a-f]{64}$'"
        # The form is checked first, so decode() cannot raise an error of its own here.
        digest = (
            f"(SELECT CASE WHEN NEW.author_key ~ '^[0-9a-f]{{64}}$' THEN encode(sha256("
            f"'\\x{AUTHOR_DOMAIN.hex()}'::bytea || decode(NEW.author_key, 'hex')), 'hex') END)"
        )
    return f"NEW.author_key IS NOT NULL AND ({form} OR {digest} <> coalesce({author}, ''))"


def _redacted_item_differs(say: Speaker) -> str:
    return (
        f"NEW.redacted IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {say.rows('item')} i "
        f"WHERE i.id = NEW.redacted_item AND i.kind = 'redacted' AND i.log = NEW.log "
        f"AND i.entry = NEW.entry AND NEW.redacted = {redaction_object('NEW.redacted', 'i', say)})"
    )


def _masks_disorderly(say: Speaker) -> str:
    """From left to right, apart from each other: one redaction has one form, and none can shift
    text."""
    masks = masks_of("NEW.redacted", say)
    return (
        f"NEW.redacted IS NOT NULL AND EXISTS (WITH mask AS (SELECT * FROM {masks}) "
        f"SELECT 1 FROM mask m WHERE (m.start >= 0 AND m.length >= 1) IS NOT TRUE OR EXISTS "
        f"(SELECT 1 FROM mask b WHERE b.number = m.number - 1 AND m.start <= b.start + b.length))"
    )


def content_guards() -> list[Guard]:
    """Locks of the words."""
    return [
        Guard("content", "no_update", "UPDATE", "IR001", "UPDATE refused", always),
        no_replace(schema.content),
        Guard(
            "content",
            "removal",
            "DELETE",
            "IR008",
            "words go only after their removal",
            _not_removed,
        ),
        Guard(
            "content", "gone", "INSERT", "IR009", "removed words do not return", _already_removed
        ),
        Guard("content", "form", "INSERT", "IR009", "the body is not canonical", _body_wrong),
        Guard(
            "content",
            "redaction",
            "INSERT",
            "IR012",
            "the redaction is not the original with its masks",
            _redaction_wrong,
        ),
        # SQLite has no hash function; there the commitment is checked by the writer and by every
        # audit.
        Guard(
            "content",
            "commitment",
            "INSERT",
            "IR013",
            "the words are not those committed to",
            _commitment_wrong,
            POSTGRESQL_ONLY,
        ),
    ]


def _not_removed(say: Speaker) -> str:
    """A redaction must have its new words in place before the old ones go."""
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('removal')} r WHERE r.item = OLD.item AND "
        f"(r.redacted_item IS NULL OR EXISTS (SELECT 1 FROM {say.rows('content')} n "
        f"WHERE n.item = r.redacted_item)))"
    )


def _already_removed(say: Speaker) -> str:
    return f"EXISTS (SELECT 1 FROM {say.rows('removal')} r WHERE r.item = NEW.item)"


def _body_wrong(say: Speaker) -> str:
    name, text = say.member("NEW.body", "name"), say.member("NEW.body", "text")
    written = say.json_object({"name": ("text", name), "text": ("text", text)})
    # json_object() writes an absent string as null, which no body may hold.
    return f"NEW.body <> {written} OR {name} IS NULL OR {text} IS NULL"


def _commitment_wrong(say: Speaker) -> str:
    return (
        "encode(sha256('insurance-reviews/content/v1'::bytea || '\\x00'::bytea || NEW.salt "
        "|| convert_to(NEW.body, 'UTF8')), 'hex') "
        f"<> (SELECT i.commitment FROM {say.rows('item')} i WHERE i.id = NEW.item)"
    )


def _redaction_wrong(say: Speaker) -> str:
    """Blot out the masks of the log entry in the original, one after the other, and compare."""
    old, new = "o.body", "NEW.body"
    if say.dialect == "sqlite":
        start, length = (f"(SELECT value FROM json_each(m.value) WHERE key = {n})" for n in (0, 1))
        masks = "json_each(r.redacted, '$.masks') m ON m.key = f.n"
        blotted = (
            f"substr(f.t, 1, {start}) || replace(hex(zeroblob({length})), '00', '{BLOT}') "
            f"|| substr(f.t, {start} + {length} + 1)"
        )
    else:
        start, length = "(m.value ->> 0)::int", "(m.value ->> 1)::int"
        masks = (
            "jsonb_array_elements(r.redacted::jsonb -> 'masks') WITH ORDINALITY m(value, number) "
            "ON m.number = f.n + 1"
        )
        blotted = f"overlay(f.t placing repeat('{BLOT}', {length}) from {start} + 1 for {length})"
    original = say.member(old, "text")
    folded = (
        f"(WITH RECURSIVE f(n, t) AS (SELECT 0, {original} UNION ALL "
        f"SELECT f.n + 1, {blotted} FROM f JOIN {masks}) SELECT t FROM f ORDER BY n DESC LIMIT 1)"
    )
    kind = f"(SELECT i.kind FROM {say.rows('item')} i WHERE i.id = NEW.item)"
    return (
        f"{kind} = 'redacted' AND NOT EXISTS (SELECT 1 FROM {say.rows('removal')} r "
        f"JOIN {say.rows('content')} o ON o.item = r.item WHERE r.redacted_item = NEW.item "
        f"AND {say.same(say.member(new, 'name'), say.member(old, 'name'))} "
        f"AND length({say.member(new, 'text')}) = length({original}) "
        f"AND {say.member(new, 'text')} = {folded} "
        f"AND {original} <> {folded})"
    )
