"""Pages as a browser without JavaScript uses them: read a form, fill it in, press a button."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .answers import HTML, check_headers

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

_VOID = {"input", "meta", "link", "br", "img", "path", "rect"}


@dataclass
class PageForm:
    """A form: where it goes, what it holds, and what could be chosen."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)

    def add(self, name: str, value: str, chosen: bool) -> None:
        self.fields.add(name)
        if chosen:
            self.values.setdefault(name, []).append(value)


class _Reader(HTMLParser):
    """Collects text, links and forms."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._form: PageForm | None = None
        self._textarea: tuple[str, list[str]] | None = None
        self._select = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"script", "style", "title"}:
            self._silent += 1
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self._form = PageForm(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._form)
        if self._form is not None and (name := given.get("name", "")):
            self._control(self._form, tag, name, given)
        if tag == "option" and self._form is not None and self._select:
            self._form.choices.setdefault(self._select, []).append(given["value"])
            first = self._select not in self._form.values
            self._form.add(self._select, given["value"], first or "selected" in given)
            self._form.values[self._select] = self._form.values[self._select][-1:]

    def _control(self, form: PageForm, tag: str, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        match tag, kind:
            case "button", _:
                form.buttons.append((name, given.get("value", "")))
            case "input", "radio" | "checkbox":
                form.choices.setdefault(name, []).append(given["value"])
                form.add(name, given["value"], "checked" in given)
            case "input", _:
                form.add(name, given.get("value", ""), True)
            case "textarea", _:
                self._textarea = (name, [])
            case "select", _:
                self._select = name

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._textarea[1].append(data)
        elif not self._silent:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "title"}:
            self._silent -= 1
        if tag == "textarea" and self._textarea is not None and self._form is not None:
            name, parts = self._textarea
            # The line break right after the tag is none of the text's (HTML, 13.2.6.4.7).
            text = "".join(parts).replace("\r\n", "\n")
            self._form.add(name, text.removeprefix("\n"), True)
            self._textarea = None
        if tag == "select":
            self._select = ""
        if tag == "form":
            self._form = None


@dataclass
class Page:
    """A page of ours in the browser, after any redirects."""

    browser: Browser
    response: TestResponse
    forms: list[PageForm]
    links: list[str]
    text: str

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return self.response.request.path

    @property
    def html(self) -> str:
        return self.response.get_data(as_text=True)

    def form(self, ending: str = "") -> PageForm:
        """The one form whose address ends so."""
        [found] = [form for form in self.forms if form.action.endswith(ending)]
        return found

    def submit(self, _form: str = "", _button: str | None = None, **values: Any) -> Page:
        """Fill in the form whose address ends in ``_form``, and press ``_button``.

        Without a button's value it is the form's first, as for the enter key. A value of ``None``
        takes a field out.
        """
        form = self.form(_form)
        assert set(values) <= form.fields, f"{set(values) - form.fields} not in {form.fields}"
        data: dict[str, Any] = {**form.values, **values}
        for name, value in form.buttons:
            if _button in (None, value):
                data[name] = value
                break
        data = {name: value for name, value in data.items() if value is not None}
        return self.browser.post(form.action, data)

    def follow(self, ending: str) -> Page:
        """Click the one link whose address ends so."""
        [found] = {link for link in self.links if link.endswith(ending)}
        return self.browser.open(found)


@dataclass
class Browser:
    """A browser without JavaScript that checks every answer's headers."""

    client: FlaskClient
    lang: str = "zh-CN"

    def open(self, url: str) -> Page:
        """Type an address or click a link."""
        return self._read(self.client.get(_path(url), headers=self._headers()))

    def post(self, url: str, data: dict[str, Any]) -> Page:
        """Send a form, and follow where the answer leads."""
        headers = {**self._headers(), "Sec-Fetch-Site": "same-origin"}
        # As browsers send line breaks (HTML, 4.10.21.4).
        data = {name: _crlf(value) for name, value in data.items()}
        return self._read(self.client.post(_path(url), data=data, headers=headers))

    def _headers(self) -> dict[str, str]:
        return {"Accept": "text/html,*/*;q=0.8", "Accept-Language": self.lang}

    def _read(self, response: TestResponse) -> Page:
        if response.status_code in {301, 302, 303, 307, 308}:
            check_headers(response)
            assert response.status_code == 303
            return self.open(response.headers["Location"])
        check_headers(response)
        assert response.status_code < 500, response.get_data(as_text=True)
        reader = _Reader()
        if response.mimetype == HTML:
            reader.feed(response.get_data(as_text=True))
            reader.close()
        text = " ".join(" ".join(reader.words).split())
        return Page(self, response, reader.forms, reader.links, text)


def _crlf(value: Any) -> Any:
    if isinstance(value, list):
        return [_crlf(each) for each in value]
    return value.replace("\n", "\r\n") if isinstance(value, str) else value


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
