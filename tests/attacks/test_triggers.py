"""No trigger is idle: each alone stops some attack, which succeeds when that trigger is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from support.attacks.attacker import PROFILES, Attack, Profile, prompt
from support.attacks.catalogue import ATTACKS
from support.attacks.locked import LOCKED
from support.attacks.triggers import drop_trigger, trigger_tables
from support.databases import ENGINES

if TYPE_CHECKING:
    from attacks.conftest import Battlefield


def profiles(engine_name: str) -> list[Profile]:
    return [profile for profile in PROFILES if profile.engine == engine_name]


def triggers(field: Battlefield, engine_name: str) -> dict[str, str]:
    """Trigger → table, as the database says."""
    (profile, *_) = profiles(engine_name)
    with prompt(field.engine(profile), field.scene) as attacker:
        return trigger_tables(attacker)


@pytest.mark.parametrize("engine_name", ENGINES)
def test_every_trigger_alone_stops_an_attack(
    battlefield: Callable[[str], Battlefield], engine_name: str
) -> None:
    """Enumerated from the database: a trigger without such an attack is untested or idle."""
    field = battlefield(engine_name)
    named = {attack.only for attack in ATTACKS if engine_name in attack.engines}
    assert sorted(set(triggers(field, engine_name)) - named) == []


@pytest.mark.parametrize(
    ("engine_name", "attack"),
    [
        pytest.param(engine_name, attack, id=f"{engine_name} {attack.only}: {attack.name}")
        for attack in ATTACKS
        if attack.only is not None
        for engine_name in sorted(attack.engines)
    ],
)
def test_without_its_trigger_the_attack_succeeds(
    battlefield: Callable[[str], Battlefield], engine_name: str, attack: Attack
) -> None:
    """On at least one of the engine's connections, without anything else being switched off."""
    field = battlefield(engine_name)
    outcomes = [without(field, profile, attack) for profile in profiles(engine_name)]
    assert None in outcomes, outcomes


def without(field: Battlefield, profile: Profile, attack: Attack) -> str | None:
    """What still refuses the attack when its trigger is gone."""
    assert attack.only is not None
    with prompt(field.engine(profile), field.scene) as attacker:
        drop_trigger(attacker, attack.only)
        try:
            attack.run(attacker)
        except DBAPIError as error:
            return str(error.orig)
        return None


@pytest.mark.parametrize("engine_name", ENGINES)
def test_every_table_that_refuses_update_is_attacked(
    battlefield: Callable[[str], Battlefield], engine_name: str
) -> None:
    """The list of locked tables is the database's."""
    found = triggers(battlefield(engine_name), engine_name)
    locked = {table for name, table in found.items() if name == f"{table}_no_update"}
    assert sorted(locked) == sorted(table.table for table in LOCKED)
