"""Every class of forgery that must be found, in groups."""

from __future__ import annotations

from ..forgery import Forgery
from . import altered, bent, broken, keys, past_texts, past_votes

FORGERIES: tuple[Forgery, ...] = (
    *past_votes.ALL,
    *past_texts.ALL,
    *keys.ALL,
    *broken.ALL,
    *bent.ALL,
    *altered.ALL,
)
