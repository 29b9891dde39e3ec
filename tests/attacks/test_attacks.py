"""The database itself refuses every attack in raw SQL, with the reason that the attack expects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from support.attacks.attacker import Attack, Profile, code_of, prompt
from support.attacks.catalogue import ATTACKS, cases

if TYPE_CHECKING:
    from attacks.conftest import Battlefield


@pytest.mark.parametrize(
    ("profile", "attack"),
    cases(),
    ids=lambda value: value.name if isinstance(value, Attack) else f"{value.engine} {value.name}",
)
def test_the_database_refuses(
    battlefield: Callable[[str], Battlefield], profile: Profile, attack: Attack
) -> None:
    """What comes before the strike is lawful and passes; the strike is refused with its code."""
    field = battlefield(profile.engine)
    with prompt(field.engine(profile), field.scene) as attacker:
        with pytest.raises(DBAPIError) as refusal:
            attack.run(attacker)
        assert attacker.striking, f"refused before the strike: {refusal.value.orig}"
        assert code_of(refusal.value).startswith(tuple(attack.codes)), refusal.value.orig


def test_attacks_have_names_of_their_own() -> None:
    names = Counter((engine, attack.name) for attack in ATTACKS for engine in attack.engines)
    assert [name for name, times in names.items() if times > 1] == []
