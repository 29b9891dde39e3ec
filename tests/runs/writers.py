"""Writers that are killed, and the book in which everything they were told is kept."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from insurance_reviews.moderation.log import LogRef
from insurance_reviews.moderation.receipts import make_receipt, read_leaf
from insurance_reviews.moderation.schema import log, log_checkpoint
from insurance_reviews.moderation.tlog.errors import TlogError
from insurance_reviews.moderation.tlog.note import Verifier
from insurance_reviews.moderation.tlog.proof import Receipt, check_receipt
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.services.reviews import Submitted
from support.host import mounted
from support.verifying import check
from support.world import World

from .children import Message, Say
from .places import opened

PRODUCTS = ("anxin-medical", "boshan-motor")


def write_for_ever(
    url: str, state_dir: Path, name: str, product: str, say: Say, wait: Callable[[], None]
) -> None:
    """Submit reviews on invitations of one's own, and say of each that it was acknowledged, and
    its receipt. ``name`` is in the policy numbers.

    When the server goes, say so, wait until it is back, and submit one more without opening
    anything anew.
    """
    with opened(url, state_dir) as world:
        policies = (f"{name}-{number}" for number in count())
        try:
            while True:
                write_one(world, product, next(policies), say)
        except DBAPIError as error:
            if not is_gone(error):
                raise
        say({"gone": True})
        wait()
        write_one(world, product, next(policies), say)
        say({"survived": True})


def write_one(world: World, product: str, policy: str, say: Say) -> None:
    """Submit a review and fetch its receipt."""
    review = world.submit(world.invite(product, policy_no=policy))
    say(acknowledgement(review))
    say({"review": review.id, "receipt": receipt(world, review)})


def is_gone(error: DBAPIError) -> bool:
    """Whether PostgreSQL has gone, as an administrator's or our SIGKILL leaves it."""
    if not isinstance(error, OperationalError):
        return False
    return isinstance(error.orig, psycopg.OperationalError) and error.orig.sqlstate in {
        None,
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
    }


def acknowledgement(review: Submitted) -> Message:
    """What the writer of a review is told at once."""
    entry = review.entry
    return {
        "review": review.id,
        "insurer": entry.log.insurer,
        "index": entry.index,
        "leaf": b64encode(entry.leaf).decode(),
    }


def receipt(world: World, review: Submitted) -> str:
    """What the writer downloads then."""
    entry = review.entry
    return world.read(lambda s: make_receipt(s, entry.log, entry.index)).format()


@dataclass(slots=True)
class Book:
    """Everything that was acknowledged. ``bad`` says what became untrue of it."""

    #: Review → insurer, index and leaf.
    reviews: dict[str, tuple[str, int, bytes]] = field(default_factory=dict)
    receipts: int = 0
    #: Writers who wrote on after their server had gone and come back.
    survivors: int = 0
    bad: list[str] = field(default_factory=list)

    def enter(self, world: World, messages: Iterable[Message]) -> None:
        """Take down what a writer said before it died, and check it against ``world``."""

        def work(session: Session) -> None:
            for message in messages:
                if "error" in message:
                    self.bad.append(f"a writer failed: {message['error']}")
                elif "survived" in message:
                    self.survivors += 1
                elif "receipt" in message:
                    self._check_receipt(session, message["review"], message["receipt"])
                elif "leaf" in message:
                    told = (
                        message["insurer"],
                        message["index"],
                        b64decode(message["leaf"]),
                    )
                    self.reviews[message["review"]] = told
                    self._check_review(session, message["review"])

        world.read(work)

    def check_all(self, world: World) -> None:
        """Check everything that was ever acknowledged, and the whole of every log, from inside
        and as a stranger does."""

        def work(session: Session) -> None:
            for review in self.reviews:
                self._check_review(session, review)

        world.read(work)
        self.bad += world.findings()
        with mounted(world) as host:
            for insurer in sorted({insurer for insurer, _, _ in self.reviews.values()}):
                outcome = check(host, insurer=insurer)
                if outcome.exit_code:
                    self.bad.append(f"the verifier on {insurer}: {outcome.codes}")

    def _check_review(self, session: Session, review: str) -> None:
        insurer, index, leaf = self.reviews[review]
        row = session.execute(
            select(schema.review.c.log, schema.review.c.entry, log.c.insurer)
            .join(log, log.c.id == schema.review.c.log)
            .where(schema.review.c.id == review)
        ).one_or_none()
        if row is None:
            self.bad.append(f"{review} was acknowledged and is lost")
        elif (row.insurer, row.entry) != (insurer, index):
            self.bad.append(f"{review} stands at {row.insurer} {row.entry}, not {insurer} {index}")
        elif read_leaf(session, LogRef(row.log, insurer, ""), index) != leaf:
            self.bad.append(f"the entry of {review} is another")

    def _check_receipt(self, session: Session, review: str, text: str) -> None:
        self.receipts += 1
        insurer, _, leaf = self.reviews[review]
        found = session.execute(select(log).where(log.c.insurer == insurer)).one()
        key = Verifier.parse(found.verifier_key)
        try:
            checkpoint = check_receipt(Receipt.parse(text), leaf, key, origin=found.origin)
        except TlogError as error:
            self.bad.append(f"the receipt of {review}: {error}")
            return
        root = session.scalar(
            select(log_checkpoint.c.root).where(
                log_checkpoint.c.log == found.id,
                log_checkpoint.c.size == checkpoint.size,
            )
        )
        if root != checkpoint.root:
            self.bad.append(f"the receipt of {review} stands on a checkpoint that is gone")
