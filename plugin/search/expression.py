"""A search as the engines take it: tokens that a review must have and tokens that it must not.

What tokens cannot tell, a term of three characters or more, is left over to be looked for in the
texts themselves. Every token is made of letters, digits and what is not ASCII, so that none can be
taken for an operator of either engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .tokens import is_exact, of_product, place_token, product_token, term_tokens, word_token

#: The tokens by which a long term is found. More of them cost more than they leave out.
MOST_TOKENS = 6


@dataclass(frozen=True, slots=True)
class Search:
    """What reviews of a product are looked for: by ``tokens`` and without the ``absent`` ones; of
    what is found so, those with all the terms ``contained`` in their texts, and none of the terms
    ``missing``.

    ``places``, where not empty, keep the search to parts of the log.
    """

    log: int
    product: str
    tokens: tuple[str, ...]
    absent: tuple[str, ...] = ()
    contained: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Every token that a review must have; the first of them says of which product it is."""
        return product_token(self.product), *self.tokens

    @property
    def is_exact(self) -> bool:
        """Whether the index alone tells."""
        return not self.contained and not self.missing

    def within(self, keys: Iterable[int]) -> Search:
        """The same search in the places of these keys only."""
        return replace(self, places=tuple(dict.fromkeys(map(place_token, keys))))

    def by_words(self) -> Search | None:
        """A search that finds some of what this one finds, and by the index alone: the reviews in
        which the long terms are words. ``None`` where that cannot be."""
        if self.missing or not self.contained or any(" " in term for term in self.contained):
            return None
        tokens = dict.fromkeys((*self.tokens, *map(word_token, self.contained)))
        return replace(self, tokens=tuple(tokens), contained=())

    def alone(self, token: str, dialect: str) -> str:
        """What finds one token by itself, in the language of the engine's index."""
        if dialect == "sqlite":
            return f'"{of_product(self.product, token)}"'
        return f"'{token}'"

    def written(self, dialect: str) -> str:
        """The search in the language of the engine's index."""
        return _fts(self) if dialect == "sqlite" else _tsquery(self)


def search_for(
    log: int,
    product: str,
    facets: Sequence[str],
    without: Sequence[str],
    wanted: Sequence[str],
    unwanted: Sequence[str],
) -> Search:
    """The search in a log for reviews of ``product`` that have ``facets`` and none of ``without``,
    and contain all the folded terms ``wanted`` and none of ``unwanted``."""
    tokens = dict.fromkeys(facets)
    for term in wanted:
        tokens |= dict.fromkeys(_few(term_tokens(term)))
    absent = dict.fromkeys(without)
    absent |= dict.fromkeys(term for term in unwanted if is_exact(term))
    return Search(
        log,
        product,
        tuple(tokens),
        tuple(absent),
        tuple(term for term in wanted if not is_exact(term)),
        tuple(term for term in unwanted if not is_exact(term)),
    )


def _few(tokens: list[str]) -> list[str]:
    """At most :data:`MOST_TOKENS` of them, from all over the term: neighbouring pairs share a
    character, so every other one says almost as much."""
    if len(tokens) <= 2:
        return tokens
    chosen = tokens[::2] if len(tokens) % 2 else [*tokens[::2], tokens[-1]]
    step = -(-len(chosen) // MOST_TOKENS)
    return chosen[::step]


def _fts(search: Search) -> str:
    """FTS5's query syntax (sqlite.org/fts5.html, section 3); every token is a quoted string."""

    def quoted(tokens: Iterable[str]) -> list[str]:
        return [search.alone(token, "sqlite") for token in tokens]

    # Each token tells the product.
    required = quoted(search.tokens or search.required)
    if search.places:
        required.append(f"({' OR '.join(quoted(search.places))})")
    written = " AND ".join(required)
    if search.absent:
        written = f"({written}) NOT ({' OR '.join(quoted(search.absent))})"
    return written


def _tsquery(search: Search) -> str:
    """PostgreSQL's text form of a tsquery; every lexeme is quoted."""

    def quoted(tokens: Iterable[str]) -> list[str]:
        return [search.alone(token, "postgresql") for token in tokens]

    required = quoted(search.required)
    if search.places:
        required.append(f"({' | '.join(quoted(search.places))})")
    required += [f"!{token}" for token in quoted(search.absent)]
    return " & ".join(required)
