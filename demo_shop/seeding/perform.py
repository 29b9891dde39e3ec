"""Letting a plan happen through the plugin's services, each act at its own time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from insurance_reviews.demo_shop import identities
from insurance_reviews.demo_shop.catalogue import Insurer, load
from insurance_reviews.demo_shop.seeding.plan import (
    ZONE,
    Acknowledge,
    Act,
    FollowUp,
    Invite,
    Remove,
    Reply,
    Report,
    Submit,
    Withdraw,
)
from insurance_reviews.demo_shop.stories import Removal
from insurance_reviews.plugin.services import (
    authors,
    catalogue,
    moderation,
    ownership,
    policy_events,
    replies,
    reviews,
)
from insurance_reviews.plugin.state import State

STOREFRONT = "tanyan"
#: The shop opens so long before the first thing happens in it.
OPENED_BEFORE = timedelta(days=30)


def demo_tokens() -> dict[str, tuple[str, str]]:
    """Each fixed token of the demo with its role and subject."""
    tokens = {"demo-storefront": ("storefront", STOREFRONT)}
    for insurer in load().insurers:
        tokens[f"demo-insurer-{insurer.slug}"] = ("insurer", insurer.slug)
        tokens[f"demo-compliance-{insurer.slug}"] = ("compliance", insurer.slug)
    return tokens | {"demo-regulator": ("regulator", identities.REGULATOR)}


def open_shop(state: State, name: str, now: datetime) -> None:
    """Register insurers, products, the storefront and the demo's tokens."""
    shelves = load()

    def register(session: Session) -> None:
        for insurer in shelves.insurers:
            _register_insurer(session, state, insurer, now)
        catalogue.add_storefront(
            session,
            STOREFRONT,
            name,
            now,
            insurers=[insurer.slug for insurer in shelves.insurers],
            origins=[state.settings.public_url],
        )
        for token, (role, subject) in demo_tokens().items():
            catalogue.issue_token(session, role, subject, now, label="demo", token=token)

    state.work.write(register)


def _register_insurer(session: Session, state: State, insurer: Insurer, now: datetime) -> None:
    catalogue.add_insurer(
        session, state.context, insurer.slug, insurer.name, now, name_en=insurer.english_name
    )
    for product in load().products:
        if product.insurer == insurer.slug:
            catalogue.add_product(
                session,
                product.sku,
                insurer.slug,
                product.name,
                now,
                name_en=product.english_name,
                stages=product.stages,
            )


@dataclass(slots=True)
class _Case:
    """What later acts of a case need to know of earlier ones."""

    insurer: str
    token: str = ""
    review: str = ""
    author_key: str = ""
    reports: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Performer:
    """Performs acts in the order given; each is a transaction of its own."""

    state: State
    _cases: dict[str, _Case] = field(default_factory=dict)

    def perform_all(self, acts: Iterable[Act]) -> None:
        for act in acts:
            self.state.work.write(partial(self._perform, act))

    def _perform(self, act: Act, session: Session) -> None:
        case = self._cases.setdefault(act.case, _Case(act.insurer))
        context, now = self.state.context, act.at
        match act.deed:
            case Invite():
                self._invite(session, case, act.deed, now)
            case Submit():
                self._submit(session, case, act.deed, now)
            case Reply(text):
                replies.publish_reply(session, context, case.insurer, case.review, text, now)
            case FollowUp(text):
                authors.add_follow_up(session, context, case.review, case.author_key, text, now)
            case Withdraw():
                authors.withdraw_texts(session, context, case.review, case.author_key, now)
            case Report(removal):
                self._report(session, case, removal, now)
            case Remove(removal, redacted):
                moderation.remove_text(
                    session,
                    context,
                    case.insurer,
                    case.review,
                    case.reports[removal.report_no],
                    now,
                    item=_item(session, case, removal),
                    redacted_text=redacted,
                )
            case Acknowledge(removal) if (answer := removal.acknowledgement) is not None:
                report = case.reports[removal.report_no]
                moderation.acknowledge_report(
                    session, context, report, answer.verdict, answer.note, now
                )

    def _invite(self, session: Session, case: _Case, deed: Invite, now: datetime) -> None:
        # No address: nobody gets a mail from a past that never was.
        event = policy_events.PolicyEvent(
            deed.policy_no, deed.product, deed.stage, "1", deed.occurred_on
        )
        invited = policy_events.record_policy_event(
            session, self.state.context, STOREFRONT, event, now
        )
        assert invited.token is not None, "every case has a policy of its own"
        case.token = invited.token

    def _submit(self, session: Session, case: _Case, deed: Submit, now: datetime) -> None:
        given = reviews.ReviewInput(
            case.token, deed.score, dict(deed.aspects), deed.text, deed.holder
        )
        submitted = reviews.submit_review(session, self.state.context, given, now)
        case.review, case.author_key = submitted.id, submitted.author_key or ""

    def _report(self, session: Session, case: _Case, removal: Removal, now: datetime) -> None:
        given = moderation.ReportInput(
            report_no=removal.report_no,
            authority=removal.authority,
            filed_on=now.astimezone(ZONE).date(),
            ground=removal.ground,
            reasons=removal.reasons,
            items=[_item(session, case, removal)],
        )
        report = moderation.report_review(
            session, self.state.context, case.insurer, case.review, given, now
        )
        case.reports[removal.report_no] = report.id


def _item(session: Session, case: _Case, removal: Removal) -> str:
    """The text that a removal is about, among all that stands under its review."""
    owned = ownership.find_owned(session, case.insurer, case.review)
    items = ownership.items_of(session, owned)
    # The author's own texts come first: the review, then its follow-ups.
    own = len(authors.find_own(session, case.review).texts)
    first = {"review": 0, "follow_up": 1, "reply": own}
    return items[first[removal.target] + removal.position]
