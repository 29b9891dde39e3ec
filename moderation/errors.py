"""What can go wrong on the floor: one tree, each error carrying a stable code and its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: a stable code, and the values that its message mentions."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


class ModerationError(Exception):
    """Base of all refusals. ``code`` is stable and public; the message says what to do."""

    code = "moderation"


class InvalidInput(ModerationError):
    """Some fields cannot be taken; ``faults`` says for each what is wrong with it."""

    code = "invalid"

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(", ".join(f"{name}: {fault.code}" for name, fault in faults.items()))
        self.faults = dict(faults)


class UnknownItem(ModerationError):
    """No text with this id belongs to this insurer."""

    code = "item-unknown"


class UnknownReport(ModerationError):
    """No report with this id."""

    code = "report-unknown"


class RegulatorReportRequired(ModerationError):
    """A text goes only on a report of the insurer that names it, or by its author's key."""

    code = "regulator-report-required"


class TextRemoved(ModerationError):
    """The words are gone already."""

    code = "text-removed"


class ReportExists(ModerationError):
    """The same number was already filed for the same item at the same authority."""

    code = "report-exists"

    def __init__(self, message: str, *, report: str) -> None:
        super().__init__(message)
        #: The report that was filed first.
        self.report = report


class AlreadyAcknowledged(ModerationError):
    """The regulator already gave this verdict on this report."""

    code = "already-acknowledged"


class AuthorKeyMismatch(ModerationError):
    """The key is not the one whose hash the author published."""

    code = "author-key-mismatch"


class LogBehind(ModerationError):
    """The database holds less of a log than was already signed: a restored backup, or a fork."""

    code = "log-behind"

    def __init__(self, message: str, *, origin: str, kept_size: int, size: int) -> None:
        super().__init__(message)
        self.origin = origin
        self.kept_size = kept_size
        self.size = size


class LogUnsigned(ModerationError):
    """The log's entries or hashes are not those of its newest checkpoint: they did not come from
    here."""

    code = "log-unsigned"


class KeyFileError(ModerationError):
    """A signing key is missing, unreadable or readable by others."""

    code = "key-file"
