"""Our style sheets and scripts, each under a name that holds its hash, so that it never changes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

DIGEST_DIGITS = 12
#: What the script of a shop consists of, and the style sheet that it asks for.
ELEMENT, DEFINE, STYLES = "element.js", "define.js", "reviews.css"
_VERSIONED = re.compile(rf"(.+)\.[0-9a-f]{{{DIGEST_DIGITS}}}(\.\w+)")
_IMPORT = re.compile(rb'^import \{[^}]*\} from "\./element\.js";\n+', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file. ``name`` is versioned: ``reviews.0123456789ab.css``."""

    name: str
    media_type: str
    data: bytes
    #: The same, compressed once for all who take it.
    gzipped: bytes

    @property
    def integrity(self) -> str:
        """What a page puts into ``integrity=`` so that it gets this file or none (W3C SRI)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.data).digest()).decode()


class Assets:
    """The files of ``widgets/static``, read once."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._by_plain_name: dict[str, Asset] = {
            name: _asset(name, data) for name, data in _read().items()
        }
        self._by_name: Mapping[str, Asset] = {
            asset.name: asset for asset in self._by_plain_name.values()
        }

    def url(self, name: str) -> str:
        """The versioned address of a file by its plain name."""
        return f"{self._prefix}/static/{self._by_plain_name[name].name}"

    def integrity(self, name: str) -> str:
        """The ``integrity`` of a file by its plain name, for the versioned address."""
        return self._by_plain_name[name].integrity

    def find(self, name: str) -> tuple[Asset, bool] | None:
        """The file asked for and whether its address is versioned; ``None`` when there is none."""
        if name in self._by_name:
            return self._by_name[name], True
        asset = self._by_plain_name.get(name)
        return None if asset is None else (asset, False)

    def successor(self, name: str) -> str | None:
        """Where the file is today that ``name`` was the version of in another release."""
        found = _VERSIONED.fullmatch(name)
        plain = found and found[1] + found[2]
        return self.url(plain) if plain in self._by_plain_name else None


def _read() -> dict[str, bytes]:
    """The files as they are sent.

    A shop's page gets our elements in one request, so ``define.js`` is sent with the module that it
    imports in the import's place; and it asks for the style sheet of this very version.
    """
    folder = files(__package__).parent / "widgets" / "static"  # type: ignore[attr-defined]
    found = {
        entry.name: entry.read_bytes()
        for entry in folder.iterdir()
        if entry.is_file() and not entry.name.startswith(".")
    }
    sheet = _asset(STYLES, found[STYLES]).name
    element = found[ELEMENT].replace(f'"{STYLES}"'.encode(), f'"{sheet}"'.encode())
    registration, imports = _IMPORT.subn(b"", found[DEFINE])
    assert imports == 1, "define.js imports element.js and nothing else"
    return {**found, ELEMENT: element, DEFINE: element + b"\n" + registration}


def _asset(name: str, data: bytes) -> Asset:
    stem, dot, suffix = name.rpartition(".")
    digest = hashlib.sha256(data).hexdigest()[:DIGEST_DIGITS]
    media_type = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}.get(
        suffix, mimetypes.guess_type(name)[0] or "application/octet-stream"
    )
    gzipped = gzip.compress(data, compresslevel=9, mtime=0)
    return Asset(f"{stem}.{digest}{dot}{suffix}", media_type, data, gzipped)
