"""Redaction: the same text with passages blotted out, every other character untouched.

A redacted text has the original's length in code points, and each position holds the original
character or ``█``. The log entry names the blotted positions as ``masks: [[start, length], …]``:
sorted, disjoint and not adjacent, so that one redaction has one form.
"""

from __future__ import annotations

BLOT = "█"


class RedactionError(ValueError):
    """The proposed text is no redaction of the original."""


def masks_of(original: str, redacted: str) -> list[list[int]]:
    """The masks by which ``redacted`` differs from ``original``, as ``[start, length]`` in code
    points.

    Raises :class:`RedactionError` when lengths differ, a character was changed to anything but
    ``█``, or nothing was blotted out.
    """
    if len(original) != len(redacted):
        raise RedactionError(
            f"the redacted text has {len(redacted)} characters, not {len(original)}"
        )
    masks: list[list[int]] = []
    for position, (before, after) in enumerate(zip(original, redacted, strict=True)):
        if before == after:
            continue
        if after != BLOT:
            raise RedactionError(
                f"character {position + 1} was changed to something other than {BLOT}"
            )
        if masks and sum(masks[-1]) == position:
            masks[-1][1] += 1
        else:
            masks.append([position, 1])
    if not masks:
        raise RedactionError("nothing is blotted out")
    return masks


def apply_masks(original: str, masks: list[list[int]]) -> str:
    """``original`` with the masked positions replaced by ``█``."""
    characters = list(original)
    for start, length in masks:
        end = min(start + length, len(characters))  # A stranger's log may say any number.
        characters[start:end] = BLOT * (end - start)
    return "".join(characters)
