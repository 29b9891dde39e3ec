"""What an operator may bend in the middle of a life; each is found once somebody kept a
checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from insurance_reviews.moderation.commitment import author_of, new_author_key
from insurance_reviews.moderation.ids import new_id
from support.dba.forgeries.past_votes import drop
from support.dba.ledger import Ledger

from .model import STANDS, Review


@dataclass(frozen=True, slots=True)
class Tampering:
    """``found`` is the finding; only a review that is ``fit`` can be struck."""

    name: str
    found: str
    change: Callable[[Ledger, Review], object]
    fit: Callable[[Review], bool] = lambda review: True

    def __repr__(self) -> str:
        return self.name


def has_text(review: Review) -> bool:
    return review.own is not None and review.own.fate == STANDS


def rescore(ledger: Ledger, review: Review) -> None:
    ledger.review(review.id).leaf["score"] = review.score % 5 + 1


def rescore_row(ledger: Ledger, review: Review) -> None:
    ledger.review(review.id).row["score"] = review.score % 5 + 1


def lose(ledger: Ledger, review: Review) -> None:
    size = len(ledger.entries)
    drop(ledger, ledger.review(review.id))
    ledger.grow_back(size)


def reword(ledger: Ledger, review: Review) -> None:
    ledger.reword(_item(review), text="服务一流。")


def misword(ledger: Ledger, review: Review) -> None:
    ledger.misword(_item(review), text="服务一流。")


def lose_words(ledger: Ledger, review: Review) -> None:
    del ledger.words[_item(review)]


def remove_unreported(ledger: Ledger, review: Review) -> None:
    ledger.remove(_item(review), report=new_id("rp"))


def withdraw_as_another(ledger: Ledger, review: Review) -> None:
    key = new_author_key()
    ledger.review(review.id).leaf["author"] = author_of(key)
    ledger.remove(_item(review), author_key=key)


def roll_back(ledger: Ledger, review: Review) -> None:
    del ledger.entries[-1]
    ledger.entries[-1].sealed = True


def polish(ledger: Ledger, review: Review) -> None:
    ledger.statements.append(
        "UPDATE insurance_reviews_review_count SET n = n + 1 "
        f"WHERE product = '{review.product}' AND score = {review.score}"
    )


TAMPERINGS = (
    Tampering("a score is changed everywhere", "fork", rescore),
    Tampering("a score is changed in its row", "review-differs", rescore_row),
    Tampering("a review is dropped", "fork", lose),
    Tampering("a text is replaced everywhere", "fork", reword, has_text),
    Tampering("a text is exchanged under its salt", "text-differs", misword, has_text),
    Tampering("a text is gone", "text-gone", lose_words, has_text),
    Tampering("a text is removed unreported", "removal-unreported", remove_unreported, has_text),
    Tampering("an author is replaced and withdraws", "fork", withdraw_as_another, has_text),
    Tampering("the newest entry is cut off", "rollback", roll_back),
    Tampering("a counter is polished", "figures-differ", polish),
)


def _item(review: Review) -> str:
    assert review.own is not None
    return review.own.item
