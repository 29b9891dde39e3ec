"""Finding personal data in a text before it is published, so that its writer can take it out.

Found are Chinese resident identity numbers and bank cards whose checksum holds, Chinese mobile
numbers, e-mail addresses and the writer's own policy number, also when disguised by full-width
digits, separators or zero-width characters. Digits written out as words (一三八…) are not found.

Numbers stand beside other numbers: dates, amounts, a second telephone. So a text is cut into the
pieces that are written without a gap, and what is tried are single pieces and windows of
consecutive ones, the likelier reading first. The work grows with the text's length alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from string import ascii_letters, digits
from typing import NamedTuple

from stdnum import luhn
from stdnum.cn import ric

from .errors import Span

#: Characters that people put between the digits of one number, and at most how many at a place.
_BETWEEN = frozenset(" \t-–—_.·・,，*()（）")
_BETWEEN_POLICY = _BETWEEN | {"/"}
_LONGEST_GAP = 2
#: Characters that show nothing at all.
_INVISIBLE = frozenset("\u00ad\u034f\u061c\u180e\ufeff") | frozenset(
    map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)))
)

_LOCAL = frozenset(ascii_letters + digits + "._%+-")
_LONGEST_LOCAL = 64
_DOMAIN = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_ALNUM = re.compile(r"[0-9A-Za-z]+")
#: An X at the end may be the check digit of an identity number, so it is a piece like digits.
_DIGITS = re.compile(r"[0-9]+|(?<![A-Za-z])[xX](?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?:0086|86)?1[3-9][0-9]{9}")
#: Region, birthday, sequence, check digit (GB 11643-1999): what is worth looking up.
_RESIDENT_ID = re.compile(
    r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
)
_INSIDE = re.compile(f"(?=({_RESIDENT_ID.pattern}))")
#: First digits of payment cards (ISO/IEC 7812); 9 is what older Chinese cards begin with.
_CARD_ISSUERS = frozenset("34569")
_UNIONPAY = "62"
_SHORTEST_NUMBER, _LONGEST_NUMBER = 11, 19
_SHORTEST_CARD, _SHORTEST_GROUPED_CARD = 13, 16
#: How sure a reading is, the surest first.
_SURE, _WHOLE, _FOURS, _UNION, _GROUPED = range(5)

MIN_POLICY_NUMBER, MAX_POLICY_NUMBER = 5, 64
#: Each guess at a policy number costs an HMAC, and a text can be cut in very many ways.
MAX_GUESSES = 1_000

Matcher = Callable[[str], bool]


def find_personal_data(text: str, is_own_policy: Matcher = lambda run: False) -> list[Span]:
    """The spans of ``text`` that look like personal data, in order, not overlapping.

    ``text`` is the stored form (NFC, LF) and the spans count its code points. ``is_own_policy``
    tells whether a run of letters and digits is the number of the policy that is being reviewed;
    it is asked at most ``MAX_GUESSES`` times.
    """
    search = _Search(*_plain(text))
    search.claim_emails()
    search.claim_policy_numbers(is_own_policy)
    search.claim_numbers()
    return sorted(search.spans, key=lambda span: span.start)


def _plain(text: str) -> tuple[str, list[int]]:
    """``text`` in compatibility form without invisible characters, and where each character came
    from."""
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        if character in _INVISIBLE:
            continue
        folded = character if character < "\x80" else unicodedata.normalize("NFKC", character)
        for part in folded[:4]:
            characters.append(part)
            offsets.append(offset)
    return "".join(characters), offsets


class _Chain:
    """Consecutive pieces of a text with nothing but separators between them."""

    def __init__(self, text: str, places: Sequence[tuple[int, int]]) -> None:
        self.places = places
        self.lengths = [end - start for start, end in places]
        self.joined = "".join(text[start:end] for start, end in places)
        self._ends = [0, *accumulate(self.lengths)]

    def __len__(self) -> int:
        return len(self.places)

    def length(self, first: int, last: int) -> int:
        """How long the pieces from ``first`` to ``last`` are together."""
        return self._ends[last + 1] - self._ends[first]

    def joined_from(self, first: int, last: int) -> str:
        """These pieces without what separates them."""
        return self.joined[self._ends[first] : self._ends[last + 1]]


class _Candidate(NamedTuple):
    """What a window has the form of. Candidates sort by belief: by ``rank`` (see
    :func:`_form_of`), then by ``order``, then the earlier one."""

    rank: int
    order: int
    start: int
    end: int
    kind: str
    number: str


@dataclass
class _Search:
    """One plain text, and what was found in it. No character of it belongs to two findings."""

    text: str
    offsets: list[int]
    spans: list[Span] = field(default_factory=list)
    taken: bytearray = field(init=False)

    def __post_init__(self) -> None:
        self.taken = bytearray(self.offsets[-1] + 1 if self.offsets else 0)

    def is_free(self, start: int, end: int) -> bool:
        """Whether no part of these characters belongs to a finding."""
        return not any(self.taken[self.offsets[start] : self.offsets[end - 1] + 1])

    def claim(self, kind: str, start: int, end: int) -> None:
        """Record a finding, unless a part of it belongs to an earlier one."""
        if not self.is_free(start, end):
            return
        first, after = self.offsets[start], self.offsets[end - 1] + 1
        self.taken[first:after] = b"\x01" * (after - first)
        self.spans.append(Span(kind, first, after))

    def claim_emails(self) -> None:
        """From each ``@`` outwards: to look for a local part first would try every letter."""
        at = self.text.find("@")
        while at >= 0:
            start = at
            while start > max(0, at - _LONGEST_LOCAL) and self.text[start - 1] in _LOCAL:
                start -= 1
            domain = _DOMAIN.match(self.text, at + 1)
            if start < at and domain is not None:
                self.claim("email", start, domain.end())
            at = self.text.find("@", at + 1)

    def claim_policy_numbers(self, is_own_policy: Matcher) -> None:
        """Single pieces first, then windows of two, of three…, as far as the guesses reach."""
        chains = list(_chains(self.text, _ALNUM, _BETWEEN_POLICY))
        longest = min(max(map(len, chains), default=0), MAX_POLICY_NUMBER)
        windows = (
            (chain, first, first + count - 1)
            for count in range(1, longest + 1)
            for chain in chains
            for first in range(len(chain) - count + 1)
            if MIN_POLICY_NUMBER <= chain.length(first, first + count - 1) <= MAX_POLICY_NUMBER
        )
        for chain, first, last in islice(windows, MAX_GUESSES):
            if is_own_policy(chain.joined_from(first, last)):
                self.claim("policy_no", chain.places[first][0], chain.places[last][1])

    def claim_numbers(self) -> None:
        """Identity numbers, mobiles and cards."""
        candidates = [
            _Candidate(_GROUPED, 0, match.start(1), match.end(1), "resident_id", match[1])
            for match in _INSIDE.finditer(self.text)
        ]
        for chain in _chains(self.text, _DIGITS, _BETWEEN):
            candidates += _candidates(chain)
        known: dict[tuple[str, str], bool] = {}
        for found in sorted(candidates):
            # Checksums cost most, so they come last, and not where something surer was found.
            if not self.is_free(found.start, found.end):
                continue
            number = found.kind, found.number
            if number not in known:
                known[number] = _holds(*number)
            if known[number]:
                self.claim(found.kind, found.start, found.end)


def _candidates(chain: _Chain) -> Iterator[_Candidate]:
    """What the windows of a chain have the form of."""
    for first, (start, _) in enumerate(chain.places):
        for last in range(first, len(chain)):
            length = chain.length(first, last)
            if length > _LONGEST_NUMBER:
                break
            if length < _SHORTEST_NUMBER:
                continue
            number, groups = chain.joined_from(first, last), chain.lengths[first : last + 1]
            form = _form_of(number, groups)
            if form is not None:
                rank, kind = form
                code = length - _SHORTEST_NUMBER if kind == "mobile" else 0
                # After a gap the country code is no part of the shortest window anyway.
                skipped = code if code < groups[0] else 0
                # The shortest reading, but the longest card: the first 16 digits of one of 19 are
                # another card by accident, every tenth time.
                order = -length if kind == "bank_card" else len(groups)
                end = chain.places[last][1]
                yield _Candidate(rank, order, start + skipped, end, kind, number)


def _chains(text: str, piece: re.Pattern[str], between: frozenset[str]) -> Iterator[_Chain]:
    """The pieces of ``text``, in chains."""
    places: list[tuple[int, int]] = []
    for match in piece.finditer(text):
        start = match.start()
        if places:
            gap = places[-1][1]
            if start - gap > _LONGEST_GAP or not between.issuperset(text[gap:start]):
                yield _Chain(text, places)
                places = []
        places.append(match.span())
    if places:
        yield _Chain(text, places)


def _form_of(number: str, lengths: Sequence[int]) -> tuple[int, str] | None:
    """(rank, kind) of a number written in groups of ``lengths``, its checksum still unknown.

    The lower the rank, the surer: an identity number's birthday, region and checksum are hardly an
    accident; then what is written in one piece; then a card in groups of four. Luhn's digit alone
    holds for every tenth number, so of cards grouped otherwise only UnionPay's count.
    """
    length = len(number)
    if length == 18 and _RESIDENT_ID.fullmatch(number):
        return _SURE, "resident_id"
    whole = len(lengths) == 1
    if length in (11, 13, 15) and _MOBILE.fullmatch(number):
        return (_WHOLE if whole else _GROUPED), "mobile"
    if length < _SHORTEST_CARD or number[0] not in _CARD_ISSUERS or not number.isdigit():
        return None
    if whole:
        return _WHOLE, "bank_card"
    if length < _SHORTEST_GROUPED_CARD:
        return None
    if set(lengths[:-1]) == {4} and lengths[-1] <= 4:
        return _FOURS, "bank_card"
    return (_UNION, "bank_card") if number.startswith(_UNIONPAY) else None


def _holds(kind: str, number: str) -> bool:
    """Whether the checksum of ``number`` holds, for kinds that have one.

    The tables behind it have holes at which stdnum raises errors of its own, ``KeyError('county')``
    for some regions. Such a number is not valid either.
    """
    try:
        if kind == "resident_id":
            return bool(ric.is_valid(number))
        # Luhn holds for a row of zeros or nines too, which nobody has on a card.
        return kind != "bank_card" or (len(set(number)) > 1 and bool(luhn.is_valid(number)))
    except Exception:
        return False
