"""Templates compiled once for each language, with the sentences already in them.

Looking a sentence up costs more than writing it out, and a page has a hundred of them. What the
catalogue says cannot change while we run, so a sentence is put in its place before the template is
compiled. Compiling takes longer than a first visitor should wait, so what it gave is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from gettext import NullTranslations
from pathlib import Path
from pickle import UnpicklingError
from types import CodeType
from typing import Any

from jinja2 import BaseLoader, BytecodeCache, Environment, FileSystemBytecodeCache, Template, nodes
from jinja2.bccache import Bucket
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

#: What templates call to have a sentence translated.
_TRANSLATING = ("_", "gettext")


class SentenceLoader(BaseLoader):
    """Loads what ``loader`` finds, worded by ``translations``.

    ``fingerprint`` names the catalogues: compiled templates that another one worded are not used.
    """

    def __init__(self, loader: BaseLoader, translations: NullTranslations, fingerprint: str):
        self._loader = loader
        self._translations = translations
        self._fingerprint = fingerprint

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The source as its author wrote it."""
        return self._loader.get_source(environment, template)

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        """The compiled template. Raises ``TemplateNotFound`` and ``TemplateSyntaxError``."""
        source, filename, uptodate = self.get_source(environment, name)
        kept = environment.bytecode_cache
        if kept is None:
            code = self._compile(environment, name, source, filename)
        else:
            key = f"{self._fingerprint}/{name}"
            bucket = kept.get_bucket(environment, key, filename, source)
            if bucket.code is None:
                bucket.code = self._compile(environment, name, source, filename)
                kept.set_bucket(bucket)
            code = bucket.code
        return environment.template_class.from_code(environment, code, globals or {}, uptodate)

    def _compile(
        self, environment: Environment, name: str, source: str, filename: str | None
    ) -> CodeType:
        tree = environment.parse(source, name, filename)
        autoescape = environment.autoescape
        escaping = autoescape(name) if callable(autoescape) else autoescape
        _Wording(self._translations.gettext, escaping).visit(tree)
        return environment.compile(tree, name, filename)


class _Wording(NodeTransformer):
    """Puts each sentence that a template names outright in the place of the call, which would give
    the same: markup where the template escapes, with the values put into it."""

    def __init__(self, gettext: Callable[[str], str], escaping: bool) -> None:
        self._gettext = gettext
        self._escaping = escaping

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 - named after the node
        self.generic_visit(call)
        match call:
            case nodes.Call(
                node=nodes.Name(name=name),
                args=[nodes.Const(value=str(msgid))],
                dyn_args=None,
                dyn_kwargs=None,
            ) if name in _TRANSLATING:
                wording = self._gettext(msgid)
                sentence = Markup(wording) if self._escaping else wording
                if not call.kwargs:
                    return nodes.Const(sentence % {}, lineno=call.lineno)
                values = [
                    nodes.Pair(nodes.Const(kwarg.key), kwarg.value, lineno=call.lineno)
                    for kwarg in call.kwargs
                ]
                given = nodes.Dict(values, lineno=call.lineno)
                return nodes.Mod(nodes.Const(sentence), given, lineno=call.lineno)
        return call


class _Kept(FileSystemBytecodeCache):
    """On disk, where it can be: a full disk or a file cut short makes a start slower, and no page
    fail."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def kept_in(folder: Path) -> BytecodeCache | None:
    """Compiled templates in ``folder``, which is ours alone as what lies there is run; ``None``
    where there cannot be one."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return _Kept(str(folder))


def fingerprint_of(*catalogues: Path) -> str:
    """A name for what the files say."""
    digest = hashlib.sha256()
    for file in catalogues:
        digest.update(hashlib.sha256(file.read_bytes() if file.exists() else b"").digest())
    return digest.hexdigest()[:16]
