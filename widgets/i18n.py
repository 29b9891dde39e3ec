"""Two languages from one set of English msgids, without the host's Flask-Babel.

``zh-CN`` is read from a gettext catalogue, ``en`` is the msgids themselves. A built distribution
carries the compiled ``.mo``; a checkout does not, and then the ``.po`` is compiled in memory.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

DEFAULT_LANGUAGE = "zh-CN"
LANGUAGES = ("zh-CN", "en")
_FOLDER = Path(__file__).parent / "locale"
_LOCALES = {"zh-CN": "zh_CN", "en": "en"}


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


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The translations of `language`, which is one of :data:`LANGUAGES`."""
    if language == "en":
        return gettext.NullTranslations()
    source = _FOLDER / _LOCALES[language] / "LC_MESSAGES" / "insurance_reviews.po"
    compiled = source.with_suffix(".mo")
    # Unpacking a wheel writes both within moments, in any order; in a checkout the .mo may be left
    # over from a build before the .po was edited.
    if compiled.exists() and compiled.stat().st_mtime > source.stat().st_mtime - 60:
        return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    # Imported here: only checkouts need it, and it is slow to load.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    target = io.BytesIO()
    write_mo(target, read_po(io.BytesIO(source.read_bytes())))
    target.seek(0)
    return gettext.GNUTranslations(target)


def negotiate(lang_param: str | None, accept_language: str | None) -> str:
    """The language to answer in, one of :data:`LANGUAGES`.

    `lang_param` (what a link or an attribute asks for) wins over the ``Accept-Language`` header
    (RFC 9110, 12.5.4); what neither knows is answered in Chinese. Any Chinese gets zh-CN, any
    English en. Malformed headers are ignored, never an error.
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
    primary = tag.strip().replace("_", "-").lower().split("-", 1)[0]
    return {"zh": "zh-CN", "en": "en"}.get(primary)


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if name == "q" and 0.0 <= quality <= 1.0 else 0.0
