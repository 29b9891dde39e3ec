"""What services are given besides a session: the settings they need and the logs they write to."""

from __future__ import annotations

from dataclasses import dataclass

from ...moderation.log import Logs
from ..settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The operator's settings and logs. Made once, when the extension is mounted."""

    settings: Settings
    logs: Logs
