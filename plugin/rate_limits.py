"""How often one address may post. Kept in the process: a limit is a brake, not an account."""

from __future__ import annotations

import time

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from .errors import RateLimited


class RateLimits:
    """Counts posts per purpose and sender."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, rate: RateLimitItem, purpose: str, sender: str) -> None:
        """Count one post. Raises :class:`RateLimited` when there were too many."""
        if self._windows.hit(rate, purpose, sender):
            return
        reset = self._windows.get_window_stats(rate, purpose, sender).reset_time
        raise RateLimited(max(1, round(reset - time.time())))
