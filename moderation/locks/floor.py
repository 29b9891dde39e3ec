"""The locks of the floor's own tables: logs, items, reports and acknowledgements."""

from __future__ import annotations

from .. import facts, schema
from .forms import string_list
from .generate import append_only, fact_guards, leaf_expression
from .guard import Guard
from .speaker import Speaker

POSTGRESQL_ONLY = frozenset({"postgresql"})
SQLITE_ONLY = frozenset({"sqlite"})

#: The kinds of items that others than the floor write, and the entry that publishes each. The floor
#: treats them alike and knows nothing else about them.
PUBLISHED_KINDS = {
    "review": "review.submitted",
    "follow_up": "followup.published",
    "reply": "reply.published",
}


def log_guards() -> list[Guard]:
    """Locks of log, entries, nodes and checkpoints."""
    return [
        *append_only(schema.log),
        *append_only(schema.log_entry, successive=True),
        *append_only(schema.log_node),
        *append_only(schema.log_checkpoint, successive=True),
        Guard(
            "log_entry", "next", "INSERT", "IR004", "the index is not the next one", _entry_not_next
        ),
        Guard(
            "log_entry",
            "opened",
            "INSERT",
            "IR003",
            "entry 0, and no other, opens the log",
            _not_opened,
        ),
        Guard("log_entry", "time", "INSERT", "IR018", "the time is impossible", _time_impossible),
        Guard(
            "log_checkpoint",
            "grows",
            "INSERT",
            "IR005",
            "a checkpoint must grow",
            _checkpoint_not_next,
        ),
        Guard(
            "log_checkpoint",
            "note",
            "INSERT",
            "IR005",
            "the note is of another tree",
            _signed_note_differs,
        ),
        Guard(
            "log_node",
            "place",
            "INSERT",
            "IR005",
            "the subtree is not complete",
            _subtree_incomplete,
            SQLITE_ONLY,
        ),
        Guard(
            "log_node",
            "hash",
            "INSERT",
            "IR005",
            "the hash is not that of its children",
            _node_hash_wrong,
            POSTGRESQL_ONLY,
        ),
        *fact_guards(facts.ROTATION),
        *append_only(schema.cosignature),
    ]


def _entry_not_next(say: Speaker) -> str:
    newest = f"(SELECT max(idx) FROM {say.rows('log_entry')} WHERE log = NEW.log)"
    return f"NEW.idx <> coalesce({newest} + 1, 0)"


def _not_opened(say: Speaker) -> str:
    leaf = leaf_expression(
        schema.log, "log.opened", {"origin": "origin", "insurer": "insurer"}, say
    ).replace("NEW.", "l.")
    opens = f"{say.leaf_member('NEW.leaf', 'type')} = 'log.opened'"
    return (
        f"(NEW.idx = 0) <> ({opens}) "
        f"OR NEW.idx = 0 AND NOT EXISTS (SELECT 1 FROM {say.rows('log')} l "
        f"WHERE l.id = NEW.log AND NEW.leaf = {say.utf8(leaf)})"
    )


def _time_impossible(say: Speaker) -> str:
    """Whole hours that never go back, in numbers: the clock of a log is its own."""
    at = say.leaf_integer("NEW.leaf", "at")
    before = (
        f"(SELECT {say.leaf_integer('p.leaf', 'at')} FROM {say.rows('log_entry')} p "
        f"WHERE p.log = NEW.log AND p.idx = NEW.idx - 1)"
    )
    return f"{at} / 3600 * 3600 <> {at} OR {at} < coalesce({before}, 0)"


def _signed_note_differs(say: Speaker) -> str:
    """SQLite has no base64; there the root in the note is left to whoever opens it."""
    newline = "char(10)" if say.dialect == "sqlite" else "chr(10)"
    root = "''" if say.dialect == "sqlite" else f"encode(NEW.root, 'base64') || {newline}"
    head = (
        f"(SELECT l.origin || {newline} || NEW.size || {newline} || {root} "
        f"FROM {say.rows('log')} l WHERE l.id = NEW.log)"
    )
    return f"substr(NEW.note, 1, length({head})) <> {head}"


def _subtree_incomplete(say: Speaker) -> str:
    """What SQLite can see of a node without hashing: its entries and its children are there."""
    entries = f"(SELECT max(idx) + 1 FROM {say.rows('log_entry')} WHERE log = NEW.log)"
    children = (
        f"(SELECT count(*) FROM {say.rows('log_node')} WHERE log = NEW.log "
        f"AND level = NEW.level - 1 AND idx IN (NEW.idx * 2, NEW.idx * 2 + 1))"
    )
    return (
        f"NEW.level NOT BETWEEN 0 AND 47 OR NEW.idx < 0 "
        f"OR ((NEW.idx + 1) << NEW.level) > coalesce({entries}, 0) "
        f"OR NEW.level > 0 AND {children} <> 2"
    )


def _checkpoint_not_next(say: Speaker) -> str:
    newest = f"(SELECT max(size) FROM {say.rows('log_checkpoint')} WHERE log = NEW.log)"
    entries = f"(SELECT max(idx) + 1 FROM {say.rows('log_entry')} WHERE log = NEW.log)"
    return f"NEW.size <= coalesce({newest}, 0) OR NEW.size <> coalesce({entries}, 0)"


