"""SHA-256 (FIPS 180-4) as one SQLite expression, so that a trigger can check an author key by
itself.

SQLite has no hash function, an application-defined one may not run in a trigger under
``PRAGMA trusted_schema=OFF``, and without a check in the trigger anybody with an SQL prompt could
withdraw for an author. The message here always has the same length, domain ‖ 32 bytes, at most two
blocks; a recursive query carries the state through the rounds. It runs once per withdrawal.
"""

from __future__ import annotations

import math

_MASK = 0xFFFFFFFF


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found


def _fraction(prime: int, root: int) -> int:
    """The first 32 bits of the fractional part of a prime's square or cube root, in integers
    only."""
    scaled = prime << (32 * root)
    if root == 2:
        return math.isqrt(scaled) & _MASK
    low, high = 0, 1 << 40
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= scaled else (low, middle - 1)
    return low & _MASK


def _xor(left: str, right: str) -> str:
    return f"(({left}|{right})-({left}&{right}))"


def _rotate(word: str, bits: int) -> str:
    return f"((({word}>>{bits})|({word}<<{32 - bits}))&{_MASK})"


def _sigma(word: str, first: int, second: int, third: int, *, shift: bool) -> str:
    last = f"({word}>>{third})" if shift else _rotate(word, third)
    return _xor(_xor(_rotate(word, first), _rotate(word, second)), last)


def sha256_of_key(domain: bytes, key_hex: str) -> str:
    """SQL for the hexadecimal SHA-256 of ``domain`` ‖ the 32 bytes that the expression
    ``key_hex`` spells."""
    length = len(domain) + 32
    blocks = (length + 9 + 63) // 64
    padding = "80" + "00" * (blocks * 64 - length - 9) + (length * 8).to_bytes(8).hex()
    message = f"'{domain.hex()}' || {key_hex} || '{padding}'"
    constants = ",".join(f"({i},{_fraction(p, 3)})" for i, p in enumerate(_primes(64)))
    start = [_fraction(prime, 2) for prime in _primes(8)]
    window = [f"w{i}" for i in range(16)]
    working = list("abcdefgh")
    chain = [f"h{i}" for i in range(8)]

    late, early = _sigma("w14", 17, 19, 10, shift=True), _sigma("w1", 7, 18, 3, shift=True)
    scheduled = f"(({late}+w9+{early}+w0)&{_MASK})"
    choose = f"(({_xor('g', '(e&' + _xor('f', 'g') + ')')}))"
    majority = "((a&b)|(a&c)|(b&c))"
    # The recursive part is two steps per round, because SQLite has no LET: an even step computes
    # the round's message word into `w`, an odd step mixes it in.
    first = f"(h+{_sigma('e', 6, 11, 25, shift=False)}+{choose}+k.v+w)"
    second = f"({_sigma('a', 2, 13, 22, shift=False)}+{majority})"
    mixed = [
        f"(({first}+{second})&{_MASK})",
        "a",
        "b",
        "c",
        f"((d+{first})&{_MASK})",
        "e",
        "f",
        "g",
    ]

    columns = ["step", "w", *working, *chain, *window]
    initial = ["0", "0", *map(str, start), *map(str, start), *["0"] * 16]
    last_round = "step%128=127"
    advance = [
        "step+1",
        f"CASE WHEN step%2=0 THEN CASE WHEN step%128<32 THEN m.v ELSE {scheduled} END ELSE w END",
    ]
    for letter, value, link in zip(working, mixed, chain, strict=True):
        advance.append(
            f"CASE WHEN step%2=0 THEN {letter} WHEN {last_round} "
            f"THEN ({link}+{value})&{_MASK} ELSE {value} END"
        )
    for value, link in zip(mixed, chain, strict=True):
        advance.append(f"CASE WHEN {last_round} THEN ({link}+{value})&{_MASK} ELSE {link} END")
    for position, name in enumerate(window):
        following = "w" if position == 15 else window[position + 1]
        advance.append(f"CASE WHEN step%2=1 THEN {following} ELSE {name} END")

    return f"""(WITH RECURSIVE
  digit(i) AS (VALUES (1),(2),(3),(4),(5),(6),(7),(8)),
  place(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM place WHERE i<{blocks * 16 - 1}),
  m(i,v) AS MATERIALIZED (SELECT place.i, sum((instr('0123456789abcdef',
    substr({message}, place.i*8+digit.i, 1))-1) << (32-4*digit.i))
    FROM place, digit GROUP BY place.i),
  k(i,v) AS MATERIALIZED (VALUES {constants}),
  state({",".join(columns)}) AS (SELECT {",".join(initial)} UNION ALL
    SELECT {",".join(advance)} FROM state
    JOIN k ON k.i = (step/2)%64 JOIN m ON m.i = (step/128)*16 + ((step/2)%16)
    WHERE step<{blocks * 128})
  SELECT printf('{"%08x" * 8}', {",".join(chain)}) FROM state WHERE step={blocks * 128})"""
