"""Our style sheets and scripts, each under a name that holds its hash, so that it never changes."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

DIGEST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """A file. ``name`` is versioned: ``reviews.0123456789ab.css``."""

    name: str
    media_type: str
    data: bytes


class Assets:
    """The files of ``widgets/static``, read once."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._by_plain_name: dict[str, Asset] = {}
        for entry in (files(__package__).parent / "widgets" / "static").iterdir():  # type: ignore[attr-defined]
            if entry.is_file() and not entry.name.startswith("."):
                self._by_plain_name[entry.name] = _read(entry.name, entry.read_bytes())
        self._by_name: Mapping[str, Asset] = {
            asset.name: asset for asset in self._by_plain_name.values()
        }

    def url(self, name: str) -> str:
        """The versioned address of a file by its plain name."""
        return f"{self._prefix}/static/{self._by_plain_name[name].name}"

    def find(self, name: str) -> tuple[Asset, bool] | None:
        """The file asked for and whether its address is versioned; ``None`` when there is none."""
        if name in self._by_name:
            return self._by_name[name], True
        asset = self._by_plain_name.get(name)
        return None if asset is None else (asset, False)


def _read(name: str, data: bytes) -> Asset:
    stem, dot, suffix = name.rpartition(".")
    digest = hashlib.sha256(data).hexdigest()[:DIGEST_DIGITS]
    media_type = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}.get(
        suffix, mimetypes.guess_type(name)[0] or "application/octet-stream"
    )
    return Asset(f"{stem}.{digest}{dot}{suffix}", media_type, data)