def _node_hash_wrong(say: Speaker) -> str:
    """RFC 6962 section 2.1: SHA-256(00 ‖ leaf) at level 0, SHA-256(01 ‖ left ‖ right) above."""
    leaf = f"(SELECT leaf FROM {say.rows('log_entry')} WHERE log = NEW.log AND idx = NEW.idx)"

    def child(offset: int) -> str:
        return (
            f"(SELECT hash FROM {say.rows('log_node')} WHERE log = NEW.log "
            f"AND level = NEW.level - 1 AND idx = NEW.idx * 2 + {offset})"
        )

    return (
        r"NEW.hash <> CASE WHEN NEW.level = 0 "
        rf"THEN sha256('\x00'::bytea || {leaf}) "
        rf"ELSE sha256('\x01'::bytea || {child(0)} || {child(1)}) END"
    )


def item_guards() -> list[Guard]:
    """Locks of items: append-only, and named by the entry they point to."""
    return [
        *append_only(schema.item),
        Guard(
            "item",
            "leaf",
            "INSERT",
            "IR006",
            "the item differs from its log entry",
            _item_not_in_leaf,
        ),
    ]


def _item_not_in_leaf(say: Speaker) -> str:
    def leaf(*path: str) -> str:
        return say.leaf_member("e.leaf", *path)

    nobody = "NEW.author IS NULL"
    forms = [
        f"(NEW.kind = '{kind}' AND {leaf('type')} = '{entry_type}' AND {leaf('item')} = NEW.id "
        f"AND {leaf('commitment')} = NEW.commitment AND {author})"
        for (kind, entry_type), author in zip(
            PUBLISHED_KINDS.items(),
            # A follow-up's entry names its review, not its author: the table of follow-ups checks
            # it.
            (say.same(leaf("author"), "NEW.author"), "NEW.author IS NOT NULL", nobody),
            strict=True,
        )
    ]
    forms.append(
        f"(NEW.kind = 'reasons' AND {nobody} AND "
        f"(({leaf('type')} = 'report.filed' AND {leaf('reasons')} = NEW.commitment) OR "
        f"({leaf('type')} = 'report.acknowledged' AND {leaf('note')} = NEW.commitment)))"
    )
    forms.append(
        f"(NEW.kind = 'redacted' AND {leaf('type')} = 'text.removed' "
        f"AND {leaf('redacted', 'item')} = NEW.id "
        f"AND {leaf('redacted', 'commitment')} = NEW.commitment "
        f"AND EXISTS (SELECT 1 FROM {say.rows('item')} o WHERE o.id = {leaf('item')} "
        f"AND {say.same('o.author', 'NEW.author')}))"
    )
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('log_entry')} e "
        f"WHERE e.log = NEW.log AND e.idx = NEW.entry AND (\n  " + "\n  OR ".join(forms) + "))"
    )


def report_guards() -> list[Guard]:
    """Locks of reports, the items they name, and acknowledgements."""
    return [
        *fact_guards(facts.REPORT),
        Guard("report", "items", "INSERT", "IR016", "the items are no plain list", _items_wrong),
        Guard(
            "report", "reasons", "INSERT", "IR014", "the reasons are another item", _reasons_differ
        ),
        *append_only(schema.report_item),
        Guard(
            "report_item",
            "named",
            "INSERT",
            "IR007",
            "the report does not name this present text",
            _report_does_not_name,
        ),
        *fact_guards(facts.ACKNOWLEDGEMENT),
        Guard(
            "acknowledgement",
            "report",
            "INSERT",
            "IR015",
            "the report is of another log",
            _report_elsewhere,
        ),
        Guard(
            "acknowledgement", "note", "INSERT", "IR014", "the note is another item", _note_differs
        ),
    ]


def _items_wrong(say: Speaker) -> str:
    """Stored JSON enters the leaf as it is, so any other spelling of the list would be another
    leaf."""
    return f"NEW.items <> {string_list('NEW.items', say)}"


def _reasons_differ(say: Speaker) -> str:
    """Reasons may be removed on their own report, so they must be nobody's review."""
    return reasons_elsewhere("NEW.reasons_item", say)


def _note_differs(say: Speaker) -> str:
    return f"NEW.note_item IS NOT NULL AND {reasons_elsewhere('NEW.note_item', say)}"


def reasons_elsewhere(column: str, say: Speaker) -> str:
    """Whether ``column`` names anything but the reasons that the row's own entry commits to."""
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('item')} i WHERE i.id = {column} "
        f"AND i.kind = 'reasons' AND i.log = NEW.log AND i.entry = NEW.entry)"
    )


def _report_elsewhere(say: Speaker) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('report')} r "
        f"WHERE r.id = NEW.report AND r.log = NEW.log)"
    )


def _report_does_not_name(say: Speaker) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {say.rows('report')} r "
        f"JOIN {say.rows('item')} i ON i.id = NEW.item AND i.log = r.log "
        f"JOIN {say.rows('content')} c ON c.item = i.id "
        f"WHERE r.id = NEW.report AND r.log = NEW.log AND r.authority = NEW.authority "
        f"AND r.report_no = NEW.report_no AND {say.array_holds('r.items', 'NEW.item')})"
    )
