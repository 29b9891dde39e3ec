"""How many attacks each role made and how they ended, and how many defences are needed.

For the table of ``make attack``; the same cases are the tests ``tests/attacks/test_roles.py`` and
``test_mutants.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from support.attacks.attacker import Attack
from support.attacks.cases import (
    COMMAND_LINE,
    FILE_OWNER,
    ROLES,
    SUPERUSER,
    Case,
    Role,
    of_catalogue,
)
from support.attacks.catalogue import ATTACKS
from support.attacks.committed import COMMITTED
from support.attacks.mutants import MUTANTS, killed
from support.attacks.owners import MAINTENANCE
from support.attacks.siege import CASES, FORGED, Besieged, besieged, stands
from support.attacks.triggers import drop_trigger
from support.databases import ENGINES, DatabaseFactory


@dataclass(frozen=True, slots=True)
class Standing:
    """What came of all cases of a role. ``unseen`` are bypasses that nothing tells of."""

    role: Role
    refused: int
    lawful: int
    bypasses: int
    wrong: tuple[str, ...]
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needed:
    """Of ``defences`` of an engine, those without which no attack got further."""

    engine: str
    defences: int
    idle: tuple[str, ...]


def figures(
    factory: DatabaseFactory, folder: Path, say: Callable[[str], None] = lambda _: None
) -> tuple[list[Standing], list[Needed]]:
    """Besiege both engines; ``folder`` is for keys and checkpoints."""
    standings: list[Standing] = []
    needed: list[Needed] = []
    for engine_name in ENGINES:
        with besieged(factory, engine_name, folder / engine_name) as siege:
            for role in ROLES:
                if role.engine == engine_name:
                    say(str(role))
                    standings.append(_standing(siege, role))
            say(f"{engine_name}, each defence taken away")
            idle = [*_idle_locks(siege, engine_name), *_idle_defences(siege, engine_name)]
            locks = {attack.only for attack in _locked(engine_name)}
            others = [mutant for mutant in MUTANTS if mutant.engine == engine_name]
            counted = len(locks) + len(others)
        committed = COMMITTED[engine_name]
        idle += [name for name, kills in committed.items() if not kills(factory)]
        needed.append(Needed(engine_name, counted + len(committed), tuple(idle)))
    return standings, needed


def cases_of(role: Role) -> list[Case]:
    """Every case of ``role``, the attacks by forged rows included."""
    found = [case for case in (*CASES, *FORGED) if case.role == role]
    return found + (of_catalogue(role) if role in (SUPERUSER, COMMAND_LINE, FILE_OWNER) else [])


def _standing(siege: Besieged, role: Role) -> Standing:
    ends = {"refused": 0, "lawful": 0, "bypass": 0}
    wrong: list[str] = []
    unseen: list[str] = []
    for case in cases_of(role):
        found = siege.outcome(case)
        if not stands(case, found):
            wrong.append(f"{case}: {found or 'not refused'}")
            continue
        ends[case.end] += 1
        if case.end == "bypass" and not siege.seen(case):
            unseen.append(str(case))
    return Standing(
        role, ends["refused"], ends["lawful"], ends["bypass"], tuple(wrong), tuple(unseen)
    )


def _locked(engine_name: str) -> list[Attack]:
    """The attacks that one lock alone stops."""
    return [each for each in ATTACKS if each.only is not None and engine_name in each.engines]


def _idle_locks(siege: Besieged, engine_name: str) -> Iterator[str]:
    attacks = _locked(engine_name)
    roles = (SUPERUSER,) if siege.hardened else (COMMAND_LINE, FILE_OWNER)
    stopping = {a.only for a in attacks if any(_succeeds(siege, role, a) for role in roles)}
    yield from sorted(f"the lock {each.only}" for each in attacks if each.only not in stopping)


def _succeeds(siege: Besieged, role: Role, attack: Attack) -> bool:
    """Whether ``attack`` gets through when its lock is gone, and nothing else."""
    assert attack.only is not None
    with siege.at_the_prompt(role) as attacker:
        if role is SUPERUSER:
            attacker.sql(MAINTENANCE)
        drop_trigger(attacker, attack.only)
        try:
            attack.run(attacker)
        except DBAPIError:
            return False
        return True


def _idle_defences(siege: Besieged, engine_name: str) -> Iterator[str]:
    for mutant in MUTANTS:
        if mutant.engine == engine_name and not killed(siege, mutant):
            yield mutant.name
