"""Secrets that are derived or hashed, never stored: invitation tokens, policy numbers, API
tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import unicodedata

from ..moderation.ids import is_id

_ID_LENGTH = 29
_MAC_LENGTH = 32
#: base64url of id ‖ MAC: 61 bytes, no padding.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{82}")
_SEPARATORS = re.compile(r"[\s\-–—_.·/]+")


def invitation_token(key: bytes, invitation: str) -> str:
    """base64url(id ‖ HMAC-SHA256(key, id)), without padding: the authority to answer an
    invitation."""
    mac = hmac.digest(key, invitation.encode(), "sha256")
    return _spelled(invitation.encode() + mac)


def invitation_of(key: bytes, token: str) -> str | None:
    """The invitation that ``token`` is for, or ``None`` for anything that we did not make."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "==")
    except binascii.Error:  # pragma: no cover - the form above leaves nothing to fail
        return None
    mac, name = raw[_ID_LENGTH:], raw[:_ID_LENGTH].decode("ascii", "replace")
    expected = hmac.digest(key, raw[:_ID_LENGTH], "sha256")
    # Two spellings of one token must not both be valid, so the last character's spare bits count
    # too.
    genuine = hmac.compare_digest(mac, expected) and is_id("iv", name)
    return name if genuine and _spelled(raw) == token else None


def _spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def normal_policy_number(number: str) -> str:
    """A policy number as it is hashed: half-width, upper case, without separators."""
    joined = _SEPARATORS.sub("", unicodedata.normalize("NFKC", number)).upper()
    # What a separator kept apart may compose now, and capitals may decompose.
    return unicodedata.normalize("NFKC", joined)


def policy_hash(key: bytes, insurer: str, number: str) -> str:
    """HMAC-SHA256(policy key, insurer ‖ 00 ‖ normal number), hexadecimal: all that is kept of a
    number."""
    message = insurer.encode() + b"\x00" + normal_policy_number(number).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def new_api_token() -> str:
    """A fresh API token: ``ir_`` and 32 random bytes."""
    return f"ir_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> str:
    """What is stored of an API token. They are random, so a plain SHA-256 cannot be guessed
    back."""
    return hashlib.sha256(token.encode()).hexdigest()
