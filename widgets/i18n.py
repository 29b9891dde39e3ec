"""Three languages from one set of English msgids, without the host's Flask-Babel.

``zh-CN`` and ``zh-TW`` are read from gettext catalogues, ``en`` is the msgids themselves. A built
distribution carries the compiled ``.mo``; a checkout does not, and then the ``.po`` is compiled in
memory. A host may put wordings of its own before ours: see ``wordings.py``.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

DEFAULT_LANGUAGE = "zh-CN"
#: Every language that we speak, with its name for itself.
LANGUAGES: Mapping[str, str] = {
    "zh-CN": "简体中文",
    "zh-TW": "繁體中文",
    "en": "English",
}
_LOCALES = {"zh-CN": "zh_CN", "zh-TW": "zh_TW", "en": "en"}
_FOLDER = Path(__file__).parent / "locale"


def N_(msgid: str) -> str:  # noqa: N802 - the name that every gettext extractor knows
    """Marks `msgid` for the catalogue and returns it; it is translated where it is shown."""
    return msgid


class Message(str):
    """A msgid with its values, worded in the reader's language when a template shows it.

    As a str it is the English wording, so it serves wherever a plain message does.
    """

    msgid: str
    params: Mapping[str, object]

    def __new__(cls, msgid: str, params: Mapping[str, object] | None = None) -> Message:
        """`params` fill the ``%(name)s`` places; without them ``%`` stands for itself."""
        message = super().__new__(cls, msgid % params if params else msgid)
        message.msgid, message.params = msgid, params or {}
        return message


def translate(translations: gettext.NullTranslations, text: str) -> str:
    """Words a :class:`Message`, or a str that may be a msgid; any other str passes unchanged.

    The empty string is no msgid: its translation is the catalogue's header.
    """
    if isinstance(text, Message):
        wording = translations.gettext(text.msgid)
        return wording % text.params if text.params else wording
    return translations.gettext(text) if text else ""


def locale_of(language: str) -> str:
    """The Babel locale identifier of one of :data:`LANGUAGES`."""
    return _LOCALES[language]


def catalogue_file(folder: Path, language: str) -> Path:
    """Where the catalogue of `language` lies in `folder`, by gettext's layout."""
    return folder / _LOCALES[language] / "LC_MESSAGES" / "insurance_reviews.po"


def catalogue_files(language: str, wordings: Path | None = None) -> list[Path]:
    """The files that :func:`catalogue` reads, or what they are made of; not all need exist."""
    folders = [_FOLDER] if wordings is None else [wordings, _FOLDER]
    return [catalogue_file(folder, language) for folder in folders]


@cache
def catalogue(language: str, wordings: Path | None = None) -> gettext.NullTranslations:
    """The translations of `language`, which is one of :data:`LANGUAGES`.

    What the catalogue in the folder `wordings` words otherwise goes before ours.
    """
    if wordings is not None and (own := catalogue_file(wordings, language)).exists():
        translations = _compiled(own, language)
        translations.add_fallback(catalogue(language))
        return translations
    if language == "en":
        return gettext.NullTranslations()
    source = catalogue_file(_FOLDER, language)
    compiled = source.with_suffix(".mo")
    # Unpacking a wheel writes both within moments, in any order; in a checkout the .mo may be left
    # over from a build before the .po was edited.
    if compiled.exists() and compiled.stat().st_mtime > source.stat().st_mtime - 60:
        return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    return _compiled(source, language)


def _compiled(source: Path, language: str) -> gettext.GNUTranslations:
    # Imported here: only checkouts and hosts with wordings need it, and it is slow to load.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    target = io.BytesIO()
    # The locale gives the plural forms, also where the header forgets them.
    write_mo(target, read_po(io.BytesIO(source.read_bytes()), locale=_LOCALES[language]))
    target.seek(0)
    return gettext.GNUTranslations(target)


def negotiate(lang_param: str | None, accept_language: str | None) -> str:
    """The language to answer in, one of :data:`LANGUAGES`.

    `lang_param` (what a link or an attribute asks for) wins over the ``Accept-Language`` header
    (RFC 9110, 12.5.4); what neither knows is answered in :data:`DEFAULT_LANGUAGE`. Tags are those
    of BCP 47: Chinese is told apart by its script or, where none is named, by its region.
    Malformed headers are ignored, never an error.
    """
    asked = _supported(lang_param or "")
    if asked:
        return asked
    best, best_quality = DEFAULT_LANGUAGE, 0.0
    for part in (accept_language or "")[:500].split(","):
        tag, _, parameter = part.partition(";")
        language = _supported(tag)
        quality = _quality(parameter)
        if language and quality > best_quality:
            best, best_quality = language, quality
    return best


def _supported(tag: str) -> str | None:
    primary, *subtags = tag.strip().replace("_", "-").lower().split("-")
    if primary == "en":
        return "en"
    if primary != "zh":
        return None
    if "hans" in subtags:
        return "zh-CN"
    return "zh-TW" if {"hant", "tw", "hk", "mo"} & set(subtags) else "zh-CN"


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if name == "q" and 0.0 <= quality <= 1.0 else 0.0
