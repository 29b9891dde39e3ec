"""A class of forgery: what is done, and by what it must be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from support.verifying import Liar

from .ledger import Ledger
from .scene import Scene

#: Bends a ledger; what it does not name it leaves to be rebuilt.
Forge = Callable[[Ledger, Scene], object]
Lie = Callable[[Liar, Scene], object]

#: What convicts when history was rewritten: the first entries are not those of the kept checkpoint.
FORK = "fork"


@dataclass(frozen=True, slots=True)
class Forgery:
    """``found`` is the finding of whoever kept one checkpoint; ``alone`` that of a stranger who
    kept nothing, ``None`` where a stranger finds nothing.

    ``noticed`` where even the shop's own doctor sees it, because rows and log cannot be made to
    agree. ``lie`` is what altered code shows instead of what is stored. ``policy`` where the
    verifier is told to ask for a witness.
    """

    name: str
    found: str
    alone: str | None = None
    noticed: bool = False
    policy: bool = False
    forge: Forge | None = None
    lie: Lie | None = None

    def __str__(self) -> str:
        return self.name


class Forgeries(list[Forgery]):
    """Classes of one kind, entered by decorators."""

    def past(self, name: str, found: str = FORK) -> Callable[[Forge], Forge]:
        """Rewritten so that everything agrees: only who kept something can tell."""

        def enter(forge: Forge) -> Forge:
            self.append(Forgery(name, found, forge=forge))
            return forge

        return enter

    def plain(
        self, name: str, found: str, *, noticed: bool = False, policy: bool = False
    ) -> Callable[[Forge], Forge]:
        """What every stranger finds, too."""

        def enter(forge: Forge) -> Forge:
            self.append(Forgery(name, found, found, noticed, policy, forge))
            return forge

        return enter

    def lies(self, name: str, found: str) -> Callable[[Lie], Lie]:
        """The database stays honest, and the code that serves it is altered."""

        def enter(lie: Lie) -> Lie:
            self.append(Forgery(name, found, found, lie=lie))
            return lie

        return enter
