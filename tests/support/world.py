"""A small world for tests: three insurers with products, a shop, policyholders, on either engine.

``World`` calls the services as the adapters do, one unit of work per call. Its clock stands still
until a test moves it. Every test that takes the fixture ``world`` ends with :meth:`World.check`, a
full check of every log and every counter, unless it says with :meth:`World.tamper` that it broke
them itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from insurance_reviews.moderation.kept import KeptCheckpoints
from insurance_reviews.moderation.keys import KeyRing
from insurance_reviews.moderation.log import Entry, LogRef, Logs
from insurance_reviews.moderation.removals import Removal
from insurance_reviews.moderation.reports import Report
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.schema import metadata
from insurance_reviews.plugin.services import (
    authors,
    catalogue,
    moderation,
    policy_events,
    replies,
    reviews,
)
from insurance_reviews.plugin.services.context import Context
from insurance_reviews.plugin.settings import Settings, read_settings
from insurance_reviews.plugin.unit_of_work import UnitOfWork
from support.audit import audit

T = TypeVar("T")

#: When the clock starts.
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

#: slug → name; each has two products, ``<slug>-medical`` and ``<slug>-motor``.
INSURERS = {"anxin": "安心保险", "boshan": "博山财险", "chunhe": "春和人寿"}
PRODUCTS = {"medical": "百万医疗险", "motor": "机动车辆保险"}
SHOP = "shop"
#: A second shop, which may sell for the first insurer only.
CORNER_SHOP = "corner"

TEXT = "报案三天后查勘员才来，定损时没有说明自费药不赔。"
AUTHORITY = "国家金融监督管理总局上海监管局"

_policy_numbers = count(1)
_report_numbers = count(1)


def settings_for(url: str, state_dir: Path, **changed: object) -> Settings:
    """Settings that a small shop would have; ``changed`` are others, by their field's name."""
    values: dict[str, object] = {
        "database_url": url,
        "public_url": "https://shop.example",
        "state_dir": str(state_dir),
        "policy_key": "a1" * 32,
        "invitation_key": "b2" * 32,
        **changed,
    }
    return read_settings({f"INSURANCE_REVIEWS_{name.upper()}": v for name, v in values.items()})


def context_for(settings: Settings) -> Context:
    """Keys and kept checkpoints where the settings want them."""
    keys = KeyRing(settings.state_dir / "keys")
    return Context(settings, Logs(keys, KeptCheckpoints(settings.state_dir / "checkpoints")))


