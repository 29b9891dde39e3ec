"""Where a running demo keeps its things: one folder, and the secrets in it.

The folder is made whole or not at all: it is filled under another name and gets its own only when
the seeding is complete. So it needs no mark of completeness, and an interrupted start leaves
nothing that could be mistaken for a shop.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

#: The host's name in the logs: a constant, so that the demo's origins do not depend on its port.
LOG_ORIGIN = "reviews.demo.example"
OPERATOR = "坦言保险商城"


@dataclass(frozen=True)
class Place:
    """A demo's folder. Nothing is read or made before it is asked for."""

    folder: Path

    @property
    def shop_database(self) -> Path:
        """The shop's own SQLite file; the plugin never sees it."""
        return self.folder / "shop.sqlite"

    @property
    def reviews_url(self) -> str:
        """The plugin's database, as SQLAlchemy writes it."""
        return f"sqlite:///{self.folder / 'reviews.sqlite'}"

    @property
    def mail(self) -> Path:
        """Where mails are put instead of being sent."""
        return self.folder / "mail"

    @cached_property
    def _secrets(self) -> dict[str, str]:
        path = self.folder / "secrets.json"
        if not path.exists():
            made = {name: secrets.token_hex(32) for name in ("policy", "invitation", "session")}
            write_privately(path, json.dumps(made))
        known: dict[str, str] = json.loads(path.read_text())
        return known

    @property
    def session_key(self) -> str:
        """What the shop's session cookies are signed with."""
        return self._secrets["session"]

    def settings(self, public_url: str) -> dict[str, Any]:
        """The plugin's settings for a shop that visitors see at ``public_url``."""
        return {
            "INSURANCE_REVIEWS_DATABASE_URL": self.reviews_url,
            "INSURANCE_REVIEWS_PUBLIC_URL": public_url,
            "INSURANCE_REVIEWS_STATE_DIR": str(self.folder / "state"),
            "INSURANCE_REVIEWS_POLICY_KEY": self._secrets["policy"],
            "INSURANCE_REVIEWS_INVITATION_KEY": self._secrets["invitation"],
            "INSURANCE_REVIEWS_LOG_ORIGIN": LOG_ORIGIN,
            "INSURANCE_REVIEWS_OPERATOR": OPERATOR,
            "INSURANCE_REVIEWS_MAIL_FOLDER": str(self.mail),
            "INSURANCE_REVIEWS_MAIL_SENDER": "reviews@demo.example",
        }


def unfinished(place: Place) -> Place:
    """An empty folder beside ``place`` to fill; what an interrupted start left there is gone."""
    folder = place.folder.with_name(f".{place.folder.name}-unfinished")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return Place(folder)


def finish(filled: Place, place: Place) -> None:
    """Give the ``filled`` folder its name. Every database in it must be closed."""
    filled.folder.rename(place.folder)


def write_privately(path: Path, text: str) -> None:
    """A new file that only its owner reads, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
