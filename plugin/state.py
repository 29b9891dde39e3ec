"""All that belongs to one mounted application, under one key of ``app.extensions``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..moderation.kept import KeptCheckpoints
from ..moderation.keys import KeyRing
from ..moderation.log import Logs
from ..widgets.render import Renderer
from .assets import Assets
from .cache.cache import Cache
from .database import make_engine
from .identity import Identity
from .mail import Mailer
from .rate_limits import RateLimits
from .services.context import Context
from .settings import Settings
from .start_guard import StartGuard
from .unit_of_work import UnitOfWork

EXTENSION = "insurance_reviews"
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of everything here."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class State:
    """What requests and commands need. Frozen: nothing about a mounted application changes."""

    settings: Settings
    work: UnitOfWork
    context: Context
    renderer: Renderer
    assets: Assets
    cache: Cache
    identity: Identity
    mailer: Mailer
    clock: Clock
    start_guard: StartGuard
    #: Whether the host is ready to be asked; the demo is once it is seeded.
    ready: Callable[[], bool] = lambda: True
    rate_limits: RateLimits = field(default_factory=RateLimits)

    @property
    def operator(self) -> str:
        """The name under which the walls are run."""
        return self.settings.operator or self.settings.public_url.split("://", 1)[1]


def build_context(settings: Settings) -> Context:
    """The logs of ``settings``: keys and kept checkpoints lie in ``STATE_DIR``."""
    keys = KeyRing(settings.state_dir / "keys")
    return Context(settings, Logs(keys, KeptCheckpoints(settings.state_dir / "checkpoints")))


def build_work(settings: Settings) -> UnitOfWork:
    """Transactions on the database of ``settings``; nothing is connected yet."""
    return UnitOfWork(make_engine(settings.database_url))
