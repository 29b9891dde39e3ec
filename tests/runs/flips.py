"""Single bits flipped in what is published: the verifier must notice every one."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from insurance_reviews.moderation.keys import KeyRing
from insurance_reviews.moderation.tlog.cosignature import Cosigner
from insurance_reviews.moderation.verify.fetch import Answer, Fetch
from insurance_reviews.moderation.verify.outcome import Options
from insurance_reviews.moderation.verify.run import verify
from support.attacks.scene import build_scene
from support.host import mounted
from support.verifying import SITE, app_fetch
from support.world import World

from .figures import Figure, counted, none_of
from .growing import INSURER, Growing
from .places import Place, temporary_folder
from .scale import Scale, steps

NAME = "single bits flipped in what is published"
#: More than one full tile, so that there are two levels of them.
REVIEWS = 125
SEED = 6
WITNESS = Cosigner("witness.example/flips", bytes(range(32)))
#: What is published, by a part of its address. The list of products is left out: the names of
#: products stand in no log, so nobody can hold them against one.
KINDS = {
    "checkpoint": "/checkpoint",
    "witnessed": "/witnessed",
    "key": "/key",
    "entries": "/tile/entries/",
    "hashes": "/tile/",
    "reviews.jsonl": "/reviews.jsonl",
    "summary": "/summary",
    "wall": "/products/",
}
#: What is a file of the log; the others are JSON answers.
LOG = {"checkpoint", "witnessed", "key", "entries", "hashes"}


def needs() -> list[str]:
    return []


def run(scale: Scale) -> list[Figure]:
    with temporary_folder() as folder:
        place = Place(folder / "place")
        place.found(populate)
        with place.opened() as world, mounted(world) as host:
            published = Published(app_fetch(host.app))
            readers = readers_of(place)
            untouched = [code for who in readers for code in verify(who, published).codes]
        files = f"{counted(len(published.answers), 'file')} of {len(published.by_kind())} kinds"
        return [
            none_of(untouched, "no false alarm on the untouched files", f"{files}, clean"),
            flip_the_log(published, readers, scale.pick(200, 10_000)),
            flip_what_is_shown(published, readers, scale.pick(100, 5_000)),
        ]


def flip_the_log(published: Published, readers: Sequence[Options], flips: int) -> Figure:
    """Every bit of a file of the log counts: nothing but a finding will do."""
    by_kind = {kind: files for kind, files in published.by_kind().items() if kind in LOG}
    tally, passed = flip(published, readers, by_kind, flips, {DETECTED})
    return none_of(passed, f"{counted(flips, 'flip')} in the log's files: each detected", tally)


def flip_what_is_shown(published: Published, readers: Sequence[Options], flips: int) -> Figure:
    """In a JSON answer there are bits that claim nothing."""
    by_kind = {kind: files for kind, files in published.by_kind().items() if kind not in LOG}
    harmless = {DETECTED, UNREADABLE, NO_CLAIM}
    tally, passed = flip(published, readers, by_kind, flips, harmless)
    goal = f"{counted(flips, 'flip')} in JSON answers: none that matters is missed"
    return none_of(passed, goal, tally)


def flip(
    published: Published,
    readers: Sequence[Options],
    by_kind: Mapping[str, Sequence[str]],
    flips: int,
    good: Collection[str],
) -> tuple[str, list[str]]:
    """Flip bits, as many in files of each kind; a tally, and the flips that came to no ``good``."""
    chance = random.Random(SEED)
    outcomes: Counter[str] = Counter()
    bad: list[str] = []
    for _ in steps(NAME, range(flips)):
        address = chance.choice(by_kind[chance.choice(list(by_kind))])
        bit = chance.randrange(published.bits(address))
        outcome = meet(published, readers, address, bit)
        outcomes[outcome] += 1
        if outcome not in good:
            bad.append(f"bit {bit} of {address.removeprefix(SITE)}: {outcome}")
    return ", ".join(f"{number:,} {what}" for what, number in outcomes.most_common()), bad


DETECTED, UNREADABLE, NO_CLAIM, MISSED = "detected", "not checkable", "without a claim", "MISSED"


def readers_of(place: Place) -> list[Options]:
    """Who looks: each key of the log is somebody's only one, and all want their witness's word."""
    policy = place.folder / "policy"
    policy.write_text(f"witness W {WITNESS.verifier_key()}\nquorum W\n", "ascii")
    signers = KeyRing(place.state_dir / "keys").signers(INSURER)
    return [
        Options(signer.verifier_key(), SITE, policy, evidence=place.folder) for signer in signers
    ]


def meet(published: Published, readers: Sequence[Options], address: str, bit: int) -> str:
    """What becomes of one flip. A signature by a key that one does not know is nothing to him, so
    it is enough that one of the readers notices."""
    fetch = published.flipped(address, bit)
    for reader in readers:
        outcome = verify(reader, fetch)
        if outcome.exit_code:
            return DETECTED if outcome.findings.count else UNREADABLE
    before, after = published.answers[address][1], fetch(address).body.read()
    return NO_CLAIM if claims(before, before) == claims(after, before) else MISSED


#: Members that no log gives, so that nobody can hold them against one: what was asked for, and what
#: the shop makes of the words.
NOT_OF_THE_LOG = {"topics", "total_is_exact"}


def claims(data: bytes, known: bytes) -> object:
    """What a JSON answer says that could be true or false: a member that is null or empty says as
    much as one that is not there, and one under a name that ``known`` does not know says nothing.
    Of other files, every bit."""
    try:
        return _said(json.loads(data), set(re.findall(rb'"(\w+)":', known)))
    except ValueError:
        return data


def _said(value: object, known: set[bytes]) -> object:
    if isinstance(value, list):
        return [_said(part, known) for part in value]
    if isinstance(value, dict):
        # A wall repeats the product that was asked for; a review's own is a claim.
        repeated = set() if "id" in value else {"product"}
        return {
            name: _said(part, known)
            for name, part in value.items()
            if part not in (None, [])
            and name.encode() in known
            and name not in NOT_OF_THE_LOG | repeated
        }
    return value


def populate(world: World) -> None:
    """One of everything, and then many reviews."""
    build_scene(world)
    for number in range(REVIEWS):
        if number == REVIEWS - 3:
            # So that the witnessed checkpoint is not the newest one, and both are published.
            Growing(world).cosign(WITNESS)
        world.submit(
            score=1 + number % 5,
            text=None if number % 3 else f"第{number}次理赔，三天到账。",
            aspects={"speed": 1 + number % 4},
            display_name="王小明",
        )


@dataclass
class Published:
    """All that the verifier asks for, as the shop gives it, kept by address."""

    shop: Fetch
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def __call__(self, address: str) -> Answer:
        answer = self.shop(address)
        data = answer.body.read()
        self.answers[address] = answer.status, data
        return Answer.of(data, answer.status)

    def by_kind(self) -> Mapping[str, list[str]]:
        """The addresses of what was found, by what it is."""
        kinds: dict[str, list[str]] = {}
        for address, (status, _) in sorted(self.answers.items()):
            kind = next((kind for kind, part in KINDS.items() if part in address), None)
            if kind is not None and status == 200:
                kinds.setdefault(kind, []).append(address)
        return kinds

    def bits(self, address: str) -> int:
        return 8 * len(self.answers[address][1])

    def flipped(self, flipped: str, bit: int) -> Fetch:
        """The same shop with one bit of one file turned over."""
        data = bytearray(self.answers[flipped][1])
        data[bit // 8] ^= 1 << bit % 8

        def fetch(address: str) -> Answer:
            if address == flipped:
                return Answer.of(bytes(data))
            # What was flipped may lead somewhere else, where there is nothing.
            status, body = self.answers.get(address, (404, b""))
            return Answer.of(body, status)

        return fetch
