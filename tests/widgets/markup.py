"""Reading rendered pages, strictly enough to find what must not be there."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "input", "link", "meta", "source"}
_URLS = {"action", "formaction", "href", "src"}


@dataclass
class Page(HTMLParser):
    """What a page is made of: elements with their attributes, ids, and the text outside of tags."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> repeats an attribute: {names}")
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.unclosed or self.unclosed.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """Elements and the names of their attributes, without any value or text."""
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.elements]

    def values(self, *names: str) -> list[str]:
        """The values of these attributes, wherever they stand."""
        return [
            value or ""
            for _, attributes in self.elements
            for name, value in attributes.items()
            if name in names
        ]

    @property
    def addresses(self) -> list[str]:
        """Every address that the page links to, loads or posts to."""
        return self.values(*_URLS)


def read(html: str) -> Page:
    """Parses a page or a fragment."""
    page = Page()
    page.feed(html)
    page.close()
    return page
