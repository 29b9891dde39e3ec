"""Cards in, HTML (or a mail's text) out.

The environment is our own: autoescaping, strict about undefined names, translated without the
host's Flask-Babel, and blind to the host's globals. ``templates/README.md`` lists what each
template takes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache, partial
from gettext import NullTranslations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateRuntimeError,
    select_autoescape,
)

from . import templating, words
from .cards import PageCard
from .i18n import LANGUAGES, catalogue, catalogue_files, locale_of, negotiate, translate
from .templating import SentenceLoader, fingerprint_of, kept_in
from .text import linked, pieces

_NAMESPACE = "insurance_reviews"
_TEMPLATES = Path(__file__).parent / "templates"
#: What no host replaces: who runs this, and what became of removed words.
_FIXED = frozenset(f"{_NAMESPACE}/parts/{name}.html" for name in ("disclosure", "tombstone"))
#: Stands in every disclosure, and so in every wall.
_DISCLOSED = 'class="ir-told"'
#: Worded dates and numbers that are remembered, of each kind and language.
_WORDED = 2_048


class Renderer:
    """Renders our templates in :data:`~.i18n.LANGUAGES`.

    `overrides` finds the host's own templates, named ``insurance_reviews/…`` like ours, and is
    asked first; such a template may extend ours as ``original/insurance_reviews/…``. The
    disclosure and the notes on removed texts are ours always.
    `asset_url` maps the name of a file in ``static/`` to its address. `timezone` is where the
    readers' days begin. `wordings` is the folder of the host's own catalogues. `compiled` is a
    folder of ours alone, in which compiled templates are kept from one start to the next.
    """

    def __init__(
        self,
        *,
        overrides: BaseLoader | None,
        asset_url: Callable[[str], str],
        timezone: tzinfo | str = "Asia/Shanghai",
        wordings: Path | None = None,
        compiled: Path | None = None,
    ) -> None:
        ours = FileSystemLoader(_TEMPLATES)
        self._loader = ChoiceLoader(
            [
                *([_Replacing(overrides)] if overrides else []),
                ours,
                PrefixLoader({"original": ours}),
            ]
        )
        self._asset_url = asset_url
        self._timezone = ZoneInfo(timezone) if isinstance(timezone, str) else timezone
        self._wordings = wordings
        self._compiled = compiled
        self._environments: dict[str, Environment] = {}

    def catalogue(self, lang: str) -> NullTranslations:
        """The translations of `lang` as pages have them: the host's wordings before ours."""
        return catalogue(lang, self._wordings)

    def render(self, template: str, lang: str, **context: Any) -> str:
        """Renders `template` (a name below ``insurance_reviews/``) in `lang`.

        Raises ``jinja2.UndefinedError`` when `context` lacks a name, ``jinja2.TemplateNotFound``
        for an unknown template, ``KeyError`` for a language that :func:`negotiate` never gives, and
        ``jinja2.TemplateRuntimeError`` when a host's template shows a wall without its disclosure.
        """
        context.setdefault("page", PageCard())
        environment = self._environments.get(lang) or self._environment(lang)
        html = environment.get_template(f"{_NAMESPACE}/{template}").render(context)
        if "wall" in context and _DISCLOSED not in html:
            raise TemplateRuntimeError(
                f"{_NAMESPACE}/{template} shows a wall without its disclosure: include "
                f"{_NAMESPACE}/parts/disclosure.html in the template that replaces ours"
            )
        return html

    def prepare(self, *templates: str) -> None:
        """Loads what rendering `templates` takes, the parts that they share, the words of all
        languages and what finds links included: the first reader need not wait for it."""
        linked("https://a.example")
        parts = sorted(
            f"parts/{path.name}" for path in (_TEMPLATES / _NAMESPACE / "parts").iterdir()
        )
        for lang in LANGUAGES:
            environment = self._environment(lang)
            for name in (*templates, *parts):
                environment.get_template(f"{_NAMESPACE}/{name}")
            environment.filters["day"](date(2000, 1, 1))
            environment.filters["average"](Decimal(1))

    def _environment(self, lang: str) -> Environment:
        if lang not in LANGUAGES:
            raise KeyError(lang)
        translations = self.catalogue(lang)
        fingerprint = fingerprint_of(
            *catalogue_files(lang, self._wordings), Path(templating.__file__)
        )
        environment = Environment(
            loader=SentenceLoader(self._loader, translations, fingerprint),
            bytecode_cache=kept_in(self._compiled) if self._compiled else None,
            autoescape=select_autoescape(enabled_extensions=("html", "svg"), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        # Added by the extension, so type checkers do not know it. New style: values given to a
        # translated sentence are escaped before they are put into it.
        environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(
            lang=lang, asset=self._asset_url, tr=partial(translate, translations), words=words
        )
        environment.filters.update(
            # Parsed once: Babel looks a locale's name up anew for every call.
            _formats(Locale.parse(locale_of(lang)), self._timezone),
            pieces=pieces,
            linked=linked,
        )
        # Threads may build one at the same time; they are alike, and the last one stays.
        self._environments[lang] = environment
        return environment


class _Replacing(BaseLoader):
    """The templates of a host, but for those that are not its to replace."""

    def __init__(self, overrides: BaseLoader) -> None:
        self._overrides = overrides

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        if template in _FIXED:
            raise TemplateNotFound(template)
        return self._overrides.get_source(environment, template)


def _formats(locale: Locale, timezone: tzinfo) -> dict[str, Callable[..., str]]:
    """The filters that word dates and numbers. Dates are absolute: pages are cached and quoted."""

    def local(value: date) -> date:
        return value.astimezone(timezone) if isinstance(value, datetime) else value

    def day(value: date) -> str:
        return format_date(local(value), "long", locale=locale)

    def month(value: str) -> str:
        return format_skeleton("yMMM", date.fromisoformat(f"{value}-01"), locale=locale)

    def moment(value: datetime) -> str:
        return format_datetime(value, "yyyy-MM-dd HH:mm 'UTC'ZZZZZ", tzinfo=timezone, locale=locale)

    def number(value: int | Decimal) -> str:
        return format_decimal(value, locale=locale)

    def average(value: Decimal) -> str:
        return format_decimal(value, "0.00", locale=locale)

    def share(value: Decimal) -> str:
        return format_decimal(value, "0.#", locale=locale)

    def iso(value: date) -> str:
        return local(value).isoformat()

    worded = (day, month, moment, number, average, share)
    # A wall words fifty numbers and dates, most of them the same as on the wall before.
    kept = {each.__name__: lru_cache(_WORDED, typed=True)(each) for each in worded}
    return {**kept, "iso": iso}


__all__ = ["Renderer", "negotiate"]
