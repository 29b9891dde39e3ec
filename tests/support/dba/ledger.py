"""A log as plain Python. Entries stand in a list: indexes, hashes and rows follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from insurance_reviews.moderation.commitment import Words
from insurance_reviews.moderation.ids import new_id
from insurance_reviews.moderation.tlog.note import Signer

Members = dict[str, Any]
#: The members of a leaf that every entry has.
COMMON = ("v", "type", "at")


@dataclass(eq=False)
class Entry:
    """An entry and its row. ``more`` are the columns of the row that the leaf does not give.

    ``row`` are columns in which the row says something else than the leaf, ``data`` what stands in
    the log instead of the canonical leaf. A checkpoint was signed after a ``sealed`` entry.
    """

    leaf: Members
    more: Members = field(default_factory=dict)
    sealed: bool = True
    row: Members = field(default_factory=dict)
    data: bytes | None = None

    @property
    def type(self) -> str:
        return str(self.leaf["type"])

    @property
    def fields(self) -> Members:
        """The members of its own."""
        return {name: value for name, value in self.leaf.items() if name not in COMMON}

    def commits_in(self, item: str) -> Members | None:
        """The object in the leaf that holds the commitment to ``item``, if there is one."""
        if self.leaf.get("item") == item and "commitment" in self.leaf:
            return self.leaf
        redacted = self.leaf.get("redacted")
        return redacted if redacted is not None and redacted["item"] == item else None


@dataclass
class Ledger:
    """The log of one insurer, and all that hangs on it."""

    number: int
    insurer: str
    origin: str
    #: The verifier key with which the log was opened.
    key: str
    at: int
    entries: list[Entry]
    #: The words that are there, by item.
    words: dict[str, Words]
    #: The policy events behind the invitations, by id.
    events: dict[str, Members]
    #: The checkpoints that were signed, by size and root.
    notes: dict[tuple[int, bytes], str]
    #: What witnesses put under the checkpoints.
    cosignatures: list[Members]
    #: The keys of the key file, the newest first.
    signers: tuple[Signer, ...]
    #: Statements to run at the end, when everything else is consistent.
    statements: list[str] = field(default_factory=list)

    # --- finding --------------------------------------------------------------------------------

    def find(self, entry_type: str, **members: Any) -> list[Entry]:
        """The entries of ``entry_type`` whose leaf has ``members``."""
        return [
            entry
            for entry in self.entries
            if entry.type == entry_type
            and all(entry.leaf.get(name) == value for name, value in members.items())
        ]

    def the(self, entry_type: str, **members: Any) -> Entry:
        """The only such entry."""
        [entry] = self.find(entry_type, **members)
        return entry

    def review(self, name: str) -> Entry:
        return self.the("review.submitted", review=name)

    def invitation_of(self, review: Entry) -> Entry:
        return self.the("invitation.issued", invitation=review.leaf["invitation"])

    def publishing(self, item: str) -> Entry:
        """The entry that committed to the words of ``item``."""
        [entry] = [one for one in self.entries if one.commits_in(item) is not None]
        return entry

    def hanging_on(self, review: Entry) -> Iterator[Entry]:
        """What stands on a review: follow-ups, replies, reports about its texts, removals."""
        items = {review.leaf["item"]}
        reports: set[str] = set()
        for entry in self.entries:
            leaf = entry.leaf
            if entry.type in ("followup.published", "reply.published"):
                if leaf["review"] != review.leaf["review"]:
                    continue
                items.add(leaf["item"])
            elif entry.type == "report.filed" and items & set(leaf["items"]):
                reports.add(leaf["report"])
            elif entry.type == "text.removed" and leaf["item"] in items:
                if leaf["redacted"] is not None:
                    items.add(leaf["redacted"]["item"])
            elif not (entry.type == "report.acknowledged" and leaf["report"] in reports):
                continue
            yield entry

    # --- rewriting ------------------------------------------------------------------------------

    def drop(self, *entries: Entry) -> None:
        """As if they had never been."""
        for entry in entries:
            place = self.entries.index(entry)
            self.entries[place - 1].sealed |= entry.sealed
            del self.entries[place]

    def put(self, before: Entry, *entries: Entry) -> None:
        """Entries that were not there, in the past."""
        place = self.entries.index(before)
        self.entries[place:place] = entries

    def swap(self, one: Entry, other: Entry) -> None:
        """Each stands where the other stood."""
        i, j = self.entries.index(one), self.entries.index(other)
        self.entries[i], self.entries[j] = other, one

    def new(self, entry_type: str, fields: Members, **more: Any) -> Entry:
        """An entry of the newest hour, nowhere yet."""
        at = self.entries[-1].leaf["at"]
        return Entry({"v": 1, "type": entry_type, "at": at, **fields}, more)

    def append(self, entry_type: str, fields: Members, **more: Any) -> Entry:
        """One more entry at the end."""
        entry = self.new(entry_type, fields, **more)
        self.entries.append(entry)
        return entry

    def reword(self, item: str, *, name: str | None = None, text: str | None = None) -> None:
        """Other words under ``item``, and the commitment to them."""
        old = self.words[item]
        words = Words(old.name if name is None else name, old.text if text is None else text)
        self.words[item] = words
        members = self.publishing(item).commits_in(item)
        assert members is not None
        members["commitment"] = words.commitment

    def misword(self, item: str, *, name: str | None = None, text: str | None = None) -> None:
        """Other words under ``item``; salt and commitment stay."""
        old = self.words[item]
        self.words[item] = Words(
            old.name if name is None else name, old.text if text is None else text, old.salt
        )

    def remove(
        self, item: str, *, words: Words | None = None, masks: Any = None, **authority: Any
    ) -> Entry:
        """A new removal of ``item`` on what ``authority`` gives (``report`` or ``author_key``),
        whole or leaving ``words``."""
        redacted = None
        if words is not None:
            redacted = {"item": new_id("it"), "commitment": words.commitment, "masks": masks}
            self.words[redacted["item"]] = words
        del self.words[item]
        fields = {"item": item, "report": None, "author_key": None, **authority}
        return self.append("text.removed", {**fields, "redacted": redacted})

    def report(self, *items: str, **changed: Any) -> Entry:
        """A new report about ``items``, nowhere yet, like one that was filed."""
        like = self.find("report.filed")[0].fields
        reasons, words = new_id("it"), Words("", "文中出现个人信息。")
        self.words[reasons] = words
        own = {
            "report": new_id("rp"),
            "items": sorted(items),
            "report_no": f"沪金监函〔2026〕{900 + len(self.words)}号",
            "reasons": words.commitment,
        }
        return self.new("report.filed", {**like, **own, **changed}, reasons_item=reasons)

    def invite(self, product: str, stage: str) -> Entry:
        """A new invitation, nowhere yet, with the policy event that it needs."""
        like = next(entry for entry in self.entries if entry.type == "invitation.issued")
        event = {**self.events[like.more["event"]], "id": new_id("ev")}
        event["occurrence"] = f"{event['occurrence']}-{len(self.events)}"
        self.events[event["id"]] = event
        fields = {"invitation": new_id("iv"), "product": product, "stage": stage}
        more = {**like.more, "event": event["id"]}
        return self.new("invitation.issued", fields, **more)

    def stars(self, invitation: Entry, score: int = 5, **changed: Any) -> Entry:
        """A new review by stars only, nowhere yet."""
        like = self.find("review.submitted")[0].fields
        own = {
            "review": new_id("rv"),
            "score": score,
            "aspects": {},
            "item": None,
            "commitment": None,
            "author": "5e" * 32,
        }
        given = {name: invitation.leaf[name] for name in ("invitation", "product", "stage")}
        return self.new("review.submitted", {**like, **own, **given, **changed})

    def grow_back(self, size: int) -> None:
        """As many entries as there were: what was dropped must not show by the number alone."""
        product = self.find("invitation.issued")[0].leaf["product"]
        while len(self.entries) < size:
            self.entries.append(self.invite(product, "renewal"))