@dataclass
class World:
    """One installation and the people around it."""

    settings: Settings
    context: Context
    unit_of_work: UnitOfWork
    now: datetime = START
    tampered: list[str] = field(default_factory=list)

    # --- the machinery ------------------------------------------------------------------------

    def write(self, work: Callable[[Session], T]) -> T:
        """Run a piece of work as one transaction."""
        return self.unit_of_work.write(work)

    def read(self, query: Callable[[Session], T]) -> T:
        """Answer a query."""
        with self.unit_of_work.reading() as session:
            return query(session)

    def pass_time(self, **duration: float) -> None:
        """Move the clock on, by the arguments of ``timedelta``."""
        self.now += timedelta(**duration)

    @property
    def today(self) -> date:
        return self.now.date()

    def ref(self, insurer: str = "anxin") -> LogRef:
        """The log of an insurer."""
        return self.read(lambda session: catalogue.log_of(session, insurer))

    def snapshot(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, to see that nothing changed."""

        def rows(session: Session) -> dict[str, list[tuple[Any, ...]]]:
            return {
                table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
                for table in metadata.sorted_tables
            }

        return self.read(rows)

    # --- what people do -----------------------------------------------------------------------

    def event(self, product: str = "anxin-medical", **changed: Any) -> policy_events.PolicyEvent:
        """A policy event with a policy number of its own."""
        values: dict[str, Any] = {
            "policy_no": f"PA{next(_policy_numbers):08}",
            "product": product,
            "stage": "claim",
            "occurrence": "1",
            "occurred_on": self.today - timedelta(days=10),
            **changed,
        }
        return policy_events.PolicyEvent(**values)

    def record(
        self, event: policy_events.PolicyEvent, *, storefront: str = SHOP
    ) -> policy_events.Invited:
        """The shop sends ``event``."""
        return self.write(
            lambda session: policy_events.record_policy_event(
                session, self.context, storefront, event, self.now
            )
        )

    def invite(self, product: str = "anxin-medical", **changed: Any) -> str:
        """Something happened to a new policy; the token of the invitation."""
        token = self.record(self.event(product, **changed)).token
        assert token is not None
        return token

    def submit(
        self,
        token: str | None = None,
        *,
        product: str = "anxin-medical",
        stage: str = "claim",
        score: int = 4,
        text: str | None = TEXT,
        **given: Any,
    ) -> reviews.Submitted:
        """A policyholder reviews; without ``token``, on a new invitation."""
        sent = reviews.ReviewInput(
            invitation=token or self.invite(product, stage=stage), score=score, text=text, **given
        )
        return self.write(
            lambda session: reviews.submit_review(session, self.context, sent, self.now)
        )

    def follow_up(
        self, review: reviews.Submitted, text: str = "三周后到账，差额仍没有解释。", **options: Any
    ) -> Entry:
        """The author adds something."""
        key = review.author_key or ""
        return self.write(
            lambda session: authors.add_follow_up(
                session, self.context, review.id, key, text, self.now, **options
            )
        )

    def withdraw(self, review: reviews.Submitted, author_key: str | None = None) -> list[Entry]:
        """The author takes the words back."""
        key = author_key or review.author_key or ""
        return self.write(
            lambda session: authors.withdraw_texts(session, self.context, review.id, key, self.now)
        )

    def reply(
        self, review: reviews.Submitted, text: str = "很抱歉，已补寄说明。"
    ) -> replies.Replied:
        """The insurer of the review answers."""
        insurer = self.insurer_of(review)
        return self.write(
            lambda session: replies.publish_reply(
                session, self.context, insurer, review.id, text, self.now
            )
        )

    def report_input(self, items: Sequence[str] = (), **changed: Any) -> moderation.ReportInput:
        """A report as compliance states it, with a number of its own."""
        values: dict[str, Any] = {
            "report_no": f"沪金监函〔2026〕{next(_report_numbers)}号",
            "authority": AUTHORITY,
            "filed_on": self.today,
            "ground": "personal_data",
            "reasons": "文中出现查勘员的姓名。",
            "items": items,
            **changed,
        }
        return moderation.ReportInput(**values)

    def report(
        self, review: reviews.Submitted, items: Sequence[str] = (), **changed: Any
    ) -> Report:
        """Compliance of the review's insurer files a report, by default about the review's text."""
        insurer, given = self.insurer_of(review), self.report_input(items, **changed)
        return self.write(
            lambda session: moderation.report_review(
                session, self.context, insurer, review.id, given, self.now
            )
        )

    def remove(
        self,
        review: reviews.Submitted,
        report: str | None = None,
        *,
        item: str | None = None,
        redacted: str | None = None,
    ) -> Removal:
        """Compliance removes or redacts a text, on a new report where none is named."""
        if report is None:
            report = self.report(review, [item] if item else ()).id
        insurer = self.insurer_of(review)
        return self.write(
            lambda session: moderation.remove_text(
                session,
                self.context,
                insurer,
                review.id,
                report,
                self.now,
                item=item,
                redacted_text=redacted,
            )
        )

    def acknowledge(
        self, report: str, verdict: str = "acknowledged", note: str | None = None
    ) -> Entry:
        """The regulator answers a report."""
        return self.write(
            lambda session: moderation.acknowledge_report(
                session, self.context, report, verdict, note, self.now
            )
        )

    def insurer_of(self, review: reviews.Submitted) -> str:
        return review.entry.log.insurer

    def own(self, review: reviews.Submitted) -> authors.Own:
        """The review with its author's texts."""
        return self.read(lambda session: authors.find_own(session, review.id))

    def item_of(self, review: reviews.Submitted) -> str:
        """The item that holds the review's own text today."""
        return self.own(review).texts[0].item

    # --- the check ----------------------------------------------------------------------------

    def tamper(self, reason: str) -> None:
        """Say that this test breaks the evidence itself: the check at its end is left out."""
        self.tampered.append(reason)

    def findings(self) -> list[str]:
        """What the full check of every log and every counter finds."""
        return self.read(audit)

    def check(self) -> None:
        """Fail unless all logs and counters are whole."""
        findings = self.findings()
        assert findings == [], findings


@contextmanager
def built_world(url: str, state_dir: Path, **settings: object) -> Iterator[World]:
    """A world in the migrated database at ``url``; it is checked at the end."""
    read = settings_for(url, state_dir, **settings)
    engine = make_engine(url)
    world = World(read, context_for(read), UnitOfWork(engine))
    try:
        world.write(lambda session: _found(session, world))
        yield world
        if not world.tampered:
            world.check()
    finally:
        engine.dispose()


def _found(session: Session, world: World) -> None:
    """Insurers, products and shops."""
    for slug, name in INSURERS.items():
        catalogue.add_insurer(session, world.context, slug, name, world.now)
        for short, title in PRODUCTS.items():
            catalogue.add_product(session, f"{slug}-{short}", slug, title, world.now)
    catalogue.add_storefront(session, SHOP, "保险商城", world.now, insurers=list(INSURERS))
    catalogue.add_storefront(session, CORNER_SHOP, "街角保险", world.now, insurers=["anxin"])
