"""What policyholders see: the invitation, the warning before sending, the receipt, their mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .cards import ProductCard, ReviewCard, Stage


@dataclass(frozen=True, slots=True)
class InvitationCard:
    """Who asks, about what, and where it will be published (ISO 20488, statements to the reviewer).

    `id` is the public id ("iv_…"), never the token. `masked_name` is what would be shown as the
    writer's name, None when the shop gave no name. `published_on` are the addresses or names of the
    places where the review can be read; `log_url` is the public log's human page. `operator`
    collects the reviews on the insurer's behalf; None where the insurer does it itself.
    """

    id: str
    product: ProductCard
    stage: Stage
    occurred_on: date
    expires_at: datetime
    published_on: tuple[str, ...]
    post_url: str
    log_url: str
    masked_name: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class PersonalDataSpan:
    """A passage that looks personal: `start` and `end` in code points of the text as sent.

    `kind` is one of "resident_id", "mobile", "bank_card", "email", "policy_no"; an unknown kind is
    shown as "personal data".
    """

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class ReceiptCard:
    """The page after sending. `invitation` names the browser's own copy of the author key;
    `author_key` (hex) is set only when the server made it and this is its one showing.

    `file` is the text of the receipt file without an author key; `file_url` gives the same, and
    takes the key by post. `verify_url` is absolute: it is printed.
    """

    review_id: str
    invitation: str
    product: ProductCard
    stage: Stage
    score: int
    submitted_at: datetime
    permalink: str
    receipt_url: str
    file_url: str
    file_name: str
    file: str
    verify_url: str
    author_url: str
    log_origin: str
    log_index: int
    log_url: str
    author_key: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedLog:
    """A log that a receipt may be of: its `address` on this site, and the absolute `url`."""

    origin: str
    address: str
    url: str


@dataclass(frozen=True, slots=True)
class VerifyCard:
    """The page that checks a receipt in the browser.

    `product` is None for a review that is not, or no longer, here; then `logs` are all logs of the
    site, otherwise the one of the review. `review_data_url` is the review in the API; `file_url`
    gives its receipt file, `file_name` is what that is saved as. `verify_url` is the page itself.
    `vkey` is the verifier key as the log announces it, None where the log is not known. `timezone`,
    an IANA name, is where the readers' days begin.
    """

    review_id: str
    permalink: str
    logs: tuple[CheckedLog, ...]
    review_data_url: str
    file_url: str
    file_name: str
    verify_url: str
    timezone: str
    product: ProductCard | None = None
    stage: Stage | None = None
    vkey: str | None = None


@dataclass(frozen=True, slots=True)
class AuthorCard:
    """The author's page of one review: follow-up and withdrawal, both with the author key.

    `withdrawn` is True after a withdrawal; `writable` is False where no follow-up may be added.
    """

    review: ReviewCard
    follow_up_url: str
    withdrawal_url: str
    withdrawn: bool = False
    has_text: bool = True


@dataclass(frozen=True, slots=True)
class InvitationMailCard:
    """The invitation by mail; `url` carries the token and goes to the holder alone. `independent`
    is False when the insurer collects the reviews itself."""

    product: ProductCard
    stage: Stage
    occurred_on: date
    expires_at: datetime
    url: str
    published_on: tuple[str, ...]
    operator: str
    masked_name: str | None = None
    independent: bool = True


@dataclass(frozen=True, slots=True)
class RemovalMailCard:
    """Tells an author that a text of his went. The `review` carries the tombstone."""

    review: ReviewCard
    authority: str
    report_no: str
    ground: str
    removed_on: date
    redacted: bool
    operator: str


@dataclass(frozen=True, slots=True)
class ReplyMailCard:
    """Tells an author that the insurer replied; `text` is the reply."""

    review: ReviewCard
    text: str
    operator: str
