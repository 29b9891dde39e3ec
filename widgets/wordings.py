"""A host's own wordings: catalogues like ours, of which every entry goes before ours."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from .i18n import LANGUAGES, catalogue_file, locale_of

logger = logging.getLogger(__name__)

_OURS = Path(__file__).parent / "locale"
#: The values that a sentence is given: ``%(name)s`` here, ``{name}`` on the verify page.
_PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def check_wordings(folder: Path) -> None:
    """Makes sure that the catalogues in `folder` can be used before anybody reads them.

    Raises ``ValueError``, which names the entry, for a folder without a catalogue, a file that is
    none, a place that the sentence has no value for, and markup: words are text, and what should
    look different is a template's. An entry that no sentence of ours asks for is only logged, so
    that an update which words something anew does not keep the shop from starting.
    """
    files = {
        language: file
        for language in LANGUAGES
        if (file := catalogue_file(folder, language)).is_file()
    }
    if not files:
        raise ValueError(
            "holds no catalogue: give one to zh_CN, zh_TW or en as LC_MESSAGES/insurance_reviews.po"
        )
    known = _entries(catalogue_file(_OURS, "zh-CN"), "zh-CN").keys()
    for language, file in files.items():
        for msgid, texts in _entries(file, language).items():
            if msgid not in known:
                logger.warning("%s: nothing of ours says %r any more", file, msgid[0])
            for text in texts:
                _check(msgid, text, file)


def _entries(file: Path, language: str) -> dict[tuple[str, ...], list[str]]:
    # Imported here: it is slow to load, and only hosts with wordings need it.
    from babel.messages.pofile import PoFileError, read_po

    try:
        with file.open("rb") as source:
            catalogue = read_po(source, locale=locale_of(language), abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise ValueError(f"holds {file}, which is no catalogue: {error}") from error
    return {
        _forms(message.id): [text for text in _forms(message.string) if text]
        for message in catalogue
        if message.id and not message.fuzzy
    }


def _forms(value: object) -> tuple[str, ...]:
    """The one text, or the texts of the plural forms."""
    return tuple(value) if isinstance(value, list | tuple) else (str(value),)


def _check(msgid: tuple[str, ...], text: str, file: Path) -> None:
    places = set().union(*map(_places, msgid)) | ({"num"} if len(msgid) > 1 else set())
    if unknown := _places(text) - places:
        raise ValueError(f"holds {file}: {text!r} has no value for {', '.join(sorted(unknown))}")
    if "%" in re.sub(r"%\(\w+\)s|%%", "", text):
        raise ValueError(f"holds {file}: a percent sign in {text!r} is written %%")
    if _says_something(msgid[0]) and not _says_something(text):
        raise ValueError(f"holds {file}: {text!r} says nothing in place of {msgid[0]!r}")
    if "<" in text:
        raise ValueError(f"holds {file}: {text!r} holds markup, which belongs into a template")


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _places(text: str) -> set[str]:
    return {first or second for first, second in _PLACE.findall(text)}
