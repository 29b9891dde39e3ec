"""What a check can find. Codes are stable: programs may rely on them.

A *finding* is evidence of tampering: the log, or what is shown, is not what was signed. What could
not be looked at is never a finding; it is :class:`CannotCheck`, or a line in
:attr:`Findings.unchecked`.
"""

from __future__ import annotations

import reprlib
from dataclasses import dataclass, field
from typing import Final

#: code → what it means, in one sentence. ``docs/verifying.md`` has the same list.
CODES: Final = {
    # The signed checkpoint
    "checkpoint-malformed": "What is served as checkpoint is none.",
    "checkpoint-signature": "The checkpoint names a key that you trust, but that key did not sign.",
    "checkpoint-key": "The checkpoint is signed by other keys than those you trust.",
    "checkpoint-origin": "The checkpoint is that of another log.",
    "checkpoint-empty": "The checkpoint is of an empty log, which is never published.",
    "key-served": "The log hands out another key than those you trust.",
    "not-witnessed": "No checkpoint has the witnesses that your policy asks for.",
    # The tree
    "tile-missing": "A file of hashes that the checkpoint covers is not served.",
    "tile-malformed": "A file of hashes has not its form.",
    "tile-differs": "A served hash is not that of the served entries.",
    "bundle-missing": "Entries that the checkpoint covers are not served.",
    "bundle-malformed": "A file of entries has not its form.",
    "root-differs": "The served entries are not those that were signed.",
    "rollback": "The log is smaller than it was: entries are gone.",
    "fork": "The log shows another history than the one that was signed before.",
    # The entries
    "leaf-not-canonical": "An entry is not canonical JSON.",
    "entry-unknown": "An entry has a type or a version that does not exist.",
    "entry-fields": "An entry has not the fields of its type.",
    "entry-time": "An entry's time is not a whole hour, or goes back.",
    "log-opened": "The log does not begin with its own name, or is opened twice.",
    # What the entries say together
    "invitation-repeated": "An invitation was issued twice.",
    "review-repeated": "A review was submitted twice.",
    "review-uninvited": "A review has no invitation for its product and stage.",
    "invitation-reused": "One invitation was used for two reviews.",
    "item-repeated": "One text was published twice.",
    "follow-up-unfounded": "A follow-up is to no review of this log.",
    "follow-up-after-withdrawal": "A follow-up was published after its author withdrew.",
    "reply-unfounded": "A reply is to no review of this log.",
    "reply-version": "The versions of a reply do not follow each other.",
    "report-repeated": "A report was filed twice.",
    "report-unfounded": "A report names a text that is not in this log.",
    "report-on-gone-text": "A report names a text that was gone already.",
    "report-number-repeated": "One report number was filed twice for one text.",
    "report-date": "A report is dated before its text, or after its entry.",
    "acknowledgement-unfounded": "The regulator answered a report that is not in this log.",
    "removal-unfounded": "A removal is of no text of this log.",
    "removal-repeated": "One text was removed twice.",
    "removal-unreported": "A text was removed on a report that does not name it.",
    "removal-wrong-key": "A text was withdrawn with a key that is not its author's.",
    "key-rotated": "A new key is not one of this log.",
    # What is shown
    "shown-malformed": "What the shop shows cannot be read.",
    "review-hidden": "A review of the log is not shown.",
    "review-unlogged": "A review is shown that is not in the log.",
    "review-differs": "A review is shown otherwise than it was logged.",
    "review-swapped": "At a review's address another one is shown.",
    "reviews-disordered": "Reviews are not shown in the order of the log.",
    "text-differs": "A text is shown that is not the one committed to.",
    "text-gone": "A text is missing, and no removal in the log explains it.",
    "text-returned": "A text is shown that was removed.",
    "mask-broken": "A redacted text shows what its entry says was blotted out.",
    "tombstone-differs": "A removal is shown otherwise than it was logged.",
    "follow-ups-differ": "The follow-ups under a review are not those of the log.",
    "replies-differ": "The replies under a review are not those of the log.",
    "product-hidden": "A product with reviews in the log is not shown.",
    "wall-differs": "A product's wall does not show the newest reviews first, all of them.",
    "figures-differ": "A product's figures are not those of the log.",
    # Receipts
    "receipt-invalid": "A receipt does not prove what it says.",
    "receipt-entry": "The log holds another entry at the receipt's place.",
    "receipt-words": "The words in a receipt are not those that the log committed to.",
    "receipt-shown": "The review is not shown as the receipt and the log have it.",
}

#: A broken log may differ in every entry. So many findings are told one by one; all are counted.
MOST_TOLD: Final = 200
#: The most characters of what stands in a log or on a page that a finding repeats, and of its
#: message, in which something of both may stand too.
MOST_SAID: Final = 1_000
LONGEST_MESSAGE: Final = 2_000

#: Says no more of a large value than fits: a list of a million is not spelt out to be cut.
_BRIEFLY: Final = reprlib.Repr()
_BRIEFLY.maxlevel = 4
_BRIEFLY.maxlist = _BRIEFLY.maxtuple = _BRIEFLY.maxdict = _BRIEFLY.maxlong = 200
_BRIEFLY.maxstring = _BRIEFLY.maxother = MOST_SAID


class CannotCheck(Exception):
    """Something could not be looked at: that proves nothing, neither way. ``code`` is stable."""

    def __init__(self, message: str, code: str = "unreachable") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of evidence. ``log`` is what the log says, ``shown`` what the shop shows."""

    code: str
    message: str
    index: int | None = None
    log: str | None = None
    shown: str | None = None


@dataclass(slots=True)
class Findings:
    """All that was found, and all that could not be looked at."""

    told: list[Finding] = field(default_factory=list)
    count: int = 0
    unchecked: list[tuple[str, str]] = field(default_factory=list)
    _seen: set[Finding] = field(default_factory=set)

    def add(
        self,
        code: str,
        message: str = "",
        *,
        index: int | None = None,
        log: object = None,
        shown: object = None,
    ) -> None:
        """Note a finding. The same one twice, as from the export and from a wall, counts once."""
        message = (message or CODES[code])[:LONGEST_MESSAGE]
        finding = Finding(code, message, index, _text(log), _text(shown))
        if finding in self._seen:
            return
        self.count += 1
        if len(self.told) < MOST_TOLD:
            self._seen.add(finding)
            self.told.append(finding)

    def take(self, others: Findings) -> None:
        """Note what was found apart."""
        for one in others.told:
            self.add(one.code, one.message, index=one.index, log=one.log, shown=one.shown)

    def could_not(self, error: CannotCheck) -> None:
        """Note what could not be looked at."""
        said = error.code, str(error)[:LONGEST_MESSAGE]
        if len(self.unchecked) < MOST_TOLD and said not in self.unchecked:
            self.unchecked.append(said)


def said(value: object, most: int = MOST_SAID) -> str:
    """``value`` as a text of at most ``most`` characters, however large it is."""
    if isinstance(value, str):
        return value[:most]
    if isinstance(value, list | tuple | dict):
        return _BRIEFLY.repr(value)[:most]
    return str(value)[:most]


def _text(value: object) -> str | None:
    """In a size that fits a report."""
    return None if value is None else said(value)
