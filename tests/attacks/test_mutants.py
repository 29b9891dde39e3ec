"""No defence is idle: with each taken away, an attack gets further than it may."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable

import pytest

from insurance_reviews.plugin import authorizer
from insurance_reviews.plugin.hardening.fence import EVENTS
from support.attacks.cases import CONNECTION
from support.attacks.committed import COMMITTED
from support.attacks.mutants import BY_NAME, MUTANTS, Mutant, killed
from support.attacks.siege import Besieged
from support.databases import DatabaseFactory

Siege = Callable[[str], Besieged]


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_without_it_an_attack_gets_further(siege: Siege, mutant: Mutant) -> None:
    assert killed(siege(mutant.engine), mutant)


def test_mutants_have_names_of_their_own() -> None:
    names = Counter(str(mutant) for mutant in MUTANTS)
    assert [name for name, times in names.items() if times > 1] == []


def test_every_event_trigger_is_taken_away() -> None:
    names = {mutant.name for mutant in MUTANTS}
    for name in EVENTS:
        event = name.rpartition("_")[2]
        assert f"the event trigger on {event} gone" in names
        assert f"the event trigger on {event} not ALWAYS" in names


def test_every_refusal_of_the_authorizer_has_its_mutant() -> None:
    """What is attacked on a connection and refused by the authorizer alone."""
    attacked = {mutant.case for mutant in MUTANTS if mutant.role is CONNECTION}
    pragmas = {name for role, name in BY_NAME if role is CONNECTION and name.startswith("PRAGMA")}
    assert pragmas <= attacked
    actions = {
        value: name
        for name, value in vars(sqlite3).items()
        if name.startswith(("SQLITE_CREATE_", "SQLITE_DROP_", "SQLITE_ALTER", "SQLITE_ATTACH"))
    }
    for action in actions:
        assert authorizer.authorize(action, "x", "y", "main", None) == sqlite3.SQLITE_DENY


@pytest.mark.parametrize(
    ("engine_name", "defence"),
    [(engine_name, defence) for engine_name in COMMITTED for defence in COMMITTED[engine_name]],
)
def test_without_what_is_committed_an_attack_succeeds(
    database_factory: DatabaseFactory, engine_name: str, defence: str
) -> None:
    assert COMMITTED[engine_name][defence](database_factory)
