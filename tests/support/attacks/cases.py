"""What somebody tries in one of the roles that a database knows, and how it must end.

``refused`` with one of the codes; ``lawful``, because the service does just that; or ``bypass``:
whoever may do anything gets through, and doctor or the check of the logs sees it afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from support.attacks.attacker import POSTGRESQL, SQLITE, Attacker, Run
from support.attacks.catalogue import ATTACKS
from support.attacks.scene import Scene

#: What stands before the code of a refusal that did not wait for the strike.
BEFORE = "before the strike: "

End = Literal["refused", "lawful", "bypass"]


@dataclass(frozen=True, slots=True)
class Role:
    """Who is at the prompt."""

    engine: str
    name: str

    def __str__(self) -> str:
        return f"{self.engine} {self.name}"


#: Logged in with what DATABASE_URL names.
APPLICATION = Role(POSTGRESQL, "application role")
#: Who owns the tables; nobody can log in as him, but an administrator may act as him.
OWNER = Role(POSTGRESQL, "owner role")
SUPERUSER = Role(POSTGRESQL, "superuser")
#: Somebody else with a login on the same server.
STRANGER = Role(POSTGRESQL, "another role")
#: On one of the application's own connections.
CONNECTION = Role(SQLITE, "application connection")
#: With the file opened by another program, foreign keys on.
COMMAND_LINE = Role(SQLITE, "command line")
#: The same with foreign keys off: the owner of the file, who may do anything to it.
FILE_OWNER = Role(SQLITE, "file owner")
ROLES = (APPLICATION, OWNER, SUPERUSER, STRANGER, CONNECTION, COMMAND_LINE, FILE_OWNER)


@dataclass(frozen=True, slots=True)
class Case:
    """``codes`` are those of which a refusal must have one; ``why`` says why a bypass is one."""

    role: Role
    name: str
    run: Run
    end: End = "refused"
    codes: frozenset[str] = frozenset()
    why: str = ""

    def __str__(self) -> str:
        return f"{self.role}: {self.name}"


def known(scene: Scene) -> dict[str, object]:
    """What the placeholders of statements mean in ``scene``."""
    return {
        "log": scene.log,
        "review": scene.review.id,
        "item": scene.review_item,
        "removed": scene.removed_item,
        "report": scene.report.id,
        "reported": scene.reported_item,
        "product": scene.product,
        "at": scene.at,
    }


def statements(*written: str) -> Run:
    """A run of statements, the last of which strikes."""

    def run(a: Attacker) -> None:
        *before, strike = written
        for statement in before:
            a.sql(statement, **_values(statement, a.scene))
        a.strike(strike, **_values(strike, a.scene))

    return run


def _values(statement: str, scene: Scene) -> dict[str, Any]:
    return {name: value for name, value in known(scene).items() if _names(statement, name)}


def _names(statement: str, name: str) -> bool:
    return re.search(rf"(?<!:):{name}\b", statement) is not None


def refused(role: Role, codes: str, written: dict[str, str | tuple[str, ...]]) -> list[Case]:
    """Cases by name, which end with one of ``codes`` (separated by spaces)."""
    return [
        Case(role, name, statements(*listed(sql)), "refused", frozenset(codes.split()))
        for name, sql in written.items()
    ]


def of_catalogue(role: Role) -> list[Case]:
    """The attacks by forged rows, in ``role``. Who may not even prepare them is refused earlier."""
    earlier = {"42501", "AUTH", "IR030", "IR031", "IR032"}
    earlier |= {f"{BEFORE}{code}" for code in earlier}
    return [
        Case(role, f"forged: {attack.name}", attack.run, "refused", attack.codes | earlier)
        for attack in ATTACKS
        if role.engine in attack.engines
    ]


def bypasses(role: Role, written: Iterable[tuple[str, str, tuple[str, ...]]]) -> list[Case]:
    """Cases of (name, why, statements) that nothing in the database stops."""
    return [Case(role, name, statements(*sql), "bypass", why=why) for name, why, sql in written]


def listed(sql: str | tuple[str, ...]) -> tuple[str, ...]:
    return (sql,) if isinstance(sql, str) else sql
