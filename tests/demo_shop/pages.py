"""Reading a page as a visitor without JavaScript does: its links, and its forms to fill in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class HtmlForm:
    """A form as it stands in the page."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, dict[str, str]] = field(default_factory=dict)


class Page(HTMLParser):
    """An answer, read. ``text`` is what can be read, ``links`` maps what they say to where."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.status = response.status_code
        self.url = response.request.path
        self.html = response.get_data(as_text=True)
        self.forms: list[HtmlForm] = []
        self.links: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._by_id: dict[str, HtmlForm] = {}
        self._elsewhere: list[tuple[str, str, dict[str, str]]] = []
        self._form: HtmlForm | None = None
        self._link: str | None = None
        self._button: dict[str, str] | None = None
        self._area: str | None = None
        self._label = ""
        self.feed(self.html)

    @property
    def addresses(self) -> list[str]:
        """Where the links lead, in their order; several may say the same."""
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]

    def form(self, button: str) -> HtmlForm:
        """The form with this button, set to press it."""
        for name, label, values in self._elsewhere:
            if label.startswith(button):
                one = self._by_id[name]
                return HtmlForm(one.action, one.values | values)
        for one in self.forms:
            for label, values in one.buttons.items():
                if label.startswith(button):
                    return HtmlForm(one.action, one.values | values)
        raise AssertionError(f"no button {button!r} in {[one.buttons for one in self.forms]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag == "form":
            self._form = HtmlForm(attributes.get("action") or self.url)
            self.forms.append(self._form)
            self._by_id[attributes.get("id", "")] = self._form
        elif tag == "a":
            self._link, self._label = attributes.get("href"), ""
        elif tag == "button":
            self._button, self._label = attributes, ""
        elif tag == "textarea":
            self._area, self._label = attributes["name"], ""
        elif tag == "input" and self._form and "name" in attributes:
            self._input(self._form, attributes)

    def _input(self, form: HtmlForm, attributes: dict[str, str]) -> None:
        if attributes.get("type") in {"checkbox", "radio"} and "checked" not in attributes:
            return
        form.values[attributes["name"]] = attributes.get("value", "on")

    def handle_endtag(self, tag: str) -> None:
        label = " ".join(self._label.split())
        if tag == "a" and self._link is not None:
            self.links[label] = self._link
            self._link = None
        elif tag == "textarea" and self._form and self._area:
            self._form.values[self._area] = self._label
        elif tag == "button" and self._button is not None:
            name = self._button.get("name")
            values = {name: self._button.get("value", "")} if name else {}
            if "form" in self._button:
                self._elsewhere.append((self._button["form"], label, values))
            elif self._form is not None:
                self._form.buttons[label] = values
            self._button = None
        elif tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:  # Inside of <script> nothing is there to be read.
            self.text += data
            self._label += data


def look(client: FlaskClient, url: str) -> Page:
    """Open an address, following redirections."""
    return Page(client.get(url, follow_redirects=True))


def send(client: FlaskClient, page: Page, button: str, **filled: str | None) -> Page:
    """Fill in the form of ``button`` and press it; ``None`` leaves a field out."""
    form = page.form(button)
    values = {name: value for name, value in (form.values | filled).items() if value is not None}
    return Page(client.post(form.action, data=values, follow_redirects=True))
