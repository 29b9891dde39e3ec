"""Honest lives: neither the shop's doctor nor the verifier may find anything in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from insurance_reviews.moderation.log_keys import rotate_key
from insurance_reviews.moderation.verify.report import as_text
from insurance_reviews.plugin.schema import product_state, topic_count
from support.verifying import app_fetch

from .scene import OTHER_PRODUCT, REDACTED
from .trial import Trial, diagnose


@dataclass(frozen=True, slots=True)
class Control:
    """``play`` is what happens; it says what is wrong already."""

    name: str
    play: Callable[[Trial], list[str]]

    def __str__(self) -> str:
        return self.name


def false_alarms(trial: Trial, control: Control) -> list[str]:
    """What is found, and should not be."""
    alarms = control.play(trial)
    with trial.host() as host:
        alarms += diagnose(host)
        writers = (trial.scene.told, trial.scene.redacted)
        outcome = trial.verify(
            app_fetch(host.app),
            kept=[trial.outside.kept],
            policy=trial.outside.policy,
            receipts=[trial.outside.receipt(review.id) for review in writers],
        )
    if outcome.exit_code:
        alarms.append(as_text(outcome))
    return [f"{control}: {alarm}" for alarm in alarms]


def untouched(trial: Trial) -> list[str]:
    return []


def rewritten(trial: Trial) -> list[str]:
    """All rows taken out and put back: it is the forgeries that are found, not the forger."""

    def rows() -> dict[str, Any]:
        with trial.world() as world:
            found = world.snapshot()
        # Its revision grows with every change, and says nothing.
        del found[product_state.name]
        # Nobody speaks any more of what only a removed text spoke of.
        found[topic_count.name] = [row for row in found[topic_count.name] if row[-1]]
        return found

    before = rows()
    trial.forge()
    after = rows()
    return [f"{table} changed" for table in before if before[table] != after[table]]


def lived_on(trial: Trial) -> list[str]:
    """Everything that is lawful happens once more."""
    told, reported, redacted = trial.scene.told, trial.scene.reported, trial.scene.redacted
    with trial.world() as world:
        logs, ref = world.context.logs, world.ref()
        world.submit(score=1, aspects={"outcome": 2}, display_name="John")
        world.submit(product=OTHER_PRODUCT, stage="renewal", text=None)
        world.follow_up(told)
        world.reply(reported, "已转交核查。")
        world.write(lambda session: rotate_key(session, logs, ref, world.now))
        world.remove(reported)
        world.withdraw(told)
        item = world.item_of(redacted)
        world.remove(redacted, item=item, redacted="█" + REDACTED[1:])
        world.submit(score=5)
    return []


CONTROLS = (
    Control("nothing happened", untouched),
    Control("every row was taken out and put back", rewritten),
    Control("life went on", lived_on),
)
