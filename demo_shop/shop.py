"""What all of the shop's pages need, and how the shop tells the plugin what happened."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from flask import Flask, current_app

from insurance_reviews.demo_shop.catalogue import load
from insurance_reviews.demo_shop.policies import Event, Policies, Policy
from insurance_reviews.demo_shop.seeding.perform import STOREFRONT
from insurance_reviews.demo_shop.seeding.plan import ZONE
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.errors import Busy
from insurance_reviews.plugin.services import policy_events
from insurance_reviews.plugin.state import State

logger = logging.getLogger(__name__)
EXTENSION = "demo_shop"

#: The letters that an insurer's policy numbers begin with.
NUMBER_PREFIXES = {"qingyan": "QY", "songpan": "SP", "judeng": "JD"}


@dataclass(frozen=True, slots=True)
class Shop:
    """One running shop. ``clock`` gives aware times."""

    policies: Policies
    mail: Path
    clock: Callable[[], datetime]
    #: Called when a mail is due; the worker adds itself, where there is one.
    on_told: list[Callable[[], None]] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The date where the shop's customers live."""
        return self.clock().astimezone(ZONE).date()


def get_shop(app: Flask | None = None) -> Shop:
    """The shop of ``app``, or of the current one."""
    shop: Shop = (app or current_app).extensions[EXTENSION]
    return shop


def prefix_of(sku: str) -> str:
    """What the number of a policy of this product begins with."""
    return NUMBER_PREFIXES[load().product(sku).insurer]


def tell_plugin(shop: Shop, state: State) -> None:
    """Tell the plugin every event that it does not know yet; each brings an invitation."""
    for policy, event in shop.policies.untold():
        told = _policy_event(policy, event)
        state.work.write(
            lambda session, told=told: policy_events.record_policy_event(  # type: ignore[misc]
                session, state.context, STOREFRONT, told, state.clock()
            )
        )
        shop.policies.mark_told(event)
    for call in shop.on_told:
        call()


def tell_plugin_here() -> None:
    """The same for the current application; what cannot be told now is told the next time."""
    try:
        tell_plugin(get_shop(), get_state())
    except Busy:
        logger.warning("the reviews are busy; what happened is told to them later")


def _policy_event(policy: Policy, event: Event) -> policy_events.PolicyEvent:
    return policy_events.PolicyEvent(
        policy_no=policy.number,
        product=policy.sku,
        stage=event.stage,
        occurrence=str(event.occurrence),
        occurred_on=event.occurred_on,
        holder=policy_events.Holder(name=policy.name, email=policy.email),
    )
