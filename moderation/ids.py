"""Random public identifiers: a two-letter prefix, ``_`` and 26 base32 characters (130 bits, 128
random)."""

from __future__ import annotations

import base64
import re
import secrets

_FORM = re.compile(r"[a-z]{2}_[a-z2-7]{26}")


def new_id(prefix: str) -> str:
    """A fresh identifier such as ``it_mzxw6ytboi…``, drawn from the operating system's
    generator."""
    return f"{prefix}_{base64.b32encode(secrets.token_bytes(16)).decode().rstrip('=').lower()}"


def is_id(prefix: str, value: str) -> bool:
    """Whether ``value`` has the form of an identifier with this prefix."""
    return value.startswith(f"{prefix}_") and _FORM.fullmatch(value) is not None
