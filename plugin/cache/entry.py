"""One answer in all its forms: whole or compressed, sent or only confirmed."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from werkzeug.http import parse_accept_header, parse_etags

Headers = list[tuple[str, str]]
#: Smaller bodies grow by being compressed, or hardly shrink (bytes).
LEAST = 500
#: Level 6 takes half as long again and saves 3 % of a wall.
LEVEL = 4
_BODY = frozenset({"content-type", "content-language", "content-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Form:
    """A body with the headers that it is sent with, and those of a 304 about it."""

    body: bytes
    tag: str
    headers: Headers
    not_modified: Headers


class Entry:
    """An answer with status 200 to a GET."""

    def __init__(self, body: bytes, headers: Headers) -> None:
        """``headers`` without length, encoding, tag and ``Vary: Accept-Encoding``."""
        self._body = body
        self._headers = headers
        digest = hashlib.sha256(repr(headers).encode())
        digest.update(body)
        self._digest = digest.hexdigest()[:32]

    @property
    def size(self) -> int:
        """Bytes of its bodies."""
        return len(self._body) + (len(self.packed.body) if self.is_packed else 0)

    @property
    def is_packed(self) -> bool:
        """Whether it has been asked for in the compressed form."""
        return "packed" in self.__dict__

    @cached_property
    def plain(self) -> Form:
        return self._form(self._body, self._digest)

    @cached_property
    def packed(self) -> Form:
        if len(self._body) < LEAST:
            return self.plain
        data = gzip.compress(self._body, LEVEL, mtime=0)
        # Other bytes, so another tag: it is a strong one (RFC 9110, 8.8.3.3).
        return self._form(data, f"{self._digest}-gzip", ("Content-Encoding", "gzip"))

    def form_for(self, environ: Mapping[str, Any]) -> Form:
        """The form that a request takes."""
        accepted = environ.get("HTTP_ACCEPT_ENCODING")
        return self.packed if accepted and _takes_gzip(accepted) else self.plain

    def _form(self, body: bytes, tag: str, *more: tuple[str, str]) -> Form:
        etag = f'"{tag}"'
        headers = [
            *self._headers,
            *more,
            ("ETag", etag),
            ("Content-Length", str(len(body))),
        ]
        kept = [header for header in headers if header[0].lower() not in _BODY]
        return Form(body, etag, headers, kept)


def is_known(form: Form, environ: Mapping[str, Any]) -> bool:
    """Whether the client has ``form`` already: ``If-None-Match`` (RFC 9110, 13.1.2)."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    return known is not None and (known == form.tag or _matches(known, form.tag))


def _matches(known: str, tag: str) -> bool:
    # Weakly: proxies that compress by themselves turn strong tags into weak ones.
    return bool(parse_etags(known).contains_weak(tag.strip('"')))


@lru_cache(256)
def _gzip_is_named(accepted: str) -> bool:
    return bool(parse_accept_header(accepted)["gzip"] > 0)


def _takes_gzip(accepted: str) -> bool:
    # What is remembered is bounded in length, too.
    return len(accepted) <= 200 and _gzip_is_named(accepted)
