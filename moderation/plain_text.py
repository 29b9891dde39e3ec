"""What a text may hold, and the one form in which it is stored and committed to: NFC, lines ended
by LF.

Refused are characters that hide or break things without saying anything: control characters other
than tab and line feed, unpaired surrogates, the tags block (invisible ASCII), noncharacters, and
piles of combining marks. Zero-width and bidirectional characters stay, because languages need
them; pages isolate them. Nothing is ever trimmed inside a text, only at its ends.
"""

from __future__ import annotations

import re
import unicodedata

from .errors import Fault

MAX_COMBINING = 8

_REFUSED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)


class TextFault(ValueError):
    """A text that cannot be taken as it is; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def clean(text: str, *, longest: int, shortest: int = 0, lines: bool = True) -> str:
    """``text`` in its stored form: NFC, LF, no white space at its ends.

    ``longest`` and ``shortest`` count code points. With ``lines=False`` a line break is refused
    too. Raises :class:`TextFault`. The raw text is bounded before it is normalised, because
    normalising is what an endless one would make expensive.
    """
    if len(text) > 4 * longest + 1024:
        raise TextFault(Fault("too-long", {"limit": longest, "length": len(text)}))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if refused := _REFUSED.search(text):
        raise TextFault(Fault("character", {"code_point": f"U+{ord(refused.group()):04X}"}))
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > longest:
        raise TextFault(Fault("too-long", {"limit": longest, "length": len(text)}))
    if len(text) < shortest:
        raise TextFault(Fault("required", {}))
    if not lines and "\n" in text:
        raise TextFault(Fault("one-line", {}))
    if _piles_marks(text):
        raise TextFault(Fault("combining-marks", {"limit": MAX_COMBINING}))
    return text


def _piles_marks(text: str) -> bool:
    if text.isascii():
        return False
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_COMBINING:
            return True
    return False
